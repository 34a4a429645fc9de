//! The command line: clap definitions, and how values are written. What each command and
//! option means stands in the catalogues (`help-…`), whence [help] has it.

mod help;
mod period;
mod refused;
mod report;
mod sending;
mod settling;
mod values;
mod when;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{
    Args, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueHint,
};

use help::Page;
pub use help::in_words;
pub use period::beginnings;
pub use report::{By, Report};
pub use sending::{Age, Amend, Check, PartnerSettings, Reading, Send, Times};
pub use settling::{
    Backup, Block, Follow, History, List, Purge, Resend, Resolve, Restore, Status, Unblock,
};
pub use values::Lines;
use values::number;
pub use when::When;

use crate::output::Format;
use crate::words;

/// Delivers leads to partners: nothing lost, nothing sent twice.
#[derive(Debug, Parser)]
#[command(
    name = "leadctl",
    version,
    max_term_width = 100,
    propagate_version = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
    /// The command's name, as it was typed.
    #[arg(skip)]
    pub verb: String,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "global")]
pub struct Global {
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ledger: Option<PathBuf>,
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
    #[arg(long, short, global = true)]
    pub quiet: bool,
    #[arg(long, short, global = true, hide_short_help = true)]
    pub verbose: bool,
    #[arg(long, global = true, hide_short_help = true, value_parser = PossibleValuesParser::new(words::languages()))]
    pub lang: Option<String>,
    #[arg(long, global = true, hide_short_help = true)]
    pub no_progress: bool,
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_enum,
        default_value_t
    )]
    pub color: ColorChoice,
}

impl Global {
    /// How results are printed: `--json` is short for one of them.
    pub fn format(&self) -> Format {
        match self.json {
            true => Format::Json,
            false => self.format,
        }
    }

    /// `--color`, for all that is printed.
    pub fn color(&self) -> anstream::ColorChoice {
        match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
    }
}

/// The commands; [help] has their groups and examples.
#[derive(Debug, Subcommand)]
pub enum Command {
    Send(Send),
    Check(Check),
    Resend(Resend),
    Amend(Amend),
    PartnerSettings(PartnerSettings),
    Resolve(Resolve),
    Follow(Follow),
    List(List),
    Status(Status),
    History(History),
    Report(Report),
    Partners(Partners),
    Init(Init),
    Sandbox(Sandbox),
    Block(Block),
    Unblock(Unblock),
    Purge(Purge),
    Backup(Backup),
    Restore(Restore),
    Schema,
    Completions(Completions),
    Man(Man),
}

#[derive(Debug, Args)]
pub struct Partners {
    #[arg(value_name = "DEST")]
    pub destination: Option<String>,
    #[arg(long, requires = "destination")]
    pub toml: bool,
    #[arg(long, conflicts_with = "destination")]
    pub fields: bool,
}

#[derive(Debug, Args)]
pub struct Init {
    #[arg(value_name = "DEST")]
    pub destinations: Vec<String>,
    #[arg(long, value_name = "NAME", conflicts_with = "destinations")]
    pub new: Option<String>,
    #[command(flatten)]
    pub example: PartnerExample,
}

/// What is known of a new partner.
#[derive(Debug, Args)]
#[command(next_help_heading = "new")]
pub struct PartnerExample {
    #[arg(long, value_name = "FILE", requires = "new", conflicts_with_all = ["url", "auth", "request"], value_hint = ValueHint::FilePath)]
    pub from_curl: Option<PathBuf>,
    #[arg(long, value_name = "URL", requires = "new")]
    pub url: Option<String>,
    #[arg(long, value_name = "WHERE", requires = "url")]
    pub auth: Option<String>,
    #[arg(long, value_name = "FILE", requires = "url", value_hint = ValueHint::FilePath)]
    pub request: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "new", value_hint = ValueHint::FilePath)]
    pub answer: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Sandbox {
    #[arg(long, value_name = "N", value_parser = number::<u16>(0, u16::MAX.into()))]
    pub port: Option<u16>,
}

#[derive(Debug, Args)]
pub struct Completions {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct Man {
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

/// Every command with all its help.
pub fn command() -> clap::Command {
    help::dressed(Cli::command(), Page::Whole)
}

/// What was typed for an option, before the command line is read as a whole.
pub fn typed(arguments: &[OsString], option: &str) -> Option<OsString> {
    let mut after = arguments.iter().skip(1);
    while let Some(argument) = after.next() {
        let text = argument.to_str().unwrap_or_default();
        match text.strip_prefix(option) {
            Some("") => return after.next().cloned(),
            Some(rest) if rest.starts_with('=') => return Some(rest[1..].into()),
            _ => {}
        }
    }
    None
}

/// Reads the command line; a wrong one ends the process here, as help does.
pub fn parse(arguments: Vec<OsString>) -> Cli {
    read(arguments).unwrap_or_else(|error| refused::in_words(error).exit())
}

fn read(arguments: Vec<OsString>) -> clap::error::Result<Cli> {
    // A line that is right needs no help, and most are.
    let plain = Cli::command().try_get_matches_from(&arguments);
    let matches = plain.or_else(|_| {
        // clap tells too late which page is asked for.
        let whole = arguments.iter().any(|it| it == "--help" || it == "help");
        let page = if whole { Page::Whole } else { Page::Short };
        help::dressed(Cli::command(), page).try_get_matches_from(&arguments)
    })?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command()))?;
    let verb = matches.subcommand_name().unwrap_or_default().to_owned();
    Ok(Cli { verb, ..cli })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }
}
