//! The sandbox: a simulated partner for every destination, on loopback, made
//! from nothing but the destination's own definition. It refuses what the
//! rules refuse, answers with the examples and remembers what it took in.
//! Reads no secret (any will do) and calls nobody.

mod answer;
mod change;
mod listing;
mod memory;
mod message;
mod partner;
mod refusal;
mod reserved;
mod route;
mod server;

use std::io;
use std::sync::Arc;

pub use reserved::reserved_lines;

use crate::config::{Catalogue, Destination};
use crate::http::Answer;
use crate::http::request::encode;
use message::Message;
use partner::Partner;
use server::Server;

/// A running sandbox; dropping it stops it.
pub struct Sandbox {
    server: Server,
    partners: Arc<Vec<Partner>>,
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
        let partners: Arc<Vec<Partner>> =
            Arc::new(destinations.iter().cloned().map(Partner::new).collect());
        let serving = Arc::clone(&partners);
        let server = Server::start(
            port,
            Arc::new(move |message: &Message| reply(&serving, message)),
        )?;
        Ok(Self { server, partners })
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The `base` of a destination: its name under the origin.
    pub fn base_of(&self, destination: &str) -> String {
        format!("{}/{}", self.origin(), encode(destination))
    }

    /// The lines of TOML that point every destination at this sandbox.
    pub fn settings(&self) -> String {
        let mut text = String::new();
        for partner in self.partners.iter() {
            let name = &partner.destination.name;
            let base = self.base_of(name);
            text.push_str(&format!("[{}]\nbase = \"{base}\"\n\n", toml_key(name)));
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// How many leads a destination has taken in so far.
    pub fn received(&self, destination: &str) -> usize {
        let mut partners = self.partners.iter();
        partners
            .find(|partner| partner.destination.name == destination)
            .map_or(0, |partner| partner.memory().received.len())
    }
}

/// Each destination lives under its own first path segment.
fn reply(partners: &[Partner], message: &Message) -> Option<Answer> {
    let (name, path) = route::first_segment(&message.path);
    match partners
        .iter()
        .find(|partner| partner.destination.name == name)
    {
        Some(partner) => partner.reply(message, path),
        None => Some(answer::plain(
            404,
            "the sandbox has no destination of this name",
        )),
    }
}

fn toml_key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => serde_json::Value::from(name).to_string(),
    }
}

#[cfg(test)]
mod tests;
