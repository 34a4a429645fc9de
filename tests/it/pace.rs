//! The pace: never more in a window than the partner allows, in one run, in
//! several, and after a kill.

use crate::common::desk::{Desk, persons, taken, willing};
use crate::common::{Act, Partner};

/// Fails if any window of `millis` holds more than `rate` calls.
#[track_caller]
fn keeps(desk: &Desk, rate: usize, millis: i64, calls: usize) {
    let conn = desk.sql();
    let mut query = conn
        .prepare("SELECT started_at FROM attempts ORDER BY started_at")
        .unwrap();
    let rows = query.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    let at: Vec<i64> = rows.collect::<Result<_, _>>().unwrap();
    assert_eq!(at.len(), calls);
    for window in at.windows(rate + 1) {
        assert!(window[rate] - window[0] >= millis, "{at:?}");
    }
}

#[test]
fn many_workers_share_it() {
    let partner = willing();
    let desk = Desk::with(
        &partner.base(),
        "jobs = 8\npace = [\"3/300ms\", \"6/800ms\"]\n",
        "",
    );
    let file = desk.export("leads.csv", 1, 15);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(partner.count(), 15);
    keeps(&desk, 3, 300, 15);
    keeps(&desk, 6, 800, 15);
}

#[test]
fn the_next_run_goes_on_where_the_last_one_was() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "jobs = 4\npace = \"3/500ms\"\n", "");
    for first in [1, 4, 7] {
        let file = desk.export("leads.csv", first, 3);
        desk.send(&[&file]).expect_code(0);
    }
    keeps(&desk, 3, 500, 9);
}

#[test]
fn a_killed_run_has_spent_what_it_spent() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "jobs = 1\npace = \"2/1h\"\n", "");
    let file = desk.export("leads.csv", 1, 5);
    let run = desk.start(&[&file]);
    desk.await_state("delivered", 2);
    run.kill();
    let run = desk.send(&["--deadline", "200ms", &file]).expect_code(5);
    assert!(!run.column("state").contains(&"delivered".to_owned()));
    assert_eq!(partner.count(), 2);
}

/// Two tables with one base and one secret are one caller to the partner.
#[test]
fn destinations_with_the_same_base_and_secret_share_it() {
    let partner = willing();
    let mut desk = Desk::with(
        &partner.base(),
        "jobs = 1\npace = \"2/1h\"\nauth.bearer = \"ONE\"\n",
        "",
    );
    desk.home.set("ONE", "k3y");
    desk.home.set("TWO", "0ther");
    let config = desk.home.read("partners.toml");
    desk.home.config(&format!(
        "{config}\n[twin]\nextends = \"desk\"\n[other]\nextends = \"desk\"\nauth.bearer = \"TWO\"\n"
    ));
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(0);
    let to = |name| {
        [
            "send",
            "--to",
            name,
            "--deadline",
            "300ms",
            "--format",
            "json",
            &file,
        ]
    };
    let twin = desk.home.run(&to("twin")).expect_code(5);
    assert_eq!(twin.column("state"), ["unsent", "unsent"]);
    desk.home
        .run(&["send", "--to", "other", &file])
        .expect_code(0);
    assert_eq!(partner.count(), 4);
}

/// A clock that was set back by a year makes nobody wait for a year.
#[test]
fn a_clock_set_back_blocks_nothing() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "jobs = 1\npace = \"2/100ms\"\n", "");
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(0);
    let year = 365_i64 * 86_400_000;
    let conn = desk.sql();
    conn.execute("UPDATE calls SET at = at + ?1", [year])
        .unwrap();
    conn.execute(
        "UPDATE leads SET sent_at = sent_at + ?1, read_at = read_at + ?1",
        [year],
    )
    .unwrap();
    drop(conn);
    let file = desk.export("leads.csv", 1, 5);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(persons(&partner).len(), 5);
}

/// While one worker is asked to wait, nobody calls.
#[test]
fn a_429_pauses_all_workers() {
    use std::sync::Mutex;
    use std::time::{Duration, Instant};
    let times: std::sync::Arc<Mutex<Vec<Instant>>> = std::sync::Arc::default();
    let seen = std::sync::Arc::clone(&times);
    let partner = Partner::start(move |arrived| {
        seen.lock().unwrap().push(Instant::now());
        match arrived.number {
            // The way is tried by the first; the second is told to wait.
            1 => Act::status(429).with_header("retry-after", "2"),
            _ => taken(arrived),
        }
    });
    // Paced, so that others wait for the pace when they are told to wait.
    let desk = Desk::with(&partner.base(), "jobs = 6\npace = \"2/1s\"\n", "");
    let file = desk.export("leads.csv", 1, 5);
    desk.send(&[&file]).expect_code(0);
    let times = times.lock().unwrap();
    let told = times[1];
    // Only what was in flight beside it may have arrived meanwhile.
    let during = times[2..]
        .iter()
        .filter(|at| **at < told + Duration::from_secs(2));
    assert!(during.count() <= 1, "{times:?}");
    assert_eq!(partner.count(), 6);
}

/// A partner that says that none is left is left alone for the window.
#[test]
fn a_window_that_is_used_up_is_waited_for() {
    let partner = Partner::start(|arrived| {
        taken(arrived)
            .with_header("x-left", "0")
            .with_header("x-window", "3600000")
    });
    for (words, sent) in [
        (
            "rate_headers = { remaining = \"X-Left\", window_ms = \"X-Window\" }\nlongest_wait = \"2h\"\n",
            1,
        ),
        ("", 4),
    ] {
        let desk = Desk::with(&partner.base(), &format!("jobs = 2\n{words}"), "");
        let before = partner.count();
        let file = desk.export("leads.csv", 1, 4);
        let run = desk.send(&["--deadline", "5s", &file]);
        assert_eq!(partner.count() - before, sent, "{}", run.stderr);
        run.expect_code(if sent == 4 { 0 } else { 5 });
    }
}

/// The manual's promise: "a partner that asks for a longer pause stops the run".
#[test]
fn a_window_longer_than_the_longest_wait_stops_the_run_for_now() {
    let partner = Partner::start(|arrived| {
        taken(arrived)
            .with_header("x-left", "0")
            .with_header("x-window", "7200000")
    });
    let desk = Desk::with(
        &partner.base(),
        "jobs = 2\nrate_headers = { remaining = \"X-Left\", window_ms = \"X-Window\" }\nlongest_wait = \"100ms\"\n",
        "",
    );
    let file = desk.export("leads.csv", 1, 3);
    let run = desk.send(&[&file]).expect_code(5);
    // Which of two workers is first is nobody's promise.
    let mut states = run.column("state");
    states.sort();
    assert_eq!(states, ["delivered", "unsent", "unsent"]);
    assert!(
        run.stderr.contains("no more requests for 2 h 00"),
        "{}",
        run.stderr
    );
    assert_eq!(partner.count(), 1);
    // A run that has nothing left to send ends as ever.
    let last = desk.export("last.csv", 9, 1);
    desk.send(&[&last]).expect_code(0);
}
