//! What the workers of a run ask of its writer, and how they are answered.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::{Attempt, Begun, Bucket, DedupOutcome, Intake, LedgerError, Settled, Settlement};

/// Answered once it is on disk; a failed commit fails every answer of its batch.
/// It has room for one answer (an unbounded channel makes room for 31 at once).
pub type Answer<T> = SyncSender<Result<T, LedgerError>>;

/// The ends of a worker's turn: what came of one lead, and the wish to send
/// the next.
pub type Turn = (
    Option<Result<Settled, LedgerError>>,
    Option<Result<Begun, LedgerError>>,
);

/// What a writer hears.
pub enum Event {
    Asked(Op),
    /// Leads to take in, when nobody else wants anything.
    Read(Vec<Intake>, Answer<Vec<DedupOutcome>>),
    /// A batch is on disk; it took this long.
    Synced(Duration),
    /// The last handle is gone.
    Over,
}

/// What the handles ask of the writer.
pub enum Op {
    Turn(Option<Box<Settlement>>, Option<Box<Attempt>>, Answer<Turn>),
    Pace(Box<Bucket>, Answer<Result<(), Duration>>),
    Told(Vec<i64>, Answer<()>),
    Invalidate(i64, String, Answer<()>),
}

/// An answer that waits for the commit.
pub enum Reply {
    Intake(Answer<Vec<DedupOutcome>>, Vec<DedupOutcome>),
    Turn(Answer<Turn>, Turn),
    Pace(Answer<Result<(), Duration>>, Result<(), Duration>),
    Done(Answer<()>, Result<(), LedgerError>),
}

impl Reply {
    /// Nobody waiting any more is no failure: the record stands.
    pub fn send(self) {
        match self {
            Self::Intake(answer, standings) => drop(answer.send(Ok(standings))),
            Self::Turn(answer, turn) => drop(answer.send(Ok(turn))),
            Self::Pace(answer, spent) => drop(answer.send(Ok(spent))),
            Self::Done(answer, done) => drop(answer.send(done)),
        }
    }

    /// It was rolled back, or is not on disk: nobody may build on it.
    pub fn fail(self, error: &LedgerError) {
        let error = error.clone();
        match self {
            Self::Intake(answer, _) => drop(answer.send(Err(error))),
            Self::Turn(answer, _) => drop(answer.send(Err(error))),
            Self::Pace(answer, _) => drop(answer.send(Err(error))),
            Self::Done(answer, _) => drop(answer.send(Err(error))),
        }
    }
}

impl Op {
    pub fn fail(self, error: &LedgerError) {
        let error = error.clone();
        match self {
            Self::Turn(_, _, answer) => drop(answer.send(Err(error))),
            Self::Pace(_, answer) => drop(answer.send(Err(error))),
            Self::Told(_, answer) | Self::Invalidate(_, _, answer) => {
                drop(answer.send(Err(error)));
            }
        }
    }
}
