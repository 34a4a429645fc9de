//! What is made once of each header: which field each column is, and a
//! destination's rules for them.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::amending::Amending;
use super::inputs::Inputs;
use crate::config::Destination;
use crate::config::FieldRule;
use crate::error::Failure;
use crate::http::request::Address;
use crate::lead::{Columns, Header, Record, Repair};
use crate::mapping::{Plan, placeholders};

/// Headers kept at most: objects that share no keys must not fill the memory.
const KEPT: usize = 256;

/// Rules of a destination that outlive every plan made of them.
pub struct Rules<'d> {
    pub destination: &'d Destination,
    placeholders: Vec<(String, FieldRule)>,
    /// Where leads are sent.
    pub address: Address,
    pub accepted: Vec<(String, String)>,
    /// What is said anew of contacts that are there.
    pub amending: Option<Amending<'d>>,
}

impl<'d> Rules<'d> {
    pub fn new(destination: &'d Destination) -> Self {
        Self {
            destination,
            placeholders: placeholders(destination, &destination.send),
            address: Address::new(destination, &destination.send),
            accepted: destination.accepted_headers(),
            amending: Amending::of_duplicates(destination),
        }
    }

    /// The plan of leads that are sent, for one input's columns.
    fn plan<'p>(&'p self, columns: &Columns) -> Plan<'p> {
        let destination = self.destination;
        Plan::new(destination, &destination.send, &self.placeholders, columns)
    }

    /// The rules of `amend`: every row is a change.
    pub fn changes(amending: Amending<'d>, destination: &'d Destination) -> Self {
        Self {
            destination,
            placeholders: Vec::new(),
            address: Address::new(destination, &destination.send),
            accepted: destination.accepted_headers(),
            amending: Some(amending),
        }
    }
}

/// The shapes that were made so far.
pub struct Shapes<'r> {
    pub rules: &'r Rules<'r>,
    pub inputs: &'r Inputs,
    known: HashMap<*const Header, Vec<Rc<Shape<'r>>>>,
    /// The one that was made last: nearly always the next row's.
    last: Option<Rc<Shape<'r>>>,
}

/// A header, what its columns are, and the plan for them.
pub struct Shape<'r> {
    pub columns: Arc<Columns>,
    pub plan: Plan<'r>,
    /// The column that names the stored lead which a row corrects.
    pub replaces: Option<usize>,
    /// What a row says anew of a contact that is there.
    pub change: Option<Plan<'r>>,
    pub source: Option<String>,
    set: Vec<(String, String)>,
    /// Why no row of this header can be used.
    pub fault: Option<Failure>,
}

impl<'r> Shapes<'r> {
    pub fn new(rules: &'r Rules<'r>, inputs: &'r Inputs) -> Self {
        Self {
            rules,
            inputs,
            known: HashMap::new(),
            last: None,
        }
    }

    /// The shape of a row's header, for what fills its blanks; `true` beside
    /// it when it is new.
    pub fn of(
        &mut self,
        record: &Record,
        set: &[(String, String)],
    ) -> Result<(Rc<Shape<'r>>, bool), Failure> {
        if let Some(known) = self.find(record, set) {
            return Ok((Rc::clone(known), false));
        }
        let shape = Rc::new(self.make(record, set)?);
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        let at = Arc::as_ptr(&record.header);
        let alike = self.known.entry(at).or_default();
        // What fills blanks may differ by the row.
        if alike.len() >= KEPT {
            alike.clear();
        }
        alike.push(Rc::clone(&shape));
        self.last = Some(Rc::clone(&shape));
        Ok((shape, true))
    }

    /// The same of a row whose shape was made already.
    pub fn find(&self, record: &Record, set: &[(String, String)]) -> Option<&Rc<Shape<'r>>> {
        let last = self.last.as_ref().filter(|last| last.suits(record, set));
        last.or_else(|| {
            let at = Arc::as_ptr(&record.header);
            let mut known = self.known.get(&at).into_iter().flatten();
            known.find(|shape| shape.suits(record, set))
        })
    }

    fn make(&self, record: &Record, set: &[(String, String)]) -> Result<Shape<'r>, Failure> {
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
        let plan = self.rules.plan(&columns).refusing_repairs(no_repair);
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
}

impl Shape<'_> {
    fn suits(&self, record: &Record, set: &[(String, String)]) -> bool {
        self.columns.are_of(&record.header) && self.set == set
    }
}
