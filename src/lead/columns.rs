//! Which lead field each column of one header is: settled once a header, so
//! that no name is looked up per row.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::aliases::Aliases;
use super::fold::squeeze;
use super::json::json_text;
use super::plan::Plan;
use super::record::Header;
use super::sources::Source;

/// The columns of one header, and after them those that no cell stands in:
/// names split from a full name, values that `--default` gives.
#[derive(Debug, Clone)]
pub struct Columns {
    pub(super) header: Arc<Header>,
    /// By column, real ones first.
    fields: Vec<Option<String>>,
    by_field: HashMap<String, usize>,
    set: Vec<(usize, String)>,
    /// By real column, as a JSON object has it; nothing where it has no name.
    json_keys: Vec<Option<String>>,
    pub(super) plan: Plan,
}

/// Why a header can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnsError {
    /// Two columns or more mean the same field.
    Twice { field: String, headers: Vec<String> },
}

impl fmt::Display for ColumnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Twice { field, headers } = self;
        let quoted: Vec<String> = headers
            .iter()
            .map(|h| format!("\"{}\"", h.trim()))
            .collect();
        write!(
            f,
            "the columns {} all mean {field}: which one is it? Rename the others, \
             or remove them",
            quoted.join(" and ")
        )
    }
}

impl std::error::Error for ColumnsError {}

impl Columns {
    /// Settles what each column is. A `source` speaks first, then `extra` (a
    /// destination's own headers, each with its lead field), then the aliases
    /// for headers and fields that are still free. A header that may mean several
    /// fields takes the first one that no other column claims for itself.
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
        let mut columns = Self {
            header: Arc::clone(header),
            by_field: HashMap::new(),
            set: Vec::new(),
            json_keys: json_keys(header),
            plan: Plan::default(),
            fields,
        };
        for (index, field) in columns.fields.iter().enumerate() {
            if let Some(field) = field {
                columns.by_field.insert(field.clone(), index);
            }
        }
        let field = |name: &str| columns.index_of_field(name);
        columns.plan = Plan::of(field, |name| columns.index_of(name), source);
        columns.split();
        Ok(columns)
    }

    /// Columns of which none is known.
    pub fn unknown(header: &Arc<Header>) -> Self {
        Self {
            header: Arc::clone(header),
            fields: vec![None; header.names.len()],
            by_field: HashMap::new(),
            set: Vec::new(),
            json_keys: json_keys(header),
            plan: Plan::default(),
        }
    }

    /// The same columns, where a row's blank cells take these values. Fields
    /// without a column get one.
    pub fn with_set(mut self, set: &[(String, String)]) -> Self {
        for (field, value) in set {
            let index = self.index_of(field).unwrap_or_else(|| self.add(field));
            self.set.push((index, value.clone()));
        }
        // A country that is set changes how numbers are read.
        self.plan.country = self.index_of_field("country");
        self
    }

    /// Adds columns for the parts of a full name where a header has neither.
    /// Last of all: until then, what is called so can only be a header.
    fn split(&mut self) {
        if let (Some(full), None, None) = (
            self.plan.full_name,
            self.plan.first_name,
            self.plan.last_name,
        ) {
            let (first, last) = (self.add("first_name"), self.add("last_name"));
            self.plan.split = Some((full, first, last));
            (self.plan.first_name, self.plan.last_name) = (Some(first), Some(last));
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

    /// A real column's header as JSON text, with the colon behind it; `None`
    /// where it has no name.
    pub(super) fn json_key(&self, index: usize) -> Option<&str> {
        self.json_keys.get(index)?.as_deref()
    }

    /// Whether this field's value is split into others.
    pub fn splits(&self, field: &str) -> bool {
        let full = self.plan.split.map(|(full, ..)| full);
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

fn json_keys(header: &Header) -> Vec<Option<String>> {
    let key = |name: &String| {
        let mut key = String::new();
        json_text(&mut key, name);
        key.push(':');
        (!name.trim().is_empty()).then_some(key)
    };
    header.names.iter().map(key).collect()
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
        Columns::resolve(&Arc::new(Header { names }), &aliases(), &extra, None)
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
    fn a_source_speaks_first() {
        let header = Arc::new(Header {
            names: vec!["Nom".into(), "Mon nom".into()],
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
}
