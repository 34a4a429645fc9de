//! Colour: which states have which, and whether there is any.

use std::io;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};

use crate::lead::State;

/// `--color`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

pub(super) const TITLE: Style = Style::new().bold();
pub(super) const QUIET: Style = Style::new().dimmed();

/// Sets the choice for stdout and stderr of this process. Called once, before
/// anything is printed.
pub fn choose_color(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Whether stdout takes colour now.
pub(super) fn stdout_has_color() -> bool {
    AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// The style of a state's word.
pub(super) fn of(state: State) -> Style {
    let color = |color: AnsiColor| color.on_default();
    match state {
        State::Delivered | State::Approved => color(AnsiColor::Green),
        State::Pending => color(AnsiColor::Cyan),
        State::Duplicate | State::InDoubt => color(AnsiColor::Yellow),
        State::Rejected | State::Invalid | State::Failed => color(AnsiColor::Red),
        State::Unsent => color(AnsiColor::Magenta),
        State::Expired | State::Skipped => QUIET,
    }
}
