//! `leadctl completions`: a shell's completion script.

use clap::CommandFactory as _;

use super::man;
use crate::cli::{self, Cli};
use crate::error::Failure;
use crate::output::Exit;

pub fn run(args: &cli::Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "leadctl", &mut script);
    man::print(&script)
}
