//! Tokens of OAuth 2: one for all, renewed before its end and once after a refusal;
//! a grant that is refused stops the run; a changed refresh token is kept or told.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Mutex;

use super::{SECRET, hides, traces};
use crate::common::desk::{Desk, HASTY, taken};
use crate::common::{Act, Arrived, Gate, Partner};

/// What the address that gives tokens got, as names and values.
fn form(arrived: &Arrived) -> Vec<(String, String)> {
    form_urlencoded::parse(&arrived.body).into_owned().collect()
}

fn value(arrived: &Arrived, name: &str) -> Option<String> {
    let mut form = form(arrived).into_iter();
    form.find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

fn token(number: usize, expires_in: &str) -> Act {
    Act::json(
        200,
        &format!(r#"{{"access_token":"t0ken-number-{number}","token_type":"Bearer"{expires_in}}}"#),
    )
}

/// Gives tokens, numbered from 0.
fn giver(expires_in: &'static str) -> Partner {
    Partner::start(move |arrived| token(arrived.number, expires_in))
}

const CLIENT: &str = "grant = \"client_credentials\", client_id = \"DESK_CLIENT\", secret = \"DESK_SECRET\", scope = \"leads write\"";

/// A desk that fetches its tokens there.
fn desk(partner: &Partner, giver: &Partner, words: &str, more: &str) -> Desk {
    let auth = format!(
        "{more}auth.oauth2 = {{ token = \"{}/token\", {words} }}\n",
        giver.base()
    );
    let mut desk = Desk::with(&partner.base(), &auth, "");
    desk.home
        .set("DESK_CLIENT", "desk-client")
        .set("DESK_SECRET", SECRET);
    desk
}

fn tokens(partner: &Partner) -> Vec<String> {
    let arrived = partner.arrived();
    let header = |one: &Arrived| one.header("authorization").unwrap_or_default().to_owned();
    arrived.iter().map(header).collect()
}

#[test]
fn one_token_serves_all_workers_and_is_nowhere_to_be_seen() {
    let (partner, giver) = (Partner::start(taken), giver(",\"expires_in\":3600"));
    let desk = desk(&partner, &giver, CLIENT, "jobs = 8\nbackoff = \"1ms\"\n");
    let file = desk.export("leads.csv", 1, 40);
    // A dry run fetches nothing.
    let dry = desk.send(&["--dry-run", &file]).expect_code(0);
    assert_eq!(
        dry.rows()[0]["request"]["headers"]["Authorization"],
        "Bearer ***"
    );
    assert_eq!(giver.connections(), 0);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(giver.count(), 1);
    assert_eq!(partner.count(), 40);
    assert!(
        tokens(&partner)
            .iter()
            .all(|it| it == "Bearer t0ken-number-0")
    );
    let asked = &giver.arrived()[0];
    assert_eq!(
        asked.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    for (name, expected) in [
        ("grant_type", "client_credentials"),
        ("scope", "leads write"),
        ("client_id", "desk-client"),
        ("client_secret", SECRET),
    ] {
        assert_eq!(value(asked, name).as_deref(), Some(expected), "{name}");
    }
    let all = traces(&desk, &run);
    hides(&all, SECRET);
    hides(&all, "t0ken-number-0");
    // Neither goes where the other belongs.
    assert!(asked.header("authorization").is_none());
    let leads: Vec<u8> = partner
        .arrived()
        .into_iter()
        .flat_map(|it| it.body)
        .collect();
    hides(&leads, SECRET);
}

#[test]
fn a_token_that_ends_is_renewed_before_the_next_lead() {
    let (partner, giver) = (Partner::start(taken), giver(",\"expires_in\":\"0\""));
    let desk = desk(&partner, &giver, CLIENT, HASTY);
    let file = desk.export("leads.csv", 1, 3);
    desk.send(&[&file]).expect_code(0);
    let expected = [
        "Bearer t0ken-number-0",
        "Bearer t0ken-number-1",
        "Bearer t0ken-number-2",
    ];
    assert_eq!(tokens(&partner), expected);
}

#[test]
fn a_401_in_the_midst_costs_one_more_token_and_no_lead() {
    // Every token is refused from its third use on.
    let uses = Mutex::new(std::collections::HashMap::<String, u32>::new());
    let partner = Partner::start(move |arrived| {
        let token = arrived
            .header("authorization")
            .unwrap_or_default()
            .to_owned();
        let mut uses = uses.lock().unwrap();
        let count = uses.entry(token).or_default();
        *count += 1;
        match *count > 3 {
            true => Act::json(401, r#"{"message":"expired"}"#),
            false => taken(arrived),
        }
    });
    let giver = giver("");
    // One try alone: another token is no second try of ours.
    let words = "jobs = 1\ntries = 1\npace = \"1000/s\"\n";
    let desk = desk(&partner, &giver, CLIENT, words);
    let file = desk.export("leads.csv", 1, 10);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), vec!["delivered"; 10]);
    assert_eq!(giver.count(), 4);
    assert_eq!(partner.count(), 13);
    assert_eq!(desk.states(), vec!["delivered"; 10]);
}

#[test]
fn workers_that_meet_the_same_401_renew_it_once() {
    let partner = Partner::start(|arrived| match arrived.header("authorization") {
        Some("Bearer t0ken-number-0") if arrived.number >= 4 => Act::json(401, "{}"),
        _ => taken(arrived),
    });
    let giver = giver("");
    let desk = desk(&partner, &giver, CLIENT, "jobs = 4\nbackoff = \"1ms\"\n");
    let file = desk.export("leads.csv", 1, 40);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), vec!["delivered"; 40]);
    assert_eq!(giver.count(), 2);
}

#[test]
fn a_401_to_a_fresh_token_stops_the_run() {
    let partner = Partner::always(Act::json(401, r#"{"message":"not yours"}"#));
    let giver = giver("");
    let desk = desk(&partner, &giver, CLIENT, HASTY);
    let file = desk.export("leads.csv", 1, 3);
    let run = desk.send(&[&file]).expect_code(2);
    assert_eq!(run.column("state"), ["failed", "unsent", "unsent"]);
    // The first one was renewed once.
    assert_eq!((giver.count(), partner.count()), (2, 2));
}

#[test]
fn a_refused_grant_stops_the_run_in_a_persons_words() {
    for (status, body, words) in [
        (
            401,
            r#"{"error":"invalid_client"}"#,
            "`client_id` and `secret` of auth.oauth2",
        ),
        (
            400,
            r#"{"error":"invalid_scope","error_description":"no leads for Zq7/Rk42 vTp&Lw9"}"#,
            "\"no leads for ***\": it does not give this `scope`",
        ),
        (
            400,
            r#"{"error":"unauthorized_client"}"#,
            "`grant` of auth.oauth2",
        ),
        (200, r#"{"error":"Access Denied"}"#, "\"Access Denied\""),
        (200, "<html>", "there is no access_token in it"),
        (404, "", "nothing gives tokens there"),
        (302, "", "redirect, which is not followed"),
    ] {
        let partner = Partner::start(taken);
        let elsewhere = Partner::always(token(7, ""));
        let act = Act::json(status, body).with_header("location", &elsewhere.base());
        let giver = Partner::always(act);
        let desk = desk(&partner, &giver, CLIENT, HASTY);
        let file = desk.export("leads.csv", 1, 2);
        let run = desk.send(&[&file]).expect_code(2);
        assert_eq!(run.column("state"), ["failed", "unsent"]);
        let host = giver.address().to_string();
        assert!(
            run.stderr
                .contains(&format!("no access token could be had from {host}")),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        assert_eq!((partner.connections(), elsewhere.connections()), (0, 0));
        hides(&traces(&desk, &run), SECRET);
        let states = desk.states();
        assert_eq!(states, ["failed", "unsent"]);
    }
}

#[test]
fn who_gives_no_token_now_is_asked_again_and_nothing_is_in_doubt() {
    let partner = Partner::start(taken);
    let giver = Partner::start(|arrived| match arrived.number {
        0 => Act::status(503),
        1 => Act::Reset,
        number => token(number, ""),
    });
    let words = "jobs = 1\ntries = 4\nbackoff = \"1ms\"\n";
    let desk = desk(&partner, &giver, CLIENT, words);
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "delivered"]);
    assert_eq!((giver.count(), partner.count()), (3, 2));
    // And one that never does stops it, to be run again.
    let giver = Partner::always(Act::GiantBody { bytes: 200_000 });
    let desk = self::desk(&partner, &giver, CLIENT, HASTY);
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.send(&[&file]).expect_code(5);
    assert_eq!(run.column("state"), ["failed", "unsent"]);
    assert!(
        run.stderr.contains("answered more than 64 kB"),
        "{}",
        run.stderr
    );
    assert_eq!(partner.count(), 2);
}

#[test]
fn a_server_that_wants_the_client_in_a_header_gets_it_there() {
    let partner = Partner::start(taken);
    let giver = Partner::start(|arrived| match arrived.header("authorization") {
        Some("Basic ZGVzay1jbGllbnQ6WnE3JTJGUms0MiUyMHZUcCUyNkx3OQ==") => token(1, ""),
        _ => Act::json(401, r#"{"error":"invalid_client"}"#),
    });
    let desk = desk(&partner, &giver, CLIENT, HASTY);
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(giver.count(), 2);
    assert_eq!(value(&giver.arrived()[1], "client_secret"), None);
}

const REFRESH: &str = "grant = \"refresh_token\", client_id = \"DESK_CLIENT\", scheme = \"Zoho-oauthtoken\", refresh = ";

#[test]
fn a_changed_refresh_token_is_written_where_it_is_kept() {
    let partner = Partner::start(taken);
    let giver = Partner::start(|arrived| {
        let number = arrived.number;
        Act::json(
            200,
            &format!(
                r#"{{"access_token":"t0ken-number-{number}","expires_in":0,"refresh_token":"refresh-{number}"}}"#
            ),
        )
    });
    let words = format!("{REFRESH}{{ file = \"kept.secret\" }}");
    let desk = desk(&partner, &giver, &words, HASTY);
    let path = desk
        .home
        .write("kept.secret", "refresh-first\n# from their console\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.send(&[&file]).expect_code(0);
    let sent: Vec<_> = giver
        .arrived()
        .iter()
        .map(|it| value(it, "refresh_token"))
        .collect();
    let expected = [
        Some("refresh-first".to_owned()),
        Some("refresh-0".to_owned()),
    ];
    assert_eq!(sent, expected);
    assert_eq!(tokens(&partner)[0], "Zoho-oauthtoken t0ken-number-0");
    assert_eq!(
        desk.home.read("kept.secret"),
        "refresh-1\n# from their console\n"
    );
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!run.stderr.contains("refresh token"), "{}", run.stderr);
    hides(&traces(&desk, &run), "refresh-1");
}

#[test]
fn a_changed_refresh_token_that_cannot_be_kept_is_told_and_not_printed() {
    let partner = Partner::start(taken);
    let giver = Partner::always(Act::json(
        200,
        r#"{"access_token":"t0ken","refresh_token":"refresh-new"}"#,
    ));
    let words = format!("{REFRESH}\"DESK_REFRESH\"");
    let mut desk = desk(&partner, &giver, &words, HASTY);
    desk.home.set("DESK_REFRESH", "refresh-old");
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.send(&[&file]).expect_code(0);
    let told = "a new refresh token in place of the one in the environment variable DESK_REFRESH";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    hides(&traces(&desk, &run), "refresh-new");
    hides(&traces(&desk, &run), "refresh-old");
}

#[test]
fn a_refresh_token_that_another_run_changed_is_read_again() {
    let partner = Partner::start(taken);
    let folder = Mutex::new(None::<std::path::PathBuf>);
    let folder = std::sync::Arc::new(folder);
    let kept = std::sync::Arc::clone(&folder);
    let giver = Partner::start(
        move |arrived| match value(arrived, "refresh_token").as_deref() {
            Some("refresh-two") => token(1, ""),
            _ => {
                let path = kept.lock().unwrap().clone().unwrap();
                fs::write(path, "refresh-two").unwrap();
                Act::json(400, r#"{"error":"invalid_grant"}"#)
            }
        },
    );
    let words = format!("{REFRESH}{{ file = \"kept.secret\" }}");
    let desk = desk(&partner, &giver, &words, HASTY);
    let path = desk.home.write("kept.secret", "refresh-one");
    *folder.lock().unwrap() = Some(path);
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(giver.count(), 2);
}

#[test]
fn a_refresh_token_that_is_worn_out_says_what_to_do() {
    let partner = Partner::start(taken);
    let giver = Partner::always(Act::json(400, r#"{"error":"invalid_grant"}"#));
    let words = format!("{REFRESH}\"DESK_REFRESH\"");
    let mut desk = desk(&partner, &giver, &words, HASTY);
    desk.home.set("DESK_REFRESH", "refresh-old");
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.send(&[&file]).expect_code(2);
    assert!(
        run.stderr.contains("ask the partner for a new one"),
        "{}",
        run.stderr
    );
}

#[test]
fn check_online_proves_the_grant() {
    let partner = Partner::always(Act::json(200, "{}"));
    let online = "[desk.online]\npath = \"/me\"\nrules = [{ when = { status = 200 }, then = \"delivered\" }]\n";
    for (giver, code) in [
        (giver(""), 0),
        (
            Partner::always(Act::json(401, r#"{"error":"invalid_client"}"#)),
            2,
        ),
    ] {
        let desk = desk(&partner, &giver, CLIENT, HASTY);
        let config = desk.home.read("partners.toml");
        desk.home.config(&format!("{config}{online}"));
        let check = desk
            .home
            .run(&["check", "--to", "desk", "--online"])
            .expect_code(code);
        let all = check.stdout + &check.stderr;
        let words = if code == 0 {
            "credentials are right"
        } else {
            "no access token"
        };
        assert!(all.contains(words), "{all}");
    }
}

#[test]
fn a_run_that_is_killed_while_it_waits_for_a_token_leaves_no_doubt() {
    let (partner, gate) = (Partner::start(taken), Gate::new());
    let held = gate.clone();
    let giver = Partner::start(move |arrived| token(arrived.number, "").held(&held));
    let desk = desk(&partner, &giver, CLIENT, HASTY);
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    desk.await_state("unsent", 2);
    run.kill();
    gate.release();
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "delivered"]);
    assert_eq!(partner.count(), 2);
}

/// Asks about its leads, and lists them.
const QUESTIONS: &str = r#"
[desk.follow]
path  = "/leads/{reference}"
rules = [{ when = { "/state" = "ok" }, then = "approved" }]
[desk.list]
path  = "/leads"
page  = "page"
items = "/data"
last  = "/last"
id    = "/id"
rules = [{ when = { status = 200 }, then = "delivered" }]
"#;

#[test]
fn questions_and_lists_get_another_token_too() {
    // Each token is good for one call.
    let used = Mutex::new(String::new());
    let partner = Partner::start(move |arrived| {
        let token = arrived.header("authorization").unwrap_or_default();
        let mut used = used.lock().unwrap();
        if *used == token {
            return Act::json(401, "{}");
        }
        *used = token.to_owned();
        Act::json(
            if arrived.method == "POST" { 202 } else { 200 },
            match &*arrived.target {
                "/leads/5" => r#"{"state":"ok"}"#,
                "/leads?page=1" => r#"{"data":[{"id":"5"}],"last":2}"#,
                "/leads?page=2" => r#"{"data":[{"id":"6"}],"last":2}"#,
                _ => r#"{"id":"5"}"#,
            },
        )
    });
    let giver = giver("");
    let desk = desk(&partner, &giver, CLIENT, HASTY);
    let pending = "rules = [{ when = { status = 202 }, then = \"pending\", reference = \"/id\" },";
    let config = desk
        .home
        .read("partners.toml")
        .replace("rules = [", pending);
    desk.home.config(&format!("{config}{QUESTIONS}"));
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(0);
    let list = ["list", "--to", "desk", "--format", "json"];
    let list = desk.home.run(&list).expect_code(0);
    assert_eq!(list.rows().len(), 2, "{}", list.stdout);
    assert!(list.rows()[0]["ours"].is_number(), "{}", list.stdout);
    desk.home.run(&["follow"]).expect_code(0);
    assert_eq!(desk.states(), ["approved", "approved"]);
}
