//! The command line: clap definitions, help text, and how values are written.

mod global;
mod renamed;
mod sending;
mod settling;
mod values;

use clap::{Args, Parser, Subcommand};

pub use global::Global;
pub use renamed::parse;
pub use sending::{Amend, Check, PartnerSettings, Reading, Send, Times};
pub use settling::{Backup, Follow, History, List, Purge, Resend, Resolve, Status};
pub use values::Lines;

const AFTER: &str = "\
Exit codes: 0 all is well · 1 could not finish · 2 usage, configuration or credentials ·
3 some leads invalid or rejected · 4 some in doubt · 5 some failed or unsent, or another run
holds the destination: run again · 130 interrupted.

Start here:
  leadctl check export.csv                        what is in this export?
  leadctl send --to DEST --sandbox export.csv     try it, nothing leaves this machine
  leadctl init DEST                               write a partners.toml to fill in
  leadctl send --to DEST --dry-run export.csv     the exact requests, none sent
  leadctl send --to DEST export.csv               deliver";

/// Delivers leads to partners: nothing lost, nothing sent twice.
#[derive(Debug, Parser)]
#[command(name = "leadctl", version, about, after_help = AFTER, max_term_width = 100)]
#[command(disable_help_subcommand = true, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Deliver leads to a partner
    Send(Send),
    /// Prove the configuration and judge leads; sends nothing
    Check(Check),
    /// Send stored leads again, through today's table
    Resend(Resend),
    /// Change contacts that are there; what a row leaves blank stays
    Amend(Amend),
    /// A partner's own settings: print them, or change them after a look
    PartnerSettings(PartnerSettings),
    /// Settle leads in doubt by hand
    Resolve(Resolve),
    /// Ask the partners about pending leads and leads in doubt, and settle them
    Follow(Follow),
    /// The partner's own list, with our id beside each lead that is ours
    List(List),
    /// Where each destination stands, and what to do
    Status(Status),
    /// What happened to each lead; with an ID, each attempt
    History(History),
    /// The destinations; with one, its fields, rules and accepted columns
    Partners(Partners),
    /// Write a partners.toml with what you must fill in
    Init(Init),
    /// Run every destination, simulated on this machine
    Sandbox(Sandbox),
    /// Drop personal data, keep what stops a second send
    Purge(Purge),
    /// Copy the ledger and its key
    Backup(Backup),
    /// Print a shell's completion script
    Completions(Completions),
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
pub struct Partners {
    /// The destination
    #[arg(value_name = "DEST")]
    pub destination: Option<String>,
}

#[derive(Debug, Args)]
pub struct Init {
    /// The destinations to write [default: every one of the catalogue]
    #[arg(value_name = "DEST")]
    pub destinations: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Sandbox {
    /// The port to listen on [default: a free one]
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
}

#[derive(Debug, Args)]
pub struct Completions {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
