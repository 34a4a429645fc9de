//! One file a verb; each reads as the story of its verb.

mod census;
mod desk;
mod dispatch;
mod doubts;
mod dry_run;
mod ending;
mod errand;
mod follow;
mod inputs;
mod intake;
mod interrupts;
mod list;
mod opening;
mod prepare;
mod rehearsal;
mod rekey;
mod remarks;
mod search;
mod send;
mod spooling;

use crate::cli::{self, Cli, Command};
use crate::failure::Failure;
use crate::report::{Exit, Format, Progress, Warnings};
use crate::settings::Settings;

/// What every command has at hand.
pub struct Session {
    pub global: cli::Global,
    pub settings: Settings,
    pub progress: Progress,
    pub warnings: Warnings,
}

/// Runs the command; failures that end it are returned, not printed.
pub fn run(cli: Cli) -> Result<Exit, Failure> {
    let settings = Settings::load(&cli.global)?;
    let progress = Progress::new(!cli.global.no_progress && !cli.global.quiet);
    let warnings = Warnings::new(&progress);
    let session = Session {
        global: cli.global,
        settings,
        progress,
        warnings,
    };
    match cli.command {
        Command::Send(args) => send::run(&session, &args),
        Command::Follow(args) => follow::run(&session, &args),
        Command::List(args) => list::run(&session, &args),
        _ => Err(Failure::usage("not there yet")),
    }
}

impl Session {
    /// `--format`
    pub fn format(&self) -> Format {
        match self.global.format {
            cli::Format::Table => Format::Table,
            cli::Format::Json => Format::Json,
            cli::Format::Csv => Format::Csv,
        }
    }
}
