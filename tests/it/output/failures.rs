//! What goes wrong before and beside the leads, told so that a person knows
//! what to do next; and secrets, which are never told.

use std::fs;
use std::path::Path;

use crate::common::{Act, Home, Outcome, Partner};

const LEAD: &str = "Nom;E-mail\nMartin;a@example.fr\n";

fn send(home: &Home, to: &str) -> Outcome {
    home.run_with(&["send", "--to", to, "-"], LEAD)
}

/// Exit 2 with these words on stderr, nothing on stdout.
#[track_caller]
fn told(outcome: &Outcome, words: &[&str]) {
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stdout.is_empty(), "{outcome:?}");
    for word in words {
        assert!(
            outcome.stderr.contains(word),
            "{word:?} in {}",
            outcome.stderr
        );
    }
}

/// A user's file that can't be used, and what is said of it.
#[track_caller]
fn mistake(text: &str, words: &[&str]) {
    let home = Home::new();
    home.config(text);
    let outcome = send(&home, "acme");
    told(&outcome, words);
    // All of it for people: no debug forms, no chains of causes.
    for ugly in ["Some(", "Error {", "Caused by", "panicked", "unwrap"] {
        assert!(!outcome.stderr.contains(ugly), "{}", outcome.stderr);
    }
}

#[test]
fn a_wrong_destination_proposes_the_near_name() {
    let home = Home::new();
    told(
        &send(&home, "hubspt"),
        &["no destination \"hubspt\"", "did you mean hubspot?"],
    );
    told(&send(&home, "ad-lead"), &["did you mean adlead?"]);
    told(
        &send(&home, "zzz"),
        &["the destinations are: adlead, companeo", "leadctl partners"],
    );
    home.config("[villa-rosa]\nextends = \"adlead\"\n");
    told(&send(&home, "villarosa"), &["did you mean villa-rosa?"]);
}

#[test]
fn a_missing_secret_names_its_variable() {
    let mut home = Home::new();
    for (to, variable) in [
        ("adlead", "ADLEAD_API_KEY"),
        ("companeo", "COMPANEO_TOKEN"),
        ("hubspot", "HUBSPOT_TOKEN"),
    ] {
        told(&send(&home, to), &[variable, "is not set", "--sandbox"]);
    }
    home.set("HUBSPOT_TOKEN", "  ");
    told(&send(&home, "hubspot"), &["is empty", "HUBSPOT_TOKEN"]);
    home.config("[hubspot]\nauth.bearer = { file = \"missing.token\" }\n");
    told(
        &send(&home, "hubspot"),
        &["missing.token", "there is no such file"],
    );
    home.config("[hubspot]\nauth.bearer = { command = [\"false\"] }\n");
    told(&send(&home, "hubspot"), &["`false`", "failed"]);
}

#[test]
fn a_missing_address_says_what_to_write() {
    let home = Home::new();
    told(&send(&home, "maarch"), &["[maarch]", "base = \"https://"]);
    told(&send(&home, "iciformation"), &["leadctl init iciformation"]);
}

#[test]
fn a_mistake_in_the_toml_shows_its_line_and_the_key_that_was_meant() {
    mistake(
        "[acme]\nbsae = \"x\"\n",
        &["partners.toml:2", "bsae", "did you mean `base`?"],
    );
    mistake(
        "[acme]\nbase = \"https://x.example.fr\"\nkey = [\"email\"]\n\n[acme.fields]\nnom = { form = \"last_name\" }\n",
        &["partners.toml:6", "did you mean `from`?"],
    );
    mistake(
        "[acme]\nkey = [\"emial\"]\nfields = { e = \"email\" }\nsend = { path = \"/\" }\n",
        &["partners.toml:2", "\"emial\"", "did you mean \"email\"?"],
    );
    mistake(
        "[acme.send]\npath = \"/\"\nrules = [{ when = { status = 200 }, then = \"deliverd\" }]\n",
        &[
            "partners.toml:3",
            "\"deliverd\"",
            "did you mean \"delivered\"?",
        ],
    );
    mistake("[acme\n", &["partners.toml:1"]);
    mistake(
        "[acme.fields]\nzip = { from = \"zip\", pattern = '/^[0-9/' }\n",
        &["partners.toml:2"],
    );
    mistake(
        "[acme]\nextends = \"hubspto\"\n",
        &["partners.toml:2", "hubspto", "hubspot"],
    );
}

#[test]
fn every_mistake_is_told_at_once() {
    mistake(
        "[acme]\nbsae = \"x\"\n[acme.send]\npaht = \"/\"\nrules = [{ when = {}, then = \"ok\" }]\n",
        &[
            "partners.toml:2",
            "partners.toml:4",
            "partners.toml:5",
            "mistakes",
        ],
    );
}

#[test]
fn a_secret_is_never_written_in_the_file() {
    let home = Home::new();
    home.config("[acme]\nauth.bearer = \"pat-eu1-0123-abcd\"\n");
    let outcome = send(&home, "acme");
    told(&outcome, &["partners.toml:2", "secret is never written"]);
    assert!(!outcome.stderr.contains("pat-eu1"), "{outcome:?}");
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    mistake(
        "[acme]\nbase = \"http://api.example.fr\"\n",
        &["partners.toml:2", "https://", "http://api.example.fr"],
    );
    mistake(
        "[acme]\nbase = \"http://127.0.0.1.example.fr\"\n",
        &["https://"],
    );
}

#[test]
fn a_destination_without_a_key_proposes_one() {
    mistake(
        "[acme]\nbase = \"https://a.example.fr\"\nfields = { e = \"email\", t = \"phone\" }\nsend = { path = \"/\" }\n",
        &["names no key", "key = [\"email\", \"phone\"]"],
    );
}

#[test]
fn a_changed_key_is_noticed() {
    let partner = Partner::always(Act::status(200));
    let home = Home::new();
    let config = |key: &str| {
        home.config(&format!(
            "[acme]\nbase = \"{}\"\nkey = [{key}]\nfields = {{ e = \"email\", n = \"last_name\" }}\n\
             send = {{ path = \"/\", rules = [{{ when = {{ status = 200 }}, then = \"delivered\" }}] }}\n",
            partner.base()
        ));
    };
    config("\"email\"");
    send(&home, "acme").expect_code(0);
    config("\"email\", \"last_name\"");
    told(
        &send(&home, "acme"),
        &["the key of acme was \"email\"", "--accept-new-key"],
    );
    let accepted = home.run_with(&["send", "--to", "acme", "--accept-new-key", "-"], LEAD);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    assert_eq!(
        partner.count(),
        1,
        "what was sent under the old key still counts"
    );
}

#[test]
fn a_misspelt_set_is_no_silent_nothing() {
    let home = Home::new();
    let outcome = home.run_with(
        &["send", "--to", "adlead", "--default", "progam=1", "-"],
        LEAD,
    );
    told(&outcome, &["progam", "did you mean program?"]);
}

#[test]
fn redirects_are_never_followed_and_no_key_leaves_for_another_host() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Partner::always(Act::json(201, r#"{"success":true,"data":{"id":1}}"#));
        let partner = Partner::always(Act::redirect(status, &elsewhere.base()));
        let mut home = Home::new();
        home.set("ADLEAD_API_KEY", "sesame");
        home.config(&format!("[adlead]\nbase = \"{}\"\n", partner.base()));
        let lead = r#"{"tenant":"t","program":"1","last_name":"A","first_name":"B","email":"a@example.fr","phone":"0639980001"}"#;
        let outcome = home
            .run_with(&["send", "--to", "adlead", "--format", "json", "-"], lead)
            .expect_code(4);
        assert_eq!(outcome.column("state"), ["in_doubt"]);
        assert_eq!(
            (partner.count(), elsewhere.connections()),
            (1, 0),
            "{status}"
        );
    }
}

/// No file under the home and no output holds any of these.
#[track_caller]
fn nowhere(home: &Home, outcomes: &[&Outcome], secrets: &[&str]) {
    fn walk(folder: &Path, secrets: &[&str]) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, secrets);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            for secret in secrets {
                let found = bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes());
                assert!(!found, "{secret} in {}", path.display());
            }
        }
    }
    walk(home.path(), secrets);
    for outcome in outcomes {
        for secret in secrets {
            assert!(!outcome.stdout.contains(secret), "{secret} in {outcome:?}");
            assert!(!outcome.stderr.contains(secret), "{secret} in {outcome:?}");
        }
    }
}

#[test]
fn secrets_are_in_no_output_and_in_no_file() {
    // Even where the partner repeats what it was given.
    let echo = |arrived: &crate::common::Arrived| {
        let given = arrived.header("authorization").unwrap_or_default();
        let status = match arrived.number {
            0 => 401,
            1 => 500,
            _ => 400,
        };
        Act::json(status, &format!(r#"{{"errors":"refused: {given}"}}"#))
    };
    let partner = Partner::start(echo);
    let mut home = Home::new();
    home.set("MAARCH_PASSWORD", "sesame-ouvre-toi");
    home.config(&format!(
        "[maarch]\nbase = \"{}\"\njobs = 1\n",
        partner.base()
    ));
    let mut outcomes = Vec::new();
    for format in ["json", "table", "csv"] {
        let lead = format!("Nom;E-mail\nMartin;{format}@example.fr\n");
        let arguments = ["send", "--to", "maarch", "--format", format, "-"];
        outcomes.push(home.run_with(&arguments, lead));
    }
    let dry = ["send", "--to", "maarch", "--dry-run", "-"];
    outcomes.push(home.run_with(&dry, LEAD));
    assert_eq!(partner.count(), 3);
    // leadctl:sesame-ouvre-toi
    let encoded = "bGVhZGN0bDpzZXNhbWUtb3V2cmUtdG9p";
    assert!(
        partner.arrived()[0]
            .header("authorization")
            .unwrap()
            .ends_with(encoded),
        "the test looks for the right thing"
    );
    nowhere(
        &home,
        &outcomes.iter().collect::<Vec<_>>(),
        &["sesame-ouvre-toi", encoded],
    );

    let partner = Partner::start(|arrived| {
        let given = arrived.header("x-api-key").unwrap_or_default();
        Act::json(
            422,
            &format!(r#"{{"success":false,"message":"clé {given}","errors":null}}"#),
        )
    });
    let mut home = Home::new();
    home.set("ADLEAD_API_KEY", "sesame-ouvre-toi");
    home.config(&format!("[adlead]\nbase = \"{}\"\n", partner.base()));
    let lead = r#"{"tenant":"t","program":"1","last_name":"A","first_name":"B","email":"a@example.fr","phone":"0639980001"}"#;
    let outcome = home.run_with(&["send", "--to", "adlead", "--format", "json", "-"], lead);
    assert_eq!(outcome.column("state"), ["rejected"]);
    nowhere(&home, &[&outcome], &["sesame-ouvre-toi"]);
}
