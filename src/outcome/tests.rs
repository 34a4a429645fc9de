//! The table of evidence, and rules that overrule it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Judge, Meaning};
use crate::config::Then;
use crate::config::{Catalogue, Destination};
use crate::http::{Answer, CallError, Reply};

const SHOP: &str = r#"
[shop]
base = "https://api.example.fr"
key = ["email"]
rate_headers = { remaining = "X-Left", window_ms = "X-Window" }

[shop.fields]
"data.501" = { from = "headcount", label = "How many are you?" }

[shop.send]
path = "/{program}/leads"
message = ["/message", "/errors/*/*"]
words = { too_old = "this person is too old" }
rules = [
  { when = { status = 429, "/policy" = "DAILY" }, then = "stop_for_now" },
  { when = { status = 429 }, then = "wait", wait = [{ at = "/message", match = 'dans (\d+) secondes' }, "/retry_after"] },
  { when = { "/errors/*/code" = [1, 2] }, then = "stop", blames = [] },
  { when = { "/errors/*/code" = 6 }, then = "rejected", say = "questions are missing", names_fields = "/errors/*/ids" },
  { when = { status = 422 }, then = "rejected", quote = '"why":"((?:[^"\\]|\\.)*)"' },
  { when = { status = 409 }, then = "duplicate", reference = { at = "/message", match = 'Existing ID: (\d+)' } },
  { when = { status = 200, "/ok" = true, "/data/id" = "present" }, then = "pending", reference = "/data/id" },
]

[shop.follow]
path = "/{program}/leads/{reference}"
rules = [{ when = { status = 410 }, then = "rejected" }, { when = { status = 200, "/state" = "no" }, then = "rejected", message = "/why" }, { when = { status = 200 }, then = "approved" }]
"#;

fn shop() -> Destination {
    let catalogue = Catalogue::load(Some(("test.toml", SHOP)));
    let catalogue = catalogue.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    catalogue.get("shop").expect("a shop").clone()
}

fn verdict(reply: &Reply) -> super::Verdict {
    let destination = shop();
    let judge = Judge::new(&destination, &destination.send);
    judge.verdict(reply, now())
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

fn answer(status: u16, body: &str) -> Reply {
    Reply::Replied(Answer {
        status,
        body: body.as_bytes().to_vec(),
        ..Answer::default()
    })
}

fn meaning(status: u16, body: &str) -> Meaning {
    verdict(&answer(status, body)).meaning
}

#[test]
fn the_table_of_evidence_where_no_rule_speaks() {
    let expected = [
        (200, Then::InDoubt),
        (204, Then::InDoubt),
        (301, Then::InDoubt),
        (308, Then::InDoubt),
        (400, Then::Rejected),
        (401, Then::Stop),
        (403, Then::Stop),
        (404, Then::Stop),
        (405, Then::Stop),
        (408, Then::Wait),
        (410, Then::Stop),
        (415, Then::Stop),
        (421, Then::Wait),
        (422, Then::Rejected),
        (425, Then::Wait),
        (500, Then::InDoubt),
        (503, Then::InDoubt),
    ];
    for (status, then) in expected {
        assert_eq!(meaning(status, "<html>"), Meaning::Then(then), "{status}");
    }
    let unsent = verdict(&Reply::Unsent(CallError::ConnectionRefused("there".into())));
    assert_eq!(unsent.meaning, Meaning::Unreachable);
    let unmade = verdict(&Reply::Unmade(CallError::NoAddress("x".into())));
    assert_eq!(unmade.meaning, Meaning::Then(Then::Stop));
    assert_eq!((unmade.blames, unmade.transport), (None, "unsent"));
    let silent = verdict(&Reply::Silent(CallError::Cut));
    assert_eq!(silent.meaning, Meaning::Then(Then::InDoubt));
    assert!(
        silent.message.contains("may have this lead"),
        "{}",
        silent.message
    );
}

#[test]
fn a_refused_question_refuses_no_lead() {
    let destination = shop();
    let judge = Judge::new(&destination, destination.follow.as_ref().unwrap());
    for status in [400, 406, 409, 418, 422] {
        let verdict = judge.verdict(&answer(status, "<html>blocked</html>"), now());
        assert_eq!(verdict.meaning, Meaning::Then(Then::InDoubt), "{status}");
        let told = format!("answered {status}: ");
        assert!(verdict.message.starts_with(&told), "{}", verdict.message);
        assert!(!verdict.message.contains("may have"), "{}", verdict.message);
    }
    let ruled = judge.verdict(&answer(410, ""), now());
    assert_eq!(ruled.meaning, Meaning::Then(Then::Rejected));
    let silent = judge.verdict(&answer(200, r#"{"state":"no","why":null}"#), now());
    assert_eq!(silent.meaning, Meaning::Then(Then::Rejected));
    assert_eq!(silent.message, "refused, without a reason");
}

#[test]
fn success_needs_its_proof() {
    let good = verdict(&answer(
        200,
        r#"{"ok": true, "data": {"id": 42}, "message": "created"}"#,
    ));
    assert_eq!(good.meaning, Meaning::Then(Then::Pending));
    assert_eq!(
        (good.reference.as_deref(), good.message.as_str()),
        (Some("42"), "created")
    );
    for body in [
        r#"{"ok": true, "data": {"id": null}}"#,
        r#"{"ok": true, "data": []}"#,
        r#"{"ok": "true", "data": {"id": 1}}"#,
        "",
        "<html>ok</html>",
    ] {
        assert_eq!(meaning(200, body), Meaning::Then(Then::InDoubt), "{body}");
    }
}

#[test]
fn a_wait_is_read_where_the_rule_says_else_from_the_header() {
    let told = verdict(&answer(429, r#"{"message": "Réessayez dans 37 secondes"}"#));
    assert_eq!(told.wait, Some(Duration::from_secs(37)));
    let body = verdict(&answer(429, r#"{"retry_after": 5}"#));
    assert_eq!(body.wait, Some(Duration::from_secs(5)));
    let header = verdict(&Reply::Replied(Answer {
        status: 429,
        headers: vec![("retry-after".into(), "8".into())],
        ..Answer::default()
    }));
    assert_eq!(header.wait, Some(Duration::from_secs(8)));
    assert_eq!(
        meaning(429, r#"{"policy": "DAILY"}"#),
        Meaning::Then(Then::StopForNow)
    );
}

#[test]
fn a_stop_says_whom_it_concerns() {
    let address = verdict(&answer(404, "{}"));
    assert_eq!(address.blames, Some(vec!["program".to_owned()]));
    let key = verdict(&answer(401, "{}"));
    assert_eq!(key.blames, None);
    let rule = verdict(&answer(400, r#"{"errors": [{"code": 2}]}"#));
    assert_eq!(
        (rule.meaning, rule.blames),
        (Meaning::Then(Then::Stop), None)
    );
}

#[test]
fn words_are_translated_labelled_and_cleaned() {
    let old = verdict(&answer(400, r#"{"message": "too_old"}"#));
    assert_eq!(old.message, "this person is too old");
    let missing = verdict(&answer(
        400,
        r#"{"errors": [{"code": 6, "ids": [501, 502]}]}"#,
    ));
    assert!(
        missing.message.contains("\"How many are you?\" (501)") && missing.message.contains("502"),
        "{}",
        missing.message
    );
    let nasty = verdict(&answer(400, "{\"message\": \"\\u001b[2Jgone\\u0007\"}"));
    assert!(
        !nasty.message.contains(|c: char| c.is_control()),
        "{}",
        nasty.message
    );
    let duplicate = verdict(&answer(409, r#"{"message": "exists. Existing ID: 77"}"#));
    assert_eq!(duplicate.reference.as_deref(), Some("77"));
}

#[test]
fn an_exhausted_window_is_read_from_the_headers_that_are_named() {
    let told = |left: &str| {
        let headers = [("x-left", left), ("x-window", "10000")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let answer = Answer {
            status: 200,
            headers: headers.to_vec(),
            body: Vec::new(),
            ..Answer::default()
        };
        verdict(&Reply::Replied(answer)).exhausted
    };
    assert_eq!(told("0"), Some(Duration::from_secs(10)));
    assert_eq!(told("1"), None);
    assert_eq!(told("junk"), None);
}

#[test]
fn every_sentence_of_machine_text_is_quoted() {
    let text = r#"{"message": "Wrong: [{\"why\":\"no \\\"x\\\" here\"},{\"why\":\"too old\"}]"}"#;
    assert_eq!(
        verdict(&answer(422, text)).message,
        "no \"x\" here; too old"
    );
}

#[test]
fn plain_text_explains_itself_and_a_page_does_not() {
    for (body, told) in [
        ("Le champ tel est incomplet\n", "Le champ tel est incomplet"),
        ("too_old", "this person is too old"),
        (
            "<html>Oh no</html>",
            "answered 400: a page, not the partner's answer (the request was refused): \
             a firewall or a proxy may stand in between",
        ),
        (
            "{\"message\": \"cut",
            "answered 400: the request was refused",
        ),
        ("", "answered 400: the request was refused"),
    ] {
        assert_eq!(verdict(&answer(400, body)).message, told);
    }
}

/// An answer with this header.
fn with(status: u16, header: (&str, &str), body: &str) -> super::Verdict {
    verdict(&Reply::Replied(Answer {
        status,
        headers: vec![(header.0.to_owned(), header.1.to_owned())],
        body: body.as_bytes().to_vec(),
        ..Answer::default()
    }))
}

#[test]
fn a_fault_that_names_a_pause_is_a_doubt_and_pauses_everybody() {
    let told = with(503, ("retry-after", "7"), "");
    assert_eq!(told.meaning, Meaning::Then(Then::InDoubt));
    assert_eq!(told.exhausted, Some(Duration::from_secs(7)));
    assert_eq!(with(500, ("retry-after", "7"), "").exhausted, None);
}

#[test]
fn a_wait_until_a_moment_is_measured_by_the_partners_clock() {
    let headers = [
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT"),
    ];
    let told = verdict(&Reply::Replied(Answer {
        status: 429,
        headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
        ..Answer::default()
    }));
    assert_eq!(told.wait, Some(Duration::from_secs(20)));
}

#[test]
fn a_redirect_says_where_to_without_what_may_be_secret() {
    let to = "https://me:s3cret@other.example.fr/v2/leads?key=s3cret#s3cret";
    let told = with(301, ("location", to), "").message;
    assert!(
        told.contains("https://other.example.fr/v2/leads;"),
        "{told}"
    );
    assert!(!told.contains("s3cret"), "{told}");
}

#[test]
fn a_page_is_no_word_of_the_partners() {
    let html = ("content-type", "text/html; charset=utf-8");
    let told = with(403, html, "<html><h1>Forbidden</h1>");
    assert_eq!(told.meaning, Meaning::Then(Then::Stop));
    assert!(told.message.contains("a page, not the partner's answer"));
    assert!(!told.message.contains("key"), "{}", told.message);
}

#[test]
fn what_came_packed_is_judged_by_its_status_and_proves_nothing() {
    for (status, means) in [
        (201, Then::InDoubt),
        (401, Then::Stop),
        (429, Then::Wait),
        (422, Then::Rejected),
        (500, Then::InDoubt),
    ] {
        let told = verdict(&Reply::Replied(Answer {
            status,
            packed: Some("gzip"),
            ..Answer::default()
        }));
        assert_eq!(told.meaning, Meaning::Then(means), "{status}");
        assert!(told.message.contains("packed (gzip)"), "{}", told.message);
    }
}
