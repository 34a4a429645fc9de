//! The parts of a workbook and the links between them (ECMA-376, part 2).

use std::fs::File;
use std::io::BufReader;

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::trouble::Trouble;
use super::xml::{self, Xml};

/// A zip archive of parts.
pub struct Package(ZipArchive<BufReader<File>>);

/// A part that is read.
pub type Part<'p> = Xml<ZipFile<'p, BufReader<File>>>;

impl Package {
    pub fn open(file: File) -> Result<Self, Trouble> {
        Ok(Self(ZipArchive::new(BufReader::new(file))?))
    }

    /// A part by its name; `None`: there is none. Names differ neither by case
    /// nor, as some programs write them, by their slashes.
    pub fn part(&mut self, name: &str) -> Result<Option<Part<'_>>, Trouble> {
        let alike = |other: &str| other.replace('\\', "/").eq_ignore_ascii_case(name);
        let mut names = self.0.file_names();
        let index = names.position(|other| other.is_ok_and(|other| alike(&other)));
        drop(names);
        match index {
            Some(index) => Ok(Some(Xml::of(self.0.by_index(index)?))),
            None => Ok(None),
        }
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

struct Link {
    id: String,
    /// The last word of its type, such as `worksheet`.
    kind: String,
    part: String,
}

impl Links {
    /// The first part of this kind.
    pub fn target(&self, kind: &str) -> Option<&str> {
        let link = self.0.iter().find(|link| link.kind == kind)?;
        Some(&link.part)
    }

    /// The part of this link, if it is of this kind.
    pub fn part_of(&self, id: &str, kind: &str) -> Option<&str> {
        let link = self.0.iter().find(|link| link.id == id)?;
        (link.kind == kind).then_some(&link.part)
    }
}

fn slashed(folder: &str) -> String {
    match folder {
        "" => String::new(),
        folder => format!("{folder}/"),
    }
}

/// A target as seen from a folder: `/xl/a.xml`, `a.xml`, `../a.xml`.
fn resolved(folder: &str, target: &str) -> String {
    let path = match target.starts_with('/') {
        true => target.to_owned(),
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
    }
}
