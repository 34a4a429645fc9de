//! What corrected rows took the place of. An export that comes again holds the
//! old row still: it is the corrected lead, and nothing new to send.

use rusqlite::{OptionalExtension, params};

use super::Hash16;
use super::sql::Sql;

const LEAD_OF: &str =
    "SELECT lead FROM replaced WHERE destination = ?1 AND key = ?2 AND request IS ?3
  ORDER BY rowid DESC LIMIT 1";

/// The lead that was once known by this key, with this very content; `request`
/// is `None` where no request could be made of it.
pub fn lead_of(
    sql: &mut Sql<'_>,
    destination: i64,
    key: &Hash16,
    request: Option<&Hash16>,
) -> rusqlite::Result<Option<i64>> {
    sql.held
        .get(LEAD_OF)?
        .query_row(params![destination, key, request], |row| row.get(0))
        .optional()
}

const ANY: &str = "SELECT EXISTS (SELECT 1 FROM replaced)";

/// Has any row taken the place of another?
pub fn any(sql: &mut Sql<'_>) -> rusqlite::Result<bool> {
    sql.held.get(ANY)?.query_row([], |row| row.get(0))
}

const REMEMBER: &str = "INSERT INTO replaced (destination, key, request, lead)
  SELECT destination, key, request, id FROM leads WHERE id = ?1";

/// Remembers what the stored lead was known by, before it becomes the row that
/// corrects it.
pub fn remember(sql: &mut Sql<'_>, lead: i64) -> rusqlite::Result<()> {
    sql.held.get(REMEMBER)?.execute([lead])?;
    Ok(())
}
