//! leadctl delivers leads to partners' APIs, so that none is lost and none is
//! sent twice behind anybody's back.
//!
//! # The way of a lead
//!
//! ```text
//! a row     input      csv, json or a workbook, as records
//!   │       lead       cleaned and repaired, each cell under its field's name
//!   │       mapping    the destination's table makes of it a body and a key
//!   │       ledger     stored; skipped where the key was sent already
//!   ├──┐    ledger     an attempt, on disk before the first byte leaves
//!   │  │    http       sent once: it is replied, unsent or silent
//!   │  │    outcome    what that means, as the destination's rules say
//!   │  │    delivery   again, but only where nothing can have arrived
//!   ├──┘    ledger     the outcome, on disk before anybody hears of it
//! a row     output     one for each lead, in the order in which they were read
//! ```
//!
//! `config` reads `partners.toml`, `session` is what every verb has at hand,
//! `pipeline` joins the rooms above, `commands` has one file a verb, and
//! `sandbox` simulates the partners. So a lead goes its way:
//!
//! ```
//! const TABLE: &str = r#"
//! key = ["email"]
//! fields = { mail = "email" }
//! send = { path = "/leads", rules = [{ when = { status = 201 }, then = "delivered" }] }
//! examples = [{ status = 201, means = "delivered" }]
//! "#;
//! let partner = leadctl::Sandbox::of(&format!("[shop]{TABLE}"))?;
//!
//! let folder = tempfile::tempdir()?;
//! let path = |name: &str| folder.path().join(name).display().to_string();
//! let (config, ledger, leads) = (path("partners.toml"), path("ledger.db"), path("leads.csv"));
//! let base = partner.base_of("shop");
//! std::fs::write(&config, format!("[shop]\nbase = \"{base}\"{TABLE}"))?;
//! std::fs::write(&leads, "email\nlea.martin@example.fr\n")?;
//!
//! let home = ["leadctl", "--config", &config, "--ledger", &ledger];
//! let send = home.into_iter().chain(["send", "--to", "shop", &leads]);
//! assert_eq!(leadctl::run_with(send), 0, "delivered");
//! assert_eq!(partner.received("shop"), 1);
//! # Ok::<(), std::io::Error>(())
//! ```

mod calendar;
mod cli;
mod commands;
mod config;
mod delivery;
mod error;
#[doc(hidden)]
pub mod fuzzing;
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
mod session;
mod trace;
mod words;

use std::env::{self, consts};
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

pub use sandbox::Sandbox;

use lead::text::in_quotes;
use output::log;
use trace::Trace;
use words::say;

/// Parses this process's command line (on Windows, whose shells leave `*.csv` as it
/// stands, with the files that it means), runs the verb and says how it ended. A
/// shell that asks what may follow is answered, and nothing is run.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = wild::args_os().collect();
    session::language::choose(&arguments);
    commands::answer();
    let cli = cli::parse(arguments);
    output::crash::watch(&cli.verb);
    ExitCode::from(carry_out(cli))
}

/// The same for these arguments, the program's name first; returns the exit
/// code. Where they are no command, or ask for help, the process ends here.
pub fn run_with(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    session::language::choose(&arguments);
    carry_out(cli::parse(arguments))
}

fn carry_out(cli: cli::Cli) -> u8 {
    let began = Instant::now();
    output::name_files(cli.global.config.as_deref(), cli.global.ledger.as_deref());
    cli.global.color().write_global();
    let exit = log_events(&cli).and_then(|()| commands::run(cli));
    let exit = exit.unwrap_or_else(|error| {
        let failure = error::Failure::of(error);
        failure.print();
        failure.exit
    });
    trace::tell(&Trace::Ended {
        exit: exit.code(),
        ms: trace::ms(began.elapsed()),
    });
    exit.code()
}

/// `--verbose` and LEADCTL_LOG.
fn log_events(cli: &cli::Cli) -> anyhow::Result<()> {
    let asked = log::Form::asked(cli.global.verbose, env::var(log::VARIABLE).ok());
    log::write(asked.map_err(|value| {
        let (name, value) = (log::VARIABLE, in_quotes(&value));
        error::Failure::usage(say!("log-not-understood", name, value))
            .hint(say!("log-not-understood-hint", name))
    })?);
    trace::listen(log::hear);
    trace::tell(&Trace::Started {
        version: env!("CARGO_PKG_VERSION"),
        system: format!("{} {}", consts::OS, consts::ARCH),
        verb: &cli.verb,
    });
    Ok(())
}
