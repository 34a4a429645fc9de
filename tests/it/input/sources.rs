//! Leads that APIs and webhooks give as lists of names and values: each example
//! through the binary, with the values that leave and the source that is kept.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::common::{Act, Home, Outcome, Partner};

const CRM: &str = r#"
[crm]
base = "BASE"
key = ["email"]
[crm.fields]
id = "id"
prenom = "first_name"
nom = "last_name"
email = { from = "email", required = true }
tel = { from = "phone", format = "phone-french" }
cp = "zip"
formation = "course"
poste = "job"
canal = "source"
[crm.send]
path = "/leads"
rules = [{ when = { status = 201 }, then = "delivered" }]
"#;

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/exports");
    fs::read_to_string(folder.join(name)).expect("an example")
}

fn home(more: &str) -> Home {
    let home = Home::new();
    home.config(&format!("{CRM}{more}").replace("BASE", "https://crm.example.fr"));
    home
}

fn dry(home: &Home, name: &str, text: &str, more: &[&str]) -> Outcome {
    home.write(name, text);
    let mut arguments = vec!["send", "--to", "crm", "--dry-run", "--format", "json", name];
    arguments.extend(more);
    home.run(&arguments)
}

fn bodies(outcome: &Outcome) -> Vec<Json> {
    let rows = outcome.rows();
    rows.iter()
        .map(|row| row["request"]["body"].clone())
        .collect()
}

#[track_caller]
fn is_read(name: &str, source: Json, more: &str, expected: &[Json]) {
    let home = home(more);
    let outcome = dry(&home, name, &example(name), &[]).expect_code(0);
    let ready = bodies(&outcome).into_iter().filter(|body| !body.is_null());
    assert_eq!(ready.collect::<Vec<_>>(), expected, "{outcome:?}");
    let checked = home.run(&["check", "--format", "json", name]);
    let shown = checked.rows()[0]["source"].clone();
    assert_eq!(shown, source, "{checked:?}");
}

#[test]
fn the_examples_of_sources_that_ship() {
    let lea = json!({"id": "1203300000000001", "prenom": "Léa", "nom": "Martin",
        "email": "lea.martin@example.fr", "tel": "0639980051", "cp": "01000"});
    let hugo = json!({"id": "1203300000000002", "prenom": "Hugo", "nom": "Petit",
        "email": "hugo.petit@example.fr", "tel": "0639980052", "cp": "69003"});
    is_read("meta-graph.json", json!("meta_graph"), "", &[lea, hugo]);
    let lea = json!({"id": "TeSter-0001", "prenom": "Léa", "nom": "Martin",
        "email": "lea.martin@example.fr", "tel": "0639980061", "cp": "01000"});
    is_read("google-ads-webhook.json", json!("google_ads"), "", &[lea]);
    let lea = json!({"id": "a3a12ec67a1365927098a606107fac15", "prenom": "Léa", "nom": "Martin",
        "email": "lea.martin@example.fr", "tel": "0639980091", "formation": "Anglais, Excel", "canal": "newsletter"});
    is_read("typeform-webhook.json", json!("typeform"), "", &[lea]);
    let lea = json!({"id": "2wgx4n", "prenom": "Léa", "nom": "Martin",
        "email": "lea.martin@example.fr", "tel": "0639980095", "cp": "01000", "formation": "Anglais"});
    is_read("tally-webhook.json", json!("tally"), "", &[lea]);
    let lea = json!({"id": "151", "prenom": "Léa", "nom": "Martin", "email": "lea.martin@example.fr",
        "tel": "0639980081", "cp": "59000", "poste": "Responsable formation"});
    let hugo = json!({"id": "152", "prenom": "Hugo", "nom": "Petit", "email": "hugo.petit@example.fr",
        "tel": "0639980082", "cp": "01000", "poste": "Gérant"});
    is_read("hubspot-api.json", Json::Null, "", &[lea, hugo]);
}

/// The user says which source is meant, what its questions mean, and how another
/// one writes.
#[test]
fn a_source_of_the_users_own() {
    let more = "[sources.garage]\nrows = \"/payload/entries\"\npairs = { at = \"answers\", name = \"/question/label\", value = [\"text\", \"/choice/label\"] }\ncolumns = { \"Votre adresse\" = \"email\" }\n";
    let home = home(more);
    let entry = |address: &str| {
        format!(
            r#"{{"ref":"7","answers":[{{"question":{{"label":"Votre adresse"}},"text":"{address}"}},{{"question":{{"label":"Formation"}},"choice":{{"label":"Anglais"}}}}]}}"#
        )
    };
    let (a, b) = (entry("a@example.fr"), entry("b@example.fr"));
    for text in [
        format!("{{\"payload\":{{\"entries\":[{a},{b}]}}}}"),
        format!("[{a},{b}]"),
        format!("{a}\n{b}\n"),
    ] {
        for named in [&[][..], &["--source", "garage"]] {
            let outcome = dry(&home, "x.json", &text, named).expect_code(0);
            let expected = ["a", "b"]
                .map(|who| json!({"email": format!("{who}@example.fr"), "formation": "Anglais"}));
            assert_eq!(bodies(&outcome), expected, "{text}");
        }
        // Another source is no way to read it.
        let outcome = dry(&home, "x.json", &text, &["--source", "tally"]).expect_code(2);
        assert!(outcome.stderr.contains("no column"), "{outcome:?}");
    }
}

/// What a source's names mean is known when the lead is sent again.
#[test]
fn a_lead_keeps_its_source_in_the_ledger() {
    let created = Act::json(201, "{}");
    let partner = Partner::always(created);
    let home = Home::new();
    let more = "[sources.typeform]\ncolumns = { \"Newsletter ?\" = \"job\" }\n";
    home.config(&format!("{CRM}{more}").replace("BASE", &partner.base()));
    home.write("x.json", example("typeform-webhook.json"));
    let send = [
        "send", "--to", "crm", "--format", "json", "--limit", "0", "x.json",
    ];
    let held = home.run(&send).expect_code(5);
    assert_eq!(held.column("state"), ["unsent"]);
    assert_eq!(held.column("source"), ["typeform"]);
    let again = [
        "resend", "--to", "crm", "--format", "json", "--state", "unsent",
    ];
    let outcome = home.run(&again).expect_code(0);
    assert_eq!(outcome.column("source"), ["typeform"]);
    let body: Json = serde_json::from_slice(&partner.arrived()[0].body).expect("JSON");
    assert_eq!(
        (&body["poste"], &body["email"]),
        (&json!("false"), &json!("lea.martin@example.fr"))
    );
}

/// Rows to correct are written as any object: what their columns mean is not lost.
#[test]
fn a_corrected_answer_is_the_one_that_is_sent() {
    let partner = Partner::always(Act::json(201, "{}"));
    let home = Home::new();
    let more = "[sources.garage]\npairs = { at = \"answers\", name = \"label\", value = \"text\" }\ncolumns = { \"Votre adresse\" = \"email\" }\n";
    let crm = CRM.replace("required = true", "required = true, format = \"email\"");
    home.config(&format!("{crm}{more}").replace("BASE", &partner.base()));
    home.write(
        "x.json",
        r#"{"answers":[{"label":"Votre adresse","text":"lea@example"}]}"#,
    );
    let send = |file: &str| {
        home.run(&[
            "send",
            "--to",
            "crm",
            "--format",
            "json",
            "--rejects",
            "r.json",
            file,
        ])
    };
    send("x.json").expect_code(3);
    let rejects = fs::read_to_string(home.path().join("r.json")).expect("rejects");
    home.write("y.json", rejects.replace("lea@example", "lea@example.fr"));
    send("y.json").expect_code(0);
    let body: Json = serde_json::from_slice(&partner.arrived()[0].body).expect("JSON");
    assert_eq!(body["email"], "lea@example.fr");
}

#[test]
fn a_mistake_in_a_source_is_told_with_its_line() {
    for (text, line, told) in [
        (
            "[sources.x]\npairs = { at = \"a\", nam = \"b\", value = \"c\" }",
            2,
            "did you mean `name`?",
        ),
        (
            "[sources.x]\npairs = { at = \"a\", name = \"b\" }",
            2,
            "value",
        ),
        (
            "[sources.x]\npairs = { at = \"a\", name = \"field.ref\", value = \"c\" }",
            2,
            "write \"/field/ref\"",
        ),
        (
            "[sources.x]\npairs = { at = \"a\", name = \"b\", value = \"c\", choices = { at = \"o\", key = \"id\", text = \"t\" } }",
            2,
            "`key` is not a word",
        ),
        (
            "[sources.x]\ntest = { is_test = true }",
            2,
            "no `pairs` says where",
        ),
        (
            "[sources.x]\nheaders = [\"a\"]\nrows = \"/data\"",
            3,
            "no `pairs` says where",
        ),
    ] {
        let home = Home::new();
        home.config(text);
        let outcome = home.run(&["check"]).expect_code(2);
        let place = format!("partners.toml:{line}:");
        let said = outcome
            .stderr
            .lines()
            .any(|it| it.contains(&place) && it.contains(told));
        assert!(said, "{text}\n{}", outcome.stderr);
    }
}
