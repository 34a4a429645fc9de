//! The bar of a long run: on stderr, only on a terminal, and out of the way
//! whenever a row or a warning is printed. Knows no lead.

use std::io::{self, IsTerminal};
use std::time::Duration;

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
