//! leadctl: delivers leads to partners' APIs, so that none is lost and none is
//! sent twice behind anybody's back.

mod cli;
mod commands;
mod delivery;
mod failure;
mod input;
mod io_words;
mod lead;
mod ledger;
mod mapping;
mod outcome;
mod partner;
mod rejects;
mod report;
mod request;
mod sandbox;
mod scratch;
mod secrets;
mod settings;
mod transport;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    report::choose_color(cli.global.color.into());
    let exit = commands::run(cli).unwrap_or_else(|failure| {
        failure.print();
        failure.exit
    });
    ExitCode::from(exit.code())
}
