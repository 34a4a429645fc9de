//! What a cell's style makes of a number (ECMA-376, part 1, 18.8).

use std::collections::HashMap;

use quick_xml::events::Event;

use super::package::Part;
use super::trouble::Trouble;
use super::xml;

/// How a number is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As a number, with so many digits at least, after the zeros and the `+` that
    /// always stand before it.
    Number { before: String, digits: usize },
    /// As a day, a time of day or both.
    Moment,
    /// As hours, minutes and seconds that may exceed a day.
    Duration,
}

static PLAIN: Shown = Shown::Number {
    before: String::new(),
    digits: 0,
};

/// The letters that a format can have: Excel takes no more.
const LONGEST: usize = 255;

/// The styles of a workbook's cells, by their numbers.
#[derive(Debug, Default)]
pub struct Styles(Vec<Shown>);

impl Styles {
    /// `None`: there is no such style. A workbook without styles has the first.
    pub fn of(&self, style: usize) -> Option<&Shown> {
        let first = (style == 0).then_some(&PLAIN);
        self.0.get(style).or(first)
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
                    let own = formats.get(&id).cloned();
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
        _ => PLAIN.clone(),
    }
}

/// A format that the workbook brings (18.8.31); its first section counts.
fn of_code(code: &str) -> Shown {
    if code.len() > LONGEST {
        return PLAIN.clone();
    }
    let (mut literal, mut rest) = (String::new(), String::new());
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        let before = rest.is_empty();
        match letter.to_ascii_lowercase() {
            ';' => break,
            // The next one is left free, or repeated.
            '_' | '*' => {
                letters.next();
            }
            '\\' if before => literal.extend(letters.next()),
            '\\' => {
                letters.next();
            }
            '"' => {
                let quoted = letters.by_ref().take_while(|letter| *letter != '"');
                match before {
                    true => literal.extend(quoted),
                    false => quoted.for_each(drop),
                }
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
            '+' | ' ' if before => literal.push(letter),
            letter => rest.push(letter),
        }
    }
    of_digits(literal, &rest)
}

/// A number format without its literal texts, such as `00000` or `0#########`:
/// from its first zero on each place is a digit that shows.
fn of_digits(mut before: String, places: &str) -> Shown {
    before.retain(|letter| letter != ' ');
    let whole = places.chars().all(|letter| "0#-() ".contains(letter));
    let extends = before.chars().all(|letter| "0+".contains(letter));
    let digits = places.chars().filter(|letter| "0#".contains(*letter));
    match whole && places.contains('0') {
        true => Shown::Number {
            before: if extends { before } else { String::new() },
            digits: digits.skip_while(|letter| *letter == '#').count(),
        },
        false => PLAIN.clone(),
    }
}

/// `[h]`, `[mm]`: all hours or minutes, beyond a day's.
fn is_elapsed(inside: &str) -> bool {
    ["h", "m", "s"].iter().any(|unit| {
        let rest = inside.trim_start_matches(unit);
        rest.is_empty() && !inside.is_empty()
    })
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
            assert!(matches!(of_code(code), Shown::Number { .. }), "{code}");
        }
    }

    fn number(before: &str, digits: usize) -> Shown {
        let before = before.to_owned();
        Shown::Number { before, digits }
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
            assert_eq!(of_code(code), number("", 5), "{code}");
        }
        assert_eq!(of_code("0#\" \"##\" \"##\" \"##\" \"##"), number("", 10));
        assert_eq!(of_code("##00"), number("", 2));
        assert_eq!(of_code("0.00"), PLAIN);
        assert_eq!(of_code("0%"), PLAIN);
        assert_eq!(of_code(&"0".repeat(70_000)), PLAIN);
    }

    #[test]
    fn zeros_and_a_plus_that_stand_before_a_number_are_kept() {
        assert_eq!(of_code("\"+\"0"), number("+", 1));
        assert_eq!(of_code("+0"), number("+", 1));
        assert_eq!(of_code("\\0000000000"), number("0", 9));
        assert_eq!(of_code("\"00\" 0"), number("00", 1));
        assert_eq!(of_code("\"Lot \"0"), number("", 1));
    }

    #[test]
    fn a_format_that_every_workbook_has_is_known_by_its_number() {
        assert_eq!(of_number("14"), Shown::Moment);
        assert_eq!(of_number("46"), Shown::Duration);
        assert_eq!(of_number("49"), PLAIN);
        assert_eq!(of_number(""), PLAIN);
    }
}
