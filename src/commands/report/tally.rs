//! Counts leads into the finished report: each once, on its day, in its group. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::By;
use crate::lead::{Counted, Dated, Figures, State};
use crate::ledger::ReportedLead;
use crate::output::{DayFigures, DecisionTimes, Group, OpenLeads, Refusal, Report};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    pub dated: Dated,
    pub by: Vec<By>,
    /// The first and the last day, where they are said.
    pub since: Option<Date>,
    pub until: Option<Date>,
    pub zone: TimeZone,
    /// Destinations that have a price.
    pub priced: Vec<String>,
}

/// The counts so far.
pub struct Tally {
    question: Question,
    total: Figures,
    groups: BTreeMap<Vec<String>, Figures>,
    sources: BTreeMap<String, Figures>,
    days: BTreeMap<(Date, String), Figures>,
    refusals: BTreeMap<(String, String), u64>,
    /// From sending to decision, milliseconds.
    decisions: BTreeMap<String, Vec<i64>>,
    open: BTreeMap<(String, State), (u64, Date)>,
    first: Option<Date>,
    unpriced: u64,
    recorded: u64,
}

impl Tally {
    pub fn new(question: Question) -> Self {
        Self {
            total: Figures::none(question.dated),
            question,
            groups: BTreeMap::new(),
            sources: BTreeMap::new(),
            days: BTreeMap::new(),
            refusals: BTreeMap::new(),
            decisions: BTreeMap::new(),
            open: BTreeMap::new(),
            first: None,
            unpriced: 0,
            recorded: 0,
        }
    }

    /// Counts one more, if its day is in the period.
    pub fn add(&mut self, lead: ReportedLead) {
        let dated = self.question.dated;
        let at = match dated {
            Dated::Sent => Some(lead.sent_at.unwrap_or(lead.read_at)),
            Dated::Decided => lead.decided_at,
        };
        let Some(day) = at.and_then(|at| self.day(at)) else {
            return;
        };
        let question = &self.question;
        let is_late = question.until.is_some_and(|until| day > until);
        if is_late || question.since.is_some_and(|since| day < since) {
            return;
        }
        self.first = Some(self.first.map_or(day, |first| first.min(day)));
        let counted = Counted {
            state: Some(lead.state),
            amount: lead.amount,
            cost: lead.cost,
        };
        let group = question.by.iter().map(|by| value(*by, &lead, day));
        let group: Vec<String> = group.collect();
        let none = || Figures::none(dated);
        self.total.add(counted);
        let source = value(By::Source, &lead, day);
        self.sources.entry(source).or_insert_with(none).add(counted);
        let of_day = self.days.entry((day, lead.destination.clone()));
        of_day.or_insert_with(none).add(counted);
        self.groups.entry(group).or_insert_with(none).add(counted);
        self.add_beside(lead, day);
    }

    /// What is told beside the figures.
    fn add_beside(&mut self, lead: ReportedLead, day: Date) {
        let state = lead.state;
        let is_priced = self.question.priced.contains(&lead.destination);
        self.unpriced += u64::from(state.is_accepted() && !lead.has_price && is_priced);
        self.recorded += u64::from(lead.is_recorded && lead.sent_at.is_some());
        let later = matches!(state, State::Returned | State::Expired);
        if let (Some(sent), Some(decided), false) = (lead.sent_at, lead.decided_at, later)
            && !lead.is_recorded
        {
            let times = self.decisions.entry(lead.destination.clone()).or_default();
            times.push(decided.saturating_sub(sent).max(0));
        }
        if state.is_open() {
            let open = self.open.entry((lead.destination.clone(), state));
            let (count, oldest) = open.or_insert((0, day));
            (*count, *oldest) = (*count + 1, day.min(*oldest));
        }
        if state == State::Rejected {
            let reason = lead.refusal.unwrap_or_default();
            *self.refusals.entry((lead.destination, reason)).or_default() += 1;
        }
    }

    fn day(&self, at: i64) -> Option<Date> {
        let at = Timestamp::from_millisecond(at).ok()?;
        Some(self.question.zone.to_datetime(at).date())
    }

    /// The report. `today`: the last day that it can know of.
    pub fn finish(self, today: Date) -> (Report, u64) {
        let question = self.question;
        let first = question.since.or(self.first);
        let mut refusals: Vec<Refusal> =
            named(self.refusals, |(destination, reason), count| Refusal {
                destination,
                reason,
                count,
            });
        refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.count));
        refusals.sort_by(|one, other| one.destination.cmp(&other.destination));
        let report = Report {
            period: first.map(|first| (first, question.until.unwrap_or(today.max(first)))),
            dated: question.dated,
            by: question.by.iter().map(|by| by.name().to_owned()).collect(),
            groups: named(self.groups, |of, figures| Group { of, figures }),
            total: self.total,
            days: named(self.days, |(day, destination), figures| DayFigures {
                day,
                destination,
                figures,
            }),
            refusals,
            decisions: named(self.decisions, decision_times),
            sources: named(self.sources, |source, figures| Group {
                of: vec![source],
                figures,
            }),
            open: named(self.open, |(destination, state), (count, oldest)| {
                OpenLeads {
                    destination,
                    state,
                    count,
                    oldest,
                }
            }),
            unpriced: self.unpriced,
            ..Report::default()
        };
        (report, self.recorded)
    }
}

fn named<K, V, T>(all: BTreeMap<K, V>, row: impl Fn(K, V) -> T) -> Vec<T> {
    all.into_iter()
        .map(|(key, value)| row(key, value))
        .collect()
}

fn decision_times(destination: String, mut times: Vec<i64>) -> DecisionTimes {
    times.sort_unstable();
    // The least time within which this share of them was decided.
    let within = |tenths: usize| {
        let at = (times.len() * tenths).div_ceil(10).max(1) - 1;
        times.get(at).copied().unwrap_or_default()
    };
    DecisionTimes {
        destination,
        count: times.len() as u64,
        median: within(5),
        ninth: within(9),
        longest: within(10),
    }
}

/// What a lead has of what the report is grouped by; empty where it has nothing.
fn value(by: By, lead: &ReportedLead, day: Date) -> String {
    match by {
        By::Destination => lead.destination.clone(),
        // A row may name where it comes from, where its export doesn't.
        By::Source => lead
            .source
            .clone()
            .unwrap_or_else(|| lead.facts.get("source").to_owned()),
        By::State => lead.state.as_str().to_owned(),
        By::Day => day.to_string(),
        By::Month => day.strftime("%Y-%m").to_string(),
        By::Route => lead.route.clone().unwrap_or_default(),
        By::Field(field) => lead.facts.get(field).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::lead::{LeadFacts, Money};

    const DAY: i64 = 86_400_000;
    /// 2026-11-01 00:00 UTC.
    const NOVEMBER: i64 = 1_793_491_200_000;

    fn lead(state: State, sent: Option<i64>) -> ReportedLead {
        ReportedLead {
            destination: "north".into(),
            source: None,
            facts: LeadFacts::of(["program", "source"], |field| match field {
                "source" => "spring",
                _ => "12",
            }),
            route: None,
            read_at: NOVEMBER - DAY,
            state,
            sent_at: sent,
            decided_at: sent.filter(|_| !state.is_open()).map(|at| at + DAY),
            refusal: (state == State::Rejected).then(|| "no such course".into()),
            is_recorded: false,
            amount: state.is_accepted().then(|| Money::of_cents(3_500)),
            has_price: true,
            cost: Some(Money::of_cents(1_200)),
        }
    }

    fn report(dated: Dated, by: Vec<By>, leads: Vec<ReportedLead>) -> Report {
        let mut tally = Tally::new(Question {
            dated,
            by,
            since: Some(date(2026, 11, 1)),
            until: Some(date(2026, 11, 30)),
            zone: TimeZone::fixed(jiff::tz::offset(1)),
            priced: Vec::new(),
        });
        leads.into_iter().for_each(|lead| tally.add(lead));
        tally.finish(date(2026, 11, 30)).0
    }

    #[test]
    fn a_lead_belongs_to_the_day_it_was_sent_or_read_in_the_users_zone() {
        let leads = vec![
            // Midnight here is an hour earlier in UTC.
            lead(State::Approved, Some(NOVEMBER - DAY / 24)),
            lead(State::Approved, Some(NOVEMBER - DAY / 24 - 1)),
            lead(State::Rejected, Some(NOVEMBER + 2 * DAY)),
            lead(State::InDoubt, Some(NOVEMBER + 2 * DAY)),
            lead(State::Invalid, None),
        ];
        let told = report(Dated::Sent, vec![By::Day, By::Source], leads.clone());
        let days: Vec<&str> = told.groups.iter().map(|group| &*group.of[0]).collect();
        assert_eq!(days, ["2026-11-01", "2026-11-03"]);
        assert_eq!(told.groups[0].of[1], "spring");
        assert_eq!((told.total.read, told.total.sent), (Some(3), 3));
        assert_eq!((told.total.billable, told.total.in_doubt), (1, 1));
        assert_eq!(told.total.margin, Some(Money::of_cents(3_500 - 3 * 1_200)));
        assert_eq!(told.refusals[0].reason, "no such course");
        assert_eq!(
            (told.open[0].state, told.open[0].count),
            (State::InDoubt, 1)
        );
        // What is not decided has no day of its decision.
        let told = report(Dated::Decided, vec![By::Destination], leads);
        assert_eq!((told.total.read, told.total.sent), (None, 3));
        assert_eq!((told.total.accepted, told.total.in_doubt), (2, 0));
    }

    #[test]
    fn nine_of_ten_decisions_were_made_within_the_ninth_time() {
        let times = decision_times("north".into(), (1..=20).rev().collect());
        assert_eq!((times.median, times.ninth, times.longest), (10, 18, 20));
        let one = decision_times("north".into(), vec![7]);
        assert_eq!((one.count, one.median, one.ninth), (1, 7, 7));
    }
}
