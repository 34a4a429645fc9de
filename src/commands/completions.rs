//! `leadctl completions`: a shell's completion script.

use clap::CommandFactory as _;

use super::man;
use crate::cli::{self, Cli};
use crate::output::Exit;

pub fn run(args: &cli::Completions) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "leadctl", &mut script);
    Ok(man::print(&script)?)
}
