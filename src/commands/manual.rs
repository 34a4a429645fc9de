//! `leadctl man`, the manual: one page with a chapter for each command;
//! `leadctl completions`, a shell's completion script; and `leadctl schema`, what an
//! editor knows of `partners.toml`.

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::cli::{self, Cli};
use crate::config;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Exit, Format, Layout, Output, Progress};
use crate::pipeline::ending;

pub fn man() -> anyhow::Result<Exit> {
    let manual = manual().map_err(|error| {
        Failure::unfinished(format!("the manual can't be made: {}", io_words(&error)))
    })?;
    Ok(print(&manual)?)
}

pub fn completions(args: &cli::Completions) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "leadctl", &mut script);
    Ok(print(&script)?)
}

pub fn schema() -> anyhow::Result<Exit> {
    let schema = serde_json::to_string_pretty(&config::schema())?;
    Ok(print((schema + "\n").as_bytes())?)
}

/// Prints a document; a reader that goes away is quiet.
fn print(document: &[u8]) -> Result<Exit, Failure> {
    let mut output = Output::new(Format::Table, Layout::Pages, false, &Progress::new(false));
    output.document(document);
    ending::finish(output)
}

fn manual() -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let whole = Man::new(Cli::command());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    for command in Cli::command().get_subcommands() {
        let name = format!("leadctl {}", command.get_name());
        page.extend_from_slice(format!(".SH \"{}\"\n", name.to_uppercase()).as_bytes());
        page.extend_from_slice(&chapter(command.clone().bin_name(name))?);
    }
    whole.render_options_section(&mut page)?;
    whole.render_extra_section(&mut page)?;
    Ok(page)
}

/// A command's own page, its sections one level down.
fn chapter(command: clap::Command) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let options = command.get_arguments().next().is_some();
    let man = Man::new(command);
    man.render_description_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    if options {
        man.render_options_section(&mut text)?;
    }
    let text = String::from_utf8_lossy(&text).replace(".SH ", ".SS ");
    Ok(text.into_bytes())
}
