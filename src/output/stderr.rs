//! What a run tells beside its results, on stderr: the bar of a long run, only on
//! a terminal and out of the way whenever a line is printed, and warnings of what
//! was noticed and gone on in spite of. Knows no lead.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::clean;

const KNOWN: &str = "{bar:20} {pos}/{len} · {eta} left  {wide_msg}";
const UNKNOWN: &str = "{spinner} {pos} · {elapsed}  {wide_msg}";

/// A handle to the bar; every clone moves the same one.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
    enabled: bool,
}

impl Progress {
    /// Shows nothing before [`Progress::start`], and nothing ever when
    /// `wanted` is false (`--no-progress`) or stderr is no terminal.
    pub fn new(wanted: bool) -> Self {
        Self {
            bar: ProgressBar::hidden(),
            enabled: wanted && io::stderr().is_terminal(),
        }
    }

    /// Shows the bar. `total`: steps to go, where it is known.
    pub fn start(&self, total: Option<u64>) {
        if !self.enabled {
            return;
        }
        self.expect(total);
        self.bar.reset();
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    /// Changes the total: it became known, or grew.
    pub fn expect(&self, total: Option<u64>) {
        let template = match total {
            Some(total) => {
                self.bar.set_length(total);
                KNOWN
            }
            None => {
                self.bar.unset_length();
                UNKNOWN
            }
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("━━ "));
        }
    }

    /// `steps` more are done.
    pub fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// Says beside the bar what is being waited for; an empty text, nothing.
    pub fn say(&self, what: &str) {
        self.bar.set_message(clean(what).into_owned());
    }

    /// Removes the bar for good.
    pub fn finish(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Runs `print` while the bar is off the screen.
    pub fn lifted<T>(&self, print: impl FnOnce() -> T) -> T {
        if self.enabled {
            self.bar.suspend(print)
        } else {
            print()
        }
    }
}

const LABEL: Style = AnsiColor::Yellow.on_default().bold();

/// Tells each distinct warning once in a run; every clone shares what was told.
#[derive(Clone)]
pub struct Warnings {
    /// Hashes, so that a million warnings cost megabytes and not a gigabyte.
    told: Arc<Mutex<HashSet<u64>>>,
    progress: Progress,
    quiet: bool,
}

impl Warnings {
    /// `progress`: the bar to lift while a warning is printed. `quiet`: remarks
    /// are kept back.
    pub fn new(progress: &Progress, quiet: bool) -> Self {
        Self {
            told: Arc::default(),
            progress: progress.clone(),
            quiet,
        }
    }

    /// A warning that would be the same at every run on the same kind of input:
    /// a quiet run leaves it out.
    pub fn remark(&self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Prints `warning: TEXT` on one line, unless it was told before.
    pub fn warn(&self, text: &str) {
        if self.is_new(text) {
            let text = clean(text);
            self.progress.lifted(|| {
                // Nobody left to tell is no reason to stop.
                _ = writeln!(anstream::stderr(), "{LABEL}warning:{LABEL:#} {text}");
            });
        }
    }

    /// Prints `TEXT` on one line: nothing is wrong, but worth knowing.
    pub fn note(&self, text: &str) {
        let text = clean(text);
        self.progress.lifted(|| {
            _ = writeln!(anstream::stderr(), "{text}");
        });
    }

    fn is_new(&self, text: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_warning_is_told_once_by_all_clones_together() {
        let warnings = Warnings::new(&Progress::new(false), false);
        let clone = warnings.clone();
        assert!(warnings.is_new("column \"notes\" is not used"));
        assert!(!clone.is_new("column \"notes\" is not used"));
        assert!(clone.is_new("column \"age\" is not used"));
    }
}
