//! Approvals have an end: those that have run out are settled, those that end
//! within a week are told.

use super::post::{Post, leads_in};
use crate::commands::rows;
use crate::delivery::soon;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Ledger, StoredLead};
use crate::output::day;
use crate::pipeline::ordered::OrderedOutput;
use crate::session::opening;

/// Approvals that end within a week are told.
const WEEK: i64 = 7 * 86_400_000;
/// Of those, so many by name.
const NAMED: usize = 20;

/// Approvals whose time has passed; those that end soon are told.
pub fn tell(post: &Post<'_>, ledger: &Ledger, desk: &mut OrderedOutput<'_>) -> Result<(), Failure> {
    let session = post.session;
    let name = &post.destination.name;
    let now = jiff::Timestamp::now().as_millisecond();
    for id in ledger.expire(name, now).map_err(opening::failure)? {
        if let Some(stored) = ledger.lead(id).map_err(opening::failure)? {
            let row = rows::asked(&stored);
            desk.settled(row, false);
        }
    }
    let mut ending = Vec::new();
    for stored in leads_in(ledger, name, State::Approved)? {
        let stored = stored.map_err(opening::failure)?;
        let soon = stored
            .expires_at
            .is_some_and(|at| at < now.saturating_add(WEEK));
        // A quiet run tells each once.
        if soon && !(session.global.quiet && stored.notified) {
            ending.push(stored);
        }
    }
    for stored in ending.iter().take(NAMED) {
        session.warnings.warn(&ends_soon(stored, now));
    }
    if ending.len() > NAMED {
        let more = ending.len() - NAMED;
        session.warnings.warn(&format!(
            "{more} more approvals of {name} end within a week"
        ));
    }
    desk.printed.extend(ending.iter().map(|stored| stored.id));
    Ok(())
}

fn ends_soon(stored: &StoredLead, now: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    let at = stored.expires_at.unwrap_or(now);
    let label = stored.label.as_deref().unwrap_or("a lead");
    format!(
        "the approval of {label} (id {}, reference {}) ends on {}{}",
        stored.id,
        stored.reference.as_deref().unwrap_or("unknown"),
        day(at, &zone),
        soon(at, now)
    )
}
