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
    assert!(documents.place(first).to_string().starts_with(BUILT_IN));
}

#[test]
fn a_syntax_mistake_names_its_line() {
    assert!(told("a = 1\nb = \n").starts_with("p.toml:2: "));
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
