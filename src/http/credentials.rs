//! What tells a partner who calls, added to a finished request just before it is
//! sent: secrets in headers, query, path and body, a token, and a signature over
//! the very bytes that leave. Knows where each goes, not where it is kept.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{KeyInit, Mac};
use serde_json::value::RawValue;

use super::CallError;
use super::request::{FORM, Request, encode_secret, encode_secret_path, kind_of_body};
use crate::config::{Algorithm, Encoding, Hmac};
use crate::lead::Pairs;

/// A name and what stands under it.
type Named = Vec<(String, String)>;

/// What is added to each request to a destination. Its `Debug` hides it.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Whole headers.
    pub headers: Named,
    pub query: Named,
    /// What stands in the place of a path's `{name}`.
    pub path: Named,
    /// What stands in the body, by its dotted target.
    pub body: Named,
    pub signature: Option<Signature>,
    pub tokens: Option<Arc<dyn Tokens>>,
    /// Every secret as it is kept, so that it is found in an answer.
    pub secrets: Vec<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// What signs a body.
#[derive(Clone)]
pub struct Signature {
    pub hmac: Hmac,
    pub key: String,
}

/// Who gives the tokens with which a destination is called.
pub trait Tokens: Send + Sync {
    /// The token of now: fetched where there is none yet, or the last one is about
    /// to end.
    ///
    /// # Errors
    /// Why there is none.
    fn token(&self) -> Result<Token, NoToken>;

    /// It can be had without asking anybody.
    fn is_at_hand(&self) -> bool;

    /// The partner refused this one. Is another one worth a try?
    fn refused(&self, token: &Token) -> bool;

    /// Who asks for tokens: not the secret, and the same from run to run.
    fn client(&self) -> &str;
}

/// What a partner is called with for a while.
#[derive(Clone)]
pub struct Token {
    /// The header's value.
    pub value: Arc<str>,
    /// Tells it from those before it.
    pub number: u64,
    /// The partner took it once.
    pub proven: Arc<AtomicBool>,
}

/// Why there is no token.
#[derive(Debug, Clone)]
pub enum NoToken {
    /// It won't be given: somebody must act.
    Refused(CallError),
    /// Nobody could be asked now.
    Unavailable(CallError),
}

/// A request's parts as they leave.
pub struct Sealed<'r> {
    pub url: Cow<'r, str>,
    pub body: Option<Cow<'r, str>>,
    /// Those that carry secrets.
    pub headers: Named,
}

impl Credentials {
    /// The token to call with, where one is asked for.
    ///
    /// # Errors
    /// Why there is none.
    pub fn token(&self) -> Result<Option<Token>, NoToken> {
        self.tokens.as_ref().map(|it| it.token()).transpose()
    }

    /// Whoever calls now waits for no token.
    pub fn are_at_hand(&self) -> bool {
        self.tokens.as_ref().is_none_or(|it| it.is_at_hand())
    }

    /// The partner answered to this token. After a refusal, and only then, it says
    /// whether another one is worth a try.
    pub(super) fn answered(&self, token: Option<&Token>, status: u16) -> bool {
        let (Some(tokens), Some(token)) = (&self.tokens, token) else {
            return false;
        };
        if status == 401 {
            return tokens.refused(token);
        }
        token.proven.store(true, Ordering::Relaxed);
        false
    }

    /// Whose calls these are, for what is counted by account.
    pub fn account(&self) -> String {
        let all = [&self.headers, &self.query, &self.path, &self.body];
        let values = all.into_iter().flatten().map(|(_, value)| value.as_str());
        let client = self.tokens.iter().map(|tokens| tokens.client());
        values.chain(client).collect::<Vec<_>>().join("\0")
    }

    /// Puts everything in its place.
    ///
    /// # Errors
    /// The body has no place for its secret.
    pub fn seal<'r>(
        &self,
        request: &'r Request,
        token: Option<&Token>,
    ) -> Result<Sealed<'r>, CallError> {
        let mut url = Cow::Borrowed(request.url.as_str());
        for (name, secret) in &self.path {
            let filled = encode_secret_path(secret).to_string();
            url = url.replace(&format!("{{{name}}}"), &filled).into();
        }
        for (name, secret) in &self.query {
            let sign = if url.contains('?') { '&' } else { '?' };
            let (name, secret) = (encode_secret(name), encode_secret(secret));
            url = format!("{url}{sign}{name}={secret}").into();
        }
        let mut body = request.body.as_deref().map(Cow::Borrowed);
        for (target, secret) in &self.body {
            if let Some(text) = &body {
                let filled = match kind_of_body(request) == FORM {
                    true => Some(with_pair(text, target, secret)),
                    false => with_member(text, target, secret),
                };
                let filled = filled.ok_or_else(|| CallError::no_place(target))?;
                body = Some(filled.into());
            }
        }
        let mut headers = self.headers.clone();
        if let Some(token) = token {
            headers.push(("Authorization".to_owned(), token.value.to_string()));
        }
        if let Some(signature) = &self.signature {
            headers.extend(signature.headers(body.as_deref().unwrap_or_default()));
        }
        Ok(Sealed { url, body, headers })
    }

    /// The request as it leaves, to be shown: with what hides the secrets.
    #[must_use]
    pub fn shown(&self, request: &Request) -> Request {
        let Ok(sealed) = self.seal(request, None) else {
            return request.clone();
        };
        Request {
            method: request.method,
            url: sealed.url.into_owned(),
            headers: [request.headers.clone(), sealed.headers].concat(),
            body: sealed.body.map(Cow::into_owned),
        }
    }
}

impl Signature {
    fn headers(&self, body: &str) -> Named {
        let hmac = &self.hmac;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs()).to_string();
        let moment = hmac.timestamp.as_ref().map(|name| (name.clone(), now));
        let at = moment.as_ref().map(|(_, at)| at.as_str());
        let signed = signature(hmac, &self.key, at, body.as_bytes());
        let mut headers = vec![(hmac.header.clone(), signed)];
        headers.extend(moment);
        headers
    }
}

/// The signature of a body, as its header holds it. `moment`: what the timestamp's
/// header says, where there is one; it is signed before the body, and a dot between.
pub fn signature(hmac: &Hmac, key: &str, moment: Option<&str>, body: &[u8]) -> String {
    let parts = moment.map(|at| [at.as_bytes(), b"."]);
    let parts = parts.iter().flatten().copied().chain([body]);
    let signed: Vec<u8> = match hmac.algorithm {
        Algorithm::Sha256 => digest::<hmac::Hmac<sha2::Sha256>>(key, parts),
        Algorithm::Sha1 => digest::<hmac::Hmac<sha1::Sha1>>(key, parts),
    };
    let written = match hmac.encoding {
        Encoding::Hex => signed.iter().map(|byte| format!("{byte:02x}")).collect(),
        Encoding::Base64 => STANDARD.encode(signed),
    };
    format!("{}{written}", hmac.prefix)
}

fn digest<'p, M: Mac + KeyInit>(key: &str, parts: impl Iterator<Item = &'p [u8]>) -> Vec<u8> {
    // It takes keys of every length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key.as_bytes()) else {
        return Vec::new();
    };
    parts.for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

fn with_pair(form: &str, name: &str, value: &str) -> String {
    let sign = if form.is_empty() { "" } else { "&" };
    format!(
        "{form}{sign}{}={}",
        encode_secret(name),
        encode_secret(value)
    )
}

/// The JSON with one text more at a dotted target, every other byte as it was.
/// `None`: it has no place there. Of a list, the first entry holds it.
fn with_member(json: &str, target: &str, value: &str) -> Option<String> {
    if json.starts_with('[') {
        let mut entries: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        let first = with_member(entries.first()?.get(), target, value)?;
        let first = RawValue::from_string(first).ok()?;
        *entries.first_mut()? = &first;
        return serde_json::to_string(&entries).ok();
    }
    let Pairs(mut members) = serde_json::from_str::<Pairs<Box<RawValue>>>(json).ok()?;
    let (name, rest) = match target.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (target, None),
    };
    let at = members.iter().position(|(known, _)| known == name);
    let there = at.map(|at| members[at].1.get());
    let filled = match rest {
        Some(rest) => with_member(there.unwrap_or("{}"), rest, value)?,
        None => serde_json::to_string(value).ok()?,
    };
    let filled = RawValue::from_string(filled).ok()?;
    match at {
        Some(at) => members[at].1 = filled,
        None => members.push((name.to_owned(), filled)),
    }
    let written = members.iter().map(|(name, value)| {
        let name = serde_json::to_string(name).ok()?;
        Some(format!("{name}:{}", value.get()))
    });
    let written: Option<Vec<String>> = written.collect();
    Some(format!("{{{}}}", written?.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::Method;

    fn pairs(name: &str, value: &str) -> Named {
        vec![(name.to_owned(), value.to_owned())]
    }

    fn request(kind: &str, body: &str) -> Request {
        Request {
            method: Method::Post,
            url: "https://api.example.fr/hooks/{token}/leads?a=%7Btoken%7D".into(),
            headers: pairs("Content-Type", kind),
            body: Some(body.into()),
        }
    }

    #[test]
    fn a_secret_takes_its_place_and_every_other_byte_stays() {
        for (json, target, filled) in [
            (
                r#"{"a":1.50,"b":"\u00e9"}"#,
                "k",
                r#"{"a":1.50,"b":"\u00e9","k":"s\"1"}"#,
            ),
            (
                r#"{"a":{"b":1e3},"c":2}"#,
                "a.k",
                r#"{"a":{"b":1e3,"k":"s\"1"},"c":2}"#,
            ),
            ("{}", "a.b.k", r#"{"a":{"b":{"k":"s\"1"}}}"#),
            (
                r#"[{"a":1},{"b":2}]"#,
                "k",
                r#"[{"a":1,"k":"s\"1"},{"b":2}]"#,
            ),
            (r#"{"k":"old"}"#, "k", r#"{"k":"s\"1"}"#),
        ] {
            let told = with_member(json, target, "s\"1");
            assert_eq!(told.as_deref(), Some(filled), "{json}");
        }
        assert_eq!(with_member(r#"{"a":5}"#, "a.k", "s"), None);
        assert_eq!(with_member("[]", "k", "s"), None);
        assert_eq!(with_pair("a=1", "k", "é &"), "a=1&k=%C3%A9%20%26");
    }

    #[test]
    fn a_path_a_query_and_a_body_are_filled_in_every_spelling() {
        let credentials = Credentials {
            query: pairs("api key", "a/b&c"),
            path: pairs("token", "T0/B0/x y"),
            body: pairs("key", "s3"),
            ..Credentials::default()
        };
        let of_json = request("application/json", "{\"a\":1}");
        let sealed = credentials.seal(&of_json, None).unwrap();
        assert_eq!(
            sealed.url,
            "https://api.example.fr/hooks/T0/B0/x%20y/leads?a=%7Btoken%7D&api%20key=a%2Fb%26c"
        );
        assert_eq!(sealed.body.unwrap(), r#"{"a":1,"key":"s3"}"#);
        let form = request("application/x-www-form-urlencoded; charset=utf-8", "a=1");
        assert_eq!(credentials.shown(&form).body.unwrap(), "a=1&key=s3");
        let list = request("application/json", "[]");
        let wrong = credentials.seal(&list, None).err().unwrap().to_string();
        assert!(wrong.contains("`key`") && !wrong.contains("s3"), "{wrong}");
    }

    #[test]
    fn signatures_are_those_of_the_documents() {
        // RFC 4231, case 2, and RFC 2202, case 2.
        let hmac = |algorithm, encoding| Hmac {
            header: "X-Signature".into(),
            secret: crate::config::Secret::Env("X".into()),
            prefix: "p=".into(),
            algorithm,
            encoding,
            timestamp: None,
        };
        let body = b"what do ya want for nothing?";
        let of = |algorithm, encoding, moment| {
            signature(&hmac(algorithm, encoding), "Jefe", moment, body)
        };
        assert_eq!(
            of(Algorithm::Sha256, Encoding::Hex, None),
            "p=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            of(Algorithm::Sha1, Encoding::Base64, None),
            "p=7/zfauXrL6LSdBbV8YTfnCWafHk="
        );
        let whole = b"17.what do ya want for nothing?";
        assert_eq!(
            of(Algorithm::Sha256, Encoding::Hex, Some("17")),
            signature(&hmac(Algorithm::Sha256, Encoding::Hex), "Jefe", None, whole)
        );
    }
}
