//! What `follow` does at one destination: asks about its pending leads, looks
//! for its leads in doubt, and keeps those that wait for a decision.

use std::sync::Arc;

use super::kept::{Kept, Undecided};
use super::site::Site;
use super::{doubts, poll};
use crate::commands::rows;
use crate::config::{Destination, SafeToRepeat};
use crate::delivery::Control;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Ledger, RunSpec};
use crate::output::text::counted;
use crate::output::{Command, Exit};
use crate::pipeline::ending;
use crate::pipeline::ordered::OrderedOutput;
use crate::session::{Session, opening, secrets};

/// Questions leave this share of the pace to sends.
const LEAVE: f32 = 0.1;

/// One destination's part of a run.
pub struct Round<'s> {
    pub site: Site<'s>,
    pub kept: Kept,
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
