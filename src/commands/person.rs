//! A person as the command line names one: an e-mail address, a phone number, a
//! name, or the ledger's number of one of their leads.

use std::collections::HashSet;

use crate::error::Failure;
use crate::lead::is_ours;
use crate::lead::text::fold;
use crate::ledger::{Filter, Hash16, Hasher, Ledger, StoredLead};
use crate::mapping::formats::{email, phone};
use crate::output::{Command, Warnings};
use crate::words::say;

/// Whose leads are meant.
pub struct Person {
    /// The ledger's hashes of their addresses and numbers, where one was named.
    pub hashes: Vec<Hash16>,
    /// What one of their rows holds.
    sought: Vec<Sought>,
    /// A part of a name is enough.
    in_part: bool,
}

enum Sought {
    Lead(i64),
    /// In lower case.
    Email(String),
    /// The digits that every way of writing it ends with.
    Phone(String),
    /// Its words, in order of the alphabet.
    Name(Vec<String>),
    /// All that a list names.
    Listed(HashSet<Hash16>, Hasher),
}

/// Of persons who share a name, so many are told.
const PERSONS: usize = 10;
/// Digits of a number, without what is dialled before it.
const SIGNIFICANT: usize = 9;
/// Digits of a number of which no more is known.
const SHORTEST: usize = 6;

impl Person {
    /// # Errors
    /// No such lead, or nothing that names anybody.
    pub fn named(text: &str, ledger: &Ledger) -> Result<Self, Failure> {
        let (text, hasher) = (text.trim(), ledger.hasher());
        if text.contains('@') {
            let email = email::key(text).unwrap_or_else(|| text.to_lowercase());
            let contact = (hasher.person(&email), Sought::Email(email));
            return Ok(Self::of([contact]));
        }
        if let Some(contact) = contact(text, &hasher) {
            return Ok(Self::of([contact]));
        }
        let is_id = text.len() < SIGNIFICANT && !text.starts_with(['+', '0']);
        if let (true, Ok(id)) = (is_id, text.parse()) {
            let lead = super::rows::stored(ledger, id)?;
            let row = cells(lead.fields.as_deref().unwrap_or_default());
            let mut person = Self::of(row.filter_map(|cell| contact(&cell, &hasher)));
            person
                .hashes
                .extend([lead.email, lead.phone].into_iter().flatten());
            person.sought.push(Sought::Lead(id));
            return Ok(person);
        }
        let number = digits(text);
        if number.len() >= SHORTEST && !text.contains(char::is_alphabetic) {
            let number = number.trim_start_matches('0').to_owned();
            return Ok(Self::only(Sought::Phone(number)));
        }
        let name = words(text);
        match name.is_empty() {
            false => Ok(Self::only(Sought::Name(name))),
            true => {
                let nobody = Failure::usage(say!("person-nobody", text));
                Err(nobody.hint(say!("person-as-in")))
            }
        }
    }

    /// Everybody whom a list names.
    pub fn listed(persons: HashSet<Hash16>, hasher: Hasher) -> Self {
        Self::only(Sought::Listed(persons, hasher))
    }

    /// To be looked at: a part of their name is enough.
    ///
    /// # Errors
    /// Those of [`Person::named`].
    pub fn in_part(text: &str, ledger: &Ledger) -> Result<Self, Failure> {
        Ok(Self {
            in_part: true,
            ..Self::named(text, ledger)?
        })
    }

    fn of(contacts: impl IntoIterator<Item = (Hash16, Sought)>) -> Self {
        let (hashes, sought) = contacts.into_iter().unzip();
        Self {
            hashes,
            sought,
            in_part: false,
        }
    }

    fn only(sought: Sought) -> Self {
        Self {
            sought: vec![sought],
            ..Self::of([])
        }
    }

    /// The address or the number that was named.
    ///
    /// # Errors
    /// Only a name was.
    pub fn contact(&self, text: &str) -> Result<&[Hash16], Failure> {
        match self.hashes.is_empty() {
            false => Ok(&self.hashes),
            true => {
                Err(Failure::usage(say!("person-no-contact", text))
                    .hint(say!("person-name-a-contact")))
            }
        }
    }

    /// Every address and number in the rows of their leads.
    ///
    /// # Errors
    /// Those of the ledger.
    pub fn contacts_in_rows(&self, ledger: &Ledger) -> Result<Vec<Hash16>, Failure> {
        let (leads, hasher) = (self.leads(ledger)?, ledger.hasher());
        let rows = leads.iter().filter_map(|lead| lead.fields.as_deref());
        let hash = |cell: String| Some(contact(&cell, &hasher)?.0);
        Ok(rows.flat_map(cells).filter_map(hash).collect())
    }

    /// All that is stored of them, whichever cell of a row it stands in. What was
    /// purged is known by its hashes alone.
    ///
    /// # Errors
    /// Those of the ledger.
    pub fn leads(&self, ledger: &Ledger) -> Result<Vec<StoredLead>, Failure> {
        let mut theirs = Vec::new();
        for lead in ledger.leads(Filter::default())? {
            let lead = lead?;
            if self.is(&lead) {
                theirs.push(lead);
            }
        }
        Ok(theirs)
    }

    /// Many share a name, and a city may be one. `command`: what to type of a lead's id.
    ///
    /// # Errors
    /// These leads are of several persons.
    pub fn alone(
        &self,
        text: &str,
        theirs: &[StoredLead],
        command: impl Fn(&str) -> Command,
    ) -> Result<(), Failure> {
        let persons = self.apart(theirs);
        if persons.len() < 2 {
            return Ok(());
        }
        let named = persons.iter().filter_map(|leads| leads.first());
        let commands = named.take(PERSONS).map(|lead| {
            let label = lead.label.as_deref().unwrap_or_default();
            let command = command(&lead.id.to_string());
            let file = &lead.file;
            format!(
                "{}\n{command}",
                say!("person-lead", label, file, line = lead.line)
            )
        });
        let commands: Vec<String> = commands.collect();
        let count = persons.len();
        let hint = format!("{}\n{}", say!("person-which"), commands.join("\n"));
        Err(Failure::usage(say!("person-several", text, count)).hint(hint))
    }

    /// Of the leads that only a name was given for, those of each person apart: who shares
    /// an address or a number is one.
    fn apart<'l>(&self, theirs: &'l [StoredLead]) -> Vec<Vec<&'l StoredLead>> {
        let mut apart: Vec<Vec<&StoredLead>> = Vec::new();
        for lead in theirs {
            let is_same = |other: &&StoredLead| {
                let same = |one: Option<Hash16>, other| one.is_some() && one == other;
                same(lead.email, other.email) || same(lead.phone, other.phone)
            };
            let known: Vec<_> = apart
                .extract_if(.., |person| person.iter().any(is_same))
                .collect();
            apart.push(known.into_iter().flatten().chain([lead]).collect());
        }
        match self.sought.as_slice() {
            [Sought::Name(_)] => apart,
            _ => Vec::new(),
        }
    }

    /// Is it a lead of theirs?
    pub fn is(&self, lead: &StoredLead) -> bool {
        let fields = lead.fields.as_deref().unwrap_or_default();
        let holds = |sought: &Sought| match sought {
            Sought::Lead(id) => lead.id == *id,
            Sought::Listed(persons, hasher) => {
                let listed = |cell: String| Some(contact(&cell, hasher)?.0);
                let mut all = lead.contacts().chain(cells(fields).filter_map(listed));
                all.any(|contact| persons.contains(&contact))
            }
            Sought::Email(email) => cells(fields).any(|cell| cell.to_lowercase().contains(email)),
            Sought::Phone(number) => cells(fields).any(|cell| digits(&cell).contains(number)),
            Sought::Name(name) => {
                let label = words(lead.label.as_deref().unwrap_or_default());
                let is_in = |part: &String| label.iter().any(|word| word.contains(part.as_str()));
                label == *name
                    || self.in_part && name.iter().all(is_in)
                    || cells(fields).any(|cell| words(&cell) == *name)
            }
        };
        lead.contacts()
            .any(|contact| self.hashes.contains(&contact))
            || self.sought.iter().any(holds)
    }
}

/// The address or the number that a text is.
fn contact(text: &str, hasher: &Hasher) -> Option<(Hash16, Sought)> {
    if text.contains('@') {
        let email = email::key(text)?;
        return Some((hasher.person(&email), Sought::Email(email)));
    }
    let number = phone::key(text, "FR", "FR")?;
    let digits = digits(&number);
    let significant = digits[digits.len().saturating_sub(SIGNIFICANT)..].to_owned();
    Some((hasher.person(&number), Sought::Phone(significant)))
}

/// The texts of a stored row; it may hold anything. What leadctl wrote beside them, to be
/// corrected, is about nobody.
fn cells(fields: &str) -> impl Iterator<Item = String> {
    let row: serde_json::Value = serde_json::from_str(fields).unwrap_or_default();
    let cells = row
        .get("cells")
        .and_then(|cells| cells.as_object())
        .cloned();
    let cells = cells.into_iter().flatten();
    let cells = cells.filter(|(header, _)| !is_ours(header));
    cells.filter_map(|(_, cell)| Some(cell.as_str()?.to_owned()))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// `Dupont, Jean` and `JEAN DUPONT` are one.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words: Vec<String> = folded.split_whitespace().map(str::to_owned).collect();
    words.sort_unstable();
    words
}

/// What is to be said of a number that doesn't tell its country: leads that said
/// another one are known by the whole number.
pub fn tell_doubt(text: &str, warnings: &Warnings) {
    let text = text.trim();
    let is_number = phone::key(text, "FR", "FR").is_some();
    if is_number && !text.starts_with(['+', '(']) && !text.starts_with("00") {
        warnings.remark(&say!("person-french-number", text));
    }
}
