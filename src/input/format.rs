//! Which format an input is in: told by the user, else by what it holds, else
//! by its name. An export is often named `.csv` and is something else.

use clap::ValueEnum;

use super::error::ErrorKind;

/// A file format, as `--input-format` and a file's extension name it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Delimited text, whatever the delimiter
    #[default]
    #[value(aliases = ["tsv", "txt"])]
    Csv,
    /// One object, several, an array, or an array under one key
    Json,
    /// One object a line
    #[value(alias = "ndjson")]
    Jsonl,
    /// An Excel workbook, with macros or without
    #[value(alias = "xlsm")]
    Xlsx,
    /// A workbook of Excel 97 to 2003
    Xls,
    /// An Excel workbook in binary form
    Xlsb,
    /// A workbook of LibreOffice
    Ods,
}

impl Format {
    /// As people say it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Jsonl => "JSON Lines",
            Self::Xlsx | Self::Xls | Self::Xlsb => "Excel workbook",
            Self::Ods => "OpenDocument workbook",
        }
    }

    /// The same, with the extension: `Excel workbook (.xls)`.
    pub fn in_full(self) -> String {
        let word = self.to_possible_value();
        let word = word.as_ref().map_or("", |word| word.get_name());
        format!("{} (.{word})", self.in_words())
    }

    pub fn is_workbook(self) -> bool {
        !matches!(self, Self::Csv | Self::Json | Self::Jsonl)
    }
}

/// The workbook that a file is by its first bytes: `.xls` for a compound file,
/// which may be a protected one of today, and `.xlsx` for any zip archive.
///
/// # Errors
/// Something that can't be read.
pub fn workbook(head: &[u8]) -> Result<Option<Format>, ErrorKind> {
    match head {
        [b'P', b'K', 3, 4, ..] => Ok(Some(Format::Xlsx)),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Ok(Some(Format::Xls)),
        [0x1F, 0x8B, ..] => Err(ErrorKind::Strange("compressed (gzip)")),
        [b'%', b'P', b'D', b'F', ..] => Err(ErrorKind::Strange("a PDF document")),
        _ => Ok(None),
    }
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
        _ if is_markup(text) => Err(ErrorKind::Strange("a web page (HTML or XML)")),
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
    let start = &text[..text.len().min(5)];
    ["<!doc", "<html", "<?xml", "<tabl"]
        .iter()
        .any(|markup| start.eq_ignore_ascii_case(markup.as_bytes()))
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
        assert!(format("<!DOCTYPE html><table>", None).is_err());
        assert!(workbook(b"\x1F\x8B").is_err() && workbook(b"%PDF-1.7").is_err());
        assert_eq!(workbook(b"PK\x03\x04").ok(), Some(Some(Format::Xlsx)));
    }
}
