//! A partner that asks for patience: as told, bounded, and never a second
//! request that could make a second lead.

use crate::common::desk::{Desk, HASTY, persons, taken, then_willing};
use crate::common::{Act, Partner};

const WAIT: &str = r#"{ when = { status = 429 }, then = "wait", wait = ["/retry_after", { at = "/message", match = 'dans (\d+) seconde' }] },"#;

fn busy(told: &str) -> Act {
    Act::status(429).with_header("retry-after", told)
}

#[test]
fn told_to_wait_it_comes_again() {
    let told = [
        busy("0"),
        busy("-5"),
        busy("soon"),
        busy(""),
        busy("NaN"),
        busy("Sun, 06 Nov 1994 08:49:37 GMT"),
        busy("Sun Nov  6 08:49:37 1994"),
        // Moments that have passed: of 1970's seconds, and its milliseconds.
        busy("1700000000"),
        busy("1700000000000"),
        // By the partner's own clock, which is slow.
        busy("Sun, 06 Nov 1994 08:49:37 GMT").with_header("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        busy("0.01"),
        Act::status(408),
        Act::status(421),
        Act::status(425),
        Act::status(429),
        Act::json(
            429,
            r#"{"message":"Trop de requêtes, réessayez dans 0 secondes."}"#,
        ),
        Act::json(429, r#"{"retry_after":0}"#),
    ];
    for act in told {
        let partner = then_willing(vec![act]);
        let desk = Desk::with(&partner.base(), HASTY, WAIT);
        let file = desk.export("leads.csv", 1, 1);
        let run = desk.send(&[&file]).expect_code(0);
        assert_eq!(run.column("state"), ["delivered"]);
        assert_eq!(run.column("attempts"), ["2"]);
        assert_eq!(partner.count(), 2);
    }
}

#[test]
fn longer_than_anybody_waits_stops_the_run_for_now() {
    let told = [
        busy("901"),
        busy("99999999999999999999999999"),
        busy("1e300"),
        busy("inf"),
        busy("Fri, 31 Dec 9998 23:59:59 GMT"),
        busy("4102444800"),
        busy("Sun, 06 Nov 1994 09:49:37 GMT").with_header("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        Act::json(
            429,
            r#"{"message":"Trop de requêtes, réessayez dans 86400 secondes."}"#,
        ),
        Act::json(429, r#"{"retry_after":86400}"#),
    ];
    for act in told {
        let partner = then_willing(vec![act]);
        let desk = Desk::with(&partner.base(), HASTY, WAIT);
        let file = desk.export("leads.csv", 1, 3);
        let run = desk.send(&[&file]).expect_code(5);
        assert_eq!(
            run.column("state"),
            ["failed", "unsent", "unsent"],
            "{}",
            run.stdout
        );
        assert!(run.stderr.contains("asks to wait"), "{}", run.stderr);
        assert_eq!(partner.count(), 1);
        desk.send(&[&file]).expect_code(0);
        assert_eq!(
            persons(&partner)[1..],
            ["lead1@example.fr", "lead2@example.fr", "lead3@example.fr"]
        );
    }
}

#[test]
fn a_storm_ends() {
    let partner = Partner::always(busy("0"));
    let desk = Desk::with(&partner.base(), HASTY, "");
    let file = desk.export("leads.csv", 1, 3);
    desk.send(&[&file]).expect_code(5);
    assert_eq!(desk.states(), ["failed", "unsent", "unsent"]);
    // One lead asked, as often as one lead may; the others never.
    let asked = partner.count();
    assert!(asked <= 8, "{asked}");
    assert!(
        persons(&partner)
            .iter()
            .all(|person| person == "lead1@example.fr")
    );
}

#[test]
fn a_wait_past_the_deadline_is_not_waited_for() {
    let partner = then_willing(vec![busy("300")]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.send(&["--deadline", "200s", &file]).expect_code(5);
    assert_eq!(run.column("state"), ["failed", "unsent"]);
    assert!(run.stderr.contains("deadline"), "{}", run.stderr);
}

#[test]
fn a_deadline_that_has_passed_sends_nothing_and_stores_everything() {
    let partner = Partner::start(taken);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 20);
    let run = desk.send(&["--deadline", "0s", &file]).expect_code(5);
    assert_eq!(run.column("state"), ["unsent"; 20]);
    assert_eq!((partner.count(), desk.states().len()), (0, 20));
    desk.send(&[&file]).expect_code(0);
    assert_eq!(partner.count(), 20);
}

/// A fault that says how long it lasts is a doubt all the same: what came before
/// it may have been done. But nobody else is sent into it.
#[test]
fn a_fault_that_names_its_end_is_a_doubt_and_pauses_everybody() {
    let fault = Act::status(503).with_header("retry-after", "3600");
    let partner = then_willing(vec![fault]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 3);
    let run = desk.send(&[&file]).expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt", "unsent", "unsent"]);
    assert_eq!(partner.count(), 1);
}
