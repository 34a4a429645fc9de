//! `send --dry-run`: the very request, the secret hidden, nothing sent,
//! nothing recorded.

mod common;

use common::{Act, Home, Partner};
use serde_json::json;

const LEADS: &str = "Nom;E-mail;Commentaire\nMartin;a@example.fr;\"un \"\"mot\"\" é\"\nMartin;oops;\nMartin;A@example.fr;\n";

fn home(partner: &Partner) -> Home {
    let mut home = Home::new();
    home.set("ICIFORMATION_TOKEN", "sesame-dry");
    home.config(&format!(
        "[iciformation]\nbase = \"{}/hook\"\nheaders = {{ X-Account = \"42\" }}\nkey = [\"email\"]\n\
         [iciformation.fields]\nemail = {{ required = true }}\nnote = \"comment\"\n",
        partner.base()
    ));
    home.write("leads.csv", LEADS);
    home
}

#[test]
fn json_fields_as_designed_and_the_very_request_that_send_sends() {
    let partner = Partner::always(Act::status(200));
    let home = home(&partner);
    let dry = home
        .run(&[
            "send",
            "--to",
            "iciformation",
            "--dry-run",
            "--format",
            "json",
            "leads.csv",
        ])
        .expect_code(3);
    assert_eq!(partner.connections(), 0);
    let rows = dry.rows();
    let request = json!({
        "method": "POST",
        "url": format!("{}/hook", partner.base()),
        "headers": {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-Account": "42",
            "Authorization": "Bearer ***"
        },
        "body": {"nom": "Martin", "email": "a@example.fr", "note": "un \"mot\" é"}
    });
    let first = json!({
        "file": "leads.csv", "line": 2, "destination": "iciformation",
        "state": "ready", "message": "", "request": request
    });
    assert_eq!(rows[0], first);
    for row in &rows {
        let names: Vec<&String> = row.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            ["file", "line", "destination", "state", "message", "request"]
        );
    }
    assert_eq!(dry.column("state"), ["ready", "invalid", "skipped"]);
    assert!(rows[1]["request"].is_null() && rows[2]["request"].is_null());
    assert!(rows[1]["message"].as_str().unwrap().contains("\"oops\""));
    assert!(
        rows[2]["message"]
            .as_str()
            .unwrap()
            .contains("the same lead")
    );

    let sent = home.run(&[
        "send",
        "--to",
        "iciformation",
        "--format",
        "json",
        "leads.csv",
    ]);
    assert_eq!(sent.column("state"), ["delivered", "invalid", "skipped"]);
    let arrived = &partner.arrived()[0];
    assert_eq!(arrived.json(), request["body"]);
    assert_eq!(arrived.header("x-account"), Some("42"));
    assert_eq!(arrived.header("authorization"), Some("Bearer sesame-dry"));
}

#[test]
fn nothing_is_recorded_and_no_secret_is_needed() {
    let partner = Partner::always(Act::status(200));
    let home = Home::new();
    home.config(&format!("[iciformation]\nbase = \"{}\"\n", partner.base()));
    home.write("leads.csv", "Nom;E-mail\nMartin;a@example.fr\n");
    for format in ["table", "json", "csv"] {
        let outcome = home
            .run(&[
                "send",
                "--to",
                "iciformation",
                "--dry-run",
                "--format",
                format,
                "leads.csv",
            ])
            .expect_code(0);
        assert!(outcome.stderr.contains("nothing was sent"), "{outcome:?}");
    }
    assert_eq!(partner.connections(), 0);
    assert!(
        !home.path().join(".local").exists(),
        "no ledger is made by looking"
    );
}

#[test]
fn what_is_known_already_is_shown_as_skipped() {
    let partner = Partner::always(Act::status(200));
    let home = home(&partner);
    home.run(&["send", "--to", "iciformation", "leads.csv"]);
    let ledger = home.path().join(".local/share/leadctl/ledger.db");
    let read = || std::fs::read(&ledger).ok();
    let before = read();
    let dry = home.run(&[
        "send",
        "--to",
        "iciformation",
        "--dry-run",
        "--format",
        "json",
        "leads.csv",
    ]);
    assert_eq!(
        dry.column("state"),
        ["skipped", "invalid", "skipped"],
        "{dry:?}"
    );
    assert!(
        dry.column("message")[0].contains("already delivered"),
        "{dry:?}"
    );
    assert_eq!(read(), before);
    assert_eq!(partner.count(), 1);
}

#[test]
fn people_read_it_too() {
    let partner = Partner::always(Act::status(200));
    let home = home(&partner);
    let dry = home
        .run(&[
            "send",
            "--to",
            "iciformation",
            "--dry-run",
            "--lines",
            "2",
            "leads.csv",
        ])
        .expect_code(0);
    let expected = format!(
        "leads.csv:2  Martin  ready
  POST {}/hook
  Accept: application/json
  Content-Type: application/json
  X-Account: 42
  Authorization: Bearer ***
  {{
    \"nom\": \"Martin\",
    \"email\": \"a@example.fr\",
    \"note\": \"un \\\"mot\\\" é\"
  }}
",
        partner.base()
    );
    assert_eq!(dry.stdout, expected);
}

#[test]
fn every_kind_of_credential_is_hidden() {
    let mut home = Home::new();
    for name in ["ADLEAD_API_KEY", "MAARCH_PASSWORD", "HUBSPOT_TOKEN"] {
        home.set(name, "sesame");
    }
    home.config("[maarch]\nbase = \"https://courrier.example.fr\"\n");
    let lead = r#"{"tenant":"t","program":"1","last_name":"A","first_name":"B","email":"a@example.fr","phone":"0639980001"}"#;
    for (to, header, hidden) in [
        ("adlead", "X-API-Key", "***"),
        ("maarch", "Authorization", "Basic ***"),
        ("hubspot", "Authorization", "Bearer ***"),
    ] {
        let arguments = ["send", "--to", to, "--dry-run", "--format", "json", "-"];
        let outcome = home.run_with(&arguments, lead).expect_code(0);
        assert_eq!(outcome.rows()[0]["request"]["headers"][header], hidden);
        assert!(!outcome.stdout.contains("sesame"));
    }
}
