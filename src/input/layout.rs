//! How the elements of a JSON text are laid out, and the way from one to the
//! next. Reads none of them.

use std::io;

use super::element::{self, Element};
use super::faults;
use super::window::{LONGEST_ROW, Window};

/// Where elements stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One a line: a broken line harms no other.
    Lines,
    /// One after the other.
    Sequence,
    /// Inside `[ … ]`. `wrapped`: nothing after it matters.
    Array {
        wrapped: bool,
    },
    Ended,
}

/// Steps into an object that only wraps an array of leads. A single lead is
/// never longer than the longest row, so a longer object can only be a wrapper.
pub fn unwrapped(window: &mut Window) -> io::Result<Layout> {
    skip_gap(window)?;
    if window.bytes().first() != Some(&b'{') {
        return Ok(Layout::Sequence);
    }
    while element::end(window.bytes()) == Element::More
        && !window.ended()
        && window.bytes().len() < LONGEST_ROW
    {
        window.grow()?;
    }
    match element::wrapped_array(window.bytes()) {
        Some(inside) => {
            window.consume(inside);
            Ok(Layout::Array { wrapped: true })
        }
        None => Ok(Layout::Sequence),
    }
}

/// Moves to the next byte that is neither blank nor a comma. Gives the spaces
/// before it when it is the first on its line.
pub fn skip_gap(window: &mut Window) -> io::Result<Option<usize>> {
    let mut indent = None;
    loop {
        for (at, &byte) in window.bytes().iter().enumerate() {
            match byte {
                b'\n' => indent = Some(0),
                b',' => indent = None,
                _ if byte.is_ascii_whitespace() => indent = indent.map(|indent| indent + 1),
                _ => {
                    window.consume(at);
                    return Ok(indent);
                }
            }
        }
        window.consume(window.bytes().len());
        if window.ended() {
            return Ok(indent);
        }
        window.grow()?;
    }
}

/// Moves to what looks like the next element, however far behind what was read
/// so far; at the end of the input when there is none.
///
/// # Errors
/// What reading gave.
pub fn find_next(window: &mut Window, indent: Option<usize>) -> io::Result<bool> {
    while !window.ended() {
        // An element may start in what was read last: some of it is kept.
        let length = window.bytes().len();
        let gone = length.saturating_sub(faults::SHOWN).max(1).min(length);
        window.consume(gone);
        window.grow_to(LONGEST_ROW)?;
        if let Some(next) = element::next(window.bytes(), indent) {
            window.consume(next);
            return Ok(true);
        }
    }
    window.consume(window.bytes().len());
    Ok(false)
}
