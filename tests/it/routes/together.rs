//! Several runs at once along a route, and routes that are changed: nobody is at two
//! destinations, and nobody at one of them twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Crossing, export, refused, taken};
use crate::common::{Act, Gate};

fn sorted(mut leads: Vec<usize>) -> Vec<usize> {
    leads.sort_unstable();
    leads
}

#[test]
fn a_second_run_sends_nothing_that_the_first_one_has_in_hand() {
    for route in [
        "all = [\"a\", \"b\"]",
        "split = { a = 1, b = 1 }",
        "first = [\"a\", \"b\"]",
    ] {
        let gate = Gate::new();
        let shut = gate.clone();
        let crossing = Crossing::new(route, move |to, _, arrived| match to {
            "a" => taken(arrived).held(&shut),
            _ => taken(arrived),
        });
        let leads = [1, 2, 3, 4];
        crossing.home.write("leads.csv", export(&leads));
        let send = ["send", "--to", "r", "leads.csv"];
        let first = crossing.home.start(&send, "");
        gate.await_held(1);
        let second = crossing.send(&leads, &[]).expect_code(5);
        assert!(!second.stdout.contains("in_doubt"), "{}", second.stdout);
        crossing.run(&["resend", "--state", "held,unsent,failed", "--quiet"]);
        gate.release();
        first.finish().expect_code(0);
        let all = route.starts_with("all");
        let each = if all { leads.to_vec() } else { Vec::new() };
        let (a, b) = (sorted(crossing.got("a")), sorted(crossing.got("b")));
        match all {
            true => assert_eq!((a, b), (each.clone(), each), "{route}"),
            false => assert_eq!(sorted([a, b].concat()), leads, "{route}"),
        }
        crossing.send(&leads, &[]).expect_code(0);
        assert_eq!(crossing.partner.count(), if all { 8 } else { 4 }, "{route}");
    }
}

#[test]
fn a_resend_and_a_follow_at_once_sell_nobody_twice() {
    let open = Arc::new(AtomicBool::new(false));
    let is_open = Arc::clone(&open);
    let route = "first = [\"a\", \"b\"]\nnext_on = [\"failed\"]";
    let crossing = Crossing::new(route, move |to, _, arrived| match to {
        "a" if !is_open.load(Ordering::SeqCst) => Act::Reset,
        _ => taken(arrived),
    });
    let leads: Vec<usize> = (1..=30).collect();
    crossing.send(&leads, &[]).expect_code(4);
    let doubts: Vec<String> = leads.iter().map(usize::to_string).collect();
    let mut resolve = vec!["resolve", "--not-received"];
    resolve.extend(doubts.iter().map(String::as_str));
    crossing.run(&resolve).expect_code(0);
    open.store(true, Ordering::SeqCst);
    let resend = ["resend", "--state", "held,unsent,failed"];
    let resend = crossing.home.start(&resend, "");
    let follow = crossing.home.start(&["follow"], "");
    crossing.send(&leads, &[]);
    resend.finish();
    follow.finish();
    crossing.send(&leads, &[]).expect_code(0);
    let delivered = crossing
        .offers()
        .into_iter()
        .filter(|it| it.ends_with("delivered"));
    assert_eq!(delivered.count(), 30);
    let a: Vec<usize> = crossing.got("a").split_off(30);
    assert_eq!(sorted([a, crossing.got("b")].concat()), leads);
}

#[test]
fn a_destination_that_left_the_route_keeps_what_it_has() {
    let first = "first = [\"a\", \"b\"]";
    let crossing = Crossing::new(first, |to, who, arrived| match (to, super::number(who)) {
        ("a", 2) => Act::Reset,
        ("a", 3) => refused(),
        _ => taken(arrived),
    });
    crossing.send(&[1, 2, 3], &[]).expect_code(4);
    crossing.configure("first = [\"b\", \"c\"]", "", "");
    let run = crossing.send(&[1, 2, 3, 4], &[]).expect_code(4);
    assert_eq!(crossing.got("b"), [3, 4], "{}", run.stdout);
    let dry = crossing.send(&[1, 2, 3, 4, 5], &["--dry-run"]);
    let ready = dry.column("state").into_iter().filter(|it| it == "ready");
    assert_eq!(ready.count(), 1, "{}", dry.stdout);
}

#[test]
fn a_deadline_of_ours_is_no_no_of_theirs() {
    let gate = Gate::new();
    let shut = gate.clone();
    let route = "first = [\"a\", \"b\"]\nnext_on = [\"failed\"]";
    let crossing = Crossing::new(route, move |to, _, arrived| match to {
        "a" => {
            let answer = taken(arrived);
            if arrived.number > 0 {
                answer
            } else {
                answer.held(&shut)
            }
        }
        _ => taken(arrived),
    });
    crossing.home.write("leads.csv", export(&[1, 2, 3]));
    let send = ["send", "--to", "r", "--deadline", "1ms", "leads.csv"];
    let run = crossing.home.start(&send, "");
    gate.release();
    let run = run.finish();
    assert!(crossing.got("b").is_empty(), "{}", run.stdout);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
}

#[test]
fn two_that_have_one_person_by_a_word_are_told() {
    let route = "first = [\"a\", \"b\"]\nnext_on = [\"returned\"]";
    let crossing = Crossing::new(route, |_, _, arrived| taken(arrived));
    crossing.send(&[1], &[]).expect_code(0);
    crossing.run(&["resolve", "1", "--returned"]).expect_code(0);
    crossing.run(&["follow"]).expect_code(0);
    assert_eq!(crossing.got("b"), [1]);
    let undo = crossing.run(&["resolve", "1", "--undo"]);
    assert!(
        undo.stderr.contains("delivered at b too (lead 2)"),
        "{}",
        undo.stderr
    );
}

#[test]
fn what_an_option_holds_back_holds_back_what_was_held() {
    let first = "first = [\"a\", \"b\"]";
    let crossing = Crossing::new(first, |_, _, arrived| taken(arrived));
    crossing.configure(first, "paused = true", "paused = true");
    crossing.send(&[1, 2], &[]).expect_code(0);
    crossing.configure(first, "", "");
    crossing.send(&[3, 4], &["--max-new", "1"]);
    assert_eq!(crossing.partner.count(), 0);
    crossing.send(&[5], &["--limit", "1"]);
    assert_eq!(crossing.got("a"), [5]);
}
