//! The vocabulary of `partners.toml`: what a destination is, read from data.
//! Reads no secret and no lead's value, and calls nobody.
//!
//! The files become trees whose values know their lines (`tree`), one is laid
//! over the other (`layers`), serde reads the types below from what comes of it
//! (`deserialize`), and `validate` tells what can't work together. A new word
//! is a field of one of these types, and a line of `docs/partners.md`.

mod address;
mod auth;
mod call;
mod catalogue;
pub mod countries;
mod deserialize;
mod destination;
mod field_rule;
mod layers;
mod list;
pub mod measure;
mod mistake;
mod pattern;
mod pointer;
mod response_rule;
mod settings;
mod tree;
mod validate;

pub use auth::{Auth, Secret};
pub use call::{Amend, Call, Method, REF, REFERENCE};
pub use catalogue::{Catalogue, SourceTable};
pub use destination::{Destination, SafeToRepeat};
pub use field_rule::{FieldRule, ValueFormat, ValueType};
pub use list::{FieldMatch, Find, PartnerList};
pub use mistake::{Mistake, nearest};
pub use pattern::Pattern;
pub use pointer::Pointer;
pub use response_rule::{
    AnswerPart, Condition, Example, Expected, Extract, ResponseRule, Then, Wait,
};
pub use settings::{Must, PartnerSettings};
