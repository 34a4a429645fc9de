//! The keys of the leads taken in of late. `keys` tells every lead by its key,
//! but a key is a hash, so each new one would change a page of that table of its
//! own. The new ones stand in `recent_keys`, in the order in which they came;
//! when there are many they go to `middle_keys` together, and when those are
//! very many, to `keys`. A recent one is found in memory, or by looking through
//! so short a table; what memory holds is only a hint, and a lead that it names
//! is looked at before it counts.

use std::collections::BTreeSet;

use rusqlite::params;

use super::Hash16;
use super::sql::Sql;

/// So many are recent at most.
const MANY: usize = 8 * 1024;
/// So many stand in the middle at most.
const VERY_MANY: i64 = 64 * 1024;
/// So many are looked for in the table itself, before all are read into memory.
const FEW: u32 = 4;

pub const SCAN: &str = "SELECT lead FROM recent_keys WHERE key = ?2 AND destination = ?1";
pub const SINCE: &str =
    "SELECT destination, key, lead FROM recent_keys WHERE lead > ?1 ORDER BY lead";

/// What is known of `recent_keys`.
#[derive(Debug, Default)]
pub struct Recent {
    /// Destination, key, lead.
    keys: BTreeSet<(i64, Hash16, i64)>,
    /// The last lead that was read.
    last: i64,
    asked: u32,
}

impl Recent {
    /// Nothing that was read counts any more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The same for who only reads, and lets others fold, before it holds too much.
    pub fn spare(&mut self) {
        if self.keys.len() >= 2 * MANY {
            self.forget();
        }
    }

    fn find(&self, destination: i64, key: &Hash16) -> Vec<i64> {
        let leads = (destination, *key, i64::MIN)..=(destination, *key, i64::MAX);
        self.keys.range(leads).map(|(.., lead)| *lead).collect()
    }
}

/// The recent leads that had this key when they were taken in. To be asked
/// before the other tables: a lead may move there in between, but never back.
pub fn with_key(sql: &mut Sql<'_>, destination: i64, key: &Hash16) -> rusqlite::Result<Vec<i64>> {
    if sql.recent.asked < FEW {
        sql.recent.asked += 1;
        return sql
            .scan_recent
            .get()?
            .query_map(params![destination, key], |row| row.get(0))?
            .collect();
    }
    read_on(sql)?;
    Ok(sql.recent.find(destination, key))
}

/// Reads what was added since, by whatever process.
fn read_on(sql: &mut Sql<'_>) -> rusqlite::Result<()> {
    let recent = &mut sql.recent;
    let mut rows = sql.recent_since.get()?.query([recent.last])?;
    while let Some(row) = rows.next()? {
        let lead = row.get(2)?;
        recent.keys.insert((row.get(0)?, row.get(1)?, lead));
        recent.last = lead;
    }
    Ok(())
}

/// Puts the recent keys in their places once many were read, inside a
/// transaction.
pub fn fold(sql: &mut Sql<'_>) -> rusqlite::Result<()> {
    match sql.recent.keys.len() < MANY {
        true => Ok(()),
        false => move_on(sql, VERY_MANY),
    }
}

/// The same at the end of a run: those who send a lead at a time never read many.
pub fn fold_at_end(sql: &mut Sql<'_>) -> rusqlite::Result<()> {
    // Two seeks; both in one would be a scan. There are no more keys than ids
    // between the two.
    let span: i64 = sql.conn.query_row(
        "SELECT coalesce((SELECT max(lead) FROM recent_keys) - (SELECT min(lead) FROM recent_keys), 0)",
        [],
        |row| row.get(0),
    )?;
    match usize::try_from(span).is_ok_and(|span| span >= MANY) {
        true => move_on(sql, VERY_MANY),
        false => Ok(()),
    }
}

fn move_on(sql: &mut Sql<'_>, very_many: i64) -> rusqlite::Result<()> {
    sql.conn.execute_batch(
        "INSERT OR IGNORE INTO middle_keys SELECT destination, key, lead FROM recent_keys
           ORDER BY destination, key, lead;
         DELETE FROM recent_keys;",
    )?;
    sql.recent.keys.clear();
    let count = "SELECT count(*) FROM middle_keys";
    let middle: i64 = sql.conn.query_row(count, [], |row| row.get(0))?;
    if middle < very_many {
        return Ok(());
    }
    sql.conn.execute_batch(
        "INSERT OR IGNORE INTO keys SELECT destination, key, lead FROM middle_keys
           ORDER BY destination, key, lead;
         DELETE FROM middle_keys;",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::{Connection, OptionalExtension};

    use super::super::found::by_key;
    use super::super::intake::Intaker;
    use super::super::open::connect;
    use super::super::open::tests::temporary;
    use super::*;

    /// What happens to a ledger, by one of two connections that write.
    #[derive(Debug, Clone, Copy)]
    enum Act {
        Came { key: u8 },
        CameToNothing { key: u8 },
        ChangedKey { lead: i64, key: u8 },
        Gone { lead: i64 },
        MovedOn { very_many: i64 },
    }

    fn acts() -> impl Strategy<Value = Act> {
        prop_oneof![
            6 => (0..6u8).prop_map(|key| Act::Came { key }),
            1 => (0..6u8).prop_map(|key| Act::CameToNothing { key }),
            2 => (0..40i64, 0..6u8).prop_map(|(lead, key)| Act::ChangedKey { lead, key }),
            1 => (0..40i64).prop_map(|lead| Act::Gone { lead }),
            2 => (0..6i64).prop_map(|very_many| Act::MovedOn { very_many }),
        ]
    }

    fn hash(key: u8) -> Hash16 {
        Hash16([key; 16])
    }

    fn come(conn: &Connection, key: u8) {
        conn.execute(
            "INSERT INTO leads (destination, key, key_kind, state, run, read_at, line, file)
             VALUES (1, ?1, 'fields', 'delivered', 1, 0, 2, 'leads.csv')",
            [hash(key)],
        )
        .unwrap();
    }

    fn act(sql: &mut Sql<'_>, act: Act) {
        sql.conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut end = "COMMIT";
        match act {
            Act::Came { key } => come(sql.conn, key),
            Act::CameToNothing { key } => {
                come(sql.conn, key);
                assert!(found(sql, key).is_some());
                end = "ROLLBACK";
            }
            Act::ChangedKey { lead, key } => {
                let update = "UPDATE leads SET key = ?2 WHERE id = ?1";
                sql.conn.execute(update, params![lead, hash(key)]).unwrap();
            }
            Act::Gone { lead } => {
                let delete = "DELETE FROM leads WHERE id = ?1";
                sql.conn.execute(delete, [lead]).unwrap();
            }
            Act::MovedOn { very_many } => move_on(sql, very_many).unwrap(),
        }
        sql.conn.execute_batch(end).unwrap();
        if end == "ROLLBACK" {
            sql.recent.forget();
        }
    }

    fn found(sql: &mut Sql<'_>, key: u8) -> Option<i64> {
        let by = Intaker {
            run: 2,
            destination: 1,
            again_after: None,
        };
        by_key(sql, &by, &hash(key)).unwrap().map(|found| found.id)
    }

    /// The same without any help.
    fn expected(conn: &Connection, key: u8) -> Option<i64> {
        let sql = "SELECT id FROM leads WHERE destination = 1 AND key = ?1 ORDER BY id DESC";
        conn.query_row(sql, [hash(key)], |row| row.get(0))
            .optional()
            .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_lead_is_found_whoever_wrote_it_and_wherever_its_key_stands(
            acts in proptest::collection::vec((any::<bool>(), acts()), 1..60)
        ) {
            let (_folder, ledger) = temporary();
            ledger.conn.execute("INSERT INTO destinations (id, name) VALUES (1, 'north')", []).unwrap();
            let conns = [(); 3].map(|()| connect(ledger.path()).unwrap());
            let [mut one, mut other, mut reader] = conns.each_ref().map(Sql::new);
            for (first, what) in acts {
                act(if first { &mut one } else { &mut other }, what);
                for key in 0..6 {
                    let expected = expected(&ledger.conn, key);
                    for sql in [&mut one, &mut other, &mut reader] {
                        prop_assert_eq!(found(sql, key), expected);
                    }
                }
            }
        }
    }
}
