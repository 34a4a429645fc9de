//! The only module that knows ureq. It sends one request and says what came
//! back: a complete answer, nothing sent, or silence. It knows no lead and
//! never retries; only `request` knows what a destination says of a call.

mod agent;
mod byte_counter;
mod call_error;
pub mod credentials;
mod redact;
pub mod request;
mod server_hello;
mod surroundings;
#[cfg(test)]
mod tests;
pub mod token;

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use ureq::http::header::{CONTENT_ENCODING, TRANSFER_ENCODING};
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue};
use ureq::tls::TlsConfig;

pub use self::agent::Limits;
pub use self::call_error::CallError;
pub use self::credentials::Credentials;

use self::byte_counter::Exchange;
use self::credentials::{NoToken, Sealed, Token};
use self::redact::Redactor;
use self::request::{Method, Request};
use crate::config::Certificate;
use crate::trace::{self, Trace};

/// Can the certificates of these files be used: those of who is trusted, and the one
/// that is shown?
///
/// # Errors
/// Why not.
pub fn check_certificates(ca: Option<&Path>, own: Option<&Certificate>) -> Result<(), CallError> {
    surroundings::trust_of(ca, own).map(drop)
}

/// Whether anything was sent, and what was answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A complete HTTP answer.
    Replied(Answer),
    /// The configuration gives no request that could be sent: the same for
    /// every lead, until somebody puts it right.
    Unmade(CallError),
    /// No byte of the request left this machine.
    Unsent(CallError),
    /// Bytes left and no complete answer came back.
    Silent(CallError),
}

impl Reply {
    /// What is told of it. What a call itself gave names hosts at most.
    fn traced<'h>(&self, host: &'h str, ms: u64) -> Trace<'h> {
        match self {
            Self::Replied(answer) => Trace::Answered {
                host,
                status: answer.status,
                ms,
            },
            Self::Unmade(why) | Self::Unsent(why) | Self::Silent(why) => Trace::Unanswered {
                host,
                sent: matches!(self, Self::Silent(_)),
                why: why.to_string(),
                ms,
            },
        }
    }
}

/// A complete HTTP answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    /// Empty where it could not be read.
    pub body: Vec<u8>,
    /// How the body was packed, unasked (empty: in an unknown way): it could not be
    /// read, so it proves nothing.
    pub packed: Option<&'static str>,
    /// It refused the token of the call, so it took nothing in, and another one is
    /// worth a try.
    pub stale_token: bool,
}

impl Answer {
    /// Takes the secret out, wherever the answer repeats it or a part of it.
    fn hide(&mut self, redactor: &Redactor) {
        if let Some(body) = redactor.redact(&self.body) {
            self.body = body;
        }
        for (_, value) in &mut self.headers {
            if let Some(clean) = redactor.redact(value.as_bytes()) {
                *value = String::from_utf8_lossy(&clean).into_owned();
            }
        }
    }
}

/// A worker's own connection to its destinations: one agent, one pooled
/// connection a host. It can be sent to a thread, not shared between threads:
/// what it counts is one exchange at a time.
#[derive(Debug)]
pub struct Transport {
    limits: Limits,
    direct: ureq::Agent,
    /// The environment's proxy, and the agent that goes through it.
    proxied: Result<Option<(ureq::Proxy, ureq::Agent)>, CallError>,
    /// Why no certificate can be judged, or shown.
    untrusting: Option<CallError>,
    exchange: Arc<Exchange>,
    /// For the credentials of the last call.
    redactor: RefCell<Option<Redactor>>,
}

impl Transport {
    /// Opens no connection yet. The proxy is what the environment says at this
    /// moment; `ca`: the file of the authorities that are trusted, where it is not
    /// the machine's; `own`: the certificate that is shown to who asks for one.
    pub fn new(limits: &Limits, ca: Option<&Path>, own: Option<&Certificate>) -> Self {
        let (trust, untrusting) = match surroundings::trust_of(ca, own) {
            Ok(trust) => (trust, None),
            Err(why) => (surroundings::platform_trust(), Some(why)),
        };
        Self {
            untrusting,
            ..Self::through(limits, surroundings::proxy_of_environment(), &trust)
        }
    }

    fn through(
        limits: &Limits,
        proxy: Result<Option<ureq::Proxy>, CallError>,
        trust: &TlsConfig,
    ) -> Self {
        let exchange = Arc::new(Exchange::default());
        let build = |proxy| agent::build(limits, proxy, trust.clone(), Arc::clone(&exchange));
        let proxied = |proxy: ureq::Proxy| (proxy.clone(), build(Some(proxy)));
        Self {
            limits: limits.clone(),
            direct: build(None),
            proxied: proxy.map(|proxy| proxy.map(proxied)),
            untrusting: None,
            exchange,
            redactor: RefCell::default(),
        }
    }

    /// Sends `request` once, with what tells who calls, and waits for the whole
    /// answer. It never fails: what went wrong is in the reply, without a secret and
    /// without the URL's query.
    pub fn call(&self, request: &Request, credentials: &Credentials) -> Reply {
        self.call_with(request, credentials, credentials.token())
    }

    /// The same with a token that was asked for before.
    pub fn call_with(
        &self,
        request: &Request,
        credentials: &Credentials,
        token: Result<Option<Token>, NoToken>,
    ) -> Reply {
        // Nothing of this call left, whatever the last one's did.
        self.exchange.begin(Instant::now() + self.limits.patience);
        let token = match token {
            Ok(token) => token,
            Err(NoToken::Refused(why)) => return Reply::Unmade(why),
            Err(NoToken::Unavailable(why)) => return Reply::Unsent(why),
        };
        let sealed = match credentials.seal(request, token.as_ref()) {
            Ok(sealed) => sealed,
            Err(error) => return Reply::Unmade(error),
        };
        let mut reply = self.send(request, &sealed);
        if let Reply::Replied(answer) = &mut reply {
            let mut secrets = credentials.secrets.clone();
            secrets.extend(sealed.headers.into_iter().map(|(_, value)| value));
            if !secrets.is_empty() {
                self.hide(answer, secrets);
            }
            answer.stale_token = credentials.answered(token.as_ref(), answer.status);
        }
        reply
    }

    /// The same for who reads a secret in the answer: nothing is taken out.
    fn call_for_secret(&self, request: &Request, credentials: &Credentials) -> Reply {
        self.exchange.begin(Instant::now() + self.limits.patience);
        match credentials.seal(request, None) {
            Ok(sealed) => self.send(request, &sealed),
            Err(error) => Reply::Unmade(error),
        }
    }

    fn send(&self, request: &Request, sealed: &Sealed<'_>) -> Reply {
        let head = match head(request, sealed) {
            Ok(head) => head,
            Err(error) => return Reply::Unmade(error),
        };
        let uri = head.uri().clone();
        let (proxy, agent) = match self.way_to(&uri) {
            Ok(way) => way,
            Err(error) => return Reply::Unmade(error),
        };
        let host = uri.authority().map_or("", http::uri::Authority::as_str);
        trace::tell(&Trace::Calls {
            host,
            method: request.method.as_str(),
            proxy: proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())),
        });
        let began = Instant::now();
        let reply = match run(agent, head, sealed.body.as_deref()) {
            Ok(response) => self
                .receive(response)
                .map_or_else(Reply::Silent, Reply::Replied),
            Err(error) => self.unanswered(&error, &uri, proxy),
        };
        trace::tell(&reply.traced(host, trace::ms(began.elapsed())));
        reply
    }

    /// What an exchange without an answer means.
    fn unanswered(
        &self,
        error: &ureq::Error,
        uri: &http::Uri,
        proxy: Option<&ureq::Proxy>,
    ) -> Reply {
        let (sent, answered) = (self.exchange.sent() > 0, self.exchange.was_answered());
        let limits = &self.limits;
        match call_error::of_client_certificate(error, uri) {
            // It is so for every lead.
            Some(error) if !answered => Reply::Unmade(error),
            _ if sent => Reply::Silent(CallError::after_sending(error, limits)),
            _ => Reply::Unsent(CallError::before_sending(error, uri, proxy, limits)),
        }
    }

    /// The proxy that is gone by, if any, and who goes.
    ///
    /// # Errors
    /// What this machine or the configuration says of the way can't be used.
    fn way_to(&self, uri: &http::Uri) -> Result<(Option<&ureq::Proxy>, &ureq::Agent), CallError> {
        if let Some(why) = self.untrusting.as_ref() {
            return Err(why.clone());
        }
        let by_proxy = match &self.proxied {
            Ok(proxied) => proxied.as_ref(),
            Err(_) if request::is_loopback(uri.host().unwrap_or_default()) => None,
            Err(error) => return Err(error.clone()),
        };
        match by_proxy.filter(|(proxy, _)| request::goes_by(proxy, uri)) {
            Some((proxy, _)) if !request::is_usable(proxy) => Err(CallError::socks_proxy(proxy)),
            Some((proxy, agent)) => Ok((Some(proxy), agent)),
            None => Ok((None, &self.direct)),
        }
    }

    fn hide(&self, answer: &mut Answer, secrets: Vec<String>) {
        let mut kept = self.redactor.borrow_mut();
        let known = kept.take().filter(|redactor| redactor.is_for(&secrets));
        answer.hide(kept.insert(known.unwrap_or_else(|| Redactor::new(secrets))));
    }

    /// When the last bytes of the last call's request left, if any did.
    pub fn left_at(&self) -> Option<SystemTime> {
        self.exchange.left_at()
    }

    /// Reads the body to its end, which also gives the connection back.
    fn receive(&self, response: http::Response<ureq::Body>) -> Result<Answer, CallError> {
        let (parts, body) = response.into_parts();
        let max = self.limits.max_body;
        let mut bytes = Vec::new();
        body.into_reader()
            .take(max as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| CallError::in_body(&error.into(), &self.limits))?;
        if bytes.len() > max {
            return Err(CallError::BodyTooLarge(max));
        }
        let packed = coding(&parts.headers);
        if packed.is_some() {
            bytes.clear();
        }
        let headers = parts.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: bytes,
            packed,
            stale_token: false,
        })
    }
}

/// The head of a request as ureq takes it: where it goes, and its headers.
fn head(request: &Request, sealed: &Sealed<'_>) -> Result<http::Request<()>, CallError> {
    // What is told of an address is told of the one without its secrets.
    let shown = request::parse(&request.url)?;
    let uri = match &sealed.url {
        Cow::Borrowed(_) => shown,
        Cow::Owned(url) => request::parse(url).map_err(|_| CallError::no_address(&request.url))?,
    };
    let mut head = http::Request::new(());
    *head.method_mut() = match request.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
    };
    *head.uri_mut() = uri;
    let headers = head.headers_mut();
    for (name, value) in &request.headers {
        let (Ok(known), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value))
        else {
            return Err(CallError::header(name));
        };
        headers.append(known, value);
    }
    for (name, secret) in &sealed.headers {
        let (name, value) = credential(name, secret).ok_or_else(|| CallError::credential(name))?;
        headers.insert(name, value);
    }
    Ok(head)
}

/// A header that carries a secret; `None` where none can hold it. A secret is plain
/// ASCII: servers differ on how they read anything else.
fn credential(name: &str, secret: &str) -> Option<(HeaderName, HeaderValue)> {
    let plain = secret.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let value = HeaderValue::from_str(secret).ok();
    let mut value = value.filter(|_| plain)?;
    value.set_sensitive(true);
    Some((name.parse().ok()?, value))
}

fn run(
    agent: &ureq::Agent,
    head: http::Request<()>,
    body: Option<&str>,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    match body {
        None if head.method() == http::Method::GET => agent.run(head),
        // A method that writes says its length, be it 0.
        body => agent.run(head.map(|()| body.unwrap_or(""))),
    }
}

/// The first coding of the answer that this module does not undo: it asked for
/// none, and an unpacked bomb would not be bounded by what was received. Only a
/// known name is repeated: a server may echo anything there.
fn coding(headers: &HeaderMap) -> Option<&'static str> {
    const KNOWN: [&str; 7] = [
        "gzip",
        "x-gzip",
        "deflate",
        "compress",
        "x-compress",
        "br",
        "zstd",
    ];
    let told = |name, plain: &[&str]| {
        let values = headers.get_all(name).into_iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase());
        let all = values.collect::<Vec<_>>().join(",");
        let mut codings = all.split(',').map(str::trim);
        let coding = codings.find(|coding| !coding.is_empty() && !plain.contains(coding))?;
        let known = KNOWN.into_iter().find(|known| *known == coding);
        Some(known.unwrap_or_default())
    };
    told(CONTENT_ENCODING, &["identity"])
        .or_else(|| told(TRANSFER_ENCODING, &["identity", "chunked"]))
}
