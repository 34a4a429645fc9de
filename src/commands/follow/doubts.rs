//! Leads in doubt: which can be looked for, which may be sent once more, and
//! which only a person can settle, with the words that say how.

use std::sync::Arc;

use super::post::Post;
use crate::commands::rows;
use crate::config::Destination;
use crate::delivery::Job;
use crate::error::Failure;
use crate::lead::{Headers, State, from_stored};
use crate::ledger::{Filter, KeyKind, Ledger, StoredLead, Trigger};
use crate::mapping::{Criteria, Sending};
use crate::output::Row;
use crate::pipeline::inputs::Inputs;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::run::{Workers, jobs};
use crate::pipeline::{Prepared, Preparer, Rules};
use crate::session::Session;
use crate::session::opening;

/// A destination's leads in doubt, by what can be done.
#[derive(Default)]
pub struct Doubts {
    /// Each with whether an earlier run told it.
    pub for_a_person: Vec<(Row, bool)>,
    /// Changes of contacts: their command settles them.
    pub changes: Vec<(Row, bool)>,
    pub to_repeat: Vec<(Row, Job)>,
    pub to_find: Vec<Sought>,
}

/// A lead that is looked for in the partner's list.
pub struct Sought {
    pub stored: StoredLead,
    pub criteria: Criteria,
}

impl Doubts {
    /// Sorts the leads in doubt. One that another run is sending now is no
    /// doubt yet.
    pub fn gather(
        session: &Session,
        ledger: &Ledger,
        destination: &Destination,
    ) -> Result<Self, Failure> {
        let filter = Filter {
            destination: Some(destination.name.clone()),
            states: vec![State::InDoubt],
            ..Filter::default()
        };
        let inputs = Inputs::stored(session, destination);
        let rules = Rules::new(destination);
        let mut preparer = Preparer::new(&rules, &inputs);
        let mut headers = Headers::new();
        let mut doubts = Self::default();
        for stored in ledger.leads(filter).map_err(opening::failure)? {
            let stored = stored.map_err(opening::failure)?;
            if stored.in_flight {
                continue;
            }
            if stored.key_kind == Some(KeyKind::Amendment) {
                doubts.changes.push(change(&stored));
                continue;
            }
            let read = read(&mut preparer, &mut headers, &stored);
            doubts.sort(ledger, destination, stored, read)?;
        }
        Ok(doubts)
    }

    fn sort(
        &mut self,
        ledger: &Ledger,
        destination: &Destination,
        stored: StoredLead,
        read: Option<Prepared<'_>>,
    ) -> Result<(), Failure> {
        let Some(prepared) = read else {
            let why = "its data was purged, so it can't be looked for";
            self.leave(destination, &stored, Some(why));
            return Ok(());
        };
        if let Ok(sendable) = prepared.ready
            && sendable.safe_to_repeat
        {
            let job = sendable.into_job(&ledger.hasher(), 0, stored.id);
            let job = Job {
                trigger: Trigger::Repeat,
                expect: &[State::InDoubt],
                before: State::InDoubt,
                ..job
            };
            self.to_repeat.push((rows::asked(&stored), job));
            return Ok(());
        }
        let Some(find) = &destination.find else {
            self.leave(destination, &stored, None);
            return Ok(());
        };
        let (began, ended) = sent_between(ledger, &stored)?;
        let sending = Sending {
            began,
            ended,
            body: stored.sent.as_deref(),
        };
        match Criteria::of(find, &prepared.lead, destination, sending) {
            Some(criteria) => self.to_find.push(Sought { stored, criteria }),
            None => {
                let why = "it lacks a value by which the partner's list could be searched";
                self.leave(destination, &stored, Some(why));
            }
        }
        Ok(())
    }

    fn leave(&mut self, destination: &Destination, stored: &StoredLead, why: Option<&str>) {
        let mut row = rows::asked(stored);
        let known = why.map_or_else(|| row.message.clone(), str::to_owned);
        row.message = for_a_person(destination, stored.id, &known);
        let told = stored.notified;
        self.for_a_person.push((row, told));
    }
}

/// A change in doubt is no lead: sending it would make one.
fn change(stored: &StoredLead) -> (Row, bool) {
    let mut row = rows::asked(stored);
    row.message = format!(
        "{}; a change of a contact, which may be made twice: run its amend command with its file again",
        row.message
    );
    (row, stored.notified)
}

fn read<'r>(
    preparer: &mut Preparer<'r>,
    headers: &mut Headers,
    stored: &StoredLead,
) -> Option<Prepared<'r>> {
    let file: Arc<str> = stored.file.as_str().into();
    let lead = from_stored(stored.fields.as_deref()?, &file, stored.line, headers).ok()?;
    preparer.prepare(lead.record, &lead.set).ok()
}

/// When the first attempt left that may have been received, and when the last
/// one was over: the partner has the lead since then, if it has it. Of one whose
/// process was killed only the moment is known at which a later start found
/// that, and that is taken: a process may have stood still (a laptop that was
/// shut) and sent long after it began, but not after that.
fn sent_between(ledger: &Ledger, stored: &StoredLead) -> Result<(i64, i64), Failure> {
    let attempts = ledger.attempts(stored.id).map_err(opening::failure)?;
    let doubtful = attempts.iter().filter(|attempt| {
        let sends = Trigger::parse(&attempt.trigger).is_some_and(Trigger::sends);
        sends && attempt.state.is_none_or(|state| state == State::InDoubt)
    });
    let first = doubtful.clone().map(|attempt| attempt.started_at).min();
    let now = jiff::Timestamp::now().as_millisecond();
    let last = doubtful.map(|attempt| attempt.ended_at.unwrap_or(now));
    let began = first.or(stored.sent_at).unwrap_or(stored.read_at);
    Ok((began, last.max().unwrap_or(now)))
}

/// What is known, whom to ask, and the very command that settles it.
pub fn for_a_person(destination: &Destination, id: i64, known: &str) -> String {
    let ask = destination.ask.as_deref().unwrap_or("the partner");
    let ask = match ask.split(' ').next() {
        // Some tables say what to do, others whom to ask.
        Some("look" | "search" | "ask" | "check") => ask.to_owned(),
        _ => format!("ask {ask}"),
    };
    let known = known.trim_end_matches('.');
    let known = if known.is_empty() { "in doubt" } else { known };
    format!("{known}; {ask}, then: leadctl resolve {id} --delivered (or --not-received)")
}

/// Sends once more what can't be made twice by that; how many are in doubt
/// again. Nothing else of `follow` sends, so only this takes the destination.
pub fn repeat(
    post: &Post<'_>,
    ledger: &Ledger,
    leads: Vec<(Row, Job)>,
    desk: &mut OrderedOutput<'_>,
) -> Result<u64, Failure> {
    if leads.is_empty() {
        return Ok(0);
    }
    let name = &post.destination.name;
    let taken = ledger
        .acquire(name, None, &mut |_| false)
        .map_err(opening::failure)?;
    let Ok(_lock) = taken else {
        for (mut row, _) in leads {
            row.message = format!("not sent again now: another run is sending to {name}");
            desk.settled(row, false);
        }
        return Ok(0);
    };
    let before = desk.counts.of(State::InDoubt);
    let workers = Workers {
        destination: post.destination,
        credential: post.credential.as_ref(),
        journal: &post.journal,
        control: &post.control,
        pace: post.pace.clone(),
        jobs: jobs(None, post.destination),
    };
    workers.run(desk, |feed| {
        for (row, job) in leads {
            feed.send(row, None, |place| Job { place, ..job });
        }
        Ok(())
    })?;
    Ok(desk.counts.of(State::InDoubt) - before)
}
