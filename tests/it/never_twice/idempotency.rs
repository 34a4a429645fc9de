//! A partner that honours an idempotency key: it stores one lead a key, so a lead
//! whose answer was lost may be sent again, with the same key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::common::desk::Desk;
use crate::common::{Act, Arrived, Gate, Partner};

/// The partner's leads, each under its key.
type Stored = Arc<Mutex<HashMap<String, String>>>;

const KEYED: &str = "headers = { \"Idempotency-Key\" = { template = \"{lead_uuid}\" } }\n\
    safe_to_repeat = true\nbackoff = \"1ms\"\n";

/// Stores a lead, and tells its number.
fn store(stored: &Stored, arrived: &Arrived) -> Act {
    let mut stored = stored.lock().unwrap();
    let key = arrived.header("idempotency-key").unwrap_or_default();
    let email = arrived.json()["email"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let known = stored
        .entry(key.to_owned())
        .or_insert_with(|| email.clone());
    assert_eq!(*known, email, "two leads under one key");
    Act::json(201, &format!("{{\"id\":\"{email}\"}}"))
}

/// Each lead is stored once.
fn check(stored: &Stored, count: usize) {
    let stored = stored.lock().unwrap();
    let mut emails: Vec<&String> = stored.values().collect();
    emails.sort_unstable();
    emails.dedup();
    assert_eq!((stored.len(), emails.len()), (count, count));
}

#[test]
fn every_third_answer_is_lost_and_every_lead_is_there_once() {
    for words in ["jobs = 1\ntries = 2\n", "jobs = 8\ntries = 8\n"] {
        let stored = Stored::default();
        let kept = Arc::clone(&stored);
        let partner = Partner::start(move |arrived| {
            let answer = store(&kept, arrived);
            match arrived.number % 3 {
                2 => Act::Close,
                _ => answer,
            }
        });
        let desk = Desk::with(&partner.base(), &format!("{KEYED}{words}"), "");
        let file = desk.export("leads.csv", 1, 60);
        let run = desk.send(&[&file]).expect_code(0);
        assert_eq!(run.column("state"), vec!["delivered"; 60]);
        assert_eq!(desk.states(), vec!["delivered"; 60]);
        assert!(partner.count() > 80, "{}", partner.count());
        check(&stored, 60);
        // Read again, nobody is called.
        let count = partner.count();
        desk.send(&[&file]).expect_code(0);
        assert_eq!(partner.count(), count);
    }
}

#[test]
fn a_lead_of_a_killed_run_is_sent_again_under_its_own_key() {
    let (stored, gate) = (Stored::default(), Gate::new());
    let (kept, held) = (Arc::clone(&stored), gate.clone());
    let partner = Partner::start(move |arrived| {
        let answer = store(&kept, arrived);
        match arrived.number {
            0 => answer.held(&held),
            _ => answer,
        }
    });
    let desk = Desk::with(&partner.base(), &format!("{KEYED}jobs = 1\n"), "");
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    run.kill();
    gate.release();
    let follow = desk.home.run(&["follow", "--format", "json"]);
    assert_eq!(follow.expect_code(0).column("state"), ["delivered"]);
    assert_eq!(partner.count(), 2);
    check(&stored, 1);
}
