//! A JSON text, value by value: what comes next, where it ends, and how what is not
//! wanted or broken is left behind.

use std::borrow::Cow;
use std::io;

use super::ends::{Ends, ValueEnd};
use super::error::{ErrorKind, Fault};
use super::object::next_element;
use super::window::{LONGEST_ROW, SHOWN, Window};

/// The text, from the next value on.
pub struct JsonScanner {
    pub window: Window,
    /// What was found out beyond the value that is read.
    ends: Ends,
    /// The last text that was left behind: in an object, the key of what comes next.
    pub key: String,
}

impl JsonScanner {
    pub fn new(window: Window) -> Self {
        Self {
            window,
            ends: Ends::default(),
            key: String::new(),
        }
    }

    /// Moves to the next byte that is neither blank nor a comma. Gives the spaces
    /// before it when it is the first on its line.
    pub fn skip_gap(&mut self) -> io::Result<Option<usize>> {
        // The first byte of all is the first on its line.
        let mut indent = (self.window.consumed() == 0).then_some(0);
        loop {
            for (at, &byte) in self.window.held().iter().enumerate() {
                indent = match byte {
                    b'\n' => Some(0),
                    b',' => None,
                    _ if byte.is_ascii_whitespace() => indent.map(|indent| indent + 1),
                    _ => {
                        self.window.consume(at);
                        return Ok(indent);
                    }
                };
            }
            self.window.consume(self.window.held().len());
            if self.window.ended() {
                return Ok(indent);
            }
            self.window.grow()?;
        }
    }

    /// Where the value that comes now ends, and it is held whole then; else what is
    /// wrong with it.
    pub fn value_end(&mut self, longest: usize) -> io::Result<Result<usize, Fault>> {
        loop {
            let (held, ended) = (self.window.held(), self.window.ended());
            let length = held.len();
            return Ok(match self.ends.of(held, self.window.consumed()) {
                ValueEnd::At(end) => Ok(end),
                ValueEnd::Unbalanced => Err(Fault::Unbalanced),
                ValueEnd::Beyond if ended => Err(Fault::CutObject),
                ValueEnd::Beyond if length >= longest => Err(Fault::TooLong),
                ValueEnd::Beyond => {
                    self.window.grow_to(2 * length)?;
                    continue;
                }
            });
        }
    }

    /// The value that comes now, where it ends and is no longer than a lead.
    pub fn whole(&mut self) -> io::Result<Option<&[u8]>> {
        let end = self.value_end(LONGEST_ROW)?;
        Ok(end.ok().map(|end| &self.window.held()[..end]))
    }

    /// Moves past what a page says of itself, however long.
    pub fn skip_value(&mut self) -> Result<(), ErrorKind> {
        self.window.grow_to(SHOWN)?;
        let held = self.window.held();
        let length = match held {
            [b':', ..] => 1,
            [b'{' | b'[' | b'"', ..] => match self.value_end(usize::MAX)? {
                Ok(end) => {
                    // Short: else it is no key that anybody looks for.
                    let text = &self.window.held()[..end.min(SHOWN)];
                    self.key = serde_json::from_slice(text).unwrap_or_default();
                    end
                }
                Err(Fault::Unbalanced) => return Err(ErrorKind::LostJson),
                Err(_) => self.window.held().len(),
            },
            _ => {
                let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                let word: Vec<u8> = held.iter().copied().take_while(of_word).collect();
                serde_json::from_slice::<serde_json::Value>(&word)
                    .map_err(|_| ErrorKind::LostJson)?;
                word.len()
            }
        };
        self.window.consume(length);
        Ok(())
    }

    /// Whether the list that comes now holds values, and no lists or objects.
    pub fn is_row(&mut self) -> io::Result<bool> {
        self.window.grow_to(SHOWN)?;
        let first = self.window.held().get(1..).unwrap_or_default();
        let first = first.trim_ascii_start().first();
        Ok(first.is_some_and(|byte| !b"{[]".contains(byte)))
    }

    pub fn is_followed_by_list(&mut self) -> io::Result<bool> {
        let Ok(end) = self.value_end(LONGEST_ROW)? else {
            return Ok(false);
        };
        self.window.grow_to(end + SHOWN)?;
        let rest = self.window.held()[end..].trim_ascii_start();
        Ok(rest.first() == Some(&b'['))
    }

    /// The next `length` bytes.
    pub fn text(&self, length: usize) -> Result<Cow<'_, str>, Fault> {
        match self.window.invalid(length) {
            Some(fault) => Err(fault),
            None => Ok(String::from_utf8_lossy(&self.window.held()[..length])),
        }
    }

    /// Where the next one begins behind the broken element that comes now, as far as
    /// the text is held.
    pub fn next_element(&self, indent: Option<usize>) -> Option<usize> {
        let held = self.window.held();
        next_element(held, *held.first()?, indent)
    }

    /// Moves behind the broken element that comes now, to what looks like the next
    /// one, however far. `false`: there is none.
    pub fn leave_broken(&mut self, indent: Option<usize>) -> io::Result<bool> {
        let opens = self.window.held().first().copied().unwrap_or_default();
        let mut next = self.next_element(indent);
        while next.is_none() && !self.window.ended() {
            // An element may start in what was read last: some of it is kept.
            let length = self.window.held().len();
            let gone = length.saturating_sub(SHOWN).max(1).min(length);
            self.window.consume(gone);
            self.window.grow_to(LONGEST_ROW)?;
            next = next_element(self.window.held(), opens, indent);
        }
        let end = next.unwrap_or(self.window.held().len());
        self.window.consume(end);
        Ok(next.is_some())
    }

    /// Moves on to where `ends_before` says so of the byte there, however far. Gives
    /// what is left behind, as far as a person needs it.
    pub fn leave_until(&mut self, mut ends_before: impl FnMut(u8) -> bool) -> io::Result<Vec<u8>> {
        let mut left = Vec::new();
        loop {
            let held = self.window.held();
            let found = held.iter().position(|byte| ends_before(*byte));
            let length = found.unwrap_or(held.len());
            left.extend(held[..length].iter().take(SHOWN - left.len()));
            self.window.consume(length);
            if found.is_some() || self.window.ended() {
                return Ok(left);
            }
            self.window.grow()?;
        }
    }
}
