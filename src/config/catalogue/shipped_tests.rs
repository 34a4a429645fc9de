//! The catalogue as it ships. No partner is named: what holds must hold for each.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use schemars::JsonSchema;

use super::Catalogue;
use crate::config::call::Call;
use crate::config::document::{CATALOGUE, Node, OF_A_LEAD, Table, read_items};
use crate::config::reader::CALL_WORDS;
use crate::config::response_rule::Then;
use crate::config::{FieldRule, Pattern, Secret, shelf};
use crate::words::languages;

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

/// The words of a type: of its table, or to choose from.
fn words_of<T: JsonSchema>() -> Vec<String> {
    let schema = schemars::schema_for!(T).to_value();
    let table = schema["properties"].as_object().into_iter().flatten();
    let ways = schema["oneOf"].as_array().into_iter().flatten();
    let choice = ways.flat_map(|way| {
        way.get("const")
            .into_iter()
            .chain(way["enum"].as_array().into_iter().flatten())
    });
    let choice = choice.filter_map(|word| word.as_str().map(str::to_owned));
    choice.chain(table.map(|(word, _)| word.clone())).collect()
}

#[test]
fn every_example_of_the_manual_is_a_configuration() {
    let manual = include_str!("../../../docs/partners.md");
    let blocks = manual.split("```toml\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    let mut count = 0;
    for block in blocks {
        Catalogue::load(Some(("manual.toml", block)))
            .unwrap_or_else(|mistakes| panic!("{block}\n{mistakes:#?}"));
        count += 1;
    }
    assert!(count > 5);
}

/// Who opens the file as a model finds a destination at once.
#[test]
fn the_catalogue_opens_with_a_destination() {
    let first = CATALOGUE.lines().position(|line| line.starts_with('['));
    assert!(first.is_some_and(|line| line < 20), "{first:?}");
}

/// Lists of words that stand beside the types.
#[test]
fn the_lists_of_words_are_those_of_the_types() {
    assert_eq!(words_of::<Call>(), CALL_WORDS);
    let of_a_field = words_of::<FieldRule>();
    let of_a_field: BTreeSet<&str> = of_a_field.iter().map(String::as_str).collect();
    let listed = OF_A_LEAD.into_iter().chain(["value", "type", "label"]);
    assert_eq!(of_a_field, listed.collect());
    let then: BTreeSet<&str> = Then::WORDS.iter().map(|(word, _)| *word).collect();
    let words = words_of::<Then>();
    assert_eq!(
        words.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        then
    );
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
        let secrets = destination.auth.secrets();
        assert_eq!(secrets.len(), 1, "{name}: auth");
        let is_variable = matches!(secrets[0].1, Secret::Env(_));
        assert!(is_variable, "{name}: secret");
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

/// Every text for people, in every language; what partners say is as they say it.
#[test]
fn every_text_is_in_every_language() {
    let known: BTreeSet<String> = languages().into_iter().collect();
    let languages_of = |node: &Node<'_>| {
        let texts = node.get_ref().as_table().into_iter().flatten();
        let filled =
            texts.filter(|(_, text)| text.get_ref().as_str().is_some_and(|it| !it.is_empty()));
        filled
            .map(|(name, _)| name.get_ref().to_string())
            .collect::<BTreeSet<_>>()
    };
    let mut count = 0;
    let mut prove = |word: &str, node: &Node<'_>| {
        assert_eq!(languages_of(node), known, "{word}: {:?}", node.get_ref());
        count += 1;
    };
    fn walk(table: &Table<'_>, prove: &mut impl FnMut(&str, &Node<'_>)) {
        for (key, node) in table {
            let key = &**key.get_ref();
            match (key, node.get_ref().as_table()) {
                ("about" | "ask" | "say" | "expects", _) => prove(key, node),
                ("words", Some(words)) => {
                    let said = words
                        .iter()
                        .filter(|(_, it)| it.get_ref().as_str() != Some(""));
                    said.for_each(|(theirs, ours)| prove(theirs.get_ref(), ours));
                }
                ("message", Some(_)) => prove(key, node),
                (_, Some(inner)) => walk(inner, prove),
                _ => {
                    let tables = read_items(Some(node)).filter_map(|it| it.get_ref().as_table());
                    tables.for_each(|table| walk(table, prove));
                }
            }
        }
    }
    let shelf = shelf::names().into_iter().filter_map(shelf::table);
    for text in shelf.chain([CATALOGUE.to_owned()]) {
        walk(Table::parse(&text).expect("TOML").get_ref(), &mut prove);
    }
    assert!(count > 200, "{count} texts");
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
fn a_header_means_one_field_but_for_a_second_phone_or_a_job() {
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
            fields.len() == 1 || fields == ["phone", "phone2"] || fields == ["title", "job"],
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
    fn proven(node: &Node<'_>) -> usize {
        let list = node.get_ref().as_array().map_or(&[][..], |items| items);
        let in_list: usize = list.iter().map(proven).sum();
        in_list + node.get_ref().as_table().map_or(0, all)
    }
    fn all(table: &Table<'_>) -> usize {
        let entries = table
            .iter()
            .map(|(key, node)| (&**key.get_ref(), node.get_ref().as_str(), node));
        let counts = entries.map(|(key, text, node)| match (key, text) {
            ("pattern" | "match" | "quote", Some(text)) => {
                Pattern::compile(text).unwrap_or_else(|error| panic!("{error}"));
                1
            }
            _ => proven(node),
        });
        counts.sum()
    }
    let catalogue = Table::parse(CATALOGUE).expect("TOML");
    assert!(all(catalogue.get_ref()) > 10);
}
