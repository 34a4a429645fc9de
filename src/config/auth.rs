//! How a destination is told who calls. A secret is only named here, never
//! read and never written.

use super::place::Place;
use super::reader::Mistakes;
use super::tree::{Node, Table, Value};
use super::url::check_header;

/// Where the credential goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    Header { name: String, secret: Secret },
    Bearer(Secret),
    Basic { user: String, secret: Secret },
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Secret {
    /// The name of an environment variable.
    Env(String),
    /// A file whose first line is the secret.
    File(String),
    /// A program (a password manager's) that prints it.
    Command(Vec<String>),
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

    /// `place`: where the table stands.
    pub fn read(table: &Table, place: &Place, mistakes: &mut Mistakes) -> Option<Self> {
        mistakes.check_keys(table, &["header", "bearer", "basic"], "`auth`");
        let [entry] = table.entries.as_slice() else {
            match table.entries.get(1) {
                Some(second) => mistakes.hint(
                    &second.place,
                    "`auth` has more than one way",
                    "keep one of header, bearer, basic",
                ),
                None => mistakes.hint(
                    place,
                    "`auth` is empty: requests would go without a credential",
                    "auth.bearer = \"NAME_OF_AN_ENVIRONMENT_VARIABLE\", or auth = false where none is needed",
                ),
            }
            return None;
        };
        if entry.key == "bearer" {
            return read_secret(&entry.node, mistakes).map(Self::Bearer);
        }
        let inner = mistakes.as_table(&entry.node, &entry.key)?;
        let (word, make): (&str, fn(String, Secret) -> Self) = match &*entry.key {
            "header" => ("name", |name, secret| Self::Header { name, secret }),
            "basic" => ("user", |user, secret| Self::Basic { user, secret }),
            _ => return None,
        };
        mistakes.check_keys(inner, &[word, "secret"], &format!("`auth.{}`", entry.key));
        let name = mistakes.text(inner, word);
        if let (Some(name), "header") = (&name, &*entry.key) {
            let place = inner.get(word).map_or(&entry.place, |node| &node.place);
            check_header(name, place, mistakes);
        }
        let secret = match inner.get("secret") {
            Some(node) => read_secret(node, mistakes),
            None => {
                mistakes.hint(
                    &entry.place,
                    format!("`auth.{}` names no secret", entry.key),
                    "secret = \"NAME_OF_AN_ENVIRONMENT_VARIABLE\"",
                );
                None
            }
        };
        if name.is_none() {
            mistakes.add(&entry.place, format!("`auth.{}` needs `{word}`", entry.key));
        }
        if entry.key == "basic" && name.as_ref().is_some_and(|user| user.contains(':')) {
            let place = inner.get("user").map_or(&entry.place, |node| &node.place);
            mistakes.hint(
                place,
                "`user` holds a colon, which ends the user's name when it is sent",
                "write the name alone: the password is what `secret` names",
            );
        }
        Some(make(name?, secret?))
    }
}

fn read_secret(node: &Node, mistakes: &mut Mistakes) -> Option<Secret> {
    match &node.value {
        Value::Text(name) if is_variable(name) => Some(Secret::Env(name.clone())),
        // Never repeat what was written: it may be the secret itself.
        Value::Text(_) => {
            mistakes.hint(
                &node.place,
                "a secret is never written in this file",
                "write the name of an environment variable, or { file = \"…\" }, or { command = [\"…\"] }",
            );
            None
        }
        Value::Table(table) => {
            mistakes.check_keys(table, &["env", "file", "command"], "a secret");
            if let Some(node) = table.get("env") {
                return read_secret(node, mistakes);
            }
            if let Some(file) = mistakes.text(table, "file") {
                return Some(Secret::File(file));
            }
            match mistakes.texts(table, "command") {
                Some(command) if !command.is_empty() => Some(Secret::Command(command)),
                _ => {
                    mistakes.add(&node.place, "a secret needs one of env, file, command");
                    None
                }
            }
        }
        _ => {
            mistakes.add(
                &node.place,
                "a secret is the name of an environment variable",
            );
            None
        }
    }
}

/// The usual shape of a variable's name: a literal token doesn't have it.
fn is_variable(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|c| c.is_ascii_uppercase() || c == '_')
        && letters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
