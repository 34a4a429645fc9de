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
use super::workbook::{Trouble, Workbook};
use crate::lead::{Cells, Header, Record};

/// Rows handed over at once, and such batches that may wait.
const BATCH: usize = 256;
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
        workbook: File,
        sheet: Option<String>,
        shown_as: &str,
    ) -> Result<(Self, Sheets), Fatal> {
        let (to, from) = sync_channel(WAITING);
        let file = shown_as.to_owned();
        thread::spawn(move || {
            let last = match send_sheet(workbook, sheet, &file, &to) {
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
    workbook: File,
    wanted: Option<String>,
    file: &str,
    to: &SyncSender<Message>,
) -> Result<(), Fatal> {
    let fail = |trouble| explain(file, trouble);
    let mut workbook = Workbook::open(workbook).map_err(fail)?;
    let (index, sheets) = choose(&workbook, wanted, file)?;
    let mut cells = workbook.cells(index).map_err(fail)?;
    if to.send(Message::Opened(sheets)).is_err() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(BATCH);
    let mut row = (0, Cells::new());
    while let Some(cell) = cells.next().map_err(fail)? {
        if cell.row != row.0 {
            keep(
                &mut rows,
                std::mem::replace(&mut row, (cell.row, Cells::new())),
            );
            if rows.len() == BATCH && to.send(Message::Rows(std::mem::take(&mut rows))).is_err() {
                return Ok(());
            }
        }
        if row.1.len() > cell.column {
            continue;
        }
        while row.1.len() < cell.column {
            row.1.close();
        }
        row.1.append(cell.text);
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
