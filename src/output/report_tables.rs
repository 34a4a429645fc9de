//! A report as tables, of which its page and its workbook are made: what stands in each
//! cell, and not how it looks there.

use jiff::civil::Date;

use super::figures::{Column, Figure, columns};
use super::report::{Group, Report};
use super::text::clean;
use crate::lead::Figures;

/// What stands in a cell.
pub enum Cell {
    Text(String),
    Figure(Figure),
    /// A part, and of what it is one.
    Share(u64, u64),
    Day(Date),
    /// Milliseconds.
    Lasted(i64),
    Nothing,
}

/// Rows under the names of their columns; texts stand before all else.
pub struct Table {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// The last row is the sum of the others.
    pub is_summed: bool,
}

/// What a lead has of what it is grouped by.
fn value(by: &str, value: &str) -> Cell {
    Cell::Text(match (by, value) {
        (_, "") => "none".to_owned(),
        ("state", state) => state.replace('_', " "),
        (_, value) => clean(value).into_owned(),
    })
}

fn text(text: &str) -> Cell {
    value("", text)
}

fn count(count: u64) -> Cell {
    Cell::Figure(Figure::Count(count))
}

fn figures<'c>(columns: &'c [&Column], of: &'c Figures) -> impl Iterator<Item = Cell> + 'c {
    let figures = columns.iter().map(|column| (column.of)(of));
    figures.map(|figure| figure.map_or(Cell::Nothing, Cell::Figure))
}

impl Table {
    fn new<'h>(
        heads: impl IntoIterator<Item = &'h str>,
        rows: impl Iterator<Item = Vec<Cell>>,
    ) -> Self {
        Self {
            heads: heads.into_iter().map(str::to_owned).collect(),
            rows: rows.collect(),
            is_summed: false,
        }
    }

    /// Groups, what they have in common before their figures.
    fn of_groups(by: &[String], groups: &[Group], columns: &[&Column]) -> Self {
        let names = columns.iter().map(|column| column.name);
        let rows = groups.iter().map(|group| {
            let of = by.iter().zip(&group.of).map(|(by, of)| value(by, of));
            of.chain(figures(columns, &group.figures)).collect()
        });
        Self::new(by.iter().map(String::as_str).chain(names), rows)
    }

    /// What the report is grouped by, and all of it together.
    pub fn groups(report: &Report) -> Self {
        let columns = columns(&report.total);
        let mut table = Self::of_groups(&report.by, &report.groups, &columns);
        let all = (0..report.by.len()).map(|at| match at {
            0 => Cell::Text("all".to_owned()),
            _ => Cell::Text(String::new()),
        });
        let all = all.chain(figures(&columns, &report.total));
        table.rows.push(all.collect());
        table.is_summed = true;
        table
    }

    /// The sources beside each other.
    pub fn sources(report: &Report) -> Self {
        const COMPARED: [&str; 6] = ["read", "sent", "accepted", "amount", "cost", "margin"];
        let mut columns = columns(&report.total);
        columns.retain(|column| COMPARED.contains(&column.name));
        let mut table = Self::of_groups(&["source".to_owned()], &report.sources, &columns);
        table.heads.push("accepted of sent".to_owned());
        for (row, group) in table.rows.iter_mut().zip(&report.sources) {
            row.push(Cell::Share(group.figures.accepted, group.figures.sent));
        }
        table
    }

    pub fn days(report: &Report) -> Self {
        let columns = columns(&report.total);
        let names = columns.iter().map(|column| column.name);
        let rows = report.days.iter().map(|day| {
            let of = [text(&day.destination), Cell::Day(day.day)];
            of.into_iter()
                .chain(figures(&columns, &day.figures))
                .collect()
        });
        Self::new(["destination", "day"].into_iter().chain(names), rows)
    }

    pub fn refusals(report: &Report) -> Self {
        let rows = report.refusals.iter();
        let rows =
            rows.map(|one| vec![text(&one.destination), text(&one.reason), count(one.count)]);
        Self::new(["destination", "reason", "leads"], rows)
    }

    pub fn decisions(report: &Report) -> Self {
        let heads = [
            "destination",
            "decided",
            "half within",
            "9 of 10 within",
            "longest",
        ];
        let rows = report.decisions.iter().map(|one| {
            let times = [one.median, one.ninth, one.longest].map(Cell::Lasted);
            let of = [text(&one.destination), count(one.count)];
            of.into_iter().chain(times).collect()
        });
        Self::new(heads, rows)
    }

    pub fn open(report: &Report) -> Self {
        let rows = report.open.iter().map(|one| {
            let state = text(&one.state.in_words());
            vec![
                text(&one.destination),
                state,
                count(one.count),
                Cell::Day(one.oldest),
            ]
        });
        Self::new(["destination", "state", "leads", "oldest"], rows)
    }
}
