//! What is looked up beside the writer: the same that taking in would say.

use std::time::Duration;

use super::super::{DedupOutcome, ExistingLead, Hash16, Journal, RunSpec};
use super::{
    attempt, granted, invalid, lead, outcome, run, run_to, sendable, sent, take_in, temporary,
};
use crate::lead::State;

fn looked_up(journal: &Journal, key: Hash16) -> Option<ExistingLead> {
    let mut reader = journal.reader();
    let mut settled = reader.settled(&[None, Some(key)]).unwrap();
    assert_eq!(settled.len(), 2);
    assert_eq!(settled[0], None);
    settled.remove(1)
}

#[test]
fn what_no_row_can_change_is_known_as_taking_in_knows_it() {
    for state in [
        State::Delivered,
        State::Pending,
        State::Approved,
        State::Expired,
        State::Duplicate,
        State::InDoubt,
    ] {
        let (_folder, ledger) = temporary();
        sent(&ledger, &run(&ledger), "ana", state);
        let journal = run(&ledger);
        let known = looked_up(&journal, lead(&ledger, "ana").key);
        let told = take_in(&journal, lead(&ledger, "ana"));
        assert_eq!(known.map(DedupOutcome::Skip), Some(told), "{state}");
    }
}

#[test]
fn what_a_row_may_still_change_is_left_to_taking_in() {
    let (_folder, ledger) = temporary();
    let first = run(&ledger);
    sendable(&first, lead(&ledger, "unsent"));
    take_in(&first, invalid(&ledger, "invalid", "no phone"));
    sent(&ledger, &first, "failed", State::Failed);
    sent(&ledger, &first, "rejected", State::Rejected);
    sent(
        &ledger,
        &run_to(&ledger, "south"),
        "south",
        State::Delivered,
    );
    drop(first);
    for name in ["unsent", "invalid", "failed", "rejected", "south", "new"] {
        let known = looked_up(&run(&ledger), lead(&ledger, name).key);
        assert_eq!(known, None, "{name}");
    }
}

#[test]
fn a_lead_on_its_way_is_known_and_in_doubt() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    let attempt = granted(&journal, attempt(id));
    let key = lead(&ledger, "ana").key;
    assert_eq!(looked_up(&journal, key).unwrap().state, State::InDoubt);
    journal.settle(outcome(attempt, id, State::Failed)).unwrap();
    assert_eq!(looked_up(&journal, key), None);
}

#[test]
fn who_comes_again_after_a_while_is_not_known() {
    let (_folder, ledger) = temporary();
    sent(&ledger, &run(&ledger), "ana", State::Delivered);
    ledger
        .conn
        .execute("UPDATE leads SET sent_at = sent_at - 10000", [])
        .unwrap();
    let known_after = |seconds| {
        let spec = RunSpec {
            destination: "north",
            command: "send",
            again_after: Some(Duration::from_secs(seconds)),
        };
        let journal = ledger.journal(&spec).unwrap();
        looked_up(&journal, lead(&ledger, "ana").key).is_some()
    };
    assert!(known_after(3600));
    assert!(!known_after(5));
}

#[test]
fn while_somebody_is_blocked_nobody_is_known() {
    let (_folder, ledger) = temporary();
    sent(&ledger, &run(&ledger), "ana", State::Delivered);
    let somebody = [ledger.hasher().person("email", "zelda@example.fr")];
    ledger.purge_person(&somebody, true).unwrap();
    let key = lead(&ledger, "ana").key;
    assert_eq!(looked_up(&run(&ledger), key), None);
}
