//! The pages of help, in the language that is spoken: the words of each command and
//! option (`help-…` in the catalogues), commands in groups, and examples of each. clap
//! knows no groups of subcommands, so the first page gets a template that is made of
//! this table; and what clap says of its own accord is said here again.

use std::fmt::Write as _;

use clap::builder::{Resettable, StyledStr, Styles};
use clap::{Arg, ArgAction, Command};

use crate::words::{self, say};

/// What an example does, by its name in the catalogues, and what is typed for it.
type Example = (&'static str, &'static str);

/// A group, and its commands, each with its examples.
type Group = (&'static str, &'static [(&'static str, &'static [Example])]);

/// The commands in their groups, as the first page shows them.
const GROUPS: [Group; 4] = [
    (
        "send",
        &[
            ("send", &SEND),
            ("follow", &FOLLOW),
            ("resend", &RESEND),
            ("resolve", &RESOLVE),
            ("amend", &AMEND),
        ],
    ),
    (
        "look",
        &[
            ("status", &STATUS),
            ("history", &HISTORY),
            ("report", &REPORT),
            ("list", &LIST),
            ("partners", &PARTNERS),
        ],
    ),
    (
        "setup",
        &[
            ("init", &INIT),
            ("check", &CHECK),
            ("sandbox", &SANDBOX),
            ("partner-settings", &PARTNER_SETTINGS),
            ("schema", &SCHEMA),
            ("completions", &COMPLETIONS),
            ("man", &MAN),
        ],
    ),
    (
        "keep",
        &[
            ("block", &BLOCK),
            ("unblock", &UNBLOCK),
            ("purge", &PURGE),
            ("backup", &BACKUP),
            ("restore", &RESTORE),
        ],
    ),
];

const SEND: [Example; 5] = [
    ("sandbox", "leadctl send --to DEST --sandbox export.csv"),
    ("dry-run", "leadctl send --to DEST --dry-run export.csv"),
    ("deliver", "leadctl send --to DEST export.csv"),
    (
        "rejects",
        "leadctl send --to DEST --rejects rejects.xlsx export.xlsx",
    ),
    ("cron", "leadctl send --to DEST --quiet --inbox /srv/leads"),
];
const FOLLOW: [Example; 2] = [
    ("once", "leadctl follow"),
    ("wait", "leadctl follow --to DEST --wait 2m"),
];
const RESEND: [Example; 3] = [
    ("failed", "leadctl resend --to DEST --state failed"),
    ("ids", "leadctl resend --to DEST 42 43"),
    (
        "force",
        "leadctl resend --to DEST 42 --force --note \"not there, says Ms Roy\"",
    ),
];
const RESOLVE: [Example; 6] = [
    ("delivered", "leadctl resolve 42 --delivered"),
    ("not-received", "leadctl resolve 42 --not-received"),
    (
        "returned",
        "leadctl resolve 42 57 --returned --note \"wrong number\"",
    ),
    ("from", "leadctl resolve --to DEST --from answers.xlsx"),
    (
        "from-returned",
        "leadctl resolve --to DEST --from returns.csv --returned",
    ),
    ("undo", "leadctl resolve 42 --undo"),
];
const AMEND: [Example; 2] = [
    (
        "change",
        "leadctl amend --to DEST --ref Number corrections.csv",
    ),
    (
        "clear",
        "leadctl amend --to DEST --ref Number --clear phone corrections.csv",
    ),
];
const STATUS: [Example; 1] = [("morning", "leadctl status")];
const HISTORY: [Example; 6] = [
    ("in-doubt", "leadctl history --to DEST --state in_doubt"),
    ("person", "leadctl history --person Martin"),
    (
        "page",
        "leadctl history --person lea.martin@example.fr --output lea.html",
    ),
    ("id", "leadctl history 42"),
    ("day", "leadctl history --since 2026-11-22 --format csv"),
    (
        "columns",
        "leadctl history --to DEST --columns all --format csv > taken.csv",
    ),
];
const REPORT: [Example; 5] = [
    ("month", "leadctl report --month 2026-11"),
    (
        "page",
        "leadctl report --month 2026-11 --output november.html",
    ),
    (
        "by",
        "leadctl report --month 2026-11 --by source,program --format csv",
    ),
    ("decided", "leadctl report --month 2026-11 --dated decided"),
    ("as-of", "leadctl report --month 2026-11 --as-of 2026-12-05"),
];
const LIST: [Example; 1] = [("since", "leadctl list --to DEST --since 2026-11-01")];
const PARTNERS: [Example; 4] = [
    ("all", "leadctl partners"),
    ("one", "leadctl partners DEST"),
    ("toml", "leadctl partners DEST --toml"),
    ("fields", "leadctl partners --fields"),
];
const INIT: [Example; 3] = [
    ("partner", "leadctl init DEST"),
    ("new", "leadctl init --new my-crm"),
    (
        "from-curl",
        "leadctl init --new my-crm --from-curl curl.txt --answer answer.json",
    ),
];
const CHECK: [Example; 4] = [
    ("export", "leadctl check export.csv"),
    ("config", "leadctl check"),
    ("to", "leadctl check --to DEST export.csv"),
    ("online", "leadctl check --to DEST --online"),
];
const SANDBOX: [Example; 2] = [
    ("start", "leadctl sandbox > sandbox.toml"),
    (
        "send",
        "leadctl --config sandbox.toml send --to DEST export.csv",
    ),
];
const PARTNER_SETTINGS: [Example; 2] = [
    ("keep", "leadctl partner-settings --to DEST > settings.json"),
    (
        "set",
        "leadctl partner-settings --to DEST --set settings.json",
    ),
];
const SCHEMA: [Example; 1] = [("file", "leadctl schema > partners.schema.json")];
const COMPLETIONS: [Example; 4] = [
    ("bash", "source <(leadctl completions bash)"),
    ("zsh", "source <(leadctl completions zsh)"),
    ("fish", "leadctl completions fish | source"),
    (
        "powershell",
        "leadctl completions powershell | Out-String | Invoke-Expression",
    ),
];
const MAN: [Example; 2] = [
    ("read", "leadctl man | man -l -"),
    ("write", "leadctl man --output ~/.local/share/man/man1"),
];
const BLOCK: [Example; 5] = [
    ("person", "leadctl block lea.martin@example.fr 0639980001"),
    ("purge", "leadctl block --purge lea.martin@example.fr"),
    (
        "note",
        "leadctl block lea.martin@example.fr --note \"asked by phone, 3 November\"",
    ),
    ("list", "leadctl block --from optout.csv"),
    ("who", "leadctl block"),
];
const UNBLOCK: [Example; 2] = [
    ("person", "leadctl unblock lea.martin@example.fr"),
    ("list", "leadctl unblock --from optin.csv"),
];
const PURGE: [Example; 2] = [
    ("before", "leadctl purge --before 2026-01-01"),
    ("person", "leadctl purge --person lea.martin@example.fr"),
];
const BACKUP: [Example; 1] = [("copy", "leadctl backup /media/disk/leadctl.db")];
const RESTORE: [Example; 1] = [("lost", "leadctl restore /media/disk/leadctl.db")];

/// Which of the two pages of a command is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `-h`
    Short,
    /// `--help`, and the manual.
    Whole,
}

/// The command with all its words.
pub fn dressed(command: Command, page: Page) -> Command {
    let command = told(command, page);
    let groups = grouped(&command);
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}{}\n{{options}}{{after-help}}",
        heading(&say!("page-options-of-all"))
    );
    let verbs = GROUPS.iter().flat_map(|(_, verbs)| *verbs);
    let with_examples = verbs.fold(command, |command, (name, examples)| {
        let mut text = heading(&say!("page-examples"));
        for (what, typed) in *examples {
            let what = said(name, &format!("example-{what}")).unwrap_or_default();
            _ = write!(text, "\n  {what}\n    {typed}");
        }
        command.mut_subcommand(*name, |verb| verb.after_help(text))
    });
    let [start, whole] = ["start", "whole"].map(|part| said(ROOT, part).unwrap_or_default());
    with_examples
        .help_template(template)
        .subcommand_value_name(say!("page-command"))
        .after_long_help(format!("{whole}\n\n{start}"))
        .after_help(start)
}

/// The command's own message.
const ROOT: &str = "leadctl";

/// A part of a command's message, or of the one that several commands share.
fn said(command: &str, part: &str) -> Option<String> {
    let own = words::part(&format!("help-{command}.{part}"));
    own.or_else(|| words::part(&format!("help-shared.{part}")))
}

/// A command, its options and its subcommands with what they mean.
fn told(command: Command, page: Page) -> Command {
    let name = command.get_name().to_owned();
    let (about, whole) = in_full(words::part(&format!("help-{name}")), said(&name, "long"));
    command
        .about(about)
        .long_about(whole)
        .mut_args(|arg| meant(&name, arg, page))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            own_flag("help", 'h', ArgAction::Help)
                .help(say!("page-help"))
                .long_help(say!("page-help-long")),
        )
        .arg(own_flag("version", 'V', ArgAction::Version).help(say!("page-version")))
        .mut_subcommands(|verb| told(verb, page))
}

/// A flag that clap would make itself: the last one.
fn own_flag(name: &'static str, short: char, action: ArgAction) -> Arg {
    let flag = Arg::new(name).long(name).short(short).action(action);
    flag.help_heading(None::<&str>).display_order(999)
}

/// The short text, and both where there is a longer one.
fn in_full(
    short: Option<String>,
    more: Option<String>,
) -> (Resettable<StyledStr>, Resettable<StyledStr>) {
    let whole = more.map(|more| format!("{}\n\n{more}", short.as_deref().unwrap_or_default()));
    let text = |it: Option<String>| Resettable::from(it.map(StyledStr::from));
    (text(short), text(whole))
}

/// An option with what it means.
fn meant(command: &str, arg: Arg, page: Page) -> Arg {
    let name = arg.get_id().as_str().replace('_', "-");
    let mut short = said(command, &name);
    let more = said(command, &format!("{name}-long"));
    // clap would break its own words between two lines, where nothing finds them.
    let takes_values = arg.get_action().takes_values();
    let notes = page == Page::Short && takes_values;
    if let Some(short) = short.as_mut().filter(|_| notes) {
        let notes = default(&arg).into_iter().chain(possible(&arg));
        notes.for_each(|note| _ = write!(short, " {note}"));
    }
    let heading = arg.get_help_heading();
    let heading = heading.and_then(|heading| said(ROOT, &format!("heading-{heading}")));
    let (short, whole) = in_full(short, more);
    let arg = match heading {
        // clap adds the colon.
        Some(title) => arg.help_heading(say!("page-title", title).trim_end_matches(':').to_owned()),
        None => arg,
    };
    let names = arg.get_value_names().filter(|_| takes_values);
    let names = names.map(|names| names.iter().map(|name| words::placeholder(name)));
    let arg = match names.map(Vec::from_iter) {
        Some(names) => arg.value_names(names),
        None => arg,
    };
    arg.help(short)
        .long_help(whole)
        .hide_default_value(notes)
        .hide_possible_values(notes)
}

/// `[default: table]`
fn default(arg: &Arg) -> Option<String> {
    let values = arg.get_default_values().iter();
    let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    (!values.is_empty()).then(|| format!("[{} {}]", say!("page-default"), values.join(" ")))
}

/// `[possible values: table, json, csv]`
fn possible(arg: &Arg) -> Option<String> {
    let values = arg.get_possible_values();
    let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
    (!names.is_empty()).then(|| self::values(&names.join(", ")))
}

/// The same of these.
pub fn values(names: &str) -> String {
    format!("[{} {names}]", say!("page-values"))
}

/// A title, as clap writes its own.
fn heading(title: &str) -> String {
    titled(&say!("page-title", title))
}

fn titled(title: &str) -> String {
    let header = *Styles::default().get_header();
    format!("{header}{title}{header:#}")
}

/// Of `leadctl help help`.
const ABOUT_HELP: &str = "Print this message or the help of the given subcommand(s)";
const OF_HELP: &str = "Print help for the subcommand(s)";

/// A page that clap wrote, with its own words in the language that is spoken.
pub fn in_words(page: &str) -> String {
    let words = [
        (titled("Usage:"), heading(&say!("page-usage"))),
        (titled("Arguments:"), heading(&say!("page-arguments"))),
        (titled("Options:"), heading(&say!("page-options"))),
        ("[default:".to_owned(), format!("[{}", say!("page-default"))),
        (
            "[possible values:".to_owned(),
            format!("[{}", say!("page-values")),
        ),
        ("Possible values:".to_owned(), say!("page-values-listed")),
        (ABOUT_HELP.to_owned(), say!("page-of-help")),
        (OF_HELP.to_owned(), say!("page-of-commands")),
    ];
    let put = |page: String, (clap, ours): &(String, String)| page.replace(clap, ours);
    words.iter().fold(page.to_owned(), put)
}

/// Each group under its title, a line a command.
fn grouped(command: &Command) -> String {
    let literal = command.get_styles().get_literal();
    let names = GROUPS.iter().flat_map(|(_, verbs)| *verbs);
    let widest = names.map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (group, verbs) in GROUPS {
        let title = said(ROOT, &format!("group-{group}")).unwrap_or_default();
        _ = writeln!(text, "{}", heading(&title));
        for (name, _) in verbs {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let pad = " ".repeat(widest - name.len());
            _ = writeln!(text, "  {literal}{name}{literal:#}{pad}  {about}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_syntax::ast::Entry;

    use super::super::{Cli, command};
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn no_command_is_forgotten() {
        let cli = Cli::command();
        let all: BTreeSet<&str> = cli.get_subcommands().map(Command::get_name).collect();
        let verbs = GROUPS.iter().flat_map(|(_, verbs)| *verbs);
        let told: Vec<&str> = verbs.map(|(name, _)| *name).collect();
        assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), all);
        assert_eq!(told.len(), all.len());
    }

    /// The other languages say what English does: `tests/it/catalogue.rs`.
    #[test]
    fn each_command_and_option_is_told_and_nothing_else_is() {
        let english = include_str!("../../i18n/en/leadctl.ftl");
        let english = fluent_syntax::parser::parse(english).unwrap();
        let messages = english.body.iter().filter_map(|entry| match entry {
            Entry::Message(message) => Some(message),
            _ => None,
        });
        let parts = messages.flat_map(|message| {
            let parts = message.attributes.iter();
            parts.map(|part| (message.id.name, part.id.name))
        });
        let parts: BTreeSet<(&str, &str)> = parts.collect();
        let mut used = BTreeSet::new();
        let mut tell = |command: &str, part: &str| {
            let own = [format!("help-{command}"), "help-shared".to_owned()];
            let mut known = parts
                .iter()
                .filter(|(id, it)| *it == part && own.contains(&(*id).to_owned()));
            // A command's own stands before the shared one.
            let found = known.next().copied();
            used.extend(found);
            found.is_some()
        };
        for (command, examples) in GROUPS.iter().flat_map(|(_, verbs)| *verbs) {
            for (what, _) in *examples {
                assert!(
                    tell(command, &format!("example-{what}")),
                    "{command}: {what}"
                );
            }
        }
        for (group, _) in GROUPS {
            assert!(tell(ROOT, &format!("group-{group}")), "{group}");
        }
        let cli = Cli::command();
        for command in cli.get_subcommands().chain([&cli]) {
            let name = command.get_name();
            assert!(english.body.iter().any(|entry| matches!(entry, Entry::Message(it) if it.id.name == format!("help-{name}") && it.value.is_some())), "{name}");
            tell(name, "long");
            for arg in command.get_arguments() {
                let option = arg.get_id().as_str().replace('_', "-");
                assert!(tell(name, &option), "{name} {option}");
                tell(name, &format!("{option}-long"));
                let values = arg.get_value_names().unwrap_or_default().join(" ");
                if arg.get_action().takes_values() {
                    let words = values.split(|letter: char| !letter.is_ascii_uppercase());
                    for word in words.filter(|word| !word.is_empty()) {
                        assert!(tell("values", &word.to_lowercase()), "{word}");
                    }
                }
                if let Some(heading) = arg.get_help_heading() {
                    assert!(tell(ROOT, &format!("heading-{heading}")), "{heading}");
                }
            }
        }
        for part in ["start", "whole"] {
            assert!(tell(ROOT, part));
        }
        let unsaid: Vec<_> = parts.difference(&used).collect();
        assert_eq!(unsaid, Vec::<&(&str, &str)>::new());
    }

    #[test]
    fn each_example_can_be_typed() {
        let verbs = GROUPS.iter().flat_map(|(_, verbs)| *verbs);
        for (name, examples) in verbs {
            assert!(!examples.is_empty(), "{name}");
            for (_, typed) in *examples {
                let own = typed.split(['|', '>', '<', '(', ')']);
                let own = own.map(str::trim).find(|part| part.starts_with("leadctl "));
                let words = shlex::split(own.unwrap()).unwrap();
                let read = command().try_get_matches_from(&words);
                let read = read.unwrap_or_else(|error| panic!("{typed}: {error}"));
                assert!(
                    read.subcommand_name().is_some() && typed.contains(name),
                    "{typed}"
                );
            }
        }
    }

    #[test]
    fn pages_fit_eighty_columns_and_keep_commands_whole() {
        for whole in [false, true] {
            let page = if whole { Page::Whole } else { Page::Short };
            let mut cli = dressed(Cli::command(), page).term_width(80);
            cli.build();
            let mut page = |verb: &mut Command| match whole {
                true => verb.render_long_help().to_string(),
                false => verb.render_help().to_string(),
            };
            let mut pages = vec![page(&mut cli)];
            pages.extend(cli.get_subcommands_mut().map(&mut page));
            let lines = pages.iter().flat_map(|page| page.lines());
            // clap breaks no usage.
            for line in lines.filter(|line| !line.starts_with("Usage: ")) {
                assert!(line.chars().count() <= 80, "{line}");
            }
            let examples = GROUPS.iter().flat_map(|(_, verbs)| *verbs);
            for (_, typed) in examples.flat_map(|(_, examples)| *examples) {
                let is_whole = |page: &String| page.contains(&format!("    {typed}"));
                assert!(pages.iter().any(is_whole), "{typed}");
            }
        }
    }
}
