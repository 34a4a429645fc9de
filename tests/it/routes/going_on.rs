//! What lets a lead go on to the next destination, and what never does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Crossing, refused, taken};
use crate::common::{Act, Home};

const FIRST: &str = "first = [\"a\", \"b\"]";

#[test]
fn a_doubt_stays_where_it_is_until_it_is_settled() {
    let crossing = Crossing::new(FIRST, |to, _, arrived| match to {
        "a" => Act::Reset,
        _ => taken(arrived),
    });
    crossing.send(&[1], &[]).expect_code(4);
    crossing.send(&[1], &[]).expect_code(4);
    for again in [
        &["follow"][..],
        &["resend", "--state", "held,unsent,failed"],
    ] {
        crossing.run(again);
    }
    assert_eq!((crossing.got("a"), crossing.got("b")), (vec![1], vec![]));
    // A no that is proven by a person lets it be sent again, to a.
    crossing
        .run(&["resolve", "1", "--not-received"])
        .expect_code(0);
    crossing.send(&[1], &[]).expect_code(4);
    assert_eq!((crossing.got("a"), crossing.got("b")), (vec![1, 1], vec![]));
}

#[test]
fn a_later_refusal_goes_on_by_follow() {
    let crossing = Crossing::new(FIRST, |to, _, arrived| match (to, &*arrived.method) {
        ("a", "POST") => Act::json(202, r#"{"id":7}"#),
        ("a", _) => Act::json(200, r#"{"state":"refused"}"#),
        _ => taken(arrived),
    });
    crossing.send(&[1], &[]).expect_code(0);
    assert!(crossing.got("b").is_empty());
    crossing.run(&["follow", "--json"]);
    assert_eq!(crossing.got("b"), [1]);
    assert_eq!(crossing.offers(), ["a 1 rejected", "b 1 delivered"]);
    crossing.run(&["follow"]).expect_code(0);
    assert_eq!(crossing.partner.arrived().len(), 3);
}

#[test]
fn where_nobody_answers_the_route_stops_unless_failures_go_on() {
    let crossing = Crossing::new(FIRST, |_, _, arrived| taken(arrived));
    let down = "base = \"http://127.0.0.1:9\"";
    let table = |home: &Home, route: &str| {
        let text = home.read("partners.toml");
        let base = format!("base = \"{}/a\"", crossing.partner.base());
        let text = text.replace(&base, down).replace(FIRST, route);
        home.config(&text);
    };
    table(&crossing.home, FIRST);
    crossing.send(&[1, 2, 3, 4, 5, 6], &[]).expect_code(5);
    assert!(crossing.got("b").is_empty());
    table(&crossing.home, &format!("{FIRST}\nnext_on = [\"failed\"]"));
    crossing.send(&[1, 2, 3, 4, 5, 6], &[]).expect_code(0);
    // That it is down was told; when it is down anew, a quiet run tells it once.
    let quiet = crossing.send(&[7], &["--quiet"]).expect_code(0);
    assert_eq!(quiet.stderr, "");
    crossing.configure(&format!("{FIRST}\nnext_on = [\"failed\"]"), "", "");
    crossing.send(&[8], &[]).expect_code(0);
    table(&crossing.home, FIRST);
    let quiet = crossing
        .send(&[9, 10, 11, 12, 13, 14], &["--quiet"])
        .expect_code(0);
    assert!(quiet.stderr.contains("a: "), "{}", quiet.stderr);
    assert_eq!(
        crossing.got("b"),
        [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14]
    );
    // Nothing of it waits at a any more.
    crossing
        .run(&["resend", "--state", "failed,unsent"])
        .expect_code(0);
    crossing.run(&["status"]).expect_code(0);
    assert_eq!(crossing.partner.count(), 14);
}

#[test]
fn a_duplicate_goes_on_where_the_route_says_so() {
    let answer = |to: &str, _: &str, arrived: &crate::common::Arrived| match to {
        "a" => Act::json(409, "{}"),
        _ => taken(arrived),
    };
    let crossing = Crossing::new(FIRST, answer);
    crossing.send(&[1], &[]).expect_code(0);
    assert!(crossing.got("b").is_empty());
    let crossing = Crossing::new(&format!("{FIRST}\nnext_on = [\"duplicate\"]"), answer);
    crossing.send(&[1], &[]).expect_code(0);
    crossing.send(&[1], &[]).expect_code(0);
    assert_eq!((crossing.got("a"), crossing.got("b")), (vec![1], vec![1]));
}

#[test]
fn what_is_given_back_goes_on_where_the_route_says_so() {
    let route = format!("{FIRST}\nnext_on = [\"returned\"]");
    let crossing = Crossing::new(&route, |_, _, arrived| taken(arrived));
    crossing.send(&[1, 2], &[]).expect_code(0);
    crossing
        .run(&["resolve", "1", "--returned", "--note", "faux numéro"])
        .expect_code(0);
    crossing.send(&[2], &[]).expect_code(0);
    assert_eq!(
        (crossing.got("a"), crossing.got("b")),
        (vec![1, 2], vec![1])
    );
    assert_eq!(
        crossing.offers(),
        ["a 1 returned", "a 2 delivered", "b 1 delivered"]
    );
}

#[test]
fn a_held_lead_goes_on_and_waits_nowhere_once_it_is_placed() {
    let crossing = Crossing::new(FIRST, |_, _, arrived| taken(arrived));
    crossing.configure(FIRST, "paused = true", "paused = false");
    crossing.send(&[1], &[]).expect_code(0);
    assert_eq!(crossing.offers(), ["a 1 skipped", "b 1 delivered"]);
    crossing.configure(FIRST, "paused = true", "paused = true");
    let held = crossing.send(&[2], &[]).expect_code(0);
    assert_eq!(held.column("state"), ["held", "held"]);
    crossing.configure(FIRST, "", "paused = true");
    crossing.send(&[3], &[]).expect_code(0);
    assert_eq!(
        (crossing.got("a"), crossing.got("b")),
        (vec![2, 3], vec![1])
    );
    crossing.configure(FIRST, "", "paused = false");
    crossing.send(&[3], &[]).expect_code(0);
    assert_eq!(
        (crossing.got("a"), crossing.got("b")),
        (vec![2, 3], vec![1])
    );
}

#[test]
fn who_is_held_at_one_and_refused_by_the_other_is_held_still() {
    let crossing = Crossing::new(FIRST, |to, _, arrived| match to {
        "b" => refused(),
        _ => taken(arrived),
    });
    crossing.configure(FIRST, "paused = true", "paused = false");
    crossing.send(&[1], &[]).expect_code(3);
    assert_eq!(crossing.offers(), ["a 1 held", "b 1 rejected"]);
    crossing.configure(FIRST, "", "");
    crossing.send(&[2], &[]).expect_code(0);
    assert_eq!(
        (crossing.got("a"), crossing.got("b")),
        (vec![1, 2], vec![1])
    );
}

#[test]
fn a_crash_between_a_no_and_the_next_offer_is_finished_by_the_next_run() {
    let is_up = Arc::new(AtomicBool::new(false));
    let up = Arc::clone(&is_up);
    let crossing = Crossing::new(FIRST, move |to, _, arrived| match to {
        "a" => {
            up.store(true, Ordering::SeqCst);
            refused()
        }
        _ => taken(arrived),
    });
    // The write of b's offer is what the kill cut off: as it stands before it.
    crossing.send(&[1], &[]).expect_code(0);
    let conn = rusqlite::Connection::open(crossing.home.path().join("ledger.db")).expect("it");
    conn.execute_batch(
        "DELETE FROM attempts WHERE lead = 2; DELETE FROM leads WHERE id = 2;
         UPDATE leads SET passed_on = FALSE;",
    )
    .expect("a step back");
    crossing.send(&[9], &[]).expect_code(0);
    assert!(is_up.load(Ordering::SeqCst));
    assert_eq!(
        (crossing.got("a"), crossing.got("b")),
        (vec![1, 9], vec![1, 1, 9])
    );
}

#[test]
fn stored_leads_are_resent_along_their_route() {
    let open = Arc::new(AtomicBool::new(false));
    let is_open = Arc::clone(&open);
    let crossing = Crossing::new(FIRST, move |_, _, arrived| {
        match is_open.load(Ordering::SeqCst) {
            true => taken(arrived),
            false => refused(),
        }
    });
    crossing.send(&[1], &[]).expect_code(3);
    open.store(true, Ordering::SeqCst);
    let resent = ["resend", "--to", "r", "--state", "rejected", "--json"];
    crossing.run(&resent);
    // a took it; b is not asked beside it.
    assert_eq!(
        (crossing.got("a"), crossing.got("b")),
        (vec![1, 1], vec![1])
    );
}

#[test]
fn what_is_beyond_a_cap_overflows_and_a_place_that_is_freed_is_used() {
    let crossing = Crossing::new(FIRST, |to, who, arrived| match (to, super::number(who)) {
        ("a", 1) => refused(),
        _ => taken(arrived),
    });
    crossing.configure(FIRST, "cap = [\"2/total\"]", "");
    // B extends A, and so it has the same cap: one of its own.
    let table = crossing.home.read("partners.toml");
    let base = format!("base = \"{}/b\"", crossing.partner.base());
    crossing
        .home
        .config(&table.replace(&base, &format!("{base}\ncap = false")));
    crossing.send(&[1, 2, 3, 4, 5], &[]).expect_code(0);
    assert_eq!(crossing.got("a"), [1, 2, 3]);
    assert_eq!(crossing.got("b"), [1, 4, 5]);
    crossing.send(&[1, 2, 3, 4, 5], &[]).expect_code(0);
    crossing
        .run(&["resend", "--state", "held,unsent,failed"])
        .expect_code(0);
    assert_eq!(crossing.partner.count(), 6);
}
