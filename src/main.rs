#![allow(dead_code)]

mod input;
mod lead;
mod mapping;
mod request;
mod transport;

fn main() {}
