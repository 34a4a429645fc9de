//! Opens the ledger for a run and takes the destination: declares what an
//! earlier run left open, and says what a run can't begin without.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credential;
use crate::ledger::{
    Bucket, Hasher, Holder, Interrupted, Ledger, LedgerError, Mode, Rate, RunLock,
};
use crate::output::quoted;
use crate::output::text::counted;
use crate::session::Session;

/// The ledger as a failure's words.
pub fn failure(error: LedgerError) -> Failure {
    let failure = Failure::unfinished(error.to_string());
    match error.what_next() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        failure(error)
    }
}

/// Opens the ledger and tells what was cut short.
pub fn open(session: &Session, mode: Mode) -> Result<Ledger, Failure> {
    let ledger = Ledger::open(&session.settings.ledger, mode).map_err(failure)?;
    let interrupted = ledger.recover().map_err(failure)?;
    declare(session, &interrupted);
    Ok(ledger)
}

/// The ledger if there is one: nothing is made just by looking.
pub fn look(session: &Session) -> Result<Option<Ledger>, Failure> {
    match Ledger::is_there(&session.settings.ledger) {
        true => open(session, Mode::Existing).map(Some),
        false => Ok(None),
    }
}

fn declare(session: &Session, interrupted: &[Interrupted]) {
    let doubtful: Vec<_> = interrupted.iter().filter(|lead| lead.in_doubt).collect();
    if doubtful.is_empty() {
        return;
    }
    let (leads, are) = match doubtful.len() {
        1 => ("1 lead".to_owned(), "is"),
        count => (format!("{count} leads"), "are"),
    };
    let ids: Vec<String> = doubtful
        .iter()
        .take(20)
        .map(|lead| lead.lead.to_string())
        .collect();
    session.warnings.warn(&format!(
        "an earlier run was stopped while it was sending: {leads} {are} in doubt ({} {}) - leadctl history --state in_doubt",
        if doubtful.len() == 1 { "id" } else { "ids" },
        ids.join(", ")
    ));
}

/// Tells of leads that a killed run had stored and never sent: once.
pub fn tell_cut_short(session: &Session, ledger: &Ledger) -> Result<(), Failure> {
    for cut in ledger.cut_short().map_err(failure)? {
        session.warnings.warn(&format!(
            "{} of a run that was cut short: stored, unsent - leadctl resend --to {} --state unsent",
            counted(cut.unsent, "lead", "leads"),
            quoted(&cut.destination)
        ));
    }
    Ok(())
}

/// A destination that sends must say what makes a lead the same lead.
pub fn require_key(destination: &Destination) -> Result<(), Failure> {
    if !destination.key.is_empty() {
        return Ok(());
    }
    let filled: Vec<&str> = ["email", "phone"]
        .into_iter()
        .filter(|field| destination.takes(field))
        .collect();
    let proposed = match filled.is_empty() {
        true => vec!["last_name", "first_name"],
        false => filled,
    };
    Err(Failure::usage(format!(
        "{} names no key: leadctl could not tell a lead that was sent already",
        destination.name
    ))
    .at(format!(
        "{}:{}",
        destination.place.file, destination.place.line
    ))
    .hint(format!(
        "add the lead fields that tell two leads apart: key = [{}]",
        proposed
            .iter()
            .map(|field| format!("\"{field}\""))
            .collect::<Vec<_>>()
            .join(", ")
    )))
}

/// An address to send to.
pub fn require_base(destination: &Destination) -> Result<(), Failure> {
    match destination.base {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!(
            "{} has no address yet: `base` is missing",
            destination.name
        ))
        .hint(format!(
            "write it in your partners.toml:\n[{name}]\nbase = \"https://…\"\n(leadctl init {typed} writes the file)",
            name = destination.name,
            typed = quoted(&destination.name)
        ))),
    }
}

/// Takes the destination for this run, or says who has it: then the input is
/// stored all the same, and nothing is sent.
pub fn take(
    session: &Session,
    ledger: &Ledger,
    destination: &Destination,
    wait: Option<Duration>,
) -> Result<Result<RunLock, String>, Failure> {
    let mut told = false;
    let mut go_on = |held: &Holder| {
        if !std::mem::replace(&mut told, true) {
            let who = held_by(held);
            session.warnings.warn(&format!(
                "waiting: {who} is sending to {}",
                destination.name
            ));
        }
        true
    };
    let taken = RunLock::acquire(ledger.path(), &destination.name, wait, &mut go_on);
    let taken = taken.map_err(failure)?;
    Ok(taken.map_err(|held| {
        let who = held_by(&held);
        session.warnings.warn(&format!(
            "{who} is sending to {}: the leads of this run are stored, unsent (--wait-lock DURATION waits)",
            destination.name
        ));
        who
    }))
}

/// Who holds a destination, in words.
pub fn held_by(held: &Holder) -> String {
    let pid = held
        .pid
        .map_or_else(String::new, |pid| format!(" (pid {pid})"));
    let since = held.since.map_or_else(String::new, |since| {
        let zone = jiff::tz::TimeZone::system();
        format!(", since {}", crate::output::second(since, &zone))
    });
    format!("another run{pid}{since}")
}

/// The pace, shared by all that call the same base with the same secret.
/// `leave`: the share left to others.
pub fn pace(
    hasher: &Hasher,
    destination: &Destination,
    credential: Option<&Credential>,
    leave: f32,
) -> Option<Arc<Bucket>> {
    if destination.pace.is_empty() {
        return None;
    }
    let base = destination.base.as_deref().unwrap_or_default();
    let secret = credential.map_or("", |credential| credential.value.as_str());
    Some(Arc::new(Bucket {
        id: hasher.key(&["pace", base, secret]).0,
        rates: destination
            .pace
            .iter()
            .map(|rate| Rate {
                count: rate.count,
                per: rate.per,
            })
            .collect(),
        leave,
    }))
}
