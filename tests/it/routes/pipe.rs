//! Two calls for one lead: the first partner's number goes to the second by a pipe. And
//! routes that are given a pipe or a folder.

use super::{Crossing, export, refused, taken};
use crate::common::Act;

/// A second destination, which is told the first one's number.
const DEALS: &str = r#"[deals]
base = "BASE/c"
key = ["email"]
tries = 2
backoff = "1ms"
[deals.fields]
contact = { from = "reference", required = true }
email = "email"
city = { from = "Ville" }
said = { from = "Message" }
[deals.send]
path = "/leads"
rules = [{ when = { status = 201, "/id" = "present" }, then = "delivered", reference = "/id" }]
"#;

#[test]
fn a_person_and_then_the_deal() {
    let crossing = Crossing::new("first = [\"a\", \"b\"]", |to, who, arrived| {
        match (to, super::number(who)) {
            ("a", 2) => refused(),
            _ => taken(arrived),
        }
    });
    let text = crossing.home.read("partners.toml");
    let deals = DEALS.replace("BASE", &crossing.partner.base());
    crossing.home.config(&format!("{text}\n{deals}"));
    let rows = "Nom;E-mail;Ville;Message\nÉtienne;lead1@example.fr;Le Mans;=1+1\n\
        Non;lead2@example.fr;Lyon;\n";
    crossing.home.write("leads.csv", rows);
    crossing
        .run(&["send", "--to", "a", "leads.csv"])
        .expect_code(3);
    let history = [
        "history",
        "--to",
        "a",
        "--state",
        "delivered",
        "--columns",
        "all",
    ];
    let csv = crossing
        .run(&[&history[..], &["--format", "csv"]].concat())
        .expect_code(0);
    let mut lines = csv.stdout.lines();
    assert_eq!(
        lines.next(),
        Some(
            "Nom,E-mail,Ville,Message,reference,leadctl_state,destination,route,sent_at,decided_at"
        )
    );
    assert!(
        lines.next().is_some_and(
            |row| row.starts_with("Étienne,lead1@example.fr,Le Mans,'=1+1,1,delivered,a,,")
        ),
        "{}",
        csv.stdout
    );
    let send = ["send", "--to", "deals", "-"];
    crossing.home.run_with(&send, &csv.stdout).expect_code(0);
    let arrived = crossing.partner.arrived();
    let deal = arrived.last().expect("a deal").json();
    assert_eq!(deal["contact"], "1");
    assert_eq!(deal["city"], "Le Mans");
    // Harmless for a spreadsheet on its way, and as it was when it arrives.
    assert_eq!(deal["said"], "=1+1");
    // Again is nothing new.
    crossing.home.run_with(&send, &csv.stdout).expect_code(0);
    assert_eq!(crossing.partner.count(), 3);

    let json = crossing
        .run(&[&history[..], &["--json"]].concat())
        .expect_code(0);
    assert_eq!(json.rows()[0]["columns"]["Ville"], "Le Mans");
    assert_eq!(json.rows()[0]["reference"], "1");
    let table = crossing.run(&history).expect_code(2);
    assert!(table.stderr.contains("--format csv"), "{}", table.stderr);
}

#[test]
fn a_pipe_is_sent_along_a_route() {
    let crossing = Crossing::new("first = [\"a\", \"b\"]", |to, _, arrived| match to {
        "a" => refused(),
        _ => taken(arrived),
    });
    let send = ["send", "--to", "r", "--json", "-"];
    let run = crossing
        .home
        .run_with(&send, export(&[1, 2]))
        .expect_code(0);
    assert_eq!(run.column("destination"), ["a", "a", "b", "b"]);
    assert_eq!(crossing.got("b"), [1, 2]);
}

#[test]
fn a_folder_is_sent_along_a_route() {
    let crossing = Crossing::new("first = [\"a\", \"b\"]", |to, _, arrived| match to {
        "a" => refused(),
        _ => taken(arrived),
    });
    crossing.home.write("in/one.csv", export(&[1]));
    let send = ["send", "--to", "r", "--json", "--inbox", "in"];
    let mut got = Vec::new();
    // A file is taken once nobody has written it for a moment.
    while got.is_empty() {
        crossing.run(&send).expect_code(0);
        got = crossing.got("b");
    }
    assert_eq!(got, [1]);
    assert!(crossing.home.path().join("in/done/one.csv").exists());
}

#[test]
fn what_a_killed_run_was_piped_is_sent_by_the_next_resend() {
    let gate = crate::common::Gate::new();
    let shut = gate.clone();
    let crossing = Crossing::new("first = [\"a\", \"b\"]", move |to, _, arrived| match to {
        "a" if arrived.number == 0 => Act::Mute.held(&shut),
        "a" => refused(),
        _ => taken(arrived),
    });
    let send = ["send", "--to", "r", "-"];
    let run = crossing.home.start(&send, export(&[1, 2]));
    gate.await_held(1);
    run.kill();
    gate.release();
    // 1 is in doubt at a; 2 was never tried.
    let status = crossing.run(&["status"]).expect_code(4);
    let resend = "resend --to a --state unsent";
    assert!(status.stdout.contains(resend), "{}", status.stdout);
    crossing.run(&["resend", "--to", "r", "--state", "unsent"]);
    assert_eq!(
        (crossing.got("a"), crossing.got("b")),
        (vec![1, 2], vec![2])
    );
}
