//! For tests: a loopback server that does on each connection what a script says,
//! and tells what it saw.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

pub struct Partner {
    pub address: SocketAddr,
    seen: Arc<Seen>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
    over: AtomicBool,
}

/// One connection, as the script holds it.
pub struct Caller {
    pub stream: TcpStream,
    seen: Arc<Seen>,
}

impl Partner {
    /// `script` gets each connection in turn; it returns when it is done with it.
    pub fn new(script: impl Fn(&mut Caller) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let seen = Arc::clone(&shared);
                let stream = stream.unwrap();
                script(&mut Caller { stream, seen });
            }
        });
        Self {
            address,
            seen,
            accepting: Some(accepting),
        }
    }

    /// Gives each request the same answer, on a connection that stays open.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |caller| {
            while caller.request().is_some() {
                caller.say(&answer);
            }
        })
    }

    /// Reads one request, answers it with these bytes and closes.
    pub fn saying_once(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |caller| {
            if caller.request().is_some() {
                caller.say(&answer);
                let _ = caller.stream.shutdown(Shutdown::Write);
                caller.wait_for_close();
            }
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/v1/leads?key=q3ry", self.address)
    }

    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        self.seen.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.accepting.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the partner's script panicked");
        }
    }
}

impl Caller {
    /// The next request, head and body; `None` when the caller has gone.
    pub fn request(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            if let Some(request) = complete(&bytes) {
                self.seen.requests.lock().unwrap().push(request.clone());
                return Some(request);
            }
            match self.stream.read(&mut buffer) {
                Ok(0) | Err(_) => return None,
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            }
        }
    }

    pub fn say(&mut self, bytes: &[u8]) {
        // The caller may have had enough.
        let _ = self.stream.write_all(bytes);
    }

    pub fn wait_for_close(&mut self) {
        while matches!(self.stream.read(&mut [0; 4096]), Ok(1..)) {}
    }

    /// Says `drop` again and again, slowly, until the caller leaves.
    pub fn trickle(&mut self, drop: &[u8]) {
        let pause = Some(Duration::from_millis(5));
        self.stream.set_read_timeout(pause).unwrap();
        loop {
            if self.stream.write_all(drop).is_err() {
                return;
            }
            match self.stream.read(&mut [0; 64]) {
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => return,
            }
        }
    }
}

fn complete(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length:")
                .map(str::to_owned)
        })
        .map_or(0, |value| value.trim().parse().unwrap());
    (body.len() >= length).then_some(text)
}
