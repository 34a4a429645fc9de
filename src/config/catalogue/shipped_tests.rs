//! The catalogue as it ships. No partner is named: what holds must hold for each.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{BUILT_IN, CATALOGUE, Catalogue};
use crate::config::amend;
use crate::config::answer::{self, Then};
use crate::config::auth::Secret;
use crate::config::definition;
use crate::config::operation;
use crate::config::rule::{self, ValueFormat};
use crate::config::settings;
use crate::config::tree::{self, Value};
use crate::config::{find, follow, list};

fn shipped() -> Catalogue {
    Catalogue::load(None).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// A header as it is matched: letters and digits, without case and accents.
fn squeeze(header: &str) -> String {
    header
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[test]
fn the_catalogue_loads() {
    let catalogue = shipped();
    assert_eq!(catalogue.destinations.len(), 5);
    assert!(catalogue.users.is_empty());
    assert!(catalogue.ledger.is_none());
}

/// The file's opening is the manual of the words: none may be missing there.
#[test]

fn every_word_is_explained() {
    let manual: String = CATALOGUE
        .lines()
        .take_while(|line| line.starts_with('#') || line.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    let explained: BTreeSet<&str> = manual
        .split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-'))
        .collect();
    let meanings = Then::WORDS.iter().map(|(word, _)| word);
    let formats = ValueFormat::WORDS.iter().map(|(word, _)| word);
    let words = [
        amend::WORDS,
        settings::WORDS,
        settings::MUST_WORDS,
        settings::MANDATORY_WORDS,
        definition::WORDS,
        operation::WORDS,
        answer::WORDS,
        rule::WORDS,
        follow::WORDS,
        list::WORDS,
        find::WORDS,
    ];
    for word in words.into_iter().flatten().chain(meanings).chain(formats) {
        assert!(explained.contains(word), "{word} is not explained");
    }
}

#[test]
fn every_destination_is_complete() {
    for destination in &shipped().destinations {
        let name = &destination.name;
        assert!(destination.about.is_some(), "{name}: about");
        assert!(!destination.key.is_empty(), "{name}: key");
        assert!(destination.ask.is_some(), "{name}: ask");
        for example in &destination.examples {
            let call = destination.call(&example.call);
            assert!(call.is_some(), "{name}: an example of {}", example.call);
        }
        assert!(destination.send.proves_success(), "{name}: success");
        assert!(destination.fields.len() > 10, "{name}: fields");
        let required = destination.fields.iter().any(|field| field.rule.required);
        assert!(
            required || !destination.need_one.is_empty(),
            "{name}: nothing is required"
        );
        let Some(auth) = &destination.auth else {
            panic!("{name}: no auth");
        };
        assert!(matches!(auth.secret(), Secret::Env(_)), "{name}: secret");
    }
}

#[test]
fn every_destination_shows_the_states_that_its_rules_know() {
    for destination in &shipped().destinations {
        let name = &destination.name;
        let shown: Vec<Then> = destination.examples.iter().map(|e| e.means).collect();
        for rule in &destination.send.rules {
            assert!(
                shown.contains(&rule.then),
                "{name}: no example of {}",
                rule.then.as_str()
            );
        }
        for then in [Then::Rejected, Then::Stop, Then::Wait, Then::InDoubt] {
            assert!(
                shown.contains(&then),
                "{name}: no example of {}",
                then.as_str()
            );
        }
        assert!(shown.iter().any(|then| then.is_success()), "{name}");
    }
}

#[test]
fn examples_that_are_json_can_be_read_and_their_references_are_there() {
    for destination in &shipped().destinations {
        for example in &destination.examples {
            let what = format!("{}:{}", destination.name, example.place.line);
            if example.body.starts_with('{') {
                assert!(
                    serde_json::from_str::<serde_json::Value>(&example.body).is_ok(),
                    "{what}"
                );
            }
            if let Some(reference) = &example.reference {
                assert!(example.body.contains(reference.as_str()), "{what}");
            }
        }
    }
}

#[test]
fn every_lead_field_that_the_catalogue_takes_has_headers() {
    let catalogue = shipped();
    let known: BTreeSet<_> = catalogue.columns.iter().map(|(f, _)| f.as_str()).collect();
    for destination in &catalogue.destinations {
        let rules = destination.fields.iter().map(|field| &field.rule);
        for from in rules.flat_map(|rule| &rule.from) {
            assert!(
                known.contains(from.as_str()),
                "{}: {from}",
                destination.name
            );
        }
    }
}

#[test]
fn a_header_means_one_field_but_for_second_phones() {
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (field, headers) in shipped().columns {
        let mut own = BTreeSet::new();
        for header in &headers {
            let matched = squeeze(header);
            assert!(!matched.is_empty(), "{field}: {header}");
            assert!(own.insert(matched.clone()), "{field}: {header} twice");
            fields.entry(matched).or_default().push(field.clone());
        }
        assert!(
            own.contains(&squeeze(&field)),
            "{field}: not its own header"
        );
    }
    for (header, fields) in fields {
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        assert!(
            fields.len() == 1 || fields == ["phone", "phone2"],
            "{header}: {fields:?}"
        );
    }
}

#[test]
fn headers_of_usual_exports_are_found() {
    let columns = shipped().columns;
    let field = |header: &str| {
        let matched = squeeze(header);
        columns
            .iter()
            .find(|(_, headers)| headers.iter().any(|h| squeeze(h) == matched))
            .map_or("", |(field, _)| field.as_str())
    };
    for (header, expected) in [
        ("Nom", "last_name"),
        ("NOM COMPLET", "full_name"),
        ("Prénom", "first_name"),
        ("E-mail", "email"),
        ("Tél.", "phone"),
        ("N° de téléphone", "phone"),
        ("Mobile", "phone"),
        ("Code postal", "zip"),
        ("CP", "zip"),
        ("prenom", "first_name"),
        ("civilite", "title"),
        ("tel", "phone"),
        ("ville", "city"),
        ("code_postal", "zip"),
        ("statut", "status"),
        ("horaire_rappel", "callback"),
        ("formation", "course"),
        ("client", "client"),
        ("id_client", "id_client"),
        ("société", "company"),
        ("phone_number", "phone"),
        ("full_name", "full_name"),
        ("created_time", "created_at"),
        ("Job Title", "job"),
        ("Record ID", "id"),
        ("Phone Number", "phone"),
        ("Create Date", "created_at"),
        ("Nombre de salariés / Visiteurs", "headcount"),
        ("Espace client", "tenant"),
    ] {
        assert_eq!(field(header), expected, "{header}");
    }
}

/// They are compiled when they are used: here each must prove that it can be.
#[test]
fn every_pattern_of_the_catalogue_compiles() {
    fn proven(value: &Value) -> usize {
        match value {
            Value::Table(table) => table
                .entries
                .iter()
                .map(|entry| match (&*entry.key, &entry.node.value) {
                    ("pattern" | "match" | "quote", Value::Text(text)) => {
                        rule::Pattern::parse(text).unwrap_or_else(|error| panic!("{error}"));
                        1
                    }
                    (_, value) => proven(value),
                })
                .sum(),
            Value::List(list) => list.iter().map(|node| proven(&node.value)).sum(),
            _ => 0,
        }
    }
    let catalogue = tree::parse(BUILT_IN, CATALOGUE).expect("TOML");
    assert!(proven(&Value::Table(catalogue)) > 10);
}
