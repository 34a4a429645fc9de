//! The sheets of a workbook, whatever its kind, and their cells as a person sees
//! them. calamine reads most; tables of a web page are sheets, too.

use std::io::BufReader;

use calamine::{
    Ods, OdsError, Reader as _, SheetType, SheetVisible, Sheets, Style, Xls, XlsError, Xlsb, Xlsx,
    XlsxError,
};

use super::error::ErrorKind;
use super::file::InputFile;
use super::format::{self, Format};
use super::html::Page;
use super::look::{Look, look};
use super::number_format::NumberFormat;
use super::package::Package;
use super::row::{Row, RowSender, Stop};
use crate::lead::NOT_CALCULATED;

type Workbook = Sheets<BufReader<InputFile>>;

pub struct Sheet {
    pub name: String,
    pub is_hidden: bool,
}

pub struct Book {
    pub format: Format,
    /// Sheets that are listed, and of which nothing is there.
    pub lost: Vec<String>,
    source: Source,
}

enum Source {
    /// The package: of a workbook that is an archive.
    Sheets(Box<Workbook>, Option<Package>),
    Page(Page),
}

impl Book {
    /// Opens a workbook; its first bytes tell whether it is one of old.
    ///
    /// # Errors
    /// It is damaged or protected.
    pub fn open(file: InputFile, format: Format) -> Result<Self, ErrorKind> {
        let package = match format {
            Format::Xls => None,
            _ => Some(Package::open(file.again())?),
        };
        let format = package.as_ref().map_or(format, |package| package.format);
        let file = package.as_ref().map_or(file, Package::file);
        let bytes = BufReader::new(file.again());
        let sheets = match format {
            Format::Xls => match Xls::new(bytes) {
                Ok(book) => Sheets::Xls(book),
                Err(error) => return Err(of_old(error, file)),
            },
            Format::Xlsb => Sheets::Xlsb(Xlsb::new(bytes).map_err(|error| damaged(format, error))?),
            Format::Ods => Sheets::Ods(Ods::new(bytes).map_err(|error| damaged(format, error))?),
            _ => Sheets::Xlsx(Xlsx::new(bytes).map_err(|error| damaged(format, error))?),
        };
        let parts = package.iter().flat_map(|package| &package.sheets);
        let lost = parts.filter(|(_, part)| part.is_none());
        Ok(Self {
            format,
            lost: lost.map(|(name, _)| name.clone()).collect(),
            source: Source::Sheets(Box::new(sheets), package),
        })
    }

    /// The tables of a page.
    pub fn of_page(page: Page) -> Self {
        Self {
            format: Format::Html,
            lost: Vec::new(),
            source: Source::Page(page),
        }
    }

    /// The sheets that can be read, in their order.
    pub fn sheets(&self) -> Vec<Sheet> {
        let sheet = |name: &String, is_hidden| Sheet {
            name: name.clone(),
            is_hidden,
        };
        match &self.source {
            Source::Page(page) => page.tables().iter().map(|it| sheet(it, false)).collect(),
            Source::Sheets(book, _) => {
                let is_there = |it: &&calamine::Sheet| {
                    it.typ == SheetType::WorkSheet && !self.lost.contains(&it.name)
                };
                let sheets = book.sheets_metadata().iter().filter(is_there);
                let sheets = sheets.map(|it| sheet(&it.name, it.visible != SheetVisible::Visible));
                sheets.collect()
            }
        }
    }

    /// What can be told of a sheet before its cells are read; of .xls, .xlsb and
    /// .ods nothing can.
    pub fn look(&mut self, sheet: &str) -> Result<Look, ErrorKind> {
        let package = match &mut self.source {
            Source::Page(page) => return Ok(page.look(sheet)),
            Source::Sheets(_, Some(package)) if self.format == Format::Xlsx => package,
            Source::Sheets(..) => return Ok(Look::default()),
        };
        let uncalculated = package.uncalculated;
        let mut parts = package.sheets.iter();
        let part = parts.find(|(name, _)| name == sheet);
        match part.and_then(|(_, part)| part.clone()) {
            Some(part) => look(package.xml(&part)?, uncalculated),
            // What is hidden in it would be sent.
            None => Err(ErrorKind::LostSheets(vec![sheet.to_owned()])),
        }
    }

    /// Gives the rows of a sheet that `look` doesn't hide, until `give` wants no
    /// more. `searched`: the column names stand no further down.
    pub fn rows(
        &mut self,
        sheet: &str,
        look: &Look,
        searched: u64,
        give: &mut dyn FnMut(Row) -> bool,
    ) -> Result<(), ErrorKind> {
        let mut rows = RowSender::new(look, searched, give);
        let read = match &mut self.source {
            Source::Page(page) => page.cells(sheet, &mut rows),
            Source::Sheets(book, _) => cells(book, sheet, look, &mut rows),
        };
        // What a damage cut off is no row.
        match read.and_then(|()| rows.end_row()) {
            Ok(()) | Err(Stop::Enough) => Ok(()),
            Err(Stop::Damaged(error)) => Err(damaged(self.format, error)),
        }
    }
}

fn failed(error: impl Into<calamine::Error>) -> Stop {
    Stop::Damaged(error.into())
}

fn cells(
    workbook: &mut Workbook,
    name: &str,
    look: &Look,
    rows: &mut RowSender<'_>,
) -> Result<(), Stop> {
    let plain = NumberFormat::default();
    match workbook {
        Sheets::Xlsx(workbook) => {
            let mut cells = workbook.worksheet_cells_reader(name).map_err(failed)?;
            let formats: Vec<_> = cells.styles().iter().map(number_format).collect();
            while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(failed)? {
                let place = cell.get_position();
                let format = formats.get(style).unwrap_or(&plain);
                match look.uncalculated.contains(&place) {
                    true => rows.add(place, NOT_CALCULATED)?,
                    false => rows.add(place, &format.show(cell.get_value()))?,
                }
            }
        }
        Sheets::Xlsb(workbook) => {
            let mut cells = workbook.worksheet_cells_reader(name).map_err(failed)?;
            while let Some(cell) = cells.next_cell().map_err(failed)? {
                rows.add(cell.get_position(), &plain.show(cell.get_value()))?;
            }
        }
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let range = workbook.worksheet_range(name).map_err(failed)?;
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                let place = (top + row as u32, left + column as u32);
                rows.add(place, &plain.show(value))?;
            }
        }
    }
    Ok(())
}

/// How cells of a style show numbers.
fn number_format(style: &Style) -> NumberFormat {
    let format = style.number_format.as_ref();
    format.map_or_else(NumberFormat::default, |format| {
        NumberFormat::of(&format.format_code)
    })
}

fn damaged(format: Format, error: impl Into<calamine::Error>) -> ErrorKind {
    use calamine::Error::{Ods, Xls, Xlsx};
    match error.into() {
        Ods(OdsError::Password) | Xls(XlsError::Password) => ErrorKind::Protected,
        Xlsx(XlsxError::CellError(word)) => ErrorKind::ErrorCell(word),
        error => ErrorKind::Damaged(format.in_full(), Some(Box::new(error))),
    }
}

/// Why a compound file is no workbook: much else is kept in such.
fn of_old(error: XlsError, file: InputFile) -> ErrorKind {
    let kind = damaged(Format::Xls, error);
    let streams = cfb::CompoundFile::open(file).ok();
    let streams = streams.filter(|_| !matches!(kind, ErrorKind::Protected));
    let other = streams.and_then(|file| format::compound(|name| file.exists(name)));
    other.unwrap_or(kind)
}
