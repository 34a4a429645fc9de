//! Leads that their source writes as lists of names and values: found in an object,
//! and read as rows of text. What a source's lists are called, it is told.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::error::Fault;
use super::header::KnownHeaders;
use super::object::{cell, flatten};
use crate::lead::text::squeeze;
use crate::lead::{Cells, JsonPath, Lookup, PairList, Pairs, Source};

/// The ways of writing that are looked for.
#[derive(Default)]
pub struct Layouts {
    /// All have `pairs`.
    pub sources: Arc<[Source]>,
    /// What a column may be called.
    pub known: Option<KnownHeaders>,
}

/// A lead that was found in an object.
pub struct PairsLead {
    /// Where it begins in the object's text.
    pub offset: usize,
    pub source: Arc<str>,
    pub is_test: bool,
    pub names: Cells,
    pub cells: Cells,
    pub fault: Option<Fault>,
}

impl Layouts {
    /// Whether an object holds leads.
    pub fn are_in(&self, object: &[u8]) -> bool {
        std::str::from_utf8(object).is_ok_and(|text| !self.leads(text).is_empty())
    }

    /// The leads of an object, by the source whose list is there; the one that most
    /// of its headers speak for where several are. None: it is written otherwise.
    pub fn leads(&self, text: &str) -> Vec<PairsLead> {
        let mut found: Vec<(usize, Vec<PairsLead>)> = Vec::new();
        for source in self.sources.iter() {
            let Some(rule) = source.pairs.as_ref().filter(|rule| may_hold(text, rule)) else {
                continue;
            };
            let rows = rows(text, &source.rows, rule);
            let leads = rows.iter().map(|row| PairsLead {
                offset: row.as_ptr().addr() - text.as_ptr().addr(),
                ..self.lead(row, source, rule)
            });
            let leads: Vec<PairsLead> = leads.collect();
            let Some(first) = leads.first() else {
                continue;
            };
            let names: HashSet<String> = first.names.iter().map(squeeze).collect();
            let mut headers = source.headers.iter();
            let all = headers.all(|header| names.contains(&squeeze(header)));
            found.push((if all { source.headers.len() } else { 0 }, leads));
        }
        // `max_by_key` gives the last of equals.
        let best = found.into_iter().rev().max_by_key(|(headers, _)| *headers);
        best.map(|(_, leads)| leads).unwrap_or_default()
    }

    fn lead(&self, row: &str, source: &Source, rule: &PairList) -> PairsLead {
        let mut lead = PairsLead {
            offset: 0,
            source: source.name.as_str().into(),
            is_test: is_test(row, source),
            names: Cells::new(),
            cells: Cells::new(),
            fault: None,
        };
        lead.add_members(row, rule);
        let Some(pairs) = pairs(row, rule) else {
            lead.fault = Some(Fault::NoPairs(rule.at.0.join("/")));
            return lead;
        };
        let questions = rule.questions.as_ref();
        let questions = questions.map_or_else(Vec::new, |it| entries(row, it));
        for (number, pair) in pairs.into_iter().enumerate() {
            let ids = rule.name.iter().flat_map(|path| values(pair, path));
            let ids: Vec<String> = ids.filter(|id| !id.trim().is_empty()).collect();
            let mut asked = questions.iter().filter(|(id, ..)| ids.contains(id));
            let question = asked.next();
            let mut names = question.map_or_else(Vec::new, |(_, texts, _)| texts.clone());
            names.extend(ids);
            names.push(format!("{} {}", rule.at.0.join("/"), number + 1));
            names.retain(|name| lead.names.iter().all(|taken| taken.trim() != name.trim()));
            let is_known = |name: &&String| self.is_known(name, source);
            let name = names.iter().find(is_known).or(names.first());
            let value = value(pair, rule, question.map_or("", |(_, _, entry)| entry));
            match name {
                Some(name) => lead.names.push_field(name),
                None => lead.names.push_field(""),
            }
            lead.cells.push_field(&value);
        }
        lead
    }

    fn is_known(&self, name: &str, source: &Source) -> bool {
        let folded = squeeze(name);
        let mut own = source.columns.iter();
        own.any(|(header, _)| squeeze(header) == folded)
            || self.known.as_ref().is_some_and(|known| known.has(name))
    }
}

impl PairsLead {
    /// What the row says beside its pairs, and beside what describes them.
    fn add_members(&mut self, row: &str, rule: &PairList) {
        let (mut names, mut cells) = (Cells::new(), Cells::new());
        if let Err(error) = flatten(row, &mut names, &mut cells) {
            self.fault = Some(Fault::NoObject(error.to_string()));
            return;
        }
        let list = rule.at.0.join(".");
        let about = rule.questions.as_ref().and_then(|it| it.at.0.split_last());
        let about = about.map(|(_, outer)| outer.join(".") + ".");
        for (name, cell) in names.iter().zip(&cells) {
            let describes = about.as_ref().is_some_and(|about| name.starts_with(about));
            if name != list && !describes {
                self.names.push_field(name);
                self.cells.push_field(cell);
            }
        }
    }
}

/// Whether the list may be in a text: a look that costs little.
fn may_hold(text: &str, rule: &PairList) -> bool {
    let last = rule.at.0.last();
    last.is_none_or(|key| memchr::memmem::find(text.as_bytes(), key.as_bytes()).is_some())
}

/// The rows in an object: where one of the places leads, or the end of one, since
/// an outer part of it may have been read already.
fn rows<'t>(text: &'t str, places: &[JsonPath], rule: &PairList) -> Vec<&'t str> {
    let whole = [JsonPath::default()];
    let places = if places.is_empty() { &whole } else { places };
    for JsonPath(steps) in places {
        for start in 0..=steps.len() {
            let rows = walk(text, &steps[start..]).into_iter().flat_map(items);
            let rows: Vec<&str> = rows.filter(|row| row.starts_with('{')).collect();
            if rows.iter().any(|row| pairs(row, rule).is_some()) {
                return rows;
            }
        }
    }
    Vec::new()
}

/// The entries of a row's list, if it is one of names.
fn pairs<'t>(row: &'t str, rule: &PairList) -> Option<Vec<&'t str>> {
    let list = walk(row, &rule.at.0).into_iter().next()?;
    let pairs = list.starts_with('[').then(|| items(list))?;
    let first = pairs.first()?;
    let is_named = rule.name.iter().any(|path| !values(first, path).is_empty());
    let are_objects = pairs.iter().all(|pair| pair.starts_with('{'));
    (is_named && are_objects).then_some(pairs)
}

/// What the ids of a list stand for: each with its texts and its whole entry.
fn entries<'t>(text: &'t str, list: &Lookup) -> Vec<(String, Vec<String>, &'t str)> {
    let lists = walk(text, &list.at.0).into_iter();
    let entries = lists.flat_map(|list| walk(list, &["*".to_owned()]));
    let read = entries.filter_map(|entry| {
        let id = values(entry, &list.id).into_iter().next()?;
        let texts = list.text.iter().flat_map(|path| values(entry, path));
        Some((
            id,
            texts.filter(|it| !it.trim().is_empty()).collect(),
            entry,
        ))
    });
    read.collect()
}

/// The value of a pair, in the words of its choices.
fn value(pair: &str, rule: &PairList, question: &str) -> String {
    let values = rule.value.iter().map(|path| values(pair, path));
    let values = values.into_iter().find(|values| !values.is_empty());
    let Some(mut values) = values else {
        return String::new();
    };
    if let Some(choices) = &rule.choices {
        let known = [pair, question].map(|text| entries(text, choices));
        for value in &mut values {
            let meant = known.iter().flatten().find(|(id, ..)| id == value);
            if let Some(text) = meant.and_then(|(_, texts, _)| texts.first()) {
                value.clone_from(text);
            }
        }
    }
    values.join(", ")
}

/// Whether a row says all that its source says of a test.
fn is_test(row: &str, source: &Source) -> bool {
    let text = |expected: &Json| match expected {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let says = |(path, expected): &(JsonPath, Json)| {
        let values = values(row, path);
        match expected.as_array() {
            Some(any) => any.iter().any(|one| values.contains(&text(one))),
            None => values.contains(&text(expected)),
        }
    };
    !source.test.is_empty() && source.test.iter().all(says)
}

/// The texts at a place: those of a list each for itself, without what is null.
fn values(text: &str, place: &JsonPath) -> Vec<String> {
    let all = walk(text, &place.0).into_iter().flat_map(items);
    let all = all.filter(|raw| *raw != "null");
    all.filter_map(|raw| cell(raw).ok()).collect()
}

/// The items of a list; of anything else itself.
fn items(text: &str) -> Vec<&str> {
    match text.starts_with('[') {
        true => next(text, "*"),
        false => vec![text],
    }
}

/// Every value that the steps lead to, as it is written.
fn walk<'t>(text: &'t str, steps: &[String]) -> Vec<&'t str> {
    steps.iter().fold(vec![text], |reached, step| {
        reached
            .into_iter()
            .flat_map(|text| next(text, step))
            .collect()
    })
}

/// What one step leads to.
fn next<'t>(text: &'t str, step: &str) -> Vec<&'t str> {
    let all = step == "*";
    let mut reached: Vec<&'t str> = Vec::new();
    if text.starts_with('{') {
        let members: Pairs<&RawValue> = serde_json::from_str(text).unwrap_or_default();
        let members = members.0.into_iter().filter(|(key, _)| all || key == step);
        reached.extend(members.map(|(_, value)| value.get()));
    } else if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
        let items = items.into_iter().enumerate();
        let items = items.filter(|(at, _)| all || step.parse() == Ok(*at));
        reached.extend(items.map(|(_, value)| value.get()));
    }
    reached
}
