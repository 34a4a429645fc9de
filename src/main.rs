#![allow(dead_code)]

mod input;
mod lead;
mod ledger;
mod mapping;
mod outcome;
mod partner;
mod request;
mod transport;

fn main() {}
