//! `leadctl block` and `unblock`: people who are never sent to anybody.

use super::person::{Person, tell_doubt};
use super::purge;
use crate::cli;
use crate::error::Failure;
use crate::ledger::{Block, BlockedPerson, Mode};
use crate::output::text::counted;
use crate::output::{Command, Exit, Format, Layout, Page, minute, text};
use crate::pipeline::ending;
use crate::session::{Session, opening};

pub fn run(session: &Session, args: &cli::Block) -> anyhow::Result<Exit> {
    if args.persons.is_empty() {
        return Ok(list(session)?);
    }
    let ledger = opening::open(session, Mode::Create)?;
    for text in &args.persons {
        tell_doubt(text, &session.warnings);
        let person = Person::named(text, &ledger)?;
        let typed = Some(text.as_str()).filter(|_| !args.purge);
        let others = person.contacts_in_rows(&ledger)?;
        let contacts = ledger.block(&BlockedPerson {
            named: person.contact(text)?,
            others: &others,
            typed,
            note: args.note.as_deref(),
        })?;
        session.warnings.note(&format!(
            "{text} is never sent again, whatever export it comes in: {}",
            counted(contacts, "address or number", "addresses and numbers")
        ));
        if args.purge {
            purge::erase(session, &ledger, text, false)?;
        }
    }
    Ok(Exit::Done)
}

pub fn lift(session: &Session, args: &cli::Unblock) -> anyhow::Result<Exit> {
    let ledger = opening::open(session, Mode::Existing)?;
    for text in &args.persons {
        let person = Person::named(text, &ledger)?;
        let lifted = ledger.unblock(person.contact(text)?, &[])?;
        session.warnings.note(&match lifted.contacts {
            0 => format!("{text} was not blocked"),
            contacts => format!(
                "{text} may be sent again: {}",
                counted(contacts, "address or number", "addresses and numbers")
            ),
        });
    }
    Ok(Exit::Done)
}

/// Everybody who is blocked.
fn list(session: &Session) -> Result<Exit, Failure> {
    let ledger = opening::look(session)?;
    let blocked = ledger.map(|ledger| ledger.blocks()).transpose()?;
    let blocked = blocked.unwrap_or_default();
    let mut output = session.output(Layout::Pages);
    if blocked.is_empty() {
        let block = Command::new(["block", "PERSON"]);
        session
            .warnings
            .note(&format!("nobody is blocked ({block})"));
    } else if session.format() == Format::Table {
        output.text(table(&blocked).as_str());
    }
    for one in &blocked {
        output.fields(&serde_json::json!({
            "person": one.typed,
            "note": one.note,
            "blocked_at": text::rfc3339(one.at),
            "contacts": one.contacts,
            "leads": one.leads,
        }));
    }
    ending::finish(output)?;
    Ok(Exit::Done)
}

fn table(blocked: &[Block]) -> Page {
    let zone = jiff::tz::TimeZone::system();
    let head = ["blocked", "contacts", "leads", "person", "note"].map(str::to_owned);
    let rows = blocked.iter().map(|one| {
        let typed = one.typed.clone();
        vec![
            minute(one.at, &zone),
            one.contacts.to_string(),
            one.leads.to_string(),
            typed.unwrap_or_else(|| "(purged)".to_owned()),
            one.note.clone().unwrap_or_default(),
        ]
    });
    let mut page = Page::new();
    let rows: Vec<Vec<String>> = std::iter::once(head.to_vec()).chain(rows).collect();
    page.grid(0, &rows);
    page
}
