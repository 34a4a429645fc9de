//! What is open around the lead that comes next: lists, tables, and objects that
//! wrap them.

use std::sync::Arc;

use super::error::ErrorKind;
use super::header::header_of;
use super::kind::ObjectKind;
use super::table::Table;
use crate::lead::Header;

/// What can be open around a lead.
pub enum Open {
    /// A list of leads.
    List,
    /// A list of rows, and what their columns are called.
    Rows(Option<Arc<Header>>),
    /// An object that wraps lists of leads.
    Page,
    /// An object that wraps one that is a page.
    Wrapper,
    /// An object that wraps rows, under this key.
    Table(String, Option<Arc<Header>>),
    /// An object whose members are leads.
    Members,
}

/// What is open, the innermost last.
#[derive(Default)]
pub struct Nesting {
    open: Vec<Open>,
    /// Objects among these.
    objects: usize,
    /// It is rows one after the other, which no list holds.
    bare: bool,
    /// Something of the outermost list was read.
    pub begun: bool,
    /// Its elements are pages.
    pub of_pages: bool,
}

impl Nesting {
    pub fn open(&self) -> &[Open] {
        &self.open
    }

    pub fn innermost(&mut self) -> Option<&mut Open> {
        self.open.last_mut()
    }

    /// Whether an object is open.
    pub fn in_object(&self) -> bool {
        self.objects > 0
    }

    /// A list begins. `key`: what an object calls it. `false`: nothing in it is wanted.
    pub fn push_list(&mut self, key: &str) -> bool {
        if self.open.is_empty() {
            self.begun = false;
            self.of_pages = false;
        }
        self.open.push(match self.open.last() {
            Some(Open::Table(rows, header)) if rows == key => Open::Rows(header.clone()),
            Some(Open::Table(..)) => return false,
            _ => Open::List,
        });
        true
    }

    /// Rows begin: the outermost list turns out to be one of them, or they stand
    /// `bare`, in none.
    pub fn is_of_rows(&mut self, bare: bool) {
        self.open = vec![Open::Rows(None)];
        self.bare = bare;
    }

    /// An object that wraps leads begins.
    ///
    /// # Errors
    /// What it calls its columns can't be.
    pub fn push_object(&mut self, kind: ObjectKind) -> Result<(), ErrorKind> {
        self.objects += 1;
        self.open.push(match kind {
            ObjectKind::Table(Table::Rows { key, names }) => {
                let names = names.map(|names| header_of(&names.iter().collect()));
                Open::Table(key, names.transpose()?.map(Arc::new))
            }
            ObjectKind::Table(_) => Open::Members,
            ObjectKind::Wrapper => Open::Wrapper,
            _ => Open::Page,
        });
        Ok(())
    }

    /// What closes the innermost.
    fn closing(&self) -> Option<u8> {
        match self.open.last()? {
            _ if self.bare => None,
            Open::List | Open::Rows(_) => Some(b']'),
            _ => Some(b'}'),
        }
    }

    /// Whether this byte closes what is innermost.
    pub fn closes(&self, byte: u8) -> bool {
        self.closing() == Some(byte)
    }

    pub fn pop(&mut self) {
        if !matches!(self.open.pop(), Some(Open::List | Open::Rows(_))) {
            self.objects -= 1;
        }
    }

    /// So many lists are open, and nothing else.
    pub fn set_lists(&mut self, count: usize) {
        self.open.resize_with(count, || Open::List);
        self.begun = true;
    }

    /// Forgets what is open. What should have closed the innermost.
    pub fn clear(&mut self) -> Option<char> {
        let closing = self.closing().map(char::from);
        self.open.clear();
        (self.objects, self.bare) = (0, false);
        closing
    }
}
