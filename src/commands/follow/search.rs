//! Looks for leads in doubt in the partner's list: each list is read once for
//! all of them. What is found is asked about; what is not stays in doubt, for
//! a list proves nothing that it does not show.

use std::collections::{BTreeMap, BTreeSet};

use super::question;
use super::round::{Round, for_a_person};
use crate::commands::asking::{self, Values};
use crate::commands::rows;
use crate::config::{Destination, Find, PartnerList};
use crate::delivery::{Done, Refused, Worker};
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Attempt, Begun, Ledger, LedgerError, Settlement, StoredLead, Trigger};
use crate::mapping::{Candidate, Criteria, Match, assign};
use crate::outcome::Walk;
use crate::output::text::counted;
use crate::output::{day, minute};
use crate::pipeline::ordered::OrderedOutput;

/// A lead that is looked for in the partner's list.
pub struct Sought {
    pub stored: StoredLead,
    pub criteria: Criteria,
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

/// Looks for the leads, list by list.
pub fn run(
    round: &mut Round<'_>,
    sought: Vec<Sought>,
    rows: &mut OrderedOutput<'_>,
) -> Result<(), Failure> {
    let site = round.site;
    let destination = site.destination;
    let (Some(list), Some(find)) = (&destination.list, &destination.find) else {
        return Ok(());
    };
    let mut lists: BTreeMap<Option<String>, Vec<Sought>> = BTreeMap::new();
    for lead in sought {
        let address = lead.stored.address.clone();
        lists.entry(address).or_default().push(lead);
    }
    let sharing = asking::of_same_list(site.session, destination);
    for (address, leads) in lists {
        let values = question::address(address.as_deref());
        let searched = search(&round.worker, list, find, &values, &leads);
        let found = match &searched {
            Ok(searched) => assign(&searched.unheld(site.ledger, &sharing, &leads)?),
            Err(_) => vec![Match::Nothing; leads.len()],
        };
        for (Sought { stored, .. }, found) in leads.iter().zip(found) {
            let done = match (&searched, found) {
                (Err(why), _) => {
                    let why = format!("the list could not be searched ({why})");
                    stays(destination, stored, &why)
                }
                (Ok(_), Match::One(id)) => ask(&round.worker, stored, &id),
                (Ok(searched), found) => {
                    let words = searched.in_words(&found);
                    note(&round.worker, stored.id, &words)?;
                    stays(destination, stored, &words)
                }
            };
            round.place(rows::asked(stored), done, rows);
        }
    }
    Ok(())
}

/// Reads the pages that may hold the leads.
fn search(
    worker: &Worker<'_>,
    list: &PartnerList,
    find: &Find,
    values: &Values,
    leads: &[Sought],
) -> Result<Searched, Refused> {
    question::known(&list.call, values).map_err(Refused::Unread)?;
    let since = leads.iter().map(|lead| lead.criteria.since).min();
    let mut searched = Searched {
        matches: vec![BTreeSet::new(); leads.len()],
        walk: Walk::since(since.unwrap_or(i64::MIN)),
        entries: 0,
        undated: 0,
        oldest: None,
        at: jiff::Timestamp::now().as_millisecond(),
    };
    let mut walk = searched.walk.clone();
    asking::read_list(&worker.caller, list, values, &mut walk, |entries| {
        for entry in entries {
            let Some(id) = &entry.id else { continue };
            searched.entries += 1;
            searched.undated += u64::from(entry.created.is_none());
            searched.oldest = [searched.oldest, entry.created].into_iter().flatten().min();
            let country = &worker.caller.destination.country;
            let candidate = Candidate::of(find, &entry.raw, country);
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
fn ask(worker: &Worker<'_>, stored: &StoredLead, id: &str) -> Done {
    let destination = worker.caller.destination;
    let mut done = match question::of(worker, stored, id) {
        Ok(job) => worker.deliver(job),
        Err(why) => return stays(destination, stored, &why),
    };
    if !done.answered && done.state == State::InDoubt {
        let known = format!("found in the list as {id}, but {}", done.message);
        done.message = for_a_person(destination, stored.id, &known);
    }
    done
}

/// Records of a lead in doubt what a search came to, without settling it.
fn note(worker: &Worker<'_>, lead: i64, message: &str) -> Result<(), LedgerError> {
    let begun = worker.journal.begin(Attempt {
        lead,
        trigger: Trigger::Find,
        sent: None,
        payload: None,
        address: None,
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
        message: Some(message.to_owned()),
        transport: "replied",
        ..Settlement::default()
    });
    noted.map(drop)
}

fn stays(destination: &Destination, stored: &StoredLead, known: &str) -> Done {
    Done {
        told: stored.notified(),
        ..Done::left(State::InDoubt, for_a_person(destination, stored.id, known))
    }
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
        let mut unheld = self.matches.clone();
        for (lead, own) in leads.iter().zip(&mut unheld) {
            for id in std::mem::take(own) {
                let holder = ledger.with_reference(destinations, &id)?;
                if holder.is_none_or(|holder| holder == lead.stored.id) {
                    own.insert(id);
                }
            }
        }
        Ok(unheld)
    }

    /// When and how far was searched, and with what result.
    fn in_words(&self, found: &Match) -> String {
        let zone = jiff::tz::TimeZone::system();
        let pages = match self.walk.pages() {
            (1, 1) => "its one page".to_owned(),
            (read, all) if read == all => format!("all {all} pages"),
            (read, all) => format!("{read} of {all} pages"),
        };
        let oldest = self
            .oldest
            .map(|at| format!(", back to {}", day(at, &zone)));
        let undated = (self.undated > 0).then(|| {
            let entries = counted(self.undated, "entry", "entries");
            format!(", {entries} without a date that can be read")
        });
        let empty = (self.entries == 0).then(|| ", which is empty".to_owned());
        let besides: String = [oldest, undated, empty].into_iter().flatten().collect();
        let result = match found {
            Match::Nothing | Match::One(_) => "not found, which proves nothing".to_owned(),
            Match::Several(count) => format!("{count} entries could be it"),
            Match::Shared => "one entry could be it, or another lead in doubt".to_owned(),
        };
        let at = minute(self.at, &zone);
        format!("searched the partner's list on {at} ({pages}{besides}): {result}")
    }
}
