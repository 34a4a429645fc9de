use super::super::object::*;
use crate::lead::Cells;

#[test]
fn the_next_element_is_found() {
    let text = b"{\"a\": 1,\n    {\n  }]\n  {\"b\"";
    assert_eq!(next_element(text, b'{', Some(2)), Some(22));
    assert_eq!(next_element(br#"{"a":1, {"a":2}"#, b'{', None), Some(8));
    assert_eq!(next_element(br#"{"a":{"b":2}"#, b'{', None), None);
    assert_eq!(next_element(br#"{"a":[1},{"a":2}"#, b'{', None), Some(9));
    // Its own list may hold objects.
    assert_eq!(
        next_element(br#"{"a":[{"b":1},{"b":2}], {"a":2}"#, b'{', None),
        Some(24)
    );
    assert_eq!(
        next_element(b"{\"a\":[\n{\"b\":1},\n{\"b\":2", b'{', Some(0)),
        None
    );
}

fn flat(text: &str) -> Vec<(String, String)> {
    let (mut names, mut cells) = (Cells::new(), Cells::new());
    flatten(text, &mut names, &mut cells).expect("an object");
    let pairs = names.iter().zip(cells.iter());
    pairs.map(|(n, c)| (n.to_owned(), c.to_owned())).collect()
}

fn pair(name: &str, cell: &str) -> (String, String) {
    (name.to_owned(), cell.to_owned())
}

#[test]
fn values_keep_their_text() {
    assert_eq!(
        flat(r#"{"n":0033612345678901234567890.50e1,"b":true}"#.replace("0033", "33").as_str()),
        [pair("n", "33612345678901234567890.50e1"), pair("b", "true")]
    );
    assert_eq!(
        flat(r#"{"zip":"01000","x":null,"e":"","u":"\u00e9\n\"a\"","é":"è"}"#),
        [
            pair("zip", "01000"),
            pair("x", ""),
            pair("e", ""),
            pair("u", "é\n\"a\""),
            pair("é", "è")
        ]
    );
}

#[test]
fn nested_objects_become_columns() {
    assert_eq!(
        flat(r#"{"id":1,"contact":{"email":"a","tel":{"m":"06"}},"z":2,"o":{}}"#),
        [
            pair("id", "1"),
            pair("contact.email", "a"),
            pair("contact.tel.m", "06"),
            pair("z", "2"),
            pair("o", "{}")
        ]
    );
}

#[test]
fn lists_are_joined_or_kept() {
    assert_eq!(
        flat(r#"{"a":["x",2,null,"y"],"b":[],"c":[{"d":1}]}"#),
        [
            pair("a", "x, 2, y"),
            pair("b", ""),
            pair("c", "[{\"d\":1}]")
        ]
    );
}

#[test]
fn what_is_no_object_is_an_error() {
    for text in [
        "[1]",
        "12",
        "{\"a\":1,}",
        "{\"a\":1} x",
        "{\"a\":\"\\ud800\"}",
    ] {
        assert!(
            flatten(text, &mut Cells::new(), &mut Cells::new()).is_err(),
            "{text}"
        );
    }
}
