//! The parts of a workbook and the links between them (ECMA-376, part 2).

use std::fs::File;
use std::io::{self, BufReader};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::trouble::Trouble;
use super::xml::{self, Xml};

/// Links of a part at most.
const MOST: usize = 20_000;

/// A zip archive of parts.
pub struct Package(ZipArchive<BufReader<File>>);

/// A part that is read.
pub type Part<'p> = Xml<ZipFile<'p, BufReader<File>>>;

impl Package {
    pub fn open(file: File) -> Result<Self, Trouble> {
        Ok(Self(ZipArchive::new(BufReader::new(file))?))
    }

    /// A part by its name; `None`: there is none. Names differ neither by case
    /// nor, as some programs write them, by their slashes. It is read once before
    /// it is given: only at its end shows whether it is whole (its checksum), and
    /// a lead may be on its way by then.
    pub fn part(&mut self, name: &str) -> Result<Option<Part<'_>>, Trouble> {
        let mut names = self.0.file_names();
        let index = names.position(|other| other.is_ok_and(|other| alike(&other, name)));
        drop(names);
        let Some(index) = index else {
            return Ok(None);
        };
        io::copy(&mut self.0.by_index(index)?, &mut io::sink()).map_err(Trouble::of_reading)?;
        Ok(Some(Xml::of(self.0.by_index(index)?)))
    }

    /// Where a part leads to; the package itself has the name "".
    pub fn links(&mut self, from: &str) -> Result<Links, Trouble> {
        let (folder, file) = from.rsplit_once('/').unwrap_or(("", from));
        let name = format!("{}_rels/{file}.rels", slashed(folder));
        let mut links = Vec::new();
        let Some(mut xml) = self.part(&name)? else {
            return Ok(Links(links));
        };
        while let Some(event) = xml.next()? {
            let Event::Start(element) = event else {
                continue;
            };
            if links.len() >= MOST {
                return Err(Trouble::Damaged);
            }
            if element.local_name().as_ref() == "Relationship" {
                let kind = xml::attribute(&element, "Type")?.unwrap_or_default();
                let target = xml::attribute(&element, "Target")?.unwrap_or_default();
                links.push(Link {
                    id: xml::attribute(&element, "Id")?.unwrap_or_default(),
                    kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                    part: resolved(folder, &target),
                });
            }
        }
        Ok(Links(links))
    }
}

/// Where a part leads to.
pub struct Links(Vec<Link>);

pub struct Link {
    id: String,
    /// The last word of its type, such as `worksheet`.
    pub kind: String,
    pub part: String,
}

impl Links {
    /// The first part of this kind.
    pub fn target(&self, kind: &str) -> Option<&str> {
        let link = self.0.iter().find(|link| link.kind == kind)?;
        Some(&link.part)
    }

    /// The link that an element names by an attribute such as `r:id`.
    pub fn of(&self, element: &BytesStart<'_>) -> Result<&Link, Trouble> {
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute?;
            let key = attribute.key;
            if key.prefix().is_none() || key.local_name().as_ref() != "id" {
                continue;
            }
            let link = self.0.iter().find(|link| link.id == *attribute.value);
            if let Some(link) = link {
                return Ok(link);
            }
        }
        Err(Trouble::Damaged)
    }
}

fn alike(stored: &str, name: &str) -> bool {
    let stored = stored.replace('\\', "/");
    let stored = stored.trim_start_matches('/');
    stored.eq_ignore_ascii_case(name)
}

fn slashed(folder: &str) -> String {
    match folder {
        "" => String::new(),
        folder => format!("{folder}/"),
    }
}

/// A target as seen from a folder: `/xl/a.xml`, `a.xml`, `../a.xml`.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let path = match target.starts_with('/') {
        true => target,
        false => format!("{}{target}", slashed(folder)),
    };
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_seen_from_their_folder() {
        assert_eq!(resolved("xl", "worksheets/a.xml"), "xl/worksheets/a.xml");
        assert_eq!(resolved("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolved("xl/a", "../b.xml"), "xl/b.xml");
        assert_eq!(resolved("", "./xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(resolved("", "../../a.xml"), "a.xml");
        assert_eq!(resolved("xl", "worksheets\\a.xml"), "xl/worksheets/a.xml");
    }
}
