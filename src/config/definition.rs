//! Reads a destination's table.

use std::time::Duration;

use super::amend::Amend;
use super::auth::Auth;
use super::base::read_base;
use super::country::read_country;
use super::destination::{Destination, SafeToRepeat};
use super::example::Example;
use super::find::Find;
use super::follow;
use super::headers;
use super::list::PartnerList;
use super::measure;
use super::online;
use super::operation::{self, Call, Method, texts_by_key};
use super::pace::{read_pace, read_rate_headers};
use super::place::Place;
use super::reader::{LEDGER, Mistakes};
use super::rule::{Field, FieldRule, word};
use super::settings::PartnerSettings;
use super::tree::{Table, Value};

pub(super) const WORDS: &[&str] = &[
    "about",
    "base",
    "auth",
    "headers",
    "key",
    "pace",
    "rate_headers",
    "timeout",
    "jobs",
    "defaults",
    "need_one",
    "country",
    "again_after",
    "formerly",
    "extends",
    "stop_after_doubts",
    "safe_to_repeat",
    "tries",
    "backoff",
    "longest_wait",
    "ask",
    "path",
    "fields",
    "send",
    "follow",
    "list",
    "find",
    "amend",
    "on_duplicate",
    "settings",
    "online",
    "examples",
];

impl Destination {
    pub fn read(name: &str, table: &Table, place: &Place, mistakes: &mut Mistakes) -> Self {
        mistakes.check_keys(table, WORDS, &format!("the destination [{name}]"));
        let empty = Table::default();
        let (send, send_place) = match table.get("send") {
            Some(node) => (
                mistakes.as_table(node, "send").unwrap_or(&empty),
                node.place.clone(),
            ),
            None => (&empty, place.clone()),
        };
        mistakes.check_keys(send, operation::WORDS, &format!("[{name}.send]"));
        let auth = part(table, "auth", mistakes)
            .and_then(|(auth, place)| Auth::read(auth, place, mistakes));
        Self {
            name: name.to_owned(),
            about: mistakes.text(table, "about"),
            base: read_base(table, mistakes),
            headers: headers::read(table, auth.as_ref(), mistakes),
            auth,
            key: mistakes.texts(table, "key").unwrap_or_default(),
            pace: read_pace(table, mistakes),
            rate_headers: read_rate_headers(table, mistakes),
            timeout: lasting(table, "timeout", "30s", mistakes).unwrap_or(Duration::from_secs(30)),
            jobs: read_jobs(table, mistakes),
            defaults: read_defaults(table, mistakes),
            need_one: read_need_one(table, mistakes),
            country: read_country(table, mistakes),
            again_after: lasting(table, "again_after", "180d", mistakes),
            formerly: mistakes.texts(table, "formerly").unwrap_or_default(),
            stop_after_doubts: small(table, "stop_after_doubts", mistakes).unwrap_or(3),
            safe_to_repeat: read_repeat(table, mistakes),
            tries: small(table, "tries", mistakes).unwrap_or(4).max(1),
            backoff: duration(table, "backoff", "500ms", mistakes)
                .unwrap_or(Duration::from_millis(500)),
            longest_wait: duration(table, "longest_wait", "15m", mistakes)
                .unwrap_or(Duration::from_secs(15 * 60)),
            ask: mistakes.text(table, "ask"),
            path_rules: mistakes
                .entries(table, "path")
                .iter()
                .filter_map(|entry| {
                    let rule = FieldRule::read(&entry.node, &entry.key, mistakes)?;
                    Some((entry.key.clone(), rule))
                })
                .collect(),
            fields: mistakes
                .entries(table, "fields")
                .iter()
                .filter_map(|entry| {
                    let rule = FieldRule::read(&entry.node, &entry.key, mistakes)?;
                    Some(Field {
                        target: entry.key.clone(),
                        rule,
                    })
                })
                .collect(),
            send: Call::read(send, &send_place, "send", Method::Post, mistakes),
            follow: follow::read(table, name, mistakes),
            list: PartnerList::read(table, name, mistakes),
            find: Find::read(table, name, mistakes),
            amend: part(table, "amend", mistakes)
                .map(|(amend, place)| Amend::read(amend, place, name, mistakes)),
            amend_duplicates: read_on_duplicate(table, mistakes),
            settings: part(table, "settings", mistakes)
                .map(|(settings, place)| PartnerSettings::read(settings, place, name, mistakes)),
            online: part(table, "online", mistakes)
                .map(|(online, place)| online::read(online, place, name, mistakes)),
            examples: mistakes
                .list(table, "examples")
                .iter()
                .filter_map(|node| Example::read(node, mistakes))
                .collect(),
            place: place.clone(),
        }
    }
}

/// A table of the destination's, unless it is absent or `false`.
fn part<'t>(
    table: &'t Table,
    key: &str,
    mistakes: &mut Mistakes,
) -> Option<(&'t Table, &'t Place)> {
    let node = table.get(key)?;
    mistakes
        .as_table(node, key)
        .map(|inner| (inner, &node.place))
}

/// A blank default would be sent as it is: whoever wrote it forgot the value.
fn read_defaults(table: &Table, mistakes: &mut Mistakes) -> Vec<(String, String)> {
    for entry in mistakes.entries(table, "defaults") {
        if entry.key == LEDGER {
            mistakes.misplaced_ledger(&entry.place, "the defaults");
        }
        if matches!(&entry.node.value, Value::Text(text) if text.trim().is_empty()) {
            mistakes.hint(
                &entry.place,
                format!("the default of `{}` is empty", entry.key),
                "write its value between the quotes, or remove the line",
            );
        }
    }
    let mut defaults = texts_by_key(table, "defaults", mistakes);
    defaults.retain(|(field, _)| field != LEDGER);
    defaults
}

fn duration(table: &Table, key: &str, usual: &str, mistakes: &mut Mistakes) -> Option<Duration> {
    let node = table.get(key)?;
    let example = format!("as in {key} = \"{usual}\"");
    let text = match &node.value {
        Value::Bool(false) => return None,
        Value::Text(text) => text,
        other => {
            let message = format!("`{key}` must be a duration, not {}", other.in_words());
            mistakes.hint(&node.place, message, example);
            return None;
        }
    };
    match measure::duration(text) {
        Ok(duration) => Some(duration),
        Err(message) => {
            mistakes.add(&node.place, format!("`{key}`: {message}"));
            None
        }
    }
}

/// A duration without which the word says nothing.
fn lasting(table: &Table, key: &str, usual: &str, mistakes: &mut Mistakes) -> Option<Duration> {
    let duration = duration(table, key, usual, mistakes)?;
    if let (Some(node), true) = (table.get(key), duration.is_zero()) {
        mistakes.hint(
            &node.place,
            format!("`{key}` must be longer than nothing"),
            format!("as in {key} = \"{usual}\"; or remove the line"),
        );
        return None;
    }
    Some(duration)
}

fn small(table: &Table, key: &str, mistakes: &mut Mistakes) -> Option<u32> {
    let count = mistakes.count(table, key)?;
    let small = u32::try_from(count).ok();
    if let (None, Some(node)) = (small, table.get(key)) {
        mistakes.add(&node.place, format!("`{key}` is too large: {count}"));
    }
    small
}

fn read_jobs(table: &Table, mistakes: &mut Mistakes) -> Option<usize> {
    let jobs = mistakes.count(table, "jobs")?;
    match usize::try_from(jobs) {
        Ok(jobs @ 1..=256) => Some(jobs),
        _ => {
            if let Some(node) = table.get("jobs") {
                mistakes.add(&node.place, "`jobs` must be from 1 to 256");
            }
            None
        }
    }
}

fn read_need_one(table: &Table, mistakes: &mut Mistakes) -> Vec<Vec<String>> {
    mistakes
        .list(table, "need_one")
        .iter()
        .filter_map(|node| match node.value {
            Value::List(_) => mistakes.as_texts(node, "need_one"),
            _ => {
                mistakes.hint(
                    &node.place,
                    "`need_one` is a list of groups",
                    "write [[\"last_name\", \"company\"]]",
                );
                None
            }
        })
        .collect()
}

fn read_on_duplicate(table: &Table, mistakes: &mut Mistakes) -> bool {
    match table.get("on_duplicate").map(|node| &node.value) {
        None | Some(Value::Bool(false)) => false,
        Some(_) => word(table, "on_duplicate", &[("amend", true)], mistakes).unwrap_or(false),
    }
}

fn read_repeat(table: &Table, mistakes: &mut Mistakes) -> SafeToRepeat {
    let Some(node) = table.get("safe_to_repeat") else {
        return SafeToRepeat::Never;
    };
    match node.value {
        Value::Bool(false) => return SafeToRepeat::Never,
        Value::Bool(true) => return SafeToRepeat::Always,
        _ => {}
    }
    match mistakes.as_texts(node, "safe_to_repeat") {
        Some(fields) if !fields.is_empty() => SafeToRepeat::With(fields),
        Some(_) => {
            mistakes.hint(
                &node.place,
                "`safe_to_repeat` names no field",
                "write false where a repeat is never safe, true where it always is, \
                 or the fields that make it so: [\"email\"]",
            );
            SafeToRepeat::Never
        }
        None => SafeToRepeat::Never,
    }
}
