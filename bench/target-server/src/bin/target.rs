//! A loopback partner that accepts every lead, after `ARG1` milliseconds. It
//! prints its port; `GET /stats` tells what came since the last such question:
//! requests, connections, the milliseconds from the first to the last arrival,
//! and the most that arrived within any one second.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

static ARRIVALS: Mutex<Vec<Instant>> = Mutex::new(Vec::new());
static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// Of the size of a real partner's answer.
const BEFORE: &str = r#"{"success":true,"message":"Dénonciation créée","body":"La dénonciation a été créée.","data":{"id":"#;
const AFTER: &str = r#","lead_id":null,"title":null,"name":"Martin","firstname":"Léa","fullname":"Léa Martin","email1":null,"email2":null,"phone1":"+33639980001","phone2":null,"city":null,"zipcode":null,"country":null,"address1":null,"address2":null,"comment":null,"status":null,"rejection_reason":null,"rejection_comment":null,"processing_report":null,"ruling_required":null,"created_by":{"id":null,"fullname":"Partner","shortname":"Partner"},"updated_by":{"id":null,"fullname":"Partner","shortname":"Partner"},"owner":{"id":10,"fullname":"Prescripteur API","shortname":"API P."},"processed_by":null,"processed_at":null,"expires_at":null,"created_at":"2022-07-22T12:14:24.000000Z","updated_at":"2022-07-22T12:14:24.000000Z"}}"#;

fn main() -> io::Result<()> {
    let delay = std::env::args()
        .nth(1)
        .and_then(|ms| ms.parse().ok())
        .unwrap_or(0);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || serve(stream, Duration::from_millis(delay)));
    }
    Ok(())
}

fn arrivals() -> std::sync::MutexGuard<'static, Vec<Instant>> {
    ARRIVALS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stats() -> String {
    let mut came = std::mem::take(&mut *arrivals());
    came.sort_unstable();
    let connections = CONNECTIONS.swap(0, Relaxed);
    let span = match (came.first(), came.last()) {
        (Some(first), Some(last)) => (*last - *first).as_millis(),
        _ => 0,
    };
    let mut begin = 0;
    let mut most = 0;
    for (end, at) in came.iter().enumerate() {
        while *at - came[begin] >= Duration::from_secs(1) {
            begin += 1;
        }
        most = most.max(end + 1 - begin);
    }
    format!(
        "{{\"requests\":{},\"connections\":{connections},\"span_ms\":{span},\"most_in_a_second\":{most}}}",
        came.len()
    )
}

fn serve(mut stream: TcpStream, delay: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut buffer, mut answer) = (Vec::new(), Vec::new());
    let mut first = true;
    while let Some((_, whole)) = target_server::message(&mut stream, &mut buffer)? {
        answer.clear();
        if buffer.starts_with(b"GET /stats") {
            let body = stats();
            write!(
                answer,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )?;
        } else {
            CONNECTIONS.fetch_add(u64::from(first), Relaxed);
            arrivals().push(Instant::now());
            if !delay.is_zero() {
                thread::sleep(delay);
            }
            let id = NUMBER.fetch_add(1, Relaxed).to_string();
            let length = BEFORE.len() + id.len() + AFTER.len();
            write!(
                answer,
                "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{BEFORE}{id}{AFTER}"
            )?;
        }
        first = false;
        stream.write_all(&answer)?;
        buffer.drain(..whole);
    }
    Ok(())
}
