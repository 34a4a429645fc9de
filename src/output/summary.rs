//! The end of a run: how many leads are where, the exit code that a script
//! learns from them, and what a person is told on stderr.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use super::advice::Advice;
use super::table::{QUIET, TITLE};
use super::text::{harmless, width};
use crate::lead::State;
use crate::words::{grouped, say};

/// Leads by state, as this run shows them, and the states that skipped leads keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    shown: [u64; State::ALL.len()],
    kept: [u64; State::ALL.len()],
}

impl Counts {
    pub fn new() -> Self {
        Self::default()
    }

    /// What was recorded of a run.
    pub fn of_states(states: &BTreeMap<State, u64>) -> Self {
        let mut counts = Self::new();
        for (state, count) in states {
            counts.shown[*state as usize] = *count;
        }
        counts
    }

    /// Counts a lead; `earlier` is the state that a skipped one keeps.
    pub fn add(&mut self, state: State, earlier: Option<State>) {
        self.shown[state as usize] += 1;
        if let (State::Skipped, Some(earlier)) = (state, earlier) {
            self.kept[earlier as usize] += 1;
        }
    }

    /// Counts all of these too.
    pub fn add_all(&mut self, others: &Self) {
        for (own, other) in [
            (&mut self.shown, others.shown),
            (&mut self.kept, others.kept),
        ] {
            own.iter_mut()
                .zip(other)
                .for_each(|(own, other)| *own += other);
        }
    }

    /// Leads that this run shows in `state`.
    pub fn of(&self, state: State) -> u64 {
        self.shown[state as usize]
    }

    /// The states that occur, as this run shows them.
    pub fn states(&self) -> BTreeMap<State, u64> {
        let states = State::ALL.into_iter().filter(|&state| self.of(state) > 0);
        states.map(|state| (state, self.of(state))).collect()
    }

    /// Leads in `state`, those skipped in this run included.
    pub fn standing(&self, state: State) -> u64 {
        self.shown[state as usize] + self.kept[state as usize]
    }

    pub fn total(&self) -> u64 {
        self.shown.iter().sum()
    }

    /// `12 leads: 8 pending, 1 in doubt`, or `no leads`.
    pub fn in_words(&self) -> String {
        if self.total() == 0 {
            return say!("summary-no-leads");
        }
        say!(
            "summary-leads",
            count = self.total(),
            states = self.states_in_words()
        )
    }

    /// `8 pending, 1 in doubt`
    pub fn states_in_words(&self) -> String {
        let states = State::ALL.into_iter().filter(|&state| self.of(state) > 0);
        let states: Vec<_> = states.map(|state| state.counted(self.of(state))).collect();
        states.join(", ")
    }
}

/// How a run ended, the gravest first: of several, the first one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Exit {
    /// Stopped by the user.
    Interrupted,
    /// Could not finish: a file, the ledger, a lock.
    Unfinished,
    /// A wrong command, configuration or credential.
    Usage,
    /// Some leads are in doubt.
    InDoubt,
    /// Some leads are invalid or rejected.
    Refused,
    /// Some leads failed or were not sent: run again.
    Again,
    /// Nothing to do.
    #[default]
    Done,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unfinished => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::InDoubt => 4,
            Self::Again => 5,
            Self::Interrupted => 130,
        }
    }
}

/// How a run ended, from its leads and from what stopped it, if anything did. A skipped lead
/// counts as the state that it keeps.
pub fn code(states: &Counts, stop: Exit) -> Exit {
    let standing = State::ALL
        .into_iter()
        .filter(|state| states.standing(*state) > 0);
    standing.map(exit_of).fold(stop, Exit::min)
}

/// What a lead in this state lets a run end with.
fn exit_of(state: State) -> Exit {
    match state {
        State::InDoubt => Exit::InDoubt,
        State::Rejected | State::Invalid => Exit::Refused,
        State::Failed | State::Unsent => Exit::Again,
        State::Delivered
        | State::Pending
        | State::Approved
        | State::Expired
        | State::Duplicate
        | State::Returned
        | State::Filtered
        | State::Held
        | State::Skipped => Exit::Done,
    }
}

/// What a run ends with.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub counts: Counts,
    pub elapsed: Duration,
    /// What to do next, the most urgent first: the very commands.
    pub advice: Vec<Advice>,
    /// The user's file as it may be shown, or that the catalogue alone was read.
    pub config: String,
    /// The ledger's file; `None` when nothing was recorded.
    pub ledger: Option<String>,
    pub ledger_created: bool,
}

impl Summary {
    /// Prints it on stderr. Lift the progress bar for good first.
    pub fn print(&self) {
        // Nobody left to tell is no reason to stop.
        _ = anstream::stderr().write_all(self.in_words().as_bytes());
    }

    fn in_words(&self) -> String {
        let counts = self.counts.in_words();
        let elapsed = duration(self.elapsed);
        let mut page = format!("{TITLE}{counts}{TITLE:#} · {elapsed}\n");
        let mut label = say!("summary-next");
        let indent = width(&label);
        for advice in &self.advice {
            let what = advice.heading();
            let what = harmless(&what);
            // Writing to memory can't fail.
            _ = match advice.commands.as_slice() {
                [one] => writeln!(page, "{label} {what} {}", harmless(one)),
                _ => writeln!(page, "{label} {what}"),
            };
            // Of several, each has a line of its own.
            for command in advice.commands.iter().filter(|_| advice.commands.len() > 1) {
                _ = writeln!(page, "{:indent$}   {}", "", harmless(command));
            }
            label = " ".repeat(indent);
        }
        let config = &self.config;
        let files = match &self.ledger {
            None => say!("summary-config", config),
            Some(ledger) if self.ledger_created => {
                say!("summary-recorded-first", config, ledger)
            }
            Some(ledger) => say!("summary-recorded", config, ledger),
        };
        _ = writeln!(page, "{QUIET}{}{QUIET:#}", harmless(&files));
        page
    }
}

/// `3.2 s`, `42 s`, `3 min 20 s`, `1 h 5 min`.
pub(super) fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds {
        0..10 => {
            let tenths = elapsed.subsec_millis() / 100;
            say!(
                "duration-seconds",
                seconds = grouped(format!("{seconds}.{tenths}"))
            )
        }
        10..60 => say!("duration-seconds", seconds = seconds.to_string()),
        60..3600 => say!(
            "duration-minutes",
            minutes = seconds / 60,
            seconds = seconds % 60
        ),
        _ => say!(
            "duration-hours",
            hours = seconds / 3600,
            minutes = seconds % 3600 / 60
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_advises_and_names_its_files() {
        let mut summary = Summary {
            elapsed: Duration::from_millis(3_250),
            advice: vec![
                Advice::new("leadctl follow --to shop", &[]),
                Advice::new("leadctl resolve 12 --delivered", &[]),
            ],
            config: "./partners.toml".into(),
            ledger: Some("ledger.db".into()),
            ledger_created: true,
            ..Summary::default()
        };
        for _ in 0..8 {
            summary.counts.add(State::Pending, None);
        }
        summary.counts.add(State::InDoubt, None);
        let plain = anstream::adapter::strip_str(&summary.in_words()).to_string();
        assert_eq!(
            plain,
            "9 leads: 8 pending, 1 in doubt · 3.2 s\n\
             next: leadctl follow --to shop\n\
             \x20     leadctl resolve 12 --delivered\n\
             config ./partners.toml · recorded in ledger.db \
             (just created: leads sent by other means are unknown to it)\n"
        );
    }

    #[test]
    fn durations_read_as_people_say_them() {
        let expected = [
            (999, "0.9 s"),
            (42_900, "42 s"),
            (200_000, "3 min 20 s"),
            (3_900_000, "1 h 5 min"),
        ];
        for (ms, words) in expected {
            assert_eq!(duration(Duration::from_millis(ms)), words);
        }
    }

    #[test]
    fn every_state_has_its_own_place() {
        for (index, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, index);
        }
    }

    #[test]
    fn a_skipped_lead_still_stands_where_it_stood() {
        let mut counts = Counts::new();
        counts.add(State::Skipped, Some(State::InDoubt));
        counts.add(State::InDoubt, None);
        for _ in 0..3 {
            counts.add(State::Unsent, None);
        }
        assert_eq!(counts.of(State::InDoubt), 1);
        assert_eq!(counts.standing(State::InDoubt), 2);
        assert_eq!(
            counts.in_words(),
            "5 leads: 3 unsent, 1 in doubt, 1 skipped"
        );
        assert_eq!(Counts::new().in_words(), "no leads");
    }

    fn exit(states: &[State], stop: Exit) -> u8 {
        let mut counts = Counts::new();
        for &state in states {
            counts.add(state, None);
        }
        code(&counts, stop).code()
    }

    #[test]
    fn each_state_has_its_code() {
        let expected = [
            (State::Delivered, 0),
            (State::Pending, 0),
            (State::Approved, 0),
            (State::Expired, 0),
            (State::Duplicate, 0),
            (State::Rejected, 3),
            (State::Returned, 0),
            (State::Invalid, 3),
            (State::Filtered, 0),
            (State::Held, 0),
            (State::Failed, 5),
            (State::Unsent, 5),
            (State::InDoubt, 4),
            (State::Skipped, 0),
        ];
        for (state, code) in expected {
            assert_eq!(exit(&[state], Exit::Done), code, "{state}");
            let mut skipped = Counts::new();
            skipped.add(State::Skipped, Some(state));
            assert_eq!(
                super::code(&skipped, Exit::Done).code(),
                code,
                "skipped {state}"
            );
        }
        assert_eq!(exit(&[], Exit::Done), 0);
    }

    #[test]
    fn the_gravest_of_several_wins() {
        use State::{Failed, InDoubt, Pending, Rejected};
        let all = [Pending, Failed, Rejected, InDoubt];
        assert_eq!(exit(&all, Exit::Interrupted), 130);
        assert_eq!(exit(&all, Exit::Unfinished), 1);
        assert_eq!(exit(&all, Exit::Usage), 2);
        assert_eq!(exit(&all, Exit::Again), 4);
        assert_eq!(exit(&all, Exit::Done), 4);
        assert_eq!(exit(&all[..3], Exit::Done), 3);
        assert_eq!(exit(&all[..2], Exit::Done), 5);
        assert_eq!(exit(&all[..1], Exit::Again), 5);
        assert_eq!(exit(&all[..1], Exit::Done), 0);
    }
}
