//! The options that every command takes.

use std::path::PathBuf;

use clap::{Args, ColorChoice, ValueHint};

use crate::output::Format;

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The TOML file laid over the catalogue [default: $LEADCTL_CONFIG, ./partners.toml,
    /// or partners.toml in the configuration folder]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Where what happened is recorded [default: $LEADCTL_LEDGER, `ledger` of the
    /// configuration, or ledger.db in the data folder]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ledger: Option<PathBuf>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// Short for --format json
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
    /// Print only rows that need a person and were not told by an earlier run
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// No progress bar
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// When to colour; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t)]
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
