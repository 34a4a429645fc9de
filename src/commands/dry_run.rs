//! `--dry-run`: the very requests that would be sent, secrets hidden. Nothing
//! is sent and nothing recorded.

use super::inputs::{self, Inputs};
use super::intake::already;
use super::prepare::{Preparer, Ready, Rules, Sendable};
use super::send::inputs_of;
use super::{Session, desk::Desk, opening, remarks::Remarks};
use crate::cli;
use crate::failure::Failure;
use crate::lead::{Lead, State};
use crate::ledger::{Ledger, Standing, Verdict};
use crate::partner::Destination;
use crate::report::{Counts, Exit, Format, Kind, Output, Row};
use crate::secrets;

pub fn run(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
) -> Result<Exit, Failure> {
    let _ = (session, args, destination);
    todo!()
}
