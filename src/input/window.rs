//! Which encoding a stream of bytes is in, and the part of its text that is being
//! looked at, as UTF-8: it grows while a row is incomplete, forgets what was
//! consumed, and counts lines. Knows no format.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::Fault;

/// A row longer than this is no row: nobody holds more of it.
pub const LONGEST_ROW: usize = 1024 * 1024;

/// Bytes kept of what can't be read, so that a person recognises it.
pub const SHOWN: usize = 4096;

const PIECE: usize = 64 * 1024;

/// What takes the place of bytes that mean nothing in their encoding. It never
/// occurs in UTF-8, so the row that holds it is found invalid like any other.
const INVALID: u8 = 0xFF;

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

/// A growing view on a stream. As [`Read`] it gives the same bytes without
/// consuming them, no further than a row can be long, and [`Seek`] goes back to
/// the first one that was not consumed.
pub struct Window {
    source: Box<dyn Read + Send>,
    encoding: TextEncoding,
    /// For all that is not UTF-8.
    decoder: Option<Decoder>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that were consumed.
    start: usize,
    /// Bytes of `buffer` that [`Read`] has given.
    given: usize,
    consumed: u64,
    ended: bool,
    line: u64,
    newline: u8,
}

impl Window {
    /// `source`: what follows the byte-order mark.
    pub fn new(source: Box<dyn Read + Send>, encoding: TextEncoding) -> Self {
        let decoder = || encoding.encoding.new_decoder_without_bom_handling();
        Self {
            source,
            encoding,
            decoder: (encoding.encoding != UTF_8).then(decoder),
            buffer: Vec::new(),
            start: 0,
            given: 0,
            consumed: 0,
            ended: false,
            line: 1,
            newline: b'\n',
        }
    }

    /// What was read and not consumed yet.
    pub fn held(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Whether nothing comes after [`Window::held`].
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Bytes consumed since the beginning.
    pub fn consumed(&self) -> u64 {
        self.consumed
    }

    /// 1-based line of the first unconsumed byte.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The byte that ends a line from here on.
    pub fn set_newline(&mut self, newline: u8) {
        self.newline = newline;
    }

    /// Counts a line that ended in another way.
    pub fn count_line(&mut self) {
        self.line += 1;
    }

    /// Reads a piece more, or notices the end.
    ///
    /// # Errors
    /// What reading gave.
    pub fn grow(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.given = self.given.saturating_sub(self.start);
        self.start = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + PIECE, 0);
        let read = loop {
            match self.source.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;
        if let Some(decoder) = &mut self.decoder {
            let text = decode(decoder, &self.buffer[filled..], self.ended);
            self.buffer.truncate(filled);
            self.buffer.extend(text);
        }
        Ok(())
    }

    /// Reads until there are `count` bytes, or to the end.
    ///
    /// # Errors
    /// What reading gave.
    pub fn grow_to(&mut self, count: usize) -> io::Result<()> {
        while !self.ended && self.held().len() < count {
            self.grow()?;
        }
        Ok(())
    }

    /// Moves on by `count` bytes.
    pub fn consume(&mut self, count: usize) {
        let gone = &self.buffer[self.start..self.start + count];
        self.line += memchr::memchr_iter(self.newline, gone).count() as u64;
        self.start += count;
        self.consumed += count as u64;
        self.given = self.given.max(self.start);
    }

    /// Moves on to the start of the next line, however far.
    ///
    /// # Errors
    /// What reading gave.
    pub fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(end) = memchr::memchr(self.newline, self.held()) {
                self.consume(end + 1);
                return Ok(());
            }
            self.consume(self.held().len());
            if self.ended {
                return Ok(());
            }
            self.grow()?;
        }
    }

    /// Bytes that mean nothing in the encoding, among the next `count`.
    pub fn invalid(&self, count: usize) -> Option<Fault> {
        let row = &self.held()[..count];
        let error = std::str::from_utf8(row).err()?;
        let readable = String::from_utf8_lossy(&row[..error.valid_up_to()]);
        let skipped = readable.chars().count().saturating_sub(12);
        Some(Fault::Encoding {
            encoding: self.encoding.name(),
            before: readable.chars().skip(skipped).collect(),
        })
    }
}

impl Read for Window {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.buffer.len() && !self.ended && self.held().len() < LONGEST_ROW {
            self.grow()?;
        }
        let count = (&self.buffer[self.given..]).read(into)?;
        self.given += count;
        Ok(count)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if to != SeekFrom::Start(self.consumed) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.given = self.start;
        Ok(self.consumed)
    }
}

fn decode(decoder: &mut Decoder, bytes: &[u8], last: bool) -> Vec<u8> {
    let room = decoder.max_utf8_buffer_length(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(4 * PIECE));
    let (.., damaged) = decoder.decode_to_string(bytes, &mut text, last);
    match damaged {
        false => text.into_bytes(),
        true => {
            let pieces = text.split(char::REPLACEMENT_CHARACTER);
            let pieces: Vec<&[u8]> = pieces.map(str::as_bytes).collect();
            pieces.join(&INVALID)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::Cursor;

    use super::super::window::Window;

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

    /// Gives one byte at a time, as a slow pipe does.
    struct Slow(io::Cursor<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min(1);
            self.0.read(&mut into[..count])
        }
    }

    #[test]
    fn lines_are_counted_as_they_go() {
        let text = Box::new(Slow(io::Cursor::new(b"a\nb\n\nc".to_vec())));
        let mut window = Window::new(text, TextEncoding::default());
        window.grow_to(100).expect("memory reads");
        window.consume(3);
        assert_eq!((window.line(), window.held()), (2, &b"\n\nc"[..]));
        window.skip_line().expect("memory reads");
        window.skip_line().expect("memory reads");
        assert_eq!((window.line(), window.held()), (4, &b"c"[..]));
        window.skip_line().expect("memory reads");
        assert!(window.held().is_empty() && window.ended());
    }

    #[test]
    fn a_long_line_is_skipped_without_being_kept() {
        let mut text = vec![b'x'; 3 * LONGEST_ROW];
        text.extend(b"\nnext");
        let mut window = Window::new(Box::new(io::Cursor::new(text)), TextEncoding::default());
        window.skip_line().expect("memory reads");
        assert!(window.held().starts_with(b"n"));
        assert!(window.buffer.len() < LONGEST_ROW);
    }

    #[test]
    fn what_was_not_consumed_is_given_again_and_no_more_than_a_row() {
        let text = vec![b'x'; 3 * LONGEST_ROW];
        let mut window = Window::new(Box::new(io::Cursor::new(text)), TextEncoding::default());
        window.grow_to(10).expect("memory reads");
        window.consume(4);
        for _ in 0..2 {
            let given = io::copy(&mut window, &mut io::sink()).expect("memory reads");
            assert!((LONGEST_ROW..2 * LONGEST_ROW).contains(&(given as usize)));
            window.seek(SeekFrom::Start(4)).expect("a way back");
        }
    }
}
