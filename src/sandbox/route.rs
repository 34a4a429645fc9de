//! Which call of a destination a request is, and what its placeholders hold.
//! Pure text.

use percent_encoding::percent_decode_str;

use super::message::Message;
use crate::config::{Destination, PartnerList};

/// The values of a path's placeholders.
pub type Values = Vec<(String, String)>;

/// The call that reads a contact before it is changed.
pub const CONTACT: &str = "amend.read";
/// The call that reads the settings.
pub const KEPT_SETTINGS: &str = "settings.read";

/// The name of the call that a request is, and what the call's placeholders
/// hold. `path` is what follows the destination's base.
pub fn route(
    destination: &Destination,
    message: &Message,
    path: &str,
) -> Option<(&'static str, Values)> {
    let amend = destination.amend.as_ref();
    let contact = amend.and_then(|amend| amend.read.as_ref());
    let settings = destination.settings.as_ref();
    let calls = [
        ("follow", destination.call("follow")),
        ("list", destination.call("list")),
        ("send", Some(&destination.send)),
        ("amend", destination.call("amend")),
        (CONTACT, contact),
        ("settings", destination.call("settings")),
        (KEPT_SETTINGS, settings.map(|settings| &settings.read)),
        ("online", destination.call("online")),
    ];
    calls.into_iter().find_map(|(name, call)| {
        let call = call.filter(|call| message.method == call.method.as_str())?;
        Some((name, fit(&call.path, path)?))
    })
}

/// The page of the list that a request's query asks for.
pub fn page_number(list: &PartnerList, message: &Message) -> usize {
    let page = list.page.as_ref().and_then(|page| {
        let mut parts = message.query.split('&');
        parts.find_map(|part| part.strip_prefix(page.as_str())?.strip_prefix('='))
    });
    page.and_then(|number| number.parse().ok()).unwrap_or(1)
}

/// Takes the value of a placeholder out.
pub fn taken(values: &mut Values, name: &str) -> Option<String> {
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
