//! Leads that turned out to be one: a table was renamed or its key changed, and
//! now several have the same key. What was sent, or may have been, decides; the
//! others are passed over for good. So the way of a lead through the ledger
//! need not look for twins.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::intake::KeyKind;
use super::lead::state_at;
use super::statements::Prepared;
use super::{Hash16, Ledger, LedgerError};
use crate::lead::State;

/// The leads of a destination that have the key of another one.
const GATHER: &str = "CREATE TEMP TABLE same_key AS
  SELECT id, key, iif(sends, 'in_doubt', state) AS now, (state = 'rejected' AND was_pending) OR sends IS 0 AS closed,
    coalesce(sent_at, decided_at, read_at) AS came
  FROM leads LEFT JOIN flights ON flights.lead = leads.id
  WHERE destination = ?1 AND key_kind <> ?2 AND state <> 'skipped' AND key IN (
    SELECT key FROM leads WHERE destination = ?1 AND key_kind <> ?2 AND state <> 'skipped'
    GROUP BY key HAVING count(*) > 1)";

const READ: &str = "SELECT id, key, now, closed, came FROM temp.same_key ORDER BY key, id";

/// One of the leads with the same key.
#[derive(Debug, Clone, Copy)]
struct Twin {
    id: i64,
    state: State,
    /// It was decided on or is asked about, whatever its state.
    closed: bool,
    came_at: i64,
}

impl Twin {
    fn read(row: &Row<'_>) -> rusqlite::Result<([u8; 16], Self)> {
        let twin = Self {
            id: row.get(0)?,
            state: state_at(row, 2)?,
            closed: row.get(3)?,
            came_at: row.get(4)?,
        };
        Ok((row.get(1)?, twin))
    }

    /// The partner has it, or may have it.
    fn decides(&self) -> bool {
        decides(self.state) || self.closed
    }
}

/// Does a lead in this state keep its twins from being sent?
pub fn decides(state: State) -> bool {
    match state {
        State::Delivered
        | State::Pending
        | State::Approved
        | State::Expired
        | State::Duplicate
        | State::InDoubt => true,
        State::Rejected | State::Invalid | State::Failed | State::Unsent | State::Skipped => false,
    }
}

/// Leaves at most one lead to send for each key of a destination, inside a
/// transaction; returns how many are passed over from now on. `lapsed`: what
/// came before it, milliseconds UTC, no longer keeps the same person from coming
/// again.
pub fn reconcile(
    conn: &Connection,
    destination: i64,
    lapsed: Option<i64>,
) -> rusqlite::Result<u64> {
    conn.execute(
        "DELETE FROM twins WHERE lead IN (SELECT id FROM leads WHERE destination = ?1)",
        [destination],
    )?;
    conn.execute_batch("DROP TABLE IF EXISTS temp.same_key")?;
    conn.execute(GATHER, params![destination, KeyKind::Amendment.as_str()])?;
    let mut marker = Marker::new(conn);
    let mut read = conn.prepare(READ)?;
    let mut rows = read.query([])?;
    let mut group: Vec<Twin> = Vec::new();
    let mut key = None;
    while let Some(row) = rows.next()? {
        let (this, twin) = Twin::read(row)?;
        if key.replace(this) != Some(this) {
            marker.mark(&std::mem::take(&mut group), lapsed)?;
        }
        group.push(twin);
    }
    marker.mark(&group, lapsed)?;
    let passed_over = marker.passed_over;
    drop(rows);
    drop(read);
    drop(marker);
    conn.execute_batch("DROP TABLE temp.same_key")?;
    Ok(passed_over)
}

/// Writes what becomes of leads with the same key.
struct Marker<'c> {
    pass_over: Prepared<'c>,
    note: Prepared<'c>,
    passed_over: u64,
}

// Its key becomes one that no row has: who looks for the old one finds the lead
// that decides.
const PASS_OVER: &str = "UPDATE leads SET key = ?2, state = 'skipped', told_state = NULL, message =
    'the same lead as ' || ?3 || ', which is ' || ?4 || ': never sent (it was ' || state
      || iif(message IS NULL, '', ', ' || message) || ')'
  WHERE id = ?1";

impl<'c> Marker<'c> {
    fn new(conn: &'c Connection) -> Self {
        Self {
            pass_over: Prepared::new(conn, PASS_OVER),
            note: Prepared::new(conn, "INSERT INTO twins (lead, other) VALUES (?1, ?2)"),
            passed_over: 0,
        }
    }

    /// The leads with one key, in the order of their ids.
    fn mark(&mut self, group: &[Twin], lapsed: Option<i64>) -> rusqlite::Result<()> {
        // A doubt waits for its settlement, whatever its age.
        let lasts = |twin: &&Twin| {
            twin.state == State::InDoubt || lapsed.is_none_or(|lapsed| twin.came_at >= lapsed)
        };
        let deciding: Vec<&Twin> = group
            .iter()
            .filter(|twin| twin.decides())
            .filter(lasts)
            .collect();
        let sent = group.iter().filter(|twin| twin.decides());
        let lapsed = sent.filter(|twin| !lasts(twin)).max_by_key(|twin| twin.id);
        let mut open: Vec<&Twin> = group.iter().filter(|twin| !twin.decides()).collect();
        if let Some(lapsed) = lapsed {
            // The latest lead with a key is the one that is known: one that is
            // older than what was sent would be sent beside who comes again.
            for twin in open.iter().filter(|twin| twin.id < lapsed.id) {
                self.pass_over(twin.id, lapsed)?;
            }
            open.retain(|twin| twin.id > lapsed.id);
        }
        let open = open.into_iter();
        let Some(stays) = deciding.iter().copied().max_by_key(|twin| rank(twin)) else {
            // Nobody sent it: the one that can be sent stays.
            let Some(stays) = open.clone().max_by_key(|twin| rank(twin)) else {
                return Ok(());
            };
            return open
                .filter(|twin| twin.id != stays.id)
                .try_for_each(|twin| self.pass_over(twin.id, stays));
        };
        for twin in open {
            self.pass_over(twin.id, stays)?;
        }
        self.link(&deciding, stays)
    }

    fn pass_over(&mut self, id: i64, stays: &Twin) -> rusqlite::Result<()> {
        let state = stays.state.as_str().replace('_', " ");
        let key = passed_over_key(id);
        self.pass_over
            .get()?
            .execute(params![id, key, stays.id, state])?;
        self.passed_over += 1;
        Ok(())
    }

    /// A doubt that ends with "not received" is no lead to send while another
    /// with its key may have arrived: each doubt knows one other.
    fn link(&mut self, deciding: &[&Twin], stays: &Twin) -> rusqlite::Result<()> {
        let doubts = || deciding.iter().filter(|twin| twin.state == State::InDoubt);
        let in_a_ring = doubts().skip(1).chain(doubts().take(1));
        for (doubt, next) in doubts().zip(in_a_ring) {
            let other = match stays.state {
                State::InDoubt => next.id,
                _ => stays.id,
            };
            if other != doubt.id {
                self.note.get()?.execute(params![doubt.id, other])?;
            }
        }
        Ok(())
    }
}

/// A key that no row has: no hash is so short.
fn passed_over_key(id: i64) -> Hash16 {
    let mut key = [0; 16];
    key[8..].copy_from_slice(&id.to_be_bytes());
    Hash16(key)
}

/// Which of several stays: what is settled before what is in doubt, what can be
/// sent before what was refused, then the latest.
fn rank(twin: &Twin) -> (u8, i64) {
    let rank = match twin.state {
        State::Invalid | State::Skipped => 0,
        State::Rejected => 1,
        State::Failed | State::Unsent | State::InDoubt => 2,
        _ => 3,
    };
    (rank, twin.id)
}

impl Ledger {
    /// The other lead with the key of this one in doubt, that the partner has or
    /// may have, and its state.
    pub fn duplicate_of(&self, lead: i64) -> Result<Option<(i64, State)>, LedgerError> {
        let other = self.named(other_of(&self.conn, lead))?;
        Ok(other.filter(|(_, state)| decides(*state)))
    }
}

fn other_of(conn: &Connection, lead: i64) -> rusqlite::Result<Option<(i64, State)>> {
    conn.query_row(
        "SELECT other, state FROM twins JOIN leads ON leads.id = other WHERE lead = ?1",
        [lead],
        |row| Ok((row.get(0)?, state_at(row, 1)?)),
    )
    .optional()
}

/// A lead in doubt was not received. Is there another with its key that the
/// partner has or may have? Then this one is passed over instead of sent again,
/// and its message is returned. Inside a transaction.
pub fn not_received(conn: &Connection, lead: i64) -> rusqlite::Result<Option<String>> {
    let Some((other, state)) = other_of(conn, lead)? else {
        return Ok(None);
    };
    conn.execute(
        "UPDATE twins SET other = ?2 WHERE other = ?1",
        [lead, other],
    )?;
    conn.execute("DELETE FROM twins WHERE lead = ?1 OR lead = other", [lead])?;
    if !decides(state) {
        return Ok(None);
    }
    conn.execute(
        "UPDATE leads SET key = ?2 WHERE id = ?1",
        params![lead, passed_over_key(lead)],
    )?;
    Ok(Some(format!(
        "never sent again: the same lead as {other}, which is {}",
        state.as_str().replace('_', " ")
    )))
}
