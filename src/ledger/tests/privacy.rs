//! Purge, block, references, spool: personal data goes, the protection stays.

use std::fs;
use std::path::Path;

use super::super::{BlockedPerson, DedupOutcome, Filter, Ledger, Purge};
use super::{attempt, granted, lead, outcome, run, sendable, sent, state, take_in, temporary};
use crate::lead::State;

/// Do the ledger's files hold these bytes anywhere?
fn traces(ledger: &Ledger, word: &str) -> bool {
    ["", "-wal"].into_iter().any(|suffix| {
        let path = format!("{}{suffix}", ledger.path().display());
        fs::read(Path::new(&path)).is_ok_and(|bytes| {
            bytes
                .windows(word.len())
                .any(|window| window == word.as_bytes())
        })
    })
}

#[test]
fn a_purge_by_date_leaves_no_name_but_still_prevents_a_second_send() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    for n in 0..50 {
        sent(&ledger, &journal, &format!("zelda{n}"), State::Delivered);
    }
    let waiting = sent(&ledger, &journal, "walter", State::Pending);
    drop(journal);
    assert!(traces(&ledger, "zelda7@example.fr"));
    let purged = ledger.purge(&before(i64::MAX)).unwrap();
    assert_eq!((purged.purged, purged.left), (50, 1));
    assert!(!traces(&ledger, "zelda"));
    assert!(traces(&ledger, "walter"), "an open lead is left as it is");
    assert_eq!(state(&ledger, waiting), State::Pending);

    let standing = take_in(&run(&ledger), lead(&ledger, "zelda7"));
    let DedupOutcome::Skip { earlier, .. } = standing else {
        panic!("{standing:?}");
    };
    let kept = ledger.lead(earlier.id).unwrap().unwrap();
    assert_eq!(kept.reference, Some(format!("R{}", kept.id)));
    assert_eq!(kept.source.as_deref(), Some("spring"));
    assert!(kept.sent_at.is_some() && kept.fields.is_none() && kept.sent.is_none());
    assert_eq!(ledger.purge(&before(i64::MAX)).unwrap().purged, 0);
}

/// All that is open too, of these leads.
fn of(ids: &[i64]) -> Purge {
    Purge {
        filter: Some(Filter {
            ids: ids.to_vec(),
            ..Filter::default()
        }),
        open: true,
        ..Purge::default()
    }
}

fn before(until: i64) -> Purge {
    Purge {
        filter: Some(Filter {
            until: Some(until),
            ..Filter::default()
        }),
        ..Purge::default()
    }
}

#[test]
fn a_person_is_erased_and_told_of() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let there = sent(&ledger, &journal, "zelda", State::Pending);
    let flying = sendable(&journal, lead(&ledger, "fleur"));
    let open = granted(&journal, attempt(flying));
    let erased = ledger.purge(&of(&[there])).unwrap();
    assert_eq!(erased.leads.len(), 1);
    assert_eq!(erased.leads[0].reference, Some(format!("R{there}")));
    assert!(!traces(&ledger, "zelda"));
    let kept = ledger.lead(there).unwrap().unwrap();
    assert!(kept.address.is_some(), "still asked about");
    assert_eq!(kept.file, "");
    let again = ledger.purge(&of(&[there])).unwrap();
    assert_eq!((again.leads.len(), again.purged), (1, 0));

    assert_eq!(ledger.purge(&of(&[flying])).unwrap().left, 1);
    journal
        .settle(outcome(open, flying, State::Failed))
        .unwrap();
    ledger.purge(&of(&[flying])).unwrap();
    assert!(
        ledger.lead(flying).unwrap().is_none(),
        "never received: nothing to keep"
    );
    assert!(!traces(&ledger, "fleur"));
}

#[test]
fn who_is_forgotten_is_new() {
    let (_folder, ledger) = temporary();
    let id = sent(&ledger, &run(&ledger), "zelda", State::Delivered);
    ledger.purge(&of(&[id])).unwrap();
    let again = || take_in(&run(&ledger), lead(&ledger, "zelda"));
    assert!(matches!(again(), DedupOutcome::Skip { .. }));
    let forget = Purge {
        forget: true,
        ..of(&[id])
    };
    assert_eq!(ledger.purge(&forget).unwrap().purged, 1);
    assert!(matches!(again(), DedupOutcome::Send { .. }));
}

/// Whoever is blocked is so by all that their leads gave.
#[test]
fn a_block_takes_the_other_contacts_along_and_gives_them_back() {
    let (_folder, ledger) = temporary();
    sent(&ledger, &run(&ledger), "zelda", State::Delivered);
    let hasher = ledger.hasher();
    let email = hasher.person("zelda@example.fr");
    let block = |typed| {
        let who = BlockedPerson {
            named: &[email],
            typed,
            ..BlockedPerson::default()
        };
        ledger.block(&who).unwrap()
    };
    assert_eq!(block(Some("zelda@example.fr")), 2);
    let by_phone = || take_in(&run(&ledger), lead(&ledger, "other"));
    assert!(matches!(by_phone(), DedupOutcome::Objected { .. }));
    let listed = ledger.blocks().unwrap();
    assert_eq!(
        (listed.len(), listed[0].contacts, listed[0].leads),
        (1, 2, 2),
        "the lead that was kept back is theirs too"
    );
    assert_eq!(listed[0].typed.as_deref(), Some("zelda@example.fr"));
    // To be kept as hashes alone, from now on or from the beginning.
    let gone = Purge {
        contacts: vec![email],
        ..Purge::default()
    };
    ledger.purge(&gone).unwrap();
    assert_eq!(ledger.blocks().unwrap()[0].typed, None);
    block(Some("zelda@example.fr"));
    block(None);
    assert_eq!(ledger.blocks().unwrap()[0].typed, None);
    let phone = hasher.person("+33639980001");
    assert_eq!(ledger.unblock(&[phone], &[]).unwrap().contacts, 2);
    assert!(matches!(by_phone(), DedupOutcome::Send { .. }));
}

#[test]
fn a_partner_s_references_are_told_apart() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let ours = sent(&ledger, &journal, "ana", State::Delivered);
    let find = |to, reference: &str| ledger.with_reference(&[to], reference).unwrap();
    assert_eq!(find("north", &format!("R{ours}")), Some(ours));
    assert_eq!(find("north", "R999"), None);
    assert_eq!(find("south", &format!("R{ours}")), None);
}

#[test]
fn what_a_pipe_gave_outlives_its_process() {
    let (_folder, ledger) = temporary();
    let mut spool = ledger.spool(r#"{"to":"north"}"#).unwrap();
    let mut pipe = "Nom;E-mail\nA;a@example.fr\n".as_bytes();
    spool.copy_from(&mut pipe).unwrap();
    assert!(ledger.orphans().unwrap().is_empty(), "its owner lives");
    let torn = ledger.spool("second").unwrap();
    drop(spool);
    drop(torn);

    let orphans = ledger.orphans().unwrap();
    assert_eq!(orphans.len(), 2);
    assert!(orphans[0].complete && !orphans[1].complete);
    assert_eq!(orphans[0].note, r#"{"to":"north"}"#);
    assert!(
        fs::read_to_string(orphans[0].spool.path())
            .unwrap()
            .ends_with(".fr\n")
    );
    assert!(ledger.orphans().unwrap().is_empty(), "they are held");
    for orphan in orphans {
        orphan.spool.done().unwrap();
    }
    assert!(ledger.orphans().unwrap().is_empty());
    let folder = format!("{}.spool", ledger.path().display());
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    assert_eq!(ledger.leads(Filter::default()).unwrap().count(), 0);
}
