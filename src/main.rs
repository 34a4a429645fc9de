#![allow(dead_code)]

mod failure;
mod input;
mod lead;
mod ledger;
mod mapping;
mod outcome;
mod partner;
mod report;
mod request;
mod sandbox;
mod transport;

fn main() {}
