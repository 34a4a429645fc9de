//! The verdict: the first rule that holds, else the table of evidence.

use std::time::{Duration, SystemTime};

use super::condition::Evidence;
use super::{moment, retry_after, words};
use crate::config::Call;
use crate::config::Destination;
use crate::config::Pointer;
use crate::config::{ResponseRule, Then, Wait};
use crate::http::{Answer, Reply};
use crate::lead::text::clean;

/// Characters of an answer kept in the record of an attempt.
const EXCERPT: usize = 300;

/// How the message of a doubt ends.
pub const MAYBE: &str = "the partner may have this lead";

/// What a reply means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Then(Then),
    /// No byte left: nobody has the lead.
    Unreachable,
}

/// What a reply means for a lead, with all that was told.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub meaning: Meaning,
    pub status: Option<u16>,
    /// `replied`, `unsent` or `silent`.
    pub transport: &'static str,
    pub reference: Option<String>,
    /// For the user: cleaned, of a sensible length.
    pub message: String,
    /// How long the partner asks to wait.
    pub wait: Option<Duration>,
    /// The partner's headers say that no more requests are allowed for so long.
    pub exhausted: Option<Duration>,
    /// Lead fields to blame for a stop; `None` where every lead is concerned.
    pub blames: Option<Vec<String>>,
    /// Until when an approval holds, as the partner writes it.
    pub expires: Option<String>,
    /// When the partner decided, as it writes it.
    pub decided: Option<String>,
    /// The beginning of the answer, cleaned, for the record.
    pub excerpt: Option<String>,
}

/// Judges the replies of one operation of one destination.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'d> {
    pub destination: &'d Destination,
    pub operation: &'d Call,
}

impl Judge<'_> {
    /// `now` dates a `Retry-After` that names a moment.
    pub fn verdict(&self, reply: &Reply, now: SystemTime) -> Verdict {
        match reply {
            Reply::Replied(answer) => self.of_answer(answer, now),
            Reply::Unmade(why) => {
                without_answer(Meaning::Then(Then::Stop), "unsent", clean(why, 300))
            }
            Reply::Unsent(why) => without_answer(Meaning::Unreachable, "unsent", clean(why, 300)),
            Reply::Silent(why) => {
                let why = clean(why, 300);
                let message = match self.operation.asks {
                    true => why,
                    false => format!("{why}: {MAYBE}"),
                };
                without_answer(Meaning::Then(Then::InDoubt), "silent", message)
            }
        }
    }

    fn of_answer(&self, answer: &Answer, now: SystemTime) -> Verdict {
        let evidence = Evidence::new(answer);
        let rule = self
            .operation
            .rules
            .iter()
            .find(|rule| rule.when.iter().all(|condition| evidence.holds(condition)));
        let told_at = |pointer: Option<&Pointer>| {
            let found = evidence.json.as_ref()?.root().first(pointer?)?;
            Some(found.as_text()?.into_owned())
        };
        let then = match rule {
            Some(rule) => rule.then,
            None => match by_status(answer.status) {
                // It refuses the question: that says nothing of a lead.
                Then::Rejected if self.operation.asks => Then::InDoubt,
                then => then,
            },
        };
        let expires = told_at(rule.and_then(|rule| rule.expires.as_ref()));
        let decided = told_at(rule.and_then(|rule| rule.decided.as_ref()));
        let unread = unread(expires.as_deref().into_iter().chain(decided.as_deref()));
        Verdict {
            meaning: Meaning::Then(then),
            status: Some(answer.status),
            transport: "replied",
            reference: rule
                .and_then(|rule| rule.reference.as_ref())
                .and_then(|extract| evidence.extract(extract))
                .map(|reference| clean(&reference, 100)),
            message: joined(self.message(rule, then, &evidence), unread),
            wait: wait(rule, &evidence, now),
            exhausted: self.exhausted(&evidence),
            blames: self.blames(rule, then, answer.status),
            expires,
            decided,
            excerpt: Some(clean(&evidence.text, EXCERPT)).filter(|text| !text.is_empty()),
        }
    }

    fn message(&self, rule: Option<&ResponseRule>, then: Then, evidence: &Evidence<'_>) -> String {
        let status = evidence.answer.status;
        let told = words::message(rule, self.operation, self.destination, evidence);
        match then {
            Then::InDoubt => {
                let why = match (status, rule) {
                    (200..=299, None) if self.operation.asks => {
                        format!("answered {status}, which no rule understands")
                    }
                    (200..=299, None) => {
                        format!("answered {status} without the proof that it has this lead")
                    }
                    _ => format!("answered {status}: {}", words::of_status(status)),
                };
                let theirs = told.map_or_else(String::new, |told| format!(" ({told})"));
                match self.operation.asks {
                    true => format!("{why}{theirs}"),
                    false => format!("{why}{theirs}; {MAYBE}"),
                }
            }
            Then::Pending => told.unwrap_or_else(|| "received; the decision comes later".into()),
            _ if then.is_success() => told.unwrap_or_default(),
            Then::Expired if rule.is_none_or(|rule| rule.say.is_none()) => {
                words::expired(told.as_deref().unwrap_or_default())
            }
            // "answered 201: accepted" would say the contrary.
            Then::Rejected if matches!(status, 200..=299) => {
                told.unwrap_or_else(|| "refused, without a reason".into())
            }
            Then::Duplicate => told.unwrap_or_else(|| "the partner already had this lead".into()),
            _ => told.unwrap_or_else(|| format!("answered {status}: {}", words::of_status(status))),
        }
    }

    /// No request is left in the partner's window.
    fn exhausted(&self, evidence: &Evidence<'_>) -> Option<Duration> {
        let names = self.destination.rate_headers.as_ref()?;
        let left: u64 = evidence.header(&names.remaining)?.trim().parse().ok()?;
        let window = evidence.header(&names.window_ms)?.trim().parse().ok()?;
        (left == 0).then(|| Duration::from_millis(window))
    }

    /// Whom a stop concerns: a refused key every lead; a refused address or
    /// category the leads whose rows gave the same values.
    fn blames(&self, rule: Option<&ResponseRule>, then: Then, status: u16) -> Option<Vec<String>> {
        if then != Then::Stop {
            return None;
        }
        if let Some(blames) = rule.and_then(|rule| rule.blames.clone()) {
            return (!blames.is_empty()).then_some(blames);
        }
        if !matches!(status, 403 | 404 | 405 | 410) {
            return None;
        }
        let fields: Vec<String> = self
            .operation
            .placeholders()
            .flat_map(|name| self.destination.placeholder(name).from)
            .collect();
        (!fields.is_empty()).then_some(fields)
    }
}

/// That a moment can't be read must be seen: nothing else would tell that an
/// approval has no end here.
fn unread<'t>(moments: impl Iterator<Item = &'t str>) -> Option<String> {
    let unread = moments.filter(|text| !text.trim().is_empty() && !moment::is_readable(text));
    let named: Vec<String> = unread
        .map(|text| format!("\"{}\"", clean(text, 40)))
        .collect();
    (!named.is_empty()).then(|| format!("{} can't be read as a date", named.join(" and ")))
}

fn joined(message: String, more: Option<String>) -> String {
    match more {
        None => message,
        Some(more) if message.is_empty() => more,
        Some(more) => format!("{message} ({more})"),
    }
}

/// The design's table, for an answer that no rule speaks of.
fn by_status(status: u16) -> Then {
    match status {
        408 | 421 | 425 | 429 => Then::Wait,
        401 | 403 | 404 | 405 | 410 | 415 => Then::Stop,
        400..=499 => Then::Rejected,
        _ => Then::InDoubt,
    }
}

fn wait(rule: Option<&ResponseRule>, evidence: &Evidence<'_>, now: SystemTime) -> Option<Duration> {
    let told = match rule.and_then(|rule| rule.wait.as_ref()) {
        Some(Wait::Fixed(duration)) => return Some(*duration),
        Some(Wait::Told(places)) => places.iter().find_map(|place| {
            let text = evidence.extract(place)?;
            retry_after::parse(&text, now)
        }),
        None => None,
    };
    let header = || {
        let (_, value) = evidence
            .answer
            .headers
            .iter()
            .find(|(name, _)| name == "retry-after")?;
        retry_after::parse(value, now)
    };
    told.or_else(header)
}

fn without_answer(meaning: Meaning, transport: &'static str, message: String) -> Verdict {
    Verdict {
        meaning,
        status: None,
        transport,
        reference: None,
        message,
        wait: None,
        exhausted: None,
        blames: None,
        expires: None,
        decided: None,
        excerpt: None,
    }
}
