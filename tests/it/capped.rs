//! How many leads a destination is sent, and when: `cap` and `hours`.

use crate::common::Act;
use crate::common::desk::{Desk, persons, then_willing, willing};

const TWO_A_DAY: &str = "cap = [\"2/day\"]\njobs = 1\n";

fn mails(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    let mail = |number| format!("lead{number}@example.fr");
    numbers.into_iter().map(mail).collect()
}

/// What was sent today was sent the day before.
fn a_day_later(desk: &Desk) {
    let later = "UPDATE leads SET sent_at = sent_at - 86400000";
    desk.sql().execute(later, []).unwrap();
}

#[test]
fn what_is_beyond_a_cap_is_held_and_goes_first_another_day() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), TWO_A_DAY, "");
    let file = desk.export("a.csv", 1, 5);
    let dry = desk.send(&["--dry-run", &file]).expect_code(0);
    let foreseen = ["ready", "ready", "held", "held", "held"];
    assert_eq!(dry.column("state"), foreseen);
    assert_eq!(dry.column("reason")[2], "cap");

    let run = desk.send(&[&file]).expect_code(0);
    let states = ["delivered", "delivered", "held", "held", "held"];
    assert_eq!(run.column("state"), states);
    assert_eq!(run.column("reason")[4], "cap");
    let told = &run.column("message")[4];
    assert!(told.starts_with("beyond the cap until "), "{told}");
    assert!(run.stderr.contains("held,unsent,failed"), "{}", run.stderr);

    // No place is free yet: what waits on has no row, and new leads wait behind it.
    let more = desk.export("b.csv", 6, 1);
    let again = desk.send(&[&more]).expect_code(0);
    assert_eq!(again.column("state"), ["held"]);
    let quiet = desk.send(&[&more, "--quiet"]).expect_code(0);
    assert_eq!((&*quiet.stdout, &*quiet.stderr), ("", ""));
    assert_eq!(partner.count(), 2);

    a_day_later(&desk);
    let next = desk.send(&[&more]).expect_code(0);
    assert_eq!(next.column("state"), ["delivered", "delivered", "skipped"]);
    assert_eq!(persons(&partner), mails(1..=4));
    a_day_later(&desk);
    let every_night = ["resend", "--state", "held,unsent,failed", "--json"];
    desk.home.run(&every_night).expect_code(0);
    assert_eq!(persons(&partner), mails(1..=6));
}

#[test]
fn a_refusal_frees_its_place_in_the_same_run() {
    let no = || Act::json(422, "{}");
    let partner = then_willing(vec![no(), no(), no()]);
    let desk = Desk::with(&partner.base(), "cap = \"2/total\"\njobs = 4\n", "");
    let file = desk.export("a.csv", 1, 9);
    let run = desk.send(&[&file]).expect_code(3);
    let of = |state: &str| run.column("state").iter().filter(|it| *it == state).count();
    assert_eq!(
        [of("rejected"), of("delivered"), of("held")],
        [3, 2, 4],
        "{}",
        run.stdout
    );
    assert_eq!(partner.count(), 5);
    let held = run.rows().into_iter().find(|row| row["state"] == "held");
    let told = held.unwrap()["message"].as_str().unwrap().to_owned();
    assert!(told.starts_with("beyond the cap in all"), "{told}");
    // What a partner refused stays that, and waits for nothing.
    let refused = ["resend", "--state", "rejected", "--json"];
    let refused = desk.home.run(&refused).expect_code(3);
    assert_eq!(refused.column("state"), ["rejected"; 3]);
    assert_eq!(partner.count(), 5);
}

#[test]
fn a_doubt_takes_a_place_until_it_is_settled_and_a_return_frees_one() {
    let partner = then_willing(vec![Act::Reset]);
    let desk = Desk::with(&partner.base(), "cap = \"1/day\"\njobs = 1\n", "");
    let file = desk.export("a.csv", 1, 3);
    let run = desk.send(&[&file]).expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt", "held", "held"]);
    let none = desk.home.write("none.csv", "Nom;E-mail\n");
    let none = none.display().to_string();
    desk.send(&[&none]).expect_code(0);
    assert_eq!(partner.count(), 1);
    let words = ["resolve", "1", "--not-received"];
    desk.home.run(&words).expect_code(0);
    desk.send(&[&none]).expect_code(0);
    assert_eq!(persons(&partner), mails([1, 2]));
    let back = "UPDATE leads SET state = 'returned' WHERE id = 2";
    desk.sql().execute(back, []).unwrap();
    desk.send(&[&none]).expect_code(0);
    assert_eq!(persons(&partner), mails([1, 2, 3]));
}

#[test]
fn two_runs_at_once_never_pass_a_cap() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "cap = \"30/month\"\njobs = 8\n", "");
    let files = [1, 26].map(|first| desk.export(&format!("{first}.csv"), first, 25));
    let runs = files.map(|file| desk.start(&[&file, "--wait-lock", "60s"]));
    for run in runs {
        run.finish().expect_code(0);
    }
    assert_eq!(partner.count(), 30);
    let mut states = desk.states();
    states.sort_unstable();
    assert_eq!(states[..30], vec!["delivered"; 30]);
    assert_eq!(states[30..], vec!["held"; 20]);
}

#[test]
fn outside_its_hours_a_destination_holds_and_sends_first_within_them() {
    let partner = willing();
    let today = jiff::Timestamp::now()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date();
    let tomorrow = today.tomorrow().unwrap();
    // Whatever midnight comes meanwhile.
    let closed = format!("hours = [\"10:00-11:00\", \"not {today}..{tomorrow}\"]\njobs = 1\n");
    let desk = Desk::with(&partner.base(), &closed, "");
    let file = desk.export("a.csv", 1, 2);
    let dry = desk.send(&["--dry-run", &file]).expect_code(0);
    assert_eq!(dry.column("reason"), ["hours", "hours"]);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), ["held", "held"]);
    let told = &run.column("message")[0];
    assert!(told.starts_with("outside the hours until "), "{told}");
    assert!(told.contains("10:00: kept"), "{told}");
    let resent = ["resend", "--state", "held", "--json"];
    let resent = desk.home.run(&resent).expect_code(0);
    assert_eq!(resent.column("state"), ["held", "held"]);
    // A rehearsal asks for no hour.
    desk.send(&["--sandbox", &file]).expect_code(4);
    assert_eq!(partner.count(), 0);

    desk.configure(&partner.base(), "hours = [\"Mon-Sun\"]\njobs = 1\n", "");
    let later = desk.export("b.csv", 3, 1);
    let run = desk.send(&[&later]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"; 3]);
    assert_eq!(persons(&partner), mails(1..=3));
}
