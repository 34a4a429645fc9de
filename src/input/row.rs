//! Cells of a sheet on their way to be rows.

use super::error::Fault;
use super::look::{Look, Place};
use super::window::LONGEST_ROW;
use crate::lead::Cells;

/// The columns that a sheet can have.
const COLUMNS: u32 = 16_384;

#[derive(Default)]
pub struct Row {
    /// The sheet's own number.
    pub line: u64,
    pub cells: Cells,
    pub fault: Option<Fault>,
}

/// Cells on their way to be the rows of a sheet.
pub struct RowSender<'s> {
    /// Takes a row; `false`: no further one.
    give: &'s mut dyn FnMut(Row) -> bool,
    look: &'s Look,
    row: Row,
    /// The cells of the widest row of those of which one names the columns.
    width: Option<usize>,
    searched: u64,
    /// No cell that holds something may stand before this row and column.
    free: Place,
}

/// Why no further cell is taken.
pub enum Stop {
    /// Nobody takes the rows any more.
    Enough,
    Damaged(calamine::Error),
}

impl<'s> RowSender<'s> {
    /// `searched`: the column names stand no further down than on this line.
    pub fn new(look: &'s Look, searched: u64, give: &'s mut dyn FnMut(Row) -> bool) -> Self {
        Self {
            give,
            look,
            row: Row::default(),
            width: None,
            searched,
            free: (0, 0),
        }
    }

    /// Whether this row may name the columns.
    fn is_searched(&self) -> bool {
        self.width.is_none() || self.row.line <= self.searched
    }

    /// Adds a cell; cells beyond the columns that can have a name follow each
    /// other, wherever they stand.
    pub fn add(&mut self, place: Place, text: &str) -> Result<(), Stop> {
        if text.is_empty() || self.look.hides(place) {
            return Ok(());
        }
        // Two cells in one place, or rows in disorder, would make one lead of two.
        if place < self.free || place.1 >= COLUMNS {
            return Err(Stop::Damaged(calamine::Error::Msg("cells in disorder")));
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
        let most = self.width.filter(|_| !self.is_searched());
        let column = (column as usize).min(most.unwrap_or(usize::MAX));
        while self.row.cells.len() < column {
            self.row.cells.push_field("");
        }
        self.row.cells.push_field(text);
        Ok(())
    }

    /// The rows before a damage are given all the same, but not the one it cut off.
    pub fn end_row(&mut self) -> Result<(), Stop> {
        let is_searched = self.is_searched();
        let row = std::mem::take(&mut self.row);
        if row.cells.as_slice().trim().is_empty() {
            return Ok(());
        }
        if is_searched {
            self.width = self.width.max(Some(row.cells.len()));
        }
        match (self.give)(row) {
            true => Ok(()),
            false => Err(Stop::Enough),
        }
    }
}
