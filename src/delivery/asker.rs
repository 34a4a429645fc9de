//! Who asks a partner: about a lead, or for a page of its list.

use std::cell::Cell;
use std::sync::Arc;

use super::control::Control;
use crate::config::Destination;
use crate::http::{Credential, Transport};
use crate::ledger::{Bucket, Journal};

/// Who asks one destination, one question at a time.
pub struct Asker<'r> {
    pub destination: &'r Destination,
    pub control: &'r Control,
    /// `None`: there is no ledger, so nothing about leads can be asked.
    pub journal: Option<Journal>,
    pub transport: Transport,
    pub credential: Option<&'r Credential>,
    pub pace: Option<Arc<Bucket>>,
    /// Questions in a row without a usable answer.
    pub unanswered: Cell<u32>,
}
