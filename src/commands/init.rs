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
use std::path::{Path, PathBuf};

use crate::cli;
use crate::config::{Catalogue, Destination, Secret};
use crate::error::Failure;
use crate::output::{Command, Exit, Progress, Warnings};
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

/// Needs no sound configuration but to add to it.
pub fn run(global: &cli::Global, args: &cli::Init) -> anyhow::Result<Exit> {
    if let Some(name) = &args.new {
        return new::run(global, args, name);
    }
    let catalogue = Catalogue::load(None)
        .map_err(|_| Failure::unfinished("the built-in catalogue can't be read"))?;
    let mut names: Vec<&str> = args.destinations.iter().map(String::as_str).collect();
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(*name));
    let chosen: Vec<&Destination> = match names.is_empty() {
        true => catalogue.destinations.iter().collect(),
        false => {
            let named = names.iter().map(|it| settings::destination(&catalogue, it));
            named.collect::<Result<_, _>>()?
        }
    };
    let file = File::open(config_path(global))?;
    let there = file.catalogue()?;
    let is_there = |one: &&&Destination| there.users.contains(&one.name);
    if let Some(twice) = chosen.iter().find(is_there) {
        return Err(file.has_already(&twice.name).into());
    }
    file.add(&tables(&chosen, &catalogue.columns))?;
    tell(global, file.path(), &chosen);
    Ok(Exit::Done)
}

/// The file that is written: the one that would be read.
fn config_path(global: &cli::Global) -> PathBuf {
    let named = settings::named_config(global.config.as_deref());
    named.unwrap_or_else(|| PathBuf::from("partners.toml"))
}

fn tell(global: &cli::Global, path: &Path, chosen: &[&Destination]) {
    let told = Warnings::new(&Progress::new(false), global.quiet);
    let names: Vec<&str> = chosen.iter().map(|d| d.name.as_str()).collect();
    told.note(&format!(
        "wrote {} for {}",
        path.display(),
        names.join(", ")
    ));
    let check = Command::new(["check"]);
    told.note(&format!("next: fill it in, then: {check}"));
}

fn tables(destinations: &[&Destination], columns: &[(String, Vec<String>)]) -> String {
    let mut text = String::new();
    for (at, destination) in destinations.iter().enumerate() {
        text.push_str(if at > 0 { "\n" } else { "" });
        table(&mut text, destination, columns);
    }
    text
}

fn table(text: &mut String, destination: &Destination, columns: &[(String, Vec<String>)]) {
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
                "# The secret stays out of this file:  export {secret}=…"
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
        let why = match default {
            Some(_) => "built in; ",
            None if destination.needs().contains(&field) => "needed; ",
            None => "",
        };
        let value = default.unwrap_or_default();
        let known = columns.iter().find(|(name, _)| name == field);
        let column = known.and_then(|(_, headers)| headers.first());
        let column = column.map_or(field, String::as_str);
        line(format!(
            "# {field} = \"{value}\"    # {why}or a column \"{column}\""
        ));
    }
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
        let text = tables(&all, &shipped.columns);
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
