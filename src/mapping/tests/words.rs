//! The words of values and the targets, each with what is sent.

use super::{judged, lead};
use crate::config::{Catalogue, Destination};

fn hook(fields: &str) -> Destination {
    let text = format!(
        "[hook]\nbase = \"https://api.example.fr\"\nkey = [\"email\"]\n\
         defaults = {{ city = \"Lyon\" }}\n[hook.send]\npath = \"/\"\nquery = {{ mail = {{ from = \"email\" }} }}\n[hook.fields]\n{fields}\n"
    );
    let catalogue = Catalogue::load(Some(("test.toml", &text)));
    let catalogue = catalogue.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    catalogue.get("hook").expect("a hook").clone()
}

const LEA: [(&str, &str); 7] = [
    ("Prénom", " Léa "),
    ("Nom", "Martin"),
    ("E-mail", "Lea@Example.fr"),
    ("Formation", "Excel"),
    ("Commentaire", ""),
    ("Date", "03/04/2026"),
    ("headcount", "12"),
];

/// Every field with what is sent of Léa for it; the `mail` apart.
fn sent(fields: &str) -> String {
    let (body, _) = judged(&hook(fields), &lead(&LEA)).expect("valid");
    body
}

#[test]
fn templates_are_filled() {
    for (rule, value) in [
        (
            "template = '{first_name} {last_name}'",
            r#"{"a":"Léa Martin"}"#,
        ),
        ("template = '{comment} {last_name}'", r#"{"a":"Martin"}"#),
        ("template = '{comment}'", "{}"),
        (
            "template = '{last_name} ({city})'",
            r#"{"a":"Martin (Lyon)"}"#,
        ),
        ("template = '{{{last_name}}}'", r#"{"a":"{Martin}"}"#),
        (
            "template = '{last_name}', format = 'upper'",
            r#"{"a":"MARTIN"}"#,
        ),
        ("template = '{course}', map = { excel = 7 }", r#"{"a":7}"#),
        (
            "template = ['Formation : {course}', 'Rappel : {comment}', 'Ville : {city}'], join = ' | '",
            r#"{"a":"Formation : Excel | Ville : Lyon"}"#,
        ),
        ("template = ['{comment}', '{company}'], join = ' '", "{}"),
        ("template = '{file}:{line}'", r#"{"a":":0"}"#),
        ("template = '{source}'", "{}"),
        (
            "template = '{now}', format = 'date', as = '%Y'",
            r#"{"a":"1970"}"#,
        ),
        (
            "template = '{lead_uuid}'",
            r#"{"a":"00000000-0000-4000-8000-000000000000"}"#,
        ),
    ] {
        assert_eq!(sent(&format!("a = {{ {rule} }}")), value, "{rule}");
    }
}

#[test]
fn a_blank_a_type_and_a_hash() {
    for (rule, value) in [
        ("from = 'comment', blank = ''", r#"{"a":""}"#),
        ("from = 'company', blank = 'N/A'", r#"{"a":"N/A"}"#),
        ("from = 'last_name', blank = ''", r#"{"a":"Martin"}"#),
        ("from = 'headcount', ranges = { '10-' = 7 }", r#"{"a":7}"#),
        (
            "from = 'headcount', ranges = { '10-' = 7 }, type = 'text'",
            r#"{"a":"7"}"#,
        ),
        (
            "from = 'headcount', map = { 12 = true }, type = 'text'",
            r#"{"a":"true"}"#,
        ),
        ("from = 'headcount', type = 'integer'", r#"{"a":12}"#),
        ("value = 7, type = 'text'", r#"{"a":"7"}"#),
        ("value = [7]", r#"{"a":[7]}"#),
        (
            "from = 'email', format = 'email', hash = 'sha256'",
            r#"{"a":"df2174fd1c832932e8e140abd547d40c0d59bb4f9092e5ec9b6dabcecae96309"}"#,
        ),
    ] {
        let body = sent(&format!("a = {{ {rule} }}"));
        assert_eq!(body, value, "{rule}");
    }
}

#[test]
fn a_date_that_could_be_two_is_refused_with_both() {
    let date = |more: &str| {
        let rule = format!("a = {{ from = 'Date', format = 'date', as = '%Y-%m-%d'{more} }}");
        judged(&hook(&rule), &lead(&LEA))
    };
    assert_eq!(
        date(", reads = '%d/%m/%Y'").expect("valid").0,
        r#"{"a":"2026-04-03"}"#
    );
    let told = date("").expect_err("two");
    for words in [
        "Date: \"03/04/2026\" is 2026-04-03",
        "and 2026-03-04",
        "reads =",
    ] {
        assert!(told[0].contains(words), "{told:?}");
    }
    let told = date(", reads = 'unix'").expect_err("none");
    assert!(
        told[0].contains("is no date") && told[0].contains("says unix"),
        "{told:?}"
    );
}

#[test]
fn targets_make_objects_and_lists() {
    for (fields, body) in [
        (
            "'emails[0].value' = 'email'\n'emails[0].primary' = { value = true }",
            r#"{"emails":[{"value":"Lea@Example.fr","primary":true}]}"#,
        ),
        // An item of which the lead says nothing is left out, and so is its list.
        (
            "n = 'last_name'\n'phones[0].value' = 'phone'\n'phones[0].label' = { value = 'work' }",
            r#"{"n":"Martin"}"#,
        ),
        (
            "'p[1].v' = 'last_name'\n'p[0].v' = 'comment'\n'p[0].l' = { value = 1 }\n'p[2].v' = 'email'",
            r#"{"p":[{"v":"Martin"},{"v":"Lea@Example.fr"}]}"#,
        ),
        (
            "'tags[0].name' = { value = 'web' }\nn = 'last_name'",
            r#"{"tags":[{"name":"web"}],"n":"Martin"}"#,
        ),
        (
            "'tags[0]' = 'course'\n'tags[1]' = { value = 'web' }",
            r#"{"tags":["Excel","web"]}"#,
        ),
        (
            "'[0].name' = 'last_name'\n'[1].name' = 'first_name'",
            r#"[{"name":"Martin"},{"name":"Léa"}]"#,
        ),
        (r"'owner\.bind' = 'last_name'", r#"{"owner.bind":"Martin"}"#),
        (
            r"'a.b\.c.d' = 'last_name'",
            r#"{"a":{"b.c":{"d":"Martin"}}}"#,
        ),
        (
            "'data.30148' = 'last_name'",
            r#"{"data":{"30148":"Martin"}}"#,
        ),
        ("'m[0][0]' = 'last_name'", r#"{"m":[["Martin"]]}"#),
    ] {
        assert_eq!(sent(fields), body, "{fields}");
    }
}
