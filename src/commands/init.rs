//! `leadctl init`: writes a `partners.toml` that holds just what the user must
//! fill in, found from the destinations' own definitions. Never writes over a
//! file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli;
use crate::config::{Auth, Catalogue, Destination, Secret};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Command, Exit, Progress, Warnings};
use crate::session::settings;

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

const OPENING: &str = "\
# What differs from the built-in catalogue of leadctl, and nothing else.
# Take away the # of a line and write your own value between the quotes; remove
# the tables of partners that you don't work with. Then: leadctl check
";

/// Works from the catalogue alone: a user's file that is broken, or named and
/// not there yet, is no hindrance.
pub fn run(global: &cli::Global, args: &cli::Init) -> anyhow::Result<Exit> {
    let catalogue = Catalogue::load(None)
        .map_err(|_| Failure::unfinished("the built-in catalogue can't be read"))?;
    let mut chosen: Vec<&Destination> = Vec::new();
    for name in &args.destinations {
        let destination = settings::destination(&catalogue, name)?;
        if chosen.iter().all(|known| known.name != destination.name) {
            chosen.push(destination);
        }
    }
    if args.destinations.is_empty() {
        chosen = catalogue.destinations.iter().collect();
    }
    let path = settings::named_config(global.config.as_deref());
    let path = path.unwrap_or_else(|| PathBuf::from("partners.toml"));
    write(&path, &starting_file(&chosen, &catalogue.columns))?;
    tell(global, &path, &chosen);
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.display();
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!(
            "{shown} is there already, and is left as it is"
        ))
        .hint(format!(
            "edit it ({} says what it still lacks), or write another one:\nleadctl --config other.toml init",
            Command::new(["check"])
        )),
        ErrorKind::NotFound => {
            Failure::usage(format!("{shown} can't be written: its folder doesn't exist"))
                .hint("make the folder first, or name another place with --config FILE")
        }
        _ => Failure::unfinished(format!("{shown} can't be written: {}", io_words(&error))),
    })
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

fn starting_file(destinations: &[&Destination], columns: &[(String, Vec<String>)]) -> String {
    let mut text = OPENING.to_owned();
    for destination in destinations {
        text.push('\n');
        table(&mut text, destination, columns);
    }
    text
}

fn table(text: &mut String, destination: &Destination, columns: &[(String, Vec<String>)]) {
    let name = &destination.name;
    if let Some(about) = &destination.about {
        text.push_str(&format!("# {}\n", one_line(about)));
    }
    text.push_str(&format!("[{name}]\n"));
    if destination.base.is_none() {
        text.push_str("# base = \"https://…\"    # the address that leads are sent to\n");
    }
    if let Some(auth) = &destination.auth {
        secret(text, auth);
    }
    let fields = account_fields(destination);
    if fields.is_empty() {
        return;
    }
    text.push_str(&format!(
        "\n[{name}.defaults]    # for every lead whose row says nothing else\n"
    ));
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
        text.push_str(&format!(
            "# {field} = \"{value}\"    # {why}or a column \"{column}\"\n"
        ));
    }
}

/// A secret is only named here: the file says where it is kept.
fn secret(text: &mut String, auth: &Auth) {
    if let Auth::Basic {
        user,
        secret: Secret::Env(name),
    } = auth
    {
        text.push_str(&format!(
            "# auth.basic = {{ user = \"{user}\", secret = \"{name}\" }}    # the user is yours to name\n"
        ));
    }
    text.push_str(&match auth.secret() {
        Secret::Env(name) => {
            format!("# The secret stays out of this file:  export {name}=…\n")
        }
        Secret::File(file) => format!(
            "# The secret is the first line of the file {}\n",
            one_line(file)
        ),
        Secret::Command(_) => "# The secret is asked of a command\n".to_owned(),
    });
}

/// The fields to fill in once for all leads: what the address needs, what a
/// refusal for all leads may blame, and what names the account.
fn account_fields(destination: &Destination) -> Vec<&str> {
    let from_leads = |name: &&str| {
        let rule = destination.path_rules.get(*name);
        rule.is_none_or(|rule| rule.value.is_none())
    };
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

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_writes_loads_as_it_is_and_filled_in() {
        let shipped = Catalogue::load(None).unwrap();
        let all: Vec<&Destination> = shipped.destinations.iter().collect();
        let text = starting_file(&all, &shipped.columns);
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
