//! The only module that knows ureq. It sends one request and says what came
//! back: a complete answer, nothing sent, or silence. It knows no lead, no
//! destination and never retries.

use std::time::Duration;

use crate::request::Request;

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

/// A header that carries a secret, added at the last moment. Its `Debug` hides it.
#[derive(Clone)]
pub struct Credential {
    pub name: String,
    pub value: String,
}

/// What came back (design: "What came back").
#[derive(Debug, Clone)]
pub enum Reply {
    /// A complete HTTP answer.
    Replied(Answer),
    /// No byte of the request left this machine.
    Unsent(String),
    /// Bytes left and no complete answer came back.
    Silent(String),
}

/// A complete HTTP answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}
