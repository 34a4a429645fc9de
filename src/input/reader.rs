//! One input, whatever its format: what was found out about it, then its rows.
//! Knows what a header is, and what no cell may hold.

use std::collections::VecDeque;
use std::sync::Arc;

use super::error::{Error, ErrorKind, Fault, all_quoted};
use super::evidence::TextEncoding;
use super::format::Format;
use super::header::{SEARCHED, filled, header_of, is_contact, is_lead, shown};
use super::options::Options;
use super::window::SHOWN;
use crate::lead::csv_injection::restore;
use crate::lead::{Cells, Header, Record, is_ours};
use crate::words::say;

/// A cell longer than this is no cell of a lead.
const LONGEST_CELL: usize = 256 * 1024;

/// What was found out about an input, for messages and for writing rows back
/// in the form that they came in.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub format: Format,
    pub encoding: TextEncoding,
    /// NULs at its end, which are left out.
    pub nuls: u64,
    /// For delimited text.
    pub delimiter: Option<u8>,
    /// Its lines end as those of Windows do.
    pub crlf: bool,
    /// For workbooks: the sheets that are read, the others, and those that are
    /// listed and not there.
    pub sheets: Vec<String>,
    pub other_sheets: Vec<String>,
    pub lost_sheets: Vec<String>,
    /// What is hidden in a workbook and not read, in words.
    pub left_out: Option<String>,
    /// Of a workbook whose sheet is empty: the sheets that hold rows.
    pub sheets_with_rows: Vec<String>,
    /// Nothing but blanks in it.
    pub empty: bool,
    /// The line of the column names, where all rows share them.
    pub header_line: Option<u64>,
    /// What stands above them, such as a title: nothing of it is a lead.
    pub above: Vec<String>,
}

/// Lines shown of those above the column names.
const TITLES: usize = 3;

impl Facts {
    /// What it is: `CSV · Windows-1252 (assumed) · ; between cells · headers on line 4`.
    pub fn in_words(&self) -> String {
        let mut parts = vec![self.format.in_words()];
        parts.push(match (&self.sheets[..], all_quoted(&self.sheets)) {
            ([], _) => self.encoding.name(),
            ([_], sheet) => say!("input-facts-sheet", sheet),
            (_, sheets) => say!("input-facts-sheets", sheets),
        });
        parts.extend(self.delimiter.map(|delimiter| match delimiter {
            b'\t' => say!("input-facts-tabs"),
            other => {
                let delimiter = char::from(other).to_string();
                say!("input-facts-delimiter", delimiter)
            }
        }));
        let line = self.header_line.filter(|_| !self.empty);
        parts.extend(line.map(|line| say!("input-facts-header", line)));
        parts.join(" · ")
    }

    /// Where the column names stand, if there is something above them.
    pub fn titles_in_words(&self) -> Option<String> {
        let line = self.header_line.filter(|_| !self.above.is_empty())?;
        let mut above = all_quoted(&self.above[..self.above.len().min(TITLES)]);
        if self.above.len() > TITLES {
            above += ", …";
        }
        Some(say!("input-facts-titles", line, above))
    }

    /// What the rows of an input are said to be from.
    pub fn files(&self, input: &str) -> Vec<Arc<str>> {
        match &self.sheets[..] {
            [] | [_] => vec![input.into()],
            sheets => sheets.iter().map(|sheet| of_sheet(input, sheet)).collect(),
        }
    }
}

/// A sheet of an input, where several are read.
fn of_sheet(input: &str, sheet: &str) -> Arc<str> {
    format!("{input} ({sheet})").into()
}

/// What gives the rows of a format.
pub trait Rows: Send {
    /// Fills the line, cells and fault of the next row that is not blank, and
    /// the header where each has its own; `false`: there is none.
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind>;

    /// Goes on to the next table of the input, whose columns may be others: its
    /// name; `None`: there is none.
    fn next_table(&mut self) -> Option<String> {
        None
    }

    /// Whether the row ended where its line does: what it lacks is then left out,
    /// and not cut off.
    fn ended(&self) -> bool {
        true
    }
}

/// Finds out what an input is, and gives its rows from the first one, as often as
/// it is asked.
pub type Opener = dyn Fn() -> Result<(Facts, Box<dyn Rows>), ErrorKind> + Send + Sync;

/// The rows of an input. After an [`Error`] there are none.
pub struct Reader {
    opener: Arc<Opener>,
    options: Options,
    facts: Facts,
    rows: Box<dyn Rows>,
    /// Rows that were read in search of the header.
    read: VecDeque<Record>,
    /// As the user named it.
    input: Arc<str>,
    /// The same, with the sheet where several are read.
    file: Arc<str>,
    header: Option<Arc<Header>>,
    /// Cells in the header row; those at its end may have no name.
    width: usize,
    /// Short rows are as their writer meant them; found out at the first of them.
    short_fits: Option<bool>,
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
    pub fn open(opener: Arc<Opener>, file: Arc<str>, options: &Options) -> Result<Self, Error> {
        let found = opener();
        let (facts, rows) = found.map_err(|kind| Error::new(&file, None, kind))?;
        let mut reader = Self {
            opener,
            facts,
            rows,
            options: options.clone(),
            read: VecDeque::new(),
            input: Arc::clone(&file),
            file,
            header: None,
            width: usize::MAX,
            short_fits: None,
            corrected: false,
            ended: false,
        };
        let own_headers = matches!(reader.facts.format, Format::Json | Format::Jsonl);
        if reader.facts.empty || own_headers {
            return Ok(reader);
        }
        if let [first, _, ..] = &reader.facts.sheets[..] {
            reader.file = of_sheet(&reader.input, first);
        }
        if reader.options.bare {
            return Ok(reader);
        }
        reader.read_header()?;
        reader.facts.empty = reader.header().is_none_or(|header| header.names.is_empty());
        Ok(reader)
    }

    /// Reads the header of a table.
    fn read_header(&mut self) -> Result<(), Error> {
        let found = self.find_header()?;
        let header = self.take_header(found)?;
        self.corrected = header.names.iter().any(|name| is_ours(name));
        self.header = Some(Arc::new(header));
        Ok(())
    }

    /// The next row of any table.
    fn next_row(&mut self) -> Option<Result<Record, Error>> {
        loop {
            if let Some(row) = self.read.pop_front() {
                return Some(Ok(row));
            }
            if let Some(row) = self.read_row() {
                return Some(row);
            }
            let name = self.rows.next_table()?;
            self.file = of_sheet(&self.input, &name);
            self.ended = false;
            if !self.options.bare
                && let Err(error) = self.read_header()
            {
                self.ended = true;
                return Some(Err(error));
            }
        }
    }

    /// The same input from its beginning, however far this one was read.
    ///
    /// # Errors
    /// As the first time.
    pub fn again(&self) -> Result<Self, Error> {
        Self::open(
            Arc::clone(&self.opener),
            Arc::clone(&self.input),
            &self.options,
        )
    }

    /// Reads as many rows as it takes to know which one names the columns: the
    /// first whose cells are mostly known names, or the last of several such.
    fn find_header(&mut self) -> Result<Option<usize>, Error> {
        let (known, said) = (self.options.known.clone(), self.options.header_row);
        let is_header = |row: &Record| match (said, &known) {
            (Some(line), _) => row.line == line,
            (None, known) => known.as_ref().is_none_or(|known| known.are_in(row)),
        };
        let last = said.unwrap_or(SEARCHED);
        let mut found = None;
        while let Some(row) = self.read_row().transpose()? {
            let (is_it, line) = (is_header(&row), row.line);
            self.read.push_back(row);
            match found {
                None if is_it => found = Some(self.read.len() - 1),
                None if line < last => continue,
                // Another storey of names, unless one was told.
                Some(_) if is_it => found = Some(self.read.len() - 1),
                _ => break,
            }
            if known.is_none() || said.is_some() {
                break;
            }
        }
        match (said, found) {
            (Some(line), None) => Err(self.error(line, ErrorKind::NoHeaderThere)),
            _ => Ok(found),
        }
    }

    /// Makes the header of the row that was found, else of the first. What stands
    /// above it is no lead.
    fn take_header(&mut self, found: Option<usize>) -> Result<Header, Error> {
        let at = found.unwrap_or(0);
        let mut above: Vec<Record> = self.read.drain(..at.min(self.read.len())).collect();
        let Some(mut row) = self.read.pop_front() else {
            return Ok(Header::default());
        };
        let line = row.line;
        let unfit = unfit_cell(&mut row.cells).map(|fault| fault.to_string());
        if let Some(fault) = row.fault.or(unfit) {
            return Err(self.error(line, ErrorKind::Header(fault)));
        }
        let mut cells = row.cells;
        let names = filled(&cells).count();
        if let (Some(known), None) = (&self.options.known, self.options.header_row) {
            let is_wider = |row: &&Record| filled(&row.cells).count() >= 2 * names;
            let wider: Vec<&Record> = self.read.iter().filter(is_wider).collect();
            if found.is_none() && 2 * wider.len() > self.read.len() {
                let (first, wider) = (shown(&cells), wider[0].line);
                return Err(self.error(line, ErrorKind::NoHeader { first, wider }));
            }
            if let Some(lead) = above.iter().find(|row| is_lead(&row.cells, names)) {
                let kind = ErrorKind::LeadsAbove { header: line };
                return Err(self.error(lead.line, kind));
            }
            while let Some(upper) = above.pop_if(|upper| known.are_in(upper)) {
                cells = known.over(&upper.cells, &cells);
            }
            if let Some(upper) = above.last() {
                cells = known.over(&upper.cells, &cells);
            }
        }
        self.facts.header_line = Some(line);
        self.facts.above = above.iter().map(|row| shown(&row.cells)).collect();
        self.width = cells.len();
        header_of(&cells).map_err(|kind| self.error(line, kind))
    }

    /// A row as its format gives it.
    fn read_row(&mut self) -> Option<Result<Record, Error>> {
        if self.ended {
            return None;
        }
        let mut record = Record {
            file: Arc::clone(&self.file),
            ..Record::default()
        };
        let read = self.rows.read(&mut record);
        self.ended = !matches!(read, Ok(true));
        match read {
            Ok(true) => Some(Ok(record)),
            Ok(false) => None,
            Err(kind) => Some(Err(self.error(record.line, kind))),
        }
    }

    fn error(&self, line: u64, kind: ErrorKind) -> Error {
        let line = (line > 0).then_some(line);
        Error::new(&self.file, line, kind)
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The header that all rows share; `None` for JSON, where each row has its
    /// own, and for an empty input.
    pub fn header(&self) -> Option<&Arc<Header>> {
        self.header.as_ref()
    }

    /// A sheet leaves out the empty cells at a row's end. What stands beyond the
    /// columns may stand far away: it follows.
    fn fit(&self, record: &mut Record) {
        if record.cells.len() > self.width {
            let cells = record.cells.iter().enumerate();
            let near = cells.filter(|(at, cell)| *at < self.width || !cell.is_empty());
            record.cells = near.map(|(_, cell)| cell).collect();
        }
        while record.cells.len() < record.header.names.len() {
            record.cells.push_field("");
        }
    }

    /// A row of another length than the header. A sheet leaves out the empty
    /// cells at a row's end, and so do many who write CSV.
    fn misfit(&mut self, record: &mut Record) -> Option<Fault> {
        let delimiter = self.facts.delimiter?;
        let columns = self.header.as_ref()?.names.len();
        let count = record.cells.len();
        if count < columns {
            if !self.short_fits() {
                return Some(Fault::TooFew { count, columns });
            }
            record.left_out = columns - count;
            record.cells.extend(vec![""; columns - count]);
            return None;
        }
        let mut surplus = record.cells.iter().skip(self.width);
        surplus
            .any(|cell| !cell.is_empty())
            .then_some(Fault::TooMany {
                count,
                columns,
                delimiter,
            })
    }

    /// Whether every short row of the input only lacks cells at its end. One that
    /// does not end as lines do is cut short.
    fn short_fits(&mut self) -> bool {
        if let Some(known) = self.short_fits {
            return known;
        }
        let columns = self.header.as_ref().map_or(0, |header| header.names.len());
        let rows = (self.opener)().map(|(_, rows)| rows);
        let fits = rows.is_ok_and(|rows| all_end(rows, self.facts.header_line, columns));
        *self.short_fits.insert(fits)
    }
}

/// Whether no row after the header that has less than `columns` cells is cut short,
/// nor half of one that a line break amid a cell cut in two.
fn all_end(mut rows: Box<dyn Rows>, header: Option<u64>, columns: usize) -> bool {
    let contacts = |cells: &Cells| {
        let places = cells.iter().enumerate();
        let contacts = places.filter(|(_, cell)| is_contact(cell));
        contacts
            .map(|(place, cell)| (place, cell.contains('@')))
            .collect::<Vec<_>>()
    };
    let mut before = Cells::new();
    let mut record = Record::default();
    while rows.read(&mut record).is_ok_and(|read| read) {
        let cells = std::mem::take(&mut record.cells);
        if Some(record.line) <= header || record.fault.is_some() || cells.len() >= columns {
            before.clear();
            continue;
        }
        let halves = before.len() + cells.len() == columns + 1 && !before.is_empty();
        let first = contacts(&before);
        let alike = || {
            contacts(&cells)
                .iter()
                .any(|contact| first.contains(contact))
        };
        if !rows.ended() || halves && !alike() {
            return false;
        }
        before = cells;
    }
    true
}

impl Iterator for Reader {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = match self.next_row()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        if let Some(header) = &self.header {
            record.header = Arc::clone(header);
        }
        if self.corrected {
            record.cells = record.cells.iter().map(restore).collect();
        }
        if self.facts.format.is_workbook() {
            self.fit(&mut record);
        }
        if record.fault.is_none() {
            let fault = unfit_cell(&mut record.cells).or_else(|| self.misfit(&mut record));
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
        return Some(Fault::LongCell(index + 1));
    }
    memchr::memchr(0, cells.as_slice().as_bytes())?;
    let index = cells.iter().position(|cell| cell.contains('\0'))?;
    Some(Fault::NulCell(index + 1))
}
