//! JSON with lists, forms, nothing at all, queries and headers.

use rusqlite::Connection;
use serde_json::json;

use super::{hook, send, text, willing};
use crate::common::{Act, Home, Partner};

const LEADS: &str = "Prénom;Nom;E-mail;Formation;Date\nLéa;Martin;Lea+1@example.fr;Art & Été;29/11/2026 18:05\n;Durand;b@example.fr;;\n";

/// What the ledger says was sent of each lead.
fn recorded(home: &Home) -> Vec<Option<String>> {
    let ledger = Connection::open(home.path().join("ledger.db")).unwrap();
    let mut sent = ledger
        .prepare("SELECT sent FROM leads ORDER BY id")
        .unwrap();
    let sent = sent.query_map([], |row| row.get(0)).unwrap();
    sent.map(Result::unwrap).collect()
}

#[test]
fn values_lists_and_dots_arrive_as_written() {
    let partner = willing();
    let fields = r#"
name = { template = "{first_name} {last_name}" }
comment = { template = ["Formation : {course}", "De {file}, ligne {line}"], join = " | " }
on = { from = "created_at", format = "date", as = "%Y-%m-%d", blank = "" }
em = { from = "email", format = "email", hash = "sha256" }
"emails[0].value" = "email"
"emails[0].primary" = { value = true }
"phones[0].value" = "phone"
"phones[0].label" = { value = "work" }
'owner\.bind' = { value = 7, type = "text" }
now = { template = "{now}", format = "date", as = "unix", type = "integer" }"#;
    let home = hook(&partner, "", fields, "path = \"/in\"");
    home.write("leads.csv", LEADS.replace("Date", "created_at"));
    let before = jiff::Timestamp::now().as_second();
    send(&home, &["leads.csv"]).expect_code(0);
    let arrived = partner.arrived();
    let mut first = arrived[0].json();
    let now = first["now"].take().as_i64().expect("a number");
    assert!((before..=before + 600).contains(&now), "{now}");
    assert_eq!(
        first,
        json!({
            "name": "Léa Martin", "comment": "Formation : Art & Été | De leads.csv, ligne 2", "on": "2026-11-29",
            "em": "3b1899d355a4ec98ec37139c64fda5d491f4a0f61672b4336446a76f3c53bbab",
            "emails": [{"value": "Lea+1@example.fr", "primary": true}],
            "owner.bind": "7", "now": null
        })
    );
    assert_eq!(arrived[1].json()["name"], "Durand");
    assert_eq!(arrived[1].json()["comment"], "De leads.csv, ligne 3");
    assert_eq!(arrived[1].json()["on"], "");
    for (arrived, recorded) in arrived.iter().zip(recorded(&home)) {
        assert_eq!(Some(text(arrived).to_owned()), recorded);
    }
}

#[test]
fn a_form_keeps_its_order_and_its_letters() {
    let partner = willing();
    let fields = r#"
"contact[email]" = "email"
first_name = "first_name"
"field[0].course" = "course"
tags = { value = ["web", 7] }
ok = { value = true }"#;
    let send_words = "path = \"/in\"\nbody = \"form\"\nquery = { c = 42, name = { template = \"{first_name} {last_name}\" }, course = { from = \"course\" } }";
    let words = "headers = { X-Course = { from = \"headcount\" }, X-Own = \"1\" }";
    let home = hook(&partner, words, fields, send_words);
    home.write("leads.csv", LEADS);
    let dry = send(&home, &["--dry-run", "leads.csv"]).expect_code(0);
    send(&home, &["leads.csv"]).expect_code(0);
    let arrived = partner.arrived();
    assert_eq!(
        text(&arrived[0]),
        "contact%5Bemail%5D=Lea%2B1%40example.fr&first_name=L%C3%A9a\
         &field%5B0%5D.course=Art+%26+%C3%89t%C3%A9&tags=web&tags=7&ok=true"
    );
    assert_eq!(
        text(&arrived[1]),
        "contact%5Bemail%5D=b%40example.fr&tags=web&tags=7&ok=true"
    );
    assert_eq!(
        arrived[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        (arrived[0].header("x-own"), arrived[0].header("x-course")),
        (Some("1"), None)
    );
    assert_eq!(
        arrived[0].target,
        "/in?c=42&name=L%C3%A9a%20Martin&course=Art%20%26%20%C3%89t%C3%A9"
    );
    assert_eq!(arrived[1].target, "/in?c=42&name=Durand");
    let shown = &dry.rows()[0]["request"];
    assert_eq!(shown["body"], text(&arrived[0]));
    assert_eq!(recorded(&home)[0].as_deref(), Some(text(&arrived[0])));
    // The same, at the partner that is simulated from this very table.
    let rehearsed = send(&home, &["--sandbox", "leads.csv"]).expect_code(0);
    assert_eq!(
        rehearsed.column("state"),
        ["delivered", "delivered"],
        "{rehearsed:#?}"
    );
}

#[test]
fn a_get_carries_the_lead_in_its_address_alone() {
    let partner = willing();
    let send_words = "method = \"GET\"\npath = \"/track\"\nquery = { email = { from = \"email\", required = true, format = \"email\" }, course = { from = \"course\" } }";
    let home = hook(
        &partner,
        "headers = { Content-Type = false }",
        "",
        send_words,
    );
    home.write("leads.csv", LEADS);
    send(&home, &["leads.csv"]).expect_code(0);
    let arrived = partner.arrived();
    assert_eq!((&*arrived[0].method, arrived[0].body.len()), ("GET", 0));
    assert_eq!(
        arrived[0].target,
        "/track?email=Lea%2B1%40example.fr&course=Art%20%26%20%C3%89t%C3%A9"
    );
    assert_eq!(arrived[1].target, "/track?email=b%40example.fr");
    for name in ["content-type", "content-length"] {
        assert_eq!(arrived[0].header(name), None, "{name}");
    }
    assert_eq!(recorded(&home), [None, None]);
    // What is required of a query is required, here and there.
    home.write("none.csv", "Nom;E-mail\nMartin;\n");
    let refused = send(&home, &["none.csv"]).expect_code(3);
    assert_eq!(refused.column("state"), ["invalid"]);
    home.write(
        "states.csv",
        "E-mail\nreject@example.fr\na@example.fr\na+2@example.fr\n",
    );
    let rehearsed = send(&home, &["--sandbox", "states.csv"]);
    assert_eq!(
        rehearsed.column("state"),
        ["rejected", "delivered", "delivered"],
        "{rehearsed:#?}"
    );
}

#[test]
fn a_header_holds_no_accent_and_no_line() {
    let partner = Partner::always(Act::json(201, super::DONE));
    let words = "headers = { X-Name = { from = \"first_name\" } }";
    let home = hook(&partner, words, "email = \"email\"", "path = \"/\"");
    home.write("leads.csv", LEADS);
    let run = send(&home, &["leads.csv"]).expect_code(3);
    assert_eq!(run.column("state"), ["invalid", "delivered"]);
    let why = &run.column("message")[0];
    assert!(
        why.contains("X-Name") && why.contains("no header can carry"),
        "{why}"
    );
    assert_eq!(partner.arrived()[0].header("x-name"), None);
}

#[test]
fn a_list_is_the_whole_body_and_the_sandbox_takes_it() {
    let partner = willing();
    let fields = "\"[0].name\" = { from = \"last_name\", required = true }\n\"[0].emails[0]\" = \"email\"\n\"[1].name\" = { value = \"copy\" }";
    let home = hook(
        &partner,
        "",
        fields,
        "path = \"/\"\necho = { \"/name\" = \"last_name\" }",
    );
    home.write("leads.csv", LEADS);
    send(&home, &["leads.csv"]).expect_code(0);
    assert_eq!(
        partner.arrived()[0].json(),
        json!([{"name": "Martin", "emails": ["Lea+1@example.fr"]}, {"name": "copy"}])
    );
    let rehearsed = send(&home, &["--sandbox", "leads.csv"]).expect_code(0);
    assert_eq!(
        rehearsed.column("state"),
        ["delivered", "delivered"],
        "{rehearsed:#?}"
    );
}
