//! `leadctl sandbox`: every destination simulated on this machine, until
//! Ctrl-C. What it prints is a configuration that points there.

use std::io::ErrorKind;
use std::sync::mpsc;

use crate::cli;
use crate::config::Destination;
use crate::config::Secret;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Exit, Format, Kind, Output};
use crate::sandbox::{Sandbox, reserved_lines};
use crate::session::{Session, interrupts};

/// Ctrl-C is how a server ends: exit 0.
pub fn run(session: &Session, args: &cli::Sandbox) -> Result<Exit, Failure> {
    let destinations = &session.settings.catalogue.destinations;
    let (interrupt, interrupted) = mpsc::channel();
    interrupts::listen(move || _ = interrupt.send(()))?;
    let sandbox =
        Sandbox::start(destinations, args.port).map_err(|error| not_started(&error, args.port))?;
    let mut output = Output::new(session.format(), Kind::Pages, false, &session.progress);
    match session.format() {
        Format::Table => output.text(&page(session, &sandbox)),
        _ => tell_records(destinations, &sandbox, &mut output),
    }
    // Whoever reads this waits for its end before sending anything.
    crate::pipeline::ending::finish(output)?;
    session.warnings.note(&format!(
        "the sandbox serves at {} until Ctrl-C; nothing leaves this machine",
        sandbox.origin()
    ));
    // It can't fail: the listener keeps its end.
    _ = interrupted.recv();
    Ok(Exit::Done)
}

fn not_started(error: &std::io::Error, port: Option<u16>) -> Failure {
    match (error.kind(), port) {
        (ErrorKind::AddrInUse, Some(port)) => Failure::unfinished(format!(
            "the sandbox can't start: another program uses port {port}"
        ))
        .hint("name another port, or leave out --port: a free one is found"),
        (ErrorKind::PermissionDenied, Some(port)) => Failure::unfinished(format!(
            "the sandbox can't start: port {port} is reserved by this system"
        ))
        .hint("name a port above 1023, or leave out --port: a free one is found"),
        _ => Failure::unfinished(format!("the sandbox can't start: {}", io_words(error))),
    }
}

/// A TOML file: what is not a setting is a comment in it.
fn page(session: &Session, sandbox: &Sandbox) -> String {
    let mut page = String::from(
        "# Every destination, simulated on this machine. Save these lines as a file, and:\n\
         #   leadctl --config FILE send --to DEST export.csv\n\
         # Any secret will do:\n",
    );
    let destinations = &session.settings.catalogue.destinations;
    for name in variables(destinations) {
        page.push_str(&format!("#   export {name}=sandbox\n"));
    }
    page.push_str("# E-mail addresses that show a state:\n");
    for line in reserved_lines().lines() {
        page.push_str(&format!("# {line}\n"));
    }
    let origin = sandbox.origin();
    let port = origin.rsplit(':').next().unwrap_or_default();
    page.push_str(&format!(
        "# What is sent here was sent to nobody: it has a ledger of its own (unless\n\
         # --ledger or LEADCTL_LEDGER names another).\n\
         [leadctl]\n\
         ledger = \"sandbox-{port}.db\"\n\n"
    ));
    let own: Vec<String> = own_tables(session);
    for table in sandbox.settings().split("\n\n") {
        let header = table.lines().next().unwrap_or_default();
        if own.iter().any(|name| header == format!("[{name}]")) {
            // Only the user's own file can say what such a table is.
            page.push_str("# in your own file:\n");
            table
                .lines()
                .for_each(|line| page.push_str(&format!("# {line}\n")));
        } else {
            page.push_str(&format!("{table}\n"));
        }
        page.push('\n');
    }
    page
}

/// Tables of the user's file that the catalogue doesn't know.
fn own_tables(session: &Session) -> Vec<String> {
    let shipped = crate::config::Catalogue::load(None);
    let users = session.settings.catalogue.users.iter();
    let known = |name: &String| shipped.as_ref().is_ok_and(|all| all.get(name).is_some());
    users.filter(|name| !known(name)).cloned().collect()
}

/// The environment variables that hold secrets, each once.
fn variables(destinations: &[Destination]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for destination in destinations {
        let secret = destination.auth.as_ref().map(|auth| auth.secret());
        if let Some(Secret::Env(name)) = secret
            && !names.contains(&name.as_str())
        {
            names.push(name);
        }
    }
    names
}

fn tell_records(destinations: &[Destination], sandbox: &Sandbox, output: &mut Output) {
    for destination in destinations {
        output.record(vec![
            ("destination", destination.name.as_str().into()),
            ("base", sandbox.base_of(&destination.name).into()),
        ]);
    }
}
