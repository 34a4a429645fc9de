//! What is found out about an export: what it is, what its columns were taken
//! for, what is damaged in it, and which destinations it would satisfy. Keeps
//! counts and a few examples, never the rows.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::fit::{Candidate, Fit};
use super::tally::Tally;
use crate::error::Failure;
use crate::input::Facts;
use crate::lead::text::clean;
use crate::lead::{Columns, Header, Lead, NoteKind, Record};
use crate::output::Exit;
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::session::Session;

/// Columns shown at most: objects may each have keys of their own.
const COLUMNS: usize = 300;
/// Headers whose columns are kept at most.
const HEADERS: usize = 256;

/// The columns of the headers met so far; none where they are confused.
type Known = HashMap<*const Header, (Arc<Header>, Option<Arc<Columns>>)>;

/// What was found out about one input.
pub struct Export {
    pub file: String,
    pub facts: Facts,
    /// The source's name, and what it is.
    pub source: Option<(String, Option<String>)>,
    pub rows: u64,
    /// Rows that can't be used by anybody.
    pub faults: Tally,
    pub columns: Vec<Column>,
    /// Why the columns can't be told apart.
    pub confused: Option<String>,
    pub first: Option<First>,
    pub repaired: Tally,
    pub refused: Tally,
    pub assumed: Tally,
    pub fits: Vec<Fit>,
}

/// One column of the input.
#[derive(Serialize)]
pub struct Column {
    pub header: String,
    pub field: Option<String>,
    /// Destinations that take a column without a field, by its header.
    pub taken_by: Vec<String>,
    /// The first value in it.
    pub sample: Option<String>,
}

/// The first lead as it is understood.
pub struct First {
    pub line: u64,
    pub values: Vec<(String, String)>,
}

/// Reads an input to its end.
pub fn read(
    session: &Session,
    input: &Input,
    general: &Inputs,
    candidates: &[Candidate<'_>],
) -> Result<Export, Failure> {
    let reader = inputs::open(input, &general.options)?;
    let mut export = Export::new(input, reader.facts().clone());
    export.fits = candidates.iter().map(Candidate::fit).collect();
    let mut preparers: Vec<_> = candidates.iter().map(Candidate::preparer).collect();
    let mut known: Known = HashMap::new();
    if let Some(header) = reader.header() {
        export.meet(header, session, general, candidates, &mut known);
    }
    for record in reader {
        let record = record.map_err(inputs::failure)?;
        export.rows += 1;
        session.progress.advance(1);
        if !known.contains_key(&Arc::as_ptr(&record.header)) {
            export.meet(&record.header, session, general, candidates, &mut known);
        }
        export.sample(&record);
        for (fit, preparer) in export.fits.iter_mut().zip(&mut preparers) {
            fit.judge(&record, preparer, &general.set);
        }
        if let Some(fault) = &record.fault {
            export.faults.add("", fault, record.line);
        } else if let Some((_, Some(columns))) = known.get(&Arc::as_ptr(&record.header)) {
            let lead = crate::lead::prepare(record, columns, &general.preparation);
            export.note(&lead, general);
        }
    }
    Ok(export)
}

impl Export {
    fn new(input: &Input, facts: Facts) -> Self {
        Self {
            file: input.shown_as.clone(),
            facts,
            source: None,
            rows: 0,
            faults: Tally::default(),
            columns: Vec::new(),
            confused: None,
            first: None,
            repaired: Tally::default(),
            refused: Tally::default(),
            assumed: Tally::default(),
            fits: Vec::new(),
        }
    }

    /// A header that was not met before: what its columns are.
    fn meet(
        &mut self,
        header: &Arc<Header>,
        session: &Session,
        general: &Inputs,
        candidates: &[Candidate<'_>],
        known: &mut Known,
    ) {
        if self.source.is_none()
            && let Some(name) = general.source_of(header).1
        {
            let sources = session.settings.catalogue.sources.iter();
            let mut found = sources.filter(|source| source.name == name);
            self.source = Some((name.clone(), found.next().and_then(|s| s.about.clone())));
        }
        let columns = general.columns(header, &[], &self.file);
        let seen: Vec<(String, Option<String>)> = match &columns {
            Ok(columns) => columns
                .seen()
                .into_iter()
                .map(|(header, field)| (header.to_owned(), field.map(str::to_owned)))
                .collect(),
            Err(failure) => {
                self.confused.get_or_insert_with(|| failure.what.clone());
                let one = |name: &String| {
                    let meant = general.aliases.fields_of(name);
                    (name.clone(), meant.first().map(|&field| field.to_owned()))
                };
                header.names.iter().map(one).collect()
            }
        };
        for (header, field) in seen {
            self.add_column(header, field, candidates);
        }
        if known.len() >= HEADERS {
            known.clear();
        }
        let columns = columns.map(|columns| Arc::new(columns.with_set(&general.set)));
        known.insert(Arc::as_ptr(header), (Arc::clone(header), columns.ok()));
    }

    fn add_column(&mut self, header: String, field: Option<String>, all: &[Candidate<'_>]) {
        let known = self.columns.iter().any(|seen| seen.header == header);
        if known || header.trim().is_empty() || self.columns.len() >= COLUMNS {
            return;
        }
        let takers = all.iter().filter(|candidate| candidate.takes(&header));
        self.columns.push(Column {
            taken_by: match field {
                Some(_) => Vec::new(),
                None => takers
                    .map(|candidate| candidate.name().to_owned())
                    .collect(),
            },
            header,
            field,
            sample: None,
        });
    }

    /// Fills the samples that are still missing.
    fn sample(&mut self, record: &Record) {
        if self.columns.iter().all(|seen| seen.sample.is_some()) {
            return;
        }
        for (index, name) in record.header.names.iter().enumerate() {
            let cell = record.cells.get(index).unwrap_or_default();
            if cell.trim().is_empty() {
                continue;
            }
            let seen = self.columns.iter_mut().find(|seen| seen.header == *name);
            if let Some(seen) = seen {
                seen.sample.get_or_insert_with(|| clean(cell, 60));
            }
        }
    }

    fn note(&mut self, lead: &Lead, general: &Inputs) {
        for note in &lead.notes {
            let column = lead.columns.header_of(note.column);
            let tally = match note.kind {
                NoteKind::Repaired => &mut self.repaired,
                NoteKind::Refused => &mut self.refused,
                NoteKind::Assumed => &mut self.assumed,
            };
            tally.add(column, &note.finding.to_string(), lead.record.line);
        }
        self.first.get_or_insert_with(|| First {
            line: lead.record.line,
            values: understood(lead, general),
        });
    }

    /// The destinations that the input seems meant for come first: some rows
    /// are ready, and most of its columns are used.
    pub fn fits_best_first(&self) -> Vec<&Fit> {
        let mut fits: Vec<&Fit> = self.fits.iter().collect();
        fits.sort_by_key(|fit| std::cmp::Reverse((fit.ready > 0, fit.uses, fit.ready)));
        fits
    }

    /// What was counted of its damage: the word for scripts, and the counts.
    pub fn damage(&self) -> [(&'static str, &Tally); 4] {
        [
            ("unusable", &self.faults),
            ("refused", &self.refused),
            ("repaired", &self.repaired),
            ("assumed", &self.assumed),
        ]
    }

    /// All that was found, for scripts.
    pub fn to_json(&self) -> Json {
        let facts = &self.facts;
        let first = self.first.as_ref().map(|first| {
            let fields = first.values.iter();
            let fields = fields.map(|(field, value)| (field.clone(), value.as_str().into()));
            json!({ "line": first.line, "fields": fields.collect::<serde_json::Map<_, Json>>() })
        });
        let damage = self.damage().into_iter().flat_map(|(kind, tally)| {
            let noticed = tally.sorted().into_iter();
            noticed.map(move |noticed| {
                let mut noticed = json!(noticed);
                noticed["kind"] = kind.into();
                noticed
            })
        });
        let fits = self.fits.iter().map(|fit| fit.to_json(self.rows));
        json!({
            "file": self.file,
            "format": facts.format.in_words(),
            "encoding": facts.encoding_used.name(),
            "encoding_assumed": facts.encoding_assumed,
            "delimiter": facts.delimiter.map(char::from),
            "sheet": facts.sheet,
            "other_sheets": facts.other_sheets,
            "source": self.source.as_ref().map(|(name, _)| name),
            "rows": self.rows,
            "columns": self.columns,
            "confused": self.confused,
            "first": first,
            "damage": damage.collect::<Json>(),
            "destinations": fits.collect::<Json>(),
        })
    }

    /// A file that `send` would refuse whole, or rows that nobody can use.
    pub fn exit(&self) -> Exit {
        match (&self.confused, self.faults.is_empty()) {
            (Some(_), _) => Exit::Usage,
            (None, false) => Exit::Refused,
            (None, true) => Exit::Done,
        }
    }
}

/// The lead fields that a row fills, in the catalogue's order.
fn understood(lead: &Lead, general: &Inputs) -> Vec<(String, String)> {
    let fields = general.aliases.fields().iter();
    fields
        .filter_map(|field| {
            let index = lead.columns.index_of_field(field)?;
            let value = lead.get(index);
            let value = clean(value, 200);
            (!value.trim().is_empty()).then(|| (field.clone(), value))
        })
        .collect()
}
