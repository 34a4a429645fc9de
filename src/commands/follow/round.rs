//! What `follow` does at one destination: settles the approvals that ran out,
//! asks about its pending leads where each was sent, whatever the table says by
//! now, and keeps those that wait for a decision.

use std::sync::Arc;
use std::time::Duration;

use crate::commands::asking::{Values, blamable};
use crate::commands::rows;
use crate::config::{Call, Destination, REFERENCE, SafeToRepeat};
use crate::delivery::{Control, Done, Job, Stop, Worker, soon};
use crate::error::Failure;
use crate::http::{Credentials, request};
use crate::lead::{Pairs, State};
use crate::ledger::{Filter, Leads, Ledger, StoredLead, Trigger};
use crate::output::{Command, Exit, Message, Row, day};
use crate::pipeline::ending::{self, LeftOpen};
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::run;
use crate::session::{Session, credentials, opening};
use crate::words::say;

/// Questions leave this share of the pace to sends.
const LEAVE: f32 = 0.1;
/// Approvals that end within a week are told; of those, so many by name.
const WEEK: i64 = 7 * 86_400_000;
const NAMED: usize = 20;

/// One destination's part of a run.
pub struct Round<'s> {
    pub session: &'s Session,
    pub ledger: &'s Ledger,
    pub destination: &'s Destination,
    pub worker: Worker<'s>,
    /// `--wait`: rows that may still be decided are kept, to be asked again.
    keeps: bool,
    undecided: Vec<Undecided>,
    /// What this run leaves open.
    pub open: LeftOpen,
    /// Leads about which the partner gave no answer that can be used.
    unanswered: u64,
}

/// A row that may still change in this run.
struct Undecided {
    row: Row,
    answered: bool,
    told: bool,
}

/// Is there anything that a call could settle?
fn asks(ledger: &Ledger, destination: &Destination) -> Result<bool, Failure> {
    let settles = destination.find.is_some() || destination.safe_to_repeat != SafeToRepeat::Never;
    let open = ledger.status()?.into_iter().any(|it| {
        let pending = it.leads(State::Pending) > 0 && destination.follow.is_some();
        let doubts = it.leads(State::InDoubt) > 0 && settles;
        it.destination == destination.name && (pending || doubts)
    });
    Ok(open)
}

impl<'s> Round<'s> {
    /// Makes ready what asking needs; the secret only where something is asked.
    pub fn open(
        session: &'s Session,
        ledger: &'s Ledger,
        destination: &'s Destination,
        keeps: bool,
    ) -> Result<Self, Failure> {
        let mut caller = Credentials::default();
        if asks(ledger, destination)? {
            opening::require_base(destination)?;
            caller = credentials::of(session, destination, None)?;
        }
        let journal = run::journal(ledger, destination, "follow", false)?;
        let control = Arc::new(Control::new(None));
        Ok(Self {
            session,
            ledger,
            destination,
            worker: Worker {
                caller: run::caller(&journal, destination, caller, control, LEAVE),
                journal,
            },
            keeps,
            undecided: Vec::new(),
            open: LeftOpen {
                asked: true,
                ..LeftOpen::default()
            },
            unanswered: 0,
        })
    }

    pub fn control(&self) -> &Arc<Control> {
        &self.worker.caller.control
    }

    /// The leads of the destination in one state.
    pub fn leads(&self, state: State) -> Result<Leads<'s>, Failure> {
        Ok(self.ledger.leads(Filter {
            destination: Some(self.destination.name.clone()),
            states: vec![state],
            ..Filter::default()
        })?)
    }

    /// The leads that there is a row of in the end.
    pub fn count(&self) -> Result<u64, Failure> {
        let mut count = self.leads(State::InDoubt)?.at_most();
        if self.destination.follow.is_some() {
            count += self.leads(State::Pending)?.at_most();
        }
        Ok(count)
    }

    /// How often questions may be asked.
    pub fn pace(&self) -> impl Iterator<Item = (u32, Duration)> {
        let kept = |count: u32| (f64::from(count) * f64::from(1.0 - LEAVE)) as u32;
        let rates = self.destination.pace.iter();
        rates.map(move |rate| (kept(rate.count).max(1), rate.per))
    }

    /// Approvals whose time has passed are settled, those that end soon told.
    pub fn tell_approvals(&self, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
        let (ledger, warnings) = (self.ledger, &self.session.warnings);
        let now = jiff::Timestamp::now().as_millisecond();
        for id in ledger.expire(&self.destination.name, now)? {
            if let Some(stored) = ledger.lead(id)? {
                rows.settled(rows::asked(&stored), false);
            }
        }
        let week = now.saturating_add(WEEK);
        let mut ending = 0;
        for stored in self.leads(State::Approved)? {
            let stored = stored?;
            // A quiet run tells each once.
            let is_told = self.session.global.quiet && stored.notified();
            if is_told || stored.expires_at.is_none_or(|at| at >= week) {
                continue;
            }
            ending += 1;
            if ending <= NAMED {
                warnings.warn(&ends_soon(&stored, now));
            }
            rows.printed.push(stored.id);
        }
        if ending > NAMED {
            let (count, name) = (ending - NAMED, &self.destination.name);
            warnings.warn(&say!("approvals-end-within-a-week", count, name));
        }
        Ok(())
    }

    /// Asks about the pending leads.
    pub fn ask_pending(&mut self, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
        let leads = self.leads(State::Pending)?;
        if self.destination.follow.is_none() {
            let (count, name) = (leads.count(), &self.destination.name);
            if count > 0 {
                let told = say!("follow-cant-be-asked", leads = count, name);
                self.session.warnings.warn(&told);
            }
            return Ok(());
        }
        for stored in leads {
            let stored = stored?;
            self.ask(rows::asked(&stored), &stored, rows);
        }
        Ok(())
    }

    /// Asks once more about what was undecided.
    pub fn ask_again(&mut self, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
        for Undecided { row, .. } in std::mem::take(&mut self.undecided) {
            let stored = row.id.map(|id| self.ledger.lead(id)).transpose()?;
            match stored.flatten() {
                Some(stored) if stored.state == State::Pending => self.ask(row, &stored, rows),
                // Another run was faster.
                Some(stored) => rows.settled(rows::asked(&stored), stored.notified()),
                None => {}
            }
        }
        rows.mark_notified(&self.worker.journal);
        Ok(())
    }

    /// Asks about a pending lead, by the number that the partner gave it.
    fn ask(&mut self, row: Row, stored: &StoredLead, rows: &mut OrderedOutput<'_>) {
        let reference = stored.reference.as_deref().unwrap_or_default();
        let done = match self.question(stored, reference) {
            Ok(job) => self.worker.deliver(job),
            Err(why) => Done::left(stored.state, why),
        };
        self.place(row, done, rows);
    }

    /// The question about a lead that has this number, at the address where it
    /// was sent.
    ///
    /// # Errors
    /// What is not known of it, in words.
    pub fn question(&self, stored: &StoredLead, reference: &str) -> Result<Job, String> {
        let destination = self.destination;
        let Some(call) = &destination.follow else {
            return Err(say!("follow-no-question"));
        };
        if reference.is_empty() {
            return Err(say!("follow-no-reference"));
        }
        let mut values = address(stored.address.as_deref());
        values.push((REFERENCE.to_owned(), reference.to_owned()));
        known(call, &values)?;
        let reference = Some(reference.to_owned());
        Ok(Job {
            reference,
            ..self.job(stored, call, &values)
        })
    }

    /// A question about a lead, at the address that holds these values.
    pub fn job(&self, stored: &StoredLead, call: &Call, values: &Values) -> Job {
        let destination = self.destination;
        let (trigger, expect): (_, &[State]) = match stored.state {
            State::InDoubt => (Trigger::Find, &[State::InDoubt]),
            _ => (Trigger::Follow, &[State::Pending]),
        };
        Job {
            place: 0,
            lead: stored.id,
            trigger,
            expect,
            taken_in_by: None,
            before: stored.state,
            told: false,
            request: request::build(destination, call, values, None),
            payload: None,
            stored: true,
            address: None,
            given: blamable(destination, values),
            change: None,
            reference: None,
            since: None,
            sent: stored.sent.clone(),
            safe_to_repeat: false,
            reason: None,
        }
    }

    /// Prints a lead's row, or keeps it where it is worth asking again.
    pub fn place(&mut self, row: Row, done: Done, rows: &mut OrderedOutput<'_>) {
        // What is refused now is refused in a minute too.
        let refused = done.attempts == 0 || done.status.is_some_and(|status| status / 100 == 4);
        let again = done.state == State::Pending && (done.answered || !refused);
        let undecided = Undecided {
            answered: done.answered || done.state != row.state,
            told: done.told,
            row: Row {
                state: done.state,
                reference: done.reference.or(row.reference),
                message: match (done.state, row.id) {
                    (State::InDoubt, Some(id)) => self.for_a_person(id, &done.message),
                    _ => done.message.into(),
                },
                status: done.status,
                attempts: row.attempts + done.attempts,
                ..row
            },
        };
        match again && self.keeps {
            true => self.undecided.push(undecided),
            false => self.show(undecided, rows),
        }
    }

    fn show(&mut self, shown: Undecided, rows: &mut OrderedOutput<'_>) {
        self.unanswered += u64::from(!shown.answered);
        self.open.pending |= shown.row.state == State::Pending;
        self.open.doubts |= shown.row.state == State::InDoubt;
        rows.settled(shown.row, shown.told);
        rows.flush();
    }

    /// Prints the rows that were kept.
    pub fn show_undecided(&mut self, rows: &mut OrderedOutput<'_>) {
        for undecided in std::mem::take(&mut self.undecided) {
            self.show(undecided, rows);
        }
    }

    /// Is it worth asking again?
    pub fn waits(&self) -> bool {
        !self.undecided.is_empty() && self.control().stopped().is_none()
    }

    /// Tells why it stopped early, if it did; what it ends with. A cron job asks
    /// again anyway: with `--quiet` only what somebody must put right.
    pub fn end(&self) -> Exit {
        let quiet = self.session.global.quiet;
        let is_told = |stop: &Stop| {
            let exit = ending::exit_of(&stop.kind);
            !(quiet && matches!(exit, Exit::Again | Exit::InDoubt))
        };
        let mut exit = match self.unanswered > 0 && !quiet {
            true => Exit::Again,
            false => Exit::Done,
        };
        for stop in self.control().stops().iter().filter(|stop| is_told(stop)) {
            let (name, why) = (&self.destination.name, ending::stop_in_words(stop));
            let told = say!("destination-told", name, what = why);
            self.session.warnings.warn(&told);
            exit = exit.min(ending::exit_of(&stop.kind));
        }
        exit
    }

    /// What is known, whom to ask, and the very command that settles it.
    pub fn for_a_person(&self, id: i64, known: &str) -> Message {
        let ask = self.destination.ask.as_ref().map(ToString::to_string);
        let ask = ask.unwrap_or_else(|| say!("doubt-ask-partner"));
        let known = match known.trim_end_matches('.') {
            "" => State::InDoubt.in_words(),
            known => known.to_owned(),
        };
        let resolve = Command::new(["resolve", &id.to_string(), "--delivered"]);
        let history = Command::new(["history", &id.to_string()]);
        let command = resolve.to_string();
        Message::from(say!("doubt-for-a-person", known = &known, ask, command))
            .in_short(say!("doubt-for-a-person-short", known))
            .with_command(&history)
    }
}

/// Are all values of a call's address known?
///
/// # Errors
/// One is missing, in words.
pub fn known(call: &Call, values: &Values) -> Result<(), String> {
    let is_known = |name: &&str| values.iter().any(|(known, _)| known == name);
    match call.placeholders().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => Err(say!("follow-value-unknown", name)),
    }
}

/// Where a lead was sent, as it was recorded then.
pub fn address(json: Option<&str>) -> Values {
    let read = json.and_then(|json| serde_json::from_str::<Pairs<String>>(json).ok());
    read.map_or_else(Vec::new, |pairs| pairs.0)
}

fn ends_soon(stored: &StoredLead, now: i64) -> String {
    let at = stored.expires_at.unwrap_or(now);
    let day = day(at, &crate::calendar::zone());
    let when = match soon(at, now) {
        Some(soon) => say!("approval-ends-on-and-soon", day, soon),
        None => day,
    };
    let label = stored.label.clone();
    let label = label.unwrap_or_else(|| say!("approval-of-somebody"));
    let reference = stored.reference.clone();
    let reference = reference.unwrap_or_else(|| say!("approval-reference-unknown"));
    say!("approval-ends", label, lead = stored.id, reference, when)
}
