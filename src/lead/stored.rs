//! A lead as the ledger keeps it: what was read, so that it can be sent again
//! through another day's table. One JSON object:
//! `{"cells":{HEADER:TEXT…},"set":{FIELD:TEXT…},"fault":TEXT}`, the last two
//! only where there is something to say.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::json::json_text;
use super::lead::Lead;
use super::record::{Cells, Headers, Record};

/// What [`Lead::as_read`] wrote, read again.
#[derive(Debug, Clone)]
pub struct Stored {
    pub record: Record,
    /// What `--default` gave: for `Columns::with_set`.
    pub set: Vec<(String, String)>,
}

impl Lead {
    /// What was read, as the ledger stores it.
    pub fn as_read(&self) -> String {
        let record = &self.record;
        let mut json = String::with_capacity(2 * record.cells.as_slice().len() + 64);
        json.push_str("{\"cells\":{");
        let mut any = false;
        for (index, cell) in record.cells.iter().enumerate() {
            let key = self.columns.json_key(index);
            // A cell without a name is nothing where it is empty.
            if key.is_none() && cell.is_empty() {
                continue;
            }
            if std::mem::replace(&mut any, true) {
                json.push(',');
            }
            match key {
                Some(key) => json.push_str(key),
                None => json.push_str(&format!("\"column {}\":", index + 1)),
            }
            json_text(&mut json, cell);
        }
        json.push('}');
        let used = |(index, _): &&(usize, String)| self.is_set(*index);
        if self.columns.set().iter().any(|set| used(&set)) {
            json.push_str(",\"set\":{");
            for (at, (index, value)) in self.columns.set().iter().filter(used).enumerate() {
                let name = match self.columns.field_at(*index) {
                    Some(field) => field,
                    None => self.columns.header_of(*index),
                };
                if at > 0 {
                    json.push(',');
                }
                json_text(&mut json, name);
                json.push(':');
                json_text(&mut json, value);
            }
            json.push('}');
        }
        if let Some(fault) = &record.fault {
            json.push_str(",\"fault\":");
            json_text(&mut json, fault);
        }
        json.push('}');
        json
    }
}

/// Reads what [`Lead::as_read`] wrote. `file` and `line`: where the lead came
/// from. Leads of the same columns share a header through `headers`.
///
/// # Errors
/// `json` is something else, in words.
pub fn from_stored(
    json: &str,
    file: &Arc<str>,
    line: u64,
    headers: &mut Headers,
) -> Result<Stored, String> {
    let form: Form = serde_json::from_str(json)
        .map_err(|error| format!("the stored lead can't be read: {error}"))?;
    let set = form.set.names.iter().zip(form.set.cells.iter());
    Ok(Stored {
        set: set.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        record: Record {
            file: Arc::clone(file),
            line,
            header: headers.of(&form.cells.names),
            cells: form.cells.cells,
            fault: form.fault,
        },
    })
}

#[derive(Deserialize)]
struct Form {
    cells: Pairs,
    #[serde(default)]
    set: Pairs,
    #[serde(default)]
    fault: Option<String>,
}

#[derive(Default)]
struct Pairs {
    names: Cells,
    cells: Cells,
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("texts by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Pairs::default();
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    pairs.names.push_field(&name);
                    pairs.cells.push_field(&value);
                }
                Ok(pairs)
            }
        }
        json.deserialize_map(Members)
    }
}
