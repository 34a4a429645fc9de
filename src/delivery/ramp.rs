//! Spreads the workers' starts. Once the first lead was answered, the workers
//! that waited for that don't all begin at once: leads that leave together come
//! back together, at the partner and at the ledger, round after round.

use std::time::{Duration, Instant};

/// The starts are spread over the time that the first lead took, and over this
/// at most: a partner's first answer may be slow for reasons of its own.
const LONGEST: Duration = Duration::from_secs(1);

/// The starts still to come.
#[derive(Debug)]
pub struct Ramp {
    next: Instant,
    gap: Duration,
}

impl Ramp {
    /// From `now` on, for so many workers that wait, where the first lead `took`
    /// so long.
    pub fn new(now: Instant, took: Duration, waiting: u32) -> Self {
        Self {
            next: now,
            gap: took.min(LONGEST) / (waiting + 1),
        }
    }

    /// When the next of them starts.
    pub fn start(&mut self) -> Instant {
        // A start past the clock's end is at once.
        self.next = self.next.checked_add(self.gap).unwrap_or(self.next);
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starts_are_spread_over_the_first_answer() {
        let now = Instant::now();
        let mut ramp = Ramp::new(now, Duration::from_millis(80), 3);
        let starts = [ramp.start(), ramp.start(), ramp.start()];
        assert_eq!(
            starts.map(|start| (start - now).as_millis()),
            [20, 40, 60],
            "the fourth quarter is the first worker's, whose next lead left at once"
        );
    }

    #[test]
    fn a_slow_first_answer_delays_nobody_by_more_than_a_second() {
        let now = Instant::now();
        let mut ramp = Ramp::new(now, Duration::from_secs(40), 1);
        assert_eq!(ramp.start() - now, LONGEST / 2);
    }
}
