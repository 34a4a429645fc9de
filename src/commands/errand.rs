//! What `follow` does at one destination: asks about its pending leads, looks
//! for its leads in doubt, and keeps those that wait for a decision.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use super::desk::{Desk, Told};
use super::doubts::{self, Doubts};
use super::{Session, dispatch, ending, opening, resend, search};
use crate::delivery::{Asker, Control, Learnt, Question, Stop, soon};
use crate::failure::Failure;
use crate::lead::State;
use crate::ledger::{Bucket, Filter, Journal, Ledger, RunSpec, StoredLead, Trigger};
use crate::partner::Destination;
use crate::partner::destination::Repeat;
use crate::partner::follow::REFERENCE;
use crate::partner::operation::Operation;
use crate::report::{Exit, Row, day};
use crate::request;
use crate::secrets;
use crate::transport::{Credential, Limits, Transport};

/// Questions leave this share of the pace to sends.
const LEAVE: f32 = 0.1;
/// Approvals that end within a week are told.
const WEEK: i64 = 7 * 86_400_000;
/// Of those, so many by name.
const NAMED: usize = 20;

/// One destination's part of a run.
pub struct Errand<'s> {
    pub post: Post<'s>,
    pub kept: Kept,
}

/// What it asks with.
pub struct Post<'s> {
    pub session: &'s Session,
    pub destination: &'s Destination,
    pub credential: Option<Credential>,
    pub journal: Journal,
    pub control: Arc<Control>,
    pub pace: Option<Arc<Bucket>>,
}

/// A lead that may still be decided in this run.
struct Undecided {
    row: Row,
    answered: bool,
    told: bool,
}

/// What is not settled yet.
pub struct Kept {
    /// `--wait`: undecided rows are kept, to be asked again.
    keep: bool,
    undecided: Vec<Undecided>,
    /// Leads that still wait for the partner.
    pending: u64,
    /// Leads about which the partner gave no answer that can be used.
    unanswered: u64,
    /// Leads that a person must settle.
    pub doubts: u64,
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
            kept: Kept {
                keep,
                undecided: Vec::new(),
                pending: 0,
                unanswered: 0,
                doubts: 0,
            },
        })
    }

    /// Everything once: approvals that ran out, pending leads, doubts.
    pub fn first_round(&mut self, ledger: &Ledger, desk: &mut Desk<'_>) -> Result<(), Failure> {
        self.expire(ledger, desk)?;
        self.ask_pending(ledger, desk)?;
        let doubts = Doubts::gather(self.post.session, ledger, self.post.destination)?;
        for told in doubts.for_a_person {
            self.kept.doubts += 1;
            desk.settled(told);
        }
        doubts::repeat(self, ledger, doubts.to_repeat, desk)?;
        search::run(self, ledger, doubts.to_find, desk)?;
        dispatch::mark_told(desk, &self.post.journal);
        Ok(())
    }

    /// Approvals whose time has passed; those that end soon are told.
    fn expire(&self, ledger: &Ledger, desk: &mut Desk<'_>) -> Result<(), Failure> {
        let session = self.post.session;
        let name = &self.post.destination.name;
        let now = jiff::Timestamp::now().as_millisecond();
        for id in ledger.expire(name, now).map_err(opening::failure)? {
            if let Some(stored) = ledger.lead(id).map_err(opening::failure)? {
                let row = row_of(&stored);
                desk.settled(Told { row, told: false });
            }
        }
        let mut ending = Vec::new();
        for stored in leads_in(ledger, name, State::Approved)? {
            let stored = stored.map_err(opening::failure)?;
            let soon = stored
                .expires_at
                .is_some_and(|at| at < now.saturating_add(WEEK));
            // A quiet run tells each once.
            if soon && !(session.global.quiet && stored.told) {
                ending.push(stored);
            }
        }
        for stored in ending.iter().take(NAMED) {
            session.warnings.warn(&ends_soon(stored, now));
        }
        if ending.len() > NAMED {
            let more = ending.len() - NAMED;
            session.warnings.warn(&format!(
                "{more} more approvals of {name} end within a week"
            ));
        }
        desk.printed.extend(ending.iter().map(|stored| stored.id));
        Ok(())
    }

    fn ask_pending(&mut self, ledger: &Ledger, desk: &mut Desk<'_>) -> Result<(), Failure> {
        let destination = self.post.destination;
        let name = &destination.name;
        let leads = leads_in(ledger, name, State::Pending)?;
        let Some(operation) = &destination.follow else {
            let count = leads.count();
            if count > 0 {
                self.post.session.warnings.warn(&format!(
                    "{count} leads are pending, but {name} can't be asked: its table has no [{name}.follow]"
                ));
            }
            return Ok(());
        };
        let asker = self.post.asker();
        for stored in leads {
            let stored = stored.map_err(opening::failure)?;
            let learnt = ask_about(&asker, operation, &stored);
            self.kept.place(row_of(&stored), learnt, desk);
        }
        Ok(())
    }

    /// Asks once more about what was undecided.
    pub fn ask_again(&mut self, ledger: &Ledger, desk: &mut Desk<'_>) -> Result<(), Failure> {
        let Some(operation) = &self.post.destination.follow else {
            return Ok(());
        };
        let asker = self.post.asker();
        for undecided in std::mem::take(&mut self.kept.undecided) {
            let row = undecided.row;
            let stored = match row.id {
                Some(id) => ledger.lead(id).map_err(opening::failure)?,
                None => None,
            };
            let Some(stored) = stored else { continue };
            match stored.state {
                State::Pending => {
                    let learnt = ask_about(&asker, operation, &stored);
                    self.kept.place(row, learnt, desk);
                }
                // Another run was faster.
                _ => {
                    let row = row_of(&stored);
                    desk.settled(Told {
                        row,
                        told: stored.told,
                    });
                }
            }
        }
        dispatch::mark_told(desk, &self.post.journal);
        Ok(())
    }

    /// Is it worth asking again?
    pub fn waits(&self) -> bool {
        !self.kept.undecided.is_empty() && self.post.control.stopped().is_none()
    }

    pub fn sleep(&self, pause: Duration) {
        self.post.control.sleep(pause);
    }

    /// Prints the rows that were kept back.
    pub fn show_undecided(&mut self, desk: &mut Desk<'_>) {
        for undecided in std::mem::take(&mut self.kept.undecided) {
            self.kept.show(undecided, desk);
        }
    }

    pub fn exit(&self) -> Option<Exit> {
        let stops = self.post.control.stops();
        let stop = stops
            .iter()
            .filter_map(|stop| ending::exit_of(stop.kind))
            .min();
        let unanswered = (self.kept.unanswered > 0).then_some(Exit::Again);
        stop.into_iter().chain(unanswered).min()
    }

    /// What to do next.
    pub fn advice(&self) -> Vec<String> {
        let destination = self.post.destination;
        let mut advice = Vec::new();
        if self.kept.doubts > 0 {
            advice.push(ending::settle_advice(destination));
        }
        if self.kept.pending > 0 {
            advice.push(format!(
                "the rest is not decided yet; ask again later: leadctl follow --to {}",
                destination.name
            ));
        }
        advice
    }

    /// Tells why it stopped early, if it did.
    pub fn end(self) {
        let name = &self.post.destination.name;
        for stop in self.post.control.stops() {
            self.post.session.warnings.warn(&in_words(name, &stop));
        }
    }
}

impl Post<'_> {
    pub fn asker(&self) -> Asker<'_> {
        let timeout = self.destination.timeout;
        Asker {
            destination: self.destination,
            control: &self.control,
            journal: Some(self.journal.clone()),
            transport: Transport::new(&Limits {
                timeout,
                patience: timeout * 2,
                max_body: dispatch::MAX_BODY,
            }),
            credential: self.credential.as_ref(),
            pace: self.pace.clone(),
            unanswered: Cell::new(0),
        }
    }
}

impl Kept {
    /// Prints a lead's row, or keeps it where it is worth asking again.
    pub fn place(&mut self, row: Row, learnt: Learnt, desk: &mut Desk<'_>) {
        let done = learnt.done;
        // What is refused now is refused in a minute too.
        let refused = done.attempts == 0 || done.status.is_some_and(|status| status / 100 == 4);
        let again = done.state == State::Pending && (learnt.answered || !refused);
        let undecided = Undecided {
            answered: learnt.answered || done.state != row.state,
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
        match again && self.keep {
            true => self.undecided.push(undecided),
            false => self.show(undecided, desk),
        }
    }

    fn show(&mut self, undecided: Undecided, desk: &mut Desk<'_>) {
        let Undecided {
            row,
            answered,
            told,
        } = undecided;
        self.unanswered += u64::from(!answered);
        self.pending += u64::from(row.state == State::Pending);
        self.doubts += u64::from(row.state == State::InDoubt);
        desk.settled(Told { row, told });
        desk.flush();
    }
}

/// Is there anything that a call could settle?
fn asks(ledger: &Ledger, destination: &Destination) -> Result<bool, Failure> {
    let status = ledger.status().map_err(opening::failure)?;
    let status = status
        .iter()
        .find(|status| status.destination == destination.name);
    let any = |state| status.is_some_and(|status| status.count(state) > 0);
    let settles = destination.find.is_some() || destination.safe_to_repeat != Repeat::Never;
    Ok(any(State::Pending) && destination.follow.is_some() || any(State::InDoubt) && settles)
}

fn leads_in<'l>(
    ledger: &'l Ledger,
    destination: &str,
    state: State,
) -> Result<crate::ledger::Leads<'l>, Failure> {
    let filter = Filter {
        destination: Some(destination.to_owned()),
        states: vec![state],
        ..Filter::default()
    };
    ledger.leads(filter).map_err(opening::failure)
}

fn ask_about(asker: &Asker<'_>, operation: &Operation, stored: &StoredLead) -> Learnt {
    let reference = stored.reference.clone().unwrap_or_default();
    let question = question(
        asker.destination,
        operation,
        stored,
        &reference,
        Trigger::Follow,
    );
    match question {
        Ok(question) => asker.ask(operation, &question),
        Err(why) => Learnt::nothing(stored.state, why),
    }
}

/// The question about a lead, at the address where it was sent.
///
/// # Errors
/// What is not known of it, in words.
pub fn question(
    destination: &Destination,
    operation: &Operation,
    stored: &StoredLead,
    reference: &str,
    trigger: Trigger,
) -> Result<Question, String> {
    if reference.is_empty() {
        return Err("not asked: the partner gave no number for it".to_owned());
    }
    let mut values = address(stored.address.as_deref());
    values.push((REFERENCE.to_owned(), reference.to_owned()));
    let filled = fill(operation, &values)?;
    Ok(Question {
        lead: stored.id,
        trigger,
        expect: match stored.state {
            State::InDoubt => &[State::InDoubt],
            _ => &[State::Pending],
        },
        before: stored.state,
        request: request::build(destination, operation, &filled, None),
        reference: reference.to_owned(),
        given: given(destination, &values),
    })
}

/// The values of an operation's placeholders.
///
/// # Errors
/// One is missing, in words.
pub fn fill<'v>(
    operation: &'v Operation,
    values: &[(String, String)],
) -> Result<Vec<(&'v str, String)>, String> {
    let value = |name: &'v str| {
        let known = values.iter().find(|(known, _)| known == name);
        known
            .map(|(_, value)| (name, value.clone()))
            .ok_or_else(|| format!("not asked: its {name} was not recorded when it was sent"))
    };
    operation.placeholders().map(value).collect()
}

/// Where a lead was sent, as it was recorded then.
pub fn address(json: Option<&str>) -> Vec<(String, String)> {
    let read = json.and_then(|json| serde_json::from_str(json).ok());
    let Some(serde_json::Value::Object(map)) = read else {
        return Vec::new();
    };
    map.into_iter()
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        .collect()
}

/// What a refusal may blame: the address by its placeholders and by the lead
/// fields that fill them.
pub fn given(destination: &Destination, values: &[(String, String)]) -> Vec<(String, String)> {
    let mut given = values.to_vec();
    for (name, value) in values {
        for field in destination.placeholder(name).from {
            if field != *name {
                given.push((field, value.clone()));
            }
        }
    }
    given
}

/// A stored lead as its row begins; what this run asks is counted from there.
pub fn row_of(stored: &StoredLead) -> Row {
    Row {
        attempts: 0,
        ..resend::row_of(stored)
    }
}

fn ends_soon(stored: &StoredLead, now: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    let at = stored.expires_at.unwrap_or(now);
    let label = stored.label.as_deref().unwrap_or("a lead");
    format!(
        "the approval of {label} (id {}, reference {}) ends on {}{}",
        stored.id,
        stored.reference.as_deref().unwrap_or("unknown"),
        day(at, &zone),
        soon(at, now)
    )
}

fn in_words(name: &str, stop: &Stop) -> String {
    let why = &stop.message;
    if stop.kind == crate::delivery::StopKind::Interrupted {
        return "stopped by you; what was learnt is recorded".to_owned();
    }
    if stop.only.is_empty() {
        return format!("{name} was not asked any more: {why}");
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
