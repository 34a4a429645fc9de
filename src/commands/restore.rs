//! `leadctl restore`: a copy of the ledger and its key, put back in its place.

use crate::cli;
use crate::ledger::Ledger;
use crate::output::Exit;
use crate::session::Session;

pub fn run(session: &Session, args: &cli::Restore) -> anyhow::Result<Exit> {
    let ledger = &session.settings.ledger;
    let aside = Ledger::restore(ledger, &args.file)?;
    let moved: Vec<String> = aside
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    session.warnings.note(&format!(
        "{} is the record of what was sent now, at {}",
        args.file.display(),
        ledger.display()
    ));
    if !moved.is_empty() {
        let kept = format!("what was there is kept as {}", moved.join(", "));
        session.warnings.note(&kept);
    }
    session.warnings.warn(
        "what was sent after the copy was made is unknown to it: record that first \
         (leadctl send --record-only --note …), then send with --accept-older-ledger, once",
    );
    Ok(Exit::Done)
}
