//! The sandbox: a simulated partner for every destination, on loopback, made
//! from nothing but the destination's own definition. It refuses what the
//! rules refuse, answers with the examples and remembers what it took in.
//! Reads no secret (any will do) and calls nobody.

mod answer;
mod body;
mod caller;
mod change;
mod listing;
mod partner;
mod reply;
mod reserved;
mod server;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use reserved::reserved_lines;

use crate::config::{Auth, Catalogue, Destination, toml_key};
use crate::http::Answer;
use crate::http::request::encode;
use crate::words::say;
use caller::TOKEN_PATH;
use partner::Partner;
use server::{Message, Server};

/// A running sandbox; dropping it stops it.
pub struct Sandbox {
    server: Server,
    partners: Arc<Partners>,
}

/// The simulated partners by their names, in the order of the configuration.
struct Partners(Vec<(String, Mutex<Partner>)>);

impl Partners {
    fn get(&self, name: &str) -> Option<MutexGuard<'_, Partner>> {
        let (_, partner) = self.0.iter().find(|(known, _)| known == name)?;
        Some(partner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Each destination lives under its own first path segment.
    fn reply(&self, message: &Message) -> Option<Answer> {
        let (name, path) = reply::first_segment(&message.path);
        let Some(mut partner) = self.get(&name) else {
            return Some(answer::plain(404, &say!("sandbox-no-destination")));
        };
        partner.reply(message, path)
    }
}

impl Sandbox {
    /// Simulates what the text of a `partners.toml` declares, on any port that is
    /// free.
    ///
    /// # Errors
    /// There are mistakes in the text, or nothing can listen.
    pub fn of(partners: &str) -> io::Result<Self> {
        let catalogue = Catalogue::load(Some(("partners.toml", partners)));
        let catalogue = catalogue.map_err(|mistakes| {
            let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            io::Error::other(told.join("\n"))
        })?;
        Self::start(&catalogue.destinations, None)
    }

    /// Simulates these destinations on 127.0.0.1; without a port, on any that
    /// is free. Fails where the port is taken.
    pub(crate) fn start(destinations: &[Destination], port: Option<u16>) -> io::Result<Self> {
        let partner = |own: &Destination| (own.name.clone(), Partner::new(own.clone()).into());
        let partners = Arc::new(Partners(destinations.iter().map(partner).collect()));
        let serving = Arc::clone(&partners);
        let server = Server::start(port, Arc::new(move |message| serving.reply(message)))?;
        Ok(Self { server, partners })
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The `base` of a destination: its name under the origin.
    pub fn base_of(&self, destination: &str) -> String {
        format!("{}/{}", self.origin(), encode(destination))
    }

    /// Who calls a destination here: tokens are given here too, and no certificate is
    /// asked for.
    pub(crate) fn auth_of(&self, destination: &Destination) -> Auth {
        let mut auth = destination.auth.clone();
        if let Some(oauth2) = &mut auth.oauth2 {
            oauth2.token = format!("{}{TOKEN_PATH}", self.base_of(&destination.name));
        }
        auth.certificate = None;
        auth
    }

    /// The lines of TOML that point a destination at this sandbox.
    pub(crate) fn table_of(&self, destination: &Destination) -> String {
        let name = &destination.name;
        let (key, base) = (toml_key(name), self.base_of(name));
        let mut table = format!("[{key}]\nbase = \"{base}\"");
        if destination.auth.oauth2.is_some() {
            let auth = toml::Value::try_from(self.auth_of(destination));
            // A value written in one line.
            let auth = auth.map(|auth| auth.to_string()).unwrap_or_default();
            table += &format!("\nauth = {auth}");
        }
        table
    }

    /// How many leads a destination has taken in so far.
    pub fn received(&self, destination: &str) -> usize {
        let partner = self.partners.get(destination);
        partner.map_or(0, |partner| partner.received.len())
    }
}

#[cfg(test)]
mod tests;
