//! What `follow` does at one destination: asks about its pending leads, looks
//! for its leads in doubt, and keeps those that wait for a decision.

use std::sync::Arc;
use std::time::Duration;

use super::doubts::{self, Doubts};
use super::kept::Kept;
use super::post::{Post, leads_in};
use super::{approvals, search};
use crate::commands::questions::ask_about;
use crate::commands::rows;
use crate::config::Destination;
use crate::config::SafeToRepeat;
use crate::delivery::{Control, Stop, StopKind};
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Ledger, RunSpec};
use crate::output::text::counted;
use crate::output::{Exit, quoted};
use crate::pipeline::ending;
use crate::pipeline::ordered::OrderedOutput;
use crate::session::Session;
use crate::session::opening;
use crate::session::secrets;

/// Questions leave this share of the pace to sends.
const LEAVE: f32 = 0.1;

/// One destination's part of a run.
pub struct Errand<'s> {
    pub post: Post<'s>,
    pub kept: Kept,
}

impl<'s> Errand<'s> {
    /// Makes ready what asking needs; the secret only where something is asked.
    pub fn begin(
        session: &'s Session,
        ledger: &Ledger,
        destination: &'s Destination,
        keep: bool,
    ) -> Result<Self, Failure> {
        let credential = match asks(ledger, destination)? {
            true => {
                opening::require_base(destination)?;
                secrets::credential(destination, session.settings.folder())?
            }
            false => None,
        };
        let journal = ledger
            .journal(&RunSpec {
                destination: &destination.name,
                command: "follow",
                again_after: None,
            })
            .map_err(opening::failure)?;
        let control = Arc::new(Control::new(None));
        Ok(Self {
            post: Post {
                session,
                destination,
                pace: opening::pace(&ledger.hasher(), destination, credential.as_ref(), LEAVE),
                credential,
                journal,
                control,
            },
            kept: Kept::new(keep),
        })
    }

    /// Everything once: approvals that ran out, pending leads, doubts.
    pub fn first_round(
        &mut self,
        ledger: &Ledger,
        desk: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        approvals::tell(&self.post, ledger, desk)?;
        self.ask_pending(ledger, desk)?;
        let doubts = Doubts::gather(self.post.session, ledger, self.post.destination)?;
        for (row, told) in doubts.for_a_person {
            self.kept.doubts += 1;
            desk.settled(row, told);
        }
        for (row, told) in doubts.changes {
            self.kept.changes += 1;
            desk.settled(row, told);
        }
        self.kept.doubts += doubts::repeat(&self.post, ledger, doubts.to_repeat, desk)?;
        let worker = self.post.worker();
        let session = self.post.session;
        search::run(
            session,
            &worker,
            ledger,
            doubts.to_find,
            &mut self.kept,
            desk,
        )?;
        desk.mark_notified(&self.post.journal);
        Ok(())
    }

    fn ask_pending(
        &mut self,
        ledger: &Ledger,
        desk: &mut OrderedOutput<'_>,
    ) -> Result<(), Failure> {
        let destination = self.post.destination;
        let name = &destination.name;
        let leads = leads_in(ledger, name, State::Pending)?;
        let Some(operation) = &destination.follow else {
            let count = leads.count();
            if count > 0 {
                self.post.session.warnings.warn(&format!(
                    "{} pending, but {name} can't be asked: its table has no [{name}.follow]",
                    counted(count as u64, "lead is", "leads are")
                ));
            }
            return Ok(());
        };
        let worker = self.post.worker();
        for stored in leads {
            let stored = stored.map_err(opening::failure)?;
            let done = ask_about(&worker, operation, &stored);
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
        let Some(operation) = &self.post.destination.follow else {
            return Ok(());
        };
        let worker = self.post.worker();
        for row in self.kept.take_undecided() {
            let stored = match row.id {
                Some(id) => ledger.lead(id).map_err(opening::failure)?,
                None => None,
            };
            let Some(stored) = stored else { continue };
            match stored.state {
                State::Pending => {
                    let done = ask_about(&worker, operation, &stored);
                    self.kept.place(row, done, desk);
                }
                // Another run was faster.
                _ => {
                    let row = rows::asked(&stored);
                    desk.settled(row, stored.notified);
                }
            }
        }
        desk.mark_notified(&self.post.journal);
        Ok(())
    }

    /// Is it worth asking again?
    pub fn waits(&self) -> bool {
        self.kept.has_undecided() && self.post.control.stopped().is_none()
    }

    pub fn sleep(&self, pause: Duration) {
        _ = self.post.control.sleep(pause);
    }

    /// Prints the rows that were kept back.
    pub fn show_undecided(&mut self, desk: &mut OrderedOutput<'_>) {
        self.kept.show_undecided(desk);
    }

    pub fn exit(&self) -> Option<Exit> {
        let quiet = self.post.session.global.quiet;
        let stops = self.post.control.stops();
        let stop = stops
            .iter()
            .filter(|stop| !(quiet && passes(stop)))
            .filter_map(|stop| ending::exit_of(&stop.kind))
            .min();
        let unanswered = (self.kept.unanswered > 0 && !quiet).then_some(Exit::Again);
        stop.into_iter().chain(unanswered).min()
    }

    /// What to do next.
    pub fn advice(&self) -> Vec<String> {
        let destination = self.post.destination;
        let mut advice = Vec::new();
        if self.kept.doubts > 0 {
            advice.push(ending::settle_advice(destination));
        }
        if self.kept.changes > 0 {
            advice.push(ending::change_advice(destination));
        }
        if self.kept.pending > 0 {
            advice.push(format!(
                "the rest is not decided yet; ask again later: leadctl follow --to {}",
                quoted(&destination.name)
            ));
        }
        advice
    }

    /// Tells why it stopped early, if it did.
    pub fn end(self) {
        let name = &self.post.destination.name;
        let quiet = self.post.session.global.quiet;
        let stops = self.post.control.stops();
        for stop in stops.iter().filter(|stop| !(quiet && passes(stop))) {
            self.post.session.warnings.warn(&in_words(name, stop));
        }
    }
}

/// A cron job asks again anyway: a quiet run says nothing of it.
fn passes(stop: &Stop) -> bool {
    let exit = ending::exit_of(&stop.kind);
    matches!(exit, Some(Exit::Again | Exit::InDoubt))
}

/// Is there anything that a call could settle?
fn asks(ledger: &Ledger, destination: &Destination) -> Result<bool, Failure> {
    let status = ledger.status().map_err(opening::failure)?;
    let status = status
        .iter()
        .find(|status| status.destination == destination.name);
    let any = |state| status.is_some_and(|status| status.leads(state) > 0);
    let settles = destination.find.is_some() || destination.safe_to_repeat != SafeToRepeat::Never;
    Ok(any(State::Pending) && destination.follow.is_some() || any(State::InDoubt) && settles)
}

fn in_words(name: &str, stop: &Stop) -> String {
    let why = &stop.kind;
    if stop.kind == StopKind::Interrupted {
        return "stopped by you; what was learnt is recorded".to_owned();
    }
    if stop.only.is_empty() {
        return format!("{name}: no more was asked in this run: {why}");
    }
    let values: Vec<String> = stop
        .only
        .iter()
        .map(|(field, value)| format!("{field} {value}"))
        .collect();
    format!(
        "{name} was not asked about leads of {}: {why}",
        values.join(", ")
    )
}
