//! Makes of a lead all that a run needs: the verdict of the rules, the request,
//! the key, and the row that will be printed.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::amending::Amending;
use super::inputs::Inputs;
use super::keys;
use super::rejected_row::{Recall, Recalled};
use super::remarks::Remarks;
pub use super::rules::Rules;
use super::rules::{Shape, Shapes};
use super::sendable::{Ready, Sendable, address};
use crate::config::Destination;
use crate::config::SafeToRepeat;
use crate::delivery::Change;
use crate::error::Failure;
use crate::lead::{Columns, Lead, Record, State};
use crate::ledger::{Hash16, Hasher, Intake, Judgement};
use crate::mapping::{Complaint, Identity, Judged, Mapped};
use crate::output::Row;

/// Names of columns told about at most.
const NAMED: usize = 1024;

/// Prepares leads under the shapes that it met.
pub struct Preparer<'r> {
    shapes: Shapes<'r>,
    /// What rows that come back for correction were, where there is a ledger.
    recall: Option<Recall>,
    /// What was noticed so far, until somebody takes it.
    pub remarks: Remarks,
}

/// The names of columns that were told about, of the file that is read.
#[derive(Default)]
pub struct Named {
    file: Arc<str>,
    names: HashSet<String>,
}

impl Named {
    /// Takes the names of a row's columns; true if there is a new one to tell.
    /// Objects that leave keys out have nothing new; nor may those that have
    /// keys of their own tell for ever.
    fn learn(&mut self, record: &Record) -> bool {
        let Self { file, names } = self;
        if *file != record.file {
            *file = Arc::clone(&record.file);
            names.clear();
        }
        let header = &record.header.names;
        let news = names.len() < NAMED && header.iter().any(|name| !names.contains(name));
        if news {
            names.extend(header.iter().cloned());
        }
        news
    }
}

/// A lead, ready to be taken in.
pub struct Prepared {
    pub row: Row,
    pub judged: Ready,
    /// Why it is invalid, one by one.
    pub complaints: Vec<Complaint>,
}

impl<'r> Preparer<'r> {
    pub fn new(rules: &'r Rules<'r>, inputs: &'r Inputs) -> Self {
        Self {
            shapes: Shapes::new(rules, inputs),
            recall: None,
            remarks: Remarks::default(),
        }
    }

    /// Rows of a rejects file take what their leads had.
    pub fn recalling(mut self, recall: Option<Recall>) -> Self {
        self.recall = recall;
        self
    }

    pub fn rules(&self) -> &'r Rules<'r> {
        self.shapes.rules
    }

    pub fn destination(&self) -> &'r Destination {
        self.shapes.rules.destination
    }

    /// The shape of a row's header for what fills its blanks; `true` beside it
    /// at the first such row.
    pub fn shape(
        &mut self,
        record: &Record,
        set: &[(String, String)],
    ) -> Result<(Rc<Shape<'r>>, bool), Failure> {
        let (shape, fresh) = self.shapes.of(record, set)?;
        match &shape.fault {
            Some(failure) => Err(failure.clone()),
            None => Ok((shape, fresh)),
        }
    }

    /// The columns of a row, where there is something new to tell of them.
    /// `strict`: a header that can't be used refuses the input; else the rows
    /// that have it are invalid, and the rest goes on.
    pub fn meet(
        &mut self,
        record: &Record,
        set: &[(String, String)],
        strict: bool,
        named: &mut Named,
    ) -> Result<Option<Arc<Columns>>, Failure> {
        let known = self.shapes.find(record, set);
        if known.is_some_and(|shape| shape.fault.is_none()) {
            return Ok(None);
        }
        let (shape, _) = self.shapes.of(record, set)?;
        match &shape.fault {
            Some(failure) if strict => return Err(failure.clone()),
            Some(_) => return Ok(None),
            None => {}
        }
        Ok(named.learn(record).then(|| Arc::clone(&shape.columns)))
    }

    /// Makes a lead of a row. One whose header can't be used gets its fault.
    pub fn lead(
        &mut self,
        record: Record,
        set: &[(String, String)],
    ) -> Result<(Lead, Rc<Shape<'r>>), Failure> {
        let (lead, shape) = self.lead_alone(record, set)?;
        let Some(recalled) = self.recalled(&lead, &shape)? else {
            return Ok((lead, shape));
        };
        let (then, _) = self.shapes.of(recalled.record(), &[])?;
        let set = recalled.set(set, &shape.columns, &then.columns);
        let mut record = lead.record;
        if let Some(fault) = recalled.fault(&record) {
            record.fault = Some(fault);
        }
        let (mut lead, shape) = self.lead_alone(record, &set)?;
        lead.source = recalled.source;
        Ok((lead, shape))
    }

    /// The stored lead that a row names.
    fn recalled(&mut self, lead: &Lead, shape: &Shape<'r>) -> Result<Option<Recalled>, Failure> {
        let named = shape.replaces.map(|column| lead.get(column).trim().parse());
        match (&mut self.recall, named) {
            (Some(recall), Some(Ok(id))) => recall.named(id, lead, &shape.plan),
            _ => Ok(None),
        }
    }

    fn lead_alone(
        &mut self,
        mut record: Record,
        set: &[(String, String)],
    ) -> Result<(Lead, Rc<Shape<'r>>), Failure> {
        let (shape, _) = self.shapes.of(&record, set)?;
        if let (None, Some(failure)) = (&record.fault, &shape.fault) {
            record.fault = Some(failure.what.clone());
        }
        let preparation = &self.shapes.inputs.preparation;
        let lead = crate::lead::prepare(record, &shape.columns, preparation);
        Ok((lead, shape))
    }

    /// Judges a row, and makes all of it that a delivery needs.
    pub fn prepare(
        &mut self,
        record: Record,
        set: &[(String, String)],
    ) -> Result<(Prepared, Lead, Rc<Shape<'r>>), Failure> {
        let (lead, shape) = self.lead(record, set)?;
        Ok((self.judge(&lead, &shape), lead, shape))
    }

    /// Judges a lead, and makes all of it that a delivery needs.
    pub fn judge(&mut self, lead: &Lead, shape: &Shape<'r>) -> Prepared {
        let rules = self.shapes.rules;
        let destination = rules.destination;
        self.remarks.add_notes(lead);
        let amending = rules.amending.as_ref().zip(shape.change.as_ref());
        let change = amending.filter(|(amending, _)| amending.is_command());
        let plan = change.map_or(&shape.plan, |(_, plan)| plan);
        let mut why = Vec::new();
        let judged = match plan.judge(lead) {
            Judged::Invalid(complaints) => {
                why = complaints;
                Ready::Invalid(told(&why))
            }
            Judged::Ready(mut mapped) => {
                self.remarks.add_mapped(&mapped, lead.record.line);
                match change {
                    Some((amending, plan)) => amending.ready(destination, plan, lead, &mapped),
                    None => {
                        let change =
                            amending.and_then(|(amending, plan)| amending.change(plan, lead));
                        let body = std::mem::take(&mut mapped.body);
                        sendable(rules, shape, lead, &mapped, body, change)
                    }
                }
            }
        };
        Prepared {
            row: self.row(lead, shape, label(lead, &judged)),
            judged,
            complaints: why,
        }
    }

    /// The row of a lead with this label, before anything becomes of it.
    pub fn row(&self, lead: &Lead, shape: &Shape<'_>, label: String) -> Row {
        Row {
            file: lead.record.file.to_string(),
            line: Some(lead.record.line),
            lead: label,
            destination: self.destination().name.clone(),
            source: shape.source.clone().or_else(|| lead.source.clone()),
            ..Row::new(State::Unsent)
        }
    }

    /// The key of a lead to send, where its fields alone tell it.
    pub fn key(&mut self, hasher: &Hasher, lead: &Lead, shape: &Shape<'_>) -> Option<Hash16> {
        let amending = self.shapes.rules.amending.as_ref();
        if amending.is_some_and(Amending::is_command) {
            return None;
        }
        match shape.plan.identity(lead) {
            Identity::Fields(values) => Some(hasher.key_of(values.iter().map(String::as_str))),
            Identity::Request => None,
        }
    }

    /// What the ledger, whose hasher this is, takes in of a prepared lead.
    pub fn intake(
        &self,
        hasher: &Hasher,
        prepared: &Prepared,
        lead: &Lead,
        shape: &Shape<'r>,
        judgement: Judgement,
    ) -> Intake {
        let rules = self.shapes.rules;
        let changes = rules.amending.as_ref().is_some_and(Amending::is_command);
        let (key, key_kind, request) = match changes {
            true => keys::of_change(hasher, &prepared.judged, lead),
            false => keys::of_lead(hasher, &shape.plan, &prepared.judged, lead),
        };
        let (email, phone) = shape.plan.person(lead);
        let (sent, address) = match &prepared.judged {
            Ready::Valid(sendable) => (sendable.request.body.clone(), sendable.address.clone()),
            Ready::Invalid(_) => (None, None),
        };
        Intake {
            key,
            key_kind,
            request,
            source: prepared.row.source.clone(),
            file: prepared.row.file.clone(),
            line: lead.record.line,
            label: prepared.row.lead.clone(),
            fields: lead.as_read(),
            sent,
            address,
            email: email.map(|email| hasher.person("email", &email)),
            phone: phone.map(|phone| hasher.person("phone", &phone)),
            judgement,
            replaces: shape
                .replaces
                .and_then(|column| lead.get(column).trim().parse().ok()),
        }
    }
}

/// A lead of `send`. `change`: what to do where its person is known there.
fn sendable(
    rules: &Rules<'_>,
    shape: &Shape<'_>,
    lead: &Lead,
    mapped: &Mapped<'_>,
    body: String,
    change: Option<Change>,
) -> Ready {
    let destination = rules.destination;
    let safe = match &destination.safe_to_repeat {
        SafeToRepeat::Never => false,
        SafeToRepeat::Always => true,
        SafeToRepeat::With(fields) => shape.plan.has_all(lead, fields),
    };
    let method = destination.send.method;
    let request = rules
        .address
        .request(destination, method, &mapped.path, Some(body));
    Ready::Valid(Box::new(Sendable {
        payload: None,
        address: address(&mapped.path),
        request,
        given: shape.plan.given(lead),
        safe_to_repeat: safe,
        change,
    }))
}

/// Who this is; of a change that names nobody, the contact's number.
fn label(lead: &Lead, judged: &Ready) -> String {
    let change = match judged {
        Ready::Valid(sendable) => sendable.change.as_ref(),
        Ready::Invalid(_) => None,
    };
    match change.filter(|change| !change.reference.is_empty()) {
        Some(change) if lead.is_nameless() => change.reference.clone(),
        _ => lead.label(),
    }
}

/// Every complaint in one message, by column.
pub fn told(complaints: &[Complaint]) -> String {
    let one = ToString::to_string;
    complaints.iter().map(one).collect::<Vec<_>>().join("; ")
}
