//! The rows that share a file: objects, or rows under the same columns, so that
//! each reads again as it did in its export: other columns beside it could
//! change what its own mean.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use super::form::{Form, Kept, Syntax};
use super::workbook::Book;
use crate::lead::{Header, Record, State, is_ours};

/// What is said of a row.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'r> {
    /// The ledger's id; `None` where nothing is kept.
    pub id: Option<i64>,
    pub state: State,
    pub message: &'r str,
}

/// Rows of one shape. They wait in a file without a name, one JSON line each, so
/// that memory stays flat and a killed run leaves nothing behind.
pub struct Group {
    pub form: Form,
    /// The first one's input, as the user named it.
    pub input: Arc<str>,
    pub rows: u64,
    /// What its columns are called, but ours and those without a name.
    names: Vec<String>,
    /// Every row so far is damaged: columns may be missing.
    damaged: bool,
    columns: Vec<String>,
    /// By name and how often it stood before in its header: columns without a
    /// name are told apart by that.
    places: HashMap<(String, usize), usize>,
    waiting: BufWriter<File>,
}

impl Group {
    /// For rows such as this one. `folder`: on whose disk they wait.
    pub fn create(folder: &Path, form: Form, record: &Record) -> io::Result<Self> {
        Ok(Self {
            form,
            input: Arc::clone(&record.file),
            rows: 0,
            names: names(&record.header),
            damaged: true,
            columns: Vec::new(),
            places: HashMap::new(),
            waiting: BufWriter::new(tempfile::tempfile_in(folder)?),
        })
    }

    /// Whether a row has the same columns; every object keeps its own keys.
    pub fn is_of(&self, form: &Form, names: &[String]) -> bool {
        match (self.form.is_json(), form.is_json()) {
            (true, true) => true,
            (false, false) => self.names == names,
            _ => false,
        }
    }

    /// Whether it may have them: a damaged row that the ledger kept has no more
    /// than its own cells.
    pub fn may_be_of(&self, form: &Form, names: &[String], damaged: bool) -> bool {
        let both = !self.form.is_json() && !form.is_json();
        let fewer = damaged && self.names.starts_with(names);
        both && (fewer || self.damaged && names.starts_with(&self.names))
    }

    pub fn add(&mut self, form: &Form, record: &Record, refusal: Refusal<'_>) -> io::Result<()> {
        let names = names(&record.header);
        if names.len() > self.names.len() {
            self.names = names;
        }
        self.damaged &= record.fault.is_some();
        self.form.agree(form);
        self.rows += 1;
        let fitting = match record.fault {
            Some(_) => record.header.names.len(),
            None => record.cells.len(),
        };
        // A sheet's rows have no end of their own that could show it.
        let surplus = match self.form.syntax {
            Syntax::Sheet => usize::MAX,
            _ => fitting,
        };
        let surplus = record.cells.iter().skip(surplus);
        let kept = Kept {
            id: refusal.id,
            state: refusal.state.in_words(),
            message: crate::lead::text::clean(refusal.message, 1000),
            surplus: surplus.map(str::to_owned).collect(),
            cells: self.place(record),
        };
        serde_json::to_writer(&mut self.waiting, &kept)?;
        self.waiting.write_all(b"\n")
    }

    /// The row's cells with the columns they stand in, without those that are
    /// ours. Where nothing is wrong with its form, cells beyond the header get
    /// columns without a name.
    fn place(&mut self, record: &Record) -> Vec<(usize, String)> {
        let shows_surplus = record.fault.is_some() && self.form.syntax != Syntax::Sheet;
        let names = &record.header.names;
        let mut placed = Vec::with_capacity(record.cells.len());
        for at in 0..names.len().max(record.cells.len()) {
            let cell = record.cells.get(at);
            let column = match names.get(at) {
                Some(name) if is_ours(name) => continue,
                Some(name) => {
                    let before = names[..at].iter().filter(|other| *other == name);
                    self.column(name, before.count())
                }
                None if shows_surplus || cell.is_none_or(str::is_empty) => continue,
                None => self.column("", at),
            };
            placed.extend(cell.map(|cell| (column, cell.to_owned())));
        }
        placed
    }

    fn column(&mut self, name: &str, before: usize) -> usize {
        let next = self.columns.len();
        let place = self.places.entry((name.to_owned(), before)).or_insert(next);
        if *place == next {
            self.columns.push(name.to_owned());
        }
        *place
    }

    pub fn write(self, out: &mut dyn Write) -> io::Result<()> {
        let rows = rows(self.waiting)?;
        self.form.write(out, &self.columns, rows)
    }

    /// Writes them as a sheet of their own.
    pub fn add_to(self, book: &mut Book) -> io::Result<()> {
        let rows = rows(self.waiting)?;
        book.add(&self.input, &self.columns, rows)
    }
}

/// The rows that wait.
fn rows(waiting: BufWriter<File>) -> io::Result<impl Iterator<Item = io::Result<Kept>>> {
    let waiting = waiting.into_inner();
    let mut waiting = waiting.map_err(|error| error.into_error())?;
    waiting.rewind()?;
    let lines = BufReader::new(waiting).lines();
    Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
}

/// What columns are called, but ours and those that have no name.
pub fn names(header: &Header) -> Vec<String> {
    let names = header.own_names();
    let named = names.filter(|name| place_of(name).is_none());
    named.map(str::to_owned).collect()
}

/// The place of a cell that the ledger kept without a name.
fn place_of(name: &str) -> Option<usize> {
    name.strip_prefix("column ")?.parse().ok()
}

/// A damaged row as it was read, where the ledger gave its surplus cells names.
pub fn as_read(record: &Record) -> Option<Record> {
    record.fault.as_ref()?;
    let names = &record.header.names;
    let mut count = names.len();
    while count > 0 && place_of(&names[count - 1]) == Some(count) {
        count -= 1;
    }
    (count < names.len()).then(|| Record {
        header: Arc::new(Header {
            names: names[..count].to_vec(),
            ..Header::default()
        }),
        ..record.clone()
    })
}
