//! How the partner's own list is read, page after page, and how a lead in doubt
//! is looked for in it: the words of `[NAME.list]` and `[NAME.find]`.

use std::time::Duration;

use serde::Deserialize;

use super::call::Call;
use super::pointer::Pointer;

/// A list in pages. A page is an answer that a rule calls `delivered`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename = "`list`")]
pub struct PartnerList {
    #[serde(rename = "(call)")]
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
    #[serde(default)]
    pub show: Vec<Pointer>,
}

/// What makes an entry of the list the lead that was sent. What is found there
/// is asked about as `follow` says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename = "`find`", default)]
pub struct Find {
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

/// A place in an entry that holds what a lead's fields hold.
#[derive(Debug, Clone, Deserialize)]
pub struct FieldMatch {
    pub at: Pointer,
    /// Lead fields; several are joined by a space.
    pub fields: Vec<String>,
    /// The list may leave it empty: compared only where it is filled.
    #[serde(skip)]
    pub may_be_empty: bool,
}

/// A place in an entry that holds what was sent, value by value.
#[derive(Debug, Clone, Deserialize)]
pub struct SentMatch {
    pub at: Pointer,
    /// Where it stood in what was sent: a target of `fields`.
    pub target: String,
}

fn five_minutes() -> Duration {
    Duration::from_secs(5 * 60)
}
