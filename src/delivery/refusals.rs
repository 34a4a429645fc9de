//! Refusals in a row: many of one kind are hardly the leads' own fault.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;

use crate::mapping;
use crate::outcome::Verdict;

/// What was said of a lead, its own part left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalKind {
    status: Option<u16>,
    rule: Option<usize>,
    words: String,
}

impl RefusalKind {
    /// `body`: what was sent, whose values the partner may repeat.
    pub fn of(verdict: &Verdict, body: Option<&str>) -> Self {
        Self {
            status: verdict.status,
            rule: verdict.rule,
            words: without_data(&verdict.message, body).to_lowercase(),
        }
    }

    /// The same status, and the same rule or words.
    fn is_like(&self, other: &Self) -> bool {
        let same_rule = self.rule.is_some() && self.rule == other.rule;
        self.status == other.status && (same_rule || self.words == other.words)
    }
}

/// Nobody reads more of a reason.
const LONGEST: usize = 160;
static ADDRESSES_AND_NUMBERS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\S+@\S+|\d([\d .,:/-]*\d)?").ok());

/// A partner's words without anybody's data: what was sent, addresses and numbers are
/// left out. So the same reason has the same words, and may be kept.
pub fn without_data(words: &str, body: Option<&str>) -> String {
    let sent = body.and_then(mapping::sent);
    let mut values = Vec::new();
    texts(&sent.unwrap_or_default(), &mut values);
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let mut words = words.to_owned();
    for value in values {
        // Compiled only where it stands there: few refusals repeat what was sent.
        if words.to_lowercase().contains(&value) {
            let value = RegexBuilder::new(&regex::escape(&value))
                .case_insensitive(true)
                .build();
            words = value.map_or(String::new(), |it| it.replace_all(&words, "…").into_owned());
        }
    }
    let others = ADDRESSES_AND_NUMBERS.as_ref();
    let words = others.map_or(Cow::Borrowed(""), |it| it.replace_all(&words, "…"));
    words.chars().take(LONGEST).collect()
}

/// The texts in a body, in lower case; what is shorter than a name says nothing.
fn texts(value: &Json, into: &mut Vec<String>) {
    match value {
        Json::String(text) if text.len() > 2 => into.push(text.to_lowercase()),
        Json::Array(values) => values.iter().for_each(|value| texts(value, into)),
        Json::Object(members) => members.values().for_each(|value| texts(value, into)),
        _ => {}
    }
}

/// The refusals so far, as they settle.
#[derive(Debug, Default)]
pub struct RefusalsInARow {
    kind: Option<RefusalKind>,
    count: u32,
}

impl RefusalsInARow {
    /// Counts one more; how many of its kind there are in a row.
    pub fn count(&mut self, kind: RefusalKind) -> u32 {
        let more = self.kind.as_ref().is_some_and(|last| last.is_like(&kind));
        self.count = if more { self.count + 1 } else { 1 };
        self.kind = Some(kind);
        self.count
    }

    /// Something else happened.
    pub fn end(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Then;
    use crate::outcome::Meaning;

    fn refusal(rule: Option<usize>, words: &str, body: &str) -> RefusalKind {
        let meaning = Meaning::Then(Then::Rejected);
        let verdict = Verdict {
            status: Some(400),
            rule,
            ..Verdict::new(meaning, "replied", words.to_owned())
        };
        RefusalKind::of(&verdict, Some(body))
    }

    #[test]
    fn what_is_kept_of_a_refusal_is_nobodys() {
        let body = r#"{"name":"Martin","tel":"+33639980001","program":"Villa Rosa"}"#;
        for (said, kept) in [
            ("MARTIN is known since 3/11/2026", "… is known since …"),
            (
                "no such programme: villa rosa (404)",
                "no such programme: … (…)",
            ),
            ("write to lea@example.fr, 06 39 98 00 01", "write to … …"),
            ("phone: +33639980001 is no number", "phone: … is no number"),
            ("Formation close", "Formation close"),
        ] {
            assert_eq!(without_data(said, Some(body)), kept);
        }
        assert_eq!(without_data(&"a".repeat(999), None).len(), LONGEST);
    }

    #[test]
    fn a_kind_is_a_rule_or_words_without_what_is_the_leads_own() {
        let mut row = RefusalsInARow::default();
        let body = |email: &str| format!(r#"{{"a":[{{"email":"{email}"}}]}}"#);
        for (number, email) in [(1, "Ana@example.fr"), (2, "bob@example.fr")] {
            let words = format!("plan 12{number} expired for {email}");
            assert_eq!(row.count(refusal(None, &words, &body(email))), number);
        }
        assert_eq!(row.count(refusal(None, "something else", "")), 1);
        assert_eq!(row.count(refusal(Some(3), "a", "")), 1);
        assert_eq!(row.count(refusal(Some(3), "b", "")), 2);
        assert_eq!(row.count(refusal(Some(4), "c", "")), 1);
        row.end();
        assert_eq!(row.count(refusal(Some(4), "c", "")), 1);
    }
}
