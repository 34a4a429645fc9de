//! `history --columns all`: each lead with the columns that its row had. As CSV it is an
//! export like any other, which another destination can be sent: of leadctl's own columns
//! only those stand beside them that nobody takes for a lead's.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use crate::error::Failure;
use crate::lead::Headers;
use crate::ledger::{Leads, StoredLead};
use crate::output::{Format, Output, Row};
use crate::pipeline::preparer::read_stored;

/// Ours that stand in the CSV, whatever the row's own columns are called: the second says
/// that cells were kept harmless for a spreadsheet, which reading them takes back.
const REFERENCE: &str = "reference";
const STATE: &str = "leadctl_state";
/// Ours that stand there where no own column is called so.
const OTHERS: [&str; 4] = ["destination", "route", "sent_at", "decided_at"];

/// The columns of all the leads that are shown.
pub struct OwnColumns {
    format: Format,
    names: Vec<String>,
    headers: Headers,
}

impl OwnColumns {
    /// # Errors
    /// What is stored of a lead can't be read.
    pub fn of(
        format: Format,
        leads: Leads<'_>,
        is_meant: impl Fn(&StoredLead) -> bool,
    ) -> Result<Self, Failure> {
        let mut own = Self {
            format,
            names: Vec::new(),
            headers: Headers::new(),
        };
        if format != Format::Csv {
            return Ok(own);
        }
        let mut seen: HashSet<String> = [REFERENCE, STATE].map(str::to_owned).into();
        for lead in leads {
            let lead = lead?;
            for (name, _) in own.cells(&lead)?.iter().filter(|_| is_meant(&lead)) {
                if seen.insert(name.clone()) {
                    own.names.push(name.clone());
                }
            }
        }
        Ok(own)
    }

    /// # Errors
    /// What is stored of the lead can't be read.
    pub fn print(
        &mut self,
        output: &mut Output,
        row: &Row,
        lead: &StoredLead,
    ) -> Result<(), Failure> {
        let mut cells = self.cells(lead)?;
        let told = serde_json::to_value(row).unwrap_or_default();
        let Json::Object(mut told) = told else {
            return Ok(());
        };
        if self.format != Format::Csv {
            told.insert("columns".to_owned(), Json::Object(cells));
            output.fields(&told);
            return Ok(());
        }
        let own = self.names.iter();
        let own = own.map(|name| (name.clone(), cells.remove(name).unwrap_or(json!(""))));
        let mut record: Map<String, Json> = own.collect();
        let state = told.remove("state").unwrap_or_default();
        let reference = told.remove(REFERENCE).unwrap_or_default();
        record.insert(REFERENCE.to_owned(), reference);
        record.insert(STATE.to_owned(), state);
        for name in OTHERS {
            let value = told.remove(name).unwrap_or_default();
            record.entry(name).or_insert(value);
        }
        output.fields(&record);
        Ok(())
    }

    /// A row's cells by their columns' names, with what filled its blanks; none once it is
    /// purged.
    fn cells(&mut self, lead: &StoredLead) -> Result<Map<String, Json>, Failure> {
        let Some(stored) = read_stored(lead, &mut self.headers)? else {
            return Ok(Map::new());
        };
        let names = stored.record.header.names.iter().map(|name| name.trim());
        let cells = names.zip(stored.record.cells.iter());
        let cells = cells.filter(|(name, _)| !name.is_empty());
        let set = stored.set.iter();
        let set = set.map(|(name, value)| (name.as_str(), value.as_str()));
        // What the row itself says stands.
        let all = set.chain(cells);
        Ok(all
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect())
    }
}
