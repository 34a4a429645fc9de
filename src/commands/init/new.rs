//! `leadctl init --new NAME`: the table of a partner that nobody described yet, from
//! an example of a request and of an answer. What it writes loads as it is; what the
//! examples could not tell stands in it as a comment.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use super::asked::{self, Said};
use super::curl;
use super::example::{Credential, Sample};
use super::file::File;
use super::proposal::{Proposal, propose};
use crate::cli;
use crate::config::Catalogue;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::Aliases;
use crate::lead::text::said_of;
use crate::output::text::some_of;
use crate::output::{Command, Exit, Warnings, variable};
use crate::pipeline::inputs::is_stdin;
use crate::words::say;

pub fn run(global: &cli::Global, args: &cli::Init, name: &str) -> anyhow::Result<Exit> {
    let file = File::of(global)?;
    let known = file.catalogue()?;
    check_name(&known, name)?;
    let said = said(args)?;
    let sample = match &said.curl {
        Some(command) => curl::parse(command).map_err(|error| {
            Failure::usage(say!("init-curl-unusable", why = error.to_string()))
                .hint(say!("init-curl-whole"))
        })?,
        None => said.sample,
    };
    if let Some(body) = sample.body.as_deref().map(str::trim)
        && body.starts_with(['{', '['])
        && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(body)
    {
        let what = say!("init-request-no-json", why = error.to_string());
        return Err(Failure::usage(what).hint(say!("init-request-other")).into());
    }
    let aliases = Aliases::new(&known.columns);
    let proposal = propose(name, &sample, said.answer.as_deref(), &aliases);
    file.add(&proposal.toml)?;
    tell(global, file.path(), name, &proposal);
    Ok(Exit::Done)
}

/// Can a new destination be called that?
///
/// # Errors
/// Why it can't, and what to type instead.
pub fn check_name(known: &Catalogue, name: &str) -> Result<(), Failure> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        let what = say!("init-no-name", name);
        return Err(Failure::usage(what).hint(say!("init-name-form")));
    }
    if known.get(name).is_some() {
        let look = Command::new(["partners", name]);
        let hint = format!("{}\n{look}", say!("init-name-other"));
        return Err(Failure::usage(say!("init-name-taken", name)).hint(hint));
    }
    Ok(())
}

/// What the flags say, or else the person at the terminal.
fn said(args: &cli::Init) -> Result<Said, Failure> {
    let example = &args.example;
    let read = |path: &Option<_>| path.as_deref().map(read).transpose();
    let answer = read(&example.answer)?;
    if example.from_curl.is_some() {
        return Ok(Said {
            curl: read(&example.from_curl)?,
            answer,
            ..Said::default()
        });
    }
    if let Some(url) = &example.url {
        let auth = example.auth.as_ref();
        let credential = auth.map(|auth| auth.parse::<Credential>()).transpose();
        let credential =
            credential.map_err(|why| Failure::usage(said_of("--auth", &why.to_string())))?;
        return Ok(Said {
            curl: None,
            sample: Sample {
                credential,
                url: url.clone(),
                body: read(&example.request)?,
                ..Sample::default()
            },
            answer,
        });
    }
    if !asked::can_ask() {
        let nothing = Failure::usage(say!("init-nothing-said"));
        return Err(nothing.hint(say!("init-say-it")));
    }
    let asked = asked::ask(&mut io::stdin().lock());
    asked.map_err(|error| unanswered(&error))
}

/// Nothing was written, since a question was not answered.
pub fn unanswered(error: &io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::UnexpectedEof => say!("init-unanswered"),
        _ => say!("init-terminal-unreadable", why = io_words(error)),
    };
    Failure::unfinished(say!("init-nothing-written", why))
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match is_stdin(path) {
        true => io::stdin().read_to_string(&mut text).map(|_| text),
        false => fs::read_to_string(path),
    };
    read.map_err(|error| {
        Failure::usage(say!("input-unreadable", why = io_words(&error)))
            .at(path.display().to_string())
    })
}

fn tell(global: &cli::Global, path: &Path, name: &str, proposal: &Proposal) {
    let told = Warnings::new(global.quiet);
    told.note(&say!("init-wrote-new", name, path));
    if !proposal.open.is_empty() {
        let open = some_of(proposal.open.iter().map(String::as_str));
        told.note(&say!("init-left-comments", open));
    }
    for secret in &proposal.secrets {
        let variable = variable(secret, "…");
        told.note(&say!("init-secret-not-there", variable));
    }
    let check = Command::new(["check", "--to", name]).to_string();
    told.note(&say!("init-next", command = check));
}
