//! Which format an input is in: told by the user, else by what it holds, else
//! by its name. An export is often named `.csv` and is something else.

use super::fatal::Fatal;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Delimited text, whatever the delimiter.
    Csv,
    /// One object, several, an array, or an array under one key.
    Json,
    /// One object a line.
    Jsonl,
    /// An Excel workbook.
    Xlsx,
}

impl Format {
    /// As people say it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Jsonl => "JSON Lines",
            Self::Xlsx => "Excel workbook",
        }
    }

    /// The format that a word of `--input-format`, or a file's extension, means.
    pub fn of_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// Whether the raw first bytes are a workbook's.
///
/// # Errors
/// They are those of something that can't be read: says what to save instead.
pub fn is_workbook(head: &[u8], file: &str) -> Result<bool, Fatal> {
    let (what, hint) = match head {
        [b'P', b'K', 3, 4, ..] => return Ok(true),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => (
            "it is an old Excel workbook (.xls) or a protected one",
            "open it in Excel and save it as .xlsx without a password, or as CSV UTF-8",
        ),
        [0x1F, 0x8B, ..] => (
            "it is compressed (gzip)",
            "unpack it first, such as with gunzip",
        ),
        [b'%', b'P', b'D', b'F', ..] => ("it is a PDF document", "export it as CSV or Excel"),
        _ => return Ok(false),
    };
    Err(Fatal::usage(file, format!("no leads can be read: {what}")).hint(hint))
}

/// The format of a text, from how it starts; `extension` decides where that
/// leaves a doubt.
///
/// # Errors
/// It is surely none of them.
pub fn text_format(head: &[u8], extension: Option<Format>, file: &str) -> Result<Format, Fatal> {
    let text = head.trim_ascii_start();
    if looks_like_json(text) {
        let lines = extension == Some(Format::Jsonl) && text.first() == Some(&b'{');
        return Ok(match lines || is_lines(text) {
            true => Format::Jsonl,
            false => Format::Json,
        });
    }
    if is_markup(text) {
        return Err(Fatal::usage(file, "no leads can be read: it is a web page (HTML or XML)").hint(
            "some tools name such a page .xls: open it in Excel and save it as .xlsx or CSV UTF-8",
        ));
    }
    match extension {
        Some(Format::Json) if text.starts_with(b"[") => Err(Fatal::usage(
            file,
            "no leads can be read: the list holds something else than objects",
        )
        .hint("a lead is an object, such as [{\"email\": \"lea@example.fr\"}]")),
        Some(Format::Json) => Err(Fatal::usage(
            file,
            "this isn't JSON: it starts with neither { nor [",
        )
        .hint("if it is a CSV file, say so with --input-format csv")),
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
        text_format(text.as_bytes(), extension, "x").map_err(|fatal| fatal.message)
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
        let numbers = format("[1, 2]", Some(Format::Json)).expect_err("no leads");
        assert!(numbers.contains("something else than objects"), "{numbers}");
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        assert!(format("<!DOCTYPE html><table>", None).is_err());
        let old = is_workbook(b"\xD0\xCF\x11\xE0...", "leads.xls").expect_err("old");
        assert!(old.hint.is_some_and(|hint| hint.contains(".xlsx")));
        assert_eq!(is_workbook(b"PK\x03\x04", "x"), Ok(true));
    }
}
