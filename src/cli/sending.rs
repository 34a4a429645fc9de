//! The commands that read exports, and how these are read.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum as _, ValueHint};

use super::values::{Lines, assignment, delimiter, encoding, words};
use crate::config::measure;
use crate::input::{Encoding, Format, Hidden};
use crate::lead::Repair;

/// How the input is read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Input options")]
pub struct Reading {
    /// The input's format [default: found from the file]
    #[arg(long, hide_short_help = true, value_enum, value_name = "FORMAT")]
    pub input_format: Option<Format>,
    /// The sheet of a workbook
    ///
    /// [default: those whose headers are known, else the first]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// What becomes of a workbook's hidden and filtered rows, columns and sheets
    ///
    /// [default: they stop the file]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub hidden: Option<Hidden>,
    /// The line on which the column names stand [default: found from the file]
    #[arg(long, hide_short_help = true, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub header_row: Option<u64>,
    /// The character between cells: , ; tab or | [default: found from the file]
    #[arg(long, hide_short_help = true, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// The text's encoding, as in windows-1252, macintosh, cp850 [default: found from the file]
    #[arg(long, hide_short_help = true, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<Encoding>,
    /// Fill a blank field, for every lead: --default program=12
    #[arg(long = "default", value_name = "FIELD=VALUE", value_parser = assignment)]
    pub defaults: Vec<(String, String)>,
    /// The source's name, kept with each lead [default: found from the headers]
    #[arg(long, hide_short_help = true, value_name = "NAME")]
    pub source: Option<String>,
    /// What is repaired of damaged values: nothing, what is certain, or what is probable too
    #[arg(
        long,
        hide_short_help = true,
        value_enum,
        value_name = "WHICH",
        default_value_t
    )]
    pub repair: Repair,
    /// An input without leads and without column names is no failed export
    #[arg(long)]
    pub empty_ok: bool,
}

impl Reading {
    /// The same flags, to be typed in another command, word by word.
    pub fn flags(&self) -> Vec<String> {
        let format = self.input_format.and_then(|it| it.to_possible_value());
        let delimiter = self.delimiter.map(|delimiter| match delimiter {
            b'\t' => "tab".to_owned(),
            byte => char::from(byte).to_string(),
        });
        let hidden = self.hidden.and_then(|it| it.to_possible_value());
        let one = [
            (
                "input-format",
                format.map(|format| format.get_name().to_owned()),
            ),
            ("sheet", self.sheet.clone()),
            ("hidden", hidden.map(|it| it.get_name().to_owned())),
            ("header-row", self.header_row.map(|row| row.to_string())),
            ("delimiter", delimiter),
            ("encoding", self.encoding.map(Encoding::label)),
        ];
        let defaults = self.defaults.iter();
        let defaults = defaults.map(|(field, value)| ("default", Some(format!("{field}={value}"))));
        let repair = match self.repair {
            Repair::Safe => None,
            Repair::None => Some("none".to_owned()),
            Repair::All => Some("all".to_owned()),
        };
        let last = [("source", self.source.clone()), ("repair", repair)];
        let values = one.into_iter().chain(defaults).chain(last);
        let flags = values.filter_map(|(name, value)| Some([format!("--{name}"), value?]));
        flags.flatten().collect()
    }
}

/// How long a run may take.
#[derive(Debug, Default, Args)]
pub struct Times {
    /// Stop after this long, as in 9m [default: never]
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub deadline: Option<Duration>,
    /// Wait this long for another run to the same destination [default: not at all]
    #[arg(long, hide_short_help = true, value_name = "DURATION", value_parser = measure::duration)]
    pub wait_lock: Option<Duration>,
    #[command(flatten)]
    pub age: Age,
}

/// What is accepted of a ledger that lacks what was sent from it.
#[derive(Debug, Default, Args)]
pub struct Age {
    /// Go on, once, with a record that is older than what was sent
    #[arg(long, hide_short_help = true)]
    pub accept_older_ledger: bool,
}

#[derive(Debug, Args)]
pub struct Send {
    /// The destination, or a route of several
    #[arg(long, value_name = "DEST")]
    pub to: String,
    /// The exports; `-` is standard input [default: standard input]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Send the files of this folder
    ///
    /// The oldest first, once nobody writes them any more. Each is moved to DIR/done once its
    /// leads are on disk, or to DIR/failed with the reason.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = ["files", "lines"])]
    pub inbox: Option<PathBuf>,
    /// Show the exact requests, secrets hidden; nothing is sent or recorded
    #[arg(long)]
    pub dry_run: bool,
    /// Send to a fresh simulated partner on this machine; nothing is kept
    #[arg(long, conflicts_with_all = ["dry_run", "record_only"])]
    pub sandbox: bool,
    /// Leads sent at the same time [default: `jobs` of the destination, else 4]
    #[arg(long, short, hide_short_help = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Send only the first N new leads; the rest stay unsent
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Only these lines of the input, as in 12,15-20
    #[arg(long, value_name = "LINES", value_parser = Lines::parse)]
    pub lines: Option<Lines>,
    /// Send nothing if more than N leads are new
    #[arg(long, value_name = "N")]
    pub max_new: Option<u64>,
    /// Send nothing if one lead is invalid
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub times: Times,
    /// Write the invalid and rejected rows to this file, to be corrected
    ///
    /// In the input's own form, or as .xlsx, where numbers keep their zeros. Corrected, the file
    /// is sent like any other. A ' keeps a formula harmless, and is taken off again.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,
    /// Record these leads as sent by other means, without sending
    #[arg(long, hide_short_help = true, requires = "note", conflicts_with_all = ["limit", "max_new", "strict"])]
    pub record_only: bool,
    /// Why, for the record
    #[arg(long, hide_short_help = true, value_name = "TEXT", requires = "record_only", value_parser = words)]
    pub note: Option<String>,
    /// Accept that the destination's `key` changed since its leads were sent
    #[arg(long, hide_short_help = true)]
    pub accept_new_key: bool,
    #[command(flatten)]
    pub reading: Reading,
}

impl Send {
    /// `--record-only`: the note that says how they were sent.
    pub fn elsewhere(&self) -> Option<&str> {
        self.note.as_deref().filter(|_| self.record_only)
    }
}

#[derive(Debug, Args)]
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
    #[command(flatten)]
    pub times: Times,
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

#[derive(Debug, Default, Args)]
pub struct Check {
    /// The destination or route [default: every one that you configured]
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    /// Exports to judge
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Ask the partner too: one read that changes nothing proves address and key
    #[arg(long)]
    pub online: bool,
    #[command(flatten)]
    pub reading: Reading,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_is_told() {
        let reading = Reading {
            sheet: Some("Feuille 2".into()),
            hidden: Some(Hidden::Skip),
            header_row: Some(4),
            delimiter: Some(b';'),
            encoding: Encoding::named("windows-1252"),
            defaults: vec![
                ("program".into(), "12".into()),
                ("city".into(), "Le Mans".into()),
            ],
            source: Some("salon".into()),
            repair: Repair::None,
            ..Reading::default()
        };
        assert_eq!(
            reading.flags().join(" "),
            "--sheet Feuille 2 --hidden skip --header-row 4 --delimiter ; --encoding windows-1252 \
             --default program=12 --default city=Le Mans --source salon --repair none"
        );
        assert!(Reading::default().flags().is_empty());
    }
}
