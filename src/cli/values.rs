//! The values of options, as people write them.

use std::fmt;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::input::Encoding;
use crate::lead::State;
use crate::output::REPORT_FORMS;

/// Lines of an input: single ones and ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines(Vec<(u64, u64)>);

impl Lines {
    pub fn contains(&self, line: u64) -> bool {
        self.0
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&line))
    }

    pub fn parse(text: &str) -> Result<Self, String> {
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let first: u64 = first.trim().parse().ok()?;
            let last: u64 = last.trim().parse().ok()?;
            (first <= last && first > 0).then_some((first, last))
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        ranges
            .map(Self)
            .ok_or_else(|| "write lines and ranges, as in 12,15-20".to_owned())
    }
}

/// As [`Lines::parse`] reads them.
impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match first == last {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

/// A text that somebody will read later.
pub fn words(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it must say something".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// The file of a page.
pub fn page(text: &str) -> Result<PathBuf, String> {
    ending(text, &["html"])
}

/// The file of a report.
pub fn report_file(text: &str) -> Result<PathBuf, String> {
    ending(text, &REPORT_FORMS)
}

fn ending(text: &str, forms: &[&str]) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    match forms.iter().any(|form| ending == *form) {
        true => Ok(path),
        false => Err(format!("name a file that ends in .{}", forms.join(", ."))),
    }
}

pub fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok(b'\t'),
        "," | ";" | "|" | ":" => Ok(text.as_bytes()[0]),
        _ => Err("it must be one of , ; | or tab".to_owned()),
    }
}

pub fn encoding(name: &str) -> Result<Encoding, String> {
    Encoding::named(name).ok_or_else(|| {
        "no such encoding; usual ones are utf-8, windows-1252, macintosh, cp850, utf-16le"
            .to_owned()
    })
}

pub fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() => {
            Ok((field.trim().to_owned(), value.to_owned()))
        }
        _ => Err("write FIELD=VALUE, as in program=12".to_owned()),
    }
}

/// A state, by its word or as the table shows it.
pub fn state() -> impl TypedValueParser<Value = State> {
    one_of(|_| true)
}

/// The states whose leads are sent again.
pub fn resendable() -> impl TypedValueParser<Value = State> {
    one_of(State::is_resendable)
}

fn one_of(is_one: fn(State) -> bool) -> impl TypedValueParser<Value = State> {
    let states = State::ALL.into_iter().filter(move |state| is_one(*state));
    let words = states.map(|state| {
        // As the table shows it.
        let others: &[&'static str] = match state {
            State::InDoubt => &["in doubt", "in-doubt"],
            _ => &[],
        };
        let word = PossibleValue::new(state.as_str()).help(meaning(state));
        word.aliases(others.iter().copied())
    });
    PossibleValuesParser::new(words).try_map(|typed| {
        let word = typed.to_lowercase().replace([' ', '-'], "_");
        State::parse(&word).ok_or("it is no state of a lead")
    })
}

/// What a state means, for who chooses one.
fn meaning(state: State) -> &'static str {
    match state {
        State::Delivered => "the partner proved that it has the lead",
        State::Pending => "received; the partner decides later",
        State::Approved => "the later decision: taken",
        State::Expired => "the later decision ran out",
        State::Duplicate => "the partner had this lead already",
        State::Rejected => "the partner refused it",
        State::Returned => "the partner gave it back later: `resolve` says so",
        State::Invalid => "it breaks the destination's rules; never sent",
        State::Filtered => "not for this destination: a test lead, or somebody who is blocked",
        State::Held => {
            "not to be sent now: its destination is paused, closed at this hour, or has enough"
        }
        State::Failed => "tried, and certainly not received",
        State::Unsent => "never tried: the run stopped first",
        State::InDoubt => "it may have been received: nobody but the partner knows",
        State::Skipped => "the same lead as another one",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_ranges() {
        let lines = Lines::parse("12,15-20").unwrap();
        assert!(lines.contains(12) && lines.contains(20) && !lines.contains(13));
        assert_eq!(lines.to_string(), "12,15-20");
        for bad in ["", "a", "5-3", "0"] {
            assert!(Lines::parse(bad).is_err(), "{bad}");
        }
    }
}
