//! Leads in doubt. Some may be sent once more; of some the partner can be asked
//! whether it has the person; some can be looked for in its list, which is read
//! once for all of them: what is found is asked about, and what is not stays in
//! doubt, for a list proves nothing that it does not show. The others only a
//! person can settle.

use std::collections::{BTreeMap, BTreeSet};

use super::round::{Round, address, known};
use crate::commands::asking::{self, Values};
use crate::commands::rows;
use crate::config::{Call, Find, PartnerList};
use crate::delivery::{Done, Job, Refused};
use crate::error::Failure;
use crate::lead::{Lead, State};
use crate::ledger::{
    Attempt, Begun, Ledger, LedgerError, RunLock, Settlement, StoredLead, Trigger,
};
use crate::mapping::{Candidate, Criteria, Match, PastSending, Plan, assign, placeholders};
use crate::outcome::Walk;
use crate::output::{Row, day, minute};
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::{Prepared, Preparer, Rules};
use crate::words::say;

/// What can be done about a lead in doubt.
enum Way {
    Repeat(Box<Job>),
    Question(Box<Job>),
    Find(Criteria),
    /// Only a person can settle it; why, where that is known.
    Ask(Option<String>),
}

/// A lead that is looked for in the partner's list.
struct Sought {
    stored: StoredLead,
    criteria: Criteria,
}

/// Settles what can be settled of a destination's leads in doubt. One that
/// another run is sending now is no doubt yet.
pub fn settle(round: &mut Round<'_>, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
    let rules = Rules::stored(round.session, round.destination);
    let mut preparer = Preparer::new(&rules);
    let mut to_repeat = Vec::new();
    // By where they were sent: each place has its list.
    let mut to_find: BTreeMap<Option<String>, Vec<Sought>> = BTreeMap::new();
    for stored in round.leads(State::InDoubt)? {
        let stored = stored?;
        let mut row = rows::asked(&stored);
        if stored.in_flight() {
            continue;
        }
        if stored.is_change {
            // It is no lead: sending it would make one.
            round.open.changes = true;
            row.message = say!("doubt-change", known = &*row.message).into();
            rows.settled(row, stored.notified());
            continue;
        }
        let read = preparer.prepare_stored(&stored).ok().flatten();
        match way(round, &stored, read)? {
            Way::Repeat(job) => to_repeat.push((row, job)),
            Way::Question(job) => {
                let done = round.worker.deliver(*job);
                round.place(row, done, rows);
            }
            Way::Find(criteria) => {
                let leads = to_find.entry(stored.address.clone()).or_default();
                leads.push(Sought { stored, criteria });
            }
            Way::Ask(why) => {
                round.open.doubts = true;
                row.message = round.for_a_person(stored.id, why.as_deref().unwrap_or(&row.message));
                rows.settled(row, stored.notified());
            }
        }
    }
    repeat(round, to_repeat, rows)?;
    let destination = round.destination;
    let (Some(list), Some(find)) = (&destination.list, &destination.find) else {
        return Ok(());
    };
    for (address, leads) in to_find {
        look_for(round, (list, find), address.as_deref(), &leads, rows)?;
    }
    Ok(())
}

fn way(round: &Round<'_>, stored: &StoredLead, read: Option<Prepared<'_>>) -> Result<Way, Failure> {
    let (ledger, destination) = (round.ledger, round.destination);
    let Some(prepared) = read else {
        return Ok(Way::Ask(Some(say!("doubt-purged"))));
    };
    let prepared = prepared.taken_in(ledger, (stored.id, &stored.key), false)?;
    if let Ok(mut sendable) = prepared.ready
        && sendable.safe_to_repeat
        && !destination.paused
    {
        let hasher = ledger.hasher();
        // The same once more, to the byte: some partners compare.
        if stored.is_of_request(sendable.fingerprint(&hasher)) {
            sendable.request.body = stored.sent.clone().or(sendable.request.body);
        }
        return Ok(Way::Repeat(Box::new(Job {
            trigger: Trigger::Repeat,
            expect: &[State::InDoubt],
            before: State::InDoubt,
            ..sendable.into_job(&hasher, 0, stored.id)
        })));
    }
    let Some(find) = &destination.find else {
        return Ok(Way::Ask(None));
    };
    let (began, ended) = sent_between(ledger, stored)?;
    if let Some(call) = find.question() {
        let since = began.saturating_sub(find.margin_ms());
        return Ok(question(round, stored, (call, since), &prepared.lead));
    }
    let sending = PastSending {
        began,
        ended,
        body: stored.sent.as_deref(),
    };
    Ok(
        match Criteria::of(find, &prepared.lead, destination, sending) {
            Some(criteria) => Way::Find(criteria),
            None => Way::Ask(Some(say!("doubt-not-to-be-searched"))),
        },
    )
}

/// The question whether the partner has this person since the sending began.
fn question(
    round: &Round<'_>,
    stored: &StoredLead,
    (call, since): (&Call, i64),
    lead: &Lead,
) -> Way {
    let destination = round.destination;
    let rules = placeholders(destination, call);
    let plan = Plan::new(destination, call, &rules, &lead.columns);
    let Ok(filled) = plan.address(lead) else {
        return Way::Ask(Some(say!("doubt-not-to-be-asked")));
    };
    // What was recorded when it was sent goes before what today's table makes of it.
    let mut values = address(stored.address.as_deref());
    values.extend(
        filled
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_owned())),
    );
    Way::Question(Box::new(Job {
        since: Some(since),
        ..round.job(stored, call, &values)
    }))
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
    let name = &round.destination.name;
    let taken = RunLock::acquire(round.ledger.path(), name)?;
    for (mut row, job) in leads {
        match &taken {
            Ok(_) => {
                let done = round.worker.deliver(*job);
                round.place(row, done, rows);
            }
            Err(_) => {
                row.message = say!("doubt-destination-is-taken", name).into();
                rows.settled(row, false);
            }
        }
    }
    Ok(())
}

/// Looks for the leads that were sent to one address.
fn look_for(
    round: &mut Round<'_>,
    (list, find): (&PartnerList, &Find),
    sent_to: Option<&str>,
    leads: &[Sought],
    rows: &mut OrderedOutput<'_>,
) -> Result<(), Failure> {
    let searched = search(round, list, find, &address(sent_to), leads);
    let found = match &searched {
        Ok(searched) => assign(&searched.unheld(round, leads)?),
        Err(_) => vec![Match::Nothing; leads.len()],
    };
    for (Sought { stored, .. }, found) in leads.iter().zip(found) {
        let done = match (&searched, found) {
            (Err(why), _) => {
                let why = say!("doubt-list-not-searched", why = why.to_string());
                stays(stored, &why)
            }
            (Ok(_), Match::One(id)) => ask(round, stored, &id),
            (Ok(searched), found) => {
                let words = searched.in_words(&found);
                note(round, stored.id, &words)?;
                stays(stored, &words)
            }
        };
        round.place(rows::asked(stored), done, rows);
    }
    Ok(())
}

/// What a search came to.
struct Searched {
    /// For each lead the numbers of the entries that can be it.
    matches: Vec<BTreeSet<String>>,
    walk: Walk,
    entries: u64,
    /// Those of them whose date can't be read.
    undated: u64,
    /// The oldest date that was seen, milliseconds UTC.
    oldest: Option<i64>,
    at: i64,
}

/// Reads the pages that may hold the leads.
fn search(
    round: &Round<'_>,
    list: &PartnerList,
    find: &Find,
    values: &Values,
    leads: &[Sought],
) -> Result<Searched, Refused> {
    known(&list.call, values).map_err(Refused::Unread)?;
    let since = leads.iter().map(|lead| lead.criteria.since).min();
    let mut walk = Walk::since(since.unwrap_or(i64::MIN));
    let mut searched = Searched {
        matches: vec![BTreeSet::new(); leads.len()],
        walk: walk.clone(),
        entries: 0,
        undated: 0,
        oldest: None,
        at: jiff::Timestamp::now().as_millisecond(),
    };
    let caller = &round.worker.caller;
    asking::read_list(caller, list, values, &mut walk, |entries| {
        for entry in entries {
            let Some(id) = &entry.id else { continue };
            searched.entries += 1;
            searched.undated += u64::from(entry.created.is_none());
            searched.oldest = [searched.oldest, entry.created].into_iter().flatten().min();
            let candidate = Candidate::of(find, &entry.raw, &caller.destination.country);
            for (lead, matches) in leads.iter().zip(&mut searched.matches) {
                if lead.criteria.fits(find, &candidate, entry.created) {
                    matches.insert(id.clone());
                }
            }
        }
        Ok::<_, Refused>(true)
    })?;
    searched.walk = walk;
    Ok(searched)
}

/// The one entry that can be it: its own page says where it stands.
fn ask(round: &Round<'_>, stored: &StoredLead, id: &str) -> Done {
    let mut done = match round.question(stored, id) {
        Ok(job) => round.worker.deliver(job),
        Err(why) => return stays(stored, &why),
    };
    if !done.answered && done.state == State::InDoubt {
        done.message = say!("doubt-found-but", entry = id, why = &done.message);
    }
    done
}

/// Records of a lead in doubt what a search came to, without settling it.
fn note(round: &Round<'_>, lead: i64, message: &str) -> Result<(), LedgerError> {
    let journal = &round.worker.journal;
    let begun = journal.begin(Attempt {
        lead,
        trigger: Trigger::Find,
        sent: None,
        payload: None,
        request: None,
        address: None,
        reason: None,
        taken_in_by: None,
        expect: &[State::InDoubt],
        pace: None,
        hold: None,
        limits: Vec::new(),
    })?;
    let Begun::Granted(attempt) = begun else {
        return Ok(());
    };
    let noted = journal.settle(Settlement {
        attempt,
        lead,
        message: Some(message.to_owned()),
        transport: "replied",
        ..Settlement::default()
    });
    noted.map(drop)
}

fn stays(stored: &StoredLead, known: &str) -> Done {
    Done {
        told: stored.notified(),
        ..Done::left(State::InDoubt, known.to_owned())
    }
}

impl Searched {
    /// The matches without those that belong to other leads of ours, sent to any
    /// of the destinations that have this list.
    fn unheld(
        &self,
        round: &Round<'_>,
        leads: &[Sought],
    ) -> Result<Vec<BTreeSet<String>>, Failure> {
        let sharing = asking::of_same_list(round.session, round.destination);
        let mut unheld = self.matches.clone();
        for (lead, own) in leads.iter().zip(&mut unheld) {
            for id in std::mem::take(own) {
                let holder = round.ledger.with_reference(&sharing, &id)?;
                if holder.is_none_or(|holder| holder == lead.stored.id) {
                    own.insert(id);
                }
            }
        }
        Ok(unheld)
    }

    /// When and how far was searched, and with what result.
    fn in_words(&self, found: &Match) -> String {
        let zone = crate::calendar::zone();
        let pages = match self.walk.pages() {
            (1, 1) => say!("searched-one-page"),
            (read, all) if read == all => say!("searched-all-pages", all),
            (read, all) => say!("searched-pages", read, all),
        };
        let oldest = self.oldest.map(|at| day(at, &zone));
        let oldest = oldest.map(|day| say!("searched-back-to", day));
        let undated = (self.undated > 0).then(|| say!("searched-undated", count = self.undated));
        let empty = (self.entries == 0).then(|| say!("searched-nothing-there"));
        let besides = [Some(pages), oldest, undated, empty].into_iter().flatten();
        let besides = besides.collect::<Vec<_>>().join(", ");
        let result = match found {
            Match::Nothing | Match::One(_) => say!("searched-found-nothing"),
            Match::Several(count) => say!("searched-found-several", count = *count),
            Match::Shared => say!("searched-found-shared"),
        };
        let at = minute(self.at, &zone);
        say!("searched-list", at, besides, result)
    }
}
