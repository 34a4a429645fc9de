//! Which encoding a stream of bytes is in, and the same stream as UTF-8.
//! Knows no format: it never looks for rows.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes looked at before the encoding is decided.
pub const HEAD: usize = 64 * 1024;

/// What takes the place of bytes that mean nothing in their encoding. It never
/// occurs in UTF-8, so the row that holds it is found invalid like any other.
const INVALID: u8 = 0xFF;

/// The encoding of an input and how it is known.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub encoding: &'static Encoding,
    /// No mark and no option said so: it is what the bytes look like.
    pub assumed: bool,
    /// Bytes of byte-order mark at the start.
    pub mark: usize,
}

impl Found {
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

/// Decides by the option, else a byte-order mark, else what `head`, the first
/// [`HEAD`] bytes, can be read as.
pub fn recognise(head: &[u8], chosen: Option<&'static Encoding>) -> Found {
    let marked = Encoding::for_bom(head);
    let sixteen = |encoding| encoding == UTF_16LE || encoding == UTF_16BE;
    match (chosen, marked) {
        // `--encoding utf-16` doesn't say which of the two: the mark does.
        (Some(chosen), Some((encoding, mark)))
            if encoding == chosen || (sixteen(chosen) && sixteen(encoding)) =>
        {
            found(encoding, false, mark)
        }
        (Some(chosen), _) => found(chosen, false, 0),
        (None, Some((encoding, mark))) => found(encoding, false, mark),
        (None, None) => guess(head),
    }
}

fn found(encoding: &'static Encoding, assumed: bool, mark: usize) -> Found {
    Found {
        encoding,
        assumed,
        mark,
    }
}

fn guess(head: &[u8]) -> Found {
    if let Some(encoding) = unmarked_utf16(head) {
        return found(encoding, true, 0);
    }
    match std::str::from_utf8(head) {
        Ok(_) => found(UTF_8, false, 0),
        // A letter cut in two by the end of the head is no mistake.
        Err(error) if error.error_len().is_none() && head.len() == HEAD => found(UTF_8, false, 0),
        // Accents as UTF-8 writes them: a bad byte after them is damage.
        Err(error) if !head[..error.valid_up_to()].is_ascii() => found(UTF_8, false, 0),
        Err(_) => found(WINDOWS_1252, true, 0),
    }
}

/// Western text in UTF-16 has a NUL in almost every second place.
fn unmarked_utf16(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    if pairs < 4 {
        return None;
    }
    let nuls = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    match (nuls(0), nuls(1)) {
        (0, odd) if odd > pairs / 2 => Some(UTF_16LE),
        (even, 0) if even > pairs / 2 => Some(UTF_16BE),
        _ => None,
    }
}

/// The bytes after the byte-order mark, as UTF-8.
pub fn decoded(source: Box<dyn Read + Send>, found: Found) -> Box<dyn Read + Send> {
    if found.encoding == UTF_8 {
        return source;
    }
    Box::new(Decoding {
        source,
        decoder: found.encoding.new_decoder_without_bom_handling(),
        input: vec![0; HEAD],
        output: Vec::with_capacity(2 * HEAD),
        given: 0,
        ended: false,
    })
}

struct Decoding {
    source: Box<dyn Read + Send>,
    decoder: Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

impl Read for Decoding {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let pending = &self.output[self.given..];
        let count = pending.len().min(into.len());
        into[..count].copy_from_slice(&pending[..count]);
        self.given += count;
        Ok(count)
    }
}

impl Decoding {
    fn refill(&mut self) -> io::Result<()> {
        let count = self.source.read(&mut self.input)?;
        self.ended = count == 0;
        self.output.clear();
        self.given = 0;
        let mut left = &self.input[..count];
        loop {
            let room = self
                .decoder
                .max_utf8_buffer_length_without_replacement(left.len())
                .unwrap_or(4 * HEAD);
            let start = self.output.len();
            self.output.resize(start + room, 0);
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                left,
                &mut self.output[start..],
                self.ended,
            );
            self.output.truncate(start + written);
            left = &left[read..];
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.output.push(INVALID),
            }
        }
    }
}

/// Reads [`HEAD`] bytes, or all there is.
///
/// # Errors
/// What reading gave.
pub fn head_of(source: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    source.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], chosen: Option<&'static Encoding>) -> (String, Vec<u8>) {
        let found = recognise(bytes, chosen);
        let rest = io::Cursor::new(bytes[found.mark..].to_vec());
        let mut text = Vec::new();
        decoded(Box::new(rest), found)
            .read_to_end(&mut text)
            .expect("memory reads");
        (found.name(), text)
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
