//! Which operation a request's path means, and what its placeholders hold.
//! Pure text.

/// The values of a path's placeholders, if the path fits the template. The
/// template's query is ignored; a placeholder is never empty and holds no `/`.
pub fn fit(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let template = template.split('?').next().unwrap_or_default();
    // An address without a path is called with `/` by some clients.
    let path = if template.is_empty() && path == "/" {
        ""
    } else {
        path
    };
    let mut pieces = template.split('{');
    let mut rest = path.strip_prefix(pieces.next().unwrap_or_default())?;
    let mut values = Vec::new();
    for piece in pieces {
        let (name, literal) = piece.split_once('}')?;
        let segment = rest.split('/').next().unwrap_or_default();
        let end = match literal {
            "" => segment.len(),
            _ if literal.starts_with('/') => segment.len(),
            _ => segment.find(literal.split('/').next().unwrap_or_default())?,
        };
        if end == 0 {
            return None;
        }
        values.push((name.to_owned(), decode(&rest[..end])));
        rest = rest[end..].strip_prefix(literal)?;
    }
    rest.is_empty().then_some(values)
}

/// The first segment, decoded, and the rest with its `/`.
pub fn first_segment(path: &str) -> (String, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    let end = path.find('/').unwrap_or(path.len());
    (decode(&path[..end]), &path[end..])
}

/// Undoes percent-encoding; what is not encoded stays.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |at| {
            let digit = char::from(*bytes.get(at)?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high * 16 + low);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes all but the letters that need none in any segment.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(template: &str, path: &str) -> Option<Vec<String>> {
        fit(template, path).map(|all| all.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn placeholders_are_read_and_decoded() {
        let template = "/v1/{tenant}/programs/{program}/leads?x={y}";
        assert_eq!(
            values(template, "/v1/villa%20rosa/programs/12/leads"),
            Some(vec!["villa rosa".into(), "12".into()])
        );
        assert_eq!(
            values("/v1/{a}.json", "/v1/12.json"),
            Some(vec!["12".into()])
        );
        assert_eq!(values("", ""), Some(vec![]));
        assert_eq!(values("", "/"), Some(vec![]));
    }

    #[test]
    fn other_paths_do_not_fit() {
        let template = "/v1/{tenant}/leads";
        for path in [
            "/v1//leads",
            "/v1/a/b/leads",
            "/v1/a/leads/",
            "/v1/a",
            "",
            "/",
            "/v2/a/leads",
        ] {
            assert_eq!(values(template, path), None, "{path}");
        }
        assert_eq!(values("/x", "/xy"), None);
        assert_eq!(values("/v1/{a}é", "/v1/é"), None);
    }

    #[test]
    fn a_name_survives_the_way_into_a_path() {
        let name = "mon partenaire/é%2";
        assert_eq!(decode(&encode(name)), name);
        let path = format!("/{}/rest/a", encode(name));
        assert_eq!(first_segment(&path), (name.to_owned(), "/rest/a"));
        assert_eq!(decode("%+%é%4"), "%+%é%4");
    }
}
