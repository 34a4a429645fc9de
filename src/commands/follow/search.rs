//! Looks for leads in doubt in the partner's list: each list is read once for
//! all of them. What is found is asked about; what is not stays in doubt, for
//! a list proves nothing that it does not show.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::doubts::{Sought, for_a_person};
use super::kept::Kept;
use crate::commands::{questions, rows};
use crate::config::PartnerList;
use crate::delivery::{Asker, Learnt};
use crate::error::Failure;
use crate::http::request;
use crate::lead::State;
use crate::ledger::{Ledger, Trigger};
use crate::mapping::{Candidate, Match, assign};
use crate::outcome::{Page, Walk};
use crate::output::text::counted;
use crate::output::{day, minute};
use crate::pipeline::ordered::Desk;
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
    asker: &Asker<'_>,
    ledger: &Ledger,
    sought: Vec<Sought>,
    kept: &mut Kept,
    desk: &mut Desk<'_>,
) -> Result<(), Failure> {
    let mut lists: BTreeMap<Option<String>, Vec<Sought>> = BTreeMap::new();
    for lead in sought {
        let address = lead.stored.address.clone();
        lists.entry(address).or_default().push(lead);
    }
    let sharing = questions::of_same_list(session, asker.destination);
    for (address, leads) in lists {
        let values = questions::address(address.as_deref());
        let searched = search(asker, &values, &leads);
        let found = match &searched {
            Ok(searched) => assign(&searched.unheld(ledger, &sharing, &leads)?),
            Err(_) => vec![Match::Nothing; leads.len()],
        };
        for (lead, found) in leads.iter().zip(found) {
            let learnt = match (&searched, found) {
                (Err(why), _) => {
                    let why = format!("the list could not be searched ({why})");
                    stays(asker, lead, &why)
                }
                (Ok(_), Match::One(id)) => ask(asker, lead, &id),
                (Ok(searched), found) => {
                    let words = searched.in_words(&found);
                    asker
                        .note(lead.stored.id, &words)
                        .map_err(opening::failure)?;
                    stays(asker, lead, &words)
                }
            };
            kept.place(rows::asked(&lead.stored), learnt, desk);
        }
    }
    Ok(())
}

/// Reads the pages that may hold the leads.
///
/// # Errors
/// Why they could not be read, in words.
fn search(
    asker: &Asker<'_>,
    values: &[(String, String)],
    leads: &[Sought],
) -> Result<Searched, String> {
    let destination = asker.destination;
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
        let page = read_page(asker, list, values, number)?;
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
    asker: &Asker<'_>,
    list: &PartnerList,
    values: &[(String, String)],
    number: u64,
) -> Result<Page, String> {
    let filled = questions::fill(&list.call, values)?;
    let request = request::page(asker.destination, list, &filled, number);
    let given = questions::given(asker.destination, values);
    let answer = asker.page(&list.call, &request, &given);
    let answer = answer.map_err(|refused| refused.message)?;
    Page::read(list, &answer.body)
}

/// The one entry that can be it: its own page says where it stands.
fn ask(asker: &Asker<'_>, lead: &Sought, id: &str) -> Learnt {
    let Some(operation) = &asker.destination.follow else {
        return stays(asker, lead, "it can't be asked about");
    };
    let question = questions::question(
        asker.destination,
        operation,
        &lead.stored,
        id,
        Trigger::Find,
    );
    match question {
        Ok(question) => {
            let mut learnt = asker.ask(operation, &question);
            if !learnt.answered && learnt.done.state == State::InDoubt {
                let known = format!("found in the list as {id}, but {}", learnt.done.message);
                learnt.done.message = for_a_person(asker.destination, lead.stored.id, &known);
            }
            learnt
        }
        Err(why) => stays(asker, lead, &why),
    }
}

fn stays(asker: &Asker<'_>, lead: &Sought, known: &str) -> Learnt {
    let message = for_a_person(asker.destination, lead.stored.id, known);
    let mut learnt = Learnt::nothing(State::InDoubt, message);
    learnt.done.told = lead.stored.notified;
    learnt
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
