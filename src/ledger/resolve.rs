//! A person's word on a lead in doubt.

use rusqlite::params;

use super::attempt::Trigger;
use super::clock::now;
use super::{KeyKind, Ledger, LedgerError, lead, twins};
use crate::lead::State;

/// What the person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    Delivered,
    NotReceived,
}

impl Ledger {
    /// Settles a lead in doubt: `delivered`, or `failed` so that it may be sent
    /// again. Any other lead is refused, with its state in the message.
    pub fn resolve(
        &self,
        id: i64,
        ruling: Ruling,
        note: Option<&str>,
    ) -> Result<State, LedgerError> {
        let state = self.rule(id, ruling, note);
        self.named(state)
    }

    fn rule(&self, id: i64, ruling: Ruling, note: Option<&str>) -> Result<State, LedgerError> {
        let tx = self.writing()?;
        let Some(lead) = lead::ById::new(&tx).lead(id)? else {
            return Err(LedgerError::refused(format!("there is no lead {id} in this ledger"))
                .hint("`leadctl status` and `leadctl history --state in_doubt` list the leads in doubt"));
        };
        if lead.in_flight {
            return Err(LedgerError::refused(format!(
                "lead {id} is being sent or asked about at this moment"
            ))
            .hint("wait until that run is done"));
        }
        if lead.state != State::InDoubt {
            return Err(LedgerError::refused(format!(
                "lead {id} is not in doubt: it is {}",
                lead.state
            )));
        }
        let change = lead.key_kind == Some(KeyKind::Amendment);
        let (state, words) = match (ruling, change) {
            (Ruling::Delivered, false) => (State::Delivered, "settled by hand: the partner has it"),
            (Ruling::Delivered, true) => (State::Delivered, "settled by hand: the change was made"),
            (Ruling::NotReceived, false) => (
                State::Failed,
                "settled by hand: the partner did not receive it; the next send sends it",
            ),
            (Ruling::NotReceived, true) => (
                State::Failed,
                "settled by hand: the change was not made; run its amend command with its file again",
            ),
        };
        let mut state = state;
        let mut words = words.to_owned();
        if state == State::Failed
            && let Some(why) = twins::not_received(&tx, id)?
        {
            state = State::Skipped;
            words = format!("settled by hand: {why}");
        }
        let message = match note {
            Some(note) if !note.trim().is_empty() => format!("{words} ({})", note.trim()),
            _ => words,
        };
        let now = now();
        tx.execute(
            "INSERT INTO attempts (lead, trigger, was, started_at, ended_at, state, reason, message)
             VALUES (?1, ?2, 'in_doubt', ?3, ?3, ?4, ?5, ?6)",
            params![id, Trigger::Resolve.as_str(), now, state.as_str(), note, message],
        )?;
        tx.execute(
            "UPDATE leads SET state = ?2, message = ?3, decided_at = ?4 WHERE id = ?1",
            params![
                id,
                state.as_str(),
                message,
                (state == State::Delivered).then_some(now)
            ],
        )?;
        tx.commit()?;
        Ok(state)
    }
}
