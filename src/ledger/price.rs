//! What a lead brings: frozen when it is accepted for the first time, so that a later
//! price list changes no past.

use std::sync::Arc;

use super::StoredLead;
use crate::lead::{LeadFacts, Money, State};

/// What is paid for a lead, by what is known of it.
pub type PriceOf = dyn Fn(&LeadFacts) -> Option<Money> + Send + Sync;

/// What a destination pays for a lead, as its table says today.
#[derive(Clone, Default)]
pub struct Pricing {
    /// By what is known of the lead; `None`: it has no price.
    pub price: Option<Arc<PriceOf>>,
    /// The one state in which it is paid for; else both of the accepted.
    pub billable_on: Option<State>,
}

impl Pricing {
    /// What is paid for such a lead, and in which one state; else in both.
    pub(super) fn terms(&self, facts: &LeadFacts) -> (Option<Money>, Option<State>) {
        let price = self.price.as_ref().and_then(|price| price(facts));
        (price, self.billable_on.filter(|_| price.is_some()))
    }
}

impl StoredLead {
    /// Gives it its price if it is accepted now, and had none.
    pub(super) fn freeze_price(&mut self, pricing: &Pricing) {
        if self.state.is_accepted() && self.price.is_none() {
            (self.price, self.billable_on) = pricing.terms(&self.facts);
        }
    }
}
