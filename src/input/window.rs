//! The part of a text that is being looked at, as UTF-8: it grows while a row is
//! incomplete, forgets what was consumed, and counts lines. Knows no format.

use std::io::{self, Read};

use super::encoding::{Decoder, Encoding};
use super::error::Fault;

/// A row longer than this is no row: nobody holds more of it.
pub const LONGEST_ROW: usize = 1024 * 1024;

/// Bytes kept of what can't be read, so that a person recognises it.
pub const SHOWN: usize = 4096;

const PIECE: usize = 64 * 1024;

/// Bytes looked at before a format is decided.
pub const HEAD: usize = 64 * 1024;

/// A growing view on a stream.
pub struct Window {
    source: Box<dyn Read + Send>,
    encoding: Encoding,
    /// For all that is not UTF-8.
    decoder: Option<Decoder>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that were consumed.
    start: usize,
    consumed: u64,
    ended: bool,
    line: u64,
    newline: u8,
}

impl Window {
    /// `source`: what follows the byte-order mark.
    pub fn new(source: Box<dyn Read + Send>, encoding: Encoding) -> Self {
        Self {
            source,
            encoding,
            decoder: encoding.decoder(),
            buffer: Vec::new(),
            start: 0,
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
            let text = decoder.decode(&self.buffer[filled..], self.ended);
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut window = Window::new(text, Encoding::default());
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
        let mut window = Window::new(Box::new(io::Cursor::new(text)), Encoding::default());
        window.skip_line().expect("memory reads");
        assert!(window.held().starts_with(b"n"));
        assert!(window.buffer.len() < LONGEST_ROW);
    }
}
