//! `leadctl restore`: a copy of the ledger and its key, put back in its place.

use crate::cli;
use crate::ledger::Ledger;
use crate::output::Exit;
use crate::session::Session;
use crate::words::say;

pub fn run(session: &Session, args: &cli::Restore) -> anyhow::Result<Exit> {
    let ledger = &session.settings.ledger;
    let aside = Ledger::restore(ledger, &args.file)?;
    let moved: Vec<String> = aside
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let (file, path) = (&*args.file, &**ledger);
    session.warnings.note(&say!("restored", file, path));
    if !moved.is_empty() {
        let kept = say!("restore-kept-aside", files = moved.join(", "));
        session.warnings.note(&kept);
    }
    session.warnings.warn(&say!("restore-is-older"));
    Ok(Exit::Done)
}
