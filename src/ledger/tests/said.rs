//! What a person says of leads: each word leads on and none back, the last one can be
//! taken back, and a file that is read again says nothing twice.

use std::collections::BTreeMap;

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::super::{Ledger, PersonsWord, Terms, Whose, Word, WordRefusal};
use super::*;

const WORDS: [PersonsWord; 5] = [
    PersonsWord::Delivered,
    PersonsWord::NotReceived,
    PersonsWord::Approved,
    PersonsWord::Rejected,
    PersonsWord::Returned,
];

/// A file with one word of each of these leads.
fn read(ledger: &Ledger, words: &[(i64, PersonsWord)]) -> Vec<Result<bool, WordRefusal>> {
    let words: Vec<Word> = words
        .iter()
        .map(|&(lead, said)| Word {
            lead,
            said,
            reason: None,
        })
        .collect();
    ledger.resolve(&words, true, &BTreeMap::new()).unwrap()
}

#[test]
fn no_word_leads_back() {
    for word in WORDS {
        for state in State::ALL {
            let Some(made) = word.makes(state) else {
                continue;
            };
            assert_eq!(word.makes(made), Some(made), "{word:?} {state}");
            // What leads away from it never comes back by the same words.
            for other in WORDS {
                let next = other.makes(made);
                let back = next.and_then(|next| word.makes(next));
                assert!(
                    back.is_none_or(|back| Some(back) == next),
                    "{word:?} {other:?} {state}"
                );
            }
        }
    }
}

#[test]
fn what_came_back_keeps_its_key_and_can_come_back_once() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::Pending);
    drop(journal);
    assert_eq!(
        say(&ledger, id, PersonsWord::Returned, None),
        Ok(State::Returned)
    );
    let stored = ledger.lead(id).unwrap().unwrap();
    assert!(stored.decided_at.is_some());
    let message = stored.message().unwrap();
    assert!(message.contains("gave it back (asked Marie)"), "{message}");
    let next = take_in(&run(&ledger), lead(&ledger, "ana"));
    assert!(matches!(next, DedupOutcome::Skip { earlier, .. } if earlier.id == id));
    let approved = say(&ledger, id, PersonsWord::Approved, None);
    assert!(matches!(approved, Err(WordRefusal::Impossible { .. })));
}

#[test]
fn a_refusal_by_word_is_no_mistake_that_a_changed_row_corrects() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::Delivered);
    drop(journal);
    say(&ledger, id, PersonsWord::Rejected, None).unwrap();
    let changed = Intake {
        request: Some(ledger.hasher().request(["another"])),
        ..lead(&ledger, "ana")
    };
    let next = take_in(&run(&ledger), changed);
    assert!(matches!(next, DedupOutcome::Skip { .. }), "{next:?}");
}

#[test]
fn a_return_that_comes_too_late_changes_nothing() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::Delivered);
    drop(journal);
    let said = |said, within: u64| {
        let terms = Terms {
            returns_within: Some(Duration::from_secs(within)),
            ..Terms::default()
        };
        let terms = BTreeMap::from([("north".to_owned(), terms)]);
        let word = Word {
            lead: id,
            said,
            reason: None,
        };
        ledger.resolve(&[word], true, &terms).unwrap().remove(0)
    };
    let long_ago = "UPDATE leads SET sent_at = sent_at - 8 * 86400000";
    ledger.write(|conn| conn.execute(long_ago, [])).unwrap();
    let late = said(PersonsWord::Returned, 7 * 86_400);
    assert!(matches!(late, Err(WordRefusal::TooLate { .. })), "{late:?}");
    assert_eq!(said(PersonsWord::Approved, 7 * 86_400), Ok(true));
    assert_eq!(said(PersonsWord::Returned, 9 * 86_400), Ok(true));
}

#[test]
fn a_file_says_nothing_of_what_was_sent_since() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::InDoubt);
    drop(journal);
    let file = [(id, PersonsWord::NotReceived)];
    assert_eq!(read(&ledger, &file), [Ok(true)]);
    assert_eq!(read(&ledger, &file), [Ok(false)]);
    let journal = run(&ledger);
    sent(&ledger, &journal, "ana", State::InDoubt);
    drop(journal);
    // Another doubt: that nobody got the first request says nothing of the second.
    assert_eq!(read(&ledger, &file), [Err(WordRefusal::SaidBefore(id))]);
    assert_eq!(
        say(&ledger, id, PersonsWord::NotReceived, None),
        Ok(State::Failed)
    );
}

#[test]
fn a_purge_keeps_who_said_what_and_not_their_reasons() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::Delivered);
    drop(journal);
    say(&ledger, id, PersonsWord::Returned, None).unwrap();
    let what = crate::ledger::Purge {
        filter: Some(crate::ledger::Filter::default()),
        ..Default::default()
    };
    ledger.purge(&what).unwrap();
    let attempts = ledger.attempts(id).unwrap();
    let kept = format!("{attempts:?}");
    assert!(
        !kept.contains("Marie") && !kept.contains("the partner says"),
        "{kept}"
    );
    assert_eq!(
        say(&ledger, id, PersonsWord::TakenBack, None),
        Ok(State::Delivered)
    );
}

#[test]
fn a_row_means_a_lead_that_nothing_in_it_contradicts() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let [ana, bob] = ["ana", "bob"].map(|name| sent(&ledger, &journal, name, State::Delivered));
    drop(journal);
    let hasher = ledger.hasher();
    let email = |name: &str| Some(hasher.person(&format!("{name}@example.fr")));
    let phone = Some(hasher.person("+33639980001"));
    let ids = |leads: Vec<crate::ledger::StoredLead>| -> Vec<i64> {
        leads.iter().map(|lead| lead.id).collect()
    };
    let meant = |names: &[&str], whose: Whose| {
        let (meant, others) = ledger.leads_meant(names, &whose).unwrap();
        (ids(meant), ids(others))
    };
    let of = |id, reference: &str, email| Whose {
        id,
        reference: (!reference.is_empty()).then(|| reference.to_owned()),
        email,
        phone: None,
    };
    let north = &["north"][..];
    assert_eq!(meant(&[], of(Some(ana), "", None)), (vec![ana], vec![]));
    assert_eq!(meant(&[], of(Some(99), "", None)), (vec![], vec![]));
    assert_eq!(
        meant(&[], of(Some(ana), "", email("bob"))),
        (vec![], vec![ana])
    );
    assert_eq!(
        meant(&["east"], of(Some(ana), "", None)),
        (vec![], vec![ana])
    );
    assert_eq!(meant(north, of(None, "R2", None)), (vec![bob], vec![]));
    assert_eq!(
        meant(north, of(None, "R2", email("ana"))),
        (vec![], vec![bob])
    );
    assert_eq!(meant(&["east"], of(None, "R2", None)), (vec![], vec![]));
    // They share a number.
    let whose = Whose {
        phone,
        ..Whose::default()
    };
    assert_eq!(meant(north, whose.clone()), (vec![ana, bob], vec![]));
    let whose = Whose {
        email: email("bob"),
        ..whose
    };
    assert_eq!(meant(north, whose), (vec![bob], vec![ana]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever was said, in any order: taken back word by word, each lead is what it
    /// was; and a file that was read once more changed nothing.
    #[test]
    fn words_are_taken_back_one_by_one(said in any::<Vec<(bool, u8)>>(), begun in any::<u8>()) {
        let (_folder, ledger) = temporary();
        let journal = run(&ledger);
        let states = [State::InDoubt, State::Pending, State::Delivered, State::Approved, State::Rejected];
        let id = sent(&ledger, &journal, "ana", states[usize::from(begun) % states.len()]);
        drop(journal);
        let mut was = vec![ledger.lead(id).unwrap().unwrap()];
        for (by_file, word) in said.into_iter().take(8) {
            let word = WORDS[usize::from(word) % WORDS.len()];
            let changed = match by_file {
                true => read(&ledger, &[(id, word)]).remove(0) == Ok(true),
                false => {
                    let before = state(&ledger, id);
                    say(&ledger, id, word, None).is_ok_and(|now| now != before)
                }
            };
            if changed {
                was.push(ledger.lead(id).unwrap().unwrap());
            }
            prop_assert!(read(&ledger, &[(id, word)]) != [Ok(true)]);
        }
        while let Some(last) = was.pop() {
            let now = ledger.lead(id).unwrap().unwrap();
            prop_assert_eq!((now.state, now.decided_at, now.message()), (last.state, last.decided_at, last.message()));
            let back = say(&ledger, id, PersonsWord::TakenBack, None);
            prop_assert_eq!(back.is_ok(), !was.is_empty());
        }
    }
}
