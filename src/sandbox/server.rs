//! A small HTTP server on 127.0.0.1, a thread a connection. What is answered
//! is its owner's affair.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::message::{Message, Reading, Wire};
use crate::http::Answer;

/// Answers a request; `None` closes the connection without a word.
pub type Handler = dyn Fn(&Message) -> Option<Answer> + Send + Sync;

/// A connection that stays silent this long is closed.
const IDLE: Duration = Duration::from_secs(60);
/// Connections at a time; further ones are closed at once.
const MOST: usize = 512;

/// A running server. Dropping it closes every connection.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    handler: Box<Handler>,
    stopped: AtomicBool,
    open: Mutex<HashMap<u64, TcpStream>>,
}

impl Server {
    /// Listens on 127.0.0.1; without a port, on any that is free.
    pub fn start(port: Option<u16>, handler: Box<Handler>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handler,
            stopped: AtomicBool::new(false),
            open: Mutex::new(HashMap::new()),
        });
        let accepting = Arc::clone(&shared);
        let listening = thread::Builder::new()
            .name("sandbox".into())
            .spawn(move || accept(&listener, &accepting))?;
        Ok(Self {
            address,
            shared,
            listening: Some(listening),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(listening) = self.listening.take() else {
            return;
        };
        self.shared.stopped.store(true, Ordering::SeqCst);
        // The listener looks up when somebody calls.
        if TcpStream::connect(self.address).is_ok() {
            let _ = listening.join();
        }
        for stream in self.shared.open().values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for number in 0.. {
        let accepted = listener.accept();
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        match accepted {
            Ok((stream, _)) => begin(stream, number, shared),
            // No descriptor is free: one will be when a connection ends.
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Gives a connection its thread; whatever fails here closes it.
fn begin(stream: TcpStream, number: u64, shared: &Arc<Shared>) {
    let Ok(twin) = stream.try_clone() else { return };
    {
        let mut open = shared.open();
        if open.len() >= MOST {
            return;
        }
        open.insert(number, twin);
    }
    let serving = Arc::clone(shared);
    let spawned = thread::Builder::new()
        .name("sandbox-connection".into())
        .spawn(move || {
            serve(&stream, &serving.handler);
            serving.open().remove(&number);
        });
    if spawned.is_err() {
        shared.open().remove(&number);
    }
}

fn serve(stream: &TcpStream, handler: &Handler) {
    let ready = stream
        .set_read_timeout(Some(IDLE))
        .and_then(|()| stream.set_write_timeout(Some(IDLE)))
        .and_then(|()| stream.set_nodelay(true));
    if ready.is_err() {
        return;
    }
    let mut wire = Wire::new(stream);
    loop {
        let message = match wire.read() {
            Reading::Request(message) => message,
            Reading::Closed => break,
            Reading::Broken(status) => {
                let answer = Answer {
                    status,
                    ..Answer::default()
                };
                let _ = wire.write(&answer, false);
                break;
            }
        };
        let Some(answer) = handler(&message) else {
            break;
        };
        if wire.write(&answer, message.keep_alive).is_err() || !message.keep_alive {
            break;
        }
    }
    // The registry holds a twin: only this ends the connection for the client.
    let _ = stream.shutdown(Shutdown::Both);
}
