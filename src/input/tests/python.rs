//! What Python's csv module writes, in every dialect and encoding, comes back.

use std::fs;
use std::process::Command;

use serde::Deserialize;

use super::super::{Encoding, Format, Options};
use super::read_with;

#[derive(Deserialize)]
struct Table {
    name: String,
    how: String,
    encoding: Option<String>,
    delimiter: char,
    rows: Vec<Vec<String>>,
}

#[test]
fn what_python_writes_comes_back() {
    for seed in 1..=6 {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let written = Command::new("python3")
            .args(["-I", "-c", include_str!("python.py")])
            .arg(folder.path())
            .arg(seed.to_string())
            .output()
            .expect("python3");
        let told = String::from_utf8_lossy(&written.stderr);
        let tables: Vec<Table> = serde_json::from_slice(&written.stdout).expect(&told);
        assert!(tables.len() > 400);
        for table in tables {
            let bytes = fs::read(folder.path().join(&table.name)).expect("a table");
            come_back(&table, bytes, seed);
        }
    }
}

fn come_back(table: &Table, bytes: Vec<u8>, seed: u32) {
    let encoding = table.encoding.as_deref();
    let options = Options {
        format: Some(Format::Csv),
        delimiter: Some(table.delimiter as u8),
        encoding: encoding.map(|label| Encoding::named(label).expect("an encoding")),
        ..Options::default()
    };
    let (_, rows) = read_with(bytes.clone(), &options).expect("read");
    let cells = |row: &crate::lead::Record| row.cells.iter().map(str::to_owned).collect();
    let came: Vec<Vec<String>> = rows.iter().map(cells).collect();
    // Rows of nothing but blanks and quotes may be left out: no lead is in them.
    let blank = |row: &&Vec<String>| {
        let cells = row.concat();
        !cells.trim_matches([' ', '"', '\r', '\n']).is_empty()
    };
    let came: Vec<_> = came.iter().filter(blank).collect();
    let sent: Vec<_> = table.rows.iter().filter(blank).collect();
    let shown = String::from_utf8_lossy(&bytes);
    assert_eq!(came, sent, "seed {seed}, {}:\n{shown:?}", table.how);
    let faults: Vec<_> = rows.iter().filter_map(|row| row.fault.as_ref()).collect();
    assert!(faults.is_empty(), "{}: {faults:?}\n{shown:?}", table.how);
}
