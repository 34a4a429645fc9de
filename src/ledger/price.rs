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

impl StoredLead {
    /// Gives it its price if it is accepted now, and had none.
    pub(super) fn freeze_price(&mut self, pricing: &Pricing) {
        let Some(price) = &pricing.price else { return };
        if self.state.is_accepted() && self.price.is_none() {
            self.price = price(&self.facts);
            self.billable_on = pricing.billable_on;
        }
    }
}
