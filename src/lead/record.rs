//! What an input gives: a header and rows of text. Knows no field names, no
//! partner and no file format.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::octets;

/// The columns that a rejects file adds to an input's own: which lead a row
/// replaces, its state, and what is wrong. Never sent.
pub const OURS: [&str; 3] = ["leadctl_id", "leadctl_state", "leadctl_message"];

/// Bytes that a record keeps for its next row: a monstrous row's are given back.
const LARGE: usize = 16 * 1024;

/// Text cells stored in one piece: one allocation a row, whatever its width.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
    /// Bytes between two cells: the delimiter, where a row was taken whole.
    gap: usize,
}

impl Cells {
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes room for `text` bytes in `cells` cells more.
    pub fn reserve(&mut self, text: usize, cells: usize) {
        self.text.reserve(text);
        self.ends.reserve(cells);
    }

    /// Takes a whole row, in place of what there was: its cells are what
    /// stands between the delimiters (of ASCII), byte for byte.
    pub fn take(&mut self, row: &str, delimiter: u8) {
        self.clear();
        self.gap = 1;
        self.text.push_str(row);
        octets::each_place(row.as_bytes(), delimiter, |place| self.ends.push(place));
        self.ends.push(row.len());
    }

    /// Appends a cell, byte for byte. Never to a row that was [taken](Cells::take).
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// Appends to a cell that [`Cells::close`] will end: for a cell that is
    /// read in pieces.
    pub fn append(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    /// Ends the cell that [`Cells::append`] filled.
    pub fn close(&mut self) {
        self.ends.push(self.text.len());
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.gap = 0;
    }

    /// All the cells' text, and maybe delimiters between them, to ask a
    /// question of a whole row at once.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of memory that a row takes.
    pub fn weight(&self) -> usize {
        self.text.len() + self.ends.len() * size_of::<usize>()
    }

    /// The cell at `index`, or `None` past the end of a short row.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] + self.gap);
        Some(&self.text[start..end])
    }

    /// Appends what `write` appends as one cell; nothing where it gives nothing.
    pub fn push_with(&mut self, write: impl FnOnce(&mut String) -> Option<()>) -> Option<()> {
        let start = self.text.len();
        let written = write(&mut self.text);
        match written {
            Some(()) => self.close(),
            None => self.text.truncate(start),
        }
        written
    }

    /// Where each cell ends in [`Cells::text`].
    pub fn ends(&self) -> &[usize] {
        &self.ends
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

impl PartialEq for Cells {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Cells {}

impl Hash for Cells {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.iter().for_each(|cell| cell.hash(state));
    }
}

impl<S: AsRef<str>> FromIterator<S> for Cells {
    fn from_iter<I: IntoIterator<Item = S>>(cells: I) -> Self {
        let mut all = Self::new();
        for cell in cells {
            all.push(cell.as_ref());
        }
        all
    }
}

/// The column names of an input, as they stand. JSON objects of the same keys
/// share one header, so a column is looked up once per shape, never per row.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub names: Vec<String>,
}

impl Header {
    /// The first name that stands twice (spaces around it aside), as the two
    /// indexes. Columns without a name are none.
    pub fn twice(&self) -> Option<(usize, usize)> {
        let mut seen = HashMap::with_capacity(self.names.len());
        for (index, name) in self.names.iter().enumerate() {
            let name = name.trim();
            if name.is_empty() {
                continue;
            }
            if let Some(first) = seen.insert(name, index) {
                return Some((first, index));
            }
        }
        None
    }
}

/// One row of an input, before anybody knows what its columns mean. A reader
/// can fill it again, so that the rows of a long input share a few of them.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The file as the user named it, or `-`.
    pub file: Arc<str>,
    /// 1-based line in that file where the row starts; a CSV header counts.
    pub line: u64,
    pub header: Arc<Header>,
    pub cells: Cells,
    /// Why this row can't be used (wrong length, invalid bytes, broken JSON…),
    /// in words for the user. The cells then hold what could be read.
    pub fault: Option<String>,
}

impl Record {
    /// Becomes another row, without cells so far. What the rows of an input
    /// share is not counted again for each: threads would wait for the counts.
    pub fn begin(&mut self, file: &Arc<str>, line: u64, header: &Arc<Header>) {
        if !Arc::ptr_eq(&self.file, file) {
            self.file = Arc::clone(file);
        }
        if !Arc::ptr_eq(&self.header, header) {
            self.header = Arc::clone(header);
        }
        self.line = line;
        match self.cells.text.capacity() > LARGE {
            true => self.cells = Cells::new(),
            false => self.cells.clear(),
        }
        self.fault = None;
    }
}
