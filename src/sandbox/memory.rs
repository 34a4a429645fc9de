//! What a simulated partner has taken in, so that later calls can ask for it.
//! Knows no rule and no HTTP.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::SystemTime;

use serde_json::Value as Json;

use crate::config::Then;

/// A lead that was taken in.
#[derive(Debug, Clone)]
pub struct Received {
    /// The partner's own number for it, from `FIRST_NUMBER` up.
    pub number: u64,
    /// The number as the answer told it, if the answer tells one.
    pub reference: Option<String>,
    /// The JSON body, as it arrived.
    pub body: Json,
    /// The path's placeholders.
    pub values: Vec<(String, String)>,
    pub at: SystemTime,
    /// What was decided of it when it was asked about.
    pub decision: Option<Then>,
}

/// The first number that a simulated partner gives.
const FIRST_NUMBER: u64 = 1001;
/// Older leads are still known as duplicates, but their bodies are forgotten.
const KEPT: usize = 20_000;

/// A simulated partner's memory.
#[derive(Debug, Default)]
pub struct Memory {
    /// What was taken in, oldest first.
    pub received: VecDeque<Received>,
    /// The latest number of each lead.
    pub numbers: HashMap<String, u64>,
    given: u64,
    /// Leads whose sender was asked to wait.
    pub asked_to_wait: HashSet<String>,
    /// The partner's settings, once they were asked for.
    pub settings: Option<Json>,
}

impl Memory {
    /// The number that the next new lead will get.
    pub fn next_number(&self) -> u64 {
        FIRST_NUMBER + self.given
    }

    /// Takes a lead in under the next number, also one that is known.
    pub fn remember(
        &mut self,
        identity: String,
        reference: Option<String>,
        body: Json,
        values: Vec<(String, String)>,
    ) {
        let number = self.next_number();
        self.given += 1;
        self.numbers.insert(identity, number);
        if self.received.len() == KEPT {
            self.received.pop_front();
        }
        self.received.push_back(Received {
            number,
            reference,
            body,
            values,
            at: SystemTime::now(),
            decision: None,
        });
    }

    /// The latest lead that passes a test, to be read or changed.
    pub fn find(&mut self, test: impl Fn(&Received) -> bool) -> Option<&mut Received> {
        self.received.iter_mut().rev().find(|lead| test(lead))
    }

    /// The lead that bears this reference, to be read or changed.
    pub fn by_reference(&mut self, reference: &str) -> Option<&mut Received> {
        self.find(|lead| lead.reference.as_deref() == Some(reference))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_bodies_go_and_the_lead_stays_known() {
        let mut memory = Memory::default();
        for number in 0..=KEPT {
            let reference = memory.next_number().to_string();
            memory.remember(number.to_string(), Some(reference), Json::Null, Vec::new());
        }
        assert_eq!(memory.received.len(), KEPT);
        assert_eq!(memory.numbers.get("0"), Some(&FIRST_NUMBER));
        assert!(memory.by_reference("1001").is_none());
        assert_eq!(
            memory.by_reference("1002").map(|lead| lead.number),
            Some(1002)
        );
    }
}
