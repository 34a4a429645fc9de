//! The house stands: no file imports one that imports it, rooms only look down,
//! and each knows no more than it may.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A room and what it must not know.
const WALLS: [(&str, &[&str]); 9] = [
    ("lead", &["std::fs", "std::net", "crate::partner"]),
    ("input", &["crate::partner", "crate::transport", "std::net"]),
    ("partner", &["std::env", "std::net", "crate::secrets"]),
    (
        "mapping",
        &["std::fs", "std::env", "std::net", "jiff", "crate::secrets"],
    ),
    ("outcome", &["std::fs", "std::net", "crate::transport::Tra"]),
    ("transport", &["crate::lead", "crate::ledger"]),
    (
        "ledger",
        &["toml", "ureq", "crate::partner", "crate::mapping"],
    ),
    (
        "report",
        &["crate::ledger", "crate::partner", "crate::input"],
    ),
    (
        "delivery",
        &["toml", "ureq", "crate::input", "crate::report"],
    ),
];

/// Words that only one room may use.
const OWN: [(&str, &str); 2] = [("ureq::", "transport"), ("rusqlite::", "ledger")];

/// A file of the source, by its module's path.
struct Source {
    module: Vec<String>,
    /// Without its tests.
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        self.module.first().map_or("main", String::as_str)
    }

    fn name(&self) -> String {
        self.module.join("/")
    }

    /// The paths of what it imports, from the crate's root on.
    fn imports(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for statement in self.text.split("\nuse ").skip(1) {
            let tree = statement.split(';').next().unwrap_or_default();
            spread(
                &self.module,
                &tree.replace(char::is_whitespace, ""),
                &mut paths,
            );
        }
        paths
    }
}

/// Every path of a `use` tree.
fn spread(module: &[String], tree: &str, paths: &mut Vec<Vec<String>>) {
    let (stem, branches) = match tree.split_once('{') {
        Some((stem, rest)) => (stem, rest.strip_suffix('}').unwrap_or(rest)),
        None => (tree, ""),
    };
    if !branches.is_empty() {
        let (mut depth, mut from) = (0, 0);
        for (at, letter) in branches.char_indices().chain([(branches.len(), ',')]) {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    spread(module, &[stem, &branches[from..at]].concat(), paths);
                    from = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let mut path = Vec::new();
    for part in stem.split("::") {
        match part {
            "crate" => {}
            "super" if path.is_empty() => {
                path = module[..module.len().saturating_sub(1)].to_vec();
            }
            "super" => drop(path.pop()),
            "self" => {}
            part => path.push(part.to_owned()),
        }
    }
    paths.push(path);
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => sources.extend(source(&root, path)),
            }
        }
    }
    assert!(sources.len() > 100, "{} files", sources.len());
    sources
}

/// `None`: it is no source, or only tests.
fn source(root: &Path, path: PathBuf) -> Option<Source> {
    let inside = path.strip_prefix(root).unwrap().with_extension("");
    let parts: Vec<String> = inside
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    let tests = parts.iter().any(|part| part.ends_with("tests"));
    if tests || path.extension()? != "rs" {
        return None;
    }
    let face = |part: &String| part == "mod" || part == "main";
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    Some(Source {
        module: parts.into_iter().filter(|part| !face(part)).collect(),
        text: ["\n", text].concat(),
    })
}

/// Takes away what imports nothing that is left, again and again; what stays
/// stands in a circle or above one.
fn circles(mut arrows: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    loop {
        let ground: BTreeSet<String> = arrows
            .iter()
            .filter(|(_, to)| to.iter().all(|to| !arrows.contains_key(to)))
            .map(|(from, _)| from.clone())
            .collect();
        if ground.is_empty() {
            let told = arrows.iter().map(|(from, to)| format!("{from} -> {to:?}"));
            return told.collect();
        }
        arrows.retain(|from, _| !ground.contains(from));
    }
}

#[test]
fn no_file_imports_one_that_imports_it() {
    let sources = sources();
    let names: BTreeSet<String> = sources.iter().map(Source::name).collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in &sources {
        let to = arrows.entry(source.name()).or_default();
        for path in source.imports() {
            // The longest beginning that is a file; a folder's face only hands
            // on what is in it.
            let ends = (1..=path.len()).rev();
            let file = ends
                .map(|end| path[..end].join("/"))
                .find(|name| names.contains(name));
            let inside = |file: &String| source.name().starts_with(&format!("{file}/"));
            to.extend(file.filter(|file| *file != source.name() && !inside(file)));
        }
    }
    let count: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(count > 400, "only {count} imports were found");
    assert_eq!(circles(arrows), Vec::<String>::new());
}

#[test]
fn rooms_look_down_only() {
    let sources = sources();
    let rooms: BTreeSet<&str> = sources.iter().map(Source::room).collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in &sources {
        let to = arrows.entry(source.room().to_owned()).or_default();
        for path in source.imports() {
            let room = path.first().filter(|room| rooms.contains(room.as_str()));
            to.extend(room.filter(|room| *room != source.room()).cloned());
        }
    }
    assert_eq!(circles(arrows), Vec::<String>::new());
}

#[test]
fn each_room_knows_no_more_than_it_may() {
    for source in sources() {
        let walls = WALLS.iter().filter(|(room, _)| *room == source.room());
        for word in walls.flat_map(|(_, words)| *words) {
            let uses = format!("\nuse {word}");
            assert!(!source.text.contains(&uses), "{}: {word}", source.name());
        }
        for (word, owner) in OWN {
            let foreign = source.room() != owner && source.text.contains(word);
            assert!(!foreign, "{}: {word} belongs to {owner}", source.name());
        }
        let prints = |line: &str| {
            let print = line.contains("print!(") || line.contains("println!(");
            line.contains("stdout()") || print && !line.contains("eprint")
        };
        let printing = source.text.lines().find(|line| prints(line));
        assert!(
            source.room() == "report" || printing.is_none(),
            "{} writes to stdout: {printing:?}",
            source.name()
        );
    }
}
