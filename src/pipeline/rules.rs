//! What is worked out once: of a destination its rules, and of each header
//! which field each column is and how its leads are mapped. Looks at no cell.

use std::rc::Rc;
use std::sync::Arc;

use super::amending::Amending;
use super::inputs::Inputs;
use crate::config::{Destination, FieldRule};
use crate::error::Failure;
use crate::lead::{Columns, Record, Repair};
use crate::mapping::{Plan, placeholders};

/// Headers kept at most: objects that share no keys must not fill the memory.
const KEPT: usize = 256;

/// A destination's rules, which outlive every plan made of them.
pub struct Rules<'d> {
    pub destination: &'d Destination,
    placeholders: Vec<(String, FieldRule)>,
    /// The destination's own headers, each with its lead field.
    pub accepted: Vec<(String, String)>,
    /// What is said anew of contacts that are there.
    pub amending: Option<Amending<'d>>,
}

impl<'d> Rules<'d> {
    /// The rules of leads that are sent.
    pub fn new(destination: &'d Destination) -> Self {
        Self {
            destination,
            placeholders: placeholders(destination, &destination.send),
            accepted: destination.accepted_headers(),
            amending: Amending::of_duplicates(destination),
        }
    }

    /// The rules of `amend`: every row is a change, none a lead.
    pub fn changes(amending: Amending<'d>, destination: &'d Destination) -> Self {
        Self {
            placeholders: Vec::new(),
            amending: Some(amending),
            ..Self::new(destination)
        }
    }

    fn plan<'p>(&'p self, columns: &Columns) -> Plan<'p> {
        let destination = self.destination;
        Plan::new(destination, &destination.send, &self.placeholders, columns)
    }

    /// What `amend` does with each row; `None` where rows are leads.
    pub fn command(&self) -> Option<&Amending<'d>> {
        self.amending
            .as_ref()
            .filter(|amending| amending.is_command())
    }
}

/// A header's columns and the plans for them.
pub struct HeaderPlan<'r> {
    pub columns: Arc<Columns>,
    /// How rows are mapped: to leads, with `amend` to changes.
    pub plan: Plan<'r>,
    /// What a lead says anew of a contact that is there.
    pub change: Option<Plan<'r>>,
    /// The column that names the stored lead which a row corrects.
    pub replaces: Option<usize>,
    pub source: Option<String>,
    set: Vec<(String, String)>,
    /// Why no row of this header can be used.
    pub fault: Option<Failure>,
}

/// The plans of the headers met so far.
pub struct HeaderPlans<'r> {
    pub rules: &'r Rules<'r>,
    pub inputs: &'r Inputs,
    known: Vec<Rc<HeaderPlan<'r>>>,
}

impl<'r> HeaderPlans<'r> {
    pub fn new(rules: &'r Rules<'r>, inputs: &'r Inputs) -> Self {
        Self {
            rules,
            inputs,
            known: Vec::new(),
        }
    }

    /// The plan of a row's header. `set`: what fills the row's blanks.
    pub fn of(&mut self, record: &Record, set: &[(String, String)]) -> Rc<HeaderPlan<'r>> {
        let suits =
            |plan: &&Rc<HeaderPlan<'r>>| plan.columns.are_of(&record.header) && plan.set == set;
        // The next row's header is nearly always the last one's.
        if let Some(known) = self.known.iter().rev().find(suits) {
            return Rc::clone(known);
        }
        if self.known.len() == KEPT {
            self.known.clear();
        }
        let plan = Rc::new(self.make(record, set));
        self.known.push(Rc::clone(&plan));
        plan
    }

    fn make(&self, record: &Record, set: &[(String, String)]) -> HeaderPlan<'r> {
        let (rules, inputs) = (self.rules, self.inputs);
        let destination = rules.destination;
        let resolved = inputs.columns(&record.header, &rules.accepted, &record.file);
        let (columns, fault) = match resolved {
            Ok(columns) => (columns, None),
            Err(failure) => (Columns::unknown(&record.header), Some(failure)),
        };
        let columns = columns.with_set(set);
        let change = rules.amending.as_ref();
        let change = change.map(|amending| amending.plan(destination, &columns));
        let (plan, change) = match change {
            Some(plan) if rules.command().is_some() => (plan, None),
            change => (rules.plan(&columns), change),
        };
        let no_repair = inputs.preparation.repair == Repair::None;
        HeaderPlan {
            source: inputs.source_of(&record.header).1,
            replaces: columns.index_of("leadctl_id"),
            change,
            columns: Arc::new(columns),
            plan: plan.refusing_repairs(no_repair),
            set: set.to_vec(),
            fault,
        }
    }
}
