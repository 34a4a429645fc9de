//! Leads in doubt: which can be looked for, which may be sent once more, and
//! which only a person can settle.

use super::round::{Round, for_a_person};
use super::search::{self, Sought};
use crate::commands::rows;
use crate::config::Destination;
use crate::delivery::Job;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Ledger, RunLock, StoredLead, Trigger};
use crate::mapping::{Criteria, PastSending};
use crate::output::Row;
use crate::pipeline::inputs::Inputs;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::{Prepared, Preparer, Rules};

/// What can be done about a lead in doubt.
enum Way {
    Repeat(Box<Job>),
    Find(Criteria),
    /// Only a person can settle it; why, where that is known.
    Ask(Option<&'static str>),
}

/// Settles what can be settled of a destination's leads in doubt. One that
/// another run is sending now is no doubt yet.
pub fn settle(round: &mut Round<'_>, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
    let site = round.site;
    let destination = site.destination;
    let inputs = Inputs::stored(site.session, destination);
    let rules = Rules::new(destination);
    let mut preparer = Preparer::new(&rules, &inputs);
    let (mut to_repeat, mut to_find) = (Vec::new(), Vec::new());
    for stored in site.leads(State::InDoubt)? {
        let stored = stored?;
        let mut row = rows::asked(&stored);
        if stored.in_flight() {
            continue;
        }
        if stored.is_change {
            // It is no lead: sending it would make one.
            round.changes += 1;
            row.message.push_str("; a change of a contact, which may be made twice: run its amend command with its file again");
            rows.settled(row, stored.notified());
            continue;
        }
        let read = preparer.prepare_stored(&stored).ok().flatten();
        match way(site.ledger, destination, &stored, read)? {
            Way::Repeat(job) => to_repeat.push((row, job)),
            Way::Find(criteria) => to_find.push(Sought { stored, criteria }),
            Way::Ask(why) => {
                round.doubts += 1;
                row.message = for_a_person(destination, stored.id, why.unwrap_or(&row.message));
                rows.settled(row, stored.notified());
            }
        }
    }
    repeat(round, to_repeat, rows)?;
    search::run(round, to_find, rows)
}

fn way(
    ledger: &Ledger,
    destination: &Destination,
    stored: &StoredLead,
    read: Option<Prepared<'_>>,
) -> Result<Way, Failure> {
    let Some(prepared) = read else {
        let why = "its data was purged, so it can't be looked for";
        return Ok(Way::Ask(Some(why)));
    };
    if let Ok(sendable) = prepared.ready
        && sendable.safe_to_repeat
    {
        return Ok(Way::Repeat(Box::new(Job {
            trigger: Trigger::Repeat,
            expect: &[State::InDoubt],
            before: State::InDoubt,
            ..sendable.into_job(&ledger.hasher(), 0, stored.id)
        })));
    }
    let Some(find) = &destination.find else {
        return Ok(Way::Ask(None));
    };
    let (began, ended) = sent_between(ledger, stored)?;
    let sending = PastSending {
        began,
        ended,
        body: stored.sent.as_deref(),
    };
    let why = "it lacks a value by which the partner's list could be searched";
    let criteria = Criteria::of(find, &prepared.lead, destination, sending);
    Ok(criteria.map_or(Way::Ask(Some(why)), Way::Find))
}

/// When the first attempt left that may have been received, and when the last
/// one was over: the partner has the lead since then, if it has it. Of one whose
/// process was killed only the moment is known at which a later start found
/// that, and that is taken: a process may have stood still (a laptop that was
/// shut) and sent long after it began, but not after that.
fn sent_between(ledger: &Ledger, stored: &StoredLead) -> Result<(i64, i64), Failure> {
    let attempts = ledger.attempts(stored.id)?;
    let doubtful = attempts.iter().filter(|attempt| {
        attempt.trigger.sends() && attempt.state.is_none_or(|state| state == State::InDoubt)
    });
    let first = doubtful.clone().map(|attempt| attempt.started_at).min();
    let now = jiff::Timestamp::now().as_millisecond();
    let last = doubtful.map(|attempt| attempt.ended_at.unwrap_or(now));
    let began = first.or(stored.sent_at).unwrap_or(stored.read_at);
    Ok((began, last.max().unwrap_or(now)))
}

/// Sends once more what can't be made twice by that. Nothing else of `follow`
/// sends, so only this takes the destination.
fn repeat(
    round: &mut Round<'_>,
    leads: Vec<(Row, Box<Job>)>,
    rows: &mut OrderedOutput<'_>,
) -> Result<(), Failure> {
    if leads.is_empty() {
        return Ok(());
    }
    let (ledger, name) = (round.site.ledger, &round.site.destination.name);
    let taken = RunLock::acquire(ledger.path(), name)?;
    for (mut row, job) in leads {
        match &taken {
            Ok(_) => {
                let done = round.worker.deliver(*job);
                round.place(row, done, rows);
            }
            Err(_) => {
                row.message = format!("not sent again now: another run is sending to {name}");
                rows.settled(row, false);
            }
        }
    }
    Ok(())
}
