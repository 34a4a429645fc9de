//! A place where requests wait until the test lets them go.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::PATIENCE;

/// Shared by the test and the partner's script.
#[derive(Clone, Default)]
pub struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    open: bool,
    held: usize,
}

impl Gate {
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns once `count` requests have ever come to wait here.
    pub fn await_held(&self, count: usize) {
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, late) = self
            .0
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.held < count)
            .unwrap_or_else(PoisonError::into_inner);
        let held = state.held;
        drop(state);
        assert!(!late.timed_out(), "{held} of {count} requests are held");
    }

    /// Lets everybody through, now and later.
    pub fn release(&self) {
        self.0
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .open = true;
        self.0.changed.notify_all();
    }

    /// The partner's side: waits until the gate is opened.
    pub fn pass(&self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held += 1;
        self.0.changed.notify_all();
        let waited = self
            .0
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !state.open);
        drop(waited);
    }
}
