//! What `follow` does at one destination: asks about its pending leads, looks
//! for its leads in doubt, and keeps those that wait for a decision.

use std::sync::Arc;

use super::{doubts, poll};
use crate::commands::rows;
use crate::config::{Destination, SafeToRepeat};
use crate::delivery::{Caller, Control, Done, Stop, StopKind, Worker, soon};
use crate::error::Failure;
use crate::http::Credential;
use crate::lead::State;
use crate::ledger::{Bucket, Filter, Journal, Leads, Ledger, RunSpec, StoredLead};
use crate::output::text::counted;
use crate::output::{Command, Exit, Row, day};
use crate::pipeline::ending;
use crate::pipeline::ordered::OrderedOutput;
use crate::session::{Session, opening, secrets};

/// Questions leave this share of the pace to sends.
const LEAVE: f32 = 0.1;
/// Approvals that end within a week are told; of those, so many by name.
const WEEK: i64 = 7 * 86_400_000;
const NAMED: usize = 20;

/// One destination's part of a run.
pub struct Round<'s> {
    pub site: Site<'s>,
    pub kept: Kept,
}

/// What a destination is asked with.
pub struct Site<'s> {
    pub session: &'s Session,
    pub destination: &'s Destination,
    pub credential: Option<Credential>,
    pub journal: Journal,
    pub control: Arc<Control>,
    pub pace: Option<Arc<Bucket>>,
}

/// What is not settled yet.
#[derive(Default)]
pub struct Kept {
    /// `--wait`: rows that may still be decided are kept, to be asked again.
    keeps: bool,
    undecided: Vec<Undecided>,
    /// Leads that still wait for the partner.
    pending: u64,
    /// Leads about which the partner gave no answer that can be used.
    unanswered: u64,
    /// Leads that a person must settle, and changes of contacts in doubt.
    pub doubts: u64,
    pub changes: u64,
}

/// A row that may still change in this run.
struct Undecided {
    row: Row,
    answered: bool,
    told: bool,
}

impl<'s> Round<'s> {
    /// Makes ready what asking needs; the secret only where something is asked.
    pub fn begin(
        session: &'s Session,
        ledger: &Ledger,
        destination: &'s Destination,
        keeps: bool,
    ) -> Result<Self, Failure> {
        let credential = match asks(ledger, destination)? {
            true => {
                opening::require_base(destination)?;
                secrets::credential(destination, session.settings.folder())?
            }
            false => None,
        };
        let site = Site {
            session,
            destination,
            pace: opening::pace(&ledger.hasher(), destination, credential.as_ref(), LEAVE),
            credential,
            journal: ledger.journal(&RunSpec {
                destination: &destination.name,
                command: "follow",
                again_after: None,
            })?,
            control: Arc::new(Control::new(None)),
        };
        let kept = Kept {
            keeps,
            ..Kept::default()
        };
        Ok(Self { site, kept })
    }

    /// Everything once: approvals that ran out, pending leads, doubts.
    pub fn ask_all(
        &mut self,
        ledger: &Ledger,
        desk: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        self.site.tell_approvals(ledger, desk)?;
        self.ask_pending(ledger, desk)?;
        doubts::settle(&self.site, &mut self.kept, ledger, desk)?;
        desk.mark_notified(&self.site.journal);
        Ok(())
    }

    fn ask_pending(
        &mut self,
        ledger: &Ledger,
        desk: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        let site = &self.site;
        let leads = site.leads(ledger, State::Pending)?;
        let Some(call) = &site.destination.follow else {
            let (count, name) = (leads.count(), &site.destination.name);
            if count > 0 {
                site.session.warnings.warn(&format!(
                    "{} pending, but {name} can't be asked: its table has no [{name}.follow]",
                    counted(count as u64, "lead is", "leads are")
                ));
            }
            return Ok(());
        };
        let worker = site.worker();
        for stored in leads {
            let stored = stored?;
            let done = poll::pending(&worker, call, &stored);
            self.kept.place(rows::asked(&stored), done, desk);
        }
        Ok(())
    }

    /// Asks once more about what was undecided.
    pub fn ask_again(
        &mut self,
        ledger: &Ledger,
        desk: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        let worker = self.site.worker();
        for Undecided { row, .. } in std::mem::take(&mut self.kept.undecided) {
            let stored = row.id.map(|id| ledger.lead(id)).transpose()?.flatten();
            match (stored, &self.site.destination.follow) {
                (Some(stored), Some(call)) if stored.state == State::Pending => {
                    let done = poll::pending(&worker, call, &stored);
                    self.kept.place(row, done, desk);
                }
                // Another run was faster.
                (Some(stored), _) => {
                    desk.settled(rows::asked(&stored), stored.notified);
                }
                (None, _) => {}
            }
        }
        desk.mark_notified(&self.site.journal);
        Ok(())
    }

    /// Is it worth asking again?
    pub fn waits(&self) -> bool {
        !self.kept.undecided.is_empty() && self.site.control.stopped().is_none()
    }

    pub fn exit(&self) -> Option<Exit> {
        let stops = self.site.stops();
        let stops = stops.iter().filter_map(|stop| ending::exit_of(&stop.kind));
        let unanswered = self.kept.unanswered > 0 && !self.site.session.global.quiet;
        stops.chain(unanswered.then_some(Exit::Again)).min()
    }

    /// What to do next.
    pub fn advice(&self) -> Vec<String> {
        let mut advice = Vec::new();
        if self.kept.doubts > 0 {
            advice.push(ending::settle_advice(self.site.destination));
        }
        if self.kept.changes > 0 {
            advice.push(ending::change_advice(self.site.destination));
        }
        if self.kept.pending > 0 {
            advice.push(format!(
                "the rest is not decided yet; ask again later: {}",
                Command::new(["follow", "--to", &self.site.destination.name])
            ));
        }
        advice
    }
}

impl Kept {
    /// Prints a lead's row, or keeps it where it is worth asking again.
    pub fn place(&mut self, row: Row, done: Done, desk: &mut OrderedOutput<'_>) {
        // What is refused now is refused in a minute too.
        let refused = done.attempts == 0 || done.status.is_some_and(|status| status / 100 == 4);
        let again = done.state == State::Pending && (done.answered || !refused);
        let undecided = Undecided {
            answered: done.answered || done.state != row.state,
            told: done.told,
            row: Row {
                state: done.state,
                reference: done.reference.or(row.reference),
                message: done.message,
                status: done.status,
                attempts: row.attempts + done.attempts,
                ..row
            },
        };
        self.undecided.push(undecided);
        if !(again && self.keeps) {
            self.show_last(desk);
        }
    }

    fn show_last(&mut self, desk: &mut OrderedOutput<'_>) {
        let Some(Undecided {
            row,
            answered,
            told,
        }) = self.undecided.pop()
        else {
            return;
        };
        self.unanswered += u64::from(!answered);
        self.pending += u64::from(row.state == State::Pending);
        self.doubts += u64::from(row.state == State::InDoubt);
        desk.settled(row, told);
        desk.flush();
    }

    /// Prints the rows that were kept.
    pub fn show_undecided(&mut self, desk: &mut OrderedOutput<'_>) {
        self.undecided.reverse();
        while !self.undecided.is_empty() {
            self.show_last(desk);
        }
    }
}

impl Site<'_> {
    /// Approvals whose time has passed are settled, those that end soon told.
    fn tell_approvals(&self, ledger: &Ledger, desk: &mut OrderedOutput<'_>) -> Result<(), Failure> {
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
    fn stops(&self) -> Vec<Stop> {
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

/// Is there anything that a call could settle?
fn asks(ledger: &Ledger, destination: &Destination) -> Result<bool, Failure> {
    let status = ledger.status()?;
    let mut own = status
        .iter()
        .filter(|one| one.destination == destination.name);
    let settles = destination.find.is_some() || destination.safe_to_repeat != SafeToRepeat::Never;
    Ok(own.any(|own| {
        own.leads(State::Pending) > 0 && destination.follow.is_some()
            || own.leads(State::InDoubt) > 0 && settles
    }))
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
