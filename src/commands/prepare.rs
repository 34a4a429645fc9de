//! Makes of a lead all that a run needs: the verdict of the rules, the request,
//! the key, and the row that will be printed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::amending::{self, Amending};
use super::inputs::Inputs;
use super::remarks::{RemarkKind, Remarks};
use super::sendable::{Ready, Sendable, address, fingerprint};
use crate::delivery::Change;
use crate::failure::Failure;
use crate::lead::{Columns, Header, Lead, OURS, Record, Repair, State};
use crate::ledger::{Hash16, Hasher, Intake, KeyKind, Verdict};
use crate::mapping::{Complaint, Identity, Judged, Mapped, Plan, placeholders};
use crate::partner::Destination;
use crate::partner::destination::Repeat;
use crate::partner::rule::Rule;
use crate::report::Row;
use crate::request;

/// Plans kept at most.
const PLANS: usize = 256;
/// Names of columns told about at most.
const MET: usize = 1024;

/// Rules of a destination that outlive every plan made of them.
pub struct Rules<'d> {
    pub destination: &'d Destination,
    placeholders: Vec<(String, Rule)>,
    pub accepted: Vec<(String, String)>,
    /// What is said anew of contacts that are there.
    pub(super) amending: Option<Amending<'d>>,
}

impl<'d> Rules<'d> {
    pub fn new(destination: &'d Destination) -> Self {
        Self {
            destination,
            placeholders: placeholders(destination, &destination.send),
            accepted: destination.accepted_headers(),
            amending: Amending::of_duplicates(destination),
        }
    }

    /// The rules of `amend`: every row is a change.
    pub fn changes(amending: Amending<'d>, destination: &'d Destination) -> Self {
        Self {
            destination,
            placeholders: Vec::new(),
            accepted: destination.accepted_headers(),
            amending: Some(amending),
        }
    }
}

/// Prepares leads; keeps one plan for each header that it met.
pub struct Preparer<'r> {
    rules: &'r Rules<'r>,
    inputs: &'r Inputs,
    hasher: Option<Hasher>,
    plans: HashMap<*const Header, Vec<Shape<'r>>>,
    /// What was noticed so far, until somebody takes it.
    pub remarks: Remarks,
    /// The file that is read, and the names of its columns that were told about.
    met: (Arc<str>, HashSet<String>),
}

/// A header, what its columns are, and the plan for them.
pub struct Shape<'r> {
    pub columns: Arc<Columns>,
    plan: Plan<'r>,
    /// The column that names the stored lead which a row corrects.
    replaces: Option<usize>,
    /// What a row says anew of a contact that is there.
    change: Option<Plan<'r>>,
    source: Option<String>,
    set: Vec<(String, String)>,
    /// Why no row of this header can be used.
    fault: Option<Failure>,
}

/// A lead, ready to be taken in.
pub struct Prepared {
    pub row: Row,
    pub judged: Ready,
    /// Why it is invalid, one by one.
    pub complaints: Vec<Complaint>,
    /// The row as read, where it may have to be written back.
    pub record: Option<Box<Record>>,
}

impl<'r> Preparer<'r> {
    /// `hasher`: the ledger's; without one no key is made.
    pub fn new(rules: &'r Rules<'r>, inputs: &'r Inputs, hasher: Option<Hasher>) -> Self {
        Self {
            rules,
            inputs,
            hasher,
            plans: HashMap::new(),
            remarks: Remarks::default(),
            met: ("".into(), HashSet::new()),
        }
    }

    pub fn destination(&self) -> &'r Destination {
        self.rules.destination
    }

    /// The plan for a row's header and what fills its blanks, made at the first
    /// such row; `true` beside it then.
    pub fn shape(
        &mut self,
        record: &Record,
        set: &[(String, String)],
    ) -> Result<(&Shape<'r>, bool), Failure> {
        let fresh = self.ensure(record, set)?;
        let shape = self.known(&record.header, set)?;
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
    ) -> Result<Option<Arc<Columns>>, Failure> {
        let fresh = self.ensure(record, set)?;
        let shape = self.known(&record.header, set)?;
        match &shape.fault {
            Some(failure) if strict => return Err(failure.clone()),
            Some(_) => return Ok(None),
            None if !fresh => return Ok(None),
            None => {}
        }
        let columns = Arc::clone(&shape.columns);
        let names = &record.header.names;
        if self.met.0 != record.file {
            self.met = (Arc::clone(&record.file), HashSet::new());
        }
        let met = &mut self.met.1;
        let news = names.iter().any(|name| !met.contains(name));
        // Objects that leave keys out have nothing new to tell; nor may those
        // that have keys of their own tell for ever.
        if news && met.len() < MET {
            met.extend(names.iter().cloned());
            return Ok(Some(columns));
        }
        Ok(None)
    }

    /// Makes the plan for a row's header, unless it is known.
    fn ensure(&mut self, record: &Record, set: &[(String, String)]) -> Result<bool, Failure> {
        let at = Arc::as_ptr(&record.header);
        let known = self.plans.get(&at).into_iter().flatten();
        let fresh = known.clone().all(|shape| shape.set != set);
        if fresh {
            let shape = self.make_shape(record, set)?;
            // Objects that share no keys must not fill the memory with plans.
            if self.plans.len() >= PLANS {
                self.plans.clear();
            }
            self.plans.entry(at).or_default().push(shape);
        }
        Ok(fresh)
    }

    fn known(&self, header: &Arc<Header>, set: &[(String, String)]) -> Result<&Shape<'r>, Failure> {
        let mut shapes = self.plans.get(&Arc::as_ptr(header)).into_iter().flatten();
        let found = shapes.find(|shape| shape.set == set);
        found.ok_or_else(|| Failure::unfinished("a lead came without its columns"))
    }

    fn make_shape(&self, record: &Record, set: &[(String, String)]) -> Result<Shape<'r>, Failure> {
        let inputs = self.inputs;
        let resolved = inputs.columns(&record.header, &self.rules.accepted, &record.file);
        let (columns, fault) = match resolved {
            Ok(columns) => (columns, None),
            Err(failure) => (Columns::unknown(&record.header), Some(failure)),
        };
        let columns = columns.with_set(set);
        let no_repair = inputs.preparation.repair == Repair::None;
        let amending = self.rules.amending.as_ref();
        let change = amending.map(|amending| {
            let plan = amending.plan(self.rules.destination, &columns);
            plan.refusing_repairs(no_repair && amending.is_command())
        });
        let plan = Plan::new(
            self.rules.destination,
            &self.rules.destination.send,
            &self.rules.placeholders,
            &columns,
        )
        .refusing_repairs(no_repair);
        Ok(Shape {
            source: self.inputs.source_of(&record.header).1,
            replaces: columns.index_of("leadctl_id"),
            change,
            columns: Arc::new(columns),
            plan,
            set: set.to_vec(),
            fault,
        })
    }

    /// Judges a row. One whose header can't be used is invalid.
    pub fn prepare(
        &mut self,
        mut record: Record,
        set: &[(String, String)],
    ) -> Result<(Prepared, Lead), Failure> {
        let destination = self.rules.destination;
        let (inputs, rules) = (self.inputs, self.rules);
        self.ensure(&record, set)?;
        let mut remarks = std::mem::take(&mut self.remarks);
        let shape = self.known(&record.header, set)?;
        if let (None, Some(failure)) = (&record.fault, &shape.fault) {
            record.fault = Some(failure.what.clone());
        }
        let lead = crate::lead::prepare(record, &shape.columns, &inputs.preparation);
        remark_notes(&lead, &mut remarks);
        let amending = rules.amending.as_ref().zip(shape.change.as_ref());
        let change = amending.filter(|(amending, _)| amending.is_command());
        let plan = change.map_or(&shape.plan, |(_, plan)| plan);
        let mut why = Vec::new();
        let judged = match plan.judge(&lead) {
            Judged::Invalid(complaints) => {
                why = complaints;
                Ready::Invalid(told(&why))
            }
            Judged::Ready(mapped) => {
                remark_mapped(&mapped, lead.record.line, &mut remarks);
                match change {
                    Some((amending, plan)) => amending.ready(destination, plan, &lead, &mapped),
                    None => {
                        let change =
                            amending.and_then(|(amending, plan)| amending.change(plan, &lead));
                        sendable(destination, shape, &lead, mapped, change)
                    }
                }
            }
        };
        let row = Row {
            file: lead.record.file.to_string(),
            line: Some(lead.record.line),
            lead: label(&lead, &judged),
            destination: destination.name.clone(),
            source: shape.source.clone(),
            ..Row::new(State::Unsent)
        };
        self.remarks = remarks;
        let prepared = Prepared {
            row,
            judged,
            complaints: why,
            record: None,
        };
        Ok((prepared, lead))
    }

    /// Who a prepared lead is; `None` without a hasher.
    pub fn key(
        &self,
        prepared: &Prepared,
        lead: &Lead,
        set: &[(String, String)],
    ) -> Option<Hash16> {
        let hasher = self.hasher.as_ref()?;
        let shape = self.known(&lead.record.header, set).ok()?;
        Some(key(hasher, &shape.plan, prepared, lead).0)
    }

    /// What the ledger takes in of a prepared lead.
    pub fn intake(
        &self,
        prepared: &Prepared,
        lead: &Lead,
        set: &[(String, String)],
        verdict: Verdict,
    ) -> Option<Intake> {
        let hasher = self.hasher.as_ref()?;
        let shape = self.known(&lead.record.header, set).ok()?;
        let amending = self.rules.amending.as_ref();
        let (key, key_kind, request) = match amending.is_some_and(Amending::is_command) {
            true => identity_of_change(hasher, prepared, lead),
            false => identity(hasher, &shape.plan, prepared, lead),
        };
        let (email, phone) = shape.plan.person(lead);
        let (sent, address) = match &prepared.judged {
            Ready::Valid(sendable) => (sendable.request.body.clone(), sendable.address.clone()),
            Ready::Invalid(_) => (None, None),
        };
        Some(Intake {
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
            verdict,
            replaces: shape
                .replaces
                .and_then(|column| lead.get(column).trim().parse().ok()),
        })
    }
}

/// A lead of `send`. `change`: what to do where its person is known there.
fn sendable(
    destination: &Destination,
    shape: &Shape<'_>,
    lead: &Lead,
    mapped: Mapped<'_>,
    change: Option<Change>,
) -> Ready {
    let safe = match &destination.safe_to_repeat {
        Repeat::Never => false,
        Repeat::Always => true,
        Repeat::With(fields) => shape.plan.has_all(lead, fields),
    };
    Ready::Valid(Box::new(Sendable {
        address: address(&mapped.path),
        request: request::build(
            destination,
            &destination.send,
            &mapped.path,
            Some(mapped.body),
        ),
        given: shape.plan.given(lead),
        safe_to_repeat: safe,
        change,
    }))
}

fn remark_mapped(mapped: &Mapped<'_>, line: u64, remarks: &mut Remarks) {
    let told = [
        (RemarkKind::Doubt, &mapped.doubts),
        (RemarkKind::Repaired, &mapped.repairs),
    ];
    for (kind, told) in told {
        for one in told {
            remarks.add(kind, &one.column, line, || one.message.clone());
        }
    }
    for (field, value) in &mapped.defaults {
        remarks.add_default(field, value);
    }
}

fn identity(
    hasher: &Hasher,
    plan: &Plan<'_>,
    prepared: &Prepared,
    lead: &Lead,
) -> (Hash16, KeyKind, Option<Hash16>) {
    let (hash, kind) = key(hasher, plan, prepared, lead);
    let request = match (&prepared.judged, kind) {
        (_, KeyKind::Request) => Some(hash),
        (Ready::Valid(sendable), _) => Some(fingerprint(hasher, &sendable.request)),
        (Ready::Invalid(_), _) => None,
    };
    (hash, kind, request)
}

fn key(hasher: &Hasher, plan: &Plan<'_>, prepared: &Prepared, lead: &Lead) -> (Hash16, KeyKind) {
    match (plan.identity(lead), &prepared.judged) {
        (Identity::Fields(values), _) => {
            let parts: Vec<&str> = values.iter().map(String::as_str).collect();
            (hasher.key(&parts), KeyKind::Fields)
        }
        (Identity::Request, Ready::Valid(sendable)) => {
            (fingerprint(hasher, &sendable.request), KeyKind::Request)
        }
        (Identity::Request, Ready::Invalid(_)) => {
            // The same row out of a rejects file is the same row.
            let names = &lead.record.header.names;
            let own = |index: usize| {
                names
                    .get(index)
                    .is_none_or(|name| !OURS.contains(&name.trim()))
            };
            let cells = lead.record.cells.iter().enumerate();
            let row: Vec<&str> = std::iter::once("row")
                .chain(cells.filter(|(index, _)| own(*index)).map(|(_, cell)| cell))
                .collect();
            (hasher.key(&row), KeyKind::Row)
        }
    }
}

fn identity_of_change(
    hasher: &Hasher,
    prepared: &Prepared,
    lead: &Lead,
) -> (Hash16, KeyKind, Option<Hash16>) {
    let (change, request) = match &prepared.judged {
        Ready::Valid(sendable) => {
            let request = fingerprint(hasher, &sendable.request);
            (sendable.change.as_ref(), Some(request))
        }
        Ready::Invalid(_) => (None, None),
    };
    let cells: Vec<&str> = lead.record.cells.iter().collect();
    let key = amending::key(hasher, change, &cells);
    (key, KeyKind::Amendment, request)
}

/// Who this is; of a change that names nobody, the contact's number.
fn label(lead: &Lead, judged: &Ready) -> String {
    let label = lead.label();
    let change = match judged {
        Ready::Valid(sendable) => sendable.change.as_ref(),
        Ready::Invalid(_) => None,
    };
    match change.filter(|change| !change.reference.is_empty()) {
        Some(change) if label == format!("line {}", lead.record.line) => change.reference.clone(),
        _ => label,
    }
}

fn remark_notes(lead: &Lead, remarks: &mut Remarks) {
    use crate::lead::NoteKind;
    for note in &lead.notes {
        let kind = match note.kind {
            NoteKind::Repaired => RemarkKind::Repaired,
            NoteKind::Assumed => RemarkKind::Assumed,
            NoteKind::Refused => continue,
        };
        let column = lead.columns.header_of(note.column);
        remarks.add(kind, column, lead.record.line, || note.message.to_string());
    }
}

/// Every complaint in one message, by column.
fn told(complaints: &[Complaint]) -> String {
    let one = ToString::to_string;
    complaints.iter().map(one).collect::<Vec<_>>().join("; ")
}
