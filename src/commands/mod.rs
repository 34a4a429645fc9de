//! One file a verb; each reads as the story of its verb. What serves one verb
//! stands in the verb's own folder. What several share: [leads] makes of rows
//! what can be sent, [mod@run] delivers it, [session] is what a verb is given,
//! [opening] takes the ledger, [identity] keeps its keys in step, [spooling]
//! keeps what a pipe gave, [rows] shows stored leads,x
//! [asking] ask partners. A new verb is a file, its arm in [fn@run], and its
//! arguments in [crate::cli]; completions and the manual follow.

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
mod list;
mod man;
mod partner_settings;
mod partners;
mod person;
mod purge;
mod resend;
mod resolve;
mod rows;
mod sandbox;
mod send;
mod settings_file;
mod spooling;
mod status;

use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::session::Session;

use crate::cli::{self, Cli, Command};
use crate::error::Failure;
use crate::output::{Exit, Spelling};

/// Runs the command; failures that end it are returned, not printed.
pub fn run(cli: Cli) -> Result<Exit, Failure> {
    let Cli { global, command } = cli;
    match command {
        // These need no configuration, not even a sound one.
        Command::Init(args) => init::run(&global, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Man => man::run(),
        Command::Send(args) => {
            let mut configured = false;
            let sent = with(global, |session| {
                configured = true;
                send::run(session, &args)
            });
            sent.map_err(|failure| match configured {
                true => failure,
                false => spooling::unread(failure, &args),
            })
        }
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

/// Conducts a verb with what every verb has at hand. A command that its failure
/// proposes repeats `--config` and `--ledger`.
fn with(
    global: cli::Global,
    conduct: impl FnOnce(&Session) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let spelling = spelling(&global);
    let conducted = Session::new(global, spelling.clone()).and_then(|session| conduct(&session));
    conducted.map_err(|failure| failure.spelled(&spelling))
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
