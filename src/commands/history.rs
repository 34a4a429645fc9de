//! `leadctl history`: what happened to each lead; with an ID, each attempt.

use super::person;
use super::rows;
use crate::cli;
use crate::error::Failure;
use crate::ledger::{Filter, Ledger, PastAttempt, StoredLead};
use crate::output::{AttemptRow, Exit, Kind, Output, Row, Times};
use crate::pipeline::corrections::{self, Corrections};
use crate::session::Session;
use crate::session::opening;

pub fn run(session: &Session, args: &cli::History) -> Result<Exit, Failure> {
    let Some(ledger) = opening::look(session)? else {
        session.warnings.warn(&format!(
            "nothing was sent yet: there is no ledger at {}",
            session.settings.ledger.display()
        ));
        return Ok(Exit::Done);
    };
    match args.id {
        Some(id) => one(session, &ledger, id),
        None => many(session, &ledger, args),
    }
}

fn many(session: &Session, ledger: &Ledger, args: &cli::History) -> Result<Exit, Failure> {
    let filter = Filter {
        destination: args.to.clone(),
        states: args.state.clone(),
        persons: match &args.person {
            Some(text) => person::hashes(text, &ledger.hasher())?,
            None => Vec::new(),
        },
        since: args.since.as_deref().map(super::dates::start).transpose()?,
        until: args.until.as_deref().map(super::dates::end).transpose()?,
        ..Filter::default()
    };
    if let Some(name) = &args.to {
        known(session, ledger, name)?;
    }
    let rejects = corrections::create(args.rejects.as_deref())?;
    let mut rejects = rejects.map(|file| Corrections::new(file, Some(ledger)));
    let mut output = Output::new(session.format(), Kind::History, false, &session.progress);
    let mut any = false;
    for lead in ledger.leads(filter).map_err(opening::failure)? {
        any = true;
        let lead = lead.map_err(opening::failure)?;
        output.row(&timed(&lead));
        if let Some(rejects) = &mut rejects {
            rejects.stored(&lead);
        }
    }
    crate::pipeline::ending::finish(output)?;
    if let (Some(text), false) = (&args.person, any) {
        person::tell_doubt(text, &session.warnings);
    }
    if let Some(rejects) = rejects
        && rejects.finish(session)?.is_empty()
        && any
    {
        session.warnings.note(
            "no file was written: none of these leads is invalid or rejected with its row still stored",
        );
    }
    if !any {
        session.warnings.note("no lead matches");
    }
    Ok(Exit::Done)
}

/// A destination that is in the ledger, or at least in the configuration.
fn known(session: &Session, ledger: &Ledger, name: &str) -> Result<(), Failure> {
    match ledger.has_leads(name).map_err(opening::failure)? {
        true => Ok(()),
        false => session.settings.destination(name).map(drop),
    }
}

fn timed(lead: &StoredLead) -> Row {
    Row {
        times: Some(Times {
            sent_at: lead.sent_at,
            decided_at: lead.decided_at,
            expires_at: lead.expires_at,
        }),
        ..rows::standing(lead)
    }
}

fn one(session: &Session, ledger: &Ledger, id: i64) -> Result<Exit, Failure> {
    let Some(lead) = ledger.lead(id).map_err(opening::failure)? else {
        return Err(
            Failure::usage(format!("there is no lead {id} in the ledger"))
                .hint("leadctl history lists them"),
        );
    };
    let attempts = ledger.attempts(id).map_err(opening::failure)?;
    let mut output = Output::new(session.format(), Kind::Attempts, false, &session.progress);
    for (attempt, number) in attempts.into_iter().zip(1..) {
        output.line(&attempt_row(attempt, number, &lead));
    }
    crate::pipeline::ending::finish(output)?;
    session.warnings.note(&format!(
        "lead {id} ({}, {} line {}): {}{}",
        lead.label.as_deref().unwrap_or("purged"),
        lead.file,
        lead.line,
        lead.state,
        match &lead.message {
            Some(message) => format!(", {message}"),
            None => String::new(),
        }
    ));
    Ok(Exit::Done)
}

fn attempt_row(attempt: PastAttempt, number: u32, lead: &StoredLead) -> AttemptRow {
    AttemptRow {
        id: lead.id,
        attempt: number,
        destination: lead.destination.clone(),
        started_at: Some(attempt.started_at),
        ended_at: attempt.ended_at,
        trigger: attempt.trigger,
        reason: attempt.reason,
        transport: attempt.transport,
        status: attempt.status,
        state: attempt.state,
        message: attempt.message.unwrap_or_default(),
        excerpt: attempt.excerpt,
        payload: attempt.payload.map(|hash| hash.hex()),
    }
}
