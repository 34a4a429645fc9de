//! Standard input, kept on disk before its first lead is sent: what a pipe
//! gave survives a kill, and the next start takes it in.

use std::io::IsTerminal as _;

use clap::Parser as _;

use super::identity;
use crate::cli;
use crate::config::Destination;
use crate::delivery::Control;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::State;
use crate::ledger::{Ledger, Orphan, RunSpec, Spool};
use crate::output::text::counted;
use crate::output::{Command, quoted};
use crate::pipeline::inputs::{Input, Inputs, is_stdin};
use crate::pipeline::intake::Producer;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::run::Workers;
use crate::pipeline::{Rules, Wanted};
use crate::session::Session;
use crate::session::opening;

/// Copies standard input to disk, where it is one of the inputs.
pub fn spool_stdin(ledger: &Ledger, args: &cli::Send) -> Result<Option<Spool>, Failure> {
    if !is_wanted(args) {
        return Ok(None);
    }
    let mut stdin = std::io::stdin().lock();
    if args.files.is_empty() && stdin.is_terminal() {
        return Err(
            Failure::usage("no leads: name a file, or pipe an export in")
                .hint(Command::new(["send", "--to", &args.to, "export.csv"]).to_string()),
        );
    }
    // What the next start must know to take it in: the command as it was typed.
    let typed = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let note = serde_json::to_string(&typed.collect::<Vec<_>>()).unwrap_or_default();
    let mut spool = ledger.spool(&note)?;
    spool.copy_from(&mut stdin).map_err(|error| {
        Failure::unfinished(format!(
            "standard input could not be kept on disk, so nothing was sent: {}",
            io_words(&error)
        ))
    })?;
    Ok(Some(spool))
}

fn is_wanted(args: &cli::Send) -> bool {
    args.files.is_empty() || args.files.iter().any(|path| is_stdin(path))
}

/// A run that fails before it knows where its leads go reads nothing of a pipe,
/// and says so.
pub fn unread(failure: Failure, args: &cli::Send) -> Failure {
    if !is_wanted(args) || std::io::stdin().is_terminal() {
        return failure;
    }
    let unread =
        "nothing of the pipe was read or kept: put this right, then give the same export again";
    let hint = failure
        .hint
        .as_ref()
        .map_or_else(|| unread.to_owned(), |hint| format!("{hint}\n{unread}"));
    failure.hint(hint)
}

/// Takes up what earlier runs left undone: what a pipe gave comes into the
/// ledger, and leads that are stored and were never sent are told once.
pub fn import_orphans(session: &Session, ledger: &mut Ledger) -> Result<(), Failure> {
    for orphan in ledger.orphans()? {
        import(session, ledger, orphan)?;
    }
    opening::tell_cut_short(session, ledger)
}

/// The destination that a pipe was for, by its name of today, if leads may be
/// stored for it as a send would store them.
fn heir<'s>(
    session: &'s Session,
    ledger: &mut Ledger,
    name: &String,
) -> Result<&'s Destination, Failure> {
    let catalogue = &session.settings.catalogue;
    let mut all = catalogue.destinations.iter();
    let heir = all.find(|destination| destination.formerly.contains(name));
    let Some(heir) = heir.or_else(|| catalogue.get(name)) else {
        let renamed = format!(
            "if its table was renamed, write formerly = [\"{name}\"] in the new one: then the next run takes it in"
        );
        return Err(Failure::usage("there is no such destination now").hint(renamed));
    };
    opening::require_key(heir)?;
    identity::settle(session, ledger, heir, false)?;
    Ok(heir)
}

/// What was kept can't be taken in now: why, and what to do about it.
fn leave(session: &Session, orphan: &Orphan, to: &str, why: Failure) {
    let data = orphan.spool.path();
    let shown = |path: &std::path::Path| quoted(&path.display().to_string());
    session.warnings.warn(&format!(
        "an earlier run was stopped before it took in what a pipe gave it for \"{to}\", and it is still kept in {}: {}. What to do: {}. To throw it away: rm {} {}",
        data.display(),
        why.what,
        why.hint.unwrap_or_default(),
        shown(data),
        shown(&data.with_extension("note"))
    ));
}

/// The `send` that a note tells of.
fn command_of(note: &str) -> Option<cli::Send> {
    let typed: Vec<String> = serde_json::from_str(note).ok()?;
    match cli::Cli::try_parse_from(typed).ok()?.command {
        cli::Command::Send(args) => Some(args),
        _ => None,
    }
}

fn import(session: &Session, ledger: &mut Ledger, orphan: Orphan) -> Result<(), Failure> {
    let Some(args) = command_of(&orphan.note) else {
        session.warnings.warn(&format!(
            "{} holds leads of an interrupted run that this version can't read",
            orphan.spool.path().display()
        ));
        return Ok(());
    };
    let destination = match heir(session, ledger, &args.to) {
        Ok(destination) => destination,
        Err(failure) => {
            leave(session, &orphan, &args.to, failure);
            return Ok(());
        }
    };
    let taken_in = take_in(session, ledger, destination, &orphan, &args)?;
    tell_taken_in(session, &destination.name, &orphan, &args, &taken_in);
    put_away(session, orphan.spool, taken_in.whole)
}

/// What became of the leads of a pipe.
struct TakenIn {
    unsent: u64,
    recorded: u64,
    /// All of it could be read.
    whole: bool,
}

fn take_in(
    session: &Session,
    ledger: &Ledger,
    destination: &Destination,
    orphan: &Orphan,
    args: &cli::Send,
) -> Result<TakenIn, Failure> {
    let input = Input {
        path: orphan.spool.path().to_path_buf(),
        shown_as: "-".to_owned(),
    };
    let inputs = Inputs::of(session, destination, vec![input], &args.reading);
    let rules = Rules::new(destination);
    let hasher = ledger.hasher();
    let journal = ledger.journal(&RunSpec {
        destination: &destination.name,
        command: "recover",
        again_after: destination.again_after,
    })?;
    let producer = Producer {
        wanted: Wanted {
            rules: &rules,
            inputs: &inputs,
            warnings: &session.warnings,
            lines: args.lines.as_ref(),
            torn: orphan.torn()?,
        },
        journal: &journal,
        hasher: &hasher,
        limit: None,
        hold: Some("taken in from an interrupted run".to_owned()),
        elsewhere: recorded_as(args),
        keep_records: false,
    };
    let control = Control::new(None);
    let workers = Workers {
        destination,
        credential: None,
        journal: &journal,
        control: &control,
        pace: None,
        jobs: 1,
    };
    let mut output = OrderedOutput::new(None, &session.progress, true);
    let produced = workers.run(&mut output, |feed| producer.produce(feed))?;
    Ok(TakenIn {
        unsent: output.counts.of(State::Unsent),
        recorded: output.counts.of(State::Delivered),
        whole: produced.unread.is_empty(),
    })
}

/// They were sent by other means, says this note.
fn recorded_as(args: &cli::Send) -> Option<&str> {
    args.note.as_deref().filter(|_| args.record_only)
}

/// Every lead of the spool is in the ledger now; what could not be read is not
/// thrown away.
pub fn put_away(session: &Session, spool: Spool, whole: bool) -> Result<(), Failure> {
    if whole {
        return Ok(spool.done()?);
    }
    let kept = spool.keep_aside()?;
    session.warnings.warn(&format!(
        "what the pipe gave could not all be read; it is kept in {}: delete it once its leads are sent",
        kept.display()
    ));
    Ok(())
}

fn tell_taken_in(
    session: &Session,
    to: &str,
    orphan: &Orphan,
    args: &cli::Send,
    taken_in: &TakenIn,
) {
    let warn = |words: String| session.warnings.warn(&words);
    let options = options(args);
    if !orphan.complete {
        warn(format!(
            "an earlier run was stopped while it still read from a pipe to {to}, which was cut short: give that export again{options} (what was sent already is skipped)"
        ));
    }
    if taken_in.recorded > 0 {
        let recorded = counted(taken_in.recorded, "lead is recorded", "leads are recorded");
        warn(format!(
            "an earlier run was stopped before it recorded what a pipe gave it: {recorded} now, as sent by other means ({})",
            recorded_as(args).unwrap_or_default()
        ));
    }
    if taken_in.unsent == 0 {
        return;
    }
    let guards = guards(args);
    let next = match guards.is_empty() {
        true => {
            let resend = Command::new(["resend", "--to", to, "--state", "unsent"]);
            format!(" - {resend}")
        }
        // A resend would get round what the user asked to be guarded.
        false => format!(
            ". That run was given {}: give its export again{options}, or look at the leads before you resend them - {}",
            guards.join(" "),
            Command::new(["history", "--to", to, "--state", "unsent"])
        ),
    };
    let stored = counted(
        taken_in.unsent,
        "lead is stored, unsent",
        "leads are stored, unsent",
    );
    warn(format!(
        "an earlier run was stopped before it sent what a pipe gave it: {stored}{next}"
    ));
}

/// The options that decide about its leads, as part of a sentence.
fn options(args: &cli::Send) -> String {
    let recorded = recorded_as(args);
    let recorded = recorded.map(|note| format!("--record-only --note {}", quoted(note)));
    let lines = args.lines.as_ref().map(|lines| format!("--lines {lines}"));
    let mut options: Vec<String> = recorded.into_iter().chain(lines).collect();
    options.extend(guards(args));
    match options.is_empty() {
        true => String::new(),
        false => format!(", with {}", options.join(" ")),
    }
}

/// Options that keep leads from being sent, as they were typed.
fn guards(args: &cli::Send) -> Vec<String> {
    let limit = args.limit.map(|limit| format!("--limit {limit}"));
    let max = args.max_new.map(|max| format!("--max-new {max}"));
    let strict = args.strict.then(|| "--strict".to_owned());
    [limit, max, strict].into_iter().flatten().collect()
}

/// A run that fails before it took in what a pipe gave says that nothing of it
/// is lost.
pub fn tell_kept(session: &Session, spool: Option<&Spool>, args: &cli::Send) {
    if spool.is_none() {
        return;
    }
    session.warnings.warn(match args.record_only {
        true => "nothing was recorded; what the pipe gave is kept, and the next run records it",
        false => {
            "nothing was sent; what the pipe gave is kept, and the next run takes it in as unsent"
        }
    });
}
