//! `--dry-run` of a route: which destination each lead would be offered to, with the
//! request, and what keeps it from the ones before. Nothing is sent and nothing recorded.

use std::collections::HashSet;

use super::foresight::{Foreseen, Foresight, half, left_row};
use crate::cli;
use crate::commands::{identity, stored};
use crate::config::{Choice, Destination, Route};
use crate::error::Failure;
use crate::lead::{Hold, Record, State};
use crate::ledger::{Hasher, Ledger};
use crate::output::{Exit, Reason, Row};
use crate::pipeline::dry_run::{DryRun, RequestPage};
use crate::pipeline::inputs::{Input, Inputs};
use crate::pipeline::remarks::Remarks;
use crate::pipeline::{InputRows, Prepared, Preparer, Rules};
use crate::pipeline::{block_list, corrections};
use crate::session::{Session, opening};
use crate::words::say;

/// Shows what a run would do.
///
/// # Errors
/// A file can't be used at all, or the ledger can't be read.
pub fn run(
    session: &Session,
    args: &cli::Send,
    (route, destinations): (&Route, &[&Destination]),
    files: Vec<Input>,
) -> Result<Exit, Failure> {
    let listed = block_list::named(session)?;
    let rules = destinations.iter().map(|destination| {
        let inputs = Inputs {
            lines: args.lines.clone(),
            listed: listed.clone(),
            ..Inputs::of(session, destination, files.clone(), &args.reading)
        };
        Rules::new(destination, inputs)
    });
    let rules: Vec<Rules<'_>> = rules.collect();
    for rules in &rules {
        corrections::look_ahead(rules, args.rejects.as_deref(), args.inbox.is_some())?;
    }
    let ledger = opening::look(session)?;
    for destination in ledger.iter().flat_map(|_| destinations) {
        if let Some(ledger) = &ledger {
            identity::foresee(session, ledger, destination, args.accept_new_key)?;
        }
    }
    let Some(first) = rules.first() else {
        return Ok(Exit::Done);
    };
    let mut walk = Walk::new(session, route, &rules, ledger.as_ref())?;
    walk.limit = args.limit.unwrap_or(u64::MAX);
    let mut failed = Exit::Done;
    for input in &first.inputs.files {
        let read = InputRows::open(first, input)
            .and_then(|mut rows| rows.try_for_each(|record| walk.take(record?)));
        if let Err(failure) = read {
            failure.print();
            failed = failed.min(failure.exit);
        }
    }
    walk.remarks.tell(&session.warnings);
    let exit = walk.results.end(failed)?;
    // As a run ends: what nobody would take needs a person.
    Ok(match walk.nobody > 0 {
        true => exit.min(Exit::Refused),
        false if exit == Exit::Refused => Exit::Done,
        false => exit,
    })
}

/// Follows each lead along its route.
struct Walk<'r> {
    route: &'r Route,
    destinations: Vec<&'r Destination>,
    preparers: Vec<Preparer<'r>>,
    foresight: Foresight<'r>,
    pages: Vec<RequestPage>,
    results: DryRun<'r>,
    remarks: Remarks,
    hasher: Hasher,
    /// How many each one's cap lets through still, and what becomes of the others.
    rooms: Vec<Option<(u64, Hold)>>,
    /// What was shown as ready: at which destination, and half of its key.
    seen: HashSet<(usize, u64)>,
    ready: u64,
    limit: u64,
    /// Leads that nobody would take.
    nobody: u64,
}

impl<'r> Walk<'r> {
    fn new(
        session: &'r Session,
        route: &'r Route,
        rules: &'r [Rules<'r>],
        ledger: Option<&Ledger>,
    ) -> Result<Self, Failure> {
        let preparer = |rules| Preparer::new(rules).with_rejected(ledger.map(Ledger::again));
        let destinations: Vec<&Destination> = rules.iter().map(|it| it.destination).collect();
        let pages = destinations.iter();
        Ok(Self {
            route,
            preparers: rules.iter().map(preparer).collect(),
            pages: pages.map(|it| RequestPage::new(session, it)).collect(),
            rooms: destinations
                .iter()
                .map(|it| stored::room(it, ledger))
                .collect::<Result<_, _>>()?,
            destinations,
            foresight: Foresight::new(route, ledger)?.of_dry_run(rules)?,
            results: DryRun::begin(session),
            remarks: Remarks::default(),
            hasher: match ledger {
                Some(ledger) => ledger.hasher(),
                None => Hasher::random()?,
            },
            seen: HashSet::new(),
            ready: 0,
            limit: u64::MAX,
            nobody: 0,
        })
    }

    fn take(&mut self, record: Record) -> Result<(), Failure> {
        let mut leads = Vec::new();
        for preparer in &mut self.preparers {
            leads.push(preparer.prepare(record.clone())?);
            self.remarks.append(std::mem::take(&mut preparer.remarks));
        }
        let foreseen = self.foresight.look(&leads)?;
        if let Choice::All = self.route.choice() {
            for (at, (lead, it)) in leads.iter().zip(foreseen).enumerate() {
                let it = self.capped(at, it);
                self.show(at, lead, it);
            }
            return Ok(());
        }
        let place = self.foresight.place(&leads, &foreseen)?;
        if let (Some(left), Some(page)) = (place.left, self.pages.first()) {
            self.results.left(&left_row(&leads[0], *left), page);
            return Ok(());
        }
        let first = place.at;
        let names: Vec<&str> = self.destinations.iter().map(|it| &*it.name).collect();
        let order: Vec<usize> = self
            .route
            .order_from(names.get(first).copied().unwrap_or_default())
            .iter()
            .filter_map(|name| names.iter().position(|known| known == name))
            .collect();
        // What comes before was offered by an earlier run.
        let mut foreseen: Vec<Option<Foreseen>> = foreseen.into_iter().map(Some).collect();
        let mut held = true;
        for at in order.into_iter().skip_while(|at| *at != first) {
            let Some(it) = foreseen.get_mut(at).and_then(Option::take) else {
                continue;
            };
            let it = self.capped(at, it);
            let (state, ends) = (it.row.state, it.ends());
            self.show(at, &leads[at], it);
            let goes_on = self.route.goes_on().contains(&state);
            if ends || !goes_on {
                return Ok(());
            }
            held &= state == State::Held;
        }
        self.nobody += u64::from(!held);
        Ok(())
    }

    /// The same where one's cap is reached.
    fn capped(&self, at: usize, mut it: Foreseen) -> Foreseen {
        let room = self.rooms.get(at).copied().flatten();
        if let Some((0, hold)) = room.filter(|_| it.is_sent()) {
            it.row.state = State::Held;
            it.row.reason = Some(Reason::Held(hold.reason));
            it.row.message = hold.in_words().into();
        }
        it
    }

    /// What would become of a lead at one destination.
    fn show(&mut self, at: usize, lead: &Prepared<'_>, foreseen: Foreseen) {
        let is_sent = foreseen.is_sent();
        let mut row = Row {
            route: Some(self.route.name.clone()),
            ..foreseen.row
        };
        let sendable = lead.ready.as_ref().ok().filter(|_| is_sent);
        let Some(page) = self.pages.get(at) else {
            return;
        };
        match sendable {
            Some(_) if !self.seen.insert((at, half(lead.key(&self.hasher)))) => {
                row.state = State::Skipped;
                row.message = say!("send-same-lead-above").into();
                self.results.left(&row, page);
            }
            Some(sendable) => {
                self.ready += 1;
                if let Some(Some((room, _))) = self.rooms.get_mut(at) {
                    *room = room.saturating_sub(1);
                }
                if self.ready <= self.limit {
                    self.results.ready(&page.of(&row, Some(&sendable.request)));
                }
            }
            None => self.results.left(&row, page),
        }
    }
}
