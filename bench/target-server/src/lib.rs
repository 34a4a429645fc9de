//! What the target and the floor client share: reading one HTTP message.

use std::io::{self, Read};

/// Reads a whole message into `buffer` (its rest included); returns the length
/// of its head and of head and body, or `None` at a clean end.
pub fn message(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<Option<(usize, usize)>> {
    let mut chunk = [0; 16 * 1024];
    loop {
        if let Some(head) = head_length(buffer) {
            let whole = head + content_length(&buffer[..head]);
            if buffer.len() >= whole {
                return Ok(Some((head, whole)));
            }
        }
        match stream.read(&mut chunk)? {
            0 if buffer.is_empty() => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => buffer.extend_from_slice(&chunk[..count]),
        }
    }
}

fn head_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(end + 4)
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length:";
    head.split(|byte| *byte == b'\n')
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))
        .and_then(|line| std::str::from_utf8(&line[NAME.len()..]).ok())
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(0)
}
