//! Looks leads up beside the writer, before anything is made of their rows: in
//! an export that grows, most were settled by earlier runs.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::blocked::any_blocked;
use super::clock::now;
use super::connection::connect;
use super::found::{by_key, comes_again};
use super::hints::Recent;
use super::intake::{ExistingLead, Intaker};
use super::lead::ById;
use super::sql::Sql;
use super::{Hash16, LedgerError, StoredLead};

/// A second look into a ledger that is open already, for another thread. It
/// opens its own connection when it is first asked.
pub struct LedgerReader {
    path: PathBuf,
    conn: Option<Connection>,
    by: Option<Intaker>,
    recent: Recent,
}

impl LedgerReader {
    /// Of the ledger at `path`, which is open: nothing is looked at anew.
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            conn: None,
            by: None,
            recent: Recent::default(),
        }
    }

    pub(super) fn of_run(path: &Path, by: Intaker) -> Self {
        let mut reader = Self::of(path);
        reader.by = Some(by);
        reader
    }

    /// A stored lead.
    pub fn lead(&mut self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        let found = ById::new(self.conn()?).lead(id);
        found.map_err(|error| LedgerError::from(error).at(&self.path))
    }

    fn conn(&mut self) -> Result<&Connection, LedgerError> {
        match &mut self.conn {
            Some(conn) => Ok(conn),
            none => Ok(none.insert(connect(&self.path)?)),
        }
    }

    // No room asks this any more: it goes with its tests.
    #[allow(dead_code)]
    /// The leads of these keys that are settled, whatever their rows say today:
    /// what [`super::Journal::intake`] would skip. Of the others it says nothing,
    /// and of nobody while somebody is blocked.
    pub fn settled(
        &mut self,
        keys: &[Option<Hash16>],
    ) -> Result<Vec<Option<ExistingLead>>, LedgerError> {
        let Some(by) = self.by else {
            return Ok(keys.iter().map(|_| None).collect());
        };
        self.conn()?;
        let looked = self.look_up(by, keys);
        looked.map_err(|error| LedgerError::from(error).at(&self.path))
    }

    /// In one transaction, since each takes locks of its own; it is not left
    /// open, for the log can't be folded back meanwhile.
    fn look_up(
        &mut self,
        by: Intaker,
        keys: &[Option<Hash16>],
    ) -> rusqlite::Result<Vec<Option<ExistingLead>>> {
        let Some(conn) = &self.conn else {
            return Ok(Vec::new());
        };
        let tx = conn.unchecked_transaction()?;
        let mut sql = Sql::new(&tx);
        if any_blocked(&mut sql)? {
            return Ok(keys.iter().map(|_| None).collect());
        }
        sql.recent = std::mem::take(&mut self.recent);
        let now = now();
        let settled = keys.iter().map(|key| {
            let Some(key) = key else { return Ok(None) };
            let found = by_key(&mut sql, &by, key)?;
            let settled = found.filter(|found| found.is_closed() && !comes_again(&by, now, found));
            Ok(settled.map(|found| found.into_earlier(&by)))
        });
        let settled = settled.collect();
        self.recent = std::mem::take(&mut sql.recent);
        self.recent.spare();
        settled
    }
}
