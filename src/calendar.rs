//! Whose calendar and clock count for this process: those of the `zone` that the
//! configuration names, else this machine's. Asked wherever a day or a time of day is
//! read or shown, so that no two places tell two days of one moment.

use std::sync::{PoisonError, RwLock};

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;

/// `None`: the configuration wasn't read yet.
static ZONE: RwLock<Option<TimeZone>> = RwLock::new(None);

/// From now on this zone counts.
pub fn set(zone: TimeZone) {
    *ZONE.write().unwrap_or_else(PoisonError::into_inner) = Some(zone);
}

pub fn zone() -> TimeZone {
    let zone = ZONE.read().unwrap_or_else(PoisonError::into_inner);
    zone.clone().unwrap_or_else(TimeZone::system)
}

/// This moment, as its clock shows it.
pub fn now() -> ZonedDateTime {
    ZonedDateTime::now().with_time_zone(zone())
}
