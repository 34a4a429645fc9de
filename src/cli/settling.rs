//! The commands about leads that the ledger holds, or the partner.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::sending::{Age, Times};
use super::values::{assignment, number, page, resendable, state, words};
use super::when::When;
use crate::config::measure;
use crate::input::Hidden;
use crate::lead::State;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["ids", "state"]))]
pub struct Resend {
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    #[arg(value_name = "ID", value_parser = number::<i64>(1, u64::MAX))]
    pub ids: Vec<i64>,
    #[arg(long, value_name = "STATE", value_parser = resendable(), value_delimiter = ',', ignore_case = true, conflicts_with = "ids")]
    pub state: Vec<State>,
    #[arg(long, requires = "ids", requires = "note")]
    pub force: bool,
    #[arg(long, value_name = "TEXT", requires = "force", value_parser = words)]
    pub note: Option<String>,
    #[arg(long, value_name = "FILE", requires = "to", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,
    #[arg(long, conflicts_with = "rejects")]
    pub dry_run: bool,
    #[arg(long, short, hide_short_help = true, value_name = "N", value_parser = number::<u16>(1, 256))]
    pub jobs: Option<u16>,
    #[command(flatten)]
    pub times: Times,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("word")
    .args(["delivered", "not_received", "approved", "rejected", "returned", "undo"]))]
pub struct Resolve {
    #[arg(value_name = "ID", value_parser = number::<i64>(1, u64::MAX), required_unless_present = "from", requires = "word")]
    pub ids: Vec<i64>,
    #[arg(long)]
    pub delivered: bool,
    #[arg(long)]
    pub not_received: bool,
    #[arg(long)]
    pub approved: bool,
    #[arg(long)]
    pub rejected: bool,
    #[arg(long)]
    pub returned: bool,
    #[arg(long)]
    pub undo: bool,
    #[arg(long, value_name = "FILE", conflicts_with = "ids", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
    #[arg(long, value_name = "DEST", requires = "from")]
    pub to: Option<String>,
    #[arg(long, value_enum, value_name = "WHAT", requires = "from")]
    pub hidden: Option<Hidden>,
    #[arg(long, value_name = "TEXT", value_parser = words)]
    pub note: Option<String>,
    #[arg(long)]
    pub late: bool,
}

#[derive(Debug, Args)]
pub struct Follow {
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub wait: Option<Duration>,
    #[command(flatten)]
    pub age: Age,
}

#[derive(Debug, Args)]
pub struct List {
    #[arg(long, value_name = "DEST")]
    pub to: String,
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub since: Option<When>,
    #[arg(long = "default", value_name = "FIELD=VALUE", value_parser = assignment)]
    pub defaults: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub struct Status {}

#[derive(Debug, Args)]
pub struct History {
    #[arg(value_name = "ID", value_parser = number::<i64>(1, u64::MAX))]
    pub id: Option<i64>,
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    #[arg(long, value_name = "STATE", value_parser = state(), value_delimiter = ',', ignore_case = true)]
    pub state: Vec<State>,
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub since: Option<When>,
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub until: Option<When>,
    #[arg(long, value_name = "PERSON")]
    pub person: Option<String>,
    #[arg(long, value_name = "N", value_parser = number::<usize>(0, u64::MAX))]
    pub limit: Option<usize>,
    #[arg(long, conflicts_with_all = ["id", "state", "person", "rejects"])]
    pub runs: bool,
    #[arg(long, value_enum, value_name = "WHICH", conflicts_with_all = ["id", "runs", "rejects"])]
    pub columns: Option<Columns>,
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "limit")]
    pub rejects: Option<PathBuf>,
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
    #[arg(long, value_name = "WHEN", value_parser = When::before)]
    pub before: Option<When>,
    #[arg(long, value_name = "PERSON")]
    pub person: Option<String>,
    #[arg(long, requires = "before")]
    pub open: bool,
    #[arg(long)]
    pub forget: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whom").args(["persons", "from"]))]
pub struct Block {
    #[arg(value_name = "PERSON")]
    pub persons: Vec<String>,
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
    #[arg(long, requires = "whom")]
    pub purge: bool,
    #[arg(long, value_name = "TEXT", requires = "whom", value_parser = words)]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whom").required(true).args(["persons", "from"]))]
pub struct Unblock {
    #[arg(value_name = "PERSON")]
    pub persons: Vec<String>,
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Backup {
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Restore {
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}
