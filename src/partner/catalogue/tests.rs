//! The catalogue as it ships, and a user's file over it. No partner is named:
//! what holds must hold for each.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::Catalogue;
use crate::partner::answer::Then;
use crate::partner::auth::{Auth, Secret};
use crate::partner::destination::Destination;
use crate::partner::rule::{Format, Kind, Rule};

/// A partner of the user's own, on which the layers below are laid.
const OWN: &str = r#"
[acme]
base = "https://api.example.fr"
auth.bearer = "ACME_TOKEN"
key = ["email"]
defaults = { program = "1", country = "FR" }

[acme.fields]
email = { from = "email", required = true, format = "email" }
name  = { from = "last_name", required = true }
type  = { value = "lead" }
"data.city" = "city"

[acme.send]
path = "/leads/{program}"
rules = [
  { when = { status = 201, "/id" = "present" }, then = "delivered", reference = "/id" },
  { when = { status = 409 }, then = "duplicate" },
]
"#;

fn shipped() -> Catalogue {
    Catalogue::load(None).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn load(text: &str) -> Catalogue {
    let whole = format!("{OWN}\n{text}");
    Catalogue::load(Some(("my.toml", &whole))).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// Every mistake of a user's file, as it is told.
fn told(text: &str) -> String {
    let Err(mistakes) = Catalogue::load(Some(("my.toml", text))) else {
        panic!("no mistake was found");
    };
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn rule<'a>(destination: &'a Destination, target: &str) -> Option<&'a Rule> {
    let field = destination.fields.iter().find(|f| f.target == target)?;
    Some(&field.rule)
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

#[test]
fn every_destination_is_complete() {
    for destination in &shipped().destinations {
        let name = &destination.name;
        assert!(destination.about.is_some(), "{name}: about");
        assert!(!destination.key.is_empty(), "{name}: key");
        assert!(destination.ask.is_some(), "{name}: ask");
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

#[test]
fn two_clients_of_one_partner() {
    let catalogue = load(
        r#"
[lyon]
extends = "acme"
defaults = { program = "12" }
[lyon.fields]
name = "full_name"
"data.city" = false
type = { from = "source" }

[lyon-evening]
extends = "lyon"
key = ["phone"]
auth.header = { name = "X-Key", secret = "LYON_KEY" }
fields = { phone = { from = "phone", format = "phone-e164" } }
send = { rules = [{ when = { status = 200 }, then = "delivered" }] }
"#,
    );
    let (Some(lyon), Some(evening)) = (catalogue.get("lyon"), catalogue.get("lyon-evening")) else {
        panic!("a destination is missing");
    };
    assert_eq!(lyon.base.as_deref(), Some("https://api.example.fr"));
    assert_eq!(lyon.default_of("program"), Some("12"));
    assert_eq!(lyon.default_of("country"), Some("FR"), "tables merge");

    // A text over a table changes where the value comes from, and no more.
    let name = rule(lyon, "name").map(|rule| (rule.from.clone(), rule.required));
    assert_eq!(name, Some((vec!["full_name".to_owned()], true)));
    // `from` over a constant replaces it.
    let kind = rule(lyon, "type").map(|rule| (rule.from.clone(), rule.value.clone()));
    assert_eq!(kind, Some((vec!["source".to_owned()], None)));
    assert!(rule(lyon, "data.city").is_none(), "false removes");
    assert_eq!(lyon.send.rules.len(), 2);

    assert_eq!(evening.key, ["phone"], "lists are replaced");
    assert!(matches!(evening.auth, Some(Auth::Header { .. })));
    assert_eq!(evening.send.rules.len(), 1);
    assert_eq!(evening.send.path, "/leads/{program}");
    assert_eq!(evening.default_of("program"), Some("12"));
    let phone = rule(evening, "phone").and_then(|rule| rule.format);
    assert_eq!(phone, Some(Format::PhoneE164));
    assert!(rule(evening, "data.city").is_none());

    assert!(catalogue.users.contains("lyon-evening"));
    assert_eq!(catalogue.near("lyon-evenning"), Some("lyon-evening"));
}

#[test]
fn any_destination_of_the_catalogue_can_be_extended_and_changed() {
    for below in shipped().destinations {
        let target = &below.fields[0].target;
        let text = format!(
            "[mine]\nextends = \"{}\"\nbase = \"https://hooks.example.fr\"\n\
             [mine.fields]\n\"{target}\" = false\n\"custom.course\" = {{ from = \"course\", type = \"text\" }}\n",
            below.name
        );
        let catalogue = load(&text);
        let Some(mine) = catalogue.get("mine") else {
            panic!("{} can't be extended", below.name);
        };
        assert!(rule(mine, target).is_none(), "{}", below.name);
        let own = rule(mine, "custom.course").map(|rule| rule.kind);
        assert_eq!(own, Some(Kind::Text));
        assert_eq!(mine.fields.len(), below.fields.len());
        assert_eq!(mine.examples.len(), below.examples.len());
        let untouched = catalogue.get(&below.name).map(|d| d.fields.len());
        assert_eq!(untouched, Some(below.fields.len()));
    }
}

#[test]
fn a_misspelt_word_is_told_with_its_line_and_the_near_one() {
    let told = told(&format!(
        "{OWN}\n[acme2]\nextends = \"acme\"\npase = \"5/s\"\n"
    ));
    let line = OWN.lines().count() + 4;
    assert!(told.contains(&format!("my.toml:{line}:")), "{told}");
    assert!(told.contains("`pase` is not a word"), "{told}");
    assert!(told.contains("did you mean"), "{told}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = told(
        r#"
[shop]
base = "http://api.example.fr"
key = ["emial"]
pace = "fast"
[shop.fields]
email = { from = "email", formt = "email" }
phone = { from = "phone", format = "phone-e146" }
zip = { from = "zip", pattern = "([0-9]" }
[shop.send]
path = "leads"
rules = [{ when = { "data/id" = "present" }, then = "deliverd" }]
"#,
    );
    for expected in [
        "my.toml:3: `base` must begin with https://",
        "did you mean \"email\"?",
        "my.toml:5: `fast` is not a rate",
        "my.toml:7: `formt` is not a word",
        "did you mean \"phone-e164\"?",
        "my.toml:9: the pattern",
        "my.toml:11: `send.path` must begin with /",
        "`data/id` is not a part of an answer",
        "did you mean \"delivered\"?",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
}

#[test]
fn a_circle_of_extends_is_told() {
    let told = told("[a]\nextends = \"b\"\n[b]\nextends = \"a\"\n");
    assert!(told.contains("goes in a circle: a → b → a"), "{told}");
}

#[test]
fn an_unknown_parent_and_an_unknown_table_propose_the_near_name() {
    let known = &shipped().destinations[0].name;
    let slip = format!("{known}x");
    for text in [
        format!("[mine]\nextends = \"{slip}\"\n"),
        format!("[{slip}]\npace = \"5/s\"\n"),
    ] {
        let told = told(&text);
        assert!(told.contains("did you mean"), "{told}");
        assert!(told.contains(known.as_str()), "{told}");
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_never_repeated() {
    for auth in [
        "auth.bearer = \"pat-eu1-not-a-real-one\"",
        "auth.bearer = { env = \"pat-eu1-not-a-real-one\" }",
        "auth.header = { name = \"X-Key\", secret = \"pat-eu1-not-a-real-one\" }",
        "auth.basic = { user = \"me\", secret = \"pat-eu1-not-a-real-one\" }",
    ] {
        let told = told(&format!("{OWN}\n[mine]\nextends = \"acme\"\n{auth}\n"));
        assert!(
            told.contains("a secret is never written in this file"),
            "{told}"
        );
        assert!(!told.contains("not-a-real-one"), "{told}");
    }
}

#[test]
fn a_dotted_target_without_quotes_says_how_to_write_it() {
    // The second one looks like a misspelt word too.
    for target in ["properties.course", "properties.formation"] {
        let told = told(&format!(
            "{OWN}\n[mine]\nextends = \"acme\"\n[mine.fields]\n{target} = \"course\"\n"
        ));
        assert!(told.contains(&format!("\"{target}\" = …")), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn a_user_adds_a_lead_field_and_replaces_headers() {
    let catalogue = load("[columns]\nbudget = \"Budget\"\ncity = [\"Localisation\"]\n");
    let headers = |field: &str| {
        let column = catalogue.columns.iter().find(|(name, _)| name == field);
        column.map(|(_, headers)| headers.clone())
    };
    assert_eq!(headers("budget"), Some(vec!["Budget".to_owned()]));
    assert_eq!(headers("city"), Some(vec!["Localisation".to_owned()]));
    let first = shipped().columns.len();
    assert_eq!(catalogue.columns.len(), first + 1);
}
