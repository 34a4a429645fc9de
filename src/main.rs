#![allow(dead_code)]

mod input;
mod lead;
mod ledger;
mod mapping;
mod request;
mod transport;

fn main() {}
