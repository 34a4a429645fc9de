//! A worker of a run.

use std::sync::Arc;

use super::control::Control;
use crate::http::{Credential, Transport};
use crate::ledger::{Bucket, Journal};
use crate::outcome::Judge;

/// One worker: its own connection, and what all workers share.
pub struct Courier<'r> {
    pub judge: Judge<'r>,
    pub control: &'r Control,
    pub journal: Journal,
    pub transport: Transport,
    pub credential: Option<&'r Credential>,
    pub pace: Option<Arc<Bucket>>,
}
