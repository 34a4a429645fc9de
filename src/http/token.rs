//! The tokens of OAuth 2: fetched once for all workers, kept in memory, renewed
//! before their end and once after a refusal, one renewal at a time. Where the
//! refresh token is kept is its keeper's affair.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::credentials::{Credentials, NoToken, Token, Tokens};
use super::redact::Redactor;
use super::request::{FORM, Method, Request, encode};
use super::{Answer, CallError, Reply, Transport};
use crate::config::Grant;
use crate::lead::text::{in_quotes, said_of};
use crate::words::say;

/// An answer with a token is no longer.
pub const LONGEST_ANSWER: usize = 64 * 1024;
/// A token is renewed so long before its end, or a tenth of its life.
const MARGIN: Duration = Duration::from_secs(60);
/// Characters of a server's own words.
const TOLD: usize = 200;

/// Where a refresh token is kept, which the partner may change.
pub trait Keeper: Send + Sync {
    /// The one that is kept now, where that can be asked again.
    fn read(&self) -> Option<String>;
    /// The partner gave another one, in place of the last.
    fn keep(&self, new: &str);
}

/// What a token is asked for with. Its `Debug` hides the secrets.
pub struct Asked {
    pub address: String,
    pub grant: Grant,
    pub client_id: String,
    pub secret: Option<String>,
    pub scope: Option<String>,
    /// The word before the token.
    pub scheme: String,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asked({})", self.address)
    }
}

/// Who asks for tokens, for all that call one destination.
pub struct TokenClient {
    asked: Asked,
    keeper: Box<dyn Keeper>,
    state: Mutex<State>,
}

struct State {
    transport: Transport,
    refresh: Option<String>,
    /// The client's secret goes into a header: some servers take it there alone.
    in_header: bool,
    current: Option<Current>,
    /// The one before was refused by the partner.
    after_refusal: bool,
    /// No token will be given: nobody asks again.
    refused: Option<CallError>,
    given: u64,
}

struct Current {
    token: Token,
    renew_at: Option<Instant>,
    after_refusal: bool,
}

impl Current {
    fn is_good(&self) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() < at)
    }
}

impl TokenClient {
    /// Asks nobody yet. `transport` goes to the address that gives tokens;
    /// `refresh`: the token with which others are asked for, of that grant.
    pub fn new(
        asked: Asked,
        refresh: Option<String>,
        keeper: Box<dyn Keeper>,
        transport: Transport,
    ) -> Self {
        let state = State {
            transport,
            refresh,
            in_header: false,
            current: None,
            after_refusal: false,
            refused: None,
            given: 0,
        };
        Self {
            asked,
            keeper,
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, in another way too where the first one shows that it must be so.
    fn fetch(&self, state: &mut State) -> Result<Token, NoToken> {
        let mut answer = self.ask(state)?;
        if !state.in_header && self.asked.secret.is_some() && error_of(&answer) == "invalid_client"
        {
            state.in_header = true;
            answer = self.ask(state)?;
        }
        // Another run may have got a new one meanwhile.
        if error_of(&answer) == "invalid_grant"
            && let Some(other) = self.keeper.read()
            && state.refresh.as_ref().is_some_and(|own| *own != other)
        {
            state.refresh = Some(other);
            answer = self.ask(state)?;
        }
        self.take(state, &answer)
    }

    fn ask(&self, state: &State) -> Result<Answer, NoToken> {
        let asked = &self.asked;
        let scope = asked
            .scope
            .as_ref()
            .map(|it| format!("&scope={}", encode(it)));
        let request = Request {
            method: Method::Post,
            url: asked.address.clone(),
            headers: vec![
                ("Accept".to_owned(), "application/json".to_owned()),
                ("Content-Type".to_owned(), FORM.to_owned()),
            ],
            body: Some(format!(
                "grant_type={}{}",
                asked.grant.as_str(),
                scope.unwrap_or_default()
            )),
        };
        let mut credentials = Credentials::default();
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match (&asked.secret, state.in_header) {
            (Some(secret), true) => {
                let pair = format!("{}:{}", encode(&asked.client_id), encode(secret));
                let value = format!("Basic {}", STANDARD.encode(pair));
                credentials.headers.push(own("Authorization", &value));
            }
            (secret, _) => {
                credentials.body.push(own("client_id", &asked.client_id));
                let secret = secret.iter().map(|secret| own("client_secret", secret));
                credentials.body.extend(secret);
            }
        }
        let refresh = state.refresh.iter().map(|it| own("refresh_token", it));
        credentials.body.extend(refresh);
        match state.transport.call_for_secret(&request, &credentials) {
            Reply::Replied(answer) => Ok(answer),
            Reply::Unmade(why) => Err(NoToken::Refused(self.error(&why.to_string()))),
            Reply::Unsent(why) | Reply::Silent(why) => {
                Err(NoToken::Unavailable(self.error(&why.to_string())))
            }
        }
    }

    /// The server's own words, without a secret that they repeat.
    fn said(&self, state: &State, json: &Json) -> String {
        let said = json["error_description"].as_str();
        let said = said.or_else(|| json["error"].as_str()).unwrap_or_default();
        let secrets = self.asked.secret.iter().chain(&state.refresh).cloned();
        let clean = Redactor::new(secrets.collect()).redact(said.as_bytes());
        let said = clean.map_or_else(
            || said.into(),
            |clean| String::from_utf8_lossy(&clean).into_owned(),
        );
        said.chars()
            .filter(|c| !c.is_control())
            .take(TOLD)
            .collect()
    }

    /// The token in an answer.
    fn take(&self, state: &mut State, answer: &Answer) -> Result<Token, NoToken> {
        let json = json_of(answer);
        let text = |name: &str| json[name].as_str().filter(|text| !text.is_empty());
        let value = text("access_token").filter(|_| matches!(answer.status, 200..=299));
        let Some(value) = value else {
            let said = self.said(state, &json);
            let error = self.error(&in_words(self.asked.grant, answer.status, &json, &said));
            return Err(match answer.status {
                408 | 425 | 429 | 500.. => NoToken::Unavailable(error),
                _ => NoToken::Refused(error),
            });
        };
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why = say!("token-not-carried");
            return Err(NoToken::Refused(self.error(&why)));
        }
        let new = text("refresh_token").filter(|_| self.asked.grant == Grant::RefreshToken);
        if let Some(new) = new.filter(|new| state.refresh.as_deref() != Some(*new)) {
            state.refresh = Some(new.to_owned());
            // Before it is used: the last one may be worth nothing by now.
            self.keeper.keep(new);
        }
        state.given += 1;
        let token = Token {
            value: format!("{} {value}", self.asked.scheme).into(),
            number: state.given,
            proven: Arc::default(),
        };
        let life = life(&json["expires_in"]);
        state.current = Some(Current {
            token: token.clone(),
            renew_at: life.and_then(|life| {
                Instant::now().checked_add(life.saturating_sub(MARGIN.min(life / 10)))
            }),
            after_refusal: std::mem::take(&mut state.after_refusal),
        });
        Ok(token)
    }

    fn error(&self, why: &str) -> CallError {
        CallError::no_token(&self.asked.address, why)
    }
}

impl Tokens for TokenClient {
    fn token(&self) -> Result<Token, NoToken> {
        let mut state = self.lock();
        if let Some(why) = &state.refused {
            return Err(NoToken::Refused(why.clone()));
        }
        if let Some(current) = state.current.as_ref().filter(|it| it.is_good()) {
            return Ok(current.token.clone());
        }
        let fetched = self.fetch(&mut state);
        if let Err(NoToken::Refused(why)) = &fetched {
            state.refused = Some(why.clone());
        }
        fetched
    }

    fn is_at_hand(&self) -> bool {
        let state = self.lock();
        state.current.as_ref().is_some_and(Current::is_good)
    }

    /// A new one that was refused at once would only be followed by another such.
    fn refused(&self, token: &Token) -> bool {
        let mut state = self.lock();
        let Some(current) = &state.current else {
            return true;
        };
        let proven = token.proven.load(std::sync::atomic::Ordering::Relaxed);
        if current.token.number == token.number {
            if current.after_refusal && !proven {
                return false;
            }
            state.current = None;
            state.after_refusal = true;
        }
        true
    }

    fn client(&self) -> &str {
        &self.asked.client_id
    }
}

fn json_of(answer: &Answer) -> Json {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// RFC 6749's word for what is wrong.
fn error_of(answer: &Answer) -> String {
    let json = json_of(answer);
    json["error"].as_str().unwrap_or_default().to_owned()
}

/// How long a token is good for, which some write as a text.
fn life(told: &Json) -> Option<Duration> {
    let seconds = told.as_u64().or_else(|| told.as_str()?.trim().parse().ok());
    seconds.map(Duration::from_secs)
}

/// Why there is no token, and what to do.
fn in_words(grant: Grant, status: u16, json: &Json, said: &str) -> String {
    let error = json["error"].as_str().unwrap_or_default();
    let what = match (error, status) {
        ("invalid_client", _) => say!("token-unknown-client"),
        ("invalid_grant", _) if grant == Grant::RefreshToken => say!("token-refresh-over"),
        ("unauthorized_client" | "unsupported_grant_type" | "invalid_grant", _) => {
            say!("token-not-this-way")
        }
        ("invalid_scope", _) => say!("token-no-such-scope"),
        ("", 300..=399) => say!("token-redirected"),
        ("", 404 | 405) => say!("token-not-given-there"),
        ("", 200..=299) => say!("token-not-in-answer"),
        _ => String::new(),
    };
    let told = match said.is_empty() {
        true => say!("token-answered", status),
        false => say!("token-answered-saying", status, said = in_quotes(said)),
    };
    match what.is_empty() {
        true => told,
        false => said_of(&told, &what),
    }
}
