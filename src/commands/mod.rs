//! One file a verb; each reads as the story of its verb.

mod backup;
mod census;
mod conduct;
mod dates;
mod desk;
mod dispatch;
mod dry_run;
mod ending;
mod history;
mod identity;
mod inputs;
mod intake;
mod interrupts;
mod opening;
mod person;
mod prepare;
mod purge;
mod rehearsal;
mod remarks;
mod resend;
mod resolve;
mod send;
mod spooling;
mod status;

use crate::cli::{self, Cli, Command};
use crate::failure::{Failure, io_words};
use crate::report::{Exit, Format, Output, Progress, Warnings};
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
        Command::Resend(args) => resend::run(&session, &args),
        Command::Resolve(args) => resolve::run(&session, &args),
        Command::Status(args) => status::run(&session, &args),
        Command::History(args) => history::run(&session, &args),
        Command::Purge(args) => purge::run(&session, &args),
        Command::Backup(args) => backup::run(&session, &args),
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

/// Ends the results of a verb that has no summary.
fn finish(output: Output) -> Result<(), Failure> {
    output.finish().map_err(|error| {
        Failure::unfinished(format!(
            "the results could not be written: {}",
            io_words(&error)
        ))
    })
}
