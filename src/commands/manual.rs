//! `leadctl man`, the manual, and `leadctl schema`, what an editor knows of
//! `partners.toml`.

use std::fs;
use std::io;

use clap_mangen::Man;

use crate::cli;
use crate::config;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Exit, Format, Layout, Output};
use crate::pipeline::ending;
use crate::words::say;

/// Prints the first page, or writes a page for each command into a folder.
pub fn man(args: &cli::Man) -> anyhow::Result<Exit> {
    // What a short page leaves out, the manual tells.
    let told = |arg: clap::Arg| arg.hide_short_help(false);
    let mut command = cli::command()
        .disable_help_subcommand(true)
        .mut_args(told)
        .mut_subcommands(|verb| verb.mut_args(told));
    let Some(folder) = &args.output else {
        let (_, page) = page(command)?;
        return Ok(print(page.as_bytes())?);
    };
    command.build();
    let verbs: Vec<_> = command.get_subcommands().cloned().collect();
    let write = || {
        fs::create_dir_all(folder)?;
        for command in verbs.into_iter().chain([command]) {
            let (name, page) = page(command)?;
            fs::write(folder.join(name), page)?;
        }
        Ok(())
    };
    write().map_err(|error: io::Error| {
        let (folder, why) = (folder.as_path(), io_words(&error));
        Failure::unfinished(say!("manual-unwritten", folder, why))
    })?;
    Ok(Exit::Done)
}

/// A page, and the name of its file.
fn page(command: clap::Command) -> io::Result<(String, String)> {
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render(&mut page)?;
    let page = String::from_utf8_lossy(&page);
    let lines = page.lines().map(|line| match line.strip_prefix(".SH ") {
        Some(title) => format!(".SH {}\n", self::title(title)),
        None => cli::in_words(line) + "\n",
    });
    Ok((man.get_filename(), lines.collect()))
}

/// A section's title: that of a group of options stands in the command line's own words.
fn title(title: &str) -> String {
    match title {
        "NAME" => say!("manual-name"),
        "SYNOPSIS" => say!("manual-synopsis"),
        "DESCRIPTION" => say!("manual-description"),
        "OPTIONS" => say!("page-options").to_uppercase(),
        "SUBCOMMANDS" => say!("manual-commands"),
        "EXTRA" => say!("manual-extra"),
        "VERSION" => say!("manual-version"),
        // What stood before the colon.
        other => other.replace('\u{a0}', ""),
    }
}

pub fn schema() -> anyhow::Result<Exit> {
    let schema = serde_json::to_string_pretty(&config::schema())?;
    Ok(print((schema + "\n").as_bytes())?)
}

/// Prints a document; a reader that goes away is quiet.
pub(super) fn print(document: &[u8]) -> Result<Exit, Failure> {
    let mut output = Output::new(Format::Table, Layout::Pages, false);
    output.document(document);
    ending::finish(output)
}
