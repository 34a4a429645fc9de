//! A place in an answer that the rules read: what stands there, and how another
//! text is put there. Pure.

use serde_json::Value as Json;

use super::refusal::text_of;
use crate::config::{AnswerPart, Extract};
use crate::http::Answer;

/// The text that an extract takes from an answer.
pub fn extracted(answer: &Answer, extract: &Extract) -> Option<String> {
    let whole = whole(answer, extract)?;
    match &extract.pattern {
        Some(pattern) => pattern.capture(&whole).map(str::to_owned),
        None => Some(whole),
    }
}

/// All of the text at an extract's place.
fn whole(answer: &Answer, extract: &Extract) -> Option<String> {
    match &extract.at {
        AnswerPart::Status => None,
        AnswerPart::Header(name) => answer
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone()),
        AnswerPart::Body => String::from_utf8(answer.body.clone()).ok(),
        AnswerPart::At(pointer) => {
            let document: Json = serde_json::from_slice(&answer.body).ok()?;
            text_of(pointer.first(&document)?)
        }
    }
}

/// Writes `new` where the extract reads; a number stays a number.
pub fn put(answer: &mut Answer, extract: &Extract, new: &str) -> bool {
    let Some(mut text) = whole(answer, extract) else {
        return false;
    };
    match &extract.pattern {
        None => text = new.to_owned(),
        Some(pattern) => {
            let Some(found) = pattern.capture(&text) else {
                return false;
            };
            let start = found.as_ptr() as usize - text.as_ptr() as usize;
            text.replace_range(start..start + found.len(), new);
        }
    }
    match &extract.at {
        AnswerPart::Status => false,
        AnswerPart::Header(name) => {
            let header = answer
                .headers
                .iter_mut()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            header.map(|(_, value)| *value = text).is_some()
        }
        AnswerPart::Body => {
            answer.body = text.into_bytes();
            true
        }
        AnswerPart::At(pointer) => {
            let Ok(mut document) = serde_json::from_slice::<Json>(&answer.body) else {
                return false;
            };
            let was_number = pointer.first(&document).is_some_and(Json::is_number);
            let value = match text.parse::<u64>() {
                Ok(number) if was_number => Json::from(number),
                _ => Json::String(text),
            };
            let done = pointer.replace(&mut document, value);
            answer.body = document.to_string().into_bytes();
            done
        }
    }
}

/// A number, or for a long reference with letters (a UUID) its shape with the
/// number at its end.
pub fn in_the_shape_of(old: &str, number: u64) -> String {
    let digits = number.to_string();
    let plain = old.len() < 12 || old.bytes().all(|byte| byte.is_ascii_digit());
    if plain || !old.is_ascii() {
        return digits;
    }
    let mut left = digits.chars().rev();
    let shaped: String = old
        .chars()
        .rev()
        .map(|c| match c.is_ascii_alphanumeric() {
            true => left.next().unwrap_or('0'),
            false => c,
        })
        .collect();
    shaped.chars().rev().collect()
}
