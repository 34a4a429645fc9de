//! A lead as it was read, and what the next send makes of it, whatever became of
//! it before: a new lead, one that is sent anew, or nothing to do. Asked and
//! stored in one transaction, so that the same key is never stored twice.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::blocked::blocked_since;
use super::consent::{Consent, objection};
use super::destination::{Scope, lapsed, number_of};
use super::lead::{self, StoredLead};
use super::note::{LedgerNote, Objection, Rival};
use super::place;
use super::proof::Proof;
use super::route::{self, Offer};
use super::{Hash16, Holder, Ledger, LedgerError, Pricing};
use crate::lead::{FilterReason, Hold, LeadFacts, Money, State};

/// What this run thinks of a lead, before the ledger is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It can be sent.
    Ready,
    /// It breaks the destination's rules. `faults`: a hash of their kinds and
    /// values, by which the same faults are known again.
    Invalid { why: String, faults: Hash16 },
    /// It is not for the destination.
    Filtered { reason: FilterReason, why: String },
    /// Its person is not to be sent to anybody.
    Objected(Objection),
    /// It can be sent, and not now.
    Held(Hold),
    /// Another destination of the group has its person.
    KeptOut(Rival),
    /// It was delivered by other means, says the user with this note.
    Elsewhere(String),
}

/// One lead as it was read.
#[derive(Debug, Clone)]
pub struct Intake {
    pub key: Hash16,
    /// A field of the destination's key is blank.
    pub blank_key: bool,
    /// A change of a contact that is there: its key is none that a lead has.
    pub is_change: bool,
    /// [`super::Hasher::request`] of what would be sent; `None` if invalid.
    pub request: Option<Hash16>,
    pub source: Option<String>,
    /// What it costs there.
    pub cost: Option<Money>,
    pub facts: LeadFacts,
    pub file: String,
    /// 1-based.
    pub line: u64,
    /// A few words by which a person knows the lead.
    pub label: String,
    /// The row as read, a JSON object.
    pub fields: String,
    /// The body that would be sent; `None` if invalid.
    pub sent: Option<String>,
    /// Where to ask about it later (JSON).
    pub address: Option<String>,
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
    /// The same for people to read.
    pub email_text: Option<String>,
    pub phone_text: Option<String>,
    /// Further addresses and numbers of theirs, and further ways to write them, by which
    /// they may be blocked.
    pub others: Vec<Hash16>,
    pub judgement: Judgement,
    /// What the person said, where their consent is asked for.
    pub consent: Option<Consent>,
    /// The stored lead that this row corrects (a rejects file names it).
    pub replaces: Option<i64>,
    /// It comes by a route.
    pub offer: Option<Offer>,
}

/// What is to be done with a lead that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DedupOutcome {
    /// Stored as `unsent`; [`super::Journal::begin`] may claim it. `notified`: an
    /// earlier run already told that it was not sent.
    Send { id: i64, notified: bool },
    /// Stored with its complaints. `notified`: an earlier run said the same.
    Invalid { id: i64, notified: bool },
    /// Stored with its reason, filtered or held. `notified`: it was filtered before.
    Kept { id: i64, notified: bool },
    /// Stored as delivered by other means.
    Recorded { id: i64 },
    /// Nothing to do: an earlier lead has the key. `same_run`: it came in this
    /// very run, so the lead is twice in the input. `held`: the run that is sending
    /// what it took in; nothing of it is changed meanwhile.
    Skip {
        earlier: Box<StoredLead>,
        same_run: bool,
        held: Option<Holder>,
    },
    /// Stored as filtered: another destination of the group has this person. `notified`:
    /// it was filtered before.
    KeptOut {
        id: Option<i64>,
        notified: bool,
        rival: Rival,
    },
    /// This person is not to be sent to anybody. `id`: of what is stored of it.
    Objected {
        id: Option<i64>,
        objection: Objection,
    },
}

impl DedupOutcome {
    /// The lead that is stored of it, or that it is.
    pub fn id(&self) -> Option<i64> {
        match self {
            Self::Send { id, .. }
            | Self::Invalid { id, .. }
            | Self::Kept { id, .. }
            | Self::Recorded { id } => Some(*id),
            Self::Skip { earlier, .. } => Some(earlier.id),
            Self::Objected { id, .. } | Self::KeptOut { id, .. } => *id,
        }
    }
}

/// What a row comes to.
enum Decision {
    /// A new lead. The one that has its key, if any, is past.
    Insert(Option<i64>),
    /// A stored lead is judged and sent anew, with this row's content.
    Update(Box<StoredLead>),
    /// Its person is not to be sent to anybody.
    KeepBack(Objection),
    Answer(DedupOutcome),
}

impl Intake {
    /// The state and the message that its judgement gives.
    fn state(&self) -> (State, Option<&str>) {
        match &self.judgement {
            Judgement::Ready => (State::Unsent, None),
            Judgement::Invalid { why, .. } => (State::Invalid, Some(why)),
            // Its note says why.
            Judgement::Filtered { .. } | Judgement::Objected(_) | Judgement::KeptOut(_) => {
                (State::Filtered, None)
            }
            Judgement::Held(_) => (State::Held, None),
            Judgement::Elsewhere(note) => (State::Delivered, Some(note)),
        }
    }

    fn note(&self) -> Option<LedgerNote> {
        match &self.judgement {
            Judgement::Filtered { reason, why } => Some(LedgerNote::Filtered {
                reason: *reason,
                why: why.clone(),
            }),
            Judgement::Held(hold) => Some(LedgerNote::Held(*hold)),
            Judgement::Objected(objection) => Some(LedgerNote::Objected(*objection)),
            Judgement::KeptOut(rival) => Some(LedgerNote::KeptOut(rival.clone())),
            _ => None,
        }
    }

    fn proof(&self) -> Option<&Proof> {
        match &self.consent {
            Some(Consent::Given { proof, .. }) => Some(proof),
            _ => None,
        }
    }

    /// Why its person is not to be sent to anybody. What was sent by other means is not
    /// sent now, and a row that can't be sent says itself what keeps it.
    fn objection(&self, conn: &Connection) -> rusqlite::Result<Option<Objection>> {
        let given_at = self.consent.as_ref().and_then(Consent::given_at);
        match self.judgement {
            Judgement::Elsewhere(_) => Ok(None),
            Judgement::Ready | Judgement::Held(_) | Judgement::KeptOut(_) => {
                objection(conn, self.contacts(), given_at)
            }
            _ => {
                let since = blocked_since(conn, self.contacts())?;
                Ok(since.map(|since| Objection::Blocked { since }))
            }
        }
    }

    /// By which its person is known.
    pub fn contacts(&self) -> impl Iterator<Item = Hash16> + Clone {
        let own = [self.email, self.phone].into_iter().flatten();
        own.chain(self.others.iter().copied())
    }

    fn faults(&self) -> Option<Hash16> {
        match self.judgement {
            Judgement::Invalid { faults, .. } => Some(faults),
            _ => None,
        }
    }

    fn outcome(&self, id: i64, notified: bool) -> DedupOutcome {
        match self.judgement {
            Judgement::Ready => DedupOutcome::Send { id, notified },
            Judgement::Invalid { .. } => DedupOutcome::Invalid { id, notified },
            Judgement::Filtered { .. } | Judgement::Held(_) => DedupOutcome::Kept { id, notified },
            Judgement::Objected(objection) => DedupOutcome::Objected {
                id: Some(id),
                objection,
            },
            Judgement::KeptOut(ref rival) => DedupOutcome::KeptOut {
                id: Some(id),
                notified,
                rival: rival.clone(),
            },
            Judgement::Elsewhere(_) => DedupOutcome::Recorded { id },
        }
    }

    /// Where it comes from and what it cost there: as it was read first, since nobody
    /// pays for a lead twice. `is_offered_again`: along its route.
    fn bought(
        &self,
        known: Option<&StoredLead>,
        is_offered_again: bool,
    ) -> (Option<String>, Option<Money>) {
        match known.filter(|known| known.source.is_some()) {
            Some(known) => (known.source.clone(), known.cost),
            None => (self.source.clone(), self.cost.filter(|_| !is_offered_again)),
        }
    }

    /// The same, of a person that another destination of the group has, or may have. What
    /// is on its way there now may be free soon: its turn will tell.
    fn kept_out(&self, conn: &Connection, rivals: &[String]) -> rusqlite::Result<Option<Self>> {
        let is_asked = matches!(self.judgement, Judgement::Ready | Judgement::Held(_));
        if !is_asked || self.is_change {
            return Ok(None);
        }
        let rival = place::rival(conn, self.contacts(), rivals)?;
        let rival = rival.filter(|rival| !rival.in_flight());
        Ok(rival.map(|rival| Self {
            judgement: Judgement::KeptOut(rival.into()),
            request: None,
            sent: None,
            address: None,
            ..self.clone()
        }))
    }

    /// Was a user told already what this row makes of the known lead?
    fn was_told(&self, known: &StoredLead) -> bool {
        match self.judgement {
            Judgement::Invalid { faults, .. } => {
                known.notified() && known.state == State::Invalid && known.faults == Some(faults)
            }
            // Nobody is told to look at it.
            Judgement::Filtered { .. } | Judgement::KeptOut(_) => known.state == State::Filtered,
            _ => known.notified() && matches!(known.state, State::Unsent | State::Failed),
        }
    }

    /// Is the known lead the same person's, or one of which nothing tells?
    fn is_same_person(&self, known: &StoredLead) -> bool {
        // Known by one thing alone, which is what was corrected.
        let scant = known.email.is_none() || known.phone.is_none();
        let refused = known.state.is_refused();
        known.is_of(self.email, self.phone, &self.label) || scant && refused
    }

    /// A change that was made, or stands twice in the input, is made once more: to
    /// say again what is so harms nobody, and between the two it may have changed.
    fn repeats(&self, known: &StoredLead, scope: &Scope) -> bool {
        let made = is_settled(known.state) && !known.in_flight();
        self.is_change && (known.run == scope.run || made)
    }

    /// May the known lead be judged and sent anew, with this row's content?
    fn may_change(
        &self,
        known: &StoredLead,
        conn: &Connection,
        scope: &Scope,
    ) -> rusqlite::Result<bool> {
        let same_run = known.run == scope.run;
        Ok(match known.state {
            _ if known.in_flight() => false,
            // One that was not made, or perhaps not, is settled by making it again.
            _ if self.is_change => true,
            // A later row may be the corrected one.
            State::Invalid | State::Filtered => true,
            // Another destination of its route had it, and it goes on from there.
            State::Skipped => self
                .offer
                .as_ref()
                .is_some_and(|offer| offer.from.is_some()),
            State::Held | State::Failed | State::Unsent => !same_run,
            State::Rejected if same_run => false,
            State::Rejected if matches!(self.judgement, Judgement::Elsewhere(_)) => {
                !known.after_pending || self.replaces == Some(known.id)
            }
            State::Rejected => {
                let changed = self.request.is_some() && self.request != known.request;
                // A person corrected this very lead. Otherwise a decision that came
                // later is not a mistake to correct, and what was refused before,
                // as what took its place was, is no correction.
                let corrected = self.replaces == Some(known.id);
                changed
                    && (corrected
                        || !known.after_pending
                            && replaced_by(conn, scope, self)? != Some(known.id))
            }
            _ => false,
        })
    }
}

/// The partner has it, or refused it: for good, unless it comes again.
fn is_settled(state: State) -> bool {
    !state.is_unreceived() && !matches!(state, State::InDoubt | State::Skipped)
}

/// `again_after`: enough time has passed for the same person to be a new lead.
/// A lead in doubt waits for its settlement all the same.
fn comes_again(known: &StoredLead, scope: &Scope) -> bool {
    let lapsed = lapsed(scope.again_after).is_some_and(|lapsed| known.came_at() < lapsed);
    lapsed && is_settled(known.state) && known.run != scope.run
}

/// The lead that took this very row's place: an export that comes again holds
/// the old row still.
fn replaced_by(conn: &Connection, scope: &Scope, lead: &Intake) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached(
        "SELECT lead FROM replaced WHERE destination = ?1 AND key = ?2 AND request IS ?3
         ORDER BY rowid DESC LIMIT 1",
    )?
    .query_row(params![scope.destination, lead.key, lead.request], |row| {
        row.get(0)
    })
    .optional()
}

/// A lead of this destination that a row names, or that took its place.
fn named(
    conn: &Connection,
    scope: &Scope,
    id: Option<i64>,
) -> rusqlite::Result<Option<StoredLead>> {
    let found = id.map(|id| lead::by_id(conn, id)).transpose()?.flatten();
    Ok(found.filter(|found| found.destination_id == scope.destination))
}

fn decide(conn: &Connection, scope: &Scope, lead: &Intake) -> rusqlite::Result<Decision> {
    let skip = |earlier: StoredLead, held| {
        Decision::Answer(DedupOutcome::Skip {
            same_run: earlier.run == scope.run,
            earlier: Box::new(earlier),
            held,
        })
    };
    if let Some(objection) = lead.objection(conn)? {
        return Ok(Decision::KeepBack(objection));
    }
    let known = match lead::by_key(conn, scope.destination, lead.key)? {
        Some(known) if comes_again(&known, scope) || lead.repeats(&known, scope) => {
            return Ok(Decision::Insert(Some(known.id)));
        }
        Some(known) => known,
        None => {
            // The lead that this row corrects, as its file says. One that is passed
            // over corrects nothing: with another key it is a lead.
            let corrected = named(conn, scope, lead.replaces)?
                .filter(|known| lead.is_same_person(known) && known.state != State::Skipped);
            match corrected {
                Some(known) => known,
                None => {
                    let known = named(conn, scope, replaced_by(conn, scope, lead)?)?;
                    let known = known.filter(|known| !comes_again(known, scope));
                    return Ok(known.map_or(Decision::Insert(None), |known| skip(known, None)));
                }
            }
        }
    };
    // By its route it may be elsewhere by now, whatever changed in its row.
    if let Some(placed) = route::placed_elsewhere(conn, &known)? {
        return Ok(skip(placed, None));
    }
    if lead.may_change(&known, conn, scope)? {
        return Ok(match known.holder(conn, scope.run)? {
            Some(held) => skip(known, Some(held)),
            None => Decision::Update(Box::new(known)),
        });
    }
    // It stays rejected in the ledger, but the row's fault is worth telling.
    let refused = known.state == State::Rejected && known.run != scope.run;
    Ok(match lead.judgement {
        Judgement::Invalid { .. } if refused => Decision::Answer(lead.outcome(known.id, false)),
        _ => skip(known, None),
    })
}

/// Takes in one lead, inside a transaction.
pub fn take_in(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    lead: &Intake,
) -> rusqlite::Result<DedupOutcome> {
    match &lead.consent {
        // By one of these each row of theirs is known; a no holds for all.
        Some(given @ Consent::Given { .. }) => {
            given.keep(conn, [lead.email, lead.phone].into_iter().flatten())?;
        }
        Some(withdrawn) => withdrawn.keep(conn, lead.contacts())?,
        None => {}
    }
    if let Some(from) = lead.offer.as_ref().and_then(|offer| offer.from) {
        route::pass_on(conn, from)?;
    }
    let kept_out = lead.kept_out(conn, &scope.rivals)?;
    let lead = kept_out.as_ref().unwrap_or(lead);
    match decide(conn, scope, lead)? {
        Decision::Answer(outcome) => Ok(outcome),
        Decision::Update(known) => update(conn, scope, now, &known, lead),
        Decision::KeepBack(objection) => keep_back(conn, scope, now, lead, objection),
        Decision::Insert(past) => {
            if let Some(past) = past {
                lead::step_back(conn, past)?;
            }
            let id = store(conn, scope, now, None, [None; 2], lead)?;
            Ok(lead.outcome(id, false))
        }
    }
}

/// Somebody who is blocked: a new lead is stored, to be counted; one that no partner
/// has waits no more.
fn keep_back(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    lead: &Intake,
    objection: Objection,
) -> rusqlite::Result<DedupOutcome> {
    let known = match lead::by_key(conn, scope.destination, lead.key)? {
        None => named(conn, scope, lead.replaces)?.filter(|it| lead.is_same_person(it)),
        known => known,
    };
    if let Some(mut known) = known {
        if !comes_again(&known, scope) && !lead.repeats(&known, scope) {
            // An older row of somebody who agreed since changes nothing of it.
            if let Objection::Withdrawn { at } = objection
                && known.given_at() > Some(at)
            {
                return Ok(DedupOutcome::Skip {
                    same_run: known.run == scope.run,
                    earlier: Box::new(known),
                    held: None,
                });
            }
            let waits = known.state.is_unreceived() && !known.in_flight();
            if waits && known.holder(conn, scope.run)?.is_none() {
                known.set(State::Filtered, LedgerNote::Objected(objection));
                known.save(conn)?;
            }
            let id = Some(known.id);
            return Ok(DedupOutcome::Objected { id, objection });
        }
        lead::step_back(conn, known.id)?;
    }
    let lead = Intake {
        judgement: Judgement::Objected(objection),
        ..lead.clone()
    };
    let id = store(conn, scope, now, None, [None; 2], &lead)?;
    Ok(lead.outcome(id, false))
}

/// Stores the row; its number. What became of the `known` lead whose place it
/// takes stays with it. `told`, `posted`: what was said of that one still holds.
fn store(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    known: Option<&StoredLead>,
    [told, posted]: [Option<State>; 2],
    lead: &Intake,
) -> rusqlite::Result<i64> {
    let (state, message) = lead.state();
    // Of who is blocked no more is kept than tells them again.
    let is_kept = !matches!(lead.judgement, Judgement::Objected(_));
    // Whoever was sent it before was so by the consent of then.
    let proof = lead
        .proof()
        .filter(|_| is_kept)
        .or(known.and_then(|known| known.proof.as_ref()));
    let offer = lead.offer.as_ref();
    let was = known.and_then(|known| known.route.as_ref());
    let route = offer.map(|offer| &offer.route).or(was);
    // The lead that it corrects is on its way still.
    let origin = known.and_then(|known| known.origin);
    let origin = origin.or(offer.and_then(|offer| offer.origin));
    let (source, cost) = lead.bought(known, origin.is_some());
    let facts = match is_kept {
        true => lead.facts.clone(),
        false => lead.facts.clone().nobodys(),
    };
    let is_recorded = state == State::Delivered;
    let recorded_at = known.and_then(|known| known.recorded_at);
    let recorded_at = recorded_at.or(is_recorded.then_some(now));
    let priced = known.filter(|known| known.price.is_some());
    let (price, billable_on) = match priced {
        Some(known) => (known.price, known.billable_on),
        None if is_recorded => scope.pricing.terms(&lead.facts),
        None => (None, None),
    };
    if let Some(known) = known {
        conn.prepare_cached("DELETE FROM leads WHERE id = ?1")?
            .execute([known.id])?;
    }
    let columns: &[lead::Column<'_>] = &[
        ("id", &known.map(|known| known.id)),
        ("sent_at", &known.and_then(|known| known.sent_at)),
        ("attempts", &known.map_or(0, |known| known.attempts)),
        (
            "was_pending",
            &known.is_some_and(|known| known.after_pending),
        ),
        ("told", &told),
        ("posted", &posted),
        ("destination", &scope.destination),
        ("run", &scope.run),
        ("read_at", &now),
        ("key", &lead.key),
        ("blank_key", &lead.blank_key),
        ("is_change", &lead.is_change),
        ("state", &state),
        ("decided_at", &is_recorded.then_some(now)),
        ("request", &lead.request),
        ("faults", &lead.faults()),
        ("email", &lead.email),
        ("phone", &lead.phone),
        ("others", &lead.others.as_flattened()),
        ("line", &lead.line.cast_signed()),
        ("file", &lead.file),
        (
            "first_read_at",
            &known.map_or(now, |known| known.first_read_at),
        ),
        ("source", &source),
        ("cost", &cost),
        ("price", &price),
        ("billable_on", &billable_on),
        ("recorded_at", &recorded_at),
        ("facts", &facts),
        ("message", &message),
        ("note", &lead.note()),
        ("proof", &proof),
        ("route", &route),
        ("origin", &origin),
        ("label", &is_kept.then_some(&lead.label)),
        ("email_text", &lead.email_text.as_ref().filter(|_| is_kept)),
        ("phone_text", &lead.phone_text.as_ref().filter(|_| is_kept)),
        ("address", &lead.address.as_ref().filter(|_| is_kept)),
        ("fields", &is_kept.then_some(&lead.fields)),
        ("sent", &lead.sent.as_ref().filter(|_| is_kept)),
    ];
    lead::insert(conn, columns)
}

fn update(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    known: &StoredLead,
    lead: &Intake,
) -> rusqlite::Result<DedupOutcome> {
    let was = known.state;
    let new_key = known.key != lead.key;
    let replaced = was == State::Rejected || was == State::Invalid && new_key;
    if replaced && !lead.is_change {
        conn.prepare_cached(
            "INSERT INTO replaced (destination, key, request, lead) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            scope.destination,
            known.key,
            known.request,
            known.id
        ])?;
    }
    if new_key {
        known.give_up_key(conn)?;
    }
    let notified = lead.was_told(known);
    // A lead that was told to have failed, and fails again, was told. One that was
    // refused and is another now is news, whatever becomes of it.
    let is_news = lead.faults().is_some() && !notified || was == State::Rejected;
    let told = [known.told, known.posted].map(|state| state.filter(|_| !is_news));
    store(conn, scope, now, Some(known), told, lead)?;
    Ok(lead.outcome(known.id, notified))
}

impl Ledger {
    /// What [`super::Journal::intake`] would say of a lead, without storing
    /// anything; `None`: it is new. `names`: the destination's of today and of
    /// earlier, whose leads belong to it though they are still stored under them.
    pub fn intake_preview<'n>(
        &self,
        names: impl Iterator<Item = &'n String>,
        again_after: Option<Duration>,
        rivals: &[String],
        lead: &Intake,
    ) -> Result<Option<DedupOutcome>, LedgerError> {
        self.read(|conn| {
            let kept_out = lead.kept_out(conn, rivals)?;
            let lead = kept_out.as_ref().unwrap_or(lead);
            for name in names {
                let Some(destination) = number_of(conn, name)? else {
                    continue;
                };
                let scope = Scope {
                    run: 0,
                    destination,
                    again_after,
                    pricing: Pricing::default(),
                    rivals: Arc::default(),
                };
                match decide(conn, &scope, lead)? {
                    Decision::Answer(outcome) => return Ok(Some(outcome)),
                    Decision::Update(known) => {
                        return Ok(Some(lead.outcome(known.id, lead.was_told(&known))));
                    }
                    Decision::KeepBack(objection) => {
                        return Ok(Some(DedupOutcome::Objected {
                            id: None,
                            objection,
                        }));
                    }
                    Decision::Insert(_) => {}
                }
            }
            let id = None;
            if let Some(objection) = lead.objection(conn)? {
                return Ok(Some(DedupOutcome::Objected { id, objection }));
            }
            let Judgement::KeptOut(rival) = &lead.judgement else {
                return Ok(None);
            };
            Ok(Some(DedupOutcome::KeptOut {
                id,
                notified: false,
                rival: rival.clone(),
            }))
        })
    }
}
