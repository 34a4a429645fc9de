//! Words about consent: the last one decides, in whatever order they are read.

use super::super::consent::withdrawn;
use super::super::{Consent, DedupOutcome, Filter, Proof, Purge};
use super::{lead, run, sendable, sent, take_in, temporary};
use crate::lead::State;

fn given(at: i64) -> Consent {
    Consent::Given {
        proof: Proof {
            given: "oui".to_owned(),
            at,
            place: None,
            names: None,
            wording: Some("0a".to_owned()),
            row: "0b".to_owned(),
            file: "leads.csv".to_owned(),
            line: 2,
        },
        wording: Some("J'accepte".to_owned()),
    }
}

#[test]
fn the_last_word_decides_whatever_the_order() {
    let words = [
        given(10),
        Consent::Withdrawn(20),
        given(30),
        Consent::Withdrawn(5),
    ];
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]];
    for order in orders {
        let (_folder, ledger) = temporary();
        let person = ledger.hasher().key(["somebody"]);
        let known = |given_at| {
            let known = ledger.read(|conn| withdrawn(conn, [person].into_iter(), given_at));
            known.unwrap().map(|no| no.at)
        };
        assert_eq!(known(None), None);
        for (count, at) in order.into_iter().enumerate() {
            ledger
                .write(|conn| words[at].keep(conn, [person].into_iter()))
                .unwrap();
            // All but the last yes.
            if order == [3, 1, 0, 2] && count == 2 {
                assert_eq!(known(None), Some(20));
            }
        }
        assert_eq!(known(None), None, "they agreed anew: {order:?}");
        assert_eq!(known(Some(10)), Some(20), "that lead's own consent is gone");
        assert_eq!(known(Some(30)), None);
        assert_eq!(known(Some(20)), Some(20), "at the same moment no is no");
    }
}

#[test]
fn a_purge_keeps_the_proof_of_who_was_sent_until_its_time_is_over() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let with_consent = |name: &str| super::super::Intake {
        consent: Some(given(10)),
        ..lead(&ledger, name)
    };
    let unsent = sendable(&journal, with_consent("ulla"));
    let id = sendable(&journal, with_consent("zelda"));
    let attempt = super::granted(&journal, super::attempt(id));
    journal
        .settle(super::outcome(attempt, id, State::Delivered))
        .unwrap();
    sent(&ledger, &journal, "without", State::Delivered);
    drop(journal);
    let purge = |proofs_before| Purge {
        filter: Some(Filter::default()),
        open: true,
        proofs_before,
        ..Purge::default()
    };
    let done = ledger.purge(&purge(0)).unwrap();
    assert_eq!(
        (done.purged, done.proofs_kept, done.proofs_dropped),
        (3, 1, 0)
    );
    assert!(ledger.lead(unsent).unwrap().is_none());
    let leads: Vec<_> = ledger.lead(id).unwrap().into_iter().collect();
    let record = ledger.consent_record(&leads, &[], 0).unwrap();
    assert_eq!(record.given[0].wording.as_deref(), Some("J'accepte"));
    assert_eq!(record.given[0].leads, [id]);
    assert_eq!(record.recipients[0].reference, Some(format!("R{id}")));
    assert!(record.recipients[0].purged && record.withdrawn.is_none());

    let done = ledger.purge(&purge(i64::MAX)).unwrap();
    assert_eq!((done.proofs_kept, done.proofs_dropped), (0, 1));
    let leads: Vec<_> = ledger.lead(id).unwrap().into_iter().collect();
    let record = ledger.consent_record(&leads, &[], i64::MAX).unwrap();
    assert_eq!((record.given.len(), record.recipients.len()), (0, 0));
    let wordings = ledger.read(|conn| {
        conn.query_row("SELECT count(*) FROM wordings", [], |row| {
            row.get::<_, i64>(0)
        })
    });
    assert_eq!(wordings.unwrap(), 0);
}

/// Its row is one like any other, so it says what became of it; the lead that was there
/// is not sent any more.
#[test]
fn whoever_said_no_is_not_sent_by_an_older_row_or_by_one_that_says_nothing() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let waiting = sendable(&journal, lead(&ledger, "ana"));
    let no = super::super::Intake {
        consent: Some(Consent::Withdrawn(20)),
        ..super::invalid(&ledger, "ana", "no consent")
    };
    take_in(&journal, no);
    assert!(matches!(
        journal.begin(super::attempt(waiting)).unwrap(),
        super::Begun::Taken(_)
    ));
    let other = super::run_to(&ledger, "south");
    let outcome = take_in(&other, lead(&ledger, "ana"));
    assert!(
        matches!(outcome, DedupOutcome::Objected { .. }),
        "{outcome:?}"
    );
    let anew = super::super::Intake {
        consent: Some(given(30)),
        ..lead(&ledger, "ana")
    };
    sendable(&other, anew);
}
