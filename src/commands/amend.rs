//! `leadctl amend`: changes contacts that are there. What a row fills is
//! changed, what it leaves blank stays.

use std::io::IsTerminal as _;

use crate::cli;
use crate::error::Failure;
use crate::ledger::Mode;
use crate::output::{Command, Exit};
use crate::pipeline::ending::Next;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::intake::Producer;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::run::{Leg, Run};
use crate::pipeline::{Rules, block_list, ending};
use crate::session::{Session, credentials, opening};
use crate::words::{placeholder, say};

/// Two rows about one contact must not cross, and each change reads before it
/// writes: one at a time.
const JOBS: u16 = 1;

pub fn run(session: &Session, args: &cli::Amend) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to)?;
    let files = inputs::named(&args.files, None);
    let inputs = Inputs::of(session, destination, files, &args.reading);
    let rules = Rules::changes(destination, inputs, &args.reference, &args.clear)?;
    opening::require_base(destination)?;
    if destination.paused {
        // A change is kept for no later run: its file is.
        let what = ending::paused(destination);
        anyhow::bail!(Failure::usage(what).hint(say!("amend-again-then")));
    }
    opening::tell_moved(session, destination);
    inputs::check_set(&args.reading.defaults, session, &[destination])?;
    if args.files.is_empty() && std::io::stdin().is_terminal() {
        let failure = Failure::usage(say!("amend-no-changes"));
        anyhow::bail!(failure.hint(command(args).and(["changes.csv"]).to_string()));
    }
    let credentials = credentials::of(session, destination, args.times.deadline)?;
    let ledger = opening::open(session, Mode::Create)?;
    block_list::refresh(session, &ledger)?;
    let run = Run {
        leg: Leg {
            session,
            destination,
            credentials,
            ledger: &ledger,
            is_kept: true,
            lock: None,
            command: "amend",
            jobs: Some(JOBS),
            times: &args.times,
        },
        rows: OrderedOutput::new(session, Some(inputs::layout(&args.files))),
        next: Next::Repeat(again(args)),
        rejects: None,
    };
    Ok(run.conduct(|feed| Producer::new(&rules, feed).produce(feed))?)
}

/// The same command.
fn again(args: &cli::Amend) -> String {
    let cleared = ["--clear".to_owned(), args.clear.join(",")];
    let cleared = cleared.into_iter().filter(|_| !args.clear.is_empty());
    command(args)
        .and(cleared)
        .and([placeholder("FILE")])
        .to_string()
}

fn command(args: &cli::Amend) -> Command {
    Command::new(["amend", "--to", &args.to, "--ref", &args.reference])
}
