//! The one thread of a run that writes. It takes what the workers ask at the
//! same time, writes it in one transaction, and answers when that is on disk:
//! durability costs a batch, not a lead.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use rusqlite::{Connection, params};

use super::attempt::{self, Attempt, Begun, Claimed, Settled, Settlement};
use super::flight::{Change, Flights};
use super::intake::{self, Intake, Intaker, Standing};
use super::open::now;
use super::{Bucket, LedgerError, pace};
use crate::lead::State;

/// Operations in one transaction at most.
const BATCH: usize = 512;

/// Answered once it is on disk; a failed commit fails every answer of its batch.
/// It has room for one answer (an unbounded channel makes room for 31 at once).
pub type Answer<T> = SyncSender<Result<T, LedgerError>>;

/// The ends of a worker's turn: what came of one lead, and the wish to send
/// the next.
pub type Turn = (
    Option<Result<Settled, LedgerError>>,
    Option<Result<Begun, LedgerError>>,
);

/// What the handles ask of the writer.
pub enum Op {
    Intake(Vec<Intake>, Answer<Vec<Standing>>),
    Turn(Option<Box<Settlement>>, Option<Box<Attempt>>, Answer<Turn>),
    Pace(Box<Bucket>, Answer<Result<(), Duration>>),
    Told(Vec<i64>, Answer<()>),
    Invalidate(i64, String, Answer<()>),
}

/// An answer that waits for the commit.
enum Reply {
    Intake(Answer<Vec<Standing>>, Vec<Standing>),
    Turn(Answer<Turn>, Turn),
    Pace(Answer<Result<(), Duration>>, Result<(), Duration>),
    Done(Answer<()>, Result<(), LedgerError>),
}

/// The writer's side of a run.
pub struct Writer {
    pub conn: Connection,
    pub path: PathBuf,
    pub by: Intaker,
    /// Doubts in a row, as stored.
    pub doubts: u32,
    pub flights: Flights,
    pub success: Success,
}

/// When a partner last took a lead, milliseconds UTC. It is a word for
/// `status`, not worth a page in every commit.
#[derive(Debug, Default)]
pub struct Success {
    last: Option<i64>,
    stored: Option<i64>,
}

impl Success {
    /// How far what is stored may lag behind.
    const LAG: i64 = 1000;

    fn is_due(&self) -> bool {
        match (self.last, self.stored) {
            (Some(last), Some(stored)) => last - stored >= Self::LAG,
            (last, None) => last.is_some(),
            (None, Some(_)) => false,
        }
    }
}

/// What a transaction came to, and what it changes of the writer's memory.
#[derive(Default)]
struct Effects {
    success: bool,
    flights: Vec<Change>,
}

impl Writer {
    /// Works until every handle is gone, then ends the run.
    pub fn work(mut self, ops: &Receiver<Op>) {
        let mut batch = Vec::new();
        while let Ok(first) = ops.recv() {
            batch.push(first);
            while batch.len() < BATCH {
                match ops.try_recv() {
                    Ok(op) => batch.push(op),
                    Err(_) => break,
                }
            }
            self.write(&mut batch);
        }
        let _ = self.end();
    }

    /// The run's end is a courtesy to a reader; nothing depends on it.
    fn end(&mut self) -> rusqlite::Result<()> {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        self.conn.execute(
            "UPDATE runs SET ended_at = ?2 WHERE id = ?1",
            params![self.by.run, now()],
        )?;
        if self.success.last != self.success.stored {
            self.tell_of_destination()?;
        }
        self.conn.execute_batch("COMMIT")
    }

    fn write(&mut self, batch: &mut Vec<Op>) {
        let doubts = self.doubts;
        match self.transact(batch) {
            Ok(replies) => {
                batch.clear();
                replies.into_iter().for_each(Reply::send);
            }
            Err(error) => {
                self.doubts = doubts;
                if !self.conn.is_autocommit() {
                    let _ = self.conn.execute_batch("ROLLBACK");
                }
                let error = LedgerError::from(error).at(&self.path);
                batch.drain(..).for_each(|op| op.fail(&error));
            }
        }
    }

    fn transact(&mut self, batch: &[Op]) -> rusqlite::Result<Vec<Reply>> {
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        // After the lock: the pace of another process is in the past by now.
        let now = now();
        let before = self.doubts;
        let mut effects = Effects::default();
        let mut replies = Vec::with_capacity(batch.len());
        for op in batch {
            replies.push(self.apply(op, now, &mut effects)?);
        }
        if effects.success {
            self.success.last = Some(now);
        }
        if self.doubts != before || self.success.is_due() {
            self.tell_of_destination()?;
        }
        self.conn.prepare_cached("COMMIT")?.execute([])?;
        self.flights.apply(effects.flights);
        Ok(replies)
    }

    fn tell_of_destination(&mut self) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "UPDATE destinations SET doubts = ?2, last_success = coalesce(?3, last_success) WHERE id = ?1",
            )?
            .execute(params![
                self.by.destination,
                self.doubts,
                self.success.last
            ])?;
        self.success.stored = self.success.last;
        Ok(())
    }

    fn apply(&mut self, op: &Op, now: i64, effects: &mut Effects) -> rusqlite::Result<Reply> {
        Ok(match op {
            Op::Intake(leads, answer) => {
                let blocks = intake::any_blocked(&self.conn)?;
                let standings = leads
                    .iter()
                    .map(|lead| intake::take_in(&self.conn, &self.by, now, blocks, lead))
                    .collect::<Result<_, _>>()?;
                Reply::Intake(answer.clone(), standings)
            }
            Op::Turn(end, begin, answer) => {
                let settled = match end {
                    Some(end) => Some(self.settle(end, now, effects)?),
                    None => None,
                };
                let begun = match begin {
                    Some(wish) => Some(self.begin(wish, now, effects)?),
                    None => None,
                };
                Reply::Turn(answer.clone(), (settled, begun))
            }
            Op::Pace(bucket, answer) => {
                Reply::Pace(answer.clone(), pace::spend(&self.conn, bucket, now)?)
            }
            Op::Told(ids, answer) => {
                let mut told = self
                    .conn
                    .prepare_cached("UPDATE leads SET told_state = state WHERE id = ?1")?;
                for id in ids {
                    told.execute([id])?;
                    effects.flights.push(Change::Told(*id));
                }
                Reply::Done(answer.clone(), Ok(()))
            }
            Op::Invalidate(id, why, answer) => {
                Reply::Done(answer.clone(), invalidate(&self.conn, *id, why)?)
            }
        })
    }

    fn begin(
        &mut self,
        wish: &Attempt,
        now: i64,
        effects: &mut Effects,
    ) -> rusqlite::Result<Result<Begun, LedgerError>> {
        let claimed = attempt::begin(&self.conn, &mut self.flights, now, wish)?;
        Ok(claimed.map(|claimed| match claimed {
            Claimed::Not(begun) => begun,
            Claimed::Flight(flight) => {
                let granted = Begun::Granted(flight.number);
                effects.flights.push(Change::Begun(flight));
                granted
            }
        }))
    }

    fn settle(
        &mut self,
        end: &Settlement,
        now: i64,
        effects: &mut Effects,
    ) -> rusqlite::Result<Result<Settled, LedgerError>> {
        let flight = match self.flights.of_settlement(end) {
            Ok(flight) => flight,
            Err(error) => return Ok(Err(error)),
        };
        Ok(
            attempt::settle(&self.conn, now, flight, end)?.map(|recorded| {
                effects.flights.push(Change::Over(end.lead));
                if recorded.sends {
                    if end.state == Some(State::InDoubt) {
                        let counted = u32::from(!end.to_be_repeated);
                        self.doubts = self.doubts.saturating_add(counted);
                    } else if end.transport == "replied"
                        && end.state.is_some()
                        && !end.to_be_repeated
                    {
                        // Being asked to wait says nothing about the doubts around it.
                        self.doubts = 0;
                    }
                    effects.success |= matches!(
                        end.state,
                        Some(State::Delivered | State::Pending | State::Approved)
                    );
                }
                Settled {
                    state: recorded.state,
                    doubts: self.doubts,
                    told: recorded.told,
                }
            }),
        )
    }
}

fn invalidate(conn: &Connection, id: i64, why: &str) -> rusqlite::Result<Result<(), LedgerError>> {
    let changed = conn
        .prepare_cached(
            "UPDATE leads SET state = 'invalid', message = ?2,
               told_state = CASE WHEN state = 'invalid' AND message IS ?2 THEN told_state END
             WHERE id = ?1 AND state IN ('unsent', 'failed', 'invalid')
               AND NOT EXISTS (SELECT 1 FROM flights WHERE lead = ?1)",
        )?
        .execute(params![id, why])?;
    Ok(match changed {
        0 => Err(LedgerError::refused(format!(
            "lead {id} is not one that can be judged again"
        ))),
        _ => Ok(()),
    })
}

impl Reply {
    /// Nobody waiting any more is no failure: the record stands.
    fn send(self) {
        match self {
            Self::Intake(answer, standings) => drop(answer.send(Ok(standings))),
            Self::Turn(answer, turn) => drop(answer.send(Ok(turn))),
            Self::Pace(answer, spent) => drop(answer.send(Ok(spent))),
            Self::Done(answer, done) => drop(answer.send(done)),
        }
    }
}

impl Op {
    fn fail(self, error: &LedgerError) {
        let error = error.clone();
        match self {
            Self::Intake(_, answer) => drop(answer.send(Err(error))),
            Self::Turn(_, _, answer) => drop(answer.send(Err(error))),
            Self::Pace(_, answer) => drop(answer.send(Err(error))),
            Self::Told(_, answer) | Self::Invalidate(_, _, answer) => {
                drop(answer.send(Err(error)));
            }
        }
    }
}
