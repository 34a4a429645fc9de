//! The report as a workbook: a sheet for each of its tables, figures as numbers that can
//! be summed, days as days.

use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::figures::{Column, Figure, columns};
use super::report::{Group, Report};
use crate::lead::csv_injection::defuse;
use crate::lead::{Figures, Money};

/// What stands in a cell.
enum Cell {
    Text(String),
    Figure(Figure),
    Day(Date),
    /// Of milliseconds.
    Hours(i64),
    Nothing,
}

/// The workbook's bytes.
///
/// # Errors
/// There are more groups than a sheet has rows.
pub fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let columns = columns(&report.total);
    let of_groups = |by: &[&str]| -> Vec<String> {
        let names = columns.iter().map(|column| column.name);
        by.iter().copied().chain(names).map(str::to_owned).collect()
    };
    let by: Vec<&str> = report.by.iter().map(String::as_str).collect();
    let mut rows: Vec<Vec<Cell>> = report
        .groups
        .iter()
        .map(|one| group(one, &columns))
        .collect();
    let all = (0..by.len()).map(|at| text(if at == 0 { "all" } else { "" }));
    rows.push(all.chain(figures(&columns, &report.total)).collect());
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, report.title())?;
    sheet.set_cell_format(0, 0, &Format::new().set_bold().set_font_size(16))?;
    for (row, line) in (1..).zip([report.about()].into_iter().chain(report.notes())) {
        sheet.write_string(row, 0, line)?;
    }
    let top = 2 + 1 + report.notes().len() as u32;
    fill(sheet, "Report", top, &of_groups(&by), rows)?;

    let days = report.days.iter().map(|day| {
        let of = [Cell::Day(day.day), text(&day.destination)];
        of.into_iter()
            .chain(figures(&columns, &day.figures))
            .collect()
    });
    fill(
        book.add_worksheet(),
        "Days",
        0,
        &of_groups(&["day", "destination"]),
        days,
    )?;
    let sources = report.sources.iter().map(|one| group(one, &columns));
    fill(
        book.add_worksheet(),
        "Sources",
        0,
        &of_groups(&["source"]),
        sources,
    )?;
    let refusals = report
        .refusals
        .iter()
        .map(|one| vec![text(&one.destination), text(&one.reason), count(one.count)]);
    fill(
        book.add_worksheet(),
        "Refusals",
        0,
        &["destination", "reason", "leads"],
        refusals,
    )?;
    let decisions = report.decisions.iter().map(|one| {
        let times = [one.median, one.ninth, one.longest].map(Cell::Hours);
        [text(&one.destination), count(one.count)]
            .into_iter()
            .chain(times)
            .collect()
    });
    let heads = [
        "destination",
        "decided",
        "half within (hours)",
        "9 of 10 within (hours)",
        "longest (hours)",
    ];
    fill(book.add_worksheet(), "Decisions", 0, &heads, decisions)?;
    let open = report.open.iter().map(|one| {
        vec![
            text(&one.destination),
            text(&one.state.in_words()),
            count(one.count),
            Cell::Day(one.oldest),
        ]
    });
    fill(
        book.add_worksheet(),
        "Open",
        0,
        &["destination", "state", "leads", "oldest"],
        open,
    )?;
    book.save_to_buffer()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn count(count: u64) -> Cell {
    Cell::Figure(Figure::Count(count))
}

fn group(group: &Group, columns: &[&Column]) -> Vec<Cell> {
    let of = group.of.iter().map(|value| text(value));
    of.chain(figures(columns, &group.figures)).collect()
}

fn figures<'c>(columns: &'c [&Column], of: &'c Figures) -> impl Iterator<Item = Cell> + 'c {
    let figures = columns.iter().map(|column| (column.of)(of));
    figures.map(|figure| figure.map_or(Cell::Nothing, Cell::Figure))
}

/// A table from the row `top` on, under its heads.
fn fill(
    sheet: &mut Worksheet,
    name: &str,
    top: u32,
    heads: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = Vec<Cell>>,
) -> Result<(), XlsxError> {
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    let numbers = |form: &str| Format::new().set_num_format(form);
    let (counts, money, hours) = (numbers("#,##0"), numbers("#,##0.00"), numbers("0.0"));
    let days = numbers("yyyy-mm-dd");
    sheet.set_name(name)?.set_freeze_panes(top + 1, 0)?;
    for (at, name) in (0..).zip(heads) {
        sheet.write_string_with_format(top, at, defuse(name.as_ref()), &head)?;
        sheet.set_column_width(at, 14)?;
    }
    for (row, cells) in (top + 1..).zip(rows) {
        for (at, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) => {
                    sheet.write_string(row, at, defuse(&text))?;
                    sheet.set_column_width(at, 28)?;
                }
                Cell::Figure(Figure::Count(count)) => {
                    sheet.write_number_with_format(row, at, count as f64, &counts)?;
                }
                Cell::Figure(Figure::Amount(amount)) => {
                    sheet.write_number_with_format(row, at, number(amount), &money)?;
                }
                Cell::Hours(ms) => {
                    sheet.write_number_with_format(row, at, ms as f64 / 3_600_000.0, &hours)?;
                }
                Cell::Day(day) => {
                    let (month, date) = (day.month().unsigned_abs(), day.day().unsigned_abs());
                    let day = ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, date)?;
                    sheet.write_datetime_with_format(row, at, &day, &days)?;
                }
                Cell::Nothing => {}
            }
        }
    }
    Ok(())
}

/// A workbook has binary numbers alone; to the cent they are exact below ten million millions.
fn number(amount: Money) -> f64 {
    amount.cents() as f64 / 100.0
}
