//! `leadctl amend`: changes contacts that are there. What a row fills is
//! changed, what it leaves blank stays.

use std::io::IsTerminal as _;

use crate::cli;
use crate::error::Failure;
use crate::ledger::Mode;
use crate::output::{Exit, Kind, quoted};
use crate::pipeline::amending::Amending;
use crate::pipeline::ending::Next;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::intake::Producer;
use crate::pipeline::run::Run;
use crate::pipeline::{Rules, Wanted};
use crate::session::Session;
use crate::session::opening;
use crate::session::secrets;

/// Two rows about one contact must not cross, and each change reads before it
/// writes: one at a time.
const JOBS: u16 = 1;

pub fn run(session: &Session, args: &cli::Amend) -> Result<Exit, Failure> {
    let destination = session.settings.destination(&args.to)?;
    let amending = Amending::of_rows(destination, &args.reference, &args.clear)?;
    opening::require_base(destination)?;
    inputs::check_set(&args.reading, session, Some(destination))?;
    if args.files.is_empty() && std::io::stdin().is_terminal() {
        return Err(
            Failure::usage("no changes: name a file, or pipe one in").hint(format!(
                "leadctl amend --to {} --ref {} changes.csv",
                quoted(&args.to),
                quoted(&args.reference)
            )),
        );
    }
    let credential = secrets::credential(destination, session.settings.folder())?;
    let mut ledger = opening::open(session, Mode::Create)?;
    let inputs = Inputs::of(
        session,
        destination,
        inputs::named(&args.files, None),
        &args.reading,
    );
    let rules = Rules::changes(amending, destination);
    let run = Run {
        session,
        destination,
        credential: credential.as_ref(),
        ledger: &mut ledger,
        command: "amend",
        kind: match inputs.files.len() {
            1 => Kind::Lines,
            _ => Kind::Files,
        },
        jobs: Some(JOBS),
        deadline: args.deadline,
        wait_lock: args.wait_lock,
        next: Next::Repeat(again(args)),
        rejects: None,
    };
    run.conduct(|scene, feed| {
        let producer = Producer {
            wanted: Wanted {
                rules: &rules,
                inputs: &inputs,
                warnings: &session.warnings,
                lines: None,
                torn: false,
            },
            journal: scene.journal,
            hasher: scene.hasher,
            limit: None,
            hold: scene.held.clone(),
            elsewhere: None,
            keep_records: false,
        };
        producer.produce(feed)
    })
}

/// The same command.
fn again(args: &cli::Amend) -> String {
    let cleared = match args.clear.is_empty() {
        true => String::new(),
        false => format!(" --clear {}", quoted(&args.clear.join(","))),
    };
    format!(
        "leadctl amend --to {} --ref {}{cleared} FILE",
        quoted(&args.to),
        quoted(&args.reference)
    )
}
