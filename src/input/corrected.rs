//! A rejects file that is fed back: its cells are given as they were before a
//! `'` kept a spreadsheet from running them.

use crate::lead::csv_injection;
use crate::lead::{Cells, Header, OURS};

/// Whether a table is a rejects file of ours.
pub fn is_one(header: &Header) -> bool {
    header.names.iter().any(|name| name.trim() == OURS[0])
}

/// Takes off the `'` that we put before a cell.
pub fn restore(cells: &mut Cells) {
    if cells
        .iter()
        .any(|cell| csv_injection::restore(cell).len() < cell.len())
    {
        *cells = cells.iter().map(csv_injection::restore).collect();
    }
}
