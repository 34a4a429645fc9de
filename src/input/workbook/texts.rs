//! The texts that a workbook's cells share. Their table has no bound, so from a
//! size on it lies in a file without a name and is read a stretch at a time:
//! they stand in the order in which the rows first need them.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;

use quick_xml::events::Event;

use super::package::Part;
use super::trouble::Trouble;
use super::words::Words;
use crate::scratch;

/// Bytes of texts that are kept in memory.
const IN_MEMORY: usize = 4 * 1024 * 1024;
/// Bytes of a stretch at least.
const STRETCH: u64 = 1024;
/// Stretches of the file that stay in memory, and one longer than this.
const HELD: usize = 512;
const LONG: usize = 8 * 1024;
/// The bytes that tell a text's length.
const LENGTH: usize = size_of::<u32>();

/// Reads the part with the texts (ECMA-376, part 1, 18.4).
pub fn read(mut xml: Part<'_>) -> Result<Texts, Trouble> {
    let mut texts = Texts::default();
    let mut words = Words::default();
    while let Some(event) = xml.next()? {
        words.take(&event, "t")?;
        match event {
            Event::Start(element) if element.local_name().as_ref() == "si" => words.clear(),
            Event::End(element) => match element.local_name().as_ref() {
                "si" => texts.push(words.text()).map_err(Trouble::Scratch)?,
                "sst" => {
                    texts.end().map_err(Trouble::Scratch)?;
                    return Ok(texts);
                }
                _ => {}
            },
            _ => {}
        }
    }
    Err(Trouble::Damaged)
}

/// Texts by their index, each after its length.
#[derive(Debug, Default)]
pub struct Texts {
    count: usize,
    stretches: Vec<Stretch>,
    /// What is not in the file.
    memory: Vec<u8>,
    file: Option<File>,
    written: u64,
    held: Vec<Held>,
}

#[derive(Debug)]
struct Stretch {
    /// The index of its first text.
    first: usize,
    start: u64,
}

/// A stretch that was read last, at its place.
#[derive(Debug, Clone, Default)]
struct Held {
    stretch: Option<usize>,
    bytes: Vec<u8>,
}

impl Texts {
    /// The text with this index; `None`: there is none.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn get(&mut self, index: usize) -> io::Result<Option<&str>> {
        if index >= self.count {
            return Ok(None);
        }
        let after = self
            .stretches
            .partition_point(|stretch| stretch.first <= index);
        let stretch = after - 1;
        let skipped = index - self.stretches[stretch].first;
        let mut bytes = self.stretch(stretch)?;
        for _ in 0..skipped {
            (_, bytes) = first(bytes)?;
        }
        let (text, _) = first(bytes)?;
        let text = str::from_utf8(text).map_err(|_| torn())?;
        Ok(Some(text))
    }

    fn push(&mut self, text: &str) -> io::Result<()> {
        let at = self.written + self.memory.len() as u64;
        if self
            .stretches
            .last()
            .is_none_or(|last| at - last.start >= STRETCH)
        {
            self.stretches.push(Stretch {
                first: self.count,
                start: at,
            });
        }
        let length = u32::try_from(text.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.memory.extend(length.to_ne_bytes());
        self.memory.extend(text.as_bytes());
        self.count += 1;
        match self.memory.len() >= IN_MEMORY {
            true => self.spill(),
            false => Ok(()),
        }
    }

    /// All texts are there.
    fn end(&mut self) -> io::Result<()> {
        if self.file.is_some() {
            self.spill()?;
            self.memory = Vec::new();
            self.held = vec![Held::default(); HELD + 1];
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(scratch::file_in(&scratch::folder())?),
        };
        file.write_all(&self.memory)?;
        self.written += self.memory.len() as u64;
        self.memory.clear();
        Ok(())
    }

    fn stretch(&mut self, stretch: usize) -> io::Result<&[u8]> {
        let start = self.stretches[stretch].start;
        let next = self.stretches.get(stretch + 1);
        let Some(file) = &self.file else {
            let end = next.map_or(self.memory.len(), |next| next.start as usize);
            return Ok(&self.memory[start as usize..end]);
        };
        let end = next.map_or(self.written, |next| next.start);
        let length = (end - start) as usize;
        let place = if length > LONG { HELD } else { stretch % HELD };
        let held = &mut self.held[place];
        if held.stretch != Some(stretch) {
            held.stretch = None;
            held.bytes.resize(length, 0);
            file.read_exact_at(&mut held.bytes, start)?;
            held.stretch = Some(stretch);
        }
        Ok(&held.bytes)
    }
}

/// The first text and what follows it.
fn first(bytes: &[u8]) -> io::Result<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH>().ok_or_else(torn)?;
    let length = u32::from_ne_bytes(*length) as usize;
    rest.split_at_checked(length).ok_or_else(torn)
}

/// Somebody else changed what we wrote.
fn torn() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(count: usize, text: impl Fn(usize) -> String) -> Texts {
        let mut texts = Texts::default();
        for index in 0..count {
            texts.push(&text(index)).expect("a text is kept");
        }
        texts.end().expect("the texts are kept");
        texts
    }

    fn agree(texts: &mut Texts, count: usize, text: impl Fn(usize) -> String) {
        // Forth, and back over stretches that lie far apart.
        for index in (0..count).chain((0..count).rev().step_by(997)) {
            let kept = texts.get(index).expect("a read");
            assert_eq!(kept, Some(text(index).as_str()), "{index}");
        }
        assert_eq!(texts.get(count).expect("no read"), None);
    }

    #[test]
    fn a_short_table_stays_in_memory() {
        let text = |index| match index % 3 {
            0 => String::new(),
            _ => format!("é{index}"),
        };
        let mut texts = all(5_000, text);
        assert!(texts.file.is_none());
        agree(&mut texts, 5_000, text);
    }

    #[test]
    fn a_long_table_lies_on_disk() {
        let text = |index| format!("{index:060}");
        let mut texts = all(100_000, text);
        assert!(texts.file.is_some() && texts.memory.capacity() == 0);
        agree(&mut texts, 100_000, text);
    }

    #[test]
    fn a_long_text_is_a_stretch_of_its_own() {
        let text = |index| "x".repeat(index % 7 * 30_000);
        let mut texts = all(200, text);
        assert!(texts.file.is_some());
        agree(&mut texts, 200, text);
    }
}
