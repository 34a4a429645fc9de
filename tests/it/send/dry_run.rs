//! `send --dry-run`: the very request, the secret hidden, nothing sent,
//! nothing recorded.

use crate::common::{Act, Home, Partner};
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
        "state": "ready", "reason": null, "message": "", "request": request
    });
    assert_eq!(rows[0], first);
    for row in &rows {
        let names: Vec<&String> = row.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            [
                "file",
                "line",
                "destination",
                "state",
                "reason",
                "message",
                "request"
            ]
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
fn a_lead_of_an_earlier_file_is_the_same_lead() {
    let partner = Partner::always(Act::status(200));
    let home = home(&partner);
    home.write(
        "again.csv",
        "Nom;E-mail\nDurand;A@example.fr\nDurand;b@example.fr\n",
    );
    let run = |more: &[&str]| {
        let args = ["send", "--to", "iciformation", "--format", "json"];
        home.run(&[&args, more, &["leads.csv", "again.csv"]].concat())
    };
    let states = ["ready", "invalid", "skipped", "skipped", "ready"];
    assert_eq!(run(&["--dry-run"]).column("state"), states);
    let sent = states.map(|state| state.replace("ready", "delivered"));
    assert_eq!(run(&[]).column("state"), sent);
}

/// So many that they are judged by the handful, and by several at once.
#[test]
fn many_rows_keep_their_order_and_each_its_own_state() {
    const ROWS: usize = 3000;
    let partner = Partner::always(Act::status(200));
    let home = home(&partner);
    let mut text = "Nom;E-mail\n".to_owned();
    let mut expected = Vec::new();
    for row in 0..ROWS {
        let (state, email) = match row {
            0 => ("ready", "first@example.fr".to_owned()),
            _ if row % 11 == 0 => ("invalid", format!("oops{row}")),
            _ if row % 7 == 0 => ("skipped", "First@example.fr".to_owned()),
            _ => ("ready", format!("a{row}@example.fr")),
        };
        text.push_str(&format!("Martin {row};{email}\n"));
        expected.push((row as u64 + 2, state));
    }
    home.write("many.csv", &text);
    let run = |more: &[&str]| {
        let args = [
            "send",
            "--to",
            "iciformation",
            "--dry-run",
            "--format",
            "json",
        ];
        home.run(&[&args, more, &["many.csv"]].concat()).rows()
    };
    let seen = |rows: &[serde_json::Value]| -> Vec<(u64, String)> {
        let seen = |row: &serde_json::Value| {
            let state = row["state"].as_str().unwrap().to_owned();
            if state == "ready" {
                let line = row["line"].as_u64().unwrap();
                assert_eq!(
                    row["request"]["body"]["nom"],
                    format!("Martin {}", line - 2)
                );
            }
            (row["line"].as_u64().unwrap(), state)
        };
        rows.iter().map(seen).collect()
    };
    let all: Vec<_> = expected
        .iter()
        .map(|(line, state)| (*line, (*state).to_owned()))
        .collect();
    assert_eq!(seen(&run(&[])), all);
    let mut left = 700;
    let limited: Vec<_> = all
        .into_iter()
        .filter(|(_, state)| {
            let ready = state == "ready";
            left -= i32::from(ready);
            !ready || left >= 0
        })
        .collect();
    assert_eq!(seen(&run(&["--limit", "700"])), limited);
}

/// More than are held in memory, and then some of them again.
fn very_many() -> Home {
    const ROWS: usize = 140_000;
    let home = Home::new();
    home.config(
        "[shop]\nbase = \"https://api.example.fr\"\nkey = [\"email\"]\n\
         fields = { email = \"email\" }\nsend = { path = \"/leads\" }\n",
    );
    let rows = (0..ROWS).chain([0, ROWS / 2, ROWS - 1]);
    let rows: String = rows.map(|row| format!("a{row}@example.fr\n")).collect();
    home.write("many.csv", format!("E-mail\n{rows}"));
    home
}

const DRY_RUN_OF_MANY: [&str; 7] = [
    "send",
    "--to",
    "shop",
    "--dry-run",
    "--format",
    "json",
    "many.csv",
];

#[test]
fn a_lead_is_found_again_however_far_up_it_stands() {
    let home = very_many();
    let dry = home.run(&DRY_RUN_OF_MANY).expect_code(0);
    let skipped: Vec<&str> = dry.stdout.lines().skip(140_000).collect();
    assert_eq!(skipped.len(), 3);
    for row in skipped {
        assert!(row.contains("the same lead stands further up"), "{row}");
    }
    let others = "140000 ready to be sent, nothing was sent; of the others, 3 leads: 3 skipped";
    assert!(dry.stderr.contains(others), "{}", dry.stderr);
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
fn people_read_who_is_not_sent() {
    let partner = Partner::always(Act::status(200));
    let home = home(&partner);
    let arguments = ["send", "--to", "iciformation", "--dry-run", "leads.csv"];
    let dry = home.run(&arguments).expect_code(3);
    for line in [
        "leads.csv:3  Martin  invalid  E-mail: \"oops\" ",
        "leads.csv:4  Martin  skipped  the same lead stands further up in the input\n",
    ] {
        assert!(dry.stdout.contains(line), "{}", dry.stdout);
    }
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
