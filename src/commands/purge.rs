//! `leadctl purge`: drops personal data, keeps what stops a second send.

use std::collections::HashSet;

use super::person::{self, Person};
use super::{rows, spooling};
use crate::cli;
use crate::cli::When;
use crate::error::Failure;
use crate::ledger::{Filter, Hash16, Ledger, Mode, Purge, Purged, StoredLead};
use crate::output::{Command, Exit, Layout, quoted, told};
use crate::pipeline::ending;
use crate::pipeline::ordered::OrderedOutput;
use crate::session::{Session, opening};
use crate::words::{placeholder, say};

pub fn run(session: &Session, args: &cli::Purge) -> anyhow::Result<Exit> {
    let ledger = opening::open(session, Mode::Existing)?;
    match (&args.before, &args.person) {
        (Some(date), _) => Ok(before(session, &ledger, past(date)?, args)?),
        (None, Some(text)) => Ok(erase(session, &ledger, text, args.forget)?),
        (None, None) => Ok(Exit::Done),
    }
}

/// A day to come is a slip: of every lead, it would leave nothing.
fn past(date: &When) -> Result<i64, Failure> {
    let start = date.start()?;
    match start > jiff::Timestamp::now().as_millisecond() {
        true => {
            let day = told(start, &crate::calendar::now());
            Err(Failure::usage(say!("purge-future", day)).hint(say!("purge-future-hint")))
        }
        false => Ok(start),
    }
}

fn before(
    session: &Session,
    ledger: &Ledger,
    date: i64,
    args: &cli::Purge,
) -> Result<Exit, Failure> {
    let done = ledger.purge(&Purge {
        filter: Some(Filter {
            until: Some(date),
            ..Filter::default()
        }),
        open: args.open,
        forget: args.forget,
        proofs_before: proofs_before(session),
        blocked_before: date,
        ..Purge::default()
    })?;
    let open = done.leads.iter().filter(|lead| lead.state.is_open());
    let (count, open) = (done.purged, open.count());
    let (day, kept) = (told(date, &crate::calendar::now()), kept(args.forget));
    session.warnings.note(&match args.open {
        false => say!("purge-before", count, day, kept),
        true => say!("purge-before-open", count, day, open, kept),
    });
    if done.left > 0 {
        let command = match args.open {
            true => Command::new(["status"]),
            false => Command::new(["purge", "--before", "DATE", "--open"]),
        };
        let command = command.to_string();
        session
            .warnings
            .warn(&say!("purge-left", count = done.left, command));
    }
    if done.blocks > 0 {
        session
            .warnings
            .note(&say!("purge-blocked", count = done.blocks));
    }
    tell_proofs(session, &done);
    tell_kept(session, ledger)?;
    Ok(Exit::Done)
}

/// The last sending of those whose proof of consent need not be kept any more.
fn proofs_before(session: &Session) -> i64 {
    let now = jiff::Timestamp::now().as_millisecond();
    session.settings.catalogue.keep_proof.0.before(now)
}

fn tell_proofs(session: &Session, done: &Purged) {
    let keep = session.settings.catalogue.keep_proof.0.to_string();
    if done.proofs_kept > 0 {
        let count = done.proofs_kept;
        let history = Command::new(["history", "--person", &placeholder("PERSON")]);
        let history = history.and(["--output", &placeholder("FILE.html")]);
        session
            .warnings
            .note(&say!("purge-proofs-kept", count, keep = &keep));
        session.warnings.note(&history.to_string());
    }
    if done.proofs_dropped > 0 {
        let count = done.proofs_dropped;
        session
            .warnings
            .note(&say!("purge-proofs-dropped", count, keep));
    }
}

/// What is left of those that are purged.
fn kept(forget: bool) -> String {
    match forget {
        true => say!("purge-forgotten"),
        false => say!("purge-known"),
    }
}

/// Drops all that is stored of a person, and says who else has something.
pub fn erase(
    session: &Session,
    ledger: &Ledger,
    text: &str,
    forget: bool,
) -> Result<Exit, Failure> {
    person::tell_doubt(text, &session.warnings);
    take_in_orphans(session, ledger)?;
    let person = Person::named(text, ledger)?;
    let theirs = person.leads(ledger)?;
    person.alone(text, &theirs, |id| Command::new(["purge", "--person", id]))?;
    drop_all(session, ledger, &theirs, person.hashes, forget)
}

/// Drops all that is stored of everybody whom a list names.
pub fn erase_listed(
    session: &Session,
    ledger: &Ledger,
    persons: HashSet<Hash16>,
) -> Result<Exit, Failure> {
    take_in_orphans(session, ledger)?;
    let contacts = persons.iter().copied().collect();
    let person = Person::listed(persons, ledger.hasher());
    drop_all(session, ledger, &person.leads(ledger)?, contacts, false)
}

/// What a pipe gave may be about the same person.
fn take_in_orphans(session: &Session, ledger: &Ledger) -> Result<(), Failure> {
    let mut unseen = OrderedOutput::new(session, None);
    spooling::import_orphans(session, &mut ledger.again(), &mut unseen).map(drop)
}

fn drop_all(
    session: &Session,
    ledger: &Ledger,
    theirs: &[StoredLead],
    contacts: Vec<Hash16>,
    forget: bool,
) -> Result<Exit, Failure> {
    // No id at all would mean every lead.
    let filter = (!theirs.is_empty()).then(|| Filter {
        ids: theirs.iter().map(|lead| lead.id).collect(),
        ..Filter::default()
    });
    let done = ledger.purge(&Purge {
        filter,
        contacts,
        open: true,
        forget,
        proofs_before: proofs_before(session),
        ..Purge::default()
    })?;
    let mut output = session.output(Layout::History);
    for lead in &done.leads {
        output.row(&rows::timed(lead));
    }
    ending::finish(output)?;
    if done.purged == 0 && done.left == 0 && theirs.is_empty() {
        session.warnings.note(&say!("purge-person-unknown"));
        tell_proofs(session, &done);
        return Ok(Exit::Done);
    }
    let told = done.leads.iter().filter(|lead| lead.sent_at.is_some());
    let count = done.purged;
    session.warnings.note(&match told.count() {
        0 => say!("purge-person-unsent", count),
        told => say!("purge-person-sent", count, told),
    });
    tell_proofs(session, &done);
    if forget {
        session.warnings.note(&kept(forget));
    }
    tell_kept(session, ledger)?;
    if done.left > 0 {
        session
            .warnings
            .warn(&say!("purge-being-sent", count = done.left));
        return Ok(Exit::Again);
    }
    Ok(Exit::Done)
}

/// Rows that are in no ledger are in nobody's reach but their reader's.
fn tell_kept(session: &Session, ledger: &Ledger) -> Result<(), Failure> {
    for path in ledger.kept_pipes()? {
        let path = path.display().to_string();
        let command = format!("rm {}", quoted(&path));
        session
            .warnings
            .warn(&say!("purge-pipe-kept", path, command));
    }
    for path in ledger.files_written()?.iter().filter(|path| path.exists()) {
        let path = path.as_path();
        session.warnings.warn(&say!("purge-file-written", path));
    }
    Ok(())
}
