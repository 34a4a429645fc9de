use super::*;

fn told(text: &str) -> String {
    let documents = Documents::new(Some(("p.toml", text)));
    let (offset, message) = documents.user_tables().unwrap_err();
    format!("{}: {message}", documents.place(offset))
}

#[test]
fn keeps_order_and_lines() {
    let documents = Documents::new(Some(("p.toml", "b = 1\na = 2\n\n[z.y]\nx = 'v'\n")));
    let table = documents.user_tables().unwrap();
    let line = |node: &Node<'_>| documents.place(node.span().start).line;
    let keys: Vec<_> = table
        .iter()
        .map(|(key, node)| (&**key.get_ref(), line(node)))
        .collect();
    assert_eq!(keys, [("b", 1), ("a", 2), ("z", 4)]);
    let first = catalogue_tables().values().next().unwrap().span().start;
    assert!(documents.place(first).is_built_in());
}

#[test]
fn a_syntax_mistake_names_its_line() {
    assert!(told("a = 1\nb = \n").starts_with("p.toml:2: "));
    for path in [r"D:\leads\l.db", r"C:\users\lea", r"C:\xampp"] {
        let told = told(&format!("a = \"x\"\nb = \"{path}\"\n"));
        assert!(
            told.starts_with("p.toml:2: ") && told.contains("between single quotes"),
            "{told}"
        );
    }
}

#[test]
fn what_stands_twice_is_told_with_its_first_line() {
    for (text, again, first) in [
        (
            "[one]\nkey = 1\n[one.send]\n[two]\n[one] # again\n",
            5,
            "`one` stands in line 1",
        ),
        (
            "[one]\nkeys = 1\nkey = 1\n\nkey = 2\n",
            5,
            "`key` stands in line 3",
        ),
        (
            "[one]\nkey = 1\n[two]\na = { b = 1, key = 1, key = 2 }\n",
            4,
            "duplicate key",
        ),
        (
            "[one]\nsend = { path = \"/\" }\n[one.send]\n",
            3,
            "`send` stands in line 2",
        ),
    ] {
        let told = told(text);
        assert!(told.starts_with(&format!("p.toml:{again}: ")), "{told}");
        assert!(told.contains(first), "{told}");
    }
}

fn laid<'t>(below: &'t str, over: &'t str) -> Table<'t> {
    let table = |text| Table::parse(text).unwrap().into_inner();
    let mut below = table(below);
    lay(&mut below, &table(over));
    below
}

#[test]
fn in_a_map_false_is_what_is_sent_or_takes_a_word_out() {
    for (below, over, expected) in [
        (
            "",
            "map = { Oui = true, Non = false }",
            "Oui=true Non=false",
        ),
        ("", "map = { Non = false }", "Non=false"),
        ("map = {}", "map = { Non = false }", "Non=false"),
        (
            "map = { Oui = true }",
            "map = { Non = false }",
            "Oui=true Non=false",
        ),
        ("map = { Oui = true }", "map = { Oui = false }", "Oui=false"),
        (
            "map = { Oui = 'O', Non = 'N' }",
            "map = { Non = false }",
            "Oui=O",
        ),
        (
            "map = { Oui = 'O', Non = 'N' }",
            "map = { Oui = true, Non = false }",
            "Oui=true Non=false",
        ),
        // Removed twice, or gone from the catalogue meanwhile: never sent.
        ("map = { Oui = 'O' }", "map = { Non = false }", "Oui=O"),
        ("map = { Oui = 'O' }", "map = false", ""),
    ] {
        let map = laid(below, over);
        let words = under(&map, "map").map(|(word, node)| match node.get_ref() {
            DeValue::String(text) => format!("{word}={text}"),
            value => format!("{word}={}", in_words(value)),
        });
        let words: Vec<String> = words.collect();
        assert_eq!(words.join(" "), expected, "{below} / {over}");
    }
}

#[test]
fn layers_merge_replace_and_remove() {
    let all = laid(
        "a = 1\nl = [1]\n[t]\nx = 1\ny = 2\n[auth]\nbearer = 'A'\n",
        "a = 2\nl = [2, 3]\n[t]\nx = false\nz = 3\n[auth]\nbasic = 'B'\n",
    );
    let keys = |name: &str| under(&all, name).map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys("t"), ["y", "z"]);
    assert_eq!(keys("auth"), ["basic"]);
    assert_eq!(all["l"].get_ref().as_array().unwrap().len(), 2);
}
