#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| leadctl::fuzzing::read(bytes, Some("csv")));
