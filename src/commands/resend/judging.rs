//! Whether a stored lead is sent again, and as what.

use std::sync::Arc;

use crate::cli;
use crate::error::Failure;
use crate::lead::{Headers, State, from_stored};
use crate::ledger::{KeyKind, Ledger, StoredLead};
use crate::output::{Reason, Row, quoted};
use crate::pipeline::Sendable;
use crate::pipeline::inputs::Inputs;
use crate::pipeline::remarks::Remarks;
use crate::pipeline::{Preparer, Rules};
use crate::session::opening;

/// What comes of a stored lead.
pub enum Judged {
    /// It stays as it is; why.
    Kept(String),
    /// It breaks today's rules; how.
    Invalid(String),
    Valid(Box<Sendable>),
}

/// Judges stored leads by today's table.
pub struct Judging<'r> {
    pub args: &'r cli::Resend,
    /// Why nothing is sent now.
    held: Option<String>,
    ledger: &'r Ledger,
    preparer: Preparer<'r>,
    headers: Headers,
}

impl<'r> Judging<'r> {
    pub fn new(
        args: &'r cli::Resend,
        held: Option<String>,
        ledger: &'r Ledger,
        rules: &'r Rules<'r>,
        inputs: &'r Inputs,
    ) -> Self {
        Self {
            args,
            held,
            ledger,
            preparer: Preparer::new(rules, inputs),
            headers: Headers::new(),
        }
    }

    pub fn judge(&mut self, stored: &StoredLead) -> Result<Judged, Failure> {
        if let Some(refusal) = self.refusal(stored) {
            return Ok(Judged::Kept(refusal));
        }
        if stored.state == State::InDoubt
            && let Some((other, state)) = self
                .ledger
                .duplicate_of(stored.id)
                .map_err(opening::failure)?
        {
            return Ok(Judged::Kept(format!(
                "the same lead as {other}, which is {state}: it is not sent beside that one"
            )));
        }
        let Some(fields) = &stored.fields else {
            let why = "its data was purged: there is nothing to send".to_owned();
            return Ok(Judged::Kept(why));
        };
        let file: Arc<str> = stored.file.as_str().into();
        let lead = from_stored(fields, &file, stored.line, &mut self.headers)
            .map_err(Failure::unfinished)?;
        let prepared = self.preparer.prepare(lead.record, &lead.set)?;
        let why = prepared.why_invalid();
        Ok(prepared
            .ready
            .map_or_else(|_| Judged::Invalid(why), Judged::Valid))
    }

    /// What was noticed.
    pub fn remarks(self) -> Remarks {
        self.preparer.remarks
    }

    /// Why a stored lead is not sent again.
    fn refusal(&self, stored: &StoredLead) -> Option<String> {
        if let Some(held) = &self.held {
            return Some(held.clone());
        }
        if stored.in_flight {
            return Some("it is being sent or asked about at this moment".to_owned());
        }
        if stored.key_kind == Some(KeyKind::Amendment) {
            return Some("a change of a contact, no lead: run its amend command again".to_owned());
        }
        match stored.state {
            State::Failed | State::Unsent | State::Rejected | State::Invalid | State::Expired => {
                None
            }
            State::InDoubt if self.args.in_doubt_because.is_some() => None,
            State::InDoubt => Some(format!(
                "in doubt: the partner may have it. Sure that it has not? leadctl resend --to {} {} --in-doubt-because \"…\"",
                quoted(&self.args.to),
                stored.id
            )),
            State::Skipped => Some(stored.message.clone().unwrap_or_default()),
            state => Some(format!("already {state}: it is not sent again")),
        }
    }
}

/// The row of a lead that can't be sent.
pub fn invalid(row: Row, why: String) -> Row {
    Row {
        state: State::Invalid,
        message: why,
        ..row
    }
}

/// The row of a lead that stays as it is; `held`: since another run has the
/// destination.
pub fn kept(row: Row, stored: &StoredLead, message: String, held: bool) -> Row {
    Row {
        state: State::Skipped,
        // The run that sends it tells what became of it.
        earlier: (!stored.in_flight).then_some(stored.state),
        reason: Some(match held || stored.in_flight {
            true => Reason::HeldByRun,
            false => Reason::of(stored.state),
        }),
        message,
        ..row
    }
}
