//! The cells of a sheet, one after the other (ECMA-376, part 1, 18.3.1).

use quick_xml::events::{BytesStart, Event};

use super::package::Part;
use super::styles::Styles;
use super::texts::Texts;
use super::trouble::Trouble;
use super::value;
use super::words::Words;
use crate::lead::NOT_CALCULATED;

/// The columns that a sheet can have: `XFD` is the last.
const COLUMNS: usize = 16_384;

/// How a workbook is to be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Habits {
    /// Its days are counted from 1904 on, as Excel for the Mac once did.
    pub from_1904: bool,
    /// Its formulas are to be calculated when it is opened: a 0 is no result.
    pub uncalculated: bool,
}

impl Habits {
    fn not_calculated(self, value: &str) -> bool {
        let value = value.trim();
        value.is_empty() || self.uncalculated && value == "0"
    }
}

/// A sheet that is read.
pub struct Cells<'w> {
    xml: Part<'w>,
    texts: Texts,
    styles: Styles,
    habits: Habits,
    /// Where the next cell is if it doesn't say so.
    next: Place,
    /// No cell that holds something may stand before this.
    free: Place,
    words: Words,
    shown: String,
}

/// A cell that holds something.
pub struct Cell<'c> {
    /// From 1 on, as the sheet numbers its rows.
    pub row: u64,
    /// From 0 on.
    pub column: usize,
    /// What a person sees in it.
    pub text: &'c str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    row: u64,
    column: usize,
}

/// A cell and what its value is.
#[derive(Clone, Copy)]
struct Open {
    place: Place,
    style: usize,
    kind: Kind,
    formula: bool,
}

/// What the value of a cell is (18.18.11, `ST_CellType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    /// The index of a text that cells share.
    Shared,
    Bool,
    /// A formula's text, an error or a date in letters.
    Text,
    /// A text that stands in the cell itself.
    Inline,
}

impl<'w> Cells<'w> {
    /// Reads until the sheet's rows begin.
    pub fn of(
        mut xml: Part<'w>,
        texts: Texts,
        styles: Styles,
        habits: Habits,
    ) -> Result<Self, Trouble> {
        loop {
            let event = xml.next()?.ok_or(Trouble::Damaged)?;
            if matches!(&event, Event::Start(element) if element.local_name().as_ref() == "sheetData")
            {
                break;
            }
        }
        let first = Place { row: 1, column: 0 };
        Ok(Self {
            xml,
            texts,
            styles,
            habits,
            next: first,
            free: first,
            words: Words::default(),
            shown: String::new(),
        })
    }

    /// The next cell that holds something; `None`: there is none.
    ///
    /// # Errors
    /// The sheet is damaged, or reading fails.
    pub fn next(&mut self) -> Result<Option<Cell<'_>>, Trouble> {
        while let Some(cell) = self.read()? {
            self.show(cell)?;
            if self.shown.is_empty() {
                continue;
            }
            let Place { row, column } = cell.place;
            // Two cells in one place, or rows in disorder, would make one lead of two.
            if cell.place < self.free {
                return Err(Trouble::Damaged);
            }
            self.free = Place {
                row,
                column: column + 1,
            };
            return Ok(Some(Cell {
                row,
                column,
                text: &self.shown,
            }));
        }
        Ok(None)
    }

    /// Writes down what a person sees in a cell.
    fn show(&mut self, cell: Open) -> Result<(), Trouble> {
        let (words, shown) = (self.words.text(), &mut self.shown);
        shown.clear();
        match cell.kind {
            Kind::Text | Kind::Inline => shown.push_str(words),
            Kind::Number if cell.formula && self.habits.not_calculated(words) => {
                shown.push_str(NOT_CALCULATED);
            }
            Kind::Number => match words.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    let style = self.styles.of(cell.style).ok_or(Trouble::Damaged)?;
                    value::write(number, style, self.habits.from_1904, shown);
                }
                _ => shown.push_str(words.trim()),
            },
            Kind::Bool => shown.push_str(match words.trim().to_ascii_lowercase().as_str() {
                "" => "",
                "1" | "true" => "true",
                "0" | "false" => "false",
                _ => return Err(Trouble::Damaged),
            }),
            Kind::Shared if words.trim().is_empty() => {}
            Kind::Shared => {
                let index = words.trim().parse().map_err(|_| Trouble::Damaged)?;
                let text = self.texts.get(index).map_err(Trouble::Scratch)?;
                shown.push_str(text.ok_or(Trouble::Damaged)?);
            }
        }
        Ok(())
    }

    /// Reads a cell to its end; the words are those of its value.
    fn read(&mut self) -> Result<Option<Open>, Trouble> {
        let mut open: Option<Open> = None;
        loop {
            let event = self.xml.next()?.ok_or(Trouble::Damaged)?;
            if let Some(cell) = &open {
                let element = if cell.kind == Kind::Inline { "t" } else { "v" };
                self.words.take(&event, element)?;
            }
            match event {
                Event::Start(element) => match (element.local_name().as_ref(), &mut open) {
                    ("row", _) => self.next = row(&element, self.next)?,
                    ("c", _) => {
                        self.words.clear();
                        open = Some(cell(&element, self.next)?);
                    }
                    ("f", Some(cell)) => cell.formula = true,
                    ("is", Some(cell)) => {
                        self.words.clear();
                        cell.kind = Kind::Inline;
                    }
                    _ => {}
                },
                Event::End(element) => match (element.local_name().as_ref(), open) {
                    ("sheetData", _) => return Ok(None),
                    ("row", _) => {
                        self.next = Place {
                            row: self.next.row.saturating_add(1),
                            column: 0,
                        }
                    }
                    ("c", Some(cell)) => {
                        self.next = Place {
                            column: cell.place.column + 1,
                            ..cell.place
                        };
                        return Ok(Some(cell));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

/// Where the cells of a row start.
fn row(element: &BytesStart<'_>, next: Place) -> Result<Place, Trouble> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        if attribute.key.as_ref() == "r" {
            let row: u32 = attribute.value.parse().map_err(|_| Trouble::Damaged)?;
            let row = row.into();
            return Ok(Place { row, column: 0 });
        }
    }
    Ok(next)
}

fn cell(element: &BytesStart<'_>, next: Place) -> Result<Open, Trouble> {
    let mut cell = Open {
        place: next,
        style: 0,
        kind: Kind::Number,
        formula: false,
    };
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        let value = attribute.value.as_ref();
        match attribute.key.as_ref() {
            "r" => cell.place = place(value).ok_or(Trouble::Damaged)?,
            "s" => cell.style = value.parse().map_err(|_| Trouble::Damaged)?,
            "t" => cell.kind = kind(value).ok_or(Trouble::Damaged)?,
            _ => {}
        }
    }
    match cell.place.column < COLUMNS {
        true => Ok(cell),
        false => Err(Trouble::Damaged),
    }
}

fn kind(word: &str) -> Option<Kind> {
    match word {
        "n" => Some(Kind::Number),
        "s" => Some(Kind::Shared),
        "b" => Some(Kind::Bool),
        "str" | "e" | "d" => Some(Kind::Text),
        "inlineStr" => Some(Kind::Inline),
        _ => None,
    }
}

/// A place as a sheet writes it: `AB12`.
fn place(reference: &str) -> Option<Place> {
    let digits = reference.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = reference.split_at(digits);
    let mut columns = 0_usize;
    for letter in letters.bytes() {
        if !letter.is_ascii_alphabetic() || columns > COLUMNS {
            return None;
        }
        columns = columns * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    }
    Some(Place {
        row: row.parse::<u32>().ok().filter(|row| *row > 0)?.into(),
        column: columns.checked_sub(1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_letters_and_a_number() {
        let at = |row, column| Some(Place { row, column });
        assert_eq!(place("A1"), at(1, 0));
        assert_eq!(place("Z20"), at(20, 25));
        assert_eq!(place("ab1048576"), at(1_048_576, 27));
        assert_eq!(place("XFD1"), at(1, COLUMNS - 1));
        for wrong in ["", "A", "1", "A0", "A-1", "é1", "A1B", "ZZZZZZZZZZZZZZZZ1"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
