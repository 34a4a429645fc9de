//! How a destination is told who calls. A secret is only named here, never
//! read and never written.

use serde::Deserialize;

use super::deserialize::{Loose, one_or_many};

/// Where the credential goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "AuthTable")]
pub enum Auth {
    Header { name: String, secret: Secret },
    Bearer(Secret),
    Basic { user: String, secret: Secret },
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

#[derive(Default, Deserialize)]
#[serde(rename = "`auth`", default)]
struct AuthTable {
    header: Option<HeaderTable>,
    bearer: Option<Secret>,
    basic: Option<BasicTable>,
}

#[derive(Deserialize)]
#[serde(rename = "`auth.header`")]
struct HeaderTable {
    name: String,
    secret: Secret,
}

#[derive(Deserialize)]
#[serde(rename = "`auth.basic`")]
struct BasicTable {
    user: String,
    secret: Secret,
}

impl TryFrom<AuthTable> for Auth {
    type Error = &'static str;

    fn try_from(table: AuthTable) -> Result<Self, Self::Error> {
        match (table.header, table.bearer, table.basic) {
            (Some(HeaderTable { name, secret }), None, None) => Ok(Self::Header { name, secret }),
            (None, Some(secret), None) => Ok(Self::Bearer(secret)),
            (None, None, Some(BasicTable { user, secret })) => Ok(Self::Basic { user, secret }),
            (None, None, None) => Err(
                "`auth` is empty: requests would go without a credential (auth.bearer = \
                 \"NAME_OF_AN_ENVIRONMENT_VARIABLE\", or auth = false where none is needed)",
            ),
            _ => Err("`auth` has more than one way (keep one of header, bearer, basic)"),
        }
    }
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Loose<SecretTable>")]
pub enum Secret {
    /// The name of an environment variable.
    Env(String),
    /// A file whose first line is the secret.
    File(String),
    /// A program (a password manager's) that prints it.
    Command(Vec<String>),
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct SecretTable {
    env: Option<String>,
    file: Option<String>,
    #[serde(deserialize_with = "one_or_many")]
    command: Vec<String>,
}

/// What is written is never repeated: it may be the secret itself.
impl TryFrom<Loose<SecretTable>> for Secret {
    type Error = &'static str;

    fn try_from(written: Loose<SecretTable>) -> Result<Self, Self::Error> {
        match written {
            Loose::Text(name) => variable(name),
            Loose::Table(SecretTable {
                env: Some(name), ..
            }) => variable(name),
            Loose::Table(SecretTable {
                file: Some(file), ..
            }) => Ok(Self::File(file)),
            Loose::Table(SecretTable { command, .. }) if !command.is_empty() => {
                Ok(Self::Command(command))
            }
            Loose::Table(_) => Err("a secret needs one of env, file, command"),
            _ => Err("a secret is the name of an environment variable"),
        }
    }
}

/// The usual shape of a variable's name: a literal token doesn't have it.
fn variable(name: String) -> Result<Secret, &'static str> {
    let is_capital = |c: char| c.is_ascii_uppercase() || c == '_';
    let stands = |c: char| is_capital(c) || c.is_ascii_digit();
    match name.starts_with(is_capital) && name.chars().all(stands) {
        true => Ok(Secret::Env(name)),
        false => Err(
            "a secret is never written in this file (write the name of an environment \
             variable, or { file = \"…\" }, or { command = [\"…\"] })",
        ),
    }
}
