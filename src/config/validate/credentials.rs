//! Who calls: that the parts of `auth` go together and find their places, and that
//! no secret is written where a constant may stand.

use serde_json::Value as Json;

use super::Validator;
use crate::config::auth::{Auth, Grant, OAuth2};
use crate::config::call::names_in;
use crate::config::document::has_gap;
use crate::config::secret_name::names_secret;

/// What to write instead of a literal.
const ELSEWHERE: &str = "which is never written in this file";

impl Validator<'_, '_> {
    /// Nothing that could not be read hides in it.
    pub(super) fn auth(&mut self) {
        let Some(node) = self.at(&["auth"]).filter(|node| !has_gap(node)) else {
            return;
        };
        let auth = &self.destination.auth;
        if auth.is_none() && node.get_ref().is_table() {
            let message = "`auth` must hold one of header, bearer, basic, query, body, path, \
                           oauth2, hmac, certificate, or several of them (or write auth = false \
                           where nobody asks who calls)";
            self.tell(&["auth"], message);
        }
        let headers = auth.headers();
        for (index, name) in headers.iter().enumerate() {
            let is_same = |other: &&&str| other.eq_ignore_ascii_case(name);
            if headers[..index].iter().any(|other| is_same(&other)) {
                let message = format!(
                    "two parts of `auth` write the header {name} (keep one of them; bearer, basic \
                     and oauth2 all write Authorization)"
                );
                self.tell(&["auth"], message);
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
                let message = format!(
                    "`auth.path` fills {{{name}}}, which no path has (write it where the secret \
                     stands: path = \"/hooks/{{{name}}}\")"
                );
                self.tell(&["auth", "path"], message);
            }
            if destination.path_rules.contains_key(name) {
                let message = format!(
                    "`{name}` is filled by `auth.path` already (remove it here: a secret comes \
                     from no lead)"
                );
                self.tell(&["path", name], message);
            }
        }
        for secret in &auth.query {
            let name = &secret.name;
            for (call, words) in destination.calls() {
                if words.query.iter().any(|(known, _)| known == name) {
                    let message =
                        format!("`{name}` is sent by `auth.query` already (remove it here)");
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
                let message = format!(
                    "`auth.body` sends `{own}`, and [{}.fields] sends `{target}` (keep one of them)",
                    destination.name
                );
                self.tell(&["auth", "body"], message);
            }
        }
    }

    fn grant(&mut self, oauth2: &OAuth2) {
        let message = match (oauth2.grant, &oauth2.secret, &oauth2.refresh) {
            (Grant::ClientCredentials, None, _) => {
                "`auth.oauth2` needs `secret` for this grant: where the client's secret is kept"
            }
            (Grant::ClientCredentials, _, Some(_)) => {
                "`auth.oauth2` has a `refresh` token, which its grant doesn't use (write grant = \
                 \"refresh_token\", or remove `refresh`)"
            }
            (Grant::RefreshToken, _, None) => {
                "`auth.oauth2` needs `refresh` for this grant: where the refresh token is kept \
                 (refresh = { file = \"partner.token\" })"
            }
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
                let message = format!(
                    "the constant of `{target}` is a secret, {ELSEWHERE} (auth.body = {{ target = \
                     \"{target}\", secret = \"NAME_OF_AN_ENVIRONMENT_VARIABLE\" }})"
                );
                self.tell(&["fields", target], message);
            }
        }
        for (name, rule) in &destination.path_rules {
            if rule.value.as_ref().is_some_and(is_text) && names_secret(name) {
                let message = format!(
                    "the constant of `{name}` is a secret, {ELSEWHERE} (auth.path = {{ name = \
                     \"{name}\", secret = \"NAME_OF_AN_ENVIRONMENT_VARIABLE\" }})"
                );
                self.tell(&["path", name], message);
            }
        }
        for (call, words) in destination.calls() {
            for (name, rule) in &words.query {
                let constant = rule.constant().unwrap_or_default();
                if !constant.is_empty() && names_secret(name) {
                    self.tell(
                        &[call, "query", name],
                        in_query(&format!("query.{name}"), name),
                    );
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
                self.tell(keys, in_query(&format!("{}?{name}=", keys.join(".")), name));
            }
        }
    }
}

fn is_text(value: &Json) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn in_query(place: &str, name: &str) -> String {
    format!(
        "`{place}` carries a secret, {ELSEWHERE} (auth.query = {{ name = \"{name}\", secret = \
         \"NAME_OF_AN_ENVIRONMENT_VARIABLE\" }})"
    )
}
