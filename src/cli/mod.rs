//! The command line: clap definitions, help text, and how values are written.

mod sending;
mod settling;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueHint};

pub use sending::{Age, Amend, Check, PartnerSettings, Reading, Send, Times};
pub use settling::{
    Backup, Block, Follow, History, List, Purge, Resend, Resolve, Restore, Status, Unblock,
};
pub use values::Lines;

use crate::output::Format;

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

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The TOML file laid over the catalogue [default: $LEADCTL_CONFIG, ./partners.toml,
    /// or partners.toml in the configuration folder]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Where what happened is recorded [default: $LEADCTL_LEDGER, `ledger` of the
    /// configuration, or ledger.db in the data folder]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ledger: Option<PathBuf>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// Short for --format json
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
    /// Print only rows that need a person and were not told by an earlier run
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// No progress bar
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// When to colour; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t)]
    pub color: ColorChoice,
}

impl Global {
    /// How results are printed: `--json` is short for one of them.
    pub fn format(&self) -> Format {
        match self.json {
            true => Format::Json,
            false => self.format,
        }
    }

    /// `--color`, for all that is printed.
    pub fn color(&self) -> anstream::ColorChoice {
        match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
    }
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
    /// Settle leads in doubt by hand, or take that back
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
    /// Never send these people to anybody; alone: who is blocked
    Block(Block),
    /// Lift that again
    Unblock(Unblock),
    /// Drop personal data, keep what stops a second send
    Purge(Purge),
    /// Copy the ledger and its key
    Backup(Backup),
    /// Put a copy and its key back in the ledger's place
    Restore(Restore),
    /// Print the JSON Schema of partners.toml, with which an editor completes and checks it
    Schema,
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
    /// Start the table of a new partner: asked for on a terminal, else by the flags below
    #[arg(long, value_name = "NAME", conflicts_with = "destinations")]
    pub new: Option<String>,
    #[command(flatten)]
    pub example: PartnerExample,
}

/// What is known of a new partner.
#[derive(Debug, Args)]
#[command(next_help_heading = "Of a new partner")]
pub struct PartnerExample {
    /// A curl command from the partner's page; `-` is standard input. Its secret is not kept
    #[arg(long, value_name = "FILE", requires = "new", conflicts_with_all = ["url", "auth", "request"], value_hint = ValueHint::FilePath)]
    pub from_curl: Option<PathBuf>,
    /// The address that leads are sent to
    #[arg(long, value_name = "URL", requires = "new")]
    pub url: Option<String>,
    /// Where its secret goes: bearer, "basic USER", "header NAME", "query NAME" or "body TARGET"
    #[arg(long, value_name = "WHERE", requires = "url")]
    pub auth: Option<String>,
    /// An example of a request's body: JSON, or a=b&c=d
    #[arg(long, value_name = "FILE", requires = "url", value_hint = ValueHint::FilePath)]
    pub request: Option<PathBuf>,
    /// An example of an answer that says yes: its JSON, or all that `curl -i` shows
    #[arg(long, value_name = "FILE", requires = "new", value_hint = ValueHint::FilePath)]
    pub answer: Option<PathBuf>,
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

/// The old option, and what is typed today.
const RENAMED: [(&str, &str); 7] = [
    ("--set", "--default FIELD=VALUE"),
    ("--max", "--max-new N"),
    ("--input", "--input-format FORMAT"),
    ("--no-repair", "--repair none"),
    ("--repair", "--repair all"),
    ("--in-doubt-because", "--force --note TEXT"),
    ("--block", "leadctl block PERSON --purge"),
];

/// Reads the command line; a wrong one ends the process here, as help does.
pub fn parse(arguments: Vec<OsString>) -> Cli {
    Cli::try_parse_from(arguments).unwrap_or_else(|error| told(error).exit())
}

/// The error with the new name as its tip, where an old one was typed.
fn told(mut error: clap::Error) -> clap::Error {
    let typed = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.split([' ', '=']).next(),
        _ => None,
    };
    let renamed = RENAMED.iter().find(|(old, _)| Some(*old) == typed);
    if let Some((old, new)) = renamed {
        error.remove(ContextKind::SuggestedArg);
        let tip = format!("what was `{old}` is written `{new}` now");
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn an_old_name_names_the_new_one() {
        let lines: [(&[&str], &str); 7] = [
            (&["--in-doubt-because", "x"], "--force --note TEXT"),
            (&["--set", "zip=1"], "--default FIELD=VALUE"),
            (&["--set=zip=1"], "--default FIELD=VALUE"),
            (&["--max", "3"], "--max-new N"),
            (&["--input", "csv"], "--input-format FORMAT"),
            (&["--no-repair"], "--repair none"),
            (&["a.csv", "--repair"], "--repair all"),
        ];
        for (options, new) in lines {
            let line = [&["leadctl", "send", "--to", "x"], options].concat();
            let error = told(Cli::try_parse_from(line).unwrap_err());
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(new), "{error}");
        }
    }
}
