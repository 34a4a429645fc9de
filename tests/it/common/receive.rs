//! Reads requests from a connection: the partner's ears.

use std::io::Read;
use std::net::TcpStream;

use super::Arrived;

fn fill(mut stream: &TcpStream, ahead: &mut Vec<u8>) -> Option<()> {
    let mut buffer = [0; 8192];
    match stream.read(&mut buffer) {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            ahead.extend_from_slice(&buffer[..count]);
            Some(())
        }
    }
}

/// The next request without its body; `None` where none comes whole.
pub fn head(stream: &TcpStream, ahead: &mut Vec<u8>) -> Option<Arrived> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(used) = request.parse(ahead).ok()? {
            let arrived = Arrived {
                number: 0,
                connection: 0,
                method: request.method?.to_owned(),
                target: request.path?.to_owned(),
                headers: request
                    .headers
                    .iter()
                    .map(|header| {
                        let value = String::from_utf8_lossy(header.value).into_owned();
                        (header.name.to_ascii_lowercase(), value)
                    })
                    .collect(),
                body: Vec::new(),
            };
            ahead.drain(..used);
            return Some(arrived);
        }
        fill(stream, ahead)?;
    }
}

/// The body of a request whose head was read; `None` where it doesn't come whole.
pub fn body(stream: &TcpStream, ahead: &mut Vec<u8>, arrived: &Arrived) -> Option<Vec<u8>> {
    let take = |ahead: &mut Vec<u8>, count: usize| {
        while ahead.len() < count {
            fill(stream, ahead)?;
        }
        Some(ahead.drain(..count).collect::<Vec<u8>>())
    };
    if arrived.header("transfer-encoding") != Some("chunked") {
        let length = arrived.header("content-length").unwrap_or("0");
        return take(ahead, length.parse().ok()?);
    }
    let mut whole = Vec::new();
    loop {
        let (used, size) = match httparse::parse_chunk_size(ahead).ok()? {
            httparse::Status::Complete(found) => found,
            httparse::Status::Partial => {
                fill(stream, ahead)?;
                continue;
            }
        };
        ahead.drain(..used);
        let size = usize::try_from(size).ok()?;
        whole.extend(take(ahead, size)?);
        take(ahead, 2)?;
        if size == 0 {
            return Some(whole);
        }
    }
}
