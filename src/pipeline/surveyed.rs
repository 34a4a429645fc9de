//! The rows of an input, each with what all of them say together: it is read once
//! for that, and once more for its rows. Totals and notes under a table are left out,
//! and told.

use std::sync::Arc;

use super::inputs::{self, Input, Inputs};
use crate::error::Failure;
use crate::input::{self, Reader};
use crate::lead::text::clean;
use crate::lead::{Columns, Evidence, Header, Record, Survey, is_nobodys, may_be_nobodys};
use crate::trace::{self, Trace};
use crate::words::say;

/// Rows told of those that are left out.
const EXAMPLES: usize = 3;

/// After an error there are no more rows.
pub struct SurveyedRows<'r> {
    inputs: &'r Inputs,
    /// A destination's own headers.
    accepted: &'r [Vec<(String, String)>],
    file: String,
    pub reader: Reader,
    pub evidence: Option<Arc<Evidence>>,
    /// Those of its rows; none where each has its own.
    pub headers: Vec<Arc<Header>>,
    /// Every row is wanted, whatever stands in it.
    keep_all: bool,
    left_out: u64,
    examples: Vec<String>,
}

impl<'r> SurveyedRows<'r> {
    /// Rows that are to be leads.
    ///
    /// # Errors
    /// The input can't be read.
    pub fn open(
        inputs: &'r Inputs,
        accepted: &'r [Vec<(String, String)>],
        input: &Input,
    ) -> Result<Self, Failure> {
        let mut rows = Self {
            inputs,
            accepted,
            file: input.shown_as.clone(),
            reader: inputs::open(input, &inputs.options)?,
            evidence: None,
            headers: Vec::new(),
            keep_all: false,
            left_out: 0,
            examples: Vec::new(),
        };
        (rows.evidence, rows.headers) = rows.survey(input);
        Ok(rows)
    }

    /// The same of rows that are no leads: nothing is left out.
    pub fn keeping_all(self, keep_all: bool) -> Self {
        Self { keep_all, ..self }
    }

    /// What the rows say together, as far as they can be read.
    fn survey(&self, input: &Input) -> (Option<Arc<Evidence>>, Vec<Arc<Header>>) {
        let Inputs { lines, files, .. } = self.inputs;
        let mut survey = Survey::new(Arc::clone(&self.inputs.habits));
        let mut count = 0;
        // What can't be read is told when its turn comes.
        let records = self.reader.again().into_iter().flatten();
        for record in records.map_while(Result::ok) {
            survey.add(&record, || self.columns(&record.header, None));
            let is_wanted = lines.as_ref().is_none_or(|it| it.contains(record.line));
            count += u64::from(is_wanted);
        }
        let all = files.iter().map(|it| &*it.path);
        if self.inputs.row_counts.add(&input.path, count, all) {
            let facts = self.reader.facts();
            trace::tell(&Trace::Counted {
                format: facts.format.name(),
                encoding: facts.encoding.encoding.label().into(),
                rows: count,
            });
        }
        survey.end()
    }

    fn columns(&self, header: &Arc<Header>, evidence: Option<&Evidence>) -> Columns {
        let columns = self.inputs.columns(header, self.accepted);
        columns.with_evidence(evidence, &self.inputs.habits)
    }

    fn is_left_out(&mut self, record: &Record) -> bool {
        if self.keep_all || !may_be_nobodys(record) {
            return false;
        }
        let columns = self.columns(&record.header, self.evidence.as_deref());
        if !is_nobodys(record, &columns) {
            return false;
        }
        self.left_out += 1;
        if self.examples.len() < EXAMPLES {
            let cells = record.cells.iter().filter(|cell| !cell.trim().is_empty());
            let cells: Vec<_> = cells.map(|cell| clean(cell, 40)).collect();
            let (line, cells) = (record.line, cells.join("; "));
            let example = say!("left-out-line", line, cells);
            self.examples.push(example);
        }
        true
    }

    fn tell_left_out(&mut self) {
        if self.left_out == 0 {
            return;
        }
        let mut examples = self.examples.join(", ");
        if self.left_out > EXAMPLES as u64 {
            examples += ", …";
        }
        let (file, count) = (&self.file, self.left_out);
        let told = say!("left-out", file, count, examples);
        self.inputs.warnings.remark(&told);
        self.left_out = 0;
    }
}

impl Iterator for SurveyedRows<'_> {
    type Item = Result<Record, input::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut record = match self.reader.next() {
                Some(Ok(record)) => record,
                ended => {
                    self.tell_left_out();
                    return ended;
                }
            };
            if !self.is_left_out(&record) {
                record.evidence.clone_from(&self.evidence);
                return Some(Ok(record));
            }
        }
    }
}
