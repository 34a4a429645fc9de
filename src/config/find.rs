//! How a lead in doubt is looked for in the partner's list: the words of
//! `[NAME.find]`. What is found there is asked about as `follow` says.

use std::time::Duration;

use super::measure;
use super::place::Place;
use super::pointer::Pointer;
use super::reader::Mistakes;
use super::tree::Table;

/// What makes an entry of the list the lead that was sent.
#[derive(Debug, Clone)]
pub struct Find {
    /// All must agree.
    pub matches: Vec<FieldMatch>,
    /// These too, where both sides have a value.
    pub sent: Vec<Sent>,
    /// An entry this much older than the sending, or younger than its end, may
    /// still be it: clocks differ, and a partner may be slow.
    pub margin: Duration,
    pub place: Place,
}

/// A place in an entry that holds what a lead's fields hold.
#[derive(Debug, Clone)]
pub struct FieldMatch {
    pub at: Pointer,
    /// Lead fields; several are joined by a space.
    pub fields: Vec<String>,
    /// The list may leave it empty: compared only where it is filled.
    pub may_be_empty: bool,
}

/// A place in an entry that holds what was sent, value by value.
#[derive(Debug, Clone)]
pub struct Sent {
    pub at: Pointer,
    /// Where it stood in what was sent: a target of `fields`.
    pub target: String,
    pub place: Place,
}

pub(super) const WORDS: &[&str] = &["match", "may_be_empty", "sent", "margin"];
const MARGIN: Duration = Duration::from_secs(5 * 60);

impl Find {
    /// Reads the table, if there is one.
    pub fn read(table: &Table, name: &str, mistakes: &mut Mistakes) -> Option<Self> {
        let node = table.get("find")?;
        let own = mistakes.as_table(node, "find")?;
        mistakes.check_keys(own, WORDS, &format!("[{name}.find]"));
        let empty = mistakes.texts(own, "may_be_empty").unwrap_or_default();
        let mut agree = Vec::new();
        for entry in mistakes.entries(own, "match") {
            let fields = mistakes.as_texts(&entry.node, &entry.key);
            match (Pointer::parse(&entry.key), fields) {
                (Ok(at), Some(fields)) if !fields.is_empty() => agree.push(FieldMatch {
                    at,
                    fields,
                    may_be_empty: empty.contains(&entry.key),
                }),
                (Err(message), _) => mistakes.add(&entry.place, message),
                _ => {}
            }
        }
        for unknown in empty
            .iter()
            .filter(|at| agree.iter().all(|known| known.at.to_string() != **at))
        {
            mistakes.add(
                &node.place,
                format!(
                    "`may_be_empty` of [{name}.find] names {unknown}, which `match` does not have"
                ),
            );
        }
        if agree.iter().all(|agreement| agreement.may_be_empty) {
            mistakes.hint(
                &node.place,
                format!("[{name}.find] does not say what must agree"),
                "match = { \"/phone\" = \"phone\", \"/name\" = [\"first_name\", \"last_name\"] }",
            );
        }
        Some(Self {
            matches: agree,
            sent: sent(own, mistakes),
            margin: margin(own, mistakes),
            place: node.place.clone(),
        })
    }
}

fn sent(table: &Table, mistakes: &mut Mistakes) -> Vec<Sent> {
    let mut sent = Vec::new();
    for entry in mistakes.entries(table, "sent") {
        let Some(target) = mistakes.as_text(&entry.node, &entry.key) else {
            continue;
        };
        match Pointer::parse(&entry.key) {
            Ok(at) => sent.push(Sent {
                at,
                target,
                place: entry.place.clone(),
            }),
            Err(message) => mistakes.add(&entry.place, message),
        }
    }
    sent
}

fn margin(table: &Table, mistakes: &mut Mistakes) -> Duration {
    let Some(node) = table.get("margin") else {
        return MARGIN;
    };
    let text = mistakes.as_text(node, "margin").unwrap_or_default();
    measure::duration(&text).unwrap_or_else(|message| {
        mistakes.add(&node.place, message);
        MARGIN
    })
}
