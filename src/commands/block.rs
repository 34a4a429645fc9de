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
use crate::words::{placeholder, say};

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
        let contacts = contacts(count);
        session
            .warnings
            .note(&say!("block-done", who = text, contacts));
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
    read.tell_unread(session, &list.name, false);
    session.warnings.note(&say!(
        "block-list-done",
        list = block_list::shown(&list.name),
        contacts = contacts(persons.len() as u64),
        new = change.added
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
        read.tell_unread(session, &list.name, true);
        let who = say!("block-whoever", list = block_list::shown(&list.name));
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
            warnings.note(&say!("unblock-by-hand", who, contacts));
        }
        0 => warnings.note(&say!("unblock-nobody", who)),
        count => {
            let contacts = contacts(count);
            warnings.note(&say!("unblock-done", who, contacts));
            warnings.note(&say!("unblock-filtered"));
        }
    }
    for list in &still {
        warnings.warn(&match are_many {
            false => say!("unblock-still", who, list),
            true => say!("unblock-still-some", list),
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
        let block = Command::new(["block", &placeholder("PERSON")]).to_string();
        session.warnings.note(&say!("block-nobody", block));
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
            session
                .warnings
                .note(&say!("block-list-unread", list = &list.name));
        }
    }
    Ok(())
}

fn table(blocks: &[Block]) -> Page {
    let zone = crate::calendar::zone();
    let head = vec![
        say!("block-column-blocked"),
        say!("block-column-contacts"),
        say!("block-column-leads"),
        say!("block-column-who"),
        say!("block-column-note"),
    ];
    let rows = blocks.iter().map(|one| {
        let who = match (&one.typed, &one.file) {
            (Some(typed), _) => typed.clone(),
            (None, Some(file)) => {
                let name = Path::new(file).file_name().unwrap_or(file.as_ref());
                let name = name.to_string_lossy();
                match one.each_run {
                    true => say!("block-list-each-run", name),
                    false => say!("block-list", name),
                }
            }
            (None, None) => say!("rows-purged"),
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
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    page.grid(0, &rows);
    page
}
