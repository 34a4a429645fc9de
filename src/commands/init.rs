//! `leadctl init`: writes a `partners.toml` that holds just what the user must
//! fill in, found from the destinations' own definitions, or adds that to the file
//! that is there. Never changes what stands in it.

mod asked;
mod curl;
mod example;
mod file;
mod filling;
mod new;
mod proposal;
mod starting;

use std::collections::HashSet;
use std::io;
use std::path::Path;

use super::check;
use crate::cli;
use crate::config::{Catalogue, Destination, shelf};
use crate::error::Failure;
use crate::output::{Command, Exit, Warnings, quoted};
use crate::session::{Session, secrets, settings};
use crate::words::say;
use file::File;
use filling::Filling;

/// Beside the file: its first line tells editors.
const SCHEMA: &str = "partners.schema.json";

/// Needs no sound configuration but to add to it.
pub fn run(global: &cli::Global, args: &cli::Init) -> anyhow::Result<Exit> {
    if let Some(name) = &args.new {
        return new::run(global, args, name);
    }
    let file = File::of(global)?;
    let there = file.catalogue()?;
    let mut names: Vec<&str> = args.destinations.iter().map(String::as_str).collect();
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(*name));
    if asked::can_ask() {
        return ask(global, args, &file, &there, &names);
    }
    let shipped = shipped()?;
    if names.is_empty() {
        names = shipped
            .destinations
            .iter()
            .map(|it| it.name.as_str())
            .collect();
    }
    if let Some(twice) = names.iter().find(|name| there.users.contains(**name)) {
        return Err(file.has_already(twice).into());
    }
    let tables = names.iter().map(|name| starting(&shipped, name));
    let tables = tables.collect::<Result<Vec<String>, Failure>>()?;
    file.add(&tables.join("\n"))?;
    tell(global, file.path(), &names);
    let told = Warnings::new(global.quiet);
    let check = Command::new(["check"]).to_string();
    told.note(&say!("init-next-fill-in", check));
    Ok(Exit::Done)
}

fn shipped() -> Result<Catalogue, Failure> {
    Catalogue::load(None).map_err(|_| Failure::unfinished(say!("init-nothing-ships")))
}

/// The text that a destination's table starts with.
fn starting(shipped: &Catalogue, name: &str) -> Result<String, Failure> {
    match shelf::table(name) {
        Some(text) => Ok(text),
        None => {
            settings::destination(shipped, name).map(|it| starting::table(it, &shipped.columns))
        }
    }
}

/// Asks a person what each needs, writes it, and proves it.
fn ask(
    global: &cli::Global,
    args: &cli::Init,
    file: &File,
    there: &Catalogue,
    names: &[&str],
) -> anyhow::Result<Exit> {
    let shipped = shipped()?;
    let mut filling = Filling {
        from: io::stdin().lock(),
        known: there,
    };
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    if names.is_empty() {
        let name = filling.partner().map_err(|error| new::unanswered(&error))?;
        if shelf::table(&name).is_none() && there.get(&name).is_none() {
            drop(filling);
            return new::run(global, args, &name);
        }
        names.push(name);
    }
    let (mut tables, mut left) = (Vec::new(), Vec::new());
    for name in &mut names {
        let (table, open) = filled(&mut filling, file, &shipped, name)?;
        tables.push(table);
        left.push(open);
    }
    file.add(&tables.join("\n"))?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    tell(global, file.path(), &names);
    let told = Warnings::new(global.quiet);
    for left in left.into_iter().flatten() {
        told.note(&say!("init-left", left));
    }
    let mut exit = Exit::Done;
    for name in names {
        exit = exit.min(prove(global, &told, name)?);
    }
    Ok(exit)
}

/// One table with what a person answered, and what is still to be filled in. `name` is
/// another one where the file has this one already.
fn filled(
    filling: &mut Filling<'_, impl io::BufRead>,
    file: &File,
    shipped: &Catalogue,
    name: &mut String,
) -> anyhow::Result<(String, Option<String>)> {
    let unanswered = |error| new::unanswered(&error);
    let partner = name.clone();
    if filling.known.users.contains(&partner) {
        let another = filling.another(&partner).map_err(unanswered)?;
        *name = another.ok_or_else(|| file.has_already(&partner))?;
    }
    let is_another = *name != partner;
    let text = match filling.known.get(&partner) {
        Some(own) if is_another => starting::table(own, &shipped.columns),
        _ => starting(shipped, &partner)?,
    };
    // As the text alone makes it, so that a table of the shelf is one, too.
    let loaded = Catalogue::load(Some(("", &text))).unwrap_or_default();
    let own = filling.known.get(&partner).filter(|_| is_another);
    let destination: &Destination =
        own.map_or_else(|| settings::destination(&loaded, &partner), Ok)?;
    let text = filling.fill(text, destination).map_err(unanswered)?;
    let left = filling::left(&text, destination);
    let text = match is_another {
        false => text,
        true => text
            .replace(
                &format!("[{partner}]"),
                &format!("[{name}]\nextends = \"{partner}\""),
            )
            .replace(&format!("[{partner}."), &format!("[{name}.")),
    };
    Ok((text, left))
}

/// Proves what was written as far as it can be: by a harmless read where the secret is
/// there, else by what the file says.
fn prove(global: &cli::Global, told: &Warnings, name: &str) -> anyhow::Result<Exit> {
    let session = Session::new(global.clone())?;
    let destination = session.settings.destination(name)?;
    let folder = session.settings.folder();
    let secrets = destination.auth.secrets();
    let online = secrets
        .iter()
        .all(|(_, secret)| secrets::is_there(secret, folder) != Some(false));
    let args = cli::Check {
        to: Some(name.to_owned()),
        online,
        ..cli::Check::default()
    };
    let exit = check::run(&session, &args)?;
    let next = match exit {
        Exit::Done => Command::new(["send", "--to", name, "--dry-run", "export.csv"]),
        _ => Command::new(["check", "--to", name, "--online"]),
    };
    told.note(&match exit {
        Exit::Done => say!("init-next-dry-run"),
        _ => say!("init-next-put-right"),
    });
    told.note(&next.to_string());
    Ok(exit)
}

fn tell(global: &cli::Global, path: &Path, names: &[&str]) {
    let told = Warnings::new(global.quiet);
    told.note(&say!("init-wrote", path, names = names.join(", ")));
    let schema = path.with_file_name(SCHEMA).display().to_string();
    let schema = format!("{} > {}", Command::new(["schema"]), quoted(&schema));
    told.note(&say!("init-schema", command = schema));
}
