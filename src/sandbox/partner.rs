//! A destination, simulated, with what it has taken in, so that later calls can
//! ask for it. Knows no rule and no HTTP.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use serde_json::Value as Json;

use crate::config::{Destination, Then};

/// The values of a path's placeholders.
pub type Values = Vec<(String, String)>;

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
    pub values: Values,
    pub at: SystemTime,
    /// What was decided of it when it was asked about.
    pub decision: Option<Then>,
}

/// The first number that a simulated partner gives.
const FIRST_NUMBER: u64 = 1001;
/// Older leads are still known as duplicates, but their bodies are forgotten.
pub const KEPT: usize = 20_000;

/// A simulated partner.
#[derive(Debug)]
pub struct Partner {
    pub destination: Arc<Destination>,
    /// What was taken in, oldest first.
    pub received: VecDeque<Received>,
    /// The latest number of each lead, by what makes it the same lead.
    pub numbers: HashMap<String, u64>,
    given: u64,
    /// Leads whose sender was asked to wait.
    pub asked_to_wait: HashSet<String>,
    /// The partner's settings, once they were asked for.
    pub settings: Option<Json>,
    /// The tokens that were given, and when each ends.
    pub tokens: HashMap<String, Instant>,
    pub tokens_given: u64,
}

impl Partner {
    pub fn new(destination: Destination) -> Self {
        Self {
            destination: Arc::new(destination),
            received: VecDeque::new(),
            numbers: HashMap::new(),
            given: 0,
            asked_to_wait: HashSet::new(),
            settings: None,
            tokens: HashMap::new(),
            tokens_given: 0,
        }
    }

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
        values: Values,
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
        let mut partner = Partner::new(Destination::default());
        for number in 0..=KEPT {
            let reference = partner.next_number().to_string();
            partner.remember(number.to_string(), Some(reference), Json::Null, Vec::new());
        }
        assert_eq!(partner.received.len(), KEPT);
        assert_eq!(partner.numbers.get("0"), Some(&FIRST_NUMBER));
        assert!(partner.by_reference("1001").is_none());
        let second = partner.by_reference("1002").map(|lead| lead.number);
        assert_eq!(second, Some(1002));
    }
}
