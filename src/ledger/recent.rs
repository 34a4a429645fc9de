//! The keys of the leads taken in of late. `keys` tells every lead by its key,
//! but a key is a hash, so each new one would change a page of that table of its
//! own. The new ones stand in `recent_keys`, in the order in which they came,
//! until there are enough to be put in their places together. To find one among
//! them, [hints](Hint) are sealed in `sealed_keys`, in the order of the keys,
//! some thousands in a row; the rest is looked through, or held in memory. A
//! lead that a hint names is looked at before it counts.

use rusqlite::{Connection, params};

use super::Hash16;
use super::hints::{Hint, MANY, hint, named};
use super::sql::Sql;

/// So many are sealed together.
const SOME: usize = 4 * 1024;
/// So many are looked for on disk, before all hints are read into memory.
const FEW: u32 = 8;

const SEALED: &str = "SELECT last, hints FROM sealed_keys ORDER BY last";
const SCAN: &str = "SELECT lead FROM recent_keys WHERE lead > ?1 AND key = ?2 AND destination = ?3";
const SINCE: &str = "SELECT key, lead FROM recent_keys WHERE lead > ?1 ORDER BY lead";

/// The recent leads that may have this key. To be asked before `keys`: a lead
/// may move there in between, but never back.
pub fn with_key(sql: &mut Sql<'_>, destination: i64, key: &Hash16) -> rusqlite::Result<Vec<i64>> {
    if sql.recent.asked >= FEW {
        read_on(sql)?;
        return Ok(sql.recent.find(key));
    }
    sql.recent.asked += 1;
    let (mut leads, mut last) = (Vec::new(), 0);
    let mut sealed = sql.held.get(SEALED)?.query([])?;
    while let Some(row) = sealed.next()? {
        last = row.get(0)?;
        let hints = row.get_ref(1)?.as_blob()?;
        leads.extend(named(hints.as_chunks().0, key));
    }
    drop(sealed);
    let rest = params![last, key, destination];
    let rest = sql.held.get(SCAN)?.query_map(rest, |row| row.get(0))?;
    for lead in rest {
        leads.push(lead?);
    }
    Ok(leads)
}

/// Reads what was added since, by whatever process.
fn read_on(sql: &mut Sql<'_>) -> rusqlite::Result<()> {
    let recent = &mut sql.recent;
    if recent.last == 0 {
        let mut sealed = sql.held.get(SEALED)?.query([])?;
        while let Some(row) = sealed.next()? {
            recent.last = row.get(0)?;
            let hints = row.get_ref(1)?.as_blob()?;
            recent.sealed.extend_from_slice(hints.as_chunks().0);
        }
        recent.sealed.sort_unstable();
    }
    let mut rows = sql.held.get(SINCE)?.query([recent.last])?;
    while let Some(row) = rows.next()? {
        recent.last = row.get(1)?;
        recent.others.insert(hint(&row.get(0)?, recent.last));
    }
    Ok(())
}

/// Keeps the recent keys few and easy to find, inside a transaction.
pub fn tidy(sql: &mut Sql<'_>) -> rusqlite::Result<()> {
    if sql.recent.count() >= MANY {
        return put_in_places(sql);
    }
    if sql.recent.last - sql.recent.looked_at >= SOME as i64 {
        sql.recent.looked_at = sql.recent.last;
        seal(sql.conn, SOME)?;
    }
    Ok(())
}

/// The same at the end of a run: those who send a lead at a time never read many.
pub fn tidy_at_end(sql: &mut Sql<'_>) -> rusqlite::Result<()> {
    // Two seeks; both in one would be a scan. There are no more keys than ids
    // between the two.
    let span: i64 = sql.conn.query_row(
        "SELECT coalesce((SELECT max(lead) FROM recent_keys) - (SELECT min(lead) FROM recent_keys), 0)",
        [],
        |row| row.get(0),
    )?;
    match usize::try_from(span).is_ok_and(|span| span >= MANY) {
        true => put_in_places(sql),
        false => seal(sql.conn, SOME),
    }
}

/// Seals what came since the last seal, if there is so much.
fn seal(conn: &Connection, least: usize) -> rusqlite::Result<()> {
    let (last, sealed): (i64, i64) = conn.query_row(
        "SELECT coalesce((SELECT max(lead) FROM recent_keys), 0),
           coalesce((SELECT max(last) FROM sealed_keys), 0)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if last - sealed < least as i64 {
        return Ok(());
    }
    let mut since = conn.prepare(SINCE)?;
    let hints = since.query_map([sealed], |row| Ok(hint(&row.get(0)?, row.get(1)?)))?;
    let mut hints = hints.collect::<rusqlite::Result<Vec<Hint>>>()?;
    if hints.len() < least {
        return Ok(());
    }
    hints.sort_unstable();
    conn.execute(
        "INSERT INTO sealed_keys VALUES (?1, ?2)",
        params![last, hints.as_flattened()],
    )?;
    Ok(())
}

fn put_in_places(sql: &mut Sql<'_>) -> rusqlite::Result<()> {
    sql.conn.execute_batch(
        "INSERT OR IGNORE INTO keys SELECT destination, key, lead FROM recent_keys
           ORDER BY destination, key, lead;
         DELETE FROM recent_keys;
         DELETE FROM sealed_keys;",
    )?;
    sql.recent.sealed.clear();
    sql.recent.others.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::OptionalExtension;

    use super::super::connection::connect;
    use super::super::found::by_key;
    use super::super::intake::Intaker;
    use super::super::open::tests::temporary;
    use super::*;

    /// What happens to a ledger, by one of two connections that write.
    #[derive(Debug, Clone, Copy)]
    enum Act {
        Came { key: u8 },
        CameToNothing { key: u8 },
        ChangedKey { lead: i64, key: u8 },
        Gone { lead: i64 },
        Sealed { least: usize },
        PutInPlaces,
    }

    fn acts() -> impl Strategy<Value = Act> {
        prop_oneof![
            6 => (0..6u8).prop_map(|key| Act::Came { key }),
            1 => (0..6u8).prop_map(|key| Act::CameToNothing { key }),
            2 => (0..40i64, 0..6u8).prop_map(|(lead, key)| Act::ChangedKey { lead, key }),
            1 => (0..40i64).prop_map(|lead| Act::Gone { lead }),
            2 => (1..4usize).prop_map(|least| Act::Sealed { least }),
            1 => Just(Act::PutInPlaces),
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
            Act::Sealed { least } => seal(sql.conn, least).unwrap(),
            Act::PutInPlaces => put_in_places(sql).unwrap(),
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
                    let mut fresh = Sql::new(&ledger.conn);
                    for sql in [&mut one, &mut other, &mut reader, &mut fresh] {
                        prop_assert_eq!(found(sql, key), expected);
                    }
                }
            }
        }
    }
}
