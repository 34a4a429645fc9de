//! Which encoding a stream of bytes is in. Knows no format: it never looks for
//! rows.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes looked at before the encoding is decided.
pub const HEAD: usize = 64 * 1024;

/// The encoding of an input and how it is known.
#[derive(Debug, Clone, Copy)]
pub struct TextEncoding {
    pub encoding: &'static Encoding,
    /// No mark and no option said so: it is what the bytes look like.
    pub assumed: bool,
    /// Bytes of byte-order mark at the start.
    pub mark: usize,
}

impl Default for TextEncoding {
    fn default() -> Self {
        Self {
            encoding: UTF_8,
            assumed: false,
            mark: 0,
        }
    }
}

impl TextEncoding {
    /// Decides by the option, else a byte-order mark, else what `head`, the first
    /// [`HEAD`] bytes, can be read as.
    pub fn recognise(head: &[u8], chosen: Option<&'static Encoding>) -> Self {
        let sixteen = |encoding| encoding == UTF_16LE || encoding == UTF_16BE;
        // `--encoding utf-16` doesn't say which of the two: the mark does.
        let marked = Encoding::for_bom(head).filter(|(marked, _)| {
            chosen.is_none_or(|chosen| chosen == *marked || sixteen(chosen) && sixteen(marked))
        });
        let unmarked = || (chosen.unwrap_or_else(|| guess(head)), 0);
        let (encoding, mark) = marked.unwrap_or_else(unmarked);
        Self {
            encoding,
            assumed: chosen.is_none() && mark == 0 && encoding != UTF_8,
            mark,
        }
    }

    /// The name for people: `UTF-8`, `Windows-1252 (assumed)`.
    pub fn name(self) -> String {
        let name = match self.encoding.name() {
            "windows-1252" => "Windows-1252",
            "macintosh" => "Mac Roman",
            name => name,
        };
        match self.assumed {
            true => format!("{name} (assumed)"),
            false => name.to_owned(),
        }
    }
}

fn guess(head: &[u8]) -> &'static Encoding {
    if let Some(encoding) = unmarked_utf16(head) {
        return encoding;
    }
    match std::str::from_utf8(head) {
        Ok(_) => UTF_8,
        // A letter cut in two by the end of the head is no mistake.
        Err(error) if error.error_len().is_none() && head.len() == HEAD => UTF_8,
        // Accents as UTF-8 writes them: a bad byte after them is damage.
        Err(error) if !head[..error.valid_up_to()].is_ascii() => UTF_8,
        Err(_) => WINDOWS_1252,
    }
}

/// Western text in UTF-16 has a NUL in almost every second place.
fn unmarked_utf16(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    let nuls = |from: usize| {
        let bytes = head.iter().skip(from).step_by(2);
        bytes.filter(|byte| **byte == 0).count()
    };
    match (nuls(0), nuls(1)) {
        _ if pairs < 4 => None,
        (0, odd) if odd > pairs / 2 => Some(UTF_16LE),
        (even, 0) if even > pairs / 2 => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::window::Window;
    use super::*;

    fn read(bytes: &[u8], chosen: Option<&'static Encoding>) -> (String, Vec<u8>) {
        let known = TextEncoding::recognise(bytes, chosen);
        let rest = Cursor::new(bytes[known.mark..].to_vec());
        let mut window = Window::new(Box::new(rest), known);
        window.grow_to(HEAD).expect("memory reads");
        (known.name(), window.held().to_vec())
    }

    fn sixteen(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn marks_are_obeyed_and_removed() {
        assert_eq!(
            read(b"\xEF\xBB\xBFNom", None),
            ("UTF-8".into(), b"Nom".to_vec())
        );
        assert_eq!(
            read(b"\xFE\xFF\x00\xC9", None),
            ("UTF-16BE".into(), "É".into())
        );
        let mut marked = b"\xFF\xFE".to_vec();
        marked.extend(sixteen("Éva;☎"));
        assert_eq!(read(&marked, None), ("UTF-16LE".into(), "Éva;☎".into()));
    }

    #[test]
    fn without_a_mark_the_bytes_tell() {
        assert_eq!(read("é".as_bytes(), None).0, "UTF-8");
        assert_eq!(read(b"Pr\xC3\xA9nom\nAndr\xE9", None).0, "UTF-8");
        assert_eq!(
            read(b"Andr\xE9 \x80", None),
            ("Windows-1252 (assumed)".into(), "André €".into())
        );
        assert_eq!(
            read(&sixteen("Nom;Ville\n"), None),
            ("UTF-16LE (assumed)".into(), "Nom;Ville\n".into())
        );
    }

    #[test]
    fn the_option_overrules() {
        assert_eq!(
            read("é".as_bytes(), Some(WINDOWS_1252)),
            ("Windows-1252".into(), "Ã©".into())
        );
        assert_eq!(read(b"\xFE\xFF\x00A", Some(UTF_16LE)).1, b"A");
    }

    #[test]
    fn bytes_without_meaning_stay_invalid() {
        let mut broken = b"\xFF\xFE".to_vec();
        broken.extend([0x00, 0xD8, 0x41, 0x00]);
        assert_eq!(read(&broken, None).1, b"\xFFA");
    }
}
