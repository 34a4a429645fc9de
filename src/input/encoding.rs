//! The encodings of texts: what they are called, and their bytes as UTF-8.

use encoding_rs::{self as web, UTF_8, UTF_16BE, UTF_16LE};
use oem_cp::code_table::DECODING_TABLE_CP_MAP;
use oem_cp::code_table_type::TableType;

use crate::words::say;

/// What takes the place of bytes that mean nothing in their encoding. It never
/// occurs in UTF-8, so the row that holds it is found invalid like any other.
const INVALID: u8 = 0xFF;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// One that browsers know; UTF-8 and UTF-16 are among them.
    Web(&'static web::Encoding),
    /// A code page of DOS, by its number.
    Dos(u16),
    Utf32 {
        big: bool,
    },
}

impl Default for Encoding {
    fn default() -> Self {
        Self::Web(UTF_8)
    }
}

impl Encoding {
    /// The one that a person calls so: `latin1`, `cp850`, `macintosh`.
    pub fn named(label: &str) -> Option<Self> {
        let label = label.trim().to_ascii_lowercase();
        let plain = label.replace(['-', '_', ' '], "");
        let page = ["cp", "ibm", "oem", "dos"]
            .iter()
            .find_map(|word| plain.strip_prefix(word)?.parse().ok());
        match plain.as_str() {
            "utf32" | "utf32le" => Some(Self::Utf32 { big: false }),
            "utf32be" => Some(Self::Utf32 { big: true }),
            "mac" | "macroman" => Some(Self::Web(web::MACINTOSH)),
            "latin9" => Some(Self::Web(web::ISO_8859_15)),
            _ => match web::Encoding::for_label(label.as_bytes()) {
                Some(known) => Some(Self::Web(known)),
                None => page.filter(|page| table(*page).is_some()).map(Self::Dos),
            },
        }
    }

    /// What `--encoding` calls it.
    pub fn label(self) -> String {
        match self {
            Self::Web(known) => known.name().to_owned(),
            Self::Dos(page) => format!("cp{page}"),
            Self::Utf32 { big: false } => "UTF-32LE".to_owned(),
            Self::Utf32 { big: true } => "UTF-32BE".to_owned(),
        }
    }

    /// What people call it.
    pub fn name(self) -> String {
        match self {
            Self::Web(known) if known == web::WINDOWS_1252 => "Windows-1252".to_owned(),
            Self::Web(known) if known == web::MACINTOSH => "Mac Roman".to_owned(),
            Self::Dos(page) => say!("input-encoding-dos", page),
            other => other.label(),
        }
    }

    /// The one in which rows of such a text are written back: what only old programs
    /// know, and what had to be guessed, becomes UTF-8.
    pub fn to_write(self) -> &'static web::Encoding {
        let today = [UTF_8, UTF_16LE, UTF_16BE, web::WINDOWS_1252];
        let own = today.into_iter().find(|known| self == Self::Web(known));
        own.unwrap_or(UTF_8)
    }

    /// Bytes of its smallest character.
    pub fn unit(self) -> usize {
        match self {
            Self::Web(known) if known == UTF_16LE || known == UTF_16BE => 2,
            Self::Utf32 { .. } => 4,
            _ => 1,
        }
    }

    /// How its bytes become UTF-8; `None` for UTF-8.
    pub fn decoder(self) -> Option<Decoder> {
        match self {
            Self::Web(known) if known == UTF_8 => None,
            Self::Web(known) => Some(Decoder::Web(known.new_decoder_without_bom_handling())),
            Self::Dos(page) => table(page).map(Decoder::Table),
            Self::Utf32 { big } => Some(Decoder::Utf32 {
                big,
                rest: Vec::new(),
            }),
        }
    }

    /// The characters of its bytes from 0x80 on, where each byte is one.
    pub fn upper_half(self) -> [char; 128] {
        let one = |byte: u8| {
            let text = self
                .decoder()
                .map(|mut decoder| decoder.decode(&[byte], true));
            let text = text.and_then(|text| String::from_utf8(text).ok());
            text.and_then(|text| text.chars().next())
        };
        std::array::from_fn(|index| one(index as u8 | 0x80).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

fn table(page: u16) -> Option<&'static [char; 128]> {
    match DECODING_TABLE_CP_MAP.get(&page)? {
        TableType::Complete(table) => Some(table),
        TableType::Incomplete(_) => None,
    }
}

/// Turns pieces of a text into UTF-8.
pub enum Decoder {
    Web(web::Decoder),
    Table(&'static [char; 128]),
    Utf32 {
        big: bool,
        /// Bytes of a character that is not whole yet.
        rest: Vec<u8>,
    },
}

impl Decoder {
    /// `last`: nothing comes after these bytes. What means nothing is invalid in
    /// the result, too.
    pub fn decode(&mut self, bytes: &[u8], last: bool) -> Vec<u8> {
        match self {
            Self::Web(decoder) => by_browsers(decoder, bytes, last),
            Self::Table(table) => {
                let one = |byte: &u8| match byte.checked_sub(0x80) {
                    Some(index) => table[usize::from(index)],
                    None => char::from(*byte),
                };
                bytes.iter().map(one).collect::<String>().into_bytes()
            }
            Self::Utf32 { big, rest } => {
                rest.extend(bytes);
                let (units, half) = rest.as_chunks::<4>();
                let mut text = Vec::with_capacity(units.len());
                for unit in units {
                    let code = match big {
                        true => u32::from_be_bytes(*unit),
                        false => u32::from_le_bytes(*unit),
                    };
                    match char::from_u32(code) {
                        Some(c) => text.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
                        None => text.push(INVALID),
                    }
                }
                let half = half.to_vec();
                if last && !half.is_empty() {
                    text.push(INVALID);
                }
                *rest = half;
                text
            }
        }
    }
}

fn by_browsers(decoder: &mut web::Decoder, bytes: &[u8], last: bool) -> Vec<u8> {
    let room = decoder.max_utf8_buffer_length(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(4 * bytes.len() + 16));
    let (.., damaged) = decoder.decode_to_string(bytes, &mut text, last);
    match damaged {
        false => text.into_bytes(),
        true => {
            let pieces = text.split(char::REPLACEMENT_CHARACTER);
            let pieces: Vec<&[u8]> = pieces.map(str::as_bytes).collect();
            pieces.join(&INVALID)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(label: &str, bytes: &[u8]) -> Vec<u8> {
        let encoding = Encoding::named(label).expect("an encoding");
        let decoder = encoding.decoder();
        decoder.map_or(bytes.to_vec(), |mut decoder| decoder.decode(bytes, true))
    }

    #[test]
    fn each_is_known_by_its_usual_names() {
        for (label, expected) in [
            ("macintosh", "Mac Roman"),
            ("Mac-Roman", "Mac Roman"),
            ("cp850", "DOS code page 850"),
            ("IBM 437", "DOS code page 437"),
            ("iso-8859-15", "ISO-8859-15"),
            ("latin9", "ISO-8859-15"),
            ("latin1", "Windows-1252"),
            ("utf-16", "UTF-16LE"),
            ("UTF-32", "UTF-32LE"),
            ("cp1250", "windows-1250"),
        ] {
            let found = Encoding::named(label).map(Encoding::name);
            assert_eq!(found.as_deref(), Some(expected), "{label}");
        }
        assert_eq!(Encoding::named("klingon"), None);
        for label in ["macintosh", "cp850", "cp437", "UTF-32BE", "windows-1252"] {
            assert_eq!(
                Encoding::named(label).map(Encoding::label).as_deref(),
                Some(label)
            );
        }
    }

    #[test]
    fn each_is_read() {
        assert_eq!(
            read("macintosh", b"Zo\x8e Lef\x8fvre"),
            "Zoé Lefèvre".as_bytes()
        );
        assert_eq!(read("cp850", b"Ren\x82 \xD4"), "René È".as_bytes());
        assert_eq!(read("cp437", b"Ren\x82 \xE2"), "René Γ".as_bytes());
        assert_eq!(read("iso-8859-15", b"C\xBDur \xA4"), "Cœur €".as_bytes());
        assert_eq!(read("utf-32", b"\xE9\0\0\0A\0\0\0"), "éA".as_bytes());
        assert_eq!(
            read("utf-32be", b"\0\0\0\xE9\0\x11\0\0A"),
            b"\xC3\xA9\xFF\xFF"
        );
    }

    #[test]
    fn a_character_cut_in_two_is_whole_in_the_end() {
        let mut decoder = Encoding::Utf32 { big: false }.decoder().expect("a decoder");
        assert_eq!(decoder.decode(b"\xE9\0", false), b"");
        assert_eq!(decoder.decode(b"\0\0", true), "é".as_bytes());
    }
}
