//! Partners' tables that are no destinations until a user takes one: each a file of
//! `examples/partners`, compiled in.

use include_dir::{Dir, include_dir};

static SHELF: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/partners");

/// The names of the tables, in their order.
pub fn names() -> Vec<&'static str> {
    let stem = |file: &include_dir::File<'static>| file.path().file_stem()?.to_str();
    let mut names: Vec<&str> = SHELF.files().filter_map(stem).collect();
    names.sort_unstable();
    names
}

/// The file of a table.
pub fn table(name: &str) -> Option<&'static str> {
    SHELF.get_file(format!("{name}.toml"))?.contents_utf8()
}
