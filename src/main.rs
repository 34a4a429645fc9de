#![allow(dead_code)]

mod input;
mod lead;
mod ledger;
mod mapping;
mod partner;
mod request;
mod sandbox;
mod transport;

fn main() {}
