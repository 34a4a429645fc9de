//! What the judges of a dry run make of a handful of rows: their pages, end to
//! end, and beside each what may keep it from being shown.

use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use super::relay;
use crate::error::Failure;
use crate::lead::{Record, State};
use crate::ledger::{Hasher, Intake, Judgement};
use crate::mapping::{Identity, Judged};
use crate::output::{Format, Row};
use crate::pipeline::inputs::Inputs;
use crate::pipeline::page::{Frame, Page};
use crate::pipeline::preparer::{Preparer, told};
use crate::pipeline::remarks::Remarks;
use crate::pipeline::sendable::Ready;

/// Bytes of pages that are kept for the next handful.
const LARGE: usize = 1024 * 1024;

/// The pages of a handful of rows.
#[derive(Default)]
pub struct Pages {
    pub text: String,
    pub seen: Vec<Seen>,
}

/// A lead, judged.
pub struct Seen {
    /// Where its page ends; empty if it can't be sent.
    pub end: usize,
    pub ready: bool,
    /// Who it is, where that can be known.
    pub key: Option<u64>,
    /// Where its label stands in the text, if it has a page that names it.
    pub label: Range<usize>,
    /// How it is shown if not by its page; where nothing is said here, its
    /// record and its label say enough.
    pub row: Option<Box<Row>>,
    /// What the ledger is asked with.
    pub intake: Option<Box<Intake>>,
}

impl Pages {
    pub fn clear(&mut self) {
        self.seen.clear();
        match self.text.capacity() > LARGE {
            true => self.text = String::new(),
            false => self.text.clear(),
        }
    }

    fn add(&mut self, ready: bool, key: Option<u64>, row: Option<Row>, intake: Option<Intake>) {
        self.seen.push(Seen {
            end: self.text.len(),
            ready,
            key,
            label: 0..0,
            row: row.map(Box::new),
            intake: intake.map(Box::new),
        });
    }

    /// Says where the label of the last lead stands.
    fn label(&mut self, label: Range<usize>) {
        if let Some(seen) = self.seen.last_mut() {
            seen.label = label;
        }
    }
}

/// One of a dry run's judges.
pub struct Judge<'r> {
    pub preparer: Preparer<'r>,
    pub inputs: &'r Inputs,
    pub page: &'r Page,
    pub frame: &'r Frame,
    /// Of the ledger to ask, if there is one.
    pub hasher: Option<Hasher>,
    /// Tells leads apart where no ledger does.
    pub keys: RandomState,
}

impl relay::Judge for Judge<'_> {
    type Made = Pages;

    fn judge(&mut self, row: Record, pages: &mut Pages) -> Result<Record, Failure> {
        // What amends may be known by another label.
        let amends = self.preparer.rules().amending.is_some();
        let alone = match self.page.format {
            Format::Json => false,
            Format::Table => amends,
            Format::Csv => true,
        };
        match self.hasher.is_some() || alone {
            true => self.judge_wholly(row, pages),
            false => self.judge_briefly(row, pages),
        }
    }

    fn remarks(&mut self) -> Remarks {
        std::mem::take(&mut self.preparer.remarks)
    }
}

impl Judge<'_> {
    /// Makes the page and the key alone: there is no ledger to ask.
    fn judge_briefly(&mut self, row: Record, pages: &mut Pages) -> Result<Record, Failure> {
        let rules = self.preparer.rules();
        let (lead, shape) = self.preparer.lead(row, &self.inputs.set)?;
        let line = lead.record.line;
        self.preparer.remarks.add_notes(&lead);
        match shape.plan.judge(&lead) {
            Judged::Ready(mapped) => {
                self.preparer.remarks.add_mapped(&mapped, line);
                let (text, label) = (&mut pages.text, || lead.label());
                let label = self
                    .frame
                    .write(text, line, label, &mapped.path, &mapped.body);
                let plan = &shape.plan;
                let key = match plan.identity(&lead) {
                    Identity::Fields(values) => self.keys.hash_one(&values),
                    Identity::Request => {
                        let mut url = String::new();
                        rules.address.push_to(&mut url, &mapped.path);
                        self.keys.hash_one((&*url, &*mapped.body))
                    }
                };
                pages.add(true, Some(key), None, None);
                pages.label(label);
            }
            Judged::Invalid(complaints) => {
                let row = Row {
                    file: lead.record.file.to_string(),
                    line: Some(line),
                    lead: lead.label(),
                    destination: rules.destination.name.clone(),
                    message: told(&complaints),
                    ..Row::new(State::Unsent)
                };
                pages.add(false, None, Some(row), None);
            }
        }
        Ok(lead.record)
    }

    /// Makes all that a delivery would need.
    fn judge_wholly(&mut self, row: Record, pages: &mut Pages) -> Result<Record, Failure> {
        let set = &self.inputs.set;
        let (mut prepared, lead, shape) = self.preparer.prepare(row, set)?;
        let verdict = match &prepared.judged {
            Ready::Valid(_) => Judgement::Ready,
            Ready::Invalid(why) => Judgement::Invalid(why.clone()),
        };
        let intake = self.hasher.as_ref().map(|hasher| {
            self.preparer
                .intake(hasher, &prepared, &lead, &shape, verdict)
        });
        let known = intake.as_ref().map(|intake| intake.key.short());
        match prepared.judged {
            Ready::Valid(sendable) => {
                let request = &sendable.request;
                self.page
                    .write(&mut pages.text, &prepared.row, Some(request));
                let key = known.unwrap_or_else(|| match shape.plan.identity(&lead) {
                    Identity::Fields(values) => self.keys.hash_one(&values),
                    Identity::Request => {
                        let body = request.body.as_deref().unwrap_or_default();
                        self.keys.hash_one((&*request.url, body))
                    }
                });
                pages.add(true, Some(key), Some(prepared.row), intake);
            }
            Ready::Invalid(why) => {
                prepared.row.message = why;
                pages.add(false, known, Some(prepared.row), intake);
            }
        }
        Ok(lead.record)
    }
}
