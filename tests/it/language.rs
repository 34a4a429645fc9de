//! The language that is spoken: what chooses it, that the whole command line speaks it,
//! and that nothing a script reads changes with it.

use std::collections::BTreeSet;

use crate::common::desk::{Desk, HASTY, taken};
use crate::common::{Act, Home, Outcome, Partner};

const ENGLISH: &str = "Deliver leads to a partner";
const FRENCH: &str = "Envoyer des leads à un partenaire";

/// A home in which these variables say whose language is spoken.
fn home(variables: &[(&str, &str)]) -> Home {
    let mut home = Home::new();
    for (name, value) in variables {
        home.set(name, value);
    }
    home
}

fn french() -> Home {
    home(&[("LC_ALL", "fr_FR.UTF-8"), ("COLUMNS", "80")])
}

/// What help is given for this line.
fn help(home: &Home, line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    home.run(&words).expect_code(0).stdout
}

#[test]
fn the_language_is_that_of_the_flag_else_of_the_file_else_of_the_user() {
    for (variables, config, line, words) in [
        (&[][..], "", "help send", ENGLISH),
        (&[], "", "--lang fr help send", FRENCH),
        (&[], "", "send --lang=fr -h", FRENCH),
        (&[("LC_ALL", "fr_FR.UTF-8")], "", "send --help", FRENCH),
        (&[("LC_ALL", "C"), ("LANG", "fr")], "", "send -h", ENGLISH),
        (&[("LC_ALL", ""), ("LANG", "fr_FR")], "", "send -h", FRENCH),
        (&[("LC_MESSAGES", "fr_FR.UTF-8")], "", "send -h", FRENCH),
        (&[("LANG", "fr_CA.UTF-8")], "", "send -h", FRENCH),
        (&[("LANG", "de_DE.UTF-8")], "", "send -h", ENGLISH),
        (&[("LANG", "fr_FR")], "", "send -h --lang en", ENGLISH),
        (&[], "fr", "help send", FRENCH),
        (&[], "fr", "send --lang en --help", ENGLISH),
        (&[("LANG", "fr_FR")], "en", "send --help", ENGLISH),
    ] {
        let home = home(variables);
        if !config.is_empty() {
            home.config(&format!("[leadctl]\nlang = \"{config}\"\n"));
        }
        let page = help(&home, line);
        assert!(
            page.contains(words),
            "{variables:?} {config} {line}\n{page}"
        );
    }
    let home = Home::new();
    home.write("mine.toml", "[leadctl]\nlang = \"fr\"\n");
    assert!(help(&home, "--config mine.toml send -h").contains(FRENCH));
}

#[test]
fn a_language_without_a_catalogue_is_refused() {
    let told = Home::new().run(&["--lang", "de", "status"]).expect_code(2);
    assert!(
        told.stderr.contains("[possible values: en, fr]"),
        "{told:?}"
    );
    let told = french().run(&["--lang", "de", "status"]).expect_code(2);
    assert!(told.stderr.contains("[valeurs\u{a0}: en, fr]"), "{told:?}");
    let home = Home::new();
    home.config("[leadctl]\nlang = \"de\"\n");
    let told = home.run(&["partners"]).expect_code(2);
    assert!(told.stderr.contains("partners.toml:2"), "{told:?}");
}

/// The commands, as the first page names them.
fn verbs(home: &Home) -> Vec<String> {
    let page = help(home, "-h");
    let lines = page.lines().filter_map(|line| line.strip_prefix("  "));
    let names = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    let names = names.filter_map(|line| Some(line.split_once("  ")?.0.to_owned()));
    let names: Vec<_> = names.collect();
    assert!(names.len() > 15, "{names:?}");
    names
}

/// What clap says of its own accord, where nobody says it otherwise.
const OF_CLAP: [&str; 6] = [
    "Usage: ",
    "Options:",
    "Arguments:",
    "[default",
    "ossible values",
    "Print ",
];

#[test]
fn every_page_of_help_is_french_and_fits_the_terminal() {
    let home = french();
    let mut lines: Vec<String> = ["-h", "--help", "help help"].map(Into::into).into();
    for verb in verbs(&home) {
        lines.push(format!("{verb} -h"));
        lines.push(format!("help {verb}"));
    }
    for line in lines {
        let page = help(&home, &line);
        for words in OF_CLAP {
            assert!(!page.contains(words), "{line}: {words}\n{page}");
        }
        // clap breaks no usage.
        for text in page.lines().filter(|text| !text.starts_with("Usage")) {
            assert!(text.chars().count() <= 80, "{line}: {text}");
        }
    }
    let page = help(&home, "help send");
    for words in [
        "Usage\u{a0}: ",
        "Options de lecture\u{a0}:",
        "Exemples\u{a0}:",
        "[défaut\u{a0}: safe]",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[test]
fn the_manual_is_french() {
    let home = french();
    home.run(&["man", "--output", "man"]).expect_code(0);
    for verb in verbs(&home) {
        let page = home.read(&format!("man/leadctl-{verb}.1"));
        for words in [".SH NOM\n", ".SH \"OPTIONS GÉNÉRALES\"\n"] {
            assert!(page.contains(words), "{verb}: {words}\n{page}");
        }
        for words in OF_CLAP {
            assert!(!page.contains(words), "{verb}: {words}\n{page}");
        }
    }
    assert!(help(&home, "man").contains("Codes de sortie"));
}

#[test]
fn a_wrong_line_is_told_in_french() {
    let home = french();
    for (line, words) in [
        ("sned", "la commande «\u{a0}sned\u{a0}» n'existe pas"),
        (
            "sned",
            "conseil\u{a0}: des commandes au nom proche existent\u{a0}: ",
        ),
        (
            "send",
            "il manque les arguments suivants\u{a0}:\n  --to <DEST>\n",
        ),
        (
            "send --too x",
            "l'argument «\u{a0}--too\u{a0}» n'existe pas ici",
        ),
        (
            "send --to",
            "il manque une valeur pour «\u{a0}--to <DEST>\u{a0}»",
        ),
        ("send --to x --max 3", "s'écrit maintenant `--max-new N`"),
        ("send --to x --jobs 300", "un nombre entier de 1 à 256"),
        (
            "send --to x -x",
            "comme valeur, écrivez «\u{a0}-- -x\u{a0}»",
        ),
        (
            "history --since soon",
            "«\u{a0}soon\u{a0}» n'est pas une date",
        ),
        ("history --json --format csv", "ne va pas avec"),
        ("history --format cvs", "[valeurs\u{a0}: table, json, csv]"),
    ] {
        let words_of_line: Vec<&str> = line.split(' ').collect();
        let told = home.run(&words_of_line).expect_code(2).stderr;
        assert!(told.starts_with("erreur\u{a0}: "), "{told}");
        assert!(told.contains(words), "{line}: {words}\n{told}");
        assert!(told.contains("Pour en savoir plus"), "{told}");
    }
}

#[test]
fn the_tab_key_tells_in_french() {
    let mut home = french();
    home.set("LEADCTL_COMPLETE", "fish");
    let told = home.run(&["--", "leadctl", "send", "--dry"]).expect_code(0);
    assert!(told.stdout.contains("--dry-run\tMontrer"), "{told:?}");
    let told = home.run(&["--", "leadctl", "hel"]).expect_code(0);
    assert!(told.stdout.contains("help\tAfficher"), "{told:?}");
}

/// A partner that refuses the second lead and is down for the third.
fn moody() -> Partner {
    Partner::start(|arrived| match arrived.number {
        1 => Act::json(422, "{}"),
        2 => Act::json(500, "{}"),
        _ => taken(arrived),
    })
}

/// The keys of a JSON value, at any depth.
fn keys(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        serde_json::Value::Array(all) => all.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

/// What a script reads of a run: its exit code, the JSON keys, states and counts; of CSV,
/// the headers.
fn for_scripts(told: &Outcome) -> String {
    if !told.stdout.starts_with(['{', '[']) {
        return format!("{:?} {:?}", told.code, told.stdout.lines().next());
    }
    let mut found = BTreeSet::new();
    let rows = told.rows();
    rows.iter().for_each(|row| keys(row, &mut found));
    let states = rows.iter().map(|row| row["state"].to_string());
    let mut states: Vec<String> = states.collect();
    // What is invalid is stored beside what is sent, whichever is first.
    states.sort();
    format!("{:?} {found:?} {states:?}", told.code)
}

/// What the table shows may be typed.
#[test]
fn a_state_is_typed_as_it_is_shown() {
    let mut desk = Desk::at(&moody().base());
    desk.home.set("LC_ALL", "fr_FR.UTF-8");
    for word in [
        "refusé",
        "en échec",
        "INCERTAIN",
        "non envoyé,invalide",
        "rejected",
    ] {
        desk.home.run(&["history", "--state", word]).expect_code(0);
    }
    let told = desk
        .home
        .run(&["history", "--state", "perdu"])
        .expect_code(2);
    assert!(told.stderr.contains("[valeurs"), "{told:?}");
}

#[test]
fn what_a_script_reads_is_the_same_in_every_language() {
    let in_language = |language: &str| {
        let partner = moody();
        let rule = "{ when = { status = 422 }, then = \"rejected\" },";
        let mut desk = Desk::with(&partner.base(), HASTY, rule);
        desk.home.set("LC_ALL", language);
        let rows = desk.export("leads.csv", 1, 4);
        let text = desk.home.read(&rows) + "Sans;\nDouble;lead1@example.fr\n";
        desk.home.write(&rows, text);
        let mut read = vec![for_scripts(&desk.send(&[&rows]))];
        for line in [
            "history --json",
            "history --format csv",
            "history 1 --json",
            "history --runs --json",
            "history --runs --format csv",
            "status --json",
            "status --format csv",
            "report --json",
            "report --format csv",
            "partners --json",
            "partners --format csv",
            "partners desk --json",
            "check --to desk leads.csv --json",
            "check --to desk leads.csv --format csv",
            "check leads.csv --json",
            "send --to desk leads.csv --format csv",
            "send --to desk --dry-run leads.csv --json",
            "follow --json",
            "block --json",
            "frobnicate",
            "history --state foo",
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            read.push(format!("{line}: {}", for_scripts(&desk.home.run(&words))));
        }
        // What scripts typed before there was another language is typed still.
        for word in ["in_doubt", "in doubt", "in-doubt", "REJECTED"] {
            let told = desk.home.run(&["history", "--json", "--state", word]);
            read.push(format!("{word}: {}", for_scripts(&told)));
        }
        read
    };
    let (english, french) = (in_language("C"), in_language("fr_FR.UTF-8"));
    for (english, french) in english.iter().zip(&french) {
        assert_eq!(english, french);
    }
}
