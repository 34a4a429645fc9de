//! Persons who are never sent to anybody, as hashes: those who were named, with the
//! addresses and numbers that their leads gave beside it, and those of lists.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::lead::{self, hashes};
use super::{Hash16, Ledger, LedgerError, StoredLead, now};

/// Somebody who is to be blocked.
#[derive(Debug, Default)]
pub struct BlockedPerson<'b> {
    /// The addresses and numbers by which they were named.
    pub named: &'b [Hash16],
    /// Further ones, such as a row's second address.
    pub others: &'b [Hash16],
    /// To be shown, unless hashes alone are to be kept.
    pub typed: Option<&'b str>,
    pub note: Option<&'b str>,
}

/// A list of people who are to be blocked.
#[derive(Debug)]
pub struct BlockedList<'b> {
    /// Addresses and numbers.
    pub persons: &'b [Hash16],
    pub file: &'b str,
    /// What was read of a list that is read at each run: then whoever stands in it no
    /// more is blocked by it no more.
    pub mark: Option<Hash16>,
    pub note: Option<&'b str>,
}

/// What taking in a list changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListChange {
    pub added: u64,
    pub removed: u64,
}

/// What lifting a block did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lifted {
    /// Addresses and numbers that are blocked no more.
    pub contacts: u64,
    /// Lists, read at each run, that block some all the same.
    pub still: Vec<String>,
}

/// One who was blocked, or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// When it was made, or read last, in milliseconds UTC.
    pub at: i64,
    /// What was typed; `None` once it was purged, and of a list.
    pub typed: Option<String>,
    pub note: Option<String>,
    /// The list's name.
    pub file: Option<String>,
    /// It is read at each run.
    pub each_run: bool,
    /// Addresses and numbers, what was typed among them.
    pub contacts: u64,
    /// Leads that have one of these.
    pub leads: u64,
}

impl Ledger {
    /// Blocks whoever has one of these addresses and numbers, with all that their leads
    /// gave beside it; how many addresses and numbers are blocked by that.
    pub fn block(&self, who: &BlockedPerson<'_>) -> Result<u64, LedgerError> {
        self.write(|conn| {
            let known = who.named.iter().map(|person| {
                let query = "SELECT blocks.id FROM blocked JOIN blocks ON blocks.id = block
                   WHERE person = ?1 AND file IS NULL";
                let mut statement = conn.prepare_cached(query)?;
                statement.query_row([person], |row| row.get(0)).optional()
            });
            let known: Vec<Option<i64>> = known.collect::<Result<_, _>>()?;
            let block = match known.into_iter().flatten().next() {
                Some(block) => {
                    let again = "UPDATE blocks SET note = coalesce(?3, note),
                       typed = iif(?2 NOT NULL, coalesce(typed, ?2), NULL) WHERE id = ?1";
                    conn.execute(again, params![block, who.typed, who.note])?;
                    block
                }
                None => make(conn, (who.typed, who.note), (None, None))?,
            };
            add(conn, block, who.named.iter().chain(who.others))?;
            let beside = "INSERT OR IGNORE INTO blocked (person, block, at)
               SELECT contact, ?2, ?3 FROM
                 (SELECT email AS contact FROM leads WHERE email = ?1 OR phone = ?1
                  UNION SELECT phone FROM leads WHERE email = ?1 OR phone = ?1)
               WHERE contact IS NOT NULL";
            for person in who.named {
                conn.execute(beside, params![person, block, now()])?;
            }
            let count = "SELECT count(*) FROM blocked WHERE block = ?1";
            let count: i64 = conn.query_row(count, [block], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }

    /// Blocks all of a list, or nobody. Of one that is taken in once only those count
    /// who stand in no earlier one.
    pub fn block_list(&self, list: &BlockedList<'_>) -> Result<ListChange, LedgerError> {
        self.write(|conn| {
            let mut persons: Vec<Hash16> = list.persons.to_vec();
            // In the order in which they are stored, which is much faster.
            persons.sort_unstable();
            persons.dedup();
            let Some(mark) = list.mark else {
                let known = persons_of(
                    conn,
                    "IN (SELECT id FROM blocks WHERE file NOT NULL AND mark IS NULL)",
                )?;
                persons.retain(|person| !known.contains(person));
                if !persons.is_empty() {
                    let block = make(conn, (None, list.note), (Some(list.file), None))?;
                    add(conn, block, &persons)?;
                }
                let added = persons.len() as u64;
                return Ok(ListChange { added, removed: 0 });
            };
            let known = "SELECT id FROM blocks WHERE file = ?1 AND mark NOT NULL";
            let known = conn.query_row(known, [list.file], |row| row.get(0));
            let block = match known.optional()? {
                Some(block) => {
                    let read = "UPDATE blocks SET at = ?2, mark = ?3 WHERE id = ?1";
                    conn.execute(read, params![block, now(), mark])?;
                    block
                }
                None => make(conn, (None, None), (Some(list.file), Some(mark)))?,
            };
            let mut gone = persons_of(conn, &format!("= {block}"))?;
            persons.retain(|person| !gone.remove(person));
            add(conn, block, &persons)?;
            let mut lift =
                conn.prepare_cached("DELETE FROM blocked WHERE person = ?1 AND block = ?2")?;
            for person in &gone {
                lift.execute(params![person, block])?;
            }
            Ok(ListChange {
                added: persons.len() as u64,
                removed: gone.len() as u64,
            })
        })
    }

    /// The mark of what was last read of a list that is read at each run.
    pub fn mark_of_list(&self, file: &str) -> Result<Option<Hash16>, LedgerError> {
        self.read(|conn| {
            let query = "SELECT mark FROM blocks WHERE file = ?1 AND mark NOT NULL";
            conn.query_row(query, [file], |row| row.get(0)).optional()
        })
    }

    /// Lifts the block of whoever has one of these addresses and numbers, and of what was
    /// blocked with it; a consent that was taken back counts again. `each_run`: the lists
    /// that would block them again.
    pub fn unblock(&self, persons: &[Hash16], each_run: &[String]) -> Result<Lifted, LedgerError> {
        self.write(|conn| {
            let mut lifted = Lifted::default();
            let blocks = "SELECT block, file, mark NOT NULL FROM blocked
               JOIN blocks ON blocks.id = block WHERE person = ?1";
            let mut blocks = conn.prepare_cached(blocks)?;
            let mut free: HashSet<Hash16> = HashSet::new();
            for person in persons {
                free.extend(forget_no(conn, *person)?);
                let found: Vec<(i64, Option<String>, bool)> = blocks
                    .query_map([person], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                    .collect::<Result<_, _>>()?;
                for (block, file, is_read) in found {
                    match file {
                        Some(file) if is_read && each_run.contains(&file) => {
                            if !lifted.still.contains(&file) {
                                lifted.still.push(file);
                            }
                        }
                        Some(_) => {
                            let one = "DELETE FROM blocked WHERE person = ?1 AND block = ?2";
                            conn.prepare_cached(one)?.execute(params![person, block])?;
                            free.insert(*person);
                        }
                        None => {
                            free.extend(persons_of(conn, &format!("= {block}"))?);
                            conn.execute("DELETE FROM blocks WHERE id = ?1", [block])?;
                        }
                    }
                }
            }
            let empty = "DELETE FROM blocks WHERE mark IS NULL
               AND NOT EXISTS (SELECT 1 FROM blocked WHERE block = blocks.id)";
            conn.execute(empty, [])?;
            lifted.contacts = free.len() as u64;
            Ok(lifted)
        })
    }

    /// Everybody who is blocked, the latest first.
    pub fn blocks(&self) -> Result<Vec<Block>, LedgerError> {
        self.read(|conn| {
            let leads = count_leads(conn)?;
            conn.prepare(
                "SELECT id, at, typed, note, file, mark NOT NULL,
                   (SELECT count(*) FROM blocked WHERE block = blocks.id)
                 FROM blocks ORDER BY at DESC, id DESC",
            )?
            .query_map([], |row| {
                Ok(Block {
                    leads: leads.get(&row.get(0)?).copied().unwrap_or_default(),
                    at: row.get(1)?,
                    typed: row.get(2)?,
                    note: row.get(3)?,
                    file: row.get(4)?,
                    each_run: row.get(5)?,
                    contacts: row.get::<_, i64>(6)?.unsigned_abs(),
                })
            })?
            .collect()
        })
    }
}

/// Makes a block of somebody, as typed, or of a list: its file, and its mark.
fn make(
    conn: &Connection,
    (typed, note): (Option<&str>, Option<&str>),
    (file, mark): (Option<&str>, Option<Hash16>),
) -> rusqlite::Result<i64> {
    let make = "INSERT INTO blocks (at, typed, note, file, mark) VALUES (?1, ?2, ?3, ?4, ?5)";
    conn.execute(make, params![now(), typed, note, file, mark])?;
    Ok(conn.last_insert_rowid())
}

fn add<'p>(
    conn: &Connection,
    block: i64,
    persons: impl IntoIterator<Item = &'p Hash16>,
) -> rusqlite::Result<()> {
    let add = "INSERT OR IGNORE INTO blocked (person, block, at) VALUES (?1, ?2, ?3)";
    let (mut add, now) = (conn.prepare_cached(add)?, now());
    let mut persons = persons.into_iter();
    persons.try_for_each(|person| add.execute(params![person, block, now]).map(drop))
}

/// Whom these blocks keep from being sent.
fn persons_of(conn: &Connection, which: &str) -> rusqlite::Result<HashSet<Hash16>> {
    conn.prepare(&format!("SELECT person FROM blocked WHERE block {which}"))?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// How many leads each block is about.
fn count_leads(conn: &Connection) -> rusqlite::Result<HashMap<i64, u64>> {
    let mut blocks_of: HashMap<Hash16, Vec<i64>> = HashMap::new();
    let mut all = conn.prepare("SELECT person, block FROM blocked")?;
    let mut all = all.query([])?;
    while let Some(row) = all.next()? {
        blocks_of.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let mut counts = HashMap::new();
    let mut leads = conn.prepare("SELECT email, phone, others FROM leads")?;
    let mut leads = leads.query([])?;
    while let Some(row) = leads.next()?.filter(|_| !blocks_of.is_empty()) {
        let own: [Option<Hash16>; 2] = [row.get(0)?, row.get(1)?];
        let contacts = own.into_iter().flatten().chain(hashes(row.get(2)?));
        let blocks = contacts.filter_map(|contact| blocks_of.get(&contact));
        let blocks: HashSet<i64> = blocks.flatten().copied().collect();
        for block in blocks {
            *counts.entry(block).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Whoever has this address or number did not take their consent back, by whichever of
/// what their leads gave beside it: those by which they did.
fn forget_no(conn: &Connection, person: Hash16) -> rusqlite::Result<Vec<Hash16>> {
    let ids = "SELECT id FROM leads WHERE email = ?1 OR phone = ?1";
    let ids: Vec<i64> = conn
        .prepare_cached(ids)?
        .query_map([person], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut theirs = vec![person];
    for id in ids {
        theirs.extend(lead::by_id(conn, id)?.iter().flat_map(StoredLead::contacts));
    }
    let mut forget = conn.prepare_cached("DELETE FROM noes WHERE person = ?1")?;
    let mut forgotten = Vec::new();
    for person in theirs {
        if forget.execute([person])? > 0 {
            forgotten.push(person);
        }
    }
    Ok(forgotten)
}

/// Since when whoever has one of these is never to be sent again.
pub fn blocked_since(
    conn: &Connection,
    contacts: impl Iterator<Item = Hash16>,
) -> rusqlite::Result<Option<i64>> {
    // Mostly nobody is: one look instead of one for each contact.
    let any = "SELECT EXISTS (SELECT 1 FROM blocked)";
    if !conn.prepare_cached(any)?.query_row([], |row| row.get(0))? {
        return Ok(None);
    }
    let mut since = conn.prepare_cached("SELECT min(at) FROM blocked WHERE person = ?1")?;
    let mut first: Option<i64> = None;
    for contact in contacts {
        let at: Option<i64> = since.query_row([contact], |row| row.get(0))?;
        first = first.into_iter().chain(at).min();
    }
    Ok(first)
}
