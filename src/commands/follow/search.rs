//! Looks for leads in doubt in the partner's list: each list is read once for
//! all of them. What is found is asked about; what is not stays in doubt, for
//! a list proves nothing that it does not show.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::doubts::{Sought, for_a_person};
use super::kept::Kept;
use crate::commands::{questions, rows};
use crate::config::PartnerList;
use crate::delivery::{Done, Worker};
use crate::error::Failure;
use crate::http::request;
use crate::lead::State;
use crate::ledger::{Attempt, Begun, Ledger, LedgerError, Settlement, Trigger};
use crate::mapping::{Candidate, Match, assign};
use crate::outcome::{Page, Walk};
use crate::output::text::counted;
use crate::output::{day, minute};
use crate::pipeline::ordered::OrderedOutput;
use crate::session::Session;
use crate::session::opening;

/// What a search came to.
struct Searched {
    /// For each lead the numbers of the entries that can be it.
    matches: Vec<BTreeSet<String>>,
    pages: (u64, u64),
    /// Entries, and those of them whose date can't be read.
    entries: (usize, usize),
    /// The oldest date that was seen, milliseconds UTC.
    oldest: Option<i64>,
    at: i64,
}

/// Looks for the leads, list by list.
pub fn run(
    session: &Session,
    worker: &Worker<'_>,
    ledger: &Ledger,
    sought: Vec<Sought>,
    kept: &mut Kept,
    desk: &mut OrderedOutput<'_>,
) -> Result<(), Failure> {
    let mut lists: BTreeMap<Option<String>, Vec<Sought>> = BTreeMap::new();
    for lead in sought {
        let address = lead.stored.address.clone();
        lists.entry(address).or_default().push(lead);
    }
    let sharing = questions::of_same_list(session, worker.caller.destination);
    for (address, leads) in lists {
        let values = questions::address(address.as_deref());
        let searched = search(worker, &values, &leads);
        let found = match &searched {
            Ok(searched) => assign(&searched.unheld(ledger, &sharing, &leads)?),
            Err(_) => vec![Match::Nothing; leads.len()],
        };
        for (lead, found) in leads.iter().zip(found) {
            let done = match (&searched, found) {
                (Err(why), _) => {
                    let why = format!("the list could not be searched ({why})");
                    stays(worker, lead, &why)
                }
                (Ok(_), Match::One(id)) => ask(worker, lead, &id),
                (Ok(searched), found) => {
                    let words = searched.in_words(&found);
                    note(worker, lead.stored.id, &words).map_err(opening::failure)?;
                    stays(worker, lead, &words)
                }
            };
            kept.place(rows::asked(&lead.stored), done, desk);
        }
    }
    Ok(())
}

/// Reads the pages that may hold the leads.
///
/// # Errors
/// Why they could not be read, in words.
fn search(
    worker: &Worker<'_>,
    values: &[(String, String)],
    leads: &[Sought],
) -> Result<Searched, String> {
    let destination = worker.caller.destination;
    let (Some(list), Some(find)) = (&destination.list, &destination.find) else {
        return Err("there is no list".to_owned());
    };
    let since = leads.iter().map(|lead| lead.criteria.since).min();
    let mut walk = Walk::since(since.unwrap_or(i64::MIN));
    let mut searched = Searched {
        matches: vec![BTreeSet::new(); leads.len()],
        pages: (0, 0),
        entries: (0, 0),
        oldest: None,
        at: jiff::Timestamp::now().as_millisecond(),
    };
    let mut seen = HashSet::new();
    while let Some(number) = walk.next() {
        let page = read_page(worker, list, values, number)?;
        let known = seen.len();
        for entry in &page.entries {
            let Some(id) = &entry.id else { continue };
            // Pages shift while they are read: what comes again is dropped.
            if !seen.insert(id.clone()) {
                continue;
            }
            searched.entries.0 += 1;
            searched.entries.1 += usize::from(entry.created.is_none());
            searched.oldest = [searched.oldest, entry.created].into_iter().flatten().min();
            let candidate = Candidate::of(find, &entry.raw, &destination.country);
            for (lead, matches) in leads.iter().zip(&mut searched.matches) {
                if lead.criteria.fits(find, &candidate, entry.created) {
                    matches.insert(id.clone());
                }
            }
        }
        walk.took(number, &page, seen.len() > known);
    }
    searched.pages = walk.pages();
    Ok(searched)
}

/// A page of the list, at the address given.
///
/// # Errors
/// Why there is none, in words.
fn read_page(
    worker: &Worker<'_>,
    list: &PartnerList,
    values: &[(String, String)],
    number: u64,
) -> Result<Page, String> {
    let filled = questions::fill(&list.call, values)?;
    let request = request::page(worker.caller.destination, list, &filled, number);
    let given = questions::given(worker.caller.destination, values);
    let answer = worker.caller.page(&list.call, &request, &given);
    let answer = answer.map_err(|refused| refused.to_string())?;
    Page::read(list, &answer.body)
}

/// The one entry that can be it: its own page says where it stands.
fn ask(worker: &Worker<'_>, lead: &Sought, id: &str) -> Done {
    let Some(operation) = &worker.caller.destination.follow else {
        return stays(worker, lead, "it can't be asked about");
    };
    let question = questions::question(
        worker.caller.destination,
        operation,
        &lead.stored,
        id,
        Trigger::Find,
    );
    match question {
        Ok(question) => {
            let mut done = worker.deliver(question);
            if !done.answered && done.state == State::InDoubt {
                let known = format!("found in the list as {id}, but {}", done.message);
                done.message = for_a_person(worker.caller.destination, lead.stored.id, &known);
            }
            done
        }
        Err(why) => stays(worker, lead, &why),
    }
}

/// Records of a lead in doubt what a search came to, without settling it.
fn note(worker: &Worker<'_>, lead: i64, message: &str) -> Result<(), LedgerError> {
    let begun = worker.journal.begin(Attempt {
        lead,
        trigger: Trigger::Find,
        sent: None,
        payload: None,
        address: None,
        fields: None,
        reason: None,
        expect: &[State::InDoubt],
        pace: None,
    })?;
    let Begun::Granted(attempt) = begun else {
        return Ok(());
    };
    let noted = worker.journal.settle(Settlement {
        attempt,
        lead,
        state: None,
        reference: None,
        message: Some(message.to_owned()),
        if_ours: None,
        status: None,
        transport: "replied",
        excerpt: None,
        decided_at: None,
        expires_at: None,
        to_be_repeated: false,
    });
    noted.map(drop)
}

fn stays(worker: &Worker<'_>, lead: &Sought, known: &str) -> Done {
    let message = for_a_person(worker.caller.destination, lead.stored.id, known);
    let mut done = Done::left(State::InDoubt, message);
    done.told = lead.stored.notified;
    done
}

impl Searched {
    /// The matches without those that belong to other leads of ours, sent to any
    /// of the destinations that have this list.
    fn unheld(
        &self,
        ledger: &Ledger,
        destinations: &[&str],
        leads: &[Sought],
    ) -> Result<Vec<BTreeSet<String>>, Failure> {
        let references = ledger.references(destinations);
        let mut references = references.map_err(opening::failure)?;
        let mut unheld = Vec::with_capacity(leads.len());
        for (lead, matches) in leads.iter().zip(&self.matches) {
            let mut own = BTreeSet::new();
            for id in matches {
                let holder = references.find(id).map_err(opening::failure)?;
                if holder.is_none_or(|holder| holder == lead.stored.id) {
                    own.insert(id.clone());
                }
            }
            unheld.push(own);
        }
        Ok(unheld)
    }

    /// When and how far was searched, and with what result.
    fn in_words(&self, found: &Match) -> String {
        let zone = jiff::tz::TimeZone::system();
        let (read, all) = self.pages;
        let pages = match (read, all) {
            (1, 1) => "its one page".to_owned(),
            (read, all) if read == all => format!("all {all} pages"),
            (read, all) => format!("{read} of {all} pages"),
        };
        let undated = match self.entries.1 {
            0 => String::new(),
            count => format!(
                ", {} without a date that can be read",
                counted(count as u64, "entry", "entries")
            ),
        };
        let back = match self.oldest {
            Some(oldest) => format!(", back to {}{undated}", day(oldest, &zone)),
            None if self.entries.0 == 0 => ", which is empty".to_owned(),
            None => undated,
        };
        let result = match found {
            Match::Nothing | Match::One(_) => "not found, which proves nothing".to_owned(),
            Match::Several(count) => format!("{count} entries could be it"),
            Match::Shared => "one entry could be it, or another lead in doubt".to_owned(),
        };
        let at = minute(self.at, &zone);
        format!("searched the partner's list on {at} ({pages}{back}): {result}")
    }
}
