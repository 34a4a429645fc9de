//! Which stored leads are meant.

use crate::cli::{self, ResendState};
use crate::config::Destination;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Filter, Ledger};
use crate::output::quoted;
use crate::session::opening;

pub fn filter(args: &cli::Resend, destination: &Destination) -> Filter {
    Filter {
        destination: Some(destination.name.clone()),
        states: args.state.map(state).into_iter().collect(),
        ids: args.ids.clone(),
        ..Filter::default()
    }
}

fn state(state: ResendState) -> State {
    match state {
        ResendState::Failed => State::Failed,
        ResendState::Unsent => State::Unsent,
        ResendState::Rejected => State::Rejected,
        ResendState::Invalid => State::Invalid,
    }
}

/// A misspelt id must not pass for "nothing to do".
pub fn check_ids(ledger: &Ledger, args: &cli::Resend) -> Result<(), Failure> {
    for id in &args.ids {
        let lead = ledger.lead(*id).map_err(opening::failure)?;
        match lead {
            None => {
                return Err(
                    Failure::usage(format!("there is no lead {id} in the ledger"))
                        .hint(format!("leadctl history --to {}", quoted(&args.to))),
                );
            }
            Some(lead) if lead.destination != args.to => {
                return Err(Failure::usage(format!(
                    "lead {id} belongs to {}, not to {}",
                    lead.destination, args.to
                ))
                .hint(format!(
                    "leadctl resend --to {} {id}",
                    quoted(&lead.destination)
                )));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
