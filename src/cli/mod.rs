//! The command line: clap definitions, help text, and how values are written.

mod help;
mod period;
mod report;
mod sending;
mod settling;
mod values;
mod when;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::error::{ContextKind, ContextValue};
use clap::{
    Args, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueHint,
};

pub use period::beginnings;
pub use report::{By, Report};
pub use sending::{Age, Amend, Check, PartnerSettings, Reading, Send, Times};
pub use settling::{
    Backup, Block, Follow, History, List, Purge, Resend, Resolve, Restore, Status, Unblock,
};
pub use values::Lines;
pub use when::When;

use crate::output::Format;
use crate::words;

/// Delivers leads to partners: nothing lost, nothing sent twice.
#[derive(Debug, Parser)]
#[command(
    name = "leadctl",
    version,
    about,
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
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The TOML file with your settings
    ///
    /// [default: $LEADCTL_CONFIG, ./partners.toml, or partners.toml in the configuration folder]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// The file in which is recorded what was sent
    ///
    /// [default: $LEADCTL_LEDGER, `ledger` under [leadctl] in the configuration, or ledger.db
    /// in the data folder]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ledger: Option<PathBuf>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// Short for --format json
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
    /// Print only what needs a person and was not told by an earlier run
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Tell on stderr what it is doing, an event a line, without anybody's data
    /// (LEADCTL_LOG=json writes these lines as JSON, without the flag too)
    #[arg(long, short, global = true, hide_short_help = true)]
    pub verbose: bool,
    /// The language to speak [default: `lang` under [leadctl] in the configuration, else yours]
    #[arg(long, global = true, hide_short_help = true, value_parser = PossibleValuesParser::new(words::languages()))]
    pub lang: Option<String>,
    /// No progress line
    #[arg(long, global = true, hide_short_help = true)]
    pub no_progress: bool,
    /// When to colour; NO_COLOR is honoured
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
    /// Deliver leads to a partner
    ///
    /// Reads an export (CSV, Excel, JSON), makes of each row what the partner takes, sends it
    /// and records what came of it. A lead that was sent before is skipped, so the same export
    /// may be sent again, and one in doubt is never sent again unasked.
    Send(Send),
    /// Prove the configuration and judge leads; sends nothing
    ///
    /// With a file alone: what is in it, which column is which lead field, and which
    /// destinations it would satisfy. With --to: each lead that this destination would refuse.
    /// Without a file: your configuration.
    Check(Check),
    /// Send stored leads again, through today's table
    Resend(Resend),
    /// Change contacts that the partner has already
    ///
    /// What a row leaves blank stays. A change is no new lead: running the same file again
    /// makes the same changes again, which harms nobody and ends those that failed or were
    /// left in doubt.
    Amend(Amend),
    /// A partner's own settings: see them, or change them
    PartnerSettings(PartnerSettings),
    /// Say what a partner told you: doubts, decisions, returns
    ///
    /// A lead in doubt may have been received. Nobody but the partner knows, and leadctl never
    /// guesses: ask, and say here what you heard. So for what a partner decides, or gives back,
    /// in a mail or a file. Whatever is said, the lead is never sent there again unasked, but
    /// one that they did not receive.
    Resolve(Resolve),
    /// Ask partners about leads that are pending or in doubt
    Follow(Follow),
    /// The partner's own list, and which of it is ours
    List(List),
    /// Where each destination stands, and what to do
    Status(Status),
    /// What happened to each lead; with an ID, each attempt
    History(History),
    /// What each partner took in a month, and what that is worth
    ///
    /// Every lead counts once, on the day it was sent (or read, if it was never sent), and
    /// each line sums to the leads read. What is in doubt is never billed. A purge changes
    /// none of the figures.
    Report(Report),
    /// The destinations; with one, what it takes of a lead
    Partners(Partners),
    /// Write a partners.toml, or add a partner to yours
    ///
    /// The file is the one that the next command reads: --config FILE, $LEADCTL_CONFIG, or
    /// partners.toml in this folder. On a terminal you are asked what the partner needs, and
    /// the answers are proven; elsewhere what you must fill in is written as comments. What
    /// stands in the file is left as it is, and a secret never stands in it.
    Init(Init),
    /// Every destination, simulated on this machine
    Sandbox(Sandbox),
    /// People who are never sent to anybody; alone: who they are
    Block(Block),
    /// Lift that again
    Unblock(Unblock),
    /// Drop personal data, keep what stops a second send
    Purge(Purge),
    /// Copy the record of what was sent, and its key
    Backup(Backup),
    /// Put such a copy and its key back in its place
    Restore(Restore),
    /// The JSON Schema of partners.toml, for editors
    Schema,
    /// What completes commands, names and files on the Tab key
    Completions(Completions),
    /// The manual pages
    Man(Man),
}

#[derive(Debug, Args)]
pub struct Partners {
    /// The destination
    #[arg(value_name = "DEST")]
    pub destination: Option<String>,
    /// Its table, as yours is laid over what ships, each line with the file and line that it is from
    #[arg(long, requires = "destination")]
    pub toml: bool,
    /// The lead fields, each with the column headers that give it
    #[arg(long, conflicts_with = "destination")]
    pub fields: bool,
}

#[derive(Debug, Args)]
pub struct Init {
    /// The partners to write, as `leadctl partners` names them [default: you are asked; without
    /// a terminal, all that ship]
    #[arg(value_name = "DEST")]
    pub destinations: Vec<String>,
    /// Start the table of a partner of your own
    ///
    /// On a terminal you are asked, elsewhere the flags below say what it is sent.
    #[arg(long, value_name = "NAME", conflicts_with = "destinations")]
    pub new: Option<String>,
    #[command(flatten)]
    pub example: PartnerExample,
}

/// What is known of a new partner.
#[derive(Debug, Args)]
#[command(next_help_heading = "Of a new partner")]
pub struct PartnerExample {
    /// A curl command from the partner's page; `-` is standard input. Its secret is not kept
    #[arg(long, value_name = "FILE", requires = "new", conflicts_with_all = ["url", "auth", "request"], value_hint = ValueHint::FilePath)]
    pub from_curl: Option<PathBuf>,
    /// The address that leads are sent to
    #[arg(long, value_name = "URL", requires = "new")]
    pub url: Option<String>,
    /// Where its secret goes: bearer, "basic USER", "header NAME", "query NAME" or "body TARGET"
    #[arg(long, value_name = "WHERE", requires = "url")]
    pub auth: Option<String>,
    /// An example of a request's body: JSON, or a=b&c=d
    #[arg(long, value_name = "FILE", requires = "url", value_hint = ValueHint::FilePath)]
    pub request: Option<PathBuf>,
    /// An example of an answer that says yes: its JSON, or all that `curl -i` shows
    #[arg(long, value_name = "FILE", requires = "new", value_hint = ValueHint::FilePath)]
    pub answer: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Sandbox {
    /// The port to listen on [default: a free one]
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that asks for them
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for each command into this folder [default: print the first page]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

/// The old option, and what is typed today.
const RENAMED: [(&str, &str); 7] = [
    ("--set", "--default FIELD=VALUE"),
    ("--max", "--max-new N"),
    ("--input", "--input-format FORMAT"),
    ("--no-repair", "--repair none"),
    ("--repair", "--repair all"),
    ("--in-doubt-because", "--force --note TEXT"),
    ("--block", "leadctl block PERSON --purge"),
];

/// Every command with its help.
pub fn command() -> clap::Command {
    help::dressed(Cli::command())
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
    read(arguments).unwrap_or_else(|error| told(error).exit())
}

fn read(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> clap::error::Result<Cli> {
    let matches = command().try_get_matches_from(arguments)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command()))?;
    let verb = matches.subcommand_name().unwrap_or_default().to_owned();
    Ok(Cli { verb, ..cli })
}

/// The error with the new name as its tip, where an old one was typed.
fn told(mut error: clap::Error) -> clap::Error {
    let typed = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.split([' ', '=']).next(),
        _ => None,
    };
    let renamed = RENAMED.iter().find(|(old, _)| Some(*old) == typed);
    if let Some((old, new)) = renamed {
        error.remove(ContextKind::SuggestedArg);
        let tip = format!("what was `{old}` is written `{new}` now");
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn an_old_name_names_the_new_one() {
        let lines: [(&[&str], &str); 7] = [
            (&["--in-doubt-because", "x"], "--force --note TEXT"),
            (&["--set", "zip=1"], "--default FIELD=VALUE"),
            (&["--set=zip=1"], "--default FIELD=VALUE"),
            (&["--max", "3"], "--max-new N"),
            (&["--input", "csv"], "--input-format FORMAT"),
            (&["--no-repair"], "--repair none"),
            (&["a.csv", "--repair"], "--repair all"),
        ];
        for (options, new) in lines {
            let line = [&["leadctl", "send", "--to", "x"], options].concat();
            let error = told(read(line).unwrap_err());
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(new), "{error}");
        }
    }
}
