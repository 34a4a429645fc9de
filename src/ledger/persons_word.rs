//! A person's word on a lead: what its partner said by other means, or that the last
//! such word was wrong. It is recorded as an attempt, with its time: what was known
//! before it can still be told.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::Connection;
use thiserror::Error;

use super::destination::stand_back;
use super::lead::{self, StoredLead};
use super::note::{Before, LedgerNote, PersonsWord, clock};
use super::past_attempt::{self, PastAttempt};
use super::route::release_others;
use super::{Ledger, LedgerError, Pricing, Trigger, millis, now};
use crate::lead::State;
use crate::words::say;

/// A word on one lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub lead: i64,
    pub said: PersonsWord,
    pub reason: Option<String>,
}

/// What a destination's table says of its answers.
#[derive(Clone, Default)]
pub struct Terms {
    /// How long the same key keeps a lead from coming again.
    pub again_after: Option<Duration>,
    /// How long after its sending a lead may be returned.
    pub returns_within: Option<Duration>,
    pub pricing: Pricing,
}

/// Why a word changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WordRefusal {
    #[error("{}", say!("word-no-lead", lead = *.0))]
    NoLead(i64),
    #[error("{}", say!("word-in-flight", lead = *.0))]
    InFlight(i64),
    #[error("{}", say!("word-of-change", lead = *.0))]
    Change(i64),
    /// It can't be said of a lead in this state.
    #[error("{}", impossible(*.lead, *.said, *.state))]
    Impossible {
        lead: i64,
        said: PersonsWord,
        state: State,
    },
    #[error("{}", say!("word-too-late", lead = *lead, sent = clock(*sent_at), until = clock(*until)))]
    TooLate { lead: i64, sent_at: i64, until: i64 },
    /// A file that is read again says nothing of what happened since.
    #[error("{}", say!("word-said-before", lead = *.0))]
    SaidBefore(i64),
    #[error("{}", say!("word-none", lead = *lead, state = state.in_words()))]
    NoWord { lead: i64, state: State },
}

fn impossible(lead: i64, said: PersonsWord, is: State) -> String {
    let state = is.in_words();
    match said {
        PersonsWord::Approved => say!("word-cannot-approve", lead, state),
        PersonsWord::Rejected if is == State::Approved => {
            say!("word-cannot-reject-approved", lead, state)
        }
        PersonsWord::Rejected => say!("word-cannot-reject", lead, state),
        PersonsWord::Returned => say!("word-cannot-return", lead, state),
        PersonsWord::Delivered | PersonsWord::NotReceived | PersonsWord::TakenBack => {
            say!("word-not-in-doubt", lead, state)
        }
    }
}

impl PersonsWord {
    /// For people, as the message of a lead, or of a `change` of a contact.
    pub(super) fn in_words(self, change: bool) -> String {
        match (self, change) {
            (Self::Delivered, false) => say!("word-delivered"),
            (Self::Delivered, true) => say!("word-change-delivered"),
            (Self::NotReceived, false) => say!("word-not-received"),
            (Self::NotReceived, true) => say!("word-change-not-received"),
            (Self::Approved, _) => say!("word-approved"),
            (Self::Rejected, _) => say!("word-rejected"),
            (Self::Returned, _) => say!("word-returned"),
            (Self::TakenBack, _) => say!("word-taken-back"),
        }
    }

    /// The same in a word or two.
    pub fn in_short(self) -> String {
        match self {
            Self::Delivered => State::Delivered.in_words(),
            Self::NotReceived => say!("word-short-not-received"),
            Self::Approved => State::Approved.in_words(),
            Self::Rejected => State::Rejected.in_words(),
            Self::Returned => State::Returned.in_words(),
            Self::TakenBack => say!("word-short-taken-back"),
        }
    }

    /// The flag that says it.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Delivered => "--delivered",
            Self::NotReceived => "--not-received",
            Self::Approved => "--approved",
            Self::Rejected => "--rejected",
            Self::Returned => "--returned",
            Self::TakenBack => "--undo",
        }
    }

    /// Is a lead in this state where this word puts it?
    pub fn led_to(self, state: State) -> bool {
        let stood_back = self == Self::NotReceived && state == State::Skipped;
        self.makes(State::InDoubt) == Some(state) || stood_back
    }

    /// What it makes of a lead; the same state where it says nothing new, `None` where
    /// it can't be said. Each word leads on, none back: whichever of two files is read
    /// again, the lead stays where the later one put it.
    pub fn makes(self, state: State) -> Option<State> {
        use State::{
            Approved, Delivered, Duplicate, Expired, Failed, InDoubt, Pending, Rejected, Returned,
            Skipped,
        };
        let is_so = match self {
            Self::Delivered => {
                matches!(
                    state,
                    Delivered | Pending | Approved | Expired | Duplicate | Returned
                )
            }
            Self::NotReceived => state.is_unreceived() || state == Skipped,
            Self::Approved => state == Approved,
            Self::Rejected => state == Rejected,
            Self::Returned => state == Returned,
            Self::TakenBack => false,
        };
        let undecided = matches!(state, InDoubt | Delivered | Pending | Expired);
        match self {
            _ if is_so => Some(state),
            Self::Delivered => (state == InDoubt).then_some(Delivered),
            Self::NotReceived => (state == InDoubt).then_some(Failed),
            Self::Approved => (undecided || state == Rejected).then_some(Approved),
            Self::Rejected => undecided.then_some(Rejected),
            Self::Returned => (undecided || state == Approved).then_some(Returned),
            Self::TakenBack => None,
        }
    }
}

/// A word that changes its lead.
struct Change {
    lead: StoredLead,
    state: State,
    /// What the lead is again, where a word is taken back.
    back: Option<Before>,
}

impl Ledger {
    /// Records what a person says, in one transaction; of each word whether it changed
    /// its lead. Typed words are all said or none, and the first that can't be said is
    /// told; those `from_file`, which may be read again, each count once.
    pub fn resolve(
        &self,
        words: &[Word],
        from_file: bool,
        terms: &BTreeMap<String, Terms>,
    ) -> Result<Vec<Result<bool, WordRefusal>>, LedgerError> {
        self.write(|conn| {
            for word in words.iter().filter(|_| !from_file) {
                if let Err(refusal) = judge(conn, word, from_file, terms)? {
                    return Ok(vec![Err(refusal)]);
                }
            }
            let said = words.iter().map(|word| {
                Ok(match judge(conn, word, from_file, terms)? {
                    Err(refusal) => Err(refusal),
                    Ok(None) => Ok(false),
                    Ok(Some(change)) => {
                        let terms = terms.get(&change.lead.destination);
                        put(conn, change, word, terms.unwrap_or(&Terms::default()))?;
                        Ok(true)
                    }
                })
            });
            said.collect()
        })
    }
}

/// What a word changes, if anything.
fn judge(
    conn: &Connection,
    word: &Word,
    from_file: bool,
    terms: &BTreeMap<String, Terms>,
) -> rusqlite::Result<Result<Option<Change>, WordRefusal>> {
    let Some(lead) = lead::by_id(conn, word.lead)? else {
        return Ok(Err(WordRefusal::NoLead(word.lead)));
    };
    let (id, state, said) = (lead.id, lead.state, word.said);
    if lead.in_flight() {
        return Ok(Err(WordRefusal::InFlight(id)));
    }
    if said == PersonsWord::TakenBack {
        return Ok(match last_word(conn, &lead)? {
            Some((state, back)) => Ok(Some(Change { lead, state, back })),
            None => Err(WordRefusal::NoWord { lead: id, state }),
        });
    }
    let Some(made) = said.makes(state) else {
        return Ok(Err(WordRefusal::Impossible {
            lead: id,
            said,
            state,
        }));
    };
    let of_doubt = matches!(said, PersonsWord::Delivered | PersonsWord::NotReceived);
    if lead.is_change && !of_doubt {
        return Ok(Err(WordRefusal::Change(id)));
    }
    if made == state {
        return Ok(Ok(None));
    }
    let within = terms
        .get(&lead.destination)
        .and_then(|it| it.returns_within);
    if let (PersonsWord::Returned, Some(within)) = (said, within) {
        let sent_at = lead.came_at();
        let until = sent_at.saturating_add(millis(within));
        if until < now() {
            return Ok(Err(WordRefusal::TooLate {
                lead: id,
                sent_at,
                until,
            }));
        }
    }
    if from_file {
        let (words, _) = words_about(conn, id)?;
        if words.iter().any(|word| word.word() == Some(said)) {
            return Ok(Err(WordRefusal::SaidBefore(id)));
        }
    }
    let state = made;
    let back = None;
    Ok(Ok(Some(Change { lead, state, back })))
}

/// The words about a lead that were not taken back, the oldest first, and how many of
/// them can't be, since something happened after them.
fn words_about(conn: &Connection, lead: i64) -> rusqlite::Result<(Vec<PastAttempt>, usize)> {
    let (mut words, mut firm) = (Vec::new(), 0);
    for past in PastAttempt::all(conn, "lead = ?1", lead)? {
        match past.word() {
            Some(PersonsWord::TakenBack) => _ = words.pop(),
            Some(_) => words.push(past),
            None if past.trigger.sends() || past.state.is_some() => firm = words.len(),
            None => {}
        }
    }
    Ok((words, firm))
}

/// The last word about a lead that can be taken back: the state before it, and what
/// else it changed.
fn last_word(
    conn: &Connection,
    lead: &StoredLead,
) -> rusqlite::Result<Option<(State, Option<Before>)>> {
    let (mut words, firm) = words_about(conn, lead.id)?;
    let word = words.drain(firm..).next_back();
    let word = word.filter(|word| word.state == Some(lead.state));
    Ok(word.map(|word| match word.note {
        Some(LedgerNote::Said { before, .. }) => (word.was, before.map(|before| *before)),
        _ => (word.was, None),
    }))
}

/// Records a word, and what it makes of its lead.
fn put(conn: &Connection, change: Change, word: &Word, terms: &Terms) -> rusqlite::Result<()> {
    let Change {
        mut lead,
        mut state,
        back,
    } = change;
    let duplicate = match word.said {
        PersonsWord::NotReceived => stand_back(conn, &lead, terms.again_after)?,
        _ => None,
    };
    if duplicate.is_some() {
        state = State::Skipped;
    }
    let note = |before: Option<Before>| LedgerNote::Said {
        word: word.said,
        change: lead.is_change,
        duplicate,
        reason: word.reason.clone(),
        before: before.map(Box::new),
    };
    let (told, recorded) = (note(None), note(Some(Before::of(&lead))));
    let said = (lead.id, Trigger::Resolve);
    let decided_at = back.as_ref().and_then(|back| back.decided_at);
    let (states, reason) = ([lead.state, state], word.reason.as_deref());
    past_attempt::word(conn, said, states, decided_at, reason, Some(&recorded))?;
    lead.set(state, told);
    // Whoever said it knows.
    lead.posted = Some(state);
    lead.decided_at = (word.said != PersonsWord::NotReceived).then(now);
    match word.said {
        // What it approves anew does not run out as before.
        PersonsWord::Approved => lead.expires_at = None,
        // A decision, and no mistake that a changed row corrects.
        PersonsWord::Rejected => lead.after_pending = true,
        PersonsWord::TakenBack => lead.told = None,
        _ => {}
    }
    if word.said == PersonsWord::TakenBack {
        back.unwrap_or_default().put_back(&mut lead);
    }
    // Along its route, what it is now counts.
    lead.passed_on = false;
    lead.freeze_price(&terms.pricing);
    lead.save(conn)?;
    release_others(conn, &lead)
}

impl Before {
    fn of(lead: &StoredLead) -> Self {
        Self {
            decided_at: lead.decided_at,
            expires_at: lead.expires_at,
            after_pending: lead.after_pending,
            message: lead.message.clone(),
            note: lead.note.clone(),
        }
    }

    fn put_back(self, lead: &mut StoredLead) {
        (lead.decided_at, lead.expires_at) = (self.decided_at, self.expires_at);
        lead.after_pending = self.after_pending;
        (lead.message, lead.note) = (self.message, self.note);
    }
}
