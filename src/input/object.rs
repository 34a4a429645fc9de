//! One JSON object: what it is, by what it says (a lead, or a page that only wraps
//! lists of leads); where the next one begins behind a broken one; its values as
//! a row of text.

use std::io::Read;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::header::is_contact;
use super::window::LONGEST_ROW;
use crate::lead::{Cells, Pairs};

/// What an object that stands alone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// It has an e-mail address or a telephone number of its own: a lead.
    Contact,
    /// It wraps lists of objects (`{"leads": [ … ]}`).
    Page,
    /// It wraps lists that are empty.
    EmptyPage,
    /// Nothing tells: a lead, as any other object. A complaint is better than a
    /// lead that is lost.
    Other,
}

/// What pages call their lists of leads, whatever else they say: no lead has
/// such a list.
const OF_LEADS: &str = "leads|prospects|demandes|registrations|submissions";
/// And what a lead may call a list of its own too.
const OF_ANYTHING: &str = "contacts|records|results|data|entries|rows";

/// Words that pages say of themselves.
const OF_A_PAGE: &str = "status|message|object|type|kind|next|previous|prev|self|href|url|link|\
    path|cursor|next_cursor|nextCursor|after|before|sort|order|query|timestamp|generated_at|\
    exported_at|request_id|requestId|trace_id|success|paging";

/// Where a list of leads begins, by its name, and where any list of objects does.
static LIST_OF_LEADS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r#""({OF_LEADS}|{OF_ANYTHING})"\s*:\s*(\[)\s*\{{"#)).ok());
static LIST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[\s*\{").ok());

/// What an object is. `bytes` open with `{`, and may be broken.
pub fn kind(bytes: &[u8]) -> ObjectKind {
    match serde_json::from_slice(bytes) {
        Ok(Pairs::<Json>(members)) => kind_of(&members),
        Err(_) => kind_of_broken(bytes, 0, &mut Lists::default()),
    }
}

/// What an object is that is broken or cut; `bytes` stand at this offset of all
/// text. What is longer than any lead is a page as soon as there is a list in it.
pub fn kind_of_broken(bytes: &[u8], offset: u64, lists: &mut Lists) -> ObjectKind {
    let is_page = match bytes.len() < LONGEST_ROW {
        true => {
            let list = lists.of_leads.first(LIST_OF_LEADS.as_ref(), bytes, offset);
            list.is_some_and(|list| is_clearly_page(bytes, &list))
        }
        false => lists.of_any.first(LIST.as_ref(), bytes, offset).is_some(),
    };
    match is_page {
        true => ObjectKind::Page,
        false => ObjectKind::Other,
    }
}

/// Where the next lists begin, so that a text full of broken objects is not
/// searched once for each.
#[derive(Default)]
pub struct Lists {
    of_leads: Searched,
    of_any: Searched,
}

/// Up to where in all text nothing is found.
#[derive(Default)]
struct Searched(u64);

impl Searched {
    /// Its beginning may end what was searched.
    const OVERLAP: usize = 256;

    fn first<'b>(
        &mut self,
        what: Option<&Regex>,
        bytes: &'b [u8],
        offset: u64,
    ) -> Option<Captures<'b>> {
        let known = usize::try_from(self.0.saturating_sub(offset)).unwrap_or(usize::MAX);
        let known = known.min(bytes.len());
        let found = what?.captures_at(bytes, known);
        let whole = found.as_ref().and_then(|found| found.get(0));
        let until = match whole {
            Some(whole) => whole.start(),
            None => bytes.len().saturating_sub(Self::OVERLAP).max(known),
        };
        self.0 = offset + until as u64;
        found
    }
}

/// Whether something broken is a page. The entries of a lead's own list are no
/// leads: what holds them is told as one lead that can't be read, unless its
/// list is one of leads by its name, or nothing around the list is of a lead.
fn is_clearly_page(bytes: &[u8], found: &Captures<'_>) -> bool {
    let Some((name, list)) = found.get(1).zip(found.get(2)) else {
        return false;
    };
    // A list that stands deeper, or behind what is broken, shows nothing.
    let before = (&bytes[..list.start()]).chain(&b"[]}"[..]);
    let Ok(Pairs::<Json>(members)) = serde_json::from_reader(before) else {
        return false;
    };
    let from_list = &bytes[list.start()..];
    let mut values = serde_json::Deserializer::from_slice(from_list).into_iter::<IgnoredAny>();
    let after = match values.next() {
        Some(Ok(_)) => &from_list[values.byte_offset()..],
        _ => &[],
    };
    let mut texts = after.split(|byte| *byte == b'"');
    let is_contact = |text| std::str::from_utf8(text).is_ok_and(is_contact);
    is_one_of(OF_LEADS, &String::from_utf8_lossy(name.as_bytes()))
        || kind_of(&members) == ObjectKind::EmptyPage && !texts.any(is_contact)
}

fn kind_of(members: &[(String, Json)]) -> ObjectKind {
    let (mut leads, mut full, mut empty) = (false, false, false);
    let (mut contact, mut says) = (false, false);
    for (key, value) in members {
        let of_a_page = is_one_of(OF_A_PAGE, key);
        match value {
            Json::Array(list) if list.is_empty() => empty = true,
            Json::Array(list) if list[0].is_object() => {
                full = true;
                leads |= is_one_of(OF_LEADS, key) || is_one_of(OF_ANYTHING, key);
            }
            Json::Array(_) => {}
            _ if of_a_page => {}
            Json::String(text) => contact |= is_contact(text),
            Json::Object(_) => contact |= value.to_string().contains('@'),
            number => contact |= is_long_number(number),
        }
        says |= !value.is_array() && !of_a_page && says_of_itself(key, value);
    }
    match () {
        () if leads => ObjectKind::Page,
        () if contact => ObjectKind::Contact,
        () if says => ObjectKind::Other,
        () if full => ObjectKind::Page,
        () if empty => ObjectKind::EmptyPage,
        () => ObjectKind::Other,
    }
}

fn is_one_of(words: &str, key: &str) -> bool {
    words.split('|').any(|word| word == key)
}

/// Whether a value is none that a page has: it is a text, but no address of
/// another page.
fn says_of_itself(key: &str, value: &Json) -> bool {
    let of_a_page = is_one_of(OF_A_PAGE, key);
    match value {
        Json::String(text) => !of_a_page && !text.is_empty() && !text.starts_with("http"),
        Json::Object(members) => members
            .iter()
            .any(|(key, value)| says_of_itself(key, value)),
        Json::Array(values) => values.first().is_some_and(Json::is_object),
        _ => !of_a_page && is_long_number(value),
    }
}

/// A number that a telephone number may have become.
fn is_long_number(value: &Json) -> bool {
    let number = value.as_u64().unwrap_or_default();
    (100_000_000..=999_999_999_999_999).contains(&number)
}

/// Where, after a broken element that starts `bytes`, the next one starts.
/// `indent`: spaces before the broken element when it stood first on its line;
/// then the next one stands as far to the right. What stands in a list of the
/// broken one is part of it, and never taken for the next one. Quotes say
/// nothing here: one of them may be what is broken.
pub fn next_element(bytes: &[u8], indent: Option<usize>) -> Option<usize> {
    // Objects that are open, and how many were when each open list began.
    let (mut objects, mut lists) = (0_usize, Vec::new());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && lists.is_empty() && is_beginning(&bytes[..at], indent) => {
                return Some(at);
            }
            b'{' => objects += 1,
            b'[' => lists.push(objects),
            b']' => objects = lists.pop().unwrap_or(objects),
            b'}' => {
                objects = objects.saturating_sub(1);
                while lists.last().is_some_and(|outer| *outer > objects) {
                    lists.pop();
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether an element begins after these bytes.
fn is_beginning(before: &[u8], indent: Option<usize>) -> bool {
    let blank = before.trim_ascii_end();
    let gap = &before[blank.len()..];
    let line = gap.iter().rposition(|byte| *byte == b'\n');
    match (indent, line) {
        (Some(indent), Some(line)) => gap.len() - line - 1 == indent,
        (Some(_), None) => false,
        (None, _) => blank.ends_with(b","),
    }
}

/// Objects inside objects further than this stay JSON text.
const DEEPEST: usize = 16;

/// Reads one object as a row: nested objects become columns (`contact.email`),
/// and every value keeps the very text that it has.
///
/// # Errors
/// `text` is no JSON object.
pub fn flatten(text: &str, names: &mut Cells, cells: &mut Cells) -> serde_json::Result<()> {
    add_members(text, "", 0, &mut |name, cell| {
        names.push_field(name);
        cells.push_field(cell);
    })
}

fn add_members(
    text: &str,
    stem: &str,
    depth: usize,
    add: &mut impl FnMut(&str, &str),
) -> serde_json::Result<()> {
    let members: Pairs<&RawValue> = serde_json::from_str(text)?;
    for (key, value) in members.0 {
        let name = format!("{stem}{key}");
        match value.get() {
            text if text.starts_with('{') && depth < DEEPEST && text != "{}" => {
                add_members(text, &format!("{name}."), depth + 1, add)?;
            }
            text => add(&name, &cell(text)?),
        }
    }
    Ok(())
}

/// A value as a cell: a string without its quotes, `null` as nothing, numbers
/// and booleans as they are written, a list of those joined by `, `, and
/// anything else as JSON text.
fn cell(text: &str) -> serde_json::Result<String> {
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text),
        Some(b'n') => Ok(String::new()),
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(text)?;
            let values = || values.iter().map(|value| value.get());
            if values().any(|value| value.starts_with(['{', '['])) {
                return Ok(text.to_owned());
            }
            let values = values().filter(|value| *value != "null").map(cell);
            let values: Vec<String> = values.collect::<Result<_, _>>()?;
            Ok(values.join(", "))
        }
        _ => Ok(text.to_owned()),
    }
}
