//! What a run tells beside its results, on stderr: warnings of what was noticed and
//! gone on in spite of. Knows no lead.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use anstyle::{AnsiColor, Style};

use super::progress::lifted;
use super::text::clean;
use crate::words::say;

const LABEL: Style = AnsiColor::Yellow.on_default().bold();

/// Tells each distinct warning once in a run; every clone shares what was told.
#[derive(Clone)]
pub struct Warnings {
    /// Hashes, so that a million warnings cost megabytes and not a gigabyte.
    told: Arc<Mutex<HashSet<u64>>>,
    quiet: bool,
}

impl Warnings {
    /// `quiet`: remarks are kept back.
    pub fn new(quiet: bool) -> Self {
        Self {
            told: Arc::default(),
            quiet,
        }
    }

    /// A warning that would be the same at every run on the same kind of input:
    /// a quiet run leaves it out.
    pub fn remark(&self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Prints `warning: TEXT` on one line, unless it was told before.
    pub fn warn(&self, text: &str) {
        if self.is_new(text) {
            let text = clean(text);
            lifted(|| {
                // Nobody left to tell is no reason to stop.
                let label = say!("warning-label");
                _ = writeln!(anstream::stderr(), "{LABEL}{label}{LABEL:#} {text}");
            });
        }
    }

    /// Prints `TEXT` on one line: nothing is wrong, but worth knowing.
    pub fn note(&self, text: &str) {
        let text = clean(text);
        lifted(|| {
            _ = writeln!(anstream::stderr(), "{text}");
        });
    }

    fn is_new(&self, text: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_warning_is_told_once_by_all_clones_together() {
        let warnings = Warnings::new(false);
        let clone = warnings.clone();
        assert!(warnings.is_new("column \"notes\" is not used"));
        assert!(!clone.is_new("column \"notes\" is not used"));
        assert!(clone.is_new("column \"age\" is not used"));
    }
}
