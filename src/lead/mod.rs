//! A lead: one person who asked to be called back, as text under field names.
//! Pure: knows no file, no partner, no network.

mod aliases;
mod claims;
mod columns;
pub mod csv_injection;
mod damage;
mod entities;
mod evidence;
mod facts;
mod figures;
mod hold;
mod layout;
#[allow(clippy::module_inception)]
mod lead;
mod marks;
mod money;
mod nobody;
mod nothing;
mod path;
mod record;
mod state;
mod stored;
mod survey;
pub mod text;

pub use aliases::Aliases;
pub use columns::{Columns, REACH, Source, recognise};
pub use damage::{NOT_CALCULATED, Repair, is_rounded};
pub use evidence::{Evidence, Habits};
pub use facts::{FACTS, LeadFacts};
pub use figures::{Counted, Dated, Figures};
pub use hold::{Hold, HoldReason, Limit};
pub use layout::{JsonPath, Lookup, PairList};
pub use lead::{Lead, NoteContent, NoteKind, Preparation, prepare};
pub use money::Money;
pub use nobody::{is_nobodys, may_be_nobodys};
pub use record::{Cells, Header, Headers, Ours, Record, is_ours};
pub use state::{FilterReason, Kept, State};
pub use stored::{Pairs, Stored, from_stored};
pub use survey::Survey;

#[cfg(test)]
mod tests;
