//! Opens the ledger for a run: declares what an earlier run left open, carries
//! renamed tables over, and refuses a key that changed unnoticed.

use super::Session;
use crate::failure::Failure;
use crate::ledger::{Interrupted, Ledger, LedgerError, Mode};
use crate::partner::Destination;

/// The ledger as a failure's words.
pub fn failure(error: LedgerError) -> Failure {
    let failure = Failure::unfinished(error.message);
    match error.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Opens the ledger and tells what was cut short.
pub fn open(session: &Session, mode: Mode) -> Result<Ledger, Failure> {
    let mut ledger = Ledger::open(&session.settings.ledger, mode).map_err(failure)?;
    let interrupted = ledger.recover().map_err(failure)?;
    declare(session, &interrupted);
    Ok(ledger)
}

/// The ledger if there is one: nothing is made just by looking.
pub fn look(session: &Session) -> Result<Option<Ledger>, Failure> {
    match session.settings.ledger.exists() {
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
    let ids: Vec<String> = doubtful.iter().take(20).map(|lead| lead.lead.to_string()).collect();
    session.warnings.warn(&format!(
        "an earlier run was stopped while it was sending: {leads} {are} in doubt ({} {}) - leadctl history --state in_doubt",
        if doubtful.len() == 1 { "id" } else { "ids" },
        ids.join(", ")
    ));
}

/// Makes the ledger agree with today's table: earlier names carried over, and
/// the key the one that the stored leads were given.
pub fn settle_identity(
    session: &Session,
    ledger: &mut Ledger,
    destination: &Destination,
    accept_new_key: bool,
) -> Result<(), Failure> {
    for former in &destination.formerly {
        let moved = ledger.rename(former, &destination.name).map_err(failure)?;
        if moved > 0 {
            session.warnings.warn(&format!(
                "{moved} leads of \"{former}\" now belong to \"{}\", as `formerly` says",
                destination.name
            ));
        }
    }
    let spec = destination.key.join(" ");
    let known = ledger.key_spec(&destination.name).map_err(failure)?;
    match known {
        Some(known) if known != spec => {
            if !accept_new_key {
                return Err(Failure::usage(format!(
                    "the key of {} was \"{known}\" when its leads were sent, and is \"{spec}\" now: \
                     leads that were sent already could be sent again",
                    destination.name
                ))
                .hint(format!(
                    "put the old key back, or accept the new one: leadctl send --to {} --accept-new-key …",
                    destination.name
                )));
            }
            super::rekey::run(session, ledger, destination, &spec)
        }
        Some(_) => Ok(()),
        None => ledger
            .set_key_spec(&destination.name, &spec)
            .map_err(failure),
    }
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
            "write it in your partners.toml:\n[{name}]\nbase = \"https://…\"\n(leadctl init {name} writes the file)",
            name = destination.name
        ))),
    }
}
