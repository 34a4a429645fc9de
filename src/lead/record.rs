//! What an input gives: a header and rows of text. Knows no field names, no
//! partner and no file format.

use std::sync::Arc;

/// Text cells stored end to end: one allocation a row, whatever its width.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a cell, byte for byte.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// The cell at `index`, or `None` past the end of a short row.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end])
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
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
#[derive(Debug, PartialEq, Eq)]
pub struct Header {
    pub names: Vec<String>,
}

/// One row of an input, before anybody knows what its columns mean.
#[derive(Debug, Clone)]
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
