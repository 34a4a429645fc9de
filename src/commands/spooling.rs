//! Standard input, kept on disk before its first lead is sent: what a pipe
//! gave survives a kill, and the next start takes it in.

use std::io::IsTerminal as _;
use std::sync::Arc;

use clap::Parser as _;

use super::identity;
use super::route::taking_in;
use crate::cli;
use crate::config::{Destination, Route};
use crate::delivery::Control;
use crate::error::Failure;
use crate::http::Credentials;
use crate::io_words::io_words;
use crate::lead::State;
use crate::ledger::{Ledger, Orphan, Spool};
use crate::output::{Command, Counts, code, progress, quoted};
use crate::pipeline::Rules;
use crate::pipeline::inputs::{self, Inputs, is_stdin};
use crate::pipeline::intake::Producer;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::run::{self, Workers};
use crate::session::{Session, opening};
use crate::words::say;

/// Copies standard input to disk, where it is one of the inputs.
pub fn spool_stdin(ledger: &Ledger, args: &cli::Send) -> Result<Option<Spool>, Failure> {
    if !is_wanted(args) {
        return Ok(None);
    }
    let mut stdin = std::io::stdin().lock();
    if args.files.is_empty() && stdin.is_terminal() {
        return Err(Failure::usage(say!("pipe-nothing-given"))
            .hint(Command::new(["send", "--to", &args.to, "export.csv"]).to_string()));
    }
    let _shown = (!stdin.is_terminal()).then(progress::start);
    // What the next start must know to take it in: the command as it was typed.
    let typed = wild::args_os().map(|word| word.to_string_lossy().into_owned());
    let note = serde_json::to_string(&typed.collect::<Vec<_>>()).unwrap_or_default();
    let mut spool = ledger.spool(&note)?;
    spool
        .copy_from(&mut stdin)
        .map_err(|error| Failure::unfinished(say!("pipe-not-kept", why = io_words(&error))))?;
    Ok(Some(spool))
}

fn is_wanted(args: &cli::Send) -> bool {
    let none = args.files.is_empty() && args.inbox.is_none();
    none || args.files.iter().any(|path| is_stdin(path))
}

/// A run that fails before it knows where its leads go reads nothing of a pipe,
/// and says so.
pub fn unread(failure: Failure, args: &cli::Send) -> Failure {
    if !is_wanted(args) || std::io::stdin().is_terminal() {
        return failure;
    }
    let unread = say!("pipe-unread");
    let hint = match &failure.hint {
        Some(hint) => format!("{hint}\n{unread}"),
        None => unread,
    };
    failure.hint(hint)
}

/// Takes up what earlier runs left undone: what a pipe gave comes into the
/// ledger, with its rows among this run's, and leads that are stored and were never
/// sent are told once. Returns how to send leads of a pipe that was guarded: a resend
/// would get round what the user asked for.
pub fn import_orphans(
    session: &Session,
    ledger: &mut Ledger,
    rows: &mut OrderedOutput<'_>,
) -> Result<Option<String>, Failure> {
    let mut guarded = None;
    if ledger.older_since()?.is_some() {
        return Ok(guarded);
    }
    for orphan in ledger.orphans()? {
        let Some((args, typed)) = command_of(&orphan.note) else {
            let told = say!("pipe-of-another-version", path = orphan.spool.path());
            session.warnings.warn(&told);
            continue;
        };
        let heir = match heir(session, ledger, &args.to) {
            Ok(heir) => heir,
            Err(failure) => {
                leave(session, &orphan, &args.to, failure);
                continue;
            }
        };
        // What became of this pipe alone.
        let before = std::mem::take(&mut rows.counts);
        let whole = take_in(session, ledger, heir, &orphan, &args, rows)?;
        let counts = rows.counts.clone();
        rows.counts.add_all(&before);
        let again = say!("pipe-give-again", command = &typed);
        let is_guarded = args.limit.is_some() || args.max_new.is_some() || args.strict;
        let again = is_guarded.then_some(again);
        tell(
            session,
            heir.name(),
            &orphan,
            &args,
            &typed,
            again.as_deref(),
            &counts,
        );
        guarded = again.filter(|_| counts.of(State::Unsent) > 0).or(guarded);
        put_away(session, orphan.spool, heir.name(), whole)?;
    }
    opening::tell_cut_short(session, ledger)?;
    Ok(guarded)
}

/// The `send` that a note tells of, and how it was typed.
fn command_of(note: &str) -> Option<(cli::Send, String)> {
    let words: Vec<String> = serde_json::from_str(note).ok()?;
    // Its own --config and --ledger are among the words.
    let own = words
        .iter()
        .skip(1)
        .map(|word| format!(" {}", quoted(word)));
    let typed = format!("leadctl{}", own.collect::<String>());
    match cli::Cli::try_parse_from(words).ok()?.command {
        cli::Command::Send(args) => Some((args, typed)),
        _ => None,
    }
}

/// What a pipe was for.
#[derive(Clone, Copy)]
enum Heir<'s> {
    Destination(&'s Destination),
    Route(&'s Route),
}

impl Heir<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Destination(destination) => &destination.name,
            Self::Route(route) => &route.name,
        }
    }
}

/// The destination or the route that a pipe was for, by its name of today, if leads may
/// be stored for it as a send would store them.
fn heir<'s>(session: &'s Session, ledger: &mut Ledger, name: &String) -> Result<Heir<'s>, Failure> {
    let catalogue = &session.settings.catalogue;
    if let Some(route) = catalogue.route(name) {
        for destination in session.settings.along(route) {
            opening::require_key(destination)?;
            identity::settle(session, ledger, destination, false)?;
        }
        return Ok(Heir::Route(route));
    }
    let mut all = catalogue.destinations.iter();
    let heir = all.find(|destination| destination.formerly.contains(name));
    let heir = heir.or_else(|| catalogue.get(name)).ok_or_else(|| {
        Failure::usage(say!("pipe-destination-gone")).hint(say!("pipe-destination-gone-hint", name))
    })?;
    opening::require_key(heir)?;
    identity::settle(session, ledger, heir, false)?;
    Ok(Heir::Destination(heir))
}

/// What was kept can't be taken in now: why, and what to do about it.
fn leave(session: &Session, orphan: &Orphan, to: &str, why: Failure) {
    let data = orphan.spool.path();
    let shown = |path: &std::path::Path| quoted(&path.display().to_string());
    session.warnings.warn(&say!(
        "pipe-left",
        destination = to,
        path = data,
        why = why.what,
        hint = why.hint.unwrap_or_default(),
        data = shown(data),
        note = shown(&data.with_extension("note"))
    ));
}

/// Stores the leads of a pipe, as that run would have; whether all of it could be
/// read.
fn take_in(
    session: &Session,
    ledger: &Ledger,
    heir: Heir<'_>,
    orphan: &Orphan,
    args: &cli::Send,
    rows: &mut OrderedOutput<'_>,
) -> Result<bool, Failure> {
    let files = inputs::named(&[], Some(orphan.spool.path()));
    let torn = orphan.torn()?;
    let rules = |destination| {
        let inputs = Inputs {
            lines: args.lines.clone(),
            torn,
            orphan: true,
            ..Inputs::of(session, destination, files.clone(), &args.reading)
        };
        Rules::new(destination, inputs)
    };
    let destination = match heir {
        Heir::Destination(destination) => destination,
        Heir::Route(route) => {
            let rules = session.settings.along(route).into_iter().map(rules);
            let rules: Vec<Rules<'_>> = rules.collect();
            let mut taken =
                taking_in::take_in(session, (route, ledger, false), &rules, None, rows)?;
            taken.leave(&say!("pipe-taken-in"), rows)?;
            let whole = taken.unread.is_empty();
            let exit = taken.exit;
            taken.end(exit);
            return Ok(whole);
        }
    };
    let rules = rules(destination);
    let journal = run::journal(ledger, destination, "recover", false)?;
    let workers = Workers {
        destination,
        credentials: Credentials::default(),
        journal: &journal,
        control: Arc::new(Control::new(None)),
        // Why they are not sent.
        held: Some(say!("pipe-taken-in")),
        jobs: 1,
    };
    let produced = workers.run(rows, |feed| {
        let mut producer = Producer::new(&rules, feed);
        producer.elsewhere = args.elsewhere();
        producer.produce(feed)
    })?;
    let counts = rows.take_counts(&destination.name).all;
    let exit = code(&counts, produced.exit);
    journal.end(exit.code(), &counts.states());
    Ok(produced.unread.is_empty())
}

/// Tells what became of a pipe that was taken in.
fn tell(
    session: &Session,
    to: &str,
    orphan: &Orphan,
    args: &cli::Send,
    typed: &str,
    guarded: Option<&str>,
    counts: &Counts,
) {
    let warnings = &session.warnings;
    if !orphan.complete {
        warnings.warn(&say!("pipe-cut-short", destination = to, command = typed));
    }
    let recorded = counts.of(State::Delivered);
    if recorded > 0 {
        let note = args.elsewhere().unwrap_or_default();
        warnings.warn(&say!("pipe-recorded", count = recorded, note));
    }
    let unsent = counts.of(State::Unsent);
    if unsent > 0 {
        let resend = Command::new(["resend", "--to", to, "--state", "unsent"]).to_string();
        let next = guarded.unwrap_or(&resend);
        warnings.warn(&say!("pipe-unsent", count = unsent, next));
    }
    let invalid = counts.of(State::Invalid);
    if invalid > 0 {
        let history = Command::new(["history", "--to", to, "--state", "invalid"]);
        let command = history.to_string();
        warnings.warn(&say!("pipe-invalid", count = invalid, command));
    }
}

/// Every lead of the spool is in the ledger now; what could not be read is not
/// thrown away.
pub fn put_away(session: &Session, spool: Spool, to: &str, whole: bool) -> Result<(), Failure> {
    if whole {
        return Ok(spool.done()?);
    }
    let kept = spool.keep_aside()?;
    let send = Command::new(["send", "--to", to, &kept.display().to_string()]);
    let (path, command) = (&*kept, send.to_string());
    session
        .warnings
        .warn(&say!("pipe-not-all-used", path, command));
    Ok(())
}

/// A run that fails before it took in what a pipe gave says that nothing of it
/// is lost.
pub fn tell_kept(session: &Session, spool: Option<&Spool>, args: &cli::Send) {
    if spool.is_none() {
        return;
    }
    session.warnings.warn(&match args.record_only {
        true => say!("pipe-kept-to-be-recorded"),
        false => say!("pipe-kept-unsent"),
    });
}
