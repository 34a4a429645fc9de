//! Looks leads up beside the writer, before anything is made of their rows: in
//! an export that grows, most were settled by earlier runs.

use std::path::PathBuf;

use rusqlite::Connection;

use super::blocked::any_blocked;
use super::clock::now;
use super::connection::connect;
use super::found::{by_key, comes_again};
use super::hints::Recent;
use super::intake::{Earlier, Intaker};
use super::sql::Sql;
use super::{Hash16, LedgerError};

/// A run's second look into its ledger.
pub struct Reader {
    conn: Connection,
    path: PathBuf,
    by: Intaker,
    recent: Recent,
}

impl Reader {
    pub(super) fn open(path: PathBuf, by: Intaker) -> Result<Self, LedgerError> {
        let conn = connect(&path)?;
        Ok(Self {
            conn,
            path,
            by,
            recent: Recent::default(),
        })
    }

    /// The leads of these keys that are settled, whatever their rows say today:
    /// what [`super::Journal::intake`] would skip. Of the others it says nothing,
    /// and of nobody while somebody is blocked.
    pub fn settled(
        &mut self,
        keys: &[Option<Hash16>],
    ) -> Result<Vec<Option<Earlier>>, LedgerError> {
        let looked = self.look_up(keys);
        looked.map_err(|error| LedgerError::from(error).at(&self.path))
    }

    /// In one transaction, since each takes locks of its own; it is not left
    /// open, for the log can't be folded back meanwhile.
    fn look_up(&mut self, keys: &[Option<Hash16>]) -> rusqlite::Result<Vec<Option<Earlier>>> {
        let tx = self.conn.unchecked_transaction()?;
        let mut sql = Sql::new(&tx);
        if any_blocked(&mut sql)? {
            return Ok(keys.iter().map(|_| None).collect());
        }
        sql.recent = std::mem::take(&mut self.recent);
        let (by, now) = (self.by, now());
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
