//! The binary as a user runs it: real files, real sockets, `kill -9`. One module
//! a promise or a verb; `docs/testing.md` says which promise is held where.

mod common;
mod following;

mod afternoon;
mod amend;
mod check;
mod damage;
mod documents;
mod doubts;
mod dry_run;
mod exit_codes;
mod exports;
mod failures;
mod faults;
mod flags;
mod follow;
mod house;
mod init;
mod input;
mod kills;
mod layers;
mod list;
mod no_names;
mod online;
mod output;
mod partner;
mod partner_settings;
mod partners;
#[cfg(target_os = "linux")]
mod power_cuts;
mod reading;
mod readme;
mod ready;
mod rejects;
mod sandbox;
