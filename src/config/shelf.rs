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

/// The file of a table; of what its head and the comments behind its lines say in several
/// languages (`#fr …`), what is said in the one that is spoken.
pub fn table(name: &str) -> Option<String> {
    let text = SHELF.get_file(format!("{name}.toml"))?.contents_utf8()?;
    let (head, table) = text.split_at(text.find("\n[")? + 1);
    let said = |mark: &str| {
        let lines = head.lines().filter_map(|line| line.strip_prefix(mark));
        lines.map(|line| format!("# {line}\n")).collect::<String>()
    };
    let (own, english) = (said(&format!("#{} ", language())), said("# "));
    let head = if own.is_empty() { english } else { own };
    let lines = table.lines().map(|line| in_one_language(line) + "\n");
    Some(head + &lines.collect::<String>())
}

/// A line with one of the comments behind it: `… # yours #fr la vôtre`.
fn in_one_language(line: &str) -> String {
    let mark = format!(" #{} ", language());
    let told = line.rsplit_once(" # ").map(|(code, comments)| {
        let own = comments.split_once(&mark).map_or(comments, |(_, own)| own);
        let (own, _) = own.split_once(" #").unwrap_or((own, ""));
        format!("{code} # {own}")
    });
    told.unwrap_or_else(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::languages;

    #[test]
    fn a_comment_behind_a_line_is_in_one_language() {
        for (line, told) in [
            ("a = 1     # yours #fr la vôtre", "a = 1     # yours"),
            ("# a = 1     # yours #fr la vôtre", "# a = 1     # yours"),
            ("a = 1     # yours", "a = 1     # yours"),
            ("# a = '#1'", "# a = '#1'"),
        ] {
            assert_eq!(in_one_language(line), told);
        }
    }

    #[test]
    fn a_table_is_headed_by_one_language_and_knows_all() {
        for name in names() {
            let text = table(name).unwrap();
            assert!(!text.contains("#fr "), "{text}");
            let file = SHELF.get_file(format!("{name}.toml")).unwrap();
            let written = file.contents_utf8().unwrap();
            let others = languages().into_iter().filter(|it| it != "en");
            for mark in others.map(|language| format!("\n#{language} ")) {
                assert!(written.contains(&mark), "{name}: {mark}");
            }
        }
    }
}
