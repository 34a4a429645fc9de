//! Destinations are data: no partner's name stands in the program's source,
//! and nothing unfinished does.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn the_source_names_no_partner() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    assert!(files.len() > 50, "{} files", files.len());
    let names = [
        "adlead",
        "companeo",
        "hubspot",
        "maarch",
        "iciformation",
        "ici formation",
        "ici-formation",
        "ici_formation",
    ];
    // Also without a partner's name, code that is only promised is none.
    let promises = [concat!("todo", "!("), concat!("unimplemented", "!(")];
    for path in files {
        let shown = path.strip_prefix(root).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            for word in names.iter().chain(&promises) {
                assert!(!lower.contains(word), "{shown}:{}: {line}", number + 1);
            }
        }
        let lower = shown.to_lowercase();
        assert!(!names.iter().any(|name| lower.contains(name)), "{shown}");
    }
}

#[test]
fn no_test_is_empty_or_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    let left_out = concat!("#[", "ignore");
    for path in files
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
    {
        let text = fs::read_to_string(path).unwrap();
        let mut tests = text.split("#[test]\n").skip(1);
        let empty = tests.find(|test| test.lines().next().is_some_and(|line| line.ends_with("{}")));
        assert_eq!(empty, None, "{}", path.display());
        assert!(!text.contains(left_out), "{}", path.display());
    }
}
