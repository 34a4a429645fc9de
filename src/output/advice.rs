//! What to do next: words, and the very commands.

use std::fmt;

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

/// With its command; of several, each has a line of its own.
impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match self.commands.as_slice() {
            [] => Ok(()),
            [one] => write!(f, ": {one}"),
            several => {
                f.write_str(":")?;
                several
                    .iter()
                    .try_for_each(|command| write!(f, "\n{command}"))
            }
        }
    }
}
