//! The pages of `leadctl partners`: a destination in words for people. Pure.

use super::taken::Taken;
use crate::config::SafeToRepeat;
use crate::config::{Destination, measure};
use crate::output::{Command, Page};

/// Columns for the labels of a destination's facts.
const LABEL: usize = 12;
/// Columns for a lead field's name.
const FIELD: usize = 15;

/// A destination in a few lines.
pub fn summary(page: &mut Page, destination: &Destination, secret: &str) {
    let name = destination.name.as_str();
    page.title(name);
    if let Some(about) = &destination.about {
        page.entry(2, "", 0, about);
    }
    page.entry(2, "", 0, &address(destination));
    let mut facts = vec![secret.to_owned()];
    if !destination.pace.is_empty() {
        facts.push(pace(destination));
    }
    page.entry(2, "", 0, &facts.join(" · "));
}

/// Everything about a destination.
pub fn whole(page: &mut Page, destination: &Destination, secret: &str, fields: &[Taken]) {
    let about = destination.about.as_deref().unwrap_or_default();
    page.line(&destination.name);
    page.entry(2, "", 0, about);
    page.line("");
    facts(page, destination, secret);
    let (needed, others): (Vec<&Taken>, Vec<&Taken>) =
        fields.iter().partition(|field| field.required);
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
    fact("secret", secret.trim_start_matches("secret: "));
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
    if destination.safe_to_repeat != SafeToRepeat::Never {
        fact("repeat", &repeat(&destination.safe_to_repeat));
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
    match &destination.base {
        Some(base) => base.clone(),
        None => format!(
            "base missing: write it in your partners.toml ({})",
            Command::new(["init", &destination.name])
        ),
    }
}

fn pace(destination: &Destination) -> String {
    let rates: Vec<String> = destination.pace.iter().map(ToString::to_string).collect();
    format!("{} at most", rates.join(", "))
}

fn repeat(repeat: &SafeToRepeat) -> String {
    match repeat {
        SafeToRepeat::Never => "never after a lost answer".to_owned(),
        SafeToRepeat::Always => "safe after a lost answer".to_owned(),
        SafeToRepeat::With(fields) => {
            format!("safe after a lost answer, with {}", fields.join(" and "))
        }
    }
}

fn section(page: &mut Page, title: &str, fields: &[&Taken]) {
    if fields.is_empty() {
        return;
    }
    page.title(title);
    for field in fields {
        let label = match &field.label {
            Some(label) => format!(", \"{label}\""),
            None => String::new(),
        };
        let sent = match field.target.starts_with('{') {
            true => format!("{} of the address{label}", field.target),
            false => format!("sent as {}{label}", field.target),
        };
        page.entry(2, &field.from.join(", "), FIELD, &sent);
        let mut more = |text: String| page.entry(2, "", FIELD, &text);
        for phrase in &field.accepts {
            more(phrase.clone());
        }
        if !field.values.is_empty() {
            more(format!("one of: {}", field.values.join(" · ")));
        }
        if let Some(default) = &field.default {
            more(format!("{default} where a row has none"));
        }
        more(format!("columns: {}", field.headers.join(", ")));
    }
}

/// What its answers mean, told by its own examples.
fn answers(page: &mut Page, destination: &Destination) {
    let examples: Vec<_> = destination
        .examples
        .iter()
        .filter(|example| example.call == "send")
        .collect();
    if examples.is_empty() {
        return;
    }
    page.title("What its answers mean");
    let rows: Vec<Vec<String>> = examples
        .iter()
        .map(|example| {
            let about = example.about.clone().unwrap_or_default();
            vec![
                example.status.to_string(),
                example.means.as_str().to_owned(),
                about,
            ]
        })
        .collect();
    page.grid(2, &rows);
    page.line("");
    let mut told = Vec::new();
    for example in examples {
        if !told.contains(&example.means) {
            told.push(example.means);
            let means = example.means;
            page.entry(2, means.as_str(), FIELD, means.in_words());
        }
    }
}
