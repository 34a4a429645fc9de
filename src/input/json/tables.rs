//! The rows of tables in a JSON text.

use std::io;
use std::sync::Arc;

use super::super::error::{ErrorKind, Fault};
use super::super::header::header_of;
use super::super::nesting::Open;
use super::super::no_object::{no_object, syntax};
use super::super::table;
use super::super::window::LONGEST_ROW;
use super::JsonRows;
use crate::lead::{Cells, Header, Record};

/// A table that is written column by column is held whole, up to this length.
const LONGEST_TABLE: usize = 4 * 1024 * 1024;

impl JsonRows {
    /// A row of a table; `false`: it only names the columns, or is blank.
    pub(super) fn row(
        &mut self,
        byte: u8,
        indent: Option<usize>,
        record: &mut Record,
    ) -> Result<bool, ErrorKind> {
        if byte != b'[' {
            return Ok(self.no_row(record)?);
        }
        let (length, cells) = match self.text.value_end(LONGEST_ROW)? {
            Ok(length) => (Some(length), self.cells(length)),
            Err(fault) => (None, Err(fault)),
        };
        let Some(Open::Rows(known)) = self.nesting.innermost() else {
            return Ok(false);
        };
        let header = match (&cells, &*known) {
            (Err(fault), None) => return Err(ErrorKind::Header(fault.to_string())),
            (Ok(cells), _) if cells.iter().all(|cell| cell.trim().is_empty()) => None,
            (Ok(cells), None) => {
                *known = Some(Arc::new(header_of(cells)?));
                None
            }
            (_, Some(header)) => Some(Arc::clone(header)),
        };
        match (cells, &header, length) {
            (Ok(cells), Some(header), _) => fill(record, header, cells),
            (Ok(_), None, _) => {}
            (Err(fault), _, Some(length)) => self.unread(length, &fault, record),
            (Err(fault), _, None) => {
                self.broken(indent, &fault, record)?;
                return Ok(true);
            }
        }
        self.text.window.consume(length.unwrap_or_default());
        Ok(header.is_some())
    }

    /// The cells of the list that the next `length` bytes are.
    fn cells(&self, length: usize) -> Result<Cells, Fault> {
        let text = self.text.text(length)?;
        table::row(&text).map_err(|error| syntax(&error, &text, self.text.window.line()))
    }

    /// A table that is written column by column; `false`: it has no rows.
    pub(super) fn turn(
        &mut self,
        key: Option<&str>,
        indent: Option<usize>,
        record: &mut Record,
    ) -> Result<bool, ErrorKind> {
        let end = match self.text.value_end(LONGEST_TABLE)? {
            Ok(end) => end,
            Err(Fault::TooLong) => return Err(ErrorKind::LongTable),
            Err(_) => return Ok(self.element(indent, record)?),
        };
        let line = self.text.window.line();
        let text = self.text.text(end).unwrap_or_default();
        let Ok(rows) = table::turned(&text, key) else {
            return Ok(self.element(indent, record)?);
        };
        let mut rows = rows.into_iter();
        let header = Arc::new(header_of(&rows.next().unwrap_or_default())?);
        self.pending.extend(rows.map(|cells| {
            let mut record = Record {
                line,
                ..Record::default()
            };
            fill(&mut record, &header, cells);
            record
        }));
        self.text.window.consume(end);
        Ok(self.pop(record))
    }

    /// Anything but a list where a row should stand.
    fn no_row(&mut self, record: &mut Record) -> io::Result<bool> {
        let line = self.text.window.line();
        let mut is_first = true;
        let ends_before = |byte| !std::mem::take(&mut is_first) && b"[]".contains(&byte);
        let left = self.text.leave_until(ends_before)?;
        let left = left.trim_ascii_end();
        self.tell(line, left, &no_object(left), record);
        Ok(true)
    }
}

/// Makes a row of a table the record.
fn fill(record: &mut Record, header: &Arc<Header>, mut cells: Cells) {
    let (count, columns) = (cells.len(), header.names.len());
    let mut surplus = cells.iter().skip(columns);
    let is_wider = surplus.any(|cell| !cell.trim().is_empty());
    while cells.len() < columns {
        cells.push_field("");
    }
    record.header = Arc::clone(header);
    record.cells = cells;
    record.fault = is_wider.then(|| Fault::Wider { count, columns }.to_string());
}
