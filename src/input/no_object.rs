//! What stands where an object should: how far it goes, and how it is told.

use super::error::Fault;

/// What is no object, byte by byte: it ends where one begins, or where the outermost
/// list does. The first byte is a part of it.
pub struct NoObject {
    begun: bool,
    /// Lists that are open, where it began in one.
    pub lists: usize,
    quoted: bool,
    escaped: bool,
}

impl NoObject {
    pub fn in_lists(lists: usize) -> Self {
        Self {
            begun: false,
            lists,
            quoted: false,
            escaped: false,
        }
    }

    pub fn ends_before(&mut self, byte: u8) -> bool {
        let begun = std::mem::replace(&mut self.begun, true);
        let escapes = self.quoted && !self.escaped && byte == b'\\';
        let escaped = std::mem::replace(&mut self.escaped, escapes);
        match byte {
            b'{' => return begun,
            b']' if self.lists == 1 && !self.quoted => return begun,
            b']' if self.lists > 1 && !self.quoted => self.lists -= 1,
            b'[' if self.lists > 0 && !self.quoted => self.lists += 1,
            b'\n' => self.quoted = false,
            b'"' if !escaped => self.quoted = !self.quoted,
            _ => {}
        }
        false
    }
}

pub fn no_object(text: &[u8]) -> Fault {
    let text = String::from_utf8_lossy(text.trim_ascii());
    Fault::NoObject(text[..text.floor_char_boundary(40)].to_owned())
}

/// Where it is wrong in the file, and the text just before it.
pub fn syntax(error: &serde_json::Error, text: &str, line: u64) -> Fault {
    if error.is_data() {
        return no_object(text.as_bytes());
    }
    let above = error.line().saturating_sub(1);
    let wrong = text.lines().nth(above).unwrap_or_default();
    let good = wrong[..wrong.floor_char_boundary(error.column())].trim();
    let skipped = good.chars().count().saturating_sub(30);
    let dots = if skipped > 0 { "…" } else { "" };
    let tail: String = good.chars().skip(skipped).collect();
    Fault::Syntax {
        line: line + above as u64,
        before: format!("{dots}{tail}"),
    }
}
