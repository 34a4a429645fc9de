//! What a JSON object is, by what it says: a lead, or a page that only wraps
//! lists of leads.

use super::element::{any_member, skip_blank};

/// What an object that stands alone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// It has an e-mail address or a telephone number of its own: a lead.
    Contact,
    /// It wraps lists of objects (`{"leads": [ … ]}`).
    Page,
    /// It wraps lists that are empty.
    EmptyPage,
    /// Nothing tells: a lead, as any other object.
    Other,
}

/// Objects inside of objects that are looked into: a page's own words (`meta`,
/// `links`) stand no deeper.
const DEPTH: usize = 3;

/// What an object is. `bytes` open with `{` and may stop before it ends.
pub fn of(bytes: &[u8]) -> Object {
    object_within(bytes, DEPTH)
}

fn object_within(bytes: &[u8], depth: usize) -> Object {
    let (mut leads, mut full, mut empty, mut number) = (false, false, false, false);
    // Something that a page would not say of itself.
    let mut says = false;
    let mut contact = false;
    any_member(bytes, |key, value, whole| {
        match opened_list(value) {
            Some(b'{') if LEADS.contains(&key) => leads = true,
            Some(b'{') => full = true,
            Some(b']') => empty = true,
            _ => {}
        }
        if !whole || OF_A_PAGE.contains(&key) {
            return false;
        }
        number |= is_long_number(value);
        says |= match value.first() {
            Some(b'{') => !is_of_a_page(value, depth),
            Some(b'"') => says_something(value),
            _ => false,
        };
        contact |= is_contact(value);
        false
    });
    match contact || number {
        _ if leads => Object::Page,
        true => Object::Contact,
        // In doubt it is a lead: a complaint is better than a lead that is lost.
        false if says => Object::Other,
        false if full => Object::Page,
        false if empty => Object::EmptyPage,
        false => Object::Other,
    }
}

/// What pages call their lists of leads, whatever else they say.
const LEADS: &[&[u8]] = &[
    b"leads",
    b"contacts",
    b"prospects",
    b"records",
    b"results",
    b"data",
    b"entries",
    b"rows",
    b"demandes",
    b"registrations",
    b"submissions",
];

/// Words that pages say of themselves.
const OF_A_PAGE: &[&[u8]] = &[
    b"status",
    b"message",
    b"object",
    b"type",
    b"kind",
    b"next",
    b"previous",
    b"prev",
    b"self",
    b"href",
    b"url",
    b"link",
    b"path",
    b"cursor",
    b"next_cursor",
    b"nextCursor",
    b"after",
    b"before",
    b"sort",
    b"order",
    b"query",
    b"timestamp",
    b"generated_at",
    b"exported_at",
    b"request_id",
    b"requestId",
    b"trace_id",
    b"success",
    b"paging",
];

/// A text that is there, and no address of another page.
fn says_something(text: &[u8]) -> bool {
    text.len() > 2 && !text.starts_with(b"\"http")
}

/// Whether an object inside of another one says only what a page does.
fn is_of_a_page(value: &[u8], depth: usize) -> bool {
    let says = |key: &[u8], value: &[u8], _| match value.first() {
        Some(b'{') => depth == 0 || !is_of_a_page(value, depth - 1),
        Some(b'[') => opened_list(value) == Some(b'{'),
        Some(b'"') => says_something(value) && !OF_A_PAGE.contains(&key),
        _ => is_long_number(value) && !OF_A_PAGE.contains(&key),
    };
    depth > 0 && !any_member(value, says)
}

/// What follows the `[` that a value opens with.
fn opened_list(value: &[u8]) -> Option<u8> {
    let inside = skip_blank(value, 1).filter(|_| value[0] == b'[');
    inside.map(|at| value[at])
}

fn is_contact(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    match text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    {
        Some(text) => super::header::is_data(text),
        None => text.starts_with('{') && text.contains('@'),
    }
}

/// A number that a telephone number may have become.
fn is_long_number(value: &[u8]) -> bool {
    (9..=15).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapper_is_told_from_a_lead() {
        for page in [
            &br#"{"leads":[{"a":1}]}"#[..],
            br#"{"total":2,"x":{}, "r" : [ {"#,
            br#"{"errors":[],"leads":[{"#,
        ] {
            assert_eq!(of(page), Object::Page);
        }
        assert_eq!(of(br#"{"total":0,"leads":[]}"#), Object::EmptyPage);
        for lead in [
            &br#"{"email":"jean@example.fr","items":[{"a":1}]}"#[..],
            br#"{"items":[{"a":1}],"tel":"06 39 98 01 23"}"#,
            br#"{"nom":"A","tel":639980123,"tags":[]}"#,
        ] {
            assert_eq!(of(lead), Object::Contact);
        }
        for other in [
            &br#"{"tags":["a"],"n":1}"#[..],
            br#"{"errors":[],"data":{"leads":[{"nom":"A"}]}}"#,
            br#"{"last_name":"Dupont","company":"ACME","tags":[]}"#,
            br#"{"contact":{"phone":"0639980123","last_name":"Dupont"},"tags":[]}"#,
        ] {
            assert_eq!(of(other), Object::Other);
        }
        for lead in [
            &br#"{"id":"77","field_data":[{"name":"email","values":["a@example.fr"]}]}"#[..],
            r#"{"nom":"Martin","prénom":"Léa","products":[{"name":"Sofa"}]}"#.as_bytes(),
        ] {
            assert_eq!(of(lead), Object::Other);
        }
        for page in [
            &br#"{"email":"me@agency.fr","leads":[{"email":"a@example.fr"}]}"#[..],
            br#"{"timestamp":1732600000000,"export":"x","leads":[{"nom":"A"}]}"#,
            br#"{"timestamp":1732600000000,"new":[{"nom":"A"}]}"#,
        ] {
            assert_eq!(of(page), Object::Page);
        }
        for empty in [
            &br#"{"status":"ok","data":[],"total":0}"#[..],
            br#"{"timestamp":1732600000000,"data":[],"request_id":"1234567890"}"#,
            br#"{"meta":{"page":1,"links":{"next":"https://api.example.fr/?page=2"}},"data":[]}"#,
        ] {
            assert_eq!(of(empty), Object::EmptyPage);
        }
    }

    #[test]
    fn however_deep_an_object_is_it_is_looked_into_a_little() {
        let deep = [
            br#"{"a":"#.repeat(200_000),
            b"[]".to_vec(),
            b"}".repeat(200_000),
        ]
        .concat();
        assert_eq!(of(&deep), Object::Other);
    }
}
