//! The exports of real sources, as they come: each through the binary, with
//! the values that leave and the source that is kept.

use std::path::PathBuf;

use crate::common::{Home, Outcome};
use serde_json::{Value as Json, json};

const SET: [&str; 4] = ["--default", "tenant=agence-demo", "--default", "program=12"];

fn sample(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = folder.join("examples/exports").join(name);
    path.to_str().expect("a path").to_owned()
}

fn dry(name: &str, to: &str, more: &[&str]) -> Outcome {
    let path = sample(name);
    let mut arguments = vec!["send", "--to", to, "--dry-run", "--format", "json", &path];
    arguments.extend(more);
    Home::new().run(&arguments)
}

fn bodies(outcome: &Outcome) -> Vec<Json> {
    let rows = outcome.rows();
    rows.iter()
        .map(|row| row["request"]["body"].clone())
        .collect()
}

/// Rehearses a sample, and checks the source of its rows.
#[track_caller]
fn rehearsed(name: &str, source: Json, leads: usize) -> Outcome {
    let path = sample(name);
    let mut arguments = vec![
        "send",
        "--to",
        "adlead",
        "--sandbox",
        "--format",
        "json",
        &path,
    ];
    arguments.extend(SET);
    let outcome = Home::new().run(&arguments);
    let rows = outcome.rows();
    assert_eq!(rows.len(), leads, "{outcome:?}");
    for row in &rows {
        assert_eq!(row["source"], source, "{outcome:?}");
    }
    outcome
}

#[test]
fn excel_in_france() {
    let outcome = dry("excel-france.csv", "adlead", &SET).expect_code(3);
    let expected = [
        json!({"title": "ms", "name": "Lefèvre", "firstname": "Zoé", "email1": "zoe.lefevre@example.fr",
            "phone1": "+33639980041", "city": "Bourg-en-Bresse", "zipcode": "01000", "comment": "Budget : 250 000 €"}),
        json!({"title": "mr", "name": "L’Hôte", "firstname": "Cœur-Aimé", "email1": "coeur.lhote@example.fr",
            "phone1": "+33639980042", "city": "Lyon", "zipcode": "69003", "comment": "Rappeler le soir ;\naprès 18 h"}),
        Json::Null,
    ];
    assert_eq!(bodies(&outcome), expected);
    assert_eq!(outcome.column("line"), ["2", "3", "5"]);
    let stderr = &outcome.stderr;
    assert!(
        stderr.contains("read as Windows-1252 (sure, as in "),
        "{stderr}"
    );
    assert!(
        stderr.contains("\"639980041\" has lost its first 0"),
        "{stderr}"
    );
    assert!(stderr.contains("\"1000\" has lost its first 0"), "{stderr}");
    let lost = &outcome.column("message")[2];
    assert!(
        lost.contains("\"3,36123E+10\"") && lost.contains("as Text"),
        "{lost}"
    );
    rehearsed("excel-france.csv", Json::Null, 3).expect_code(3);
}

#[test]
fn an_excel_workbook() {
    let outcome = dry("excel.xlsx", "adlead", &SET).expect_code(0);
    let bodies = bodies(&outcome);
    // A number shown as 00000, and one that lost its 0.
    assert_eq!(
        (&bodies[0]["zipcode"], &bodies[0]["phone1"]),
        (&json!("01000"), &json!("+33639980101"))
    );
    assert_eq!(bodies[1]["phone1"], "+33639980102");
    assert_eq!(
        (&bodies[2]["name"], &bodies[2]["comment"]),
        (&json!("Nguyễn"), &json!("=à rappeler"))
    );
    assert!(
        outcome
            .stderr
            .contains("sheet \"Leads\" is read; others are Notes"),
        "{outcome:?}"
    );
    rehearsed("excel.xlsx", Json::Null, 3).expect_code(0);

    let other = dry("excel.xlsx", "adlead", &["--sheet", "Feuil1"]).expect_code(2);
    assert!(
        other.stderr.contains("its sheets are: Leads, Notes"),
        "{other:?}"
    );
}

#[test]
fn meta_lead_ads() {
    let outcome = dry("meta-leads.csv", "adlead", &SET).expect_code(0);
    let expected = [
        json!({"name": "Martin", "firstname": "Léa", "email1": "lea.martin@example.fr",
            "phone1": "+33639980051", "city": "Lyon", "zipcode": "69003"}),
        json!({"name": "DE LA TOUR", "firstname": "Camille", "email1": "camille.nguyen@example.fr",
            "phone1": "+33639980052", "city": "Bourg-en-Bresse", "zipcode": "01000"}),
        json!({"name": "Lefèvre-Roux", "firstname": "Jean-Noël", "email1": "jn.lefevre@example.fr",
            "phone1": "+33639980053", "city": "Paris", "zipcode": "75011"}),
    ];
    assert_eq!(bodies(&outcome), expected);
    let stderr = &outcome.stderr;
    assert_eq!(
        stderr.matches("split from the full name").count(),
        1,
        "{stderr}"
    );
    let unused = stderr.lines().find(|line| line.contains("campaign_name"));
    assert!(
        unused.is_some_and(|line| !line.contains("full_name")),
        "{stderr}"
    );
    rehearsed("meta-leads.csv", json!("meta"), 3).expect_code(0);

    // Meta's own status of a lead is not the prospect's.
    let more = [
        "--default",
        "course=Anglais",
        "--default",
        "id_client=12",
        "--default",
        "client=XYZ",
    ];
    let school = dry("meta-leads.csv", "iciformation", &more).expect_code(0);
    assert_eq!(bodies(&school)[0]["statut"], Json::Null);
    assert_eq!(bodies(&school)[0]["formation"], "Anglais");
}

#[test]
fn google_ads_lead_forms() {
    let outcome = dry("google-ads-leads.csv", "adlead", &SET).expect_code(0);
    let bodies = bodies(&outcome);
    assert_eq!(
        (&bodies[0]["name"], &bodies[0]["firstname"]),
        (&json!("Martin"), &json!("Léa"))
    );
    assert_eq!(bodies[0]["email1"], "lea.martin@example.fr");
    assert_eq!(
        (&bodies[1]["phone1"], &bodies[1]["zipcode"]),
        (&json!("+33639980062"), &json!("01000"))
    );
    rehearsed("google-ads-leads.csv", json!("google_ads"), 2).expect_code(0);
}

#[test]
fn linkedin_lead_gen_forms() {
    let outcome = dry("linkedin-leads.csv", "hubspot", &[]).expect_code(0);
    let properties = &bodies(&outcome)[1]["properties"];
    assert_eq!(properties["email"], "hugo.petit@example.fr");
    assert_eq!(properties["company"], "Petit & Fils, SARL");
    assert_eq!(properties["jobtitle"], "Gérant");
    rehearsed("linkedin-leads.csv", json!("linkedin"), 2).expect_code(0);
}

#[test]
fn a_crm_contact_export() {
    let outcome = dry("hubspot-contacts.csv", "adlead", &SET).expect_code(0);
    let bodies = bodies(&outcome);
    assert_eq!(
        (&bodies[0]["country"], &bodies[0]["zipcode"]),
        (&json!("FR"), &json!("59000"))
    );
    assert_eq!(
        (&bodies[1]["phone1"], &bodies[1]["country"]),
        (&json!("+33639980082"), &Json::Null)
    );
    rehearsed("hubspot-contacts.csv", json!("hubspot_export"), 2).expect_code(0);
}

#[test]
fn the_webhook_object_of_a_partner() {
    let outcome = dry("iciformation-webhook.json", "iciformation", &[]).expect_code(0);
    let body = &bodies(&outcome)[0];
    assert_eq!(
        (&body["nom"], &body["tel"]),
        (&json!("Doe"), &json!("0199000091"))
    );
    assert_eq!(
        (&body["statut"], &body["id_client"]),
        (&json!("prospect"), &json!("1234"))
    );
    rehearsed("iciformation-webhook.json", json!("iciformation"), 1).expect_code(0);
}

#[test]
fn the_user_names_a_source_and_adds_one() {
    let named = dry("excel-france.csv", "adlead", &["--source", "salon"]);
    assert_eq!(named.code, Some(2), "{named:?}");
    let home = Home::new();
    home.config("[sources.fair]\nheaders = [\"Stand\"]\nprefixes = { phone = \"T/\" }\ncolumns = { Stand = \"comment\" }\n");
    home.write(
        "x.csv",
        "Nom;Prénom;E-mail;Tel;Stand\nA;B;a@example.fr;T/0639980001;B12\n\
         A;B;b@example.fr;0639980002;B12\n",
    );
    let mut arguments = vec![
        "send",
        "--to",
        "adlead",
        "--sandbox",
        "--format",
        "json",
        "x.csv",
    ];
    arguments.extend(SET);
    let rows = home.run(&arguments).expect_code(0).rows();
    assert_eq!(rows[0]["source"], "fair");
    arguments.extend(["--source", "salon"]);
    let rows = home.run(&arguments).rows();
    assert_eq!(rows[0]["source"], "salon");
    assert_eq!(
        rows[0]["state"], "invalid",
        "an unknown name takes off no prefix"
    );
}
