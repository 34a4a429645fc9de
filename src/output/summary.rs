//! The end of a run on stderr: how many leads are where, what to do next, and
//! which files were used.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use super::counts::Counts;
use super::style::{QUIET, TITLE};
use super::text::harmless;

/// What a run ends with.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub counts: Counts,
    pub elapsed: Duration,
    /// What to do next, the most urgent first: the very commands.
    pub advice: Vec<String>,
    /// The user's file as it may be shown; `None` when only the catalogue was read.
    pub config: Option<String>,
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
        let mut page = String::new();
        let counts = self.counts.in_words();
        let elapsed = duration(self.elapsed);
        // Writing to memory can't fail.
        _ = writeln!(page, "{TITLE}{counts}{TITLE:#} · {elapsed}");
        for (index, advice) in self.advice.iter().enumerate() {
            let label = if index == 0 { "next:" } else { "     " };
            _ = writeln!(page, "{label} {}", harmless(advice));
        }
        let config = self
            .config
            .as_deref()
            .unwrap_or("none, the catalogue alone");
        let mut files = format!("config {config}");
        if let Some(ledger) = &self.ledger {
            _ = write!(files, " · ledger {ledger}");
        }
        if self.ledger_created {
            files.push_str(" (just created: leads sent by other means are unknown to it)");
        }
        _ = writeln!(page, "{QUIET}{}{QUIET:#}", harmless(&files));
        page
    }
}

/// `3.2 s`, `42 s`, `3 min 20 s`, `1 h 5 min`.
fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds {
        0..10 => format!("{}.{} s", seconds, elapsed.subsec_millis() / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::State;

    #[test]
    fn the_summary_counts_advises_and_names_its_files() {
        let mut summary = Summary {
            elapsed: Duration::from_millis(3_250),
            advice: vec![
                "leadctl follow --to shop".into(),
                "leadctl resolve 12 --delivered".into(),
            ],
            config: Some("./partners.toml".into()),
            ledger: Some("ledger.db".into()),
            ledger_created: true,
            ..Summary::default()
        };
        summary.counts.add_many(State::Pending, 8);
        summary.counts.add(State::InDoubt, None);
        let plain = anstream::adapter::strip_str(&summary.in_words()).to_string();
        assert_eq!(
            plain,
            "9 leads: 8 pending, 1 in doubt · 3.2 s\n\
             next: leadctl follow --to shop\n\
             \x20     leadctl resolve 12 --delivered\n\
             config ./partners.toml · ledger ledger.db \
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
}
