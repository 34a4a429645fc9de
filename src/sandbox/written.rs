//! An answer as the bytes of HTTP/1.1. Pure.

use crate::http::Answer;

/// The bytes of an answer. What an example says can't break its head.
pub fn written(answer: &Answer, keep_alive: bool) -> Vec<u8> {
    // A status below 200 is no final answer: a client would wait for another.
    let status = match answer.status {
        status @ 200..=999 => status,
        _ => 500,
    };
    let bodiless = matches!(status, 204 | 304);
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
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

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        _ => "Answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
