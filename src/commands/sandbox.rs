//! `leadctl sandbox`: every destination simulated on this machine, until
//! Ctrl-C. What it prints is a configuration that points there.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::sync::mpsc;

use serde_json::json;

use crate::cli;
use crate::config::{Catalogue, Destination, Secret};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Exit, Format, Layout, variable};
use crate::pipeline::ending;
use crate::sandbox::{Sandbox, reserved_lines};
use crate::session::{Session, interrupts};
use crate::words::say;

/// Ctrl-C is how a server ends: exit 0.
pub fn run(session: &Session, args: &cli::Sandbox) -> anyhow::Result<Exit> {
    let (interrupt, interrupted) = mpsc::channel();
    interrupts::listen(move || _ = interrupt.send(()))?;
    let destinations = &session.settings.catalogue.destinations;
    let sandbox =
        Sandbox::start(destinations, args.port).map_err(|error| not_started(&error, args.port))?;
    let mut output = session.output(Layout::Pages);
    match session.format() {
        Format::Table => output.text(&page(session, &sandbox)),
        Format::Json | Format::Csv => destinations.iter().for_each(|destination| {
            let base = sandbox.base_of(&destination.name);
            output.fields(&json!({ "destination": destination.name, "base": base }));
        }),
    }
    // Whoever reads this waits for its end before sending anything.
    ending::finish(output)?;
    let serves = say!("sandbox-serves", origin = sandbox.origin());
    session.warnings.note(&serves);
    // It can't fail: the listener keeps its end.
    _ = interrupted.recv();
    Ok(Exit::Done)
}

fn not_started(error: &std::io::Error, port: Option<u16>) -> Failure {
    let why = match (error.kind(), port) {
        (ErrorKind::AddrInUse, Some(port)) => {
            say!("sandbox-port-taken", port = port.to_string())
        }
        (ErrorKind::PermissionDenied, Some(port)) => {
            say!("sandbox-port-reserved", port = port.to_string())
        }
        _ => io_words(error),
    };
    let failure = Failure::unfinished(say!("sandbox-not-started", why));
    match port {
        None => failure,
        Some(_) => failure.hint(say!("sandbox-another-port")),
    }
}

/// A TOML file: what is not a setting is a comment in it.
fn page(session: &Session, sandbox: &Sandbox) -> String {
    let mut page = say!("sandbox-page-save") + "\n";
    for name in variables(&session.settings.catalogue.destinations) {
        page.push_str(&format!("#   {}\n", variable(name, "sandbox")));
    }
    page.push_str(&(say!("sandbox-page-addresses") + "\n"));
    for line in reserved_lines().lines() {
        page.push_str(&format!("# {line}\n"));
    }
    let origin = sandbox.origin();
    let port = origin.rsplit(':').next().unwrap_or_default();
    page.push_str(&say!("sandbox-page-ledger"));
    page.push_str(&format!("\n[leadctl]\nledger = \"sandbox-{port}.db\"\n\n"));
    let (catalogue, shipped) = (&session.settings.catalogue, Catalogue::load(None));
    let is_shipped = |name: &str| shipped.as_ref().is_ok_and(|all| all.get(name).is_some());
    for destination in &catalogue.destinations {
        let name = &destination.name;
        let is_own = catalogue.users.contains(name) && !is_shipped(name);
        // Only the user's own file can say what such a table is.
        if is_own {
            page.push_str(&(say!("sandbox-page-own") + "\n"));
        }
        for line in sandbox.table_of(destination).lines() {
            let mark = if is_own { "# " } else { "" };
            page.push_str(&format!("{mark}{line}\n"));
        }
        page.push('\n');
    }
    page
}

/// The environment variables that hold secrets, each once.
fn variables(destinations: &[Destination]) -> BTreeSet<&str> {
    let secrets = destinations.iter().flat_map(|it| it.auth.secrets());
    let names = secrets.filter_map(|(_, secret)| match secret {
        Secret::Env(name) => Some(name.as_str()),
        _ => None,
    });
    names.collect()
}
