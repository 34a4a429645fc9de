//! What every command has at hand.

pub mod credentials;
pub mod interrupts;
pub mod language;
pub mod opening;
mod refresh_token;
pub mod secrets;
pub mod settings;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::calendar;
use crate::cli;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::Ledger;
use crate::output::{Exit, Format, Layout, Output, Warnings, progress};
use crate::session::settings::Settings;
use crate::trace::{self, Trace};

/// What a verb is given.
pub struct Session {
    pub global: cli::Global,
    pub settings: Settings,
    pub warnings: Warnings,
    /// The doubts of runs that were killed, which this one found.
    found_doubts: Mutex<Vec<i64>>,
}

impl Session {
    /// Reads the configuration.
    pub fn new(global: cli::Global) -> Result<Self, Failure> {
        let settings = Settings::load(global.config.as_deref(), global.ledger.as_deref())?;
        calendar::set(settings.catalogue.zone.0.clone());
        let shown = |path: &Path| path.display().to_string();
        trace::tell(&Trace::Configured {
            config: settings.config.as_deref().map(shown),
            ledger: shown(&settings.ledger),
        });
        progress::allow(!global.no_progress && !global.quiet);
        let warnings = Warnings::new(global.quiet);
        Ok(Self {
            global,
            settings,
            warnings,
            found_doubts: Mutex::default(),
        })
    }

    /// What a run ends with for the doubts that it found when it began: those that a kill
    /// left, and that are in doubt still.
    pub fn found(&self, ledger: &Ledger) -> Exit {
        let found = self.found_doubts.lock();
        let found = found.unwrap_or_else(PoisonError::into_inner);
        let is_open = |id: &i64| {
            let lead = ledger.lead(*id).ok().flatten();
            lead.is_some_and(|lead| lead.state == State::InDoubt)
        };
        match found.iter().any(is_open) {
            true => Exit::InDoubt,
            false => Exit::Done,
        }
    }

    /// Rows of one layout on stdout.
    pub fn output(&self, layout: Layout) -> Output {
        Output::new(self.format(), layout, false)
    }

    /// `--format`
    pub fn format(&self) -> Format {
        self.global.format()
    }
}
