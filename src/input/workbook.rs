//! Rows of a workbook's sheet, read by calamine on a thread that waits for its
//! rows to be taken: those of .xlsx and .xlsb are not kept in memory. What a
//! damaged file makes panic there is damage, too.

use std::collections::HashSet;
use std::io::{self, BufReader, Read as _};
use std::panic;
use std::sync::Once;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use calamine::{
    DataType, Ods, Reader as _, SheetType, SheetVisible, Sheets, Style, Xls, Xlsb, Xlsx, XlsxError,
};
use zip::ZipArchive;

use super::error::{ErrorKind, Fault};
use super::file::InputFile;
use super::format::Format;
use super::header::SEARCHED;
use super::number_format::NumberFormat;
use super::options::Options;
use super::reader::{Facts, Rows};
use super::window::LONGEST_ROW;
use crate::lead::{Cells, NOT_CALCULATED, Record};

/// Rows that may wait to be taken.
const WAITING: usize = 256;
/// The columns that a sheet can have.
const COLUMNS: u32 = 16_384;
const THREAD: &str = "workbook";

type Workbook = Sheets<BufReader<InputFile>>;

/// The rows of one sheet.
pub struct SheetRows {
    first: Option<Row>,
    rows: Receiver<Row>,
    /// Gives, where the sheet is empty, the names of those that hold rows.
    reading: Option<JoinHandle<Result<Vec<String>, ErrorKind>>>,
    format: Format,
}

#[derive(Default)]
struct Row {
    /// The sheet's own number.
    line: u64,
    cells: Cells,
    fault: Option<Fault>,
}

/// Opens the sheet that is wanted, or the first one that is not hidden. `format`:
/// as the file's first bytes tell.
///
/// # Errors
/// No workbook, or no such sheet.
pub fn open(
    file: InputFile,
    format: Format,
    options: &Options,
) -> Result<(Facts, SheetRows), ErrorKind> {
    let wanted = options.sheet.clone();
    let searched = options.header_row.unwrap_or(SEARCHED);
    let (to, rows) = sync_channel(WAITING);
    let (tell, told) = sync_channel(1);
    let mut rows = SheetRows {
        first: None,
        rows,
        reading: Some(on_thread(move || {
            read(file, format, wanted, searched, &tell, &to)
        })?),
        format,
    };
    let Ok(mut facts) = told.recv() else {
        rows.end()?;
        return Err(ErrorKind::Damaged(rows.format.in_full(), None));
    };
    rows.format = facts.format;
    rows.first = rows.rows.recv().ok();
    if rows.first.is_none() {
        facts.sheets_with_rows = rows.end()?;
    }
    Ok((facts, rows))
}

impl SheetRows {
    fn end(&mut self) -> Result<Vec<String>, ErrorKind> {
        match self.reading.take().map(JoinHandle::join) {
            None => Ok(Vec::new()),
            Some(Ok(ended)) => ended,
            Some(Err(_panic)) => Err(ErrorKind::Damaged(self.format.in_full(), None)),
        }
    }
}

impl Rows for SheetRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        let Some(row) = self.first.take().or_else(|| self.rows.recv().ok()) else {
            self.end()?;
            return Ok(false);
        };
        record.line = row.line;
        record.cells = row.cells;
        record.fault = row.fault.map(|fault| fault.to_string());
        Ok(true)
    }
}

/// A thread of which a panic is an answer, and is not told.
fn on_thread<T, F>(work: F) -> io::Result<JoinHandle<T>>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().name() != Some(THREAD) {
                tell(panic);
            }
        }));
    });
    let thread = thread::Builder::new().name(THREAD.to_owned());
    thread.spawn(work)
}

/// Reads a sheet: tells what it is, then gives its rows as they are taken.
/// `searched`: the column names stand no further down than on this line.
fn read(
    file: InputFile,
    format: Format,
    wanted: Option<String>,
    searched: u64,
    tell: &SyncSender<Facts>,
    to: &SyncSender<Row>,
) -> Result<Vec<String>, ErrorKind> {
    let (format, uncalculated) = match format {
        Format::Xls => (format, false),
        _ => look_through(file.again()).map_err(|error| damaged(format, error))?,
    };
    let workbook = open_as(format, BufReader::new(file));
    let mut workbook = workbook.map_err(|error| damaged(format, error))?;
    let (sheet, mut others) = choose(&workbook, wanted)?;
    // Who does not listen any more takes no rows either.
    let _ = tell.send(Facts {
        sheet: Some(sheet.clone()),
        other_sheets: others.clone(),
        format,
        ..Facts::default()
    });
    let mut sending = RowSender {
        to,
        row: Row::default(),
        width: None,
        searched,
        free: (0, 0),
    };
    let sent = sending.sheet(&mut workbook, &sheet, uncalculated);
    sent.map_err(|error| damaged(format, error))?;
    let empty = sending.width.is_none();
    others.retain(|name| {
        let mut range = || workbook.worksheet_range(name);
        empty && range().is_ok_and(|range| !range.is_empty())
    });
    Ok(others)
}

fn damaged(format: Format, error: impl Into<calamine::Error>) -> ErrorKind {
    match error.into() {
        calamine::Error::Xlsx(XlsxError::CellError(word)) => ErrorKind::ErrorCell(word),
        error => ErrorKind::Damaged(format.in_full(), Some(Box::new(error))),
    }
}

fn open_as(format: Format, file: BufReader<InputFile>) -> Result<Workbook, calamine::Error> {
    Ok(match format {
        Format::Xls => Sheets::Xls(Xls::new(file)?),
        Format::Xlsb => Sheets::Xlsb(Xlsb::new(file)?),
        Format::Ods => Sheets::Ods(Ods::new(file)?),
        _ => Sheets::Xlsx(Xlsx::new(file)?),
    })
}

/// Reads an archive once: only at its end shows whether a part is whole (its
/// checksum), and a lead may be on its way by then. Tells whether its formulas
/// are calculated only when it is opened, so that a 0 is no result.
fn look_through(file: InputFile) -> Result<(Format, bool), XlsxError> {
    let mut archive = ZipArchive::new(file)?;
    for index in 0..archive.len() {
        io::copy(&mut archive.by_index(index)?, &mut io::sink())?;
    }
    let mut about = String::new();
    if let Ok(mut part) = archive.by_name("xl/workbook.xml") {
        let _ = part.read_to_string(&mut about);
    }
    let uncalculated = about.contains("fullCalcOnLoad=\"1\"");
    let has = |wanted: &str| archive.index_for_name(wanted).is_some();
    let format = match () {
        () if has("xl/workbook.bin") => Format::Xlsb,
        () if has("content.xml") => Format::Ods,
        () => Format::Xlsx,
    };
    Ok((format, uncalculated))
}

/// The name of the sheet that is read, and those of the others: the one that is
/// wanted, else the first that is not hidden, else the first.
fn choose(workbook: &Workbook, wanted: Option<String>) -> Result<(String, Vec<String>), ErrorKind> {
    let sheets = workbook.sheets_metadata().iter();
    let sheets = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let visible = |sheet: &calamine::Sheet| sheet.visible == SheetVisible::Visible;
    let index = match &wanted {
        Some(wanted) => sheets.clone().position(|sheet| sheet.name == *wanted),
        None => Some(sheets.clone().position(visible).unwrap_or(0)),
    };
    let mut sheets: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    match index.filter(|index| *index < sheets.len()) {
        Some(index) => Ok((sheets.remove(index), sheets)),
        None => Err(ErrorKind::UnknownSheet {
            wanted: wanted.unwrap_or_default(),
            sheets,
        }),
    }
}

/// The rows of a sheet on their way to the reader.
struct RowSender<'s> {
    to: &'s SyncSender<Row>,
    row: Row,
    /// The cells of the widest row of those of which one names the columns.
    width: Option<usize>,
    searched: u64,
    /// No cell that holds something may stand before this row and column.
    free: (u32, u32),
}

impl RowSender<'_> {
    fn sheet(
        &mut self,
        workbook: &mut Workbook,
        name: &str,
        uncalculated: bool,
    ) -> Result<(), calamine::Error> {
        let plain = NumberFormat::default();
        match workbook {
            Sheets::Xlsx(workbook) => {
                let missing = not_calculated(workbook, name, uncalculated)?;
                let mut cells = workbook.worksheet_cells_reader(name)?;
                let formats: Vec<_> = cells.styles().iter().map(number_format).collect();
                while let Some((cell, style)) = cells.next_cell_with_style_id()? {
                    let place = cell.get_position();
                    let format = formats.get(style).unwrap_or(&plain);
                    match missing.contains(&place) {
                        true => self.add(place, NOT_CALCULATED)?,
                        false => self.add(place, &format.show(cell.get_value()))?,
                    }
                }
            }
            Sheets::Xlsb(workbook) => {
                let mut cells = workbook.worksheet_cells_reader(name)?;
                while let Some(cell) = cells.next_cell()? {
                    self.add(cell.get_position(), &plain.show(cell.get_value()))?;
                }
            }
            Sheets::Xls(_) | Sheets::Ods(_) => {
                let range = workbook.worksheet_range(name)?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    let place = (top + row as u32, left + column as u32);
                    self.add(place, &plain.show(value))?;
                }
            }
        }
        // The rows before a damage are given all the same, but not the one it cut off.
        self.end_row()
    }

    /// Whether this row may name the columns.
    fn is_searched(&self) -> bool {
        self.width.is_none() || self.row.line <= self.searched
    }

    /// Adds a cell; cells beyond the columns that can have a name follow each
    /// other, wherever they stand.
    fn add(&mut self, place: (u32, u32), text: &str) -> Result<(), calamine::Error> {
        if text.is_empty() {
            return Ok(());
        }
        // Two cells in one place, or rows in disorder, would make one lead of two.
        if place < self.free || place.1 >= COLUMNS {
            return Err(calamine::Error::Msg("cells in disorder"));
        }
        let (row, column) = place;
        let line = u64::from(row) + 1;
        self.free = (row, column + 1);
        if line != self.row.line {
            self.end_row()?;
            self.row.line = line;
        }
        if self.row.cells.as_slice().len() > LONGEST_ROW {
            self.row.fault = Some(Fault::TooLong);
            return Ok(());
        }
        let most = self.width.filter(|_| !self.is_searched());
        let column = (column as usize).min(most.unwrap_or(usize::MAX));
        while self.row.cells.len() < column {
            self.row.cells.push_field("");
        }
        self.row.cells.push_field(text);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), calamine::Error> {
        let is_searched = self.is_searched();
        let row = std::mem::take(&mut self.row);
        if row.cells.as_slice().trim().is_empty() {
            return Ok(());
        }
        if is_searched {
            self.width = self.width.max(Some(row.cells.len()));
        }
        let sent = self.to.send(row);
        sent.map_err(|_| calamine::Error::Msg("nobody takes the rows any more"))
    }
}

/// How cells of a style show numbers.
fn number_format(style: &Style) -> NumberFormat {
    let format = style.number_format.as_ref();
    format.map_or_else(NumberFormat::default, |format| {
        NumberFormat::of(&format.format_code)
    })
}

/// The cells of formulas that nobody calculated: who wrote them left that to
/// Excel.
fn not_calculated(
    workbook: &mut Xlsx<BufReader<InputFile>>,
    sheet: &str,
    zero_is_none: bool,
) -> Result<HashSet<(u32, u32)>, XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(sheet)?;
    let mut found = HashSet::new();
    while let Some(cell) = cells.next_cell_with_formula_metadata()? {
        let zero = zero_is_none && cell.value.get_float() == Some(0.0);
        if cell.formula.is_some() && (cell.value.is_empty() || zero) {
            found.insert(cell.pos);
        }
    }
    Ok(found)
}
