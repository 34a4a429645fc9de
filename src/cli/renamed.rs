//! Options that had another name once: whoever types the old one is told the
//! new one, and nothing is done.

use std::ffi::OsString;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue};

use super::Cli;

/// The old option, and what is typed today.
const RENAMED: [(&str, &str); 6] = [
    ("--set", "--default FIELD=VALUE"),
    ("--max", "--max-new N"),
    ("--input", "--input-format FORMAT"),
    ("--no-repair", "--repair none"),
    ("--repair", "--repair all"),
    ("--in-doubt-because", "--force --note TEXT"),
];

/// Reads the command line; a wrong one ends the process here, as help does.
pub fn parse(arguments: Vec<OsString>) -> Cli {
    Cli::try_parse_from(arguments).unwrap_or_else(|error| told(error).exit())
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
            let error = told(Cli::try_parse_from(line).unwrap_err());
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(new), "{error}");
        }
    }
}
