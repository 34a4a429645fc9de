//! The line of a long run on a terminal: how far it is, of how many, what the
//! partner's pace makes of that, and what is waited for until when. There is one,
//! since there is one terminal; it is off the screen while anything else is printed.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::summary::duration;
use super::text::cut;
use crate::trace::{Trace, Wait};
use crate::words::say;

const TICK: Duration = Duration::from_millis(200);
/// Before this, nothing can be said of how long a run will take.
const SOON: Duration = Duration::from_secs(2);
/// A shorter wait is not worth a word.
const SHORT: Duration = Duration::from_millis(500);
/// Of a longer one it is said until when.
const LONG: Duration = Duration::from_secs(60);

static ALLOWED: AtomicBool = AtomicBool::new(false);
static SHOWN: Mutex<Option<(ProgressBar, Run)>> = Mutex::new(None);

/// The line as long as this lives.
pub struct Shown(());

/// Says whether there may be a line: not with `--no-progress`, nor where stderr is no
/// terminal.
pub fn allow(wanted: bool) {
    ALLOWED.store(wanted && io::stderr().is_terminal(), Ordering::Relaxed);
}

/// Shows the line.
#[must_use]
pub fn start() -> Shown {
    if ALLOWED.load(Ordering::Relaxed) {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style());
        bar.enable_steady_tick(TICK);
        *lock() = Some((bar, Run::new(Instant::now())));
    }
    Shown(())
}

impl Drop for Shown {
    fn drop(&mut self) {
        let shown = lock().take();
        if let Some((bar, _)) = shown {
            bar.finish_and_clear();
        }
    }
}

/// Runs `print` while the line is off the screen.
pub fn lifted<T>(print: impl FnOnce() -> T) -> T {
    let bar = lock().as_ref().map(|(bar, _)| bar.clone());
    match bar {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

/// Says how many steps there will be. `exact`: not only about so many.
pub fn expect(total: u64, exact: bool) {
    change(|run| run.total = Some((total, exact)));
}

/// Says how often the partner may be called: so often in so long.
pub fn pace(rates: impl IntoIterator<Item = (u32, Duration)>) {
    change(|run| run.rates = rates.into_iter().collect());
}

/// One step more is done.
pub fn advance() {
    change(|run| run.done += 1);
}

/// What is waited for, and how many calls were made.
pub(super) fn hear(event: &Trace<'_>) {
    let now = Instant::now();
    match event {
        Trace::Try { .. } => change(|run| {
            run.calls += 1;
            // Who sends has the destination.
            run.waits.remove(&Wait::OtherRun);
            run.first_call.get_or_insert(now);
        }),
        Trace::Waits { why, ms } => change(|run| {
            let until = run.waits.entry(*why).or_insert(now);
            let end = now.checked_add(Duration::from_millis(*ms));
            *until = (*until).max(end.unwrap_or(now));
        }),
        _ => {}
    }
}

fn lock() -> MutexGuard<'static, Option<(ProgressBar, Run)>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn change(change: impl FnOnce(&mut Run)) {
    if let Some((_, run)) = lock().as_mut() {
        change(run);
    }
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{spinner} {line}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
    style.with_key("line", |_: &ProgressState, to: &mut dyn fmt::Write| {
        let words = lock().as_ref().map(|(_, run)| run.in_words(Instant::now()));
        let width = terminal_size::terminal_size_of(io::stderr());
        let room = width
            .map_or(80, |(width, _)| usize::from(width.0))
            .saturating_sub(3);
        // It is drawn anew soon.
        _ = to.write_str(&cut(&words.unwrap_or_default(), room));
    })
}

/// How far a run is.
#[derive(Debug)]
struct Run {
    began: Instant,
    done: u64,
    /// How many there will be; `false`: only about so many.
    total: Option<(u64, bool)>,
    rates: Vec<(u32, Duration)>,
    calls: u64,
    first_call: Option<Instant>,
    /// Until when.
    waits: BTreeMap<Wait, Instant>,
}

impl Run {
    fn new(began: Instant) -> Self {
        Self {
            began,
            done: 0,
            total: None,
            rates: Vec::new(),
            calls: 0,
            first_call: None,
            waits: BTreeMap::new(),
        }
    }

    /// `59/300 · at most 55 a minute · about 4 min`
    fn in_words(&self, now: Instant) -> String {
        let mut waits = self.waits.iter();
        let waits = waits.find_map(|(why, until)| {
            let left = until.saturating_duration_since(now);
            (left > SHORT).then_some((*why, left))
        });
        // Rows of earlier runs may come on top of those that are expected.
        let total = self
            .total
            .map(|(total, exact)| (total.max(self.done), exact));
        let far = match total {
            Some((total, true)) => say!("progress-of", done = self.done, total),
            Some((total, false)) => say!("progress-of-about", done = self.done, total),
            None if self.done == 0 && waits.is_some() => say!("progress-waiting"),
            None if self.done == 0 => say!("progress-reading"),
            None => self.done.to_string(),
        };
        let pace = self.slowest(now).map(|(rate, _)| rate_in_words(rate));
        let holds = match (waits, pace) {
            (Some((Wait::Pace, left)), Some(pace)) => {
                Some(say!("progress-next", pace, left = duration(left)))
            }
            (Some((why, left)), _) => Some(wait_in_words(why, left)),
            (None, pace) => pace,
        };
        let left = self.left(now, waits).map(roughly);
        let parts = [Some(far), holds, left];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// What is still to be done.
    fn remaining(&self) -> Option<u64> {
        let (total, _) = self.total?;
        Some(total.saturating_sub(self.done)).filter(|left| *left > 0)
    }

    /// The rate that lasts longest for what remains, and how long: each window lets so
    /// many through at once, the first one at the first call.
    fn slowest(&self, now: Instant) -> Option<((u32, Duration), Duration)> {
        let remaining = self.remaining()?;
        let since = self.first_call.unwrap_or(now);
        let gone = now.saturating_duration_since(since);
        let lasts = |&(count, per): &(u32, Duration)| {
            let windows = (self.calls + remaining).div_ceil(u64::from(count.max(1)));
            let lasts = per.saturating_mul(u32::try_from(windows - 1).unwrap_or(u32::MAX));
            ((count, per), lasts.saturating_sub(gone))
        };
        let slowest = self.rates.iter().map(lasts).max_by_key(|(_, lasts)| *lasts);
        slowest.filter(|(_, lasts)| !lasts.is_zero())
    }

    /// How long it still takes: as the pace has it, or as it went so far.
    fn left(&self, now: Instant, waits: Option<(Wait, Duration)>) -> Option<Duration> {
        let remaining = self.remaining()?;
        // Rows that are there already take no time to speak of.
        let (made, since) = match self.first_call {
            Some(first) => (self.calls, first),
            None => (self.done, self.began),
        };
        let gone = now.saturating_duration_since(since);
        let paced = self.slowest(now).map_or(Duration::ZERO, |(_, lasts)| lasts);
        let by_pace = paced.max(waits.map_or(Duration::ZERO, |(_, left)| left));
        match waits {
            // Nobody knows when a partner decides.
            Some((Wait::Decisions, _)) => return None,
            // What is waited for says nothing of what comes after.
            Some((Wait::Pace, _)) => return Some(by_pace),
            _ if gone < SOON || made == 0 => return Some(by_pace).filter(|left| *left > SOON),
            _ => {}
        }
        let as_so_far = gone.as_secs_f64() * remaining as f64 / made as f64;
        let as_so_far = Duration::try_from_secs_f64(as_so_far).unwrap_or(Duration::MAX);
        Some(as_so_far.max(by_pace))
    }
}

fn rate_in_words((count, per): (u32, Duration)) -> String {
    match per.as_secs() {
        1 => say!("progress-rate-second", count),
        60 => say!("progress-rate-minute", count),
        3_600 => say!("progress-rate-hour", count),
        86_400 => say!("progress-rate-day", count),
        _ => say!("progress-rate", count, time = duration(per)),
    }
}

/// `the partner asks to wait: 1 min 30 s, until 14:05`
fn wait_in_words(why: Wait, left: Duration) -> String {
    let until = crate::calendar::now().checked_add(left).ok();
    let until = until.filter(|_| left >= LONG);
    let left = duration(left);
    let why = match why {
        Wait::Asked => say!("progress-wait-asked"),
        Wait::Quota => say!("progress-wait-quota"),
        Wait::OtherRun => say!("progress-wait-other-run"),
        Wait::Decisions => say!("progress-wait-decisions"),
        Wait::Pace => say!("progress-wait-pace"),
        Wait::Retry => say!("progress-wait-retry"),
    };
    match until.map(|until| until.strftime("%H:%M").to_string()) {
        Some(until) => say!("progress-waits-until", why, left, until),
        None => say!("progress-waits", why, left),
    }
}

/// `about 50 s`, `about 4 min`, `about 3 h`: a round number, as it is only a guess.
fn roughly(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    match seconds {
        0..=90 => {
            let count = seconds.next_multiple_of(10).max(10);
            say!("progress-about-seconds", count)
        }
        91..=5_400 => say!("progress-about-minutes", count = (seconds + 30) / 60),
        _ => say!("progress-about-hours", count = (seconds + 1_800) / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// So many of 300, so long after the first call, at 55 a minute and 950 an hour.
    fn run(done: u64, seconds: u64) -> (Run, Instant) {
        let began = Instant::now();
        let run = Run {
            done,
            total: Some((300, true)),
            rates: vec![(55, MINUTE), (950, MINUTE * 60)],
            calls: done,
            first_call: Some(began),
            ..Run::new(began)
        };
        (run, began + Duration::from_secs(seconds))
    }

    #[test]
    fn it_says_how_far_how_fast_and_how_long() {
        let (run, now) = run(59, 61);
        assert_eq!(
            run.in_words(now),
            "59/300 · at most 55 a minute · about 4 min"
        );
    }

    #[test]
    fn a_pace_that_does_not_matter_is_not_told() {
        let (mut run, now) = run(250, 4);
        run.calls = 3;
        run.total = Some((260, false));
        assert_eq!(run.in_words(now), "250 of about 260 · about 20 s");
        run.total = None;
        assert_eq!(run.in_words(now), "250");
    }

    #[test]
    fn rows_that_were_there_already_are_no_calls() {
        let (mut run, now) = run(9_900, 1);
        (run.calls, run.first_call) = (0, None);
        run.total = Some((10_000, true));
        assert_eq!(
            run.in_words(now),
            "9900/10000 · at most 55 a minute · about 60 s"
        );
    }

    #[test]
    fn what_holds_it_up_counts_down() {
        let (mut run, now) = run(55, 20);
        let waits = |run: &mut Run, why, seconds| {
            run.waits.insert(why, now + Duration::from_secs(seconds));
        };
        waits(&mut run, Wait::Retry, 12);
        let told = run.in_words(now);
        assert!(told.contains("one lead is tried again: 12 s"), "{told}");
        waits(&mut run, Wait::Pace, 40);
        let told = run.in_words(now);
        assert!(
            told.contains("at most 55 a minute, the next in 40 s"),
            "{told}"
        );
        waits(&mut run, Wait::Asked, 43);
        let told = run.in_words(now);
        assert!(
            told.contains("55/300 · the partner asks to wait: 43 s · about"),
            "{told}"
        );
        let told = run.in_words(now + Duration::from_secs(3));
        assert!(told.contains("wait: 40 s"), "{told}");
        waits(&mut run, Wait::Asked, 90);
        let told = run.in_words(now);
        assert!(told.contains("wait: 1 min 30 s, until "), "{told}");
    }

    #[test]
    fn a_guess_is_a_round_number() {
        for (seconds, words) in [(3, "10 s"), (61, "70 s"), (220, "4 min"), (7_300, "2 h")] {
            let about = format!("about {words}");
            assert_eq!(roughly(Duration::from_secs(seconds)), about);
        }
    }
}
