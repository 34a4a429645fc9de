//! Where a destination stands: a record for scripts, and a page for people.

use std::collections::BTreeMap;

use jiff::ZonedDateTime;
use serde::Serialize;

use super::advice::Advice;
use super::page::Page;
use super::rows::instant;
use super::run_row::RunRow;
use super::text::told;
use crate::lead::State;
use crate::words::say;

/// What was sent to a destination, what is open there, and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StatusRow {
    pub destination: String,
    /// What the partner got, or may have got.
    pub sent_today: u64,
    pub sent_this_month: u64,
    /// How many leads are in each state, since the first one.
    pub states: BTreeMap<State, u64>,
    /// When the oldest open lead was sent or read; milliseconds since 1970, UTC.
    #[serde(serialize_with = "instant")]
    pub oldest_open: Option<i64>,
    /// When the partner last took a lead; milliseconds since 1970, UTC.
    #[serde(serialize_with = "instant")]
    pub last_success: Option<i64>,
    pub last_run: Option<RunRow>,
    /// Empty when there is nothing to do.
    pub next: Vec<Advice>,
}

impl StatusRow {
    /// How many leads are in a state.
    pub fn count(&self, state: State) -> u64 {
        self.states.get(&state).copied().unwrap_or_default()
    }

    fn write(&self, page: &mut Page, now: &ZonedDateTime) {
        page.title(&self.destination);
        let when = |at: Option<i64>| at.map(|at| told(at, now));
        let (today, month) = (self.sent_today, self.sent_this_month);
        let oldest = when(self.oldest_open).unwrap_or_else(|| say!("status-none"));
        let success = when(self.last_success).unwrap_or_else(|| say!("status-never"));
        let run = self.last_run.as_ref().map(|run| run.in_words(now));
        let nothing = self.next.is_empty().then(|| say!("status-nothing"));
        let facts = [
            (
                say!("status-sent"),
                Some(say!("status-sent-counts", today, month)),
            ),
            (say!("status-in-all"), Some(self.in_all())),
            (say!("status-oldest-open"), Some(oldest)),
            (say!("status-last-success"), Some(success)),
            (say!("status-last-run"), run),
            (say!("status-to-do"), Some(nothing.unwrap_or_default())),
        ];
        let column = Page::column(facts.iter().map(|(label, _)| label.as_str()), 0);
        for (label, text) in &facts {
            if let Some(text) = text {
                page.entry(2, label, column, text);
            }
        }
        for advice in &self.next {
            page.entry(4, "", 0, &advice.heading());
            for command in &advice.commands {
                page.unbroken(6, command);
            }
        }
    }

    /// The states that a morning asks about, then those that occur.
    fn in_all(&self) -> String {
        use State::{Approved, Delivered, InDoubt, Invalid, Pending, Rejected};
        const ASKED: [State; 6] = [Delivered, Approved, Pending, Rejected, Invalid, InDoubt];
        let accepted = self.count(Delivered) + self.count(Approved);
        let counts = [
            say!("status-accepted", count = accepted),
            say!("status-waiting", count = self.count(Pending)),
            say!("status-refused", count = self.count(Rejected)),
            Invalid.counted(self.count(Invalid)),
            InDoubt.counted(self.count(InDoubt)),
        ];
        let others = self.states.iter();
        let others = others.filter(|(state, count)| **count > 0 && !ASKED.contains(state));
        let others = others.map(|(state, count)| state.counted(*count));
        counts
            .into_iter()
            .chain(others)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Where what is told of a route begins, behind its labels.
const COLUMN: usize = 14;

/// Where the leads of a route are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteStatus {
    pub route: String,
    /// How many each destination has or may get still, in the order of the route.
    pub taken: Vec<(String, u64)>,
    pub nobody: u64,
}

impl RouteStatus {
    fn write(&self, page: &mut Page) {
        page.title(&say!("status-route", name = &self.route));
        let taken = self.taken.iter();
        let taken: Vec<String> = taken.map(|(to, count)| format!("{count} {to}")).collect();
        page.entry(2, &say!("status-where"), COLUMN, &taken.join(", "));
        page.entry(2, &say!("status-nowhere"), COLUMN, &self.nobody.to_string());
    }
}

/// All destinations and routes on one page. `more`: there is something to do that is no destination's.
pub fn page(rows: &[StatusRow], routes: &[RouteStatus], more: bool, now: &ZonedDateTime) -> String {
    let mut page = Page::new();
    for row in rows {
        row.write(&mut page, now);
    }
    routes.iter().for_each(|route| route.write(&mut page));
    if !more && !rows.is_empty() && rows.iter().all(|row| row.next.is_empty()) {
        page.title(&say!("status-nothing-to-do"));
    }
    page.as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_is_open_and_the_very_commands() {
        let now: ZonedDateTime = "2026-11-03T20:00:00+01:00[+01:00]".parse().unwrap();
        let at = Some(1_793_689_925_000);
        let states = [(State::Pending, 8), (State::InDoubt, 1), (State::Failed, 0)];
        let follow = "leadctl --config '/a folder/of/somebody/with/a/long/name/partners.toml' follow --to shop";
        let mut busy = StatusRow {
            destination: "shop".into(),
            sent_today: 9,
            sent_this_month: 240,
            states: states.into(),
            oldest_open: at,
            last_success: at,
            last_run: Some(RunRow {
                run: 7,
                command: "send".into(),
                started_at: at,
                states: states.into(),
                exit: Some(4),
                ..RunRow::default()
            }),
            next: vec![Advice {
                what: "leads in doubt are never sent again unasked. Look for them in the partner's list".into(),
                commands: vec![follow.into()],
            }],
        };
        let expected = format!(
            "shop
  sent          9 today, 240 this month
  in all        0 accepted, 8 waiting, 0 refused, 0 invalid, 1 in doubt
  oldest open   today 08:12
  last success  today 08:12
  last run      today 08:12 · send · 9 leads: 8 pending, 1 in doubt · exit 4
  to do
    leads in doubt are never sent again unasked. Look for them in the partner's
    list:
      {follow}
"
        );
        assert_eq!(page(&[busy.clone()], &[], false, &now), expected);
        busy.next.clear();
        let told = page(&[busy], &[], false, &now);
        assert!(
            told.ends_with("  to do         nothing\n\nNothing to do.\n"),
            "{told}"
        );
    }
}
