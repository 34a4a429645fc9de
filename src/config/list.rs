//! How the partner's own list is read, page after page: the words of
//! `[NAME.list]`.

use super::answer::{pointer, pointers};
use super::follow::question;
use super::operation::Call;
use super::pointer::Pointer;
use super::reader::Mistakes;
use super::tree::Table;

/// A list in pages. A page is an answer that a rule calls `delivered`.
#[derive(Debug, Clone)]
pub struct PartnerList {
    pub call: Call,
    /// The name in the query of the page's number, from 1; `None`: one page.
    pub page: Option<String>,
    /// Where the entries stand in an answer.
    pub items: Pointer,
    /// Where the number of the last page stands in an answer.
    pub last: Option<Pointer>,
    /// Where the partner's number stands in an entry.
    pub id: Pointer,
    /// Where the partner's word for its state stands in an entry.
    pub state: Option<Pointer>,
    /// Where the moment of its creation stands in an entry.
    pub created: Option<Pointer>,
    /// What a person is shown of an entry besides.
    pub show: Vec<Pointer>,
}

pub(super) const WORDS: &[&str] = &[
    "path", "query", "rules", "message", "words", "page", "items", "last", "id", "state",
    "created", "show",
];

impl PartnerList {
    /// Reads the table, if there is one.
    pub fn read(table: &Table, name: &str, mistakes: &mut Mistakes) -> Option<Self> {
        let (operation, own) = question(table, "list", WORDS, name, mistakes)?;
        let mut needed = |word: &str| {
            let found = pointer(own, word, mistakes);
            if own.get(word).is_none() {
                mistakes.hint(
                    &operation.place,
                    format!("[{name}.list] needs `{word}`"),
                    match word {
                        "items" => "where the entries stand in the answer: items = \"/data\"",
                        _ => "where the partner's number stands in an entry: id = \"/id\"",
                    },
                );
            }
            found
        };
        let (items, id) = (needed("items"), needed("id"));
        if !operation.proves_success() {
            mistakes.hint(
                &operation.place,
                format!("no rule of [{name}.list] says how a page is recognised"),
                "rules = [{ when = { status = 200 }, then = \"delivered\" }]",
            );
        }
        Some(Self {
            page: mistakes.text(own, "page"),
            items: items?,
            last: pointer(own, "last", mistakes),
            id: id?,
            state: pointer(own, "state", mistakes),
            created: pointer(own, "created", mistakes),
            show: pointers(own, "show", mistakes),
            call: operation,
        })
    }
}
