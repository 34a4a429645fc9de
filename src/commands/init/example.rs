//! An example of a request and one of an answer, taken apart: who calls, where, which
//! values stand where, and what looks like a success. Pure.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use crate::config::names_secret;
use crate::words::say;

/// An example of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// Who calls, where that was said apart from the request.
    pub credential: Option<Credential>,
    pub method: Option<String>,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

/// Where the secret stands in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Bearer,
    /// The user.
    Basic(String),
    /// The header's name.
    Header(String),
    /// The name in the query.
    Query(String),
    /// The target in the body.
    Body(String),
    /// The placeholder in the path.
    Path(String),
}

impl FromStr for Credential {
    type Err = String;

    /// `bearer`, `basic USER`, `header NAME`, `query NAME` or `body TARGET`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text
            .trim()
            .split_once([' ', ':', '='])
            .unwrap_or((text.trim(), ""));
        let name = name.trim().to_owned();
        match (kind.to_ascii_lowercase().as_str(), name.is_empty()) {
            ("bearer", true) => Ok(Self::Bearer),
            ("basic", false) => Ok(Self::Basic(name)),
            ("header", false) => Ok(Self::Header(name)),
            ("query", false) => Ok(Self::Query(name)),
            ("body", false) => Ok(Self::Body(name)),
            _ => Err(say!("init-no-credential")),
        }
    }
}

/// An address in parts: origin, path and query.
pub struct Address {
    pub base: String,
    pub path: String,
    pub query: String,
}

impl Address {
    pub fn of(url: &str) -> Self {
        let url = url.split('#').next().unwrap_or_default();
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let start = address.find("://").map_or(0, |at| at + 3);
        let end = address[start..]
            .find('/')
            .map_or(address.len(), |at| start + at);
        Self {
            base: address[..end].to_owned(),
            path: address[end..].to_owned(),
            query: query.to_owned(),
        }
    }
}

/// The values of an example's body.
#[derive(Default)]
pub struct Body {
    pub leaves: Vec<(String, Json)>,
    pub is_form: bool,
    pub is_list: bool,
}

impl Body {
    pub fn of(sample: &Sample) -> Self {
        let text = sample.body.as_deref().unwrap_or_default().trim();
        let mut leaves = Vec::new();
        match serde_json::from_str::<Json>(text) {
            Ok(json @ Json::Object(_)) => {
                collect(&json, "", &mut leaves);
                Self {
                    leaves,
                    ..Self::default()
                }
            }
            Ok(Json::Array(list)) => {
                list.iter()
                    .take(1)
                    .for_each(|json| collect(json, "", &mut leaves));
                Self {
                    leaves,
                    is_form: false,
                    is_list: true,
                }
            }
            _ if text.contains('=') => Self {
                leaves: form(text)
                    .into_iter()
                    .map(|(name, value)| (escaped(&name), value.into()))
                    .collect(),
                is_form: true,
                is_list: false,
            },
            _ => Self::default(),
        }
    }
}

/// Every value, by its target.
fn collect(json: &Json, target: &str, leaves: &mut Vec<(String, Json)>) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                let inner = match target {
                    "" => escaped(name),
                    outer => format!("{outer}.{}", escaped(name)),
                };
                collect(value, &inner, leaves);
            }
        }
        Json::Array(items) if items.iter().any(Json::is_object) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{target}[{index}]"), leaves);
            }
        }
        value => leaves.push((target.to_owned(), value.clone())),
    }
}

/// A dot in a name is no step.
fn escaped(name: &str) -> String {
    name.replace('.', "\\.")
}

pub fn authorization(value: &str) -> Credential {
    let (scheme, rest) = value.trim().split_once(' ').unwrap_or(("", value));
    let is = |known: &str| scheme.eq_ignore_ascii_case(known);
    if is("bearer") {
        return Credential::Bearer;
    }
    let pair = STANDARD.decode(rest.trim()).ok();
    let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok());
    match pair.as_deref().and_then(|pair| pair.split_once(':')) {
        // Where the password is empty, the user is the secret.
        Some((user, password)) if is("basic") && !password.is_empty() => {
            Credential::Basic(user.to_owned())
        }
        _ => Credential::Header("Authorization".to_owned()),
    }
}

/// A name that says that its value is a secret: in a file, or in the example of a
/// request, which is the more careful.
pub fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let known = ["token", "secret", "password", "auth", "signature"];
    names_secret(name) || known.iter().any(|word| lower.contains(word))
}

/// A part of an address that nobody could guess, as webhooks have it.
pub fn is_random(segment: &str) -> bool {
    let has = |test: fn(&char) -> bool| segment.chars().any(|c| test(&c));
    let mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    let plain = segment
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    segment.len() >= 16 && mixed && plain
}

pub fn form(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let parts = text.split('&').filter(|part| !part.trim().is_empty());
    let parts = parts.map(|part| part.trim().split_once('=').unwrap_or((part, "")));
    parts
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// What a target may be called by as a header, the last word last: a list's own
/// name, and that in the singular.
pub fn words(target: &str) -> Vec<String> {
    let mut words = Vec::new();
    for segment in target.split('.') {
        let segment = segment.split('[').next().unwrap_or_default();
        words.extend(segment.strip_suffix('s').map(str::to_owned));
        words.push(segment.to_owned());
    }
    words
}

pub fn last_word(target: &str) -> String {
    words(target).pop().unwrap_or_default()
}

/// An example of an answer: its status, where that was told, and its body.
pub struct Answer {
    pub status: Option<u16>,
    pub body: String,
}

impl Answer {
    /// The body alone, or the whole answer as `curl -i` shows it.
    pub fn of(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        let whole = text.strip_prefix("HTTP/").and_then(|rest| {
            let status: u16 = rest.split_whitespace().nth(1)?.parse().ok()?;
            let body = rest.split_once("\n\n").map_or("", |(_, body)| body);
            Some((Some(status), body))
        });
        let (status, body) = whole.unwrap_or((None, text));
        Self {
            status,
            body: body.trim().to_owned(),
        }
    }
}

impl Answer {
    /// Not a refusal that would be taken for a success.
    pub fn says_yes(&self) -> bool {
        let json = serde_json::from_str::<Json>(&self.body).unwrap_or_default();
        let is_no = |name: &str| match json.get(name) {
            None | Some(Json::Null | Json::Bool(false)) => false,
            Some(Json::Array(list)) => !list.is_empty(),
            Some(_) => true,
        };
        let refuses = ["error", "errors", "errorCode", "error_code"]
            .into_iter()
            .any(is_no);
        self.status.is_none_or(|status| status / 100 == 2)
            && !refuses
            && json.get("success") != Some(&Json::Bool(false))
    }
}

/// The place of what looks like the partner's number, nearest to the outside.
pub fn id_of(json: &Json) -> Option<String> {
    let mut level = vec![(String::new(), json)];
    while !level.is_empty() {
        let members = level.iter().flat_map(|(at, json)| {
            let members = json.as_object().into_iter().flatten();
            members.map(move |(name, value)| (format!("{at}/{}", pointed(name)), name, value))
        });
        let members: Vec<_> = members.collect();
        let is_number = |value: &Json| value.is_string() || value.is_number();
        let exact = members
            .iter()
            .find(|(_, name, value)| *name == "id" && is_number(value));
        let alike = |name: &str| {
            let name = name.to_lowercase();
            name.ends_with("id") || name.contains("reference") || name.contains("uuid")
        };
        let found = exact.or_else(|| {
            members
                .iter()
                .find(|(_, name, value)| alike(name) && is_number(value))
        });
        if let Some((at, ..)) = found {
            return Some(at.clone());
        }
        level = members
            .into_iter()
            .map(|(at, _, value)| (at, value))
            .collect();
    }
    None
}

/// A member that says that all went well.
pub fn success_of(json: &Json) -> Option<(String, Json)> {
    let members = json.as_object()?;
    members.iter().find_map(|(name, value)| {
        let said = ["success", "ok", "status", "result"].contains(&name.to_lowercase().as_str());
        let well = match value {
            Json::Bool(true) => true,
            Json::String(text) => {
                ["success", "ok", "accepted", "created"].contains(&text.to_lowercase().as_str())
            }
            _ => false,
        };
        (said && well).then(|| (format!("/{}", pointed(name)), value.clone()))
    })
}

/// A name as a JSON pointer has it (RFC 6901).
fn pointed(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_taken_apart() {
        let body = |text: &str| {
            Body::of(&Sample {
                body: Some(text.to_owned()),
                ..Sample::default()
            })
        };
        let nested = body(r#"{"a":{"b.c":1},"e":[{"value":"x"}],"tags":["t"]}"#);
        let targets: Vec<&str> = nested
            .leaves
            .iter()
            .map(|(target, _)| target.as_str())
            .collect();
        assert_eq!(targets, ["a.b\\.c", "e[0].value", "tags"]);
        assert!(body(r#"[{"a":1}]"#).is_list);
        let form = body("first_name=L%C3%A9a+M&oid=1");
        assert!(form.is_form);
        assert_eq!(form.leaves[0], ("first_name".to_owned(), json!("Léa M")));
    }

    #[test]
    fn a_success_and_its_number_are_found() {
        let answer = json!({"status": "ok", "data": {"lead": {"leadId": 7}, "id": null}});
        assert_eq!(id_of(&answer), Some("/data/lead/leadId".to_owned()));
        assert_eq!(
            success_of(&answer),
            Some(("/status".to_owned(), json!("ok")))
        );
        assert_eq!(id_of(&json!({"sid": 1, "id": "x"})), Some("/id".to_owned()));
        assert_eq!(id_of(&json!([1])), None);
        let whole = Answer::of("HTTP/2 201 \r\ncontent-type: x\r\n\r\n{\"id\":1}");
        assert_eq!(
            (whole.status, whole.body.as_str()),
            (Some(201), "{\"id\":1}")
        );
        assert!(whole.says_yes() && Answer::of("{\"id\":1,\"errors\":[]}").says_yes());
        for no in [
            "{\"error\":403}",
            "{\"success\":false}",
            "HTTP/1.1 422 X\n\n{}",
        ] {
            assert!(!Answer::of(no).says_yes(), "{no}");
        }
    }

    #[test]
    fn a_webhooks_last_part_is_a_secret() {
        for secret in [
            "XXXXXXXXXXXXXXXXXXXXXX12",
            "b6xk2vqe0wq4h9s5n3l1yz8a",
            "019a0c1e-7d3a-7000",
        ] {
            assert!(is_random(secret), "{secret}");
        }
        for word in [
            "registrations",
            "v3",
            "leads-of-2026",
            "contact-form-submissions",
            "{id}",
        ] {
            assert!(!is_random(word), "{word}");
        }
    }

    #[test]
    fn who_calls_is_told_without_the_secret() {
        assert_eq!(authorization("Bearer abc"), Credential::Bearer);
        assert_eq!(
            authorization("Basic bWU6cHc="),
            Credential::Basic("me".into())
        );
        let whole = Credential::Header("Authorization".into());
        // Where there is no password, the user is the secret.
        assert_eq!(authorization("Basic c2VjcmV0Og=="), whole);
        assert_eq!(authorization("Zoho-oauthtoken abc"), whole);
        assert_eq!(
            "header X-Key".parse(),
            Ok(Credential::Header("X-Key".into()))
        );
        assert!("sk_live_abc".parse::<Credential>().is_err());
    }
}
