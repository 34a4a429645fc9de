//! One lead: its attempts for scripts, and a page with all that is known of it.

use jiff::ZonedDateTime;
use serde::Serialize;
use serde_json::value::RawValue;

use super::advice::Advice;
use super::page::Page;
use super::rows::{instant, shown};
use super::text::told;
use crate::lead::State;
use crate::words::say;

/// What was tried for a lead, and what came back: a line of `history ID`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AttemptRow {
    /// The lead's number in the ledger.
    pub id: i64,
    /// 1 for the lead's first attempt.
    pub attempt: u32,
    pub destination: String,
    /// Milliseconds since 1970, UTC.
    #[serde(serialize_with = "instant")]
    pub started_at: Option<i64>,
    /// `None` while no outcome is known.
    #[serde(serialize_with = "instant")]
    pub ended_at: Option<i64>,
    /// What made it happen: `send`, `resend`, `follow`…
    pub trigger: String,
    /// The user's word for it, where one was asked for.
    pub reason: Option<String>,
    /// `replied`, `unsent` or `silent`.
    pub transport: Option<String>,
    /// The HTTP status, if the partner replied.
    pub status: Option<u16>,
    /// The state that the attempt left the lead in.
    pub state: Option<State>,
    pub message: String,
    /// The beginning of the partner's answer.
    pub excerpt: Option<String>,
    /// What was sent, as a dry run shows it; none of a question, or once it is purged.
    pub request: Option<Box<RawValue>>,
    /// The same for people, line by line.
    #[serde(skip)]
    pub sent: Vec<String>,
}

/// All that is known of a lead.
pub struct LeadPage {
    pub title: String,
    /// Labels and texts; those without a text are left out.
    pub facts: Vec<(String, String)>,
    pub attempts: Vec<AttemptRow>,
    pub next: Vec<Advice>,
}

/// How far behind their labels texts begin at least.
const COLUMN: usize = 14;

impl LeadPage {
    /// The page, as it is read at this moment.
    pub fn text(&self, now: &ZonedDateTime) -> String {
        let mut page = Page::new();
        page.title(&self.title);
        let facts = || self.facts.iter().filter(|(_, text)| !text.is_empty());
        let column = Page::column(facts().map(|(label, _)| label.as_str()), COLUMN);
        for (label, text) in facts() {
            page.entry(2, label, column, text);
        }
        if self.attempts.is_empty() {
            let tried = say!("lead-page-tried");
            page.entry(2, &tried, column, &say!("lead-page-never"));
        }
        for attempt in &self.attempts {
            attempt.write(&mut page, column, now);
        }
        for advice in &self.next {
            page.title(&advice.heading());
            for command in &advice.commands {
                page.unbroken(2, command);
            }
        }
        page.as_str().to_owned()
    }
}

impl AttemptRow {
    fn write(&self, page: &mut Page, column: usize, now: &ZonedDateTime) {
        let parts = [
            say!("lead-page-attempt", number = self.attempt),
            self.trigger_in_words(),
            shown(self.started_at.map(|at| told(at, now))),
            self.transport_in_words(),
            shown(self.status),
            shown(self.state.map(State::in_words)),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        page.title(&parts.join(" · "));
        let facts = [
            (String::new(), Some(&self.message)),
            (say!("lead-page-reason"), self.reason.as_ref()),
            (say!("lead-page-answer"), self.excerpt.as_ref()),
        ];
        for (label, text) in facts {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                let column = if label.is_empty() { 0 } else { column };
                page.entry(2, &label, column, text);
            }
        }
        if !self.sent.is_empty() {
            page.entry(2, &say!("lead-page-sent"), column, "");
        }
        for line in &self.sent {
            page.unbroken(4, line);
        }
    }

    /// Commands keep their names.
    fn trigger_in_words(&self) -> String {
        match self.trigger.as_str() {
            "retry" => say!("lead-page-retry"),
            "repeat" => say!("lead-page-repeat"),
            "find" => say!("lead-page-find"),
            "expire" => say!("lead-page-expire"),
            command => command.to_owned(),
        }
    }

    fn transport_in_words(&self) -> String {
        match self.transport.as_deref() {
            Some("replied") => say!("lead-page-replied"),
            Some("unsent") => say!("lead-page-unsent"),
            Some("silent") => say!("lead-page-silent"),
            other => shown(other),
        }
    }
}
