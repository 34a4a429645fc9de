//! The vocabulary of `partners.toml`: what a destination is, read from data.
//! Reads no secret and no lead's value, and calls nobody.

pub mod amend;
pub mod answer;
pub mod auth;
mod base;
pub mod catalogue;
pub mod condition;
pub mod countries;
mod country;
mod definition;
pub mod destination;
pub mod example;
pub mod find;
pub mod follow;
mod former;
mod headers;
pub mod list;
pub mod measure;
pub mod mistake;
mod named;
pub mod online;
pub mod operation;
mod pace;
pub mod place;
pub mod pointer;
mod reader;
pub mod rule;
pub mod settings;
mod tree;
mod twice;
mod url;
mod whole;
pub mod words;

pub use catalogue::Catalogue;
pub use destination::Destination;
