//! Makes the ledger agree with today's table: earlier names carried over, and a
//! key that changed noticed. One that changed on purpose is made anew for every
//! stored lead, so that what was sent is recognised.

use crate::config::nearest;
use crate::config::{Catalogue, Destination};
use crate::error::Failure;
use crate::ledger::{Hash16, Hasher, Ledger, RunLock, StoredLead};
use crate::output::Command;
use crate::pipeline::{Preparer, Rules};
use crate::session::Session;
use crate::session::opening;
use crate::words::{placeholder, say};

/// Makes the ledger agree with today's table: earlier names carried over, and
/// the key the one that the stored leads were given.
pub fn settle(
    session: &Session,
    ledger: &mut Ledger,
    destination: &Destination,
    accept_new_key: bool,
) -> Result<(), Failure> {
    // Before anything is carried over: the old key may be put back.
    let is_changed = has_new_key(session, ledger, destination, accept_new_key)?;
    carry_over(session, ledger, destination)?;
    let spec = key_spec(destination);
    if is_changed {
        let _alone = alone(ledger, &destination.name)?;
        return rekey(session, ledger, destination, &spec);
    }
    if ledger.key_spec(&destination.name)?.as_ref() != Some(&spec) {
        ledger.set_key_spec(&destination.name, &spec)?;
    }
    Ok(())
}

/// The same for who only looks: what `settle` would warn of and refuse.
pub fn foresee(
    session: &Session,
    ledger: &Ledger,
    destination: &Destination,
    accept_new_key: bool,
) -> Result<(), Failure> {
    if has_new_key(session, ledger, destination, accept_new_key)? {
        session.warnings.warn(&say!("key-new-in-a-real-run"));
    }
    Ok(())
}

/// Whether the key changed, which must be accepted. Unknown earlier names are
/// told.
fn has_new_key(
    session: &Session,
    ledger: &Ledger,
    destination: &Destination,
    accepted: bool,
) -> Result<bool, Failure> {
    for unknown in unknown_names(ledger, destination, &session.settings.catalogue)? {
        session.warnings.warn(&unknown);
    }
    match changed_key(ledger, destination)? {
        Some(failure) if !accepted => Err(failure),
        changed => Ok(changed.is_some()),
    }
}

/// Why nothing may be sent: the ledger's leads have another key than today's
/// table says, be it under an earlier name.
pub fn changed_key(ledger: &Ledger, destination: &Destination) -> Result<Option<Failure>, Failure> {
    let spec = key_spec(destination);
    for name in std::iter::once(&destination.name).chain(&destination.formerly) {
        if let Some(known) = ledger.key_spec(name)?.filter(|known| *known != spec) {
            let send = Command::new(["send", "--to", &destination.name]);
            let accept = send.and(["--accept-new-key", &placeholder("FILE")]);
            let (then, now) = (in_words(&known), in_words(&spec));
            let failure = Failure::usage(say!("key-changed", destination = name, then, now));
            let hint = say!("key-changed-hint", command = accept.to_string());
            return Ok(Some(failure.hint(hint)));
        }
    }
    Ok(None)
}

/// How the keys are made: of these fields, and numbers that say no country of
/// their own are of this one.
fn key_spec(destination: &Destination) -> String {
    let fields = destination.key.join(" ");
    let numbered = |field: &String| matches!(field.as_str(), "phone" | "phone2");
    match destination.key.iter().any(numbered) {
        true => format!("{fields}, numbers of {}", destination.country),
        false => fields,
    }
}

/// The same for people.
fn in_words(spec: &str) -> String {
    match spec.split_once(',') {
        Some((fields, numbers)) => {
            let country = numbers.rsplit(' ').next().unwrap_or_default();
            say!("key-with-numbers", fields, country)
        }
        None => spec.to_owned(),
    }
}

/// Earlier names that the ledger has never seen, in words. A name whose leads
/// were carried over is forgotten there: it is told of only while the
/// destination has nothing, or where leads of a near name belong to nobody.
pub fn unknown_names(
    ledger: &Ledger,
    destination: &Destination,
    catalogue: &Catalogue,
) -> Result<Vec<String>, Failure> {
    let (name, formerly) = (&destination.name, &destination.formerly);
    if formerly.is_empty() {
        return Ok(Vec::new());
    }
    let known = ledger.destinations()?;
    let own = known.contains(name) || formerly.iter().any(|name| known.contains(name));
    let is_nobodys = |name: &&String| catalogue.get(name).is_none() && !formerly.contains(name);
    let nobodys: Vec<&str> = known
        .iter()
        .filter(is_nobodys)
        .map(|name| &**name)
        .collect();
    let mut told = Vec::new();
    for former in formerly.iter().filter(|name| !known.contains(name)) {
        told.push(match nearest(former, nobodys.iter().copied()) {
            Some(near) => say!("formerly-unknown-but-near", name, former, near),
            None if own => continue,
            None => say!("formerly-unknown", name, former),
        });
    }
    Ok(told)
}

/// What was sent under the table's earlier names belongs to it.
pub fn carry_over(
    session: &Session,
    ledger: &Ledger,
    destination: &Destination,
) -> Result<(), Failure> {
    for former in &destination.formerly {
        if !ledger.destinations()?.contains(former) {
            continue;
        }
        let _alone = (alone(ledger, former)?, alone(ledger, &destination.name)?);
        let done = ledger.rename(former, &destination.name, destination.again_after)?;
        if done.changed > 0 {
            let (count, name) = (done.changed, &destination.name);
            session
                .warnings
                .warn(&say!("formerly-carried-over", count, former, name));
            tell_passed_over(session, &destination.name, done.passed_over);
        }
    }
    Ok(())
}

/// What leads are known by changes only while nobody sends: a run under way
/// would go on storing them as they were known when it began.
fn alone(ledger: &Ledger, name: &str) -> Result<RunLock, Failure> {
    let taken = RunLock::acquire(ledger.path(), name)?;
    taken.map_err(|held| {
        let who = opening::held_by(&held);
        Failure::unfinished(say!("key-destination-is-taken", who, destination = name))
            .hint(say!("key-destination-is-taken-hint"))
    })
}

fn rekey(
    session: &Session,
    ledger: &mut Ledger,
    destination: &Destination,
    spec: &str,
) -> Result<(), Failure> {
    let rules = Rules::stored(session, destination);
    let mut preparer = Preparer::new(&rules);
    let hasher = ledger.hasher();
    let mut key_of = |stored: &StoredLead| key_of(&hasher, &mut preparer, stored);
    let again_after = destination.again_after;
    let done = ledger.rekey(&destination.name, spec, again_after, &mut key_of)?;
    let (name, changed) = (&destination.name, done.changed);
    let key = in_words(spec);
    session.warnings.warn(&match done.kept {
        0 => say!("key-is-new", destination = name, key, changed),
        kept => say!(
            "key-is-new-but-kept",
            destination = name,
            key,
            changed,
            kept
        ),
    });
    tell_passed_over(session, name, done.passed_over);
    Ok(())
}

/// What became of leads that turned out to be the same.
fn tell_passed_over(session: &Session, to: &str, leads: u64) {
    if leads > 0 {
        let history = Command::new(["history", "--to", to, "--state", "skipped"]);
        let command = history.to_string();
        session
            .warnings
            .warn(&say!("key-turned-out-the-same", leads, command));
    }
}

fn key_of(hasher: &Hasher, preparer: &mut Preparer<'_>, stored: &StoredLead) -> Option<Hash16> {
    // A change is no lead to send: its key is none that a lead has.
    if stored.is_change {
        return Some(stored.key);
    }
    Some(preparer.prepare_stored(stored).ok()??.key(hasher))
}
