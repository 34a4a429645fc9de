//! `leadctl completions`: the script by which a shell asks leadctl itself, at each Tab,
//! what may follow. So it knows the destinations of the configuration at hand.

use std::ffi::OsString;
use std::path::PathBuf;

use clap_complete::Shell;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use super::manual::print;
use crate::cli;
use crate::config::{Catalogue, shelf};
use crate::error::Failure;
use crate::output::{Exit, quoted};
use crate::session::settings::Settings;
use crate::words::{placeholder, say};

/// The variable by which a shell asks.
const ASKED: &str = "LEADCTL_COMPLETE";

/// Where the script is a file that zsh loads at the first Tab, it answers that one, too.
const LOADED_BY_ZSH: &[u8] =
    b"[[ $funcstack[1] == _leadctl ]] && _clap_dynamic_completer_leadctl \"$@\"\n";

/// Answers a shell that asks, and ends the process then.
pub fn answer() {
    CompleteEnv::with_factory(command).var(ASKED).complete();
}

pub fn run(args: &cli::Completions) -> anyhow::Result<Exit> {
    let shells = Shells::builtins();
    let name = args.shell.to_string();
    let shell = shells.completer(&name);
    let shell = shell.ok_or_else(|| Failure::usage(say!("completions-unknown", shell = &name)))?;
    let mut script = Vec::new();
    shell.write_registration(ASKED, "leadctl", "leadctl", "leadctl", &mut script)?;
    if args.shell == Shell::Zsh {
        script.extend_from_slice(LOADED_BY_ZSH);
    }
    Ok(print(&script)?)
}

/// The command line with what its values may be: an argument is known by what help
/// calls it.
fn command() -> clap::Command {
    let mut command = cli::command();
    // clap's own, which is there once it is built.
    command.build();
    let command = command.mut_subcommand("help", |help| help.about(say!("page-of-help")));
    command.mut_subcommands(|verb| {
        let is_init = verb.get_name() == "init";
        verb.mut_args(|arg| {
            let called = arg.get_value_names().and_then(<[_]>::first);
            let is_called = |name| called.is_some_and(|it| *it == *placeholder(name));
            match () {
                () if is_called("DEST") && is_init => arg.add(ArgValueCandidates::new(writable)),
                () if is_called("DEST") => arg.add(ArgValueCandidates::new(destinations)),
                () if is_called("FIELD=VALUE") => arg.add(ArgValueCandidates::new(fields)),
                () => arg,
            }
        })
    })
}

fn destinations() -> Vec<CompletionCandidate> {
    let configured = configured();
    let all = configured.destinations.into_iter();
    let all = all.map(|it| (it.name, it.about.map(|it| it.to_string())));
    let routes = configured
        .routes
        .into_iter()
        .map(|route| (route.name, None));
    all.chain(routes)
        .filter_map(|(name, about)| candidate(&name, about))
        .collect()
}

/// What `init` has a table of.
fn writable() -> Vec<CompletionCandidate> {
    let shelf = shelf::names().into_iter();
    let shelf = shelf.filter_map(|name| candidate(name, None));
    shelf.chain(destinations()).collect()
}

fn fields() -> Vec<CompletionCandidate> {
    let all = configured().columns.into_iter();
    all.filter_map(|(name, _)| candidate(&format!("{name}="), None))
        .collect()
}

/// A word to type. What a shell would not take as it stands is left out: a file's
/// name for something must not become a command.
fn candidate(word: &str, about: Option<String>) -> Option<CompletionCandidate> {
    let candidate = CompletionCandidate::new(word);
    (quoted(word) == word).then(|| candidate.help(about.map(Into::into)))
}

/// What the configuration says that the typed line names, or what ships.
fn configured() -> Catalogue {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let named = cli::typed(&typed, "--config").map(PathBuf::from);
    let settings = Settings::load(named.as_deref(), None);
    let catalogue = settings.map(|settings| settings.catalogue);
    // One with mistakes is told where it is used, not in the middle of a line.
    catalogue.unwrap_or_else(|_| Catalogue::load(None).unwrap_or_default())
}
