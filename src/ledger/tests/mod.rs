//! The ledger as a run uses it: real files in temporary folders.

mod attempts;
mod consent;
// Links and rights are a Unix matter here.
#[cfg(unix)]
mod files;
mod places;
mod privacy;
mod report;
mod said;
mod standing;
mod twins;

use std::time::Duration;

use super::{
    Attempt, Begun, DedupOutcome, Intake, Journal, Judgement, Ledger, Mode, PersonsWord, Pricing,
    RunSpec, Settlement, Terms, Trigger, Word, WordRefusal,
};
use crate::lead::{LeadFacts, State};

/// A new ledger in a folder that goes with the test.
pub fn temporary() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("in/ledger.db"), Mode::Create).unwrap();
    (folder, ledger)
}

/// The states in which a send may claim a lead.
const SENDABLE: &[State] = &[State::Unsent, State::Failed];

fn run(ledger: &Ledger) -> Journal {
    run_to(ledger, "north")
}

fn run_to(ledger: &Ledger, destination: &str) -> Journal {
    ledger
        .journal(&RunSpec {
            destination,
            command: "send",
            holds: true,
            again_after: None,
            pricing: Pricing::default(),
            rivals: &[],
        })
        .unwrap()
}

/// A lead of the person `name`, on line 2 of `leads.csv`.
pub fn lead(ledger: &Ledger, name: &str) -> Intake {
    let hasher = ledger.hasher();
    let email = format!("{name}@example.fr");
    Intake {
        key: hasher.key([email.as_str()]),
        blank_key: false,
        is_change: false,
        request: Some(hasher.request(["POST", "https://example.fr/leads", &email])),
        source: Some("spring".to_owned()),
        cost: None,
        facts: LeadFacts::default(),
        file: "leads.csv".to_owned(),
        line: 2,
        label: name.to_owned(),
        fields: format!(r#"{{"E-mail":"{email}"}}"#),
        sent: Some(format!(r#"{{"email":"{email}"}}"#)),
        address: None,
        email: Some(hasher.person(&email)),
        phone: Some(hasher.person("+33639980001")),
        email_text: Some(email),
        phone_text: Some("+33639980001".to_owned()),
        others: Vec::new(),
        judgement: Judgement::Ready,
        consent: None,
        replaces: None,
        offer: None,
    }
}

fn faulty(ledger: &Ledger, why: &str) -> Judgement {
    Judgement::Invalid {
        why: why.to_owned(),
        faults: ledger.hasher().key([why]),
    }
}

fn invalid(ledger: &Ledger, name: &str, why: &str) -> Intake {
    Intake {
        request: None,
        judgement: faulty(ledger, why),
        ..lead(ledger, name)
    }
}

fn take_in(journal: &Journal, lead: Intake) -> DedupOutcome {
    journal
        .intake(vec![lead])
        .unwrap()
        .wait()
        .unwrap()
        .remove(0)
}

/// Takes in a lead that must be sendable.
fn sendable(journal: &Journal, lead: Intake) -> i64 {
    match take_in(journal, lead) {
        DedupOutcome::Send { id, .. } => id,
        other => panic!("{other:?}"),
    }
}

fn attempt(lead: i64) -> Attempt {
    Attempt {
        lead,
        trigger: Trigger::Send,
        payload: None,
        request: Some(r#"{"body":{"name":"sent"}}"#.to_owned()),
        sent: Some(r#"{"name":"sent"}"#.to_owned()),
        address: Some(r#"{"program":"12"}"#.to_owned()),
        reason: None,
        expect: SENDABLE,
        taken_in_by: None,
        pace: None,
        hold: None,
        limits: Vec::new(),
    }
}

fn granted(journal: &Journal, attempt: Attempt) -> i64 {
    match journal.begin(attempt).unwrap() {
        Begun::Granted(id) => id,
        other => panic!("{other:?}"),
    }
}

fn outcome(attempt: i64, lead: i64, state: State) -> Settlement {
    Settlement {
        paced: None,
        attempt,
        lead,
        state: Some(state),
        reference: (state != State::Failed).then(|| format!("R{lead}")),
        message: Some(format!("the partner says {state}")),
        if_ours: None,
        status: Some(200),
        transport: match state {
            State::InDoubt => "silent",
            State::Failed => "unsent",
            _ => "replied",
        },
        excerpt: Some("{}".to_owned()),
        request: None,
        refusal: None,
        decided_at: None,
        expires_at: None,
        to_be_repeated: false,
    }
}

/// Takes in a lead and sends it, with this outcome.
fn sent(ledger: &Ledger, journal: &Journal, name: &str, state: State) -> i64 {
    let id = sendable(journal, lead(ledger, name));
    let attempt = granted(journal, attempt(id));
    journal.settle(outcome(attempt, id, state)).unwrap();
    id
}

fn state(ledger: &Ledger, id: i64) -> State {
    ledger.lead(id).unwrap().unwrap().state
}

/// Says something of a lead; what it is then.
fn say(
    ledger: &Ledger,
    lead: i64,
    said: PersonsWord,
    again_after: Option<Duration>,
) -> Result<State, WordRefusal> {
    let terms = Terms {
        again_after,
        ..Terms::default()
    };
    let to = ledger.lead(lead).unwrap().map(|lead| lead.destination);
    let terms = to.map(|to| (to, terms)).into_iter().collect();
    let word = Word {
        lead,
        said,
        reason: Some("asked Marie".to_owned()),
    };
    let said = ledger.resolve(&[word], false, &terms).unwrap().remove(0);
    said.map(|_| state(ledger, lead))
}
