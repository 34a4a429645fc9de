//! A lead's own UUID: the same as long as a partner may have the lead, another one
//! once it surely hasn't; and what it takes no part in.

use super::{DONE, hook, text};
use crate::common::{Act, Arrived, Home, Outcome, Partner};

const WORDS: &str = "headers = { Idempotency-Key = { template = \"{lead_uuid}\" } }";
const FIELDS: &str = "email = { from = \"email\", format = \"email\" }\nref = { template = \"{lead_uuid}\" }\nat = { template = \"{now} {file} {line}\" }";

fn desk(partner: &Partner, more: &str) -> Home {
    let home = hook(partner, &format!("{WORDS}\n{more}"), FIELDS, "path = \"/\"");
    home.write("leads.csv", "E-mail\na@example.fr\n");
    home
}

fn run(home: &Home, arguments: &[&str]) -> Outcome {
    let mut all = vec![arguments[0], "--to", "hook", "--format", "json"];
    all.extend(&arguments[1..]);
    home.run(&all)
}

/// The key of each request; the body holds the same.
fn keys(arrived: &[Arrived]) -> Vec<String> {
    let key = |arrived: &Arrived| {
        let key = arrived.header("idempotency-key").expect("a key").to_owned();
        assert_eq!(arrived.json()["ref"], key.as_str());
        assert_eq!((key.len(), &key[14..15]), (36, "4"), "{key}");
        key
    };
    arrived.iter().map(key).collect()
}

#[test]
fn it_is_the_same_at_each_try_and_after_each_start() {
    let busy = || Act::status(503);
    let partner = Partner::playing(vec![busy(), busy(), busy(), Act::json(201, DONE)]);
    let home = desk(&partner, "");
    // Two tries, then one, and an answer: three runs.
    assert_eq!(
        run(&home, &["send", "leads.csv"]).column("state"),
        ["failed"]
    );
    home.write("again.csv", "Nom;E-mail\n;x\nMartin;a@example.fr\n");
    run(&home, &["resend", "--state", "failed"]).expect_code(0);
    let keys = keys(&partner.arrived());
    assert_eq!(keys.len(), 4);
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    // Tries of one run are the same to the byte.
    let arrived = partner.arrived();
    assert_eq!(text(&arrived[0]), text(&arrived[1]));
}

#[test]
fn a_refusal_and_a_persons_word_begin_anew() {
    let partner = Partner::playing(vec![
        Act::json(400, "{}"),
        Act::json(201, DONE),
        Act::json(201, DONE),
    ]);
    let home = desk(&partner, "");
    assert_eq!(
        run(&home, &["send", "leads.csv"]).column("state"),
        ["rejected"]
    );
    // Another file, line and moment make no other lead: what is sent is the same.
    home.write("again.csv", "Nom;E-mail\nMartin;b\nMartin;a@example.fr\n");
    let again = run(&home, &["send", "again.csv"]);
    assert_eq!(again.column("state"), ["invalid", "skipped"], "{again:#?}");
    assert_eq!(partner.count(), 1);
    run(&home, &["resend", "1"]).expect_code(0);
    run(&home, &["resend", "1", "--force", "--note", "they lost it"]).expect_code(0);
    let mut keys = keys(&partner.arrived());
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
}

#[test]
fn what_follow_repeats_is_the_same_to_the_byte() {
    let partner = Partner::playing(vec![Act::Close, Act::Close, Act::json(201, DONE)]);
    let home = desk(
        &partner,
        "safe_to_repeat = true\n[hook.follow]\npath = \"/{reference}\"\nrules = [{ when = { status = 200 }, then = \"approved\" }]",
    );
    assert_eq!(
        run(&home, &["send", "leads.csv"]).column("state"),
        ["in_doubt"]
    );
    let followed = run(&home, &["follow"]).expect_code(0);
    assert_eq!(followed.column("state"), ["delivered"]);
    let arrived = partner.arrived();
    assert_eq!(keys(&arrived)[0], keys(&arrived)[2]);
    assert_eq!(text(&arrived[0]), text(&arrived[2]));
}

#[test]
fn two_leads_have_two_and_a_dry_run_has_none() {
    let partner = super::willing();
    let home = desk(&partner, "");
    home.write("two.csv", "E-mail\na@example.fr\nb@example.fr\n");
    let dry = run(&home, &["send", "--dry-run", "two.csv"]).expect_code(0);
    let shown = &dry.rows()[0]["request"]["body"]["ref"];
    assert_eq!(shown, "00000000-0000-4000-8000-000000000000");
    run(&home, &["send", "two.csv"]).expect_code(0);
    let keys = keys(&partner.arrived());
    assert_ne!(keys[0], keys[1]);
    assert!(keys.iter().all(|key| shown != key.as_str()));
}
