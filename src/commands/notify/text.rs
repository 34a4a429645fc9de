//! What a notification says: how many leads, at which destination, in which state, by
//! the ledger's numbers, and what to type. Never a word about a person, nor a
//! partner's, which may hold one.

use std::fmt::Write as _;

use serde_json::json;

use crate::config::{Occasion, PostForm};
use crate::lead::State;
use crate::ledger::{DestinationStatus, LeadNews, News, RunStop};
use crate::output::Command;
use crate::words::say;

/// Numbers of leads told in one place, at most.
const NAMED: usize = 20;

/// The text about what is new; `None`: none of it is wanted. `on`: what is; `None`: all.
pub fn of(news: &News, on: Option<&[Occasion]>) -> Option<String> {
    let is_wanted = |occasion: Occasion| on.is_none_or(|on| on.contains(&occasion));
    let leads = news.leads.iter();
    let leads = leads.filter(|found| occasion(found.state).is_some_and(is_wanted));
    let stops = news.stops.iter().filter(|_| is_wanted(Occasion::Stopped));
    let mut lines: Vec<String> = leads.map(in_words).collect();
    lines.extend(stops.map(|(to, stop)| {
        let what = stop_in_words(*stop);
        say!("destination-told", name = to, what)
    }));
    if lines.is_empty() {
        return None;
    }
    let (news, command) = (lines.join("\n"), Command::new(["status"]).to_string());
    Some(say!("notify-text", news, command) + "\n")
}

fn occasion(state: State) -> Option<Occasion> {
    match state {
        State::InDoubt => Some(Occasion::InDoubt),
        State::Failed => Some(Occasion::Failed),
        State::Unsent => Some(Occasion::Unsent),
        State::Rejected => Some(Occasion::Rejected),
        State::Invalid => Some(Occasion::Invalid),
        _ => None,
    }
}

/// `shop: 2 in doubt (12, 15)`
fn in_words(found: &LeadNews) -> String {
    let count = found.ids.len();
    let mut ids: Vec<String> = found.ids.iter().take(NAMED).map(i64::to_string).collect();
    ids.extend((count > NAMED).then(|| "…".to_owned()));
    let leads = found.state.counted(count as u64);
    say!(
        "notify-leads",
        to = &found.destination,
        leads,
        ids = ids.join(", ")
    )
}

fn stop_in_words(stop: RunStop) -> String {
    match stop {
        RunStop::NotBegun => say!("notify-stop-not-begun"),
        RunStop::Wrong => say!("notify-stop-wrong"),
        RunStop::Unreachable => say!("notify-stop-unreachable"),
        RunStop::Quota => say!("notify-stop-quota"),
        RunStop::Doubts => say!("notify-stop-doubts"),
        RunStop::Refusals => say!("notify-stop-refusals"),
        RunStop::Ledger => say!("notify-stop-ledger"),
    }
}

/// The text as its receiver reads it.
pub fn body(text: &str, form: PostForm) -> String {
    let body = match form {
        PostForm::Text => json!({ "text": text }),
        // A workflow of Teams takes cards alone; a blank line keeps lines apart there.
        PostForm::Teams => json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.2",
                    "body": [{
                        "type": "TextBlock",
                        "text": text.trim_end().replace('\n', "\n\n"),
                        "wrap": true,
                    }],
                },
            }],
        }),
    };
    body.to_string()
}

/// The counts of every destination, as Prometheus reads them.
pub fn metrics(all: &[DestinationStatus]) -> String {
    let mut text = String::new();
    let mut family = |name: &str, help: &str, values: Vec<(String, String)>| {
        // Writing to memory can't fail.
        _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in values {
            _ = writeln!(text, "{name}{{{labels}}} {value}");
        }
    };
    let label = |status: &DestinationStatus| {
        let name = status
            .destination
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        format!("destination=\"{}\"", name.replace('\n', "\\n"))
    };
    // Milliseconds, as seconds.
    let seconds = |at: i64| format!("{}.{:03}", at / 1000, at % 1000);
    let leads = all.iter().flat_map(|status| {
        State::ALL.into_iter().map(move |state| {
            let labels = format!("{},state=\"{state}\"", label(status));
            (labels, status.count(state).to_string())
        })
    });
    family(
        "leadctl_leads",
        "Leads by destination and state.",
        leads.collect(),
    );
    let oldest = all.iter().filter_map(|status| {
        let open = status.counts.iter().filter(|found| found.state.is_open());
        let oldest = open.map(|found| found.oldest).min()?;
        Some((label(status), seconds(oldest)))
    });
    family(
        "leadctl_oldest_open_timestamp_seconds",
        "When the oldest lead was sent or read of which something is to come still.",
        oldest.collect(),
    );
    let success = all
        .iter()
        .filter_map(|status| Some((label(status), seconds(status.last_success?))));
    family(
        "leadctl_last_success_timestamp_seconds",
        "When the partner last took a lead.",
        success.collect(),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(state: State, count: i64) -> News {
        News {
            leads: vec![LeadNews {
                destination: "shop".to_owned(),
                state,
                ids: (1..=count).collect(),
            }],
            stops: vec![("desk".to_owned(), RunStop::Unreachable)],
        }
    }

    #[test]
    fn counts_and_numbers_are_told_of_what_is_wanted() {
        let text = of(&news(State::InDoubt, 22), None).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("shop: 22 in doubt (1, 2, "), "{text}");
        assert!(lines[1].ends_with(" 20, …)"), "{text}");
        assert_eq!(
            lines[2..],
            [
                "desk: the run stopped: the partner can't be reached",
                "What to do:",
                "leadctl status"
            ]
        );
        let on = [Occasion::Failed];
        assert_eq!(of(&news(State::InDoubt, 1), Some(&on)), None);
        assert!(of(&news(State::Failed, 1), Some(&on)).is_some());
        // Every state that needs a person can be wanted.
        for state in State::ALL {
            assert_eq!(occasion(state).is_some(), state.needs_a_person(), "{state}");
        }
    }
}
