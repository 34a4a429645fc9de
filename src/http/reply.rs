//! What came back of a request.

use super::CallError;

/// Whether anything was sent, and what was answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A complete HTTP answer.
    Replied(Answer),
    /// The configuration gives no request that could be sent: the same for
    /// every lead, until somebody puts it right.
    Unmade(CallError),
    /// No byte of the request left this machine.
    Unsent(CallError),
    /// Bytes left and no complete answer came back.
    Silent(CallError),
}

/// A complete HTTP answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}
