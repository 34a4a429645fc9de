//! A list of people who are not to be sent to anybody, in any form that an export may
//! have: addresses and numbers, in clear or as their SHA-256. Of what else stands in it
//! nothing is read.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::inputs::{self, is_stdin};
use super::listed::Listed;
use crate::error::Failure;
use crate::input::{self, Hidden, Options};
use crate::io_words::io_words;
use crate::lead::{Aliases, Record};
use crate::ledger::{BlockedList, Hash16, Hasher, Ledger};
use crate::mapping::formats::{email, phone};
use crate::output::Exit;
use crate::output::text::first_of;
use crate::session::Session;
use crate::words::say;

/// Columns of a list that name somebody.
const CONTACTS: [&str; 4] = ["email", "email2", "phone", "phone2"];
const NUMBERS: [&str; 2] = ["phone", "phone2"];
/// By which the ledger knows what came that way.
const STDIN: &str = "standard input";
/// Lines that are told.
const LINES: usize = 5;

/// A list, not read yet. All of it is held: what is read is what its mark tells.
pub struct ListFile<'s> {
    /// Its name, by which the ledger knows it.
    pub name: String,
    bytes: Vec<u8>,
    columns: &'s [(String, Vec<String>)],
    /// Whose numbers those may be that don't tell their country.
    countries: BTreeSet<&'s str>,
}

/// Whom a list names.
#[derive(Debug, Default)]
pub struct ListPersons {
    pub persons: HashSet<Hash16>,
    /// Rows that name nobody.
    unread: Vec<u64>,
}

impl<'s> ListFile<'s> {
    /// # Errors
    /// It isn't there, or can't be read: that never means nobody.
    pub fn load(session: &'s Session, path: &Path) -> Result<Self, Failure> {
        let name = match is_stdin(path) {
            true => STDIN.to_owned(),
            false => path.display().to_string(),
        };
        let list = shown(&name);
        let unread = |what: String| Failure::usage(what).hint(say!("list-unreadable-hint"));
        let bytes = read(path)
            .map_err(|error| {
                let why = io_words(&error);
                unread(say!("list-unreadable", list = &list, why))
            })?
            .ok_or_else(|| unread(say!("list-being-written", list = &list)))?;
        Ok(Self {
            name,
            bytes,
            columns: &session.settings.catalogue.columns,
            countries: countries(session),
        })
    }

    /// Tells what is read of it: it is another one where it is read in another way, too.
    pub fn mark(&self, hasher: &Hasher) -> Hash16 {
        let content = blake3::hash(&self.bytes).to_hex();
        let columns = self.columns.iter();
        let columns = columns.filter(|(field, _)| CONTACTS.contains(&field.as_str()));
        let headers = columns.flat_map(|(_, headers)| headers.iter().map(String::as_str));
        let parts = [env!("CARGO_PKG_VERSION"), content.as_str()];
        hasher.key(
            ["list of people"]
                .into_iter()
                .chain(parts)
                .chain(self.countries.iter().copied())
                .chain(headers),
        )
    }

    /// Whom it names.
    ///
    /// # Errors
    /// It can't be read to its end, or names nobody.
    pub fn persons(&self, hasher: &Hasher) -> Result<ListPersons, Failure> {
        // Whoever is hidden in a workbook is not to be sent either.
        let options = Options {
            bare: true,
            hidden: Some(Hidden::Send),
            ..Options::default()
        };
        let unread = |failure: Failure| Failure {
            exit: Exit::Usage,
            ..failure
        };
        let name = shown(&self.name);
        let reader = input::from_stream(&self.bytes[..], &name, &options);
        let reader = reader.map_err(|error| unread(inputs::failure(error)))?;
        let (aliases, mut list) = (Aliases::new(self.columns), ListPersons::default());
        // Where numbers stand, once a row of names told; else anywhere.
        let mut numbers = None;
        for record in reader {
            let record = record.map_err(|error| unread(inputs::failure(error)))?;
            if let Some(fault) = &record.fault {
                let what = say!("list-row-unreadable", fault);
                let failure = Failure::usage(what).at(format!("{name}:{}", record.line));
                return Err(failure.hint(say!("list-row-unreadable-hint")));
            }
            let own = numbers_among(&aliases, &record.header.names);
            let columns = own.as_ref().or(numbers.as_ref());
            if self.add(&record, columns, hasher, &mut list.persons) {
                continue;
            }
            let cells: Vec<String> = record.cells.iter().map(str::to_owned).collect();
            match numbers_among(&aliases, &cells) {
                Some(named) => numbers = Some(named),
                // Before anybody is named, it is a title.
                None if list.persons.is_empty() && numbers.is_none() => {}
                None => list.unread.push(record.line),
            }
        }
        match list.persons.is_empty() {
            false => Ok(list),
            true => {
                let failure = Failure::usage(say!("list-names-nobody", list = name));
                Err(failure.hint(say!("list-names-nobody-hint")))
            }
        }
    }

    /// Does a row name somebody?
    fn add(
        &self,
        record: &Record,
        numbers: Option<&Vec<usize>>,
        hasher: &Hasher,
        persons: &mut HashSet<Hash16>,
    ) -> bool {
        let mut found = false;
        for (column, cell) in record.cells.iter().enumerate() {
            let cell = cell.trim();
            if let Some(digest) = digest(cell) {
                persons.insert(hasher.person_of(&digest));
                found = true;
            } else if cell.contains('@') {
                let parts = cell.split(|c: char| c.is_whitespace() || ";,<>()\"|/".contains(c));
                for address in parts.filter_map(email::key) {
                    persons.insert(hasher.person(&address));
                    found = true;
                }
            } else if numbers.is_none_or(|numbers| numbers.contains(&column)) {
                for number in in_countries(&self.countries, cell, hasher) {
                    persons.insert(number);
                    found = true;
                }
            }
        }
        found
    }
}

/// Whose numbers those are that don't tell their country: those of every destination.
fn countries(session: &Session) -> BTreeSet<&str> {
    let to = session.settings.catalogue.concerned().into_iter();
    let countries = to.map(|destination| destination.country.as_str());
    countries.chain(["FR"]).collect()
}

fn in_countries(
    countries: &BTreeSet<&str>,
    text: &str,
    hasher: &Hasher,
) -> impl Iterator<Item = Hash16> {
    let read = |country: &&str| phone::key(text, country, country);
    countries
        .iter()
        .filter_map(read)
        .map(|number| hasher.person(&number))
}

/// The numbers that a text is, in any country that counts. A short one is a lead's id.
pub fn numbers(session: &Session, text: &str, hasher: &Hasher) -> Vec<Hash16> {
    let is_id = text.len() < 9 && !text.starts_with(['0', '+']);
    let countries = if is_id {
        BTreeSet::new()
    } else {
        countries(session)
    };
    in_countries(&countries, text, hasher).collect()
}

/// The columns of numbers, where these are the names of columns.
fn numbers_among(aliases: &Aliases, names: &[String]) -> Option<Vec<usize>> {
    let is = |name: &String, fields: &[&str]| {
        let meant = aliases.fields_of(name);
        meant.iter().any(|field| fields.contains(field))
    };
    let named = names.iter().any(|name| is(name, &CONTACTS));
    let numbers = names.iter().enumerate();
    let numbers = numbers.filter(|(_, name)| is(name, &NUMBERS));
    named.then(|| numbers.map(|(column, _)| column).collect())
}

/// 64 hexadecimal digits, whatever hash they are.
fn digest(cell: &str) -> Option<[u8; 32]> {
    let hash = blake3::Hash::from_hex(cell).ok()?;
    Some(*hash.as_bytes())
}

/// All that is in a file; `None`: it changed meanwhile.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    if is_stdin(path) {
        io::stdin().read_to_end(&mut bytes)?;
        return Ok(Some(bytes));
    }
    let mut file = File::open(path)?;
    let before = file.metadata()?;
    file.read_to_end(&mut bytes)?;
    let after = file.metadata()?;
    let is_same = before.len() == after.len()
        && before.modified().ok() == after.modified().ok()
        && after.len() == bytes.len() as u64;
    // A pipe has no length.
    Ok((is_same || !after.is_file()).then_some(bytes))
}

/// Takes in those of `block_files` that are others than when they were read last.
///
/// # Errors
/// One can't be read, or names nobody; or the ledger fails.
pub fn refresh(session: &Session, ledger: &Ledger) -> Result<(), Failure> {
    for path in &session.settings.block_files {
        let list = ListFile::load(session, path).map_err(nothing_sent)?;
        let hasher = ledger.hasher();
        let mark = list.mark(&hasher);
        if ledger.mark_of_list(&list.name)? == Some(mark) {
            continue;
        }
        let read = list.persons(&hasher).map_err(nothing_sent)?;
        let persons: Vec<Hash16> = read.persons.iter().copied().collect();
        let change = ledger.block_list(&BlockedList {
            persons: &persons,
            file: &list.name,
            mark: Some(mark),
            note: None,
        })?;
        read.tell_unread(session, &list.name, false);
        if !session.global.quiet {
            session.warnings.note(&say!(
                "list-refreshed",
                list = shown(&list.name),
                contacts = contacts(persons.len() as u64),
                added = change.added,
                removed = change.removed
            ));
        }
    }
    Ok(())
}

/// A list that the configuration names can't be used.
fn nothing_sent(failure: Failure) -> Failure {
    failure.hint(say!("list-needed-hint"))
}

/// Whom `block_files` name, for a run that changes nothing; `None`: there are none.
///
/// # Errors
/// One can't be read, or names nobody.
pub fn named(session: &Session) -> Result<Option<Arc<Listed>>, Failure> {
    let mut listed = Listed {
        hasher: Hasher::random()?,
        persons: HashSet::new(),
    };
    for path in &session.settings.block_files {
        let list = ListFile::load(session, path).map_err(nothing_sent)?;
        let read = list.persons(&listed.hasher).map_err(nothing_sent)?;
        read.tell_unread(session, &list.name, false);
        listed.persons.extend(read.persons);
    }
    Ok((!listed.persons.is_empty()).then(|| Arc::new(listed)))
}

impl ListPersons {
    /// That some rows name nobody.
    pub fn tell_unread(&self, session: &Session, list: &str, is_freed: bool) {
        if self.unread.is_empty() {
            return;
        }
        let lines: Vec<String> = self.unread.iter().map(u64::to_string).collect();
        let lines = first_of(lines.iter().map(String::as_str), LINES);
        let (list, count) = (shown(list), self.unread.len());
        session.warnings.warn(&match is_freed {
            false => say!("list-unread", list, count, lines),
            true => say!("list-unread-freed", list, count, lines),
        });
    }
}

/// A list's name, as people call it.
pub fn shown(name: &str) -> String {
    match name {
        STDIN => inputs::shown("-"),
        named => named.to_owned(),
    }
}

/// `3 addresses and numbers`
pub fn contacts(count: u64) -> String {
    say!("list-contacts", count)
}
