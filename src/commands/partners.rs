//! `leadctl partners`: the destinations, and with one, all that it takes of a
//! lead, field by field. A secret is never read, and a command that would print
//! one is never run.

mod partner_page;

use crate::cli;
use crate::config::Destination;
use crate::output::{Command, Exit, Format, Layout, Output, Page, Record};
use crate::session::{Session, secrets};
use partner_page::taken;

pub fn run(session: &Session, args: &cli::Partners) -> anyhow::Result<Exit> {
    let mut output = Output::new(session.format(), Layout::Pages, false, &session.progress);
    match &args.destination {
        Some(name) => one(session, session.settings.destination(name)?, &mut output),
        None => all(session, &mut output),
    }
    crate::pipeline::ending::finish(output)?;
    Ok(Exit::Done)
}

fn all(session: &Session, output: &mut Output) {
    let destinations = &session.settings.catalogue.destinations;
    if session.format() != Format::Table {
        for destination in destinations {
            output.record(record(session, destination));
        }
        return;
    }
    let mut page = Page::new();
    for destination in destinations {
        partner_page::summary(&mut page, destination, &secret(session, destination));
    }
    output.text(page.as_str());
    output.flush();
    session.warnings.note(&format!(
        "{} shows what one takes and which columns it accepts",
        Command::new(["partners", "DEST"])
    ));
}

fn one(session: &Session, destination: &Destination, output: &mut Output) {
    let fields = taken(destination, &session.settings.catalogue.columns);
    if session.format() != Format::Table {
        for field in &fields {
            output.record(field.record(destination));
        }
        return;
    }
    let mut page = Page::new();
    partner_page::whole(
        &mut page,
        destination,
        &secret(session, destination),
        &fields,
    );
    output.text(page.as_str());
}

/// Where the secret is kept and whether it is there.
fn secret(session: &Session, destination: &Destination) -> String {
    let Some(auth) = &destination.auth else {
        return "none".to_owned();
    };
    let place = secrets::place(auth.secret());
    match secrets::is_there(auth.secret(), session.settings.folder()) {
        Some(true) => format!("{place} (there)"),
        Some(false) => format!("{place} (missing)"),
        None => format!("{place} (asked for when sending)"),
    }
}

fn record(session: &Session, destination: &Destination) -> Record {
    let secret = destination.auth.as_ref().map(|auth| auth.secret());
    let there = secret.and_then(|secret| secrets::is_there(secret, session.settings.folder()));
    let pace: Vec<String> = destination.pace.iter().map(ToString::to_string).collect();
    let users = &session.settings.catalogue.users;
    vec![
        ("name", destination.name.as_str().into()),
        ("about", destination.about.clone().into()),
        ("base", destination.base.clone().into()),
        ("secret", secret.map(secrets::place).into()),
        ("secret_there", there.into()),
        ("pace", pace.into()),
        ("key", destination.key.clone().into()),
        ("configured", users.contains(&destination.name).into()),
    ]
}
