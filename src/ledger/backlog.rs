//! The leads that were handed over and are still to be taken in. They are taken
//! in a few at a time, between what the couriers ask: a courier holds a
//! partner's answer in its hands, and its next lead waits behind it.

use std::collections::VecDeque;
use std::vec::IntoIter;

use super::LedgerError;
use super::clock::now;
use super::intake::{DedupOutcome, Intake, Intaker};
use super::op::{Answer, Reply};
use super::sql::Sql;
use super::taking::{Rare, take_in};

/// Leads taken in before somebody else has a turn.
const HANDFUL: usize = 64;

/// What was handed over, in order.
#[derive(Default)]
pub struct Backlog {
    batches: VecDeque<Batch>,
}

/// What was handed over at once, and is answered at once.
struct Batch {
    leads: IntoIter<Intake>,
    standings: Vec<DedupOutcome>,
    answer: Answer<Vec<DedupOutcome>>,
}

impl Batch {
    fn fail(self, error: &LedgerError) {
        let _ = self.answer.send(Err(error.clone()));
    }
}

impl Backlog {
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub fn push(&mut self, leads: Vec<Intake>, answer: Answer<Vec<DedupOutcome>>) {
        self.batches.push_back(Batch {
            standings: Vec::with_capacity(leads.len()),
            leads: leads.into_iter(),
            answer,
        });
    }

    /// Takes in a handful, inside a transaction. What was handed over at once
    /// is answered with its last lead.
    pub fn take_in(&mut self, sql: &mut Sql<'_>, by: &Intaker) -> rusqlite::Result<Option<Reply>> {
        let Some(batch) = self.batches.front_mut() else {
            return Ok(None);
        };
        let (now, mut rare) = (now(), Rare::of(sql)?);
        for lead in batch.leads.by_ref().take(HANDFUL) {
            let standing = take_in(sql, by, now, &mut rare, &lead)?;
            batch.standings.push(standing);
        }
        if batch.leads.len() > 0 {
            return Ok(None);
        }
        let done = self.batches.pop_front();
        Ok(done.map(|batch| Reply::Intake(batch.answer, batch.standings)))
    }

    /// The transaction is gone that a part of the first batch was taken in by.
    /// What was taken in by those before it stays, and waits for a resend.
    pub fn fail_begun(&mut self, error: &LedgerError) {
        let begun = |batch: &mut Batch| !batch.standings.is_empty();
        if let Some(batch) = self.batches.pop_front_if(begun) {
            batch.fail(error);
        }
    }

    /// Nothing more is taken in.
    pub fn fail(&mut self, error: &LedgerError) {
        self.batches.drain(..).for_each(|batch| batch.fail(error));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, sync_channel};

    use super::super::Kind;
    use super::super::open::tests::temporary;
    use super::super::tests::lead;
    use super::*;

    fn push(
        backlog: &mut Backlog,
        leads: Vec<Intake>,
    ) -> Receiver<Result<Vec<DedupOutcome>, LedgerError>> {
        let (answer, answered) = sync_channel(1);
        backlog.push(leads, answer);
        answered
    }

    #[test]
    fn a_transaction_that_failed_fails_the_batch_it_had_begun_and_no_other() {
        let (_folder, ledger) = temporary();
        let insert = "INSERT INTO destinations (id, name) VALUES (1, 'north')";
        ledger.conn.execute(insert, []).unwrap();
        let by = Intaker {
            run: 1,
            destination: 1,
            again_after: None,
        };
        let mut sql = Sql::new(&ledger.conn);
        let mut backlog = Backlog::default();
        let long = (0..=HANDFUL).map(|number| lead(&ledger, &number.to_string()));
        let first = push(&mut backlog, long.collect());
        let second = push(
            &mut backlog,
            vec![lead(&ledger, "ana"), lead(&ledger, "ana")],
        );
        ledger.conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(backlog.take_in(&mut sql, &by).unwrap().is_none());
        ledger.conn.execute_batch("ROLLBACK").unwrap();
        sql.recent.forget();
        backlog.fail_begun(&LedgerError::new(Kind::Busy, "busy"));
        assert_eq!(first.recv().unwrap().unwrap_err().kind, Kind::Busy);

        let done = backlog.take_in(&mut sql, &by).unwrap();
        assert!(backlog.is_empty());
        done.unwrap().send();
        let standings = second.recv().unwrap().unwrap();
        assert!(matches!(
            &standings[..],
            [DedupOutcome::Send { .. }, DedupOutcome::Skip(earlier)] if earlier.same_run
        ));
    }
}
