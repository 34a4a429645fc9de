//! Durations and rates as users write them: `30s`, `1h30m`, `180d`, `55/min`.

use std::time::Duration;

/// At most `count` requests in any window of `per`, burst included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub per: Duration,
}

/// Reads `500ms`, `30s`, `2m`, `1h30m`, `180d`, `2w`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let refusal = || {
        format!("`{text}` is not a duration: write a number and a unit, as in 30s, 2m, 1h, 180d")
    };
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return Err(refusal());
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().map_err(|_| refusal())?;
        rest = rest[digits..].trim_start();
        let letters = rest.len() - rest.trim_start_matches(char::is_alphabetic).len();
        let unit = unit(&rest[..letters]).ok_or_else(refusal)?;
        rest = rest[letters..].trim_start();
        let part = unit
            .checked_mul(u32::try_from(number).map_err(|_| refusal())?)
            .ok_or_else(refusal)?;
        total = total.checked_add(part).ok_or_else(refusal)?;
    }
    Ok(total)
}

fn unit(word: &str) -> Option<Duration> {
    Some(match word {
        "ms" => Duration::from_millis(1),
        "s" | "sec" | "second" | "seconds" => Duration::from_secs(1),
        "m" | "min" | "minute" | "minutes" => Duration::from_secs(60),
        "h" | "hour" | "hours" => Duration::from_secs(3600),
        "d" | "day" | "days" => Duration::from_secs(86_400),
        "w" | "week" | "weeks" => Duration::from_secs(7 * 86_400),
        _ => return None,
    })
}

/// Reads `55/min`, `950/h`, `100/10s`.
pub fn rate(text: &str) -> Result<Rate, String> {
    let refusal = || format!("`{text}` is not a rate: write it as 55/min, 950/h, 9/s or 100/10s");
    let (count, per) = text.split_once('/').ok_or_else(refusal)?;
    let count = count.trim().parse().map_err(|_| refusal())?;
    let per = per.trim();
    let per = match per.starts_with(|c: char| c.is_ascii_digit()) {
        true => duration(per).map_err(|_| refusal())?,
        false => unit(per).ok_or_else(refusal)?,
    };
    match count > 0 && !per.is_zero() {
        true => Ok(Rate { count, per }),
        false => Err(refusal()),
    }
}

/// A duration in the words of a message: `45 s`, `3 min`, `2 h 05`, `9 days`.
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=9 => format!("{:.1} s", duration.as_secs_f64()),
        10..=119 => format!("{seconds} s"),
        120..=5_399 => format!("{} min", seconds / 60),
        5_400..=172_799 => format!("{} h {:02}", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("30s", 30),
            ("2m", 120),
            ("1h30m", 5400),
            ("180d", 15_552_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "30", "s", "3 weks", "-2s", "99999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates() {
        let minute = Duration::from_secs(60);
        assert_eq!(
            rate("55/min"),
            Ok(Rate {
                count: 55,
                per: minute
            })
        );
        assert_eq!(rate("100/10s").map(|r| r.per), Ok(Duration::from_secs(10)));
        for text in ["55", "0/s", "x/min", "5/", "5/parsec"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
