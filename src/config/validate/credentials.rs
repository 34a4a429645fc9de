//! Who calls: that the parts of `auth` go together and find their places, and that
//! no secret is written where a constant may stand.

use serde_json::Value as Json;

use super::Validator;
use crate::config::auth::{Auth, Grant, OAuth2};
use crate::config::call::names_in;
use crate::config::document::has_gap;
use crate::config::secret_name::names_secret;
use crate::words::say;

impl Validator<'_, '_> {
    /// Nothing that could not be read hides in it.
    pub(super) fn auth(&mut self) {
        let Some(node) = self.at(&["auth"]).filter(|node| !has_gap(node)) else {
            return;
        };
        let auth = &self.destination.auth;
        if auth.is_none() && node.get_ref().is_table() {
            self.tell(&["auth"], say!("mistake-auth-empty"));
        }
        let headers = auth.headers();
        for (index, name) in headers.iter().enumerate() {
            let is_same = |other: &&&str| other.eq_ignore_ascii_case(name);
            if headers[..index].iter().any(|other| is_same(&other)) {
                self.tell(&["auth"], say!("mistake-auth-header-twice", name = *name));
            }
        }
        self.places(auth);
        if let Some(oauth2) = &auth.oauth2 {
            self.grant(oauth2);
        }
    }

    /// Each secret has its own place in a request.
    fn places(&mut self, auth: &Auth) {
        let destination = self.destination;
        for secret in &auth.path {
            let name = &secret.name;
            let mut paths = destination.calls().map(|(_, call)| call.path.as_str());
            if !paths.any(|path| names_in(path).any(|known| known == name)) {
                self.tell(&["auth", "path"], say!("mistake-auth-path", name));
            }
            if destination.path_rules.contains_key(name) {
                self.tell(&["path", name], say!("mistake-auth-path-twice", name));
            }
        }
        for secret in &auth.query {
            let name = &secret.name;
            for (call, words) in destination.calls() {
                if words.query.iter().any(|(known, _)| known == name) {
                    let message = say!("mistake-auth-query-twice", name);
                    self.tell(&[call, "query", name], message);
                }
            }
        }
        for secret in &auth.body {
            let own = &secret.target;
            let inside = |one: &str, other: &str| {
                let rest = one.strip_prefix(other);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let mut targets = destination.fields.iter().map(|field| field.target.as_str());
            if let Some(target) = targets.find(|it| inside(it, own) || inside(own, it)) {
                let name = &destination.name;
                let message = say!("mistake-auth-body-twice", own, name, target);
                self.tell(&["auth", "body"], message);
            }
        }
    }

    fn grant(&mut self, oauth2: &OAuth2) {
        let message = match (oauth2.grant, &oauth2.secret, &oauth2.refresh) {
            (Grant::ClientCredentials, None, _) => say!("mistake-grant-secret"),
            (Grant::ClientCredentials, _, Some(_)) => say!("mistake-grant-without-refresh"),
            (Grant::RefreshToken, _, None) => say!("mistake-grant-refresh"),
            _ => return,
        };
        self.tell(&["auth", "oauth2"], message);
    }

    /// A constant whose name says that it is a secret.
    pub(super) fn literal_secrets(&mut self) {
        let destination = self.destination;
        for field in &destination.fields {
            let (target, constant) = (field.target.as_str(), &field.rule.value);
            if constant.as_ref().is_some_and(is_text) && names_secret(target) {
                let message = say!("mistake-secret-in-fields", target);
                self.tell(&["fields", target], message);
            }
        }
        for (name, rule) in &destination.path_rules {
            if rule.value.as_ref().is_some_and(is_text) && names_secret(name) {
                self.tell(&["path", name], say!("mistake-secret-in-path", name));
            }
        }
        for (call, words) in destination.calls() {
            for (name, rule) in &words.query {
                let constant = rule.constant().unwrap_or_default();
                if !constant.is_empty() && names_secret(name) {
                    let place = format!("query.{name}");
                    let message = say!("mistake-secret-in-query", place, name);
                    self.tell(&[call, "query", name], message);
                }
            }
            self.literals_of(&words.path, &[call, "path"]);
        }
        self.literals_of(destination.base.as_deref().unwrap_or_default(), &["base"]);
    }

    /// What follows the `?` of an address.
    fn literals_of(&mut self, address: &str, keys: &[&str]) {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if !value.is_empty() && !value.contains('{') && names_secret(name) {
                let place = format!("{}?{name}=", keys.join("."));
                self.tell(keys, say!("mistake-secret-in-query", place, name));
            }
        }
    }
}

fn is_text(value: &Json) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}
