//! Rows of a workbook's sheets, read by calamine on a thread that waits for its
//! rows to be taken: those of .xlsx and .xlsb are not kept in memory. What a
//! damaged file makes panic there is damage, too.

use std::collections::VecDeque;
use std::io;
use std::panic;
use std::sync::Once;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::error::{Concealed, ErrorKind};
use super::format::Format;
use super::header::SEARCHED;
use super::look::Look;
use super::options::{Hidden, Options};
use super::reader::{Facts, Rows};
use super::row::Row;
use super::sheets::Book;
use crate::lead::{Ours, Record};

/// Rows that may wait to be taken.
const WAITING: usize = 256;
const THREAD: &str = "workbook";

/// The rows of the sheets that are read.
pub struct SheetRows {
    first: Option<Row>,
    rows: Receiver<Sent>,
    /// The sheet after this one, once it is reached.
    next: Option<String>,
    reading: Option<JoinHandle<Result<(), ErrorKind>>>,
    format: Format,
}

enum Sent {
    Row(Row),
    /// A further sheet begins.
    Sheet(String),
}

/// Opens the sheet that is wanted, else those whose headers are known, else the
/// first one that is not hidden.
///
/// # Errors
/// No workbook, no such sheet, or something hidden of which nobody said what
/// becomes of it.
pub fn open(
    open: impl FnOnce() -> Result<Book, ErrorKind> + Send + 'static,
    format: Format,
    options: &Options,
) -> Result<(Facts, SheetRows), ErrorKind> {
    let options = options.clone();
    let (to, rows) = sync_channel(WAITING);
    let (tell, told) = sync_channel(1);
    let reading = on_thread(move || read(open()?, &options, &tell, &to))?;
    let mut rows = SheetRows {
        first: None,
        rows,
        next: None,
        reading: Some(reading),
        format,
    };
    let Ok(facts) = told.recv() else {
        rows.end()?;
        return Err(ErrorKind::Damaged(rows.format.in_full(), None));
    };
    rows.format = facts.format;
    rows.first = rows.take()?;
    Ok((facts, rows))
}

impl SheetRows {
    /// The next row of this sheet.
    fn take(&mut self) -> Result<Option<Row>, ErrorKind> {
        if self.next.is_some() {
            return Ok(None);
        }
        match self.rows.recv() {
            Ok(Sent::Row(row)) => return Ok(Some(row)),
            Ok(Sent::Sheet(name)) => self.next = Some(name),
            Err(_ended) => self.end()?,
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<(), ErrorKind> {
        match self.reading.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(ended)) => ended,
            Some(Err(_panic)) => Err(ErrorKind::Damaged(self.format.in_full(), None)),
        }
    }
}

impl Rows for SheetRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        let row = match self.first.take() {
            Some(row) => Some(row),
            None => self.take()?,
        };
        let Some(row) = row else {
            return Ok(false);
        };
        record.line = row.line;
        record.cells = row.cells;
        record.fault = row.fault.map(|fault| fault.to_string());
        Ok(true)
    }

    fn next_table(&mut self) -> Option<String> {
        self.next.take()
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

/// Reads the sheets: tells which they are, then gives their rows as they are taken.
fn read(
    mut book: Book,
    options: &Options,
    tell: &SyncSender<Facts>,
    to: &SyncSender<Sent>,
) -> Result<(), ErrorKind> {
    let chosen = choose(&mut book, options)?;
    let mut looks = VecDeque::new();
    let mut hidden = chosen.hidden;
    for sheet in &chosen.sheets {
        let look = book.look(sheet)?;
        hidden.rows += look.rows.len();
        hidden.columns += look.columns.len();
        looks.push_back(look);
    }
    let left_out = (!hidden.is_nothing()).then(|| hidden.to_string());
    if left_out.is_some() && options.hidden.is_none() {
        return Err(ErrorKind::Hidden(hidden));
    }
    let searched = options.header_row.unwrap_or(SEARCHED);
    let mut facts = Facts {
        sheets: chosen.sheets.clone(),
        other_sheets: chosen.others,
        lost_sheets: book.lost.clone(),
        left_out: left_out.filter(|_| options.hidden == Some(Hidden::Skip)),
        format: book.format,
        ..Facts::default()
    };
    if let [sheet] = &chosen.sheets[..] {
        let is_empty = |book: &mut Book, sheet: &String| {
            let mut any = false;
            let gave = book.rows(sheet, &Look::default(), searched, &mut |_| {
                any = true;
                false
            });
            !any && gave.is_ok()
        };
        if is_empty(&mut book, sheet) {
            let others = facts.other_sheets.iter();
            let filled = others.filter(|name| !is_empty(&mut book, name));
            facts.sheets_with_rows = filled.cloned().collect();
        }
    }
    // Who does not listen any more takes no rows either.
    let _ = tell.send(facts);
    for (at, (sheet, mut look)) in chosen.sheets.iter().zip(looks).enumerate() {
        if at > 0 && to.send(Sent::Sheet(sheet.clone())).is_err() {
            return Ok(());
        }
        if options.hidden == Some(Hidden::Send) {
            look.rows.clear();
            look.columns.clear();
        }
        book.rows(sheet, &look, searched, &mut |row| {
            to.send(Sent::Row(row)).is_ok()
        })?;
    }
    Ok(())
}

/// The sheets that are read, those that are not, and what is hidden.
struct Chosen {
    sheets: Vec<String>,
    others: Vec<String>,
    hidden: Concealed,
}

/// Chooses the sheet that is wanted, else those with known headers, else the first
/// one that is not hidden.
fn choose(book: &mut Book, options: &Options) -> Result<Chosen, ErrorKind> {
    let all = book.sheets();
    let names = || all.iter().map(|sheet| sheet.name.clone());
    let mut hidden = Concealed::default();
    let sheets = match &options.sheet {
        Some(wanted) if book.lost.contains(wanted) => {
            return Err(ErrorKind::LostSheets(vec![wanted.clone()]));
        }
        Some(wanted) => {
            let there = names().find(|name| name == wanted);
            let unknown = || ErrorKind::UnknownSheet {
                wanted: wanted.clone(),
                sheets: names().collect(),
            };
            vec![there.ok_or_else(unknown)?]
        }
        None => {
            let mut known = Vec::new();
            let is_choice = all.len() > 1 || !book.lost.is_empty();
            for sheet in all.iter().filter(|_| is_choice) {
                if has_known_headers(book, &sheet.name, options)? {
                    known.push(sheet);
                }
            }
            if options.hidden != Some(Hidden::Send) {
                let gone = known.extract_if(.., |sheet| sheet.is_hidden);
                hidden.sheets = gone.map(|sheet| sheet.name.clone()).collect();
            }
            known.into_iter().map(|sheet| sheet.name.clone()).collect()
        }
    };
    let mut chosen = Chosen {
        sheets,
        others: Vec::new(),
        hidden,
    };
    if chosen.sheets.is_empty() {
        if !book.lost.is_empty() {
            return Err(ErrorKind::LostSheets(book.lost.clone()));
        }
        let seen = all.iter().find(|sheet| !sheet.is_hidden).or(all.first());
        chosen.sheets.extend(seen.map(|sheet| sheet.name.clone()));
    }
    chosen.others = names()
        .filter(|name| !chosen.sheets.contains(name))
        .collect();
    match chosen.sheets.is_empty() {
        true => Err(ErrorKind::Damaged(book.format.in_full(), None)),
        false => Ok(chosen),
    }
}

fn has_known_headers(book: &mut Book, sheet: &str, options: &Options) -> Result<bool, ErrorKind> {
    let Some(known) = &options.known else {
        return Ok(options.bare);
    };
    let searched = options.header_row.unwrap_or(SEARCHED);
    let mut found = false;
    book.rows(sheet, &Look::default(), searched, &mut |row| {
        let ours = || row.cells.iter().any(|cell| Ours::Id.is(cell));
        found |= known.count(&row.cells) > 0 || ours();
        !found && row.line < searched
    })?;
    Ok(found)
}
