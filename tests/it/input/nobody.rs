//! Rows that are nobody's, and what a column's other cells say of one: also when a
//! lead is sent again, out of the ledger or out of a rejects file.

use crate::common::{Act, Home, Outcome, Partner};
use serde_json::{Value as Json, json};

fn partner() -> Partner {
    Partner::start(|_| Act::json(200, r#"{"id":"7"}"#))
}

fn home(partner: &Partner) -> Home {
    let home = Home::new();
    home.config(&format!(
        r#"
[crm]
base = "{}"
key = ["email", "phone"]
country = "FR"
[crm.fields]
name = "last_name"
first = "first_name"
email = {{ from = "email", format = "email", required = true }}
phone = {{ from = "phone", format = "phone-e164" }}
[crm.send]
path = "/leads"
rules = [{{ when = {{ status = 200, "/id" = "present" }}, then = "delivered", reference = "/id" }}]
"#,
        partner.base()
    ));
    home
}

fn send(home: &Home, more: &[&str]) -> Outcome {
    home.run(&[&["send", "--to", "crm", "--format", "json"], more].concat())
}

fn bodies(partner: &Partner) -> Vec<Json> {
    partner.arrived().iter().map(|it| it.json()).collect()
}

#[test]
fn a_test_lead_is_filtered_told_and_judged_again() {
    let partner = partner();
    let home = home(&partner);
    let test = "Essai;<test lead: dummy data for first_name>;test@meta.com;0639980001\n";
    let head = "Nom;Prénom;E-mail;Téléphone\n";
    home.write(
        "x.csv",
        format!("{head}{test}{test}Petit;Léa;lea@example.fr;0639980002\n"),
    );
    let first = send(&home, &["--rejects", "r.csv", "x.csv"]).expect_code(0);
    assert_eq!(first.column("state"), ["filtered", "filtered", "delivered"]);
    assert_eq!(first.rows()[0]["reason"], "test");
    assert!(
        first.column("message")[0].contains("a test lead"),
        "{first:?}"
    );
    assert!(!home.path().join("r.csv").exists());
    home.write("alone.csv", format!("{head}{test}"));
    let again = send(&home, &["--max-new", "0", "alone.csv"]).expect_code(0);
    assert_eq!(again.column("state"), ["filtered"]);
    assert_eq!(again.column("id"), [first.column("id")[0].as_str()]);
    assert!(
        again.stderr.contains("1 lead: 1 filtered"),
        "{}",
        again.stderr
    );
    let quiet = home.run(&["send", "--to", "crm", "--quiet", "alone.csv"]);
    assert_eq!(quiet.expect_code(0).stdout, "");
    let history = home.run(&["history", "--state", "filtered", "--format", "json"]);
    let rows = history.expect_code(0).rows();
    assert_eq!((rows.len(), &rows[0]["reason"]), (1, &json!("test")));
    let id = first.column("id")[0].clone();
    let resent = home.run(&["resend", "--to", "crm", "--format", "json", &id]);
    let resent = resent.expect_code(0);
    assert_eq!(resent.column("state"), ["filtered"]);
    assert_eq!(resent.rows()[0]["reason"], "test");
    home.run(&["status"]).expect_code(0);
    let checked = home.run(&["check", "--to", "crm", "x.csv"]).expect_code(0);
    assert!(
        checked.stderr.contains("1 ready, 0 invalid, 2 filtered"),
        "{checked:?}"
    );
    assert_eq!(partner.count(), 1);
}

#[test]
fn whoever_is_blocked_is_filtered() {
    let partner = partner();
    let home = home(&partner);
    home.write(
        "x.csv",
        "Nom;E-mail\nPetit;lea@example.fr\nMartin;ana@example.fr\n",
    );
    send(&home, &["--max-new", "0", "x.csv"]).expect_code(5);
    home.run(&["block", "lea@example.fr"]).expect_code(0);
    for _ in 0..2 {
        let run = send(&home, &["x.csv"]).expect_code(0);
        assert_eq!(run.column("state")[0], "filtered");
        assert_eq!(run.rows()[0]["reason"], "blocked");
    }
    let resent = home.run(&["resend", "--to", "crm", "--format", "json", "1"]);
    let resent = resent.expect_code(0);
    assert_eq!(resent.rows()[0]["reason"], "blocked");
    assert_eq!(partner.count(), 1);
}

/// Each value of its column has the prefix, and None is no name there: alone, neither
/// would be certain.
#[test]
fn what_a_column_says_travels_with_each_of_its_leads() {
    let partner = partner();
    let home = home(&partner);
    let rows = "Nom;Prénom;E-mail;Mobile\n\
        \"L&#039;H&ocirc;te\";None;lea@example.fr;p:+33639980001\n\
        Petit;Ana;ana@example.fr;None\n";
    home.write("x.csv", rows);
    send(&home, &["--max-new", "0", "x.csv"]).expect_code(5);
    let again = home.run(&[
        "resend", "--to", "crm", "--state", "unsent", "--format", "json",
    ]);
    again.expect_code(0);
    let sent = [
        json!({"name": "L'Hôte", "email": "lea@example.fr", "phone": "+33639980001"}),
        json!({"name": "Petit", "first": "Ana", "email": "ana@example.fr"}),
    ];
    assert_eq!(bodies(&partner), sent);
}

#[test]
fn a_corrected_row_is_read_as_its_whole_column_was() {
    let partner = partner();
    let home = home(&partner);
    let rows = "Nom;Prénom;E-mail;Téléphone\n\
        Petit;Zo&eacute;lie;lea@example;p:+33639980001\n\
        Martin;Zo&eacute lie;ana@example.fr;p:+33639980002\n\
        Durand;Eva;eva@example;p:+33639980003\n";
    home.write("x.csv", rows.replace("Zo&eacute;lie", "\"Zo&eacute;lie\""));
    let first = send(&home, &["--rejects", "r.csv", "x.csv"]).expect_code(3);
    assert_eq!(first.column("state"), ["invalid"; 3]);
    let rejects = home.read("r.csv").replace("@example;", "@example.fr;");
    // Without the second row all of the column is well written, but that was not so.
    let kept: Vec<&str> = rejects
        .lines()
        .filter(|line| !line.contains("Martin"))
        .collect();
    home.write("again.csv", kept.join("\n") + "\n");
    let again = send(&home, &["again.csv"]).expect_code(3);
    assert_eq!(again.column("state"), ["invalid", "delivered"], "{again:?}");
    let message = &again.column("message")[0];
    assert!(message.contains("not all of its column is"), "{message}");
    let all = send(&home, &["--repair", "all", "again.csv"]).expect_code(0);
    assert_eq!(all.column("state"), ["delivered", "skipped"]);
    let sent = json!({"name": "Petit", "first": "Zoélie", "email": "lea@example.fr", "phone": "+33639980001"});
    assert_eq!(bodies(&partner)[1], sent);
}

#[test]
fn totals_are_no_rows_in_json_and_on_standard_input_either() {
    let partner = partner();
    let home = home(&partner);
    let rows = json!([
        {"nom": "Petit", "prénom": "Léa", "email": "lea@example.fr"},
        {"nom": "Total", "prénom": 1}
    ]);
    let run = home.run_with(
        &["send", "--to", "crm", "--format", "json"],
        rows.to_string(),
    );
    let run = run.expect_code(0);
    assert_eq!(run.column("state"), ["delivered"]);
    assert!(
        run.stderr.contains("1 row is no lead, and left out"),
        "{run:?}"
    );
    let history = home.run(&["history", "--format", "json"]).expect_code(0);
    assert_eq!(history.rows().len(), 1);
}
