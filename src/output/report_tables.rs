//! A report as tables, of which its page and its workbook are made: what stands in each
//! cell, and not how it looks there.

use jiff::civil::Date;

use super::figures::{Column, Figure, columns};
use super::report::{Group, Report, head, told};
use crate::lead::Figures;
use crate::words::say;

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
    Cell::Text(told(by, value).unwrap_or_else(|| say!("report-none")))
}

fn text(text: &str) -> Cell {
    value("", text)
}

fn count(count: u64) -> Cell {
    Cell::Figure(Figure::Count(count))
}

fn figures(columns: &[Column], of: &Figures) -> impl Iterator<Item = Cell> {
    let figures = columns.iter().map(|column| column.of(of));
    figures.map(|figure| figure.map_or(Cell::Nothing, Cell::Figure))
}

impl Table {
    fn new(heads: impl IntoIterator<Item = String>, rows: impl Iterator<Item = Vec<Cell>>) -> Self {
        Self {
            heads: heads.into_iter().collect(),
            rows: rows.collect(),
            is_summed: false,
        }
    }

    /// Groups, what they have in common before their figures.
    fn of_groups(by: &[String], groups: &[Group], columns: &[Column]) -> Self {
        let names = columns.iter().map(|column| column.name());
        let rows = groups.iter().map(|group| {
            let of = by.iter().zip(&group.of).map(|(by, of)| value(by, of));
            of.chain(figures(columns, &group.figures)).collect()
        });
        Self::new(by.iter().map(|by| head(by)).chain(names), rows)
    }

    /// What the report is grouped by, and all of it together.
    pub fn groups(report: &Report) -> Self {
        let columns = columns(&report.total);
        let mut table = Self::of_groups(&report.by, &report.groups, &columns);
        let all = (0..report.by.len()).map(|at| match at {
            0 => Cell::Text(say!("report-all")),
            _ => Cell::Text(String::new()),
        });
        let all = all.chain(figures(&columns, &report.total));
        table.rows.push(all.collect());
        table.is_summed = true;
        table
    }

    /// The sources beside each other.
    pub fn sources(report: &Report) -> Self {
        use Column::{Accepted, Amount, Cost, Margin, Read, Sent};
        const COMPARED: [Column; 6] = [Read, Sent, Accepted, Amount, Cost, Margin];
        let mut columns = columns(&report.total);
        columns.retain(|column| COMPARED.contains(column));
        let mut table = Self::of_groups(&["source".to_owned()], &report.sources, &columns);
        table.heads.push(say!("figure-accepted-of-sent"));
        for (row, group) in table.rows.iter_mut().zip(&report.sources) {
            row.push(Cell::Share(group.figures.accepted, group.figures.sent));
        }
        table
    }

    pub fn days(report: &Report) -> Self {
        let columns = columns(&report.total);
        let names = columns.iter().map(|column| column.name());
        let rows = report.days.iter().map(|day| {
            let of = [text(&day.destination), Cell::Day(day.day)];
            of.into_iter()
                .chain(figures(&columns, &day.figures))
                .collect()
        });
        Self::new(
            ["destination", "day"].map(head).into_iter().chain(names),
            rows,
        )
    }

    pub fn refusals(report: &Report) -> Self {
        let rows = report.refusals.iter();
        let rows =
            rows.map(|one| vec![text(&one.destination), text(&one.reason), count(one.count)]);
        let heads = [
            head("destination"),
            say!("report-head-reason"),
            say!("report-head-leads"),
        ];
        Self::new(heads, rows)
    }

    pub fn decisions(report: &Report) -> Self {
        let heads = [
            head("destination"),
            say!("report-head-decided"),
            say!("report-head-half"),
            say!("report-head-ninth"),
            say!("report-head-longest"),
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
        let heads = [
            head("destination"),
            head("state"),
            say!("report-head-leads"),
            say!("report-head-oldest"),
        ];
        Self::new(heads, rows)
    }
}
