//! What `leadctl check FILE` found, for scripts. Pure.

use serde_json::{Value as Json, json};

use super::fit::Fit;
use super::survey::Survey;
use super::tally::{Found, Tally};
use crate::output::Record;

/// All that was found, as one object.
pub fn whole(survey: &Survey) -> Record {
    let facts = &survey.facts;
    let format = facts.format.in_words();
    let first = survey.first.as_ref().map(|first| {
        let fields: serde_json::Map<String, Json> = first
            .values
            .iter()
            .map(|(field, value)| (field.clone(), value.as_str().into()))
            .collect();
        json!({ "line": first.line, "fields": fields })
    });
    vec![
        ("file", survey.file.as_str().into()),
        ("format", format.into()),
        ("encoding", facts.encoding_used.name().into()),
        ("encoding_assumed", facts.encoding_assumed.into()),
        (
            "delimiter",
            facts
                .delimiter
                .map(|byte| char::from(byte).to_string())
                .into(),
        ),
        ("sheet", facts.sheet.clone().into()),
        ("other_sheets", facts.other_sheets.clone().into()),
        (
            "source",
            survey.source.as_ref().map(|(name, _)| name.clone()).into(),
        ),
        ("rows", survey.rows.into()),
        ("columns", columns(survey).into_iter().map(object).collect()),
        ("confused", survey.confused.clone().into()),
        ("first", first.unwrap_or(Json::Null)),
        ("damage", damage(survey)),
        (
            "destinations",
            survey
                .fits
                .iter()
                .map(|fit| destination(fit, survey.rows))
                .collect(),
        ),
    ]
}

/// One record a column.
pub fn columns(survey: &Survey) -> Vec<Record> {
    let seen = survey.columns.iter();
    seen.map(|seen| {
        vec![
            ("file", survey.file.as_str().into()),
            ("header", seen.header.as_str().into()),
            ("field", seen.field.clone().into()),
            ("taken_by", seen.taken_by.clone().into()),
            ("sample", seen.sample.clone().into()),
        ]
    })
    .collect()
}

fn object(record: Record) -> Json {
    let members = record.into_iter().filter(|(name, _)| *name != "file");
    Json::Object(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn damage(survey: &Survey) -> Json {
    let kinds: [(&str, &Tally); 4] = [
        ("unusable", &survey.faults),
        ("refused", &survey.refused),
        ("repaired", &survey.repaired),
        ("assumed", &survey.assumed),
    ];
    let of_kind = |(kind, tally): (&str, &Tally)| -> Vec<Json> {
        let found = tally.sorted().into_iter();
        found
            .map(|found| {
                let mut told = in_json(found);
                told["kind"] = kind.into();
                told
            })
            .collect()
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

fn destination(fit: &Fit, rows: u64) -> Json {
    json!({
        "destination": fit.name,
        "ready": fit.ready,
        "rows": rows,
        "unusable": fit.unusable,
        "missing": fit.missing(),
        "complaints": fit.others().into_iter().map(in_json).collect::<Vec<_>>(),
    })
}

fn in_json(found: &Found) -> Json {
    let example = |(line, message): &(u64, String)| json!({ "line": line, "message": message });
    json!({
        "column": found.column,
        "rows": found.rows,
        "examples": found.examples.iter().map(example).collect::<Vec<_>>(),
    })
}
