//! Stores each row of the inputs at the destination that it is offered to first, before
//! any is sent.

use std::collections::BTreeMap;

use super::foresight::{Foresight, left_row};
use super::station::Station;
use crate::cli;
use crate::commands::rows;
use crate::commands::send::inbox::Inbox;
use crate::config::{Choice, Destination, Route};
use crate::delivery::Control;
use crate::error::Failure;
use crate::http::Credentials;
use crate::lead::{Record, State};
use crate::ledger::{Journal, Ledger, Offer};
use crate::output::{Exit, Row};
use crate::pipeline::Rules;
use crate::pipeline::corrections;
use crate::pipeline::inputs::Inputs;
use crate::pipeline::intake::Producer;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::reading::{OnDisk, TakesRows, read_all};
use crate::pipeline::remarks::Remarks;
use crate::pipeline::run::{self, Feed, Workers};
use crate::session::Session;
use crate::words::say;

/// Leads that are stored and wait for their turn, by the ledger's numbers, for each
/// destination.
#[derive(Debug, Default)]
pub struct Waiting(BTreeMap<String, Vec<i64>>);

impl Waiting {
    /// What waits for this destination.
    pub fn take(&mut self, destination: &str) -> Vec<i64> {
        self.0.remove(destination).unwrap_or_default()
    }

    fn count(&self) -> u64 {
        self.0.values().map(|ids| ids.len() as u64).sum()
    }

    /// The first `most` of all stay, in the order in which they came; the others.
    fn beyond(&mut self, most: u64) -> Vec<i64> {
        let mut all: Vec<i64> = self.0.values().flatten().copied().collect();
        all.sort_unstable();
        let kept = usize::try_from(most).unwrap_or(usize::MAX).min(all.len());
        let beyond = all.split_off(kept);
        let last = all.last().copied().unwrap_or_default();
        self.0
            .values_mut()
            .for_each(|ids| ids.retain(|id| *id <= last));
        beyond
    }
}

/// What was taken in.
#[derive(Default)]
pub struct Taken {
    waiting: Waiting,
    /// Leads that break the rules of the destination that they were offered to first.
    invalid: u64,
    /// Inputs that could not be read, or not to their end.
    pub unread: Vec<String>,
    pub exit: Exit,
    ledger: Option<Ledger>,
    /// While they are open, a kill is known to have left leads unsent.
    journals: Vec<Journal>,
}

impl Taken {
    /// What is sent of it: options may keep some of it, or all, from being sent, which is
    /// told.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn guarded(
        &mut self,
        args: &cli::Send,
        session: &Session,
        rows: &mut OrderedOutput<'_>,
    ) -> Result<Waiting, Failure> {
        let new = self.waiting.count();
        let invalid = self.invalid;
        let strict = (args.strict && invalid > 0)
            .then(|| ("--strict".to_owned(), State::Invalid.counted(invalid)));
        let most = args.max_new.filter(|most| new > *most).map(|most| {
            let why = say!("guard-new-leads", count = new);
            (format!("--max-new {most}"), why)
        });
        if let Some((option, why)) = strict.or(most) {
            let told = say!("guard-nothing-sent", option = &option, why);
            session.warnings.warn(&told);
            self.leave(&say!("guard-not-sent", option), rows)?;
        } else if let Some(limit) = args.limit {
            let beyond = self.waiting.beyond(limit);
            self.tell_left(&beyond, &say!("beyond-limit"), rows)?;
        }
        Ok(std::mem::take(&mut self.waiting))
    }

    /// Nothing of it is sent now.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn leave(&mut self, why: &str, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
        let all = self.waiting.beyond(0);
        self.tell_left(&all, why, rows)
    }

    fn tell_left(
        &self,
        ids: &[i64],
        why: &str,
        rows: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        for id in ids {
            let lead = self.ledger.as_ref().map(|ledger| ledger.lead(*id));
            if let Some(lead) = lead.transpose()?.flatten() {
                let row = Row {
                    message: why.into(),
                    ..rows::standing(&lead)
                };
                rows.settled(row, lead.notified());
            }
        }
        Ok(())
    }

    /// All that was taken in had its turn.
    pub fn end(self, exit: Exit) {
        let ended = |journal: &Journal| journal.end(exit.code(), &BTreeMap::new());
        self.journals.iter().for_each(ended);
    }
}

/// Takes in the rows of these inputs, for each destination as it reads them.
///
/// # Errors
/// A file can't be used at all, or the ledger fails.
pub fn rows_of<'s>(
    (session, args): (&'s Session, &cli::Send),
    (route, stations, ledger): (&'s Route, &[Station<'s>], &Ledger),
    inputs: impl Fn(&Destination) -> Inputs,
    inbox: Option<&mut Inbox<'_>>,
    rows: &mut OrderedOutput<'_>,
) -> Result<Taken, Failure> {
    let destinations: Vec<&Destination> = stations.iter().map(|it| it.destination).collect();
    let rules = destinations.iter();
    let rules: Vec<Rules<'_>> = rules.map(|it| Rules::new(it, inputs(it))).collect();
    for rules in &rules {
        corrections::look_ahead(rules, args.rejects.as_deref(), args.inbox.is_some())?;
    }
    take_in(session, (route, ledger, true), &rules, inbox, rows)
}

/// Stores what these rules' inputs hold. Nothing is sent. `holds`: this run sends it, and
/// no other one may change it until then.
///
/// # Errors
/// The ledger fails.
pub fn take_in<'r>(
    session: &Session,
    (route, ledger, holds): (&Route, &Ledger, bool),
    rules: &'r [Rules<'r>],
    inbox: Option<&mut Inbox<'_>>,
    rows: &mut OrderedOutput<'_>,
) -> Result<Taken, Failure> {
    let journals = rules.iter();
    let journals = journals.map(|rules| run::journal(ledger, rules.destination, "send", holds));
    let journals: Vec<Journal> = journals.collect::<Result<_, _>>()?;
    let (Some(first), Some(journal)) = (rules.first(), journals.first()) else {
        return Ok(Taken::default());
    };
    let workers = Workers {
        destination: first.destination,
        credentials: Credentials::default(),
        journal,
        control: std::sync::Arc::new(Control::new(None)),
        held: None,
        jobs: 1,
    };
    let foresight = Foresight::new(route, Some(ledger))?;
    let (mut taken, mut remarks) = workers.run(rows, |feed| {
        let lanes = rules.iter().zip(&journals);
        let lanes = lanes.map(|(rules, journal)| Producer::new(rules, feed).storing(journal));
        let mut sorter = Sorter {
            route,
            lanes: lanes.collect(),
            foresight,
            invalid: 0,
        };
        let on_disk =
            inbox.map(|inbox| -> OnDisk<'_> { Box::new(|file, why| inbox.ended(file, why)) });
        let produced = read_all(first, &mut sorter, on_disk, feed)?;
        let mut remarks = produced.remarks;
        let mut exit = produced.exit;
        let mut waiting = BTreeMap::new();
        for (lane, rules) in sorter.lanes.into_iter().zip(rules) {
            remarks.append(lane.remarks);
            exit = exit.min(lane.exit);
            let ids = lane.waiting.unwrap_or_default();
            waiting.insert(rules.destination.name.clone(), ids);
        }
        let taken = Taken {
            waiting: Waiting(waiting),
            invalid: sorter.invalid,
            unread: produced.unread,
            exit,
            ..Taken::default()
        };
        Ok((taken, remarks))
    })?;
    remarks.tell(&session.warnings);
    taken.ledger = Some(ledger.again());
    taken.journals = journals;
    Ok(taken)
}

/// Gives each row to the destinations that it is offered to first.
struct Sorter<'r> {
    route: &'r Route,
    lanes: Vec<Producer<'r>>,
    foresight: Foresight<'r>,
    invalid: u64,
}

impl TakesRows for Sorter<'_> {
    fn take(&mut self, record: Record, feed: &mut Feed) -> Result<(), Failure> {
        let mut judged = Vec::new();
        for lane in &mut self.lanes {
            judged.push(lane.judge(record.clone())?);
        }
        if let Choice::All = self.route.choice() {
            for (at, (lane, (lead, remarks))) in self.lanes.iter_mut().zip(judged).enumerate() {
                let offer = Offer {
                    route: self.route.name.clone(),
                    origin: None,
                    from: None,
                    is_paid: at > 0,
                };
                self.invalid += u64::from(lead.row().state == State::Invalid);
                lane.enter(lead, remarks, Some(offer), feed)?;
            }
            return Ok(());
        }
        let (leads, remarks): (Vec<_>, Vec<Remarks>) = judged.into_iter().unzip();
        let foreseen = self.foresight.look(&leads)?;
        let place = self.foresight.place(&leads, &foreseen)?;
        if let (Some(left), Some(lead)) = (place.left, leads.first()) {
            let told = left.notified();
            feed.settled(left_row(lead, *left), None, told);
            return Ok(());
        }
        let lead = leads.into_iter().zip(remarks).nth(place.at);
        if let (Some((lead, remarks)), Some(lane)) = (lead, self.lanes.get_mut(place.at)) {
            self.invalid += u64::from(lead.row().state == State::Invalid);
            lane.enter(lead, remarks, Some(place.offer), feed)?;
        }
        Ok(())
    }

    fn finish(&mut self, feed: &mut Feed) -> Result<(), Failure> {
        self.lanes.iter_mut().try_for_each(|lane| lane.finish(feed))
    }
}
