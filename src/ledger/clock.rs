//! The system's clock, as the ledger writes it and as people read it.

/// Milliseconds UTC, by the system's clock.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A moment as a person here writes it.
pub fn clock(at: i64) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(at) => at
            .to_zoned_datetime(jiff::tz::TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string(),
        Err(_) => "an unknown time".to_owned(),
    }
}
