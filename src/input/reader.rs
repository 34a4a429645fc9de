//! One input, whatever its format: what was found out about it, then its rows.
//! Knows what a header is, and what no cell may hold.

use std::sync::Arc;

use super::error::{Error, ErrorKind, Fault};
use super::format::Format;
use super::window::{SHOWN, TextEncoding};
use crate::lead::csv_injection::restore;
use crate::lead::{Cells, Header, OURS, Record};

/// A cell longer than this is no cell of a lead.
const LONGEST_CELL: usize = 256 * 1024;

/// What was found out about an input, for messages and for writing rows back
/// in the form that they came in.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub format: Format,
    pub encoding: TextEncoding,
    /// For delimited text.
    pub delimiter: Option<u8>,
    /// Its lines end as those of Windows do.
    pub crlf: bool,
    /// For workbooks: the sheet that is read, and the others.
    pub sheet: Option<String>,
    pub other_sheets: Vec<String>,
    /// Of a workbook whose sheet is empty: the sheets that hold rows.
    pub sheets_with_rows: Vec<String>,
    /// Nothing but blanks in it.
    pub empty: bool,
}

/// What gives the rows of a format.
pub trait Rows: Send {
    /// Fills the line, cells and fault of the next row that is not blank, and
    /// the header where each has its own; `false`: there is none.
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind>;
}

/// Finds out what an input is, and gives its rows from the first one, as often as
/// it is asked.
pub type Opener = dyn Fn() -> Result<(Facts, Box<dyn Rows>), ErrorKind> + Send + Sync;

/// The rows of an input. After an [`Error`] there are none.
pub struct Reader {
    opener: Arc<Opener>,
    facts: Facts,
    rows: Box<dyn Rows>,
    file: Arc<str>,
    header: Option<Arc<Header>>,
    /// Cells in the header row; those at its end may have no name.
    width: usize,
    /// It is a rejects file of ours, whose cells carry a `'` that keeps a
    /// spreadsheet from running them.
    corrected: bool,
    ended: bool,
}

impl Reader {
    /// Reads the header, where all rows share one.
    ///
    /// # Errors
    /// Nothing that could be a header, or reading failed.
    pub fn open(opener: Arc<Opener>, file: Arc<str>) -> Result<Self, Error> {
        let found = opener();
        let (facts, rows) = found.map_err(|kind| Error::new(&file, None, kind))?;
        let mut reader = Self {
            opener,
            facts,
            rows,
            file,
            header: None,
            width: usize::MAX,
            corrected: false,
            ended: false,
        };
        let own_headers = matches!(reader.facts.format, Format::Json | Format::Jsonl);
        if reader.facts.empty || own_headers {
            return Ok(reader);
        }
        let mut header = Header::default();
        if let Some(first) = reader.next().transpose()? {
            let named = match first.fault {
                Some(fault) => Err(ErrorKind::Header(fault)),
                None => header_of(&first.cells),
            };
            header = named.map_err(|kind| reader.error(first.line, kind))?;
            reader.width = first.cells.len();
        }
        reader.corrected = header.names.iter().any(|name| name.trim() == OURS[0]);
        reader.facts.empty = header.names.is_empty();
        reader.header = Some(Arc::new(header));
        Ok(reader)
    }

    /// The same input from its beginning, however far this one was read.
    ///
    /// # Errors
    /// As the first time.
    pub fn again(&self) -> Result<Self, Error> {
        Self::open(Arc::clone(&self.opener), Arc::clone(&self.file))
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The header that all rows share; `None` for JSON, where each row has its
    /// own, and for an empty input.
    pub fn header(&self) -> Option<&Arc<Header>> {
        self.header.as_ref()
    }

    fn error(&self, line: u64, kind: ErrorKind) -> Error {
        let line = (line > 0).then_some(line);
        Error::new(&self.file, line, kind)
    }

    /// A row of another length than the header. A sheet leaves out the empty
    /// cells at a row's end.
    fn misfit(&self, cells: &Cells) -> Option<Fault> {
        let delimiter = self.facts.delimiter?;
        let columns = self.header.as_ref()?.names.len();
        let count = cells.len();
        if count < columns {
            return Some(Fault::TooFew { count, columns });
        }
        let surplus = cells.iter().skip(self.width).any(|cell| !cell.is_empty());
        surplus.then_some(Fault::TooMany {
            count,
            columns,
            delimiter,
        })
    }
}

impl Iterator for Reader {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let mut record = Record {
            file: Arc::clone(&self.file),
            header: self.header.clone().unwrap_or_default(),
            ..Record::default()
        };
        let read = self.rows.read(&mut record);
        self.ended = !matches!(read, Ok(true));
        match read {
            Ok(true) => {}
            Ok(false) => return None,
            Err(kind) => {
                return Some(Err(self.error(record.line, kind)));
            }
        }
        if self.corrected {
            record.cells = record.cells.iter().map(restore).collect();
        }
        if record.fault.is_none() {
            let fault = unfit_cell(&mut record.cells).or_else(|| self.misfit(&record.cells));
            record.fault = fault.map(|fault| fault.to_string());
        }
        Some(Ok(record))
    }
}

/// What no cell may hold. A monstrous cell is cut, so that nobody carries it on.
fn unfit_cell(cells: &mut Cells) -> Option<Fault> {
    let long = |cell: &str| cell.len() > LONGEST_CELL;
    if let Some(index) = cells.iter().position(long) {
        let cut = |cell: &str| cell[..cell.floor_char_boundary(SHOWN)].to_owned();
        *cells = cells.iter().map(cut).collect();
        return Some(Fault::StrangeCell(index + 1, "is longer than 256 kB"));
    }
    memchr::memchr(0, cells.as_slice().as_bytes())?;
    let index = cells.iter().position(|cell| cell.contains('\0'))?;
    Some(Fault::StrangeCell(index + 1, "holds a NUL character"))
}

/// The header that a first row is, without the nameless columns at its end that
/// a spreadsheet leaves. It may not name a column twice, nor be a lead.
fn header_of(first: &Cells) -> Result<Header, ErrorKind> {
    let mut names: Vec<String> = first.iter().map(str::to_owned).collect();
    while names.last().is_some_and(|name| name.trim().is_empty()) {
        names.pop();
    }
    if let Some(data) = names.iter().find(|name| is_contact(name)) {
        return Err(ErrorKind::HeaderIsLead(data.trim().to_owned()));
    }
    let header = Header { names };
    match header.twice() {
        None => Ok(header),
        Some((first, second)) => Err(ErrorKind::ColumnTwice {
            name: header.names[first].trim().to_owned(),
            first: first + 1,
            second: second + 1,
        }),
    }
}

/// Whether a text is an e-mail address or a telephone number, as no column is
/// called.
pub fn is_contact(text: &str) -> bool {
    let text = text.trim();
    let is_email = text.split_once('@').is_some_and(|(name, host)| {
        let inside = host.contains('.') && !host.ends_with('.') && !host.contains('@');
        !name.is_empty() && inside && !text.contains(char::is_whitespace)
    });
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let of_phone = |c: char| c.is_ascii_digit() || "+.-()/ \u{a0}\u{202f}".contains(c);
    is_email || (9..=15).contains(&digits) && text.chars().all(of_phone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str]) -> Result<(), String> {
        let header = header_of(&Cells::from_iter(names));
        header.map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn data_is_no_header() {
        for data in ["jean@example.fr", "06 39 98 01 23", "+33639980123"] {
            let refused = check(&["Dupont", data]).expect_err("a lead");
            assert!(refused.contains(data), "{refused}");
        }
        assert_eq!(check(&["E-mail (@)", "25638", "Téléphone 1"]), Ok(()));
    }

    #[test]
    fn a_name_twice_is_refused_with_its_places() {
        let refused = check(&["Nom", "", "Ville", "Nom ", ""]).expect_err("twice");
        assert!(refused.contains("columns 1 and 4"));
        assert_eq!(check(&["", "Nom", ""]), Ok(()));
    }
}
