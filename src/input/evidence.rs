//! Which encoding a text is in: what its mark says, or the user, or else all of its
//! bytes. UTF-8 proves itself; among the encodings of one byte a letter, the one
//! whose letters make words.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, Read as _};

use encoding_rs::{self as web, UTF_16BE, UTF_16LE};

use super::encoding::Encoding;
use super::error::{ErrorKind, Reading};
use super::file::InputFile;
use super::letters::{UNLIKELY, cost};
use crate::words::say;

/// Different words that are looked at.
const WORDS: usize = 20_000;
/// Bytes of a word at most, and of a piece that is read.
const LONGEST: usize = 256;
const PIECE: usize = 64 * 1024;
/// Words shown of those that tell the most.
const SHOWN: usize = 3;

/// What a text may be in, and how much rarer than the first that is.
fn candidates() -> [(Encoding, f64); 6] {
    [
        (Encoding::Web(web::WINDOWS_1252), 0.0),
        (Encoding::Web(web::ISO_8859_15), 1.5),
        (Encoding::Web(web::MACINTOSH), 2.5),
        (Encoding::Dos(850), 2.5),
        (Encoding::Dos(858), 3.5),
        (Encoding::Dos(437), 4.0),
    ]
}

/// By how much a reading must be likelier than the next one: by less where it is
/// the usual one, and by so much that nothing is left open.
const LIKELIER: f64 = 4.0;
const LIKELIER_IF_USUAL: f64 = 2.5;
const SURE: f64 = 10.0;

/// The encoding of an input and how it is known.
#[derive(Debug, Clone, Default)]
pub struct TextEncoding {
    pub encoding: Encoding,
    /// Bytes of byte-order mark at the start.
    pub mark: usize,
    /// No mark and no option said so: it is what the bytes look like.
    pub assumed: bool,
    /// No other reading comes near.
    pub sure: bool,
    /// Words that show it.
    pub words: Vec<String>,
}

impl TextEncoding {
    /// Decides by a mark, `chosen`, or the whole file.
    ///
    /// # Errors
    /// Two readings are as likely, or none is; or reading failed.
    pub fn of(file: &InputFile, chosen: Option<Encoding>) -> Result<Self, ErrorKind> {
        let mut head = Vec::new();
        file.again().take(PIECE as u64).read_to_end(&mut head)?;
        let known = |encoding, mark| Self {
            encoding,
            mark,
            ..Self::default()
        };
        match (marked(&head), chosen) {
            // What follows the mark of UTF-8 must be that, against an option.
            (Some((utf8, length)), Some(chosen)) if utf8.unit() == 1 => {
                let fits = chosen == utf8 || Evidence::of(file)?.broken == 0;
                Ok(if fits {
                    known(utf8, length)
                } else {
                    known(chosen, 0)
                })
            }
            (Some((encoding, length)), _) => Ok(known(encoding, length)),
            (None, Some(chosen)) => Ok(known(chosen, 0)),
            (None, None) => match unmarked_wide(&head) {
                Some(encoding) => Ok(Self {
                    assumed: true,
                    sure: true,
                    ..known(encoding, 0)
                }),
                None => Evidence::of(file)?.judge(),
            },
        }
    }

    /// The name for people: `UTF-8`, `Mac Roman (sure, as in Zoé, Lefèvre)`.
    pub fn name(&self) -> String {
        let (encoding, words) = (self.encoding.name(), self.words.join(", "));
        match (self.sure, words.is_empty()) {
            _ if !self.assumed => encoding,
            (true, true) => say!("input-encoding-sure", encoding),
            (true, false) => say!("input-encoding-sure-by", encoding, words),
            (false, true) => say!("input-encoding-likely", encoding),
            (false, false) => say!("input-encoding-likely-by", encoding, words),
        }
    }
}

/// What a byte-order mark says, and its length.
fn marked(head: &[u8]) -> Option<(Encoding, usize)> {
    match head {
        [0xFF, 0xFE, 0, 0, ..] => Some((Encoding::Utf32 { big: false }, 4)),
        [0, 0, 0xFE, 0xFF, ..] => Some((Encoding::Utf32 { big: true }, 4)),
        _ => web::Encoding::for_bom(head).map(|(known, length)| (Encoding::Web(known), length)),
    }
}

/// Text in UTF-16 or UTF-32 has NULs, and mostly in the same places.
fn unmarked_wide(head: &[u8]) -> Option<Encoding> {
    let mut nuls = [0_usize; 4];
    for (at, byte) in head.iter().enumerate() {
        nuls[at % 4] += usize::from(*byte == 0);
    }
    let quarter = head.len() / 4;
    let [a, b, c, d] = nuls.map(|nuls| nuls as f64 / quarter as f64);
    match (a + c, b + d) {
        _ if quarter < 2 => None,
        _ if a < 0.1 && b > 0.5 && c > 0.9 && d > 0.9 => Some(Encoding::Utf32 { big: false }),
        _ if d < 0.1 && c > 0.5 && b > 0.9 && a > 0.9 => Some(Encoding::Utf32 { big: true }),
        (even, odd) if odd > 0.8 && even < odd / 8.0 => Some(Encoding::Web(UTF_16LE)),
        (even, odd) if even > 0.8 && odd < even / 8.0 => Some(Encoding::Web(UTF_16BE)),
        _ => None,
    }
}

/// What the bytes beyond ASCII of a whole text tell.
#[derive(Debug, Default)]
struct Evidence {
    /// Letters and signs of Europe as UTF-8 writes them.
    utf8: u64,
    /// Bytes that are no UTF-8.
    broken: u64,
    /// The first byte beyond ASCII was of such a letter.
    first_fits: bool,
    /// Words that are no UTF-8, with the byte before and after each.
    words: BTreeSet<Vec<u8>>,
    seen: Box<[bool]>,
    /// The word that is read, the byte before it, and where it is beyond ASCII first.
    word: Vec<u8>,
    before: u8,
    beyond: Option<usize>,
}

impl Evidence {
    fn of(file: &InputFile) -> io::Result<Self> {
        let mut evidence = Self {
            before: b'\n',
            seen: vec![false; 256].into(),
            ..Self::default()
        };
        let mut text = BufReader::with_capacity(PIECE, file.again());
        loop {
            let piece = text.fill_buf()?;
            let length = piece.len();
            if length == 0 {
                evidence.end_word(b'\n');
                return Ok(evidence);
            }
            // Of plain ASCII, only its end may belong to a word that tells something.
            let is_plain = evidence.beyond.is_none() && piece.is_ascii();
            let silent = if is_plain {
                length.saturating_sub(LONGEST + 1)
            } else {
                0
            };
            piece[silent..].iter().for_each(|byte| evidence.add(*byte));
            text.consume(length);
        }
    }

    /// Looks at the next byte. Of a word that never ends, what stands near its first
    /// byte beyond ASCII counts.
    fn add(&mut self, byte: u8) {
        let is_inner = matches!(byte, 0x80..0xC0);
        let is_full = self.beyond.is_some_and(|beyond| {
            let length = self.word.len() - beyond;
            length >= LONGEST && !is_inner || length >= LONGEST + 3
        });
        let is_of_word = byte.is_ascii_alphabetic() || byte >= 0x80;
        if is_full || !is_of_word {
            let last = self.word.last().copied().filter(|_| is_of_word);
            self.end_word(byte);
            self.before = last.unwrap_or(byte);
        }
        if !is_of_word {
            return;
        }
        if self.beyond.is_none() && byte >= 0x80 {
            self.beyond = Some(self.word.len());
        } else if self.beyond.is_none() && self.word.len() == LONGEST {
            self.before = self.word.remove(0);
        }
        self.word.push(byte);
    }

    fn end_word(&mut self, after: u8) {
        let word = std::mem::take(&mut self.word);
        if self.beyond.take().is_some() {
            self.note(self.before, &word, after);
        }
    }

    fn note(&mut self, before: u8, word: &[u8], after: u8) {
        let (first, broken) = (self.utf8 + self.broken == 0, self.broken);
        for chunk in word.utf8_chunks() {
            let fitting = chunk.valid().chars().filter(|c| is_of_europe(*c)).count();
            self.utf8 += fitting as u64;
            self.broken += chunk.invalid().len() as u64;
        }
        self.first_fits |= first && self.utf8 > 0 && std::str::from_utf8(word).is_ok();
        let news = word.iter().any(|byte| !self.seen[usize::from(*byte)]);
        if self.broken == broken || self.words.len() >= WORDS && !news {
            return;
        }
        for byte in word {
            self.seen[usize::from(*byte)] = true;
        }
        let beside = |byte: u8| if byte.is_ascii() { byte } else { b'x' };
        self.words
            .insert([&[beside(before)], word, &[beside(after)]].concat());
    }

    /// A few broken bytes among letters of UTF-8 are damage to their rows.
    fn is_utf8(&self) -> bool {
        self.broken == 0
            || self.utf8 >= self.broken
            || self.first_fits && 10 * self.utf8 >= self.broken
    }

    fn judge(&self) -> Result<TextEncoding, ErrorKind> {
        if self.is_utf8() {
            return Ok(TextEncoding::default());
        }
        let mut readings: Vec<Candidate> = Vec::new();
        for (encoding, rarity) in candidates() {
            let reading = Candidate::of(encoding, rarity, self.words.iter());
            if readings.iter().all(|other| other.words != reading.words) {
                readings.push(reading);
            }
        }
        readings.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let [best, next, ..] = readings.as_slice() else {
            return Ok(TextEncoding::default());
        };
        let usual = best.encoding == Encoding::Web(web::WINDOWS_1252) && !best.unlikely;
        let needed = if usual { LIKELIER_IF_USUAL } else { LIKELIER };
        let told = |readings: &[&Candidate]| {
            let telling = best.telling(next);
            let shown = |reading: &&Candidate| Reading {
                name: reading.encoding.name(),
                label: reading.encoding.label(),
                words: telling.iter().map(|at| reading.shown(*at)).collect(),
            };
            readings.iter().map(shown).collect()
        };
        if best.mean > UNLIKELY {
            return Err(ErrorKind::NoEncoding(told(&[best])));
        }
        let margin = next.cost - best.cost;
        if margin < needed {
            return Err(ErrorKind::TwoEncodings(told(&[best, next])));
        }
        let words = best.telling(next).into_iter().map(|at| best.shown(at));
        Ok(TextEncoding {
            encoding: best.encoding,
            assumed: true,
            sure: margin >= SURE,
            words: words.collect(),
            ..TextEncoding::default()
        })
    }
}

/// All words, read in one encoding.
struct Candidate {
    encoding: Encoding,
    words: Vec<Vec<char>>,
    costs: Vec<f64>,
    cost: f64,
    /// The cost of a letter beyond ASCII.
    mean: f64,
    /// One of them is hardly possible.
    unlikely: bool,
}

impl Candidate {
    fn of<'w>(encoding: Encoding, rarity: f64, words: impl Iterator<Item = &'w Vec<u8>>) -> Self {
        let upper = encoding.upper_half();
        let read = |byte: &u8| match byte.checked_sub(0x80) {
            Some(index) => upper[usize::from(index)],
            None => char::from(*byte),
        };
        let words: Vec<Vec<char>> = words.map(|word| word.iter().map(read).collect()).collect();
        let (mut letters, mut unlikely) = (0.0, false);
        let mut of_word = |word: &Vec<char>| {
            let beyond = (0..word.len()).filter(|at| !word[*at].is_ascii());
            let costs = beyond.map(|at| cost(word, at));
            costs.fold(0.0, |sum, cost| {
                letters += 1.0;
                unlikely |= cost >= UNLIKELY;
                sum + cost
            })
        };
        let costs: Vec<f64> = words.iter().map(&mut of_word).collect();
        let sum: f64 = costs.iter().sum();
        Self {
            encoding,
            cost: sum + rarity,
            mean: sum / letters,
            words,
            costs,
            unlikely,
        }
    }

    /// The places of the words that speak most clearly for this reading.
    fn telling(&self, other: &Self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.words.len()).collect();
        let gain = |at: usize| other.costs[at] - self.costs[at];
        places.retain(|at| self.words[*at] != other.words[*at]);
        places.sort_by(|a, b| gain(*b).total_cmp(&gain(*a)));
        places.truncate(SHOWN);
        places
    }

    fn shown(&self, at: usize) -> String {
        let word: String = self.words[at].iter().collect();
        word.trim_matches(|c: char| c.is_ascii_punctuation() || c.is_control() || c == ' ')
            .to_owned()
    }
}

/// A letter or sign that UTF-8 writes in texts of Europe. Others occur by chance in
/// texts of one byte a letter, where `’é` of a Mac is one of Armenia.
fn is_of_europe(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{17f}' | '\u{300}'..='\u{45f}' | '\u{800}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Result<TextEncoding, ErrorKind> {
        TextEncoding::of(&InputFile::keep(bytes).expect("kept"), None)
    }

    fn name(bytes: &[u8]) -> String {
        found(bytes).expect("an encoding").encoding.name()
    }

    #[test]
    fn marks_are_obeyed_even_against_an_option() {
        for (bytes, expected) in [
            (&b"\xEF\xBB\xBFNom"[..], ("UTF-8", 3)),
            (b"\xFE\xFF\x00\xC9", ("UTF-16BE", 2)),
            (b"\xFF\xFE\xC9\x00", ("UTF-16LE", 2)),
            (b"\xFF\xFE\0\0\xC9\0\0\0", ("UTF-32LE", 4)),
            (b"\0\0\xFE\xFF\0\0\0\xC9", ("UTF-32BE", 4)),
        ] {
            for chosen in [
                None,
                Encoding::named("windows-1252"),
                Encoding::named("utf-16le"),
            ] {
                let file = InputFile::keep(bytes).expect("kept");
                let found = TextEncoding::of(&file, chosen).expect("an encoding");
                assert_eq!((found.encoding.name().as_str(), found.mark), expected);
                assert!(!found.assumed);
            }
        }
        // Not where it stands before something else.
        let file = InputFile::keep(&b"\xEF\xBB\xBFAndr\xE9"[..]).expect("kept");
        let found = TextEncoding::of(&file, Encoding::named("latin1")).expect("an encoding");
        assert_eq!(
            (found.encoding.name().as_str(), found.mark),
            ("Windows-1252", 0)
        );
    }

    #[test]
    fn letters_that_make_words_tell() {
        for (bytes, expected) in [
            (&b"Zo\x8e;Lef\x8fvre\n"[..], "Mac Roman"),
            (b"nom\nZo\x8e", "Mac Roman"),
            (b"Ren\x82\n", "DOS code page 850"),
            (b"Ren\x82;Fran\x87ois;Lef\x8Avre\n", "DOS code page 850"),
            (b"Ren\x82;250 \xD5\n", "DOS code page 858"),
            (b"C\xBDur\n", "ISO-8859-15"),
            (b"Prix : 250 \xA4;Andr\xE9\n", "ISO-8859-15"),
            (b"Andr\xE9 \x80\n", "Windows-1252"),
            (b"Pr\xE9nom;L\x92H\xF4te;C\x9Cur\n", "Windows-1252"),
            (b"LEF\xE9VRE;ANDR\xC9\n", "Windows-1252"),
            (b"Bj\xF8rn;M\xFCller;Pe\xF1a\n", "Windows-1252"),
            ("Zoé".as_bytes(), "UTF-8"),
            ("Нет".as_bytes(), "UTF-8"),
            (b"plain", "UTF-8"),
        ] {
            assert_eq!(name(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn how_sure_it_is_is_told_with_words() {
        let told = |bytes: &[u8]| found(bytes).expect("an encoding").name();
        assert_eq!(
            told(b"Zo\x8e;Lef\x8fvre\n"),
            "Mac Roman (sure, as in Zoé, Lefèvre)"
        );
        assert_eq!(told(b"ch\x89teau\n"), "Mac Roman (likely, as in château)");
    }

    #[test]
    fn two_readings_that_are_as_likely_are_refused() {
        for bytes in [&b"Lef\x8Avre"[..], b"Sch\x8Afer", b"Beno\x94t"] {
            let Err(ErrorKind::TwoEncodings(readings)) = found(bytes) else {
                panic!("{}", bytes.escape_ascii());
            };
            assert_ne!(readings[0].words, readings[1].words);
        }
        let cyrillic = b"\xC8\xE2\xE0\xED\xEE\xE2;\xCF\xE5\xF2\xF0\xEE\xE2\xE0\n";
        assert!(matches!(found(cyrillic), Err(ErrorKind::NoEncoding(_))));
    }

    #[test]
    fn the_whole_text_counts() {
        let mut bytes = b"abc;def\n".repeat(20_000);
        bytes.extend(b"Zo\x8e\n");
        assert_eq!(name(&bytes), "Mac Roman");
        // A word that two pieces share.
        for length in PIECE - 4..PIECE + 4 {
            let mut bytes = vec![b'\n'; length];
            bytes.extend(b"Andr\x8e");
            let found = found(&bytes).expect("an encoding");
            assert_eq!(found.words, ["André"], "{length}");
        }
    }

    #[test]
    fn a_broken_byte_among_utf8_is_damage() {
        assert_eq!(name(b"Pr\xC3\xA9nom\nAndr\xE9"), "UTF-8");
        assert_eq!(
            name(b"Andr\xE9;Pr\xC3\xA9nom\nZo\xC3\xAB;No\xC3\xABl"),
            "UTF-8"
        );
        // By chance, an apostrophe and a letter of a Mac are a letter of UTF-8.
        assert_eq!(name(b"l\xD5\x8Et\x8E;Zo\x8E;Lef\x8Fvre"), "Mac Roman");
    }

    #[test]
    fn wide_text_needs_no_mark() {
        let text = "Nom;Prénom\nĀbele;Žofie\u{2019}s\n";
        let sixteen =
            |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
        let wide = |order: fn(u32) -> [u8; 4]| {
            text.chars()
                .flat_map(|c| order(c.into()))
                .collect::<Vec<_>>()
        };
        assert_eq!(name(&sixteen(u16::to_le_bytes)), "UTF-16LE");
        assert_eq!(name(&sixteen(u16::to_be_bytes)), "UTF-16BE");
        assert_eq!(name(&wide(u32::to_le_bytes)), "UTF-32LE");
        assert_eq!(name(&wide(u32::to_be_bytes)), "UTF-32BE");
        assert_eq!(
            name(b"Nom;Ville\nA;B\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            "UTF-8"
        );
    }
}
