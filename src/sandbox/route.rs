//! Which call of a destination a request is, and what its placeholders hold.
//! Pure text.

use percent_encoding::percent_decode_str;

use super::message::Message;
use crate::config::{
    Amend, Call, Destination, Method, PartnerList, PartnerSettings, REF, REFERENCE,
};

/// The values of a path's placeholders.
pub type Values = Vec<(String, String)>;

/// A call that a destination declares.
pub enum Route<'d> {
    Send(Values),
    /// Asks about the lead of this reference.
    Follow(String, Values),
    /// A page of the list, by its number from 1.
    Page(&'d PartnerList, Values, usize),
    ReadContact(&'d Amend, String),
    WriteContact(&'d Amend, String),
    ReadSettings,
    WriteSettings(&'d PartnerSettings),
    /// The harmless read.
    Online,
}

impl<'d> Route<'d> {
    /// `path` is what follows the destination's base.
    pub fn of(destination: &'d Destination, message: &Message, path: &str) -> Option<Self> {
        let fits = |call: &Call, method: Method| match message.method == method.as_str() {
            true => fit(&call.path, path),
            false => None,
        };
        let asked = |call: &Call| fits(call, Method::Get);
        if let Some(mut values) = destination.follow.as_ref().and_then(asked) {
            let reference = taken(&mut values, REFERENCE)?;
            return Some(Self::Follow(reference, values));
        }
        if let Some(list) = &destination.list
            && let Some(values) = asked(&list.call)
        {
            return Some(Self::Page(list, values, number(list, message)));
        }
        let declared = |call: &Call| fits(call, call.method);
        if let Some(values) = declared(&destination.send) {
            return Some(Self::Send(values));
        }
        if let Some(amend) = &destination.amend {
            if let Some(mut values) = declared(&amend.call) {
                return Some(Self::WriteContact(amend, taken(&mut values, REF)?));
            }
            if let Some(mut values) = amend.read.as_ref().and_then(declared) {
                return Some(Self::ReadContact(amend, taken(&mut values, REF)?));
            }
        }
        if let Some(settings) = &destination.settings {
            if declared(&settings.write).is_some() {
                return Some(Self::WriteSettings(settings));
            }
            if declared(&settings.read).is_some() {
                return Some(Self::ReadSettings);
            }
        }
        let online = destination.online.as_ref();
        online.and_then(declared).map(|_| Self::Online)
    }
}

/// The page of the list that a request's query asks for.
fn number(list: &PartnerList, message: &Message) -> usize {
    let page = list.page.as_ref().and_then(|page| {
        let mut parts = message.query.split('&');
        parts.find_map(|part| part.strip_prefix(page.as_str())?.strip_prefix('='))
    });
    page.and_then(|number| number.parse().ok()).unwrap_or(1)
}

fn taken(values: &mut Values, name: &str) -> Option<String> {
    let at = values.iter().position(|(known, _)| known == name)?;
    Some(values.remove(at).1)
}

/// The values of a path's placeholders, if the path fits the template. The
/// template's query is ignored; a placeholder is never empty and holds no `/`.
fn fit(template: &str, path: &str) -> Option<Values> {
    let template = template.split('?').next().unwrap_or_default();
    // An address without a path is called with `/` by some clients.
    let path = if template.is_empty() && path == "/" {
        ""
    } else {
        path
    };
    let mut pieces = template.split('{');
    let mut rest = path.strip_prefix(pieces.next().unwrap_or_default())?;
    let mut values = Vec::new();
    for piece in pieces {
        let (name, literal) = piece.split_once('}')?;
        let segment = rest.split('/').next().unwrap_or_default();
        let end = match literal {
            "" => segment.len(),
            _ if literal.starts_with('/') => segment.len(),
            _ => segment.find(literal.split('/').next().unwrap_or_default())?,
        };
        if end == 0 {
            return None;
        }
        values.push((name.to_owned(), decode(&rest[..end])));
        rest = rest[end..].strip_prefix(literal)?;
    }
    rest.is_empty().then_some(values)
}

/// The first segment, decoded, and the rest with its `/`.
pub fn first_segment(path: &str) -> (String, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    let end = path.find('/').unwrap_or(path.len());
    (decode(&path[..end]), &path[end..])
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::encode;

    fn values(template: &str, path: &str) -> Option<Vec<String>> {
        fit(template, path).map(|all| all.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn placeholders_are_read_and_decoded() {
        let template = "/v1/{tenant}/programs/{program}/leads?x={y}";
        assert_eq!(
            values(template, "/v1/villa%20rosa/programs/12/leads"),
            Some(vec!["villa rosa".into(), "12".into()])
        );
        assert_eq!(
            values("/v1/{a}.json", "/v1/12.json"),
            Some(vec!["12".into()])
        );
        assert_eq!(values("", ""), Some(vec![]));
        assert_eq!(values("", "/"), Some(vec![]));
    }

    #[test]
    fn other_paths_do_not_fit() {
        let template = "/v1/{tenant}/leads";
        for path in [
            "/v1//leads",
            "/v1/a/b/leads",
            "/v1/a/leads/",
            "/v1/a",
            "",
            "/",
            "/v2/a/leads",
        ] {
            assert_eq!(values(template, path), None, "{path}");
        }
        assert_eq!(values("/x", "/xy"), None);
        assert_eq!(values("/v1/{a}é", "/v1/é"), None);
    }

    #[test]
    fn a_name_survives_the_way_into_a_path() {
        let name = "mon partenaire/é%2";
        let path = format!("/{}/rest/a", encode(name));
        assert_eq!(first_segment(&path), (name.to_owned(), "/rest/a"));
        assert_eq!(decode("%+%é%4"), "%+%é%4");
    }
}
