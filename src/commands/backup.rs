//! `leadctl backup`: a copy of the ledger and its key.

use crate::cli;
use crate::ledger::LedgerError;
use crate::output::{Exit, quoted};
use crate::session::Session;
use crate::session::opening;

pub fn run(session: &Session, args: &cli::Backup) -> anyhow::Result<Exit> {
    let missing = || LedgerError::Missing(session.settings.ledger.clone());
    let ledger = opening::look(session)?.ok_or_else(missing)?;
    ledger.backup(&args.file)?;
    let file = args.file.display();
    let typed = quoted(&file.to_string());
    session.warnings.note(&format!(
        "the record of what was sent was copied to {file}, its key to {file}.key: keep both together (leadctl --ledger {typed} status reads them)"
    ));
    Ok(Exit::Done)
}
