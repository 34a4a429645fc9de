//! What a person sees in a cell, as text: `00000` keeps a postcode's zeros, and
//! `"+33"0` a telephone number's prefix (ECMA-376, part 1, 18.8.31).

use std::borrow::Cow;

use calamine::{DataType, ExcelDateTime};

/// How a cell shows a number: with so many digits at least, after what always
/// stands before it: zeros, or `+` and a country's number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberFormat {
    before: String,
    digits: usize,
    /// `Standard`, as some programs call it, is no date, whatever its letters.
    standard: bool,
}

const DAY: f64 = 86_400.0;
/// The days that Excel knows: until the end of 9999.
const DAYS: f64 = 2_958_466.0;
/// The letters that a format can have.
const LONGEST: usize = 255;

impl NumberFormat {
    /// Reads a format's code; its first section counts. One that shows other
    /// things than a row of digits is that of a plain number.
    pub fn of(code: &str) -> Self {
        let mut format = Self {
            standard: code.eq_ignore_ascii_case("standard"),
            ..Self::default()
        };
        if let Some((before, places)) = first_section(code).filter(|_| !format.standard) {
            let is_row = places.chars().all(|place| "0#-()".contains(place));
            if is_row || places.eq_ignore_ascii_case("general") {
                format.before = extending(before);
                let shown = places.chars().filter(|place| "0#".contains(*place));
                format.digits = shown.skip_while(|place| *place == '#').count();
            }
        }
        format
    }

    /// What a person sees.
    pub fn show<'v>(&self, value: &'v impl DataType) -> Cow<'v, str> {
        if let Some(text) = value.get_string().or(value.get_datetime_iso()) {
            return text.into();
        }
        let whole = value.get_int().map(|number| number as f64);
        if let Some(number) = value.get_float().or(whole) {
            return self.number(number).into();
        }
        if let Some(moment) = value.get_datetime() {
            return self.moment(moment).into();
        }
        let told = value.get_bool().map(|yes| yes.to_string());
        let told = told.or_else(|| value.get_error().map(|error| error.to_string()));
        let told = told.or_else(|| value.get_duration_iso().map(clock_of_iso));
        told.unwrap_or_default().into()
    }

    fn number(&self, number: f64) -> String {
        match number >= 0.0 {
            true => format!("{}{}", self.before, plain(number, self.digits)),
            false => plain(number, self.digits),
        }
    }

    /// `2026-11-22`, `2026-11-22 14:05:00`, or `14:05:00` for a time alone; what
    /// is no day stays a number.
    fn moment(&self, moment: ExcelDateTime) -> String {
        let number = moment.as_f64();
        if moment.is_duration() {
            return clock(number);
        }
        if self.standard || !(0.0..DAYS).contains(&number) {
            return plain(number, 0);
        }
        let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
        let second = second + u8::from(milli >= 500);
        let day = format!("{year:04}-{month:02}-{day:02}");
        let time = format!("{hour:02}:{minute:02}:{second:02}");
        match (number < 1.0, time == "00:00:00") {
            (true, _) => time,
            (false, true) => day,
            (false, false) => format!("{day} {time}"),
        }
    }
}

/// What stands before the first place of a digit, and the places, without what
/// is only shown between them; `None`: the format is for some numbers only.
fn first_section(code: &str) -> Option<(String, String)> {
    let (mut before, mut places) = (String::new(), String::new());
    let mut letters = code.chars().take(LONGEST);
    while let Some(letter) = letters.next() {
        let literal = match letter {
            ';' => break,
            // The next one is left free, or repeated.
            '_' | '*' => letters.next().map(|_| String::new())?,
            '\\' => letters.next().into_iter().collect(),
            '"' => letters.by_ref().take_while(|l| *l != '"').collect(),
            '[' => {
                let inside: String = letters.by_ref().take_while(|l| *l != ']').collect();
                if inside.starts_with(['<', '>', '=']) {
                    return None;
                }
                String::new()
            }
            ' ' | '\u{a0}' | '\u{202f}' => String::new(),
            letter if !places.is_empty() || "0#gG".contains(letter) => {
                places.push(letter);
                continue;
            }
            letter => letter.to_string(),
        };
        if places.is_empty() {
            before.push_str(&literal);
        }
    }
    before.retain(|letter| !matches!(letter, ' ' | '\u{a0}' | '\u{202f}'));
    Some((before, places))
}

/// What stands before a number and is a part of it; else nothing.
fn extending(before: String) -> String {
    let mut digits = before.trim_start_matches('+').chars();
    match before.starts_with(['+', '0']) && digits.all(|digit| digit.is_ascii_digit()) {
        true => before,
        false => String::new(),
    }
}

/// A number in full: no exponent, no `.0`, and the 15 digits that Excel keeps.
fn plain(number: f64, digits: usize) -> String {
    let kept: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    let sign = if kept < 0.0 { "-" } else { "" };
    let kept = kept.abs();
    match kept.fract() == 0.0 {
        true => format!("{sign}{kept:0digits$.0}"),
        false => format!("{sign}{kept}"),
    }
}

/// A duration, whose hours count on beyond a day: `36:00:00`.
fn clock(days: f64) -> String {
    let seconds = (days.abs() * DAY).round() as u64;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// `PT14H05M00S` as `14:05:00`.
fn clock_of_iso(duration: &str) -> String {
    let time = duration.trim_start_matches("PT").trim_end_matches('S');
    time.replace(['H', 'M'], ":")
}

#[cfg(test)]
mod tests {
    use calamine::{Data, ExcelDateTimeType};

    use super::*;

    fn format(before: &str, digits: usize) -> NumberFormat {
        NumberFormat {
            before: before.to_owned(),
            digits,
            standard: false,
        }
    }

    #[test]
    fn a_format_of_zeros_keeps_its_digits() {
        for code in [
            "00000",
            "00\\ 00\" \"0",
            "00000;-00000",
            "[$-40C]00000",
            "00000_ ",
            "[Black]00000;@",
        ] {
            assert_eq!(NumberFormat::of(code), format("", 5), "{code}");
        }
        let many = NumberFormat::of("0#\" \"##\" \"##\" \"##\" \"##");
        assert_eq!(many, format("", 10));
        assert_eq!(NumberFormat::of("##00"), format("", 2));
        let plain = NumberFormat::default();
        for code in ["0.00", "0%", "[<=99999]00000;00000\\-0000", "@", "#;dd"] {
            assert_eq!(NumberFormat::of(code), plain, "{code}");
        }
    }

    #[test]
    fn zeros_and_a_plus_that_stand_before_a_number_are_kept() {
        for (code, before, digits) in [
            ("\"+\"0", "+", 1),
            ("+0", "+", 1),
            ("\\0000000000", "0", 9),
            ("\"00\" 0", "00", 1),
            ("\"+32\"000000000", "+32", 9),
            ("\\+\\3\\3\\ 0", "+33", 1),
            ("+33 0", "+33", 1),
            ("\"+33 \"#\" \"##\" \"##", "+33", 0),
            ("\"0\"General", "0", 0),
            ("00\u{a0}00\u{202f}00", "", 6),
            ("\"Lot \"0", "", 1),
            ("\"33 \"0", "", 1),
        ] {
            assert_eq!(NumberFormat::of(code), format(before, digits), "{code}");
        }
    }

    #[test]
    fn numbers_are_written_as_they_are_seen() {
        let number = |number: f64, digits: usize| format("", digits).number(number);
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
        assert_eq!(format("+", 1).number(33_612_345_678.0), "+33612345678");
        assert_eq!(format("+", 1).number(-1.0), "-1");
    }

    #[test]
    fn moments_are_written_year_first() {
        let shown = |value: f64, kind, from_1904| {
            let value = Data::DateTime(ExcelDateTime::new(value, kind, from_1904));
            NumberFormat::default().show(&value).into_owned()
        };
        let moment = |value| shown(value, ExcelDateTimeType::DateTime, false);
        assert_eq!(moment(46_348.0), "2026-11-22");
        assert_eq!(moment(46_348.586_805_555_555), "2026-11-22 14:05:00");
        assert_eq!(moment(0.586_805_555_555), "14:05:00");
        assert_eq!(moment(59.0), "1900-02-28");
        assert_eq!(moment(61.0), "1900-03-01");
        assert_eq!(moment(2_958_465.0), "9999-12-31");
        assert_eq!(moment(639_980_123.0), "639980123");
        assert_eq!(moment(-2.0), "-2");
        let long = shown(1.5, ExcelDateTimeType::TimeDelta, false);
        assert_eq!(long, "36:00:00");
        let mac = shown(44_886.0, ExcelDateTimeType::DateTime, true);
        assert_eq!(mac, "2026-11-22");
        let standard = NumberFormat::of("Standard");
        let value = ExcelDateTime::new(46_348.0, ExcelDateTimeType::DateTime, false);
        assert_eq!(standard.show(&Data::DateTime(value)), "46348");
        assert_eq!(clock_of_iso("PT14H05M00S"), "14:05:00");
    }
}
