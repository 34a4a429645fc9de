//! What a lead that was read comes to, whatever became of it before: a new lead, one that
//! is sent anew, or nothing to do. Asked and stored in one transaction, so that the same
//! key is never stored twice.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::blocked::blocked_since;
use super::consent::{Consent, objection};
use super::destination::{Scope, lapsed, number_of};
use super::intake::{DedupOutcome, Intake, Judgement};
use super::lead::{self, StoredLead};
use super::note::{LedgerNote, Objection};
use super::place;
use super::route;
use super::storing::store;
use super::{Ledger, LedgerError, Pricing};
use crate::lead::State;

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
    let passed = lead.offer.as_ref();
    let passed = passed
        .map(|offer| route::pass_on(conn, offer))
        .transpose()?;
    if let Some(stands) = passed.flatten() {
        return Ok(DedupOutcome::Skip {
            same_run: false,
            held: None,
            earlier: Box::new(stands),
        });
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
