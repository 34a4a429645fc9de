//! Which lead field each column of one header is: settled once a header, so
//! that no name is looked up for each row.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;

use super::Money;
use super::aliases::Aliases;
use super::claims::Claims;
use super::damage::Digits;
use super::evidence::{Evidence, Expected, ExpectedColumn, Habits};
use super::layout::{JsonPath, PairList, TestMarks};
use super::nothing::CellKind;
use super::record::{Header, Ours};
use super::text::{all_of, in_quotes, squeeze};
use crate::words::say;
use crate::words::spoken::Spoken;

/// Lead fields whose digits a spreadsheet may have damaged.
const DIGITS: [(&str, Digits); 6] = [
    ("phone", Digits::Phone),
    ("phone2", Digits::Phone),
    ("zip", Digits::Zip),
    ("siret", Digits::Siret),
    ("id", Digits::Id),
    ("id_client", Digits::Id),
];

/// Lead fields that say who a lead is, in order of preference.
const LABEL: [&str; 6] = [
    "first_name",
    "last_name",
    "full_name",
    "company",
    "email",
    "phone",
];

/// Lead fields by which somebody is reached, or is called by a first name.
pub const REACH: [&str; 5] = ["email", "email2", "phone", "phone2", "first_name"];

/// A tool that exports come from, and its way of writing them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "a source", default)]
pub struct Source {
    #[serde(skip)]
    pub name: String,
    pub about: Option<Spoken>,
    /// An export that has all of these headers comes from this source.
    pub headers: Vec<String>,
    /// What this source writes before a value: a header or a lead field, and
    /// prefixes such as `p:`, of which one is taken off.
    pub prefixes: Vec<(String, Vec<String>)>,
    /// What its headers mean: header, lead field. Stronger than any alias.
    pub columns: Vec<(String, String)>,
    /// What stands in its test leads, whole cells; a `*` at the end: any text follows.
    pub test_values: Vec<String>,
    /// Where its leads stand in a document; when not said, they are the document.
    pub rows: Vec<JsonPath>,
    /// Its leads are lists of names and values: a document in which they are found
    /// comes from this source.
    pub pairs: Option<PairList>,
    /// What it says of a lead that is only a try.
    pub test: TestMarks,
    /// What a lead of it costs.
    pub cost: Option<Money>,
}

/// The columns of one header, and after them those that no cell stands in:
/// names split from a full name, values that `--default` gives.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    pub(super) header: Arc<Header>,
    /// By column, real ones first.
    fields: Vec<Option<String>>,
    by_field: HashMap<String, usize>,
    /// How they were told apart.
    claims: Claims,
    /// What is a lead field, whether a column is one or not.
    known: Arc<[String]>,
    set: Vec<(usize, String)>,
    pub(super) digits: Vec<(usize, Digits)>,
    pub(super) prefixes: Vec<(usize, Vec<String>)>,
    /// A full name, and the columns for its parts.
    pub(super) split: Option<(usize, usize, usize)>,
    /// The columns of [`LABEL`].
    pub(super) label: [Option<usize>; LABEL.len()],
    /// What is known of the cells beforehand.
    pub(super) expected: Expected,
}

/// Why a header can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ColumnsError {
    #[error("{}", say!("columns-several-mean", columns = in_words(columns), field))]
    SeveralMean {
        field: String,
        columns: Vec<(usize, String)>,
    },
    #[error("{}", say!("columns-same-name", columns = in_words(columns)))]
    SameName { columns: Vec<(usize, String)> },
}

/// `"Nom" (column 1) and "Name" (column 4)`
fn in_words(columns: &[(usize, String)]) -> String {
    let columns = columns.iter().map(|(index, header)| {
        let name = in_quotes(header.trim());
        say!("columns-one", name, number = index + 1)
    });
    all_of(&columns.collect::<Vec<_>>())
}

/// The source that most of the headers speak for; the first of equals.
pub fn recognise<'s>(header: &Header, sources: &'s [Source]) -> Option<&'s Source> {
    let names: HashSet<String> = header.names.iter().map(|name| squeeze(name)).collect();
    let has_all = |source: &&Source| {
        let mut headers = source.headers.iter();
        !source.headers.is_empty() && headers.all(|header| names.contains(&squeeze(header)))
    };
    // `max_by_key` gives the last of equals.
    let known = sources.iter().rev().filter(has_all);
    known.max_by_key(|source| source.headers.len())
}

impl Source {
    /// What all of these write into any file that their columns came into.
    pub fn habits(sources: &[Self]) -> Arc<Habits> {
        let prefixes = sources.iter().flat_map(|source| &source.prefixes);
        let prefixes = prefixes
            .flat_map(|(name, all)| all.iter().map(|prefix| (name.clone(), prefix.clone())));
        let tests = sources.iter().flat_map(|source| &source.test_values);
        Arc::new(Habits::new(prefixes, tests))
    }
}

impl Columns {
    /// Settles what each column is. `own`: a destination's own headers, each with
    /// its lead field, in order of weight.
    pub fn resolve(
        header: &Arc<Header>,
        aliases: &Aliases,
        own: &[Vec<(String, String)>],
        source: Option<&Source>,
    ) -> Self {
        let spoken = source.map_or(&[][..], |source| &source.columns);
        let claims = Claims::settle(&header.names, aliases, own, spoken);
        let mut columns = Self::of(header, claims);
        columns.known = Arc::clone(aliases.fields());
        columns.digits = DIGITS
            .iter()
            .filter_map(|(field, kind)| Some((columns.index_of_field(field)?, *kind)))
            .collect();
        let prefixes = source.into_iter().flat_map(|source| &source.prefixes);
        let column = |name| {
            columns
                .index_of_field(name)
                .or_else(|| columns.column_called(name))
        };
        columns.prefixes = prefixes
            .filter_map(|(name, prefixes)| Some((column(name)?, prefixes.clone())))
            .collect();
        columns.split();
        columns.label = LABEL.map(|field| columns.index_of_field(field));
        columns
    }

    /// Why the columns can't be used where the lead fields or headers that
    /// `is_needed` tells must be clear.
    pub fn conflict(&self, is_needed: impl Fn(&str) -> bool) -> Option<ColumnsError> {
        let mut contested = self.claims.contested.iter();
        let (name, columns) = contested.find(|(name, _)| is_needed(name))?;
        let named = |&index: &usize| (index, self.header.names[index].clone());
        let named: Vec<(usize, String)> = columns.iter().map(named).collect();
        let is_name = named.iter().all(|(_, header)| header.trim() == name);
        Some(match is_name {
            true => ColumnsError::SameName { columns: named },
            false => ColumnsError::SeveralMean {
                field: name.clone(),
                columns: named,
            },
        })
    }

    /// Columns that mean what another one gives: (column, the other).
    pub fn passed_over(&self) -> &[(usize, usize)] {
        &self.claims.passed_over
    }

    /// Columns that are a second address or number only beside a first.
    pub fn seconds(&self) -> &[usize] {
        &self.claims.seconds
    }

    /// The columns whose texts are one, the first of them first; none where there
    /// is only one.
    pub fn joined(&self) -> Option<(usize, &[usize])> {
        let joined = &self.claims.joined;
        let field = self.field_at(*joined.first()?)?;
        Some((self.index_of_field(field)?, joined))
    }

    /// Columns of which none is known.
    pub fn unknown(header: &Arc<Header>) -> Self {
        let claims = Claims {
            fields: vec![None; header.names.len()],
            ..Claims::default()
        };
        Self::of(header, claims)
    }

    fn of(header: &Arc<Header>, mut claims: Claims) -> Self {
        let fields = std::mem::take(&mut claims.fields);
        let mut by_field = HashMap::new();
        for (index, field) in fields.iter().enumerate() {
            if let Some(field) = field {
                by_field.entry(field.clone()).or_insert(index);
            }
        }
        Self {
            header: Arc::clone(header),
            by_field,
            fields,
            claims,
            ..Self::default()
        }
    }

    /// The same columns, with what is known of their cells before one is read.
    pub fn with_evidence(mut self, evidence: Option<&Evidence>, habits: &Arc<Habits>) -> Self {
        let none = Evidence::default();
        let evidence = evidence.unwrap_or(&none);
        let names = self.header.names.iter().enumerate();
        let columns = names.map(|(index, name)| ExpectedColumn {
            kind: CellKind::of_field(self.field_at(index)),
            is_digits: self.digits.iter().any(|(digits, _)| *digits == index),
            html: evidence.html.contains(name),
            prefix: evidence.prefixes.get(name).cloned(),
            likely: Vec::new(),
        });
        let mut columns: Vec<ExpectedColumn> = columns.collect();
        for (name, prefix) in &habits.prefixes {
            // A source whose own file it is takes its prefixes off without a word.
            let is_own = |index: &usize| self.prefixes.iter().any(|(own, _)| own == index);
            let index = self.index_of(name).filter(|index| !is_own(index));
            if let Some(column) = index.and_then(|index| columns.get_mut(index)) {
                column.likely.push(prefix.clone());
            }
        }
        let reach = REACH.iter().filter_map(|field| self.index_of_field(field));
        self.expected = Expected {
            columns,
            habits: Arc::clone(habits),
            nothing: evidence.nothing.clone(),
            reach: reach.collect(),
            is_table_of_people: evidence.contacts,
        };
        self
    }

    /// The same columns, where a row's blank cells take these values. Fields
    /// without a column get one.
    pub fn with_set(mut self, set: &[(String, String)]) -> Self {
        for (field, value) in set {
            let index = self.index_of(field).unwrap_or_else(|| self.add(field));
            self.set.push((index, value.clone()));
        }
        self
    }

    /// Adds columns for the parts of a full name where a header has neither.
    /// Last of all: until then, what is called so can only be a header.
    fn split(&mut self) {
        let field = |name| self.index_of_field(name);
        if let (Some(full), None, None) =
            (field("full_name"), field("first_name"), field("last_name"))
        {
            self.split = Some((full, self.add("first_name"), self.add("last_name")));
        }
    }

    /// Adds a column that no cell stands in.
    fn add(&mut self, field: &str) -> usize {
        let index = self.fields.len();
        self.fields.push(Some(field.to_owned()));
        self.by_field.insert(field.to_owned(), index);
        index
    }

    /// Whether these are the columns of this very header.
    pub fn are_of(&self, header: &Arc<Header>) -> bool {
        Arc::ptr_eq(&self.header, header)
    }

    /// The column of a lead field, else of a header exactly as it stands (even
    /// one that means a field), else of a header that reads the same. A header
    /// that is called as one lead field and means another is not the first.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        let column = || {
            let found = self.column_called(name)?;
            let is_field = self.known.iter().any(|field| field == name);
            (!is_field || self.field_at(found).is_none()).then_some(found)
        };
        self.index_of_field(name).or_else(column)
    }

    /// The column of a rejects file that is ours.
    pub fn index_of_ours(&self, ours: Ours) -> Option<usize> {
        ours.names().iter().find_map(|name| self.index_of(name))
    }

    /// The column with a header exactly as it stands, else one that reads the same.
    fn column_called(&self, name: &str) -> Option<usize> {
        let names = &self.header.names;
        let exact = names.iter().position(|header| header.trim() == name.trim());
        exact.or_else(|| {
            let folded = squeeze(name);
            let alike = |header: &String| !folded.is_empty() && squeeze(header) == folded;
            names.iter().position(alike)
        })
    }

    /// The column of a lead field, and of nothing else.
    pub fn index_of_field(&self, field: &str) -> Option<usize> {
        self.by_field.get(field).copied()
    }

    /// The header of a column as it stands; for a column that no cell stands
    /// in, its field.
    pub fn header_of(&self, index: usize) -> &str {
        match self.header.names.get(index) {
            Some(name) => name,
            None => self.field_at(index).unwrap_or(""),
        }
    }

    /// Whether this field's value is split into others.
    pub fn splits(&self, field: &str) -> bool {
        let full = self.split.map(|(full, ..)| full);
        full.is_some_and(|full| self.field_at(full) == Some(field))
    }

    /// The lead field that a column is.
    pub fn field_at(&self, index: usize) -> Option<&str> {
        self.fields.get(index)?.as_deref()
    }

    /// Each named column in the input's order, with the field that it is.
    pub fn seen(&self) -> Vec<(&str, Option<&str>)> {
        let names = self.header.names.iter().enumerate();
        names
            .filter(|(_, name)| !name.trim().is_empty())
            .map(|(index, name)| (name.as_str(), self.field_at(index)))
            .collect()
    }

    /// What a blank cell of this column becomes.
    pub fn set_value(&self, index: usize) -> Option<&str> {
        let mut set = self.set.iter();
        set.find(|(at, _)| *at == index)
            .map(|(_, value)| value.as_str())
    }

    /// The columns with a value for blank cells.
    pub(super) fn set(&self) -> &[(usize, String)] {
        &self.set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(names: &[&str]) -> Columns {
        let fields = [
            ("last_name", vec!["nom"]),
            ("email", vec!["e-mail", "courriel"]),
            ("city", vec!["ville", "commune", "localité"]),
            ("comment", vec!["commentaire"]),
        ];
        let owned = fields.map(|(field, headers)| {
            let headers = headers.into_iter().map(str::to_owned).collect();
            (field.to_owned(), headers)
        });
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let header = Header {
            names,
            ..Header::default()
        };
        Columns::resolve(&Arc::new(header), &Aliases::new(&owned), &[], None)
    }

    #[test]
    fn only_what_is_needed_must_be_clear() {
        let columns = resolve(&["Nom", "Commune", "Localité", "Nom"]);
        assert_eq!(columns.conflict(|name| name == "email"), None);
        let refused = |needed: &str| {
            let error = columns.conflict(|name| name == needed);
            error.map(|error| error.to_string()).unwrap_or_default()
        };
        let said = refused("city");
        let both = "\"Commune\" (column 2) and \"Localité\" (column 3) all mean city";
        assert!(said.contains(both), "{said}");
        assert!(refused("last_name").contains("\"Nom\" (column 1)"));
        assert!(refused("Nom").contains("are called the same"));
    }

    #[test]
    fn texts_of_one_field_are_joined() {
        let columns = resolve(&["Nom", "Commentaire", "Commentaire"]);
        assert_eq!(columns.joined(), Some((1, &[2][..])));
        assert_eq!(columns.index_of_field("comment"), Some(1));
        assert_eq!(resolve(&["Commentaire"]).joined(), None);
    }

    #[test]
    fn a_column_is_found_by_field_header_or_likeness() {
        let columns = resolve(&["Courriel", "Votre projet ?", "phone number"]);
        assert_eq!(columns.index_of("email"), Some(0));
        assert_eq!(columns.index_of("Courriel"), Some(0));
        assert_eq!(columns.index_of("votre PROJET"), Some(1));
        assert_eq!(columns.index_of("phone"), None);
        assert_eq!(
            columns.seen(),
            [
                ("Courriel", Some("email")),
                ("Votre projet ?", None),
                ("phone number", None)
            ]
        );
    }

    #[test]
    fn a_header_that_means_another_field_is_not_the_one_it_is_called() {
        let names = ["Salutation", "Title"].map(str::to_owned);
        let header = Header {
            names: names.into(),
            ..Header::default()
        };
        let headers = |headers: &[&str]| headers.iter().map(|&it| it.to_owned()).collect();
        let aliases = Aliases::new(&[
            ("title".into(), headers(&[])),
            ("job".into(), headers(&["title"])),
        ]);
        let own = vec![vec![("Salutation".to_owned(), "form".to_owned())]];
        let source = Source {
            columns: vec![("Title".into(), "job".into())],
            ..Source::default()
        };
        let columns = Columns::resolve(&Arc::new(header), &aliases, &own, Some(&source));
        assert_eq!(columns.index_of("title"), None);
        assert_eq!(columns.index_of("Title"), Some(1));
        assert_eq!(columns.index_of("job"), Some(1));
    }

    #[test]
    fn a_set_value_gets_a_column() {
        let columns = resolve(&["Courriel"]).with_set(&[
            ("program".into(), "12".into()),
            ("email".into(), "x".into()),
        ]);
        let index = columns.index_of("program").expect("a column");
        assert_eq!(columns.set_value(index), Some("12"));
        assert_eq!(columns.header_of(index), "program");
        assert_eq!(columns.set_value(0), Some("x"));
    }

    fn source(name: &str, headers: &[&str]) -> Source {
        Source {
            name: name.to_owned(),
            headers: headers.iter().map(|&header| header.to_owned()).collect(),
            ..Source::default()
        }
    }

    #[test]
    fn the_most_precise_source_is_recognised() {
        let sources = [
            source("any", &[]),
            source("ads", &["ad_id"]),
            source("ads-fr", &["ad id", "numéro"]),
            source("other", &["Ad ID", "Numero"]),
        ];
        let header = |names: &[&str]| Header {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            ..Header::default()
        };
        let found =
            |names: &[&str]| recognise(&header(names), &sources).map(|source| source.name.as_str());
        assert_eq!(found(&["AD_ID", "Nom"]), Some("ads"));
        assert_eq!(found(&["Numero", "Ad id"]), Some("ads-fr"));
        assert_eq!(found(&["Nom"]), None);
    }
}
