//! What every kind of result line can say of itself: its named fields, for
//! scripts, and its cells, for people.

use jiff::tz::TimeZone;

use super::kind::Kind;
use crate::lead::State;

/// A field's value, before it is written as JSON or as a CSV cell.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    Text(&'a str),
    Number(i64),
    /// Milliseconds since 1970; written as RFC 3339.
    Time(i64),
    List(&'a [String]),
    Nothing,
}

impl<'a> Value<'a> {
    pub fn text(text: &'a Option<String>) -> Self {
        text.as_deref().map_or(Self::Nothing, Self::Text)
    }

    pub fn number(number: Option<impl Into<i64>>) -> Self {
        number.map_or(Self::Nothing, |number| Self::Number(number.into()))
    }

    /// A count or a line; more than an `i64` holds is no real one.
    pub fn count(count: u64) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub fn time(ms: Option<i64>) -> Self {
        ms.map_or(Self::Nothing, Self::Time)
    }
}

/// Receives the fields in the order of the contract.
pub type Put<'p, 'a> = &'p mut dyn FnMut(&'static str, Value<'a>);

/// A line's cells as text not yet cleaned or cut.
pub struct Cells {
    /// One for each of the kind's columns.
    pub cells: Vec<String>,
    /// Colours the state's cell.
    pub state: Option<State>,
    /// Told under the row, over the whole width.
    pub notes: Vec<String>,
}

/// A line of results.
pub trait Line {
    /// Puts every field, in order; the same ones for every line of a kind.
    fn fields<'a>(&'a self, kind: Kind, put: Put<'_, 'a>);

    /// The cells of the columns that `kind` has, instants in `zone`.
    fn cells(&self, kind: Kind, zone: &TimeZone) -> Cells;
}
