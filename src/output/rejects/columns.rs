//! The columns of a rejects file: those of its rows, each once, in the order in
//! which they came.

use std::collections::HashMap;
use std::sync::Arc;

use crate::lead::{Header, OURS, Record};

/// Headers whose places are remembered at most.
const KEPT: usize = 256;

/// The columns so far.
#[derive(Debug, Default)]
pub struct Columns {
    names: Vec<String>,
    /// By name and how often it stood in its header before: columns without a
    /// name are told apart by that.
    by_name: HashMap<(String, usize), usize>,
    known: Vec<(Arc<Header>, Vec<Option<usize>>)>,
}

impl Columns {
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The row's cells with the columns they stand in, without those that are
    /// ours. Where nothing is wrong with its form, cells beyond the header get
    /// columns without a name.
    pub fn place(&mut self, record: &Record) -> Vec<(usize, String)> {
        let at = self.learn(&record.header);
        let mut placed = Vec::with_capacity(record.cells.len());
        for (index, cell) in record.cells.iter().enumerate() {
            let column = match self.known[at].1.get(index) {
                Some(column) => *column,
                None if record.fault.is_some() || cell.is_empty() => None,
                None => Some(self.column("", index)),
            };
            if let Some(column) = column {
                placed.push((column, cell.to_owned()));
            }
        }
        placed
    }

    /// Where the places of a header's columns are.
    fn learn(&mut self, header: &Arc<Header>) -> usize {
        let same = |(known, _): &(Arc<Header>, _)| Arc::ptr_eq(known, header);
        if let Some(at) = self.known.iter().rposition(same) {
            return at;
        }
        let mut met: HashMap<&str, usize> = HashMap::new();
        let places = header
            .names
            .iter()
            .map(|name| {
                let before = met.entry(name).or_default();
                *before += 1;
                let ours = OURS.contains(&name.trim());
                (!ours).then(|| self.column(name, *before - 1))
            })
            .collect();
        if self.known.len() == KEPT {
            self.known.clear();
        }
        self.known.push((Arc::clone(header), places));
        self.known.len() - 1
    }

    fn column(&mut self, name: &str, before: usize) -> usize {
        let next = self.names.len();
        let found = self.by_name.entry((name.to_owned(), before));
        let at = *found.or_insert(next);
        if at == next {
            self.names.push(name.to_owned());
        }
        at
    }
}

/// Cells beyond the header of a row that doesn't fit: they follow our columns,
/// so that the row still doesn't fit until somebody corrects it.
pub fn surplus(record: &Record) -> Vec<String> {
    if record.fault.is_none() {
        return Vec::new();
    }
    let cells = record.cells.iter().skip(record.header.names.len());
    cells.map(str::to_owned).collect()
}

/// What columns are called, but ours and those that have no name.
pub fn names(header: &Header) -> Vec<String> {
    let named = header.names.iter().filter(|name| {
        let name = name.trim();
        !name.is_empty() && !OURS.contains(&name) && place_of(name).is_none()
    });
    named.cloned().collect()
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
        }),
        ..record.clone()
    })
}
