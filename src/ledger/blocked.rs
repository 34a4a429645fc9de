//! Persons who are never to be sent again (`purge --block`).

use rusqlite::params;

use super::intake::Intake;
use super::sql::Sql;

const ANY_BLOCKED: &str = "SELECT EXISTS (SELECT 1 FROM blocked)";

/// Is there anybody?
pub fn any_blocked(sql: &mut Sql<'_>) -> rusqlite::Result<bool> {
    sql.held.get(ANY_BLOCKED)?.query_row([], |row| row.get(0))
}

const BLOCKED: &str = "SELECT min(at) FROM blocked WHERE person IN (?1, ?2)";

/// Since when, milliseconds UTC; `None`: this person may be sent.
pub fn blocked_since(sql: &mut Sql<'_>, lead: &Intake) -> rusqlite::Result<Option<i64>> {
    sql.held
        .get(BLOCKED)?
        .query_row(params![lead.email, lead.phone], |row| row.get(0))
}
