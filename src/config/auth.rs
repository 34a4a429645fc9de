//! How a destination is told who calls. A secret is only named here, never
//! read and never written.

use serde::{Deserialize, Deserializer};

use super::address::{self, checked};

/// Where the credential goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename = "`auth`", rename_all = "lowercase", deny_unknown_fields)]
pub enum Auth {
    Header {
        #[serde(deserialize_with = "address::header_name")]
        name: String,
        secret: Secret,
    },
    Bearer(Secret),
    Basic {
        #[serde(deserialize_with = "user")]
        user: String,
        secret: Secret,
    },
}

impl Auth {
    pub fn secret(&self) -> &Secret {
        match self {
            Self::Header { secret, .. } | Self::Basic { secret, .. } | Self::Bearer(secret) => {
                secret
            }
        }
    }

    /// The name of the header that carries the credential.
    pub fn header(&self) -> &str {
        match self {
            Self::Header { name, .. } => name,
            Self::Bearer(_) | Self::Basic { .. } => "Authorization",
        }
    }
}

/// A name as HTTP's own form of a credential takes it.
fn user<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |user| {
        let wrong = "`user` holds a colon, which ends the user's name when it is sent (write the \
                     name alone: the password is what `secret` names)";
        user.contains(':').then(|| wrong.to_owned())
    })
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
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

/// The usual shape of a variable's name: a literal token doesn't have it. What
/// is written is never repeated: it may be the secret itself.
fn variable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |name| {
        let is_capital = |c: char| c.is_ascii_uppercase() || c == '_';
        let stands = |c: char| is_capital(c) || c.is_ascii_digit();
        let wrong = "a secret is never written in this file (write the name of an environment \
                     variable, or { file = \"…\" }, or { command = [\"…\"] })";
        let is_name = name.starts_with(is_capital) && name.chars().all(stands);
        (!is_name).then(|| wrong.to_owned())
    })
}
