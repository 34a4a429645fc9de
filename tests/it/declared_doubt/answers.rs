//! Every kind of answer, and of no answer: its state, its exit code, and what a
//! second run does about it.

use std::time::Duration;

use crate::common::desk::{Desk, HASTY, taken, then_willing};
use crate::common::{Act, Door, Part, Partner};

const SUCCESS: &str = r#"{ when = { status = 200, "/success" = true, "/id" = "present" }, then = "delivered", reference = "/id" },"#;

/// One lead meets `act`; then the partner is well again and the export comes
/// once more. What must be declared, and how many requests are there in all.
#[track_caller]
fn meets(act: Act, state: &str, code: i32, in_all: usize) {
    let partner = then_willing(vec![act]);
    // Short only where the time-out is what is played: no busy machine decides.
    let timeout = if state == "in_doubt" { "300ms" } else { "30s" };
    let settings = format!("{HASTY}timeout = \"{timeout}\"\n");
    let desk = Desk::with(&partner.base(), &settings, SUCCESS);
    declares(&desk, &partner, state, code, 1, in_all);
}

#[track_caller]
fn declares(desk: &Desk, partner: &Partner, state: &str, code: i32, arrived: usize, in_all: usize) {
    let file = desk.export("leads.csv", 1, 1);
    let first = desk.send(&[&file]).expect_code(code);
    assert_eq!(first.column("state"), [state], "{}", first.stderr);
    assert_eq!(desk.states(), [state]);
    assert_eq!(partner.count(), arrived);

    let second = desk.send(&[&file]);
    assert_eq!(partner.count(), in_all, "{}", second.stdout);
    let sent = in_all > arrived;
    let expected = if sent { "delivered" } else { state };
    assert_eq!(desk.states(), [expected]);
    assert_eq!(
        second.column("state"),
        [if sent { "delivered" } else { "skipped" }]
    );
    // A doubt or a refusal is told until it is settled.
    second.expect_code(if sent { 0 } else { code });
}

fn text(bytes: &str) -> Vec<u8> {
    bytes.as_bytes().to_vec()
}

#[test]
fn what_proves_nothing_is_in_doubt_and_never_sent_again() {
    let id = text("{\"id\":7}");
    let acts = [
        // After the partner committed: the connection, cut.
        Act::Reset,
        Act::Close,
        Act::Mute,
        Act::Truncated {
            status: 201,
            body: id.clone(),
        },
        Act::TruncatedChunk {
            status: 201,
            body: id.clone(),
        },
        Act::Unended {
            status: 201,
            body: id.clone(),
        },
        Act::Trickle {
            from: Part::Head,
            pause: Duration::from_millis(60),
            status: 201,
            body: id.clone(),
        },
        Act::Trickle {
            from: Part::Body,
            pause: Duration::from_millis(250),
            status: 201,
            body: id.clone(),
        },
        Act::Raw(text("220 mail.example.fr ESMTP\r\n\r\n")),
        Act::Raw(Vec::from([0_u8, 159, 146, 150, 10, 10])),
        // An answer that is no proof.
        Act::html(200, "<html>Bienvenue</html>"),
        Act::html(201, "<html>Bienvenue</html>"),
        Act::json(200, r#"{"success":false,"id":7}"#),
        Act::json(200, r#"{"success":true}"#),
        Act::json(200, r#"{"success":true,"id":null}"#),
        Act::json(201, r#"{"id":"#),
        Act::status(204),
        Act::json(201, "{\"id\":7}").with_header("content-encoding", "gzip"),
        // Perhaps after the commit, perhaps not.
        Act::json(500, r#"{"message":"Server Error"}"#),
        Act::html(502, "<html>Bad Gateway</html>"),
        Act::status(503),
        Act::status(504),
        Act::status(524),
    ];
    for act in acts {
        meets(act, "in_doubt", 4, 1);
    }
}

#[test]
fn what_the_partner_refuses_is_rejected_and_stays_so() {
    for status in [400, 409, 413, 422] {
        let act = Act::json(status, r#"{"message":"Le nom est vide"}"#);
        meets(act, "rejected", 3, 1);
    }
}

#[test]
fn what_certainly_did_not_arrive_is_sent_by_the_next_run() {
    for status in [401, 402, 403, 404, 405, 407, 410, 415, 451] {
        meets(Act::status(status), "failed", 2, 2);
    }
}

/// What came packed can't be read: its status is judged, and it proves nothing.
#[test]
fn a_packed_answer_is_its_status() {
    let packed = |status| Act::json(status, "{}").with_header("content-encoding", "gzip");
    meets(packed(401), "failed", 2, 2);
    meets(packed(422), "rejected", 3, 1);
    meets(packed(201), "in_doubt", 4, 1);
}

/// One lead meets `act`: what the row says.
fn told(act: Act) -> String {
    let partner = then_willing(vec![act]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).column("message").remove(0)
}

#[test]
fn a_redirection_says_where_to_and_a_page_that_it_is_one() {
    let to = "https://me:s3cret@new.example.fr/v2/leads?key=s3cret";
    let words = told(Act::redirect(308, to));
    assert!(words.contains("https://new.example.fr/v2/leads"), "{words}");
    assert!(!words.contains("s3cret"), "{words}");
    let words = told(Act::html(403, "<html>Blocked</html>"));
    assert!(words.contains("not the partner's answer"), "{words}");
    assert!(!words.contains("key"), "{words}");
}

#[test]
fn a_whole_answer_is_a_whole_answer() {
    let id = text("{\"id\":7}");
    let acts = [
        Act::json(201, "{\"id\":7}"),
        Act::json(200, r#"{"success":true,"id":"a-7"}"#),
        Act::html(201, "{\"id\":7}"),
        Act::Trickle {
            from: Part::Head,
            pause: Duration::ZERO,
            status: 201,
            body: id,
        },
    ];
    for act in acts {
        meets(act, "delivered", 0, 1);
    }
}

#[test]
fn a_connection_cut_before_the_request_was_whole_is_in_doubt() {
    for door in [Door::ResetAfterHead, Door::CloseAfterHead, Door::Deaf] {
        let broken = move |connection| if connection == 0 { door } else { Door::Open };
        let partner = Partner::with_door(broken, taken);
        let desk = Desk::with(
            &partner.base(),
            &format!("{HASTY}timeout = \"300ms\"\n"),
            "",
        );
        declares(&desk, &partner, "in_doubt", 4, 0, 0);
    }
}

#[test]
fn a_redirection_is_never_followed_and_the_key_stays_here() {
    for status in [300, 301, 302, 303, 307, 308] {
        let elsewhere = Partner::start(taken);
        let place = format!("{}/leads", elsewhere.base());
        let partner = then_willing(vec![Act::redirect(status, &place)]);
        let mut desk = Desk::with(
            &partner.base(),
            &format!("{HASTY}auth.bearer = \"DESK_KEY\"\n"),
            "",
        );
        desk.home.set("DESK_KEY", "s3cret");
        declares(&desk, &partner, "in_doubt", 4, 1, 1);
        assert_eq!(
            partner.arrived()[0].header("authorization"),
            Some("Bearer s3cret")
        );
        assert_eq!(elsewhere.connections(), 0, "{status}");
    }
}

/// What is left over from one answer is never taken for the next lead's.
#[test]
fn an_answer_too_many_is_nobodys() {
    let answer = "HTTP/1.1 201 X\r\ncontent-length: 8\r\n\r\n{\"id\":7}";
    let partner = then_willing(vec![Act::RawKept(text(&answer.repeat(2))), Act::Close]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 3);
    let run = desk.send(&[&file]).expect_code(4);
    assert_eq!(run.column("state"), ["delivered", "in_doubt", "delivered"]);
    assert_eq!(run.column("reference"), ["7", "null", "3"]);
}

/// An early hint is not yet the answer; taken for one, it would prove nothing.
#[test]
fn an_early_hint_is_no_answer() {
    let hinted = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n\
        HTTP/1.1 201 X\r\ncontent-length: 8\r\n\r\n{\"id\":7}";
    let partner = then_willing(vec![Act::RawKept(text(hinted)), Act::Close]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 3);
    let run = desk.send(&[&file]).expect_code(4);
    let states = run.column("state");
    assert!(
        states[0] == "in_doubt" || states[0] == "delivered",
        "{states:?}"
    );
    assert_eq!(states[1..], ["in_doubt", "delivered"], "{}", run.stdout);
    assert_eq!(partner.count(), 3);
}
