//! `leadctl backup`: a copy of the ledger and its key.

use crate::cli;
use crate::ledger::LedgerError;
use crate::output::{Exit, quoted};
use crate::session::Session;
use crate::session::opening;
use crate::words::say;

pub fn run(session: &Session, args: &cli::Backup) -> anyhow::Result<Exit> {
    let missing = || LedgerError::Missing(session.settings.ledger.clone());
    let ledger = opening::look(session)?.ok_or_else(missing)?;
    ledger.backup(&args.file)?;
    let file = args.file.display().to_string();
    let typed = quoted(&file);
    session
        .warnings
        .note(&say!("backup-written", file = &file, typed));
    Ok(Exit::Done)
}
