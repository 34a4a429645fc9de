//! What may stand in a URL and in a header's name, as it is written in the TOML.

use super::place::Place;
use super::reader::Mistakes;
use super::tree::Node;

/// `text` as a URL takes it; `None` where it stands well as it is. Braces are
/// left: they hold placeholders.
pub fn encoded(text: &str) -> Option<String> {
    let stands = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '`');
    if text.chars().all(stands) {
        return None;
    }
    let mut written = String::new();
    for c in text.chars() {
        if stands(c) {
            written.push(c);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes() {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(written)
}

/// A call's path: with a slash before it, and fit for a URL.
pub fn check_path(node: &Node, path: &str, name: &str, mistakes: &mut Mistakes) {
    if !path.is_empty() && !path.starts_with(['/', '?']) {
        mistakes.hint(
            &node.place,
            format!("`{name}` must begin with /"),
            "the host stands in `base`",
        );
    }
    if !are_closed(path) {
        mistakes.hint(
            &node.place,
            format!("`{name}` has a brace without its other half: \"{path}\""),
            "a placeholder is written {program}",
        );
    }
    if path.contains('#') {
        mistakes.hint(
            &node.place,
            format!("`{name}` has a #: what follows it is never sent"),
            "write %23 for the character itself",
        );
    }
    if let Some(written) = encoded(path) {
        mistakes.hint(
            &node.place,
            format!("`{name}` holds a space or a letter that an address can't hold: \"{path}\""),
            format!("write \"{written}\""),
        );
    }
}

fn are_closed(path: &str) -> bool {
    let mut open = false;
    for c in path.chars() {
        match c {
            '{' if open => return false,
            '}' if !open => return false,
            '{' | '}' => open = !open,
            _ => {}
        }
    }
    !open
}

/// A header's name: letters, digits and dashes, more or less.
pub fn check_header(name: &str, place: &Place, mistakes: &mut Mistakes) {
    let stands = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.is_empty() && name.chars().all(stands) {
        return;
    }
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let hint = match words.is_empty() {
        true => "letters, digits and dashes, as in X-Api-Key".to_owned(),
        false => format!(
            "letters, digits and dashes alone: perhaps \"{}\"?",
            words.join("-")
        ),
    };
    mistakes.hint(place, format!("\"{name}\" can't be a header's name"), hint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_can_not_hold_is_proposed_as_it_can() {
        assert_eq!(encoded("/a/{b}?c=d%20&e[f]=g"), None);
        assert_eq!(
            encoded("/été du jour").as_deref(),
            Some("/%C3%A9t%C3%A9%20du%20jour")
        );
    }

    #[test]
    fn braces_stand_in_pairs() {
        for (path, closed) in [
            ("/a/{b}/{c}", true),
            ("/a", true),
            ("/{a", false),
            ("/a}", false),
            ("/{a{b}}", false),
        ] {
            assert_eq!(are_closed(path), closed, "{path}");
        }
    }
}
