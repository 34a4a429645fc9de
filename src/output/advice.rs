//! What to do next: words, and the very commands.

use serde::Serialize;

use super::command::Command;
use crate::words::say;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    pub what: String,
    /// In their order; none where no command does it.
    pub commands: Vec<String>,
}

impl Advice {
    /// What to do, before the commands if there are any.
    pub(super) fn heading(&self) -> String {
        match self.commands.is_empty() {
            true => self.what.clone(),
            false => say!("advice-with-commands", what = &self.what),
        }
    }

    pub fn new(what: impl Into<String>, commands: &[Command]) -> Self {
        Self {
            what: what.into(),
            commands: commands.iter().map(ToString::to_string).collect(),
        }
    }
}
