//! The report as a workbook: a sheet for each of its tables, figures as numbers that can
//! be summed, days as days.

use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::figures::{Figure, columns};
use super::report::{Group, Report};
use crate::lead::Figures;
use crate::lead::csv_injection::defuse;

/// What stands in a cell.
enum Cell {
    Text(String),
    Figure(Figure),
    Day(Date),
    /// Of milliseconds.
    Hours(i64),
    Nothing,
}

/// A sheet: what its columns are called, and its rows.
struct Sheet {
    name: &'static str,
    heads: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// The workbook's bytes.
///
/// # Errors
/// There are more groups than a sheet has rows.
pub fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let title = Format::new().set_bold().set_font_size(16);
    let lines = [vec![report.title(), report.about()], report.notes()].concat();
    let first = book.add_worksheet();
    for (row, line) in (0..).zip(&lines) {
        first.write_string(row, 0, defuse(line))?;
    }
    first.set_cell_format(0, 0, &title)?;
    summary(report).fill(first, 1 + lines.len() as u32)?;
    for sheet in [days(report), sources(report)]
        .into_iter()
        .chain(details(report))
    {
        sheet.fill(book.add_worksheet(), 0)?;
    }
    book.save_to_buffer()
}

/// What the report is grouped by, and all of it together.
fn summary(report: &Report) -> Sheet {
    let by: Vec<&str> = report.by.iter().map(String::as_str).collect();
    let mut sheet = Sheet::of_figures("Report", &by, report);
    let groups = report.groups.iter().map(|one| group(one, report));
    sheet.rows.extend(groups);
    let all = (0..by.len()).map(|at| text(if at == 0 { "all" } else { "" }));
    sheet
        .rows
        .push(all.chain(figures(&report.total, report)).collect());
    sheet
}

fn days(report: &Report) -> Sheet {
    let mut sheet = Sheet::of_figures("Days", &["day", "destination"], report);
    sheet.rows.extend(report.days.iter().map(|day| {
        let of = [Cell::Day(day.day), text(&day.destination)];
        of.into_iter()
            .chain(figures(&day.figures, report))
            .collect()
    }));
    sheet
}

fn sources(report: &Report) -> Sheet {
    let mut sheet = Sheet::of_figures("Sources", &["source"], report);
    let groups = report.sources.iter().map(|one| group(one, report));
    sheet.rows.extend(groups);
    sheet
}

/// Why partners refused, how long they took, and what is open.
fn details(report: &Report) -> [Sheet; 3] {
    let refusals = report
        .refusals
        .iter()
        .map(|one| vec![text(&one.destination), text(&one.reason), count(one.count)]);
    let decisions = report.decisions.iter().map(|one| {
        let times = [one.median, one.ninth, one.longest].map(Cell::Hours);
        [text(&one.destination), count(one.count)]
            .into_iter()
            .chain(times)
            .collect()
    });
    let open = report.open.iter().map(|one| {
        let state = one.state.in_words();
        vec![
            text(&one.destination),
            text(&state),
            count(one.count),
            Cell::Day(one.oldest),
        ]
    });
    let hours = [
        "half within (hours)",
        "9 of 10 within (hours)",
        "longest (hours)",
    ];
    [
        Sheet::new("Refusals", ["destination", "reason", "leads"], refusals),
        Sheet::new(
            "Decisions",
            ["destination", "decided"].into_iter().chain(hours),
            decisions,
        ),
        Sheet::new("Open", ["destination", "state", "leads", "oldest"], open),
    ]
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn count(count: u64) -> Cell {
    Cell::Figure(Figure::Count(count))
}

fn group(group: &Group, report: &Report) -> Vec<Cell> {
    let of = group.of.iter().map(|value| text(value));
    of.chain(figures(&group.figures, report)).collect()
}

fn figures(of: &Figures, report: &Report) -> impl Iterator<Item = Cell> {
    let columns = columns(&report.total).into_iter();
    columns.map(|column| (column.of)(of).map_or(Cell::Nothing, Cell::Figure))
}

impl Sheet {
    fn new<'h>(
        name: &'static str,
        heads: impl IntoIterator<Item = &'h str>,
        rows: impl Iterator<Item = Vec<Cell>>,
    ) -> Self {
        let heads = heads.into_iter().map(str::to_owned).collect();
        let rows = rows.collect();
        Self { name, heads, rows }
    }

    /// Without rows yet: what they have in common, and the figures.
    fn of_figures(name: &'static str, of: &[&str], report: &Report) -> Self {
        let columns = columns(&report.total);
        let figures = columns.iter().map(|column| column.name);
        Self::new(name, of.iter().copied().chain(figures), std::iter::empty())
    }

    /// Writes it from the row `top` on.
    fn fill(self, sheet: &mut Worksheet, top: u32) -> Result<(), XlsxError> {
        let head = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Top);
        sheet.set_name(self.name)?.set_freeze_panes(top + 1, 0)?;
        for (at, name) in (0..).zip(&self.heads) {
            sheet.write_string_with_format(top, at, defuse(name), &head)?;
            let is_text = self
                .rows
                .iter()
                .any(|row| matches!(row.get(usize::from(at)), Some(Cell::Text(_))));
            sheet.set_column_width(at, if is_text { 28 } else { 14 })?;
        }
        for (row, cells) in (top + 1..).zip(self.rows) {
            for (at, cell) in (0..).zip(cells) {
                cell.write(sheet, row, at)?;
            }
        }
        Ok(())
    }
}

impl Cell {
    fn write(self, sheet: &mut Worksheet, row: u32, at: u16) -> Result<(), XlsxError> {
        let number = |sheet: &mut Worksheet, number: f64, form: &str| {
            let form = Format::new().set_num_format(form);
            sheet
                .write_number_with_format(row, at, number, &form)
                .map(drop)
        };
        match self {
            Self::Nothing => Ok(()),
            Self::Text(text) => sheet.write_string(row, at, defuse(&text)).map(drop),
            Self::Figure(Figure::Count(count)) => number(sheet, count as f64, "#,##0"),
            // To the cent these are exact below ten million millions.
            Self::Figure(Figure::Amount(amount)) => {
                number(sheet, amount.cents() as f64 / 100.0, "#,##0.00")
            }
            Self::Hours(ms) => number(sheet, ms as f64 / 3_600_000.0, "0.0"),
            Self::Day(day) => {
                let (month, date) = (day.month().unsigned_abs(), day.day().unsigned_abs());
                let day = ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, date)?;
                let form = Format::new().set_num_format("yyyy-mm-dd");
                sheet
                    .write_datetime_with_format(row, at, &day, &form)
                    .map(drop)
            }
        }
    }
}
