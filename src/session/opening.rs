//! Opens the ledger for a run and takes the destination: declares what an
//! earlier run left open, and says what a run can't begin without.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credentials;
use crate::ledger::{Bucket, Hasher, Holder, Ledger, Mode, Rate, RunLock};
use crate::output::{Command, rejects};
use crate::session::Session;
use crate::trace::{self, Trace, Wait};
use crate::words::say;

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
    session.warnings.warn(&say!(
        "doubts-of-earlier-run",
        count = ids.len(),
        ids = ids[..ids.len().min(20)].join(", "),
        command = Command::new(["history", "--state", "in_doubt"]).to_string()
    ));
}

/// Tells of leads that a killed run had stored and never sent: once.
pub fn tell_cut_short(session: &Session, ledger: &Ledger) -> Result<(), Failure> {
    for (destination, unsent) in ledger.cut_short()? {
        let command = Command::new(["resend", "--to", &destination, "--state", "unsent"]);
        session.warnings.warn(&say!(
            "unsent-of-earlier-run",
            count = unsent,
            command = command.to_string()
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
    let keyless = say!("destination-without-key", destination = &destination.name);
    Err(Failure::usage(keyless).at(place.to_string()).hint(say!(
        "destination-without-key-hint",
        toml = format!("key = {proposed:?}")
    )))
}

/// That a destination of the catalogue is moved to another host.
pub fn tell_moved(session: &Session, destination: &Destination) {
    if let Some((ours, theirs)) = session.settings.moved(destination) {
        let (name, config) = (&destination.name, session.settings.shown_config());
        let told = say!("destination-moved", config, name, ours, theirs);
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
    let toml = format!("[{name}]\nbase = \"https://…\"");
    let command = Command::new(["init", name]).to_string();
    Err(
        Failure::usage(say!("destination-without-base", name)).hint(say!(
            "destination-without-base-hint",
            toml,
            command
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
        let name = &destination.name;
        session.warnings.warn(&say!("destination-taken", who, name));
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
            let who = &who;
            session
                .warnings
                .warn(&say!("destination-waited-for", who, name));
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
        (None, None) => say!("run-other"),
        (Some(process), None) => say!("run-other-process", process = process.to_string()),
        (None, Some(since)) => say!("run-other-since", since),
        (Some(process), Some(since)) => {
            say!(
                "run-other-process-since",
                process = process.to_string(),
                since
            )
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
