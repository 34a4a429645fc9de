//! Tables on a page.

use maud::{Markup, html};

use super::{chart, section, share};
use crate::outcome::moment::date;
use crate::output::figures::Figure;
use crate::output::report_tables::{Cell, Table};
use crate::words::{grouped, say};

/// A table; where it is wider than its place it is scrolled, with the keyboard too.
pub fn table(name: &str, head: &Markup, body: &Markup) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(name) {
            table {
                thead { tr { (head) } }
                (body)
            }
        }
    }
}

/// A section with a table; `empty` where it has no rows.
pub fn tabled(class: &str, heading: &str, of: &Table, empty: &str) -> Markup {
    let is_text = |at: usize| {
        matches!(
            of.rows.first().and_then(|row| row.get(at)),
            Some(Cell::Text(_))
        )
    };
    let head = html! {
        @for (at, name) in of.heads.iter().enumerate() {
            th.text[is_text(at)] scope="col" { (name) }
        }
    };
    let sums = if of.is_summed { 1 } else { 0 };
    let (rows, sum) = of.rows.split_at(of.rows.len().saturating_sub(sums));
    let body = html! {
        tbody { @for row in rows { (line(row)) } }
        @if !sum.is_empty() { tfoot { @for row in sum { (line(row)) } } }
    };
    section(
        class,
        heading,
        &html! {
            @if of.rows.is_empty() { p.soft { (empty) } } @else { (table(heading, &head, &body)) }
        },
    )
}

/// What the first cell says, the row is about.
fn line(row: &[Cell]) -> Markup {
    let (first, rest) = row.split_at(row.len().min(1));
    html! {
        tr {
            @for one in first {
                @if let Cell::Text(text) = one { th.text scope="row" { (text) } } @else { (cell(one)) }
            }
            @for one in rest { (cell(one)) }
        }
    }
}

/// A figure that is nothing steps back.
pub fn cell(cell: &Cell) -> Markup {
    match cell {
        Cell::Nothing => html! { td {} },
        Cell::Text(text) => html! { td.text { (text) } },
        Cell::Figure(Figure::Count(0)) => html! { td { span.soft { "0" } } },
        Cell::Figure(figure) => html! { td { (figure.on_page()) } },
        Cell::Share(part, whole) => html! {
            td.bar { div { (chart::bar(*part, *whole)) span { (share(*part, *whole).unwrap_or_default()) } } }
        },
        Cell::Day(day) => html! { td { (date(*day)) } },
        Cell::Lasted(ms) => html! { td { (lasted(*ms)) } },
    }
}

/// A length of time, as exact as a person asks for.
fn lasted(ms: i64) -> String {
    let rounded = |time: f64, digits: usize| grouped(format!("{time:.digits$}"));
    let seconds = ms.max(0) as f64 / 1000.0;
    match seconds {
        ..1.0 => say!("lasted-below-second"),
        ..120.0 => say!("lasted-seconds", time = rounded(seconds, 0)),
        ..7_200.0 => say!("lasted-minutes", time = rounded(seconds / 60.0, 0)),
        ..172_800.0 => say!("lasted-hours", time = rounded(seconds / 3_600.0, 1)),
        _ => say!("lasted-days", time = rounded(seconds / 86_400.0, 1)),
    }
}
