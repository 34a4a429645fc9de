//! A lead as the ledger keeps it: what was read, so that it can be sent again
//! through another day's table. One JSON object:
//! `{"cells":{HEADER:TEXT…},"set":{FIELD:TEXT…},"source":NAME,"fault":TEXT,"test":true,
//! "evidence":{…}}`, all but the first only where there is something to say.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use thiserror::Error;

use super::evidence::Evidence;
use super::lead::{Lead, Note};
use super::record::{Cells, Headers, Record};
use crate::words::say;

/// What [`Lead::as_read`] wrote, read again.
#[derive(Debug, Clone)]
pub struct Stored {
    pub record: Record,
    /// What `--default` gave: for `Columns::with_set`.
    pub set: Vec<(String, String)>,
}

/// The ledger holds something else than a lead.
#[derive(Debug, Error)]
#[error("{}", say!("stored-lead-unreadable", why = .0.to_string()))]
pub struct Unreadable(#[from] serde_json::Error);

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct StoredForm {
    cells: Pairs<String>,
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    set: Pairs<String>,
    /// The source whose way of writing gave the cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    test: bool,
    /// What its input said of its cells: they mean the same when it is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
}

/// The members of a JSON object in their order; a name may stand twice, as in a
/// row that was refused for it.
pub struct Pairs<V>(pub Vec<(String, V)>);

impl Lead {
    /// What was read, as the ledger stores it.
    pub fn as_read(&self) -> String {
        let mut form = StoredForm {
            source: self.record.header.source.as_deref().map(str::to_owned),
            fault: self.record.fault.clone(),
            test: self.record.is_test,
            evidence: self.decisive(),
            ..StoredForm::default()
        };
        for (index, cell) in self.record.cells.iter().enumerate() {
            let name = self.record.header.names.get(index).map_or("", |name| name);
            // A cell without a name is nothing where it is empty.
            match name.trim().is_empty() {
                false => form.cells.push(name, cell),
                true if cell.is_empty() => {}
                true => form.cells.push(&format!("column {}", index + 1), cell),
            }
        }
        for (index, value) in self.columns.set() {
            if self.is_set(*index) {
                let field = self.columns.field_at(*index);
                let name = field.unwrap_or_else(|| self.columns.header_of(*index));
                form.set.push(name, value);
            }
        }
        // Texts by name can always be written.
        serde_json::to_string(&form).unwrap_or_default()
    }

    /// What of its input's evidence decides how it is read.
    fn decisive(&self) -> Option<Evidence> {
        let none = Evidence::default();
        let all = self.record.evidence.as_deref().unwrap_or(&none);
        let names = self.record.header.names.iter();
        let cells: Vec<(&String, &str)> = names.zip(&self.record.cells).collect();
        let html = cells
            .iter()
            .filter(|(name, cell)| cell.contains('&') && all.html.contains(*name));
        let prefixes = cells.iter().filter_map(|(name, cell)| {
            let prefix = all.prefixes.get(*name)?;
            let has = cell.trim_start().starts_with(prefix.as_str());
            has.then(|| ((*name).clone(), prefix.clone()))
        });
        let nothing = all.nothing.iter();
        let nothing = nothing.filter(|word| cells.iter().any(|(_, cell)| cell.trim() == **word));
        let mut reach = self.columns.expected.reach.iter();
        let decisive = Evidence {
            html: html.map(|(name, _)| (*name).clone()).collect(),
            prefixes: prefixes.collect(),
            nothing: nothing.cloned().collect(),
            contacts: all.contacts && reach.all(|index| self.filled(*index).is_none()),
            repaired_all: all.repaired_all || self.notes.iter().any(Note::is_of_a_guess),
        };
        (decisive != none).then_some(decisive)
    }
}

/// Reads what [`Lead::as_read`] wrote. `file` and `line`: where the lead came
/// from. Leads of the same columns share one of the `headers`.
///
/// # Errors
/// `json` is something else.
pub fn from_stored(
    json: &str,
    file: &str,
    line: u64,
    headers: &mut Headers,
) -> Result<Stored, Unreadable> {
    let form: StoredForm = serde_json::from_str(json)?;
    let names: Cells = form.cells.0.iter().map(|(name, _)| name).collect();
    let source = form.source.map(Into::into);
    Ok(Stored {
        set: form.set.0,
        record: Record {
            file: file.into(),
            line,
            header: headers.of_source(&names, source.as_ref()),
            cells: form.cells.0.iter().map(|(_, cell)| cell).collect(),
            left_out: 0,
            fault: form.fault,
            is_test: form.test,
            evidence: form.evidence.map(Arc::new),
        },
    })
}

impl Pairs<String> {
    fn push(&mut self, name: &str, text: &str) {
        self.0.push((name.to_owned(), text.to_owned()));
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> Default for Pairs<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl Serialize for Pairs<String> {
    fn serialize<S: Serializer>(&self, json: S) -> Result<S::Ok, S::Error> {
        json.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Pairs<V> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Members<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Members<V> {
            type Value = Pairs<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object {…}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<V>, A::Error> {
                let mut pairs = Pairs::default();
                while let Some(pair) = map.next_entry()? {
                    pairs.0.push(pair);
                }
                Ok(pairs)
            }
        }
        json.deserialize_map(Members(PhantomData))
    }
}
