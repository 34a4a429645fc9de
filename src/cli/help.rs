//! The pages of help: commands in groups, and examples of each. clap knows no groups
//! of subcommands, so the first page gets a template that is made of this table.

use std::fmt::Write as _;

use clap::Command;

/// What an example does, and what is typed for it.
type Example = (&'static str, &'static str);

/// A group's name, and its commands, each with its examples.
type Group = (&'static str, &'static [(&'static str, &'static [Example])]);

/// The commands in their groups, as the first page shows them.
const GROUPS: [Group; 4] = [
    (
        "Send and follow up",
        &[
            ("send", &SEND),
            ("follow", &FOLLOW),
            ("resend", &RESEND),
            ("resolve", &RESOLVE),
            ("amend", &AMEND),
        ],
    ),
    (
        "Look",
        &[
            ("status", &STATUS),
            ("history", &HISTORY),
            ("report", &REPORT),
            ("list", &LIST),
            ("partners", &PARTNERS),
        ],
    ),
    (
        "Set up",
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
        "Keep",
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
    (
        "Try it: a simulated partner, nothing leaves this machine",
        "leadctl send --to DEST --sandbox export.csv",
    ),
    (
        "See the exact requests, none is sent",
        "leadctl send --to DEST --dry-run export.csv",
    ),
    (
        "Deliver; what was sent before is skipped",
        "leadctl send --to DEST export.csv",
    ),
    (
        "Deliver, and keep the refused rows to correct in Excel",
        "leadctl send --to DEST --rejects rejects.xlsx export.xlsx",
    ),
    (
        "For cron: say only what needs a person",
        "leadctl send --to DEST --quiet --inbox /srv/leads",
    ),
];
const FOLLOW: [Example; 2] = [
    ("Ask every partner once", "leadctl follow"),
    (
        "Keep asking one of them, two minutes at most",
        "leadctl follow --to DEST --wait 2m",
    ),
];
const RESEND: [Example; 3] = [
    (
        "What a partner that was down did not get",
        "leadctl resend --to DEST --state failed",
    ),
    ("Two leads, by their ids", "leadctl resend --to DEST 42 43"),
    (
        "One in doubt, which the partner says it never got",
        "leadctl resend --to DEST 42 --force --note \"not there, says Ms Roy\"",
    ),
];
const RESOLVE: [Example; 6] = [
    ("The partner has it", "leadctl resolve 42 --delivered"),
    (
        "The partner does not have it: the next send sends it",
        "leadctl resolve 42 --not-received",
    ),
    (
        "They were given back",
        "leadctl resolve 42 57 --returned --note \"wrong number\"",
    ),
    (
        "What a partner's file says of many, in its column outcome",
        "leadctl resolve --to DEST --from answers.xlsx",
    ),
    (
        "A file in which all are returned",
        "leadctl resolve --to DEST --from returns.csv --returned",
    ),
    ("That was a slip", "leadctl resolve 42 --undo"),
];
const AMEND: [Example; 2] = [
    (
        "Change what the file names, by the partner's number of each contact",
        "leadctl amend --to DEST --ref Number corrections.csv",
    ),
    (
        "Empty the phone where the file has none",
        "leadctl amend --to DEST --ref Number --clear phone corrections.csv",
    ),
];
const STATUS: [Example; 1] = [("What a morning starts with", "leadctl status")];
const HISTORY: [Example; 6] = [
    (
        "What is in doubt, to ask the partner about",
        "leadctl history --to DEST --state in_doubt",
    ),
    ("One person's leads", "leadctl history --person Martin"),
    (
        "The page to show: what they agreed to, and who was sent them",
        "leadctl history --person lea.martin@example.fr --output lea.html",
    ),
    ("Each attempt of one lead", "leadctl history 42"),
    (
        "A day's leads, for a spreadsheet",
        "leadctl history --since 2026-11-22 --format csv",
    ),
    (
        "What a partner has, with its references: an export for another destination",
        "leadctl history --to DEST --columns all --format csv > taken.csv",
    ),
];
const REPORT: [Example; 5] = [
    (
        "What each partner took in November, and what that is worth",
        "leadctl report --month 2026-11",
    ),
    (
        "The same as a page to look at, to print and to mail",
        "leadctl report --month 2026-11 --output november.html",
    ),
    (
        "The same by source and programme, for a spreadsheet",
        "leadctl report --month 2026-11 --by source,program --format csv",
    ),
    (
        "By the day on which the partners decided",
        "leadctl report --month 2026-11 --dated decided",
    ),
    (
        "November's bill as it stood on 5 December, whatever came since",
        "leadctl report --month 2026-11 --as-of 2026-12-05",
    ),
];
const LIST: [Example; 1] = [(
    "What the partner has since November",
    "leadctl list --to DEST --since 2026-11-01",
)];
const PARTNERS: [Example; 4] = [
    (
        "The destinations, and the tables that `init` can write",
        "leadctl partners",
    ),
    (
        "What one of them takes, under which column headers",
        "leadctl partners DEST",
    ),
    (
        "Its whole table, and the file and line that each word comes from",
        "leadctl partners DEST --toml",
    ),
    (
        "The lead fields, for who writes a table",
        "leadctl partners --fields",
    ),
];
const INIT: [Example; 3] = [
    (
        "A partner that `leadctl partners` names; a terminal asks what it needs",
        "leadctl init DEST",
    ),
    (
        "A partner of your own; a terminal asks",
        "leadctl init --new my-crm",
    ),
    (
        "The same from the curl command that its page shows, and an answer",
        "leadctl init --new my-crm --from-curl curl.txt --answer answer.json",
    ),
];
const CHECK: [Example; 4] = [
    ("What is in this export?", "leadctl check export.csv"),
    ("Is my partners.toml right?", "leadctl check"),
    (
        "Which leads would this partner refuse?",
        "leadctl check --to DEST export.csv",
    ),
    (
        "Are its address and my key right? (one read that changes nothing)",
        "leadctl check --to DEST --online",
    ),
];
const SANDBOX: [Example; 2] = [
    (
        "Simulated partners, and the TOML that points at them",
        "leadctl sandbox > sandbox.toml",
    ),
    (
        "In another terminal: send to them",
        "leadctl --config sandbox.toml send --to DEST export.csv",
    ),
];
const PARTNER_SETTINGS: [Example; 2] = [
    (
        "Keep them in a file",
        "leadctl partner-settings --to DEST > settings.json",
    ),
    (
        "Change them: the difference is shown, and you are asked",
        "leadctl partner-settings --to DEST --set settings.json",
    ),
];
const SCHEMA: [Example; 1] = [(
    "Beside your partners.toml, whose first line names it",
    "leadctl schema > partners.schema.json",
)];
const COMPLETIONS: [Example; 4] = [
    (
        "bash: add this line to ~/.bashrc",
        "source <(leadctl completions bash)",
    ),
    (
        "zsh: add this line to ~/.zshrc",
        "source <(leadctl completions zsh)",
    ),
    (
        "fish: add this line to ~/.config/fish/config.fish",
        "leadctl completions fish | source",
    ),
    (
        "PowerShell: add this line to the file that $PROFILE names",
        "leadctl completions powershell | Out-String | Invoke-Expression",
    ),
];
const MAN: [Example; 2] = [
    ("Read the first page", "leadctl man | man -l -"),
    (
        "Write one page a command, where `man leadctl-send` finds them",
        "leadctl man --output ~/.local/share/man/man1",
    ),
];
const BLOCK: [Example; 5] = [
    (
        "Somebody who must not be sent to anybody",
        "leadctl block lea.martin@example.fr 0639980001",
    ),
    (
        "The same, and drop what is stored of them",
        "leadctl block --purge lea.martin@example.fr",
    ),
    (
        "Why, for the record",
        "leadctl block lea.martin@example.fr --note \"asked by phone, 3 November\"",
    ),
    (
        "A whole list, as CSV or a workbook",
        "leadctl block --from optout.csv",
    ),
    ("Who is blocked?", "leadctl block"),
];
const UNBLOCK: [Example; 2] = [
    (
        "They may be sent again",
        "leadctl unblock lea.martin@example.fr",
    ),
    ("A whole list", "leadctl unblock --from optin.csv"),
];
const PURGE: [Example; 2] = [
    (
        "What is older than this date",
        "leadctl purge --before 2026-01-01",
    ),
    (
        "One person, at every destination",
        "leadctl purge --person lea.martin@example.fr",
    ),
];
const BACKUP: [Example; 1] = [(
    "A copy that `leadctl restore` puts back",
    "leadctl backup /media/disk/leadctl.db",
)];
const RESTORE: [Example; 1] = [(
    "After a disk was lost",
    "leadctl restore /media/disk/leadctl.db",
)];

const START: &str = "\
Start here:
  What is in this export?
    leadctl check export.csv
  Try it: a simulated partner, nothing leaves this machine
    leadctl send --to DEST --sandbox export.csv
  Write a partners.toml with your own settings, then deliver
    leadctl init DEST
    leadctl send --to DEST export.csv

More:
    leadctl help send    all about one command, with examples
    leadctl --help       its files, its exit codes, every option";

const WHOLE: &str = "\
Files:
  partners.toml, your settings: the first of --config FILE, $LEADCTL_CONFIG,
  ./partners.toml, and leadctl/partners.toml in your configuration folder.
  It is laid over the partners that ship, so it holds only what differs.

  ledger.db, the record of what was sent: the first of --ledger FILE,
  $LEADCTL_LEDGER, `ledger` under [leadctl] in partners.toml, and
  leadctl/ledger.db in your data folder.

Exit codes:
  0    all is well
  1    could not finish
  2    usage, configuration or credentials
  3    some leads invalid or rejected
  4    some in doubt: the partner may have them
  5    some failed or unsent, or another run holds the destination: run again
  130  interrupted";

/// The command with its first page and its examples.
pub fn dressed(command: Command) -> Command {
    let header = *command.get_styles().get_header();
    let heading = |text: &str| format!("{header}{text}:{header:#}");
    let groups = grouped(&command);
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}{}\n{{options}}{{after-help}}",
        heading("Options of every command")
    );
    let verbs = GROUPS.iter().flat_map(|(_, verbs)| *verbs);
    let with_examples = verbs.fold(command, |command, (name, examples)| {
        let mut text = heading("Examples");
        for (what, typed) in *examples {
            _ = write!(text, "\n  {what}\n    {typed}");
        }
        command.mut_subcommand(*name, |verb| verb.after_help(text))
    });
    with_examples
        .help_template(template)
        .after_help(START)
        .after_long_help(format!("{WHOLE}\n\n{START}"))
}

/// Each group under its title, a line a command.
fn grouped(command: &Command) -> String {
    let (header, literal) = (
        command.get_styles().get_header(),
        command.get_styles().get_literal(),
    );
    let names = GROUPS.iter().flat_map(|(_, verbs)| *verbs);
    let widest = names.map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (title, verbs) in GROUPS {
        _ = writeln!(text, "{header}{title}:{header:#}");
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

    use super::super::{Cli, command};
    use super::*;

    #[test]
    fn no_command_is_forgotten() {
        let cli = <Cli as clap::CommandFactory>::command();
        let all: BTreeSet<&str> = cli.get_subcommands().map(Command::get_name).collect();
        let verbs = GROUPS.iter().flat_map(|(_, verbs)| *verbs);
        let told: Vec<&str> = verbs.map(|(name, _)| *name).collect();
        assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), all);
        assert_eq!(told.len(), all.len());
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
        let mut cli = command().term_width(80);
        cli.build();
        for whole in [false, true] {
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
