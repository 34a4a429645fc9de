//! What a start finds: attempts that were cut short, since their process is gone
//! and nobody knows what the partner did, runs that did not end, and a ledger that
//! is older than what was sent from it.

use std::collections::BTreeMap;
use std::path::Path;

use super::note::LedgerNote;
use super::open::key_of;
use super::past_attempt::PastAttempt;
use super::{Ledger, LedgerError, Mode, file, lead, locks, mark, now};
use crate::lead::State;

impl Ledger {
    /// Closes the attempts whose process is gone, at every destination; the leads
    /// that are in doubt by that. Runs that are alive, in this process too, are
    /// left alone.
    pub fn recover(&self) -> Result<Vec<i64>, LedgerError> {
        let dead = self.dead_runs(
            "SELECT DISTINCT run FROM attempts WHERE ended_at IS NULL AND run IS NOT NULL",
        )?;
        let mut doubtful = Vec::new();
        if dead.is_empty() {
            return Ok(doubtful);
        }
        self.write(|conn| {
            for run in dead {
                let open = "run = ?1 AND ended_at IS NULL";
                for mut attempt in PastAttempt::all(conn, open, run)? {
                    // A question that was cut short changes nothing.
                    let sent = attempt.trigger.sends();
                    let at = attempt.started_at;
                    attempt.ended_at = Some(now());
                    attempt.transport = Some("silent".to_owned());
                    attempt.state = sent.then_some(State::InDoubt);
                    attempt.became = attempt.state;
                    attempt.note = sent.then_some(LedgerNote::Interrupted { at });
                    attempt.save(conn)?;
                    if let (true, Some(mut lead)) = (sent, lead::by_id(conn, attempt.lead)?) {
                        lead.note = attempt.note;
                        lead.told = None;
                        lead.save(conn)?;
                        doubtful.push(lead.id);
                    }
                }
            }
            Ok(())
        })?;
        doubtful.sort_unstable();
        Ok(doubtful)
    }

    /// How many leads of each destination runs left unsent that were cut short.
    /// Each is told once, by whoever asks first.
    pub fn cut_short(&self) -> Result<BTreeMap<String, u64>, LedgerError> {
        let dead = self.dead_runs("SELECT id FROM runs WHERE ended_at IS NULL")?;
        let mut cut = BTreeMap::new();
        // That a run of an older ledger never ended is what tells its age.
        if dead.is_empty() || self.older_since()?.is_some() {
            return Ok(cut);
        }
        self.write(|conn| {
            for run in dead {
                let end = "UPDATE runs SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";
                if conn.execute(end, [run, now()])? == 0 {
                    continue;
                }
                let (destination, unsent): (String, i64) = conn.query_row(
                    "SELECT name, (SELECT count(*) FROM leads WHERE destination = runs.destination
                         AND state = 'unsent' AND run = ?1 AND NOT is_change)
                     FROM runs JOIN destinations ON destinations.id = destination
                     WHERE runs.id = ?1",
                    [run],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?;
                *cut.entry(destination).or_default() += unsent.unsigned_abs();
            }
            Ok(())
        })?;
        cut.retain(|_, unsent| *unsent > 0);
        Ok(cut)
    }

    /// The runs of a query whose process is gone.
    fn dead_runs(&self, query: &str) -> Result<Vec<i64>, LedgerError> {
        let runs = || -> Result<Vec<i64>, LedgerError> {
            self.read(|conn| {
                let mut statement = conn.prepare(query)?;
                statement.query_map([], |row| row.get(0))?.collect()
            })
        };
        if runs()?.is_empty() {
            return Ok(Vec::new());
        }
        // No run is just starting. One that is dead stays so, whoever asks.
        let _gate = locks::gate(self.path())?;
        let mut dead = Vec::new();
        for run in runs()? {
            if !locks::alive(self.path(), run)? {
                dead.push(run);
            }
        }
        Ok(dead)
    }

    /// Is it older than what was sent from it? Then since when leads may be
    /// missing (milliseconds UTC).
    pub fn older_since(&self) -> Result<Option<i64>, LedgerError> {
        let mark = mark::read(self.path())?;
        self.read(|conn| {
            let (copied, open, last): (Option<i64>, Option<i64>, Option<i64>) = conn.query_row(
                "SELECT (SELECT value FROM meta WHERE name = 'copied_at'),
                   (SELECT min(started_at) FROM runs WHERE ended_at IS NULL),
                   coalesce((SELECT max(started_at) FROM attempts),
                     (SELECT max(started_at) FROM runs))",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?;
            let known = mark::known(conn)?;
            Ok(match mark.is_some_and(|mark| known < mark) {
                true => Some(copied.or(last).unwrap_or(0)),
                false => copied.or(open.filter(|_| mark.is_none())),
            })
        })
    }

    /// Nothing is sent from it in this process: what was sent since may be recorded,
    /// however old it is.
    pub fn only_records(&self) {
        self.records_only.set(true);
    }

    /// # Errors
    /// [`LedgerError::Older`]: nothing may be sent from it.
    pub fn refuse_older(&self) -> Result<(), LedgerError> {
        let since = self.older_since()?;
        match since.is_some() && !self.records_only.get() {
            true => Err(LedgerError::Older {
                ledger: self.path().to_owned(),
                since,
            }),
            false => Ok(()),
        }
    }

    /// From now on an older ledger at `path`, or none at all, is what there is.
    pub fn accept_older(path: &Path) -> Result<(), LedgerError> {
        if !path.exists() && !key_of(path).exists() {
            return file::remove(&mark::place(path));
        }
        let ledger = Self::open(path, Mode::Existing)?;
        let _gate = locks::gate(ledger.path())?;
        if ledger.older_since()?.is_none() {
            return Ok(());
        }
        ledger.write(|conn| {
            conn.execute("DELETE FROM meta WHERE name = 'copied_at'", [])?;
            let end = "UPDATE runs SET ended_at = ?1 WHERE ended_at IS NULL";
            conn.execute(end, [now()]).map(drop)
        })?;
        file::remove(&mark::place(ledger.path()))
    }
}
