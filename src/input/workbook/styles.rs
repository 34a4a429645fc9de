//! What a cell's style makes of a number (ECMA-376, part 1, 18.8).

use std::collections::HashMap;

use quick_xml::events::Event;

use super::package::Part;
use super::trouble::Trouble;
use super::xml;

/// How a number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As a number, with so many digits at least.
    Number { digits: usize },
    /// As a day, a time of day or both.
    Moment,
    /// As hours, minutes and seconds that may exceed a day.
    Duration,
}

const PLAIN: Shown = Shown::Number { digits: 0 };

/// The styles of a workbook's cells, by their numbers.
#[derive(Debug, Default)]
pub struct Styles(Vec<Shown>);

impl Styles {
    pub fn of(&self, style: usize) -> Shown {
        self.0.get(style).copied().unwrap_or(PLAIN)
    }
}

/// Reads the part with the styles, as far as it tells those of cells.
pub fn read(mut xml: Part<'_>) -> Result<Styles, Trouble> {
    let mut formats = HashMap::new();
    let mut styles = Vec::new();
    let mut cells = false;
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    let id = xml::attribute(&element, "numFmtId")?.unwrap_or_default();
                    let code = xml::attribute(&element, "formatCode")?.unwrap_or_default();
                    formats.insert(id, of_code(&code));
                }
                "cellXfs" => cells = true,
                "xf" if cells => {
                    let id = xml::attribute(&element, "numFmtId")?.unwrap_or_default();
                    let own = formats.get(&id).copied();
                    styles.push(own.unwrap_or_else(|| of_number(&id)));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => break,
            _ => {}
        }
    }
    Ok(Styles(styles))
}

/// A format that every workbook has (18.8.30, `numFmt`).
fn of_number(id: &str) -> Shown {
    match id.parse() {
        Ok(14..=22 | 27..=36 | 45 | 47 | 50..=58) => Shown::Moment,
        Ok(46) => Shown::Duration,
        _ => PLAIN,
    }
}

/// A format that the workbook brings (18.8.31); its first section counts.
fn of_code(code: &str) -> Shown {
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            ';' => break,
            // The next one is shown as it is, left free or repeated.
            '\\' | '_' | '*' => {
                letters.next();
            }
            '"' => {
                letters.find(|letter| *letter == '"');
            }
            '[' => {
                let inside: String = letters
                    .by_ref()
                    .take_while(|letter| *letter != ']')
                    .collect();
                if is_elapsed(&inside.to_ascii_lowercase()) {
                    return Shown::Duration;
                }
            }
            'd' | 'm' | 'y' | 'h' | 's' => return Shown::Moment,
            _ => {}
        }
    }
    Shown::Number {
        digits: zeros(code),
    }
}

/// `[h]`, `[mm]`: all hours or minutes, beyond a day's.
fn is_elapsed(inside: &str) -> bool {
    ["h", "m", "s"].iter().any(|unit| {
        let rest = inside.trim_start_matches(unit);
        rest.is_empty() && !inside.is_empty()
    })
}

/// The digits that a format such as `00000` always shows; else 0.
fn zeros(code: &str) -> usize {
    let digits: String = code
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '"' | '\\'))
        .collect();
    match digits.bytes().all(|digit| digit == b'0') {
        true => digits.len(),
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_numbers() {
        for code in [
            "DD/MM/YY",
            "H:MM:SS;@",
            "m\"M\"d\"D\";@",
            "[$-40C]d mmmm yyyy",
            "ha/p\\\\m",
            "*-yyyy-mm-dd",
            "[Red]hh:mm",
        ] {
            assert_eq!(of_code(code), Shown::Moment, "{code}");
        }
        for code in ["[h]:mm:ss", "[ss]", "[M]", "[Blue]\\+[h]:mm;[Red]\\-[h]:mm"] {
            assert_eq!(of_code(code), Shown::Duration, "{code}");
        }
        for code in [
            "General",
            "#,##0\\ [$\\u20bd-46D]",
            "\"Y: \"0.00\"m\"",
            "0_ ;[Red]\\-0\\ ",
            "\\Y#",
            "#,##0.00\\ _M\"H\"_);[Red]#,##0.00",
            "#,##0*y",
            "0.00E+00",
            "@",
            "#;dd",
            "[]#",
        ] {
            assert_eq!(of_code(code), PLAIN, "{code}");
        }
    }

    #[test]
    fn a_format_of_zeros_keeps_its_digits() {
        assert_eq!(of_code("00000"), Shown::Number { digits: 5 });
        assert_eq!(of_code("00\\ 00\" \"0"), Shown::Number { digits: 5 });
        assert_eq!(of_code("0.00"), PLAIN);
    }

    #[test]
    fn a_format_that_every_workbook_has_is_known_by_its_number() {
        assert_eq!(of_number("14"), Shown::Moment);
        assert_eq!(of_number("46"), Shown::Duration);
        assert_eq!(of_number("49"), PLAIN);
        assert_eq!(of_number(""), PLAIN);
    }
}
