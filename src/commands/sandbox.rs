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
    session.warnings.note(&format!(
        "the sandbox serves at {} until Ctrl-C; nothing leaves this machine",
        sandbox.origin()
    ));
    // It can't fail: the listener keeps its end.
    _ = interrupted.recv();
    Ok(Exit::Done)
}

fn not_started(error: &std::io::Error, port: Option<u16>) -> Failure {
    let why = match (error.kind(), port) {
        (ErrorKind::AddrInUse, Some(port)) => format!("another program uses port {port}"),
        (ErrorKind::PermissionDenied, Some(port)) => {
            format!("port {port} is reserved by this system")
        }
        _ => io_words(error),
    };
    let failure = Failure::unfinished(format!("the sandbox can't start: {why}"));
    match port {
        None => failure,
        Some(_) => {
            failure.hint("name another port, above 1023, or leave out --port: a free one is found")
        }
    }
}

/// A TOML file: what is not a setting is a comment in it.
fn page(session: &Session, sandbox: &Sandbox) -> String {
    let mut page = String::from(
        "# Every destination, simulated on this machine. Save these lines as a file, and:\n\
         #   leadctl --config FILE send --to DEST export.csv\n\
         # Any secret will do (but signatures are made with this one):\n",
    );
    for name in variables(&session.settings.catalogue.destinations) {
        page.push_str(&format!("#   {}\n", variable(name, "sandbox")));
    }
    page.push_str("# E-mail addresses that show a state:\n");
    for line in reserved_lines().lines() {
        page.push_str(&format!("# {line}\n"));
    }
    let origin = sandbox.origin();
    let port = origin.rsplit(':').next().unwrap_or_default();
    page.push_str(&format!(
        "# What is sent here was sent to nobody: it is recorded in a file of its own\n\
         # (unless --ledger or LEADCTL_LEDGER names another).\n\
         [leadctl]\n\
         ledger = \"sandbox-{port}.db\"\n\n"
    ));
    let (catalogue, shipped) = (&session.settings.catalogue, Catalogue::load(None));
    let is_shipped = |name: &str| shipped.as_ref().is_ok_and(|all| all.get(name).is_some());
    for destination in &catalogue.destinations {
        let name = &destination.name;
        let is_own = catalogue.users.contains(name) && !is_shipped(name);
        // Only the user's own file can say what such a table is.
        page.push_str(if is_own { "# in your own file:\n" } else { "" });
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
