//! HTML entities in cells: what a web form wrote for a letter or a sign, such as
//! `&eacute;`, `&#039;` or `&amp;amp;`. Knows no column.

use html5gum::{Token, Tokenizer};

/// A cell in which something reads as an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// Each has its name and its semicolon.
    pub well_formed: bool,
}

/// Entities of entities, as a form behind a form writes them: `&amp;amp;#039;`.
const ROUNDS: usize = 3;
/// The longest name of an entity has so many letters.
const LONGEST: usize = 31;

/// The text that a cell stands for; `None` where nothing in it reads as an entity.
/// A bare `&` is none, nor is what an address asks: `?a=1&lt=2`.
pub fn decode(cell: &str) -> Option<Decoded> {
    let mut decoded = round(cell)?;
    for _ in 1..ROUNDS {
        match round(&decoded.text) {
            Some(again) if again.text != decoded.text => decoded.text = again.text,
            _ => break,
        }
    }
    Some(decoded)
}

fn round(cell: &str) -> Option<Decoded> {
    let mut rest = cell;
    let (mut text, mut any, mut well_formed) = (String::new(), false, true);
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let token = token(&rest[at..]);
        let read = unescape(token);
        let ends = token.ends_with(';');
        let follows = rest[at + token.len()..].chars().next();
        if read != token && !read.contains('\u{fffd}') && ends {
            any = true;
            text.push_str(&read);
        } else if is_letter(&read) && follows != Some('=') {
            (any, well_formed) = (true, false);
            text.push_str(&read);
        } else {
            // A name that no entity has, but for a letter or two: `R&D;`.
            let is_like = ends && token.len() > 4;
            (any, well_formed) = (any || is_like, well_formed && !is_like);
            text.push_str(token);
        }
        rest = &rest[at + token.len()..];
    }
    text.push_str(rest);
    any.then_some(Decoded { text, well_formed })
}

/// What a browser reads.
fn unescape(token: &str) -> String {
    let read = Tokenizer::new(token)
        .flatten()
        .filter_map(|read| match read {
            Token::String(text) => Some(String::from_utf8_lossy(&text).into_owned()),
            _ => None,
        });
    read.collect()
}

/// The `&` that a text begins with, and what may belong to it.
fn token(text: &str) -> &str {
    let inner = &text[1..];
    let hash = inner.strip_prefix('#').unwrap_or(inner);
    let name = hash.bytes().take(LONGEST);
    let name = name.take_while(u8::is_ascii_alphanumeric).count();
    let end = text.len() - hash.len() + name;
    match text[end..].starts_with(';') && name > 0 {
        true => &text[..=end],
        false => &text[..end],
    }
}

/// Without its semicolon only a letter is read, as in `Zo&eacute`: other names may
/// well be words.
fn is_letter(read: &str) -> bool {
    let first = read.chars().next();
    first.is_some_and(|first| first.is_alphabetic() && !first.is_ascii() && first != '\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> (String, bool) {
        let decoded = decode(cell).unwrap_or_else(|| panic!("{cell}"));
        (decoded.text, decoded.well_formed)
    }

    #[test]
    fn named_decimal_and_hexadecimal_ones_are_read() {
        for (cell, text) in [
            ("L&#039;H&ocirc;te", "L'Hôte"),
            ("Zo&#xE9; &#x00e9;", "Zoé é"),
            ("L&rsquo;&OElig;uvre", "L’Œuvre"),
            ("Dupont &amp; Fils", "Dupont & Fils"),
            ("R&amp;D", "R&D"),
            ("&quot;Le Lys&quot;&nbsp;!", "\"Le Lys\"\u{a0}!"),
            // Taken for Windows-1252, as browsers do.
            ("L&#146;Or", "L’Or"),
            ("https://x.fr/?a=1&amp;b=2", "https://x.fr/?a=1&b=2"),
            // Written twice.
            ("R&amp;amp;D", "R&D"),
            ("L&amp;#39;H&amp;ocirc;te", "L'Hôte"),
            ("A&amp;amp;#039;B", "A'B"),
            ("Fish&amp;chips; co", "Fish&chips; co"),
        ] {
            assert_eq!(read(cell), (text.to_owned(), true), "{cell}");
        }
    }

    #[test]
    fn what_is_not_whole_is_known_as_such() {
        for (cell, text) in [
            ("Zo&eacute", "Zoé"),
            ("Lef&egravevre", "Lefèvre"),
            ("Zo&#233", "Zoé"),
            ("&eacut;cole", "&eacut;cole"),
            ("&#1114112;x", "&#1114112;x"),
        ] {
            assert_eq!(read(cell), (text.to_owned(), false), "{cell}");
        }
    }

    #[test]
    fn a_bare_sign_is_no_entity() {
        for cell in [
            "",
            "Marks & Spencer",
            "AT&T",
            "H&M;",
            "R&D; Lyon",
            "&",
            "&&;",
            "&#;",
            "https://x.fr/?a=1&lt=2&copy=3&eacute=4",
        ] {
            assert_eq!(decode(cell), None, "{cell}");
        }
    }
}
