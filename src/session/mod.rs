//! What every command has at hand.

pub mod interrupts;
pub mod opening;
pub mod secrets;
pub mod settings;

use crate::cli;
use crate::error::Failure;
use crate::output::{Format, Progress, Spelling, Warnings};
use crate::session::settings::Settings;

/// What a verb is given.
pub struct Session {
    pub global: cli::Global,
    pub settings: Settings,
    pub progress: Progress,
    pub warnings: Warnings,
    /// How a command is told to the user.
    pub spelling: Spelling,
}

impl Session {
    /// Reads the configuration.
    pub fn new(global: cli::Global, spelling: Spelling) -> Result<Self, Failure> {
        let settings = Settings::load(&global)?;
        let progress = Progress::new(!global.no_progress && !global.quiet);
        let warnings = Warnings::new(&progress, global.quiet).spelled(spelling.clone());
        Ok(Self {
            global,
            settings,
            progress,
            warnings,
            spelling,
        })
    }

    /// `--format`
    pub fn format(&self) -> Format {
        match self.global.format {
            _ if self.global.json => Format::Json,
            cli::Format::Table => Format::Table,
            cli::Format::Json => Format::Json,
            cli::Format::Csv => Format::Csv,
        }
    }
}
