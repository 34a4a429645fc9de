//! Rows of a workbook's sheet, read by calamine on a thread that waits for its
//! rows to be taken: those of .xlsx and .xlsb are not kept in memory. What a
//! damaged file makes panic there is damage, too.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::panic;
use std::sync::Once;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use calamine::{
    DataType, Ods, Reader as _, SheetType, SheetVisible, Sheets, Xls, Xlsb, Xlsx, XlsxError,
};
use zip::ZipArchive;
use zip::result::ZipError;

use super::error::{ErrorKind, Fault};
use super::format::{Container, Format};
use super::number_format::NumberFormat;
use super::reader::Rows;
use super::window::LONGEST_ROW;
use crate::lead::{Cells, NOT_CALCULATED, Record};

/// Rows that may wait to be taken.
const WAITING: usize = 256;
/// The columns that a sheet can have.
const COLUMNS: u32 = 16_384;
const THREAD: &str = "workbook";

type Workbook = Sheets<BufReader<File>>;

/// The rows of one sheet.
pub struct SheetRows {
    rows: Receiver<Row>,
    reading: Option<JoinHandle<Result<(), Stop>>>,
    format: Format,
}

/// A workbook whose sheet was chosen.
pub struct Opened {
    pub format: Format,
    /// The sheet that is read.
    pub sheet: String,
    pub others: Vec<String>,
    /// Where the sheet is empty: those that hold rows.
    pub with_rows: Vec<String>,
    workbook: Workbook,
    /// Formulas that nobody calculated.
    missing: HashSet<(u32, u32)>,
}

#[derive(Default)]
struct Row {
    /// The sheet's own number.
    line: u64,
    cells: Cells,
    fault: Option<Fault>,
}

/// Why reading ends early.
enum Stop {
    /// Nobody takes the rows any more.
    Left,
    Damaged(calamine::Error),
}

impl Stop {
    fn explained(self, format: Format) -> ErrorKind {
        match self {
            Self::Left => format.damaged(None),
            Self::Damaged(calamine::Error::Xlsx(XlsxError::CellError(word))) => {
                ErrorKind::ErrorCell(word)
            }
            Self::Damaged(error) => format.damaged(Some(error)),
        }
    }
}

impl<E: Into<calamine::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Damaged(error.into())
    }
}

impl Opened {
    /// Opens the sheet that is wanted, or the first one that is not hidden.
    ///
    /// # Errors
    /// No workbook, or no such sheet.
    pub fn new(
        file: File,
        container: Container,
        wanted: Option<String>,
    ) -> Result<Self, ErrorKind> {
        let usual = container.workbook();
        let opening = on_thread(move || {
            let (workbook, format, uncalculated) = open(file, container)?;
            let (sheet, others) = choose(&workbook, wanted)?;
            let mut opened = Self {
                format,
                sheet,
                others,
                with_rows: Vec::new(),
                workbook,
                missing: HashSet::new(),
            };
            opened
                .look(uncalculated)
                .map_err(|stop| stop.explained(format))?;
            Ok(opened)
        })?;
        opening.join().unwrap_or(Err(usual.damaged(None)))
    }

    /// Looks through the sheet, and where it is empty through all.
    fn look(&mut self, uncalculated: bool) -> Result<(), Stop> {
        if let Sheets::Xlsx(workbook) = &mut self.workbook {
            self.missing = not_calculated(workbook, &self.sheet, uncalculated)?;
        }
        if !holds_rows(&mut self.workbook, &self.sheet) {
            self.with_rows.clone_from(&self.others);
            self.with_rows
                .retain(|name| holds_rows(&mut self.workbook, name));
        }
        Ok(())
    }

    /// Begins to read.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn rows(mut self) -> Result<SheetRows, ErrorKind> {
        let format = self.format;
        let (to, rows) = sync_channel(WAITING);
        let reading = on_thread(move || {
            let mut sending = Sending::new(&to, self.missing);
            sending.sheet(&mut self.workbook, &self.sheet)
        })?;
        Ok(SheetRows {
            rows,
            reading: Some(reading),
            format,
        })
    }
}

impl Rows for SheetRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        if let Ok(row) = self.rows.recv() {
            record.line = row.line;
            record.cells = row.cells;
            record.fault = row.fault.map(|fault| fault.to_string());
            // A sheet leaves out the empty cells at a row's end.
            while record.cells.len() < record.header.names.len() {
                record.cells.push_field("");
            }
            return Ok(true);
        }
        match self.reading.take().map(JoinHandle::join) {
            None | Some(Ok(Ok(()))) => Ok(false),
            Some(Ok(Err(stop))) => Err(stop.explained(self.format)),
            Some(Err(_)) => Err(self.format.damaged(None)),
        }
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

/// Opens a workbook; and tells whether its formulas are calculated only when it
/// is opened, so that a 0 is no result.
fn open(file: File, container: Container) -> Result<(Workbook, Format, bool), ErrorKind> {
    let (format, uncalculated) = match container {
        Container::Compound => (Format::Xls, false),
        Container::Zip | Container::Text => {
            let seen = file
                .try_clone()
                .map_err(ZipError::from)
                .and_then(look_through);
            let error = |error| calamine::Error::from(XlsxError::from(error));
            seen.map_err(|zip| Format::Xlsx.damaged(Some(error(zip))))?
        }
    };
    let workbook = open_as(format, BufReader::new(file));
    let workbook = workbook.map_err(|error| format.damaged(Some(error)))?;
    Ok((workbook, format, uncalculated))
}

fn open_as(format: Format, file: BufReader<File>) -> Result<Workbook, calamine::Error> {
    Ok(match format {
        Format::Xls => Sheets::Xls(Xls::new(file)?),
        Format::Xlsb => Sheets::Xlsb(Xlsb::new(file)?),
        Format::Ods => Sheets::Ods(Ods::new(file)?),
        _ => Sheets::Xlsx(Xlsx::new(file)?),
    })
}

/// Reads an archive once: only at its end shows whether a part is whole (its
/// checksum), and a lead may be on its way by then.
fn look_through(file: File) -> Result<(Format, bool), ZipError> {
    let mut archive = ZipArchive::new(file)?;
    for index in 0..archive.len() {
        io::copy(&mut archive.by_index(index)?, &mut io::sink())?;
    }
    let mut about = String::new();
    if let Ok(mut part) = archive.by_name("xl/workbook.xml") {
        let _ = part.read_to_string(&mut about);
    }
    let uncalculated = about.contains("fullCalcOnLoad=\"1\"");
    Ok((of_archive(&archive), uncalculated))
}

/// Which of the workbooks a zip archive is, by the parts in it.
fn of_archive(archive: &ZipArchive<File>) -> Format {
    let has = |wanted: &str| archive.index_for_name(wanted).is_some();
    match () {
        () if has("xl/workbook.bin") => Format::Xlsb,
        () if has("content.xml") => Format::Ods,
        () => Format::Xlsx,
    }
}

/// The name of the sheet that is read, and those of the others: the one that is
/// wanted, else the first that is not hidden, else the first.
fn choose(workbook: &Workbook, wanted: Option<String>) -> Result<(String, Vec<String>), ErrorKind> {
    let sheets = workbook.sheets_metadata().iter();
    let sheets: Vec<_> = sheets
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .collect();
    let mut names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
    if names.is_empty() {
        return Err(ErrorKind::NoSheet);
    }
    let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
    let index = match &wanted {
        None => sheets.iter().position(visible).unwrap_or(0),
        Some(wanted) => match names.iter().position(|name| name == wanted) {
            Some(index) => index,
            None => {
                return Err(ErrorKind::UnknownSheet {
                    wanted: wanted.clone(),
                    sheets: names,
                });
            }
        },
    };
    Ok((names.remove(index), names))
}

/// Whether something stands in a sheet.
fn holds_rows(workbook: &mut Workbook, name: &str) -> bool {
    let (to, _) = sync_channel(0);
    let read = Sending::new(&to, HashSet::new()).sheet(workbook, name);
    matches!(read, Err(Stop::Left))
}

/// The rows of a sheet on their way to the reader.
struct Sending<'s> {
    to: &'s SyncSender<Row>,
    row: Row,
    /// The cells of the first row, which names the columns.
    width: Option<usize>,
    /// No cell that holds something may stand before this row and column.
    free: (u32, u32),
    missing: HashSet<(u32, u32)>,
}

impl<'s> Sending<'s> {
    fn new(to: &'s SyncSender<Row>, missing: HashSet<(u32, u32)>) -> Self {
        Self {
            to,
            row: Row::default(),
            width: None,
            free: (0, 0),
            missing,
        }
    }

    fn sheet(&mut self, workbook: &mut Workbook, name: &str) -> Result<(), Stop> {
        let plain = NumberFormat::default();
        match workbook {
            Sheets::Xlsx(workbook) => {
                let mut cells = workbook.worksheet_cells_reader(name)?;
                let code = |style: &calamine::Style| style.number_format.clone();
                let formats = cells.styles().iter().map(code);
                let formats: Vec<NumberFormat> = formats
                    .map(|format| {
                        format.map_or_else(Default::default, |f| NumberFormat::of(&f.format_code))
                    })
                    .collect();
                while let Some((cell, style)) = cells.next_cell_with_style_id()? {
                    let place = cell.get_position();
                    if self.missing.contains(&place) {
                        self.add(place, NOT_CALCULATED)?;
                        continue;
                    }
                    let format = formats.get(style).unwrap_or(&plain);
                    self.add(place, &format.show(cell.get_value()))?;
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

    /// Adds a cell; cells beyond the columns that the first row names follow each
    /// other, wherever they stand.
    fn add(&mut self, place: (u32, u32), text: &str) -> Result<(), Stop> {
        if text.is_empty() {
            return Ok(());
        }
        // Two cells in one place, or rows in disorder, would make one lead of two.
        if place < self.free || place.1 >= COLUMNS {
            return Err(calamine::Error::Msg("cells in disorder").into());
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
        let column = (column as usize).min(self.width.unwrap_or(usize::MAX));
        while self.row.cells.len() < column {
            self.row.cells.push_field("");
        }
        self.row.cells.push_field(text);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        let row = std::mem::take(&mut self.row);
        if row.cells.as_slice().trim().is_empty() {
            return Ok(());
        }
        self.width.get_or_insert(row.cells.len());
        self.to.send(row).map_err(|_| Stop::Left)
    }
}

/// The cells of formulas that nobody calculated: who wrote them left that to
/// Excel.
fn not_calculated(
    workbook: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    zero_is_none: bool,
) -> Result<HashSet<(u32, u32)>, Stop> {
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
