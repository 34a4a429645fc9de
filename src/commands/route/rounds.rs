//! Rounds over the destinations of a route: each is sent what was held there, what
//! waits for it, and what goes on to it from the others, until nothing goes on.

use std::collections::BTreeSet;

use super::station::{Station, Trip};
use super::taking_in::Waiting;
use crate::cli::Times;
use crate::commands::stored;
use crate::config::{Choice, Route};
use crate::delivery::{Stop, StopKind};
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Ledger, StoredLead, Trigger};
use crate::output::Exit;
use crate::pipeline::intake::Producer;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::reading::TakesRows;
use crate::pipeline::remarks::Remarks;
use crate::pipeline::run::{Feed, Leg, Produced};
use crate::pipeline::{Preparer, Rules};
use crate::words::say;

/// What goes round the destinations of a route.
pub struct Rounds<'r> {
    pub trip: Trip<'r>,
    /// The verb, for the record.
    pub command: &'r str,
    pub jobs: Option<u16>,
    pub times: &'r Times,
    pub end: RoundsEnd,
}

/// How the rounds ended, besides the leads' own ends.
#[derive(Default)]
pub struct RoundsEnd {
    pub exit: Exit,
    /// By destination.
    pub stops: Vec<(String, Stop)>,
    /// One of them stopped as the run before did not.
    pub is_news: bool,
    /// The destinations that another run has, and which.
    pub held: Vec<(String, String)>,
}

impl RoundsEnd {
    fn is_interrupted(&self) -> bool {
        let mut stops = self.stops.iter();
        stops.any(|(_, stop)| matches!(stop.kind, StopKind::Interrupted | StopKind::Ledger(_)))
    }
}

impl Rounds<'_> {
    /// Sends what waits, and offers what goes on, to the end. `held`: what earlier runs
    /// held goes first.
    ///
    /// # Errors
    /// The ledger fails, or a destination can't be taken.
    pub fn run(
        &mut self,
        mut waiting: Waiting,
        mut held: bool,
        rows: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        // What was given to a destination in this run, and could be left there unsent.
        let mut given = BTreeSet::new();
        loop {
            let mut moved = false;
            for station in self.trip.stations {
                let name = &station.destination.name;
                let load = Load {
                    held: held
                        && !station.destination.paused
                        && self.trip.ledger.count_held(name)? > 0,
                    waiting: waiting.take(name),
                    going_on: self.going_on_to(name, &given)?,
                };
                if load.is_empty() || self.end.is_interrupted() {
                    continue;
                }
                moved = true;
                given.extend(load.waiting.iter().copied());
                self.leg(station, &load, rows)?;
            }
            held = false;
            if !moved || self.end.is_interrupted() {
                return Ok(());
            }
        }
    }

    /// The offers from which leads go on to this destination.
    fn going_on_to(&self, name: &str, given: &BTreeSet<i64>) -> Result<Vec<(i64, State)>, Failure> {
        let mut states = self.trip.route.goes_on();
        let is_unreachable = |stop: &Stop| matches!(stop.kind, StopKind::Unreachable { .. });
        let mut stops = self.end.stops.iter();
        let stopped = |name: &str| {
            let mut stops = self.end.stops.iter();
            stops.any(|(stopped, stop)| stopped == name && is_unreachable(stop))
        };
        // Where nobody can be reached, what was never tried goes on like what failed.
        if self.trip.route.goes_on_from_failed() && stops.any(|(_, stop)| is_unreachable(stop)) {
            states.push(State::Unsent);
        }
        let mut going_on = Vec::new();
        for offer in standing(self.trip.ledger, self.trip.route, &states)? {
            let unsent = offer.state == State::Unsent;
            if unsent && !(stopped(&offer.destination) && given.contains(&offer.id)) {
                continue;
            }
            if next_of(self.trip.ledger, self.trip.route, &offer)? == Some(name) {
                going_on.push((offer.id, offer.state));
            }
        }
        Ok(going_on)
    }

    /// Sends its load to one destination.
    fn leg(
        &mut self,
        station: &Station<'_>,
        load: &Load,
        rows: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        let Station {
            destination,
            credentials,
        } = station;
        let leg = Leg {
            session: self.trip.session,
            destination,
            credentials: credentials.clone(),
            ledger: self.trip.ledger,
            is_kept: self.trip.is_kept,
            lock: None,
            command: self.command,
            jobs: self.jobs,
            times: self.times,
        };
        let session = self.trip.session;
        let rules = Rules::stored(session, destination);
        let before = self.trip.ledger.stop_of(&destination.name)?;
        let end = leg.deliver(rows, |feed| {
            let mut produced = Produced::default();
            if load.held {
                let (_, remarks) = stored::send_held(session, destination, None, feed)?;
                produced.remarks.append(remarks);
            }
            produced
                .remarks
                .append(send_stored(&rules, &load.waiting, feed)?);
            produced
                .remarks
                .append(offer(&rules, &load.going_on, feed)?);
            Ok(produced)
        })?;
        end.record(rows, destination);
        let stop = end.stops.iter().find_map(|stop| stop.kind.for_news());
        self.end.is_news |= stop.is_some() && stop != before;
        self.end.exit = self.end.exit.min(end.exit);
        let name = &destination.name;
        let stops = end.stops.into_iter().map(|stop| (name.clone(), stop));
        self.end.stops.extend(stops);
        self.end
            .held
            .extend(end.held.map(|who| (name.clone(), who)));
        Ok(())
    }
}

/// What is sent to a destination in one round, by the ledger's numbers.
struct Load {
    held: bool,
    waiting: Vec<i64>,
    /// Each with the no from which it goes on.
    going_on: Vec<(i64, State)>,
}

impl Load {
    fn is_empty(&self) -> bool {
        !self.held && self.waiting.is_empty() && self.going_on.is_empty()
    }
}

/// Sends leads that were stored for this destination.
fn send_stored(rules: &Rules<'_>, ids: &[i64], feed: &mut Feed) -> Result<Remarks, Failure> {
    let ledger = feed.journal.ledger();
    let mut preparer = Preparer::new(rules);
    for id in ids {
        // Purged since.
        let Some(lead) = ledger.lead(*id)? else {
            continue;
        };
        let fate = match &feed.held {
            Some(held) => Err((stored::skipped(&lead, held.as_str().into(), true), None)),
            // Another run sent it meanwhile.
            None if lead.state != State::Unsent => {
                let why = say!("job-dealt-with", state = lead.state.in_words());
                Err((stored::skipped(&lead, why.into(), lead.in_flight()), None))
            }
            None => stored::fate(&ledger, &mut preparer, &lead, false)?,
        };
        stored::place(&lead, fate, (Trigger::Send, None), feed)?;
    }
    Ok(preparer.remarks)
}

/// Offers leads here, which go on from other destinations.
fn offer(rules: &Rules<'_>, from: &[(i64, State)], feed: &mut Feed) -> Result<Remarks, Failure> {
    let ledger = feed.journal.ledger();
    let mut producer = Producer::new(rules, feed);
    for (id, state) in from {
        if let Some(from) = ledger.lead(*id)? {
            producer.offer((&from, *state), feed)?;
        }
    }
    producer.finish(feed)?;
    Ok(producer.remarks)
}

/// The destination that a lead is offered to after this offer, if it goes on from there.
fn next_of<'r>(
    ledger: &Ledger,
    route: &'r Route,
    offer: &StoredLead,
) -> Result<Option<&'r str>, Failure> {
    if offer.is_for_nobody() {
        return Ok(None);
    }
    let first = match route.choice() {
        Choice::Split(_) => ledger.lead(offer.first_offer())?,
        _ => None,
    };
    let first = first.as_ref().unwrap_or(offer);
    Ok(route.next(&first.destination, &offer.destination))
}

/// The offers in one of these states, from which leads may go on.
fn standing(ledger: &Ledger, route: &Route, states: &[State]) -> Result<Vec<StoredLead>, Failure> {
    Ok(ledger.standing_offers(&route.name, &route.goes_on_from(), states)?)
}

/// Does a lead wait to go on along this route?
///
/// # Errors
/// The ledger can't be read.
pub fn goes_on(ledger: &Ledger, route: &Route) -> Result<bool, Failure> {
    for offer in standing(ledger, route, &route.goes_on())? {
        if next_of(ledger, route, &offer)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
