//! The leads as they stood at a moment, for the month's figures: made of what each
//! attempt made of them, so that a bill can be made again when more is known, and of
//! nothing that a purge takes away.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, Transaction, TransactionBehavior};

use super::lead::next;
use super::{Ledger, LedgerError, Trigger};
use crate::lead::{LeadFacts, Money, State};

/// A lead as it stood at a moment. Times are milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedLead {
    pub destination: String,
    pub source: Option<String>,
    pub facts: LeadFacts,
    pub route: Option<String>,
    /// When it was read first.
    pub read_at: i64,
    /// Its state then. Of one that was not sent by then: today's, or `unsent` where it
    /// was sent since.
    pub state: State,
    /// When it was sent by whatever means, if a partner has it or may have it.
    pub sent_at: Option<i64>,
    /// When the partner decided, if it did.
    pub decided_at: Option<i64>,
    /// A refusal's words, without anybody's data.
    pub refusal: Option<String>,
    /// It was recorded as sent by other means.
    pub is_recorded: bool,
    /// What it brings, as far as it is paid for.
    pub amount: Option<Money>,
    /// Its destination had a price for it when it was accepted.
    pub has_price: bool,
    pub cost: Option<Money>,
}

/// What one attempt, or a person's word, made of its lead.
struct Step {
    lead: i64,
    trigger: Trigger,
    started_at: i64,
    ended_at: Option<i64>,
    became: Option<State>,
    decided_at: Option<i64>,
    refusal: Option<String>,
}

/// Where a lead stands after some of its attempts.
#[derive(Default)]
struct Standing {
    state: Option<State>,
    sent_at: Option<i64>,
    /// What was decided and when, the last one last; that it is asked or sent once more
    /// takes nothing of that away.
    decided: Vec<(State, i64)>,
    refusal: Option<String>,
    is_recorded: bool,
}

impl Step {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let at = &mut 0;
        Ok(Self {
            lead: next(row, at)?,
            trigger: next(row, at)?,
            started_at: next(row, at)?,
            ended_at: next(row, at)?,
            became: next(row, at)?,
            decided_at: next(row, at)?,
            refusal: next(row, at)?,
        })
    }

    /// What the lead became by it, and when, as it was known at `moment`. What was on
    /// its way then was in doubt.
    fn made(&self, moment: i64) -> Option<(State, i64)> {
        match self.ended_at.filter(|ended| *ended < moment) {
            Some(ended) => {
                let decided = self.decided_at.map_or(ended, |at| at.min(ended));
                Some((self.became?, decided))
            }
            None => (self.trigger.sends()).then_some((State::InDoubt, self.started_at)),
        }
    }
}

impl Standing {
    fn take(&mut self, step: Step, moment: i64) {
        let accepted = self.decided.last().is_some_and(|(it, _)| it.is_accepted());
        // What was accepted keeps its day, whatever is sent once more: it is billed once.
        if step.trigger.sends() && !accepted {
            self.sent_at = Some(step.started_at);
        }
        let Some((state, at)) = step.made(moment) else {
            return;
        };
        let is_word = step.trigger == Trigger::Resolve;
        self.state = Some(state);
        self.refusal = step.refusal.filter(|_| state == State::Rejected);
        self.decide(state, at, is_word);
    }

    /// The user said then that it was sent by other means.
    fn record(&mut self, at: i64) {
        self.state = Some(State::Delivered);
        (self.sent_at, self.is_recorded) = (Some(at), true);
        self.decide(State::Delivered, at, false);
    }

    /// Puts a decision after the others. Each keeps its first moment: what is decided once
    /// more says nothing new, and a person's word that is taken back leaves what was.
    fn decide(&mut self, state: State, at: i64, is_word: bool) {
        let known = self.decided.iter().rposition(|(known, _)| *known == state);
        match (state, known) {
            (State::InDoubt | State::Pending, _) if !is_word => {}
            (State::InDoubt | State::Pending, _) => _ = self.decided.pop(),
            (state, _) if !state.was_sent() => self.decided.clear(),
            (_, Some(known)) if is_word || known + 1 == self.decided.len() => {
                self.decided.truncate(known + 1);
            }
            _ => self.decided.push((state, at)),
        }
    }

    /// Fills in what is known of a lead by its attempts.
    fn put(self, lead: &mut ReportedLead, price: Option<Money>, billable_on: Option<State>) {
        lead.is_recorded = self.is_recorded;
        lead.has_price = price.is_some();
        let Some(state) = self.state.filter(|state| state.was_sent()) else {
            lead.state = match lead.state.was_sent() {
                true => State::Unsent,
                false => lead.state,
            };
            return;
        };
        lead.state = state;
        lead.sent_at = self.sent_at.or(Some(lead.read_at));
        let decided = self
            .decided
            .last()
            .filter(|(decision, _)| *decision == state);
        lead.decided_at = decided.map(|(_, at)| *at);
        lead.refusal = self.refusal;
        let is_paid = state.is_accepted() && billable_on.is_none_or(|only| only == state);
        lead.amount = price.filter(|_| is_paid);
    }
}

impl Ledger {
    /// Tells every lead that was read before `moment` (milliseconds UTC) as it stood then,
    /// in the order in which they came. Changes of contacts are none.
    pub fn report(
        &self,
        moment: i64,
        mut tell: impl FnMut(ReportedLead),
    ) -> Result<(), LedgerError> {
        self.read(|conn| {
            // Both tables as they are at one moment.
            let _moment = Transaction::new_unchecked(conn, TransactionBehavior::Deferred)?;
            let names = names(conn)?;
            let mut steps = conn.prepare(
                "SELECT lead, trigger, started_at, ended_at, became, decided_at, refusal
                 FROM attempts WHERE started_at < ?1 ORDER BY lead, id",
            )?;
            let mut steps = steps.query_map([moment], Step::read)?.peekable();
            let mut leads = conn.prepare(
                "SELECT id, destination, state, first_read_at, cost, price, billable_on, source,
                   facts, route, recorded_at
                 FROM leads WHERE first_read_at < ?1 AND NOT is_change
                 UNION ALL SELECT id, destination, state, first_read_at, cost, price, billable_on,
                   source, facts, route, recorded_at FROM forgotten WHERE first_read_at < ?1
                 ORDER BY id",
            )?;
            let mut rows = leads.query([moment])?;
            while let Some(row) = rows.next()? {
                let (id, price, billable_on) = (row.get(0)?, row.get(5)?, row.get(6)?);
                let mut lead = lead(row, &names)?;
                let recorded_at: Option<i64> = row.get(10)?;
                let mut recorded_at = recorded_at.filter(|at| *at < moment);
                let mut standing = Standing::default();
                while let Some(step) = steps.next_if(|step| is_up_to(step, id)) {
                    let step = step?;
                    if step.lead == id {
                        if let Some(at) = recorded_at.take_if(|at| *at <= step.started_at) {
                            standing.record(at);
                        }
                        standing.take(step, moment);
                    }
                }
                if let Some(at) = recorded_at {
                    standing.record(at);
                }
                standing.put(&mut lead, price, billable_on);
                tell(lead);
            }
            Ok(())
        })
    }
}

/// A step of this lead, of one before it, or one that can't be read, which is told.
fn is_up_to(step: &rusqlite::Result<Step>, lead: i64) -> bool {
    step.as_ref().map_or(true, |step| step.lead <= lead)
}

/// The destinations' names, by their numbers.
fn names(conn: &Connection) -> rusqlite::Result<BTreeMap<i64, String>> {
    conn.prepare("SELECT id, name FROM destinations")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// A lead without what its attempts tell of it.
fn lead(row: &Row<'_>, names: &BTreeMap<i64, String>) -> rusqlite::Result<ReportedLead> {
    let name = names.get(&row.get(1)?);
    Ok(ReportedLead {
        destination: name.cloned().unwrap_or_default(),
        state: row.get(2)?,
        read_at: row.get(3)?,
        cost: row.get(4)?,
        source: row.get(7)?,
        facts: row.get(8)?,
        route: row.get(9)?,
        sent_at: None,
        decided_at: None,
        refusal: None,
        is_recorded: false,
        amount: None,
        has_price: false,
    })
}
