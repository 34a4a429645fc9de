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
use crate::output::text::some_of;
use crate::output::{Command, Exit, Warnings, variable};
use crate::pipeline::inputs::is_stdin;

pub fn run(global: &cli::Global, args: &cli::Init, name: &str) -> anyhow::Result<Exit> {
    let file = File::of(global)?;
    let known = file.catalogue()?;
    check_name(&known, name)?;
    let said = said(args)?;
    let sample = match &said.curl {
        Some(command) => curl::parse(command).map_err(|error| {
            Failure::usage(format!("the curl command can't be used: {error}"))
                .hint("paste the whole command from the partner's page, from curl to its end")
        })?,
        None => said.sample,
    };
    if let Some(body) = sample.body.as_deref().map(str::trim)
        && body.starts_with(['{', '['])
        && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(body)
    {
        let what = format!("the example of a request's body is no JSON: {error}");
        return Err(Failure::usage(what)
            .hint("put it right, or take another example")
            .into());
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
        let what = format!("\"{name}\" can't be a partner's name in the file");
        return Err(Failure::usage(what).hint("letters, digits, - and _ alone, as in my-crm"));
    }
    if known.get(name).is_some() {
        let what = format!("there is a destination [{name}] already");
        let look = Command::new(["partners", name]);
        return Err(
            Failure::usage(what).hint(format!("choose another name, or look at it:\n{look}"))
        );
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
        let credential = credential.map_err(|why| Failure::usage(format!("--auth: {why}")))?;
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
        return Err(Failure::usage("nothing says what this partner is sent").hint(
            "name a file with a curl command from its page (--from-curl FILE, - for standard input), or give \
             --url, --auth, --request and --answer; on a terminal, leadctl asks",
        ));
    }
    let asked = asked::ask(&mut io::stdin().lock());
    asked.map_err(|error| unanswered(&error))
}

/// Nothing was written, since a question was not answered.
pub fn unanswered(error: &io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::UnexpectedEof => "a question was left without an answer".to_owned(),
        _ => format!("the terminal can't be read: {}", io_words(error)),
    };
    Failure::unfinished(format!("nothing was written: {why}"))
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match is_stdin(path) {
        true => io::stdin().read_to_string(&mut text).map(|_| text),
        false => fs::read_to_string(path),
    };
    read.map_err(|error| {
        Failure::usage(format!("this file can't be read: {}", io_words(&error)))
            .at(path.display().to_string())
    })
}

fn tell(global: &cli::Global, path: &Path, name: &str, proposal: &Proposal) {
    let told = Warnings::new(global.quiet);
    told.note(&format!("wrote [{name}] into {}", path.display()));
    if !proposal.open.is_empty() {
        let open = some_of(proposal.open.iter().map(String::as_str));
        told.note(&format!("still to be filled in, as comments in it: {open}"));
    }
    for secret in &proposal.secrets {
        told.note(&format!(
            "its secret is not in the file: {}",
            variable(secret, "…")
        ));
    }
    told.note(&format!("next: {}", Command::new(["check", "--to", name])));
}
