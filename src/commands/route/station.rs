//! The destinations of a route, ready to be sent to.

use crate::cli::Times;
use crate::commands::identity;
use crate::config::{Destination, Route};
use crate::error::Failure;
use crate::http::Credentials;
use crate::ledger::Ledger;
use crate::session::{Session, credentials, opening};

/// A destination, and what it is called with.
pub struct Station<'s> {
    pub destination: &'s Destination,
    pub credentials: Credentials,
}

/// A route, and what leads are sent along it with.
#[derive(Clone, Copy)]
pub struct Trip<'t> {
    pub session: &'t Session,
    pub route: &'t Route,
    pub stations: &'t [Station<'t>],
    pub ledger: &'t Ledger,
    /// It is kept, and not a rehearsal's.
    pub is_kept: bool,
}

/// What is needed to send to each of these.
///
/// # Errors
/// One of them can't be sent to.
pub fn stations<'s>(
    session: &Session,
    destinations: &[&'s Destination],
    ledger: &mut Ledger,
    accept_new_key: bool,
    times: &Times,
) -> Result<Vec<Station<'s>>, Failure> {
    let ready = destinations.iter().map(|destination| {
        opening::require_base(destination)?;
        opening::tell_moved(session, destination);
        let credentials = credentials::of(session, destination, times.deadline)?;
        identity::settle(session, ledger, destination, accept_new_key)?;
        Ok(Station {
            destination,
            credentials,
        })
    });
    ready.collect()
}
