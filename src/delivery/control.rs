//! What the workers of a run share: its stops, its deadline, and the circuit
//! breaker to the partner. A stop is a kind with its values, whose words are made
//! here alone. Knows no lead and no answer, only what they showed.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::refusals::{RefusalKind, RefusalsInARow};
use crate::config::measure::in_words;
use crate::ledger::RunStop;
use crate::trace::{self, Trace, Wait};
use crate::words::say;

/// A reason to stop, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub kind: StopKind,
    /// Only leads whose rows gave these values stop; empty: every lead.
    pub only: Vec<(String, String)>,
}

/// What happened. `Display` tells it to the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StopKind {
    /// The key, the address or the request is wrong: somebody must act.
    #[error("{0}")]
    Wrong(String),
    /// Nobody answers at the partner's address.
    #[error("{}", say!("stop-unreachable", why, tries = *tries))]
    Unreachable { why: String, tries: u32 },
    /// The partner's quota is used up, in the partner's words.
    #[error("{0}")]
    Quota(String),
    #[error("{}", say!("stop-wait-too-long", said, asked = in_words(*asked), most = in_words(*most)))]
    WaitTooLong {
        said: String,
        asked: Duration,
        most: Duration,
    },
    #[error("{}", say!("stop-wait-past-deadline", said, asked = in_words(*asked)))]
    WaitPastDeadline { said: String, asked: Duration },
    #[error("{}", say!("stop-waits-too-many", said, times = *times))]
    WaitsTooMany { said: String, times: u32 },
    /// The partner's headers say that its window is used up.
    #[error("{}", say!("stop-window-used-up", pause = in_words(*pause), most = in_words(*most)))]
    WindowUsedUp { pause: Duration, most: Duration },
    #[error("{}", say!("stop-unanswered", questions = *questions, said))]
    Unanswered { questions: u32, said: String },
    #[error("{}", say!("stop-doubts", count = *.0))]
    Doubts(u32),
    #[error("{}", say!("stop-refusals", count = *count, said))]
    Refusals { count: u32, said: String },
    #[error("{}", say!("stop-deadline"))]
    Deadline,
    /// Ctrl-C or SIGTERM.
    #[error("{}", say!("stop-interrupted"))]
    Interrupted,
    /// The ledger can't record, in its words: nothing more may be sent.
    #[error("{0}")]
    Ledger(String),
}

impl StopKind {
    /// What is noted of it for those who are notified, without anybody's words. What a
    /// user asked for is no news.
    pub fn for_news(&self) -> Option<RunStop> {
        match self {
            Self::Wrong(_) => Some(RunStop::Wrong),
            Self::Unreachable { .. } | Self::Unanswered { .. } => Some(RunStop::Unreachable),
            Self::Quota(_)
            | Self::WaitTooLong { .. }
            | Self::WaitsTooMany { .. }
            | Self::WindowUsedUp { .. } => Some(RunStop::Quota),
            Self::Doubts(_) => Some(RunStop::Doubts),
            Self::Refusals { .. } => Some(RunStop::Refusals),
            Self::Ledger(_) => Some(RunStop::Ledger),
            Self::WaitPastDeadline { .. } | Self::Deadline | Self::Interrupted => None,
        }
    }
}

impl Stop {
    /// A stop of the whole run.
    pub fn all(kind: StopKind) -> Self {
        Self {
            kind,
            only: Vec::new(),
        }
    }
}

/// Shared by the workers, the reader of the input and the signal handler.
#[derive(Debug)]
pub struct Control {
    state: Mutex<Shared>,
    changed: Condvar,
    deadline: Option<Instant>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: Option<Stop>,
    /// A stop for whoever comes next: a run that has nothing left needs none.
    for_next: Option<Stop>,
    /// Stops that concern only the leads with certain values.
    partial: Vec<Stop>,
    /// The circuit is open until then.
    open_until: Option<Instant>,
    half_open: bool,
    in_flight: u32,
    refusals: RefusalsInARow,
}

/// The circuit to the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Circuit {
    /// Leads leave side by side.
    Closed,
    /// One lead at a time, until the partner answered for one: at the start of
    /// a run and after a doubt. A partner that is broken costs one doubt at a
    /// time, not one a worker.
    HalfOpen,
    /// Nobody calls before that moment.
    Open(Instant),
}

/// What a lead's turn showed of the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answered for a lead.
    Answers,
    /// A lead ended in doubt.
    Doubtful,
    Unknown,
}

/// A lead's place among those that call now; given back when dropped.
#[derive(Debug)]
pub struct Turn<'c> {
    control: &'c Control,
    pub health: Health,
}

impl Control {
    /// A deadline past the clock's end is none.
    pub fn new(deadline: Option<Duration>) -> Self {
        Self {
            state: Mutex::new(Shared {
                half_open: true,
                ..Shared::default()
            }),
            changed: Condvar::new(),
            deadline: deadline.and_then(|left| Instant::now().checked_add(left)),
        }
    }

    /// What may be read and changed now; a deadline that passed stops the run.
    fn lock(&self) -> MutexGuard<'_, Shared> {
        let mut shared = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.stop.is_none() && self.deadline.is_some_and(|end| end <= Instant::now()) {
            shared.stop = Some(Stop::all(StopKind::Deadline));
        }
        shared
    }

    /// Stops the run, or the leads that the stop names. The first stop of a
    /// run stays its reason.
    pub fn stop(&self, stop: Stop) {
        let mut shared = self.lock();
        match stop.only.is_empty() {
            true => _ = shared.stop.get_or_insert(stop),
            false => shared.partial.push(stop),
        }
        self.changed.notify_all();
    }

    /// Stops the run as soon as another lead wants its turn.
    pub fn stop_next(&self, stop: Stop) {
        self.lock().for_next.get_or_insert(stop);
        self.changed.notify_all();
    }

    /// The reason for which the whole run stopped.
    pub fn stopped(&self) -> Option<Stop> {
        self.lock().stop.clone()
    }

    /// Every stop of the run, the whole one first.
    pub fn stops(&self) -> Vec<Stop> {
        let shared = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = shared.stop.iter();
        whole.chain(&shared.partial).cloned().collect()
    }

    /// What remains of the run's time.
    pub fn left(&self) -> Option<Duration> {
        let end = self.deadline?;
        Some(end.saturating_duration_since(Instant::now()))
    }

    /// A lead was refused; how many in a row are of that kind.
    pub fn refused(&self, kind: RefusalKind) -> u32 {
        self.lock().refusals.count(kind)
    }

    /// A lead ended in another way than by a refusal.
    pub fn not_refused(&self) {
        self.lock().refusals.end();
    }

    /// Opens the circuit: nobody calls for so long.
    pub fn pause(&self, why: Wait, pause: Duration) {
        tell_wait(why, pause);
        let until = Instant::now().checked_add(pause);
        let mut shared = self.lock();
        shared.open_until = shared.open_until.max(until);
    }

    /// Waits for the turn of a lead whose row gave `given`: no stop, and a
    /// circuit that lets it pass.
    ///
    /// # Errors
    /// Why its turn won't come.
    pub fn enter(&self, given: &[(String, String)]) -> Result<Turn<'_>, Stop> {
        let mut shared = self.await_circuit(given, |shared| match shared.circuit() {
            Circuit::HalfOpen => shared.in_flight == 0,
            circuit => circuit == Circuit::Closed,
        })?;
        shared.in_flight += 1;
        Ok(Turn {
            control: self,
            health: Health::Unknown,
        })
    }

    /// With the turn kept: waits until the circuit isn't open and nothing stops
    /// this lead.
    ///
    /// # Errors
    /// Why it can't go on.
    pub fn go_on(&self, given: &[(String, String)]) -> Result<(), Stop> {
        let passes = |shared: &Shared| !matches!(shared.circuit(), Circuit::Open(_));
        self.await_circuit(given, passes).map(drop)
    }

    fn await_circuit(
        &self,
        given: &[(String, String)],
        passes: impl Fn(&Shared) -> bool,
    ) -> Result<MutexGuard<'_, Shared>, Stop> {
        let mut shared = self.lock();
        loop {
            if let Some(stop) = shared.stop_for(given) {
                return Err(stop);
            }
            if passes(&shared) {
                return Ok(shared);
            }
            let until = match shared.circuit() {
                Circuit::Open(until) => Some(until),
                _ => None,
            };
            shared = self.wait(shared, until);
        }
    }

    /// The partner answered for the lead whose turn this is: may the next one,
    /// whose row gave `given`, take it over at once? Never waits.
    pub fn passes_on(&self, given: &[(String, String)]) -> bool {
        let mut shared = self.lock();
        shared.circuit() == Circuit::Closed && shared.stop_for(given).is_none()
    }

    /// Waits `pause`, whatever the circuit.
    ///
    /// # Errors
    /// The run stopped first.
    pub fn sleep(&self, why: Wait, pause: Duration) -> Result<(), Stop> {
        tell_wait(why, pause);
        let end = Instant::now().checked_add(pause);
        let mut shared = self.lock();
        loop {
            match &shared.stop {
                Some(stop) => return Err(stop.clone()),
                None if end.is_some_and(|end| end <= Instant::now()) => return Ok(()),
                None => shared = self.wait(shared, end),
            }
        }
    }

    /// Waits for a change, until then or the deadline at most.
    fn wait<'g>(
        &'g self,
        shared: MutexGuard<'g, Shared>,
        until: Option<Instant>,
    ) -> MutexGuard<'g, Shared> {
        let until = [until, self.deadline].into_iter().flatten().min();
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let long = Duration::from_secs(3600);
        let waited = self.changed.wait_timeout(shared, left.unwrap_or(long));
        drop(waited.unwrap_or_else(PoisonError::into_inner).0);
        self.lock()
    }
}

fn tell_wait(why: Wait, most: Duration) {
    if !most.is_zero() {
        let ms = trace::ms(most);
        trace::tell(&Trace::Waits { why, ms });
    }
}

impl Shared {
    fn circuit(&self) -> Circuit {
        match self.open_until.filter(|until| *until > Instant::now()) {
            Some(until) => Circuit::Open(until),
            None if self.half_open => Circuit::HalfOpen,
            None => Circuit::Closed,
        }
    }

    fn stop_for(&mut self, given: &[(String, String)]) -> Option<Stop> {
        if self.stop.is_none() {
            self.stop = self.for_next.take();
        }
        let concerned = |stop: &&Stop| stop.only.iter().all(|value| given.contains(value));
        let partial = || self.partial.iter().find(concerned);
        self.stop.as_ref().or_else(partial).cloned()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut shared = self.control.lock();
        shared.in_flight = shared.in_flight.saturating_sub(1);
        let was_half_open = shared.half_open;
        match self.health {
            Health::Answers => shared.half_open = false,
            Health::Doubtful => shared.half_open = true,
            Health::Unknown => {}
        }
        // Nobody waits for a turn while the circuit is closed.
        if was_half_open {
            self.control.changed.notify_all();
        }
    }
}
