//! A key or a table that a file has twice: where it stood first. The parser
//! names only the second place.

/// What is wrong and what to do. `line`: where `key` stands again, from 1.
pub fn in_words(text: &str, key: &str, line: usize) -> (String, Option<String>) {
    let before: Vec<&str> = text.lines().take(line.saturating_sub(1)).collect();
    let again = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let (what, first) = match header(again) {
        Some(table) => (format!("the table [{table}]"), first_table(&before, table)),
        None => (format!("`{key}`"), first_key(&before, key)),
    };
    match first {
        Some(first) => (
            format!("{what} stands here a second time; the first is in line {first}"),
            Some("write both together, or remove one".to_owned()),
        ),
        None => (
            format!("{what} stands here a second time"),
            Some("remove one of the two".to_owned()),
        ),
    }
}

fn first_table(before: &[&str], table: &str) -> Option<usize> {
    let found = before.iter().position(|line| header(line) == Some(table));
    found.map(|at| at + 1)
}

/// Of the same table: not above the header that stands last.
fn first_key(before: &[&str], key: &str) -> Option<usize> {
    let start = before
        .iter()
        .rposition(|line| line.trim_start().starts_with('['));
    let start = start.map_or(0, |at| at + 1);
    let of_key = |line: &&str| {
        let rest = line.trim_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
    };
    let found = before[start..].iter().position(of_key);
    found.map(|at| start + at + 1)
}

/// The name in a table's header.
fn header(line: &str) -> Option<&str> {
    let name = line.trim_start().strip_prefix('[')?;
    let (name, _) = name.split_once(']')?;
    Some(name.trim()).filter(|name| !name.starts_with('['))
}

#[cfg(test)]
mod tests {
    use crate::config::tree;

    #[test]
    fn what_stands_twice_is_named_with_its_first_line() {
        for (text, words) in [
            (
                "[one]\nkey = 1\n[one.send]\n[two]\n[one] # again\n",
                "p.toml:5: the table [one] stands here a second time; the first is in line 1",
            ),
            (
                "[one]\nkeys = 1\nkey = 1\n\nkey = 2\n",
                "p.toml:5: `key` stands here a second time; the first is in line 3",
            ),
            (
                "[one]\nkey = 1\n[two]\na = { key = 1, key = 2 }\n",
                "p.toml:4: `key` stands here a second time",
            ),
            (
                "[one]\nsend = { path = \"/\" }\n[one.send]\n",
                "p.toml:3: the table [one.send] stands here a second time",
            ),
        ] {
            let mistake = tree::parse("p.toml", text).unwrap_err();
            assert!(mistake.to_string().starts_with(words), "{mistake}");
        }
    }
}
