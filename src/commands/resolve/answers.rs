//! A file in which a partner says what became of leads: which lead each row means, what
//! it says and why, under the headers that such files have.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::config::Destination;
use crate::error::Failure;
use crate::input::{Hidden, KnownHeaders, Options, Reader};
use crate::lead::text::{fold, is_one_of, squeeze};
use crate::lead::{Aliases, Columns, Header, Record};
use crate::ledger::{Hasher, PersonsWord, Whose};
use crate::mapping::formats::{email, phone};
use crate::output::Command;
use crate::pipeline::inputs::{self, Input};
use crate::session::Session;
use crate::words::say;

/// Headers, squeezed, the surest first.
const ID: [&str; 2] = ["leadctlid", "id"];
const REFERENCE: [&str; 2] = ["reference", "ref"];
const OUTCOME: [&str; 5] = ["outcome", "resultat", "statut", "etat", "decision"];
const RECEIVED: [&str; 2] = ["received", "recu"];
const REASON: [&str; 3] = ["reason", "motif", "raison"];

/// What such a cell may hold, folded.
const OUTCOMES: [(PersonsWord, &str); 5] = [
    (
        PersonsWord::Delivered,
        "delivered|received|remis|remise|livre|livree|recu|recue",
    ),
    (
        PersonsWord::NotReceived,
        "not received|non recu|non recue|pas recu|pas recue",
    ),
    (
        PersonsWord::Approved,
        "approved|accepted|approuve|approuvee|accepte|acceptee|valide|validee",
    ),
    (
        PersonsWord::Rejected,
        "rejected|refused|invalid|rejete|rejetee|refuse|refusee|invalide",
    ),
    (
        PersonsWord::Returned,
        "returned|retourne|retournee|retour|rendu|rendue",
    ),
];
const YES_OR_NO: [(PersonsWord, &str); 2] = [
    (PersonsWord::Delivered, "yes|oui|true|vrai|1|y|o"),
    (PersonsWord::NotReceived, "no|non|false|faux|0|n"),
];

/// A row that says something.
pub struct Answer {
    pub line: u64,
    pub whose: Whose,
    /// What the row itself calls the lead.
    pub label: String,
    pub said: PersonsWord,
    pub reason: Option<String>,
}

/// A file, read.
pub struct Answers<'s> {
    /// As the user named it.
    pub file: String,
    /// The destination that it is from, and its earlier names; none: any.
    pub names: Vec<&'s str>,
    pub rows: Vec<Answer>,
    /// Rows that say nothing.
    pub silent: u64,
}

/// Where the columns are.
#[derive(Clone, Copy)]
struct Places {
    id: Option<usize>,
    reference: Option<usize>,
    email: Option<usize>,
    phone: Option<usize>,
    outcome: Option<usize>,
    received: Option<usize>,
    reason: Option<usize>,
}

/// How rows are read.
struct Reading<'r> {
    shown: &'r str,
    destination: Option<&'r Destination>,
    aliases: Aliases,
    hasher: &'r Hasher,
    /// What the command line says of all of them.
    said: Option<PersonsWord>,
    hidden: Option<Hidden>,
}

impl<'s> Answers<'s> {
    /// `to`: whose it is; `said`: what is said of all its rows; `hidden`: what becomes of
    /// hidden ones.
    ///
    /// # Errors
    /// There is no such file, or something in it can't be understood: nothing is said then.
    pub fn read(
        session: &'s Session,
        path: &Path,
        to: Option<&str>,
        (said, hidden): (Option<PersonsWord>, Option<Hidden>),
        hasher: &Hasher,
    ) -> Result<Self, Failure> {
        let destination = to.map(|to| session.settings.destination(to)).transpose()?;
        let file = path.display().to_string();
        let reading = Reading {
            shown: &file,
            destination,
            aliases: Aliases::new(&session.settings.catalogue.columns),
            hasher,
            said,
            hidden,
        };
        let (rows, silent) = reading.rows(reading.open(path)?)?;
        let names = destination.into_iter();
        let names = names.flat_map(|it| std::iter::once(&it.name).chain(&it.formerly));
        Ok(Self {
            names: names.map(String::as_str).collect(),
            rows,
            silent,
            file,
        })
    }

    /// Two words that contradict each other are nobody's word.
    pub fn refuse_contradictions<E>(&self, meant: &[Result<i64, E>]) -> Result<(), Failure> {
        let mut known: HashMap<i64, &Answer> = HashMap::new();
        for (lead, answer) in meant.iter().zip(&self.rows) {
            let Ok(lead) = lead else { continue };
            let earlier = known.entry(*lead).or_insert(answer);
            if earlier.said != answer.said {
                let what = say!(
                    "answers-contradict",
                    lead = *lead,
                    one = earlier.said.in_short(),
                    line = earlier.line,
                    other = answer.said.in_short(),
                    other_line = answer.line
                );
                let failure = Failure::usage(what).at(self.file.clone());
                return Err(failure.hint(say!("answers-contradict-hint")));
            }
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn open(&self, path: &Path) -> Result<Reader, Failure> {
        let input = Input {
            path: path.to_path_buf(),
            shown_as: self.shown.to_owned(),
        };
        let aliases = self.aliases.clone();
        let ours = [&ID[..], &REFERENCE, &OUTCOME, &RECEIVED, &REASON].concat();
        let is_known = move |name: &str| ours.contains(&&*squeeze(name)) || aliases.knows(name);
        let options = Options {
            hidden: self.hidden,
            known: Some(KnownHeaders::new(is_known)),
            ..Options::default()
        };
        let reader = inputs::open(&input, &options)?;
        match reader.header() {
            Some(header) => drop(self.places(&Arc::new(Header {
                names: header.names.clone(),
                source: None,
            }))?),
            None if reader.facts().empty => {
                return Err(Failure::usage(say!("answers-empty")).at(self.shown));
            }
            None => {}
        }
        Ok(reader)
    }

    /// What the rows say, and how many say nothing.
    fn rows(&self, reader: Reader) -> Result<(Vec<Answer>, u64), Failure> {
        let mut last: Option<(Arc<Header>, Places)> = None;
        let (mut rows, mut silent) = (Vec::new(), 0);
        for record in reader {
            let record = record.map_err(inputs::failure)?;
            let places = match &last {
                Some((header, places)) if Arc::ptr_eq(header, &record.header) => *places,
                _ => self.places(&record.header)?,
            };
            last = Some((Arc::clone(&record.header), places));
            match self.row(&record, places)? {
                Some(answer) => rows.push(answer),
                None => silent += 1,
            }
        }
        Ok((rows, silent))
    }

    /// What a row says; `None`: nothing.
    fn row(&self, record: &Record, places: Places) -> Result<Option<Answer>, Failure> {
        let wrong = |what: String| {
            let failure = Failure::usage(what).at(format!("{}:{}", self.shown, record.line));
            failure.hint(say!("answers-row-hint"))
        };
        if let Some(fault) = &record.fault {
            return Err(wrong(say!(
                "answers-row-unreadable",
                why = fault.to_string()
            )));
        }
        let cell = |place: Option<usize>| {
            let cell = place
                .and_then(|at| record.cells.get(at))
                .unwrap_or_default();
            Some(cell.trim()).filter(|cell| !cell.is_empty())
        };
        let read = |place, words: &[(PersonsWord, &str)], accepted: String| {
            let (Some(at), Some(cell)) = (place, cell(place)) else {
                return Ok(None);
            };
            let column = record.header.names[at].trim();
            let folded = fold(cell);
            let known = words.iter().find(|(_, all)| is_one_of(all, &folded));
            let unknown = || wrong(say!("answers-word-unknown", column, cell, accepted));
            known.map(|(word, _)| Some(*word)).ok_or_else(unknown)
        };
        let accepted = say!("answers-outcomes");
        let outcome = read(places.outcome, &OUTCOMES, accepted)?;
        let received = read(places.received, &YES_OR_NO, say!("answers-yes-or-no"))?;
        let Some(said) = outcome.or(received).or(self.said) else {
            return Ok(None);
        };
        let id = cell(places.id).map(|id| id.parse().map_err(|_| wrong(say!("answers-no-id", id))));
        let contacts = [cell(places.email), cell(places.phone)];
        let whose = Whose {
            id: id.transpose()?,
            reference: cell(places.reference).map(str::to_owned),
            email: contacts[0].and_then(|text| Some(self.hasher.person(&email::key(text)?))),
            phone: contacts[1].and_then(|text| self.phone(text)),
        };
        let named = [cell(places.id), cell(places.reference)];
        let label: Vec<&str> = named.into_iter().chain(contacts).flatten().collect();
        let is_known = self.destination.is_some() && whose != Whose::default();
        if whose.id.is_none() && !is_known {
            return Err(wrong(say!("answers-row-of-whom")));
        }
        Ok(Some(Answer {
            line: record.line,
            label: label.join(" · "),
            whose,
            said,
            reason: cell(places.reason).map(str::to_owned),
        }))
    }

    /// A number as the destination's leads are known by it.
    fn phone(&self, text: &str) -> Option<[u8; 16]> {
        let country = self.destination.map_or("FR", |it| &it.country);
        let number = phone::key(text, country, country)?;
        Some(self.hasher.person(&number))
    }

    fn places(&self, header: &Arc<Header>) -> Result<Places, Failure> {
        let names: Vec<String> = header.names.iter().map(|name| squeeze(name)).collect();
        let column = |wanted: &[&str]| {
            let mut wanted = wanted.iter();
            wanted.find_map(|wanted| names.iter().position(|name| name == wanted))
        };
        let accepted = self.destination.map(Destination::accepted_headers);
        let accepted = accepted.unwrap_or_default();
        let columns = Columns::resolve(header, &self.aliases, &accepted, None);
        let places = Places {
            id: column(&ID),
            reference: column(&REFERENCE),
            email: columns.index_of_field("email"),
            phone: columns.index_of_field("phone"),
            outcome: column(&OUTCOME),
            received: column(&RECEIVED),
            reason: column(&REASON),
        };
        let all = header.own_names().collect::<Vec<_>>().join(", ");
        let others = [places.reference, places.email, places.phone];
        let has_others = others.iter().any(Option::is_some);
        if places.id.is_none() && !has_others {
            let what = say!("answers-lack-lead", columns = all);
            return Err(Failure::usage(what).at(self.shown));
        }
        if places.id.is_none() && self.destination.is_none() {
            let resolve = Command::new(["resolve", "--to", "DEST", "--from", self.shown]);
            let hint = say!("answers-destination-hint", command = resolve.to_string());
            let failure = Failure::usage(say!("answers-destination"));
            return Err(failure.at(self.shown).hint(hint));
        }
        let says = places.outcome.or(places.received);
        match (says, self.said) {
            (None, None) => {
                let failure = Failure::usage(say!("answers-lack-outcome", columns = all));
                Err(failure
                    .at(self.shown)
                    .hint(say!("answers-lack-outcome-hint")))
            }
            (Some(at), Some(_)) => {
                let what = say!("answers-said-twice", column = header.names[at].trim());
                let failure = Failure::usage(what).at(self.shown);
                Err(failure.hint(say!("answers-said-twice-hint")))
            }
            _ => Ok(places),
        }
    }
}
