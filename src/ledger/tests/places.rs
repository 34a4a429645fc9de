//! A cap, as the claim of a lead asks it.

use super::super::{Attempt, Begun, Journal, KeptBack, Trigger};
use super::{attempt, granted, lead, outcome, run, sendable, sent, state, temporary};
use crate::lead::{Hold, HoldReason, Limit, State};

fn limit(count: u32, since: Option<i64>) -> Limit {
    let hold = Hold {
        reason: HoldReason::Cap,
        until: None,
    };
    Limit { count, since, hold }
}

fn within(id: i64, limits: &[Limit]) -> Attempt {
    Attempt {
        limits: limits.to_vec(),
        ..attempt(id)
    }
}

fn is_held(journal: &Journal, id: i64, limits: &[Limit]) -> bool {
    matches!(
        journal.begin(within(id, limits)).unwrap(),
        Begun::KeptBack(_)
    )
}

#[test]
fn who_has_a_lead_or_may_have_it_takes_a_place_and_a_refusal_frees_it() {
    use State::{Approved, Delivered, Duplicate, Expired, Failed, InDoubt, Pending, Rejected};
    for (left, takes) in [
        (Delivered, true),
        (Pending, true),
        (Approved, true),
        (Expired, true),
        (Duplicate, true),
        (InDoubt, true),
        (Rejected, false),
        (Failed, false),
    ] {
        let (_folder, ledger) = temporary();
        let journal = run(&ledger);
        sent(&ledger, &journal, "ana", left);
        let id = sendable(&journal, lead(&ledger, "ben"));
        assert_eq!(is_held(&journal, id, &[limit(1, None)]), takes, "{left}");
        let expected = if takes { State::Held } else { State::InDoubt };
        assert_eq!(state(&ledger, id), expected, "{left}");
    }
}

#[test]
fn only_what_was_sent_in_the_period_counts_and_the_longest_hold_is_told() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let first = sent(&ledger, &journal, "ana", State::Delivered);
    let at = ledger.lead(first).unwrap().unwrap().sent_at.unwrap();
    let second = sendable(&journal, lead(&ledger, "ben"));
    assert!(is_held(&journal, second, &[limit(1, Some(at))]));
    let until = |text: &str| Hold {
        reason: HoldReason::Cap,
        until: Some(text.parse().unwrap()),
    };
    let day = Limit {
        hold: until("2026-12-02T00:00"),
        ..limit(1, Some(at))
    };
    let month = Limit {
        hold: until("2027-01-01T00:00"),
        ..limit(1, Some(at - 1))
    };
    let begun = journal.begin(Attempt {
        expect: &[State::Held],
        ..within(second, &[month, day])
    });
    assert_eq!(begun.unwrap(), Begun::KeptBack(KeptBack::Held(month.hold)));
    let later = journal.begin(Attempt {
        expect: &[State::Held],
        ..within(second, &[limit(1, Some(at + 1))])
    });
    assert!(matches!(later.unwrap(), Begun::Granted(_)));
}

#[test]
fn a_place_that_may_soon_be_free_is_waited_for() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let first = sendable(&journal, lead(&ledger, "ana"));
    let limits = [limit(1, None)];
    let calling = granted(&journal, within(first, &limits));
    let second = sendable(&journal, lead(&ledger, "ben"));
    let wish = || within(second, &limits);
    assert!(matches!(journal.begin(wish()).unwrap(), Begun::Wait(_)));
    assert_eq!(state(&ledger, second), State::Unsent);
    journal
        .settle(outcome(calling, first, State::Rejected))
        .unwrap();
    granted(&journal, wish());
}

#[test]
fn a_doubt_that_is_repeated_has_its_own_place_and_one_that_waits_stays_what_it_is() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::InDoubt);
    let repeat = |limits: &[Limit]| Attempt {
        trigger: Trigger::Repeat,
        expect: &[State::InDoubt],
        ..within(id, limits)
    };
    let closed = Hold {
        reason: HoldReason::Hours,
        until: None,
    };
    let begun = journal.begin(Attempt {
        hold: Some(closed),
        ..repeat(&[])
    });
    assert_eq!(begun.unwrap(), Begun::KeptBack(KeptBack::Held(closed)));
    assert_eq!(state(&ledger, id), State::InDoubt);
    granted(&journal, repeat(&[limit(1, None)]));
}

#[test]
fn the_places_of_a_large_destination_are_counted_by_their_index() {
    let (_folder, ledger) = temporary();
    let plan = ledger.plan_of_places().unwrap();
    assert!(plan.contains("USING COVERING INDEX leads_placed"), "{plan}");
}
