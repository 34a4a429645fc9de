//! What a partner pays for a lead that it accepted.

use schemars::JsonSchema;
use serde::Deserialize;

use super::lead_test::LeadTests;
use crate::lead::{Money, State};

/// The amount for leads of which all of `when` holds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename = "a price")]
pub struct Price {
    pub amount: Money,
    #[serde(default)]
    pub when: LeadTests,
}

/// A state in which a lead is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BillableOn {
    Delivered,
    Approved,
}

impl From<BillableOn> for State {
    fn from(on: BillableOn) -> Self {
        match on {
            BillableOn::Delivered => Self::Delivered,
            BillableOn::Approved => Self::Approved,
        }
    }
}
