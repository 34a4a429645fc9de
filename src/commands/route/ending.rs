//! Where each lead of a route ended: a line for each that was offered to several
//! destinations, the summary, and the exit code.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use super::rounds::RoundsEnd;
use super::station::Trip;
use crate::commands::rows;
use crate::config::{Choice, Route};
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::StoredLead;
use crate::output::{Advice, Command, Counts, Exit, Layout, Page, Row, code};
use crate::pipeline::ending::{self, LeftOpen, exit_of, stop_in_words};
use crate::pipeline::ordered::{Along, OrderedOutput};
use crate::session::Session;
use crate::words::say;

/// Tells how a run along a route ended.
pub struct Ends<'e> {
    pub trip: Trip<'e>,
    pub elapsed: Duration,
}

/// Where one lead ended.
struct End {
    /// All its offers, the first one first.
    offers: Vec<StoredLead>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// This offer's destination has it, or may have it.
    Placed(usize),
    /// It waits at this offer's destination, to be sent there.
    Waits(usize),
    /// Another run is sending it there at this moment.
    OnItsWay(usize),
    /// All destinations hold it.
    Held,
    /// It is for nobody.
    ForNobody,
    /// It was offered to all, and none took it.
    Nobody,
    /// Each destination is sent it for itself, and this one does not have it.
    ForItself,
}

impl End {
    fn of(route: &Route, offers: Vec<StoredLead>) -> Self {
        let waits = |offer: &StoredLead| {
            matches!(offer.state, State::Failed | State::Unsent) && !offer.passed_on
        };
        let is_held = |offer: &&StoredLead| offer.state == State::Held;
        let kind = if let Some(at) = offers.iter().position(StoredLead::in_flight) {
            Kind::OnItsWay(at)
        } else if let Some(at) = offers.iter().position(StoredLead::holds) {
            Kind::Placed(at)
        } else if let Some(at) = offers.iter().position(waits) {
            Kind::Waits(at)
        } else if offers.last().is_some_and(StoredLead::is_for_nobody) {
            Kind::ForNobody
        } else if offers.iter().all(|offer| is_held(&offer)) {
            Kind::Held
        } else if route.choice() == Choice::All {
            Kind::ForItself
        } else {
            Kind::Nobody
        };
        Self { offers, kind }
    }

    /// The offer that says how it stands.
    fn decisive(&self) -> Option<&StoredLead> {
        match self.kind {
            Kind::Placed(at) | Kind::Waits(at) | Kind::OnItsWay(at) => self.offers.get(at),
            _ => self.offers.last(),
        }
    }

    fn exit(&self) -> Exit {
        match (self.kind, self.decisive()) {
            (Kind::Nobody, _) => Exit::Refused,
            (Kind::OnItsWay(_), _) => Exit::Again,
            (Kind::Held | Kind::ForNobody, _) | (_, None) => Exit::Done,
            (_, Some(offer)) => {
                let mut counts = Counts::new();
                counts.add(offer.state, None);
                code(&counts, Exit::Done)
            }
        }
    }

    /// Somebody has to look at it, and was not told yet.
    fn is_news(&self) -> bool {
        let told = self.decisive().is_some_and(StoredLead::notified);
        let is_elsewhere = matches!(self.kind, Kind::OnItsWay(_));
        self.exit() != Exit::Done && !told && !is_elsewhere
    }

    /// Where it ended, and what the other destinations said.
    fn in_words(&self) -> String {
        let others = |but: Option<usize>| {
            let offers = self.offers.iter().enumerate();
            // One that waited elsewhere meanwhile is no answer.
            let answers = offers.filter(|(_, it)| it.state != State::Skipped);
            let others = answers.filter(|(at, _)| Some(*at) != but).map(|(_, it)| it);
            let told: Vec<String> = others.map(said).collect();
            told.join(&say!("route-answers-between"))
        };
        match (self.kind, self.decisive()) {
            (Kind::OnItsWay(_), Some(offer)) => say!("route-on-its-way", to = &offer.destination),
            (Kind::Placed(at) | Kind::Waits(at), Some(offer)) => {
                let (to, state) = (&offer.destination, offer.state.in_words());
                match others(Some(at)) {
                    before if before.is_empty() => {
                        say!("destination-told", name = to, what = state)
                    }
                    before => say!("route-ended-after", to, state, before),
                }
            }
            (Kind::Held, _) => say!("route-held", answers = others(None)),
            (Kind::ForNobody, _) => say!("route-for-nobody", answers = others(None)),
            _ => say!("route-taken-by-nobody", answers = others(None)),
        }
    }
}

/// Of those that each destination is sent for itself, is one for none of them?
fn nowhere(ends: &[End]) -> Exit {
    let mut taken: BTreeMap<(&str, u64), bool> = BTreeMap::new();
    for end in ends {
        if let Some(offer) = end.decisive() {
            let place = taken.entry((&offer.file, offer.line)).or_default();
            *place |= end.kind != Kind::ForItself;
        }
    }
    match taken.values().all(|taken| *taken) {
        true => Exit::Done,
        false => Exit::Refused,
    }
}

/// What a destination said of a lead.
fn said(offer: &StoredLead) -> String {
    let (to, state) = (&offer.destination, offer.state.in_words());
    match offer.message().filter(|why| !why.is_empty()) {
        Some(why) => say!("route-answer-and-why", to, state, why),
        None => say!("route-answer", to, state),
    }
}

impl<'e> Ends<'e> {
    /// Tells where the leads ended, and what to do next; the exit code.
    ///
    /// # Errors
    /// The ledger can't be read, or results were lost.
    pub fn tell(self, mut rows: OrderedOutput<'e>, rounds: RoundsEnd) -> Result<Exit, Failure> {
        let session = self.trip.session;
        let Along { ids, settled } = rows.along.take().unwrap_or_default();
        let ends = self.ends(&ids)?;
        let news: Vec<&End> = ends.iter().filter(|end| end.is_news()).collect();
        let quiet = session.global.quiet;
        if quiet {
            let corrections = rows.corrections.take();
            rows = in_quiet(session, &news);
            rows.corrections = corrections;
        } else {
            self.tell_ways(&ends, &mut rows);
        }
        // Where failures go on, that nobody answers is told once, though all are placed.
        let is_told = !quiet || !news.is_empty() || rounds.is_news;
        for (name, stop) in rounds.stops.iter().filter(|_| is_told) {
            let told = say!("destination-told", name, what = stop_in_words(stop));
            session.warnings.warn(&told);
        }
        let rejects = rows.corrections.take().map(|rows| rows.finish(session));
        let rejects = rejects.transpose();
        let mut counts = settled;
        ends.iter()
            .filter_map(|end| Some((end.kind, end.decisive()?.state)))
            .for_each(|(kind, state)| match kind {
                Kind::OnItsWay(_) => counts.add(State::Skipped, None),
                _ => counts.add(state, None),
            });
        let told: Vec<i64> = news
            .iter()
            .filter_map(|end| Some(end.decisive()?.id))
            .collect();
        if quiet && self.trip.is_kept {
            // At worst something is told twice.
            _ = self.trip.ledger.mark_told(&told);
        }
        rows.counts = counts;
        let advice = is_told.then(|| self.advice(&ends));
        let kept = self.trip.is_kept.then_some(self.trip.ledger);
        ending::summarize(session, rows, kept, self.elapsed, advice)?;
        rejects?;
        let own = match quiet {
            true => news
                .iter()
                .map(|end| end.exit())
                .fold(Exit::Done, Exit::min),
            false => ends.iter().map(End::exit).fold(nowhere(&ends), Exit::min),
        };
        let stops = rounds.stops.iter().filter(|_| is_told);
        // Where failures go on, it counts where the leads ended.
        let goes_on = self.trip.route.goes_on_from_failed();
        let stops = stops.filter(|(_, stop)| !(goes_on && exit_of(&stop.kind) == Exit::Again));
        let stops = stops.map(|(_, stop)| exit_of(&stop.kind));
        let found = kept.map_or(Exit::Done, |ledger| session.found(ledger));
        Ok(stops.fold(own.min(rounds.exit).min(found), Exit::min))
    }

    /// Each lead once.
    fn ends(&self, ids: &[i64]) -> Result<Vec<End>, Failure> {
        let mut seen = HashSet::new();
        let mut ends = Vec::new();
        for id in ids {
            let Some(lead) = self.trip.ledger.lead(*id)? else {
                continue;
            };
            if seen.insert(lead.first_offer()) {
                ends.push(End::of(self.trip.route, self.trip.ledger.offers(&lead)?));
            }
        }
        // As they came, whichever was settled first.
        ends.sort_by_key(|end| end.offers.first().map(|first| first.id));
        Ok(ends)
    }

    /// A line for each lead that several destinations were offered.
    fn tell_ways(&self, ends: &[End], rows: &mut OrderedOutput<'_>) {
        let several = ends
            .iter()
            .filter(|end| end.offers.len() > 1 || end.kind == Kind::Nobody);
        let lines = several.filter_map(|end| {
            let first = end.offers.first()?;
            let who = first.label.clone().unwrap_or_default();
            Some(vec![format!("{}", first.line), who, end.in_words()])
        });
        let lines: Vec<Vec<String>> = lines.collect();
        if lines.is_empty() {
            return;
        }
        let mut page = Page::new();
        page.title(&say!("route-ends", route = &self.trip.route.name));
        page.grid(0, &lines);
        rows.say(page.as_str());
    }

    fn advice(&self, ends: &[End]) -> Vec<Advice> {
        let mut open: BTreeMap<&str, LeftOpen> = BTreeMap::new();
        for end in ends {
            let Some(offer) = end.decisive().filter(|it| !it.in_flight()) else {
                continue;
            };
            let open = open.entry(&offer.destination).or_default();
            match offer.state {
                State::InDoubt => open.doubts = true,
                State::Pending => open.pending = true,
                State::Failed => open.failed = true,
                State::Unsent => open.unsent = true,
                State::Held => open.held = true,
                _ => {}
            }
        }
        let stations = self.trip.stations.iter().map(|station| station.destination);
        let of_each = stations.filter_map(|it| Some(open.get(&*it.name)?.advice(it)));
        let mut advice: Vec<Advice> = of_each.flatten().collect();
        let nobody = ends.iter().filter(|end| end.kind == Kind::Nobody).count();
        if nobody > 0 && self.trip.is_kept {
            let history = Command::new([
                "history",
                "--to",
                &self.trip.route.name,
                "--state",
                "rejected",
            ]);
            let history = history.and(["--state", "invalid", "--state", "filtered"]);
            let what = say!("route-advice-nobody", leads = nobody);
            advice.push(Advice::new(what, &[history]));
        }
        advice
    }
}

/// With `--quiet` a lead is told once, by where it ended.
fn in_quiet<'s>(session: &'s Session, news: &[&End]) -> OrderedOutput<'s> {
    let mut rows = OrderedOutput::new(session, Some(Layout::Offers { files: true }));
    for end in news {
        if let Some(offer) = end.decisive() {
            let message = end.in_words().into();
            let row = Row {
                message,
                ..rows::standing(offer)
            };
            rows.settled(row, false);
        }
    }
    rows
}
