//! What the next send makes of a lead, whatever became of it before.

use std::time::Duration;

use super::super::{
    DedupOutcome, Filter, Intake, Journal, Judgement, Ledger, PersonsWord, RunSpec, WordRefusal,
};
use super::{
    attempt, faulty, granted, invalid, lead, outcome, run, run_to, say, sendable, sent, state,
    take_in, temporary,
};
use crate::lead::State;

/// Sends a lead with this outcome in one run, and takes it in again in another.
fn again(state: State) -> (i64, DedupOutcome) {
    let (_folder, ledger) = temporary();
    let first = sent(&ledger, &run(&ledger), "ana", state);
    let standing = take_in(&run(&ledger), lead(&ledger, "ana"));
    (first, standing)
}

#[test]
fn a_lead_that_the_partner_has_or_may_have_is_skipped() {
    for state in [
        State::Delivered,
        State::Pending,
        State::Approved,
        State::Expired,
        State::Duplicate,
        State::Returned,
        State::InDoubt,
        State::Rejected, // nothing changed
    ] {
        let (first, standing) = again(state);
        let DedupOutcome::Skip { earlier, .. } = standing else {
            panic!("{state}: {standing:?}");
        };
        assert_eq!((earlier.id, earlier.state), (first, state));
        assert_eq!(earlier.reference, Some(format!("R{first}")));
        assert!(earlier.sent_at.is_some());
    }
}

#[test]
fn a_change_is_made_whenever_it_is_asked_for() {
    let (_folder, ledger) = temporary();
    let change = || Intake {
        key: ledger.hasher().key(["amend", "13", "{}"]),
        is_change: true,
        ..lead(&ledger, "ana")
    };
    let made = |journal: &Journal, state: State| {
        let id = sendable(journal, change());
        let attempt = granted(journal, attempt(id));
        journal.settle(outcome(attempt, id, state)).unwrap();
        id
    };
    let journal = run(&ledger);
    let first = made(&journal, State::Delivered);
    // Twice in one input: what stands between the two may have undone it.
    let twice = made(&journal, State::InDoubt);
    assert_ne!(first, twice);
    drop(journal);
    // Another run settles what was left open, and makes again what was made.
    assert_eq!(made(&run(&ledger), State::Delivered), twice);
    let later = made(&run(&ledger), State::Failed);
    assert!(later > twice);
    assert_eq!(made(&run(&ledger), State::Delivered), later);
    // It is nobody's key: the person's own lead is new.
    assert!(sendable(&run(&ledger), lead(&ledger, "ana")) > later);
}

#[test]
fn a_lead_that_was_not_received_is_sent() {
    let (first, standing) = again(State::Failed);
    assert_eq!(
        standing,
        DedupOutcome::Send {
            id: first,
            notified: false
        }
    );

    let (_folder, ledger) = temporary();
    let first = sendable(&run(&ledger), lead(&ledger, "ana"));
    let mut moved = lead(&ledger, "ana");
    moved.file = "other.csv".to_owned();
    let journal = run(&ledger);
    assert_eq!(
        take_in(&journal, moved),
        DedupOutcome::Send {
            id: first,
            notified: false
        }
    );
    assert_eq!(ledger.lead(first).unwrap().unwrap().file, "other.csv");
}

#[test]
fn a_refused_lead_is_sent_when_what_would_be_sent_has_changed() {
    let (_folder, ledger) = temporary();
    let first = sent(&ledger, &run(&ledger), "ana", State::Rejected);
    let mut changed = lead(&ledger, "ana");
    changed.request = Some(
        ledger
            .hasher()
            .request(["POST", "https://example.fr/b", "x"]),
    );
    let journal = run(&ledger);
    let id = sendable(&journal, changed.clone());
    assert_eq!(id, first);

    let refused = granted(&journal, attempt(id));
    journal
        .settle(outcome(refused, id, State::Pending))
        .unwrap();
    let follow = granted(
        &journal,
        super::Attempt {
            trigger: super::Trigger::Follow,
            expect: &[State::Pending],
            ..attempt(id)
        },
    );
    journal
        .settle(outcome(follow, id, State::Rejected))
        .unwrap();
    assert!(ledger.lead(id).unwrap().unwrap().after_pending);
    let standing = take_in(&run(&ledger), lead(&ledger, "ana"));
    assert!(
        matches!(standing, DedupOutcome::Skip { .. }),
        "a decision stands: {standing:?}"
    );
    let mut corrected = lead(&ledger, "anna");
    corrected.replaces = Some(id);
    assert_eq!(
        sendable(&run(&ledger), corrected),
        id,
        "a person's correction"
    );
}

#[test]
fn an_invalid_lead_is_judged_again() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let DedupOutcome::Invalid {
        id,
        notified: false,
    } = take_in(&journal, invalid(&ledger, "ana", "no phone"))
    else {
        panic!();
    };
    journal.mark_notified(vec![id]).unwrap();
    drop(journal);

    let journal = run(&ledger);
    let same = take_in(&journal, invalid(&ledger, "ana", "no phone"));
    assert_eq!(same, DedupOutcome::Invalid { id, notified: true });
    let other = take_in(&journal, invalid(&ledger, "ana", "no city"));
    assert_eq!(
        other,
        DedupOutcome::Invalid {
            id,
            notified: false
        }
    );
    assert_eq!(sendable(&journal, lead(&ledger, "ana")), id);
}

#[test]
fn the_same_lead_twice_in_a_run_is_one_request() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let standings = journal
        .intake(vec![
            lead(&ledger, "ana"),
            lead(&ledger, "bob"),
            lead(&ledger, "ana"),
        ])
        .unwrap()
        .wait()
        .unwrap();
    let DedupOutcome::Skip {
        earlier,
        same_run: true,
        ..
    } = &standings[2]
    else {
        panic!("{standings:?}");
    };
    assert_eq!(earlier.line, 2);
    assert_eq!(
        DedupOutcome::Send {
            id: earlier.id,
            notified: false
        },
        standings[0]
    );
    assert!(matches!(standings[1], DedupOutcome::Send { .. }));
    let broken = take_in(&journal, invalid(&ledger, "ana", "no phone"));
    assert!(matches!(broken, DedupOutcome::Skip { .. }), "{broken:?}");
}

#[test]
fn the_same_person_may_come_again_after_a_while() {
    let (_folder, ledger) = temporary();
    let first = sent(&ledger, &run(&ledger), "ana", State::Delivered);
    let doubt = sent(&ledger, &run(&ledger), "bob", State::InDoubt);
    ledger
        .conn()
        .unwrap()
        .execute("UPDATE leads SET sent_at = sent_at - 10000", [])
        .unwrap();
    let after = |seconds| {
        let spec = RunSpec {
            destination: "north",
            command: "send",
            holds: true,
            again_after: Some(Duration::from_secs(seconds)),
            pricing: Default::default(),
            rivals: &[],
        };
        ledger.journal(&spec).unwrap()
    };
    let (late, soon) = (after(3600), after(5));
    assert!(matches!(
        take_in(&late, lead(&ledger, "ana")),
        DedupOutcome::Skip { .. }
    ));
    let second = sendable(&soon, lead(&ledger, "ana"));
    assert_ne!(second, first);
    assert!(
        matches!(take_in(&soon, lead(&ledger, "ana")), DedupOutcome::Skip { earlier, .. } if earlier.id == second)
    );
    assert!(
        matches!(take_in(&soon, lead(&ledger, "bob")), DedupOutcome::Skip { earlier, .. } if earlier.id == doubt)
    );
}

#[test]
fn a_corrected_row_replaces_the_lead_it_names() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let DedupOutcome::Invalid { id, .. } = take_in(&journal, invalid(&ledger, "amna", "typo"))
    else {
        panic!();
    };
    let mut corrected = lead(&ledger, "anna");
    corrected.replaces = Some(id);
    let journal = run(&ledger);
    assert_eq!(sendable(&journal, corrected.clone()), id);
    let gone = sent(&ledger, &journal, "carl", State::Delivered);
    let mut again = lead(&ledger, "karl");
    again.replaces = Some(gone);
    let standing = take_in(&journal, again);
    assert!(matches!(standing, DedupOutcome::Skip { earlier, .. } if earlier.id == gone));
}

#[test]
fn the_old_row_of_a_corrected_lead_is_nothing_new() {
    let (_folder, ledger) = temporary();
    // Refused, corrected with another address, delivered: the export comes again.
    let id = sent(&ledger, &run(&ledger), "amna", State::Rejected);
    let mut corrected = lead(&ledger, "anna");
    corrected.replaces = Some(id);
    let journal = run(&ledger);
    assert_eq!(sendable(&journal, corrected), id);
    drop(journal);
    let old = lead(&ledger, "amna");
    assert!(matches!(
        ledger.intake_preview(["north".to_owned()].iter(), None, &[], &old).unwrap(),
        Some(DedupOutcome::Skip { earlier: e, .. }) if e.id == id
    ));
    assert!(
        matches!(take_in(&run(&ledger), old), DedupOutcome::Skip { earlier, .. } if earlier.id == id)
    );
    // With other content it is another lead.
    let mut other = lead(&ledger, "amna");
    other.request = Some(ledger.hasher().request(["POST", "/", "other"]));
    assert_ne!(sendable(&run(&ledger), other), id);
}

#[test]
fn a_content_refused_once_is_not_sent_again_after_a_correction_was_refused_too() {
    let (_folder, ledger) = temporary();
    let id = sent(&ledger, &run(&ledger), "ana", State::Rejected);
    let mut corrected = lead(&ledger, "ana");
    corrected.request = Some(ledger.hasher().request(["POST", "/", "corrected"]));
    let standing = take_in(&run(&ledger), corrected);
    assert!(matches!(standing, DedupOutcome::Send { id: same, .. } if same == id));
    ledger
        .conn()
        .unwrap()
        .execute("UPDATE leads SET state = 'rejected'", [])
        .unwrap();
    let standing = take_in(&run(&ledger), lead(&ledger, "ana"));
    assert!(
        matches!(standing, DedupOutcome::Skip { .. }),
        "{standing:?}"
    );
}

#[test]
fn a_lead_known_by_its_address_alone_is_corrected() {
    let (_folder, ledger) = temporary();
    let alone = |name| Intake {
        phone: None,
        ..lead(&ledger, name)
    };
    let journal = run(&ledger);
    let refused = Intake {
        judgement: faulty(&ledger, "typo"),
        request: None,
        ..alone("amna")
    };
    let DedupOutcome::Invalid { id, .. } = take_in(&journal, refused) else {
        panic!();
    };
    let mut corrected = alone("anna");
    corrected.replaces = Some(id);
    assert_eq!(sendable(&run(&ledger), corrected), id);
}

#[test]
fn a_file_of_another_ledger_names_nobody_here() {
    let (_folder, ledger) = temporary();
    let stranger = sent(&ledger, &run(&ledger), "carl", State::Delivered);
    let mut corrected = lead(&ledger, "ana");
    corrected.phone = Some(ledger.hasher().person("+33639980099"));
    corrected.replaces = Some(stranger);
    assert_ne!(sendable(&run(&ledger), corrected), stranger);
}

#[test]
fn leads_sent_by_other_means_are_recorded_once() {
    let (_folder, ledger) = temporary();
    let mut by_hand = lead(&ledger, "ana");
    by_hand.judgement = Judgement::Elsewhere("sent by mail".to_owned());
    let standing = take_in(&run(&ledger), by_hand);
    let DedupOutcome::Recorded { id } = standing else {
        panic!("{standing:?}");
    };
    let stored = ledger.lead(id).unwrap().unwrap();
    assert_eq!((stored.state, stored.attempts), (State::Delivered, 0));
    let standing = take_in(&run(&ledger), lead(&ledger, "ana"));
    assert!(
        matches!(standing, DedupOutcome::Skip { .. }),
        "{standing:?}"
    );
}

#[test]
fn destinations_know_nothing_of_each_other_until_renamed() {
    let (_folder, ledger) = temporary();
    let id = sent(&ledger, &run(&ledger), "ana", State::Delivered);
    let south = run_to(&ledger, "south");
    let other = sendable(&south, lead(&ledger, "ana"));
    assert_ne!(id, other);
    drop(south);
    ledger.set_key_spec("north", "email").unwrap();
    assert_eq!(ledger.rename("north", "east", None).unwrap().changed, 1);
    assert_eq!(ledger.key_spec("east").unwrap().as_deref(), Some("email"));
    assert!(!ledger.destinations().unwrap().contains(&"north".to_owned()));
    let standing = take_in(&run_to(&ledger, "east"), lead(&ledger, "ana"));
    assert!(matches!(standing, DedupOutcome::Skip { earlier, .. } if earlier.id == id));
}

#[test]
fn a_new_key_spec_gives_stored_leads_new_keys() {
    let (_folder, ledger) = temporary();
    let id = sent(&ledger, &run(&ledger), "ana", State::Delivered);
    let hasher = ledger.hasher();
    let done = ledger
        .rekey("north", "email+program", None, &mut |stored| {
            assert!(stored.fields.as_deref().unwrap().contains("ana@example.fr"));
            Some(hasher.key(["ana", "12"]))
        })
        .unwrap();
    assert_eq!((done.changed, done.kept), (1, 0));
    let mut same = lead(&ledger, "ana");
    same.key = hasher.key(["ana", "12"]);
    assert!(
        matches!(take_in(&run(&ledger), same), DedupOutcome::Skip { earlier, .. } if earlier.id == id)
    );
    assert_eq!(
        ledger.key_spec("north").unwrap().as_deref(),
        Some("email+program")
    );
}

#[test]
fn a_doubt_is_settled_by_hand_and_only_a_doubt() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let doubt = sent(&ledger, &journal, "ana", State::InDoubt);
    let other = sent(&ledger, &journal, "bob", State::InDoubt);
    drop(journal);
    say(&ledger, doubt, PersonsWord::NotReceived, None).unwrap();
    assert_eq!(sendable(&run(&ledger), lead(&ledger, "ana")), doubt);
    say(&ledger, other, PersonsWord::Delivered, None).unwrap();
    let not_received = |id| say(&ledger, id, PersonsWord::NotReceived, None);
    assert!(not_received(other).is_err());
    assert_eq!(not_received(99), Err(WordRefusal::NoLead(99)));
    let story = ledger.attempts(doubt).unwrap();
    assert_eq!(story.len(), 2);
    assert_eq!(story[1].reason.as_deref(), Some("asked Marie"));
    assert_eq!(state(&ledger, other), State::Delivered);
}

#[test]
fn leads_are_read_in_order_whatever_the_filter() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let many: Vec<_> = (0..600).map(|n| lead(&ledger, &format!("p{n}"))).collect();
    journal.intake(many).unwrap().wait().unwrap();
    let rejected = sent(&ledger, &journal, "ana", State::Rejected);
    let read = |ledger: &Ledger, filter: Filter| -> Vec<i64> {
        ledger
            .leads(filter)
            .unwrap()
            .map(|lead| lead.unwrap().id)
            .collect()
    };
    let all = read(&ledger, Filter::default());
    assert_eq!(all.len(), 601);
    assert!(all.is_sorted());
    let states = Filter {
        states: vec![State::Rejected, State::Unsent],
        destination: Some("north".to_owned()),
        ..Filter::default()
    };
    assert_eq!(read(&ledger, states), all);
    let ids = Filter {
        ids: vec![rejected, 3, 3, 9999],
        ..Filter::default()
    };
    assert_eq!(read(&ledger, ids), [3, rejected]);
    let later = Filter {
        since: Some(i64::MAX),
        ..Filter::default()
    };
    assert!(read(&ledger, later).is_empty());
}
