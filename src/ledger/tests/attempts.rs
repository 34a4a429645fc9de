//! Attempts and outcomes: in doubt by construction, one in flight, one pace.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::super::{Begun, Bucket, Filter, Judgement, Ledger, Mode, Purge, Rate, Trigger};
use super::{
    Attempt, attempt, granted, lead, outcome, run, run_to, sendable, sent, state, take_in,
    temporary,
};
use crate::lead::State;

#[test]
fn a_lead_is_in_doubt_from_its_attempt_to_its_outcome() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    assert_eq!(state(&ledger, id), State::Unsent);
    let first = granted(&journal, attempt(id));
    let stored = ledger.lead(id).unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.in_flight(), stored.attempts),
        (State::InDoubt, true, 1)
    );
    assert!(stored.message().unwrap().starts_with("being sent since"));
    assert_eq!(stored.address.as_deref(), Some(r#"{"program":"12"}"#));

    let taken = journal.begin(attempt(id)).unwrap();
    assert_eq!(taken, Begun::Taken(State::InDoubt));
    let settled = journal
        .settle(outcome(first, id, State::Delivered))
        .unwrap();
    assert_eq!((settled.state, settled.notified), (State::Delivered, false));
    assert_eq!(
        journal.begin(attempt(id)).unwrap(),
        Begun::Taken(State::Delivered)
    );
    assert!(journal.settle(outcome(first, id, State::Failed)).is_err());
    assert_eq!(state(&ledger, id), State::Delivered);
}

#[test]
fn a_failed_lead_is_tried_again_and_every_attempt_is_told() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::Failed);
    let retry = granted(
        &journal,
        Attempt {
            trigger: Trigger::Retry,
            request: Some(r#"{"body":1}"#.to_owned()),
            ..attempt(id)
        },
    );
    journal.settle(outcome(retry, id, State::Rejected)).unwrap();
    let story = ledger.attempts(id).unwrap();
    assert_eq!(story.len(), 2);
    assert_eq!(story[0].transport.as_deref(), Some("unsent"));
    assert_eq!(story[1].trigger, Trigger::Retry);
    assert_eq!(story[1].state, Some(State::Rejected));
    assert_eq!(story[1].request.as_deref(), Some(r#"{"body":1}"#));
    assert!(story[1].ended_at.is_some());
    assert_eq!(ledger.lead(id).unwrap().unwrap().attempts, 2);
}

#[test]
fn an_approval_is_never_put_at_risk_nor_a_doubt_forgotten() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let approved = sent(&ledger, &journal, "ana", State::Approved);
    let all = State::ALL.as_slice();
    let resend = |id| Attempt {
        trigger: Trigger::Resend,
        expect: all,
        ..attempt(id)
    };
    assert_eq!(
        journal.begin(resend(approved)).unwrap(),
        Begun::Taken(State::Approved)
    );

    let doubt = sent(&ledger, &journal, "bob", State::InDoubt);
    let repeat = granted(&journal, resend(doubt));
    let settled = journal
        .settle(outcome(repeat, doubt, State::Failed))
        .unwrap();
    assert_eq!(
        settled.state,
        State::InDoubt,
        "the first attempt may have arrived"
    );
}

#[test]
fn questions_leave_the_state_alone() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::Pending);
    let ask = granted(
        &journal,
        Attempt {
            trigger: Trigger::Follow,
            expect: &[State::Pending],
            ..attempt(id)
        },
    );
    assert_eq!(state(&ledger, id), State::Pending);
    let mut nothing = outcome(ask, id, State::Pending);
    (nothing.state, nothing.message) = (None, None);
    journal.settle(nothing).unwrap();
    let stored = ledger.lead(id).unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.attempts, stored.in_flight()),
        (State::Pending, 1, false)
    );
    assert_eq!(
        stored.message().as_deref(),
        Some("the partner says pending")
    );
}

/// Doubts in a row at the destination of these tests.
fn doubts(ledger: &Ledger) -> u32 {
    let status = ledger.status().unwrap();
    let north = status.iter().find(|found| found.destination == "north");
    north.map_or(0, |found| found.doubts)
}

#[test]
fn doubts_in_a_row_are_counted_across_runs() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    for name in ["a", "b"] {
        sent(&ledger, &journal, name, State::InDoubt);
    }
    sent(&ledger, &journal, "c", State::Failed); // no word from the partner
    drop(journal);
    assert_eq!(doubts(&ledger), 2);
    let journal = run(&ledger);
    sent(&ledger, &journal, "d", State::InDoubt);
    assert_eq!(doubts(&ledger), 3);
    sent(&ledger, &journal, "e", State::Rejected);
    assert_eq!(doubts(&ledger), 0);
}

#[test]
fn attempts_of_a_dead_run_are_declared_and_those_of_a_live_one_left_alone() {
    let (_folder, ledger) = temporary();
    let dead = run(&ledger);
    let killed = sendable(&dead, lead(&ledger, "ana"));
    granted(&dead, attempt(killed));
    let asked = sent(&ledger, &dead, "bob", State::Pending);
    granted(
        &dead,
        Attempt {
            trigger: Trigger::Find,
            expect: &[State::Pending],
            ..attempt(asked)
        },
    );
    let alive = run_to(&ledger, "south");
    let flying = sendable(&alive, lead(&ledger, "carl"));
    let open = granted(&alive, attempt(flying));
    assert!(ledger.recover().unwrap().is_empty());
    drop(dead);

    assert_eq!(ledger.recover().unwrap(), [killed]);
    assert!(!ledger.lead(asked).unwrap().unwrap().in_flight());
    assert!(ledger.recover().unwrap().is_empty());
    assert_eq!(state(&ledger, killed), State::InDoubt);
    assert!(!ledger.lead(killed).unwrap().unwrap().in_flight());
    assert_eq!(state(&ledger, asked), State::Pending);
    alive
        .settle(outcome(open, flying, State::Delivered))
        .unwrap();
}

#[test]
fn an_outcome_that_is_known_takes_the_place_of_a_declared_doubt() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    let open = granted(&journal, attempt(id));
    // What shows that this run is alive is gone, as on a disk that two machines
    // share: another start believes it dead.
    let locks = format!("{}.locks", ledger.path().display());
    for entry in std::fs::read_dir(locks).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert_eq!(ledger.recover().unwrap().len(), 1);
    let declared = ledger.lead(id).unwrap().unwrap();
    assert_eq!((declared.state, declared.attempts), (State::InDoubt, 1));

    journal.settle(outcome(open, id, State::Delivered)).unwrap();
    let settled = ledger.lead(id).unwrap().unwrap();
    assert_eq!((settled.state, settled.attempts), (State::Delivered, 1));
    let story = ledger.attempts(id).unwrap();
    assert_eq!(story.len(), 1);
    assert_eq!(story[0].transport.as_deref(), Some("replied"));
}

#[test]
fn leads_on_their_way_are_found_and_counted_in_doubt() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let old = sent(&ledger, &journal, "ana", State::InDoubt);
    let flying = sendable(&journal, lead(&ledger, "bob"));
    let unsent = sendable(&journal, lead(&ledger, "carl"));
    granted(&journal, attempt(flying));
    let ids = |states: &[State]| -> Vec<i64> {
        let filter = Filter {
            states: states.to_vec(),
            ..Filter::default()
        };
        let leads = ledger.leads(filter).unwrap();
        leads.map(|lead| lead.unwrap().id).collect()
    };
    assert_eq!(ids(&[State::InDoubt]), [old, flying]);
    assert_eq!(ids(&[State::Unsent]), [unsent]);
    assert_eq!(ids(&[State::Unsent, State::InDoubt]), [old, flying, unsent]);
    let status = ledger.status().unwrap();
    let north = status.iter().find(|found| found.destination == "north");
    let count = |state| north.map_or(0, |found| found.count(state));
    assert_eq!((count(State::InDoubt), count(State::Unsent)), (2, 1));
}

#[test]
fn handles_that_race_for_a_lead_send_it_once() {
    let (_folder, ledger) = temporary();
    let path = ledger.path().to_owned();
    let journal = run(&ledger);
    let ids: Vec<i64> = (0..40)
        .map(|n| sendable(&journal, lead(&ledger, &format!("p{n}"))))
        .collect();
    let racers: Vec<_> = (0..4)
        .map(|_| {
            let (path, ids) = (path.clone(), ids.clone());
            thread::spawn(move || {
                let own = Ledger::open(&path, Mode::Existing).unwrap();
                let journal = run(&own);
                let won = |id: &i64| matches!(journal.begin(attempt(*id)), Ok(Begun::Granted(_)));
                ids.iter().filter(|id| won(id)).count()
            })
        })
        .collect();
    let won: usize = racers.into_iter().map(|racer| racer.join().unwrap()).sum();
    assert_eq!(won, ids.len());
}

#[test]
fn processes_that_take_in_the_same_file_store_each_lead_once() {
    let (_folder, ledger) = temporary();
    let racers: Vec<_> = (0..4)
        .map(|_| {
            let path = ledger.path().to_owned();
            thread::spawn(move || {
                let own = Ledger::open(&path, Mode::Create).unwrap();
                let journal = run(&own);
                (0..50).for_each(|n| drop(take_in(&journal, lead(&own, &format!("p{n}")))));
            })
        })
        .collect();
    racers.into_iter().for_each(|racer| racer.join().unwrap());
    assert_eq!(
        ledger
            .leads(super::super::Filter::default())
            .unwrap()
            .count(),
        50
    );
}

#[test]
fn workers_share_commits_and_each_gets_its_own_answer() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let journal = journal.clone();
            let leads: Vec<_> = (0..25)
                .map(|n| lead(&ledger, &format!("w{worker}n{n}")))
                .collect();
            thread::spawn(move || {
                let mut ids = Vec::new();
                let mut open: Option<(i64, i64)> = None;
                for one in leads {
                    let id = sendable(&journal, one);
                    let begun = match open {
                        None => journal.begin(attempt(id)),
                        Some((attempt_id, lead)) => journal
                            .settle_and_begin(
                                outcome(attempt_id, lead, State::Delivered),
                                attempt(id),
                            )
                            .map(|(_, begun)| begun),
                    };
                    let Begun::Granted(attempt_id) = begun.unwrap() else {
                        panic!()
                    };
                    open = Some((attempt_id, id));
                    ids.push(id);
                }
                let (attempt_id, lead) = open.unwrap();
                journal
                    .settle(outcome(attempt_id, lead, State::Delivered))
                    .unwrap();
                assert!(
                    journal.settle(outcome(1, -1, State::Failed)).is_err(),
                    "only the one who asked fails"
                );
                ids
            })
        })
        .collect();
    let ids: HashSet<i64> = workers
        .into_iter()
        .flat_map(|worker| worker.join().unwrap())
        .collect();
    assert_eq!(ids.len(), 200);
    for id in ids {
        let stored = ledger.lead(id).unwrap().unwrap();
        assert_eq!(
            (stored.state, stored.reference),
            (State::Delivered, Some(format!("R{id}")))
        );
    }
}

#[test]
fn the_pace_is_shared_by_runs_and_leaves_no_trace_when_it_says_wait() {
    let (_folder, ledger) = temporary();
    let bucket = Arc::new(Bucket {
        id: [3; 16],
        rates: vec![Rate {
            count: 2,
            per: Duration::from_secs(3600),
        }],
        leave: 0.0,
    });
    let paced = |id| Attempt {
        pace: Some(Arc::clone(&bucket)),
        ..attempt(id)
    };
    let journal = run(&ledger);
    let first = sendable(&journal, lead(&ledger, "ana"));
    granted(&journal, paced(first));
    drop(journal);
    let journal = run(&ledger);
    journal.pace(&bucket).unwrap().unwrap();
    let second = sendable(&journal, lead(&ledger, "bob"));
    let begun = journal.begin(paced(second)).unwrap();
    assert!(
        matches!(begun, Begun::Wait(wait) if wait > Duration::from_secs(3500)),
        "{begun:?}"
    );
    assert_eq!(state(&ledger, second), State::Unsent);
    assert!(ledger.attempts(second).unwrap().is_empty());
}

#[test]
fn what_was_told_is_told_once_until_it_changes() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::Failed);
    journal.mark_notified(vec![id]).unwrap();
    drop(journal);
    let journal = run(&ledger);
    sendable(&journal, lead(&ledger, "ana"));
    let second = granted(&journal, attempt(id));
    assert!(
        journal
            .settle(outcome(second, id, State::Failed))
            .unwrap()
            .notified
    );
    let third = granted(&journal, attempt(id));
    assert!(
        !journal
            .settle(outcome(third, id, State::InDoubt))
            .unwrap()
            .notified
    );
}

#[test]
fn an_approval_runs_out_and_status_counts() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    let first = granted(&journal, attempt(id));
    let mut approved = outcome(first, id, State::Approved);
    approved.expires_at = Some(1_000);
    journal.settle(approved).unwrap();
    sent(&ledger, &journal, "bob", State::InDoubt);
    assert!(ledger.expire("north", 999).unwrap().is_empty());
    assert_eq!(ledger.expire("north", 1_000).unwrap(), [id]);
    let status = ledger.status().unwrap();
    assert_eq!(status.len(), 1);
    assert_eq!(status[0].count(State::Expired), 1);
    assert_eq!(status[0].count(State::InDoubt), 1);
    assert_eq!(status[0].count(State::Failed), 0);
    assert!(status[0].last_success.is_some() && status[0].counts[0].oldest > 0);
    assert_eq!(status[0].doubts, 1);
}

/// The writer waits otherwise where many ask at once than where one does.
#[test]
fn whoever_asks_is_answered_alone_and_among_many() {
    const MANY: usize = 24;
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let ids: Vec<i64> = (0..MANY + 1)
        .map(|number| sendable(&journal, lead(&ledger, &number.to_string())))
        .collect();
    let deliver = |id| {
        let begun = granted(&journal, attempt(id));
        journal
            .settle(outcome(begun, id, State::Delivered))
            .unwrap();
    };
    let together = std::sync::Barrier::new(MANY);
    thread::scope(|scope| {
        for id in &ids[1..] {
            scope.spawn(|| {
                together.wait();
                deliver(*id);
            });
        }
    });
    deliver(ids[0]);
    let delivered = ids.iter().map(|id| state(&ledger, *id));
    assert!(delivered.into_iter().all(|state| state == State::Delivered));
}

#[test]
fn what_a_run_left_unsent_is_told_once_when_it_is_gone() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    sendable(&journal, lead(&ledger, "bob"));
    assert!(ledger.cut_short().unwrap().is_empty(), "it is alive");
    drop(journal);
    assert!(ledger.cut_short().unwrap().is_empty(), "it ended by itself");
    // As if it had been killed.
    let kill = "UPDATE runs SET ended_at = NULL";
    ledger.conn().unwrap().execute(kill, []).unwrap();
    let cut = ledger.cut_short().unwrap();
    assert_eq!(Vec::from_iter(cut), [("north".to_owned(), 2)]);
    assert!(ledger.cut_short().unwrap().is_empty());
    assert_eq!(state(&ledger, id), State::Unsent);
}

#[test]
fn a_lead_that_is_purged_while_it_waits_is_passed_over_alone() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    let other = sendable(&journal, lead(&ledger, "bob"));
    // (Traces may stay in the files while the run uses them.)
    let _ = ledger.purge(&Purge {
        filter: Some(Filter {
            ids: vec![id],
            ..Filter::default()
        }),
        open: true,
        ..Purge::default()
    });
    assert!(ledger.lead(id).unwrap().is_none());
    let begun = journal.begin(attempt(id)).unwrap();
    assert_eq!(begun, Begun::Taken(State::Skipped));
    let faults = ledger.hasher().key(["no phone"]);
    let why = "no phone".to_owned();
    let invalid = Judgement::Invalid { why, faults };
    journal.judge_anew(id, invalid).unwrap();
    granted(&journal, attempt(other));
}
