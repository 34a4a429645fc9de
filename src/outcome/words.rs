//! The partner's words, made fit for a person: taken from where they stand,
//! translated, cleaned and cut.

use std::borrow::Cow;

use serde_json::Value;

use super::evidence::{Evidence, as_text};
use crate::config::{AnswerPart, Call, Destination, Pattern, Pointer, ResponseRule};
use crate::lead::text::{clean, fold, in_quotes, said_of, said_together};
use crate::words::say;

/// Characters of a partner's words that are kept.
const LONGEST: usize = 400;
/// The same of each field, where they say what is wrong with many; and of all together.
const SHORTEST: usize = 60;
const ALL_FIELDS: usize = 1500;

/// What the user is told: the rule's own sentence, then the partner's words.
pub fn message(
    rule: Option<&ResponseRule>,
    call: &Call,
    destination: &Destination,
    evidence: &Evidence<'_>,
) -> Option<String> {
    let theirs = partners_words(rule, call, destination, evidence);
    let said = rule.and_then(|rule| rule.say.as_deref()).map(str::to_owned);
    match (said, theirs) {
        (Some(said), Some(theirs)) => Some(said_of(&said, &theirs)),
        (said, theirs) => said.or(theirs),
    }
}

fn partners_words(
    rule: Option<&ResponseRule>,
    call: &Call,
    destination: &Destination,
    evidence: &Evidence<'_>,
) -> Option<String> {
    let own = rule.map_or(&[][..], |rule| &rule.message);
    let places = if own.is_empty() { &call.message } else { own };
    if evidence.json.is_none() {
        let told = told_at(evidence, places.iter().filter(|place| is_header(place)));
        if !told.is_empty() {
            return Some(clean(&translated(&told.join("; "), call), LONGEST));
        }
        let words = !places.is_empty() && is_plain(&evidence.text);
        let text = clean(&translated(evidence.text.trim(), call), LONGEST);
        return (words && !text.is_empty()).then_some(text);
    }
    let named = rule.and_then(|rule| rule.names_fields.as_ref());
    if let Some(told) = named.and_then(|at| field_by_field(at, evidence, call, destination)) {
        return Some(told);
    }
    let quote = rule.and_then(|rule| rule.quote.as_ref());
    let mut parts: Vec<String> = Vec::new();
    for text in told_at(evidence, places.iter()) {
        for text in sentences(quote, &text) {
            let text = translated(&text, call);
            // Words translated to nothing say nothing.
            if !text.is_empty() && !parts.contains(&text) {
                parts.push(text);
            }
        }
    }
    let mut joined = said_together(&parts);
    if let Some(pointer) = named {
        let names = field_names(pointer, evidence, destination).join(", ");
        match (joined.is_empty(), names.is_empty()) {
            (_, true) => {}
            (true, false) => joined = names,
            (false, false) => joined = said_of(&joined, &names),
        }
    }
    let joined = clean(&joined, LONGEST);
    (!joined.is_empty()).then_some(joined)
}

/// What stands at these places, as text.
fn told_at<'p>(
    evidence: &Evidence<'_>,
    places: impl Iterator<Item = &'p AnswerPart>,
) -> Vec<String> {
    let values = places.flat_map(|place| evidence.values(place));
    values.filter_map(|value| as_text(&value)).collect()
}

fn is_header(place: &AnswerPart) -> bool {
    matches!(place, AnswerPart::Header(_))
}

/// Words without JSON around them: no page, and nothing cut off.
fn is_plain(text: &str) -> bool {
    !text.trim_start().starts_with(['<', '{', '['])
}

/// What a quote takes of the words, each time; else the words.
fn sentences<'t>(quote: Option<&Pattern>, text: &'t str) -> Vec<Cow<'t, str>> {
    let quoted = quote.map_or_else(Vec::new, |quote| quote.captures(text));
    match quoted.is_empty() {
        true => vec![text.into()],
        // JSON within a text bears a second layer of signs.
        false => quoted
            .into_iter()
            .map(|quoted| match quoted.contains("\\\"") {
                true => quoted.replace("\\\"", "\"").into(),
                false => quoted.into(),
            })
            .collect(),
    }
}

fn translated(text: &str, call: &Call) -> String {
    call.words
        .iter()
        .find(|(theirs, _)| theirs == text)
        .map_or_else(|| text.to_owned(), |(_, ours)| ours.to_string())
}

/// Ids of the request's fields, by the labels of the partner's document.
fn field_names(
    pointer: &Pointer,
    evidence: &Evidence<'_>,
    destination: &Destination,
) -> Vec<String> {
    let ids = evidence
        .at(pointer)
        .into_iter()
        .flat_map(|found| match found {
            Value::Array(items) => items.iter().filter_map(as_text).collect(),
            Value::Object(members) => members.keys().cloned().collect(),
            scalar => Vec::from_iter(as_text(scalar)),
        });
    ids.map(|id| named(&id, destination)).collect()
}

/// A target and its label, if it has one.
fn named(id: &str, destination: &Destination) -> String {
    match label(id, destination) {
        Some(label) => format!("{} ({id})", in_quotes(label)),
        None => id.to_owned(),
    }
}

/// Where each target has words of its own: all of them, none cut off by what another
/// one's say. Words that name their field already are told as they are.
fn field_by_field(
    pointer: &Pointer,
    evidence: &Evidence<'_>,
    call: &Call,
    destination: &Destination,
) -> Option<String> {
    let found = evidence.at(pointer);
    let mut fields: Vec<(&String, Vec<String>)> = Vec::new();
    for (id, value) in found.iter().filter_map(|it| it.as_object()).flatten() {
        let mut words = Vec::new();
        texts(value, &mut words);
        let mut words: Vec<String> = words.iter().map(|it| translated(it, call)).collect();
        words.retain(|text| !text.is_empty());
        fields.push((id, words));
    }
    if fields.iter().all(|(_, words)| words.is_empty()) {
        return None;
    }
    let room = (LONGEST / fields.len()).max(SHORTEST);
    let told = fields.into_iter().map(|(id, words)| {
        let words = clean(&words.join(", "), room);
        let is_named = format!(" {} ", fold(&words)).contains(&format!(" {} ", fold(id)));
        match (words.is_empty(), is_named) {
            (true, _) => named(id, destination),
            (false, true) => words,
            (false, false) => said_of(&named(id, destination), &words),
        }
    });
    Some(clean(&said_together(&told.collect::<Vec<_>>()), ALL_FIELDS))
}

/// Every text inside, in its order.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|item| texts(item, found)),
        Value::String(_) => found.extend(as_text(value)),
        _ => {}
    }
}

fn label<'d>(id: &str, destination: &'d Destination) -> Option<&'d str> {
    destination
        .fields
        .iter()
        .find(|field| field.target.last_name() == id)
        .and_then(|field| field.rule.label.as_deref())
}

/// That an approval is over: the partner's own words, if any, are about the
/// decision and don't say so.
pub fn expired(theirs: &str) -> String {
    match theirs.is_empty() {
        true => say!("approval-over"),
        false => say!("approval-over-said", said = theirs),
    }
}

/// What an answer means where nobody says more.
pub fn of_answer(evidence: &Evidence<'_>) -> String {
    let status = evidence.answer.status;
    let meaning = of_status(status);
    match status {
        300..=399 => match redirected(evidence) {
            Some(to) => say!("status-redirected", meaning, to),
            None => meaning,
        },
        // A firewall's own page says nothing of the key.
        400..=499 if evidence.is_page() => say!("status-page", meaning),
        _ => meaning,
    }
}

/// Where it was redirected to, without what follows the path: a query may hold a
/// secret, or a person.
fn redirected(evidence: &Evidence<'_>) -> Option<String> {
    let to = evidence.header("location")?;
    let to = to.split(['?', '#']).next()?;
    // What stands before an `@` may be a password.
    let to = match to.split_once("://") {
        Some((scheme, place)) => format!("{scheme}://{}", place.rsplit('@').next()?),
        None => to.to_owned(),
    };
    Some(clean(&to, 120)).filter(|to| !to.is_empty())
}

/// What a status means where nobody says more.
fn of_status(status: u16) -> String {
    match status {
        200..=299 => say!("status-2xx"),
        300..=399 => say!("status-3xx"),
        400 => say!("status-400"),
        401 => say!("status-401"),
        402 => say!("status-402"),
        403 => say!("status-403"),
        404 => say!("status-404"),
        405 => say!("status-405"),
        407 => say!("status-407"),
        408 => say!("status-408"),
        409 => say!("status-409"),
        410 => say!("status-410"),
        413 => say!("status-413"),
        415 => say!("status-415"),
        421 | 425 => say!("status-425"),
        422 => say!("status-422"),
        429 => say!("status-429"),
        451 => say!("status-451"),
        500..=599 => say!("status-5xx"),
        _ => say!("status-other"),
    }
}
