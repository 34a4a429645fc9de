//! The values of options, as people write them.

use encoding_rs::Encoding;

use crate::lead::State;

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

pub fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok(b'\t'),
        "," | ";" | "|" | ":" => Ok(text.as_bytes()[0]),
        _ => Err("it must be one of , ; | or tab".to_owned()),
    }
}

pub fn encoding(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(name.as_bytes())
        .ok_or_else(|| "no such encoding; usual ones are utf-8, windows-1252, utf-16le".to_owned())
}

pub fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() => {
            Ok((field.trim().to_owned(), value.to_owned()))
        }
        _ => Err("write FIELD=VALUE, as in program=12".to_owned()),
    }
}

pub fn state(word: &str) -> Result<State, String> {
    State::parse(word)
        .filter(|state| *state != State::Skipped)
        .ok_or_else(|| {
            let known: Vec<&str> = State::ALL
                .iter()
                .filter(|state| **state != State::Skipped)
                .map(|state| state.as_str())
                .collect();
            format!("the states are {}", known.join(", "))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_ranges() {
        let lines = Lines::parse("12,15-20").unwrap();
        assert!(lines.contains(12) && lines.contains(20) && !lines.contains(13));
        for bad in ["", "a", "5-3", "0"] {
            assert!(Lines::parse(bad).is_err(), "{bad}");
        }
    }
}
