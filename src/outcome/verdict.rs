//! The verdict: the first rule that holds, else the table of evidence.

use std::time::{Duration, SystemTime};

use super::echo::{About, Echo};
use super::evidence::Evidence;
use super::{moment, words};
use crate::config::{Call, Destination, ResponseRule, Then, Wait};
use crate::http::request::Request;
use crate::http::{Answer, Reply};
use crate::lead::text::{all_of, clean, in_quotes, said_of, said_together};
use crate::words::say;

/// Characters of an answer kept in the record of an attempt, and of what kept
/// one from coming.
const EXCERPT: usize = 300;
/// Characters of a partner's own number for a lead.
const REFERENCE: usize = 100;

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
    /// Which of the call's rules spoke, if one did.
    pub rule: Option<usize>,
    /// `replied`, `unsent` or `silent`.
    pub transport: &'static str,
    pub reference: Option<String>,
    /// For the user: cleaned, of a sensible length.
    pub message: String,
    /// How long the partner asks to wait.
    pub wait: Option<Duration>,
    /// The partner takes no request of anybody's for so long.
    pub exhausted: Option<Duration>,
    /// Lead fields to blame for a stop; `None` where every lead is concerned.
    pub blames: Option<Vec<String>>,
    /// Until when an approval holds, as the partner writes it.
    pub expires: Option<String>,
    /// When the partner decided, as it writes it.
    pub decided: Option<String>,
    /// The beginning of the answer, cleaned, for the record.
    pub excerpt: Option<String>,
    /// What was sent, where the call made it out of what it read first.
    pub sent: Option<Box<Request>>,
    /// The token of the call was refused, and another one is worth a try: nothing
    /// was taken in.
    pub stale_token: bool,
}

impl Verdict {
    /// A verdict that tells nothing but this.
    pub fn new(meaning: Meaning, transport: &'static str, message: String) -> Self {
        Self {
            meaning,
            status: None,
            rule: None,
            transport,
            reference: None,
            message,
            wait: None,
            exhausted: None,
            blames: None,
            expires: None,
            decided: None,
            excerpt: None,
            sent: None,
            stale_token: false,
        }
    }
}

/// What stays open where no answer proves what became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeavesOpen {
    /// A question changes nothing, or whoever asks says it better.
    Nothing,
    /// Whether the partner has this lead.
    Lead,
    /// Whether a contact was changed.
    Contact,
}

/// Judges the replies of one call of one destination.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'d> {
    pub destination: &'d Destination,
    pub call: &'d Call,
    pub leaves_open: LeavesOpen,
    about: About<'d>,
}

impl<'d> Judge<'d> {
    /// The judge of questions and of leads that are sent.
    pub fn new(destination: &'d Destination, call: &'d Call) -> Self {
        let leaves_open = match call.asks {
            true => LeavesOpen::Nothing,
            false => LeavesOpen::Lead,
        };
        Self {
            destination,
            call,
            leaves_open,
            about: About::default(),
        }
    }

    /// The same for an answer that must be about this one.
    pub fn about(self, about: About<'d>) -> Self {
        Self { about, ..self }
    }

    /// The same for calls that leave something else open.
    pub fn leaving_open(self, leaves_open: LeavesOpen) -> Self {
        Self {
            leaves_open,
            ..self
        }
    }

    /// `now` dates a `Retry-After` that names a moment.
    pub fn verdict(&self, reply: &Reply, now: SystemTime) -> Verdict {
        let in_doubt = Meaning::Then(Then::InDoubt);
        let (meaning, transport, why) = match reply {
            Reply::Replied(answer) => return self.of_answer(answer, now),
            Reply::Unmade(why) => (Meaning::Then(Then::Stop), "unsent", why),
            Reply::Unsent(why) => (Meaning::Unreachable, "unsent", why),
            Reply::Silent(why) => (in_doubt, "silent", why),
        };
        let mut message = clean(&why.to_string(), EXCERPT);
        if let (true, Some(open)) = (meaning == in_doubt, self.open()) {
            message = said_of(&message, &open);
        }
        Verdict::new(meaning, transport, message)
    }

    fn of_answer(&self, answer: &Answer, now: SystemTime) -> Verdict {
        let evidence = Evidence::new(answer);
        // What could not be read proves nothing.
        let may_hold = |rule: &ResponseRule| answer.packed.is_none() || !rule.then.is_success();
        let holds = |rule: &ResponseRule| rule.when.iter().all(|when| evidence.holds(when));
        let rules = &self.call.rules;
        let spoke = rules.iter().position(|rule| may_hold(rule) && holds(rule));
        let rule = spoke.map(|index| &rules[index]);
        let then = match rule {
            Some(rule) => rule.then,
            None => match by_status(answer.status) {
                // It refuses the question: that says nothing of a lead.
                Then::Rejected if self.call.asks => Then::InDoubt,
                // Nobody is there, or nothing is at this address.
                Then::Stop if self.about.since.is_some() && matches!(answer.status, 404 | 410) => {
                    Then::InDoubt
                }
                then => then,
            },
        };
        if let Some(another) = self.of_another(then, &evidence) {
            return another;
        }
        let then = self.by_age(then, &evidence);
        let expires = rule.and_then(|rule| evidence.text_at(rule.expires.as_ref()?));
        let decided = rule.and_then(|rule| evidence.text_at(rule.decided.as_ref()?));
        let wait = wait(rule, &evidence, now);
        let reference = rule.and_then(|rule| evidence.extract(rule.reference.as_ref()?));
        let mut message = self.message(rule, then, &evidence);
        if let Some(packed) = answer.packed {
            let packed = match packed {
                "" => say!("answer-packed-somehow"),
                packed => say!("answer-packed", packed),
            };
            message = said_together(&[message, packed]);
        }
        if let Some(unread) = unread(expires.iter().chain(&decided)) {
            message = match message.is_empty() {
                true => unread,
                false => format!("{message} ({unread})"),
            };
        }
        Verdict {
            status: Some(answer.status),
            rule: spoke,
            reference: reference.map(|reference| clean(&reference, REFERENCE)),
            wait,
            // It stays a doubt: what came before the fault may have been done.
            exhausted: self
                .exhausted(&evidence)
                .or(wait.filter(|_| answer.status == 503)),
            blames: self.blames(rule, then, answer.status),
            expires,
            decided,
            excerpt: excerpt(&evidence),
            stale_token: answer.stale_token,
            ..Verdict::new(Meaning::Then(then), "replied", message)
        }
    }

    /// An answer that decides about somebody else decides nothing, and its number
    /// is not this one's.
    fn of_another(&self, then: Then, evidence: &Evidence<'_>) -> Option<Verdict> {
        let json = evidence.json.as_ref().filter(|_| then.is_of_a_lead());
        let echo = self.about.echo(self.destination, self.call, json);
        let Echo::Another { at, shown, meant } = echo else {
            return None;
        };
        let status = evidence.answer.status;
        let (shown, meant) = (in_quotes(&shown), in_quotes(&meant));
        let message = say!("answer-of-another", status, at, shown, meant);
        let message = self.left_open(message);
        Some(Verdict {
            status: Some(status),
            exhausted: self.exhausted(evidence),
            excerpt: excerpt(evidence),
            ..Verdict::new(Meaning::Then(Then::InDoubt), "replied", message)
        })
    }

    /// What a search found is the lead that was sent only if it was made since then.
    fn by_age(&self, then: Then, evidence: &Evidence<'_>) -> Then {
        let find = self.destination.find.as_ref();
        let created = find.and_then(|find| find.created.as_ref());
        let (Some(since), Some(created), true) = (self.about.since, created, then.is_success())
        else {
            return then;
        };
        let at = evidence.text_at(created);
        match at.and_then(|at| moment::created(&at)) {
            Some(at) if at >= since => then,
            Some(_) => Then::Duplicate,
            None => Then::InDoubt,
        }
    }

    fn message(&self, rule: Option<&ResponseRule>, then: Then, evidence: &Evidence<'_>) -> String {
        let status = evidence.answer.status;
        let told = words::message(rule, self.call, self.destination, evidence);
        let by_status = || say!("answer", status, meaning = words::of_answer(evidence));
        match then {
            Then::InDoubt => self.doubt(rule, evidence, told),
            Then::Pending => told.unwrap_or_else(|| say!("answer-received")),
            Then::Delivered | Then::Approved => told.unwrap_or_default(),
            Then::Expired if rule.is_none_or(|rule| rule.say.is_none()) => {
                words::expired(told.as_deref().unwrap_or_default())
            }
            // "answered 201: accepted" would say the contrary.
            Then::Rejected if matches!(status, 200..=299) => {
                told.unwrap_or_else(|| say!("answer-refused"))
            }
            Then::Duplicate => told.unwrap_or_else(|| say!("answer-duplicate")),
            _ => told.unwrap_or_else(by_status),
        }
    }

    fn doubt(
        &self,
        rule: Option<&ResponseRule>,
        evidence: &Evidence<'_>,
        told: Option<String>,
    ) -> String {
        let status = evidence.answer.status;
        let mut message = match (status, rule) {
            (200..=299, None) if self.call.asks => say!("answer-not-understood", status),
            (200..=299, None) => say!("answer-proves-nothing", status),
            _ => say!("answer", status, meaning = words::of_answer(evidence)),
        };
        if let Some(told) = told {
            message = format!("{message} ({told})");
        }
        self.left_open(message)
    }

    fn left_open(&self, message: String) -> String {
        match self.open() {
            Some(open) => said_together(&[message, open]),
            None => message,
        }
    }

    fn open(&self) -> Option<String> {
        match self.leaves_open {
            LeavesOpen::Nothing => None,
            LeavesOpen::Lead => Some(say!("answer-leaves-lead-open")),
            LeavesOpen::Contact => Some(say!("answer-leaves-contact-open")),
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
            .call
            .placeholders()
            .flat_map(|name| self.destination.placeholder(name).from)
            .collect();
        (!fields.is_empty()).then_some(fields)
    }
}

/// The beginning of an answer, for the record.
fn excerpt(evidence: &Evidence<'_>) -> Option<String> {
    Some(clean(&evidence.text, EXCERPT)).filter(|text| !text.is_empty())
}

/// That a moment can't be read must be seen: nothing else would tell that an
/// approval has no end here.
fn unread<'t>(moments: impl Iterator<Item = &'t String>) -> Option<String> {
    let named: Vec<String> = moments
        .filter(|text| !moment::is_readable(text))
        .map(|text| in_quotes(&clean(text, 40)))
        .collect();
    (!named.is_empty()).then(|| say!("answer-no-date", dates = all_of(&named)))
}

/// The table of evidence, for an answer that no rule speaks of.
fn by_status(status: u16) -> Then {
    match status {
        408 | 421 | 425 | 429 => Then::Wait,
        401..=405 | 407 | 410 | 415 | 451 => Then::Stop,
        400..=499 => Then::Rejected,
        _ => Then::InDoubt,
    }
}

/// A moment is measured against the answer's own clock, which is the partner's.
fn wait(rule: Option<&ResponseRule>, evidence: &Evidence<'_>, now: SystemTime) -> Option<Duration> {
    let theirs = evidence.header("date").and_then(moment::http_date);
    let now = theirs.unwrap_or(now);
    let mut told = rule.iter().flat_map(|rule| &rule.wait);
    let told = told.find_map(|wait| match wait {
        Wait::Fixed(duration) => Some(*duration),
        Wait::Told(place) => moment::wait(&evidence.extract(place)?, now),
    });
    told.or_else(|| moment::wait(evidence.header("retry-after")?, now))
}
