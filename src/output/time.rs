//! Instants as people and scripts read them. The ledger's instants are
//! milliseconds since 1970, UTC. One that no calendar holds is shown as nothing.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2026-11-03T07:12:05.000Z`: always the same length, so that text sorts as time.
pub fn rfc3339(ms: i64) -> Option<String> {
    let at = Timestamp::from_millisecond(ms).ok()?;
    Some(format!("{at:.3}"))
}

/// The local day, `2026-11-03`.
pub fn day(ms: i64, zone: &TimeZone) -> String {
    local(ms, zone, "%Y-%m-%d")
}

/// The local day and minute, `2026-11-03 08:12`.
pub fn minute(ms: i64, zone: &TimeZone) -> String {
    local(ms, zone, "%Y-%m-%d %H:%M")
}

/// The local day and second, `2026-11-03 08:12:05`.
pub fn second(ms: i64, zone: &TimeZone) -> String {
    local(ms, zone, "%Y-%m-%d %H:%M:%S")
}

fn local(ms: i64, zone: &TimeZone, pattern: &str) -> String {
    let at = Timestamp::from_millisecond(ms).ok();
    at.map(|at| {
        at.to_zoned_datetime(zone.clone())
            .strftime(pattern)
            .to_string()
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_in_utc_for_scripts_and_locally_for_people() {
        let paris = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(
            rfc3339(1_793_689_925_000).as_deref(),
            Some("2026-11-03T07:12:05.000Z")
        );
        assert_eq!(second(1_793_689_925_000, &paris), "2026-11-03 08:12:05");
        assert_eq!(minute(1_793_689_925_000, &paris), "2026-11-03 08:12");
        assert_eq!(day(1_793_746_799_000, &paris), "2026-11-03");
        assert_eq!(day(1_793_746_800_000, &paris), "2026-11-04");
        assert_eq!(rfc3339(i64::MAX), None);
        assert_eq!(day(i64::MIN, &paris), "");
    }
}
