//! The stored corpus of the fuzz targets, through every reader.

use std::fs;
use std::path::Path;

use clap::ValueEnum;

use super::super::{Format, Options};
use super::read_with;

#[test]
fn the_stored_corpus_panics_no_reader() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut seen = 0;
    for reader in ["csv", "json", "jsonl", "workbook", "any"] {
        for entry in fs::read_dir(folder.join(reader)).expect("a corpus") {
            let bytes = fs::read(entry.expect("a file").path()).expect("a file");
            for format in [
                None,
                Format::from_str(reader, true).ok(),
                Some(Format::Csv),
                Some(Format::Json),
            ] {
                let options = Options {
                    format,
                    ..Options::default()
                };
                if let Ok((_, rows)) = read_with(bytes.clone(), &options) {
                    assert!(rows.len() <= bytes.len() + 1);
                }
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}
