//! HTTP/1.1 on one connection: reads a request, writes an answer.
//! Bounded, never panics on any bytes, and knows no destination.

use std::io::{self, BufRead, Read};

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

/// Why there is no request.
#[derive(Debug, PartialEq, Eq)]
pub enum Unread {
    /// The client left, or stayed silent for too long.
    Closed,
    /// Not a request that can be read: the status to leave with.
    Broken(u16),
}

impl From<io::Error> for Unread {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

/// Bytes of request line and headers at most.
const MAX_HEAD: usize = 32 * 1024;
/// Bytes of body at most.
const MAX_BODY: usize = 2 * 1024 * 1024;
const MAX_HEADERS: usize = 64;

/// The next request on a connection.
pub fn read(reader: &mut impl BufRead) -> Result<Message, Unread> {
    match reader.fill_buf()?.first() {
        None => return Err(Unread::Closed),
        Some(first) if first.is_ascii_alphabetic() => {}
        // A TLS handshake, for one, which has no lines.
        Some(_) => return Err(Unread::Broken(400)),
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        line(reader, &mut head)?;
    }
    let mut message = parse(&head)?;
    let length = length(&message)?;
    message.body = vec![0; length];
    reader.read_exact(&mut message.body)?;
    Ok(message)
}

/// Appends one line with its end.
fn line(reader: &mut impl BufRead, to: &mut Vec<u8>) -> Result<(), Unread> {
    let left = (MAX_HEAD + 1).saturating_sub(to.len());
    reader.take(left as u64).read_until(b'\n', to)?;
    match to.last() {
        _ if to.len() > MAX_HEAD => Err(Unread::Broken(431)),
        Some(b'\n') => Ok(()),
        _ => Err(Unread::Closed),
    }
}

/// The request whose head this is.
fn parse(head: &[u8]) -> Result<Message, Unread> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Unread::Broken(431)),
        Ok(httparse::Status::Partial) | Err(_) => return Err(Unread::Broken(400)),
    }
    let target = request.path.unwrap_or_default();
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = request.headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value).trim().to_owned();
        (header.name.to_ascii_lowercase(), value)
    });
    let mut message = Message {
        method: request.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.collect(),
        ..Message::default()
    };
    let connection = message.header("connection").unwrap_or_default();
    message.keep_alive = match request.version {
        Some(0) => connection.eq_ignore_ascii_case("keep-alive"),
        _ => !connection.eq_ignore_ascii_case("close"),
    };
    Ok(message)
}

/// Bytes of the body, which must be told: chunks are not read.
fn length(message: &Message) -> Result<usize, Unread> {
    if message.header("transfer-encoding").is_some() {
        return Err(Unread::Broken(411));
    }
    let headers = message.headers.iter();
    let mut told = headers.filter(|(name, _)| name == "content-length");
    let Some((_, first)) = told.next() else {
        return Ok(0);
    };
    let digits = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || told.any(|(_, other)| other != first) {
        return Err(Unread::Broken(400));
    }
    match first.parse() {
        Ok(length) if length <= MAX_BODY => Ok(length),
        _ => Err(Unread::Broken(413)),
    }
}

/// The bytes of an answer. What an example says can't break its head.
pub fn written(answer: &Answer, keep_alive: bool) -> Vec<u8> {
    // A status below 200 is no final answer: a client would wait for another.
    let status = match answer.status {
        status @ 200..=999 => status,
        _ => 500,
    };
    let bodiless = matches!(status, 204 | 304);
    let mut head = format!("HTTP/1.1 {status} \r\n");
    for (name, value) in &answer.headers {
        if matches!(
            &*name.to_ascii_lowercase(),
            "content-length" | "transfer-encoding" | "connection"
        ) {
            continue;
        }
        let name: String = name.chars().filter(char::is_ascii_graphic).collect();
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !bodiless {
        head.push_str(&format!("content-length: {}\r\n", answer.body.len()));
    }
    if !keep_alive {
        head.push_str("connection: close\r\n");
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    if !bodiless {
        bytes.extend_from_slice(&answer.body);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Message, Unread> {
        super::read(&mut Cursor::new(bytes))
    }

    #[test]
    fn a_length_and_a_query() {
        let Ok(message) =
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
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                411,
            ),
        ] {
            assert_eq!(read(bytes).unwrap_err(), Unread::Broken(status));
        }
        assert_eq!(read(b"POST / HT").unwrap_err(), Unread::Closed);
    }

    #[test]
    fn an_answer_cannot_break_its_own_head() {
        let answer = Answer {
            status: 99,
            headers: vec![("x\r\ny".into(), "1\r\nz: 2".into())],
            body: b"{}".to_vec(),
        };
        let text = String::from_utf8(written(&answer, true)).unwrap();
        assert!(text.starts_with("HTTP/1.1 500 "));
        assert!(text.contains("xy: 1z: 2\r\ncontent-length: 2\r\n\r\n{}"));
    }
}
