//! How ureq is set up: everything that it would do unasked is switched off.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use ureq::config::{AutoHeaderValue, Config};
use ureq::http::Uri;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectProxyConnector, Connector, NextTimeout, RustlsConnector, TcpConnector,
};
use ureq::{Agent, Error};

use super::byte_counter::{Counter, Exchange};
use super::server_hello::HelloReader;

/// Bytes of status line and headers read at most.
pub const MAX_HEADERS: usize = 32 * 1024;
/// Must exceed `MAX_HEADERS`, so that too many are told from a cut connection.
const INPUT_BUFFER: usize = 40 * 1024;
const OUTPUT_BUFFER: usize = 16 * 1024;
/// What ureq's list of addresses holds.
const MAX_ADDRESSES: usize = 16;

/// Shorter than what servers keep an idle connection for (5 s is the shortest
/// of the usual defaults): a request that crosses a closing is in doubt, and a
/// lead in doubt costs more than a new connection.
const MAX_IDLE: Duration = Duration::from_secs(4);

/// Who calls.
const NAME: &str = concat!("leadctl/", env!("CARGO_PKG_VERSION"));

/// How long and how much to wait for.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For each phase: connecting (with TLS), each write, each read.
    pub timeout: Duration,
    /// The whole exchange may take this long (a server that trickles bytes).
    pub patience: Duration,
    /// Bytes of body read at most; more is `Silent`.
    pub max_body: usize,
}

impl Limits {
    /// Twice as patient as a single wait, for an answer of a megabyte at most:
    /// a lead's answer is a few kilobytes.
    pub fn within(timeout: Duration) -> Self {
        Self {
            timeout,
            patience: timeout * 2,
            max_body: 1024 * 1024,
        }
    }
}

/// An agent that goes straight to its destinations, or by `proxy`.
pub fn build(
    limits: &Limits,
    proxy: Option<ureq::Proxy>,
    trust: TlsConfig,
    exchange: Arc<Exchange>,
) -> Agent {
    // ureq's own chain, with one look between the socket and TLS.
    let chain =
        ().chain(ConnectProxyConnector::default())
            .chain(TcpConnector::default())
            .chain(HelloReader(Arc::clone(&exchange)))
            .chain(RustlsConnector::default())
            .chain(Counter::new(exchange, proxy.is_some()));
    // No global, call or resolve timeout: each would start a thread a request.
    // The whole exchange is bounded by the counter.
    let config = Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy)
        .tls_config(trust)
        .user_agent(NAME)
        .accept_encoding(AutoHeaderValue::None)
        .timeout_connect(Some(limits.timeout))
        .timeout_per_write(Some(limits.timeout))
        .timeout_per_read(Some(limits.timeout))
        .max_response_header_size(MAX_HEADERS)
        .input_buffer_size(INPUT_BUFFER)
        .output_buffer_size(OUTPUT_BUFFER)
        .max_idle_connections_per_host(1)
        .max_idle_age(MAX_IDLE)
        .build();
    Agent::with_parts(config, chain, Names)
}

/// Host names turned into addresses. `localhost` is never anything but this
/// machine, since plain http is allowed there.
#[derive(Debug)]
struct Names;

impl Resolver for Names {
    /// Without ureq's time limit, which would cost a thread: the system's own
    /// resolver gives up by itself.
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let place = uri.scheme().zip(uri.authority());
        let place = place.and_then(|(scheme, host)| DefaultResolver::host_and_port(scheme, host));
        let place = place.ok_or(Error::HostNotFound)?;
        let mut addresses = self.empty();
        match local_port(&place) {
            Some(port) => {
                addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
                addresses.push(SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
            }
            None => {
                let found = place.to_socket_addrs().map_err(|_| Error::HostNotFound)?;
                found
                    .take(MAX_ADDRESSES)
                    .for_each(|found| addresses.push(found));
            }
        }
        match addresses.is_empty() {
            true => Err(Error::HostNotFound),
            false => Ok(addresses),
        }
    }
}

/// The port of `localhost:PORT`.
fn local_port(place: &str) -> Option<u16> {
    let (host, port) = place.rsplit_once(':')?;
    let local = host.eq_ignore_ascii_case("localhost");
    port.parse().ok().filter(|_| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_this_machine_without_asking() {
        assert_eq!(local_port("LOCALHOST:81"), Some(81));
        assert_eq!(local_port("localhost.example.fr:81"), None);
        assert_eq!(local_port("[::1]:82"), None);
    }
}
