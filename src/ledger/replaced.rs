//! What corrected rows took the place of. An export that comes again holds the
//! old row still: it is the corrected lead, and nothing new to send.

use rusqlite::{Connection, OptionalExtension, params};

use super::Hash16;

/// The lead that was once known by this key, with this very content; `request`
/// is `None` where no request could be made of it.
pub fn lead_of(
    conn: &Connection,
    destination: i64,
    key: &Hash16,
    request: Option<&Hash16>,
) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached(
        "SELECT lead FROM replaced WHERE destination = ?1 AND key = ?2 AND request IS ?3
         ORDER BY rowid DESC LIMIT 1",
    )?
    .query_row(params![destination, key, request], |row| row.get(0))
    .optional()
}

/// Has any row taken the place of another?
pub fn any(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM replaced)")?
        .query_row([], |row| row.get(0))
}

/// Remembers what the stored lead was known by, before it becomes the row that
/// corrects it.
pub fn remember(conn: &Connection, lead: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO replaced (destination, key, request, lead)
         SELECT destination, key, request, id FROM leads WHERE id = ?1",
    )?
    .execute([lead])?;
    Ok(())
}
