//! `leadctl partners`: the destinations, and with one, all that it takes of a
//! lead, field by field, or its whole table. A secret is never read, and a command that would print
//! one is never run.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::json;

use crate::cli;
use crate::config::{
    Destination, Example, FieldRule, LeadTest, MergedLine, SafeToRepeat, Target, ValueFormat,
    measure, shelf,
};
use crate::lead::text::{all_of, one_of, squeeze};
use crate::output::text::{pad, width};
use crate::output::{Command, Exit, Format, Layout, Page};
use crate::pipeline::ending;
use crate::session::{Session, secrets};
use crate::words::spoken::Spoken;
use crate::words::{placeholder, say};

/// Columns for the labels of a destination's facts.
const LABEL: usize = 12;
/// Columns for a lead field's name.
const FIELD: usize = 15;
/// The furthest column at which a line of TOML says where it is from.
const ORIGIN: usize = 60;

pub fn run(session: &Session, args: &cli::Partners) -> anyhow::Result<Exit> {
    let catalogue = &session.settings.catalogue;
    let mut output = session.output(Layout::Pages);
    let mut page = Page::new();
    match &args.destination {
        Some(name) if args.toml => {
            session.settings.destination(name)?;
            output.text(&merged(&session.settings.merged(name)?));
            return Ok(ending::finish(output)?);
        }
        Some(name) => {
            let destination = session.settings.destination(name)?;
            let fields = taken(destination, &catalogue.columns);
            fields.iter().for_each(|field| output.fields(field));
            tell(&mut page, session, destination, true);
            tell_fields(&mut page, &fields);
            tell_answers(&mut page, destination);
        }
        None if args.fields => {
            for (field, headers) in &catalogue.columns {
                output.fields(&json!({"field": field, "headers": headers}));
                page.entry(0, field, FIELD, &headers.join(", "));
            }
        }
        None => {
            for destination in &catalogue.destinations {
                output.fields(&record(session, destination));
                tell(&mut page, session, destination, false);
            }
        }
    }
    if session.format() == Format::Table {
        output.text(page.as_str());
        output.flush();
        if args.destination.is_none() && !args.fields {
            tell_more(session);
        }
    }
    Ok(ending::finish(output)?)
}

fn tell_more(session: &Session) {
    let partners = Command::new(["partners", "DEST"]).to_string();
    session.warnings.note(&say!("partners-one", partners));
    let init = Command::new(["init", &placeholder("NAME")]).to_string();
    let names = shelf::names().join(", ");
    session.warnings.note(&say!("partners-shelf", init, names));
    let init = Command::new(["init", "--new", &placeholder("NAME")]).to_string();
    session.warnings.note(&say!("partners-new", init));
}

/// A table as TOML, beside each line where it is from.
fn merged(lines: &[MergedLine]) -> String {
    // Of the lines that aren't very long, the origins stand in one column.
    let widths = lines.iter().map(|line| width(&line.toml));
    let column = widths.filter(|width| *width <= ORIGIN).max().unwrap_or(0);
    let lines = lines.iter().map(|line| match &line.place {
        None => line.toml.clone() + "\n",
        Some(place) => {
            let from = match place.is_built_in() {
                true => say!("partners-catalogue"),
                false => place.to_string(),
            };
            format!("{}  # {from}\n", pad(&line.toml, column))
        }
    });
    lines.collect()
}

/// A destination as a row for scripts.
fn record(session: &Session, destination: &Destination) -> serde_json::Value {
    let secrets = destination.auth.secrets();
    let folder = session.settings.folder();
    let there = secrets
        .iter()
        .map(|(_, secret)| secrets::is_there(secret, folder));
    // Not known of one that only a program can tell.
    let there: Option<Vec<bool>> = there.collect();
    let there = there.filter(|all| !all.is_empty());
    let places: Vec<String> = secrets.iter().map(|(_, it)| secrets::place(it)).collect();
    let pace: Vec<String> = destination.pace.iter().map(ToString::to_string).collect();
    let users = &session.settings.catalogue.users;
    json!({
        "name": destination.name,
        "about": destination.about.as_deref(),
        "base": destination.base,
        "secret": (!places.is_empty()).then(|| places.join(", ")),
        "secret_there": there.map(|all| all.into_iter().all(|is| is)),
        "pace": pace,
        "paused": destination.paused,
        "key": destination.key,
        "configured": users.contains(&destination.name),
    })
}

/// Which leads a destination takes, how many, and when.
fn what_it_takes(destination: &Destination) -> Vec<(String, String)> {
    let tables = destination.only.iter().map(|tests| {
        let tests: Vec<String> = tests.iter().map(LeadTest::in_words).collect();
        (say!("partners-takes-only"), all_of(&tests))
    });
    let age = destination.max_age.map(measure::in_words);
    let age = age.map(|age| (say!("partners-takes"), say!("partners-age", age)));
    let caps: Vec<String> = destination.cap.iter().map(ToString::to_string).collect();
    let cap = (!caps.is_empty()).then(|| (say!("partners-cap"), caps.join(", ")));
    let hours = destination.hours.written();
    let hours = (!hours.is_empty()).then(|| (say!("partners-hours"), hours.join(" · ")));
    let group = destination.exclusive.iter();
    let group = group.map(|group| {
        let others = all_of(&destination.rivals);
        let told = say!("partners-group", group, others);
        (say!("partners-exclusive"), told)
    });
    let others = age.into_iter().chain(cap).chain(hours).chain(group);
    tables.chain(others).collect()
}

/// What a newcomer needs to know of a destination; with `all`, everything that
/// stands in its table besides fields and answers.
fn facts(session: &Session, destination: &Destination, all: bool) -> Vec<(String, String)> {
    let missing = || {
        let init = Command::new(["init", &destination.name]).to_string();
        say!("partners-no-base", init)
    };
    let base = destination.base.clone().unwrap_or_else(missing);
    let mut facts = vec![(say!("partners-base"), base)];
    let call = &destination.send;
    if all && !call.path.is_empty() {
        let sent = format!("{} {}", call.method.as_str(), call.path);
        facts.push((say!("partners-call"), sent));
    }
    if destination.paused {
        facts.push((say!("partners-paused"), ending::paused(destination)));
    }
    facts.push((say!("partners-secret"), secret(session, destination)));
    let pace: Vec<String> = destination.pace.iter().map(ToString::to_string).collect();
    if !pace.is_empty() {
        let most = say!("partners-at-most", pace = pace.join(", "));
        facts.push((say!("partners-pace"), most));
    }
    if !all {
        return facts;
    }
    let key = match destination.key.is_empty() {
        true => say!("partners-no-key"),
        false => {
            let fields = destination.key.join(&say!("partners-key-between"));
            say!("partners-key", count = destination.key.len(), fields)
        }
    };
    facts.push((say!("partners-same-lead"), key));
    let again = destination.again_after.map(measure::in_words);
    facts.extend(again.map(|again| (say!("partners-again-after"), again)));
    let within = destination.returns_within.map(measure::in_words);
    facts.extend(within.map(|within| (say!("partners-returns-within"), within)));
    facts.extend(what_it_takes(destination));
    let safe = match &destination.safe_to_repeat {
        SafeToRepeat::Never => None,
        SafeToRepeat::Always => Some(say!("partners-safe")),
        SafeToRepeat::With(fields) => Some(say!("partners-safe-with", fields = all_of(fields))),
    };
    facts.extend(safe.map(|safe| (say!("partners-repeat"), safe)));
    let groups = destination.need_one.iter();
    facts.extend(groups.map(|group| (say!("partners-needs-one-of"), one_of(group))));
    let named: Vec<&str> = destination.names().map(String::as_str).collect();
    let asked = destination.consent.iter().flat_map(|it| it.asks(&named));
    facts.extend(asked.map(|asked| (say!("partners-consent"), asked)));
    let defaults = destination.defaults.iter();
    let given = |(field, value): &(String, String)| format!("{field} = {value}");
    facts.extend(defaults.map(|it| (say!("partners-default"), given(it))));
    let ask = destination.ask.iter().map(Spoken::to_string);
    facts.extend(ask.map(|ask| (say!("partners-in-doubt"), ask)));
    facts
}

/// Where the secrets are kept and whether they are there.
fn secret(session: &Session, destination: &Destination) -> String {
    let told = destination.auth.secrets().into_iter().map(|(_, secret)| {
        let place = secrets::place(secret);
        match secrets::is_there(secret, session.settings.folder()) {
            Some(true) => say!("partners-secret-there", place),
            Some(false) => say!("partners-secret-missing", place),
            None => say!("partners-secret-asked", place),
        }
    });
    let told: Vec<String> = told.collect();
    match told.is_empty() {
        true => say!("partners-no-secret"),
        false => told.join(", "),
    }
}

/// A destination's own part of a page.
fn tell(page: &mut Page, session: &Session, destination: &Destination, all: bool) {
    page.title(&destination.name);
    if let Some(about) = &destination.about {
        page.entry(2, "", 0, about);
    }
    if all {
        page.line("");
    }
    for (label, fact) in facts(session, destination, all) {
        page.entry(2, &label, LABEL, &fact);
    }
}

/// What it takes of a lead, what is needed first.
fn tell_fields(page: &mut Page, fields: &[Taken<'_>]) {
    let (needed, others): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.required);
    let title = match needed.is_empty() {
        true => say!("partners-taken"),
        false => say!("partners-taken-if-there"),
    };
    for (title, fields) in [(say!("partners-needed"), needed), (title, others)] {
        if !fields.is_empty() {
            page.title(&title);
        }
        fields.into_iter().for_each(|field| field.tell(page));
    }
}

/// What its answers mean, told by its own examples.
fn tell_answers(page: &mut Page, destination: &Destination) {
    let examples = destination.examples.iter();
    let sent: Vec<_> = examples.filter(|example| example.call == "send").collect();
    if sent.is_empty() {
        return;
    }
    page.title(&say!("partners-answers"));
    let row = |example: &&Example| {
        let about = example.about.as_deref().unwrap_or_default().to_owned();
        let means = example.means.as_str().to_owned();
        vec![example.status.to_string(), means, about]
    };
    page.grid(2, &sent.iter().map(row).collect::<Vec<_>>());
    page.line("");
    let mut told = Vec::new();
    for means in sent.iter().map(|example| example.means) {
        if !told.contains(&means) {
            told.push(means);
            page.entry(2, means.as_str(), FIELD, &means.in_words());
        }
    }
}

/// One value of a request and where it comes from, as a row for scripts.
#[derive(Serialize)]
struct Taken<'d> {
    destination: &'d str,
    /// Where it goes: a target of the body, a `{placeholder}`, a `?query` or a `header:`.
    target: String,
    label: Option<String>,
    from: Vec<String>,
    required: bool,
    /// What a blank becomes.
    default: Option<&'d str>,
    /// Column headers under which it is found.
    headers: Vec<String>,
    /// The values accepted, where only some are.
    values: Vec<String>,
    accepts: Vec<String>,
}

/// All that is taken of a lead: what the address needs first, then the body in
/// its order. Constants are not taken, they are given.
fn taken<'d>(destination: &'d Destination, columns: &[(String, Vec<String>)]) -> Vec<Taken<'d>> {
    let in_path = destination.send.placeholders().map(|name| {
        let mut rule = destination.placeholder(name);
        rule.required = true;
        (format!("{{{name}}}"), rule)
    });
    let fields = destination.fields.iter();
    let in_body = fields.map(|field| (field.target.to_string(), field.rule.clone()));
    let query = destination.send.query.iter();
    let query = query.map(|(name, rule)| (format!("?{name}"), rule.clone()));
    let headers_of = destination.headers.iter();
    let in_headers = headers_of.map(|(name, rule)| (format!("{name}:"), rule.clone()));
    let from_leads = in_path
        .chain(query)
        .chain(in_headers)
        .chain(in_body)
        .filter(|(_, rule)| rule.value.is_none());
    let taken = from_leads.map(|(target, rule)| {
        let mut from = rule.sources();
        Taken {
            destination: &destination.name,
            default: from.find_map(|field| destination.default_of(field)),
            headers: headers(&target, &rule, columns),
            values: match rule.format {
                // A title's codes are no values that anybody writes.
                Some(ValueFormat::Title) => Vec::new(),
                _ => rule.map.iter().map(|(value, _)| value.clone()).collect(),
            },
            accepts: rule.accepts(),
            required: rule.required,
            label: rule.label.as_ref().map(Spoken::to_string),
            from: rule.sources().cloned().collect(),
            target,
        }
    });
    taken.collect()
}

impl Taken<'_> {
    fn tell(&self, page: &mut Page) {
        let target = &self.target;
        let mut sent = match (target.strip_prefix('?'), target.strip_suffix(':')) {
            (Some(name), _) => say!("partners-sent-query", name),
            (_, Some(name)) => say!("partners-sent-header", name),
            _ if target.starts_with('{') => say!("partners-sent-address", target),
            _ => say!("partners-sent", target),
        };
        if let Some(label) = &self.label {
            sent = say!("partners-sent-label", sent, label);
        }
        page.entry(2, &self.from.join(", "), FIELD, &sent);
        let mut more = |text: &str| page.entry(2, "", FIELD, text);
        self.accepts.iter().for_each(|accepts| more(accepts));
        if !self.values.is_empty() {
            more(&say!("partners-one-of", values = self.values.join(" · ")));
        }
        if let Some(value) = self.default {
            more(&say!("partners-default-value", value));
        }
        more(&say!("partners-columns", headers = self.headers.join(", ")));
    }
}

/// Every header that gives this value, each once however it is written.
fn headers(target: &str, rule: &FieldRule, columns: &[(String, Vec<String>)]) -> Vec<String> {
    let name = target.trim_matches(['{', '}', '?', ':']).to_owned();
    let name = Target::from(name).last_name().to_owned();
    let mut all = Vec::new();
    for field in rule.sources() {
        all.push(field.clone());
        let aliases = columns.iter().filter(|(known, _)| known == field);
        all.extend(aliases.flat_map(|(_, headers)| headers.clone()));
    }
    let labels = rule.label.iter().flat_map(Spoken::every);
    all.extend(labels.map(str::to_owned));
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
        assert_eq!(taken[0].default, Some("7"));
        assert!(taken[0].required && taken[1].required);
        let headers = &taken[1].headers;
        for header in ["email", "courriel", "Mél du client", "mailbox"] {
            assert!(headers.iter().any(|known| known == header), "{header}");
        }
        assert_eq!(taken[1].accepts, ["an e-mail address"]);
    }
}
