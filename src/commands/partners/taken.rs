//! What a destination takes of a lead, field by field, as its definition and
//! the shared columns say. Pure; prints nothing.

use serde_json::Value as Json;

use crate::config::Destination;
use crate::config::{FieldRule, ValueFormat};
use crate::lead::text::squeeze;
use crate::output::Record;

/// One value of a request and where it comes from.
#[derive(Debug)]
pub struct Taken {
    /// Where it goes: a dotted target of the body, or a `{placeholder}`.
    pub target: String,
    pub label: Option<String>,
    /// The lead fields that give it, the first that is filled.
    pub from: Vec<String>,
    pub required: bool,
    /// What a blank becomes.
    pub default: Option<String>,
    /// Column headers under which it is found.
    pub headers: Vec<String>,
    /// The values accepted, where only some are.
    pub values: Vec<String>,
    /// What else it must be, in short phrases.
    pub accepts: Vec<String>,
}

/// All that is taken of a lead: what the address needs first, then the body in
/// its order. Constants are not taken, they are given.
pub fn taken(destination: &Destination, columns: &[(String, Vec<String>)]) -> Vec<Taken> {
    let in_path = destination.send.placeholders().map(|name| {
        let rule = destination.placeholder(name);
        let taken = Taken::new(format!("{{{name}}}"), &rule, destination, columns);
        Taken {
            required: true,
            ..taken
        }
    });
    let in_body = destination
        .fields
        .iter()
        .map(|field| Taken::new(field.target.clone(), &field.rule, destination, columns));
    let all = in_path.chain(in_body);
    all.filter(|taken| !taken.from.is_empty()).collect()
}

impl Taken {
    fn new(
        target: String,
        rule: &FieldRule,
        destination: &Destination,
        columns: &[(String, Vec<String>)],
    ) -> Self {
        let from = match rule.value {
            Some(_) => Vec::new(),
            None => rule.from.clone(),
        };
        let default = from.iter().find_map(|field| destination.default_of(field));
        Self {
            headers: headers(&target, rule, columns),
            label: rule.label.clone(),
            required: rule.required,
            default: default.map(str::to_owned),
            values: values(rule),
            accepts: rule.accepts(),
            target,
            from,
        }
    }

    /// As a row for scripts.
    pub fn record(&self, destination: &str) -> Record {
        let texts = |texts: &[String]| Json::from(texts.to_vec());
        vec![
            ("destination", destination.into()),
            ("target", self.target.as_str().into()),
            ("label", self.label.clone().into()),
            ("from", texts(&self.from)),
            ("required", self.required.into()),
            ("default", self.default.clone().into()),
            ("headers", texts(&self.headers)),
            ("values", texts(&self.values)),
            ("accepts", texts(&self.accepts)),
        ]
    }
}

/// A title's codes are no values that anybody writes.
fn values(rule: &FieldRule) -> Vec<String> {
    match rule.format {
        Some(ValueFormat::Title) => Vec::new(),
        _ => rule.map.iter().map(|(value, _)| value.clone()).collect(),
    }
}

/// Every header that gives this value, each once however it is written.
fn headers(target: &str, rule: &FieldRule, columns: &[(String, Vec<String>)]) -> Vec<String> {
    let name = target.trim_matches(['{', '}']);
    let name = name.rsplit('.').next().unwrap_or(name);
    let own = rule
        .label
        .iter()
        .map(String::as_str)
        .chain(rule.columns.iter().map(String::as_str))
        .chain([name]);
    let shared = rule.from.iter().flat_map(|field| {
        let aliases = columns.iter().filter(move |(known, _)| known == field);
        let aliases = aliases.flat_map(|(_, headers)| headers.iter().map(String::as_str));
        std::iter::once(field.as_str()).chain(aliases)
    });
    let mut seen: Vec<String> = Vec::new();
    let mut headers: Vec<String> = Vec::new();
    for header in shared.chain(own) {
        let squeezed = squeeze(header);
        if !squeezed.is_empty() && !seen.contains(&squeezed) {
            seen.push(squeezed);
            headers.push(header.to_owned());
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Catalogue;

    #[test]
    fn a_field_is_found_by_its_aliases_its_label_and_its_own_name() {
        let text = "[shop]\nbase = \"https://shop.example.fr\"\nkey = [\"email\"]\n\
            defaults = { program = \"7\" }\n\
            fields = { mailbox = { from = \"email\", required = true, label = \"Mél du client\", format = \"email\" }, \
            kind = { value = 3 } }\nsend = { path = \"/{program}\" }\n";
        let catalogue = Catalogue::load(Some(("p.toml", text))).unwrap();
        let shop = catalogue.get("shop").unwrap();
        let taken = taken(shop, &catalogue.columns);
        let targets: Vec<&str> = taken.iter().map(|taken| &*taken.target).collect();
        assert_eq!(targets, ["{program}", "mailbox"]);
        assert_eq!(taken[0].default.as_deref(), Some("7"));
        assert!(taken[0].required && taken[1].required);
        let headers = &taken[1].headers;
        for header in ["email", "courriel", "Mél du client", "mailbox"] {
            assert!(headers.iter().any(|known| known == header), "{header}");
        }
        assert_eq!(taken[1].accepts, ["an e-mail address"]);
    }
}
