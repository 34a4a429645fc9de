//! The help of every command.

use super::{COLUMNS, home, is_as_ever, languages};

const VERBS: [&str; 22] = [
    "send",
    "follow",
    "resend",
    "resolve",
    "amend",
    "status",
    "history",
    "report",
    "list",
    "partners",
    "init",
    "check",
    "sandbox",
    "partner-settings",
    "schema",
    "completions",
    "man",
    "block",
    "unblock",
    "purge",
    "backup",
    "restore",
];

#[test]
fn the_help_of_every_command() {
    for language in languages() {
        let home = home(&language);
        let help = |arguments: &[&str]| home.run_on_terminal(COLUMNS, arguments).stdout;
        is_as_ever(&format!("{language}-help"), &help(&["-h"]));
        is_as_ever(&format!("{language}-help-whole"), &help(&["--help"]));
        for verb in VERBS {
            is_as_ever(&format!("{language}-help-{verb}"), &help(&[verb, "--help"]));
        }
        is_as_ever(&format!("{language}-man"), &help(&["man"]));
    }
}
