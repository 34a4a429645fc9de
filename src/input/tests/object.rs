use super::super::object::*;
use crate::lead::Cells;

#[test]
fn the_next_element_is_found() {
    let text = b"{\"a\": 1,\n    {\n  }]\n  {\"b\"";
    assert_eq!(next_element(text, Some(2)), Some(22));
    assert_eq!(next_element(br#"{"a":1, {"a":2}"#, None), Some(8));
    assert_eq!(next_element(br#"{"a":{"b":2}"#, None), None);
    assert_eq!(next_element(br#"{"a":[1},{"a":2}"#, None), Some(9));
    // Its own list may hold objects.
    assert_eq!(
        next_element(br#"{"a":[{"b":1},{"b":2}], {"a":2}"#, None),
        Some(24)
    );
    assert_eq!(
        next_element(b"{\"a\":[\n{\"b\":1},\n{\"b\":2", Some(0)),
        None
    );
}

#[test]
fn a_wrapper_is_told_from_a_lead() {
    for page in [
        &br#"{"leads":[{"a":1}]}"#[..],
        br#"{"total":2,"x":{}, "r" : [ {"a":1}]}"#,
        br#"{"errors":[],"leads":[{"#,
    ] {
        assert_eq!(kind(page), ObjectKind::Page);
    }
    assert_eq!(kind(br#"{"total":0,"leads":[]}"#), ObjectKind::EmptyPage);
    for lead in [
        &br#"{"email":"jean@example.fr","items":[{"a":1}]}"#[..],
        br#"{"items":[{"a":1}],"tel":"06 39 98 01 23"}"#,
        br#"{"nom":"A","tel":639980123,"tags":[]}"#,
    ] {
        assert_eq!(kind(lead), ObjectKind::Contact);
    }
    for other in [
        &br#"{"tags":["a"],"n":1}"#[..],
        br#"{"errors":[],"data":{"leads":[{"nom":"A"}]}}"#,
        br#"{"last_name":"Dupont","company":"ACME","tags":[]}"#,
        br#"{"contact":{"phone":"0639980123","last_name":"Dupont"},"tags":[]}"#,
    ] {
        assert_eq!(kind(other), ObjectKind::Other);
    }
    for lead in [
        &br#"{"id":"77","field_data":[{"name":"email","values":["a@example.fr"]}]}"#[..],
        r#"{"nom":"Martin","prénom":"Léa","products":[{"name":"Sofa"}]}"#.as_bytes(),
    ] {
        assert_eq!(kind(lead), ObjectKind::Other);
    }
    for page in [
        &br#"{"email":"me@agency.fr","leads":[{"email":"a@example.fr"}]}"#[..],
        br#"{"timestamp":1732600000000,"export":"x","leads":[{"nom":"A"}]}"#,
        br#"{"timestamp":1732600000000,"new":[{"nom":"A"}]}"#,
    ] {
        assert_eq!(kind(page), ObjectKind::Page);
    }
    for empty in [
        &br#"{"status":"ok","data":[],"total":0}"#[..],
        br#"{"timestamp":1732600000000,"data":[],"request_id":"1234567890"}"#,
        br#"{"meta":{"page":1,"links":{"next":"https://api.example.fr/?page=2"}},"data":[]}"#,
    ] {
        assert_eq!(kind(empty), ObjectKind::EmptyPage);
    }
}

#[test]
fn a_broken_lead_with_a_list_is_no_page() {
    for lead in [
        &br#"{"email":"a@example.fr","data":[{"x":1},{"x":2}],"nom":"A"#[..],
        br#"{"email":"a@example.fr" "data":[{"x":1}]}"#,
        br#"{"nom":"A","contacts":[{"email":"a@example.fr"}],,}"#,
        br#"{"data":[{"x":1}],"tel":"06 39 98 00 01","nom":"A"#,
        br#"{"agency":{"leads":[{"x":1}]},,}"#,
    ] {
        assert_eq!(kind(lead), ObjectKind::Other);
    }
    for page in [
        &br#"{"status":"ok","data":[{"x":1},{"x":2,,}],"next":null}"#[..],
        br#"{"export":"x","leads":[{"email":"a@example.fr"},{"x"#,
        br#"{"total":2,"rows":[{"tel":"06"#,
    ] {
        assert_eq!(kind(page), ObjectKind::Page);
    }
}

#[test]
fn however_deep_an_object_is_it_is_looked_into_a_little() {
    let deep = [
        br#"{"a":"#.repeat(200_000),
        b"[]".to_vec(),
        b"}".repeat(200_000),
    ]
    .concat();
    assert_eq!(kind(&deep), ObjectKind::Other);
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
