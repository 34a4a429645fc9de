//! The figures against a partner that keeps its own book: whatever happens, in whatever
//! order, they are what it would count, at every moment that was, and after a purge.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::{
    DedupOutcome, Filter, Intake, Journal, Judgement, Ledger, PersonsWord, Pricing, Purge, RunSpec,
    Terms, Trigger, Word, now,
};
use super::{attempt, granted, lead, outcome, state, take_in, temporary};
use crate::lead::{Counted, Dated, Figures, Money, State};

/// What the partner has of a lead, and what it pays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Entry {
    state: Option<State>,
    price: Option<Money>,
}

/// A ledger, its partner's book, and what was reported so far.
struct World {
    ledger: Ledger,
    /// Cents; it rises with every day.
    price: i64,
    book: BTreeMap<i64, Entry>,
    /// What each lead was before the words about it that can be taken back.
    words: BTreeMap<i64, Vec<Option<State>>>,
    reported: Vec<(i64, Figures)>,
}

impl World {
    fn pricing(&self) -> Pricing {
        let price = Money::of_cents(self.price);
        Pricing {
            price: Some(Arc::new(move |_| Some(price))),
            billable_on: None,
        }
    }

    fn journal(&self) -> Journal {
        let spec = RunSpec {
            destination: "north",
            command: "send",
            holds: true,
            again_after: None,
            pricing: self.pricing(),
            rivals: &[],
        };
        self.ledger.journal(&spec).unwrap()
    }

    /// The partner's word, whoever heard it.
    fn becomes(&mut self, lead: i64, state: Option<State>) {
        let price = Money::of_cents(self.price);
        let entry = self.book.entry(lead).or_default();
        entry.state = state;
        if state.is_some_and(State::is_accepted) {
            entry.price.get_or_insert(price);
        }
    }

    fn read(&mut self, name: &str, request: &str, judgement: Judgement) {
        let recorded = matches!(judgement, Judgement::Elsewhere(_));
        let lead = Intake {
            request: Some(self.ledger.hasher().request([request])),
            cost: Some(Money::of_cents(1_200)),
            judgement,
            ..lead(&self.ledger, name)
        };
        let id = match take_in(&self.journal(), lead) {
            DedupOutcome::Send { id, .. } | DedupOutcome::Recorded { id } => id,
            DedupOutcome::Skip { .. } => return,
            other => panic!("{other:?}"),
        };
        self.book.entry(id).or_default();
        if recorded {
            self.words.remove(&id);
            self.becomes(id, Some(State::Delivered));
        }
    }

    /// Sends or asks; `None`: the process is killed before the answer is there.
    fn call(&mut self, lead: i64, trigger: Trigger, answer: Option<State>) {
        let journal = self.journal();
        let expect = state(&self.ledger, lead).alone();
        let begun = granted(
            &journal,
            super::Attempt {
                trigger,
                expect,
                ..attempt(lead)
            },
        );
        self.words.remove(&lead);
        match answer {
            Some(State::Failed) => self.becomes(lead, None),
            Some(answer) => self.becomes(lead, Some(answer)),
            None if trigger.sends() => self.becomes(lead, Some(State::InDoubt)),
            None => {}
        }
        if let Some(answer) = answer {
            journal.settle(outcome(begun, lead, answer)).unwrap();
        }
        drop(journal);
        self.ledger.recover().unwrap();
    }

    fn say(&mut self, lead: i64, said: PersonsWord) {
        let before = state(&self.ledger, lead);
        let terms = Terms {
            pricing: self.pricing(),
            ..Terms::default()
        };
        let to = self.ledger.lead(lead).unwrap().map(|lead| lead.destination);
        let terms = to.map(|to| (to, terms)).into_iter().collect();
        let word = Word {
            lead,
            said,
            reason: None,
        };
        let changed = self.ledger.resolve(&[word], false, &terms).unwrap();
        if changed != [Ok(true)] {
            return;
        }
        let words = self.words.entry(lead).or_default();
        let state = match said {
            PersonsWord::TakenBack => words.pop().unwrap(),
            said => {
                words.push(self.book[&lead].state);
                said.makes(before).filter(|state| state.was_sent())
            }
        };
        self.becomes(lead, state);
    }

    fn happen(&mut self, (what, who, how): (u8, u8, u8)) {
        self.price += 100;
        let name = format!("person{}", who % 5);
        let ids: Vec<i64> = self.book.keys().copied().collect();
        let some = ids.get(usize::from(who) % ids.len().max(1)).copied();
        match (what % 5, some) {
            (0, _) => self.read(&name, &format!("r{}", how % 3), Judgement::Ready),
            (1, _) if how % 4 == 0 => {
                self.read(&name, "r9", Judgement::Elsewhere("by phone".into()));
            }
            (1 | 2, Some(id)) => self.answer(id, how),
            (3 | 4, Some(id)) => {
                use PersonsWord::{
                    Approved, Delivered, NotReceived, Rejected, Returned, TakenBack,
                };
                let words = [
                    Delivered,
                    NotReceived,
                    Approved,
                    Rejected,
                    Returned,
                    TakenBack,
                ];
                self.say(id, words[usize::from(how) % words.len()]);
            }
            _ => {}
        }
        self.report();
    }

    /// What may come of a lead that is sent or asked about.
    fn answer(&mut self, id: i64, how: u8) {
        use State::{Approved, Delivered, Duplicate, Failed, InDoubt, Pending, Rejected};
        let (trigger, answers): (_, &[State]) = match state(&self.ledger, id) {
            State::Unsent | Failed => (
                Trigger::Send,
                &[
                    Delivered, Pending, Rejected, Duplicate, InDoubt, Failed, Approved,
                ],
            ),
            Pending => (Trigger::Follow, &[Approved, Rejected, Pending]),
            InDoubt => (Trigger::Find, &[Delivered, Failed]),
            _ => return,
        };
        let answer = answers.get(usize::from(how) % (answers.len() + 1));
        self.call(id, trigger, answer.copied());
    }

    /// What is reported now is what the partner's book says.
    fn report(&mut self) {
        let moment = now() + 1;
        let mut own = Figures::none(Dated::Sent);
        for entry in self.book.values() {
            let state = entry.state;
            own.add(Counted {
                state,
                amount: entry
                    .price
                    .filter(|_| state.is_some_and(State::is_accepted)),
                cost: Some(Money::of_cents(1_200)),
            });
        }
        assert_eq!(figures(&self.ledger, moment), own, "{:?}", self.book);
        self.reported.push((moment, own));
        // What comes next comes later.
        while now() < moment {
            std::hint::spin_loop();
        }
    }

    fn is_as_reported(&self) {
        for (moment, then) in &self.reported {
            assert_eq!(figures(&self.ledger, *moment), *then, "as of {moment}");
        }
    }
}

fn figures(ledger: &Ledger, moment: i64) -> Figures {
    let mut sum = Figures::none(Dated::Sent);
    let count = |lead: super::super::ReportedLead| {
        assert!(lead.sent_at.is_none() || lead.decided_at.is_none_or(|at| at < moment));
        assert!(lead.sent_at.is_none_or(|at| at < moment));
        assert_eq!(lead.sent_at.is_some(), lead.state.was_sent());
        sum.add(Counted {
            state: Some(lead.state),
            amount: lead.amount,
            cost: lead.cost,
        });
    };
    ledger.report(moment, count).unwrap();
    sum
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_figures_are_the_partners_own_at_every_moment(
        events in prop::collection::vec(any::<(u8, u8, u8)>(), 1..40),
        (open, forget) in any::<(bool, bool)>(),
    ) {
        let (_folder, ledger) = temporary();
        let mut world = World {
            ledger,
            price: 3_500,
            book: BTreeMap::new(),
            words: BTreeMap::new(),
            reported: Vec::new(),
        };
        events.into_iter().for_each(|event| world.happen(event));
        world.is_as_reported();
        let filter = Some(Filter::default());
        world.ledger.purge(&Purge { filter, open, forget, ..Purge::default() }).unwrap();
        world.is_as_reported();
    }
}

#[test]
fn an_approval_that_runs_out_was_approved_until_then() {
    let (_folder, ledger) = temporary();
    let journal = super::run(&ledger);
    let id = super::sendable(&journal, lead(&ledger, "ana"));
    let begun = granted(&journal, attempt(id));
    let approved = super::Settlement {
        expires_at: Some(now() + 10),
        ..outcome(begun, id, State::Approved)
    };
    journal.settle(approved).unwrap();
    let before = now() + 1;
    while now() < before + 10 {
        std::hint::spin_loop();
    }
    assert_eq!(ledger.expire("north", now()).unwrap(), [id]);
    assert_eq!(figures(&ledger, before).accepted, 1);
    let after = figures(&ledger, now() + 1);
    assert_eq!((after.accepted, after.expired), (0, 1));
}
