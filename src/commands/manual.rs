//! `leadctl man`, the manual, and `leadctl schema`, what an editor knows of
//! `partners.toml`.

use std::fs;
use std::path::Path;

use clap_mangen::Man;

use crate::cli;
use crate::config;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Exit, Format, Layout, Output};
use crate::pipeline::ending;

/// Prints the first page, or writes a page for each command into a folder.
pub fn man(args: &cli::Man) -> anyhow::Result<Exit> {
    // What a short page leaves out, the manual tells.
    let told = |arg: clap::Arg| arg.hide_short_help(false);
    let command = cli::command()
        .disable_help_subcommand(true)
        .mut_args(told)
        .mut_subcommands(|verb| verb.mut_args(told));
    if let Some(folder) = &args.output {
        let written = fs::create_dir_all(folder);
        let written = written.and_then(|()| clap_mangen::generate_to(command, folder));
        written.map_err(|error| not_written(folder, &error))?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(print(&page)?)
}

fn not_written(folder: &Path, error: &std::io::Error) -> Failure {
    let shown = folder.display();
    Failure::unfinished(format!(
        "the pages can't be written into {shown}: {}",
        io_words(error)
    ))
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
