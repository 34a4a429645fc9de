//! `leadctl init`: the file that it writes loads, and proves once filled in.

mod new;
mod shelf;
#[cfg(unix)]
mod terminal;

use crate::common::{Home, Outcome};

const DESTINATIONS: [&str; 5] = ["adlead", "companeo", "hubspot", "iciformation", "maarch"];

/// What a user does with the file: takes the `#` away and writes a value.
fn fill_in(home: &Home) {
    let filled: String = home
        .read("partners.toml")
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.contains(" = ") => {
                let setting = setting.replace("https://…", "https://hooks.example.fr/leads");
                setting.replace("\"\"", "\"42\"") + "\n"
            }
            _ => format!("{line}\n"),
        })
        .collect();
    home.config(&filled);
}

fn with_secrets() -> Home {
    let mut home = Home::new();
    for name in [
        "ADLEAD_API_KEY",
        "COMPANEO_TOKEN",
        "HUBSPOT_TOKEN",
        "ICIFORMATION_TOKEN",
        "MAARCH_PASSWORD",
    ] {
        home.set(name, "secret");
    }
    home
}

fn refused(told: Outcome, words: &str) {
    let told = told.expect_code(2);
    assert!(told.stderr.contains(words), "{}", told.stderr);
}

#[test]
fn each_destination_is_ready_once_filled_in() {
    let languages = ["en", "fr"].into_iter();
    for (language, name) in languages.flat_map(|it| DESTINATIONS.map(|name| (it, name))) {
        let mut home = with_secrets();
        home.set("LC_ALL", language);
        let told = home.run(&["init", name]).expect_code(0);
        assert!(told.stdout.is_empty());
        assert!(told.stderr.contains("partners.toml"), "{}", told.stderr);
        assert!(told.stderr.contains("leadctl check"), "{}", told.stderr);
        home.run(&["partners", name]).expect_code(0);
        fill_in(&home);
        let checked = home.run(&["check"]).expect_code(0);
        assert!(checked.stdout.starts_with(name), "{}", checked.stdout);
        assert!(checked.stdout.contains("ok, "), "{}", checked.stdout);
    }
}

#[test]
fn an_editor_is_told_the_words() {
    let home = Home::new();
    let told = home.run(&["--config", "here/my partners.toml", "init", "adlead"]);
    refused(told, "its folder doesn't exist");
    home.write("here/x", "");
    let told = home.run(&["--config", "here/my partners.toml", "init", "adlead"]);
    let told = told.expect_code(0).stderr;
    let command = "schema > here/partners.schema.json\n";
    assert!(told.contains(command), "{told}");
    let first = home.read("here/my partners.toml");
    assert_eq!(
        first.lines().next(),
        Some("#:schema ./partners.schema.json")
    );
    // Without any configuration, and beside one that is broken.
    home.config("[adlead");
    let schema = home.run(&["schema"]).expect_code(0);
    assert_eq!(schema.stderr, "");
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).unwrap();
    let fields = "/definitions/a-destination/properties/key/description";
    assert!(
        schema.pointer(fields).is_some_and(|it| it.is_string()),
        "{schema}"
    );
}

#[test]
fn all_of_them_in_one_file() {
    let home = with_secrets();
    home.run(&["init"]).expect_code(0);
    let before = home.run(&["check"]).expect_code(2);
    assert!(before.stdout.contains("`base`"), "{}", before.stdout);
    fill_in(&home);
    let checked = home.run(&["check", "--format", "json"]).expect_code(0);
    assert_eq!(checked.column("state"), ["ok"; 5]);
}

#[test]
fn only_what_a_user_must_fill_in() {
    let home = Home::new();
    home.run(&["init", "adlead", "maarch", "adlead"])
        .expect_code(0);
    let written = home.read("partners.toml");
    for words in [
        "# tenant = \"\"",
        "# program = \"\"",
        "# owner = \"\"",
        "ADLEAD_API_KEY",
        "# base = \"https://…\"",
        "user = \"leadctl\"",
    ] {
        assert!(written.contains(words), "{words}\n{written}");
    }
    assert_eq!(written.matches("[adlead]").count(), 1);
    for words in ["hubspot", "rules", "fields", "pace ="] {
        assert!(!written.contains(words), "{words}\n{written}");
    }
    home.run(&["--config", "ici.toml", "init", "iciformation"])
        .expect_code(0);
    let written = home.read("ici.toml");
    for words in ["# client = ", "# id_client = ", "# base = "] {
        assert!(written.contains(words), "{words}\n{written}");
    }
}

#[test]
fn a_value_that_was_left_empty_is_told() {
    let home = with_secrets();
    home.config("[adlead.defaults]\ntenant = \"\"\n");
    refused(
        home.run(&["check"]),
        "partners.toml:2: the default of `tenant` is empty",
    );
}

#[test]
fn a_second_partner_is_added_and_nothing_is_written_over() {
    let home = Home::new();
    home.config("# mine");
    home.run(&["init", "adlead"]).expect_code(0);
    home.run(&["init", "companeo", "maarch"]).expect_code(0);
    let written = home.read("partners.toml");
    assert!(written.starts_with("# mine\n\n# Adlead"), "{written}");
    assert_eq!(written.matches("\n[companeo]\n").count(), 1);
    refused(
        home.run(&["init", "hubspot", "adlead"]),
        "[adlead] is in partners.toml already",
    );
    assert_eq!(home.read("partners.toml"), written);
    refused(home.run(&["init", "adled"]), "did you mean adlead?");
    refused(
        home.run(&["--config", "nowhere/p.toml", "init"]),
        "its folder doesn't exist",
    );
    home.config("[adlead]\nbaes = \"x\"\n");
    refused(
        home.run(&["init", "companeo"]),
        "nothing was added to a file with a mistake in it: partners.toml:2",
    );
}

#[test]
fn what_is_added_goes_where_the_next_command_reads() {
    let home = Home::new();
    home.write(
        ".config/leadctl/partners.toml",
        "[adlead.defaults]\ntenant = \"x\"\n",
    );
    home.run(&["init", "companeo"]).expect_code(0);
    assert!(!home.path().join("partners.toml").exists());
    let written = home.read(".config/leadctl/partners.toml");
    assert!(written.contains("\n[companeo]\n"), "{written}");
}

#[test]
fn a_missing_configuration_is_told() {
    let home = Home::new();
    refused(
        home.run(&["--config", "gone.toml", "check"]),
        "leadctl --config gone.toml init",
    );
}
