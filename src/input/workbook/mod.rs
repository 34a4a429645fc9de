//! An Excel workbook (.xlsx), read from its own file: a zip archive of XML
//! parts (ECMA-376, part 1, chapter 18). Its sheet streams, and the table of
//! texts that its cells share lies on disk when it is long, so that a workbook
//! of a million rows needs no more memory than one of a hundred.
//!
//! - `package`: the parts and the links between them
//! - `xml`: a part's events
//! - `words`: a text in runs, with what Excel escapes
//! - `texts`: the texts that cells share
//! - `styles`: what a cell's style makes of a number
//! - `cells`: a sheet's cells, one after the other
//! - `value`: what a person sees in a cell with a number
//! - `trouble`: why it can't be read

mod cells;
mod package;
mod styles;
mod texts;
mod trouble;
mod value;
mod words;
mod xml;

use std::fs::File;

use cells::Habits;
use package::{Links, Package, Part};
use quick_xml::events::Event;
use styles::Styles;
use texts::Texts;

pub use cells::{Cell, Cells};
pub use trouble::Trouble;

/// Sheets of a workbook at most.
const MOST: usize = 10_000;

/// An opened workbook.
pub struct Workbook {
    package: Package,
    links: Links,
    sheets: Vec<Sheet>,
    habits: Habits,
}

/// A sheet of rows.
pub struct Sheet {
    pub name: String,
    pub hidden: bool,
    /// Its part in the package.
    part: String,
}

impl Workbook {
    /// Reads which sheets there are.
    ///
    /// # Errors
    /// It is no workbook, it is damaged, or reading fails.
    pub fn open(file: File) -> Result<Self, Trouble> {
        let mut package = Package::open(file)?;
        let root = package.links("")?;
        let part = root.target("officeDocument");
        let part = part.unwrap_or("xl/workbook.xml").to_owned();
        let mut workbook = Self {
            links: package.links(&part)?,
            package,
            sheets: Vec::new(),
            habits: Habits::default(),
        };
        workbook.read(&part)?;
        Ok(workbook)
    }

    /// In the order of their tabs; charts are left out.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// The cells of the sheet with this index.
    ///
    /// # Errors
    /// The sheet's part is missing or damaged, or reading or keeping its texts
    /// fails.
    pub fn cells(&mut self, sheet: usize) -> Result<Cells<'_>, Trouble> {
        let texts = match self.linked("sharedStrings")? {
            Some(part) => texts::read(part)?,
            None => Texts::default(),
        };
        let styles = match self.linked("styles")? {
            Some(part) => styles::read(part)?,
            None => Styles::default(),
        };
        let sheet = self.sheets.get(sheet).ok_or(Trouble::Damaged)?;
        let part = self.package.part(&sheet.part)?.ok_or(Trouble::Damaged)?;
        Cells::of(part, texts, styles, self.habits)
    }

    /// The part of this kind that the workbook leads to, else the one that stands
    /// where such parts usually do. It may be missing: nothing need refer to it.
    fn linked(&mut self, kind: &str) -> Result<Option<Part<'_>>, Trouble> {
        let usual = format!("xl/{kind}.xml");
        self.package.part(self.links.target(kind).unwrap_or(&usual))
    }

    fn read(&mut self, part: &str) -> Result<(), Trouble> {
        let mut xml = self.package.part(part)?.ok_or(Trouble::Damaged)?;
        let mut any = false;
        while let Some(event) = xml.next()? {
            let Event::Start(element) = event else {
                continue;
            };
            match element.local_name().as_ref() {
                "workbook" => any = true,
                "workbookPr" => {
                    self.habits.from_1904 |= xml::is_true(&element, "date1904")?;
                }
                "calcPr" => {
                    self.habits.uncalculated |= xml::is_true(&element, "fullCalcOnLoad")?;
                }
                "sheet" if self.sheets.len() >= MOST => return Err(Trouble::Damaged),
                "sheet" => {
                    let link = self.links.of(&element)?;
                    if link.kind != "worksheet" {
                        continue;
                    }
                    let state = xml::attribute(&element, "state")?;
                    self.sheets.push(Sheet {
                        name: xml::attribute(&element, "name")?.unwrap_or_default(),
                        hidden: state.is_some_and(|state| state != "visible"),
                        part: link.part.clone(),
                    });
                }
                _ => {}
            }
        }
        // A document of another program is such a package, too.
        any.then_some(()).ok_or(Trouble::Damaged)
    }
}
