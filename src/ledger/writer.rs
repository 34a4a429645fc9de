//! The one thread of a run that writes. What the workers ask while the disk is
//! busy goes into one transaction; the syncers answer when that is on disk:
//! durability costs a batch, not a lead.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use rusqlite::{Connection, params};

use super::attempt::{Attempt, Begun, Settled, Settlement};
use super::backlog::Backlog;
use super::claim::{self, Claimed};
use super::clock::now;
use super::flight::{Change, Flights};
use super::intake::Intaker;
use super::op::{Event, Op, Reply};
use super::sql::Sql;
use super::sync::Syncers;
use super::wait::Waits;
use super::{LedgerError, pace, recent, settlement};
use crate::lead::State;

const TOLD: &str = "UPDATE leads SET told_state = state WHERE id = ?1";

const DESTINATION: &str =
    "UPDATE destinations SET doubts = ?2, last_success = coalesce(?3, last_success) WHERE id = ?1";

/// Operations in one transaction at most.
const BATCH: usize = 512;
/// From so many answers in a batch on, the writer sleeps until it is woken: one
/// wake-up is little beside them.
const SLEEPS_FROM: usize = 12;

/// A run that begins to write.
pub struct Beginning {
    pub path: PathBuf,
    pub by: Intaker,
    /// Doubts in a row, as stored.
    pub doubts: u32,
    pub syncers: Syncers,
}

impl Beginning {
    /// Writes what `events` ask until the run is over.
    pub fn work(self, conn: &Connection, events: &Receiver<Event>) {
        let writer = Writer {
            sql: Sql::new(conn),
            flights: Flights::of(self.by.run),
            path: self.path,
            by: self.by,
            doubts: self.doubts,
            success: Success::default(),
            syncers: self.syncers,
            backlog: Backlog::default(),
            batch: Batch::default(),
            waits: Waits::default(),
            answered: 0,
        };
        writer.work(events);
    }
}

/// The writer's side of a run.
struct Writer<'c> {
    sql: Sql<'c>,
    path: PathBuf,
    by: Intaker,
    doubts: u32,
    flights: Flights,
    success: Success,
    syncers: Syncers,
    backlog: Backlog,
    batch: Batch,
    waits: Waits,
    /// Answers in the last batch that was committed.
    answered: usize,
}

/// When a partner last took a lead, milliseconds UTC. It is a word for
/// `status`, not worth a page in every commit.
#[derive(Debug, Default)]
struct Success {
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

/// What the open transaction came to so far, and what it will change of the
/// writer's memory.
#[derive(Default)]
struct Batch {
    replies: Vec<Reply>,
    flights: Vec<Change>,
    /// Doubts in a row before it, once it is open.
    doubts_before: Option<u32>,
    /// Rows that the connection had changed before it.
    changes_before: u64,
}

impl Writer<'_> {
    /// Works until the run is over. While the disk takes one batch, the next is
    /// gathered in an open transaction; it is committed once the disk is free.
    fn work(mut self, events: &Receiver<Event>) {
        loop {
            let ready = !self.batch.replies.is_empty() && self.syncers.is_free();
            let event = match ready || !self.backlog.is_empty() {
                true => events.try_recv().ok(),
                false => Some(self.next(events)),
            };
            match event {
                Some(Event::Asked(op)) if self.batch.replies.len() < BATCH => self.take(op),
                Some(Event::Asked(op)) => {
                    self.commit();
                    self.take(op);
                }
                Some(Event::Read(leads, answer)) => self.backlog.push(leads, answer),
                Some(Event::Synced(took)) => self.syncers.synced(took),
                Some(Event::Over) => break,
                None if ready => self.commit(),
                None => self.take_in(),
            }
        }
        while !self.backlog.is_empty() {
            self.take_in();
        }
        self.commit();
        let _ = self.end();
    }

    /// What happens next; waits for it.
    fn next(&self, events: &Receiver<Event>) -> Event {
        let heard = match self.answered < SLEEPS_FROM {
            true => self.waits.receive(events),
            false => events.recv(),
        };
        heard.unwrap_or(Event::Over)
    }

    /// The run's end is a courtesy to a reader; nothing depends on it.
    fn end(&mut self) -> rusqlite::Result<()> {
        self.sql.conn.execute_batch("BEGIN IMMEDIATE")?;
        self.sql.conn.execute(
            "UPDATE runs SET ended_at = ?2 WHERE id = ?1",
            params![self.by.run, now()],
        )?;
        if self.success.last != self.success.stored {
            self.tell_of_destination()?;
        }
        recent::tidy_at_end(&mut self.sql)?;
        self.sql.conn.execute_batch("COMMIT")
    }

    /// Does what is asked, in the transaction that is open.
    fn take(&mut self, op: Op) {
        if let Some(error) = self.syncers.failure() {
            return op.fail(error);
        }
        match self.open().and_then(|()| self.apply(&op)) {
            Ok(reply) => self.batch.replies.push(reply),
            Err(error) => {
                let error = self.undo(error);
                op.fail(&error);
            }
        }
    }

    /// Takes in the next of the leads that were read, in the same transaction.
    fn take_in(&mut self) {
        let taken = match self.syncers.failure().cloned() {
            Some(error) => {
                self.give_up(&error);
                Err(error)
            }
            None => self
                .open()
                .and_then(|()| self.backlog.take_in(&mut self.sql, &self.by))
                .map_err(|error| self.undo(error)),
        };
        match taken {
            Ok(reply) => self.batch.replies.extend(reply),
            Err(error) => self.backlog.fail(&error),
        }
    }

    fn open(&mut self) -> rusqlite::Result<()> {
        if self.sql.conn.is_autocommit() {
            self.sql.held.get("BEGIN IMMEDIATE")?.execute([])?;
            self.batch.doubts_before = Some(self.doubts);
            self.batch.changes_before = self.sql.conn.total_changes();
        }
        Ok(())
    }

    fn commit(&mut self) {
        if self.batch.replies.is_empty() {
            return;
        }
        // What can't be made durable is better not done at all.
        if let Some(error) = self.syncers.failure().cloned() {
            return self.give_up(&error);
        }
        match self.end_transaction() {
            Ok(()) => {
                let batch = std::mem::take(&mut self.batch);
                self.answered = batch.replies.len();
                self.flights.apply(batch.flights);
                match self.sql.conn.total_changes() == batch.changes_before
                    && self.syncers.are_idle()
                {
                    // Nothing new, and all that it was read from is on disk.
                    true => batch.replies.into_iter().for_each(Reply::send),
                    false => self.syncers.answer(batch.replies),
                }
            }
            Err(error) => drop(self.undo(error)),
        }
    }

    fn end_transaction(&mut self) -> rusqlite::Result<()> {
        let told = Some(self.doubts) != self.batch.doubts_before || self.success.is_due();
        if told {
            self.tell_of_destination()?;
        }
        recent::tidy(&mut self.sql)?;
        self.sql.held.get("COMMIT")?.execute([])?;
        if told {
            self.success.stored = self.success.last;
        }
        Ok(())
    }

    fn undo(&mut self, error: rusqlite::Error) -> LedgerError {
        let error = LedgerError::from(error).at(&self.path);
        self.give_up(&error);
        error
    }

    /// Nothing of the open transaction counts; whoever waits for it is told why.
    /// SQLite may have rolled it back already.
    fn give_up(&mut self, error: &LedgerError) {
        if !self.sql.conn.is_autocommit() {
            let _ = self.sql.conn.execute_batch("ROLLBACK");
        }
        self.sql.recent.forget();
        let batch = std::mem::take(&mut self.batch);
        if let Some(before) = batch.doubts_before {
            self.doubts = before;
        }
        self.backlog.fail_begun(error);
        batch
            .replies
            .into_iter()
            .for_each(|reply| reply.fail(error));
    }

    fn tell_of_destination(&mut self) -> rusqlite::Result<()> {
        self.sql.held.get(DESTINATION)?.execute(params![
            self.by.destination,
            self.doubts,
            self.success.last
        ])?;
        Ok(())
    }

    fn apply(&mut self, op: &Op) -> rusqlite::Result<Reply> {
        // Under the lock: the pace of another process is in the past by now.
        let now = now();
        Ok(match op {
            Op::Turn(end, begin, answer) => {
                let settled = match end {
                    Some(end) => Some(self.settle(end, now)?),
                    None => None,
                };
                let begun = match begin {
                    Some(wish) => Some(self.begin(wish, now)?),
                    None => None,
                };
                Reply::Turn(answer.clone(), (settled, begun))
            }
            Op::Pace(bucket, answer) => Reply::Pace(
                answer.clone(),
                pace::spend(&mut self.sql.held, bucket, now)?,
            ),
            Op::Told(ids, answer) => {
                for id in ids {
                    self.sql.held.get(TOLD)?.execute([id])?;
                    self.batch.flights.push(Change::Told(*id));
                }
                Reply::Done(answer.clone(), Ok(()))
            }
            Op::Invalidate(id, why, answer) => {
                Reply::Done(answer.clone(), invalidate(&mut self.sql, *id, why)?)
            }
        })
    }

    fn begin(&mut self, wish: &Attempt, now: i64) -> rusqlite::Result<Result<Begun, LedgerError>> {
        let claimed = claim::begin(&mut self.sql, &mut self.flights, now, wish)?;
        Ok(claimed.map(|claimed| match claimed {
            Claimed::Not(begun) => begun,
            Claimed::Flight(flight) => {
                let granted = Begun::Granted(flight.number);
                self.batch.flights.push(Change::Begun(flight));
                granted
            }
        }))
    }

    fn settle(
        &mut self,
        end: &Settlement,
        now: i64,
    ) -> rusqlite::Result<Result<Settled, LedgerError>> {
        let flight = match self.flights.of_settlement(end) {
            Ok(flight) => flight,
            Err(error) => return Ok(Err(error)),
        };
        let recorded = match settlement::settle(&mut self.sql, now, flight, end)? {
            Ok(recorded) => recorded,
            Err(error) => return Ok(Err(error)),
        };
        self.batch.flights.push(Change::Over(end.lead));
        if recorded.sends {
            self.learn(end, now);
        }
        Ok(Ok(Settled {
            state: recorded.state,
            doubts: self.doubts,
            notified: recorded.notified,
            ours: recorded.ours,
        }))
    }

    /// What the end of a sending attempt says about the partner.
    fn learn(&mut self, end: &Settlement, now: i64) {
        if end.state == Some(State::InDoubt) {
            let counted = u32::from(!end.to_be_repeated);
            self.doubts = self.doubts.saturating_add(counted);
        } else if end.transport == "replied" && end.state.is_some() && !end.to_be_repeated {
            // Being asked to wait says nothing about the doubts around it.
            self.doubts = 0;
        }
        if matches!(
            end.state,
            Some(State::Delivered | State::Pending | State::Approved)
        ) {
            self.success.last = Some(now);
        }
    }
}

const INVALIDATE: &str = "UPDATE leads SET state = 'invalid', message = ?2,
    told_state = CASE WHEN state = 'invalid' AND message IS ?2 THEN told_state END
  WHERE id = ?1 AND state IN ('unsent', 'failed', 'invalid')
    AND NOT EXISTS (SELECT 1 FROM flights WHERE lead = ?1)";

fn invalidate(sql: &mut Sql<'_>, id: i64, why: &str) -> rusqlite::Result<Result<(), LedgerError>> {
    let changed = sql.held.get(INVALIDATE)?.execute(params![id, why])?;
    Ok(match changed {
        // Purged meanwhile.
        0 if !is_there(sql, id)? => Ok(()),
        0 => Err(LedgerError::refused(format!(
            "lead {id} is not one that can be judged again"
        ))),
        _ => Ok(()),
    })
}

fn is_there(sql: &mut Sql<'_>, id: i64) -> rusqlite::Result<bool> {
    sql.held
        .get("SELECT EXISTS (SELECT 1 FROM leads WHERE id = ?1)")?
        .query_row([id], |row| row.get(0))
}
