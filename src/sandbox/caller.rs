//! Who calls the simulated partner: every secret that the table asks for must be in
//! its place, a token one that was given here, and a signature right. Any secret
//! will do, but for signatures, which are made with [`ANY`].

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value as Json, json};

use super::answer;
use super::body::is_filled;
use super::partner::Partner;
use super::server::Message;
use crate::config::{Auth, Grant, OAuth2};
use crate::http::Answer;
use crate::http::credentials::signature;
use crate::session::credentials::ANY;
use crate::words::say;

/// Where tokens are given, under the destination's base.
pub const TOKEN_PATH: &str = "/oauth2/token";
/// How long a token is good for: short, so that long runs show a renewal.
const LIFE: Duration = Duration::from_secs(60);
/// A signature of another time is none.
const NEAR: u64 = 300;

/// Names and values as a query or a form holds them.
fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

fn has(pairs: &[(String, String)], name: &str) -> bool {
    let mut pairs = pairs.iter();
    pairs.any(|(known, value)| known == name && !value.trim().is_empty())
}

/// The word before a credential, and whether one follows.
fn scheme(message: &Message) -> Option<(String, &str)> {
    let given = message.header("authorization")?.trim();
    let (scheme, rest) = given.split_once(' ')?;
    let rest = Some(rest.trim()).filter(|rest| !rest.is_empty())?;
    Some((scheme.to_lowercase(), rest))
}

impl Partner {
    /// Why this call may not be made.
    pub fn refuses_caller(&self, message: &Message) -> Option<Answer> {
        let destination = &self.destination;
        let auth = &destination.auth;
        if let Some(oauth2) = &auth.oauth2
            && let Some(why) = self.refuses_token(oauth2, message)
        {
            return Some(answer::because(answer::plain(401, &why), &why));
        }
        let why = missing(auth, message).or_else(|| wrong_signature(auth, message))?;
        let refused = answer::meaning(destination, crate::config::Then::Stop);
        Some(answer::because(refused, &why))
    }

    fn refuses_token(&self, oauth2: &OAuth2, message: &Message) -> Option<String> {
        let given = scheme(message);
        let given = given.filter(|(scheme, _)| *scheme == oauth2.scheme.to_lowercase());
        match given.and_then(|(_, token)| self.tokens.get(token)) {
            None => Some(say!("sandbox-token-unknown")),
            Some(end) if *end <= Instant::now() => Some(say!("sandbox-token-expired")),
            Some(_) => None,
        }
    }

    /// Somebody asks for a token.
    pub fn give_token(&mut self, oauth2: &OAuth2, message: &Message) -> Answer {
        let form = pairs(&message.body);
        let grant = form.iter().find(|(name, _)| name == "grant_type");
        let in_header = scheme(message).is_some_and(|(scheme, _)| scheme == "basic");
        let is_known = in_header
            || has(&form, "client_id") && (oauth2.secret.is_none() || has(&form, "client_secret"));
        let refused = |status, error: &str| answer::in_json(status, &json!({ "error": error }));
        if grant.is_none_or(|(_, grant)| grant != oauth2.grant.as_str()) {
            return refused(400, "unsupported_grant_type");
        } else if !is_known {
            return refused(401, "invalid_client");
        } else if oauth2.grant == Grant::RefreshToken && !has(&form, "refresh_token") {
            return refused(400, "invalid_grant");
        }
        let now = Instant::now();
        self.tokens.retain(|_, end| *end > now);
        self.tokens_given += 1;
        let token = format!("{ANY}-{}", self.tokens_given);
        self.tokens.insert(token.clone(), now + LIFE);
        answer::in_json(
            200,
            &json!({ "access_token": token, "token_type": "Bearer", "expires_in": LIFE.as_secs() }),
        )
    }
}

/// What the request lacks.
fn missing(auth: &Auth, message: &Message) -> Option<String> {
    let filled = |name: &str| message.header(name).is_some_and(|it| !it.trim().is_empty());
    let mut headers = auth.header.iter();
    if let Some(header) = headers.find(|header| !filled(&header.name)) {
        return Some(say!("sandbox-no-header", name = &header.name));
    }
    let asked = [
        ("bearer", auth.bearer.is_some()),
        ("basic", auth.basic.is_some()),
    ];
    for (kind, _) in asked.into_iter().filter(|(_, is)| *is) {
        if scheme(message).is_none_or(|(scheme, _)| scheme != kind) {
            return Some(say!("sandbox-no-authorization"));
        }
    }
    let query = pairs(message.query.as_bytes());
    let mut names = auth.query.iter();
    if let Some(secret) = names.find(|secret| !has(&query, &secret.name)) {
        return Some(say!("sandbox-no-query", name = &secret.name));
    }
    // What asks without a body has no place for it.
    let mut targets = auth.body.iter().filter(|_| !message.body.is_empty());
    let json = serde_json::from_slice::<Json>(&message.body).ok();
    let form = pairs(&message.body);
    let is_sent = |target: &str| match &json {
        Some(json) => is_filled(json, target),
        None => has(&form, target),
    };
    let secret = targets.find(|secret| !is_sent(&secret.target))?;
    Some(say!("sandbox-no-target", target = &secret.target))
}

fn wrong_signature(auth: &Auth, message: &Message) -> Option<String> {
    let hmac = auth.hmac.as_ref()?;
    let moment = hmac.timestamp.as_ref().map(|name| message.header(name));
    let moment = moment.map(Option::unwrap_or_default);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_secs());
    let is_near = |at: &str| at.parse::<u64>().is_ok_and(|at| at.abs_diff(now) <= NEAR);
    if moment.is_some_and(|at| !is_near(at)) {
        return Some(say!("sandbox-signature-late"));
    }
    let right = signature(hmac, ANY, moment, &message.body);
    let given = message.header(&hmac.header);
    (given != Some(&right)).then(|| say!("sandbox-signature-wrong", secret = ANY))
}
