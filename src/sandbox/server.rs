//! A small HTTP server on 127.0.0.1, a thread a connection. What is answered
//! is its owner's affair.

use std::io::{self, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::message::{self, Message, Unread};
use crate::http::Answer;

/// Answers a request; `None` closes the connection without a word.
pub type Handler = dyn Fn(&Message) -> Option<Answer> + Send + Sync;

/// A connection that stays silent this long is closed.
const IDLE: Duration = Duration::from_secs(60);

/// A running server. Dropping it takes no new connection; an open one ends with
/// its next answer.
pub struct Server {
    address: SocketAddr,
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

    pub fn address(&self) -> SocketAddr {
        self.address
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
        let message = match message::read(&mut reader) {
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
        let keep_alive = message.keep_alive && !stopped.load(Ordering::SeqCst);
        let Some(answer) = handler(&message) else {
            return Ok(());
        };
        stream.write_all(&message::written(&answer, keep_alive))?;
        if !keep_alive {
            return Ok(());
        }
    }
}
