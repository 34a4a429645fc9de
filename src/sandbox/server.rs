//! A small HTTP server on 127.0.0.1, a thread a connection. What is answered
//! is its owner's affair.

use std::collections::HashMap;
use std::io::{self, BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::message::{self, Message, Unread};
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
    /// The open connections, by who called.
    open: Mutex<HashMap<SocketAddr, TcpStream>>,
}

impl Server {
    /// Listens on 127.0.0.1; without a port, on any that is free.
    pub fn start(port: Option<u16>, handler: Box<Handler>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handler,
            stopped: AtomicBool::new(false),
            open: Mutex::default(),
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
        self.shared.stopped.store(true, Ordering::SeqCst);
        // The listener looks up when somebody calls.
        if TcpStream::connect(self.address).is_ok()
            && let Some(listening) = self.listening.take()
        {
            let _ = listening.join();
        }
        for stream in self.shared.open().values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, HashMap<SocketAddr, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let accepted = listener.accept();
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        match accepted {
            // What fails here closes the connection.
            Ok((stream, caller)) => drop(begin(stream, caller, shared)),
            // No descriptor is free: one will be when a connection ends.
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Gives a connection its thread.
fn begin(stream: TcpStream, caller: SocketAddr, shared: &Arc<Shared>) -> io::Result<()> {
    let twin = stream.try_clone()?;
    if shared.open().len() >= MOST {
        return Ok(());
    }
    shared.open().insert(caller, twin);
    let serving = Arc::clone(shared);
    let spawned = thread::Builder::new()
        .name("sandbox-connection".into())
        .spawn(move || {
            let _ = serve(&stream, &serving.handler);
            // Its twin stands in the list: only this ends it for the client.
            let _ = stream.shutdown(Shutdown::Both);
            serving.open().remove(&caller);
        });
    if spawned.is_err() {
        shared.open().remove(&caller);
    }
    spawned.map(drop)
}

fn serve(mut stream: &TcpStream, handler: &Handler) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let message = match message::read(&mut reader, &mut stream) {
            Ok(message) => message,
            Err(Unread::Closed) => return Ok(()),
            Err(Unread::Broken(status)) => {
                let answer = Answer {
                    status,
                    ..Answer::default()
                };
                return stream.write_all(&message::written(&answer, false));
            }
        };
        let Some(answer) = handler(&message) else {
            return Ok(());
        };
        stream.write_all(&message::written(&answer, message.keep_alive))?;
        if !message.keep_alive {
            return Ok(());
        }
    }
}
