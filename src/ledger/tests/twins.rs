//! Leads that turn out to be the same, since a table was renamed or its key
//! changed: what was sent, or may have been, is never sent again.

use std::time::Duration;

use super::super::{DedupOutcome, Ledger, PersonsWord, RunSpec};
use super::{lead, run_to, say, sendable, sent, state, take_in, temporary};
use crate::lead::State;

/// A lead of the same person at each name, and what became of them when the
/// first table took the second one's name.
fn renamed(first: State, second: State, again_after: Option<Duration>) -> (State, State, State) {
    let (_folder, ledger) = temporary();
    let one = stored(&ledger, "north", first);
    let two = stored(&ledger, "east", second);
    if again_after.is_some() {
        long_ago(&ledger);
    }
    ledger.rename("north", "east", again_after).unwrap();
    let journal = run_to(&ledger, "east");
    let next = match take_in(&journal, lead(&ledger, "ana")) {
        DedupOutcome::Skip { earlier, .. } => earlier.state,
        DedupOutcome::Send { .. } => State::Unsent,
        other => panic!("{other:?}"),
    };
    (state(&ledger, one), state(&ledger, two), next)
}

/// Whatever happened so far happened a year before.
fn long_ago(ledger: &Ledger) {
    let year: i64 = 365 * 86_400_000;
    let moved = "UPDATE leads SET read_at = read_at - ?1, sent_at = sent_at - ?1, decided_at = decided_at - ?1";
    ledger.conn().unwrap().execute(moved, [year]).unwrap();
}

fn stored(ledger: &Ledger, to: &str, state: State) -> i64 {
    let journal = run_to(ledger, to);
    match state {
        State::Unsent => sendable(&journal, lead(ledger, "ana")),
        _ => sent(ledger, &journal, "ana", state),
    }
}

#[test]
fn what_was_sent_or_may_have_been_decides_whichever_came_first() {
    use State::{Delivered, Duplicate, Failed, InDoubt, Pending, Returned, Skipped, Unsent};
    for settled in [Delivered, Pending, Duplicate, Returned, InDoubt] {
        for open in [Unsent, Failed] {
            assert_eq!(renamed(settled, open, None), (settled, Skipped, settled));
            assert_eq!(renamed(open, settled, None), (Skipped, settled, settled));
        }
    }
    assert_eq!(renamed(Unsent, Unsent, None), (Skipped, Unsent, Unsent));
}

#[test]
fn one_that_may_come_again_is_still_to_be_sent_and_a_doubt_is_not() {
    let soon = Some(Duration::from_secs(3600));
    let (first, second, next) = renamed(State::Delivered, State::Unsent, soon);
    assert_eq!((first, second), (State::Delivered, State::Unsent));
    assert_eq!(next, State::Unsent);
    let (_, second, next) = renamed(State::InDoubt, State::Unsent, soon);
    assert_eq!((second, next), (State::Skipped, State::InDoubt));
}

/// It would be sent beside the one that comes again.
#[test]
fn one_that_is_older_than_what_was_sent_is_passed_over_though_that_lapsed() {
    let (_folder, ledger) = temporary();
    let failed = stored(&ledger, "north", State::Failed);
    stored(&ledger, "east", State::Delivered);
    long_ago(&ledger);
    let soon = Some(Duration::from_secs(3600));
    ledger.rename("north", "east", soon).unwrap();
    assert_eq!(state(&ledger, failed), State::Skipped);
}

#[test]
fn a_doubt_is_not_sent_beside_its_twin() {
    let (_folder, ledger) = temporary();
    let doubt = stored(&ledger, "north", State::InDoubt);
    let there = stored(&ledger, "east", State::Delivered);
    ledger.rename("north", "east", None).unwrap();
    let other = |id| {
        let lead = ledger.lead(id).unwrap().unwrap();
        ledger.duplicate_of(&lead, None).unwrap()
    };
    assert_eq!(other(doubt), Some((there, State::Delivered)));
    assert_eq!(other(there), None);
}

#[test]
fn a_doubt_that_was_not_received_is_no_lead_to_send_if_its_twin_was() {
    let (_folder, ledger) = temporary();
    let names = ["north", "south", "east"];
    let doubts = names.map(|name| stored(&ledger, name, State::InDoubt));
    let not_received = |id| say(&ledger, id, PersonsWord::NotReceived, None).unwrap();
    ledger.rename("north", "east", None).unwrap();
    ledger.rename("south", "east", None).unwrap();
    assert_eq!(not_received(doubts[2]), State::Skipped);
    let lead = ledger.lead(doubts[2]).unwrap().unwrap();
    let message = lead.message().unwrap();
    assert!(message.contains("the same lead as"), "{message}");
    assert_eq!(not_received(doubts[0]), State::Skipped);
    // The last one is nobody's twin any more.
    assert_eq!(not_received(doubts[1]), State::Failed);

    let (_folder, ledger) = temporary();
    let doubts = names.map(|name| stored(&ledger, name, State::InDoubt));
    ledger.rename("north", "east", None).unwrap();
    ledger.rename("south", "east", None).unwrap();
    let not_received = |id| say(&ledger, id, PersonsWord::NotReceived, None).unwrap();
    let said = say(&ledger, doubts[0], PersonsWord::Delivered, None);
    assert_eq!(said, Ok(State::Delivered));
    assert_eq!(not_received(doubts[1]), State::Skipped);
    assert_eq!(not_received(doubts[2]), State::Skipped);
}

/// `again_after`: who came again is another lead than the one that was sent then.
#[test]
fn a_doubt_that_came_again_is_not_held_back_by_what_was_sent_before() {
    let soon = Some(Duration::from_secs(3600));
    for (again_after, settled) in [(soon, State::Failed), (None, State::Skipped)] {
        let (_folder, ledger) = temporary();
        stored(&ledger, "north", State::Delivered);
        long_ago(&ledger);
        let spec = RunSpec {
            destination: "north",
            command: "send",
            holds: true,
            again_after: soon,
            pricing: Default::default(),
            rivals: &[],
        };
        let journal = ledger.journal(&spec).unwrap();
        let doubt = sent(&ledger, &journal, "ana", State::InDoubt);
        drop(journal);
        let ruled = say(&ledger, doubt, PersonsWord::NotReceived, again_after);
        assert_eq!(ruled, Ok(settled));
    }
}

#[test]
fn two_leads_that_a_new_key_makes_one_are_sent_once() {
    let (_folder, ledger) = temporary();
    let journal = run_to(&ledger, "north");
    let first = sent(&ledger, &journal, "ana", State::Delivered);
    let other = sendable(&journal, lead(&ledger, "bob"));
    drop(journal);
    let key = ledger.hasher().key(["both"]);
    let mut key_of = |_: &_| Some(key);
    let done = ledger.rekey("north", "x", None, &mut key_of).unwrap();
    assert_eq!((done.changed, done.passed_over), (2, 1));
    assert_eq!(state(&ledger, first), State::Delivered);
    let passed_over = ledger.lead(other).unwrap().unwrap();
    assert_eq!(passed_over.state, State::Skipped);
    let message = passed_over.message().unwrap();
    assert!(
        message.contains("the same lead as 1, which is delivered"),
        "{message}"
    );
    // Once more changes nothing.
    let done = ledger.rekey("north", "y", None, &mut key_of).unwrap();
    assert_eq!((done.changed, done.passed_over), (1, 0));
}

#[test]
fn keys_made_in_two_ways_agree_with_no_table_until_they_are_made_anew() {
    let (_folder, ledger) = temporary();
    stored(&ledger, "north", State::Delivered);
    stored(&ledger, "east", State::Delivered);
    ledger.set_key_spec("north", "email phone").unwrap();
    ledger.set_key_spec("east", "email").unwrap();
    ledger.rename("north", "east", None).unwrap();
    let spec = ledger.key_spec("east").unwrap();
    assert_eq!(spec.as_deref(), Some("email phone or email"));
}
