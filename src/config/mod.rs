//! The vocabulary of `partners.toml`: what a destination is, read from data.
//! Reads no secret and no lead's value, and calls nobody.
//!
//! The files become toml's own tables, whose values know where they stand
//! (`document`), one is laid over the other (`layers`), serde reads the types
//! below from what comes of it (`reader`), and `validate` tells what can't work
//! together. A new word
//! is a field of one of these types, and a line of `docs/partners.md`.

mod address;
mod auth;
mod call;
mod catalogue;
pub mod countries;
mod destination;
mod document;
mod field_rule;
mod layers;
mod list;
pub mod measure;
mod mistake;
mod pattern;
mod pointer;
mod reader;
mod response_rule;
mod settings;
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
