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
        let mut package = Self::of(file)?;
        let wide = package.prove()?;
        package.read_workbook(&wide)?;
        Ok(package)
    }

    fn of(file: InputFile) -> Result<Self, ErrorKind> {
        let archive = ZipArchive::new(BufReader::new(file.again())).map_err(damaged)?;
        let has = |name: &str| archive.index_for_name(name).is_some();
        let format = match () {
            () if has("xl/workbook.bin") => Format::Xlsb,
            () if has("content.xml") && !has("[Content_Types].xml") => Format::Ods,
            () => Format::Xlsx,
        };
        Ok(Self {
            file,
            archive,
            format,
            sheets: Vec::new(),
            uncalculated: false,
        })
    }

    /// The bytes that can be read as a workbook.
    pub fn file(&self) -> InputFile {
        self.file.again()
    }

    /// Reads every part to its end; gives those in UTF-16, which Excel reads.
    fn prove(&mut self) -> Result<HashMap<usize, &'static Encoding>, ErrorKind> {
        let mut left = LARGEST;
        let mut wide = HashMap::new();
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
                wide.insert(index, encoding);
            }
        }
        Ok(wide)
    }

    fn read_workbook(&mut self, wide: &HashMap<usize, &'static Encoding>) -> Result<(), ErrorKind> {
        let mut lost = HashSet::new();
        if !wide.is_empty() {
            *self = Self::of(self.rewritten(wide, &lost)?)?;
        }
        if self.format != Format::Xlsx {
            return Ok(());
        }
        let root = self.relations("")?;
        let book = root
            .into_values()
            .find(|(kind, _)| kind.ends_with("/officeDocument"));
        let book = book.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, target)| target);
        let relations = self.relations(&book)?;
        let Some(text) = self.text(&book)? else {
            return Ok(());
        };
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
        if !lost.is_empty() {
            let sheets = std::mem::take(&mut self.sheets);
            let uncalculated = self.uncalculated;
            let file = self.rewritten(&HashMap::new(), &lost)?;
            *self = Self {
                sheets,
                uncalculated,
                ..Self::of(file)?
            };
        }
        Ok(())
    }

    /// The same archive with the parts that are `wide` in UTF-8, and without the
    /// sheets that are `lost`, for which calamine would refuse all the others.
    fn rewritten(
        &mut self,
        wide: &HashMap<usize, &'static Encoding>,
        lost: &HashSet<String>,
    ) -> Result<InputFile, ErrorKind> {
        let mut file = tempfile::tempfile().map_err(ErrorKind::Scratch)?;
        let mut other = ZipWriter::new(&mut file);
        for index in 0..self.archive.len() {
            let mut part = self.archive.by_index(index).map_err(damaged)?;
            let name = part.name().map_err(damaged)?.into_owned();
            let is_book = !lost.is_empty() && name.ends_with("workbook.xml");
            let encoding = wide.get(&index);
            if encoding.is_none() && !is_book {
                other.raw_copy_file(part).map_err(damaged)?;
                continue;
            }
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).map_err(damaged)?;
            let text = match encoding {
                Some(encoding) => encoding.decode(&bytes).0,
                None => String::from_utf8_lossy(&bytes),
            };
            let text = match is_book {
                true => without_sheets(&text, lost)?,
                false => without_declaration(&text).as_bytes().to_vec(),
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

    /// The text of a part; `None`: it isn't there.
    fn text(&mut self, name: &str) -> Result<Option<String>, ErrorKind> {
        let Some(index) = self.index(name) else {
            return Ok(None);
        };
        let mut text = String::new();
        let mut part = self.archive.by_index(index).map_err(damaged)?;
        part.read_to_string(&mut text).map_err(damaged)?;
        Ok(Some(text))
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
        let text = self
            .text(&format!("{folder}/_rels/{name}.rels"))?
            .unwrap_or_default();
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
