//! leadctl: delivers leads to partners' APIs, so that none is lost and none is
//! sent twice behind anybody's back.

mod cli;
mod commands;
mod config;
mod delivery;
mod error;
mod http;
mod input;
mod io_words;
mod lead;
mod ledger;
mod mapping;
mod outcome;
mod output;
mod pipeline;
mod sandbox;
mod scratch;
mod session;

use std::process::ExitCode;

/// Parses the command line, runs the verb and says how it ended.
pub fn run() -> ExitCode {
    let cli = cli::parse();
    output::name_files(cli.global.config.as_deref(), cli.global.ledger.as_deref());
    anstream::ColorChoice::from(cli.global.color).write_global();
    let exit = commands::run(cli).unwrap_or_else(|failure| {
        failure.print();
        failure.exit
    });
    ExitCode::from(exit.code())
}
