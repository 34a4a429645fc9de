//! `check FILE` says first what would hurt, and ends 3 where nobody is ready.

use crate::common::{Home, Outcome};

const LEADS: &str =
    "Rapport;;;\nNom;E-mail;Couleur;Téléphone\nMartin;lea@example.fr;bleu;639980043\n";

/// A folder with one destination of the user's.
fn home() -> Home {
    let home = Home::new();
    home.config(
        "[acme]\nbase = \"https://acme.example.fr\"\nkey = [\"email\"]\n\
         [acme.fields]\n\
         nom = { from = \"last_name\", required = true }\n\
         mail = { from = \"email\", required = true, format = \"email\" }\n\
         tel = { from = \"phone\", format = \"phone-e164\" }\n\
         note = { from = \"comment\", label = \"Remarque\" }\n\
         origine = { from = \"source\" }\n\
         [acme.send]\npath = \"/leads\"\n\
         rules = [{ when = { status = 201 }, then = \"delivered\" }]\n",
    );
    home
}

/// What stands above the columns of the page.
fn first_lines(outcome: &Outcome) -> String {
    let above = outcome.stdout.split("\nColumns\n").next().unwrap();
    above.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_would_hurt_stands_first() {
    let home = home();
    home.write("x.csv", LEADS);
    let told = home.run(&["check", "x.csv"]).expect_code(0);
    let first = first_lines(&told);
    for words in [
        "CSV · UTF-8 · ; between cells · headers on line 2 · 1 row",
        "above them stands \"Rapport\"",
        "Téléphone: repaired in 1 row",
        "nobody is sent these columns: Couleur",
        "no column fills these of acme: note (\"Remarque\"), origine",
    ] {
        assert!(first.contains(words), "{words}\n{}", told.stdout);
    }
    let found = &home.run(&["check", "--json", "x.csv"]).rows()[0];
    assert_eq!(
        (&found["header_line"], &found["above"][0]),
        (&2.into(), &"Rapport".into())
    );
    assert_eq!(found["columns"][2]["used"], false);
    assert_eq!(found["destinations"][0]["unfilled"][1], "origine");

    let told = home.run(&["check", "--to", "acme", "x.csv"]).expect_code(0);
    for words in [
        "x.csv: CSV · UTF-8 · ; between cells · headers on line 2",
        "x.csv: these columns are not sent to acme: Couleur",
        "x.csv: no column fills these of acme: note, origine",
    ] {
        assert!(told.stderr.contains(words), "{words}\n{}", told.stderr);
    }
}

#[test]
fn a_guessed_encoding_and_a_source_are_told() {
    let home = home();
    home.write("x.csv", b"Nom;E-mail\nLef\xe8vre;a@example.fr\n");
    let first = first_lines(&home.run(&["check", "x.csv"]).expect_code(0));
    assert!(
        first.contains("Windows-1252") && first.contains("--encoding overrules"),
        "{first}"
    );
    home.write(
        "meta.csv",
        "id,created_time,ad_id,form_id,platform,email,nom\nl:1,2026-11-12,ag:1,f:1,fb,a@example.fr,A\n",
    );
    let first = first_lines(&home.run(&["check", "meta.csv"]).expect_code(0));
    assert!(first.contains("(source meta)"), "{first}");
    let told = home
        .run(&["check", "--to", "acme", "meta.csv"])
        .expect_code(0);
    assert!(told.stderr.contains(" · source meta\n"), "{}", told.stderr);
    home.write(
        "good.csv",
        "Nom;E-mail;Téléphone;Remarque;origine\nA;a@example.fr;0139980043;x;y\n",
    );
    let first = first_lines(&home.run(&["check", "good.csv"]).expect_code(0));
    assert!(first.ends_with("nothing to put right"), "{first}");
}

#[test]
fn nobody_ready_is_a_failure() {
    let home = home();
    home.write("x.csv", "Nom;E-mail\nMartin;nulle part\nRoche;\n");
    home.run(&["check", "x.csv"]).expect_code(3);
    home.run(&["check", "--to", "acme", "x.csv"]).expect_code(3);
    home.write(
        "y.csv",
        "Nom;E-mail\nMartin;nulle part\nRoche;a@example.fr\n",
    );
    home.run(&["check", "y.csv"]).expect_code(0);
    // A file without leads has none that is not ready.
    home.write("z.csv", "Nom;E-mail\n");
    home.run(&["check", "z.csv"]).expect_code(0);
}

#[test]
fn the_commands_that_it_proposes_name_the_file() {
    let home = home();
    home.write(
        "x y.csv",
        "Nom;E-mail\nMartin;nulle part\nRoche;a@example.fr\n",
    );
    let flags = ["check", "--repair", "all", "x y.csv"];
    let told = home.run(&flags).expect_code(0);
    let next = "leadctl check --to acme --repair all 'x y.csv'";
    assert!(told.stderr.contains(next), "{}", told.stderr);
    home.write(
        "two.csv",
        "Nom usuel;Nom d'usage;E-mail\nA;B;a@example.fr\n",
    );
    let told = home
        .run(&["check", "--to", "acme", "two.csv"])
        .expect_code(2);
    assert!(
        told.stderr.contains("leadctl check two.csv shows"),
        "{}",
        told.stderr
    );
}
