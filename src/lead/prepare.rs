//! Makes a lead of a row: takes off a source's prefixes, finds damage, splits
//! a full name. A clean row costs no allocation: what to look at was planned
//! once for its header.

use std::borrow::Cow;
use std::sync::Arc;

use super::columns::Columns;
use super::fold::fold;
use super::lead::{Lead, Note, NoteKind};
use super::letters;
use super::names;
use super::record::Record;
use super::repair::{self, Damage, Repair};

/// How rows are prepared.
#[derive(Debug, Clone, Default)]
pub struct Preparation {
    pub repair: Repair,
    /// The country of rows that name none, such as `FR`; empty when unknown.
    pub country: String,
}

/// Makes a lead of a row. A row with a fault is left as it is.
pub fn prepare(record: Record, columns: &Arc<Columns>, preparation: &Preparation) -> Lead {
    let mut lead = Lead {
        record,
        columns: Arc::clone(columns),
        source: None,
        notes: Vec::new(),
        instead: Vec::new(),
    };
    if lead.record.fault.is_some() {
        return lead;
    }
    for (index, prefixes) in &columns.plan.prefixes {
        take_prefix(&mut lead, *index, prefixes);
    }
    if letters::suspect(lead.record.cells.as_slice()) {
        for index in 0..lead.record.cells.len() {
            if let Some(damage) = letters::damage(lead.cell(index)) {
                settle(&mut lead, index, damage, preparation.repair);
            }
        }
    }
    for &(index, kind) in &columns.plan.digits {
        let french = || is_french(&lead, preparation);
        if let Some(damage) = repair::damage(kind, lead.cell(index), french) {
            settle(&mut lead, index, damage, preparation.repair);
        }
    }
    if let Some(split) = columns.plan.split {
        split_name(&mut lead, split);
    }
    lead
}

fn put(lead: &mut Lead, index: usize, value: String) {
    lead.instead.retain(|(at, _)| *at != index);
    lead.instead.push((index, value));
}

fn take_prefix(lead: &mut Lead, index: usize, prefixes: &[String]) {
    let value = lead.cell(index);
    let bare = prefixes
        .iter()
        .find_map(|prefix| value.strip_prefix(prefix.as_str()));
    if let Some(bare) = bare.map(str::to_owned) {
        put(lead, index, bare);
    }
}

/// Repairs or refuses, as allowed, and says so.
fn settle(lead: &mut Lead, column: usize, damage: Damage, repair: Repair) {
    let allowed = match repair {
        Repair::None => false,
        Repair::Certain => damage.certain,
        Repair::All => true,
    };
    let Damage {
        what, how, mended, ..
    } = damage;
    let (kind, message) = match mended {
        Some(mended) if allowed => {
            let message = format!("{what}: read as {}", repair::shown(&mended));
            put(lead, column, mended);
            (NoteKind::Repaired, message)
        }
        _ => (NoteKind::Refused, format!("{what}; {how}")),
    };
    lead.notes.push(Note {
        column,
        kind,
        message: Cow::Owned(message),
    });
}

/// Whether a row is from France, overseas included: their numbers begin with 0.
fn is_french(lead: &Lead, preparation: &Preparation) -> bool {
    const FRENCH: [&str; 10] = [
        "fr",
        "fra",
        "france",
        "france metropolitaine",
        "re",
        "gp",
        "mq",
        "gf",
        "yt",
        "fx",
    ];
    let country = lead.columns.plan.country;
    let named = country.map_or("", |index| lead.get(index)).trim();
    let country = if named.is_empty() {
        preparation.country.as_str()
    } else {
        named
    };
    FRENCH
        .iter()
        .any(|french| french.eq_ignore_ascii_case(country))
        || FRENCH.contains(&fold(country).as_str())
}

fn split_name(lead: &mut Lead, (full, first, last): (usize, usize, usize)) {
    let (first_name, last_name) = names::split(lead.cell(full));
    if last_name.is_empty() {
        return;
    }
    if !first_name.is_empty() {
        lead.instead.push((first, first_name));
    }
    lead.instead.push((last, last_name));
    lead.notes.push(Note {
        column: full,
        kind: NoteKind::Assumed,
        message: Cow::Borrowed("first and last name were split from the full name"),
    });
}
