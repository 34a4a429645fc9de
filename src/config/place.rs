//! Where something was written, for messages.

use std::sync::Arc;

/// What the shipped table is called.
pub const BUILT_IN: &str = "partners.toml (built in)";

/// A file and a line in it, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<str>,
    /// 1-based; 0 where no line is known.
    pub line: usize,
}

impl Place {
    /// In the shipped table, which our tests have proven?
    pub fn is_built_in(&self) -> bool {
        &*self.file == BUILT_IN
    }
}
