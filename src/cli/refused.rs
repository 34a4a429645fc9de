//! A command line that is none, in words: what clap found, said in the language that is
//! spoken.

use std::error::Error as _;

use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, Error, ErrorFormatter, ErrorKind};

use super::help;
use crate::words::{placeholder, say};

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

/// Ours, where clap has its English.
pub struct InWords;

/// What clap ends with, help too, in the language that is spoken.
pub fn in_words(error: Error) -> Error<InWords> {
    let kind = error.kind();
    match kind {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let page = help::in_words(&error.render().ansi().to_string());
            let mut told = Error::new(kind).with_cmd(&clap::Command::default());
            told.insert(ContextKind::Custom, ContextValue::StyledStr(page.into()));
            told
        }
        _ => error.apply(),
    }
}

impl ErrorFormatter for InWords {
    fn format_error(error: &Error<Self>) -> StyledStr {
        if let Some(ContextValue::StyledStr(page)) = error.get(ContextKind::Custom) {
            return page.clone();
        }
        let styles = Styles::default();
        let (red, green, bold) = (styles.get_error(), styles.get_valid(), styles.get_literal());
        let label = say!("refused-error");
        let mut text = format!("{red}{label}{red:#} {}\n", what(error));
        let tips = tips(error);
        if !tips.is_empty() {
            text.push('\n');
        }
        for tip in tips {
            text += &format!("  {green}{}{green:#} {tip}\n", say!("refused-tip"));
        }
        if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
            text += &format!("\n{}\n", help::in_words(&usage.ansi().to_string()));
        }
        let flag = format!("{bold}--help{bold:#}");
        text += &format!("\n{}\n", say!("refused-more", flag));
        text.into()
    }
}

/// What clap knows of an error by this name: nothing, one text or several.
fn known(error: &Error<InWords>, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(several)) => several.clone(),
        _ => Vec::new(),
    }
}

fn invalid(text: &str) -> String {
    let yellow = *Styles::default().get_invalid();
    format!("{yellow}{text}{yellow:#}")
}

/// What could be typed, marked so.
fn marked(all: &[String]) -> String {
    let all: Vec<_> = all.iter().map(|it| valid(it)).collect();
    all.join(", ")
}

fn valid(text: &str) -> String {
    let green = *Styles::default().get_valid();
    format!("{green}{text}{green:#}")
}

/// What is wrong.
fn what(error: &Error<InWords>) -> String {
    let argument = known(error, ContextKind::InvalidArg);
    let value = known(error, ContextKind::InvalidValue).concat();
    let one = argument.concat();
    match error.kind() {
        ErrorKind::UnknownArgument => say!("refused-unknown", argument = invalid(&one)),
        ErrorKind::InvalidSubcommand => {
            let command = known(error, ContextKind::InvalidSubcommand).concat();
            say!("refused-command", command = invalid(&command))
        }
        ErrorKind::MissingSubcommand => {
            let command = known(error, ContextKind::InvalidSubcommand).concat();
            let all = marked(&known(error, ContextKind::ValidSubcommand));
            say!("refused-no-command", command = invalid(&command), all)
        }
        ErrorKind::MissingRequiredArgument => {
            let lines = argument.iter().map(|it| format!("\n  {}", valid(it)));
            say!("refused-missing") + &lines.collect::<String>()
        }
        ErrorKind::ArgumentConflict => conflict(error, &one),
        ErrorKind::TooManyValues => {
            let (value, argument) = (invalid(&value), valid(&one));
            say!("refused-value-too-many", value, argument)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let all = known(error, ContextKind::ValidValue);
            let list = match all.is_empty() {
                true => String::new(),
                false => format!("\n  {}", help::values(&marked(&all))),
            };
            wrong(error, &one, &value) + &list
        }
        // None that this command line can have.
        kind => kind.to_string(),
    }
}

/// A value that is none.
fn wrong(error: &Error<InWords>, argument: &str, value: &str) -> String {
    if value.is_empty() {
        return say!("refused-value-needed", argument = invalid(argument));
    }
    let literal = *Styles::default().get_literal();
    let argument = format!("{literal}{argument}{literal:#}");
    let value = invalid(value);
    match error.source() {
        None => say!("refused-value", value, argument),
        Some(why) => say!(
            "refused-value-because",
            value,
            argument,
            why = why.to_string()
        ),
    }
}

/// An option that another one rules out, or that stands twice.
fn conflict(error: &Error<InWords>, argument: &str) -> String {
    let others = known(error, ContextKind::PriorArg);
    let marked = invalid(argument);
    match others.as_slice() {
        [other] if other == argument => say!("refused-twice", argument = marked),
        [other] => say!("refused-with", argument = marked, other = invalid(other)),
        several => {
            let lines = several.iter().map(|it| format!("\n  {}", invalid(it)));
            say!("refused-with-several", argument = marked) + &lines.collect::<String>()
        }
    }
}

/// What may have been meant.
fn tips(error: &Error<InWords>) -> Vec<String> {
    let argument = known(error, ContextKind::InvalidArg).concat();
    let typed = argument.split([' ', '=']).next();
    // Who gives a value knows today's option.
    let is_bare = known(error, ContextKind::InvalidValue).concat().is_empty();
    if let Some((old, new)) = RENAMED
        .iter()
        .find(|(old, _)| is_bare && Some(*old) == typed)
    {
        return vec![say!("refused-renamed", old = *old, new = placeholder(new))];
    }
    let mut tips = Vec::new();
    let commands = known(error, ContextKind::SuggestedSubcommand);
    match commands.as_slice() {
        [] => {}
        [one] => tips.push(say!("refused-similar-command", command = valid(one))),
        several => {
            let quoted = several
                .iter()
                .map(|it| say!("refused-quoted", text = valid(it)));
            let commands = quoted.collect::<Vec<_>>().join(", ");
            tips.push(say!("refused-similar-commands", commands));
        }
    }
    for argument in known(error, ContextKind::SuggestedArg) {
        tips.push(say!(
            "refused-similar-argument",
            argument = valid(&argument)
        ));
    }
    for value in known(error, ContextKind::SuggestedValue) {
        tips.push(say!("refused-similar-value", value = valid(&value)));
    }
    if let Some(ContextValue::StyledStrs(others)) = error.get(ContextKind::Suggested) {
        tips.extend(others.iter().map(|tip| tip_of_clap(tip, &argument)));
    }
    tips
}

/// clap keeps these tips as sentences only; each begins in its own way.
fn tip_of_clap(tip: &StyledStr, argument: &str) -> String {
    let plain = tip.to_string();
    let mut parts = plain.split('\'');
    match (parts.next().map(str::trim_end), parts.next()) {
        (Some("to pass"), _) => {
            let whole = valid(&format!("-- {argument}"));
            say!("refused-as-value", argument = invalid(argument), whole)
        }
        (Some("subcommand"), Some(command)) => {
            say!(
                "refused-dashes",
                command = valid(command),
                dashes = invalid("--")
            )
        }
        (Some(""), Some(option)) => say!("refused-elsewhere", option = valid(option)),
        _ => tip.ansi().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn refused(words: &str) -> String {
        let error = read(words.split(' ').map(Into::into).collect()).unwrap_err();
        let error = in_words(error);
        assert_eq!(error.exit_code(), 2);
        error.to_string()
    }

    #[test]
    fn an_old_name_names_the_new_one() {
        for (options, new) in [
            ("--in-doubt-because x", "--force --note TEXT"),
            ("--set zip=1", "--default FIELD=VALUE"),
            ("--set=zip=1", "--default FIELD=VALUE"),
            ("--max 3", "--max-new N"),
            ("--input csv", "--input-format FORMAT"),
            ("--no-repair", "--repair none"),
            ("a.csv --repair", "--repair all"),
        ] {
            let told = refused(&format!("leadctl send --to x {options}"));
            assert!(told.contains(new), "{told}");
        }
    }

    /// As clap says it: what it changes is looked at here.
    #[test]
    fn a_wrong_line_is_told_as_clap_does() {
        for line in [
            "frobnicate",
            "sned",
            "--json",
            "-- send",
            "send",
            "send --too x",
            "send --to",
            "send --to x -x",
            "send --to x --to y",
            "send --to x --port 3",
            "send --to x --json --format csv",
            "send --to x --quiet=3",
            "send --to x --lines 3 --inbox d",
            "send --to x --note y --record-only --strict --limit 3",
            "history --format",
            "history --format cvs",
            "history --state foo",
            "resolve 4",
            "purge",
        ] {
            let words = format!("leadctl {line}");
            let clap = read(words.split(' ').map(Into::into).collect()).unwrap_err();
            assert_eq!(refused(&words), clap.to_string(), "{line}");
        }
    }
}
