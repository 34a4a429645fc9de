//! What a partner shows of the leads that it has: its list, page by page, and how
//! a lead in doubt is looked for, there or by asking for the person.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::call::Call;
use super::extract::Pointer;
use super::target::Target;

/// A list in pages. A page is an answer that a rule calls `delivered`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename = "`list`")]
pub struct PartnerList {
    #[serde(rename = "(call)")]
    pub call: Call,
    /// The name in the query of the page's number, from 1.
    page: Option<String>,
    offset: Option<Offset>,
    cursor: Option<Cursor>,
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
    #[serde(default)]
    pub show: Vec<Pointer>,
}

/// How the pages of a list are asked for one after the other.
#[derive(Debug, Clone, Copy)]
pub enum Paging<'l> {
    /// There is one page.
    One,
    /// By its number, from 1, under this name in the query.
    Number(&'l str),
    Offset(&'l Offset),
    Cursor(&'l Cursor),
}

/// Pages by the number of entries before them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename = "`offset`")]
pub struct Offset {
    /// Its name in the query.
    pub query: String,
    /// The entries of a page.
    pub step: u32,
}

/// Pages of which each names the next one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename = "`cursor`")]
pub struct Cursor {
    /// Where the next page's name stands in an answer.
    pub at: Pointer,
    /// Its name in the query.
    pub query: String,
}

impl PartnerList {
    /// How its pages are asked for.
    pub fn paging(&self) -> Paging<'_> {
        let number = self.page.as_deref().map(Paging::Number);
        let offset = || self.offset.as_ref().map(Paging::Offset);
        let cursor = || self.cursor.as_ref().map(Paging::Cursor);
        number
            .or_else(offset)
            .or_else(cursor)
            .unwrap_or(Paging::One)
    }

    /// It is told in several ways how its pages are asked for.
    pub(super) fn pages_twice(&self) -> bool {
        let ways = [
            self.page.is_some(),
            self.offset.is_some(),
            self.cursor.is_some(),
        ];
        ways.into_iter().filter(|way| *way).count() > 1
    }
}

/// How a lead in doubt is looked for: by a call that asks for the person, whose
/// rules say what became of the lead, or in the list, by what makes an entry the
/// lead that was sent; what is found there is asked about as `follow` says.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename = "`find`", default)]
pub struct Find {
    #[serde(rename = "(call)")]
    pub(super) call: Call,
    /// Where the moment of its creation stands in the answer: what was there
    /// before the sending began is a duplicate.
    pub created: Option<Pointer>,
    #[serde(rename = "match")]
    pub matches: Vec<FieldMatch>,
    pub(super) may_be_empty: Vec<String>,
    /// These too, where both sides have a value.
    pub sent: Vec<SentMatch>,
    /// An entry this much older than the sending, or younger than its end, may
    /// still be it: clocks differ, and a partner may be slow.
    #[serde(default = "five_minutes")]
    pub margin: Duration,
}

impl Find {
    /// The call that asks for the person; `None`: the list is searched.
    pub fn question(&self) -> Option<&Call> {
        let asks = !self.call.path.is_empty() || !self.call.query.is_empty();
        asks.then_some(&self.call)
    }

    /// [`Find::margin`] in milliseconds.
    pub fn margin_ms(&self) -> i64 {
        i64::try_from(self.margin.as_millis()).unwrap_or(i64::MAX)
    }
}

/// A place in an entry that holds what a lead's fields hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct FieldMatch {
    pub at: Pointer,
    /// Lead fields; several are joined by a space.
    pub fields: Vec<String>,
    /// The list may leave it empty: compared only where it is filled.
    #[serde(skip)]
    pub may_be_empty: bool,
}

/// A place in an entry that holds what was sent, value by value.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct SentMatch {
    pub at: Pointer,
    /// Where it stood in what was sent: a target of `fields`.
    pub target: Target,
}

fn five_minutes() -> Duration {
    Duration::from_secs(5 * 60)
}
