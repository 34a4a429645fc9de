//! A destination that is asked: what that takes, its stored leads, the approvals
//! that end, and why it was asked no more.

use std::sync::Arc;

use crate::commands::rows;
use crate::config::Destination;
use crate::delivery::{Caller, Control, Stop, StopKind, Worker, soon};
use crate::error::Failure;
use crate::http::Credential;
use crate::lead::State;
use crate::ledger::{Bucket, Filter, Journal, Leads, Ledger, StoredLead};
use crate::output::{Exit, day};
use crate::pipeline::ending;
use crate::pipeline::ordered::OrderedOutput;
use crate::session::Session;

/// Approvals that end within a week are told; of those, so many by name.
const WEEK: i64 = 7 * 86_400_000;
const NAMED: usize = 20;

/// What a destination is asked with.
pub struct Site<'s> {
    pub session: &'s Session,
    pub destination: &'s Destination,
    pub credential: Option<Credential>,
    pub journal: Journal,
    pub control: Arc<Control>,
    pub pace: Option<Arc<Bucket>>,
}

impl Site<'_> {
    /// Approvals whose time has passed are settled, those that end soon told.
    pub fn tell_approvals(
        &self,
        ledger: &Ledger,
        desk: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        let name = &self.destination.name;
        let now = jiff::Timestamp::now().as_millisecond();
        for id in ledger.expire(name, now)? {
            if let Some(stored) = ledger.lead(id)? {
                desk.settled(rows::asked(&stored), false);
            }
        }
        let mut ending = Vec::new();
        for stored in self.leads(ledger, State::Approved)? {
            let stored = stored?;
            let week = now.saturating_add(WEEK);
            let soon = stored.expires_at.is_some_and(|at| at < week);
            // A quiet run tells each once.
            if soon && !(self.session.global.quiet && stored.notified) {
                ending.push(stored);
            }
        }
        for stored in ending.iter().take(NAMED) {
            self.session.warnings.warn(&ends_soon(stored, now));
        }
        if ending.len() > NAMED {
            let more = ending.len() - NAMED;
            self.session.warnings.warn(&format!(
                "{more} more approvals of {name} end within a week"
            ));
        }
        desk.printed.extend(ending.iter().map(|stored| stored.id));
        Ok(())
    }

    pub fn worker(&self) -> Worker<'_> {
        let pace = self.pace.clone().map(|pace| (self.journal.clone(), pace));
        let credential = self.credential.as_ref();
        Worker {
            caller: Caller::new(self.destination, credential, &self.control, pace),
            journal: self.journal.clone(),
        }
    }

    /// The leads of the destination in one state.
    pub fn leads<'l>(&self, ledger: &'l Ledger, state: State) -> Result<Leads<'l>, Failure> {
        Ok(ledger.leads(Filter {
            destination: Some(self.destination.name.clone()),
            states: vec![state],
            ..Filter::default()
        })?)
    }

    /// The stops that are told. A cron job asks again anyway: with `--quiet`
    /// only what somebody must put right.
    pub fn stops(&self) -> Vec<Stop> {
        let quiet = self.session.global.quiet;
        let passes = |exit| matches!(exit, Some(Exit::Again | Exit::InDoubt));
        let mut stops = self.control.stops();
        stops.retain(|stop| !(quiet && passes(ending::exit_of(&stop.kind))));
        stops
    }

    /// Tells why it stopped early, if it did.
    pub fn tell_stops(&self) {
        for stop in self.stops() {
            self.session.warnings.warn(&self.in_words(&stop));
        }
    }

    fn in_words(&self, stop: &Stop) -> String {
        let (name, why) = (&self.destination.name, &stop.kind);
        if *why == StopKind::Interrupted {
            return "stopped by you; what was learnt is recorded".to_owned();
        }
        if stop.only.is_empty() {
            return format!("{name}: no more was asked in this run: {why}");
        }
        let values = stop.only.iter();
        let values: Vec<String> = values
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let values = values.join(", ");
        format!("{name} was not asked about leads of {values}: {why}")
    }
}

fn ends_soon(stored: &StoredLead, now: i64) -> String {
    let at = stored.expires_at.unwrap_or(now);
    format!(
        "the approval of {} (id {}, reference {}) ends on {}{}",
        stored.label.as_deref().unwrap_or("a lead"),
        stored.id,
        stored.reference.as_deref().unwrap_or("unknown"),
        day(at, &jiff::tz::TimeZone::system()),
        soon(at, now)
    )
}
