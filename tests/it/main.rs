//! The binary as a user runs it: real files, real sockets, `kill -9`. One module
//! a promise or a verb; `docs/testing.md` says which promise is held where.

// A test may fail loudly; the program may not.
#![allow(clippy::unwrap_used)]

mod amend;
mod block;
mod calendar;
mod callers;
mod capped;
mod catalogue;
mod check;
mod common;
mod config;
mod consent;
mod corpus;
mod declared_doubt;
mod documents;
mod exclusive;
mod filtered;
mod follow;
mod house;
mod init;
mod input;
mod language;
mod list;
mod morning;
mod never_lost;
mod never_twice;
mod notify;
mod output;
mod pace;
mod pages;
mod partner_settings;
mod partners;
#[cfg(target_os = "linux")]
mod power_cuts;
mod random_kills;
mod readme;
mod rejects;
mod report;
mod resolve;
mod routes;
mod sandbox;
mod send;
#[cfg(unix)]
mod shown;
mod vocabulary;
mod withdrawn;
mod witness;
mod words;
