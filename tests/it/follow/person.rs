//! Leads in doubt whose partner can be asked whether it has the person.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use crate::common::following::{follow, moment, posted};
use crate::common::{Act, Arrived, Home, Outcome, Partner};

/// What the partner has: an e-mail, and when that came to be.
type Contacts = Arc<Mutex<BTreeMap<String, String>>>;

const RULES: &str = r#"
key = ["email"]
backoff = "1ms"
tries = 2
stop_after_doubts = 0
fields = { email = "email", name = "last_name" }
[crm.send]
path = "/contacts"
rules = [{ when = { status = 201 }, then = "delivered", reference = "/id" }]
[crm.find]
path = "/contacts?email={email}"
created = "/created_at"
echo = { "/email" = "email" }
rules = [
  { when = { status = 200, "/id" = "present" }, then = "delivered", reference = "/id" },
  { when = { status = 404 }, then = "not_processed" },
]
"#;

fn home(partner: &Partner, rules: &str) -> Home {
    let home = Home::new();
    home.config(&format!("[crm]\nbase = \"{}\"\n{rules}", partner.base()));
    home
}

fn send(home: &Home, emails: &[&str]) -> Outcome {
    let mut export = "email;nom\n".to_owned();
    for email in emails {
        export.push_str(&format!("{email};Martin\n"));
    }
    home.run_with(&["send", "--to", "crm", "--json"], export)
}

fn email_of(arrived: &Arrived) -> String {
    match arrived.method.as_str() {
        "POST" => arrived.json()["email"].as_str().unwrap_or("").to_owned(),
        _ => {
            let asked = arrived.target.rsplit_once("email=").map(|(_, email)| email);
            asked.unwrap_or("").replace("%40", "@")
        }
    }
}

fn found(id: &str, email: &str, created: &str) -> Act {
    let body = json!({"id": id, "email": email, "created_at": created});
    Act::json(200, &body.to_string())
}

/// Keeps whoever's name begins with `kept`, and loses every answer to a post.
fn losing(contacts: &Contacts) -> Partner {
    let contacts = Arc::clone(contacts);
    Partner::start(move |arrived| {
        let mut contacts = contacts.lock().unwrap_or_else(PoisonError::into_inner);
        let email = email_of(arrived);
        if arrived.method == "POST" {
            if email.starts_with("kept") {
                contacts.entry(email).or_insert_with(|| moment(0));
            }
            return Act::Reset;
        }
        match contacts.get(&email) {
            Some(created) => found(&format!("c-{email}"), &email, created),
            None => Act::status(404),
        }
    })
}

#[test]
fn the_partner_says_whether_it_has_the_person() {
    let contacts = Contacts::default();
    let old = ("kept.old@example.fr".to_owned(), moment(-3 * 86_400));
    contacts.lock().unwrap().extend([old]);
    let partner = losing(&contacts);
    let home = home(&partner, RULES);
    let people = [
        "kept.lea@example.fr",
        "lost.tom@example.fr",
        "kept.old@example.fr",
    ];
    send(&home, &people).expect_code(4);
    let run = follow(&home, &["--to", "crm"]);
    assert_eq!(run.column("state"), ["delivered", "failed", "duplicate"]);
    assert_eq!(
        run.column("reference"),
        ["c-kept.lea@example.fr", "null", "c-kept.old@example.fr"]
    );
    let absent = run.column("message").remove(1);
    assert!(absent.contains("does not have it"), "{absent}");
    assert_eq!(posted(&partner), 3, "asking sends nothing");

    // What is certainly not there is sent by the next run, and nothing else.
    send(&home, &people).expect_code(4);
    let sent: Vec<String> = partner
        .arrived()
        .iter()
        .filter(|arrived| arrived.method == "POST")
        .map(email_of)
        .collect();
    assert_eq!(sent[3..], ["lost.tom@example.fr"]);
}

/// What `follow` makes of one lead in doubt whose partner answers so.
fn followed(rules: &str, answer: Act) -> (String, String) {
    let partner = Partner::start(move |arrived| match arrived.method.as_str() {
        "POST" => Act::Close,
        _ => answer.clone(),
    });
    let home = home(&partner, rules);
    send(&home, &["lea@example.fr"]).expect_code(4);
    let run = follow(&home, &["--to", "crm"]);
    assert_eq!(posted(&partner), 1);
    (
        run.column("state").remove(0),
        run.column("message").remove(0),
    )
}

#[test]
fn an_answer_that_proves_nothing_leaves_the_doubt() {
    let email = "lea@example.fr";
    let no_proof = RULES.replace("then = \"not_processed\"", "then = \"in_doubt\"");
    let silent = RULES.replace(
        "  { when = { status = 404 }, then = \"not_processed\" },\n",
        "",
    );
    for (rules, answer) in [
        (RULES, found("7", email, "soon")),
        (RULES, found("7", "paul@example.fr", &moment(0))),
        (RULES, Act::status(500)),
        (RULES, Act::Close),
        (RULES, Act::json(200, "{}")),
        (no_proof.as_str(), Act::status(404)),
        (silent.as_str(), Act::status(404)),
    ] {
        let (state, message) = followed(rules, answer);
        assert_eq!(state, "in_doubt", "{message}");
        assert!(
            message.contains("leadctl resolve 1 --delivered"),
            "{message}"
        );
    }
    // A number is a moment too.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_secs()).to_string();
    assert_eq!(followed(RULES, found("7", email, &now)).0, "delivered");
    assert_eq!(
        followed(RULES, found("7", email, "1600000000")).0,
        "duplicate"
    );
}

#[test]
fn one_contact_settles_one_lead() {
    let contacts = Contacts::default();
    let partner = losing(&contacts);
    let rules = RULES.replace("key = [\"email\"]", "key = [\"email\", \"course\"]");
    let home = home(&partner, &rules);
    let export =
        "email;nom;formation\nkept@example.fr;Martin;Anglais\nkept@example.fr;Martin;Excel\n";
    home.run_with(&["send", "--to", "crm"], export)
        .expect_code(4);
    let run = follow(&home, &["--to", "crm"]).expect_code(4);
    assert_eq!(run.column("state"), ["delivered", "in_doubt"]);
    let second = run.column("message").remove(1);
    assert!(
        second.contains("what was found there is lead 1"),
        "{second}"
    );
}

#[test]
fn the_sandbox_is_asked_for_a_person() {
    let home = Home::new();
    let examples = r#"
[[crm.examples]]
status = 201
means = "delivered"
body = '{"id": "17"}'
[[crm.examples]]
of = "find"
means = "delivered"
body = '{"id": "17", "email": "x@example.fr", "created_at": "2026-01-31T10:00:00Z"}'
[[crm.examples]]
of = "find"
status = 404
means = "not_processed"
"#;
    home.config(&format!(
        "[crm]\nbase = \"https://api.example.fr\"\n{RULES}{examples}"
    ));
    let check = home.run(&["check", "--to", "crm"]);
    assert!(!check.stdout.contains("fails"), "{}", check.stdout);
    let run = home.run_with(
        &["send", "--to", "crm", "--sandbox", "--json"],
        "email;nom\nlea@example.fr;Martin\n",
    );
    assert_eq!(run.expect_code(0).column("state"), ["delivered"]);
}
