//! One file a verb; each reads as the story of its verb.

mod amend;
mod amending;
mod approvals;
mod asking;
mod backup;
mod census;
mod check;
mod completions;
mod conduct;
mod dates;
mod desk;
mod dispatch;
mod doubts;
mod dry_run;
mod earlier;
mod ending;
mod errand;
mod examine;
mod fit;
mod follow;
mod history;
mod identity;
mod init;
mod inputs;
mod interrupts;
mod judge;
mod kept;
mod keys;
mod list;
mod man;
mod met;
mod online;
mod opening;
mod page;
mod pages;
mod partner_page;
mod partner_settings;
mod partners;
mod person;
mod placing;
mod post;
mod prepare;
mod producer;
mod proof;
mod purge;
mod questions;
mod rehearsal;
mod rejects;
mod relay;
mod remarks;
mod resend;
mod resolve;
mod sandbox;
mod search;
mod send;
mod sendable;
mod set_out;
mod settings_file;
mod shapes;
mod spooling;
mod starting_file;
mod status;
mod survey;
mod survey_page;
mod survey_record;
mod taken;
mod taking;
mod tally;

use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::cli::{self, Cli, Command};
use crate::failure::{Failure, io_words};
use crate::report::{Exit, Format, Output, Progress, Spelling, Warnings};
use crate::settings::Settings;

/// What every command has at hand.
pub struct Session {
    pub global: cli::Global,
    pub settings: Settings,
    pub progress: Progress,
    pub warnings: Warnings,
    /// How a command is told to the user.
    pub spelling: Spelling,
}

/// Runs the command; failures that end it are returned, not printed.
pub fn run(cli: Cli) -> Result<Exit, Failure> {
    // These need no configuration, not even a sound one.
    match &cli.command {
        Command::Init(args) => return init::run(&cli.global, args),
        Command::Completions(args) => return completions::run(args),
        Command::Man => return man::run(),
        _ => {}
    }
    let spelling = spelling(&cli.global);
    dispatch(cli, spelling.clone()).map_err(|failure| Failure {
        what: spelling.spell(&failure.what),
        hint: failure.hint.as_deref().map(|hint| spelling.spell(hint)),
        ..failure
    })
}

fn dispatch(cli: Cli, spelling: Spelling) -> Result<Exit, Failure> {
    let settings = Settings::load(&cli.global)?;
    let progress = Progress::new(!cli.global.no_progress && !cli.global.quiet);
    let warnings = Warnings::new(&progress, cli.global.quiet).spelled(spelling.clone());
    let session = Session {
        global: cli.global,
        settings,
        progress,
        warnings,
        spelling,
    };
    match cli.command {
        Command::Send(args) => send::run(&session, &args),
        Command::Follow(args) => follow::run(&session, &args),
        Command::List(args) => list::run(&session, &args),
        Command::Amend(args) => amend::run(&session, &args),
        Command::PartnerSettings(args) => partner_settings::run(&session, &args),
        Command::Check(args) => check::run(&session, &args),
        Command::Sandbox(args) => sandbox::run(&session, &args),
        Command::Partners(args) => partners::run(&session, &args),
        Command::Resend(args) => resend::run(&session, &args),
        Command::Resolve(args) => resolve::run(&session, &args),
        Command::Status(args) => status::run(&session, &args),
        Command::History(args) => history::run(&session, &args),
        Command::Purge(args) => purge::run(&session, &args),
        Command::Backup(args) => backup::run(&session, &args),
        _ => Err(Failure::usage("not there yet")),
    }
}

/// Commands name the files that this one names.
fn spelling(global: &cli::Global) -> Spelling {
    let verbs = Cli::command()
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    let named = |flag, path: &Option<PathBuf>| {
        let path = path.as_ref()?;
        Some((flag, path.display().to_string()))
    };
    let flags: Vec<(&str, String)> = named("--config", &global.config)
        .into_iter()
        .chain(named("--ledger", &global.ledger))
        .collect();
    Spelling::new(verbs, &flags)
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
