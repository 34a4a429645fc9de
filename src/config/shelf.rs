//! Partners' tables that are no destinations until a user takes one: each a file of
//! `examples/partners`, compiled in.

use include_dir::{Dir, include_dir};

use crate::words::language;

static SHELF: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/partners");

/// The names of the tables, in their order.
pub fn names() -> Vec<&'static str> {
    let stem = |file: &include_dir::File<'static>| file.path().file_stem()?.to_str();
    let mut names: Vec<&str> = SHELF.files().filter_map(stem).collect();
    names.sort_unstable();
    names
}

/// The file of a table; of what its head says in several languages (`#fr …`), what is
/// said in the one that is spoken.
pub fn table(name: &str) -> Option<String> {
    let text = SHELF.get_file(format!("{name}.toml"))?.contents_utf8()?;
    let (head, table) = text.split_at(text.find("\n[")? + 1);
    let said = |mark: &str| {
        let lines = head.lines().filter_map(|line| line.strip_prefix(mark));
        lines.map(|line| format!("# {line}\n")).collect::<String>()
    };
    let (own, english) = (said(&format!("#{} ", language())), said("# "));
    Some(if own.is_empty() { english } else { own } + table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::languages;

    #[test]
    fn a_table_is_headed_by_one_language_and_knows_all() {
        for name in names() {
            let text = table(name).unwrap();
            assert!(!text.contains("\n#fr "), "{text}");
            let file = SHELF.get_file(format!("{name}.toml")).unwrap();
            let written = file.contents_utf8().unwrap();
            let others = languages().into_iter().filter(|it| it != "en");
            for mark in others.map(|language| format!("\n#{language} ")) {
                assert!(written.contains(&mark), "{name}: {mark}");
            }
        }
    }
}
