//! What README and the pages of `docs/` name is there, in both languages: verbs and
//! flags of every command, files and chapters of every link.

use std::collections::BTreeSet;
use std::fs;

use regex::Regex;

use super::{blocks, root};
use crate::common::Home;

/// The pages of a folder, by their paths in the repository.
pub fn pages_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect(folder);
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.ends_with(".md"));
    let mut pages: Vec<String> = names.map(|name| format!("{folder}/{name}")).collect();
    pages.sort();
    pages
}

/// README and the pages of `docs/`, in both languages.
fn pages() -> Vec<String> {
    let readmes = ["README.md", "README.fr.md"].map(str::to_owned);
    let pages = readmes.into_iter().chain(pages_in("docs"));
    pages.chain(pages_in("docs/fr")).collect()
}

/// The README that a page is to be found by.
fn readme_of(page: &str) -> &'static str {
    match page.contains("fr/") || page == "README.fr.md" {
        true => "README.fr.md",
        false => "README.md",
    }
}

fn text(page: &str) -> String {
    fs::read_to_string(root().join(page)).expect(page)
}

/// The commands of a page: in its blocks, also behind a pipe or a schedule, and in
/// its sentences.
fn commands(page: &str) -> BTreeSet<String> {
    let shown =
        |language: &str| ["sh", "console", "crontab", "bat", "powershell"].contains(&language);
    let blocks = blocks(page)
        .into_iter()
        .filter(|block| shown(&block.language));
    let lines = blocks.flat_map(|block| block.lines);
    let spans = Regex::new("`([^`\n]+)`").expect("a pattern");
    let text = text(page);
    let spoken = spans.captures_iter(&text).map(|span| span[1].to_owned());
    let called = Regex::new(r#"(?:^|[\s/\\])leadctl(?:\.exe)? +([a-z-].*)$"#).expect("a pattern");
    let rest = Regex::new(r"\s(#|>|>>|2>|&|\||…).*$").expect("a pattern");
    let said = lines.chain(spoken).filter_map(|line| {
        let said = called.captures(line.trim())?[1].to_owned();
        Some(rest.replace(&said, "").into_owned())
    });
    said.filter(|said| !said.starts_with('…')).collect()
}

/// Words as a shell would give them, with values in place of what a page leaves open.
fn arguments(said: &str) -> Vec<String> {
    let words = shlex::split(said).unwrap_or_else(|| panic!("not closed: {said}"));
    let filled = words.into_iter().map(|word| match word.as_str() {
        "ID" | "ID..." | "N" => "1".to_owned(),
        "DATE" => "2026-01-01".to_owned(),
        "DURATION" => "1d".to_owned(),
        _ => word,
    });
    filled.collect()
}

#[test]
fn every_verb_and_flag_of_the_pages_is_one() {
    let mut tried = 0;
    for page in pages() {
        let mut home = Home::new();
        if readme_of(&page) == "README.fr.md" {
            home.set("LC_ALL", "fr_FR.UTF-8");
        }
        for said in commands(&page) {
            // Help is given where all that stands before it is understood.
            let mut arguments = arguments(&said);
            arguments.push("--help".to_owned());
            let outcome = home.run(&arguments);
            assert_eq!(
                outcome.code,
                Some(0),
                "{page}: leadctl {said}\n{}",
                outcome.stderr
            );
            tried += 1;
        }
    }
    assert!(tried > 50, "only {tried} commands were found");
}

/// A heading's name in a link.
fn anchor(heading: &str) -> String {
    let letters = heading.trim().to_lowercase();
    let kept = letters
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_linked() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a pattern");
    let mut linked = BTreeSet::new();
    for page in pages() {
        let folder = root().join(&page).parent().expect("a folder").to_path_buf();
        for target in link
            .captures_iter(&text(&page))
            .map(|found| found[1].to_owned())
        {
            if target.starts_with("http") {
                continue;
            }
            let (file, chapter) = target.split_once('#').unwrap_or((&target, ""));
            let path = match file {
                "" => root().join(&page),
                file => folder.join(file),
            };
            assert!(path.exists(), "{page} links {target}");
            if !chapter.is_empty() {
                let there = fs::read_to_string(&path).expect("a page");
                let headings = there.lines().filter(|line| line.starts_with('#'));
                let mut anchors = headings.map(|line| anchor(line.trim_start_matches('#')));
                assert!(
                    anchors.any(|anchor| anchor == chapter),
                    "{page} links {target}"
                );
            }
            if page == readme_of(&page) {
                linked.insert((page.clone(), file.to_owned()));
            }
            let name = file.rsplit('/').next().expect("a name");
            let in_french = root().join("docs/fr").join(name).is_file();
            let stays = page.starts_with("docs/fr/") && !file.contains('/');
            assert!(
                readme_of(&page) == "README.md"
                    || !in_french
                    || stays
                    || file.starts_with("docs/fr/"),
                "{page} links {target}, which there is in French"
            );
        }
    }
    for page in pages().iter().filter(|page| page.starts_with("docs/")) {
        let readme = readme_of(page);
        let link = (readme.to_owned(), page.clone());
        assert!(linked.contains(&link), "{readme} does not link {page}");
    }
}
