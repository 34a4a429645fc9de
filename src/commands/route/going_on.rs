//! What goes on along the routes after a decision that came later, or a run that was
//! killed.

use std::time::Instant;

use super::ending::Ends;
use super::rounds::{self, Rounds};
use super::station::{Trip, stations};
use super::taking_in::Waiting;
use crate::cli::Times;
use crate::error::Failure;
use crate::ledger::Mode;
use crate::output::{Exit, Layout};
use crate::pipeline::block_list;
use crate::pipeline::ordered::OrderedOutput;
use crate::session::{Session, opening};

/// Moves on what waits to go on along these routes: after a decision that came later, or
/// a run that was killed. Only where something does is anything opened or told.
///
/// # Errors
/// The ledger fails, or the next destination can't be called.
pub fn go_on(session: &Session, command: &str, times: &Times) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    for route in &session.settings.catalogue.routes {
        let started = Instant::now();
        let Some(mut ledger) = opening::look(session)? else {
            return Ok(exit);
        };
        if !rounds::goes_on(&ledger, route)? {
            continue;
        }
        ledger = opening::open(session, Mode::Existing)?;
        block_list::refresh(session, &ledger)?;
        let destinations = session.settings.along(route);
        let stations = stations(session, &destinations, &mut ledger, false, times)?;
        let layout = (!session.global.quiet).then_some(Layout::Offers { files: true });
        let mut rows = OrderedOutput::new(session, layout);
        rows.along = Some(Default::default());
        let trip = Trip {
            session,
            route,
            stations: &stations,
            ledger: &ledger,
            is_kept: true,
        };
        let mut rounds = Rounds {
            trip,
            command,
            jobs: None,
            times,
            end: Default::default(),
        };
        rounds.run(Waiting::default(), false, &mut rows)?;
        let ends = Ends {
            trip,
            elapsed: started.elapsed(),
        };
        exit = exit.min(ends.tell(rows, rounds.end)?);
    }
    Ok(exit)
}
