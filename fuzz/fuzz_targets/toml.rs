#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| leadctl::fuzzing::configure(text));
