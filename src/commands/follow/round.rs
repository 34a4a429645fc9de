//! What `follow` has at one destination: settles the approvals that ran out,
//! asks about its pending leads, and keeps those that wait for a decision.

use std::sync::Arc;

use super::question;
use crate::commands::rows;
use crate::config::{Destination, SafeToRepeat};
use crate::delivery::{Caller, Control, Done, Stop, Worker, soon};
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

/// What a destination is asked with.
pub struct Site<'s> {
    pub session: &'s Session,
    pub ledger: &'s Ledger,
    pub destination: &'s Destination,
    pub control: Arc<Control>,
    credential: Option<Credential>,
    journal: Journal,
    pace: Option<Arc<Bucket>>,
}

/// One destination's part of a run.
pub struct Round<'s> {
    pub site: &'s Site<'s>,
    pub worker: Worker<'s>,
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

impl<'s> Site<'s> {
    /// Makes ready what asking needs; the secret only where something is asked.
    pub fn open(
        session: &'s Session,
        ledger: &'s Ledger,
        destination: &'s Destination,
    ) -> Result<Self, Failure> {
        let credential = match asks(ledger, destination)? {
            true => {
                opening::require_base(destination)?;
                secrets::credential(destination, session.settings.folder())?
            }
            false => None,
        };
        Ok(Self {
            session,
            ledger,
            destination,
            control: Arc::new(Control::new(None)),
            pace: opening::pace(&ledger.hasher(), destination, credential.as_ref(), LEAVE),
            credential,
            journal: ledger.journal(&RunSpec {
                destination: &destination.name,
                command: "follow",
                again_after: destination.again_after,
            })?,
        })
    }

    /// The leads of the destination in one state.
    pub fn leads(&self, state: State) -> Result<Leads<'s>, Failure> {
        Ok(self.ledger.leads(Filter {
            destination: Some(self.destination.name.clone()),
            states: vec![state],
            ..Filter::default()
        })?)
    }
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
    pub fn of(site: &'s Site<'s>, keeps: bool) -> Self {
        let pace = site.pace.clone().map(|pace| (site.journal.clone(), pace));
        let credential = site.credential.as_ref();
        Self {
            site,
            worker: Worker {
                caller: Caller::new(site.destination, credential, &site.control, pace),
                journal: site.journal.clone(),
            },
            keeps,
            undecided: Vec::new(),
            pending: 0,
            unanswered: 0,
            doubts: 0,
            changes: 0,
        }
    }

    /// Approvals whose time has passed are settled, those that end soon told.
    pub fn tell_approvals(&self, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
        let Site {
            session,
            ledger,
            destination,
            ..
        } = self.site;
        let now = jiff::Timestamp::now().as_millisecond();
        for id in ledger.expire(&destination.name, now)? {
            if let Some(stored) = ledger.lead(id)? {
                rows.settled(rows::asked(&stored), false);
            }
        }
        let week = now.saturating_add(WEEK);
        let mut ending = Vec::new();
        for stored in self.site.leads(State::Approved)? {
            let stored = stored?;
            // A quiet run tells each once.
            let is_told = session.global.quiet && stored.notified();
            if !is_told && stored.expires_at.is_some_and(|at| at < week) {
                ending.push(stored);
            }
        }
        for stored in ending.iter().take(NAMED) {
            session.warnings.warn(&ends_soon(stored, now));
        }
        if ending.len() > NAMED {
            session.warnings.warn(&format!(
                "{} more approvals of {} end within a week",
                ending.len() - NAMED,
                destination.name
            ));
        }
        rows.printed.extend(ending.iter().map(|stored| stored.id));
        Ok(())
    }

    /// Asks about the pending leads.
    pub fn ask_pending(&mut self, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
        let site = self.site;
        let leads = site.leads(State::Pending)?;
        if site.destination.follow.is_none() {
            let (count, name) = (leads.count(), &site.destination.name);
            if count > 0 {
                site.session.warnings.warn(&format!(
                    "{} pending, but {name} can't be asked: its table has no [{name}.follow]",
                    counted(count as u64, "lead is", "leads are")
                ));
            }
            return Ok(());
        }
        for stored in leads {
            let stored = stored?;
            let done = question::ask(&self.worker, &stored);
            self.place(rows::asked(&stored), done, rows);
        }
        Ok(())
    }

    /// Asks once more about what was undecided.
    pub fn ask_again(&mut self, rows: &mut OrderedOutput<'_>) -> Result<(), Failure> {
        for Undecided { row, .. } in std::mem::take(&mut self.undecided) {
            let stored = row.id.map(|id| self.site.ledger.lead(id)).transpose()?;
            match stored.flatten() {
                Some(stored) if stored.state == State::Pending => {
                    let done = question::ask(&self.worker, &stored);
                    self.place(row, done, rows);
                }
                // Another run was faster.
                Some(stored) => rows.settled(rows::asked(&stored), stored.notified()),
                None => {}
            }
        }
        rows.mark_notified(&self.site.journal);
        Ok(())
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
                message: done.message,
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
        self.pending += u64::from(shown.row.state == State::Pending);
        self.doubts += u64::from(shown.row.state == State::InDoubt);
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
        !self.undecided.is_empty() && self.site.control.stopped().is_none()
    }

    /// The stops that are told. A cron job asks again anyway: with `--quiet`
    /// only what somebody must put right.
    fn stops(&self) -> Vec<Stop> {
        let quiet = self.site.session.global.quiet;
        let passes = |exit| matches!(exit, Some(Exit::Again | Exit::InDoubt));
        let mut stops = self.site.control.stops();
        stops.retain(|stop| !(quiet && passes(ending::exit_of(&stop.kind))));
        stops
    }

    /// Tells why it stopped early, if it did.
    pub fn tell_stops(&self) {
        for stop in self.stops() {
            let (name, why) = (&self.site.destination.name, ending::stop_in_words(&stop));
            self.site.session.warnings.warn(&format!("{name}: {why}"));
        }
    }

    pub fn exit(&self) -> Option<Exit> {
        let stops = self.stops().into_iter();
        let stops = stops.filter_map(|stop| ending::exit_of(&stop.kind));
        let unanswered = self.unanswered > 0 && !self.site.session.global.quiet;
        stops.chain(unanswered.then_some(Exit::Again)).min()
    }

    /// What to do next.
    pub fn advice(&self) -> Vec<String> {
        let destination = self.site.destination;
        let doubts = (self.doubts > 0).then(|| ending::settle_advice(destination));
        let changes = (self.changes > 0).then(|| ending::change_advice(destination));
        let pending = (self.pending > 0).then(|| {
            format!(
                "the rest is not decided yet; ask again later: {}",
                Command::new(["follow", "--to", &destination.name])
            )
        });
        [doubts, changes, pending].into_iter().flatten().collect()
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

/// What is known, whom to ask, and the very command that settles it.
pub fn for_a_person(destination: &Destination, id: i64, known: &str) -> String {
    let ask = destination.ask.as_deref().unwrap_or("the partner");
    let ask = match ask.split(' ').next() {
        // Some tables say what to do, others whom to ask.
        Some("look" | "search" | "ask" | "check") => ask.to_owned(),
        _ => format!("ask {ask}"),
    };
    let known = known.trim_end_matches('.');
    let known = if known.is_empty() { "in doubt" } else { known };
    let settle = Command::new(["resolve", &id.to_string(), "--delivered"]);
    format!("{known}; {ask}, then: {settle} (or --not-received)")
}
