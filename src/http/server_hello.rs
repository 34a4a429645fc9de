//! Which version of TLS a server chose. ureq doesn't say it; the server does, in its
//! first message, which is not encrypted yet. Only looks on: what is read is read by
//! whoever does TLS.

use std::sync::Arc;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::byte_counter::Exchange;

/// Stands in ureq's chain of connectors, between the socket and TLS.
#[derive(Debug)]
pub struct HelloReader(pub Arc<Exchange>);

impl<In: Transport> Connector<In> for HelloReader {
    type Out = Watched<In>;

    fn connect(
        &self,
        _: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Watched<In>>, Error> {
        self.0.set_tls(None);
        Ok(chained.map(|inner| Watched {
            inner,
            exchange: Some(Arc::clone(&self.0)),
        }))
    }
}

/// A connection whose first bytes are looked at.
#[derive(Debug)]
pub struct Watched<In> {
    inner: In,
    /// Until they came.
    exchange: Option<Arc<Exchange>>,
}

impl<In: Transport> Transport for Watched<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let came = self.inner.await_input(timeout)?;
        if let Some(exchange) = self.exchange.take() {
            exchange.set_tls(version(self.inner.buffers().input()));
        }
        Ok(came)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// The version that a record's ServerHello chooses (RFC 8446, 4.1.3); `None`: it is
/// none.
fn version(record: &[u8]) -> Option<&'static str> {
    let (&[22, _, _, high, low], rest) = record.split_first_chunk()? else {
        return None;
    };
    // Other records may follow.
    let length = usize::from(u16::from_be_bytes([high, low]));
    let message = rest.get(..length.min(rest.len()))?;
    let hello = message.strip_prefix(&[2])?.get(3..)?;
    let (mut version, session) = (hello.get(..2)?, usize::from(*hello.get(34)?));
    // A version after 1.2 stands among the extensions, in supported_versions.
    let mut extensions = hello.get(35 + session + 5..).unwrap_or_default();
    while let Some((&[name_0, name_1, high, low], rest)) = extensions.split_first_chunk() {
        let (value, next) = rest.split_at_checked(u16::from_be_bytes([high, low]).into())?;
        if [name_0, name_1] == [0, 43] {
            version = value;
        }
        extensions = next;
    }
    match version {
        [3, 4] => Some("TLS 1.3"),
        [3, 3] => Some("TLS 1.2"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_hello_has_no_version() {
        assert_eq!(version(b""), None);
        assert_eq!(version(b"HTTP/1.1 400 Bad Request\r\n\r\n"), None);
        assert_eq!(version(&[22, 3, 3, 0, 4, 2, 0, 0, 0]), None);
    }
}
