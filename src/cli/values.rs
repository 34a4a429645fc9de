//! The values of options, as people write them.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, Command};

use crate::input::Encoding;
use crate::lead::State;
use crate::output::REPORT_FORMS;
use crate::words::say;

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
        ranges.map(Self).ok_or_else(|| say!("typed-lines"))
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

/// A whole number, from the first to the last.
pub fn number<T: TryFrom<u64>>(
    first: u64,
    last: u64,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync {
    move |text| {
        let number = text.trim().parse::<u64>().ok();
        let number = number.filter(|number| (first..=last).contains(number));
        number
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| match (first, last) {
                (0, u64::MAX) => say!("typed-number"),
                (_, u64::MAX) => say!("typed-number-from", first),
                _ => say!("typed-number-between", first, last),
            })
    }
}

/// A text that somebody will read later.
pub fn words(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err(say!("typed-nothing")),
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
        false => Err(say!(
            "typed-ending",
            endings = format!(".{}", forms.join(", ."))
        )),
    }
}

pub fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok(b'\t'),
        "," | ";" | "|" | ":" => Ok(text.as_bytes()[0]),
        _ => Err(say!("typed-delimiter")),
    }
}

pub fn encoding(name: &str) -> Result<Encoding, String> {
    Encoding::named(name).ok_or_else(|| say!("typed-encoding"))
}

pub fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() => {
            Ok((field.trim().to_owned(), value.to_owned()))
        }
        _ => Err(say!("typed-assignment")),
    }
}

/// A state, by its word or as the table shows it.
pub fn state() -> impl TypedValueParser<Value = State> {
    States(|_| true)
}

/// The states whose leads are sent again.
pub fn resendable() -> impl TypedValueParser<Value = State> {
    States(State::is_resendable)
}

/// Those of which this holds.
#[derive(Clone, Copy)]
struct States(fn(State) -> bool);

impl TypedValueParser for States {
    type Value = State;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, typed: &OsStr) -> Result<State, Error> {
        let text = typed.to_string_lossy();
        let meant = State::ALL.into_iter().find(|state| state.is_called(&text));
        match meant {
            Some(state) if (self.0)(state) => Ok(state),
            Some(State::InDoubt) => {
                let why = StringValueParser::new()
                    .try_map(|_| Err::<State, _>(say!("typed-state-in-doubt")));
                why.parse_ref(cmd, arg, typed)
            }
            _ => {
                let all = State::ALL.into_iter().filter(|state| (self.0)(*state));
                // As it may be typed: in one word.
                let all = all.map(|state| state.in_words().replace(' ', "_"));
                let arg = arg.map_or_else(String::new, ToString::to_string);
                let mut error = Error::new(ErrorKind::InvalidValue).with_cmd(cmd);
                error.insert(ContextKind::InvalidArg, ContextValue::String(arg));
                let text = ContextValue::String(text.into_owned());
                error.insert(ContextKind::InvalidValue, text);
                error.insert(
                    ContextKind::ValidValue,
                    ContextValue::Strings(all.collect()),
                );
                Err(error)
            }
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let all = State::ALL.into_iter().filter(|state| (self.0)(*state));
        Some(Box::new(all.map(|state| {
            PossibleValue::new(state.as_str()).help(meaning(state))
        })))
    }
}

/// What a state means, for who chooses one.
fn meaning(state: State) -> String {
    match state {
        State::Delivered => say!("value-state-delivered"),
        State::Pending => say!("value-state-pending"),
        State::Approved => say!("value-state-approved"),
        State::Expired => say!("value-state-expired"),
        State::Duplicate => say!("value-state-duplicate"),
        State::Rejected => say!("value-state-rejected"),
        State::Returned => say!("value-state-returned"),
        State::Invalid => say!("value-state-invalid"),
        State::Filtered => say!("value-state-filtered"),
        State::Held => say!("value-state-held"),
        State::Failed => say!("value-state-failed"),
        State::Unsent => say!("value-state-unsent"),
        State::InDoubt => say!("value-state-in-doubt"),
        State::Skipped => say!("value-state-skipped"),
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
