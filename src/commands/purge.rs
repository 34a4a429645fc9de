//! `leadctl purge`: drops personal data, keeps what stops a second send.

use super::{rows, spooling};
use crate::cli;
use crate::error::Failure;
use crate::ledger::{Ledger, Mode};
use crate::output::text::counted;
use crate::output::{Command, Exit, Layout, day, quoted};
use crate::pipeline::ending;
use crate::session::{Session, opening};

pub fn run(session: &Session, args: &cli::Purge) -> anyhow::Result<Exit> {
    let mut ledger = opening::open(session, Mode::Existing)?;
    match (args.before, &args.person) {
        (Some(date), _) => Ok(before(session, &mut ledger, date)?),
        (None, Some(text)) => Ok(erase(session, &mut ledger, text, args.block)?),
        (None, None) => Ok(Exit::Done),
    }
}

fn before(session: &Session, ledger: &mut Ledger, date: i64) -> Result<Exit, Failure> {
    let done = ledger.purge_before(date)?;
    session.warnings.note(&format!(
        "personal data dropped from {} of before {}; they are still never sent twice",
        counted(done.purged, "lead", "leads"),
        day(date, &jiff::tz::TimeZone::system())
    ));
    if done.left > 0 {
        session.warnings.warn(&format!(
            "{} of that time left alone: pending, in doubt, failed or unsent - {}",
            counted(done.left, "lead", "leads"),
            Command::new(["status"])
        ));
    }
    Ok(Exit::Done)
}

fn erase(session: &Session, ledger: &mut Ledger, text: &str, block: bool) -> Result<Exit, Failure> {
    rows::tell_doubt_of_person(text, &session.warnings);
    let person = rows::hashes_of_person(text, &ledger.hasher())?;
    // What a pipe gave may be about the same person.
    spooling::import_orphans(session, ledger)?;
    let erased = ledger.purge_person(&person, block)?;
    let mut output = session.output(Layout::History);
    for lead in &erased.leads {
        output.row(&rows::timed(lead));
    }
    ending::finish(output)?;
    let told: usize = erased
        .leads
        .iter()
        .filter(|lead| lead.sent_at.is_some())
        .count();
    session.warnings.note(&format!(
        "personal data dropped from {} of this person{}",
        counted(erased.purged, "lead", "leads"),
        match told {
            0 => "; no partner was sent any".to_owned(),
            _ => format!("; ask the partners above to erase the {told} that they were sent, by their references"),
        }
    ));
    if block {
        session
            .warnings
            .note(&format!("no lead with {text} is ever sent again, whatever export it comes in; another address or number of theirs: {}", Command::new(["purge", "--person", "PERSON", "--block"])));
    }
    tell_kept(session, ledger)?;
    if erased.left > 0 {
        session.warnings.warn(&format!(
            "{} being sent at this moment: purge again when that run is done",
            counted(erased.left, "lead is", "leads are")
        ));
        return Ok(Exit::Again);
    }
    Ok(Exit::Done)
}

/// Rows that are in no ledger are in nobody's reach but their reader's.
fn tell_kept(session: &Session, ledger: &Ledger) -> Result<(), Failure> {
    for path in ledger.kept_pipes()? {
        let path = path.display().to_string();
        session.warnings.warn(&format!(
            "rows that a pipe gave are still kept in {path}, and may hold this person: look there, and delete the file once its leads are sent, or this person's rows from it (rm {})",
            quoted(&path)
        ));
    }
    Ok(())
}
