//! Where a JSON value ends, without reading what it means: just enough to cut
//! an endless array into elements, and to find the next one after a broken one.

use memchr::memchr3;

/// What stands at the start of some bytes that open with `{` or `[`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// `..end` is a balanced value.
    Whole(usize),
    /// It goes on after these bytes.
    More,
    /// No JSON: brackets that don't match, or a text cut by a line end.
    Broken,
}

/// Finds the end of the value that `bytes` open with.
pub fn end(bytes: &[u8]) -> Element {
    let mut open: Vec<u8> = Vec::with_capacity(16);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => match string_end(bytes, at) {
                Element::Whole(end) => at = end,
                other => return other,
            },
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                if open.pop() != Some(byte) {
                    return Element::Broken;
                }
                if open.is_empty() {
                    return Element::Whole(at);
                }
            }
            _ => {}
        }
    }
    Element::More
}

/// The end of a text whose opening quote stands before `from`.
fn string_end(bytes: &[u8], from: usize) -> Element {
    let mut at = from;
    loop {
        let Some(found) = memchr3(b'"', b'\\', b'\n', &bytes[at..]) else {
            return Element::More;
        };
        at += found + 1;
        match bytes[at - 1] {
            b'"' => return Element::Whole(at),
            b'\\' => at += 1,
            _ => return Element::Broken,
        }
        if at > bytes.len() {
            return Element::More;
        }
    }
}

/// Where, after a broken element that starts `bytes`, the next one starts.
/// `indent`: spaces before the broken element when it stood first on its line;
/// then the next one stands as far to the right, so that an object inside the
/// broken one isn't taken for it.
pub fn next(bytes: &[u8], indent: Option<usize>) -> Option<usize> {
    memchr::memchr_iter(b'{', bytes).find(|&at| {
        let before = &bytes[..at];
        let blank = before.trim_ascii_end();
        let gap = &before[blank.len()..];
        let line = gap.iter().rposition(|byte| *byte == b'\n');
        match (indent, line) {
            (Some(indent), Some(line)) => gap.len() - line - 1 == indent,
            (Some(_), None) => false,
            (None, _) => blank.ends_with(b",") && at > 0,
        }
    })
}

/// The place of the array of objects in an object that only wraps it
/// (`{"leads": [ … ]}`): just after its `[`. `None`: the object is itself a
/// lead, since it holds an e-mail address or a telephone number of its own, or
/// since nothing in it is such an array.
///
/// `bytes` open with `{` and may stop before the object ends.
pub fn wrapped_array(bytes: &[u8]) -> Option<usize> {
    let mut array = None;
    let mut at = 1;
    while let Some(key) = skip_blank(bytes, at).filter(|at| bytes[*at] == b'"') {
        let Element::Whole(after) = string_end(bytes, key + 1) else {
            break;
        };
        let Some(value) = skip_blank(bytes, after)
            .filter(|at| bytes[*at] == b':')
            .and_then(|colon| skip_blank(bytes, colon + 1))
        else {
            break;
        };
        let inside = skip_blank(bytes, value + 1);
        let opens =
            bytes[value] == b'[' && inside.is_some_and(|at| matches!(bytes[at], b'{' | b']'));
        let end = value_end(bytes, value);
        match end {
            _ if opens => array = array.or(Some(value + 1)),
            Some(end) if is_contact(&bytes[value..end]) => return None,
            _ => {}
        }
        let Some(comma) = end
            .and_then(|end| skip_blank(bytes, end))
            .filter(|at| bytes[*at] == b',')
        else {
            break;
        };
        at = comma + 1;
    }
    array
}

fn skip_blank(bytes: &[u8], from: usize) -> Option<usize> {
    let found = bytes
        .get(from..)?
        .iter()
        .position(|b| !b.is_ascii_whitespace())?;
    Some(from + found)
}

/// The end of any value, or `None` when these bytes don't hold it.
fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    let end = match bytes[start] {
        b'{' | b'[' => end(&bytes[start..]),
        b'"' => string_end(&bytes[start..], 1),
        _ => {
            let stop = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b'\n');
            return bytes[start..].iter().position(stop).map(|end| start + end);
        }
    };
    match end {
        Element::Whole(end) => Some(start + end),
        Element::More | Element::Broken => None,
    }
}

fn is_contact(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    match text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    {
        Some(text) => super::header::is_data(text),
        None => text.starts_with('{') && text.contains('@'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_its_brackets_match() {
        assert_eq!(end(br#"{"a":"}\"","b":[{}]} ,"#), Element::Whole(20));
        assert_eq!(end(br#"{"a":"x\"#), Element::More);
        assert_eq!(end(br#"{"a":[1}"#), Element::Broken);
        assert_eq!(end(b"{\"a\":\"x\n"), Element::Broken);
    }

    #[test]
    fn the_next_element_is_found() {
        let text = b"{\"a\": 1,\n    {\n  }]\n  {\"b\"";
        assert_eq!(next(text, Some(2)), Some(22));
        assert_eq!(next(br#"{"a":1, {"a":2}"#, None), Some(8));
        assert_eq!(next(br#"{"a":{"b":2}"#, None), None);
    }

    #[test]
    fn a_wrapper_is_told_from_a_lead() {
        assert_eq!(wrapped_array(br#"{"leads":[{"a":1}]}"#), Some(10));
        assert_eq!(wrapped_array(br#"{"total":2,"x":{}, "r" : [ {"#), Some(26));
        assert_eq!(wrapped_array(br#"{"leads":[]}"#), Some(10));
        let lead = br#"{"email":"jean@example.fr","items":[{"a":1}]}"#;
        assert_eq!(wrapped_array(lead), None);
        let late = br#"{"items":[{"a":1}],"tel":"06 39 98 01 23"}"#;
        assert_eq!(wrapped_array(late), None);
        assert_eq!(wrapped_array(br#"{"tags":["a"],"n":1}"#), None);
    }
}
