//! Which format an input is in: told by the user, else by what it holds, else
//! by its name. An export is often named `.csv` and is something else.

use clap::ValueEnum;

use super::error::ErrorKind;
use crate::words::say;

/// A file format, as `--input-format` and a file's extension name it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    #[value(help = say!("value-format-csv"), aliases = ["tsv", "txt"])]
    Csv,
    #[value(help = say!("value-format-json"))]
    Json,
    #[value(help = say!("value-format-jsonl"), alias = "ndjson")]
    Jsonl,
    #[value(help = say!("value-format-xlsx"), alias = "xlsm")]
    Xlsx,
    #[value(help = say!("value-format-xls"))]
    Xls,
    #[value(help = say!("value-format-xlsb"))]
    Xlsb,
    #[value(help = say!("value-format-ods"))]
    Ods,
    #[value(help = say!("value-format-html"), aliases = ["htm", "xml"])]
    Html,
}

impl Format {
    /// As scripts and the log have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Jsonl => "JSON Lines",
            Self::Xlsx | Self::Xls | Self::Xlsb => "Excel workbook",
            Self::Ods => "OpenDocument workbook",
            Self::Html => "web page with a table",
        }
    }

    /// As people say it.
    pub fn in_words(self) -> String {
        match self {
            Self::Csv => say!("input-format-csv"),
            Self::Json => say!("input-format-json"),
            Self::Jsonl => say!("input-format-json-lines"),
            Self::Xlsx | Self::Xls | Self::Xlsb => say!("input-format-excel"),
            Self::Ods => say!("input-format-opendocument"),
            Self::Html => say!("input-format-page"),
        }
    }

    /// The same, with the extension: `Excel workbook (.xls)`.
    pub fn in_full(self) -> String {
        let word = self.to_possible_value();
        let word = word.as_ref().map_or("", |word| word.get_name());
        format!("{} (.{word})", self.in_words())
    }

    /// Its rows stand in sheets, or tables that are read as such.
    pub fn is_workbook(self) -> bool {
        !matches!(self, Self::Csv | Self::Json | Self::Jsonl)
    }
}

type Text = fn() -> String;

/// What else people hand over: where its first bytes stand, what it is, and what
/// to do.
type Stranger = (usize, &'static [u8], Text, Text);

const DOCUMENT: Text = || say!("input-is-document-hint");
const ARCHIVE: Text = || say!("input-is-archive-hint");
const IMAGE: Text = || say!("input-is-image-hint");
const TABLES: Text = || say!("input-is-tables-hint");
const EXCEL: Text = || say!("input-is-old-workbook-hint");
const ACCESS: Text = || say!("input-is-access");
const MHTML: Text = || say!("input-is-mhtml");
const OLD: Text = || say!("input-is-older-workbook");
const BARE: Text = || say!("input-is-bare-workbook");
const APPLE: Text = || say!("input-is-apple");
const NUMBERS: Text = || say!("input-is-apple-hint");

const STRANGERS: [Stranger; 27] = [
    (0, b"%PDF", || say!("input-is-pdf"), DOCUMENT),
    (0, b"{\\rtf", || say!("input-is-rtf"), DOCUMENT),
    (0, b"Rar!", || say!("input-is-rar"), ARCHIVE),
    (0, b"7z\xBC\xAF", || say!("input-is-7-zip"), ARCHIVE),
    (4, b"1AY&SY", || compressed("bzip2"), ARCHIVE),
    (0, b"\xFD7zXZ", || compressed("xz"), ARCHIVE),
    (0, b"\x28\xB5\x2F\xFD", || compressed("zstd"), ARCHIVE),
    (257, b"ustar", || say!("input-is-tar"), ARCHIVE),
    (0, b"\x89PNG", || image("PNG"), IMAGE),
    (0, b"\xFF\xD8\xFF", || image("JPEG"), IMAGE),
    (0, b"GIF8", || image("GIF"), IMAGE),
    (0, b"II*\0", || image("TIFF"), IMAGE),
    (0, b"MM\0*", || image("TIFF"), IMAGE),
    (8, b"WEBP", || image("WebP"), IMAGE),
    (4, b"ftypheic", || image("HEIC"), IMAGE),
    (4, b"ftypmif1", || image("HEIC"), IMAGE),
    (0, b"SQLite format 3\0", || say!("input-is-sqlite"), TABLES),
    (4, b"Standard Jet DB", ACCESS, TABLES),
    (4, b"Standard ACE DB", ACCESS, TABLES),
    (0, b"PAR1\x15", || say!("input-is-parquet"), TABLES),
    (0, b"BEGIN:VCARD", || say!("input-is-vcard"), TABLES),
    (0, b"MIME-Version:", MHTML, EXCEL),
    (0, b"ID;PWXL", || say!("input-is-sylk"), EXCEL),
    (0, b"\x09\x00\x04\x00", OLD, EXCEL),
    (0, b"\x09\x02\x06\x00", OLD, EXCEL),
    (0, b"\x09\x04\x06\x00", OLD, EXCEL),
    (0, b"\x09\x08\x10\x00", BARE, EXCEL),
];

/// Documents in a zip archive: a part that only they have.
const DOCUMENTS: [(&str, Text, Text); 6] = [
    (
        "word/document.xml",
        || say!("input-is-word", extension = ".docx"),
        DOCUMENT,
    ),
    (
        "ppt/presentation.xml",
        || say!("input-is-presentation"),
        DOCUMENT,
    ),
    ("Index/Document.iwa", APPLE, NUMBERS),
    ("Index.zip", APPLE, NUMBERS),
    (
        "META-INF/container.xml",
        || say!("input-is-e-book"),
        DOCUMENT,
    ),
    ("AndroidManifest.xml", || say!("input-is-android"), ARCHIVE),
];

fn compressed(format: &str) -> String {
    say!("input-is-compressed", format)
}

fn image(format: &str) -> String {
    say!("input-is-image", format)
}

fn strange(what: Text, hint: Text) -> ErrorKind {
    let (what, hint) = (what(), hint());
    ErrorKind::Strange { what, hint }
}

/// The workbook that a file is by its first bytes: `.xls` for a compound file,
/// which may be a protected one of today, and `.xlsx` for any zip archive.
///
/// # Errors
/// Something that can't be read.
pub fn workbook(head: &[u8]) -> Result<Option<Format>, ErrorKind> {
    for (at, bytes, what, hint) in STRANGERS {
        if head.get(at..).is_some_and(|head| head.starts_with(bytes)) {
            return Err(strange(what, hint));
        }
    }
    match head {
        [b'P', b'K', 3, 4, ..] => Ok(Some(Format::Xlsx)),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Ok(Some(Format::Xls)),
        _ => Ok(None),
    }
}

/// Whether an archive of these parts is a workbook.
pub fn is_workbook(names: &[String]) -> bool {
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    let office =
        has("[Content_Types].xml") && !has("word/document.xml") && !has("ppt/presentation.xml");
    office || has("xl/workbook.xml") || has("content.xml") && has("META-INF/manifest.xml")
}

/// What an archive of these parts is, where it holds no leads.
pub fn document(names: &[String]) -> Option<ErrorKind> {
    let mut known = DOCUMENTS.iter();
    let known = known.find(|(part, ..)| names.iter().any(|name| name == part));
    known.map(|&(_, what, hint)| strange(what, hint))
}

/// What a spreadsheet writes beside a workbook that somebody has open.
pub fn owner_file() -> ErrorKind {
    ErrorKind::Strange {
        what: say!("input-is-owner-file"),
        hint: say!("input-is-owner-file-hint"),
    }
}

/// What a compound file (.xls, and much else) is by the names of its streams, where
/// it is no workbook.
pub fn compound(has: impl Fn(&str) -> bool) -> Option<ErrorKind> {
    let what: Text = match () {
        () if has("EncryptedPackage") => return Some(ErrorKind::Protected),
        () if has("WordDocument") => || say!("input-is-word", extension = ".doc"),
        () if has("PowerPoint Document") => || say!("input-is-old-presentation"),
        () if has("__properties_version1.0") => || say!("input-is-outlook"),
        () => return None,
    };
    Some(strange(what, DOCUMENT))
}

/// The format of a text, from how it starts; `extension` decides where that
/// leaves a doubt.
///
/// # Errors
/// It is surely none of them.
pub fn of_text(head: &[u8], extension: Option<Format>) -> Result<Format, ErrorKind> {
    let text = head.trim_ascii_start();
    if looks_like_json(text) {
        let lines = extension == Some(Format::Jsonl) && text.first() == Some(&b'{');
        return Ok(match lines || is_lines(text) {
            true => Format::Jsonl,
            false => Format::Json,
        });
    }
    match extension {
        _ if is_markup(text) && has_rows(text) => Ok(Format::Html),
        _ if is_page(text) => Err(ErrorKind::Strange {
            what: say!("input-is-page"),
            hint: say!("input-is-page-hint"),
        }),
        Some(Format::Json) => Err(ErrorKind::NoJson),
        Some(Format::Jsonl) => Ok(Format::Jsonl),
        _ => Ok(Format::Csv),
    }
}

fn looks_like_json(text: &[u8]) -> bool {
    let Some((&first, rest)) = text.split_first() else {
        return false;
    };
    let next = rest.trim_ascii_start().first();
    match first {
        b'{' => matches!(next, None | Some(b'"' | b'}')),
        b'[' => matches!(next, None | Some(b'{' | b']' | b'"' | b'[')),
        _ => false,
    }
}

/// An object on the first line and the start of another on the next.
fn is_lines(text: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', text) else {
        return false;
    };
    let (line, rest) = text.split_at(end);
    line.starts_with(b"{")
        && line.trim_ascii_end().ends_with(b"}")
        && rest.trim_ascii_start().starts_with(b"{")
}

fn is_markup(text: &[u8]) -> bool {
    let tag = |byte: &u8| byte.is_ascii_alphabetic() || b"!?".contains(byte);
    text.first() == Some(&b'<') && text.get(1).is_some_and(tag)
}

/// What is surely no delimited text.
fn is_page(text: &[u8]) -> bool {
    let start = &text[..text.len().min(5)];
    let is = |begin: &str| {
        let start = start.get(..begin.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(begin.as_bytes()))
    };
    ["<!doc", "<html", "<?xml"].into_iter().any(is)
}

/// Rows of HTML, or of Excel's XML.
fn has_rows(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    let has = |tag: &[u8]| memchr::memmem::find(&text, tag).is_some();
    has(b"<tr") || has(b"<row") || has(b":row")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str, extension: Option<Format>) -> Result<Format, String> {
        of_text(text.as_bytes(), extension).map_err(|error| error.to_string())
    }

    #[test]
    fn the_content_tells() {
        assert_eq!(format("Nom;Ville\n", None), Ok(Format::Csv));
        assert_eq!(format(" [\n {\"a\":1}]", None), Ok(Format::Json));
        assert_eq!(format("{\"a\":1}", None), Ok(Format::Json));
        assert_eq!(
            format("{\"a\":1}\r\n\r\n{\"a\":2}\n", None),
            Ok(Format::Jsonl)
        );
        assert_eq!(format("{\n\"a\":1}\n{\"a\":2}", None), Ok(Format::Json));
        assert_eq!(format("{\"a\":1}", Some(Format::Csv)), Ok(Format::Json));
        assert_eq!(format("[Nom];[Ville]\n", None), Ok(Format::Csv));
    }

    #[test]
    fn the_name_tells_where_the_content_does_not() {
        assert_eq!(format("{\"a\":1}", Some(Format::Jsonl)), Ok(Format::Jsonl));
        assert!(format("Nom;Ville", Some(Format::Json)).is_err());
        assert!(format("[1, 2]", Some(Format::Json)).is_err());
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        assert!(format("<!DOCTYPE html><form>", None).is_err());
        assert_eq!(format("<html><TABLE><TR>", None), Ok(Format::Html));
        assert_eq!(format("<Nom>;<E-mail>\n", None), Ok(Format::Csv));
        assert!(workbook(b"%PDF-1.7").is_err() && workbook(b"\x89PNG\r\n").is_err());
        assert_eq!(workbook(b"PK\x03\x04").ok(), Some(Some(Format::Xlsx)));
    }
}
