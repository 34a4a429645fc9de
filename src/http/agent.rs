//! How ureq is set up: everything that it would do unasked is switched off.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::config::{AutoHeaderValue, Config};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::{Connector, DefaultConnector};

use super::counting::{Counter, Exchange};
use super::limits::Limits;
use super::names::Names;

/// Bytes of status line and headers read at most.
pub const MAX_HEADERS: usize = 32 * 1024;
/// Must exceed `MAX_HEADERS`, so that too many are told from a cut connection.
const INPUT_BUFFER: usize = 40 * 1024;
const OUTPUT_BUFFER: usize = 16 * 1024;

/// Shorter than what servers keep an idle connection for (5 s is the shortest
/// of the usual defaults): a request that crosses a closing is in doubt, and a
/// lead in doubt costs more than a new connection.
const MAX_IDLE: Duration = Duration::from_secs(4);

/// Who calls.
pub const NAME: &str = concat!("leadctl/", env!("CARGO_PKG_VERSION"));

/// Certificates are checked, against the authorities that this machine trusts.
pub fn platform_trust() -> TlsConfig {
    TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .build()
}

/// An agent that goes straight to its destinations, or by `proxy`.
pub fn build(
    limits: &Limits,
    proxy: Option<ureq::Proxy>,
    trust: TlsConfig,
    names: Names,
    exchange: Arc<Exchange>,
) -> Agent {
    let counter = Counter::new(exchange, proxy.is_some());
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
    Agent::with_parts(config, DefaultConnector::new().chain(counter), names)
}
