//! Is an entry of the partner's list the lead that was sent? Compares what
//! `[….find]` says must agree, however either side writes it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::change::sent_at;
use super::identity::normalised;
use super::locale::Locale;
use crate::config::Destination;
use crate::config::{FieldMatch, Find};
use crate::lead::Lead;
use crate::lead::text::{fold, is_blank};

/// What an entry must hold to be one lead; an empty value is not compared.
#[derive(Debug, Clone)]
pub struct Criteria {
    values: Vec<String>,
    /// As they were sent.
    sent: Vec<String>,
    /// Milliseconds UTC: an entry created before is another one.
    pub since: i64,
    /// And so is one created after.
    until: i64,
}

/// A lead's sending, of which no answer came back.
#[derive(Debug, Clone, Copy)]
pub struct PastSending<'s> {
    /// Milliseconds UTC.
    pub began: i64,
    /// When nothing of it could reach the partner any more.
    pub ended: i64,
    /// What was sent (JSON), where it is still known.
    pub body: Option<&'s str>,
}

/// An entry, its values made comparable once for all leads.
#[derive(Debug, Clone)]
pub struct Candidate {
    values: Vec<String>,
    sent: Vec<String>,
}

/// What a search found for one lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// The partner's number of the one entry that can be it.
    One(String),
    Nothing,
    /// So many entries could be it.
    Several(usize),
    /// The one entry could be another lead in doubt as well.
    Shared,
}

impl Criteria {
    /// `None` where the lead lacks a value that must agree.
    pub fn of(
        find: &Find,
        lead: &Lead,
        destination: &Destination,
        sending: PastSending<'_>,
    ) -> Option<Self> {
        let value = |field: &String| {
            let own = lead.field(field).trim();
            match is_blank(own) {
                true => destination.default_of(field).unwrap_or_default().to_owned(),
                false => own.to_owned(),
            }
        };
        let mut texts = Vec::new();
        for agreement in &find.matches {
            let parts: Vec<String> = agreement.fields.iter().map(value).collect();
            let text = parts.join(" ").trim().to_owned();
            if text.is_empty() && !agreement.may_be_empty {
                return None;
            }
            texts.push((agreement, text));
        }
        let locale = Locale::new(destination, &lead.columns);
        let country = locale.country(lead);
        let values = texts
            .iter()
            .map(|(agreement, text)| comparable(agreement, text, country, locale.home))
            .collect();
        Some(Self {
            values,
            sent: sent(find, sending.body),
            since: sending.began.saturating_sub(find.margin_ms()),
            until: sending.ended.saturating_add(find.margin_ms()),
        })
    }

    /// May the entry, created then, be this lead? One without a date may not.
    pub fn fits(&self, find: &Find, candidate: &Candidate, created: Option<i64>) -> bool {
        let pairs = self.values.iter().zip(&candidate.values);
        let mut pairs = find.matches.iter().zip(pairs);
        let mut sent = self.sent.iter().zip(&candidate.sent);
        created.is_some_and(|created| (self.since..=self.until).contains(&created))
            && sent.all(|(own, theirs)| own.is_empty() || theirs.is_empty() || own == theirs)
            && pairs.all(|(agreement, (own, theirs))| {
                let open = agreement.may_be_empty && (own.is_empty() || theirs.is_empty());
                open || own == theirs
            })
    }
}

impl Candidate {
    pub fn of(find: &Find, entry: &Json, country: &str) -> Self {
        let value = |agreement: &FieldMatch| {
            let text = as_text(agreement.at.first(entry));
            comparable(agreement, &text, country, country)
        };
        Self {
            values: find.matches.iter().map(value).collect(),
            sent: find
                .sent
                .iter()
                .map(|sent| fold(&as_text(sent.at.first(entry))))
                .collect(),
        }
    }
}

/// The values of what was sent that an entry must hold.
fn sent(find: &Find, body: Option<&str>) -> Vec<String> {
    let body: Option<Json> = body.and_then(super::body::sent);
    let value = |target| as_text(body.as_ref().and_then(|body| sent_at(body, target)));
    let sent = find.sent.iter();
    sent.map(|sent| fold(&value(&sent.target))).collect()
}

fn as_text(value: Option<&Json>) -> String {
    match value {
        Some(Json::String(text)) => text.clone(),
        Some(number @ Json::Number(_)) => number.to_string(),
        _ => String::new(),
    }
}

fn comparable(agreement: &FieldMatch, text: &str, country: &str, home: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    match agreement.fields.as_slice() {
        [field] => normalised(field, text, country, home),
        _ => fold(text),
    }
}

/// Gives each lead its entry, where there is no other way: `matches` are the
/// entries that fit each lead and that no settled lead holds.
pub fn assign(matches: &[BTreeSet<String>]) -> Vec<Match> {
    let mut wanted: BTreeMap<&String, usize> = BTreeMap::new();
    for id in matches.iter().flatten() {
        *wanted.entry(id).or_default() += 1;
    }
    let one = |fitting: &BTreeSet<String>| {
        let mut ids = fitting.iter();
        match (ids.next(), ids.next()) {
            (None, _) => Match::Nothing,
            (Some(id), None) if wanted.get(id) == Some(&1) => Match::One(id.clone()),
            (Some(_), None) => Match::Shared,
            _ => Match::Several(fitting.len()),
        }
    };
    matches.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Catalogue;

    fn destination() -> Destination {
        let text = "[own]\nbase = \"https://api.example.fr\"\n[own.send]\npath = \"/l\"\n\
                    [own.fields]\n\"by.id\" = \"owner\"\n\
                    [own.follow]\npath = \"/l/{reference}\"\nrules = [{ when = { status = 200 }, then = \"approved\" }]\n\
                    [own.list]\npath = \"/l\"\nitems = \"/data\"\nid = \"/id\"\ncreated = \"/at\"\n\
                    rules = [{ when = { status = 200 }, then = \"delivered\" }]\n\
                    [own.find]\nmatch = { \"/tel\" = \"phone\", \"/name\" = [\"first_name\", \"last_name\"], \"/mail\" = \"email\" }\n\
                    may_be_empty = [\"/mail\"]\nsent = { \"/owner/id\" = \"by.id\" }\n";
        let catalogue = Catalogue::load(Some(("test.toml", text))).unwrap();
        catalogue.get("own").unwrap().clone()
    }

    fn portrait(find: &Find, values: [&str; 3]) -> Criteria {
        let values = find
            .matches
            .iter()
            .zip(values)
            .map(|(agreement, text)| comparable(agreement, text, "FR", "FR"))
            .collect();
        Criteria {
            values,
            sent: sent(find, Some(r#"[{"by":{"id":10}}]"#)),
            since: 100,
            until: 900,
        }
    }

    #[test]
    fn the_same_person_however_written() {
        let destination = destination();
        let find = destination.find.as_ref().unwrap();
        let lead = portrait(find, ["06 39 98 00 01", "Léa Martin", "lea@example.fr"]);
        let fits =
            |entry: Json, created| lead.fits(find, &Candidate::of(find, &entry, "FR"), created);
        let like = json!({"tel": "+33639980001", "name": "LEA  MARTIN", "mail": null});
        assert!(fits(like.clone(), Some(100)));
        assert!(!fits(like.clone(), Some(99)), "older than the margin");
        assert!(fits(like.clone(), Some(900)));
        assert!(!fits(like.clone(), Some(901)), "made after the sending");
        assert!(!fits(like, None), "without a date");
        let mail = |mail: &str| json!({"tel": "+33639980001", "name": "Léa Martin", "mail": mail});
        assert!(fits(mail("LEA@example.fr"), Some(100)));
        assert!(!fits(mail("paul@example.fr"), Some(100)));
        let owned =
            |owner: Json| json!({"tel": "+33639980001", "name": "Léa Martin", "owner": owner});
        for owner in [
            json!({"id": 10}),
            json!({"id": "10"}),
            json!(null),
            json!({}),
        ] {
            assert!(fits(owned(owner.clone()), Some(100)), "{owner}");
        }
        assert!(!fits(owned(json!({"id": 3})), Some(100)), "somebody else's");
        let other = json!({"tel": "+33639980002", "name": "Léa Martin"});
        assert!(!fits(other, Some(100)));
        assert!(!fits(json!({"tel": "+33639980001"}), Some(100)));
        assert!(!fits(json!(3), Some(100)));
    }

    #[test]
    fn an_entry_goes_to_one_lead_or_to_none() {
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let found = assign(&[
            set(&["1"]),
            set(&["2", "3"]),
            set(&[]),
            set(&["4"]),
            set(&["4"]),
        ]);
        assert_eq!(
            found,
            [
                Match::One("1".into()),
                Match::Several(2),
                Match::Nothing,
                Match::Shared,
                Match::Shared
            ]
        );
    }
}
