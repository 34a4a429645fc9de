//! The only module that knows ureq. It sends one request and says what came
//! back: a complete answer, nothing sent, or silence. It knows no lead, no
//! destination and never retries.

mod address;
mod agent;
mod answer;
mod conceal;
mod counting;
mod credential;
mod head;
mod limits;
mod names;
pub mod request;
#[cfg(test)]
mod tests;
mod words;

use std::cell::RefCell;
use std::io::Read;
use std::sync::Arc;
use std::time::Instant;

use ureq::http::header::{CONTENT_ENCODING, TRANSFER_ENCODING};
use ureq::http::{self, HeaderMap};
use ureq::tls::TlsConfig;

use crate::http::request::Request;

pub use self::answer::{Answer, Reply};
use self::counting::Exchange;
pub use self::credential::Credential;
use self::head::Head;
pub use self::limits::Limits;
use self::names::Names;

/// A worker's own connection to its destinations: one agent, one pooled
/// connection a host. It can be sent to a thread, not shared between threads:
/// what it counts is one exchange at a time.
#[derive(Debug)]
pub struct Transport {
    limits: Limits,
    direct: ureq::Agent,
    /// The environment's proxy, and the agent that goes through it.
    proxied: Option<(ureq::Proxy, ureq::Agent)>,
    names: Names,
    exchange: Arc<Exchange>,
    /// The head that was sent last.
    head: RefCell<Option<Head>>,
}

impl Transport {
    /// Opens nothing yet. The proxy is what the environment says at this moment.
    pub fn new(limits: &Limits) -> Self {
        Self::through(
            limits,
            ureq::Proxy::try_from_env(),
            &agent::platform_trust(),
        )
    }

    fn through(limits: &Limits, proxy: Option<ureq::Proxy>, trust: &TlsConfig) -> Self {
        let names = Names::default();
        let exchange = Arc::new(Exchange::default());
        let build = |proxy| {
            agent::build(
                limits,
                proxy,
                trust.clone(),
                names.clone(),
                Arc::clone(&exchange),
            )
        };
        Self {
            limits: limits.clone(),
            direct: build(None),
            proxied: proxy.map(|proxy| (proxy.clone(), build(Some(proxy)))),
            names,
            exchange,
            head: RefCell::default(),
        }
    }

    /// Sends `request` once, with `credential` as one more header, and waits for
    /// the whole answer. It never fails: what went wrong is in the reply, in
    /// words for the user, without the secret and without the URL's query.
    pub fn call(&self, request: &Request, credential: Option<&Credential>) -> Reply {
        let mut kept = self.head.borrow_mut();
        let known = kept.take().filter(|head| head.is_of(request, credential));
        let head = match known.map_or_else(|| Head::new(request, credential), Ok) {
            Ok(head) => kept.insert(head),
            Err(words) => return Reply::Unmade(words),
        };
        let address = &head.address;
        let proxy = self
            .proxied
            .as_ref()
            .filter(|(proxy, _)| address.uses(proxy));
        if let Some((proxy, _)) = proxy
            && !address::usable(proxy)
        {
            return Reply::Unmade(words::unusable_proxy(proxy));
        }
        let agent = proxy.map_or(&self.direct, |(_, agent)| agent);

        let body_follows = request.body.as_ref().is_some_and(|body| !body.is_empty());
        let deadline = Instant::now() + self.limits.patience;
        self.exchange.begin(deadline, body_follows);
        let response = match run(agent, head, request.body.as_deref()) {
            Ok(response) => response,
            Err(error) if self.exchange.sent() == 0 => {
                // The name may have moved: look it up again next time.
                self.names.forget();
                let proxy = proxy.map(|(proxy, _)| proxy);
                return Reply::Unsent(words::unsent(&error, address, proxy, &self.limits));
            }
            Err(error) => return Reply::Silent(words::silent(&error, &self.limits)),
        };
        match self.receive(response) {
            Ok(mut answer) => {
                head.secrets.conceal(&mut answer);
                Reply::Replied(answer)
            }
            Err(words) => Reply::Silent(words),
        }
    }

    /// Reads the body to its end, which also gives the connection back.
    fn receive(&self, response: http::Response<ureq::Body>) -> Result<Answer, String> {
        let (parts, body) = response.into_parts();
        let max = self.limits.max_body;
        let told = body.content_length().and_then(|told| told.try_into().ok());
        let mut bytes = Vec::with_capacity(told.unwrap_or(FIRST_READ).min(max));
        body.into_reader()
            .take(max as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| words::silent_body(&ureq::Error::from(error), &self.limits))?;
        if bytes.len() > max {
            return Err(words::too_large(max));
        }
        if let Some(coding) = coding(&parts.headers) {
            return Err(words::undecodable(&coding));
        }
        let headers = parts.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: bytes,
        })
    }
}

/// Room for a usual answer that doesn't tell its length.
const FIRST_READ: usize = 1000;

fn run(
    agent: &ureq::Agent,
    head: &Head,
    body: Option<&str>,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    let request = head.ready.clone();
    match body {
        None if request.method() == http::Method::GET => agent.run(request),
        // A method that writes says its length, be it 0.
        body => agent.run(request.map(|()| body.unwrap_or(""))),
    }
}

/// The first coding of the answer that this module does not undo: it asked for
/// none, and an unpacked bomb would not be bounded by what was received.
fn coding(headers: &HeaderMap) -> Option<String> {
    let told = |name, plain: &'static [&'static str]| {
        let values = headers.get_all(name).into_iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase());
        values
            .flat_map(|value| {
                value
                    .split(',')
                    .map(|c| c.trim().to_owned())
                    .collect::<Vec<_>>()
            })
            .find(|coding| !coding.is_empty() && !plain.contains(&coding.as_str()))
    };
    told(CONTENT_ENCODING, &["identity"])
        .or_else(|| told(TRANSFER_ENCODING, &["identity", "chunked"]))
}
