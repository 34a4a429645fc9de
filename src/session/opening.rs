//! Opens the ledger for a run and takes the destination: declares what an
//! earlier run left open, and says what a run can't begin without.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credentials;
use crate::ledger::{Bucket, Hasher, Holder, Ledger, Mode, Rate, RunLock};
use crate::output::text::counted;
use crate::output::{Command, rejects};
use crate::session::Session;
use crate::trace::{self, Trace, Wait};

/// Opens the ledger and tells what was cut short.
pub fn open(session: &Session, mode: Mode) -> Result<Ledger, Failure> {
    let ledger = Ledger::open(&session.settings.ledger, mode)?;
    ledger
        .files_written()?
        .iter()
        .for_each(|path| rejects::remove_litter(path));
    declare(session, &ledger.recover()?);
    Ok(ledger)
}

/// `--accept-older-ledger`: an older one, or none, is what there is from now on.
pub fn accept_older(session: &Session, age: &cli::Age) -> Result<(), Failure> {
    match age.accept_older_ledger {
        true => Ok(Ledger::accept_older(&session.settings.ledger)?),
        false => Ok(()),
    }
}

/// The ledger if there is one: nothing is made just by looking.
pub fn look(session: &Session) -> Result<Option<Ledger>, Failure> {
    if !Ledger::is_there(&session.settings.ledger) {
        return Ok(None);
    }
    let ledger = Ledger::open(&session.settings.ledger, Mode::Look)?;
    // Where nothing can be written, that is declared by the next run that can.
    if let Ok(doubtful) = ledger.recover() {
        declare(session, &doubtful);
    }
    Ok(Some(ledger))
}

fn declare(session: &Session, doubtful: &[i64]) {
    let ids: Vec<String> = doubtful.iter().map(i64::to_string).collect();
    if ids.is_empty() {
        return;
    }
    let found = session.found_doubts.lock();
    found
        .unwrap_or_else(PoisonError::into_inner)
        .extend(doubtful);
    let id = if ids.len() == 1 { "id" } else { "ids" };
    session.warnings.warn(&format!(
        "an earlier run was stopped while it was sending: {} in doubt ({id} {}) - {}",
        counted(ids.len() as u64, "lead is", "leads are"),
        ids[..ids.len().min(20)].join(", "),
        Command::new(["history", "--state", "in_doubt"])
    ));
}

/// Tells of leads that a killed run had stored and never sent: once.
pub fn tell_cut_short(session: &Session, ledger: &Ledger) -> Result<(), Failure> {
    for (destination, unsent) in ledger.cut_short()? {
        session.warnings.warn(&format!(
            "{} of a run that was cut short: stored, unsent - {}",
            counted(unsent, "lead", "leads"),
            Command::new(["resend", "--to", &destination, "--state", "unsent"])
        ));
    }
    Ok(())
}

/// A destination that sends must say what makes a lead the same lead.
pub fn require_key(destination: &Destination) -> Result<(), Failure> {
    if !destination.key.is_empty() {
        return Ok(());
    }
    let mut proposed = vec!["email", "phone"];
    proposed.retain(|field| destination.takes(field));
    if proposed.is_empty() {
        proposed = vec!["last_name", "first_name"];
    }
    let place = &destination.place;
    Err(Failure::usage(format!(
        "{} names no key: leadctl could not tell a lead that was sent already",
        destination.name
    ))
    .at(format!("{}:{}", place.file, place.line))
    .hint(format!(
        "add the lead fields that tell two leads apart: key = {proposed:?}"
    )))
}

/// That a destination of the catalogue is moved to another host.
pub fn tell_moved(session: &Session, destination: &Destination) {
    if let Some((ours, theirs)) = session.settings.moved(destination) {
        let (name, config) = (&destination.name, session.settings.shown_config());
        let told = format!("{config} sends the leads of {name} to {ours}, not to {theirs}");
        match session.settings.is_found {
            // Nobody named that file: cron is told too.
            true => session.warnings.warn(&told),
            false => session.warnings.remark(&told),
        }
    }
}

/// An address to send to.
pub fn require_base(destination: &Destination) -> Result<(), Failure> {
    let name = &destination.name;
    if destination.base.is_some() {
        return Ok(());
    }
    Err(
        Failure::usage(format!("{name} has no address yet: `base` is missing")).hint(format!(
            "write it in your partners.toml:\n[{name}]\nbase = \"https://…\"\n({} writes the file)",
            Command::new(["init", name])
        )),
    )
}

/// How often a waiting run looks again.
const POLL: Duration = Duration::from_millis(250);

/// Takes the destination for this run, or says who has it: then the input is
/// stored all the same, and nothing is sent.
pub fn take(
    session: &Session,
    ledger: &Ledger,
    destination: &Destination,
    wait: Option<Duration>,
) -> Result<Result<RunLock, String>, Failure> {
    let taken = wait_for(session, ledger, destination, wait)?;
    if let Err(who) = &taken {
        session.warnings.warn(&format!(
            "{who} is sending to {}: the leads of this run are stored, unsent (--wait-lock DURATION waits)",
            destination.name
        ));
    }
    Ok(taken)
}

/// Takes the destination, as soon as it is free within `wait`; else says who has it.
pub fn wait_for(
    session: &Session,
    ledger: &Ledger,
    destination: &Destination,
    wait: Option<Duration>,
) -> Result<Result<RunLock, String>, Failure> {
    let name = &destination.name;
    let until = wait.map(|wait| Instant::now() + wait);
    let mut told = false;
    loop {
        let who = match RunLock::acquire(ledger.path(), name)? {
            Ok(lock) => return Ok(Ok(lock)),
            Err(holder) => held_by(&holder),
        };
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let Some(left) = left.filter(|left| !left.is_zero()) else {
            return Ok(Err(who));
        };
        if !std::mem::replace(&mut told, true) {
            let waiting = format!("waiting: {who} is sending to {name}");
            session.warnings.warn(&waiting);
            let (why, ms) = (Wait::OtherRun, trace::ms(left));
            trace::tell(&Trace::Waits { why, ms });
        }
        std::thread::sleep(POLL.min(left));
    }
}

/// Who holds a destination, in words.
pub fn held_by(holder: &Holder) -> String {
    let zone = crate::calendar::zone();
    let since = holder.since.map(|at| crate::output::second(at, &zone));
    match (holder.pid, since) {
        (None, None) => "another run".to_owned(),
        (Some(process), None) => format!("another run (process {process})"),
        (None, Some(since)) => format!("another run (since {since})"),
        (Some(process), Some(since)) => {
            format!("another run (process {process}, since {since})")
        }
    }
}

/// The pace, shared by all that call the same base with the same secret.
/// `leave`: the share left to others.
pub fn pace(
    hasher: &Hasher,
    destination: &Destination,
    credentials: &Credentials,
    leave: f32,
) -> Option<Arc<Bucket>> {
    if destination.pace.is_empty() {
        return None;
    }
    let base = destination.base.as_deref().unwrap_or_default();
    let rates = destination.pace.iter().map(|rate| Rate {
        count: rate.count,
        per: rate.per,
    });
    Some(Arc::new(Bucket {
        id: hasher.key(["pace", base, &credentials.account()]),
        rates: rates.collect(),
        leave,
    }))
}
