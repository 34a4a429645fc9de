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

pub enum Book {
    Sheets {
        sheets: Box<Workbook>,
        /// Of a workbook that is an archive.
        package: Option<Package>,
        format: Format,
        /// Sheets that are listed, and of which nothing is there.
        lost: Vec<String>,
    },
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
        let sheets = match format {
            Format::Xls => Xls::new(BufReader::new(file.again()))
                .map(Sheets::Xls)
                .map_err(|error| of_old(error, file)),
            Format::Xlsb => {
                let book = Xlsb::new(BufReader::new(file)).map(Sheets::Xlsb);
                book.map_err(|error| damaged(format, error))
            }
            Format::Ods => Ods::new(BufReader::new(file))
                .map(Sheets::Ods)
                .map_err(|error| match error {
                    OdsError::Password => ErrorKind::Protected,
                    error => damaged(format, error),
                }),
            _ => {
                let book = Xlsx::new(BufReader::new(file)).map(Sheets::Xlsx);
                book.map_err(|error| damaged(format, error))
            }
        };
        let parts = package.iter().flat_map(|package| &package.sheets);
        let lost = parts.filter(|(_, part)| part.is_none());
        let lost = lost.map(|(name, _)| name.clone()).collect();
        Ok(Self::Sheets {
            sheets: Box::new(sheets?),
            package,
            format,
            lost,
        })
    }

    pub fn format(&self) -> Format {
        match self {
            Self::Sheets { format, .. } => *format,
            Self::Page(_) => Format::Html,
        }
    }

    pub fn lost(&self) -> &[String] {
        match self {
            Self::Sheets { lost, .. } => lost,
            Self::Page(_) => &[],
        }
    }

    /// The sheets that can be read, in their order.
    pub fn sheets(&self) -> Vec<Sheet> {
        match self {
            Self::Page(page) => {
                let tables = page.tables().iter().cloned();
                tables
                    .map(|name| Sheet {
                        name,
                        is_hidden: false,
                    })
                    .collect()
            }
            Self::Sheets { sheets, lost, .. } => {
                let sheets = sheets.sheets_metadata().iter();
                let sheets = sheets.filter(|sheet| {
                    sheet.typ == SheetType::WorkSheet && !lost.contains(&sheet.name)
                });
                let sheets = sheets.map(|sheet| Sheet {
                    name: sheet.name.clone(),
                    is_hidden: sheet.visible != SheetVisible::Visible,
                });
                sheets.collect()
            }
        }
    }

    /// What can be told of a sheet before its cells are read; of .xls, .xlsb and
    /// .ods nothing can.
    pub fn look(&mut self, sheet: &str) -> Result<Look, ErrorKind> {
        match self {
            Self::Page(page) => Ok(page.look(sheet)),
            Self::Sheets {
                package: Some(package),
                format,
                ..
            } => {
                let mut parts = package.sheets.iter();
                let part = parts
                    .find(|(name, _)| name == sheet)
                    .and_then(|(_, part)| part.clone());
                let uncalculated = package.uncalculated;
                match part {
                    Some(part) => look(package.xml(&part)?, uncalculated),
                    // What is hidden in it would be sent.
                    None if *format == Format::Xlsx => {
                        Err(ErrorKind::LostSheets(vec![sheet.to_owned()]))
                    }
                    None => Ok(Look::default()),
                }
            }
            Self::Sheets { .. } => Ok(Look::default()),
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
        let format = self.format();
        let mut rows = RowSender::new(look, searched, give);
        let read = match self {
            Self::Page(page) => page.cells(sheet, &mut rows).map_err(End::Stop),
            Self::Sheets { sheets, .. } => cells(sheets, sheet, look, &mut rows),
        };
        // What a damage cut off is no row.
        let read = read.and_then(|()| rows.end_row().map_err(End::Stop));
        match read {
            Ok(()) | Err(End::Stop(Stop::Enough)) => Ok(()),
            Err(End::Stop(Stop::Disorder)) => {
                Err(damaged(format, calamine::Error::Msg("cells in disorder")))
            }
            Err(End::Damaged(error)) => Err(damaged(format, error)),
        }
    }
}

/// Why a sheet is read no further.
enum End {
    Stop(Stop),
    Damaged(calamine::Error),
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

fn failed(error: impl Into<calamine::Error>) -> End {
    End::Damaged(error.into())
}

fn cells(
    workbook: &mut Workbook,
    name: &str,
    look: &Look,
    rows: &mut RowSender<'_>,
) -> Result<(), End> {
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
    match error.into() {
        calamine::Error::Xlsx(XlsxError::CellError(word)) => ErrorKind::ErrorCell(word),
        error => ErrorKind::Damaged(format.in_full(), Some(Box::new(error))),
    }
}

/// Why a compound file is no workbook: much else is kept in such.
fn of_old(error: XlsError, file: InputFile) -> ErrorKind {
    if matches!(error, XlsError::Password) {
        return ErrorKind::Protected;
    }
    let streams = cfb::CompoundFile::open(file);
    let other = streams
        .ok()
        .and_then(|file| format::compound(|name| file.exists(name)));
    other.unwrap_or_else(|| damaged(Format::Xls, error))
}
