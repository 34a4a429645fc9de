//! `leadctl init`: writes a `partners.toml` that holds just what the user must
//! fill in, found from the destinations' own definitions, or adds that to the file
//! that is there. Never changes what stands in it.

mod asked;
mod curl;
mod example;
mod file;
mod new;
mod proposal;

use std::collections::HashSet;
use std::path::Path;

use crate::cli;
use crate::config::{Catalogue, Destination, Secret, shelf};
use crate::error::Failure;
use crate::output::{Command, Exit, Warnings, quoted, variable};
use crate::session::settings;
use file::File;

/// Lead fields that say whose a lead is rather than who the person is: the
/// same for every row of most exports, so their place is in `defaults`.
const ACCOUNT: [&str; 6] = [
    "tenant",
    "program",
    "owner",
    "client",
    "id_client",
    "category",
];

/// Beside the file: its first line tells editors.
const SCHEMA: &str = "partners.schema.json";

/// Needs no sound configuration but to add to it.
pub fn run(global: &cli::Global, args: &cli::Init) -> anyhow::Result<Exit> {
    if let Some(name) = &args.new {
        return new::run(global, args, name);
    }
    let catalogue = Catalogue::load(None)
        .map_err(|_| Failure::unfinished("the built-in catalogue can't be read"))?;
    let all = || catalogue.destinations.iter().map(|it| it.name.as_str());
    let mut names: Vec<&str> = args.destinations.iter().map(String::as_str).collect();
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(*name));
    if names.is_empty() {
        names = all().collect();
    }
    let file = File::of(global)?;
    let there = file.catalogue()?;
    if let Some(twice) = names.iter().find(|name| there.users.contains(**name)) {
        return Err(file.has_already(twice).into());
    }
    let tables = names.iter().map(|name| match shelf::table(name) {
        Some(text) => Ok(text.to_owned()),
        None => settings::destination(&catalogue, name).map(|it| table(it, &catalogue.columns)),
    });
    let tables = tables.collect::<Result<Vec<String>, Failure>>()?;
    file.add(&tables.join("\n"))?;
    tell(global, file.path(), &names);
    Ok(Exit::Done)
}

fn tell(global: &cli::Global, path: &Path, names: &[&str]) {
    let told = Warnings::new(global.quiet);
    told.note(&format!(
        "wrote {} for {}",
        path.display(),
        names.join(", ")
    ));
    let schema = path.with_file_name(SCHEMA).display().to_string();
    told.note(&format!(
        "for an editor that knows the words: {} > {}",
        Command::new(["schema"]),
        quoted(&schema)
    ));
    let check = Command::new(["check"]);
    told.note(&format!("next: fill it in, then: {check}"));
}

/// What must be filled in of a destination that ships.
fn table(destination: &Destination, columns: &[(String, Vec<String>)]) -> String {
    let mut text = String::new();
    let name = &destination.name;
    let mut line = |line: String| text.push_str(&(line + "\n"));
    if let Some(about) = &destination.about {
        line(format!("# {about}"));
    }
    line(format!("[{name}]"));
    if destination.base.is_none() {
        line("# base = \"https://…\"    # the address that leads are sent to".to_owned());
    }
    // A secret is only named here: the file says where it is kept.
    let auth = &destination.auth;
    if let Some(basic) = &auth.basic
        && let Secret::Env(secret) = &basic.secret
    {
        let user = &basic.user;
        line(format!(
            "# auth.basic = {{ user = \"{user}\", secret = \"{secret}\" }}    # the user is yours to name"
        ));
    }
    for (_, secret) in auth.secrets() {
        if let Secret::Env(secret) = secret {
            line(format!(
                "# The secret stays out of this file:  {}",
                variable(secret, "…")
            ));
        }
    }
    let fields = account_fields(destination);
    if !fields.is_empty() {
        line(format!(
            "\n[{name}.defaults]    # for every lead whose row says nothing else"
        ));
    }
    for field in fields {
        let default = destination.default_of(field);
        let value = default.unwrap_or_default();
        let known = columns.iter().find(|(name, _)| name == field);
        let column = known.and_then(|(_, headers)| headers.first());
        let column = column.map_or(field, String::as_str);
        line(match default {
            Some(_) => format!("# {field} = \"{value}\"    # built in; or a column \"{column}\""),
            None if destination.needs(field) => {
                format!("# {field} = \"{value}\"    # needed; or a column \"{column}\"")
            }
            None => format!("# {field} = \"{value}\"    # or a column \"{column}\""),
        });
    }
    text
}

/// The fields to fill in once for all leads: what the address needs, what a
/// refusal for all leads may blame, and what names the account.
fn account_fields(destination: &Destination) -> Vec<&str> {
    let from_leads = |name: &&str| destination.placeholder(name).value.is_none();
    let in_path = destination.send.placeholders().filter(from_leads);
    let rules = destination.send.rules.iter();
    let blamed = rules.flat_map(|rule| rule.blames.iter().flatten().map(String::as_str));
    let named = ACCOUNT.into_iter().filter(|field| destination.takes(field));
    let mut fields: Vec<&str> = Vec::new();
    for field in in_path.chain(blamed).chain(named) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_writes_loads_as_it_is_and_filled_in() {
        let shipped = Catalogue::load(None).unwrap();
        let all: Vec<&Destination> = shipped.destinations.iter().collect();
        let tables = all.iter().map(|it| table(it, &shipped.columns));
        let text = tables.collect::<Vec<String>>().join("\n");
        let loaded = Catalogue::load(Some(("partners.toml", &text))).unwrap();
        assert_eq!(loaded.users.len(), all.len());
        let filled: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") => {
                    let value = rest.replace('…', "x.fr").replace("\"\"", "\"42\"");
                    format!("{value}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        let loaded = Catalogue::load(Some(("partners.toml", &filled))).unwrap();
        assert!(loaded.destinations.iter().all(|d| d.base.is_some()));
    }
}
