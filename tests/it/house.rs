//! The house stands: no file imports one that imports it, rooms only look down,
//! and each knows no more than it may.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A room and what it must not know.
const WALLS: [(&str, &[&str]); 9] = [
    ("lead", &["std::fs", "std::net", "config"]),
    ("input", &["std::net", "config", "http"]),
    (
        "config",
        &[
            "std::env",
            "std::fs",
            "std::net::TcpStream",
            "session::secrets",
        ],
    ),
    (
        "mapping",
        &[
            "std::fs",
            "std::env",
            "std::net",
            "std::time",
            "jiff",
            "session::secrets",
        ],
    ),
    ("outcome", &["std::fs", "std::net", "http::Transport"]),
    ("http", &["ledger"]),
    ("ledger", &["toml", "ureq", "config", "mapping"]),
    ("output", &["ledger", "config", "input"]),
    ("delivery", &["toml", "ureq", "input", "output"]),
];

/// Crates that one room keeps to itself.
const OWN: [(&str, &str); 9] = [
    ("ureq", "http"),
    ("rusqlite", "ledger"),
    ("zip", "input"),
    ("calamine", "input"),
    ("cfb", "input"),
    ("flate2", "input"),
    ("quick_xml", "input"),
    ("oem_cp", "input"),
    ("rust_xlsxwriter", "output"),
];

type Names = Vec<String>;

/// A file of the source.
struct Source {
    /// Its module's path.
    module: Names,
    /// Without comments and tests.
    text: String,
    /// What it uses, from the crate's root on, or a crate's.
    paths: BTreeSet<Names>,
    /// What it only hands on: a name, and where that comes from.
    hands_on: BTreeMap<String, Names>,
}

impl Source {
    fn room(&self) -> &str {
        self.module.first().map_or("main", String::as_str)
    }

    fn name(&self) -> String {
        self.module.join("::")
    }
}

/// All files of the source, by their names.
struct House(BTreeMap<String, Source>);

impl House {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![root.clone()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.extend(text_of(&root, path)),
                }
            }
        }
        assert!(files.len() > 100, "{} files", files.len());
        let modules: BTreeSet<Names> = files.iter().map(|(module, _)| module.clone()).collect();
        let sources = files.into_iter().map(|(module, text)| {
            let mut source = Source {
                paths: BTreeSet::new(),
                hands_on: BTreeMap::new(),
                module,
                text,
            };
            source.read_paths(&modules);
            (source.name(), source)
        });
        Self(sources.collect())
    }

    /// The file in which the end of a path stands, however it was handed on.
    fn home(&self, path: &[String]) -> Option<&Source> {
        let ends = (1..=path.len()).rev();
        let (source, end) = ends
            .map(|end| (self.0.get(&path[..end].join("::")), end))
            .find_map(|(source, end)| Some((source?, end)))?;
        let handed = path.get(end).and_then(|name| source.hands_on.get(name));
        match handed {
            Some(from) => self.home(&[from, &path[end + 1..]].concat()),
            None => Some(source),
        }
    }

    fn arrows(&self, name: impl Fn(&Source) -> String) -> BTreeMap<String, BTreeSet<String>> {
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for source in self.0.values() {
            let from = name(source);
            let homes = source.paths.iter().filter_map(|path| self.home(path));
            let to = homes.map(&name).filter(|to| *to != from);
            arrows.entry(from.clone()).or_default().extend(to);
        }
        arrows
    }
}

/// The names of the files of the source, and their texts without comments and tests.
pub fn sources() -> Vec<(String, String)> {
    let house = House::read().0.into_values();
    house.map(|source| (source.name(), source.text)).collect()
}

/// A file's module and its text; `None`: it is no source, or only tests.
fn text_of(root: &Path, path: PathBuf) -> Option<(Names, String)> {
    let inside = path.strip_prefix(root).unwrap().with_extension("");
    let parts = inside.iter().map(|part| part.to_str().unwrap().to_owned());
    let mut module: Names = parts.collect();
    if path.extension()? != "rs" || module.iter().any(|part| part.ends_with("tests")) {
        return None;
    }
    module.retain(|part| part != "mod" && part != "main");
    let text = fs::read_to_string(path).unwrap();
    let mut lines = Vec::new();
    let mut tests = false;
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        // Tests stand at the end, or in a file of their own.
        if tests && line.starts_with("mod ") && line.ends_with('{') {
            break;
        }
        tests = line == "#[cfg(test)]" || tests && line.starts_with("#[");
        lines.push(line);
    }
    Some((module, lines.join("\n")))
}

impl Source {
    fn read_paths(&mut self, modules: &BTreeSet<Names>) {
        let text = std::mem::take(&mut self.text);
        let mut body = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("use ") {
            let line = before.rsplit('\n').next().unwrap_or_default();
            let public = line.trim_start().starts_with("pub");
            let (tree, after) = match after.split_once(';') {
                Some(parts) if public || line.trim().is_empty() => parts,
                _ => ("", after),
            };
            body.push_str(before);
            rest = after;
            let mut leaves = Vec::new();
            let tree = tree.split_whitespace().collect::<Vec<_>>().join(" ");
            spread(&tree, &mut leaves);
            for (path, name) in leaves {
                let Some(path) = self.resolved(&path, modules) else {
                    continue;
                };
                if public {
                    self.hands_on.insert(name, path.clone());
                }
                // What a face hands on of its own room is no use of it.
                if !public || !path.starts_with(&self.module) {
                    self.paths.insert(path);
                }
            }
        }
        body.push_str(rest);
        let word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':');
        for inline in body.split(|letter| !word(letter)) {
            let path = inline.trim_matches(':');
            if path.contains("::") {
                self.paths.extend(self.resolved(path, modules));
            }
        }
        self.text = text;
    }

    /// A path as it is written here, from the crate's root on.
    fn resolved(&self, path: &str, modules: &BTreeSet<Names>) -> Option<Names> {
        let mut parts = path.split("::").map(str::to_owned);
        let first = parts.next()?;
        let child = [&self.module[..], std::slice::from_ref(&first)].concat();
        let mut whole = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len().checked_sub(1)?].to_vec(),
            "std" => vec![first],
            _ if modules.contains(&child) => child,
            // Another crate's, or a name that was brought in.
            _ => vec![format!("{first} of a crate")],
        };
        for part in parts {
            match part.as_str() {
                "super" => drop(whole.pop()),
                "self" => {}
                _ => whole.push(part),
            }
        }
        Some(whole)
    }
}

/// The paths of a `use` tree, each with the name that it is known by.
fn spread(tree: &str, leaves: &mut Vec<(String, String)>) {
    let Some((stem, branches)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, tree));
        let path = path.trim().trim_end_matches("::self");
        let name = name.trim().trim_end_matches("::self");
        let name = name.rsplit("::").next().unwrap_or_default();
        if !path.is_empty() {
            leaves.push((path.to_owned(), name.to_owned()));
        }
        return;
    };
    let branches = branches.trim_end().strip_suffix('}').unwrap_or(branches);
    let (mut depth, mut from) = (0, 0);
    for (at, letter) in branches.char_indices().chain([(branches.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let branch = branches[from..at].trim();
                if !branch.is_empty() {
                    spread(&[stem.trim(), branch].concat(), leaves);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// The circles: whoever is reached from where it reaches.
fn circles(arrows: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Names> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = arrows
        .keys()
        .map(|from| {
            let mut reached = BTreeSet::new();
            let mut ahead = vec![from];
            while let Some(to) = ahead.pop() {
                let further = arrows.get(to).into_iter().flatten();
                ahead.extend(further.filter(|to| reached.insert(*to)));
            }
            (from, reached)
        })
        .collect();
    let back = |from, to| {
        reached
            .get(to)
            .is_some_and(|reached| reached.contains(from))
    };
    let circles = reached.iter().map(|(from, to)| {
        let circle = to.iter().filter(|to| back(*from, **to));
        circle.map(|to| (*to).clone()).collect::<Names>()
    });
    circles.filter(|circle| !circle.is_empty()).collect()
}

#[test]
fn no_file_imports_one_that_imports_it() {
    let arrows = House::read().arrows(Source::name);
    let count: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(count > 600, "only {count} arrows were found");
    assert_eq!(circles(&arrows), BTreeSet::new());
}

#[test]
fn rooms_look_down_only() {
    let arrows = House::read().arrows(|source| source.room().to_owned());
    assert_eq!(circles(&arrows), BTreeSet::new());
    // In the order of the table that a newcomer reads.
    let page = include_str!("../../docs/architecture.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let rooms: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert!(rooms.len() > 10, "{rooms:?}");
    let storey = |room: &str| rooms.iter().position(|known| *known == room);
    for (room, below) in &arrows {
        for other in below {
            if let (Some(own), Some(theirs)) = (storey(room), storey(other)) {
                assert!(theirs <= own, "{room} looks up to {other}");
            }
        }
    }
}

#[test]
fn each_room_knows_no_more_than_it_may() {
    for source in House::read().0.values() {
        let walls = WALLS.iter().filter(|(room, _)| *room == source.room());
        let strange = OWN.iter().filter(|(_, owner)| *owner != source.room());
        let forbidden = walls.flat_map(|(_, words)| *words).copied();
        for word in forbidden.chain(strange.map(|(word, _)| *word)) {
            let wall: Vec<&str> = word.split("::").collect();
            let outside = format!("{word} of a crate");
            let broken = source.paths.iter().find(|path| {
                let inside =
                    path.len() >= wall.len() && path.iter().zip(&wall).all(|(a, b)| a == b);
                inside || path[..1] == [outside.clone()]
            });
            assert_eq!(broken, None, "{} must not know {word}", source.name());
        }
        let prints = |line: &str| {
            let print = line.contains("print!(") || line.contains("println!(");
            line.contains("stdout()") || print && !line.contains("eprint")
        };
        let printing = source.text.lines().find(|line| prints(line));
        assert!(
            source.room() == "output" || printing.is_none(),
            "{} writes to stdout: {printing:?}",
            source.name()
        );
    }
}

#[test]
fn nobody_asks_the_machine_for_its_calendar_but_the_one_that_all_ask() {
    for source in House::read().0.values() {
        let own = source.name() == "calendar" || source.name() == "config::zone";
        let asks = ["TimeZone::system", "ZonedDateTime::now"];
        let asked = asks.iter().find(|word| source.text.contains(**word));
        assert!(own || asked.is_none(), "{}: {asked:?}", source.name());
    }
}
