//! What a destination is asked with about stored leads.

use std::sync::Arc;

use crate::config::Destination;
use crate::delivery::{Caller, Control, Worker};
use crate::error::Failure;
use crate::http::Credential;
use crate::lead::State;
use crate::ledger::{Bucket, Filter, Journal, Leads, Ledger};
use crate::session::Session;
use crate::session::opening;

/// What an errand asks with.
pub struct Post<'s> {
    pub session: &'s Session,
    pub destination: &'s Destination,
    pub credential: Option<Credential>,
    pub journal: Journal,
    pub control: Arc<Control>,
    pub pace: Option<Arc<Bucket>>,
}

impl Post<'_> {
    pub fn worker(&self) -> Worker<'_> {
        let pace = self.pace.clone().map(|pace| (self.journal.clone(), pace));
        let credential = self.credential.as_ref();
        Worker {
            caller: Caller::new(self.destination, credential, &self.control, pace),
            journal: self.journal.clone(),
        }
    }
}

/// The leads of a destination in one state.
pub fn leads_in<'l>(
    ledger: &'l Ledger,
    destination: &str,
    state: State,
) -> Result<Leads<'l>, Failure> {
    let filter = Filter {
        destination: Some(destination.to_owned()),
        states: vec![state],
        ..Filter::default()
    };
    ledger.leads(filter).map_err(opening::failure)
}
