//! Leads that wait for a courier. The producer is woken when the queue has run
//! low, not for every lead that leaves it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Job;

/// Leads that wait at most: enough to outlast one of the producer's writes.
const FULL: usize = 512;
const LOW: usize = FULL / 2;

/// One producer, many couriers.
#[derive(Debug, Default)]
pub struct Queue {
    state: Mutex<Waiting>,
    came: Condvar,
    ran_low: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    closed: bool,
    /// The producer waits for room.
    held_up: bool,
    /// Couriers that wait for a lead.
    idle: usize,
}

impl Queue {
    /// Puts a lead at the end; waits while the queue is full.
    pub fn push(&self, job: Job) {
        let mut waiting = self.lock();
        if waiting.jobs.len() >= FULL {
            waiting.held_up = true;
            while waiting.held_up {
                waiting = self
                    .ran_low
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
        waiting.jobs.push_back(job);
        // To wake nobody costs a call of the system all the same.
        let idle = waiting.idle > 0;
        drop(waiting);
        if idle {
            self.came.notify_one();
        }
    }

    /// Nothing more will come.
    pub fn close(&self) {
        self.lock().closed = true;
        self.came.notify_all();
    }

    /// The next lead; waits for one. `None`: there are no more.
    pub fn take(&self) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            if let Some(job) = self.next(&mut waiting) {
                return Some(job);
            }
            if waiting.closed {
                return None;
            }
            waiting.idle += 1;
            waiting = self
                .came
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
            waiting.idle -= 1;
        }
    }

    /// The next lead, if one waits.
    pub fn take_waiting(&self) -> Option<Job> {
        self.next(&mut self.lock())
    }

    fn next(&self, waiting: &mut Waiting) -> Option<Job> {
        let job = waiting.jobs.pop_front();
        if waiting.held_up && waiting.jobs.len() <= LOW {
            waiting.held_up = false;
            self.ran_low.notify_one();
        }
        job
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
