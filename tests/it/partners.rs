//! `leadctl partners`, `completions` and `man`: what a newcomer reads first.

use crate::common::Home;

const NAMES: [&str; 5] = ["adlead", "companeo", "hubspot", "iciformation", "maarch"];

fn narrow(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_destinations_with_what_they_lack() {
    let mut home = Home::new();
    home.set("ADLEAD_API_KEY", "k");
    let told = home.run(&["partners"]).expect_code(0);
    for name in NAMES {
        assert!(told.stdout.contains(&format!("{name}\n")), "{name}");
    }
    assert!(told.stdout.contains("ADLEAD_API_KEY (there)"));
    assert!(told.stdout.contains("COMPANEO_TOKEN (missing)"));
    assert!(told.stdout.contains("base missing"));
    assert!(told.stdout.contains("55/min, 950/h"));
    narrow(&told.stdout);
    assert!(told.stderr.contains("leadctl partners DEST"));
}

#[test]
fn what_one_destination_takes() {
    let home = Home::new();
    for name in NAMES {
        let told = home.run(&["partners", name]).expect_code(0);
        narrow(&told.stdout);
        assert!(told.stdout.contains("columns: "), "{name}");
    }
    let adlead = home.run(&["partners", "adlead"]).stdout;
    for words in [
        "Needed in every lead",
        "{tenant} of the address",
        "sent as email1, \"Adresse e-mail\"",
        "courriel",
        "same lead",
        "What its answers mean",
        "the run stops",
    ] {
        assert!(adlead.contains(words), "{words}\n{adlead}");
    }
    let companeo = home.run(&["partners", "companeo"]).stdout;
    assert!(companeo.contains("one of: 1 - 4 · 5 - 9"), "{companeo}");
    assert!(companeo.contains("1463 where a row has none"), "{companeo}");
}

#[test]
fn one_object_a_field_for_scripts() {
    let home = Home::new();
    let told = home.run(&["partners", "maarch", "--format", "json"]);
    let rows = told.expect_code(0).rows();
    let last_name = rows.iter().find(|row| row["target"] == "lastname").unwrap();
    assert_eq!(last_name["from"][0], "last_name");
    assert_eq!(last_name["required"], false);
    assert!(last_name["headers"].to_string().contains("nom de famille"));
    let all = home.run(&["partners", "--format", "json"]).expect_code(0);
    assert_eq!(all.column("name"), NAMES);
    let csv = home.run(&["partners", "--format", "csv"]).expect_code(0);
    assert!(
        csv.stdout.starts_with("name,about,base,secret,"),
        "{}",
        csv.stdout
    );
    assert_eq!(csv.stdout.lines().count(), 1 + NAMES.len());
}

#[test]
fn a_wrong_name_proposes_the_near_one() {
    let told = Home::new().run(&["partners", "adled"]).expect_code(2);
    assert!(
        told.stderr.contains("did you mean adlead?"),
        "{}",
        told.stderr
    );
    let told = Home::new().run(&["partners", "zzz"]).expect_code(2);
    assert!(told.stderr.contains("maarch"), "{}", told.stderr);
}

#[test]
fn control_characters_of_a_file_are_harmless() {
    let home = Home::new();
    home.config("[adlead]\nabout = \"a\\u001b[2Jb\\u202e\"\n");
    let told = home.run(&["partners", "adlead"]).expect_code(0);
    assert!(!told.stdout.contains('\u{1b}') && !told.stdout.contains('\u{202e}'));
}

#[test]
fn a_completion_script_for_each_shell_and_a_manual() {
    let home = Home::new();
    // Not even a broken configuration is in the way.
    home.config("[");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.run(&["completions", shell]).expect_code(0);
        assert!(script.stdout.contains("leadctl"), "{shell}");
        assert!(script.stdout.contains("input-format"), "{shell}");
    }
    let manual = home.run(&["man"]).expect_code(0);
    for words in [".TH leadctl", "LEADCTL SEND", "Exit codes"] {
        assert!(manual.stdout.contains(words), "{words}");
    }
}

#[test]
fn a_closed_pipe_is_quiet() {
    use std::process::Stdio;
    let home = Home::new();
    for arguments in [
        &["completions", "bash"][..],
        &["man"],
        &["partners", "companeo"],
    ] {
        let mut child = home
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}");
        assert!(ended.stderr.is_empty(), "{ended:?}");
    }
}
