//! How often a partner may be called: N in any rolling window, counted on disk
//! so that processes share it and a new run goes on where the last one was.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::{Hash16, millis};

/// At most `count` calls in any window of `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub per: Duration,
}

/// What is limited together: the same base and secret, whatever the destination.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    pub id: Hash16,
    /// All of them hold at once.
    pub rates: Vec<Rate>,
    /// The share of each rate left for others, 0 to 1: questions give way to sends.
    pub leave: f32,
}

impl Rate {
    /// Milliseconds, with a little more than was said: two calls may come closer
    /// together on their way.
    fn window(&self) -> i64 {
        let per = millis(self.per);
        per.saturating_add((per / 100).min(20))
    }

    /// The calls that one may make who leaves a share to others; never none.
    fn room(&self, leave: f32) -> i64 {
        let kept = f64::from(self.count) * f64::from(1.0 - leave.clamp(0.0, 1.0));
        (kept.floor() as i64).max(1)
    }
}

/// Counts a call made `now` (milliseconds UTC), or says how long to wait before
/// asking again. Inside a transaction.
pub fn spend(
    conn: &Connection,
    bucket: &Bucket,
    now: i64,
) -> rusqlite::Result<Result<(), Duration>> {
    let Some(longest) = bucket.rates.iter().map(Rate::window).max() else {
        return Ok(Ok(()));
    };
    // A clock set back leaves calls in the future: they count as made now, so
    // that nothing waits for longer than a window.
    conn.prepare_cached("UPDATE calls SET at = ?2 WHERE bucket = ?1 AND at > ?2")?
        .execute(params![bucket.id, now])?;
    conn.prepare_cached("DELETE FROM calls WHERE bucket = ?1 AND at <= ?2")?
        .execute(params![bucket.id, now.saturating_sub(longest)])?;
    let mut wait = 0;
    for rate in &bucket.rates {
        // The call whose leaving the window makes room for this one.
        let blocking: Option<i64> = conn
            .prepare_cached(
                "SELECT at FROM calls WHERE bucket = ?1 AND at > ?2
                 ORDER BY at DESC LIMIT 1 OFFSET ?3",
            )?
            .query_row(
                params![
                    bucket.id,
                    now.saturating_sub(rate.window()),
                    rate.room(bucket.leave) - 1
                ],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(at) = blocking {
            wait = wait.max(at.saturating_add(rate.window()).saturating_sub(now));
        }
    }
    if wait > 0 {
        return Ok(Err(Duration::from_millis(wait.unsigned_abs())));
    }
    conn.prepare_cached("INSERT INTO calls (bucket, at) VALUES (?1, ?2)")?
        .execute(params![bucket.id, now])?;
    Ok(Ok(()))
}

/// A call that was counted at one moment left at a later one: the disk, or the
/// connection, held it up. What counts is when it may have arrived.
pub fn left(conn: &Connection, bucket: &Bucket, counted_at: i64, at: i64) -> rusqlite::Result<()> {
    let late = "UPDATE calls SET at = max(at, ?3) WHERE rowid =
                  (SELECT rowid FROM calls WHERE bucket = ?1 AND at = ?2 LIMIT 1)";
    conn.prepare_cached(late)?
        .execute(params![bucket.id, counted_at, at])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::schema::TABLES;
    use super::*;

    fn tables() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(TABLES).unwrap();
        conn
    }

    fn bucket(rates: &[(u32, u64)]) -> Bucket {
        Bucket {
            id: [1; 16],
            rates: rates
                .iter()
                .map(|&(count, seconds)| Rate {
                    count,
                    per: Duration::from_secs(seconds),
                })
                .collect(),
            leave: 0.0,
        }
    }

    /// Calls as often as allowed from `start` on, jumping ahead by each wait.
    fn calls(conn: &Connection, bucket: &Bucket, start: i64, count: usize) -> Vec<i64> {
        let mut now = start;
        let mut made = Vec::new();
        while made.len() < count {
            match spend(conn, bucket, now).unwrap() {
                Ok(()) => made.push(now),
                Err(wait) => now += i64::try_from(wait.as_millis()).unwrap(),
            }
        }
        made
    }

    #[test]
    fn no_window_ever_holds_more_than_its_rate() {
        let conn = tables();
        let bucket = bucket(&[(5, 60), (12, 3600)]);
        let made = calls(&conn, &bucket, 1_000_000, 40);
        for (rate, millis) in [(5, 60_000), (12, 3_600_000)] {
            for pair in made.windows(rate + 1) {
                assert!(pair[rate] - pair[0] >= millis, "{made:?}");
            }
        }
        assert_eq!(made[4], 1_000_000, "a burst is allowed up to the rate");
        let kept: i64 = conn
            .query_row("SELECT count(*) FROM calls", [], |row| row.get(0))
            .unwrap();
        assert!(kept <= 12, "old calls are forgotten: {kept}");
    }

    #[test]
    fn a_clock_set_back_blocks_no_longer_than_a_window() {
        let conn = tables();
        let bucket = bucket(&[(2, 60)]);
        calls(&conn, &bucket, 9_000_000_000, 2);
        let wait = spend(&conn, &bucket, 1_000).unwrap().unwrap_err();
        assert!(wait <= Duration::from_millis(60_020), "{wait:?}");
        let after = 1_000 + i64::try_from(wait.as_millis()).unwrap();
        assert!(spend(&conn, &bucket, after).unwrap().is_ok());
    }

    #[test]
    fn a_call_that_was_held_up_counts_from_when_it_left() {
        let conn = tables();
        let bucket = bucket(&[(2, 1)]);
        assert_eq!(calls(&conn, &bucket, 5_000, 2), [5_000, 5_000]);
        left(&conn, &bucket, 5_000, 5_300).unwrap();
        assert!(spend(&conn, &bucket, 6_050).unwrap().is_ok());
        let wait = spend(&conn, &bucket, 6_050).unwrap().unwrap_err();
        assert_eq!(wait, Duration::from_millis(5_300 + 1_010 - 6_050));
    }

    #[test]
    fn who_leaves_a_share_gives_way() {
        let conn = tables();
        let send = bucket(&[(4, 60)]);
        let ask = Bucket {
            leave: 0.5,
            ..send.clone()
        };
        assert!(spend(&conn, &ask, 0).unwrap().is_ok());
        assert!(spend(&conn, &ask, 0).unwrap().is_ok());
        assert!(spend(&conn, &ask, 0).unwrap().is_err());
        assert!(spend(&conn, &send, 0).unwrap().is_ok());
        let other = Bucket { id: [2; 16], ..ask };
        assert!(spend(&conn, &other, 0).unwrap().is_ok());
        let free = Bucket {
            rates: Vec::new(),
            ..other
        };
        assert!(spend(&conn, &free, 0).unwrap().is_ok());
    }
}
