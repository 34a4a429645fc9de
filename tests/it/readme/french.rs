//! A French page keeps up with its English one: the same commands, as many chapters.

use regex::Regex;

use super::pages::pages_in;
use super::{blocks, prose};

/// What a reader names: files, words, notes of their own.
const NAMES: [(&str, &str); 13] = [
    ("ADDRESS-OF-THIS-REPOSITORY", "ADRESSE-DE-CE-DEPOT"),
    (
        "asked by phone, 3 November",
        "demandé au téléphone, 3 novembre",
    ),
    ("asked by telephone", "demandé au téléphone"),
    ("erase.csv", "a-effacer.csv"),
    ("ledger-copy.db", "copie.db"),
    ("month.html", "mois.html"),
    ("13 months", "13 mois"),
    ("november.", "novembre."),
    ("optout.csv", "opposition.csv"),
    ("the secret", "le secret"),
    ("to-correct.", "a-corriger."),
    ("--since yesterday", "--since hier"),
    ("--state \"in doubt\"", "--state incertain"),
];

/// The French pages, each with its English one.
fn pairs() -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pages_in("docs/fr")
        .into_iter()
        .map(|page| (page.replace("docs/fr/", "docs/"), page))
        .collect();
    assert!(!pairs.is_empty());
    pairs.push(("README.md".to_owned(), "README.fr.md".to_owned()));
    pairs
}

/// What is typed, comments aside.
fn typed(page: &str) -> String {
    let shown = ["sh", "console", "toml", "crontab", "bat", "powershell"];
    let blocks = blocks(page).into_iter();
    let lines = blocks
        .filter(|block| shown.contains(&block.language.as_str()))
        .flat_map(|block| block.lines);
    let comment = Regex::new(r"(?:^|\s+)#\s.*$").expect("a pattern");
    let lines = lines.map(|line| comment.replace(&line, "").trim_end().to_owned());
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// How deep each chapter lies.
fn chapters(page: &str) -> Vec<usize> {
    let headings = prose(page).into_iter().filter(|line| line.starts_with('#'));
    headings
        .map(|line| line.chars().take_while(|sign| *sign == '#').count())
        .collect()
}

#[test]
fn a_french_page_says_to_type_what_the_english_one_does() {
    for (english, french) in pairs() {
        let names = NAMES.iter();
        let expected = names.fold(typed(&english), |text, (in_english, in_french)| {
            text.replace(in_english, in_french)
        });
        assert_eq!(typed(&french), expected, "{french}");
    }
}

#[test]
fn a_french_page_has_the_chapters_of_the_english_one() {
    for (english, french) in pairs() {
        assert_eq!(chapters(&french), chapters(&english), "{french}");
    }
}

/// Each names the other at its top.
#[test]
fn the_two_readmes_name_each_other() {
    for (readme, other) in [("README.md", "README.fr.md"), ("README.fr.md", "README.md")] {
        let top = prose(readme)[..4].join("\n");
        assert!(top.contains(&format!("]({other})")), "{top}");
    }
}

/// Before `: ; ! ?` and inside guillemets no line is broken.
#[test]
fn french_pages_have_the_spaces_of_french() {
    let code = Regex::new("`[^`]*`").expect("a pattern");
    let broken = Regex::new(r"« |[^\u{a0}]»| [:;!?%€](?:\s|$)").expect("a pattern");
    for (_, page) in pairs() {
        for line in prose(&page) {
            let line = code.replace_all(&line, "x");
            assert!(!broken.is_match(&line), "{page}: {line}");
        }
    }
}
