//! What is looked up beside the writer: the same that taking in would say.

use std::time::Duration;

use super::super::{DedupOutcome, ExistingLead, Hash16, Intake, Journal, Ledger, RunSpec};
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

/// More than are kept apart from the keys of all leads.
const MANY: i64 = 70_000;

/// How many keys stand in each table: the recent ones, and the rest.
fn keys(ledger: &Ledger) -> [i64; 2] {
    ["recent_keys", "keys"].map(|table| {
        let count = format!("SELECT count(*) FROM {table}");
        ledger.conn.query_row(&count, [], |row| row.get(0)).unwrap()
    })
}

fn is_known(journal: &Journal, lead: Intake) -> bool {
    let looked_up = looked_up(journal, lead.key).is_some();
    let skipped = matches!(take_in(journal, lead), DedupOutcome::Skip(_));
    assert_eq!(looked_up, skipped);
    skipped
}

#[test]
fn the_keys_of_many_leads_are_put_in_their_places() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    sent(&ledger, &journal, "ana", State::Delivered);
    let one = lead(&ledger, "many");
    let keyed = |number: i64| Intake {
        key: ledger.hasher().key(&[&number.to_string()]),
        ..one.clone()
    };
    for first in (0..MANY).step_by(1000) {
        let leads = (first..first + 1000).map(keyed).collect();
        journal.intake(leads).unwrap().wait().unwrap();
    }
    let [recent, rest] = keys(&ledger);
    assert_eq!(recent + rest, MANY + 1);
    assert!(rest > 60_000, "{rest}");
    assert!(is_known(&journal, lead(&ledger, "ana")));
    for number in (0..MANY).step_by(1000) {
        let standing = take_in(&journal, keyed(number));
        assert!(
            matches!(standing, DedupOutcome::Skip(earlier) if earlier.same_run),
            "{number}"
        );
    }
}

/// Leads as runs of a lead each would leave them.
fn as_by_runs_of_one(ledger: &Ledger, count: i64) {
    let insert = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO leads (destination, key, key_kind, state, run, read_at, line, file)
           SELECT 1, randomblob(16), 'fields', 'delivered', 1, 0, 2, 'leads.csv' FROM n";
    ledger.conn.execute(insert, [count]).unwrap();
}

#[test]
fn a_lead_is_found_among_those_that_a_run_sealed() {
    let (_folder, ledger) = temporary();
    sent(&ledger, &run(&ledger), "ana", State::Delivered);
    as_by_runs_of_one(&ledger, 5000);
    drop(run(&ledger));
    sent(&ledger, &run(&ledger), "bob", State::Delivered);
    let hints = "SELECT length(hints) / 16 FROM sealed_keys";
    let hints: i64 = ledger.conn.query_row(hints, [], |row| row.get(0)).unwrap();
    assert_eq!((hints, keys(&ledger)), (5001, [5002, 0]));
    let journal = run(&ledger);
    // The first ones are looked for on disk, the others in memory.
    for _ in 0..20 {
        assert!(is_known(&journal, lead(&ledger, "ana")));
        assert!(is_known(&journal, lead(&ledger, "bob")));
    }
    let standing = take_in(&journal, lead(&ledger, "new"));
    assert!(matches!(standing, DedupOutcome::Send { .. }));
}

#[test]
fn the_keys_of_many_runs_are_put_in_their_places() {
    let (_folder, ledger) = temporary();
    sent(&ledger, &run(&ledger), "ana", State::Delivered);
    as_by_runs_of_one(&ledger, MANY);
    assert_eq!(keys(&ledger), [MANY + 1, 0]);
    let journal = run(&ledger);
    assert!(is_known(&journal, lead(&ledger, "ana")));
    drop(journal);
    assert_eq!(keys(&ledger), [0, MANY + 1]);
    let journal = run(&ledger);
    assert!(is_known(&journal, lead(&ledger, "ana")));
    assert!(!is_known(&journal, lead(&ledger, "new")));
}
