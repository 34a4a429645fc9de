//! What a run prints: the fields that scripts read, colours, and what a reader
//! that leaves changes.

use std::process::Stdio;

use crate::common::{Act, Arrived, Home, Outcome, Partner};
use serde_json::json;

pub(super) const LEADS: &str = "Prénom;Nom;E-mail\n\
    Léa;Martin;lea@example.fr\n\
    Camille;Nguyễn;pending@example.fr\n\
    Sean;O’Neil;reject@example.fr\n\
    Léa;Martin;LEA@example.fr\n\
    Inès;Dubois;ines.example\n\
    Paul;Leroy;doubt@example.fr\n\
    Maximilien-Alexandre;de La Rochefoucauld;long@example.fr\n\
    健一;佐藤;jp@example.fr\n\
    Zoé;Blanc;duplicate@example.fr\n";

pub(super) fn answer(arrived: &Arrived) -> Act {
    let body = arrived.json();
    match body["email"].as_str().unwrap_or("").split('@').next() {
        Some("pending") => Act::json(202, r#"{"message":"Dossier reçu,\n\u001b[31mà l'étude"}"#),
        Some("reject") => Act::json(400, r#"{"message":"Ce programme est complet."}"#),
        Some("duplicate") => Act::json(409, r#"{"id":"A-7"}"#),
        Some("doubt") => Act::html(502, "<h1>Bad Gateway</h1>"),
        Some("long") => Act::json(201, r#"{"id":"a-very-long-reference-0123456789"}"#),
        Some("jp") => Act::json(201, r#"{"id":"9"}"#),
        Some("roche") => Act::json(201, r#"{"id":1000}"#),
        _ => Act::json(201, r#"{"id":1001}"#),
    }
}

pub(super) fn home(partner: &Partner) -> Home {
    let home = Home::new();
    home.config(&format!(
        "[acme]\nbase = \"{}\"\nkey = [\"email\"]\njobs = 1\n\
         [acme.fields]\nname = \"last_name\"\nemail = {{ from = \"email\", required = true, format = \"email\" }}\n\
         [acme.send]\npath = \"/leads\"\nmessage = \"/message\"\n\
         rules = [\n\
           {{ when = {{ status = 201, \"/id\" = \"present\" }}, then = \"delivered\", reference = \"/id\" }},\n\
           {{ when = {{ status = 202 }}, then = \"pending\" }},\n\
           {{ when = {{ status = 409 }}, then = \"duplicate\", reference = \"/id\" }},\n\
         ]\n",
        partner.base()
    ));
    home.write("leads.csv", LEADS);
    home
}

fn send(home: &Home, more: &[&str]) -> Outcome {
    let mut arguments = vec!["send", "--to", "acme", "leads.csv"];
    arguments.extend(more);
    home.run(&arguments)
}

#[test]
fn json_has_the_designs_fields_in_their_order() {
    let partner = Partner::start(answer);
    let home = home(&partner);
    let outcome = send(&home, &["--format", "json", "--source", "salon"]).expect_code(4);
    let rows = outcome.rows();
    for row in &rows {
        let names: Vec<&String> = row.as_object().unwrap().keys().collect();
        let designed = [
            "file",
            "line",
            "id",
            "lead",
            "destination",
            "source",
            "state",
            "reason",
            "route",
            "reference",
            "message",
            "status",
            "attempts",
        ];
        assert_eq!(names, designed);
    }
    assert_eq!(
        rows[0],
        json!({
            "file": "leads.csv", "line": 2, "id": 1, "lead": "Léa Martin", "destination": "acme",
            "source": "salon", "state": "delivered", "reason": null, "route": null, "reference": "1001", "message": "",
            "status": 201, "attempts": 1
        })
    );
    // The partner's words, without what would paint the terminal.
    assert_eq!(rows[1]["message"], "Dossier reçu, [31mà l'étude");
    assert_eq!(rows[2]["message"], "Ce programme est complet.");
    // A lead that was in the file twice is the first one.
    assert_eq!(rows[3]["state"], "skipped");
    assert_eq!(rows[3]["reason"], "settled");
    assert_eq!(rows[3]["id"], 1);
    assert_eq!(rows[3]["message"], "the same lead as line 2");
    assert_eq!(rows[3]["reference"], "1001");
    assert_eq!(rows[4]["state"], "invalid");
    assert_eq!(
        (&rows[4]["status"], &rows[4]["attempts"]),
        (&json!(null), &json!(0))
    );
    assert_eq!(rows[4]["reference"], json!(null));
    let lines = outcome.column("line");
    assert_eq!(lines, ["2", "3", "4", "5", "6", "7", "8", "9", "10"]);
}

#[test]
fn csv_has_the_same_fields() {
    let partner = Partner::start(answer);
    let outcome = send(&home(&partner), &["--format", "csv"]);
    let mut reader = csv::Reader::from_reader(outcome.stdout.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!(
        header.iter().collect::<Vec<_>>().join(" "),
        "file line id lead destination source state reason route reference message status attempts"
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 9);
    assert_eq!(&rows[0][6], "delivered");
}

#[test]
fn colour_only_where_it_is_wanted() {
    let partner = Partner::start(answer);
    let escape = '\u{1b}';
    let plain = send(&home(&partner), &[]);
    assert!(
        !plain.stdout.contains(escape) && !plain.stderr.contains(escape),
        "a pipe"
    );
    let always = send(&home(&partner), &["--color", "always"]);
    assert!(always.stdout.contains("\u{1b}[32mdelivered"), "{always:?}");
    assert!(always.stderr.contains(escape), "{always:?}");
    let json = send(&home(&partner), &["--color", "always", "--format", "json"]);
    assert!(!json.stdout.contains(escape), "{json:?}");
}

#[test]
fn quiet_tells_only_what_needs_a_person_and_only_once() {
    let partner = Partner::start(answer);
    let home = home(&partner);
    let first = send(&home, &["--quiet", "--format", "json"]).expect_code(4);
    assert_eq!(first.column("state"), ["rejected", "invalid", "in_doubt"]);
    // What was told is no news, for the exit code too.
    let second = send(&home, &["--quiet", "--format", "json"]).expect_code(0);
    assert!(second.stdout.is_empty(), "{second:?}");
    assert!(second.stderr.is_empty(), "cron mails nothing: {second:?}");
}

/// `leadctl … | head -1`
#[test]
fn a_reader_that_leaves_loses_no_outcome() {
    let partner = Partner::always(Act::json(201, r#"{"id":1}"#));
    let home = home(&partner);
    let mut csv = String::from("E-mail\n");
    for number in 0..200 {
        csv.push_str(&format!("n{number}@example.fr\n"));
    }
    home.write("many.csv", csv);
    let arguments = ["send", "--to", "acme", "--format", "json", "many.csv"];
    let mut child = home
        .command(&arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(0), "{stderr}");
    assert!(
        !stderr.contains("panicked") && !stderr.to_lowercase().contains("pipe"),
        "{stderr}"
    );
    assert_eq!(partner.count(), 200);
    let again = home.run(&arguments).expect_code(0);
    assert!(again.column("state").iter().all(|state| state == "skipped"));
    assert_eq!(partner.count(), 200, "all are recorded");
}

#[cfg(unix)]
mod terminal {
    use super::{Partner, answer, home};
    use rexpect::session::{PtySession, spawn_command};

    const PATIENCE_MS: u64 = 60_000;

    fn on_a_terminal(home: &super::Home, variables: &[(&str, &str)], more: &[&str]) -> PtySession {
        let mut arguments = vec!["send", "--to", "acme", "leads.csv"];
        arguments.extend(more);
        let mut command = home.command(&arguments);
        command
            .env("TERM", "xterm-256color")
            .envs(variables.iter().copied());
        spawn_command(command, Some(PATIENCE_MS)).unwrap()
    }

    #[test]
    fn states_have_their_colours() {
        let partner = Partner::start(answer);
        let home = home(&partner);
        let mut session = on_a_terminal(&home, &[], &["--no-progress"]);
        let shown = session.exp_eof().unwrap();
        for state in [
            "\u{1b}[32mdelivered",
            "\u{1b}[36mpending",
            "\u{1b}[31mrejected",
            "\u{1b}[33min doubt",
        ] {
            assert!(shown.contains(state), "{state:?} in {shown:?}");
        }
    }

    #[test]
    fn no_color_is_honoured() {
        let partner = Partner::start(answer);
        let home = home(&partner);
        let mut session = on_a_terminal(&home, &[("NO_COLOR", "1")], &["--no-progress"]);
        let shown = session.exp_eof().unwrap();
        assert!(shown.contains("delivered"), "{shown:?}");
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}
