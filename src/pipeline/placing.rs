//! Places a lead in the results, once it is known what is to be done with it:
//! with a courier, or straight at the desk.

use super::dispatch::Feed;
use super::earlier::{blocked, skipped};
use super::taking::{Found, Taking};
use crate::delivery::Job;
use crate::lead::{Record, State};
use crate::ledger::{DedupOutcome, ExistingLead};
use crate::output::Row;
use crate::pipeline::preparer::Prepared;
use crate::pipeline::remarks::Remarks;
use crate::pipeline::sendable::Ready;

/// A lead that waits for its place in the results.
pub struct Waiting {
    pub row: Row,
    /// The row as read, where it may have to be written back.
    pub record: Option<Box<Record>>,
    pub known: Known,
}

/// What is known of it without the ledger's word.
pub enum Known {
    /// The ledger had settled it, whatever its row says today.
    Settled(ExistingLead),
    /// What the rules made of it, and what was noticed about it.
    Judged(Ready, Remarks),
}

impl Waiting {
    pub fn judged(prepared: Prepared, record: Option<Box<Record>>, remarks: Remarks) -> Self {
        Self {
            row: prepared.row,
            record,
            known: Known::Judged(prepared.judged, remarks),
        }
    }

    /// Places it; the next of the `standings` is the ledger's word about it, if
    /// it was asked. True: it is there already, and nothing is to be done.
    pub fn place(
        self,
        taking: &Taking<'_>,
        standings: &mut impl Iterator<Item = DedupOutcome>,
        feed: &mut Feed,
        found: &mut Found,
    ) -> bool {
        let (standing, judged, remarks) = match self.known {
            Known::Settled(earlier) => (Some(DedupOutcome::Skip(earlier)), None, None),
            Known::Judged(judged, remarks) => (standings.next(), Some(judged), Some(remarks)),
        };
        let Some(standing) = standing else {
            return false;
        };
        let there = matches!(standing, DedupOutcome::Skip(_));
        // What is not sent again is not worth a word.
        found.remarks.extend(remarks.filter(|_| !there));
        feed.carrying(self.record);
        place(taking, self.row, judged, standing, feed, found);
        there
    }
}

fn place(
    taking: &Taking<'_>,
    mut row: Row,
    judged: Option<Ready>,
    standing: DedupOutcome,
    feed: &mut Feed,
    found: &mut Found,
) {
    match standing {
        DedupOutcome::Send { id, notified } => {
            row.id = Some(id);
            found.new += 1;
            place_new(taking, row, judged, notified, feed, found.new);
        }
        DedupOutcome::Invalid { id, notified } => {
            row.id = Some(id);
            row.state = State::Invalid;
            if let Some(Ready::Invalid(why)) = judged {
                row.message = why;
            }
            feed.settled(row, notified);
        }
        DedupOutcome::Recorded { id } => {
            row.id = Some(id);
            row.state = State::Delivered;
            row.message = format!(
                "recorded as sent by other means: {}",
                taking.elsewhere.unwrap_or_default()
            );
            feed.settled(row, false);
        }
        DedupOutcome::Skip(earlier) => {
            let told = earlier.notified;
            feed.settled(skipped(row, earlier), told);
        }
        DedupOutcome::Blocked { since } => feed.settled(blocked(row, since), true),
    }
}

fn place_new(
    taking: &Taking<'_>,
    mut row: Row,
    judged: Option<Ready>,
    told: bool,
    feed: &mut Feed,
    new: u64,
) {
    let beyond = taking.limit.is_some_and(|limit| new > limit);
    let held = match (&taking.hold, beyond) {
        (Some(why), _) => Some(why.clone()),
        (None, true) => Some("beyond --limit: stored, not sent".to_owned()),
        (None, false) => None,
    };
    match (held, judged) {
        (None, Some(Ready::Valid(sendable))) => {
            let id = row.id.unwrap_or_default();
            feed.send(row, |place| Job {
                told,
                stored: true,
                ..sendable.into_job(taking.hasher, place, id)
            });
        }
        (held, _) => {
            row.message = held.unwrap_or_default();
            feed.settled(row, told);
        }
    }
}
