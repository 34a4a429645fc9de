//! What is found out about an export: what it is, what its columns were taken
//! for, what is damaged in it, and which destinations it would satisfy. Keeps
//! counts and a few examples, never the rows.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;

use super::proof::{Lacking, Proof};

use crate::error::Failure;
use crate::input::Facts;
use crate::lead::text::{clean, squeeze};
use crate::lead::{Columns, Evidence, Header, Lead, Record};
use crate::mapping::Problem;
use crate::output::progress;
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::pipeline::remarks::{Remark, RemarkKind, Remarks};
use crate::pipeline::{Preparer, Rules, SurveyedRows};
use crate::words::say;

/// Columns shown at most: objects may each have keys of their own.
const COLUMNS: usize = 300;

/// What was found out about one input, as scripts are given it.
#[derive(Serialize)]
pub struct Export<'r> {
    pub file: String,
    pub format: &'static str,
    encoding: String,
    encoding_assumed: bool,
    delimiter: Option<char>,
    sheet: Option<String>,
    pub other_sheets: Vec<String>,
    /// Where the column names stand, and what stands above them.
    header_line: Option<u64>,
    above: Vec<String>,
    /// The source's name.
    pub source: Option<String>,
    pub rows: u64,
    pub columns: Vec<Column>,
    /// Why the columns can't be told apart.
    pub confused: Option<String>,
    pub first: Option<First>,
    pub damage: Vec<Remark>,
    /// How it fits each destination, the best first.
    #[serde(rename = "destinations")]
    pub fits: Vec<Fit<'r>>,
    /// For people.
    #[serde(skip)]
    pub facts: Facts,
}

/// One column of the input.
#[derive(Serialize)]
pub struct Column {
    file: String,
    pub header: String,
    pub field: Option<String>,
    /// Destinations that take a column without a field, by its header.
    pub taken_by: Vec<String>,
    /// The first value in it.
    pub sample: Option<String>,
    /// A destination takes it, or the field that it is.
    pub used: bool,
}

/// The first lead as it is understood.
#[derive(Serialize)]
pub struct First {
    pub line: u64,
    pub fields: serde_json::Map<String, Json>,
}

/// How an input fits one destination.
#[derive(Serialize)]
pub struct Fit<'r> {
    pub destination: &'r str,
    /// Rows that could be sent as they are.
    pub ready: u64,
    pub rows: u64,
    /// Why none of its rows can be used.
    pub unusable: Option<String>,
    /// What nothing in the input gives.
    pub missing: Vec<String>,
    /// What else no column fills.
    pub unfilled: Vec<String>,
    pub complaints: Vec<Remark>,
    /// Columns that are sent there.
    #[serde(skip)]
    uses: usize,
    #[serde(skip)]
    preparer: Preparer<'r>,
    /// Of the last row.
    #[serde(skip)]
    columns: Option<Arc<Columns>>,
    #[serde(skip)]
    noticed: Remarks,
    /// Rows that can be judged.
    #[serde(skip)]
    judged: u64,
    #[serde(skip)]
    pub proof: Option<&'r Proof<'r>>,
    #[serde(skip)]
    pub lacking: Lacking<'r>,
}

impl<'r> Export<'r> {
    /// Reads an input to its end.
    pub fn read(input: &Input, general: &Inputs, fits: Vec<Fit<'r>>) -> Result<Self, Failure> {
        let rows = SurveyedRows::open(general, &[], input)?;
        let mut export = Self::new(input, rows.reader.facts(), fits);
        let mut damage = Remarks::default();
        let mut known: Option<(Arc<Header>, Option<Arc<Columns>>)> = None;
        if let Some(header) = rows.reader.header() {
            let evidence = rows.evidence.as_deref();
            known = Some((Arc::clone(header), export.meet(header, evidence, general)));
        }
        for record in rows {
            let record = record.map_err(inputs::failure)?;
            progress::advance();
            let columns = match &known {
                Some((header, columns)) if Arc::ptr_eq(header, &record.header) => columns.clone(),
                _ => export.meet(&record.header, record.evidence.as_deref(), general),
            };
            known = Some((Arc::clone(&record.header), columns.clone()));
            let lead = columns.map(|columns| {
                crate::lead::prepare(record.clone(), &columns, &general.preparation)
            });
            // It counts for nothing.
            if let Some(why) = lead.as_ref().and_then(Lead::why_test) {
                damage.add(RemarkKind::Filtered, "", record.line, &why);
                continue;
            }
            export.rows += 1;
            export.sample(&record);
            for fit in &mut export.fits {
                fit.judge(&record)?;
            }
            if let Some(fault) = &record.fault {
                damage.add(RemarkKind::Unusable, "", record.line, fault);
            } else if let Some(lead) = lead {
                damage.add_notes(&lead);
                export
                    .first
                    .get_or_insert_with(|| understood(&lead, general));
            }
        }
        export.damage = damage.into_gravest();
        for fit in &mut export.fits {
            fit.end(export.rows);
        }
        // The destinations that the input seems meant for come first: some rows
        // are ready, and most of its columns are used.
        let order = |fit: &Fit<'_>| Reverse((fit.ready > 0, fit.uses, fit.ready));
        export.fits.sort_by_key(order);
        Ok(export)
    }

    fn new(input: &Input, facts: &Facts, fits: Vec<Fit<'r>>) -> Self {
        Self {
            file: input.shown_as.clone(),
            format: facts.format.name(),
            encoding: facts.encoding.encoding.label(),
            encoding_assumed: facts.encoding.assumed,
            delimiter: facts.delimiter.map(char::from),
            sheet: (!facts.sheets.is_empty()).then(|| facts.sheets.join(", ")),
            other_sheets: facts.other_sheets.clone(),
            header_line: facts.header_line,
            above: facts.above.clone(),
            facts: facts.clone(),
            source: None,
            rows: 0,
            columns: Vec::new(),
            confused: None,
            first: None,
            damage: Vec::new(),
            fits,
        }
    }

    /// A header that is not the last row's: what its columns are, unless that is
    /// confused.
    fn meet(
        &mut self,
        header: &Arc<Header>,
        evidence: Option<&Evidence>,
        general: &Inputs,
    ) -> Option<Arc<Columns>> {
        if self.source.is_none() {
            self.source = general.source_of(header).1;
        }
        let columns = general.columns(header, &[]);
        if let Some(conflict) = columns.conflict(|_| true) {
            self.confused.get_or_insert_with(|| conflict.to_string());
        }
        for (index, name) in header.names.iter().enumerate() {
            let field = columns.field_at(index);
            let splits = field.is_some_and(|field| columns.splits(field));
            self.add_column(name, field.map(str::to_owned), splits);
        }
        let columns = columns.with_evidence(evidence, &general.habits);
        Some(Arc::new(columns.with_set(&general.set)))
    }

    /// `splits`: what is sent are the parts of it.
    fn add_column(&mut self, header: &str, field: Option<String>, splits: bool) {
        let known = self.columns.iter().any(|seen| seen.header == header);
        if known || header.trim().is_empty() || self.columns.len() >= COLUMNS {
            return;
        }
        let (mut taken_by, mut used) = (Vec::new(), splits || header.starts_with("leadctl_"));
        for fit in &mut self.fits {
            let takes = fit.takes(header);
            if takes && field.is_none() {
                taken_by.push(fit.destination.to_owned());
            }
            let by_field = field.as_ref().is_some_and(|field| fit.takes(field));
            fit.uses += usize::from(takes || by_field);
            used |= takes || by_field;
        }
        self.columns.push(Column {
            file: self.file.clone(),
            header: header.to_owned(),
            field,
            taken_by,
            sample: None,
            used,
        });
    }

    /// Fills the samples that are still missing.
    fn sample(&mut self, record: &Record) {
        for seen in self.columns.iter_mut().filter(|it| it.sample.is_none()) {
            let mut names = record.header.names.iter();
            let index = names.position(|name| *name == seen.header);
            let cell = index.and_then(|index| record.cells.get(index));
            let cell = cell.filter(|cell| !cell.trim().is_empty());
            seen.sample = cell.map(|cell| clean(cell, 60));
        }
    }
}

impl<'r> Fit<'r> {
    pub fn new(rules: &'r Rules<'r>, proof: Option<&'r Proof<'r>>) -> Self {
        Self {
            destination: &rules.destination.name,
            ready: 0,
            rows: 0,
            unusable: None,
            missing: Vec::new(),
            unfilled: Vec::new(),
            complaints: Vec::new(),
            uses: 0,
            preparer: Preparer::new(rules),
            columns: None,
            noticed: Remarks::default(),
            judged: 0,
            proof,
            lacking: Lacking::new(),
        }
    }

    /// Is a column of this name, or a lead field, used here?
    fn takes(&self, name: &str) -> bool {
        let rules = self.preparer.rules;
        let (folded, mut own) = (squeeze(name), rules.accepted.iter().flatten());
        rules.destination.takes(name) || own.any(|(known, _)| squeeze(known) == folded)
    }

    fn judge(&mut self, record: &Record) -> Result<(), Failure> {
        if self.unusable.is_some() {
            return Ok(());
        }
        let prepared = self.preparer.prepare(record.clone())?;
        if let Some(fault) = &prepared.header.fault {
            self.unusable = Some(fault.what.clone());
        }
        if self.unusable.is_some() || record.fault.is_some() {
            return Ok(());
        }
        self.look_at(&prepared.header.columns);
        self.judged += 1;
        self.ready += u64::from(prepared.ready.is_ok());
        for target in self.proof.iter().flat_map(|proof| proof.lacking(&prepared)) {
            self.lacking.entry(target).or_default().push(record.line);
        }
        for complaint in prepared.complaints() {
            let kind = match complaint.is_of_missing() {
                true => RemarkKind::Missing,
                false => RemarkKind::Refused,
            };
            // That it is missing is said before its lines.
            let text = match complaint.problem {
                Problem::Empty => say!("remark-empty"),
                ref problem => problem.to_string(),
            };
            let column = &complaint.column;
            self.noticed.add(kind, column, record.line, &text);
        }
        Ok(())
    }

    /// Keeps in mind what no column fills, of no header so far.
    fn look_at(&mut self, columns: &Arc<Columns>) {
        let known = self.columns.replace(Arc::clone(columns));
        if known
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, columns))
        {
            return;
        }
        let destination = self.preparer.rules.destination;
        let unfilled = destination.unfilled(|name| columns.index_of(name).is_some());
        let unfilled = unfilled.into_iter();
        let unfilled: Vec<String> = unfilled
            .map(|(target, rule)| rule.in_words(target))
            .collect();
        match known {
            None => self.unfilled = unfilled,
            Some(_) => self.unfilled.retain(|target| unfilled.contains(target)),
        }
    }

    /// What no row has is missing; what some lack is a complaint like others.
    fn end(&mut self, rows: u64) {
        self.rows = rows;
        let noticed = std::mem::take(&mut self.noticed);
        for remark in noticed.into_gravest() {
            match remark.kind {
                RemarkKind::Missing if remark.rows == self.judged => {
                    self.missing.push(remark.column);
                }
                _ => self.complaints.push(remark),
            }
        }
    }
}

/// The lead fields that a row fills, in the catalogue's order.
fn understood(lead: &Lead, general: &Inputs) -> First {
    let fields = general.aliases.fields().iter();
    let fields = fields.filter_map(|field| {
        let index = lead.columns.index_of_field(field)?;
        let value = clean(lead.get(index), 200);
        (!value.trim().is_empty()).then(|| (field.clone(), value.into()))
    });
    First {
        line: lead.record.line,
        fields: fields.collect(),
    }
}
