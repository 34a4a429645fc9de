//! What the workers of a run share: stops, pauses, the one lead that tries the
//! way first, and the clock that ends them all.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ramp::Ramp;
use super::stop::{Stop, StopKind};

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
    paused_until: Option<Instant>,
    /// Only one lead at a time, until the partner answered for one: at the
    /// start of a run, and after a doubt.
    probing: bool,
    in_flight: u32,
    /// When the lead that tries the way began.
    tried_since: Option<Instant>,
    /// Workers that wait until the way was tried, and their starts after that.
    waiting: u32,
    ramp: Option<Ramp>,
}

/// What a turn showed of the way to the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The partner answered for a lead.
    Clear,
    /// A lead ended in doubt.
    Doubtful,
    Unknown,
}

/// How a wait ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Go on.
    Yours,
    Stopped(Stop),
}

impl Control {
    /// One lead tries the way first: a partner that is broken costs one doubt
    /// at a time, not one a worker.
    pub fn new(deadline: Option<Duration>) -> Self {
        Self {
            state: Mutex::new(Shared {
                probing: true,
                ..Shared::default()
            }),
            changed: Condvar::new(),
            // A deadline past the clock's end is none.
            deadline: deadline.and_then(|left| Instant::now().checked_add(left)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the run, or the leads that the stop names. The first stop of a
    /// run stays its reason.
    pub fn stop(&self, stop: Stop) {
        let mut shared = self.lock();
        if !stop.only.is_empty() {
            shared.partial.push(stop);
        } else if shared.stop.is_none() {
            shared.stop = Some(stop);
        }
        self.changed.notify_all();
    }

    /// Stops the run as soon as another lead wants its turn.
    pub fn stop_next(&self, stop: Stop) {
        let mut shared = self.lock();
        shared.for_next.get_or_insert(stop);
        self.changed.notify_all();
    }

    /// The reason for which the whole run stopped.
    pub fn stopped(&self) -> Option<Stop> {
        let mut shared = self.lock();
        self.check_deadline(&mut shared);
        shared.stop.clone()
    }

    /// Every stop of the run, the whole one first.
    pub fn stops(&self) -> Vec<Stop> {
        let shared = self.lock();
        let whole = shared.stop.iter();
        whole.chain(&shared.partial).cloned().collect()
    }

    /// What remains of the run's time.
    pub fn left(&self) -> Option<Duration> {
        self.deadline
            .map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Every worker pauses.
    pub fn pause(&self, pause: Duration) {
        let mut shared = self.lock();
        if let Some(until) = Instant::now().checked_add(pause) {
            shared.paused_until = shared.paused_until.max(Some(until));
        }
        self.changed.notify_all();
    }

    /// Waits for a worker's turn to send a lead whose row gave `given`: no
    /// stop, no pause, and while the way is tried, nobody else on it. A turn
    /// taken is kept until the lead is settled or given up, and must be given
    /// back by [`Self::leave`].
    pub fn enter(&self, given: &[(String, String)]) -> Turn {
        self.await_turn(given, true)
    }

    /// With the turn kept: waits until nobody pauses and nothing stops this lead.
    pub fn go_on(&self, given: &[(String, String)]) -> Turn {
        self.await_turn(given, false)
    }

    fn await_turn(&self, given: &[(String, String)], enters: bool) -> Turn {
        let mut shared = self.lock();
        let (mut waited, mut start) = (false, None);
        loop {
            self.check_deadline(&mut shared);
            if let Some(stop) = shared.stop_for(given) {
                return Turn::Stopped(stop);
            }
            let now = Instant::now();
            let busy = enters && shared.probing && shared.in_flight > 0;
            if std::mem::replace(&mut waited, busy) && !busy {
                start = shared.ramp.as_mut().map(Ramp::start);
            }
            let held = shared.paused_until.max(start).filter(|until| *until > now);
            if held.is_none() && !busy {
                shared.enter(enters, now);
                return Turn::Yours;
            }
            let until = [held, self.deadline].into_iter().flatten().min();
            shared.waiting += u32::from(busy);
            shared = self.wait(shared, until);
            shared.waiting -= u32::from(busy);
        }
    }

    /// The partner answered for the lead whose turn this is: may the next one,
    /// whose row gave `given`, take the turn over at once? Never waits; after
    /// `false` the turn is to be given back as ever.
    pub fn pass_on(&self, given: &[(String, String)]) -> bool {
        let mut shared = self.lock();
        self.check_deadline(&mut shared);
        let paused = shared.paused_until.is_some_and(|end| end > Instant::now());
        !paused && !shared.probing && shared.stop_for(given).is_none()
    }

    /// Gives a turn back.
    pub fn leave(&self, way: Way) {
        let mut shared = self.lock();
        shared.in_flight = shared.in_flight.saturating_sub(1);
        let before = shared.probing;
        match way {
            Way::Clear => shared.clear(Instant::now()),
            Way::Doubtful => shared.probing = true,
            Way::Unknown => {}
        }
        // Nobody waits for a turn while the way is clear.
        if before {
            self.changed.notify_all();
        }
    }

    /// Waits `pause`, unless the run stops first.
    pub fn sleep(&self, pause: Duration) -> Turn {
        let end = Instant::now().checked_add(pause);
        let mut shared = self.lock();
        loop {
            self.check_deadline(&mut shared);
            if let Some(stop) = &shared.stop {
                return Turn::Stopped(stop.clone());
            }
            if end.is_some_and(|end| end <= Instant::now()) {
                return Turn::Yours;
            }
            let until = [end, self.deadline].into_iter().flatten().min();
            shared = self.wait(shared, until);
        }
    }

    fn check_deadline(&self, shared: &mut Shared) {
        let over = self.deadline.is_some_and(|end| end <= Instant::now());
        if over && shared.stop.is_none() {
            shared.stop = Some(Stop::all(
                StopKind::Deadline,
                "the time given by --deadline has passed",
            ));
        }
    }

    fn wait<'g>(
        &self,
        shared: MutexGuard<'g, Shared>,
        until: Option<Instant>,
    ) -> MutexGuard<'g, Shared> {
        match until {
            None => self
                .changed
                .wait(shared)
                .unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                let waited = self.changed.wait_timeout(shared, left);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }
}

impl Shared {
    fn enter(&mut self, enters: bool, now: Instant) {
        self.in_flight += u32::from(enters);
        if self.probing {
            self.tried_since = Some(now);
            self.ramp = None;
        }
    }

    /// The way is clear for those that waited, one after the other.
    fn clear(&mut self, now: Instant) {
        let since = self.tried_since.take();
        if std::mem::take(&mut self.probing)
            && let Some(since) = since
        {
            self.ramp = Some(Ramp::new(now, now - since, self.waiting));
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
