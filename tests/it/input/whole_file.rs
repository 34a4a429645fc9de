//! What is wrong with a whole file is told once, before anything is recorded.

use std::fs;

use crate::common::desk::Desk;
use crate::common::inbox::Inbox;
use crate::common::{Act, Home, Partner};

/// Needs a program in its address, a size of a list and a name.
fn config(base: &str) -> String {
    format!(
        "[leadctl]\nledger = \"ledger.db\"\n[homes]\nbase = \"{base}\"\nkey = [\"email\"]\njobs = 1\nneed_one = [[\"email\", \"phone\"]]\n\
         [homes.fields]\n\
         name = {{ from = \"last_name\", required = true, label = \"Nom de famille\" }}\n\
         email = \"email\"\nphone = \"phone\"\n\
         size = {{ from = \"headcount\", required = true, map = {{ \"1\" = 1, \"2\" = 2 }} }}\n\
         [homes.send]\npath = \"/{{program}}\"\nrules = [{{ when = {{ status = 201 }}, then = \"delivered\" }}]\n"
    )
}

fn homes(partner: &Partner) -> Home {
    let home = Home::new();
    home.config(&config(&partner.base()));
    home
}

fn willing() -> Partner {
    Partner::always(Act::status(201))
}

fn rows(header: &str, row: &str) -> String {
    format!("{header}\n{}", format!("{row}\n").repeat(300))
}

#[test]
fn every_verb_tells_once_what_nothing_gives_and_what_to_type() {
    let partner = willing();
    let home = homes(&partner);
    home.write("leads.csv", rows("Prénom;E-mail", "Léa;lea@example.fr"));
    let verbs: [&[&str]; 4] = [
        &["send", "--to", "homes", "leads.csv"],
        &["send", "--to", "homes", "--dry-run", "leads.csv"],
        &["send", "--to", "homes", "--sandbox", "leads.csv"],
        &["check", "--to", "homes", "leads.csv"],
    ];
    for verb in verbs {
        let run = home.run(verb).expect_code(2);
        let typed = verb.join(" ");
        let expected = format!(
            "error: homes needs these of every lead, and no column or default gives them: program, last_name (\"Nom de famille\"), headcount\n  \
             leads.csv, whose columns are: Prénom, E-mail\n\
             hint: add a column for what is missing, or rename the one that holds it; the names that are accepted:\n      \
             leadctl partners homes\n      \
             or, where one value holds for every lead of the file:\n      \
             leadctl {typed} --default program=VALUE --default headcount=VALUE\n      \
             or, where it holds for every file, in partners.toml, below [homes.defaults] (write that line too where it is not there):\n      \
             program = \"VALUE\"\n      \
             headcount = \"VALUE\"\n"
        );
        assert!(run.stderr.contains(&expected), "{}", run.stderr);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.lines().count() < 16, "{}", run.stderr);
    }
    assert_eq!(partner.count(), 0);
    let history = home.run(&["history", "--format", "json"]).expect_code(0);
    assert_eq!(history.stdout, "");
    // What was told to do, done.
    home.write("leads.csv", "Nom;E-mail\nMartin;lea@example.fr\n");
    let defaults = ["--default", "program=12", "--default", "headcount=2"];
    let told = [&["send", "--to", "homes", "leads.csv"][..], &defaults].concat();
    home.run(&told).expect_code(0);
    assert_eq!(partner.count(), 1);
}

#[test]
fn one_of_several_columns_or_a_default_is_enough() {
    let partner = willing();
    let home = homes(&partner);
    home.write(
        "none.csv",
        "Nom;Programme;Nombre de salariés\nMartin;12;1\n",
    );
    let run = home
        .run(&["check", "--to", "homes", "none.csv"])
        .expect_code(2);
    let told = "no column or default gives it: email or phone";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    // Some rows of an API have it: the others tell what they lack.
    let some = r#"[{"nom":"A","email":"a@example.fr","programme":"12","headcount":"1"},{"nom":"B","email":"b@example.fr"}]"#;
    home.write("some.json", some);
    let check = ["check", "--to", "homes", "--json", "some.json"];
    let run = home.run(&check).expect_code(3);
    assert_eq!(run.column("state"), ["ready", "invalid"]);
    home.write(
        "none.json",
        r#"[{"nom":"A","email":"a@example.fr"},{"nom":"B"}]"#,
    );
    let run = home
        .run(&["check", "--to", "homes", "none.json"])
        .expect_code(2);
    let told = "no column or default gives them: program, headcount";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn what_a_pipe_gave_is_kept_beside_the_ledger() {
    let partner = willing();
    let home = homes(&partner);
    let export = rows("Nom;E-mail", "Martin;lea@example.fr");
    let run = home
        .run_with(&["send", "--to", "homes"], &export)
        .expect_code(2);
    let kept = |file: &fs::DirEntry| file.path().extension().is_some_and(|it| it == "kept");
    let spool = fs::read_dir(home.path().join("ledger.db.spool")).unwrap();
    let kept = spool
        .map(Result::unwrap)
        .find(kept)
        .expect("a kept pipe")
        .path();
    assert_eq!(fs::read_to_string(&kept).unwrap(), export);
    let send = format!("leadctl send --to homes {}", kept.display());
    assert!(run.stderr.contains(&send), "{send}\n{}", run.stderr);
    // The next run has nothing to say of it.
    let run = home.run_with(&["send", "--to", "homes"], "");
    assert!(!run.stderr.contains("earlier run"), "{}", run.stderr);
}

#[test]
fn of_several_files_the_wrong_one_is_told_and_none_is_sent() {
    let partner = willing();
    let home = homes(&partner);
    let good = "Nom;E-mail;Programme;headcount\nMartin;lea@example.fr;12;1\n";
    home.write("good.csv", good);
    home.write("bad.csv", "Nom;E-mail;Programme\nPetit;h@example.fr;12\n");
    let run = home
        .run(&["send", "--to", "homes", "good.csv", "bad.csv"])
        .expect_code(2);
    assert!(run.stderr.contains("gives it: headcount"), "{}", run.stderr);
    assert!(
        run.stderr.contains("bad.csv, whose columns are"),
        "{}",
        run.stderr
    );
    assert_eq!(partner.count(), 0);
}

#[test]
fn in_an_inbox_it_goes_to_failed_with_its_reason() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.put("bad.csv", 30, "Nom;Ville\nMartin;Lyon\n");
    inbox.export("good.csv", 29, 1, 2);
    let run = inbox.send(&[]);
    assert_eq!(run.code, Some(2), "{run:?}");
    let why = desk.home.read("inbox/failed/bad.csv.txt");
    assert!(
        why.contains("no column or default gives it: email"),
        "{why}"
    );
    assert!(inbox.path("done/good.csv").exists(), "{:?}", inbox.files());
}
