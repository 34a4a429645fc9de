//! Who calls a destination: its secrets, put where its table says. Never prints one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::config::{Auth, Destination, NamedSecret, Secret};
use crate::error::Failure;
use crate::http::credentials::Signature;
use crate::http::token::{Asked, Keeper, LONGEST_ANSWER, TokenClient};
use crate::http::{Credentials, Limits, Transport};
use crate::output::quoted;
use crate::session::refresh_token::RefreshToken;
use crate::session::secrets::{self, PATIENCE};
use crate::session::{Session, settings};
use crate::words::say;

/// What tells the partner who calls. `deadline`: how long the run may take. Says
/// where others can read a secret.
pub fn of(
    session: &Session,
    destination: &Destination,
    deadline: Option<Duration>,
) -> Result<Credentials, Failure> {
    let beside = session.settings.folder();
    let patience = deadline.map_or(PATIENCE, |deadline| deadline.min(PATIENCE));
    let found = Found::of(destination, beside, patience)?;
    for exposed in exposed(destination, beside) {
        session.warnings.remark(&exposed);
    }
    Ok(found.credentials(destination, |refresh| RefreshToken {
        file: match refresh {
            Some(Secret::File(file)) => Some(beside.join(file)),
            _ => None,
        },
        place: refresh.map(secrets::place).unwrap_or_default(),
        destination: destination.name.clone(),
        warnings: session.warnings.clone(),
    }))
}

/// Can every secret be read?
///
/// # Errors
/// Why one can't.
pub fn look(destination: &Destination, beside: &Path) -> Result<(), Failure> {
    Found::of(destination, beside, PATIENCE).map(drop)
}

/// That others can read a file that holds a secret, and what to do.
pub fn exposed(destination: &Destination, beside: &Path) -> Vec<String> {
    let auth = &destination.auth;
    let secrets = auth.secrets().into_iter();
    let files = secrets.filter_map(|(_, secret)| match secret {
        Secret::File(file) => Some(beside.join(file)),
        _ => None,
    });
    let key = auth.certificate.as_ref().map(|own| own.key.clone());
    let exposed = files.chain(key).filter_map(|path| {
        let others = settings::others_with(&path, settings::READ)?;
        let shown = path.display().to_string();
        Some(say!(
            "secret-exposed",
            others,
            file = &shown,
            destination = &destination.name,
            command = format!("chmod 600 {}", quoted(&shown))
        ))
    });
    exposed.collect()
}

/// For a simulated partner, which takes any secret, and signatures made with this one.
pub fn rehearsed(destination: &Destination) -> Credentials {
    struct Kept;
    impl Keeper for Kept {
        fn read(&self) -> Option<String> {
            None
        }
        fn keep(&self, _: &str) {}
    }
    let found = Found::all(&destination.auth, ANY);
    found.credentials(destination, |_| Kept)
}

/// The secret that a simulated partner knows.
pub const ANY: &str = "sandbox";
/// What is shown in a secret's place.
const HIDDEN: &str = "***";

/// What hides the secrets, for requests that are shown.
pub fn hidden(destination: &Destination) -> Credentials {
    let auth = &destination.auth;
    let mut hidden = Found::all(auth, HIDDEN).in_places(auth);
    if auth.basic.is_some() {
        hidden.headers.retain(|(name, _)| name != AUTHORIZATION);
        hidden.headers.push(named(AUTHORIZATION, "Basic ***"));
    }
    if let Some(oauth2) = &auth.oauth2 {
        let value = format!("{} {HIDDEN}", oauth2.scheme);
        hidden.headers.push(named(AUTHORIZATION, &value));
    }
    if let Some(hmac) = &auth.hmac {
        let value = format!("{}{HIDDEN}", hmac.prefix);
        hidden.headers.push(named(&hmac.header, &value));
        let moment = hmac.timestamp.iter();
        hidden
            .headers
            .extend(moment.map(|name| named(name, HIDDEN)));
    }
    hidden
}

const AUTHORIZATION: &str = "Authorization";

fn named(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The secrets of a destination, in the order of [`Auth::secrets`].
struct Found(Vec<String>);

impl Found {
    /// `beside`: the configuration's folder, where relative files lie.
    fn of(destination: &Destination, beside: &Path, patience: Duration) -> Result<Self, Failure> {
        let all = destination.auth.secrets().into_iter();
        let found = all
            .map(|(word, secret)| secrets::read(secret, word, &destination.name, beside, patience));
        found.collect::<Result<_, _>>().map(Self)
    }

    /// The same for each.
    fn all(auth: &Auth, secret: &str) -> Self {
        Self(auth.secrets().iter().map(|_| secret.to_owned()).collect())
    }

    fn get(&self, auth: &Auth, secret: &Secret) -> String {
        let mut all = auth.secrets().into_iter().zip(&self.0);
        let found = all.find(|((_, known), _)| *known == secret);
        found.map_or_else(String::new, |(_, found)| found.clone())
    }

    /// What needs neither a token nor the bytes that are sent.
    fn in_places(&self, auth: &Auth) -> Credentials {
        let get = |secret: &Secret| self.get(auth, secret);
        let mut credentials = Credentials::default();
        let headers = auth.header.iter();
        credentials.headers = headers
            .map(|it| (it.name.clone(), get(&it.secret)))
            .collect();
        if let Some(secret) = &auth.bearer {
            let value = format!("Bearer {}", get(secret));
            credentials.headers.push(named(AUTHORIZATION, &value));
        }
        if let Some(basic) = &auth.basic {
            let pair = format!("{}:{}", basic.user, get(&basic.secret));
            let pair = STANDARD.encode(pair);
            credentials
                .headers
                .push(named(AUTHORIZATION, &format!("Basic {pair}")));
        }
        let pairs = |all: &[NamedSecret]| {
            all.iter()
                .map(|it| (it.name.clone(), get(&it.secret)))
                .collect()
        };
        credentials.query = pairs(&auth.query);
        credentials.path = pairs(&auth.path);
        let body = auth.body.iter();
        credentials.body = body
            .map(|it| (it.target.clone(), get(&it.secret)))
            .collect();
        credentials
    }

    fn credentials<K: Keeper + 'static>(
        self,
        destination: &Destination,
        keeper: impl FnOnce(Option<&Secret>) -> K,
    ) -> Credentials {
        let auth = &destination.auth;
        let get = |secret: &Secret| self.get(auth, secret);
        let mut credentials = self.in_places(auth);
        if let Some(hmac) = &auth.hmac {
            credentials.signature = Some(Signature {
                key: get(&hmac.secret),
                hmac: hmac.clone(),
            });
        }
        if let Some(oauth2) = &auth.oauth2 {
            let asked = Asked {
                address: oauth2.token.clone(),
                grant: oauth2.grant,
                client_id: get(&oauth2.client_id),
                secret: oauth2.secret.as_ref().map(get),
                scope: oauth2.scope.clone(),
                scheme: oauth2.scheme.clone(),
            };
            let refresh = oauth2.refresh.as_ref();
            let client = TokenClient::new(
                asked,
                refresh.map(get),
                Box::new(keeper(refresh)),
                to_tokens(destination, &oauth2.token),
            );
            credentials.tokens = Some(Arc::new(client));
        }
        // Who asks for tokens is no secret: it may be a word of an answer.
        let all = auth.secrets().into_iter().zip(&self.0);
        let secret = all.filter(|((word, _), _)| *word != "oauth2.client_id");
        credentials.secrets = secret.map(|(_, found)| found.clone()).collect();
        credentials
    }
}

/// The connection to the address that gives tokens. Who vouches for the partner, and
/// what is shown to it, is so for its own host alone.
fn to_tokens(destination: &Destination, address: &str) -> Transport {
    let host = |address: &str| {
        let (_, place) = address.split_once("://")?;
        let place = place.split(['/', '?']).next()?;
        let bare = place.rsplit_once(':').map_or(place, |(host, _)| host);
        Some(bare.to_ascii_lowercase())
    };
    let base = destination.base.as_deref().unwrap_or_default();
    let same = host(base) == host(address);
    let limits = Limits {
        max_body: LONGEST_ANSWER,
        ..Limits::within(destination.timeout)
    };
    Transport::new(
        &limits,
        destination.ca.as_deref().filter(|_| same),
        destination.auth.certificate.as_ref().filter(|_| same),
    )
}
