//! A body set out over lines for people, as serde_json would set it out. Pure.

/// What stands before each line.
const MARGIN: &str = "  ";
const INDENT: &str = "  ";

/// Appends `json`, sound and without white space as requests have it.
pub fn set_out(out: &mut String, json: &str) {
    if json.is_empty() {
        return;
    }
    out.push_str(MARGIN);
    let (mut rest, mut depth) = (json, 0_usize);
    while let Some(first) = rest.as_bytes().first() {
        let taken = match first {
            b'{' | b'[' if matches!(rest.as_bytes().get(1), Some(b'}' | b']')) => 2,
            b'"' => text_len(rest),
            b'{' | b'[' | b'}' | b']' | b',' | b':' => 1,
            _ => bare_len(rest),
        };
        let (token, after) = rest.split_at(taken);
        rest = after;
        match token {
            "{" | "[" => {
                depth += 1;
                out.push_str(token);
                begin_line(out, depth);
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                begin_line(out, depth);
                out.push_str(token);
            }
            "," => {
                out.push_str(token);
                begin_line(out, depth);
            }
            ":" => out.push_str(": "),
            _ => push_value(out, token),
        }
    }
    out.push('\n');
}

fn begin_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(MARGIN);
    for _ in 0..depth {
        out.push_str(INDENT);
    }
}

/// Bytes of the text, quotes included, at the start of `json`.
fn text_len(json: &str) -> usize {
    let mut bytes = json.bytes().enumerate().skip(1);
    // Most texts are short: nothing finds the end sooner.
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => _ = bytes.next(),
            _ => {}
        }
    }
    json.len()
}

/// Bytes of the number or word at the start of `json`.
fn bare_len(json: &str) -> usize {
    json.find([',', '}', ']']).unwrap_or(json.len())
}

/// Most texts and all words stand as they are; some numbers and escapes are
/// written in another way.
fn push_value(out: &mut String, token: &str) {
    let number = token.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let escapes = || token.bytes().any(|byte| byte == b'\\');
    let value = match number || escapes() {
        true => serde_json::from_str::<serde_json::Value>(token).ok(),
        false => None,
    };
    match value {
        Some(value) => out.push_str(&value.to_string()),
        None => out.push_str(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
    use serde_json::{Value, json};

    /// As serde_json does it.
    fn pretty(json: &str) -> String {
        let value: Value = serde_json::from_str(json).expect("JSON");
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        pretty.lines().map(|line| format!("  {line}\n")).collect()
    }

    fn set_out_alone(json: &str) -> String {
        let mut out = String::new();
        set_out(&mut out, json);
        out
    }

    #[test]
    fn it_is_what_serde_makes_of_it() {
        for json in [
            "{}",
            "[]",
            r#"[{"a":"b","c":{},"d":[],"e":[1,-2.50,1e3],"f":{"g":null,"h":true}}]"#,
            r#"{"a\"b\\":"\\","c":"\"{[,:]}\\\"","d":"\u0008\u001f/é\u00e9","e":""}"#,
            r#"{"a":1000000000000000000000,"b":-0,"c":0.1,"d":18446744073709551615}"#,
            "12",
        ] {
            assert_eq!(set_out_alone(json), pretty(json), "{json}");
        }
        assert_eq!(set_out_alone(""), "");
    }

    /// Values of all kinds, in one another.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = proptest::prop_oneof![
            any::<String>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            let members = proptest::collection::vec((any::<String>(), inner.clone()), 0..5);
            proptest::prop_oneof![
                proptest::collection::vec(inner, 0..5).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_it_holds(value in values()) {
            let json = json!({ "body": value }).to_string();
            prop_assert_eq!(set_out_alone(&json), pretty(&json));
        }

        #[test]
        fn nothing_makes_it_panic(text in "[a{}\\[\\],:\"\\\\é0]{0,12}") {
            set_out_alone(&text);
        }
    }
}
