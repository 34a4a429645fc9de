//! Tables written as JSON: a list for each row, a member for each row, or a member
//! for each column.

use std::collections::HashMap;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::object::cell;
use crate::lead::text::is_one_of;
use crate::lead::{Cells, Pairs};

/// The members of an object.
pub type Members<'m> = &'m [(&'m str, &'m Json)];

/// How an object holds a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Table {
    /// Each member is a row: an object of objects.
    Members,
    /// The list under this key holds a list for each row. The columns are named
    /// beside it, else in the first row.
    Rows {
        key: String,
        names: Option<Vec<String>>,
    },
    /// Each member is a column, or each list under this key.
    Columns(Option<String>),
}

/// What lists of rows are called, and the names of columns beside them.
const ROWS: [&str; 3] = ["values", "data", "rows"];
const NAMES: &str = "columns|cols|headers|header|fields|column_names|names|keys";
/// What the name of a column is called, where it is an object.
const NAME: [&str; 7] = ["name", "title", "label", "field", "key", "id", "text"];

impl Table {
    /// The table that these members are. `is_whole`: else the last one was cut.
    pub fn of(members: Members<'_>, is_whole: bool) -> Option<Self> {
        if are_rows(members) {
            return Some(Self::Members);
        } else if are_columns(members, is_whole) || are_lists(members, is_whole) {
            return Some(Self::Columns(None));
        }
        let of_rows = members.iter().filter(|(_, list)| is_list_of_rows(list));
        let rank = |key: &str| ROWS.iter().position(|word| *word == key);
        let (key, list) = of_rows.min_by_key(|(key, _)| rank(key).unwrap_or(ROWS.len()))?;
        let is_turned = |(key, value): &(&str, &Json)| {
            *key == "majorDimension" && value.as_str() == Some("COLUMNS")
        };
        if members.iter().any(is_turned) {
            return Some(Self::Columns(Some((*key).to_owned())));
        }
        let width = list.get(0).and_then(Json::as_array).map_or(0, Vec::len);
        let named = members.iter().filter(|(key, _)| is_one_of(NAMES, key));
        let names = named.filter_map(|(_, names)| column_names(names));
        Some(Self::Rows {
            key: (*key).to_owned(),
            names: names.into_iter().find(|names| names.len() == width),
        })
    }
}

/// Whether objects are rows: their keys number or name them as no word of a lead
/// does, and all say much the same.
fn are_rows(members: Members<'_>) -> bool {
    let Some(first) = members.first().and_then(|(_, first)| first.as_object()) else {
        return false;
    };
    let is_like_first = |(key, row): &(&str, &Json)| {
        let row = row.as_object().filter(|_| is_row_id(key));
        row.is_some_and(|row| {
            let common = row.keys().filter(|key| first.contains_key(*key)).count();
            2 * common >= row.len().min(first.len())
        })
    };
    members.len() > 1 && members.iter().all(is_like_first)
}

/// Whether objects are columns: each has a value for the same rows.
fn are_columns(members: Members<'_>, is_whole: bool) -> bool {
    let columns: Option<Vec<_>> = members.iter().map(|(_, it)| it.as_object()).collect();
    let columns = columns.unwrap_or_default();
    let is_number = |key: &String| key.bytes().all(|byte| byte.is_ascii_digit());
    let all_of = |is: &dyn Fn(&String) -> bool| {
        let mut columns = columns.iter();
        columns.all(|column| !column.is_empty() && column.keys().all(is))
    };
    let are_same = || are_alike(&columns, is_whole, |one, first| one.keys().eq(first.keys()));
    let by_id = || columns.len() > 1 && are_same() && all_of(&|key| is_row_id(key));
    !columns.is_empty() && (all_of(&is_number) || by_id())
}

/// Whether lists are columns: as many values in each, several.
fn are_lists(members: Members<'_>, is_whole: bool) -> bool {
    let lists: Option<Vec<_>> = members.iter().map(|(_, it)| it.as_array()).collect();
    let lists = lists.unwrap_or_default();
    lists.first().is_some_and(|first| first.len() > 1)
        && lists.iter().all(|list| is_row(list))
        && are_alike(&lists, is_whole, |one, first| one.len() == first.len())
        && (lists.len() > 1 || !is_whole)
}

/// Whether each is like the first; the last one may be cut.
fn are_alike<C>(columns: &[C], is_whole: bool, alike: impl Fn(&C, &C) -> bool) -> bool {
    let whole = columns.len() - usize::from(!is_whole && columns.len() > 1);
    columns[..whole].iter().all(|one| alike(one, &columns[0]))
}

/// Whether a key counts or identifies what it leads to.
fn is_row_id(key: &str) -> bool {
    key.starts_with('-') || key.contains(|c: char| c.is_ascii_digit() || c == '@')
}

fn is_row(list: &[Json]) -> bool {
    !list.iter().any(|cell| cell.is_array() || cell.is_object())
}

/// A list of rows; what stands between them is told when it is read.
fn is_list_of_rows(list: &Json) -> bool {
    let rows = list.as_array().map_or(&[][..], Vec::as_slice);
    let may_be_row = |row: &Json| match row {
        Json::Array(row) => is_row(row),
        other => !other.is_object(),
    };
    rows.first().is_some_and(Json::is_array) && rows.iter().all(may_be_row)
}

fn column_names(names: &Json) -> Option<Vec<String>> {
    let name = |name: &Json| {
        let of_object = NAME.iter().find_map(|word| name.get(word)?.as_str());
        let name = name.as_str().or(of_object)?;
        (!name.trim().is_empty()).then(|| name.to_owned())
    };
    names.as_array()?.iter().map(name).collect()
}

/// The cells of a row that is a list.
///
/// # Errors
/// It is none.
pub fn row(text: &str) -> serde_json::Result<Cells> {
    let cells: Vec<&RawValue> = serde_json::from_str(text)?;
    cells.into_iter().map(|raw| cell(raw.get())).collect()
}

/// A table that is written column by column, as rows; the first one names the
/// columns. `key`: where the columns stand, when not in the object itself.
///
/// # Errors
/// It is no such table.
pub fn turned(text: &str, key: Option<&str>) -> serde_json::Result<Vec<Cells>> {
    let Pairs(members) = serde_json::from_str::<Pairs<&RawValue>>(text)?;
    let mut columns: Vec<(String, Vec<(String, String)>)> = Vec::new();
    if let Some(key) = key {
        let list = members.iter().find(|(name, _)| name == key);
        let lists = list.map(|(_, list)| serde_json::from_str::<Vec<&RawValue>>(list.get()));
        for list in lists.transpose()?.unwrap_or_default() {
            let mut values = values(list.get())?.into_iter();
            let (_, name) = values.next().unwrap_or_default();
            columns.push((name, values.collect()));
        }
    } else {
        for (name, column) in members {
            columns.push((name, values(column.get())?));
        }
    }
    let mut rows = vec![columns.iter().map(|(name, _)| name).collect()];
    let mut places = HashMap::new();
    for (column, (_, values)) in columns.into_iter().enumerate() {
        for (id, cell) in values {
            let place = *places.entry(id).or_insert(rows.len());
            if place == rows.len() {
                rows.push(Cells::new());
            }
            let row = &mut rows[place];
            while row.len() < column {
                row.push_field("");
            }
            row.push_field(&cell);
        }
    }
    Ok(rows)
}

/// The values of a column, each with what tells its row.
fn values(column: &str) -> serde_json::Result<Vec<(String, String)>> {
    if !column.starts_with('{') {
        let cells = row(column)?;
        let cells = cells.iter().enumerate();
        return Ok(cells
            .map(|(at, it)| (at.to_string(), it.to_owned()))
            .collect());
    }
    let Pairs(members) = serde_json::from_str::<Pairs<&RawValue>>(column)?;
    let values = members.into_iter();
    values
        .map(|(id, value)| Ok((id, cell(value.get())?)))
        .collect()
}
