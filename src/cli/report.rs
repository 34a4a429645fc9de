//! The command about a month's figures, and what they may be grouped by.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::values::report_file;
use super::when::When;
use crate::lead::text::quoted;
use crate::lead::{Dated, FACTS};
use crate::words::say;

#[derive(Debug, Args)]
pub struct Report {
    #[arg(long, value_name = "MONTH", value_parser = When::month, conflicts_with_all = ["since", "until"])]
    pub month: Option<When>,
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub since: Option<When>,
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub until: Option<When>,
    #[arg(long, value_name = "FIELD", value_parser = By::read, value_delimiter = ',', default_value = "destination")]
    pub by: Vec<By>,
    #[arg(long, value_enum, default_value_t)]
    pub dated: DatedBy,
    #[arg(long, value_name = "DAY", value_parser = When::read)]
    pub as_of: Option<When>,
    #[arg(long, value_name = "FILE", value_parser = report_file, value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// The word of [`Dated`] on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum DatedBy {
    #[default]
    #[value(help = say!("value-dated-sent"))]
    Sent,
    #[value(help = say!("value-dated-decided"))]
    Decided,
}

impl From<DatedBy> for Dated {
    fn from(by: DatedBy) -> Self {
        match by {
            DatedBy::Sent => Self::Sent,
            DatedBy::Decided => Self::Decided,
        }
    }
}

/// What figures may be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Destination,
    Source,
    State,
    Day,
    Month,
    Route,
    /// A lead field.
    Field(&'static str),
}

impl By {
    const WORDS: [(&'static str, Self); 6] = [
        ("destination", Self::Destination),
        ("source", Self::Source),
        ("state", Self::State),
        ("day", Self::Day),
        ("month", Self::Month),
        ("route", Self::Route),
    ];

    fn all() -> impl Iterator<Item = Self> {
        let words = Self::WORDS.into_iter().map(|(_, by)| by);
        let fields = FACTS.into_iter().filter(|field| *field != "source");
        words.chain(fields.map(Self::Field))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field,
            by => Self::WORDS
                .iter()
                .find(|(_, known)| *known == by)
                .map_or("", |(word, _)| word),
        }
    }

    /// # Errors
    /// It is none of them: a person's field would put persons on a bill, and be gone
    /// after a purge.
    fn read(text: &str) -> Result<Self, String> {
        let typed = text.trim().to_lowercase().replace('-', "_");
        Self::all().find(|by| by.name() == typed).ok_or_else(|| {
            let names: Vec<&str> = Self::all().map(Self::name).collect();
            let (typed, names) = (quoted(text.trim()), names.join(", "));
            say!("typed-by", typed, names)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_by_nothing_of_a_person() {
        assert_eq!(By::read("Destination"), Ok(By::Destination));
        assert_eq!(By::read("id-client"), Ok(By::Field("id_client")));
        for text in ["email", "last_name", "zip", "", "birthday"] {
            let told = By::read(text).unwrap_err();
            assert!(told.contains("destination, source, state"), "{told}");
        }
        for by in By::all() {
            assert_eq!(By::read(by.name()), Ok(by));
        }
    }
}
