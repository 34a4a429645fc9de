//! `leadctl partners`, help, `completions` and `man`: what a newcomer reads first.

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
fn the_lead_fields_for_who_writes_a_table() {
    let home = Home::new();
    home.config("[columns]\nbudget = [\"Budget en euros\"]\n");
    let told = home.run(&["partners", "--fields"]).expect_code(0);
    narrow(&told.stdout);
    for words in ["first_name ", "prénom", "budget ", "Budget en euros"] {
        assert!(told.stdout.contains(words), "{words}\n{}", told.stdout);
    }
    let rows = home.run(&["partners", "--fields", "--json"]).expect_code(0);
    assert!(rows.column("field").contains(&"zip".into()));
}

#[test]
fn a_merged_table_is_a_table_again() {
    let home = Home::new();
    home.config("[villa]\nextends = \"adlead\"\n[villa.fields]\nname = { required = false }\n");
    let told = home.run(&["partners", "villa", "--toml"]).expect_code(0);
    for line in told.stdout.lines().filter(|line| line.contains(" = ")) {
        let from = line.ends_with("# catalogue") || line.contains("# partners.toml:");
        assert!(from || line.ends_with('['), "{line}");
    }
    let own = "name.required = false ";
    let line = told.stdout.lines().find(|line| line.starts_with(own));
    assert!(line.unwrap().ends_with("# partners.toml:4"), "{line:?}");
    home.write("again.toml", told.stdout);
    home.run(&["--config", "again.toml", "partners", "villa"])
        .expect_code(0);
    home.run(&["partners", "vila", "--toml"]).expect_code(2);
}

#[test]
fn help_is_short_or_whole() {
    let home = Home::new();
    let short = home.run(&["-h"]).expect_code(0).stdout;
    for words in ["Send and follow up:\n", "Look:\n", "Set up:\n", "Keep:\n"] {
        assert!(short.contains(words), "{words}\n{short}");
    }
    assert!(!short.contains("--color") && short.lines().count() < 60);
    let whole = home.run(&["--help"]).expect_code(0).stdout;
    for words in ["--color", "Exit codes:", "$LEADCTL_CONFIG"] {
        assert!(whole.contains(words), "{words}\n{whole}");
    }
    let one = home.run(&["help", "history"]).expect_code(0).stdout;
    for words in ["Examples:\n", "- in_doubt:", "it may have been received"] {
        assert!(one.contains(words), "{words}\n{one}");
    }
    assert_eq!(one, home.run(&["history", "--help"]).stdout);
    assert!(home.run(&["send", "-h"]).stdout.len() * 2 < home.run(&["help", "send"]).stdout.len());
}

#[test]
fn a_completion_script_for_each_shell_and_a_page_for_each_command() {
    let home = Home::new();
    // Not even a broken configuration is in the way.
    home.config("[");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.run(&["completions", shell]).expect_code(0);
        assert!(script.stdout.contains("LEADCTL_COMPLETE"), "{shell}");
        // As a file, zsh runs it in the place of the function that it defines.
        let answers = script
            .stdout
            .contains("_clap_dynamic_completer_leadctl \"$@\"");
        assert_eq!(answers, shell == "zsh", "{shell}");
    }
    let manual = home.run(&["man"]).expect_code(0);
    for words in [".TH leadctl", "leadctl\\-send(1)", "Exit codes"] {
        assert!(manual.stdout.contains(words), "{words}");
    }
    home.run(&["man", "--output", "share/man1"]).expect_code(0);
    let page = home.read("share/man1/leadctl-send.1");
    for words in ["\\-\\-header\\-row", "The line on which", "Examples:"] {
        assert!(page.contains(words), "{words}");
    }
    home.write("file", "");
    let told = home.run(&["man", "--output", "file/man1"]).expect_code(1);
    assert!(told.stderr.contains("file/man1"), "{}", told.stderr);
}

#[cfg(unix)]
#[test]
fn bash_completes_destinations_states_and_files() {
    let home = Home::new();
    home.config("[villa]\nextends = \"adlead\"\n[\"$(touch x)\"]\nextends = \"adlead\"\n");
    home.write("leads.csv", "");
    home.write(
        "ask.bash",
        r#"PATH=${1%/*}:$PATH; shift
source <(leadctl completions bash)
COMP_WORDS=(leadctl "$@"); COMP_CWORD=$#; COMP_TYPE=9
_clap_complete_leadctl leadctl "${COMP_WORDS[COMP_CWORD]}"; echo "${COMPREPLY[*]}""#,
    );
    let ask = |words: &[&str]| {
        let mut bash = std::process::Command::new("bash");
        bash.args(["ask.bash", env!("CARGO_BIN_EXE_leadctl")]);
        let told = bash.args(words).current_dir(home.path()).output();
        String::from_utf8(told.unwrap().stdout).unwrap()
    };
    let all = "adlead companeo hubspot iciformation maarch villa\n";
    assert_eq!(ask(&["send", "--to", ""]), all);
    assert_eq!(ask(&["partners", "vi"]), "villa\n");
    assert_eq!(ask(&["history", "--state", "in_"]), "in_doubt\n");
    assert_eq!(ask(&["send", "--to", "villa", "lea"]), "leads.csv\n");
    assert_eq!(ask(&["init", "brev"]), "brevo\n");
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
