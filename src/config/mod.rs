//! The vocabulary of `partners.toml`: what a destination is, read from data.
//! Reads no secret and no lead's value, and calls nobody.
//!
//! The files become toml's own tables, whose values know where they stand
//! and one is laid over the other (`document`), serde reads the types
//! below from what comes of it (`reader`), and `validate` tells what can't work
//! together. A new word
//! is a field of one of these types, and a line of `docs/partners.md`.

mod address;
mod auth;
mod call;
mod cap;
mod catalogue;
mod consent;
pub mod countries;
mod date_form;
mod destination;
mod document;
mod extract;
mod field_rule;
mod hours;
mod language;
mod lead_test;
pub mod measure;
mod missing;
mod mistake;
mod notify;
mod partner_list;
mod price;
mod reader;
mod response_rule;
mod route;
mod secret_name;
mod several;
pub mod shelf;
mod syntax;
mod table_type;
mod target;
mod template;
mod validate;
mod zone;

pub use auth::{Algorithm, Auth, Certificate, Encoding, Grant, Hmac, NamedSecret, OAuth2, Secret};
pub use call::{Amend, BodyKind, Call, Method, Must, PartnerSettings, REF, REFERENCE};
pub use catalogue::Catalogue;
pub use catalogue::merged::{MergedLine, merged, toml_key};
pub use catalogue::schema::schema;
pub use consent::{ConsentRule, Stated};
pub use date_form::{DateFault, DateForm, Moment};
pub use destination::{CREATED, Destination, SafeToRepeat, Values};
pub use document::Place;
pub use extract::{AnswerPart, Extract, Pattern, Pointer};
pub use field_rule::{Field, FieldRule, Hash, ValueFormat, ValueType};
pub use hours::Hours;
pub use language::language_of;
pub use lead_test::{LeadTest, Wanted};
pub use missing::Missing;
pub use mistake::{Mistake, nearest};
pub use notify::{Heartbeat, Notify, Occasion, Post, PostForm};
pub use partner_list::{FieldMatch, Find, Paging, PartnerList};
pub use response_rule::{Condition, Example, Expected, ResponseRule, Then, Wait};
pub use route::{Choice, Route};
pub use secret_name::names_secret;
pub use target::{Step, Target};
pub use template::{Given, Piece, Template};
