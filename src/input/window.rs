//! The part of a stream that is being looked at: it grows while a row is
//! incomplete, forgets what was consumed, and counts lines.

use std::io::{self, Read};

/// A row longer than this is not a row: the window grows no further for it.
pub const LONGEST_ROW: usize = 1024 * 1024;

const START: usize = 64 * 1024;

/// A growing view on a stream.
pub struct Window {
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    line: u64,
    newline: u8,
}

impl Window {
    pub fn new(source: Box<dyn Read + Send>) -> Self {
        Self {
            source,
            buffer: vec![0; START],
            start: 0,
            end: 0,
            ended: false,
            line: 1,
            newline: b'\n',
        }
    }

    /// What was read and not consumed yet.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Whether nothing comes after [`Window::bytes`].
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// 1-based line of the first unconsumed byte.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The byte that ends a line from here on.
    pub fn set_newline(&mut self, newline: u8) {
        self.newline = newline;
    }

    /// Reads more: at least as much again as there is, so that a row looked at
    /// again and again costs no more than twice its length; or to the end.
    ///
    /// # Errors
    /// What reading gave.
    pub fn grow(&mut self) -> io::Result<()> {
        let wanted = 2 * self.bytes().len();
        loop {
            self.read_once()?;
            if self.ended || self.bytes().len() >= wanted {
                return Ok(());
            }
        }
    }

    /// Reads until there are `count` bytes, or to the end.
    ///
    /// # Errors
    /// What reading gave.
    pub fn grow_to(&mut self, count: usize) -> io::Result<()> {
        while !self.ended && self.bytes().len() < count {
            self.read_once()?;
        }
        Ok(())
    }

    fn read_once(&mut self) -> io::Result<()> {
        if self.end == self.buffer.len() {
            if self.start > self.buffer.len() / 2 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                self.buffer.resize(2 * self.buffer.len(), 0);
            }
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    /// Moves on by `count` bytes.
    pub fn consume(&mut self, count: usize) {
        let gone = &self.buffer[self.start..self.start + count];
        self.line += memchr::memchr_iter(self.newline, gone).count() as u64;
        self.pass(count);
    }

    /// Moves on by `count` bytes in which at most the last one ends a line.
    pub fn consume_line(&mut self, count: usize) {
        let ends = self.buffer[..self.start + count].last() == Some(&self.newline);
        self.line += u64::from(ends && count > 0);
        self.pass(count);
    }

    fn pass(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Moves on to the start of the next line, however far.
    ///
    /// # Errors
    /// What reading gave.
    pub fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(end) = memchr::memchr(self.newline, self.bytes()) {
                self.consume(end + 1);
                return Ok(());
            }
            self.consume(self.bytes().len());
            if self.ended {
                return Ok(());
            }
            self.read_once()?;
        }
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
        let text = b"a\nb\n\nc".to_vec();
        let mut window = Window::new(Box::new(Slow(io::Cursor::new(text))));
        window.grow_to(100).expect("memory reads");
        window.consume(3);
        assert_eq!((window.line(), window.bytes()), (2, &b"\n\nc"[..]));
        window.skip_line().expect("memory reads");
        window.skip_line().expect("memory reads");
        assert_eq!((window.line(), window.bytes()), (4, &b"c"[..]));
        window.skip_line().expect("memory reads");
        assert!(window.bytes().is_empty() && window.ended());
    }

    #[test]
    fn a_long_line_is_skipped_without_being_kept() {
        let mut text = vec![b'x'; 3 * LONGEST_ROW];
        text.extend(b"\nnext");
        let mut window = Window::new(Box::new(io::Cursor::new(text)));
        window.skip_line().expect("memory reads");
        assert!(window.bytes().starts_with(b"n"));
        assert!(window.buffer.len() < LONGEST_ROW);
    }
}
