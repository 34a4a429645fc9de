//! The evidence of "was anything sent?": what wraps ureq's connection, once it
//! is established (TLS and proxy included), counts the request's bytes handed to
//! it. It also bounds the whole exchange. It knows no HTTP.

use std::fmt;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use ureq::unversioned::transport::time::Duration;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Timeout};

use crate::trace::{self, Trace};

/// The exchange under way: bytes sent so far, and when to give up.
#[derive(Debug, Default)]
pub struct Exchange {
    sent: AtomicU64,
    left_at: Mutex<Option<SystemTime>>,
    answered: AtomicBool,
    deadline: Mutex<Option<Instant>>,
    /// The version of TLS that the server of its connection chose.
    tls: Mutex<Option<&'static str>>,
}

impl Exchange {
    pub fn begin(&self, deadline: Instant) {
        self.sent.store(0, Ordering::Relaxed);
        self.answered.store(false, Ordering::Relaxed);
        self.set_left_at(None);
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
    }

    /// Bytes of the request handed to the connection, without TLS and proxy.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    fn set_left_at(&self, at: Option<SystemTime>) {
        *self.left_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// When its last bytes left; `None` where none did.
    pub fn left_at(&self) -> Option<SystemTime> {
        *self.left_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What TLS its connection has, where it has any.
    pub fn tls(&self) -> Option<&'static str> {
        *self.tls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_tls(&self, version: Option<&'static str>) {
        *self.tls.lock().unwrap_or_else(PoisonError::into_inner) = version;
    }

    /// Whether any byte of an answer came.
    pub fn was_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// ureq's timeout, cut to what is left of the exchange. The limit of each
    /// read and write stays; ureq applies the shorter.
    fn bounded(&self, timeout: NextTimeout) -> Result<NextTimeout, Error> {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(deadline) = deadline else {
            return Ok(timeout);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Timeout(Timeout::Global));
        }
        let left = Duration::from(left);
        if timeout.after <= left {
            return Ok(timeout);
        }
        Ok(NextTimeout {
            after: left,
            reason: Timeout::Global,
            ..timeout
        })
    }
}

/// The other end broke the connection off. ureq would take such an end for the
/// end of a body that has no length.
#[derive(Debug)]
pub struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection broken off")
    }
}

impl std::error::Error for BrokenOff {}

/// The last link of ureq's chain of connectors.
#[derive(Debug)]
pub struct Counter {
    exchange: Arc<Exchange>,
    by_proxy: bool,
}

impl Counter {
    pub fn new(exchange: Arc<Exchange>, by_proxy: bool) -> Self {
        Self { exchange, by_proxy }
    }
}

impl<In: Transport> Connector<In> for Counter {
    type Out = Counted<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Counted<In>>, Error> {
        // ureq opens the connection to the proxy itself through this chain, with
        // the proxy taken off its config: what is said there is not the request.
        let to_proxy = self.by_proxy && details.config.proxy().is_none();
        if let Some(place) = details.uri.authority().filter(|_| !to_proxy) {
            trace::tell(&Trace::Connected {
                host: place.as_str(),
                tls: self.exchange.tls(),
            });
        }
        Ok(chained.map(|inner| Counted {
            inner,
            exchange: Arc::clone(&self.exchange),
            counts: !to_proxy,
        }))
    }
}

/// An established connection.
#[derive(Debug)]
pub struct Counted<In> {
    inner: In,
    exchange: Arc<Exchange>,
    counts: bool,
}

impl<In: Transport> Transport for Counted<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = self.exchange.bounded(timeout)?;
        if self.counts {
            // Before the write: one that fails may have sent a part.
            let amount = amount as u64;
            self.exchange.sent.fetch_add(amount, Ordering::Relaxed);
        }
        let transmitted = self.inner.transmit_output(amount, timeout);
        if self.counts {
            self.exchange.set_left_at(Some(SystemTime::now()));
        }
        transmitted
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = self.exchange.bounded(timeout)?;
        let came = self.inner.await_input(timeout);
        if matches!(came, Ok(true)) && self.counts {
            self.exchange.answered.store(true, Ordering::Relaxed);
        }
        came.map_err(|error| match error {
            Error::Io(e) if is_break(e.kind()) => Error::Other(Box::new(BrokenOff)),
            other => other,
        })
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

fn is_break(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
    )
}
