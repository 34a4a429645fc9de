//! Which lead field each column of one header is: settled once a header, so
//! that no name is looked up for each row.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;

use super::damage::Digits;
use super::path::{endings, is_anothers};
use super::record::Header;
use super::text::squeeze;

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

/// The lead fields, each with the headers that mean it.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    fields: Vec<String>,
    by_header: HashMap<String, Vec<usize>>,
}

/// A tool that exports come from, and its way of writing them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename = "a source", default)]
pub struct Source {
    #[serde(skip)]
    pub name: String,
    pub about: Option<String>,
    /// An export that has all of these headers comes from this source.
    pub headers: Vec<String>,
    /// What this source writes before a value: a header or a lead field, and
    /// prefixes such as `p:`, of which one is taken off.
    pub prefixes: Vec<(String, Vec<String>)>,
    /// What its headers mean: header, lead field. Stronger than any alias.
    pub columns: Vec<(String, String)>,
}

/// The columns of one header, and after them those that no cell stands in:
/// names split from a full name, values that `--default` gives.
#[derive(Debug, Clone)]
pub struct Columns {
    pub(super) header: Arc<Header>,
    /// By column, real ones first.
    fields: Vec<Option<String>>,
    by_field: HashMap<String, usize>,
    set: Vec<(usize, String)>,
    pub(super) digits: Vec<(usize, Digits)>,
    pub(super) prefixes: Vec<(usize, Vec<String>)>,
    /// A full name, and the columns for its parts.
    pub(super) split: Option<(usize, usize, usize)>,
    /// The columns of [`LABEL`].
    pub(super) label: [Option<usize>; LABEL.len()],
}

/// Why a header can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ColumnsError {
    #[error(
        "the columns {} all mean {field}: which one is it? Rename the others, or remove them",
        quoted(headers)
    )]
    Twice { field: String, headers: Vec<String> },
}

fn quoted(headers: &[String]) -> String {
    let headers = headers
        .iter()
        .map(|header| format!("\"{}\"", header.trim()));
    headers.collect::<Vec<_>>().join(" and ")
}

impl Aliases {
    /// `fields`: in order of preference, each with its accepted headers. Its
    /// own name is always one.
    pub fn new(fields: &[(String, Vec<String>)]) -> Self {
        let mut all = Self::default();
        for (index, (field, headers)) in fields.iter().enumerate() {
            all.fields.push(field.clone());
            for header in std::iter::once(field).chain(headers) {
                let meant = all.by_header.entry(squeeze(header)).or_default();
                if !meant.contains(&index) {
                    meant.push(index);
                }
            }
        }
        all.by_header.remove("");
        all
    }

    /// The lead fields in their order.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Every accepted header, as [`squeeze`] leaves it.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.by_header.keys().map(String::as_str)
    }

    /// The fields that a header may mean, in order of preference.
    pub fn fields_of(&self, header: &str) -> Vec<&str> {
        let meant = self.by_header.get(&squeeze(header)).into_iter().flatten();
        meant.map(|&index| self.fields[index].as_str()).collect()
    }
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

impl Columns {
    /// Settles what each column is. A `source` speaks first, then `extra` (a
    /// destination's own headers, each with its lead field), then the aliases
    /// for headers and fields that are still free. A header that may mean several
    /// fields takes the first one that no other column claims for itself. Of a
    /// path the last words count, where no other column ends with them.
    ///
    /// # Errors
    /// Two columns claim one field.
    pub fn resolve(
        header: &Arc<Header>,
        aliases: &Aliases,
        extra: &[(String, String)],
        source: Option<&Source>,
    ) -> Result<Self, ColumnsError> {
        let mut fields = vec![None; header.names.len()];
        let spoken = source.map_or(&[][..], |source| &source.columns);
        assign(header, &mut fields, |name| pairs(spoken, name))?;
        assign(header, &mut fields, |name| pairs(extra, name))?;
        assign(header, &mut fields, |name| aliases.fields_of(name))?;
        assign_paths(header, &mut fields, |ending| match pairs(extra, ending) {
            own if own.is_empty() => aliases.fields_of(ending),
            own => own,
        });
        let mut columns = Self::of(header, fields);
        columns.digits = DIGITS
            .iter()
            .filter_map(|(field, kind)| Some((columns.index_of_field(field)?, *kind)))
            .collect();
        let prefixes = source.into_iter().flat_map(|source| &source.prefixes);
        columns.prefixes = prefixes
            .filter_map(|(name, prefixes)| Some((columns.index_of(name)?, prefixes.clone())))
            .collect();
        columns.split();
        columns.label = LABEL.map(|field| columns.index_of_field(field));
        Ok(columns)
    }

    /// Columns of which none is known.
    pub fn unknown(header: &Arc<Header>) -> Self {
        Self::of(header, vec![None; header.names.len()])
    }

    fn of(header: &Arc<Header>, fields: Vec<Option<String>>) -> Self {
        let known = fields.iter().enumerate();
        let by_field = known.filter_map(|(index, field)| Some((field.clone()?, index)));
        Self {
            header: Arc::clone(header),
            by_field: by_field.collect(),
            fields,
            set: Vec::new(),
            digits: Vec::new(),
            prefixes: Vec::new(),
            split: None,
            label: [None; LABEL.len()],
        }
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
    /// one that means a field), else of a header that reads the same.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        let names = &self.header.names;
        let exact = || names.iter().position(|header| header.trim() == name.trim());
        let alike = || {
            let folded = squeeze(name);
            names
                .iter()
                .position(|header| !folded.is_empty() && squeeze(header) == folded)
        };
        self.by_field
            .get(name)
            .copied()
            .or_else(exact)
            .or_else(alike)
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

/// Gives each column without a field the one that `meant` says, as far as it
/// is free.
fn assign<'m>(
    header: &Header,
    fields: &mut [Option<String>],
    meant: impl Fn(&str) -> Vec<&'m str>,
) -> Result<(), ColumnsError> {
    let free: Vec<usize> = (0..fields.len())
        .filter(|&index| fields[index].is_none())
        .collect();
    let claims: Vec<(usize, Vec<&str>)> = free
        .into_iter()
        .map(|index| (index, meant(&header.names[index])))
        .map(|(index, mut claim)| {
            claim.retain(|field| !taken(fields, field));
            (index, claim)
        })
        .collect();
    for (index, claim) in claims.iter().filter(|(_, claim)| claim.len() == 1) {
        if taken(fields, claim[0]) {
            return Err(twice(header, &claims, claim[0]));
        }
        fields[*index] = Some(claim[0].to_owned());
    }
    for (index, claim) in claims.iter().filter(|(_, claim)| claim.len() > 1) {
        let first = claim.iter().find(|field| !taken(fields, field));
        fields[*index] = first.map(|&field| field.to_owned());
    }
    Ok(())
}

/// Gives paths that have no field the one that their longest known ending means, as
/// far as it is free, the lead's own, and no other path ends so.
fn assign_paths<'m>(
    header: &Header,
    fields: &mut [Option<String>],
    meant: impl Fn(&str) -> Vec<&'m str>,
) {
    let mut claims: Vec<(usize, Vec<&str>)> = Vec::new();
    for (index, endings) in endings(&header.names).into_iter().enumerate() {
        let known = endings.iter().map(|(stem, ending)| (stem, meant(ending)));
        let longest = known.into_iter().find(|(_, meant)| !meant.is_empty());
        if let Some((stem, mut claim)) = longest.filter(|_| fields[index].is_none()) {
            claim.retain(|field| !taken(fields, field) && !is_anothers(stem, field));
            claims.push((index, claim));
        }
    }
    // What can mean one field only comes first.
    let (single, several): (Vec<_>, Vec<_>) =
        claims.into_iter().partition(|(_, claim)| claim.len() == 1);
    let mut gone: Vec<&str> = Vec::new();
    for claims in [single, several] {
        let wanted = claims.iter().filter_map(|(index, claim)| {
            let field = claim.iter().find(|field| !gone.contains(field))?;
            Some((*index, *field))
        });
        let wanted: Vec<(usize, &str)> = wanted.collect();
        for (index, field) in &wanted {
            if wanted.iter().filter(|(_, other)| other == field).count() == 1 {
                fields[*index] = Some((*field).to_owned());
            }
        }
        gone.extend(wanted.iter().map(|(_, field)| *field));
    }
}

fn taken(fields: &[Option<String>], field: &str) -> bool {
    fields.iter().any(|taken| taken.as_deref() == Some(field))
}

fn twice(header: &Header, claims: &[(usize, Vec<&str>)], field: &str) -> ColumnsError {
    let headers = claims
        .iter()
        .filter(|(_, claim)| claim.len() == 1 && claim[0] == field)
        .map(|(index, _)| header.names[*index].clone())
        .collect();
    ColumnsError::Twice {
        field: field.to_owned(),
        headers,
    }
}

/// The fields that these (header, field) pairs give a header, each once.
fn pairs<'p>(pairs: &'p [(String, String)], name: &str) -> Vec<&'p str> {
    let folded = squeeze(name);
    let mut meant: Vec<&str> = Vec::new();
    for (header, field) in pairs {
        if !folded.is_empty() && squeeze(header) == folded && !meant.contains(&field.as_str()) {
            meant.push(field);
        }
    }
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aliases() -> Aliases {
        let fields = [
            ("last_name", vec!["nom"]),
            ("email", vec!["e-mail", "courriel"]),
            ("phone", vec!["téléphone", "mobile"]),
            ("phone2", vec!["mobile"]),
        ];
        let owned = fields.map(|(field, headers)| {
            let headers = headers.into_iter().map(str::to_owned).collect();
            (field.to_owned(), headers)
        });
        Aliases::new(&owned)
    }

    fn resolve(names: &[&str], extra: &[(&str, &str)]) -> Result<Columns, ColumnsError> {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let extra: Vec<_> = extra
            .iter()
            .map(|&(header, field)| (header.to_owned(), field.to_owned()))
            .collect();
        let header = Header {
            names,
            ..Header::default()
        };
        Columns::resolve(&Arc::new(header), &aliases(), &extra, None)
    }

    fn fields(names: &[&str], extra: &[(&str, &str)]) -> Vec<Option<String>> {
        resolve(names, extra).expect("clear columns").fields
    }

    fn some(fields: &[&str]) -> Vec<Option<String>> {
        let some = |field: &&str| (!field.is_empty()).then(|| (*field).to_owned());
        fields.iter().map(some).collect()
    }

    #[test]
    fn a_header_takes_the_field_that_no_other_claims() {
        assert_eq!(
            fields(&["Mobile", "Nom"], &[]),
            some(&["phone", "last_name"])
        );
        assert_eq!(
            fields(&["Mobile", "Téléphone"], &[]),
            some(&["phone2", "phone"])
        );
        assert_eq!(
            fields(&["Mobile", "phone", "phone2"], &[]),
            some(&["", "phone", "phone2"])
        );
    }

    #[test]
    fn two_columns_for_one_field_are_refused() {
        let refused = resolve(&["E-mail", "Nom", "Courriel"], &[]).expect_err("twice");
        let said = refused.to_string();
        assert!(said.contains("\"E-mail\" and \"Courriel\""), "{said}");
    }

    #[test]
    fn a_destinations_own_headers_come_before_the_aliases() {
        let extra = [
            ("Portable", "phone"),
            ("Nom", "company"),
            ("mail2", "email"),
        ];
        assert_eq!(
            fields(&["Portable", "Nom", "e-mail", "Mail2"], &extra),
            some(&["phone", "company", "", "email"])
        );
    }

    #[test]
    fn the_last_word_of_a_path_is_a_header() {
        let paths = [
            "id",
            "contact.email",
            "contact.Nom",
            "fields.téléphone.value",
        ];
        assert_eq!(
            fields(&paths, &[]),
            some(&["", "email", "last_name", "phone"])
        );
        // Two that could be meant: neither. A whole header comes first.
        let two = ["contact.email", "second.e-mail", "nom", "x.nom"];
        assert_eq!(fields(&two, &[]), some(&["", "", "last_name", ""]));
        assert_eq!(fields(&["owner.email"], &[]), some(&[""]));
        let phones = ["lead.mobile", "lead.téléphone"];
        assert_eq!(fields(&phones, &[]), some(&["phone2", "phone"]));
    }

    #[test]
    fn a_source_speaks_first() {
        let header = Arc::new(Header {
            names: vec!["Nom".into(), "Mon nom".into()],
            ..Header::default()
        });
        let source = Source {
            columns: vec![("mon nom".into(), "last_name".into())],
            ..Source::default()
        };
        let columns = Columns::resolve(&header, &aliases(), &[], Some(&source)).expect("clear");
        assert_eq!(columns.fields, some(&["", "last_name"]));
    }

    #[test]
    fn a_column_is_found_by_field_header_or_likeness() {
        let columns = resolve(&["E-mail", "Votre projet ?", "email "], &[]);
        assert!(columns.is_err());
        let columns = resolve(
            &["Courriel", "Votre projet ?", "phone number"],
            &[("x", "y")],
        )
        .expect("clear columns");
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
    fn a_set_value_gets_a_column() {
        let columns = resolve(&["Courriel"], &[])
            .expect("clear columns")
            .with_set(&[
                ("program".into(), "12".into()),
                ("email".into(), "x".into()),
            ]);
        let index = columns.index_of("program").expect("a column");
        assert_eq!(columns.set_value(index), Some("12"));
        assert_eq!(columns.header_of(index), "program");
        assert_eq!(columns.set_value(0), Some("x"));
    }

    #[test]
    fn headers_are_matched_as_people_write_them() {
        let aliases = Aliases::new(&[
            (
                "last_name".into(),
                vec!["nom".into(), "nom de famille".into()],
            ),
            ("phone".into(), vec!["tél".into(), "mobile".into()]),
            ("phone2".into(), vec!["mobile".into()]),
        ]);
        for header in ["NOM", "Nom de famille :", "last name", "lastName"] {
            assert_eq!(aliases.fields_of(header), ["last_name"], "{header}");
        }
        assert_eq!(aliases.fields_of("Tel."), ["phone"]);
        assert_eq!(aliases.fields_of("Mobile"), ["phone", "phone2"]);
        assert!(aliases.fields_of("").is_empty());
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
