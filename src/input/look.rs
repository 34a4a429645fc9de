//! A first look at a sheet's XML: what is hidden in it although it holds
//! something, and which formulas nobody calculated. calamine tells neither.

use std::collections::HashSet;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::error::ErrorKind;
use super::package::{attribute, damaged, is_true};

/// A row and a column, from 0 on.
pub type Place = (u32, u32);

/// What can be told of a sheet before its cells are read.
#[derive(Debug, Default)]
pub struct Look {
    /// Hidden rows, and hidden columns, that hold something.
    pub rows: HashSet<u32>,
    pub columns: HashSet<u32>,
    /// The cells of formulas that nobody calculated: who wrote them left that to
    /// Excel.
    pub uncalculated: HashSet<Place>,
}

impl Look {
    pub fn hides(&self, (row, column): Place) -> bool {
        self.rows.contains(&row) || self.columns.contains(&column)
    }
}

/// Where the look is.
#[derive(Default)]
struct Walk {
    look: Look,
    hidden_columns: Vec<(u32, u32)>,
    /// Where the next cell is that does not say it.
    next: Place,
    place: Place,
    row_is_hidden: bool,
    /// Of the cell.
    has_formula: bool,
    value: String,
    is_text: bool,
}

/// Looks at a sheet. `zero_is_none`: a formula's 0 is no result.
///
/// # Errors
/// It is damaged.
pub fn look<R: BufRead>(mut sheet: Reader<R>, zero_is_none: bool) -> Result<Look, ErrorKind> {
    let mut walk = Walk::default();
    let mut buffer = Vec::new();
    let mut in_value = false;
    loop {
        buffer.clear();
        match sheet.read_event_into(&mut buffer).map_err(damaged)? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "col" => walk.column(&tag),
                "row" => walk.row(&tag),
                "c" => walk.cell(&tag),
                "f" => walk.has_formula = true,
                "v" | "t" => in_value = true,
                _ => {}
            },
            Event::Text(text) if in_value => walk.value.push_str(text.as_ref()),
            Event::GeneralRef(_) | Event::CData(_) if in_value => walk.value.push('&'),
            Event::End(tag) => match tag.local_name().as_ref() {
                "v" | "t" => in_value = false,
                "c" => walk.end_cell(zero_is_none),
                "row" => walk.next = (walk.next.0 + 1, 0),
                "sheetData" => return Ok(walk.look),
                _ => {}
            },
            Event::Eof => return Ok(walk.look),
            _ => {}
        }
    }
}

impl Walk {
    fn column(&mut self, tag: &BytesStart<'_>) {
        let of = |name| attribute(tag, name)?.parse::<u32>().ok();
        let is_flat = attribute(tag, "width").is_some_and(|width| width.parse() == Ok(0.0));
        if is_true(attribute(tag, "hidden")) || is_flat {
            let first = of("min").unwrap_or(1).saturating_sub(1);
            let last = of("max").unwrap_or(1).saturating_sub(1);
            self.hidden_columns.push((first, last));
        }
    }

    fn row(&mut self, tag: &BytesStart<'_>) {
        let number = attribute(tag, "r").and_then(|number| number.parse::<u32>().ok());
        if let Some(number) = number {
            self.next.0 = number.saturating_sub(1);
        }
        let is_flat = attribute(tag, "ht").is_some_and(|height| height.parse() == Ok(0.0));
        self.row_is_hidden = is_true(attribute(tag, "hidden")) || is_flat;
    }

    fn cell(&mut self, tag: &BytesStart<'_>) {
        let said = attribute(tag, "r").and_then(|name| place_of(&name));
        self.place = said.unwrap_or(self.next);
        self.has_formula = false;
        self.value.clear();
        self.is_text = attribute(tag, "t").is_some_and(|kind| kind == "str");
    }

    fn end_cell(&mut self, zero_is_none: bool) {
        let (row, column) = self.place;
        let is_zero = || zero_is_none && self.value.trim().parse() == Ok(0.0);
        // A formula may well give an empty text.
        let is_blank = self.value.is_empty() && !self.is_text;
        if self.has_formula && (is_blank || is_zero()) {
            self.look.uncalculated.insert(self.place);
        }
        if !self.value.trim().is_empty() {
            let mut hidden = self.hidden_columns.iter();
            if self.row_is_hidden {
                self.look.rows.insert(row);
            } else if hidden.any(|(first, last)| (*first..=*last).contains(&column)) {
                self.look.columns.insert(column);
            }
        }
        self.next.1 = column + 1;
    }
}

/// `AB12` as row and column.
fn place_of(name: &str) -> Option<Place> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, number) = name.split_at(letters);
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let digit = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        column.checked_mul(26)?.checked_add(digit)
    })?;
    let row = number.parse::<u32>().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_at(text: &str) -> Look {
        let mut reader = Reader::from_reader(text.as_bytes());
        reader.config_mut().expand_empty_elements = true;
        look(reader, false).expect("a look")
    }

    fn sorted(found: &HashSet<u32>) -> Vec<u32> {
        let mut found: Vec<u32> = found.iter().copied().collect();
        found.sort_unstable();
        found
    }

    /// Rows and columns that are hidden and empty hide nothing.
    #[test]
    fn what_is_hidden_and_holds_something() {
        let cell = "<c r=\"B4\"><v>1</v></c><c r=\"D4\" t=\"inlineStr\"><is><t>x</t></is></c>";
        let look = look_at(&format!(
            "<worksheet><cols><col min=\"2\" max=\"3\" hidden=\"1\"/>\
             <col min=\"4\" max=\"16384\" width=\"0\" customWidth=\"1\"/></cols><sheetData>\
             <row r=\"2\" hidden=\"1\"><c r=\"A2\"><v>1</v></c></row>\
             <row hidden=\"true\"><c><v/></c></row>\
             <row>{cell}</row><row ht=\"0\"><c t=\"s\"><v>0</v></c></row>\
             <row r=\"9\" hidden=\"0\"><c r=\"A9\"><v>1</v></c></row></sheetData></worksheet>"
        ));
        assert_eq!(sorted(&look.rows), [1, 4]);
        assert_eq!(sorted(&look.columns), [1, 3]);
        assert!(look.hides((1, 0)) && look.hides((8, 3)) && !look.hides((8, 0)));
    }

    #[test]
    fn a_place_has_letters_and_a_number() {
        assert_eq!(place_of("A1"), Some((0, 0)));
        assert_eq!(place_of("XFD1048576"), Some((1_048_575, 16_383)));
        assert_eq!(place_of("AB12"), Some((11, 27)));
        assert!(place_of("12").is_none() && place_of("A0").is_none() && place_of("A").is_none());
    }
}
