//! `leadctl resend`: stored leads again, through today's table.

use std::sync::Arc;

use super::leads::inputs::Inputs;
use super::leads::prepare::{Preparer, Rules};
use super::leads::sendable::{Ready, Sendable};
use super::run::conduct::{Run, Scene};
use super::run::dispatch::Feed;
use super::run::rejects;
use super::session::Session;
use super::{identity, opening, rows, spooling};
use crate::cli::{self, ResendState};
use crate::delivery::Job;
use crate::failure::Failure;
use crate::lead::{Shapes, State, from_stored};
use crate::ledger::{Filter, Hasher, KeyKind, Ledger, Mode, StoredLead, Trigger};
use crate::report::{Exit, Kind, Row};
use crate::secrets;

pub fn run(session: &Session, args: &cli::Resend) -> Result<Exit, Failure> {
    let destination = session.settings.destination(&args.to)?;
    opening::require_key(destination)?;
    opening::require_base(destination)?;
    let credential = secrets::credential(destination, session.settings.folder())?;
    let rejects = rejects::create(args.rejects.as_deref())?;
    let mut ledger = opening::open(session, Mode::Existing)?;
    identity::settle(session, &mut ledger, destination, false)?;
    spooling::import_orphans(session, &mut ledger)?;
    check_ids(&ledger, args)?;
    let inputs = Inputs::stored(session, destination);
    let rules = Rules::new(destination);
    // The producer reads by a connection of its own, in its own thread.
    let stored = ledger.again().map_err(opening::failure)?;
    let run = Run {
        session,
        destination,
        credential: credential.as_ref(),
        ledger: &mut ledger,
        command: "resend",
        kind: Kind::Ids,
        jobs: args.jobs,
        deadline: args.deadline,
        wait_lock: args.wait_lock,
        rehearsed: false,
        again: None,
        guard: None,
        rejects,
    };
    run.conduct(move |scene, feed| {
        let mut resending = Resending {
            args,
            scene,
            preparer: Preparer::new(&rules, &inputs),
            shapes: Shapes::new(),
        };
        let filter = Filter {
            destination: Some(destination.name.clone()),
            states: args.state.map(state).into_iter().collect(),
            ids: args.ids.clone(),
            ..Filter::default()
        };
        for lead in stored.leads(filter).map_err(opening::failure)? {
            resending.place(lead.map_err(opening::failure)?, feed)?;
        }
        feed.remarks(resending.preparer.remarks);
        Ok(None)
    })
}

fn state(state: ResendState) -> State {
    match state {
        ResendState::Failed => State::Failed,
        ResendState::Unsent => State::Unsent,
        ResendState::Rejected => State::Rejected,
        ResendState::Invalid => State::Invalid,
    }
}

/// A misspelt id must not pass for "nothing to do".
fn check_ids(ledger: &Ledger, args: &cli::Resend) -> Result<(), Failure> {
    let mut stored = ledger.finder();
    for id in &args.ids {
        let lead = stored.lead(*id).map_err(opening::failure)?;
        match lead {
            None => {
                return Err(
                    Failure::usage(format!("there is no lead {id} in the ledger"))
                        .hint(format!("leadctl history --to {}", args.to)),
                );
            }
            Some(lead) if lead.destination != args.to => {
                return Err(Failure::usage(format!(
                    "lead {id} belongs to {}, not to {}",
                    lead.destination, args.to
                ))
                .hint(format!("leadctl resend --to {} {id}", lead.destination)));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

struct Resending<'r> {
    args: &'r cli::Resend,
    scene: &'r Scene<'r>,
    preparer: Preparer<'r>,
    shapes: Shapes,
}

impl Resending<'_> {
    fn place(&mut self, stored: StoredLead, feed: &mut Feed) -> Result<(), Failure> {
        let row = rows::standing(&stored);
        if let Some(refusal) = self.refusal(&stored) {
            feed.settled(kept(row, &stored, refusal), stored.told);
            return Ok(());
        }
        let Some(fields) = &stored.fields else {
            let why = "its data was purged: there is nothing to send".to_owned();
            feed.settled(kept(row, &stored, why), stored.told);
            return Ok(());
        };
        let file: Arc<str> = stored.file.as_str().into();
        let lead = from_stored(fields, &file, stored.line, &mut self.shapes)
            .map_err(Failure::unfinished)?;
        let (prepared, ..) = self.preparer.prepare(lead.record, &lead.set)?;
        match prepared.judged {
            Ready::Invalid(why) => self.invalid(row, &stored, why, feed),
            Ready::Valid(sendable) => {
                self.send(row, stored, *sendable, feed);
                Ok(())
            }
        }
    }

    /// Why a stored lead is not sent again.
    fn refusal(&self, stored: &StoredLead) -> Option<String> {
        if let Some(held) = &self.scene.held {
            return Some(held.clone());
        }
        if stored.in_flight {
            return Some("it is being sent or asked about at this moment".to_owned());
        }
        if stored.key_kind == Some(KeyKind::Amendment) {
            return Some("a change of a contact, no lead: run its amend command again".to_owned());
        }
        match stored.state {
            State::Failed | State::Unsent | State::Rejected | State::Invalid | State::Expired => {
                None
            }
            State::InDoubt if self.args.in_doubt_because.is_some() => None,
            State::InDoubt => Some(format!(
                "in doubt: the partner may have it. Sure that it has not? leadctl resend --to {} {} --in-doubt-because \"…\"",
                self.args.to, stored.id
            )),
            state => Some(format!("already {state}: it is not sent again")),
        }
    }

    /// It breaks today's rules; what the ledger can't change, the row tells.
    fn invalid(
        &self,
        row: Row,
        stored: &StoredLead,
        why: String,
        feed: &mut Feed,
    ) -> Result<(), Failure> {
        if matches!(stored.state, State::Unsent | State::Failed | State::Invalid) {
            let journal = self.scene.journal;
            journal
                .invalidate(stored.id, &why)
                .map_err(opening::failure)?;
        }
        let row = Row {
            state: State::Invalid,
            message: why,
            ..row
        };
        feed.settled(row, false);
        Ok(())
    }

    fn send(&self, row: Row, stored: StoredLead, sendable: Sendable, feed: &mut Feed) {
        let hasher: &Hasher = self.scene.hasher;
        let reason = self.args.in_doubt_because.clone();
        feed.send(row, |place| Job {
            place,
            lead: stored.id,
            payload: sendable.payload_by(hasher),
            request: sendable.request,
            stored: false,
            address: sendable.address,
            fields: None,
            given: sendable.given,
            change: sendable.change,
            safe_to_repeat: sendable.safe_to_repeat,
            trigger: Trigger::Resend,
            expect: expected(stored.state),
            reason: reason.filter(|_| stored.state == State::InDoubt),
            before: stored.state,
            told: stored.told,
        });
    }
}

/// Only the state that was judged may be claimed.
fn expected(state: State) -> &'static [State] {
    match state {
        State::Failed => &[State::Failed],
        State::Unsent => &[State::Unsent],
        State::Rejected => &[State::Rejected],
        State::Invalid => &[State::Invalid],
        State::Expired => &[State::Expired],
        State::InDoubt => &[State::InDoubt],
        _ => &[],
    }
}

fn kept(row: Row, stored: &StoredLead, message: String) -> Row {
    Row {
        state: State::Skipped,
        earlier: Some(stored.state),
        message,
        ..row
    }
}
