//! What a request that arrived is answered: which call of the destination it is,
//! whether it may be made, and what becomes of a lead. Knows no socket.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Value as Json, json};

use super::answer;
use super::body::{lead_of, query_name, query_refusal, refusal, sent_for, target_of};
use super::caller::TOKEN_PATH;
use super::partner::{Partner, Values};
use super::reserved::{Reserved, reserved};
use super::server::Message;
use crate::config::{BodyKind, Call, Destination, REF, REFERENCE, SafeToRepeat, Then};
use crate::http::Answer;
use crate::mapping::of_form;
use crate::words::say;

/// The call that reads a contact before it is changed.
const CONTACT: &str = "amend.read";
/// The call that reads the settings.
const KEPT_SETTINGS: &str = "settings.read";

impl Partner {
    /// The answer to a request; `path` is what follows the base. `None`: the
    /// request was read and its answer is lost.
    pub fn reply(&mut self, message: &Message, path: &str) -> Option<Answer> {
        let destination = Arc::clone(&self.destination);
        if let Some(oauth2) = destination
            .auth
            .oauth2
            .as_ref()
            .filter(|_| path == TOKEN_PATH)
        {
            return Some(self.give_token(oauth2, message));
        }
        let Some((call, mut values)) = call_of(&destination, message, path) else {
            let own = answer::find(&destination, "send", |example| example.status == 404);
            return Some(answer::or_plain(own, 404, &say!("sandbox-nothing-there")));
        };
        if let Some(refused) = self.refuses_caller(message) {
            return Some(refused);
        }
        let kind = destination.call(call).map(Call::body_kind);
        let body = match kind {
            Some(BodyKind::Form) => {
                let told = message.header("content-type").unwrap_or_default();
                let is_form = told.starts_with("application/x-www-form-urlencoded");
                is_form.then(|| of_form(&message.body))
            }
            Some(BodyKind::None) => Some(json!({})),
            Some(BodyKind::Json) | None => serde_json::from_slice(&message.body).ok(),
        };
        if call == "send" {
            let known = |name: &str| destination.send.query.iter().any(|(it, _)| it == name);
            let query = form_urlencoded::parse(message.query.as_bytes());
            let query = query.filter(|(name, _)| known(name));
            values.extend(query.map(|(name, value)| (query_name(&name), value.into_owned())));
        }
        let mut taken = |name| taken(&mut values, name);
        Some(match call {
            "send" => return self.receive(body, values),
            "follow" => self.about(&taken(REFERENCE)?, &values),
            "find" => self.search(&values),
            "list" => self.page(destination.list.as_ref()?, &message.query, &values),
            CONTACT => self.read_contact(destination.amend.as_ref()?, taken(REF)?),
            "amend" => self.write_contact(destination.amend.as_ref()?, &taken(REF)?, body),
            KEPT_SETTINGS => answer::in_json(200, self.settings()),
            "settings" => self.write_settings(destination.settings.as_ref()?, body),
            _ => match answer::example(&destination, "online", Then::Delivered) {
                Some(example) => answer::played(example),
                None => answer::in_json(200, &json!({})),
            },
        })
    }

    /// A lead arrives.
    fn receive(&mut self, body: Option<Json>, values: Values) -> Option<Answer> {
        let destination = Arc::clone(&self.destination);
        let Some(body) = body else {
            let reason = match destination.send.body_kind() {
                BodyKind::Form => say!("sandbox-no-form"),
                _ => say!("sandbox-no-json"),
            };
            return Some(answer::refused(&destination, &reason));
        };
        let refusal = refusal(&destination, &body);
        if let Some(reason) = refusal.or_else(|| query_refusal(&destination, &values)) {
            return Some(answer::refused(&destination, &reason));
        }
        let mut told = values.iter().map(|(_, value)| Json::from(value.as_str()));
        let shown = reserved(&body).or_else(|| told.find_map(|told| reserved(&told)));
        let lead = lead_of(&destination, &body).unwrap_or(&Json::Null);
        let repeated = answer::repeated(&destination, &destination.send, lead, None);
        let key = key_values(&destination, &body, &values);
        // Without one of its key's values the partner can't know the lead.
        let is_known = key.is_some() || destination.safe_to_repeat == SafeToRepeat::Always;
        // Where it shows no key, all of the request.
        let identity = match key.filter(|key| !key.is_empty()) {
            Some(key) => key.join("\0"),
            None => format!("{body} {values:?}"),
        };
        let instead = match shown {
            Some(Reserved::Html) => Some(answer::page()),
            // A partner that tells no duplicates takes it for a lead.
            Some(Reserved::Answered(Then::Duplicate)) => answer::duplicate(&destination),
            Some(Reserved::Answered(Then::Wait)) => {
                let is_first = self.asked_to_wait.insert(identity.clone());
                is_first.then(|| answer::meaning(&destination, Then::Wait))
            }
            Some(Reserved::Answered(means)) => Some(answer::meaning(&destination, means)),
            Some(Reserved::Decided(_) | Reserved::Timeout) | None => None,
        };
        let answer = instead.unwrap_or_else(|| self.take_in(identity, is_known, body, values));
        let answer = answer::repeat(answer, &repeated);
        (shown != Some(Reserved::Timeout)).then_some(answer)
    }

    /// The same lead once more: the partner says so, or keeps the one that it
    /// has, or takes it for another.
    fn take_in(&mut self, identity: String, is_known: bool, body: Json, values: Values) -> Answer {
        let destination = &self.destination;
        let known = self.numbers.get(&identity).filter(|_| is_known);
        if let Some(&number) = known {
            if let Some(example) = answer::example(destination, "send", Then::Duplicate) {
                return answer::numbered(&destination.send.rules, example, number).0;
            }
            if destination.safe_to_repeat != SafeToRepeat::Never {
                return answer::success(destination, number).0;
            }
        }
        let (answer, reference) = answer::success(destination, self.next_number());
        self.remember(identity, reference, body, values);
        answer
    }
}

/// The key's values as far as the request shows them; `None` if one that has its
/// place there is empty.
fn key_values(destination: &Destination, body: &Json, values: &Values) -> Option<Vec<String>> {
    let lead = lead_of(destination, body)?;
    let mut parts = Vec::new();
    for field in &destination.key {
        let query = &destination.send.query;
        let fills = |name: &str| match name.strip_prefix('?') {
            Some(name) => query
                .iter()
                .any(|(it, rule)| it == name && rule.from.contains(field)),
            None => destination.placeholder(name).from.contains(field),
        };
        let in_path = values.iter().find(|(name, _)| fills(name));
        let part = match in_path {
            Some((_, value)) => value.clone(),
            None if target_of(destination, field).is_none() => continue,
            None => sent_for(destination, lead, field)?,
        };
        parts.push(part.trim().to_lowercase());
    }
    Some(parts)
}

/// The name of the call that a request is, and what the call's placeholders
/// hold. `path` is what follows the destination's base.
fn call_of(
    destination: &Destination,
    message: &Message,
    path: &str,
) -> Option<(&'static str, Values)> {
    let amend = destination.amend.as_ref();
    let contact = amend.and_then(|amend| Some((CONTACT, amend.read.as_ref()?)));
    let settings = destination.settings.as_ref();
    let settings = settings.map(|settings| (KEPT_SETTINGS, &settings.read));
    let mut calls = destination.calls().chain(contact).chain(settings);
    calls.find_map(|(name, call)| {
        let is_so = message.method == call.method.as_str();
        let mut values = fit(&call.path, path).filter(|_| is_so)?;
        values.extend(in_query(&call.path, &message.query)?);
        values.retain(|(name, _)| !call.secrets.contains(name));
        Some((name, values))
    })
}

/// Takes the value of a placeholder out.
fn taken(values: &mut Values, name: &str) -> Option<String> {
    let at = values.iter().position(|(known, _)| known == name)?;
    Some(values.remove(at).1)
}

/// The values of a path's placeholders, if the path fits the template. The
/// template's query is ignored; a placeholder is never empty and holds no `/`.
fn fit(template: &str, path: &str) -> Option<Values> {
    let template = template.split('?').next().unwrap_or_default();
    // An address without a path is called with `/` by some clients.
    let is_root = template.is_empty() && path == "/";
    let path = if is_root { "" } else { path };
    let mut pieces = template.split('{');
    let mut rest = path.strip_prefix(pieces.next().unwrap_or_default())?;
    let mut values = Vec::new();
    for piece in pieces {
        let (name, literal) = piece.split_once('}')?;
        let segment = rest.split('/').next().unwrap_or_default();
        let end = match literal.split('/').next().unwrap_or_default() {
            "" => segment.len(),
            behind => segment.find(behind)?,
        };
        if end == 0 {
            return None;
        }
        values.push((name.to_owned(), decode(&rest[..end])));
        rest = rest[end..].strip_prefix(literal)?;
    }
    rest.is_empty().then_some(values)
}

/// The values of the placeholders in a template's query, if the query has them all.
fn in_query(template: &str, query: &str) -> Option<Values> {
    let parts = |text: &str| -> Vec<(String, String)> {
        let parts = text.split('&').filter_map(|part| part.split_once('='));
        parts
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    let (_, wanted) = template.split_once('?').unwrap_or_default();
    let given = parts(query);
    let wanted = parts(wanted).into_iter().filter_map(|(name, value)| {
        let placeholder = value.strip_prefix('{')?.strip_suffix('}')?.to_owned();
        Some((name, placeholder))
    });
    let values = wanted.map(|(name, placeholder)| {
        let (_, value) = given.iter().find(|(known, _)| *known == name)?;
        Some((placeholder, decode(value))).filter(|(_, value)| !value.is_empty())
    });
    values.collect()
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
    fn placeholders_stand_in_a_query_too() {
        let template = "/leads?limit=1&email={email}";
        let email = |query| in_query(template, query).map(|all| all[0].1.clone());
        assert_eq!(email("email=lea%40x.fr&limit=1"), Some("lea@x.fr".into()));
        assert_eq!(email("limit=1"), None);
        assert_eq!(email("email="), None);
        assert_eq!(in_query("/leads?limit=1", "page=2"), Some(vec![]));
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
