//! One file a verb; each reads as the story of its verb. What serves one verb
//! stands in the verb's own folder. What several share: [crate::pipeline] makes
//! of rows what can be sent and delivers it, [crate::session] is what a verb is
//! given, [identity] keeps its keys in step, [spooling] keeps what a pipe gave,
//! [rows] finds and shows stored leads, [stored] sends them, and [asking] asks partners.
//! A new verb is a file, its arm in [fn@run], its arguments in [crate::cli], and its help
//! in the catalogues (`help-VERB`); completions and the manual follow.

mod amend;
mod asking;
mod backup;
mod block;
mod check;
mod completions;
mod follow;
mod history;
mod identity;
mod init;
mod list;
mod manual;
mod notify;
mod partner_settings;
mod partners;
mod person;
mod purge;
mod report;
mod resend;
mod resolve;
mod restore;
mod route;
mod rows;
mod sandbox;
mod saved;
mod send;
mod spooling;
mod status;
mod stored;

pub use completions::answer;

use crate::cli::{self, Cli, Command};
use crate::error::Failure;
use crate::output::Exit;
use crate::session::Session;

/// Runs the command; failures that end it are returned, not printed.
///
/// # Errors
/// What ended it before its end; [`crate::error::Failure::of`] tells.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    let Cli {
        global, command, ..
    } = cli;
    let session = || {
        let session = Session::new(global.clone())?;
        session.settings.refuse_empty()?;
        Ok::<_, Failure>(session)
    };
    match command {
        // These need no configuration, not even a sound one.
        Command::Init(args) => init::run(&global, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => manual::man(&args),
        Command::Schema => manual::schema(),
        Command::Send(args) => {
            let session = session().map_err(|failure| spooling::unread(failure, &args))?;
            match args.dry_run || args.sandbox {
                true => send(&session, &args),
                false => notify::after(&session, Some(&args.to), || send(&session, &args)),
            }
        }
        Command::Follow(args) => {
            let session = session()?;
            notify::after(&session, args.to.as_deref(), || {
                follow::run(&session, &args)
            })
        }
        Command::List(args) => list::run(&session()?, &args),
        Command::Amend(args) => {
            let session = session()?;
            notify::after(&session, Some(&args.to), || amend::run(&session, &args))
        }
        Command::PartnerSettings(args) => partner_settings::run(&session()?, &args),
        Command::Check(args) => check::run(&session()?, &args),
        // The file that is named may be the one that it is about to fill.
        Command::Sandbox(args) => sandbox::run(&Session::new(global)?, &args),
        Command::Partners(args) => partners::run(&session()?, &args),
        Command::Resend(args) => {
            let session = session()?;
            match args.dry_run {
                true => resend::run(&session, &args),
                false => notify::after(&session, args.to.as_deref(), || {
                    resend::run(&session, &args)
                }),
            }
        }
        Command::Resolve(args) => resolve::run(&session()?, &args),
        Command::Status(args) => status::run(&session()?, &args),
        Command::History(args) => history::run(&session()?, &args),
        Command::Report(args) => report::run(&session()?, &args),
        Command::Block(args) => block::run(&session()?, &args),
        Command::Unblock(args) => block::lift(&session()?, &args),
        Command::Purge(args) => purge::run(&session()?, &args),
        Command::Backup(args) => backup::run(&session()?, &args),
        Command::Restore(args) => restore::run(&session()?, &args),
    }
}

fn send(session: &Session, args: &cli::Send) -> anyhow::Result<Exit> {
    match session.settings.catalogue.route(&args.to) {
        Some(route) => route::sending::run(session, args, route),
        None => send::run(session, args),
    }
}
