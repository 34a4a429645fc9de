//! What a destination is asked with about stored leads.

use std::cell::Cell;
use std::sync::Arc;

use crate::config::Destination;
use crate::delivery::{Asker, Control};
use crate::error::Failure;
use crate::http::{Credential, Limits, Transport};
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
    pub fn asker(&self) -> Asker<'_> {
        Asker {
            destination: self.destination,
            control: &self.control,
            journal: Some(self.journal.clone()),
            transport: Transport::new(&Limits::within(self.destination.timeout)),
            credential: self.credential.as_ref(),
            pace: self.pace.clone(),
            unanswered: Cell::new(0),
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
