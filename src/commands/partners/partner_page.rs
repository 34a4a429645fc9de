//! The pages of `leadctl partners`: a destination and what it takes of a lead, in
//! words for people. Pure.

use std::collections::HashSet;

use crate::config::{Destination, Example, FieldRule, SafeToRepeat, ValueFormat, measure};
use crate::lead::text::squeeze;
use crate::output::{Command, Page, Record};

/// Columns for the labels of a destination's facts.
const LABEL: usize = 12;
/// Columns for a lead field's name.
const FIELD: usize = 15;

/// A destination in a few lines.
pub fn summary(page: &mut Page, destination: &Destination, secret: &str) {
    page.title(&destination.name);
    if let Some(about) = &destination.about {
        page.entry(2, "", 0, about);
    }
    page.entry(2, "", 0, &address(destination));
    let mut facts = match &destination.auth {
        Some(_) => format!("secret: {secret}"),
        None => "no secret".to_owned(),
    };
    if !destination.pace.is_empty() {
        facts.push_str(&format!(" · {}", pace(destination)));
    }
    page.entry(2, "", 0, &facts);
}

/// Everything about a destination.
pub fn whole(page: &mut Page, destination: &Destination, secret: &str, fields: &[Taken]) {
    let about = destination.about.as_deref().unwrap_or_default();
    page.line(&destination.name);
    page.entry(2, "", 0, about);
    page.line("");
    facts(page, destination, secret);
    let (needed, others): (Vec<&Taken>, Vec<&Taken>) =
        fields.iter().partition(|field| field.rule.required);
    section(page, "Needed in every lead", &needed);
    let title = match needed.is_empty() {
        true => "Taken",
        false => "Taken where it is there",
    };
    section(page, title, &others);
    answers(page, destination);
}

fn facts(page: &mut Page, destination: &Destination, secret: &str) {
    let mut fact = |label: &str, text: &str| page.entry(2, label, LABEL, text);
    fact("base", &address(destination));
    let (method, path) = (destination.send.method, &destination.send.path);
    if !path.is_empty() {
        fact("call", &format!("{} {path}", method.as_str()));
    }
    fact("secret", secret);
    if !destination.pace.is_empty() {
        fact("pace", &pace(destination));
    }
    let key = match destination.key.is_empty() {
        true => "no key yet: `leadctl send` asks for one".to_owned(),
        false => format!("the same {}: never sent twice", destination.key.join(" + ")),
    };
    fact("same lead", &key);
    if let Some(after) = destination.again_after {
        fact("again after", &measure::in_words(after));
    }
    match &destination.safe_to_repeat {
        SafeToRepeat::Never => {}
        SafeToRepeat::Always => fact("repeat", "safe after a lost answer"),
        SafeToRepeat::With(fields) => {
            let fields = fields.join(" and ");
            fact(
                "repeat",
                &format!("safe after a lost answer, with {fields}"),
            );
        }
    }
    for group in &destination.need_one {
        fact("needs one of", &group.join(" or "));
    }
    for (field, value) in &destination.defaults {
        fact("default", &format!("{field} = {value}"));
    }
    if let Some(ask) = &destination.ask {
        fact("in doubt", ask);
    }
}

fn address(destination: &Destination) -> String {
    let missing = || {
        let init = Command::new(["init", &destination.name]);
        format!("base missing: write it in your partners.toml ({init})")
    };
    destination.base.clone().unwrap_or_else(missing)
}

fn pace(destination: &Destination) -> String {
    let rates: Vec<String> = destination.pace.iter().map(ToString::to_string).collect();
    format!("{} at most", rates.join(", "))
}

fn section(page: &mut Page, title: &str, fields: &[&Taken]) {
    if fields.is_empty() {
        return;
    }
    page.title(title);
    for field in fields {
        let label = field.rule.label.as_ref();
        let label = label
            .map(|label| format!(", \"{label}\""))
            .unwrap_or_default();
        let sent = match field.target.starts_with('{') {
            true => format!("{} of the address{label}", field.target),
            false => format!("sent as {}{label}", field.target),
        };
        page.entry(2, &field.rule.from.join(", "), FIELD, &sent);
        let mut phrases = field.rule.accepts();
        let values = field.values();
        if !values.is_empty() {
            phrases.push(format!("one of: {}", values.join(" · ")));
        }
        if let Some(default) = &field.default {
            phrases.push(format!("{default} where a row has none"));
        }
        phrases.push(format!("columns: {}", field.headers.join(", ")));
        for phrase in phrases {
            page.entry(2, "", FIELD, &phrase);
        }
    }
}

/// What its answers mean, told by its own examples.
fn answers(page: &mut Page, destination: &Destination) {
    let examples = destination.examples.iter();
    let sent: Vec<_> = examples.filter(|example| example.call == "send").collect();
    if sent.is_empty() {
        return;
    }
    page.title("What its answers mean");
    let row = |example: &&Example| {
        let about = example.about.clone().unwrap_or_default();
        let means = example.means.as_str().to_owned();
        vec![example.status.to_string(), means, about]
    };
    page.grid(2, &sent.iter().map(row).collect::<Vec<_>>());
    page.line("");
    let mut told = Vec::new();
    for means in sent.iter().map(|example| example.means) {
        if !told.contains(&means) {
            told.push(means);
            page.entry(2, means.as_str(), FIELD, means.in_words());
        }
    }
}

/// One value of a request and where it comes from.
pub struct Taken {
    /// Where it goes: a dotted target of the body, or a `{placeholder}`.
    target: String,
    rule: FieldRule,
    /// What a blank becomes.
    default: Option<String>,
    /// Column headers under which it is found.
    headers: Vec<String>,
}

/// All that is taken of a lead: what the address needs first, then the body in
/// its order. Constants are not taken, they are given.
pub fn taken(destination: &Destination, columns: &[(String, Vec<String>)]) -> Vec<Taken> {
    let in_path = destination.send.placeholders().map(|name| {
        let mut rule = destination.placeholder(name);
        rule.required = true;
        (format!("{{{name}}}"), rule)
    });
    let fields = destination.fields.iter();
    let in_body = fields.map(|field| (field.target.clone(), field.rule.clone()));
    let from_leads = in_path
        .chain(in_body)
        .filter(|(_, rule)| rule.value.is_none());
    let taken = from_leads.map(|(target, rule)| Taken {
        default: rule
            .from
            .iter()
            .find_map(|field| destination.default_of(field))
            .map(str::to_owned),
        headers: headers(&target, &rule, columns),
        target,
        rule,
    });
    taken.collect()
}

impl Taken {
    /// The values accepted, where only some are. A title's codes are no values
    /// that anybody writes.
    fn values(&self) -> Vec<String> {
        match self.rule.format {
            Some(ValueFormat::Title) => Vec::new(),
            _ => self
                .rule
                .map
                .iter()
                .map(|(value, _)| value.clone())
                .collect(),
        }
    }

    /// As a row for scripts.
    pub fn record(&self, destination: &Destination) -> Record {
        vec![
            ("destination", destination.name.as_str().into()),
            ("target", self.target.as_str().into()),
            ("label", self.rule.label.clone().into()),
            ("from", self.rule.from.clone().into()),
            ("required", self.rule.required.into()),
            ("default", self.default.clone().into()),
            ("headers", self.headers.clone().into()),
            ("values", self.values().into()),
            ("accepts", self.rule.accepts().into()),
        ]
    }
}

/// Every header that gives this value, each once however it is written.
fn headers(target: &str, rule: &FieldRule, columns: &[(String, Vec<String>)]) -> Vec<String> {
    let name = target.trim_matches(['{', '}']);
    let name = name.rsplit('.').next().unwrap_or(name).to_owned();
    let mut all = Vec::new();
    for field in &rule.from {
        all.push(field.clone());
        let aliases = columns.iter().filter(|(known, _)| known == field);
        all.extend(aliases.flat_map(|(_, headers)| headers.clone()));
    }
    all.extend(rule.label.clone());
    all.extend(rule.columns.clone());
    all.push(name);
    let mut seen = HashSet::new();
    all.retain(|header| {
        let squeezed = squeeze(header);
        !squeezed.is_empty() && seen.insert(squeezed)
    });
    all
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
        assert!(taken[0].rule.required && taken[1].rule.required);
        let headers = &taken[1].headers;
        for header in ["email", "courriel", "Mél du client", "mailbox"] {
            assert!(headers.iter().any(|known| known == header), "{header}");
        }
        assert_eq!(taken[1].rule.accepts(), ["an e-mail address"]);
    }
}
