//! What every command has at hand.

pub mod credentials;
pub mod interrupts;
pub mod opening;
mod refresh_token;
pub mod secrets;
pub mod settings;

use std::path::Path;

use crate::cli;
use crate::error::Failure;
use crate::output::{Format, Layout, Output, Warnings, progress};
use crate::session::settings::Settings;
use crate::trace::{self, Trace};

/// What a verb is given.
pub struct Session {
    pub global: cli::Global,
    pub settings: Settings,
    pub warnings: Warnings,
}

impl Session {
    /// Reads the configuration.
    pub fn new(global: cli::Global) -> Result<Self, Failure> {
        let settings = Settings::load(global.config.as_deref(), global.ledger.as_deref())?;
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
        })
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
