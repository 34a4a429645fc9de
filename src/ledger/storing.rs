//! Writes a lead that is taken in: its row, in the place of the known lead's if there is
//! one, of which it keeps what no later reading changes.

use rusqlite::Connection;

use super::destination::Scope;
use super::intake::{Intake, Judgement};
use super::lead::{self, StoredLead};
use super::proof::Proof;
use crate::lead::{LeadFacts, Money, State};

/// What its first reading, its partner and its route settled before.
struct Kept<'l> {
    was_pending: bool,
    first_read_at: i64,
    source: Option<&'l String>,
    cost: Option<Money>,
    price: Option<Money>,
    billable_on: Option<State>,
    recorded_at: Option<i64>,
    route: Option<&'l String>,
    origin: Option<i64>,
    proof: Option<&'l Proof>,
    facts: LeadFacts,
}

impl<'l> Kept<'l> {
    fn of(known: Option<&'l StoredLead>, lead: &'l Intake, scope: &Scope, now: i64) -> Self {
        let offer = lead.offer.as_ref();
        let was = known.and_then(|known| known.route.as_ref());
        // The lead that it corrects is on its way still.
        let origin = known.and_then(|known| known.origin);
        let origin = origin.or(offer.and_then(|offer| offer.origin));
        let is_recorded = matches!(lead.judgement, Judgement::Elsewhere(_));
        let priced = known.filter(|known| known.price.is_some());
        let (price, billable_on) = match priced {
            Some(known) => (known.price, known.billable_on),
            None if is_recorded => scope.pricing.terms(&lead.facts),
            None => (None, None),
        };
        // Nobody pays for a lead twice, nor for each offer along its route.
        let (source, cost) = match known.filter(|known| known.source.is_some()) {
            Some(known) => (known.source.as_ref(), known.cost),
            None => {
                let is_paid = origin.is_some() || offer.is_some_and(|offer| offer.is_paid);
                (lead.source.as_ref(), lead.cost.filter(|_| !is_paid))
            }
        };
        let proof = lead.proof().filter(|_| !lead.is_objected());
        let recorded_at = known.and_then(|known| known.recorded_at);
        Self {
            was_pending: known.is_some_and(|known| known.after_pending),
            first_read_at: known.map_or(now, |known| known.first_read_at),
            source,
            cost,
            price,
            billable_on,
            recorded_at: recorded_at.or(is_recorded.then_some(now)),
            route: offer.map(|offer| &offer.route).or(was),
            origin,
            // Whoever was sent it before was so by the consent of then.
            proof: proof.or(known.and_then(|known| known.proof.as_ref())),
            facts: match lead.is_objected() {
                true => lead.facts.clone().nobodys(),
                false => lead.facts.clone(),
            },
        }
    }
}

/// Stores the row; its number. What became of the `known` lead whose place it
/// takes stays with it. `told`, `posted`: what was said of that one still holds.
pub fn store(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    known: Option<&StoredLead>,
    [told, posted]: [Option<State>; 2],
    lead: &Intake,
) -> rusqlite::Result<i64> {
    let (state, message) = lead.state();
    let kept = Kept::of(known, lead, scope, now);
    // Of who is blocked no more is kept than tells them again.
    let is_kept = !lead.is_objected();
    if let Some(known) = known {
        conn.prepare_cached("DELETE FROM leads WHERE id = ?1")?
            .execute([known.id])?;
    }
    let columns: &[lead::Column<'_>] = &[
        ("id", &known.map(|known| known.id)),
        ("sent_at", &known.and_then(|known| known.sent_at)),
        ("attempts", &known.map_or(0, |known| known.attempts)),
        ("was_pending", &kept.was_pending),
        ("told", &told),
        ("posted", &posted),
        ("destination", &scope.destination),
        ("run", &scope.run),
        ("read_at", &now),
        ("key", &lead.key),
        ("blank_key", &lead.blank_key),
        ("is_change", &lead.is_change),
        ("state", &state),
        ("decided_at", &(state == State::Delivered).then_some(now)),
        ("request", &lead.request),
        ("faults", &lead.faults()),
        ("email", &lead.email),
        ("phone", &lead.phone),
        ("others", &lead.others.as_flattened()),
        ("line", &lead.line.cast_signed()),
        ("file", &lead.file),
        ("first_read_at", &kept.first_read_at),
        ("source", &kept.source),
        ("cost", &kept.cost),
        ("price", &kept.price),
        ("billable_on", &kept.billable_on),
        ("recorded_at", &kept.recorded_at),
        ("facts", &kept.facts),
        ("message", &message),
        ("note", &lead.note()),
        ("proof", &kept.proof),
        ("route", &kept.route),
        ("origin", &kept.origin),
        ("label", &is_kept.then_some(&lead.label)),
        ("email_text", &lead.email_text.as_ref().filter(|_| is_kept)),
        ("phone_text", &lead.phone_text.as_ref().filter(|_| is_kept)),
        ("address", &lead.address.as_ref().filter(|_| is_kept)),
        ("fields", &is_kept.then_some(&lead.fields)),
        ("sent", &lead.sent.as_ref().filter(|_| is_kept)),
    ];
    lead::insert(conn, columns)
}
