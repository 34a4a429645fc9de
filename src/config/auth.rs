//! How a partner is told who calls: where in a request each secret goes, who gives
//! the token that is one, and what signs the request. A secret is only named here,
//! never read and never written.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::address::{self, checked};
use super::several::several;
use crate::words::say;

/// Who calls; several of these go together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "`auth`", default)]
pub struct Auth {
    #[serde(deserialize_with = "several", skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<HeaderSecret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic: Option<Basic>,
    #[serde(deserialize_with = "several", skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<NamedSecret>,
    #[serde(deserialize_with = "several", skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<BodySecret>,
    /// Placeholders of paths.
    #[serde(deserialize_with = "several", skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<NamedSecret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth2: Option<OAuth2>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hmac: Option<Hmac>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

/// A header whose value is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "`auth.header`")]
pub struct HeaderSecret {
    #[serde(deserialize_with = "address::header_name")]
    pub name: String,
    pub secret: Secret,
}

/// A secret under a name of the query, or in the place of a placeholder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "a secret's place")]
pub struct NamedSecret {
    #[serde(deserialize_with = "name")]
    pub name: String,
    pub secret: Secret,
}

/// A secret among the values that are sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "`auth.body`")]
pub struct BodySecret {
    /// Dotted, as those of `fields`.
    #[serde(deserialize_with = "name")]
    pub target: String,
    pub secret: Secret,
}

/// A user and a password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "`auth.basic`")]
pub struct Basic {
    #[serde(deserialize_with = "user")]
    pub user: String,
    pub secret: Secret,
}

/// Where a token is fetched, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "`auth.oauth2`")]
pub struct OAuth2 {
    /// The address that gives it.
    #[serde(deserialize_with = "address::token")]
    pub token: String,
    pub grant: Grant,
    pub client_id: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// With [`Grant::RefreshToken`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The word before the token.
    #[serde(default = "bearer", deserialize_with = "word")]
    pub scheme: String,
}

/// For what a token is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    ClientCredentials,
    RefreshToken,
}

impl Grant {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// What signs the bytes that are sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "`auth.hmac`")]
pub struct Hmac {
    /// Where the signature goes.
    #[serde(deserialize_with = "address::header_name")]
    pub header: String,
    pub secret: Secret,
    /// What stands before it.
    #[serde(default, deserialize_with = "printable")]
    pub prefix: String,
    #[serde(default)]
    pub algorithm: Algorithm,
    #[serde(default)]
    pub encoding: Encoding,
    /// The header with the moment of the signature, which is signed too.
    #[serde(
        default,
        deserialize_with = "address::header_name_if_any",
        skip_serializing_if = "Option::is_none"
    )]
    pub timestamp: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    #[default]
    Sha256,
    Sha1,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

/// What is shown to a partner that asks for a client certificate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "`auth.certificate`")]
pub struct Certificate {
    /// The certificate and those between it and its authority.
    pub cert: PathBuf,
    pub key: PathBuf,
}

impl Auth {
    /// Nobody has to be told who calls.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Every secret, and the words that name it.
    pub fn secrets(&self) -> Vec<(&'static str, &Secret)> {
        let one = |word, secret| Some((word, secret));
        let oauth2 = self.oauth2.as_ref();
        let alone = [
            self.bearer.as_ref().and_then(|it| one("bearer", it)),
            self.basic.as_ref().and_then(|it| one("basic", &it.secret)),
            oauth2.and_then(|it| one("oauth2.client_id", &it.client_id)),
            oauth2.and_then(|it| one("oauth2.secret", it.secret.as_ref()?)),
            oauth2.and_then(|it| one("oauth2.refresh", it.refresh.as_ref()?)),
            self.hmac.as_ref().and_then(|it| one("hmac", &it.secret)),
        ];
        let headers = self.header.iter().map(|it| ("header", &it.secret));
        let query = self.query.iter().map(|it| ("query", &it.secret));
        let body = self.body.iter().map(|it| ("body", &it.secret));
        let path = self.path.iter().map(|it| ("path", &it.secret));
        let named = headers.chain(query).chain(body).chain(path);
        named.chain(alone.into_iter().flatten()).collect()
    }

    /// The headers that it writes.
    pub fn headers(&self) -> Vec<&str> {
        let mut headers: Vec<&str> = self.header.iter().map(|it| &*it.name).collect();
        let in_one = [
            self.bearer.is_some(),
            self.basic.is_some(),
            self.oauth2.is_some(),
        ];
        headers.extend(in_one.iter().filter(|is| **is).map(|_| "Authorization"));
        if let Some(hmac) = &self.hmac {
            headers.push(&hmac.header);
            headers.extend(hmac.timestamp.as_deref());
        }
        headers
    }

    /// The files that it names, to be found beside the file that names them.
    pub fn certificates(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let certificate = self.certificate.iter_mut();
        certificate.flat_map(|it| [&mut it.cert, &mut it.key])
    }
}

fn bearer() -> String {
    "Bearer".to_owned()
}

/// A name as HTTP's own form of a credential takes it.
fn user<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |user| {
        user.contains(':').then(|| say!("mistake-user-colon"))
    })
}

/// A name of the query, a placeholder or a target.
fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |name| {
        let stands = |c: char| !c.is_whitespace() && !matches!(c, '{' | '}');
        let is_name = !name.is_empty() && name.chars().all(stands);
        (!is_name).then(|| say!("mistake-secret-place"))
    })
}

/// A word that stands before a token in a header.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |word| {
        let stands = !word.is_empty() && word.chars().all(|c| c.is_ascii_graphic());
        (!stands).then(|| say!("mistake-scheme"))
    })
}

/// What a header can hold.
fn printable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |text| {
        let stands = text.chars().all(|c| matches!(c, ' '..='~'));
        (!stands).then(|| say!("mistake-prefix"))
    })
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, JsonSchema, Serialize)]
#[serde(rename = "a secret", rename_all = "lowercase")]
pub enum Secret {
    /// The name of an environment variable.
    #[serde(deserialize_with = "variable")]
    Env(String),
    /// A file whose first line is the secret.
    File(String),
    /// A program (a password manager's) that prints it.
    Command(Vec<String>),
}

impl Secret {
    /// The usual shape of a variable's name: a literal token doesn't have it.
    pub fn is_variable(name: &str) -> bool {
        let is_capital = |c: char| c.is_ascii_uppercase() || c == '_';
        let stands = |c: char| is_capital(c) || c.is_ascii_digit();
        name.starts_with(is_capital) && name.chars().all(stands)
    }
}

/// What is written is never repeated: it may be the secret itself.
fn variable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |name| {
        (!Secret::is_variable(name)).then(|| say!("mistake-literal-secret"))
    })
}
