//! Waiting for another thread. To sleep and to be woken is dear beside a short
//! wait, so one that is likely to be short gives way instead, again and again,
//! and sleeps only after a while. The writer does so only where few wait for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

/// What counts as short.
const SHORT: Duration = Duration::from_micros(500);

/// How long the waits of one kind were of late.
#[derive(Debug, Default)]
pub struct Waits {
    short: AtomicBool,
    /// Somebody gives way instead of sleeping. The others sleep: to give way to
    /// each other would keep them all from what they wait for.
    patient: AtomicBool,
}

impl Waits {
    /// What comes next; an error if nobody is left to send it.
    pub fn receive<T>(&self, from: &Receiver<T>) -> Result<T, RecvError> {
        let started = Instant::now();
        let early = match self.short.load(Ordering::Relaxed) {
            true => self.patiently(from, started),
            false => None,
        };
        let received = early.unwrap_or_else(|| from.recv());
        let short = started.elapsed() < SHORT;
        self.short.store(short, Ordering::Relaxed);
        received
    }

    /// What comes while the wait is still short, if nobody else gives way.
    fn patiently<T>(&self, from: &Receiver<T>, started: Instant) -> Option<Result<T, RecvError>> {
        if self.patient.swap(true, Ordering::Relaxed) {
            return None;
        }
        let received = patiently(from, started);
        self.patient.store(false, Ordering::Relaxed);
        received
    }
}

/// What comes while the wait is still short.
fn patiently<T>(from: &Receiver<T>, started: Instant) -> Option<Result<T, RecvError>> {
    while started.elapsed() < SHORT {
        match from.try_recv() {
            Ok(received) => return Some(Ok(received)),
            Err(TryRecvError::Disconnected) => return Some(Err(RecvError)),
            Err(TryRecvError::Empty) => thread::yield_now(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn what_comes_is_received_whether_the_last_wait_was_short_or_long() {
        let (sender, receiver) = mpsc::channel();
        let waits = Waits::default();
        for number in 0..3 {
            sender.send(number).unwrap();
            assert_eq!(waits.receive(&receiver), Ok(number));
        }
        assert!(waits.short.load(Ordering::Relaxed));
        let (asked, answer) = mpsc::channel();
        let late = thread::spawn(move || {
            // Long after the other side began to wait.
            let _: Result<(), _> = answer.recv_timeout(SHORT * 4);
            sender.send(3).unwrap();
        });
        assert_eq!(waits.receive(&receiver), Ok(3));
        drop(asked);
        late.join().unwrap();
        assert_eq!(waits.receive(&receiver), Err(RecvError));
    }
}
