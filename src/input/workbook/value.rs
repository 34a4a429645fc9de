//! What a person sees in a cell with a number, as text.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::styles::Shown;

const DAY: f64 = 86_400.0;
/// The days that Excel knows: until the end of 9999.
const DAYS: f64 = 2_958_466.0;

/// Writes a number as its style shows it.
pub fn write(number: f64, shown: &Shown, from_1904: bool, text: &mut String) {
    match shown {
        Shown::Moment if (0.0..DAYS).contains(&number) => moment(number, from_1904, text),
        Shown::Duration => duration(number, text),
        Shown::Moment => plain(number, 0, text),
        Shown::Number { before, digits } => {
            if number >= 0.0 {
                text.push_str(before);
            }
            plain(number, *digits, text);
        }
    }
}

/// A number in full: no exponent, no `.0`, and the 15 digits that Excel keeps.
fn plain(number: f64, digits: usize, text: &mut String) {
    let kept: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if kept < 0.0 {
        text.push('-');
    }
    let kept = kept.abs();
    let _ = match kept.fract() == 0.0 {
        true => write!(text, "{kept:0digits$.0}"),
        false => write!(text, "{kept}"),
    };
}

/// `2026-11-22`, `2026-11-22 14:05:00`, or `14:05:00` for a time alone.
fn moment(number: f64, from_1904: bool, text: &mut String) {
    let (days, seconds) = (number.trunc() as i32, seconds(number));
    if days > 0 {
        let _ = write!(text, "{}", day(days, from_1904));
    }
    if seconds > 0 || days == 0 {
        let gap = if days > 0 { " " } else { "" };
        let _ = write!(text, "{gap}{}", clock(seconds, 0));
    }
}

/// Hours count on beyond a day: `36:00:00`.
fn duration(number: f64, text: &mut String) {
    let days = number.abs().trunc() as u64;
    let _ = write!(text, "{}", clock(seconds(number), days));
}

/// The seconds of the day.
fn seconds(number: f64) -> u64 {
    (number.abs().fract() * DAY).round().min(DAY - 1.0) as u64
}

fn clock(seconds: u64, days: u64) -> String {
    let (minutes, second) = (seconds / 60, seconds % 60);
    let hours = days.saturating_mul(24).saturating_add(minutes / 60);
    format!("{hours:02}:{:02}:{second:02}", minutes % 60)
}

/// Excel counts a 29 February 1900 that never was: days before it are one off.
fn day(days: i32, from_1904: bool) -> Date {
    let start = match (from_1904, days) {
        (true, _) => date(1904, 1, 1),
        (false, ..60) => date(1899, 12, 31),
        (false, _) => date(1899, 12, 30),
    };
    start.saturating_add(days.days())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(number: f64, digits: usize) -> String {
        let before = String::new();
        shown(number, Shown::Number { before, digits })
    }

    fn shown(number: f64, shown: Shown) -> String {
        let mut text = String::new();
        write(number, &shown, false, &mut text);
        text
    }

    #[test]
    fn numbers_are_written_as_they_are_seen() {
        assert_eq!(number(612_345_678.0, 0), "612345678");
        assert_eq!(number(33_612_345_678.0, 0), "33612345678");
        assert_eq!(number(12_345_678_901_234.0, 0), "12345678901234");
        assert_eq!(number(1e20, 0), "100000000000000000000");
        assert_eq!(number(0.1 + 0.2, 0), "0.3");
        assert_eq!(number(-3.5, 0), "-3.5");
        assert_eq!(number(1000.0, 5), "01000");
        assert_eq!(number(-5.0, 5), "-00005");
        assert_eq!(number(-0.0, 0), "0");
        assert_eq!(number(612_345_677.999_999_9, 10), "0612345678");
        let plus = || Shown::Number {
            before: "+".to_owned(),
            digits: 1,
        };
        assert_eq!(shown(33_612_345_678.0, plus()), "+33612345678");
        assert_eq!(shown(-1.0, plus()), "-1");
    }

    #[test]
    fn dates_are_written_year_first() {
        assert_eq!(shown(46_348.0, Shown::Moment), "2026-11-22");
        assert_eq!(
            shown(46_348.586_805_555_555, Shown::Moment),
            "2026-11-22 14:05:00"
        );
        assert_eq!(shown(0.586_805_555_555, Shown::Moment), "14:05:00");
        assert_eq!(shown(59.0, Shown::Moment), "1900-02-28");
        assert_eq!(shown(61.0, Shown::Moment), "1900-03-01");
        assert_eq!(shown(2_958_465.0, Shown::Moment), "9999-12-31");
        assert_eq!(shown(1.5, Shown::Duration), "36:00:00");
        assert_eq!(day(44_886, true).to_string(), "2026-11-22");
    }

    #[test]
    fn what_is_no_day_stays_a_number() {
        assert_eq!(shown(639_980_123.0, Shown::Moment), "639980123");
        assert_eq!(shown(-2.0, Shown::Moment), "-2");
    }
}
