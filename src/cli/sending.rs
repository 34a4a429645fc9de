//! The commands that read exports, and how these are read.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum as _, ValueHint};

use super::values::{Lines, assignment, delimiter, encoding, number, words};
use crate::config::measure;
use crate::input::{Encoding, Format, Hidden};
use crate::lead::Repair;

/// How the input is read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "input")]
pub struct Reading {
    #[arg(long, hide_short_help = true, value_enum, value_name = "FORMAT")]
    pub input_format: Option<Format>,
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    #[arg(long, value_enum, value_name = "WHAT")]
    pub hidden: Option<Hidden>,
    #[arg(long, hide_short_help = true, value_name = "N", value_parser = number::<u64>(1, u64::MAX))]
    pub header_row: Option<u64>,
    #[arg(long, hide_short_help = true, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    #[arg(long, hide_short_help = true, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<Encoding>,
    #[arg(long = "default", value_name = "FIELD=VALUE", value_parser = assignment)]
    pub defaults: Vec<(String, String)>,
    #[arg(long, hide_short_help = true, value_name = "NAME")]
    pub source: Option<String>,
    #[arg(
        long,
        hide_short_help = true,
        value_enum,
        value_name = "WHICH",
        default_value_t
    )]
    pub repair: Repair,
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
    #[arg(long, value_name = "DURATION", value_parser = measure::duration)]
    pub deadline: Option<Duration>,
    #[arg(long, hide_short_help = true, value_name = "DURATION", value_parser = measure::duration)]
    pub wait_lock: Option<Duration>,
    #[command(flatten)]
    pub age: Age,
}

/// What is accepted of a ledger that lacks what was sent from it.
#[derive(Debug, Default, Args)]
pub struct Age {
    #[arg(long, hide_short_help = true)]
    pub accept_older_ledger: bool,
}

#[derive(Debug, Args)]
pub struct Send {
    #[arg(long, value_name = "DEST")]
    pub to: String,
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = ["files", "lines"])]
    pub inbox: Option<PathBuf>,
    #[arg(long)]
    pub dry_run: bool,
    #[arg(long, conflicts_with_all = ["dry_run", "record_only"])]
    pub sandbox: bool,
    #[arg(long, short, hide_short_help = true, value_name = "N", value_parser = number::<u16>(1, 256))]
    pub jobs: Option<u16>,
    #[arg(long, value_name = "N", value_parser = number::<u64>(0, u64::MAX))]
    pub limit: Option<u64>,
    #[arg(long, value_name = "LINES", value_parser = Lines::parse)]
    pub lines: Option<Lines>,
    #[arg(long, value_name = "N", value_parser = number::<u64>(0, u64::MAX))]
    pub max_new: Option<u64>,
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub times: Times,
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub rejects: Option<PathBuf>,
    #[arg(long, hide_short_help = true, requires = "note", conflicts_with_all = ["limit", "max_new", "strict"])]
    pub record_only: bool,
    #[arg(long, hide_short_help = true, value_name = "TEXT", requires = "record_only", value_parser = words)]
    pub note: Option<String>,
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
    #[arg(long, value_name = "DEST")]
    pub to: String,
    #[arg(long = "ref", value_name = "COLUMN")]
    pub reference: String,
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub clear: Vec<String>,
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub times: Times,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
pub struct PartnerSettings {
    #[arg(long, value_name = "DEST")]
    pub to: String,
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub set: Option<PathBuf>,
    #[arg(long, requires = "set")]
    pub yes: bool,
}

#[derive(Debug, Default, Args)]
pub struct Check {
    #[arg(long, value_name = "DEST")]
    pub to: Option<String>,
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
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
