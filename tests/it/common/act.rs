//! What the partner does once a request has arrived whole.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use super::Gate;

/// One behaviour. Those that leave a complete answer keep the connection.
#[derive(Clone)]
pub enum Act {
    /// A complete answer.
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// Whatever follows, once the gate is open.
    Hold(Gate, Box<Act>),
    /// The connection ends without a word.
    Close,
    /// The connection is reset (RST).
    Reset,
    /// Nothing, until the client leaves.
    Mute,
    /// A complete JSON answer, byte after byte with a pause between, from its
    /// first byte or from its body on.
    Trickle {
        from: Part,
        pause: Duration,
        status: u16,
        body: Vec<u8>,
    },
    /// `content-length` promises more than comes; then the end.
    Truncated { status: u16, body: Vec<u8> },
    /// A chunk that ends too soon.
    TruncatedChunk { status: u16, body: Vec<u8> },
    /// All chunks but the last empty one; then the end.
    Unended { status: u16, body: Vec<u8> },
    /// The body ends with the connection: neither length nor chunks.
    UntilClose { status: u16, body: Vec<u8> },
    /// These very bytes; then the end.
    Raw(Vec<u8>),
    /// These very bytes; the connection stays.
    RawKept(Vec<u8>),
    /// A gzip body (about 1 to 158) that would become so many bytes.
    GzipBomb { bytes: usize },
    /// A body of so many spaces, of announced length.
    GiantBody { bytes: usize },
    /// A body of so many spaces in chunks.
    GiantChunks { bytes: usize },
    /// Headers of so many bytes in all.
    GiantHeaders { bytes: usize },
}

/// Where a slow answer becomes slow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Head,
    Body,
}

/// What becomes of the connection.
#[derive(PartialEq, Eq)]
pub enum After {
    Keep,
    End,
}

impl Act {
    pub fn json(status: u16, body: &str) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.as_bytes().to_vec(),
        }
    }

    pub fn status(status: u16) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn html(status: u16, body: &str) -> Self {
        Self::json(status, body).with_header("content-type", "text/html; charset=utf-8")
    }

    /// Sends the client elsewhere, for instance to a second `Partner`.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).with_header("location", location)
    }

    /// Sets a header of an `Answer`; other acts stay as they are.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.retain(|(known, _)| known != name);
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// This act, once the gate is open.
    pub fn held(self, gate: &Gate) -> Self {
        Self::Hold(gate.clone(), Box::new(self))
    }

    pub fn play(&self, stream: &TcpStream) -> io::Result<After> {
        let mut out = stream;
        match self {
            Self::Answer {
                status,
                headers,
                body,
            } => {
                out.write_all(&whole(*status, headers, body))?;
                return Ok(After::Keep);
            }
            Self::Hold(gate, act) => {
                gate.pass();
                return act.play(stream);
            }
            Self::Trickle {
                from,
                pause,
                status,
                body,
            } => {
                let bytes = whole(*status, &[], body);
                let quick = match from {
                    Part::Head => 0,
                    Part::Body => bytes.len() - body.len(),
                };
                out.write_all(&bytes[..quick])?;
                for byte in &bytes[quick..] {
                    // The slowness is the thing that is played.
                    thread::sleep(*pause);
                    out.write_all(&[*byte])?;
                }
                return Ok(After::Keep);
            }
            Self::Close => {}
            Self::Reset => reset(stream)?,
            Self::Mute => {
                // Ends when the client leaves.
                io::copy(&mut out, &mut io::sink())?;
            }
            Self::Truncated { status, body } => {
                write!(
                    out,
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n",
                    body.len() + 100
                )?;
                out.write_all(body)?;
            }
            Self::TruncatedChunk { status, body } => {
                chunked(out, *status)?;
                write!(out, "{:x}\r\n", body.len() + 100)?;
                out.write_all(body)?;
            }
            Self::Unended { status, body } => {
                chunked(out, *status)?;
                write!(out, "{:x}\r\n", body.len())?;
                out.write_all(body)?;
                out.write_all(b"\r\n")?;
            }
            Self::UntilClose { status, body } => {
                write!(out, "HTTP/1.1 {status} X\r\nconnection: close\r\n\r\n")?;
                out.write_all(body)?;
            }
            Self::Raw(bytes) => out.write_all(bytes)?,
            Self::RawKept(bytes) => {
                out.write_all(bytes)?;
                return Ok(After::Keep);
            }
            Self::GzipBomb { bytes } => {
                let body = gzip_of_zeros(*bytes);
                let headers = [("content-encoding".to_owned(), "gzip".to_owned())];
                out.write_all(&whole(200, &headers, &body))?;
                return Ok(After::Keep);
            }
            Self::GiantBody { bytes } => {
                write!(out, "HTTP/1.1 200 X\r\ncontent-length: {bytes}\r\n\r\n")?;
                spaces(*bytes, |block| out.write_all(block))?;
                return Ok(After::Keep);
            }
            Self::GiantChunks { bytes } => {
                chunked(out, 200)?;
                spaces(*bytes, |block| {
                    write!(out, "{:x}\r\n", block.len())?;
                    out.write_all(block)?;
                    out.write_all(b"\r\n")
                })?;
                out.write_all(b"0\r\n\r\n")?;
                return Ok(After::Keep);
            }
            Self::GiantHeaders { bytes } => {
                out.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 0\r\n")?;
                spaces(*bytes, |block| {
                    out.write_all(b"x-a: ")?;
                    out.write_all(&vec![b'a'; block.len()])?;
                    out.write_all(b"\r\n")
                })?;
                out.write_all(b"\r\n")?;
            }
        }
        Ok(After::End)
    }
}

/// Makes closing the connection send RST.
pub fn reset(stream: &TcpStream) -> io::Result<()> {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// Ends a connection in order.
pub fn end(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

fn whole(status: u16, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn chunked(mut out: &TcpStream, status: u16) -> io::Result<()> {
    write!(
        out,
        "HTTP/1.1 {status} X\r\ntransfer-encoding: chunked\r\n\r\n"
    )
}

fn spaces(count: usize, mut write: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let block = [b' '; 4096];
    let mut left = count;
    while left > 0 {
        let now = left.min(block.len());
        write(&block[..now])?;
        left -= now;
    }
    Ok(())
}

/// One fixed-Huffman deflate block: a zero, then copies of 258 zeros. The
/// checksum at its end is not right: nobody should get that far.
fn gzip_of_zeros(count: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b011, 3); // last block, fixed Huffman
    bits.push(0b0000_1100, 8); // the literal 0: code 00110000, first bit first
    for _ in 0..count.saturating_sub(1) / 258 {
        bits.push(0b1010_0011, 8); // length 258: code 11000101
        bits.push(0, 5); // distance 1
    }
    bits.push(0, 7); // end of block
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(bits.finish());
    out.extend([0; 8]);
    out
}

/// Bits packed from the lowest up, as deflate has them.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
    last: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        self.last |= value << self.used;
        self.used += count;
        while self.used >= 8 {
            self.bytes.push((self.last & 0xff) as u8);
            self.last >>= 8;
            self.used -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.used > 0 {
            self.bytes.push((self.last & 0xff) as u8);
        }
        self.bytes
    }
}
