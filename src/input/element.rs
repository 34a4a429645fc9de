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

/// What an object that stands alone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// It has an e-mail address or a telephone number of its own: a lead.
    Contact,
    /// It wraps lists of objects (`{"leads": [ … ]}`).
    Page,
    /// It wraps lists that are empty.
    EmptyPage,
    /// Nothing tells: a lead, as any other object.
    Other,
}

/// What an object is. `bytes` open with `{` and may stop before it ends.
pub fn object(bytes: &[u8]) -> Object {
    let (mut full, mut empty, mut number, mut inner) = (false, false, false, false);
    let mut at = 1;
    while let Some(key) = skip_blank(bytes, at).filter(|at| bytes[*at] == b'"') {
        let Member::Value(value) = member(&bytes[key..]) else {
            break;
        };
        let value = key + value;
        match opened_list(&bytes[value..]) {
            Some(b'{') => full = true,
            Some(b']') => empty = true,
            _ => {}
        }
        let end = value_end(bytes, value);
        if let Some(end) = end {
            let text = &bytes[value..end];
            if is_contact(text) {
                return Object::Contact;
            }
            number |= is_long_number(text);
            inner |= text.starts_with(b"{") && object(text) == Object::Page;
        }
        let Some(comma) = end
            .and_then(|end| skip_blank(bytes, end))
            .filter(|at| bytes[*at] == b',')
        else {
            break;
        };
        at = comma + 1;
    }
    match (full, number) {
        (true, _) => Object::Page,
        (_, true) => Object::Contact,
        // A list of leads further inside must not pass for metadata.
        _ if empty && !inner => Object::EmptyPage,
        _ => Object::Other,
    }
}

/// A member of an object: what its opening bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// Where its value starts.
    Value(usize),
    /// It goes on after these bytes.
    More,
    Broken,
}

/// Finds the value of the member whose key `bytes` open with.
pub fn member(bytes: &[u8]) -> Member {
    let after = match string_end(bytes, 1) {
        Element::Whole(after) => after,
        Element::More => return Member::More,
        Element::Broken => return Member::Broken,
    };
    match skip_blank(bytes, after) {
        Some(colon) if bytes[colon] == b':' => {
            skip_blank(bytes, colon + 1).map_or(Member::More, Member::Value)
        }
        Some(_) => Member::Broken,
        None => Member::More,
    }
}

/// What follows the `[` that a value opens with.
fn opened_list(value: &[u8]) -> Option<u8> {
    let inside = skip_blank(value, 1).filter(|_| value[0] == b'[');
    inside.map(|at| value[at])
}

/// The way through a value that nobody reads, piece by piece.
#[derive(Debug, Default)]
pub struct Passing {
    open: usize,
    text: bool,
    escaped: bool,
}

impl Passing {
    /// Inside as many brackets.
    pub fn inside(open: usize) -> Self {
        Self {
            open,
            ..Self::default()
        }
    }

    /// Where in `bytes` the value ends; `None`: behind them.
    pub fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.text => self.escaped = true,
                b'"' => {
                    self.text = !self.text;
                    if !self.text && self.open == 0 {
                        return Some(at + 1);
                    }
                }
                _ if self.text => {}
                b'{' | b'[' => self.open += 1,
                b'}' | b']' if self.open == 0 => return Some(at),
                b'}' | b']' => {
                    self.open -= 1;
                    if self.open == 0 {
                        return Some(at + 1);
                    }
                }
                b',' if self.open == 0 => return Some(at),
                _ => {}
            }
        }
        None
    }
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

/// A number that a telephone number may have become.
fn is_long_number(value: &[u8]) -> bool {
    (9..=15).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
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
        for page in [
            &br#"{"leads":[{"a":1}]}"#[..],
            br#"{"total":2,"x":{}, "r" : [ {"#,
            br#"{"errors":[],"leads":[{"#,
        ] {
            assert_eq!(object(page), Object::Page);
        }
        assert_eq!(object(br#"{"total":0,"leads":[]}"#), Object::EmptyPage);
        for lead in [
            &br#"{"email":"jean@example.fr","items":[{"a":1}]}"#[..],
            br#"{"items":[{"a":1}],"tel":"06 39 98 01 23"}"#,
            br#"{"nom":"A","tel":639980123,"tags":[]}"#,
        ] {
            assert_eq!(object(lead), Object::Contact);
        }
        for other in [
            &br#"{"tags":["a"],"n":1}"#[..],
            br#"{"errors":[],"data":{"leads":[{"nom":"A"}]}}"#,
        ] {
            assert_eq!(object(other), Object::Other);
        }
    }

    #[test]
    fn a_value_is_passed_in_pieces() {
        let text = br#"{"a":"}\"","b":[{}]},"#;
        for cut in 0..=text.len() {
            let mut passing = Passing::default();
            let found = match passing.end(&text[..cut]) {
                Some(end) => Some(end),
                None => passing.end(&text[cut..]).map(|end| cut + end),
            };
            assert_eq!(found, Some(20), "{cut}");
        }
        assert_eq!(Passing::default().end(b"12.5}"), Some(4));
        assert_eq!(Passing::inside(1).end(b"1, 2], x"), Some(5));
    }
}
