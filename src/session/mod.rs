//! What every command has at hand.

pub mod credentials;
pub mod interrupts;
pub mod opening;
mod refresh_token;
pub mod secrets;
pub mod settings;

use crate::cli;
use crate::error::Failure;
use crate::output::{Format, Layout, Output, Progress, Warnings};
use crate::session::settings::Settings;

/// What a verb is given.
pub struct Session {
    pub global: cli::Global,
    pub settings: Settings,
    pub progress: Progress,
    pub warnings: Warnings,
}

impl Session {
    /// Reads the configuration.
    pub fn new(global: cli::Global) -> Result<Self, Failure> {
        let settings = Settings::load(global.config.as_deref(), global.ledger.as_deref())?;
        let progress = Progress::new(!global.no_progress && !global.quiet);
        let warnings = Warnings::new(&progress, global.quiet);
        Ok(Self {
            global,
            settings,
            progress,
            warnings,
        })
    }

    /// Rows of one layout on stdout.
    pub fn output(&self, layout: Layout) -> Output {
        Output::new(self.format(), layout, false, &self.progress)
    }

    /// `--format`
    pub fn format(&self) -> Format {
        self.global.format()
    }
}
