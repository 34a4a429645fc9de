#![no_main]
#![allow(dead_code, unused_imports)]

#[path = "../../src/input/mod.rs"]
mod input;
#[path = "../../src/lead/mod.rs"]
mod lead;
#[path = "../read.rs"]
mod read;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| read::all(bytes, None));
