//! What the program is doing, told by whichever room does it to whoever listens:
//! the log of `--verbose` and the line of a long run. A kind with its values, and
//! its words in one place. No event holds anything of a person: of a lead its
//! number, of a partner its host, and never an address, a header, a body or a secret.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

use serde::Serialize;

/// Something that happens now.
#[derive(Debug, Serialize, thiserror::Error)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Trace<'t> {
    #[error("leadctl {version} on {system}: {verb}")]
    Started {
        version: &'static str,
        system: String,
        verb: &'t str,
    },
    /// Which files count. `config`: `None` where there is none but the catalogue.
    #[error("configuration: {}; recorded in: {ledger}", config.as_deref().unwrap_or("the catalogue alone"))]
    Configured {
        config: Option<String>,
        ledger: String,
    },
    /// An input was read once: what it is. Its name may be a person's.
    #[error("input: {format}, {encoding}, rows: {rows}")]
    Counted {
        format: &'t str,
        encoding: Cow<'t, str>,
        rows: u64,
    },
    /// A lead is sent, or asked about; which try of this run it is.
    #[error("lead {lead}: {call} at {destination}, try {number}")]
    Try {
        lead: i64,
        call: &'static str,
        destination: &'t str,
        number: u32,
    },
    #[error("{}", calls(host, method, proxy.as_deref()))]
    Calls {
        host: &'t str,
        method: &'static str,
        proxy: Option<String>,
    },
    /// A new connection stands; with its version where it is TLS.
    #[error("connected to {host} {}", tls.map_or("without TLS".into(), |version| format!("with {version}")))]
    Connected {
        host: &'t str,
        tls: Option<&'static str>,
    },
    #[error("{host} answered {status} after {ms} ms")]
    Answered { host: &'t str, status: u16, ms: u64 },
    /// `sent`: bytes of the request left.
    #[error("no answer of {host} after {ms} ms, {}: {why}", if *sent { "sent" } else { "not sent" })]
    Unanswered {
        host: &'t str,
        sent: bool,
        why: String,
        ms: u64,
    },
    /// What came of a try. `state`: `None` where it stays what it was.
    #[error("{}", judged(*lead, state.unwrap_or("as it was"), *again))]
    Judged {
        lead: i64,
        state: Option<&'static str>,
        again: bool,
    },
    #[error("waits at most {ms} ms: {why}")]
    Waits { why: Wait, ms: u64 },
    #[error("ends after {ms} ms, exit code {exit}")]
    Ended { exit: u8, ms: u64 },
}

/// What is waited for, the one that holds up most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    #[error("the partner asks to wait")]
    Asked,
    /// As the headers of its answers say.
    #[error("the partner allows no more for now")]
    Quota,
    #[error("another run has the destination")]
    OtherRun,
    #[error("nothing is decided yet, asked again later")]
    Decisions,
    /// As many calls were made as the table allows.
    #[error("the pace of the destination")]
    Pace,
    #[error("one lead is tried again")]
    Retry,
}

static LISTENER: OnceLock<fn(&Trace<'_>)> = OnceLock::new();

/// Every event is told to `listener` from now on. The first one stays.
pub fn listen(listener: fn(&Trace<'_>)) {
    _ = LISTENER.set(listener);
}

/// Tells what happens, if anybody listens.
pub fn tell(event: &Trace<'_>) {
    if let Some(listener) = LISTENER.get() {
        listener(event);
    }
}

/// Milliseconds.
pub fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn calls(host: &str, method: &str, proxy: Option<&str>) -> String {
    match proxy {
        None => format!("{method} to {host}"),
        Some(proxy) => format!("{method} to {host} by the proxy {proxy}"),
    }
}

fn judged(lead: i64, state: &str, again: bool) -> String {
    match again {
        false => format!("lead {lead}: {state}"),
        true => format!("lead {lead}: {state}, to be tried again"),
    }
}
