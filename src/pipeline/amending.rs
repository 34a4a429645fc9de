//! Changes made of rows: what a row says anew of a contact that is there. Rows
//! that ask for nothing but that come with `amend`; the others are leads, and
//! theirs is used where the partner knows the person already.

use serde_json::Value as Json;

use crate::config::{Amend, Destination, FieldRule, Method, REF, nearest};
use crate::delivery::Change;
use crate::error::Failure;
use crate::http::request::Request;
use crate::lead::{Cells, Columns};
use crate::ledger::{Hash16, Hasher};
use crate::mapping::change::Changes;
use crate::mapping::{Mapped, Plan, placeholders};
use crate::output::Command;

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
        let amend = destination.amend.as_ref();
        let amend = amend.filter(|_| destination.on_duplicate.is_some())?;
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
    ///
    /// # Errors
    /// The destination changes no contacts, or a field can't be emptied.
    pub fn of_rows(
        destination: &'d Destination,
        column: &str,
        clear: &[String],
    ) -> Result<Self, Failure> {
        let amend = destination.amend.as_ref().ok_or_else(|| {
            Failure::usage(format!(
                "contacts can't be changed at {name}: it declares no [{name}.amend]",
                name = destination.name
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

    /// The column with the partner's numbers.
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    /// The plan of the changes for one input's columns.
    pub fn plan<'p>(&'p self, destination: &'p Destination, columns: &Columns) -> Plan<'p> {
        let column = self.column().and_then(|column| columns.index_of(column));
        let call = &self.amend.call;
        Plan::amending(destination, call, &self.placeholders, columns, column)
    }

    /// What a mapped row changes.
    pub fn change(&self, mapped: &Mapped<'_>) -> Change {
        let path = mapped.path.iter();
        let values: Vec<(String, String)> = path
            .map(|(name, value)| ((*name).to_owned(), value.to_string()))
            .collect();
        let reference = values.iter().find(|(name, _)| name == REF);
        Change {
            reference: reference.map_or_else(String::new, |(_, value)| value.clone()),
            values,
            part: Changes {
                set: serde_json::from_str(&mapped.body).unwrap_or_default(),
                clear: self.clear.clone(),
            },
        }
    }

    /// A change that `amend` makes, without asking what is there.
    pub fn request(&self, destination: &Destination, change: &Change) -> Request {
        let body = Some(body_of(&change.part));
        change.request(destination, self.amend, &self.amend.call, body)
    }

    /// The same change twice makes no second contact.
    pub fn is_safe_to_repeat(&self) -> bool {
        self.amend.call.method != Method::Post
    }
}

/// What makes two changes the same one: whom, and what. Never a lead's key.
pub fn key(hasher: &Hasher, change: Option<&Change>, cells: &Cells) -> Hash16 {
    match change {
        Some(change) => hasher.key(["amend", &change.reference, &body_of(&change.part)]),
        None => hasher.key(["amend", "row"].into_iter().chain(cells.iter())),
    }
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
    let fields = destination.fields.iter();
    let fields = fields.filter(|field| field.rule.value.is_none());
    let meant = |from: &String| from == name;
    let found: Vec<_> = fields
        .clone()
        .filter(|field| field.target == name || field.rule.from.iter().any(meant))
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
    let known = fields.flat_map(|field| field.rule.from.iter().chain([&field.target]));
    let failure = Failure::usage(format!(
        "--clear {name}: {} is sent nothing of this name",
        destination.name
    ));
    Err(match nearest(name, known.map(String::as_str)) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint(format!(
            "{} lists the fields",
            Command::new(["partners", &destination.name])
        )),
    })
}
