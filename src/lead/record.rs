//! What an input gives: a header and rows of text. Knows no field names, no
//! partner and no file format.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use super::evidence::Evidence;
use crate::words::{in_every_language, say};

/// A column that a rejects file adds to an input's own, called as the language has it.
/// Never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ours {
    /// Which lead a row replaces.
    Id,
    State,
    /// What is wrong.
    Message,
}

impl Ours {
    pub const ALL: [Self; 3] = [Self::Id, Self::State, Self::Message];

    /// What it is called in a file that is written now.
    pub fn name(self) -> String {
        match self {
            Self::Id => say!("rejects-column-id"),
            Self::State => say!("rejects-column-state"),
            Self::Message => say!("rejects-column-message"),
        }
    }

    /// What it may be called in a file that is read, of whatever language it is.
    pub fn names(self) -> &'static [String] {
        static NAMES: LazyLock<[Vec<String>; 3]> = LazyLock::new(|| {
            let ids = ["id", "state", "message"];
            ids.map(|id| in_every_language(&format!("rejects-column-{id}")))
        });
        &NAMES[self as usize]
    }

    /// Whether a column is this one.
    pub fn is(self, name: &str) -> bool {
        self.names().iter().any(|own| own == name.trim())
    }
}

/// Whether a column is one of ours.
pub fn is_ours(name: &str) -> bool {
    Ours::ALL.into_iter().any(|ours| ours.is(name))
}

/// Headers kept at most: an input where each row has keys of its own must not
/// fill the memory. A forgotten header is only made again.
const KEPT: usize = 256;

/// The text cells of a row: one allocation, whatever its width.
pub type Cells = csv::StringRecord;

/// The column names of an input, as they stand.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub names: Vec<String>,
    /// The name of the source that gave these rows, where not their columns tell
    /// it but how they were written.
    pub source: Option<Arc<str>>,
}

impl Header {
    /// What its columns are called, but those that are ours or have no name.
    pub fn own_names(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().map(|name| name.trim());
        names.filter(|name| !name.is_empty() && !is_ours(name))
    }

    /// The first name that stands twice (spaces around it aside), as the two
    /// indexes. Columns without a name are none.
    pub fn twice(&self) -> Option<(usize, usize)> {
        let names = || self.names.iter().map(|name| name.trim()).enumerate();
        let mut seen = HashSet::new();
        let (second, name) = names().find(|(_, name)| !name.is_empty() && !seen.insert(*name))?;
        let (first, _) = names().find(|(_, other)| *other == name)?;
        Some((first, second))
    }
}

/// Columns' names, and the source that is known to have them.
type NamesOfSource = (Vec<String>, Option<Arc<str>>);

/// One header for all the rows of the same columns, so that what is found out
/// about a header is found out once.
#[derive(Debug, Default)]
pub struct Headers {
    known: HashMap<NamesOfSource, Arc<Header>>,
    last: Arc<Header>,
}

impl Headers {
    pub fn new() -> Self {
        Self::default()
    }

    /// The header of these names in this order.
    pub fn of(&mut self, names: &Cells) -> Arc<Header> {
        self.of_source(names, None)
    }

    /// The same, of rows whose source is known.
    pub fn of_source(&mut self, names: &Cells, source: Option<&Arc<str>>) -> Arc<Header> {
        if *names != self.last.names || source != self.last.source.as_ref() {
            let names = names.iter().map(str::to_owned).collect();
            self.last = self.find((names, source.cloned()));
        }
        Arc::clone(&self.last)
    }

    fn find(&mut self, key: (Vec<String>, Option<Arc<str>>)) -> Arc<Header> {
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        if self.known.len() == KEPT {
            self.known.clear();
        }
        let (names, source) = key.clone();
        let header = Arc::new(Header { names, source });
        self.known.insert(key, Arc::clone(&header));
        header
    }
}

/// One row of an input, before anybody knows what its columns mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The file as the user named it, or `-`.
    pub file: Arc<str>,
    /// 1-based line in that file where the row starts; a CSV header counts.
    pub line: u64,
    pub header: Arc<Header>,
    pub cells: Cells,
    /// Cells at its end that its writer left out; they are blank here.
    pub left_out: usize,
    /// Why this row can't be used (wrong length, invalid bytes, broken JSON…),
    /// in words for the user. The cells then hold what could be read.
    pub fault: Option<String>,
    /// Its platform says that it is a test lead.
    pub is_test: bool,
    /// What the input's rows say together; `None`: nothing, or nobody asked.
    pub evidence: Option<Arc<Evidence>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of whatever encoding holds them, and is known by them.
    #[test]
    fn our_columns_are_called_so_that_every_file_can_say_it() {
        for name in Ours::ALL.into_iter().flat_map(Ours::names) {
            assert!(name.is_ascii() && name.starts_with("leadctl_"), "{name}");
        }
        assert!(Ours::State.is("leadctl_etat") && Ours::State.is(" leadctl_state "));
    }

    #[test]
    fn the_same_names_share_a_header() {
        let mut headers = Headers::new();
        let ab = Cells::from_iter(["a", "b"]);
        let first = headers.of(&ab);
        let other = headers.of(&Cells::from_iter(["ab", ""]));
        assert!(Arc::ptr_eq(&first, &headers.of(&ab)));
        assert!(!Arc::ptr_eq(&first, &other));
        assert_eq!(other.names, ["ab", ""]);
    }

    #[test]
    fn the_same_names_of_another_source_are_another_header() {
        let mut headers = Headers::new();
        let names = Cells::from_iter(["a"]);
        let own = headers.of(&names);
        let ads = headers.of_source(&names, Some(&"ads".into()));
        assert!(!Arc::ptr_eq(&own, &ads) && ads.source.as_deref() == Some("ads"));
        assert!(Arc::ptr_eq(&own, &headers.of(&names)));
    }

    #[test]
    fn a_name_twice_is_seen() {
        let header = |names: &[&str]| Headers::new().of(&Cells::from_iter(names));
        assert_eq!(header(&["a", "", "b", " a", ""]).twice(), Some((0, 3)));
        assert_eq!(header(&["a", "", "b", ""]).twice(), None);
    }

    #[test]
    fn many_headers_are_forgotten() {
        let mut headers = Headers::new();
        for number in 0..3 * KEPT {
            headers.of(&Cells::from_iter([number.to_string()]));
        }
        assert!(headers.known.len() <= KEPT);
    }
}
