//! Is a lead for a destination at all? What `only` and `max_age` ask of it, after
//! repair: a postcode `1000` is 01000 before anybody asks for `^01`.

use std::borrow::Cow;
use std::fmt;

use super::complaint::Problem;
use super::formats::{email, form, phone};
use super::locale::Locale;
use crate::config::measure::in_words;
use crate::config::{
    CREATED, DateFault, DateForm, Destination, LeadTest, Moment, ValueFormat, Wanted,
};
use crate::lead::text::{fold, is_blank, quoted};
use crate::lead::{FilterReason, Lead, NoteKind};
use crate::words::say;

/// Why a lead is not for a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// No table of `only` holds: the values that they ask for, by column.
    Only {
        destination: String,
        values: Vec<(String, String)>,
    },
    TooOld {
        destination: String,
        column: String,
        value: String,
        /// In words.
        most: String,
    },
}

impl Unfit {
    pub fn reason(&self) -> FilterReason {
        match self {
            Self::Only { .. } => FilterReason::Only,
            Self::TooOld { .. } => FilterReason::MaxAge,
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Only {
                destination,
                values,
            } => {
                let values = values.iter().map(|(column, value)| match is_blank(value) {
                    true => say!("unfit-empty", column),
                    false => say!("unfit-value", column, value = quoted(value)),
                });
                let values = values.collect::<Vec<_>>().join(", ");
                say!("unfit-only", destination, values)
            }
            Self::TooOld {
                destination,
                column,
                value,
                most,
            } => say!(
                "unfit-too-old",
                destination,
                most,
                column,
                value = quoted(value)
            ),
        })
    }
}

/// Why a lead is not for this destination. What can't be told of a damaged cell, or of
/// what is no date, is left to its complaints.
pub fn unfit(destination: &Destination, lead: &Lead, now: &Moment) -> Option<Unfit> {
    let mut refused = lead.notes.iter().filter(|it| it.kind == NoteKind::Refused);
    let columns = &lead.columns;
    if refused.any(|it| {
        destination
            .asked()
            .any(|name| columns.index_of(name) == Some(it.column))
    }) {
        return None;
    }
    let only = &destination.only;
    if !only.is_empty() && !only.iter().any(|tests| holds(destination, lead, tests)) {
        let mut values: Vec<(String, String)> = Vec::new();
        for test in only.iter().flatten() {
            let column = header(lead, &test.field);
            if values.iter().all(|(known, _)| *known != column) {
                values.push((column, value(destination, lead, &test.field).to_owned()));
            }
        }
        return Some(Unfit::Only {
            destination: destination.name.clone(),
            values,
        });
    }
    let most = in_words(destination.max_age?);
    let is_old = is_too_old(destination, lead, now) == Ok(true);
    is_old.then(|| Unfit::TooOld {
        destination: destination.name.clone(),
        column: header(lead, CREATED),
        value: value(destination, lead, CREATED).to_owned(),
        most,
    })
}

/// Do all of these hold of a lead?
pub fn holds(destination: &Destination, lead: &Lead, tests: &[LeadTest]) -> bool {
    let locale = Locale::new(destination, &lead.columns);
    let value = |field: &str| value(destination, lead, field);
    all_hold(tests, [locale.country(lead), locale.home], value)
}

/// Do all of these hold of what `value` tells of a lead? `country`: the lead's own, and
/// the one of those that don't say theirs.
pub(super) fn all_hold<'v>(
    tests: &[LeadTest],
    [country, home]: [&str; 2],
    value: impl Fn(&str) -> &'v str,
) -> bool {
    tests.iter().all(|test| {
        let field = test.field.as_str();
        let repaired = |text| repaired(field, text, country, home);
        let own = repaired(value(field));
        match &test.wanted {
            Wanted::Present => !is_blank(&own),
            Wanted::Absent => is_blank(&own),
            Wanted::Match(pattern) => !is_blank(&own) && pattern.matches(&own),
            Wanted::OneOf(wanted) => {
                let own = fold(&own);
                wanted.iter().any(|text| fold(&repaired(text)) == own)
            }
        }
    })
}

/// Was a lead made longer ago than the destination takes?
///
/// # Errors
/// Why that can't be told.
pub(super) fn is_too_old(
    destination: &Destination,
    lead: &Lead,
    now: &Moment,
) -> Result<bool, Problem> {
    let text = value(destination, lead, CREATED);
    if is_blank(text) {
        return Err(match lead.columns.index_of(CREATED) {
            Some(_) => Problem::Empty,
            None => Problem::NoColumn(None),
        });
    }
    let reads = destination.created_reads();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let made = match (reads, is_number, text.len()) {
        ([], true, 10) => now.read(text, &[DateForm::Unix]),
        ([], true, 13) => now.read(text, &[DateForm::UnixMs]),
        _ => now.read(text, reads),
    };
    let is_too_old = |made: &Moment| destination.is_too_old(made, now);
    match made {
        Ok(made) => return Ok(is_too_old(&made)),
        // Which of the two it is matters only where one of them is too old.
        Err(DateFault::Two {
            day_first,
            month_first,
        }) => {
            let old = [day_first, month_first]
                .map(|day| now.read(&day, &[]).as_ref().map(is_too_old).ok());
            if let [Some(one), Some(other)] = old
                && one == other
            {
                return Ok(one);
            }
        }
        Err(DateFault::None) => {}
    }
    Err(Problem::NotDate {
        value: text.to_owned(),
        reads: reads.iter().map(DateForm::to_string).collect(),
    })
}

/// What the user calls a lead field.
pub(super) fn header(lead: &Lead, field: &str) -> String {
    match lead.columns.index_of(field) {
        Some(column) => lead.columns.header_of(column).to_owned(),
        None => field.to_owned(),
    }
}

/// A lead field's value, else its default.
fn value<'l>(destination: &'l Destination, lead: &'l Lead, field: &str) -> &'l str {
    let own = lead.field(field).trim();
    match is_blank(own) {
        true => destination.default_of(field).unwrap_or_default(),
        false => own,
    }
}

/// A value as its lead field has it, however it was typed.
fn repaired<'t>(field: &str, text: &'t str, country: &str, home: &str) -> Cow<'t, str> {
    let repaired = match field {
        "zip" => form(text, ValueFormat::Postcode, || country, home)
            .ok()
            .map(|formed| formed.text.into_owned()),
        "phone" | "phone2" => phone::key(text, country, home),
        "email" | "email2" => email::key(text),
        _ => None,
    };
    repaired.map_or(Cow::Borrowed(text), Cow::Owned)
}
