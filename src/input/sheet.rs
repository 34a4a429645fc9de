//! Rows of an Excel workbook's sheet. The sheet is read on a thread of its own
//! that waits for its rows to be taken, so that a long one isn't kept in memory.

use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::vec;

use super::corrected;
use super::fatal::Fatal;
use super::faults;
use super::header;
use super::window::LONGEST_ROW;
use super::workbook::{self, Trouble, Workbook};
use crate::lead::{Cells, Header, Record};

/// Rows handed over at once, or their bytes, and such batches that may wait.
const BATCH: usize = 256;
const HEAVY: usize = 256 * 1024;
const WAITING: usize = 2;

/// The sheet that is read, and the others.
pub struct Sheets {
    pub read: String,
    pub others: Vec<String>,
}

/// The rows of one sheet.
pub struct Rows {
    from: Receiver<Message>,
    batch: vec::IntoIter<Row>,
    header: Arc<Header>,
    /// It is a rejects file of ours.
    corrected: bool,
    file: Arc<str>,
    ended: bool,
    /// Of an empty sheet: those of the others that hold rows.
    elsewhere: Vec<String>,
}

#[derive(Default)]
struct Row {
    /// The sheet's own number.
    line: u64,
    cells: Cells,
    fault: Option<String>,
}

enum Message {
    Opened(Sheets),
    Rows(Vec<Row>),
    Failed(Fatal),
    /// With what [`Rows::elsewhere`] gives.
    Ended(Vec<String>),
}

impl Rows {
    /// Opens `sheet`, or the first one that is not hidden, and reads its header.
    ///
    /// # Errors
    /// No workbook, no such sheet, or no header in it.
    pub fn open(
        workbook: File,
        sheet: Option<String>,
        shown_as: &str,
    ) -> Result<(Self, Sheets), Fatal> {
        let (to, from) = sync_channel(WAITING);
        let file = shown_as.to_owned();
        thread::spawn(move || {
            let last = match send_sheet(workbook, sheet, &file, &to) {
                Ok(elsewhere) => Message::Ended(elsewhere),
                Err(fatal) => Message::Failed(fatal),
            };
            // Nobody listens any more when the reader was dropped.
            let _ = to.send(last);
        });
        let mut rows = Self {
            from,
            batch: Vec::new().into_iter(),
            header: Arc::new(Header { names: Vec::new() }),
            corrected: false,
            file: shown_as.into(),
            ended: false,
            elsewhere: Vec::new(),
        };
        let sheets = match rows.from.recv() {
            Ok(Message::Opened(sheets)) => sheets,
            Ok(Message::Failed(fatal)) => return Err(fatal),
            _ => return Err(damaged(shown_as)),
        };
        if let Some(first) = rows.row() {
            let first = first?;
            let names = header::named(first.cells.iter());
            rows.header = Arc::new(Header { names });
            rows.corrected = corrected::is_one(&rows.header);
            header::check(&rows.header, shown_as, first.line)?;
        }
        Ok((rows, sheets))
    }

    pub fn header(&self) -> &Arc<Header> {
        &self.header
    }

    /// The sheets that hold rows, where the one that is read is empty.
    pub fn elsewhere(&self) -> &[String] {
        &self.elsewhere
    }

    /// Reads the next row that is not blank; `false`: there is none.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, Fatal> {
        let Some(mut row) = self.row().transpose()? else {
            return Ok(false);
        };
        // A sheet leaves out the empty cells at a row's end.
        while row.cells.len() < self.header.names.len() {
            row.cells.push_field("");
        }
        if self.corrected {
            corrected::restore(&mut row.cells);
        }
        record.begin(&self.file, row.line, &self.header);
        record.fault = row.fault.or_else(|| faults::of_cells(&mut row.cells));
        record.cells = row.cells;
        Ok(true)
    }

    fn row(&mut self) -> Option<Result<Row, Fatal>> {
        loop {
            if let Some(row) = self.batch.next() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.from.recv() {
                Ok(Message::Rows(rows)) => self.batch = rows.into_iter(),
                Ok(Message::Ended(elsewhere)) => {
                    self.ended = true;
                    self.elsewhere = elsewhere;
                }
                Ok(Message::Failed(fatal)) => return Some(Err(fatal)),
                Ok(Message::Opened(_)) | Err(_) => return Some(Err(damaged(&self.file))),
            }
        }
    }
}

fn send_sheet(
    workbook: File,
    wanted: Option<String>,
    file: &str,
    to: &SyncSender<Message>,
) -> Result<Vec<String>, Fatal> {
    let fail = |trouble| explain(file, trouble);
    let mut workbook = Workbook::open(workbook).map_err(fail)?;
    let (index, sheets) = choose(&workbook, wanted, file)?;
    let mut cells = workbook.cells(index).map_err(fail)?;
    if to.send(Message::Opened(sheets)).is_err() {
        return Ok(Vec::new());
    }
    let mut batches = Batches::new(to);
    let read = batches.fill(&mut cells);
    // The rows before a damage are read all the same, but not the one it cut off.
    if read.is_ok() {
        batches.close_row();
    }
    let empty = batches.width.is_none();
    batches.send();
    read.map_err(fail)?;
    drop(cells);
    Ok(match empty {
        true => with_rows(&mut workbook),
        false => Vec::new(),
    })
}

/// The sheets in which something stands.
fn with_rows(workbook: &mut Workbook) -> Vec<String> {
    let sheets = workbook.sheets().iter();
    let mut names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    let mut index = 0;
    names.retain(|_| {
        index += 1;
        workbook
            .cells(index - 1)
            .is_ok_and(|mut cells| holds_something(&mut cells))
    });
    names
}

fn holds_something(cells: &mut workbook::Cells<'_>) -> bool {
    while let Ok(Some(cell)) = cells.next() {
        if !cell.text.trim().is_empty() {
            return true;
        }
    }
    false
}

/// The rows of a sheet on their way to the reader.
struct Batches<'s> {
    to: &'s SyncSender<Message>,
    rows: Vec<Row>,
    bytes: usize,
    row: Row,
    /// The cells of the first row, which names the columns.
    width: Option<usize>,
}

impl<'s> Batches<'s> {
    fn new(to: &'s SyncSender<Message>) -> Self {
        Self {
            to,
            rows: Vec::new(),
            bytes: 0,
            row: Row::default(),
            width: None,
        }
    }

    /// Until the sheet ends, or nobody wants its rows any more.
    fn fill(&mut self, cells: &mut workbook::Cells<'_>) -> Result<(), Trouble> {
        while let Some(cell) = cells.next()? {
            if cell.row != self.row.line {
                self.close_row();
                let full = self.rows.len() >= BATCH || self.bytes >= HEAVY;
                if full && !self.send() {
                    return Ok(());
                }
                self.row.line = cell.row;
            }
            self.row.add(&cell, self.width.unwrap_or(usize::MAX));
        }
        Ok(())
    }

    fn close_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        if row.cells.as_slice().trim().is_empty() {
            return;
        }
        self.width.get_or_insert(row.cells.len());
        self.bytes += row.cells.as_slice().len();
        self.rows.push(row);
    }

    /// Whether somebody took them.
    fn send(&mut self) -> bool {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        self.to.send(Message::Rows(rows)).is_ok()
    }
}

impl Row {
    /// Adds a cell; cells beyond the `width` that the first row names follow each
    /// other, wherever they stand.
    fn add(&mut self, cell: &workbook::Cell<'_>, width: usize) {
        if self.cells.as_slice().len() > LONGEST_ROW {
            self.fault = Some(faults::too_long());
            return;
        }
        while self.cells.len() < cell.column.min(width) {
            self.cells.push_field("");
        }
        self.cells.push_field(cell.text);
    }
}

/// The index of the sheet that is read: the one that is wanted, else the first
/// that is not hidden, else the first.
fn choose(
    workbook: &Workbook,
    wanted: Option<String>,
    file: &str,
) -> Result<(usize, Sheets), Fatal> {
    let sheets = workbook.sheets();
    let mut names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
    if names.is_empty() {
        return Err(Fatal::usage(file, "this workbook has no sheet"));
    }
    let index = match wanted {
        None => sheets.iter().position(|sheet| !sheet.hidden).unwrap_or(0),
        Some(wanted) => {
            let index = names.iter().position(|name| *name == wanted);
            index.ok_or_else(|| {
                let message = format!("this workbook has no sheet named \"{wanted}\"");
                let hint = format!("its sheets are: {}", names.join(", "));
                Fatal::usage(file, message).hint(hint)
            })?
        }
    };
    let sheets = Sheets {
        read: names.remove(index),
        others: names,
    };
    Ok((index, sheets))
}

fn explain(file: &str, trouble: Trouble) -> Fatal {
    match trouble {
        Trouble::Io(error) => Fatal::io(file, &error),
        Trouble::Scratch(error) => Fatal::scratch(file, &error),
        Trouble::Damaged => damaged(file),
    }
}

fn damaged(file: &str) -> Fatal {
    Fatal::unreadable(
        file,
        "this can't be read as an Excel workbook (.xlsx): it may be damaged",
    )
    .hint("open it in Excel and save it again as .xlsx, or as CSV UTF-8")
}
