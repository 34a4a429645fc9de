//! The rows of one input that a run wants, and what a user should know of that
//! input: told as it is read, each thing once.

use std::collections::{BTreeMap, HashSet};
use std::iter::Peekable;
use std::sync::Arc;

use super::inputs::{self, Input};
use super::rules::Rules;
use super::surveyed::SurveyedRows;
use super::whole_file;
use crate::error::Failure;
use crate::input::{Facts, all_quoted};
use crate::lead::text::said_of;
use crate::lead::{Columns, Header, Ours, Record};
use crate::output::text::{first_of, some_of};
use crate::output::{Warnings, quoted};
use crate::words::say;

/// Names of columns told of at most: objects may each have keys of their own.
const NAMED: usize = 1024;
/// Targets that nothing fills: most are left out on purpose.
const UNFILLED: usize = 5;
/// Columns without a header told of at most.
const NAMELESS: usize = 20;

/// An input that is being read. After an error there are no more rows.
pub struct InputRows<'r> {
    rules: &'r Rules<'r>,
    file: &'r str,
    facts: Facts,
    source: Option<String>,
    records: Peekable<SurveyedRows<'r>>,
    /// All rows have one header.
    shared: bool,
    /// The last row's header.
    header: Option<Arc<Header>>,
    /// What was told or is to be told of columns.
    names: HashSet<String>,
    nameless: BTreeMap<usize, String>,
    /// Rows that leave out cells at their end, and the line of the first.
    short: Option<(u64, u64)>,
    /// It has column names, or is JSON.
    is_formed: bool,
    any: bool,
    any_wanted: bool,
}

impl<'r> InputRows<'r> {
    /// # Errors
    /// The input can't be read.
    pub fn open(rules: &'r Rules<'r>, input: &'r Input) -> Result<Self, Failure> {
        let rows = SurveyedRows::open(&rules.inputs, &rules.accepted, input)?;
        let rows = rows.keeping_all(rules.command().is_some());
        let facts = rows.reader.facts().clone();
        tell_facts(&facts, &input.shown_as, &rules.inputs.warnings);
        let (headers, shared) = (&rows.headers, rows.reader.header().is_some());
        let evidence = rows.evidence.as_deref();
        whole_file::refuse_unfilled(rules, headers, shared, evidence, &input.shown_as)?;
        Ok(Self {
            rules,
            file: &input.shown_as,
            is_formed: match rows.reader.header() {
                Some(header) => names_columns(rules, header, &input.shown_as),
                None => !facts.format.is_workbook() && !facts.empty,
            },
            facts,
            source: rows
                .reader
                .header()
                .and_then(|header| rules.inputs.source_of(header).1),
            shared,
            header: None,
            records: rows.peekable(),
            names: HashSet::new(),
            nameless: BTreeMap::new(),
            short: None,
            any: false,
            any_wanted: false,
        })
    }

    /// What it is, and where it comes from, as far as its columns tell.
    pub fn in_words(&self) -> String {
        match &self.source {
            Some(source) => say!("rows-of-source", facts = self.facts.in_words(), source),
            None => self.facts.in_words(),
        }
    }

    /// What was found out about the input.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Looks at a row's columns. A header that can't be used refuses the input,
    /// but one object among others is only one lead.
    fn look_at(&mut self, record: &Record, first: bool) -> Result<(), Failure> {
        let header = &record.header;
        let known = self.header.as_ref();
        if !known.is_some_and(|known| Arc::ptr_eq(known, header)) {
            self.header = Some(Arc::clone(header));
            let noted = self.note_columns(header);
            if first || self.shared {
                noted?;
            }
        }
        if self.shared && record.fault.is_none() {
            self.note_nameless(record);
        }
        if record.left_out > 0 {
            self.short.get_or_insert((0, record.line)).0 += 1;
        }
        Ok(())
    }

    /// Tells what became of a header's columns, where one of them is new.
    fn note_columns(&mut self, header: &Arc<Header>) -> Result<(), Failure> {
        let known = header.names.iter().all(|name| self.names.contains(name));
        if known || self.names.len() >= NAMED {
            return Ok(());
        }
        let inputs = &self.rules.inputs;
        let columns = self.rules.columns(header, self.file)?;
        self.names.extend(header.names.iter().cloned());
        let columns = columns.with_set(&inputs.set);
        tell_columns(&columns, self.rules, self.file);
        if self.shared {
            tell_unfilled(&columns, self.rules, self.file);
        }
        Ok(())
    }

    /// Keeps in mind what stands under no name: nothing of it can be sent.
    fn note_nameless(&mut self, record: &Record) {
        for (index, cell) in record.cells.iter().enumerate() {
            let name = record.header.names.get(index);
            let nameless = name.is_none_or(|name| name.trim().is_empty());
            if nameless && !cell.trim().is_empty() && self.nameless.len() < NAMELESS {
                let first = || cell.trim().chars().take(30).collect();
                self.nameless.entry(index).or_insert_with(first);
            }
        }
    }

    fn tell_end(&self) {
        let warnings = &self.rules.inputs.warnings;
        let file = &inputs::shown(self.file);
        if !self.nameless.is_empty() {
            let column = |(index, value): (&usize, &String)| {
                say!("rows-nameless-column", number = index + 1, value)
            };
            let columns: Vec<String> = self.nameless.iter().map(column).collect();
            let (to, count) = (&self.rules.destination.name, columns.len());
            let columns = columns.join(", ");
            warnings.remark(&say!("rows-nameless", count, file, to, columns));
        }
        if let Some((count, line)) = self.short {
            warnings.remark(&say!("rows-short", file, count, line));
        }
        if !self.any && !self.is_formed && !self.rules.inputs.empty_ok {
            warnings.warn(&say!("rows-none-nor-names", file));
        } else if !self.any {
            warnings.remark(&say!("rows-none", file));
        } else if !self.any_wanted {
            warnings.warn(&say!("rows-none-of-lines", file));
        }
    }
}

impl Iterator for InputRows<'_> {
    type Item = Result<Record, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let record = match self.records.next() {
                Some(Ok(record)) => record,
                Some(Err(fatal)) => return Some(Err(inputs::failure(fatal))),
                None => {
                    self.tell_end();
                    return None;
                }
            };
            if self.rules.inputs.torn && self.records.peek().is_none() {
                return None;
            }
            let first = !std::mem::replace(&mut self.any, true);
            let lines = self.rules.inputs.lines.as_ref();
            if lines.is_some_and(|lines| !lines.contains(record.line)) {
                continue;
            }
            self.any_wanted = true;
            return Some(self.look_at(&record, first).map(|()| record));
        }
    }
}

/// Whether a line without rows below is one of column names, and not what a failed
/// export printed.
fn names_columns(rules: &Rules<'_>, header: &Arc<Header>, file: &str) -> bool {
    rules.columns(header, file).map_or(true, |columns| {
        let mut seen = columns.seen().into_iter();
        seen.any(|(header, field)| field.is_some() || uses(rules, header))
    })
}

fn tell_facts(facts: &Facts, file: &str, warnings: &Warnings) {
    if facts.encoding.assumed {
        let encoding = facts.encoding.name();
        warnings.remark(&say!("rows-encoding", file, encoding));
    }
    if facts.nuls > 0 {
        warnings.warn(&say!("rows-nuls", file, count = facts.nuls));
    }
    if let Some(told) = facts.titles_in_words() {
        warnings.remark(&said_of(file, &told));
    }
    let sheets = all_quoted(&facts.sheets);
    if let Some(what) = &facts.left_out {
        warnings.warn(&say!("rows-hidden", file, what));
    }
    if !facts.lost_sheets.is_empty() {
        let sheets = all_quoted(&facts.lost_sheets);
        warnings.warn(&say!("rows-lost-sheets", file, sheets));
    }
    if let Some(first) = facts.sheets_with_rows.first() {
        let (others, first) = (facts.sheets_with_rows.join(", "), quoted(first));
        let told = say!("rows-empty-sheet", file, sheet = sheets, others, first);
        warnings.warn(&told);
    } else if !facts.other_sheets.is_empty() {
        let (count, others) = (facts.sheets.len(), facts.other_sheets.join(", "));
        warnings.remark(&say!("rows-other-sheets", file, count, sheets, others));
    }
}

/// Whether a lead field or header is sent, or changes something.
fn uses(rules: &Rules<'_>, name: &str) -> bool {
    let destination = rules.destination;
    match rules.command() {
        Some(_) => destination.names_changed().any(|taken| taken == name),
        None => destination.takes(name),
    }
}

/// Tells the columns that nothing uses.
fn tell_columns(columns: &Columns, rules: &Rules<'_>, file: &str) {
    let to = &rules.destination.name;
    let warnings = &rules.inputs.warnings;
    let seen = columns.seen();
    let reference = rules
        .command()
        .and_then(|amending| amending.column.as_deref());
    let meant = reference.and_then(|name| columns.index_of(name));
    if let (Some(column), None) = (reference, meant) {
        let headers = some_of(seen.iter().map(|(header, _)| *header));
        let told = say!("rows-no-reference-column", file, column, headers);
        warnings.warn(&told);
    }
    let is_reference = |header: &str| meant.is_some_and(|at| columns.header_of(at) == header);
    let is_used = |name: &str| uses(rules, name);
    let splits = |field: &str| reference.is_none() && columns.splits(field);
    let choices = choices(columns, is_used);
    for told in choices.values() {
        warnings.remark(&said_of(file, told));
    }
    let unused = seen.iter().filter(|(header, field)| {
        let field = field.is_some_and(|field| is_used(field) || splits(field));
        let told = field || choices.contains_key(header);
        !(header.starts_with("leadctl_") || is_reference(header) || is_used(header) || told)
    });
    let unused: Vec<&str> = unused.map(|(header, _)| *header).collect();
    let (count, columns) = (unused.len(), some_of(unused));
    match reference {
        _ if count == 0 => {}
        Some(_) => warnings.warn(&say!(
            "rows-columns-change-nothing",
            count,
            file,
            to,
            columns
        )),
        None => warnings.remark(&say!("rows-columns-not-sent", count, file, to, columns)),
    }
}

/// Tells the targets that nothing of an input fills, though it could.
fn tell_unfilled(columns: &Columns, rules: &Rules<'_>, file: &str) {
    let (destination, seen) = (rules.destination, columns.seen());
    let comes_back = columns.index_of_ours(Ours::Id).is_some();
    if rules.command().is_some() || comes_back || seen.is_empty() {
        return;
    }
    let unfilled = destination.unfilled(|name| columns.index_of(name).is_some());
    let targets = unfilled.iter().map(|(target, _)| *target);
    if !unfilled.is_empty() {
        let (to, targets) = (&destination.name, first_of(targets, UNFILLED));
        let told = say!("rows-unfilled", count = unfilled.len(), file, to, targets);
        rules.inputs.warnings.remark(&told);
    }
}

/// What was settled between columns that mean one field, by header.
fn choices(columns: &Columns, is_used: impl Fn(&str) -> bool) -> BTreeMap<&str, String> {
    let mut told = BTreeMap::new();
    for &(column, other) in columns.passed_over() {
        let (header, given) = (columns.header_of(column), columns.header_of(other));
        if let Some(field) = columns.field_at(other).filter(|field| is_used(field)) {
            told.insert(header, say!("rows-taken-from", field, given, header));
        }
    }
    for &column in columns.seconds() {
        let header = columns.header_of(column);
        if let Some(field) = columns.field_at(column).filter(|field| is_used(field)) {
            told.insert(header, say!("rows-taken-for-second", header, field));
        }
    }
    told
}
