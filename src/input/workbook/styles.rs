//! What a cell's style makes of a number (ECMA-376, part 1, 18.8).

use std::collections::HashMap;

use quick_xml::events::Event;

use super::package::Part;
use super::trouble::Trouble;
use super::xml;

/// How a number is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As a number, with so many digits at least, after what always stands before
    /// it: zeros, or `+` and a country's number.
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

/// The letters that a format can have, and the styles and formats that a
/// workbook can: Excel takes no more.
const LONGEST_CODE: usize = 255;
const MOST: usize = 65_536;

/// The styles of a workbook's cells, by their numbers.
#[derive(Debug, Default)]
pub struct Styles(Vec<Shown>);

impl Styles {
    /// `None`: there is no such style. A workbook without styles shows plain
    /// numbers.
    pub fn of(&self, style: usize) -> Option<&Shown> {
        let plain = self.0.is_empty().then_some(&PLAIN);
        self.0.get(style).or(plain)
    }
}

/// Reads the part with the styles, as far as it tells those of cells.
pub fn read(mut xml: Part<'_>) -> Result<Styles, Trouble> {
    let mut formats = HashMap::new();
    let mut styles = Vec::new();
    let mut cells = false;
    while let Some(event) = xml.next()? {
        if formats.len().max(styles.len()) > MOST {
            return Err(Trouble::Damaged);
        }
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
    if code.len() > LONGEST_CODE || code.eq_ignore_ascii_case("standard") {
        return PLAIN.clone();
    }
    let tokens = first_section(code);
    for token in &tokens {
        match token {
            Token::Bracket(inside) if is_elapsed(inside) => return Shown::Duration,
            // For some numbers only.
            Token::Bracket(inside) if inside.starts_with(['<', '>', '=']) => return PLAIN.clone(),
            Token::Symbol('d' | 'm' | 'y' | 'h' | 's') => return Shown::Moment,
            _ => {}
        }
    }
    of_places(&tokens)
}

/// A piece of a format.
#[derive(Debug, PartialEq)]
enum Token {
    /// Shown as it is.
    Literal(char),
    /// A colour, a currency, a condition or an elapsed time, in small letters.
    Bracket(String),
    /// A place of a number or a part of a date, in small letters.
    Symbol(char),
}

fn first_section(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ';' => break,
            // The next one is left free, or repeated.
            '_' | '*' => {
                letters.next();
            }
            '\\' => tokens.extend(letters.next().map(Token::Literal)),
            '"' => {
                let quoted = letters.by_ref().take_while(|letter| *letter != '"');
                tokens.extend(quoted.map(Token::Literal));
            }
            '[' => {
                let inside = letters.by_ref().take_while(|letter| *letter != ']');
                tokens.push(Token::Bracket(inside.collect::<String>().to_lowercase()));
            }
            letter => tokens.push(Token::Symbol(letter.to_ascii_lowercase())),
        }
    }
    tokens
}

/// A number format such as `00000`, `0#########`, `"+33"0` or `"0"General`: from
/// its first zero on each place is a digit that shows.
fn of_places(tokens: &[Token]) -> Shown {
    let is_place = |token: &Token| matches!(token, Token::Symbol('0' | '#' | 'g'));
    let Some(start) = tokens.iter().position(is_place) else {
        return PLAIN.clone();
    };
    let (before, places) = tokens.split_at(start);
    let letter = |token: &Token| match token {
        Token::Literal(letter) | Token::Symbol(letter) => Some(*letter),
        Token::Bracket(_) => None,
    };
    let before: String = before.iter().filter_map(letter).filter(not_blank).collect();
    let symbol = |token: &Token| match token {
        Token::Symbol(letter) => Some(*letter),
        _ => None,
    };
    let places: String = places.iter().filter_map(symbol).filter(not_blank).collect();
    if places != "general" && !places.chars().all(|place| "0#-()".contains(place)) {
        return PLAIN.clone();
    }
    let shown = places.chars().filter(|place| "0#".contains(*place));
    Shown::Number {
        before: extending(before),
        digits: shown.skip_while(|place| *place == '#').count(),
    }
}

/// What stands before a number and is a part of it; else nothing.
fn extending(before: String) -> String {
    let mut digits = before.trim_start_matches('+').chars();
    match before.starts_with(['+', '0']) && digits.all(|digit| digit.is_ascii_digit()) {
        true => before,
        false => String::new(),
    }
}

fn not_blank(letter: &char) -> bool {
    !matches!(letter, ' ' | '\u{a0}' | '\u{202f}')
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
        assert_eq!(of_code("Standard"), PLAIN);
        assert_eq!(of_code("[<=99999]00000;00000\\-0000"), PLAIN);
        assert_eq!(of_code(&"0".repeat(70_000)), PLAIN);
    }

    #[test]
    fn zeros_and_a_plus_that_stand_before_a_number_are_kept() {
        assert_eq!(of_code("\"+\"0"), number("+", 1));
        assert_eq!(of_code("+0"), number("+", 1));
        assert_eq!(of_code("\\0000000000"), number("0", 9));
        assert_eq!(of_code("\"00\" 0"), number("00", 1));
        assert_eq!(of_code("\"+32\"000000000"), number("+32", 9));
        assert_eq!(of_code("\\+\\3\\3\\ 0"), number("+33", 1));
        assert_eq!(of_code("+33 0"), number("+33", 1));
        assert_eq!(of_code("\"+33 \"#\" \"##\" \"##"), number("+33", 0));
        assert_eq!(of_code("\"0\"General"), number("0", 0));
        assert_eq!(of_code("00\u{a0}00\u{202f}00"), number("", 6));
        assert_eq!(of_code("\"Lot \"0"), number("", 1));
        assert_eq!(of_code("\"33 \"0"), number("", 1));
    }

    #[test]
    fn a_format_that_every_workbook_has_is_known_by_its_number() {
        assert_eq!(of_number("14"), Shown::Moment);
        assert_eq!(of_number("46"), Shown::Duration);
        assert_eq!(of_number("49"), PLAIN);
        assert_eq!(of_number(""), PLAIN);
    }
}
