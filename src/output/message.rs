//! What is said of a lead: whole for scripts, files and the record, in short for
//! the table.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

use super::command::Command;

/// Why a lead is in its state, for a non-programmer. As text it is the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    whole: String,
    short: Option<String>,
    command: Option<String>,
}

impl Message {
    /// What the table says in its place.
    #[must_use]
    pub fn in_short(mut self, text: String) -> Self {
        self.short = Some(text);
        self
    }

    /// What to type, which the table never breaks; the whole says it already.
    #[must_use]
    pub fn with_command(mut self, command: &Command) -> Self {
        self.command = Some(command.to_string());
        self
    }

    pub(super) fn short(&self) -> &str {
        self.short.as_ref().unwrap_or(&self.whole)
    }

    pub(super) fn command(&self) -> Option<&str> {
        self.command.as_deref()
    }
}

impl<T: Into<String>> From<T> for Message {
    fn from(whole: T) -> Self {
        Self {
            whole: whole.into(),
            ..Self::default()
        }
    }
}

impl Deref for Message {
    type Target = str;

    fn deref(&self) -> &str {
        &self.whole
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.whole)
    }
}
