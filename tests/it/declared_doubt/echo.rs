//! An answer that is about somebody else decides nothing, and a number that was
//! given to several persons is told.

use crate::common::following::{detail, follow, home, partner, posted, send};
use crate::common::{Act, Arrived, Home, Partner};
use serde_json::{Value as Json, json};

/// A partner that repeats what it was sent.
fn desk(partner: &Partner, more: &str) -> Home {
    let home = Home::new();
    home.config(&format!(
        r#"
[desk]
base = "{}"
key = ["email"]
tries = 2
backoff = "1ms"
jobs = 1
{more}
[desk.fields]
name = "last_name"
tel = {{ from = "phone", format = "phone-e164" }}
mail = "email"
[desk.send]
path = "/leads"
message = "/message"
echo = {{ "/data/mail" = "email", "/data/tel" = "phone" }}
rules = [
  {{ when = {{ status = 201, "/data/id" = "present" }}, then = "delivered", reference = "/data/id" }},
  {{ when = {{ status = 409 }}, then = "duplicate", reference = "/data/id" }},
  {{ when = {{ status = 422 }}, then = "rejected" }},
]
"#,
        partner.base()
    ));
    home
}

fn created(data: Json) -> Act {
    Act::json(201, &json!({ "data": data }).to_string())
}

fn deliver(home: &Home, csv: &str) -> crate::common::Outcome {
    home.run_with(&["send", "--to", "desk", "--format", "json", "-"], csv)
}

const LEA: &str = "Nom;E-mail;Tél\nMartin;lea@example.fr;06 39 98 00 01\n";

#[test]
fn another_persons_answer_proves_nothing_whatever_it_says() {
    let paul = json!({"id": 7, "mail": "paul@example.fr"});
    for (status, data) in [
        (201, paul.clone()),
        (409, paul.clone()),
        (422, paul),
        (
            201,
            json!({"id": 7, "mail": "lea@example.fr", "tel": "+33639980002"}),
        ),
    ] {
        let partner = Partner::always(Act::json(status, &json!({ "data": data }).to_string()));
        let home = desk(&partner, "");
        let run = deliver(&home, LEA).expect_code(4);
        assert_eq!(run.column("state"), ["in_doubt"], "{status} {data}");
        let row = &run.rows()[0];
        assert_eq!(row["reference"], Json::Null, "another one's number");
        let message = row["message"].as_str().unwrap();
        for words in [
            format!("answered {status}, but about somebody else"),
            "the partner may have this lead".to_owned(),
        ] {
            assert!(message.contains(&words), "{message}");
        }
        deliver(&home, LEA).expect_code(4);
        assert_eq!(partner.count(), 1, "it is never sent again unasked");
    }
}

#[test]
fn the_place_and_both_values_are_told() {
    let partner = Partner::always(created(json!({"id": 7, "mail": "paul@example.fr"})));
    let run = deliver(&desk(&partner, ""), LEA);
    let message = run.column("message").remove(0);
    let told = r#"/data/mail is "paul@example.fr", not "lea@example.fr""#;
    assert!(message.contains(told), "{message}");
}

#[test]
fn case_accents_and_what_is_left_out_make_no_other_person() {
    for data in [
        json!({"id": 7, "mail": "LEA@Example.FR", "tel": "06.39.98.00.01"}),
        json!({"id": 7, "mail": null}),
        json!({"id": 7}),
    ] {
        let partner = Partner::always(created(data.clone()));
        let run = deliver(&desk(&partner, ""), LEA).expect_code(0);
        assert_eq!(run.column("state"), ["delivered"], "{data}");
    }
}

#[test]
fn a_partner_that_answers_for_another_stops_the_run() {
    let partner = Partner::always(created(json!({"id": 7, "mail": "lea1@example.fr"})));
    let mut csv = String::from("Nom;E-mail\n");
    for number in 1..=9 {
        csv.push_str(&format!("Martin;lea{number}@example.fr\n"));
    }
    let run = deliver(&desk(&partner, ""), &csv).expect_code(4);
    let states = run.column("state");
    assert_eq!(
        states[..4],
        ["delivered", "in_doubt", "in_doubt", "in_doubt"]
    );
    assert_eq!(states[4..], ["unsent"; 5]);
    assert_eq!(partner.count(), 4);
}

/// The number in the question's address.
fn asked(arrived: &Arrived) -> u64 {
    let number = arrived.target.rsplit('/').next();
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
fn a_decision_about_another_number_leaves_the_lead_pending() {
    let partner = partner(|arrived| match asked(arrived) {
        501 => detail("rejected", json!({"id": 999_999})),
        number => detail("approved", json!({ "id": number })),
    });
    let home = home(&partner, "jobs = 1");
    send(&home, 2).expect_code(0);
    let run = follow(&home, &[]).expect_code(5);
    assert_eq!(run.column("state"), ["pending", "approved"]);
    assert_eq!(run.column("reference"), ["501", "502"]);
    let message = &run.column("message")[0];
    for words in [r#"/data/id is "999999", not "501""#, "it stays pending"] {
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(posted(&partner), 2);
}

#[test]
fn the_catalogues_receipt_repeats_the_lead() {
    let receipt =
        json!({"success": true, "data": {"id": 501, "status": null, "email1": "paul@example.fr"}});
    let partner = Partner::always(Act::json(201, &receipt.to_string()));
    let run = send(&home(&partner, ""), 1).expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt"]);
}

#[test]
fn one_number_for_several_persons_is_told_in_the_row_and_by_status() {
    let partner = Partner::always(Act::json(201, r#"{"data":{"id":7}}"#));
    let home = desk(&partner, "");
    let mut csv = String::from("Nom;E-mail\n");
    for number in 1..=5 {
        csv.push_str(&format!("Martin;lea{number}@example.fr\n"));
    }
    let run = deliver(&home, &csv).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"; 5]);
    let messages = run.column("message");
    assert_eq!(messages[0], "", "the first of them");
    for message in &messages[1..] {
        assert!(
            message.starts_with("lead 1, another person's, has this reference too"),
            "{message}"
        );
    }
    // What was told is what is kept.
    let kept = home.run(&["history", "--format", "json", "--to", "desk"]);
    let mut kept = kept.expect_code(0).rows();
    kept.sort_by_key(|row| row["id"].as_i64());
    let kept: Vec<_> = kept.iter().map(|row| row["message"].clone()).collect();
    assert_eq!(kept, messages);
    let status = home.run(&["status", "--format", "json"]).expect_code(0);
    let next = status.rows()[0]["next"].to_string();
    assert!(
        next.contains("5 leads of several persons have the same reference 7"),
        "{next}"
    );
}

#[test]
fn the_same_person_once_more_has_its_number_by_right() {
    let partner = Partner::always(Act::json(201, r#"{"data":{"id":7}}"#));
    let home = desk(&partner, "again_after = \"1ms\"");
    for name in ["Martin", "Martin-Roy"] {
        let csv = format!("Nom;E-mail\n{name};lea@example.fr\n");
        let run = deliver(&home, &csv).expect_code(0);
        assert_eq!(run.column("message"), [""], "{}", run.stdout);
    }
    assert_eq!(partner.count(), 2);
    let status = home.run(&["status", "--format", "json"]).expect_code(0);
    assert_eq!(status.rows()[0]["next"], json!([]));
}

#[test]
fn the_sandbox_repeats_what_it_was_sent() {
    let config = r#"
[desk]
base = "https://desk.example.fr"
key = ["email"]
fields = { mail = "email" }
[desk.send]
path = "/leads"
echo = { "/data/mail" = "email" }
rules = [{ when = { status = 201 }, then = "pending", reference = "/data/id" }]
[desk.follow]
path = "/leads/{reference}"
echo = { "/lead/id" = "reference", "/lead/mail" = "email" }
rules = [{ when = { status = 200 }, then = "approved" }]
[[desk.examples]]
status = 201
body = '{"data":{"id":1,"mail":"someone@example.fr"}}'
means = "pending"
[[desk.examples]]
of = "follow"
body = '{"lead":{"id":1,"mail":"someone@example.fr"}}'
means = "approved"
"#;
    let home = Home::new();
    home.config(config);
    let csv = "Nom;E-mail\nMartin;lea@example.fr\nRoy;ana@example.fr\n";
    let arguments = ["send", "--to", "desk", "--sandbox", "--format", "json", "-"];
    let run = home.run_with(&arguments, csv).expect_code(0);
    assert_eq!(run.column("state"), ["pending", "pending"]);
}

#[test]
fn an_echo_that_cannot_be_compared_is_told() {
    let partner = Partner::always(Act::status(500));
    for (echo, told) in [
        (
            r#"{ "/data/mail" = "emial" }"#,
            r#"`echo` of [desk.send] names "emial", which is not sent (did you mean "email"?)"#,
        ),
        (
            r#"{ "/data/mail" = "city" }"#,
            r#"names "city", which is not sent"#,
        ),
        (
            r#"{ "/data/id" = "reference" }"#,
            "which only that answer gives (name a lead field",
        ),
        (
            r#"{ "data" = "email" }"#,
            "`data` is not a place in an answer: it must begin with /",
        ),
    ] {
        let home = desk(&partner, "");
        let text = home.read("partners.toml");
        let old = r#"{ "/data/mail" = "email", "/data/tel" = "phone" }"#;
        assert!(text.contains(old));
        home.config(&text.replace(old, echo));
        let run = home.run(&["check", "--to", "desk"]).expect_code(2);
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert!(run.stderr.contains("partners.toml:16: "), "{}", run.stderr);
    }
    let home = desk(&partner, "online = { echo = { \"/x\" = \"email\" } }");
    let run = home.run(&["check", "--to", "desk"]).expect_code(2);
    let told = "`echo` of [desk.online] compares an answer that is about no lead";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}
