//! The page of `leadctl check FILE`: the first thing that a new user reads of
//! an export. Pure.

use super::export::{Column, Export};
use super::fit::Fit;
use super::tally::Tally;
use crate::output::text::{counted, width};
use crate::output::{Command, Page};

/// Complaints told of one destination.
const COMPLAINTS: usize = 4;
/// Columns for the name of what is told.
const LABEL: usize = 16;

pub fn write(page: &mut Page, export: &Export) {
    page.title(match export.file.as_str() {
        "-" => "standard input",
        file => file,
    });
    page.entry(2, "", 0, &what_it_is(export));
    if let Some((name, about)) = &export.source {
        let about = about.as_deref().unwrap_or(name);
        page.entry(2, "", 0, &format!("recognised: {about} (source {name})"));
    }
    let others = &export.facts.other_sheets;
    if !others.is_empty() {
        let others = others.join(", ");
        page.entry(
            2,
            "",
            0,
            &format!("other sheets, not read: {others} (--sheet NAME)"),
        );
    }
    columns(page, export);
    first(page, export);
    damage(page, export);
    destinations(page, export);
}

fn what_it_is(export: &Export) -> String {
    let facts = &export.facts;
    let mut parts = vec![facts.format.in_words().to_owned()];
    if let Some(sheet) = &facts.sheet {
        parts.push(format!("sheet \"{sheet}\""));
    } else {
        parts.push(facts.encoding.clone());
    }
    parts.extend(
        facts
            .delimiter
            .map(|byte| format!("{} between cells", delimiter(byte))),
    );
    parts.push(counted(export.rows, "row", "rows"));
    parts.join(" · ")
}

/// The character between cells, in words where it can't be seen.
pub fn delimiter(byte: u8) -> String {
    match byte {
        b'\t' => "tabs".to_owned(),
        other => char::from(other).to_string(),
    }
}

fn columns(page: &mut Page, export: &Export) {
    if export.columns.is_empty() {
        return;
    }
    page.title("Columns");
    let rows: Vec<Vec<String>> = export.columns.iter().map(column).collect();
    page.grid(2, &rows);
    if let Some(confused) = &export.confused {
        page.entry(2, "!", 2, confused);
    }
}

fn column(seen: &Column) -> Vec<String> {
    let field = match (&seen.field, seen.taken_by.is_empty()) {
        (Some(field), _) => field.clone(),
        (None, false) => format!("for {}", seen.taken_by.join(", ")),
        (None, true) => "not used".to_owned(),
    };
    let sample = seen.sample.clone();
    vec![
        seen.header.clone(),
        field,
        sample.unwrap_or_else(|| "(empty)".to_owned()),
    ]
}

fn first(page: &mut Page, export: &Export) {
    let Some(first) = &export.first else {
        return;
    };
    page.title(&format!(
        "The first lead (line {}), as understood",
        first.line
    ));
    for (field, value) in &first.values {
        page.entry(2, field, LABEL, value);
    }
}

fn damage(page: &mut Page, export: &Export) {
    if export.rows == 0 || export.confused.is_some() {
        return;
    }
    let titles = [
        "rows that nobody can use",
        "damaged beyond repair",
        "repaired",
        "taken for granted",
    ];
    let damage = export.damage();
    page.title("Damage");
    if damage.iter().all(|(_, tally)| tally.is_empty()) {
        page.entry(2, "", 0, "none found");
    }
    for (title, (_, tally)) in titles.iter().zip(damage) {
        if !tally.is_empty() {
            page.entry(2, "", 0, &format!("{title}:"));
            told(page, tally);
        }
    }
}

fn told(page: &mut Page, tally: &Tally) {
    for found in tally.sorted().into_iter().take(10) {
        page.entry(
            4,
            &found.column,
            column_width(&found.column),
            &found.in_words(),
        );
    }
    let others = tally.others();
    if others > 0 {
        let others = counted(others, "more row", "more rows");
        page.entry(4, "", 0, &format!("and other things in {others}"));
    }
}

/// No column is named where a whole row is meant.
fn column_width(column: &str) -> usize {
    match column.is_empty() {
        true => 0,
        false => LABEL - 2,
    }
}

fn destinations(page: &mut Page, export: &Export) {
    if export.rows == 0 {
        return;
    }
    page.title("Destinations");
    let fits = export.fits_best_first();
    let names = fits.iter().map(|fit| width(&fit.name) + 2);
    let label = names.max().unwrap_or(0).clamp(LABEL, 2 * LABEL);
    for fit in fits {
        destination(page, fit, export.rows, label);
    }
}

fn destination(page: &mut Page, fit: &Fit, rows: u64, label: usize) {
    let missing = fit.missing();
    let verdict = match (&fit.unusable, fit.ready) {
        (Some(_), _) => "this file would be refused".to_owned(),
        (None, 0) => "no row is ready".to_owned(),
        (None, ready) if ready == rows => format!("{} ready", all(rows)),
        (None, ready) => format!("{ready} of {rows} rows ready"),
    };
    page.entry(2, &fit.name, label, &verdict);
    let mut more = |text: &str| page.entry(2, "", label, text);
    if let Some(why) = &fit.unusable {
        more(why);
        return;
    }
    if !missing.is_empty() {
        more(&format!("no column for {}", missing.join(", ")));
    }
    let complaints = fit.others();
    for found in complaints.iter().take(COMPLAINTS) {
        let column = match found.column.is_empty() {
            true => String::new(),
            false => format!("{}: ", found.column),
        };
        more(&format!("{column}{}", found.in_short()));
    }
    if complaints.len() > COMPLAINTS {
        let left = counted(
            (complaints.len() - COMPLAINTS) as u64,
            "other complaint",
            "other complaints",
        );
        more(&format!(
            "and {left}: {}",
            Command::new(["check", "--to", &fit.name])
        ));
    }
}

fn all(rows: u64) -> String {
    match rows {
        1 => "the row is".to_owned(),
        rows => format!("all {rows} rows are"),
    }
}
