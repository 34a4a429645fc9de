//! The command line: clap definitions, help text, and how values are written.

mod values;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

pub use values::Lines;
use values::{assignment, delimiter, encoding, state};

use crate::partner::measure;

const AFTER: &str = "\
Exit codes: 0 all is well · 1 could not finish · 2 usage, configuration or credentials ·
3 some leads invalid or rejected · 4 some in doubt · 5 some failed or unsent: run again ·
130 interrupted.

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
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Print only rows that need a person and were not told by an earlier run
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// No progress bar
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// When to colour; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
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

/// How the input is read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Input options")]
pub struct Reading {
    /// The input's format, when its name and content don't tell
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub input: Option<InputFormat>,
    /// The sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// The character between cells: , ; tab or | [default: found from the file]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// The text's encoding, as in windows-1252 [default: found from the file]
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Fill a blank field, for every lead: --set program=12
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// The source's name, kept with each lead [default: found from the headers]
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Refuse damaged values instead of repairing them
    #[arg(long, conflicts_with = "repair")]
    pub no_repair: bool,
    /// Also repair what is only probable: mojibake
    #[arg(long)]
    pub repair: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InputFormat {
    Csv,
    Json,
    Jsonl,
    Xlsx,
}

#[derive(Debug, Args)]
pub struct Send {
    /// The destination
    #[arg(long, value_name = "DEST")]
    pub to: String,
    /// The exports; `-` is standard input [default: standard input]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Show the exact requests, secrets hidden; nothing is sent or recorded
    #[arg(long)]
    pub dry_run: bool,
    /// Send to a fresh simulated partner on this machine; nothing is kept
    #[arg(long, conflicts_with_all = ["dry_run", "record_only"])]
    pub sandbox: bool,
    /// Leads sent at the same time
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Send only the first N new leads; the rest stay unsent
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Only these lines of the input, as in 12,15-20
    #[arg(long, value_name = "LINES", value_parser = Lines::parse)]
    pub lines: Option<Lines>,
    /// Send nothing if more than N leads are new
    #[arg(long, value_name = "N")]
    pub max: Option<u64>,
    /// Send nothing if one lead is invalid
    #[arg(long)]
    pub strict: bool,
    /// Stop after this long, as in 9m
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub deadline: Option<Duration>,
    /// Wait this long for another run to the same destination
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub wait_lock: Option<Duration>,
    /// Write the invalid and rejected rows to this file, in the input's own form, to be
    /// corrected and sent again (a ' keeps a formula harmless, and is taken off again)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,
    /// Record these leads as sent by other means, without sending
    #[arg(long, requires = "note")]
    pub record_only: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", requires = "record_only")]
    pub note: Option<String>,
    /// Accept that the destination's `key` changed since its leads were sent
    #[arg(long)]
    pub accept_new_key: bool,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A change is no new lead: running the same file again makes the same changes again,
which harms nobody and settles those that failed or were left in doubt.")]
pub struct Amend {
    /// The destination
    #[arg(long, value_name = "DEST")]
    pub to: String,
    /// The column with the partner's number of each contact
    #[arg(long = "ref", value_name = "COLUMN")]
    pub reference: String,
    /// Fields to empty where the row leaves them blank; a blank cell alone changes nothing
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub clear: Vec<String>,
    /// The files; `-` is standard input [default: standard input]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Stop after this long, as in 9m
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub deadline: Option<Duration>,
    /// Wait this long for another run to the same destination
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub wait_lock: Option<Duration>,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
pub struct PartnerSettings {
    /// The destination
    #[arg(long, value_name = "DEST")]
    pub to: String,
    /// Change them to what this JSON file says, which has the shape of what is printed
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub set: Option<PathBuf>,
    /// Don't ask: for scripts
    #[arg(long, requires = "set")]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct Check {
    /// The destination [default: every one that you configured]
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    /// Exports to judge
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Also ask the partner: one read that changes nothing proves address and key
    #[arg(long, requires = "to")]
    pub online: bool,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["ids", "state"]))]
pub struct Resend {
    /// The destination
    #[arg(long, value_name = "DEST")]
    pub to: String,
    /// Leads, by the ledger's id
    #[arg(value_name = "ID")]
    pub ids: Vec<i64>,
    /// All leads in this state
    #[arg(long, value_enum, conflicts_with = "ids")]
    pub state: Option<ResendState>,
    /// Send leads in doubt, on your word: why is it safe?
    #[arg(long, value_name = "TEXT", requires = "ids")]
    pub in_doubt_because: Option<String>,
    /// Write the invalid and rejected rows to this file, to be corrected
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,
    /// Show the exact requests; nothing is sent
    #[arg(long)]
    pub dry_run: bool,
    /// Leads sent at the same time
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Stop after this long, as in 9m
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub deadline: Option<Duration>,
    /// Wait this long for another run to the same destination
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub wait_lock: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ResendState {
    Failed,
    Unsent,
    Rejected,
    Invalid,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("ruling").args(["delivered", "not_received", "from"]).required(true))]
pub struct Resolve {
    /// Leads in doubt, by the ledger's id
    #[arg(value_name = "ID", required_unless_present = "from")]
    pub ids: Vec<i64>,
    /// The partner has them
    #[arg(long)]
    pub delivered: bool,
    /// The partner does not have them
    #[arg(long)]
    pub not_received: bool,
    /// A CSV file with the columns id and received (yes or no)
    #[arg(long, value_name = "FILE", conflicts_with = "ids", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
    /// Who said so, for the record
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
pub struct Follow {
    /// Only this destination
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    /// Keep asking until all are decided, this long at most, as in 2m
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub wait: Option<Duration>,
}

#[derive(Debug, Args)]
pub struct List {
    /// The destination
    #[arg(long, value_name = "DEST")]
    pub to: String,
    /// Only what is in this state, in the partner's word
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Only what was created from this date on, as in 2026-11-01
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Which list, where there are several: --set program=12
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub struct Status {}

#[derive(Debug, Args)]
pub struct History {
    /// One lead: every attempt
    #[arg(value_name = "ID")]
    pub id: Option<i64>,
    /// Only this destination
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    /// Only leads in this state (may be repeated)
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub state: Vec<crate::lead::State>,
    /// From this date on, as in 2026-11-01
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Before the end of this date
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Only this person's leads
    #[arg(long, value_name = "EMAIL-OR-PHONE")]
    pub person: Option<String>,
    /// Write the invalid and rejected rows to this file, to be corrected
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,
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
#[command(group = clap::ArgGroup::new("whose").required(true).args(["before", "person"]))]
pub struct Purge {
    /// Leads read before this date, as in 2026-01-01
    #[arg(long, value_name = "DATE")]
    pub before: Option<String>,
    /// One person's leads, at every destination
    #[arg(long, value_name = "EMAIL-OR-PHONE")]
    pub person: Option<String>,
    /// Never send that person again
    #[arg(long, requires = "person")]
    pub block: bool,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// The copy; its key is written beside it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Completions {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

impl From<Color> for crate::report::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
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
