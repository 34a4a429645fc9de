//! The archive that a workbook of today is: its parts, whole and in UTF-8, and
//! which of them its sheets are. Knows no cell.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, BufReader, Read, Write as _};

use calamine::XlsxError;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::container::LARGEST;
use super::error::ErrorKind;
use super::file::InputFile;
use super::format::Format;

/// Bytes of a part that is held in memory, as all but the sheets are.
const HELD: u64 = 512 << 20;
/// Bytes that say how a part is written.
const START: u64 = 4;

pub struct Package {
    file: InputFile,
    archive: ZipArchive<BufReader<InputFile>>,
    /// The parts that are in UTF-16, which Excel reads.
    wide: HashMap<usize, &'static Encoding>,
    pub format: Format,
    /// Of an Excel workbook: each sheet in its order, and its part, if it is there.
    pub sheets: Vec<(String, Option<String>)>,
    /// Its formulas are calculated when it is opened, so that a 0 is no result.
    pub uncalculated: bool,
}

impl Package {
    /// Reads an archive once: only at its end shows whether a part is whole (its
    /// checksum), and a lead may be on its way by then.
    ///
    /// # Errors
    /// It is damaged, or grows without end.
    pub fn open(file: InputFile) -> Result<Self, ErrorKind> {
        let archive = archive_of(&file)?;
        let has = |name: &str| archive.index_for_name(name).is_some();
        let format = match () {
            () if has("xl/workbook.bin") => Format::Xlsb,
            () if has("content.xml") && !has("[Content_Types].xml") => Format::Ods,
            () => Format::Xlsx,
        };
        let mut package = Self {
            file,
            archive,
            wide: HashMap::new(),
            format,
            sheets: Vec::new(),
            uncalculated: false,
        };
        package.prove()?;
        let lost = match format {
            Format::Xlsx => package.read_workbook()?,
            _ => HashSet::new(),
        };
        if !package.wide.is_empty() || !lost.is_empty() {
            package.file = package.rewritten(&lost)?;
            package.archive = archive_of(&package.file)?;
        }
        Ok(package)
    }

    /// The bytes that can be read as a workbook.
    pub fn file(&self) -> InputFile {
        self.file.again()
    }

    /// Reads every part to its end, and notes those in UTF-16.
    fn prove(&mut self) -> Result<(), ErrorKind> {
        let mut left = LARGEST;
        for index in 0..self.archive.len() {
            let part = self.archive.by_index(index).map_err(damaged)?;
            let name = part.name_raw().to_ascii_lowercase();
            let is_sheet = name.windows(10).any(|name| name == b"worksheets");
            let is_text = name.ends_with(b".xml") || name.ends_with(b".rels");
            let most = if is_sheet { left } else { left.min(HELD) };
            if part.size() >= most {
                return Err(ErrorKind::TooLarge);
            }
            let mut part = part.take(most);
            let mut start = Vec::new();
            part.by_ref()
                .take(START)
                .read_to_end(&mut start)
                .map_err(damaged)?;
            let rest = io::copy(&mut part, &mut io::sink()).map_err(damaged)?;
            let read = start.len() as u64 + rest;
            if read == most {
                return Err(ErrorKind::TooLarge);
            }
            left -= read;
            if let Some(encoding) = wide_encoding(&start).filter(|_| is_text) {
                self.wide.insert(index, encoding);
            }
        }
        Ok(())
    }

    /// Reads which sheets there are; gives the numbers of those that lead nowhere.
    fn read_workbook(&mut self) -> Result<HashSet<String>, ErrorKind> {
        let mut lost = HashSet::new();
        let root = self.relations("")?;
        let book = root
            .into_values()
            .find(|(kind, _)| kind.ends_with("/officeDocument"));
        let book = book.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, target)| target);
        let relations = self.relations(&book)?;
        let text = self.text(&book)?;
        for_each_element(&text, |name, tag| {
            if name == "sheet" {
                let id = attribute(tag, "id").unwrap_or_default();
                let name = attribute(tag, "name").unwrap_or_default();
                let part = relations.get(&*id).map(|(_, target)| target.clone());
                if part.is_none() {
                    lost.insert(id.into_owned());
                }
                let part = part.filter(|part| self.index(part).is_some());
                self.sheets.push((name.into_owned(), part));
            } else if name == "calcPr" {
                self.uncalculated = is_true(attribute(tag, "fullCalcOnLoad"));
            }
        })?;
        Ok(lost)
    }

    /// The same archive with all parts in UTF-8, and without the sheets that are
    /// `lost`, for which calamine would refuse all the others.
    fn rewritten(&mut self, lost: &HashSet<String>) -> Result<InputFile, ErrorKind> {
        let mut file = tempfile::tempfile().map_err(ErrorKind::Scratch)?;
        let mut other = ZipWriter::new(&mut file);
        for index in 0..self.archive.len() {
            let part = self.archive.by_index(index).map_err(damaged)?;
            let name = part.name().map_err(damaged)?.into_owned();
            let is_book = !lost.is_empty() && name.ends_with("workbook.xml");
            if !self.wide.contains_key(&index) && !is_book {
                other.raw_copy_file(part).map_err(damaged)?;
                continue;
            }
            drop(part);
            let text = self.text_at(index)?;
            let text = match is_book {
                true => without_sheets(&text, lost)?,
                false => text.into_bytes(),
            };
            let started = other.start_file(name, SimpleFileOptions::default());
            started.map_err(damaged)?;
            other.write_all(&text).map_err(ErrorKind::Scratch)?;
        }
        other.finish().map_err(damaged)?;
        Ok(InputFile::of(file))
    }

    /// Where a part stands, whose name is written in more than one way.
    fn index(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches('/');
        let is_it = |other: &[u8]| {
            let other = String::from_utf8_lossy(other).replace('\\', "/");
            other.trim_start_matches('/').eq_ignore_ascii_case(name)
        };
        let known = self.archive.index_for_name(name);
        known.or_else(|| self.archive.file_names_raw().position(is_it))
    }

    /// The text of a part; none where it isn't there.
    fn text(&mut self, name: &str) -> Result<String, ErrorKind> {
        let index = self.index(name);
        index.map_or(Ok(String::new()), |index| self.text_at(index))
    }

    fn text_at(&mut self, index: usize) -> Result<String, ErrorKind> {
        let mut part = self.archive.by_index(index).map_err(damaged)?;
        let Some(encoding) = self.wide.get(&index) else {
            return io::read_to_string(part).map_err(damaged);
        };
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).map_err(damaged)?;
        Ok(without_declaration(&encoding.decode(&bytes).0).to_owned())
    }

    /// The XML of a part that is there.
    pub fn xml(&mut self, name: &str) -> Result<Reader<impl BufRead>, ErrorKind> {
        let index = self.index(name).unwrap_or(usize::MAX);
        let part = self.archive.by_index(index).map_err(damaged)?;
        Ok(reader(BufReader::new(part)))
    }

    /// What a part refers to: by its number, what that is and which part.
    fn relations(&mut self, part: &str) -> Result<HashMap<String, (String, String)>, ErrorKind> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let text = self.text(&format!("{folder}/_rels/{name}.rels"))?;
        let mut relations = HashMap::new();
        for_each_element(&text, |name, tag| {
            if name == "Relationship" {
                let of = |name| attribute(tag, name).unwrap_or_default().into_owned();
                let target = match of("Target") {
                    target if target.starts_with('/') => target,
                    target => format!("{folder}/{target}"),
                };
                relations.insert(of("Id"), (of("Type"), target));
            }
        })?;
        Ok(relations)
    }
}

/// Tells each element's name without its prefix, and its tag.
fn for_each_element(
    text: &str,
    mut tell: impl FnMut(&str, &BytesStart<'_>),
) -> Result<(), ErrorKind> {
    let mut reader = reader(text.as_bytes());
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Start(tag) => tell(tag.local_name().as_ref(), &tag),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn archive_of(file: &InputFile) -> Result<ZipArchive<BufReader<InputFile>>, ErrorKind> {
    ZipArchive::new(BufReader::new(file.again())).map_err(damaged)
}

/// As calamine reads XML, so that both see the same.
fn reader<R: BufRead>(xml: R) -> Reader<R> {
    let mut reader = Reader::from_reader(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.check_comments = false;
    config.expand_empty_elements = true;
    reader
}

/// The value of an attribute, whatever its prefix.
pub fn attribute<'t>(tag: &'t BytesStart<'_>, name: &str) -> Option<Cow<'t, str>> {
    let mut attributes = tag.attributes().flatten();
    let found = attributes.find(|one| one.key.local_name().as_ref() == name)?;
    found
        .normalized_value(quick_xml::XmlVersion::Implicit1_0)
        .ok()
}

pub fn is_true(value: Option<Cow<'_, str>>) -> bool {
    value.is_some_and(|value| matches!(&*value, "1" | "true" | "TRUE"))
}

/// The encoding of a part that is not in UTF-8: by its mark, else by how XML
/// begins.
fn wide_encoding(start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0xFF, 0xFE, ..] | [b'<', 0, _, 0] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] | [0, b'<', 0, _] => Some(UTF_16BE),
        _ => None,
    }
}

/// What follows `<?xml … encoding="UTF-16"?>`.
fn without_declaration(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}');
    let body = text
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    body.map_or(text, |(_, body)| body)
}

fn without_sheets(text: &str, lost: &HashSet<String>) -> Result<Vec<u8>, ErrorKind> {
    let mut writer = Writer::new(Vec::new());
    let mut reader = reader(text.as_bytes());
    let mut inside = false;
    loop {
        let event = reader.read_event().map_err(damaged)?;
        match &event {
            Event::Eof => return Ok(writer.into_inner()),
            Event::Start(tag) if tag.local_name().as_ref() == "sheet" => {
                let id = attribute(tag, "id").unwrap_or_default();
                inside = lost.contains(&*id);
            }
            _ => {}
        }
        let ends = matches!(&event, Event::End(tag) if tag.local_name().as_ref() == "sheet");
        if !inside {
            writer.write_event(event).map_err(ErrorKind::Io)?;
        }
        inside &= !ends;
    }
}

/// The archive or a part of it makes no sense.
pub fn damaged(error: impl Into<XlsxError>) -> ErrorKind {
    let error = calamine::Error::Xlsx(error.into());
    ErrorKind::Damaged(Format::Xlsx.in_full(), Some(Box::new(error)))
}
