//! How the elements of a JSON text are laid out, and the way from one to the
//! next. Reads none of them.

use std::io;

use super::element::{self, Element, Member, Passing};
use super::faults;
use super::object::{self, Object};
use super::window::{LONGEST_ROW, Window};

/// Where elements stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One a line: a broken line harms no other.
    Lines,
    /// One after the other: leads, lists, pages.
    Sequence,
    /// Between the members of an object that only wraps lists of leads: a page.
    Page,
    /// Inside `[ … ]`. `of_page`: a page goes on after it.
    Array {
        of_page: bool,
    },
    Ended,
    /// What comes next could not be understood.
    Lost,
}

/// What a page holds next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A list of leads, whose first one comes now.
    List,
    /// A list that was passed over, though it holds objects.
    Odd,
    Closed,
    /// The input ends inside the page.
    Cut,
    Unclear,
}

/// What the object is that comes now. A single lead is never longer than the
/// longest row, so of a longer object this much tells.
pub fn object(window: &mut Window) -> io::Result<Object> {
    while element::end(window.bytes()) == Element::More
        && !window.ended()
        && window.bytes().len() < LONGEST_ROW
    {
        window.grow()?;
    }
    Ok(object::of(window.bytes()))
}

/// Whether lines are pages, each with its lists, and no leads: the first one
/// that is not empty tells.
pub fn lines_are_pages(window: &Window) -> bool {
    let lines = window.bytes().split(|byte| *byte == b'\n');
    let objects = lines
        .map(<[u8]>::trim_ascii_start)
        .filter(|line| line.first() == Some(&b'{'));
    let mut told = objects
        .map(object::of)
        .skip_while(|object| *object == Object::EmptyPage);
    told.next() == Some(Object::Page)
}

/// Moves to the next list of leads of a page, past all else that it holds.
pub fn next_list(window: &mut Window) -> io::Result<Next> {
    loop {
        skip_gap(window)?;
        match window.bytes().first() {
            None => return Ok(Next::Cut),
            Some(b'}') => {
                window.consume(1);
                return Ok(Next::Closed);
            }
            Some(b'"') => {}
            Some(_) => return Ok(Next::Unclear),
        }
        let value = loop {
            match element::member(window.bytes()) {
                Member::Value(value) => break value,
                Member::More if window.ended() => return Ok(Next::Cut),
                Member::More if window.bytes().len() < LONGEST_ROW => window.grow()?,
                Member::More | Member::Broken => return Ok(Next::Unclear),
            }
        };
        window.consume(value);
        let mut passing = Passing::default();
        let list = window.bytes().first() == Some(&b'[');
        if list {
            window.consume(1);
            skip_gap(window)?;
            if window.bytes().first() == Some(&b'{') {
                return Ok(Next::List);
            }
            passing = Passing::inside(1);
        }
        if !pass(window, &mut passing)? {
            return Ok(Next::Cut);
        }
        if list && passing.objects {
            return Ok(Next::Odd);
        }
    }
}

/// Moves past a value, however long; `false`: the input ends in it.
fn pass(window: &mut Window, passing: &mut Passing) -> io::Result<bool> {
    loop {
        if let Some(end) = passing.end(window.bytes()) {
            window.consume(end);
            return Ok(true);
        }
        window.consume(window.bytes().len());
        if window.ended() {
            return Ok(false);
        }
        window.grow()?;
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
