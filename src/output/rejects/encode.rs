//! Text written in an input's own encoding.

use std::io::{self, BufWriter, Write};

use encoding_rs::{EncoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Takes text and writes it in an encoding.
pub struct Encoded<'o> {
    out: BufWriter<&'o mut dyn Write>,
    encoding: &'static Encoding,
}

impl<'o> Encoded<'o> {
    /// `marked`: a byte-order mark comes first. UTF-16 always gets one, since
    /// a short text without it is not recognised again.
    pub fn new(
        out: &'o mut dyn Write,
        encoding: &'static Encoding,
        marked: bool,
    ) -> io::Result<Self> {
        let mut encoded = Self {
            out: BufWriter::new(out),
            encoding,
        };
        let sixteen = encoding == UTF_16LE || encoding == UTF_16BE;
        if sixteen || (marked && encoding == UTF_8) {
            encoded.write("\u{feff}")?;
        }
        Ok(encoded)
    }

    /// Writes `text`; what the encoding doesn't have becomes `?`.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        if self.encoding == UTF_8 {
            return self.out.write_all(text.as_bytes());
        }
        if self.encoding == UTF_16LE || self.encoding == UTF_16BE {
            for unit in text.encode_utf16() {
                let bytes = match self.encoding == UTF_16LE {
                    true => unit.to_le_bytes(),
                    false => unit.to_be_bytes(),
                };
                self.out.write_all(&bytes)?;
            }
            return Ok(());
        }
        self.write_narrow(text)
    }

    fn write_narrow(&mut self, text: &str) -> io::Result<()> {
        let mut encoder = self.encoding.new_encoder();
        let mut buffer = [0; 1024];
        let mut left = text;
        loop {
            let (result, read, written) =
                encoder.encode_from_utf8_without_replacement(left, &mut buffer, true);
            self.out.write_all(&buffer[..written])?;
            left = &left[read..];
            match result {
                EncoderResult::InputEmpty => return Ok(()),
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(_) => self.out.write_all(b"?")?,
            }
        }
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}
