//! How well an input fits a destination: how many rows are ready, which columns
//! are missing, what is wrong with the others. Counts, never rows.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::tally::{Noticed, Tally};
use crate::config::Destination;
use crate::config::FieldRule;
use crate::lead::text::squeeze;
use crate::lead::{Columns, Record};
use crate::pipeline::inputs::Inputs;
use crate::pipeline::{Preparer, Rules};

/// A destination that an input may be meant for.
pub struct Candidate<'d> {
    rules: Rules<'d>,
    inputs: Inputs,
}

/// How an input fits one destination.
pub struct Fit {
    pub name: String,
    needs: Vec<Need>,
    /// Columns of the first row's header that are sent there.
    pub uses: usize,
    /// Rows that could be sent as they are.
    pub ready: u64,
    /// What no column gives; `None` before the first row.
    missing: Option<Vec<usize>>,
    /// The columns that were looked at last.
    last: Option<Arc<Columns>>,
    pub complaints: Tally,
    /// Why none of its rows can be used.
    pub unusable: Option<String>,
}

/// Something that a destination can't do without: one of these lead fields.
struct Need {
    from: Vec<String>,
    /// As a complaint calls it.
    column: String,
    label: Option<String>,
}

impl<'d> Candidate<'d> {
    pub fn new(destination: &'d Destination, inputs: Inputs) -> Self {
        Self {
            rules: Rules::new(destination),
            inputs,
        }
    }

    pub fn name(&self) -> &str {
        &self.rules.destination.name
    }

    pub fn preparer(&self) -> Preparer<'_> {
        Preparer::new(&self.rules, &self.inputs)
    }

    /// Is a header that means no lead field used here?
    pub fn takes(&self, header: &str) -> bool {
        let destination = self.rules.destination;
        let folded = squeeze(header);
        let own = destination.accepted_headers();
        destination.takes(header) || own.iter().any(|(known, _)| squeeze(known) == folded)
    }

    pub fn fit(&self) -> Fit {
        Fit {
            name: self.name().to_owned(),
            needs: needs(self.rules.destination),
            uses: 0,
            ready: 0,
            missing: None,
            last: None,
            complaints: Tally::default(),
            unusable: None,
        }
    }
}

impl Fit {
    pub fn judge(
        &mut self,
        record: &Record,
        preparer: &mut Preparer<'_>,
        set: &[(String, String)],
    ) {
        if self.unusable.is_some() {
            return;
        }
        if let Err(what) = self.try_judge(record, preparer, set) {
            self.unusable = Some(what);
        }
    }

    fn try_judge(
        &mut self,
        record: &Record,
        preparer: &mut Preparer<'_>,
        set: &[(String, String)],
    ) -> Result<(), String> {
        let header = preparer.header(record, set).map_err(|e| e.what)?;
        if !self
            .last
            .as_ref()
            .is_some_and(|last| Arc::ptr_eq(last, &header.columns))
        {
            self.look_at(&header.columns, preparer.destination());
            self.last = Some(Arc::clone(&header.columns));
        }
        if record.fault.is_some() {
            return Ok(());
        }
        let prepared = preparer.prepare(record.clone(), set).map_err(|e| e.what)?;
        let line = prepared.lead.record.line;
        self.ready += u64::from(prepared.ready.is_ok());
        for complaint in prepared.ready.err().iter().flatten() {
            self.complaints
                .add(&complaint.column, &complaint.problem.to_string(), line);
        }
        Ok(())
    }

    /// What is missing under every header of the input.
    fn look_at(&mut self, columns: &Columns, destination: &Destination) {
        if self.missing.is_none() {
            let taken = |(header, field): &(&str, Option<&str>)| {
                destination.takes(header) || field.is_some_and(|field| destination.takes(field))
            };
            self.uses = columns.seen().iter().filter(|seen| taken(seen)).count();
        }
        let lacks = |need: &Need| need.from.iter().all(|f| columns.index_of(f).is_none());
        let lacking = self
            .needs
            .iter()
            .enumerate()
            .filter(|(_, need)| lacks(need));
        let lacking: Vec<usize> = lacking.map(|(at, _)| at).collect();
        match &mut self.missing {
            Some(missing) => missing.retain(|at| lacking.contains(at)),
            None => self.missing = Some(lacking),
        }
    }

    /// The columns that nothing in the input gives, as people call them.
    pub fn missing(&self) -> Vec<String> {
        self.lacking()
            .map(|need| match &need.label {
                Some(label) => format!("{} (\"{label}\")", need.column),
                None => need.column.clone(),
            })
            .collect()
    }

    fn lacking(&self) -> impl Iterator<Item = &Need> {
        let missing = self.missing.iter().flatten();
        missing.filter_map(|at| self.needs.get(*at))
    }

    /// The most frequent complaints, those of missing columns apart.
    pub fn others(&self) -> Vec<&Noticed> {
        let mut noticed = self.complaints.sorted();
        noticed.retain(|it| self.lacking().all(|need| need.column != it.column));
        noticed
    }

    /// For scripts; `rows`: how many the input has.
    pub fn to_json(&self, rows: u64) -> Json {
        json!({
            "destination": self.name,
            "ready": self.ready,
            "rows": rows,
            "unusable": self.unusable,
            "missing": self.missing(),
            "complaints": self.others(),
        })
    }
}

/// Required values that neither a constant nor a default gives.
fn needs(destination: &Destination) -> Vec<Need> {
    let in_path = destination
        .send
        .placeholders()
        .map(|name| destination.placeholder(name));
    let required = destination.fields.iter().map(|field| &field.rule);
    let in_body = required.filter(|rule| rule.required).cloned();
    let rules = in_path.chain(in_body).filter(|rule| rule.value.is_none());
    let single = rules.filter_map(|rule| need(&rule));
    let groups = destination.need_one.iter().map(|group| Need {
        from: group.clone(),
        column: group.join(" or "),
        label: None,
    });
    let given = |need: &Need| {
        need.from
            .iter()
            .any(|f| destination.default_of(f).is_some())
    };
    single.chain(groups).filter(|need| !given(need)).collect()
}

fn need(rule: &FieldRule) -> Option<Need> {
    let column = rule.from.first()?.clone();
    let says_more = |label: &String| squeeze(label) != squeeze(&column);
    Some(Need {
        label: rule.label.clone().filter(says_more),
        from: rule.from.clone(),
        column,
    })
}
