//! Columns without a header that hold data all the same: nothing can name them,
//! so nothing of them is sent, and that is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Destination;
use crate::lead::{Header, Record};
use crate::output::Warnings;

/// Columns told of at most.
const MOST: usize = 20;

/// The columns of an input that have no header, and what stands in them first.
#[derive(Debug, Default)]
pub struct Nameless {
    /// Between columns that have one.
    inside: Vec<usize>,
    /// Columns of the header; `None`: each row has a header of its own.
    width: Option<usize>,
    found: BTreeMap<usize, String>,
}

impl Nameless {
    pub fn of(header: Option<&Arc<Header>>) -> Self {
        let names = header.map(|header| header.names.iter().enumerate());
        let blank = names.map(|names| names.filter(|(_, name)| name.trim().is_empty()));
        Self {
            inside: blank
                .into_iter()
                .flatten()
                .map(|(index, _)| index)
                .collect(),
            width: header.map(|header| header.names.len()),
            found: BTreeMap::new(),
        }
    }

    /// Looks at the cells that stand under no name.
    pub fn look(&mut self, record: &Record) {
        let Some(width) = self.width else { return };
        let count = record.cells.len();
        if (self.inside.is_empty() && count <= width) || record.fault.is_some() {
            return;
        }
        for index in self.inside.iter().copied().chain(width..count) {
            let cell = record.cells.get(index).unwrap_or_default().trim();
            if !cell.is_empty() && self.found.len() < MOST {
                self.found.entry(index).or_insert_with(|| cell.to_owned());
            }
        }
    }

    /// Tells what was found.
    pub fn tell(&self, file: &str, destination: &Destination, warnings: &Warnings) {
        if self.found.is_empty() {
            return;
        }
        let column = |(index, value): (&usize, &String)| {
            let shown: String = value.chars().take(30).collect();
            format!("column {} (such as \"{shown}\")", index + 1)
        };
        let columns: Vec<String> = self.found.iter().map(column).collect();
        warnings.remark(&format!(
            "{file}: these columns have no header, so they are not sent to {}: {}",
            destination.name,
            columns.join(", ")
        ));
    }
}
