//! What people read: no word that only its makers understand, sentences that are
//! whole, so that another language can say each in its own order, and none in SQL.

use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

use crate::catalogue;
use crate::house::sources;

/// A piece of Rust that is a comment, a letter, or a text.
static PIECE: LazyLock<Regex> = LazyLock::new(|| {
    let pieces = [
        r"//[^\n]*",
        r##"r#"(?<hashed>.*?)"#"##,
        r#"\br"(?<raw>[^"]*)""#,
        r"'(?:\\u\{[^}]*\}|\\.|[^\\'\n])'",
        r#""(?<text>(?:\\.|[^"\\])*)""#,
    ];
    Regex::new(&format!("(?s){}", pieces.join("|"))).unwrap()
});

/// The texts of the source, with their files, and those of the catalogue: values in them
/// are `{}`.
fn texts() -> Vec<(String, String)> {
    let mut found = written();
    for (id, message) in &catalogue::messages("en") {
        found.push((id.clone(), message.text.clone()));
    }
    assert!(found.len() > 3000, "{} texts", found.len());
    found
}

/// The texts of the source.
fn written() -> Vec<(String, String)> {
    let goes_on = Regex::new(r"\\\n\s*").unwrap();
    let value = Regex::new(r"\{[^{}]*\}").unwrap();
    let mut found = Vec::new();
    for (file, code) in sources() {
        for piece in PIECE.captures_iter(&code) {
            let text = ["hashed", "raw", "text"].map(|name| piece.name(name));
            let Some(text) = text.into_iter().flatten().next() else {
                continue;
            };
            let text = goes_on.replace_all(text.as_str(), "");
            let text = text.replace("\\n", "\n").replace("\\\"", "\"");
            found.push((file.clone(), value.replace_all(&text, "{}").into_owned()));
        }
    }
    found
}

/// A sentence for people stands in the catalogues, where each language has its own.
#[test]
fn no_sentence_stands_in_the_code() {
    // What the makers read, or a program; what other crates say, and names for them.
    const OTHERS: [&str; 10] = [
        "trace",
        "fuzzing",
        "output::crash",
        "words",
        "commands::notify::text",
        "sandbox::answer",
        "cli::help",
        "config::syntax",
        "config::table_type",
        "lead",
    ];
    let words = Regex::new(r"(?:\b[A-Za-z][a-z']+[,:;]? ){3}[a-z']{2,}").unwrap();
    let is_typed =
        |text: &str| text.contains("leadctl ") || text.contains(" = ") || text.contains('|');
    let is_other = |file: &str| {
        OTHERS
            .iter()
            .any(|other| file == *other || file.starts_with(&format!("{other}::")))
    };
    let sentences = written().into_iter().filter(|(file, text)| {
        words.is_match(text) && !is_sql(text) && !is_typed(text) && !is_other(file)
    });
    assert_eq!(sentences.collect::<Vec<_>>(), []);
}

fn is_sql(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "PRAGMA ", "FROM ", "WHERE ",
        " AND ",
    ];
    WORDS.iter().any(|word| text.contains(word))
}

/// Words of ours, other than in the names of flags, variables and files.
fn unexplained(text: &str) -> Option<String> {
    static NAMES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"`[^`]*`|--[\w-]+|LEADCTL_\w+|ledger\.db|ledger =").unwrap());
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        let words = "ledger|payload|settle[sd]?|settling|pid|spool|dedup|upsert|mutex|deserialize";
        Regex::new(&format!(r"(?i)\b(?:{words})\b")).unwrap()
    });
    let text = NAMES.replace_all(text, "");
    OURS.find(&text).map(|word| word.as_str().to_owned())
}

#[test]
fn no_word_of_ours_stands_unexplained_in_a_message() {
    for (file, text) in texts() {
        if text.contains(' ') && !is_sql(&text) {
            assert_eq!(unexplained(&text), None, "{file}: {text}");
        }
    }
}

#[test]
fn no_word_of_ours_stands_unexplained_in_help() {
    let help = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leadctl"));
        let output = command.args(arguments).arg("--help").output().unwrap();
        let page = String::from_utf8(output.stdout).unwrap();
        assert_eq!(unexplained(&page), None, "{arguments:?}: {page}");
        output.status.success()
    };
    assert!(help(&[]));
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands")).unwrap();
    let files = files.map(|file| file.unwrap().path().with_extension(""));
    // What is no verb has no help.
    let verbs = files.filter(|file| {
        let verb = file
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .replace('_', "-");
        help(&[&verb])
    });
    assert!(verbs.count() > 15);
}

#[test]
fn no_word_of_ours_stands_unexplained_in_a_page() {
    const OF_MAKERS: [&str; 3] = ["architecture.md", "decisions.md", "testing.md"];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = std::fs::read_dir(root.join("docs")).unwrap();
    let pages = pages.map(|page| page.unwrap().path());
    let pages = pages.filter(|path| path.is_file());
    let code = Regex::new("(?s)```.*?```").unwrap();
    for path in pages.chain([root.join("README.md")]) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let page = std::fs::read_to_string(&path).unwrap();
        let explains = page.contains("the *ledger*") || page.contains("the ledger: what was sent");
        let page = code.replace_all(&page, "");
        let page = match explains {
            true => page.replace("ledger", ""),
            false => page.into_owned(),
        };
        if !OF_MAKERS.contains(&name) {
            assert_eq!(unexplained(&page), None, "{name}");
        }
    }
}

/// Ends of sentences that are put behind others can't be said in another order.
#[test]
fn no_sentence_is_put_together_from_pieces() {
    // Words of lists, of a manual's markup, of names that files have.
    const NONE: [&str; 10] = [
        "en ",
        " and ",
        " or ",
        " AND ",
        " (os error",
        ".SH ",
        ".SS ",
        "column ",
        "file ",
        ", reference = {}",
    ];
    let words = Regex::new(r"[a-z]{2}").unwrap();
    let pieces = texts().into_iter().filter(|(_, text)| {
        // Two blanks set a line in.
        let begins = text.starts_with([' ', ';', ',']) && !text.starts_with("  ");
        let ends = begins || text.ends_with(' ');
        let said = words.is_match(&text.replace("{}", ""));
        ends && said && !is_sql(text) && !NONE.contains(&text.as_str())
    });
    assert_eq!(pieces.collect::<Vec<_>>(), []);
}

#[test]
fn sql_says_nothing() {
    let quoted = Regex::new(r"'[^']*'").unwrap();
    for (file, text) in texts().into_iter().filter(|(_, text)| is_sql(text)) {
        for said in quoted.find_iter(&text) {
            let words = said.as_str().trim_matches('\'').split_whitespace().count();
            assert!(words < 3, "{file} says {} in SQL", said.as_str());
        }
    }
}
