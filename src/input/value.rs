//! What a person sees in a cell of a workbook, as text.

use std::fmt::Write as _;

use calamine::{DataRef, ExcelDateTime, Style};

use crate::lead::Cells;

const DAY: f64 = 86_400.0;

/// The digits that a number format such as `00000` always shows; else 0.
pub fn zeros(style: &Style) -> usize {
    let format = style.number_format.as_ref();
    let code = format.map_or("", |format| format.format_code.as_str());
    let digits: String = code
        .chars()
        .filter(|c| !matches!(c, ' ' | '"' | '\\'))
        .collect();
    match digits.bytes().all(|digit| digit == b'0') {
        true => digits.len(),
        false => 0,
    }
}

/// Appends the text of a value; `zeros` as its style asks.
pub fn append(value: &DataRef<'_>, zeros: usize, cell: &mut Cells) {
    match value {
        DataRef::Empty => {}
        DataRef::String(text) => cell.append(text),
        DataRef::SharedString(text) => cell.append(text),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => cell.append(text),
        DataRef::Bool(yes) => cell.append(if *yes { "true" } else { "false" }),
        DataRef::Int(number) => cell.append(&format!("{number:0zeros$}")),
        DataRef::Float(number) => cell.append(&float(*number, zeros)),
        DataRef::DateTime(moment) => cell.append(&date(moment)),
        DataRef::Error(error) => cell.append(&error.to_string()),
    }
}

/// A number in full: no exponent, no `.0`, and the 15 digits that Excel keeps.
fn float(number: f64, zeros: usize) -> String {
    let whole = number.fract() == 0.0;
    if whole {
        return format!("{number:0zeros$.0}");
    }
    let kept: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    kept.to_string()
}

/// `2026-11-22`, `2026-11-22 14:05:00`, or `14:05:00` for a time alone.
fn date(moment: &ExcelDateTime) -> String {
    let value = moment.as_f64();
    let seconds = (value.abs().fract() * DAY).round().min(DAY - 1.0) as u64;
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hours, minute) = (minutes / 60, minutes % 60);
    let days = value.abs().trunc() as u64;
    let mut text = String::new();
    if moment.is_duration() {
        let hours = days.saturating_mul(24).saturating_add(hours);
        let _ = write!(text, "{hours:02}:{minute:02}:{second:02}");
        return text;
    }
    if days > 0 {
        let (year, month, day, ..) = moment.to_ymd_hms_milli();
        let _ = write!(text, "{year:04}-{month:02}-{day:02}");
    }
    if seconds > 0 || days == 0 {
        let gap = if days > 0 { " " } else { "" };
        let _ = write!(text, "{gap}{hours:02}:{minute:02}:{second:02}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn numbers_are_written_as_they_are_seen() {
        assert_eq!(float(612_345_678.0, 0), "612345678");
        assert_eq!(float(33_612_345_678.0, 0), "33612345678");
        assert_eq!(float(12_345_678_901_234.0, 0), "12345678901234");
        assert_eq!(float(1e20, 0), "100000000000000000000");
        assert_eq!(float(0.1 + 0.2, 0), "0.3");
        assert_eq!(float(-3.5, 0), "-3.5");
        assert_eq!(float(1000.0, 5), "01000");
    }

    #[test]
    fn dates_are_written_year_first() {
        let of = |value| {
            date(&ExcelDateTime::new(
                value,
                ExcelDateTimeType::DateTime,
                false,
            ))
        };
        assert_eq!(of(46_348.0), "2026-11-22");
        assert_eq!(of(46_348.586_805_555_555), "2026-11-22 14:05:00");
        assert_eq!(of(0.586_805_555_555), "14:05:00");
        let long = ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false);
        assert_eq!(date(&long), "36:00:00");
    }
}
