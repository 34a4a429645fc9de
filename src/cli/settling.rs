//! The commands about leads that the ledger holds, or the partner.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::sending::{Age, Times};
use super::values::{assignment, page, resendable, state, words};
use super::when::When;
use crate::config::measure;
use crate::input::Hidden;
use crate::lead::State;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["ids", "state"]))]
pub struct Resend {
    /// The destination or route [default: all that have such leads]
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    /// Leads, by their id (`history` shows it)
    #[arg(value_name = "ID")]
    pub ids: Vec<i64>,
    /// All leads in these states, as in failed,unsent
    #[arg(long, value_name = "STATE", value_parser = resendable(), value_delimiter = ',', ignore_case = true, conflicts_with = "ids")]
    pub state: Vec<State>,
    /// Send what is in doubt, or what the partner had, on your word
    #[arg(long, requires = "ids", requires = "note")]
    pub force: bool,
    /// Why that is safe, for the record
    #[arg(long, value_name = "TEXT", requires = "force", value_parser = words)]
    pub note: Option<String>,
    /// Write the invalid and rejected rows to this file, to be corrected
    #[arg(long, value_name = "FILE", requires = "to", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,
    /// Show the exact requests; nothing is sent
    #[arg(long, conflicts_with = "rejects")]
    pub dry_run: bool,
    /// Leads sent at the same time [default: `jobs` of the destination, else 4]
    #[arg(long, short, hide_short_help = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    #[command(flatten)]
    pub times: Times,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("word")
    .args(["delivered", "not_received", "approved", "rejected", "returned", "undo"]))]
pub struct Resolve {
    /// Leads, by their id (`history` shows it)
    #[arg(value_name = "ID", required_unless_present = "from", requires = "word")]
    pub ids: Vec<i64>,
    /// The partner has them
    #[arg(long)]
    pub delivered: bool,
    /// The partner does not have them
    #[arg(long)]
    pub not_received: bool,
    /// The partner took them, after all
    #[arg(long)]
    pub approved: bool,
    /// The partner refused them
    #[arg(long)]
    pub rejected: bool,
    /// The partner gave them back, as with a wrong number
    #[arg(long)]
    pub returned: bool,
    /// The last word about them was wrong: it is taken back
    #[arg(long)]
    pub undo: bool,
    /// A file (CSV, Excel…) with the columns outcome and id, reference, or email and phone
    #[arg(long, value_name = "FILE", conflicts_with = "ids", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
    /// The destination whose answers the file holds
    #[arg(long, value_name = "DEST", requires = "from")]
    pub to: Option<String>,
    /// What becomes of a workbook's hidden and filtered rows and sheets
    ///
    /// [default: they stop the file]
    #[arg(long, value_enum, value_name = "WHAT", requires = "from")]
    pub hidden: Option<Hidden>,
    /// Who said so, or why, for the record
    #[arg(long, value_name = "TEXT", value_parser = words)]
    pub note: Option<String>,
    /// Returns too that come later than `returns_within` says
    #[arg(long)]
    pub late: bool,
}

#[derive(Debug, Args)]
pub struct Follow {
    /// Only this destination
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    /// Keep asking until all are decided, this long at most, as in 2m [default: ask once]
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub wait: Option<Duration>,
    #[command(flatten)]
    pub age: Age,
}

#[derive(Debug, Args)]
pub struct List {
    /// The destination
    #[arg(long, value_name = "DEST")]
    pub to: String,
    /// Only what is in this state, in the partner's word
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Only what was created from this time on, as in 2026-11-01, november, 7d
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub since: Option<When>,
    /// Which list, where there are several: --default program=12
    #[arg(long = "default", value_name = "FIELD=VALUE", value_parser = assignment)]
    pub defaults: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub struct Status {}

#[derive(Debug, Args)]
pub struct History {
    /// One lead: every attempt
    #[arg(value_name = "ID")]
    pub id: Option<i64>,
    /// Only this destination or route
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    /// Only leads in these states, as in failed,unsent
    #[arg(long, value_name = "STATE", value_parser = state(), value_delimiter = ',', ignore_case = true)]
    pub state: Vec<State>,
    /// From this time on: a day or a month, as in 2026-11-22, yesterday, november, or how long
    /// ago, as in 7d
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub since: Option<When>,
    /// Until the end of it
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub until: Option<When>,
    /// Only this person's leads: a name or a part of it, an e-mail address or a phone number
    #[arg(long, value_name = "PERSON")]
    pub person: Option<String>,
    /// So many at most [default: 50 on a terminal, else all]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// The runs instead: when each was, what it did and how it ended
    #[arg(long, conflicts_with_all = ["id", "state", "person", "rejects"])]
    pub runs: bool,
    /// Each lead's own columns too, as its row had them: as CSV, an export for another
    /// destination
    #[arg(long, value_enum, value_name = "WHICH", conflicts_with_all = ["id", "runs", "rejects"])]
    pub columns: Option<Columns>,
    /// Write the invalid and rejected rows to this file, to be corrected
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "limit")]
    pub rejects: Option<PathBuf>,
    /// Of one person: write the page to show, with what they agreed to and who was sent them,
    /// to this .html file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = page, requires = "person", conflicts_with_all = ["id", "to", "state", "since", "until", "limit", "runs", "rejects"])]
    pub output: Option<PathBuf>,
}

/// Which columns `history` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Columns {
    All,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whose").required(true).args(["before", "person"]))]
pub struct Purge {
    /// Leads last sent, or else read, before this time: a date, as in 2026-01-01, or how long
    /// ago, as in "13 months"
    #[arg(long, value_name = "WHEN", value_parser = When::before)]
    pub before: Option<When>,
    /// One person's leads, at every destination: an e-mail address, a phone number, a
    /// name, or the id of one of them
    #[arg(long, value_name = "PERSON")]
    pub person: Option<String>,
    /// Those of before that date that are still open, too
    #[arg(long, requires = "before")]
    pub open: bool,
    /// The hashes too: such a lead is new where it comes again
    #[arg(long)]
    pub forget: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whom").args(["persons", "from"]))]
pub struct Block {
    /// E-mail addresses or phone numbers, or the ids of leads
    #[arg(value_name = "PERSON")]
    pub persons: Vec<String>,
    /// A list (CSV, Excel…) of addresses and numbers, or of their SHA-256; - for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
    /// Drop what is stored of them, and keep no more than hashes
    #[arg(long, requires = "whom")]
    pub purge: bool,
    /// Why, or who asked for it, for the record
    #[arg(long, value_name = "TEXT", requires = "whom", value_parser = words)]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whom").required(true).args(["persons", "from"]))]
pub struct Unblock {
    /// E-mail addresses or phone numbers, or the ids of leads
    #[arg(value_name = "PERSON")]
    pub persons: Vec<String>,
    /// Everybody in this list of addresses and numbers, or of their SHA-256
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// The copy; its key is written beside it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The copy; its key lies beside it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}
