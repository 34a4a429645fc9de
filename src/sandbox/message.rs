//! HTTP/1.1 on one connection: reads a request whatever its framing, writes an
//! answer. Bounded, never panics on any bytes, and knows no destination.

use std::io::{self, Read, Write};

use super::written::written;
use crate::http::Answer;

/// A complete request that arrived.
#[derive(Debug, Clone, Default)]
pub struct Message {
    pub method: String,
    /// As it stands on the request line, without the query.
    pub path: String,
    /// What follows the `?`, as it stands.
    pub query: String,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The client will send another request on this connection.
    pub keep_alive: bool,
}

impl Message {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What reading a connection gave.
#[derive(Debug)]
pub enum Reading {
    Request(Message),
    /// The client left, or stayed silent for too long.
    Closed,
    /// Not a request that can be read: the status to leave with.
    Broken(u16),
}

/// Bytes of request line and headers at most.
const MAX_HEAD: usize = 32 * 1024;
/// Bytes of body at most.
pub const MAX_BODY: usize = 2 * 1024 * 1024;
const MAX_HEADERS: usize = 64;

/// A connection and the bytes that were read ahead.
pub struct Wire<S> {
    stream: S,
    ahead: Vec<u8>,
}

/// Why a request can't be had.
enum Stop {
    Closed,
    Broken(u16),
}

/// How a body ends.
enum Framing {
    Length(usize),
    Chunked,
}

impl<S: Read + Write> Wire<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            ahead: Vec::new(),
        }
    }

    /// The next request on this connection.
    pub fn read(&mut self) -> Reading {
        match self.request() {
            Ok(message) => Reading::Request(message),
            Err(Stop::Closed) => Reading::Closed,
            Err(Stop::Broken(status)) => Reading::Broken(status),
        }
    }

    fn request(&mut self) -> Result<Message, Stop> {
        let mut message = loop {
            if let Some((message, used)) = parse_head(&self.ahead)? {
                self.ahead.drain(..used);
                break message;
            }
            if self.ahead.len() > MAX_HEAD {
                return Err(Stop::Broken(431));
            }
            self.fill()?;
        };
        let framing = framing(&message)?;
        let expects = message
            .header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
        if expects {
            self.stream
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
                .map_err(|_| Stop::Closed)?;
        }
        message.body = match framing {
            Framing::Length(length) => self.take(length)?,
            Framing::Chunked => self.chunks()?,
        };
        Ok(message)
    }

    /// Reads more bytes; the end of the stream is `Closed`.
    fn fill(&mut self) -> Result<(), Stop> {
        let mut buffer = [0; 8192];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(Stop::Closed),
                Ok(count) => {
                    self.ahead.extend(buffer.iter().take(count));
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Stop::Closed),
            }
        }
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>, Stop> {
        while self.ahead.len() < length {
            self.fill()?;
        }
        let rest = self.ahead.split_off(length);
        Ok(std::mem::replace(&mut self.ahead, rest))
    }

    fn chunks(&mut self) -> Result<Vec<u8>, Stop> {
        let mut body = Vec::new();
        loop {
            let (used, size) = match httparse::parse_chunk_size(&self.ahead) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) if self.ahead.len() <= MAX_HEAD => {
                    self.fill()?;
                    continue;
                }
                _ => return Err(Stop::Broken(400)),
            };
            let size = usize::try_from(size).map_err(|_| Stop::Broken(413))?;
            if size > MAX_BODY - body.len() {
                return Err(Stop::Broken(413));
            }
            self.ahead.drain(..used);
            if size == 0 {
                while !self.line()?.is_empty() {}
                return Ok(body);
            }
            body.append(&mut self.take(size)?);
            if !self.line()?.is_empty() {
                return Err(Stop::Broken(400));
            }
        }
    }

    /// One line without its end.
    fn line(&mut self) -> Result<Vec<u8>, Stop> {
        loop {
            if let Some(end) = self.ahead.windows(2).position(|pair| pair == b"\r\n") {
                let mut line = self.take(end + 2)?;
                line.truncate(end);
                return Ok(line);
            }
            if self.ahead.len() > MAX_HEAD {
                return Err(Stop::Broken(431));
            }
            self.fill()?;
        }
    }

    /// Writes an answer in one piece.
    pub fn write(&mut self, answer: &Answer, keep_alive: bool) -> io::Result<()> {
        self.stream.write_all(&written(answer, keep_alive))?;
        self.stream.flush()
    }
}

fn parse_head(bytes: &[u8]) -> Result<Option<(Message, usize)>, Stop> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let used = match request.parse(bytes) {
        Ok(httparse::Status::Complete(used)) => used,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Stop::Broken(431)),
        Err(_) => return Err(Stop::Broken(400)),
    };
    let mut message = Message {
        method: request.method.unwrap_or_default().to_owned(),
        path: path_of(request.path.unwrap_or_default()),
        query: query_of(request.path.unwrap_or_default()),
        ..Message::default()
    };
    for header in request.headers.iter() {
        let value = String::from_utf8_lossy(header.value).trim().to_owned();
        message
            .headers
            .push((header.name.to_ascii_lowercase(), value));
    }
    let connection = message.header("connection").unwrap_or_default();
    message.keep_alive = match request.version {
        Some(0) => connection.eq_ignore_ascii_case("keep-alive"),
        _ => !connection.eq_ignore_ascii_case("close"),
    };
    Ok(Some((message, used)))
}

fn query_of(target: &str) -> String {
    let target = target.split('#').next().unwrap_or_default();
    let query = target.split_once('?').map(|(_, query)| query);
    query.unwrap_or_default().to_owned()
}

/// The path of a request's target, which a proxy's client writes as a whole URL.
fn path_of(target: &str) -> String {
    let target = match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => rest.find('/').map_or("/", |at| &rest[at..]),
        _ => target,
    };
    let path = target.split(['?', '#']).next().unwrap_or_default();
    path.to_owned()
}

fn framing(message: &Message) -> Result<Framing, Stop> {
    if let Some(coding) = message.header("transfer-encoding") {
        return match coding.eq_ignore_ascii_case("chunked") {
            true => Ok(Framing::Chunked),
            false => Err(Stop::Broken(501)),
        };
    }
    let mut lengths = message
        .headers
        .iter()
        .filter(|(name, _)| name == "content-length")
        .map(|(_, value)| value.as_str());
    let Some(first) = lengths.next() else {
        return Ok(Framing::Length(0));
    };
    let digits = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || lengths.any(|other| other != first) {
        return Err(Stop::Broken(400));
    }
    match first.parse() {
        Ok(length) if length <= MAX_BODY => Ok(Framing::Length(length)),
        _ => Err(Stop::Broken(413)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(bytes: &[u8]) -> Reading {
        Wire::new(Cursor::new(bytes.to_vec())).read()
    }

    #[test]
    fn a_length_and_a_query() {
        let Reading::Request(message) =
            read(b"POST /a/b?c=/d HTTP/1.1\r\nContent-Length: 2\r\nX-Key: k\r\n\r\n{}tail")
        else {
            panic!("not read");
        };
        assert_eq!((&*message.method, &*message.path), ("POST", "/a/b"));
        assert_eq!(message.header("X-KEY"), Some("k"));
        assert_eq!(message.body, b"{}");
        assert!(message.keep_alive);
    }

    #[test]
    fn chunks_with_a_trailer() {
        let bytes = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n";
        assert!(matches!(read(bytes), Reading::Request(m) if m.body == b"abcde"));
    }

    #[test]
    fn what_cannot_be_read() {
        for (bytes, status) in [
            (&b"\x16\x03\x01\x02\x00\x01"[..], 400),
            (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
            (
                b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                413,
            ),
            (
                b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                400,
            ),
            (
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                400,
            ),
            (
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
                413,
            ),
        ] {
            assert!(matches!(read(bytes), Reading::Broken(s) if s == status));
        }
        assert!(matches!(read(b"POST / HT"), Reading::Closed));
    }
}
