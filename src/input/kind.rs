//! What a JSON object is by what it says: a lead, a page that only wraps lists of
//! leads, or a table.

use std::io::Read;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::header::is_contact;
use super::table::{Members, Table};
use crate::lead::Pairs;
use crate::lead::text::is_one_of;

/// What an object that stands alone is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectKind {
    /// It has an e-mail address or a telephone number of its own: a lead.
    Contact,
    /// It wraps lists of objects (`{"leads": [ … ]}`).
    Page,
    /// It wraps lists that are empty.
    EmptyPage,
    /// It wraps one object that is a page or a table.
    Wrapper,
    Table(Table),
    /// Nothing tells: a lead, as any other object. A complaint is better than a
    /// lead that is lost.
    Other,
}

impl ObjectKind {
    /// Whether leads stand inside.
    pub fn wraps(&self) -> bool {
        matches!(
            self,
            Self::Page | Self::EmptyPage | Self::Wrapper | Self::Table(_)
        )
    }
}

/// What pages call their lists of leads, whatever else they say: no lead has
/// such a list.
const OF_LEADS: &str = "leads|prospects|demandes|registrations|submissions";
/// And what a lead may call a list of its own too.
const OF_ANYTHING: &str = "contacts|records|results|data|entries|rows";
/// And what only a list is called that stands alone: leads have such lists too.
const OF_PAGES: &str = "items|elements|values|responses|answers|objects|documents|docs";

/// Words that pages say of themselves.
const OF_A_PAGE: &str = "status|message|object|type|kind|next|previous|prev|self|href|url|link|\
    path|cursor|next_cursor|nextCursor|after|before|sort|order|query|timestamp|generated_at|\
    exported_at|request_id|requestId|trace_id|success|paging|range|majorDimension|spreadsheetId";

/// Where a list of leads begins, by its name.
static LIST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = format!("{OF_LEADS}|{OF_ANYTHING}|{OF_PAGES}");
    Regex::new(&format!(r#""({names})"\s*:\s*(\[)\s*\{{"#)).ok()
});

/// What an object is. `bytes` open with `{`, and may be broken.
pub fn kind(bytes: &[u8]) -> ObjectKind {
    match serde_json::from_slice(bytes) {
        Ok(Pairs::<Json>(members)) => kind_of(&of_pairs(&members), true),
        Err(_) => kind_of_broken(bytes, 0, &mut Lists::default()),
    }
}

/// What an object is that is broken or cut; `bytes` stand at this offset of all
/// text.
pub fn kind_of_broken(bytes: &[u8], offset: u64, lists: &mut Lists) -> ObjectKind {
    let list = lists.first(bytes, offset);
    match list.is_some_and(|list| is_clearly_page(bytes, &list)) {
        true => ObjectKind::Page,
        false => ObjectKind::Other,
    }
}

/// What an object is of which these are the first bytes: it is longer than any
/// lead, and something in it may be broken. `None`: they don't tell.
pub fn kind_of_long(bytes: &[u8]) -> Option<ObjectKind> {
    let mut bytes = bytes;
    let members = loop {
        let text = closed(bytes)?;
        match serde_json::from_slice::<Pairs<Json>>(&text) {
            Ok(members) => break members.0,
            // What stands before is sound.
            Err(error) => {
                let lines = bytes.split_inclusive(|byte| *byte == b'\n');
                let above: usize = lines.take(error.line().max(1) - 1).map(<[u8]>::len).sum();
                let sound = (above + error.column()).min(bytes.len()).saturating_sub(1);
                bytes = (sound < text.len().min(bytes.len())).then(|| &bytes[..sound])?;
            }
        }
    };
    match kind_of(&of_pairs(&members), false) {
        ObjectKind::Contact | ObjectKind::Other => None,
        kind => Some(kind),
    }
}

/// What wraps lists is no deeper than this.
const DEEPEST: usize = 16;

/// The beginning of a long value as a whole one: without what follows the last
/// comma, and everything closed that is open there.
fn closed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    let mut cut = None;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' if open.len() < DEEPEST => open.push(b'}'),
            b'[' if open.len() < DEEPEST => open.push(b']'),
            b'{' | b'[' => break,
            b'}' | b']' if open.pop() != Some(*byte) => break,
            b',' => cut = Some((at, open.clone())),
            _ => {}
        }
    }
    let (at, open) = cut?;
    let whole = bytes[..at].iter().chain(open.iter().rev());
    Some(whole.copied().collect())
}

/// Up to where in all text no list of leads begins, so that a text full of broken
/// objects is not searched once for each.
#[derive(Default)]
pub struct Lists(u64);

impl Lists {
    /// A list's beginning may end what was searched.
    const OVERLAP: usize = 256;

    fn first<'b>(&mut self, bytes: &'b [u8], offset: u64) -> Option<Captures<'b>> {
        let known = usize::try_from(self.0.saturating_sub(offset)).unwrap_or(usize::MAX);
        let known = known.min(bytes.len());
        let found = LIST.as_ref()?.captures_at(bytes, known);
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
        || kind_of(&of_pairs(&members), true) == ObjectKind::EmptyPage && !texts.any(is_contact)
}

fn of_pairs(members: &[(String, Json)]) -> Vec<(&str, &Json)> {
    members.iter().map(|(key, value)| (&**key, value)).collect()
}

/// `is_whole`: else the last member was cut.
fn kind_of(members: Members<'_>, is_whole: bool) -> ObjectKind {
    let table = Table::of(members, is_whole);
    let rows = match table {
        Some(Table::Rows { .. } | Table::Columns(Some(_))) => table,
        Some(table) => return ObjectKind::Table(table),
        None => None,
    };
    let said = Said::of(members, is_whole);
    let is_named = matches!(&rows, Some(Table::Rows { names: Some(_), .. }));
    match rows {
        _ if said.leads => ObjectKind::Page,
        _ if said.contact => ObjectKind::Contact,
        Some(table) if is_named || !said.full && !said.says => ObjectKind::Table(table),
        _ if said.says => ObjectKind::Other,
        _ if said.full => ObjectKind::Page,
        _ if said.wraps => ObjectKind::Wrapper,
        _ if said.empty => ObjectKind::EmptyPage,
        _ => ObjectKind::Other,
    }
}

/// Whether a page says nothing that a lead says.
pub fn is_bare(bytes: &[u8]) -> bool {
    let Ok(Pairs::<Json>(members)) = serde_json::from_slice(bytes) else {
        return false;
    };
    let said = Said::of(&of_pairs(&members), true);
    !said.contact && !said.says
}

/// What an object says at its own level.
#[derive(Default)]
struct Said {
    /// It has a list of objects whose name is one of leads.
    leads: bool,
    /// It has a list of objects.
    full: bool,
    /// It has an empty list.
    empty: bool,
    /// One of its objects is a page or a table.
    wraps: bool,
    /// It has an e-mail address or a telephone number.
    contact: bool,
    /// It says what no page says.
    says: bool,
}

impl Said {
    fn of(members: Members<'_>, is_whole: bool) -> Self {
        let wrapped = wrapped(members, is_whole);
        let mut said = Self {
            wraps: wrapped.is_some(),
            ..Self::default()
        };
        for (index, (key, value)) in members.iter().enumerate() {
            let of_a_page = is_one_of(OF_A_PAGE, key) || wrapped == Some(index);
            match value {
                Json::Array(list) if list.is_empty() => said.empty = true,
                Json::Array(list) if list[0].is_object() => {
                    said.full = true;
                    said.leads |= is_one_of(OF_LEADS, key) || is_one_of(OF_ANYTHING, key);
                }
                Json::Array(_) => {}
                _ if of_a_page => {}
                Json::String(text) => said.contact |= is_contact(text),
                Json::Object(_) => said.contact |= value.to_string().contains('@'),
                number => said.contact |= is_long_number(number),
            }
            said.says |= !value.is_array() && !of_a_page && says_of_itself(key, value);
        }
        said
    }
}

/// The one member that is a page or a table of its own.
fn wrapped(members: Members<'_>, is_whole: bool) -> Option<usize> {
    let kinds = members.iter().map(|(_, value)| match value {
        Json::Object(inner) => {
            let inner: Vec<_> = inner.iter().map(|(key, value)| (&**key, value)).collect();
            kind_of(&inner, is_whole)
        }
        _ => ObjectKind::Other,
    });
    let mut pages = kinds
        .enumerate()
        .filter(|(_, kind)| kind.wraps() && *kind != ObjectKind::EmptyPage);
    let (index, _) = pages.next()?;
    pages.next().is_none().then_some(index)
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
