//! Reads an input's rows for what they say together: before the first one is judged,
//! and once more than it takes to send them. Knows no file.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::columns::Columns;
use super::entities;
use super::evidence::{Evidence, ExpectedColumn, Habits, is_number};
use super::nobody;
use super::nothing::{CellKind, is_ambiguous};
use super::record::{Header, Record};
use super::text::is_blank;

/// What is known of an input's rows so far.
pub struct Survey {
    habits: Arc<Habits>,
    /// By header, the last one met last.
    tables: Vec<Table>,
    /// Where a column stands in `seen`, by its header.
    places: HashMap<String, usize>,
    seen: Vec<SeenColumn>,
    nothing: BTreeSet<String>,
    contacts: bool,
    /// There were too many headers to know them all.
    forgot: bool,
}

struct Table {
    columns: Columns,
    /// Of each column, in `seen`.
    places: Vec<Option<usize>>,
}

#[derive(Default)]
struct SeenColumn {
    html: Option<bool>,
    prefix: SeenPrefix,
}

#[derive(Default, PartialEq)]
enum SeenPrefix {
    /// No value so far.
    #[default]
    None,
    Always(String),
    NotAlways,
}

/// Headers kept at most, and columns looked at: an input where each row has keys of
/// its own says nothing of columns, and must not fill the memory.
const TABLES: usize = 256;
const COLUMNS: usize = 65_536;

impl Survey {
    pub fn new(habits: Arc<Habits>) -> Self {
        Self {
            habits,
            tables: Vec::new(),
            places: HashMap::new(),
            seen: Vec::new(),
            nothing: BTreeSet::new(),
            contacts: false,
            forgot: false,
        }
    }

    /// Looks at a row, whose columns `resolve` tells where its header is new. One that
    /// is nobody's says nothing of others.
    pub fn add(&mut self, record: &Record, resolve: impl FnOnce() -> Columns) {
        let cells = &record.cells;
        let is_left_out = record.fault.is_some()
            || record.is_test
            || cells.iter().any(|cell| self.habits.is_test(cell))
            || nobody::is_total(record);
        if is_left_out {
            return;
        }
        let known = self
            .tables
            .iter()
            .rposition(|it| it.columns.are_of(&record.header));
        let table = known.unwrap_or_else(|| self.meet(resolve()));
        let Table { columns, places } = &self.tables[table];
        let expected = &columns.expected;
        let is_filled = |index: &usize| cells.get(*index).is_some_and(|it| !is_blank(it));
        self.contacts |= expected.reach.iter().any(is_filled);
        let all = cells.iter().enumerate().zip(places);
        for ((index, cell), place) in all.filter(|((_, cell), _)| !is_blank(cell)) {
            let (Some(place), Some(column)) = (place, expected.column(index)) else {
                continue;
            };
            let (cell, seen) = (cell.trim(), &mut self.seen[*place]);
            if column.kind == CellKind::Formed && is_ambiguous(cell) {
                self.nothing.insert(cell.to_owned());
            }
            if seen.prefix != SeenPrefix::NotAlways && expected.nothing(index, cell).is_none() {
                seen.prefix.meet(cell, column, &self.habits);
            }
            if seen.html != Some(false)
                && let Some(decoded) = entities::decode(cell)
            {
                seen.html = Some(decoded.well_formed);
            }
        }
    }

    /// A header that is not known: its place among the tables.
    fn meet(&mut self, columns: Columns) -> usize {
        if self.tables.len() == TABLES {
            self.tables.clear();
            self.forgot = true;
        }
        let names = columns.header.names.iter();
        let places = names.map(|name| {
            if name.trim().is_empty() || self.seen.len() >= COLUMNS {
                return self.places.get(name).copied();
            }
            let next = self.seen.len();
            let place = *self.places.entry(name.clone()).or_insert(next);
            if place == next {
                self.seen.push(SeenColumn::default());
            }
            Some(place)
        });
        let places = places.collect();
        self.tables.push(Table { columns, places });
        self.tables.len() - 1
    }

    /// What they say (`None`: nothing), and their headers, unless these are too many.
    pub fn end(mut self) -> (Option<Arc<Evidence>>, Vec<Arc<Header>>) {
        let tables = self.tables.iter().filter(|_| !self.forgot);
        let headers = tables.map(|table| Arc::clone(&table.columns.header));
        let headers = headers.collect();
        let mut evidence = Evidence {
            nothing: self.nothing,
            contacts: self.contacts,
            ..Evidence::default()
        };
        for (name, place) in self.places {
            let seen = std::mem::take(&mut self.seen[place]);
            if seen.html == Some(true) {
                evidence.html.insert(name.clone());
            }
            if let SeenPrefix::Always(prefix) = seen.prefix {
                evidence.prefixes.insert(name, prefix);
            }
        }
        let evidence = (evidence != Evidence::default()).then(|| Arc::new(evidence));
        (evidence, headers)
    }
}

impl SeenPrefix {
    /// A value of the column.
    fn meet(&mut self, cell: &str, column: &ExpectedColumn, habits: &Habits) {
        let has = |prefix: &str| {
            let is_its = column.likely.iter().any(|likely| likely == prefix);
            let bare = cell.strip_prefix(prefix);
            bare.is_some_and(|bare| is_its || is_number(bare))
        };
        let found = match &*self {
            Self::Always(prefix) if has(prefix) => return,
            Self::None => {
                let mut all = habits.prefixes.iter().map(|(_, prefix)| prefix);
                all.find(|prefix| has(prefix))
            }
            _ => None,
        };
        *self = found.map_or(Self::NotAlways, |prefix| Self::Always(prefix.clone()));
    }
}
