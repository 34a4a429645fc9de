//! A question about a stored lead. Pure.

use crate::http::request::Request;
use crate::lead::State;
use crate::ledger::Trigger;

/// A question about a stored lead.
#[derive(Debug)]
pub struct Question {
    /// The ledger's id.
    pub lead: i64,
    /// [`Trigger::Follow`] or [`Trigger::Find`].
    pub trigger: Trigger,
    /// The states in which it may be settled.
    pub expect: &'static [State],
    /// The state it keeps where the answer settles nothing.
    pub before: State,
    pub request: Request,
    /// The reference it is asked about.
    pub reference: String,
    /// The values of its address, which a refusal may blame.
    pub given: Vec<(String, String)>,
}

impl Question {
    /// Is the lead in doubt, so that its reference is only a guess?
    pub fn is_of_doubt(&self) -> bool {
        self.before == State::InDoubt
    }
}
