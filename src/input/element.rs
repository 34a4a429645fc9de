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

/// Shows `test` the members of an object until one passes: the key without its
/// quotes, the value, or as much of it as there is, and whether that is all.
pub fn any_member(bytes: &[u8], mut test: impl FnMut(&[u8], &[u8], bool) -> bool) -> bool {
    let mut at = 1;
    while let Some(key) = skip_blank(bytes, at).filter(|at| bytes[*at] == b'"') {
        let Member::Value(value) = member(&bytes[key..]) else {
            return false;
        };
        let name = match string_end(&bytes[key..], 1) {
            Element::Whole(end) => &bytes[key + 1..key + end - 1],
            _ => return false,
        };
        let value = key + value;
        let end = value_end(bytes, value);
        if test(
            name,
            &bytes[value..end.unwrap_or(bytes.len())],
            end.is_some(),
        ) {
            return true;
        }
        match end.and_then(|end| skip_blank(bytes, end)) {
            Some(comma) if bytes[comma] == b',' => at = comma + 1,
            _ => return false,
        }
    }
    false
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

/// The way through a value that nobody reads, piece by piece.
#[derive(Debug, Default)]
pub struct Passing {
    open: usize,
    text: bool,
    escaped: bool,
    /// An object stood in it.
    pub objects: bool,
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
                b'{' | b'[' => {
                    self.open += 1;
                    self.objects |= *byte == b'{';
                }
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

/// Where, from there on, something else than white space stands.
pub fn skip_blank(bytes: &[u8], from: usize) -> Option<usize> {
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
