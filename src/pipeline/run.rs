//! What every verb that sends has in common: the destination is taken, the run
//! recorded, interrupts are heard, leads are delivered and the end is told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::corrections::Sink;
use super::dispatch::{self, Feed, Line};
use super::ordered::Desk;
use super::{ending, interrupts};
use crate::config::Destination;
use crate::delivery::Control;
use crate::error::Failure;
use crate::http::Credential;
use crate::ledger::{Hasher, Journal, Ledger, RunSpec};
use crate::output::rejects::Rejects;
use crate::output::{Exit, Kind, Output};
use crate::session::Session;
use crate::session::opening;

/// A run that sends.
pub struct Run<'r> {
    pub session: &'r Session,
    pub destination: &'r Destination,
    pub credential: Option<&'r Credential>,
    pub ledger: &'r mut Ledger,
    /// The verb, for the record.
    pub command: &'r str,
    pub kind: Kind,
    pub jobs: Option<u16>,
    pub deadline: Option<Duration>,
    pub wait_lock: Option<Duration>,
    /// Nothing of it is kept.
    pub rehearsed: bool,
    /// The command that does what was left undone, where that is not a resend.
    pub again: Option<String>,
    /// What to do where an option kept everything from being sent.
    pub guard: Option<String>,
    /// `--rejects`: where the rows to correct are written.
    pub rejects: Option<Rejects>,
}

/// What a producer of leads works with.
pub struct Scene<'r> {
    pub journal: &'r Journal,
    pub hasher: &'r Hasher,
    /// Why nothing may be sent: another run has the destination.
    pub held: Option<String>,
}

impl Run<'_> {
    /// Delivers what `produce` feeds; it says what went wrong besides leads.
    pub fn conduct(
        self,
        produce: impl FnOnce(&Scene<'_>, &mut Feed) -> Result<Option<Exit>, Failure> + Send,
    ) -> Result<Exit, Failure> {
        let started = Instant::now();
        let Self {
            session,
            destination,
            ledger,
            ..
        } = self;
        let lock = opening::take(session, ledger, destination, self.wait_lock)?;
        let journal = ledger
            .journal(&RunSpec {
                destination: &destination.name,
                command: self.command,
                again_after: destination.again_after,
            })
            .map_err(opening::failure)?;
        let hasher = ledger.hasher();
        let control = Arc::new(Control::new(self.deadline));
        let guard = interrupts::watch(&control, &session.warnings)?;
        let line = Line {
            destination,
            credential: self.credential,
            journal: &journal,
            control: &control,
            pace: opening::pace(&hasher, destination, self.credential, 0.0),
            jobs: jobs(self.jobs, destination),
        };
        let quiet = session.global.quiet;
        let output = Output::new(session.format(), self.kind, quiet, &session.progress);
        let output = output.spelled(session.spelling.clone());
        let mut desk = Desk::new(Some(output), &session.progress, quiet);
        let kept = (!self.rehearsed).then_some(&*ledger);
        desk.rejects = self.rejects.map(|file| Sink::new(file, kept));
        let scene = Scene {
            journal: &journal,
            hasher: &hasher,
            held: lock
                .as_ref()
                .err()
                .map(|who| format!("stored, not sent: {who} is sending to {}", destination.name)),
        };
        session.progress.start(None);
        let mut found = None;
        let fed = dispatch::run(&line, &mut desk, |feed| {
            found = produce(&scene, feed)?;
            Ok(())
        });
        guard.release();
        fed?;
        let held = lock.as_ref().err().map(|_| Exit::Again);
        ending::tell(
            session,
            ending::Ended {
                destination,
                desk,
                stops: control.stops(),
                exit: [found, held].into_iter().flatten().min(),
                elapsed: started.elapsed(),
                ledger: kept,
                held: lock.as_ref().err().cloned(),
                rehearsed: self.rehearsed,
                again: self.again,
                guard: self.guard,
            },
        )
    }
}

/// `--jobs`, else the destination's own, else 4.
pub fn jobs(asked: Option<u16>, destination: &Destination) -> usize {
    asked.map(usize::from).or(destination.jobs).unwrap_or(4)
}
