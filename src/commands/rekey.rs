//! A key that changed on purpose: every stored lead gets its key anew, so that
//! what was sent is recognised under the new one.

use std::sync::Arc;

use super::inputs::Inputs;
use super::prepare::{Preparer, Rules};
use super::{Session, opening};
use crate::cli::Reading;
use crate::failure::Failure;
use crate::lead::{Shapes, from_stored};
use crate::ledger::{Hash16, KeyKind, Ledger, StoredLead, Verdict};
use crate::partner::Destination;

pub fn run(
    session: &Session,
    ledger: &mut Ledger,
    destination: &Destination,
    spec: &str,
) -> Result<(), Failure> {
    let inputs = Inputs::new(
        Vec::new(),
        &Reading::default(),
        &session.settings.catalogue,
        &destination.country,
    );
    let rules = Rules::new(destination);
    let mut preparer = Preparer::new(&rules, &inputs, Some(ledger.hasher()));
    let mut shapes = Shapes::new();
    let done = ledger
        .rekey(&destination.name, spec, &mut |stored| {
            key_of(&mut preparer, &mut shapes, stored)
        })
        .map_err(opening::failure)?;
    session.warnings.warn(&format!(
        "the key of {} is \"{spec}\" from now on: {} stored leads are recognised by it{}",
        destination.name,
        done.changed,
        match done.kept {
            0 => String::new(),
            kept => format!(
                "; {kept} keep their old key (their data was purged) and could be sent again"
            ),
        }
    ));
    Ok(())
}

fn key_of(
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
    let (prepared, read) = preparer.prepare(lead.record, &lead.set).ok()?;
    let intake = preparer.intake(&prepared, &read, &lead.set, Verdict::Ready)?;
    Some((intake.key, intake.key_kind))
}
