//! Changes made of rows: what a row says anew of a contact that is there. Rows
//! that ask for nothing but that come with `amend`; the others are leads, and
//! theirs is used where the partner knows the person already.

use serde_json::Value as Json;

use super::sendable::{Ready, Sendable};
use crate::config::Destination;
use crate::config::FieldRule;
use crate::config::Method;
use crate::config::nearest;
use crate::config::{Amend, REF};
use crate::delivery::Change;
use crate::error::Failure;
use crate::lead::{Columns, Lead};
use crate::ledger::{Hash16, Hasher};
use crate::mapping::change::Changes;
use crate::mapping::{Judged, Mapped, Plan, placeholders};
use crate::output::{Warnings, quoted};

/// How rows become changes.
pub struct Amending<'d> {
    amend: &'d Amend,
    placeholders: Vec<(String, FieldRule)>,
    /// The column with the partner's numbers; `None` where an answer tells them.
    column: Option<String>,
    /// Targets to empty.
    clear: Vec<String>,
}

impl<'d> Amending<'d> {
    /// `on_duplicate = "amend"`.
    pub fn of_duplicates(destination: &'d Destination) -> Option<Self> {
        let amend = destination
            .amend
            .as_ref()
            .filter(|_| destination.amend_duplicates)?;
        let mut placeholders = placeholders(destination, &amend.call);
        placeholders.retain(|(name, _)| name != REF);
        Some(Self {
            amend,
            placeholders,
            column: None,
            clear: Vec::new(),
        })
    }

    /// `leadctl amend --ref COLUMN --clear FIELD,…`
    pub fn of_rows(
        destination: &'d Destination,
        column: &str,
        clear: &[String],
    ) -> Result<Self, Failure> {
        let amend = destination.amend.as_ref().ok_or_else(|| {
            Failure::usage(format!(
                "contacts can't be changed at {}: it declares no [{}.amend]",
                destination.name, destination.name
            ))
        })?;
        let mut placeholders = placeholders(destination, &amend.call);
        for (name, rule) in &mut placeholders {
            if name == REF {
                *rule = FieldRule {
                    from: vec![column.to_owned()],
                    ..amend.reference.clone()
                };
            }
        }
        let mut targets = Vec::new();
        for name in clear {
            targets.extend(to_clear(destination, name.trim())?);
        }
        Ok(Self {
            amend,
            placeholders,
            column: Some(column.to_owned()),
            clear: targets,
        })
    }

    /// Every row is a change, none a lead.
    pub fn is_command(&self) -> bool {
        self.column.is_some()
    }

    /// The plan of the changes for one input's columns.
    pub fn plan<'p>(&'p self, destination: &'p Destination, columns: &Columns) -> Plan<'p> {
        let column = self.column.as_deref();
        Plan::amending(
            destination,
            &self.amend.call,
            &self.placeholders,
            columns,
            column.and_then(|column| columns.index_of(column)),
        )
    }

    /// The change to make of a lead whose person is known there.
    pub fn change(&self, plan: &Plan<'_>, lead: &Lead) -> Option<Change> {
        match plan.judge(lead) {
            Judged::Ready(mapped) => Some(self.made(&mapped)),
            Judged::Invalid(_) => None,
        }
    }

    /// A row of `amend`, ready to be made.
    pub fn ready(
        &self,
        destination: &Destination,
        plan: &Plan<'_>,
        lead: &Lead,
        mapped: &Mapped<'_>,
    ) -> Ready {
        let change = self.made(mapped);
        let body = body_of(&change.part);
        let operation = &self.amend.call;
        Ready::Valid(Box::new(Sendable {
            payload: None,
            request: change.request(destination, self.amend, operation, Some(body)),
            address: None,
            given: plan.given(lead),
            safe_to_repeat: operation.method != Method::Post,
            change: Some(change),
        }))
    }

    fn made(&self, mapped: &Mapped<'_>) -> Change {
        let set = match serde_json::from_str(&mapped.body) {
            Ok(Json::Object(set)) => set,
            _ => serde_json::Map::new(),
        };
        let value = |name: &str| mapped.path.iter().find(|(known, _)| *known == name);
        Change {
            reference: value(REF).map_or_else(String::new, |(_, value)| value.to_string()),
            values: mapped
                .path
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_string()))
                .collect(),
            part: Changes {
                set,
                clear: self.clear.clone(),
            },
        }
    }

    /// Tells the columns that change nothing, and a missing one.
    pub fn tell_columns(
        &self,
        columns: &Columns,
        destination: &Destination,
        file: &str,
        warnings: &Warnings,
    ) {
        let Some(reference) = &self.column else {
            return;
        };
        let at = columns.index_of(reference);
        let seen = columns.seen();
        if at.is_none() {
            let headers: Vec<&str> = seen.iter().map(|(header, _)| *header).collect();
            warnings.warn(&format!(
                "{file}: there is no column {reference}, which --ref names; the headers seen are: {}",
                headers.join(", ")
            ));
        }
        let sent = |name: &str| {
            let mut rules = destination.fields.iter().map(|field| &field.rule);
            rules.any(|rule| rule.from.iter().any(|from| from == name))
        };
        let unused: Vec<&str> = seen
            .iter()
            .filter(|(header, field)| {
                let meant = at.is_some_and(|at| columns.header_of(at) == *header);
                !meant && !sent(header) && !field.is_some_and(sent)
            })
            .map(|(header, _)| *header)
            .collect();
        if !unused.is_empty() {
            warnings.warn(&format!(
                "{file}: these columns change nothing at {}: {}",
                destination.name,
                unused.join(", ")
            ));
        }
    }
}

/// What makes two changes the same one: whom, and what. Never a lead's key.
pub fn key(hasher: &Hasher, change: Option<&Change>, cells: &[&str]) -> Hash16 {
    let Some(change) = change else {
        return hasher.key(&[&["amend", "row"], cells].concat());
    };
    let body = body_of(&change.part);
    hasher.key(&["amend", &change.reference, &body])
}

/// What a part says, as text: for hashes only.
fn body_of(part: &Changes) -> String {
    let set = Json::Object(part.set.clone());
    match part.clear.is_empty() {
        true => set.to_string(),
        false => format!("{set} -{}", part.clear.join(" -")),
    }
}

/// The targets that `--clear NAME` empties: of a lead field, or itself.
fn to_clear(destination: &Destination, name: &str) -> Result<Vec<String>, Failure> {
    let fields = destination
        .fields
        .iter()
        .filter(|field| field.rule.value.is_none());
    let of_field = |from: &[String]| from.iter().any(|from| from == name);
    let found: Vec<_> = fields
        .clone()
        .filter(|field| field.target == name || of_field(&field.rule.from))
        .collect();
    if let Some(needed) = found.iter().find(|field| field.rule.required) {
        return Err(Failure::usage(format!(
            "--clear {name}: {} needs {}, it can't be emptied",
            destination.name, needed.target
        )));
    }
    if !found.is_empty() {
        return Ok(found.iter().map(|field| field.target.clone()).collect());
    }
    let known = fields.flat_map(|field| {
        let from = field.rule.from.iter().map(String::as_str);
        from.chain(std::iter::once(field.target.as_str()))
    });
    let failure = Failure::usage(format!(
        "--clear {name}: {} is sent nothing of this name",
        destination.name
    ));
    Err(match nearest(name, known) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint(format!(
            "leadctl partners {} lists the fields",
            quoted(&destination.name)
        )),
    })
}
