//! The report as a workbook: a sheet for each of its tables, figures as numbers that can
//! be summed, days as days.

use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::figures::Figure;
use super::report::Report;
use super::report_tables::{Cell, Table};
use crate::lead::csv_injection::defuse;
use crate::words::say;

/// How wide columns are, of texts and of the rest, in characters.
const WIDTHS: [f64; 2] = [28.0, 14.0];

/// The workbook's bytes.
///
/// # Errors
/// There are more rows than a sheet has.
pub fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let lines = [vec![report.title(), report.about()], report.notes()].concat();
    let first = book.add_worksheet();
    for (row, line) in (0..).zip(&lines) {
        first.write_string(row, 0, defuse(line))?;
    }
    let title = Format::new().set_bold().set_font_size(16);
    first.set_cell_format(0, 0, &title)?;
    fill(
        first,
        &say!("book-report"),
        &Table::groups(report),
        1 + lines.len() as u32,
    )?;
    for (name, table) in [
        (say!("book-days"), Table::days(report)),
        (say!("book-sources"), Table::sources(report)),
        (say!("book-refusals"), Table::refusals(report)),
        (say!("book-decisions"), Table::decisions(report)),
        (say!("book-open"), Table::open(report)),
    ] {
        fill(book.add_worksheet(), &name, &table, 0)?;
    }
    book.save_to_buffer()
}

/// Writes a table from the row `top` on.
fn fill(sheet: &mut Worksheet, name: &str, table: &Table, top: u32) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_text_wrap();
    let head = head.set_align(FormatAlign::Top);
    sheet.set_name(name)?.set_freeze_panes(top + 1, 0)?;
    for (at, name) in (0..).zip(&table.heads) {
        let cell = table.rows.first().and_then(|row| row.get(usize::from(at)));
        let name = match cell {
            Some(Cell::Lasted(_)) => say!("book-in-hours", name),
            _ => name.clone(),
        };
        sheet.write_string_with_format(top, at, defuse(&name), &head)?;
        let wide = WIDTHS[usize::from(!matches!(cell, Some(Cell::Text(_))))];
        sheet.set_column_width(at, wide)?;
    }
    for (row, cells) in (top + 1..).zip(&table.rows) {
        for (at, cell) in (0..).zip(cells) {
            write(sheet, row, at, cell)?;
        }
    }
    Ok(())
}

fn write(sheet: &mut Worksheet, row: u32, at: u16, cell: &Cell) -> Result<(), XlsxError> {
    let (number, form) = match cell {
        Cell::Nothing | Cell::Share(_, 0) => return Ok(()),
        Cell::Text(text) => return sheet.write_string(row, at, defuse(text)).map(drop),
        Cell::Figure(Figure::Count(count)) => (*count as f64, "#,##0".to_owned()),
        // To the cent these are exact below ten million millions.
        Cell::Figure(Figure::Amount(amount)) => {
            (amount.cents() as f64 / 100.0, say!("book-amount"))
        }
        Cell::Share(part, whole) => (*part as f64 / *whole as f64, "0.0%".to_owned()),
        Cell::Lasted(ms) => (*ms as f64 / 3_600_000.0, "0.00".to_owned()),
        Cell::Day(day) => {
            let (month, date) = (day.month().unsigned_abs(), day.day().unsigned_abs());
            let day = ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, date)?;
            (day.to_excel(), say!("book-day"))
        }
    };
    let form = Format::new().set_num_format(&form);
    sheet
        .write_number_with_format(row, at, number, &form)
        .map(drop)
}
