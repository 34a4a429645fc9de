//! A page of the partner's list: its entries and what is said of each. Pure.

use serde_json::Value as Json;

use super::evidence::as_text;
use super::moment;
use crate::config::{Paging, PartnerList, Pointer};
use crate::words::say;

/// A page, read.
#[derive(Debug, Clone, Default)]
pub struct ListPage {
    pub entries: Vec<Entry>,
    /// The number of the last page, as this answer tells it.
    pub last: Option<u64>,
    /// What the next page is called, where pages have names.
    pub next: Option<String>,
}

/// An entry of the list.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The partner's number.
    pub id: Option<String>,
    /// The partner's word for its state.
    pub state: Option<String>,
    /// Milliseconds UTC.
    pub created: Option<i64>,
    /// As it came.
    pub raw: Json,
}

impl ListPage {
    /// Reads the body of the answer that is page `number`.
    ///
    /// # Errors
    /// It holds no list where one was said to be, in words.
    pub fn read(list: &PartnerList, number: u64, body: &[u8]) -> Result<Self, String> {
        let json: Option<Json> = serde_json::from_slice(body).ok();
        let items = json
            .as_ref()
            .and_then(|json| list.items.first(json))
            .and_then(Json::as_array);
        let (Some(json), Some(items)) = (&json, items) else {
            return Err(say!("page-no-list", at = list.items.to_string()));
        };
        let text = |at: &Pointer| as_text(at.first(json)?);
        let told = || list.last.as_ref().and_then(text)?.parse().ok();
        let next = match list.paging() {
            Paging::Cursor(cursor) => text(&cursor.at).filter(|next| !next.is_empty()),
            _ => None,
        };
        let last = match list.paging() {
            Paging::One => Some(number),
            Paging::Number(_) | Paging::Offset(_) => told(),
            Paging::Cursor(_) => Some(number + u64::from(next.is_some())),
        };
        Ok(Self {
            entries: items.iter().map(|item| Entry::read(list, item)).collect(),
            last,
            next,
        })
    }
}

impl Entry {
    fn read(list: &PartnerList, raw: &Json) -> Self {
        let text = |at: &Pointer| as_text(at.first(raw)?);
        Self {
            id: text(&list.id),
            state: list.state.as_ref().and_then(text),
            created: list
                .created
                .as_ref()
                .and_then(text)
                .and_then(|created| moment::created(&created)),
            raw: raw.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Catalogue;

    fn list() -> PartnerList {
        let text = "[own]\nbase = \"https://api.example.fr\"\nfields = { mail = \"email\" }\n[own.send]\npath = \"/l\"\n[own.list]\npath = \"/l\"\n\
                    items = \"/data\"\nid = \"/id\"\nstate = \"/s\"\ncreated = \"/at\"\npage = \"p\"\nlast = \"/meta/last\"\n\
                    rules = [{ when = { status = 200 }, then = \"delivered\" }]\n";
        let catalogue = Catalogue::load(Some(("test.toml", text))).unwrap();
        catalogue.get("own").unwrap().list.clone().unwrap()
    }

    #[test]
    fn entries_are_read_leniently() {
        let body = br#"{"data":[{"id":7,"s":"new","at":"2022-07-22T12:14:24.000000Z"},{"id":"8","s":null,"at":"soon"},3],"meta":{"last":"4"}}"#;
        let page = ListPage::read(&list(), 1, body).unwrap();
        assert_eq!(page.last, Some(4));
        let read: Vec<_> = page
            .entries
            .iter()
            .map(|entry| (entry.id.as_deref(), entry.state.as_deref(), entry.created))
            .collect();
        assert_eq!(
            read,
            [
                (Some("7"), Some("new"), Some(1_658_492_064_000)),
                (Some("8"), None, None),
                (None, None, None)
            ]
        );
    }

    #[test]
    fn what_is_no_page_says_so() {
        for body in [&b"<html>"[..], b"{}", br#"{"data":{"id":1}}"#, b"[]"] {
            assert!(
                ListPage::read(&list(), 1, body)
                    .unwrap_err()
                    .contains("/data")
            );
        }
    }
}
