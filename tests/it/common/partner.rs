//! A partner on loopback that plays a script and counts what arrived: the
//! judge of every test that says how often a lead was sent.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use serde_json::Value as Json;

use super::PATIENCE;
use super::act::{Act, After, end, reset};
use super::receive::{body, head};

/// A request that arrived whole.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// In order of arrival, from 0.
    pub number: usize,
    /// The connection that it came on, from 0.
    pub connection: usize,
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Arrived {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }
}

/// What a new connection meets, before anything is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Open,
    /// Closed at once.
    Close,
    /// Reset at once.
    Reset,
    /// Never read from, until the partner is dropped.
    Deaf,
    /// Closed when the request's head was read.
    CloseAfterHead,
    /// Reset when the request's head was read.
    ResetAfterHead,
    /// Nothing more is read after the request's head, until the client leaves.
    StopAfterHead,
}

type Script = dyn Fn(&Arrived) -> Act + Send + Sync;
type Doorkeeper = dyn Fn(usize) -> Door + Send + Sync;

/// A running partner; dropping it hangs up on everybody.
pub struct Partner {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    script: Box<Script>,
    door: Box<Doorkeeper>,
    stopped: AtomicBool,
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Default)]
struct Seen {
    arrived: Vec<Arrived>,
    heads: usize,
    answered: usize,
    connections: usize,
    open: HashMap<usize, TcpStream>,
}

impl Partner {
    /// Asks the script about each request that arrived whole.
    pub fn start(script: impl Fn(&Arrived) -> Act + Send + Sync + 'static) -> Self {
        Self::with_door(|_| Door::Open, script)
    }

    /// The same answer to everybody.
    pub fn always(act: Act) -> Self {
        Self::start(move |_| act.clone())
    }

    /// One act a request, in order of arrival; the last one from then on.
    pub fn playing(acts: Vec<Act>) -> Self {
        assert!(!acts.is_empty(), "an empty script");
        Self::start(move |arrived| acts[arrived.number.min(acts.len() - 1)].clone())
    }

    /// Also decides what each connection, counted from 0, meets first.
    pub fn with_door(
        door: impl Fn(usize) -> Door + Send + Sync + 'static,
        script: impl Fn(&Arrived) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            script: Box::new(script),
            door: Box::new(door),
            stopped: AtomicBool::new(false),
            seen: Mutex::default(),
            changed: Condvar::new(),
        });
        let accepting = Arc::clone(&shared);
        let listening = thread::spawn(move || accept(&listener, &accepting));
        Self {
            address,
            shared,
            listening: Some(listening),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, for `base`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that arrived whole so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.shared.seen().arrived.clone()
    }

    pub fn count(&self) -> usize {
        self.shared.seen().arrived.len()
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.shared.seen().connections
    }

    /// Returns once `count` requests have arrived.
    pub fn await_count(&self, count: usize) {
        self.await_seen(count, "requests arrived", |seen| seen.arrived.len());
    }

    /// Returns once the heads of `count` requests have arrived.
    pub fn await_heads(&self, count: usize) {
        self.await_seen(count, "heads arrived", |seen| seen.heads);
    }

    /// Returns once `count` complete answers have left.
    pub fn await_answered(&self, count: usize) {
        self.await_seen(count, "answers left", |seen| seen.answered);
    }

    fn await_seen(&self, count: usize, what: &str, of: impl Fn(&Seen) -> usize) {
        let (seen, late) = self
            .shared
            .changed
            .wait_timeout_while(self.shared.seen(), PATIENCE, |seen| of(seen) < count)
            .unwrap_or_else(PoisonError::into_inner);
        let found = of(&seen);
        drop(seen);
        assert!(!late.timed_out(), "{found} of {count} {what}");
    }
}

/// An address of this machine where nobody listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("an address");
    format!("http://{address}")
}

/// A listener whose queue is full: who connects waits.
pub fn unaccepting() -> (TcpListener, SocketAddr, Vec<TcpStream>) {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(0).unwrap();
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().unwrap();
    // The queue has room for one more than it was told.
    let queued = vec![TcpStream::connect(address).unwrap()];
    (listener, address, queued)
}

impl Drop for Partner {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        if TcpStream::connect(self.address).is_ok()
            && let Some(listening) = self.listening.take()
        {
            let _ = listening.join();
        }
        self.shared.seen().open.values().for_each(end);
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(twin) = stream.try_clone() else { return };
        let connection = {
            let mut seen = shared.seen();
            let connection = seen.connections;
            seen.connections += 1;
            seen.open.insert(connection, twin);
            connection
        };
        let serving = Arc::clone(shared);
        thread::spawn(move || {
            let orderly = serve(&stream, connection, &serving);
            // A reset needs the last handle to go without a shutdown before.
            serving.seen().open.remove(&connection);
            if orderly {
                end(&stream);
            }
        });
    }
}

/// True where the connection is to be ended in order.
fn serve(stream: &TcpStream, connection: usize, shared: &Shared) -> bool {
    let _ = stream.set_nodelay(true);
    let door = (shared.door)(connection);
    match door {
        Door::Close => return true,
        Door::Reset => return reset(stream).is_err(),
        Door::Deaf => {
            // Nothing is read, so there is no event but the partner's end.
            while !shared.stopped.load(Ordering::SeqCst) {
                thread::park_timeout(std::time::Duration::from_millis(20));
            }
            return true;
        }
        _ => {}
    }
    let mut ahead = Vec::new();
    loop {
        let Some(mut arrived) = head(stream, &mut ahead) else {
            return true;
        };
        shared.seen().heads += 1;
        shared.changed.notify_all();
        match door {
            Door::CloseAfterHead => return true,
            Door::ResetAfterHead => return reset(stream).is_err(),
            Door::StopAfterHead => {
                let _ = std::io::copy(&mut &*stream, &mut std::io::sink());
                return true;
            }
            _ => {}
        }
        let Some(body) = body(stream, &mut ahead, &arrived) else {
            return true;
        };
        arrived.body = body;
        arrived.connection = connection;
        {
            let mut seen = shared.seen();
            arrived.number = seen.arrived.len();
            seen.arrived.push(arrived.clone());
        }
        shared.changed.notify_all();
        let act = (shared.script)(&arrived);
        match act.play(stream) {
            Ok(After::Keep) => {
                shared.seen().answered += 1;
                shared.changed.notify_all();
            }
            _ => return !resets(&act),
        }
    }
}

fn resets(act: &Act) -> bool {
    match act {
        Act::Reset => true,
        Act::Hold(_, then) => resets(then),
        _ => false,
    }
}
