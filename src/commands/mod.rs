//! One file a verb; each reads as the story of its verb. What serves one verb
//! stands in the verb's own folder. What several share: [leads] makes of rows
//! what can be sent, [run] delivers it, and a few files are beside them.

mod amend;
mod asking;
mod backup;
mod check;
mod completions;
mod dates;
mod follow;
mod history;
mod identity;
mod init;
mod leads;
mod list;
mod man;
mod opening;
mod partner_settings;
mod partners;
mod person;
mod purge;
mod questions;
mod resend;
mod resolve;
mod rows;
mod run;
mod sandbox;
mod send;
mod settings_file;
mod spooling;
mod status;

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
    let Cli { global, command } = cli;
    match command {
        // These need no configuration, not even a sound one.
        Command::Init(args) => init::run(&global, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Man => man::run(),
        Command::Send(args) => with(global, |session| send::run(session, &args)),
        Command::Follow(args) => with(global, |session| follow::run(session, &args)),
        Command::List(args) => with(global, |session| list::run(session, &args)),
        Command::Amend(args) => with(global, |session| amend::run(session, &args)),
        Command::PartnerSettings(args) => {
            with(global, |session| partner_settings::run(session, &args))
        }
        Command::Check(args) => with(global, |session| check::run(session, &args)),
        Command::Sandbox(args) => with(global, |session| sandbox::run(session, &args)),
        Command::Partners(args) => with(global, |session| partners::run(session, &args)),
        Command::Resend(args) => with(global, |session| resend::run(session, &args)),
        Command::Resolve(args) => with(global, |session| resolve::run(session, &args)),
        Command::Status(args) => with(global, |session| status::run(session, &args)),
        Command::History(args) => with(global, |session| history::run(session, &args)),
        Command::Purge(args) => with(global, |session| purge::run(session, &args)),
        Command::Backup(args) => with(global, |session| backup::run(session, &args)),
    }
}

/// Conducts a verb with what every verb has at hand. Where its failure names a
/// command, that names the files which this one names.
fn with(
    global: cli::Global,
    conduct: impl FnOnce(&Session) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let spelling = spelling(&global);
    let conducted = Session::new(global, spelling.clone()).and_then(|session| conduct(&session));
    conducted.map_err(|failure| Failure {
        what: spelling.spell(&failure.what),
        hint: failure.hint.as_deref().map(|hint| spelling.spell(hint)),
        ..failure
    })
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
    fn new(global: cli::Global, spelling: Spelling) -> Result<Self, Failure> {
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
