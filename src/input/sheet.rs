//! Rows of an Excel workbook's sheet. The sheet is read on a thread of its own
//! that waits for its rows to be taken, so that a long one isn't kept in
//! memory (its table of shared texts is: that is how the format works).

use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::vec;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::corrected;
use super::fatal::Fatal;
use super::faults;
use super::header;
use super::value;
use crate::lead::{Cells, Header, Record};

/// Rows handed over at once, and such batches that may wait.
const BATCH: usize = 256;
const WAITING: usize = 2;

/// What a workbook is read from.
pub trait Seekable: Read + Seek + Send {}
impl<T: Read + Seek + Send> Seekable for T {}

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
}

/// The sheet's own row number and its cells.
type Row = (u64, Cells);

enum Message {
    Opened(Sheets),
    Rows(Vec<Row>),
    Failed(Fatal),
    Ended,
}

impl Rows {
    /// Opens `sheet`, or the first one that is not hidden, and reads its header.
    ///
    /// # Errors
    /// No workbook, no such sheet, or no header in it.
    pub fn open(
        source: Box<dyn Seekable>,
        sheet: Option<String>,
        shown_as: &str,
    ) -> Result<(Self, Sheets), Fatal> {
        let (to, from) = sync_channel(WAITING);
        let file = shown_as.to_owned();
        thread::spawn(move || {
            let last = match send_sheet(source, sheet, &file, &to) {
                Ok(()) => Message::Ended,
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
        };
        let sheets = match rows.from.recv() {
            Ok(Message::Opened(sheets)) => sheets,
            Ok(Message::Failed(fatal)) => return Err(fatal),
            _ => return Err(damaged(shown_as)),
        };
        if let Some(first) = rows.row() {
            let (line, cells) = first?;
            let names = header::named(cells.iter());
            rows.header = Arc::new(Header { names });
            rows.corrected = corrected::is_one(&rows.header);
            header::check(&rows.header, shown_as, line)?;
        }
        Ok((rows, sheets))
    }

    pub fn header(&self) -> &Arc<Header> {
        &self.header
    }

    /// Reads the next row that is not blank; `false`: there is none.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, Fatal> {
        let Some((line, mut cells)) = self.row().transpose()? else {
            return Ok(false);
        };
        // A sheet leaves out the empty cells at a row's end.
        while cells.len() < self.header.names.len() {
            cells.close();
        }
        if self.corrected {
            corrected::restore(&mut cells);
        }
        record.begin(&self.file, line, &self.header);
        record.fault = faults::of_cells(&mut cells);
        record.cells = cells;
        Ok(true)
    }

    fn row(&mut self) -> Option<Result<Row, Fatal>> {
        loop {
            if let Some(row) = self.batch.next() {
                return Some(Ok(row));
            }
            match self.from.recv() {
                Ok(Message::Rows(rows)) => self.batch = rows.into_iter(),
                Ok(Message::Ended) => return None,
                Ok(Message::Failed(fatal)) => return Some(Err(fatal)),
                Ok(Message::Opened(_)) | Err(_) => return Some(Err(damaged(&self.file))),
            }
        }
    }
}

fn send_sheet(
    source: Box<dyn Seekable>,
    wanted: Option<String>,
    file: &str,
    to: &SyncSender<Message>,
) -> Result<(), Fatal> {
    let fail = |error| explain(file, &error);
    let mut workbook = Xlsx::new(source).map_err(fail)?;
    let sheets = choose(&workbook, wanted, file)?;
    let name = sheets.read.clone();
    let mut reader = workbook.worksheet_cells_reader(&name).map_err(fail)?;
    if to.send(Message::Opened(sheets)).is_err() {
        return Ok(());
    }
    let zeros: Vec<usize> = reader.styles().iter().map(value::zeros).collect();
    let mut rows = Vec::with_capacity(BATCH);
    let mut row = (0, Cells::new());
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(fail)? {
        let (line, column) = cell.get_position();
        let line = u64::from(line) + 1;
        if line != row.0 {
            keep(&mut rows, std::mem::replace(&mut row, (line, Cells::new())));
            if rows.len() == BATCH && to.send(Message::Rows(std::mem::take(&mut rows))).is_err() {
                return Ok(());
            }
        }
        if matches!(cell.get_value(), DataRef::Empty) || row.1.len() > column as usize {
            continue;
        }
        while row.1.len() < column as usize {
            row.1.close();
        }
        let zeros = zeros.get(style).copied().unwrap_or_default();
        value::append(cell.get_value(), zeros, &mut row.1);
        row.1.close();
    }
    keep(&mut rows, row);
    let _ = to.send(Message::Rows(rows));
    Ok(())
}

fn keep(rows: &mut Vec<Row>, row: Row) {
    if !row.1.text().trim().is_empty() {
        rows.push(row);
    }
}

fn choose(
    workbook: &Xlsx<Box<dyn Seekable>>,
    wanted: Option<String>,
    file: &str,
) -> Result<Sheets, Fatal> {
    let sheets = workbook.sheets_metadata();
    let mut names: Vec<String> = sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let visible = sheets
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let read = wanted
        .or_else(|| visible.map(|sheet| sheet.name.clone()))
        .or_else(|| names.first().cloned());
    let Some(read) = read else {
        return Err(Fatal::usage(file, "this workbook has no sheet"));
    };
    let Some(index) = names.iter().position(|name| *name == read) else {
        let message = format!("this workbook has no sheet named \"{read}\"");
        let hint = format!("its sheets are: {}", names.join(", "));
        return Err(Fatal::usage(file, message).hint(hint));
    };
    names.remove(index);
    Ok(Sheets {
        read,
        others: names,
    })
}

fn explain(file: &str, error: &XlsxError) -> Fatal {
    match error {
        XlsxError::Io(error) => Fatal::io(file, error),
        XlsxError::Password => Fatal::unreadable(file, "this workbook is protected by a password")
            .hint("save it without a password"),
        _ => damaged(file),
    }
}

fn damaged(file: &str) -> Fatal {
    Fatal::unreadable(
        file,
        "this can't be read as an Excel workbook (.xlsx): it may be damaged",
    )
    .hint("open it in Excel and save it again as .xlsx, or as CSV UTF-8")
}
