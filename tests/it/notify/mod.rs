//! `[leadctl.notify]`: who is told once a run is over, once a change, and never about
//! a person.

mod receivers;

use crate::common::desk::{Desk, HASTY, then_willing};
use crate::common::{Act, Arrived, Gate, Partner, nobody};

/// A desk whose news goes where this says; its receiver's address is in `NEWS_URL`.
fn notifying(partner: &Partner, receiver: &str, words: &str) -> Desk {
    let mut desk = Desk::at(&partner.base());
    desk.home
        .set("NEWS_URL", &format!("{receiver}/hook/s3cret"));
    configure(&desk, partner, words);
    desk
}

fn configure(desk: &Desk, partner: &Partner, words: &str) {
    desk.configure(&partner.base(), HASTY, "");
    let config = desk.home.read("partners.toml");
    desk.home
        .config(&format!("[leadctl.notify]\n{words}\n{config}"));
}

const POST: &str = "post = { url = { env = \"NEWS_URL\" } }";

/// Takes whatever comes.
fn listening() -> Partner {
    Partner::always(Act::status(200))
}

fn texts(receiver: &Partner) -> Vec<String> {
    let text = |one: &Arrived| one.json()["text"].as_str().unwrap_or("?").to_owned();
    receiver.arrived().iter().map(text).collect()
}

#[test]
fn a_doubt_is_posted_once_and_another_one_of_the_same_lead_again() {
    let (receiver, partner) = (
        listening(),
        then_willing(vec![Act::Close, Act::json(422, "{}"), Act::Close]),
    );
    let desk = notifying(&partner, &receiver.base(), POST);
    let file = desk.export("leads.csv", 1, 3);
    let run = desk.send(&[&file]).expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt", "rejected", "in_doubt"]);
    let told = texts(&receiver);
    assert_eq!(
        told,
        [
            "leadctl\ndesk: 2 in_doubt (1, 3)\ndesk: 1 rejected (2)\nWhat to do:\nleadctl status\n"
                .replace("in_doubt", "in doubt")
        ]
    );
    let raw = format!("{:?}", receiver.arrived()[0]);
    for person in ["lead1", "Nom1", "example.fr"] {
        assert!(!raw.contains(person), "{raw}");
    }
    assert_eq!(receiver.arrived()[0].target, "/hook/s3cret");
    desk.send(&[&file]).expect_code(4);
    desk.home.run(&["follow"]);
    assert_eq!(receiver.count(), 1);
    // A person's word is no news; the doubt after it is.
    desk.home
        .run(&["resolve", "1", "--not-received"])
        .expect_code(0);
    desk.send(&[&desk.export("none.csv", 9, 0)]);
    assert_eq!(receiver.count(), 1);
    let broken = Partner::always(Act::Close);
    configure(&desk, &broken, POST);
    let resend = ["resend", "--to", "desk", "1"];
    desk.home.run(&resend).expect_code(4);
    assert_eq!(receiver.count(), 2);
    assert!(texts(&receiver)[1].contains("desk: 1 in doubt (1)"));
}

#[test]
fn a_kill_between_the_ledger_and_the_post_is_told_by_the_next_run() {
    let gate = Gate::new();
    let held = gate.clone();
    let receiver = Partner::start(move |_| Act::status(200).held(&held));
    let partner = then_willing(vec![Act::Close]);
    let desk = notifying(&partner, &receiver.base(), POST);
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    // All was told to who waits for the run, and the destination is free.
    run.await_stderr("1 in doubt");
    run.kill();
    gate.release();
    desk.send(&[&file]).expect_code(4);
    desk.send(&[&file]).expect_code(4);
    let told = texts(&receiver);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], told[1]);
}

#[test]
fn a_dead_receiver_changes_nothing_and_is_told_later() {
    let receiver = Partner::start(|arrived| match arrived.number {
        0 => Act::Answer {
            status: 302,
            headers: vec![("location".into(), "/elsewhere".into())],
            body: Vec::new(),
        },
        _ => Act::status(204),
    });
    let partner = then_willing(vec![Act::Close]);
    let mut desk = notifying(&partner, &nobody(), POST);
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.send(&[&file]).expect_code(4);
    assert!(run.stderr.contains("notify, post: "), "{}", run.stderr);
    assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    let summary = run.stderr.find("2 leads:");
    assert!(summary < run.stderr.find("notify, post"), "{}", run.stderr);
    for wrong in ["http://example.fr/s3cret", "s3cret", ""] {
        desk.home.set("NEWS_URL", wrong);
        let run = desk.send(&[&file]).expect_code(4);
        assert!(run.stderr.contains("notify, post: "), "{}", run.stderr);
        assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    }
    desk.home.set("NEWS_URL", &receiver.base());
    let run = desk.send(&[&file]).expect_code(4);
    assert!(run.stderr.contains("answered 302"), "{}", run.stderr);
    assert_eq!(receiver.count(), 1);
    desk.send(&[&file]).expect_code(4);
    desk.send(&[&file]).expect_code(4);
    assert_eq!(texts(&receiver).len(), 2);
}

#[test]
fn a_stop_is_posted_once_until_the_partner_takes_a_lead() {
    let receiver = listening();
    let partner = Partner::start(|arrived| match arrived.number {
        2 => crate::common::desk::taken(arrived),
        _ => Act::status(401),
    });
    let desk = notifying(
        &partner,
        &receiver.base(),
        &format!("{POST}\non = \"stopped\""),
    );
    for (first, code, posts) in [(1, 2, 1), (2, 2, 1), (3, 0, 1), (4, 2, 2)] {
        let file = desk.export("leads.csv", first, 1);
        desk.send(&[&file]).expect_code(code);
        assert_eq!(receiver.count(), posts, "{first}");
    }
    assert!(texts(&receiver)[0].contains("desk: the run stopped"));
    assert!(!texts(&receiver)[0].contains("failed"));
    // What can't even begin is told, too, where nobody sits before it.
    let file = desk.home.read("partners.toml");
    desk.home
        .config(&format!("{file}\n[desk.auth]\nbearer = \"NONE\"\n"));
    let file = desk.export("leads.csv", 5, 1);
    desk.send(&[&file]).expect_code(2);
    desk.send(&[&file]).expect_code(2);
    assert_eq!(receiver.count(), 3);
    assert!(texts(&receiver)[2].contains("could not begin"));
}

#[test]
fn what_fails_at_every_run_is_posted_once() {
    let receiver = listening();
    let desk = notifying(&receiver, &receiver.base(), POST);
    let config = desk.home.read("partners.toml");
    desk.home
        .config(&config.replace(&receiver.base(), &nobody()));
    let file = desk.export("leads.csv", 1, 3);
    for flags in [&[&*file][..], &[&file, "--quiet"]] {
        desk.send(flags);
        assert_eq!(receiver.count(), 1, "{flags:?}");
    }
    let told = &texts(&receiver)[0];
    assert!(
        told.contains("desk: 1 failed (1)\ndesk: 2 unsent (2, 3)\n"),
        "{told}"
    );
    assert!(told.contains("can't be reached"), "{told}");
}

#[test]
fn what_another_run_has_in_hand_is_its_own_news() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0 => Act::Close.held(&held),
        _ => crate::common::desk::taken(arrived),
    });
    let receiver = listening();
    let desk = notifying(&partner, &receiver.base(), POST);
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    let other = desk.export("other.csv", 3, 1);
    desk.send(&[&other]).expect_code(5);
    assert!(texts(&receiver)[0].contains("desk: 1 unsent (3)"));
    gate.release();
    run.finish().expect_code(4);
    assert!(texts(&receiver)[1].contains("desk: 1 in doubt (1)\nWhat"));
    assert_eq!(receiver.count(), 2);
}
