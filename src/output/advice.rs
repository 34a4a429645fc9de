//! What to do next: words, and the very commands.

use serde::Serialize;

use super::command::Command;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    pub what: String,
    /// In their order; none where no command does it.
    pub commands: Vec<String>,
}

impl Advice {
    pub fn new(what: impl Into<String>, commands: &[Command]) -> Self {
        Self {
            what: what.into(),
            commands: commands.iter().map(ToString::to_string).collect(),
        }
    }
}
