//! What is read is what serde_json's own tree reads.

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use serde_json::Value as Json;

use super::*;

/// Reads as serde_json's tree does, what is no JSON included.
fn same_as_the_tree(text: &str) {
    let tree: Option<Json> = serde_json::from_str(text).ok();
    let read = Document::read(text).map(|document| document.root().to_json());
    // As text: the order of names counts.
    let text_of = |json: Option<Json>| json.map(|json| json.to_string());
    assert_eq!(text_of(read), text_of(tree), "{text}");
}

#[test]
fn strange_documents() {
    for text in [
        "",
        " ",
        "null",
        "{}",
        "[]",
        " [ { } , [ ] ] ",
        r#"{"a":1,"b":{"c":[true,false,null]},"a":2,"b":3}"#,
        r#"{"":{"":0}}"#,
        r#"{"a\u0062\n":"\u00e9\ud83d\ude00\/","é":"é"}"#,
        r#""\ud800""#,
        r#"{"\udfff":1}"#,
        "\"\u{1}\"",
        "[1,]",
        "{\"a\":1,}",
        "{1:2}",
        "{\"a\"}",
        "nul",
        "1 2",
        "[1]x",
        "\u{feff}1",
        "<html>",
        "NaN",
        "-0",
        "-0.0",
        "01",
        "1.",
        "1e5",
        "1.50",
        "1e999",
        "-1e999",
        "1e-999",
        "9223372036854775807",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890",
        "0.1234567890123456789012345678901234567890",
    ] {
        same_as_the_tree(text);
    }
}

#[test]
fn too_deep_is_too_deep() {
    for depth in [1, 126, 127, 128, 129, 10_000] {
        same_as_the_tree(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        let objects = "{\"a\":".repeat(depth);
        same_as_the_tree(&format!("{objects}1{}", "}".repeat(depth)));
    }
}

/// Documents with few names, so that some come twice.
fn documents() -> impl Strategy<Value = String> {
    let text = |text: String| serde_json::to_string(&text).unwrap_or_default();
    let plain = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|flag| flag.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(text),
    ];
    plain.prop_recursive(4, 40, 6, |inner| {
        let member =
            ("[a-c]", inner.clone()).prop_map(|(name, value)| format!("\"{name}\": {value}"));
        let many = |of| proptest::collection::vec(of, 0..6);
        prop_oneof![
            many(inner.boxed()).prop_map(|items| format!("[{}]", items.join(","))),
            many(member.boxed()).prop_map(|items| format!("{{{}}}", items.join(" ,"))),
        ]
    })
}

proptest! {
    #[test]
    fn documents_read_as_the_tree(text in documents()) {
        same_as_the_tree(&text);
    }

    #[test]
    fn broken_documents_read_as_the_tree(text in documents(), at in any::<proptest::sample::Index>(), with in any::<char>()) {
        let letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len().max(1));
        let mut broken: String = letters.iter().take(at).collect();
        same_as_the_tree(&broken);
        broken.push(with);
        broken.extend(letters.iter().skip(at + 1));
        same_as_the_tree(&broken);
    }
}
