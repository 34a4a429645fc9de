//! Makes the ledger agree with today's table: earlier names carried over, and a
//! key that changed noticed. One that changed on purpose is made anew for every
//! stored lead, so that what was sent is recognised.

use std::sync::Arc;

use super::leads::inputs::Inputs;
use super::leads::prepare::{Preparer, Rules};
use super::opening;
use super::session::Session;
use crate::failure::Failure;
use crate::lead::{Shapes, from_stored};
use crate::ledger::{Hash16, Hasher, KeyKind, Ledger, RunLock, StoredLead, Verdict};
use crate::partner::Destination;
use crate::report::text::counted;

/// Makes the ledger agree with today's table: earlier names carried over, and
/// the key the one that the stored leads were given.
pub fn settle(
    session: &Session,
    ledger: &mut Ledger,
    destination: &Destination,
    accept_new_key: bool,
) -> Result<(), Failure> {
    carry_over(session, ledger, destination)?;
    let spec = destination.key.join(" ");
    let known = ledger
        .key_spec(&destination.name)
        .map_err(opening::failure)?;
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
            let _alone = alone(ledger, &destination.name)?;
            rekey(session, ledger, destination, &spec)
        }
        Some(_) => Ok(()),
        None => ledger
            .set_key_spec(&destination.name, &spec)
            .map_err(opening::failure),
    }
}

/// What was sent under the table's earlier names belongs to it.
pub fn carry_over(
    session: &Session,
    ledger: &Ledger,
    destination: &Destination,
) -> Result<(), Failure> {
    for former in &destination.formerly {
        if !ledger.has_leads(former).map_err(opening::failure)? {
            continue;
        }
        let _alone = (alone(ledger, former)?, alone(ledger, &destination.name)?);
        let done = ledger
            .rename(former, &destination.name, destination.again_after)
            .map_err(opening::failure)?;
        if done.moved > 0 {
            session.warnings.warn(&format!(
                "{} of \"{former}\" now with \"{}\", as `formerly` says{}",
                counted(done.moved, "lead", "leads"),
                destination.name,
                passed_over(&destination.name, done.passed_over)
            ));
        }
    }
    Ok(())
}

/// What leads are known by changes only while nobody sends: a run under way
/// would go on storing them as they were known when it began.
fn alone(ledger: &Ledger, name: &str) -> Result<RunLock, Failure> {
    let taken = ledger
        .acquire(name, None, &mut |_| false)
        .map_err(opening::failure)?;
    taken.map_err(|held| {
        let who = opening::held_by(&held);
        Failure::unfinished(format!(
            "{who} is sending to {name}: what its leads are known by can't change meanwhile"
        ))
        .hint("run the same command again when it is done")
    })
}

fn rekey(
    session: &Session,
    ledger: &mut Ledger,
    destination: &Destination,
    spec: &str,
) -> Result<(), Failure> {
    let inputs = Inputs::stored(session, destination);
    let rules = Rules::new(destination);
    let mut preparer = Preparer::new(&rules, &inputs);
    let (hasher, mut shapes) = (ledger.hasher(), Shapes::new());
    let done = ledger
        .rekey(
            &destination.name,
            spec,
            destination.again_after,
            &mut |stored| key_of(&hasher, &mut preparer, &mut shapes, stored),
        )
        .map_err(opening::failure)?;
    session.warnings.warn(&format!(
        "the key of {} is \"{spec}\" from now on: {} stored leads are recognised by it{}{}",
        destination.name,
        done.changed,
        match done.kept {
            0 => String::new(),
            kept => format!(
                "; {kept} keep their old key (their data was purged) and could be sent again"
            ),
        },
        passed_over(&destination.name, done.passed_over)
    ));
    Ok(())
}

/// What became of leads that turned out to be the same.
fn passed_over(to: &str, leads: u64) -> String {
    match leads {
        0 => String::new(),
        leads => format!(
            "; {} the same as another lead, and never sent: skipped from now on, each says for which one - leadctl history --to {to} --state skipped",
            counted(leads, "turned out to be", "turned out to be")
        ),
    }
}

fn key_of(
    hasher: &Hasher,
    preparer: &mut Preparer<'_>,
    shapes: &mut Shapes,
    stored: &StoredLead,
) -> Option<(Hash16, KeyKind)> {
    // A change is no lead to send: its key is none that a lead has.
    if stored.key_kind == Some(KeyKind::Amendment) {
        return Some((stored.key, KeyKind::Amendment));
    }
    let file: Arc<str> = stored.file.as_str().into();
    let lead = from_stored(stored.fields.as_deref()?, &file, stored.line, shapes).ok()?;
    let (prepared, read, shape) = preparer.prepare(lead.record, &lead.set).ok()?;
    let intake = preparer.intake(hasher, &prepared, &read, &shape, Verdict::Ready);
    Some((intake.key, intake.key_kind))
}
