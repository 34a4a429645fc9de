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

/// Where the texts begin, behind their labels.
const COLUMN: usize = 14;

impl StatusRow {
    /// How many leads are in a state.
    pub fn count(&self, state: State) -> u64 {
        self.states.get(&state).copied().unwrap_or_default()
    }

    fn write(&self, page: &mut Page, now: &ZonedDateTime) {
        page.title(&self.destination);
        let when = |at: Option<i64>, none: &str| at.map_or_else(|| none.into(), |at| told(at, now));
        let (today, month) = (self.sent_today, self.sent_this_month);
        let sent = format!("{today} today, {month} this month");
        page.entry(2, "sent", COLUMN, &sent);
        page.entry(2, "in all", COLUMN, &self.in_all());
        page.entry(2, "oldest open", COLUMN, &when(self.oldest_open, "none"));
        page.entry(2, "last success", COLUMN, &when(self.last_success, "never"));
        if let Some(run) = &self.last_run {
            page.entry(2, "last run", COLUMN, &run.in_words(now));
        }
        let nothing = if self.next.is_empty() { "nothing" } else { "" };
        page.entry(2, "to do", COLUMN, nothing);
        for advice in &self.next {
            let end = if advice.commands.is_empty() { "" } else { ":" };
            page.entry(4, "", 0, &format!("{}{end}", advice.what));
            for command in &advice.commands {
                page.unbroken(6, command);
            }
        }
    }

    /// The states that a morning asks about, then those that occur.
    fn in_all(&self) -> String {
        use State::{Approved, Delivered, InDoubt, Invalid, Pending, Rejected};
        let asked: [(&str, &[State]); 5] = [
            ("accepted", &[Delivered, Approved]),
            ("waiting", &[Pending]),
            ("refused", &[Rejected]),
            ("invalid", &[Invalid]),
            ("in doubt", &[InDoubt]),
        ];
        let is_asked = |state: &State| asked.iter().any(|(_, states)| states.contains(state));
        let counts = asked.iter().map(|(word, states)| {
            let count: u64 = states.iter().map(|state| self.count(*state)).sum();
            format!("{count} {word}")
        });
        let others = self.states.iter();
        let others = others.filter(|(state, count)| **count > 0 && !is_asked(state));
        let others = others.map(|(state, count)| state.counted(*count));
        counts.chain(others).collect::<Vec<_>>().join(", ")
    }
}

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
        page.title(&format!("route {}", self.route));
        let taken = self.taken.iter();
        let taken: Vec<String> = taken.map(|(to, count)| format!("{count} {to}")).collect();
        page.entry(2, "where", COLUMN, &taken.join(", "));
        page.entry(2, "nowhere", COLUMN, &self.nobody.to_string());
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
        page.title("Nothing to do.");
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
