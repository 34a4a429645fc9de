//! `leadctl backup`: a copy of the ledger and its key.

use crate::cli;
use crate::ledger::Mode;
use crate::output::{Exit, quoted};
use crate::session::Session;
use crate::session::opening;

pub fn run(session: &Session, args: &cli::Backup) -> anyhow::Result<Exit> {
    let ledger = opening::open(session, Mode::Existing)?;
    ledger.backup(&args.file)?;
    let file = args.file.display();
    let typed = quoted(&file.to_string());
    session.warnings.note(&format!(
        "the ledger was copied to {file}, its key to {file}.key: keep both together (leadctl --ledger {typed} status reads them)"
    ));
    Ok(Exit::Done)
}
