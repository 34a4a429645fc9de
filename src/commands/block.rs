//! `leadctl block` and `unblock`: people who are never sent to anybody.

use std::path::Path;

use super::person::{Person, tell_doubt};
use super::purge;
use crate::cli;
use crate::error::Failure;
use crate::ledger::{Block, BlockedList, BlockedPerson, Hash16, Ledger, Lifted, Mode};
use crate::output::{Command, Exit, Format, Layout, Page, minute, text};
use crate::pipeline::block_list::{self, ListFile, contacts};
use crate::pipeline::ending;
use crate::session::{Session, opening};

pub fn run(session: &Session, args: &cli::Block) -> anyhow::Result<Exit> {
    if let Some(file) = &args.from {
        return Ok(block_list(session, args, file)?);
    }
    if args.persons.is_empty() {
        return Ok(list(session)?);
    }
    let ledger = opening::open(session, Mode::Create)?;
    for text in &args.persons {
        tell_doubt(text, &session.warnings);
        let person = Person::named(text, &ledger)?;
        let mut others = person.contacts_in_rows(&ledger)?;
        others.extend(block_list::numbers(session, text, &ledger.hasher()));
        let count = ledger.block(&BlockedPerson {
            named: person.contact(text)?,
            others: &others,
            typed: Some(text.as_str()).filter(|_| !args.purge),
            note: args.note.as_deref(),
        })?;
        session.warnings.note(&format!(
            "{text} is never sent again, whatever export it comes in: {}",
            contacts(count)
        ));
        if args.purge {
            purge::erase(session, &ledger, text, false)?;
        }
    }
    Ok(Exit::Done)
}

/// `--from`: all of a list, or nobody.
fn block_list(session: &Session, args: &cli::Block, file: &Path) -> Result<Exit, Failure> {
    let list = ListFile::load(session, file)?;
    let ledger = opening::open(session, Mode::Create)?;
    let read = list.persons(&ledger.hasher())?;
    let persons: Vec<Hash16> = read.persons.iter().copied().collect();
    let change = ledger.block_list(&BlockedList {
        persons: &persons,
        file: &list.name,
        mark: None,
        note: args.note.as_deref(),
    })?;
    read.tell_unread(session, &list.name);
    session.warnings.note(&format!(
        "{} blocks {}, whatever export they come in ({} of them new)",
        list.name,
        contacts(persons.len() as u64),
        change.added
    ));
    match args.purge {
        true => purge::erase_listed(session, &ledger, read.persons),
        false => Ok(Exit::Done),
    }
}

pub fn lift(session: &Session, args: &cli::Unblock) -> anyhow::Result<Exit> {
    let list = args.from.as_deref();
    let list = list.map(|file| ListFile::load(session, file)).transpose()?;
    let ledger = opening::open(session, Mode::Existing)?;
    let mut exit = Exit::Done;
    if let Some(list) = list {
        let read = list.persons(&ledger.hasher())?;
        let persons: Vec<Hash16> = read.persons.iter().copied().collect();
        read.tell_unread(session, &list.name);
        let who = format!("whoever stands in {}", list.name);
        exit = exit.min(free(session, &ledger, (&who, true), &persons)?);
    }
    for text in &args.persons {
        let person = Person::named(text, &ledger)?;
        exit = exit.min(free(
            session,
            &ledger,
            (text, false),
            person.contact(text)?,
        )?);
    }
    Ok(exit)
}

/// Lifts the blocks of these persons, called `who`. `are_many`: they stand in a list.
fn free(
    session: &Session,
    ledger: &Ledger,
    (who, are_many): (&str, bool),
    persons: &[Hash16],
) -> Result<Exit, Failure> {
    let each_run = session.settings.block_files.iter();
    let each_run: Vec<String> = each_run.map(|path| path.display().to_string()).collect();
    let Lifted {
        contacts: count,
        still,
    } = ledger.unblock(persons, &each_run)?;
    let warnings = &session.warnings;
    match count {
        0 if !still.is_empty() => {}
        count if !still.is_empty() => {
            let contacts = contacts(count);
            warnings.note(&format!("{who}: {contacts} not blocked by hand any more"));
        }
        0 => warnings.note(&format!("{who} was not blocked")),
        count => {
            warnings.note(&format!("{who} may be sent again: {}", contacts(count)));
            warnings.note("leads that were filtered for it are sent when their file is read again");
        }
    }
    for list in &still {
        warnings.warn(&match are_many {
            false => format!(
                "{who} stays blocked by {list}, which is read at each run (block_files): take the row out there"
            ),
            true => format!(
                "some of them stay blocked by {list}, which is read at each run (block_files): take their rows out there"
            ),
        });
    }
    Ok(match still.is_empty() {
        true => Exit::Done,
        false => Exit::Usage,
    })
}

/// Everybody who is blocked.
fn list(session: &Session) -> Result<Exit, Failure> {
    let ledger = opening::look(session)?;
    let blocks = ledger.as_ref().map(Ledger::blocks).transpose()?;
    let blocks = blocks.unwrap_or_default();
    let mut output = session.output(Layout::Pages);
    if blocks.is_empty() {
        let block = Command::new(["block", "PERSON"]);
        session
            .warnings
            .note(&format!("nobody is blocked ({block})"));
    } else if session.format() == Format::Table {
        output.text(table(&blocks).as_str());
    }
    for one in &blocks {
        output.fields(&serde_json::json!({
            "person": one.typed,
            "list": one.file,
            "each_run": one.each_run,
            "note": one.note,
            "blocked_at": text::rfc3339(one.at),
            "contacts": one.contacts,
            "leads": one.leads,
        }));
    }
    ending::finish(output)?;
    tell_unread(session, ledger.as_ref())?;
    Ok(Exit::Done)
}

/// That a list of `block_files` is another one than was read.
fn tell_unread(session: &Session, ledger: Option<&Ledger>) -> Result<(), Failure> {
    for path in &session.settings.block_files {
        let list = ListFile::load(session, path)?;
        let is_read = ledger.map(|ledger| {
            let mark = ledger.mark_of_list(&list.name)?;
            Ok::<_, Failure>(mark == Some(list.mark(&ledger.hasher())))
        });
        if !is_read.transpose()?.unwrap_or_default() {
            session.warnings.note(&format!(
                "{} (block_files) was not read yet as it is now: the next run reads it before it sends",
                list.name
            ));
        }
    }
    Ok(())
}

fn table(blocks: &[Block]) -> Page {
    let zone = crate::calendar::zone();
    let head = ["blocked", "contacts", "leads", "who", "note"].map(str::to_owned);
    let rows = blocks.iter().map(|one| {
        let who = match (&one.typed, &one.file) {
            (Some(typed), _) => typed.clone(),
            (None, Some(file)) => {
                let name = Path::new(file).file_name().unwrap_or(file.as_ref());
                let name = name.to_string_lossy();
                match one.each_run {
                    true => format!("list {name}, read at each run"),
                    false => format!("list {name}"),
                }
            }
            (None, None) => "(purged)".to_owned(),
        };
        vec![
            minute(one.at, &zone),
            one.contacts.to_string(),
            one.leads.to_string(),
            who,
            one.note.clone().unwrap_or_default(),
        ]
    });
    let mut page = Page::new();
    let rows: Vec<Vec<String>> = std::iter::once(head.to_vec()).chain(rows).collect();
    page.grid(0, &rows);
    page
}
