//! A small HTTP server on 127.0.0.1, a thread a connection: reads requests,
//! writes answers. Bounded, never panics on any bytes, and knows no destination:
//! what is answered is its owner's affair.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::http::Answer;

/// Answers a request; `None` closes the connection without a word.
pub type Handler = dyn Fn(&Message) -> Option<Answer> + Send + Sync;

/// A connection that stays silent this long is closed.
const IDLE: Duration = Duration::from_secs(60);
/// Bytes of request line and headers at most.
const MAX_HEAD: usize = 32 * 1024;
/// Bytes of body at most.
const MAX_BODY: usize = 2 * 1024 * 1024;
const MAX_HEADERS: usize = 64;

/// A running server. Dropping it takes no new connection; an open one ends with
/// its next answer.
pub struct Server {
    pub address: SocketAddr,
    stopped: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on 127.0.0.1; without a port, on any that is free.
    pub fn start(port: Option<u16>, handler: Arc<Handler>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)))?;
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stopped);
        let listening = thread::Builder::new()
            .name("sandbox".into())
            .spawn(move || accept(&listener, &handler, &told))?;
        Ok(Self {
            address,
            stopped,
            listening: Some(listening),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The listener looks up when somebody calls.
        if TcpStream::connect(self.address).is_ok()
            && let Some(listening) = self.listening.take()
        {
            let _ = listening.join();
        }
    }
}

fn accept(listener: &TcpListener, handler: &Arc<Handler>, stopped: &Arc<AtomicBool>) {
    loop {
        let accepted = listener.accept();
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok((stream, _)) = accepted else {
            // No descriptor is free: one will be when a connection ends.
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        let (handler, stopped) = (Arc::clone(handler), Arc::clone(stopped));
        // Without a thread the connection is closed.
        let _ = thread::Builder::new()
            .name("sandbox-connection".into())
            .spawn(move || serve(&stream, &*handler, &stopped));
    }
}

/// Whatever fails here ends the connection.
fn serve(mut stream: &TcpStream, handler: &Handler, stopped: &AtomicBool) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let message = match read(&mut reader)? {
            Ok(message) => message,
            Err(status) => {
                let answer = Answer {
                    status,
                    ..Answer::default()
                };
                return stream.write_all(&written(&answer, false));
            }
        };
        let keep_alive = message.keep_alive && !stopped.load(Ordering::SeqCst);
        let Some(answer) = handler(&message) else {
            return Ok(());
        };
        stream.write_all(&written(&answer, keep_alive))?;
        if !keep_alive {
            return Ok(());
        }
    }
}

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

/// The next request on a connection, or the status to leave with where what
/// came is none. Fails where the client left or stayed silent for too long.
fn read(reader: &mut impl BufRead) -> io::Result<Result<Message, u16>> {
    match reader.fill_buf()?.first() {
        None => return Err(ErrorKind::UnexpectedEof.into()),
        Some(first) if first.is_ascii_alphabetic() => {}
        // A TLS handshake, for one, which has no lines.
        Some(_) => return Ok(Err(400)),
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        let left = MAX_HEAD + 1 - head.len();
        reader.take(left as u64).read_until(b'\n', &mut head)?;
        if head.len() > MAX_HEAD {
            return Ok(Err(431));
        } else if !head.ends_with(b"\n") {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    let read = parse(&head).and_then(|message| Ok((length(&message)?, message)));
    let (length, mut message) = match read {
        Ok(read) => read,
        Err(status) => return Ok(Err(status)),
    };
    message.body = vec![0; length];
    reader.read_exact(&mut message.body)?;
    Ok(Ok(message))
}

/// The request whose head this is.
fn parse(head: &[u8]) -> Result<Message, u16> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(431),
        Ok(httparse::Status::Partial) | Err(_) => return Err(400),
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
fn length(message: &Message) -> Result<usize, u16> {
    if message.header("transfer-encoding").is_some() {
        return Err(411);
    }
    let headers = message.headers.iter();
    let mut told = headers.filter(|(name, _)| name == "content-length");
    let Some((_, first)) = told.next() else {
        return Ok(0);
    };
    let digits = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || told.any(|(_, other)| other != first) {
        return Err(400);
    }
    match first.parse() {
        Ok(length) if length <= MAX_BODY => Ok(length),
        _ => Err(413),
    }
}

/// The bytes of an answer. What an example says can't break its head.
fn written(answer: &Answer, keep_alive: bool) -> Vec<u8> {
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

    fn read(bytes: &[u8]) -> io::Result<Result<Message, u16>> {
        super::read(&mut Cursor::new(bytes))
    }

    #[test]
    fn a_length_and_a_query() {
        let Ok(Ok(message)) =
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
            assert_eq!(read(bytes).unwrap().unwrap_err(), status);
        }
        assert!(read(b"POST / HT").is_err());
    }

    #[test]
    fn an_answer_cannot_break_its_own_head() {
        let answer = Answer {
            status: 99,
            headers: vec![("x\r\ny".into(), "1\r\nz: 2".into())],
            body: b"{}".to_vec(),
            ..Answer::default()
        };
        let text = String::from_utf8(written(&answer, true)).unwrap();
        assert!(text.starts_with("HTTP/1.1 500 "));
        assert!(text.contains("xy: 1z: 2\r\ncontent-length: 2\r\n\r\n{}"));
    }
}
