//! Commands to type, as values: what leadctl proposes names the configuration
//! and the ledger that it was itself started with, or the advice would be about
//! other leads.

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

/// What every proposed command repeats of this process's own.
static NAMED: OnceLock<String> = OnceLock::new();

/// Says which files were named on the command line. Called once, before anything
/// is proposed.
pub fn name_files(config: Option<&Path>, ledger: Option<&Path>) {
    let named = [("--config", config), ("--ledger", ledger)];
    let flags = named.into_iter().filter_map(|(flag, path)| {
        let path = path?.display().to_string();
        Some(format!(" {flag} {}", quoted(&path)))
    });
    _ = NAMED.set(flags.collect());
}

/// A command of leadctl; shown as a user types it in a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    words: Vec<String>,
    /// They name the files that this process was started with, or don't have to.
    whole: bool,
}

impl Command {
    /// The verb and what follows it, word by word, not yet quoted.
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self {
            words: words.into_iter().map(Into::into).collect(),
            whole: false,
        }
    }

    /// What this process was started with.
    pub fn as_typed() -> Self {
        let typed = std::env::args_os().skip(1);
        Self {
            words: typed
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
            whole: true,
        }
    }

    /// The same with more words.
    #[must_use]
    pub fn and<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = NAMED.get().filter(|_| !self.whole);
        write!(f, "leadctl{}", named.map_or("", String::as_str))?;
        self.words
            .iter()
            .try_for_each(|word| write!(f, " {}", quoted(word)))
    }
}

/// A value of a command, such as a path, as a shell of this system takes it.
pub fn quoted(value: &str) -> String {
    match cfg!(windows) {
        true => for_windows(value),
        false => for_unix(value),
    }
}

/// How an environment variable is set in a shell of this system.
pub fn variable(name: &str, value: &str) -> String {
    match cfg!(windows) {
        true => format!("$env:{name} = \"{value}\""),
        false => format!("export {name}={value}"),
    }
}

fn is_plain(value: &str, signs: &str) -> bool {
    !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_alphanumeric() || signs.contains(c))
}

fn for_unix(value: &str) -> String {
    match is_plain(value, "/._-+:@%,=") {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\'', r"'\''")),
    }
}

/// Between the one kind of quotes that cmd knows, and PowerShell too, which ends
/// them at a curly one and reads `$` in them.
fn for_windows(value: &str) -> String {
    if is_plain(value, r"\/._-+:=") {
        return value.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => quoted.push('"'),
            '$' | '`' | '“' | '”' | '„' => quoted.push('`'),
            _ => {}
        }
        quoted.push(c);
    }
    // A program would take the last one for a quote that is meant.
    let backslashes = value.len() - value.trim_end_matches('\\').len();
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_quoted_where_a_shell_would_read_it_otherwise() {
        let lines = [
            ("été/re-j.csv", "été/re-j.csv", "été/re-j.csv"),
            ("re j.csv", "'re j.csv'", "\"re j.csv\""),
            ("l'été", r"'l'\''été'", "\"l'été\""),
            (r"C:\a\b", r"'C:\a\b'", r"C:\a\b"),
            (r"a b\", r"'a b\'", r#""a b\\""#),
            ("~home", "'~home'", "\"~home\""),
            ("$(id)", "'$(id)'", "\"`$(id)\""),
            ("a\"b", "'a\"b'", "\"a\"\"b\""),
            ("lea@example.fr", "lea@example.fr", "\"lea@example.fr\""),
            ("", "''", "\"\""),
        ];
        for (value, unix, windows) in lines {
            assert_eq!(for_unix(value), unix);
            assert_eq!(for_windows(value), windows);
        }
    }

    #[test]
    fn a_command_is_written_as_it_is_typed() {
        let command = Command::new(["send", "--to", "le salon"]).and(["a.csv"]);
        let named = quoted("le salon");
        assert_eq!(
            command.to_string(),
            format!("leadctl send --to {named} a.csv")
        );
    }
}
