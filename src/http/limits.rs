//! How long and how much an exchange may take.

use std::time::Duration;

/// How long and how much to wait for.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For each phase: connecting (with TLS), each write, each read.
    pub timeout: Duration,
    /// The whole exchange may take this long (a server that trickles bytes).
    pub patience: Duration,
    /// Bytes of body read at most; more is `Silent`.
    pub max_body: usize,
}

impl Limits {
    /// Twice as patient as a single wait, for an answer of a megabyte at most:
    /// a lead's answer is a few kilobytes.
    pub fn within(timeout: Duration) -> Self {
        Self {
            timeout,
            patience: timeout * 2,
            max_body: 1024 * 1024,
        }
    }
}
