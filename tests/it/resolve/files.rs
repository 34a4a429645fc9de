//! Files in which partners say what became of leads: each row means one lead or none,
//! and says nothing twice.

use super::{delivered, one_of_each, say};
use crate::common::desk::{Desk, HASTY, column, willing};
use crate::common::{Home, Partner};

/// `[desk]` whose leads have a phone too, and these persons delivered.
pub fn persons(rows: &str, settings: &str) -> (Partner, Home) {
    let partner = willing();
    let home = Home::new();
    home.config(&format!(
        "[leadctl]\nledger = \"ledger.db\"\n[desk]\nbase = \"{}\"\nkey = [\"email\", \"phone\"]\n{HASTY}{settings}\
         [desk.fields]\nemail = \"email\"\nphone = \"phone\"\n[desk.send]\npath = \"/leads\"\n\
         rules = [{{ when = {{ status = 201 }}, then = \"delivered\", reference = \"/id\" }}]\n\
         [other]\nextends = \"desk\"\n",
        partner.base()
    ));
    home.write("leads.csv", format!("E-mail;Téléphone\n{rows}"));
    home.run(&["send", "--to", "desk", "leads.csv"])
        .expect_code(0);
    (partner, home)
}

const ROWS: &str = "lea@example.fr;06 39 98 00 01\n\
    jean@example.fr;06 39 98 00 02\n\
    ana@example.fr;06 39 98 00 03\n\
    bob@example.fr;06 39 98 00 03\n";

#[test]
fn each_row_finds_its_lead_or_none() {
    let (_partner, home) = persons(ROWS, "");
    home.write(
        "said.csv",
        "Référence;Courriel;Tél.;leadctl_id;Statut;Motif\n\
         1;;;;Retournée;faux numéro\n\
         ;JEAN@example.fr;+33 (0)6 39 98 00 02;;accepté;\n\
         ;;0639980003;;retourné;\n\
         ;ana@example.fr;;4;retourné;\n\
         ;bob@example.fr;06 39 98 00 09;;retourné;\n\
         9;ana@example.fr;;;retourné;\n\
         ;bob@example.fr;639980003;;rejected;hors zone\n\
         ;ana@example.fr;;;;\n",
    );
    let run = say_from(&home, &[]).expect_code(3);
    let reasons = [
        "null",
        "null",
        "ambiguous",
        "unknown",
        "unknown",
        "unknown",
        "null",
    ];
    assert_eq!(run.column("reason"), reasons);
    assert_eq!(run.column("line"), ["2", "3", "4", "5", "6", "7", "8"]);
    let done: Vec<String> = run
        .column("id")
        .into_iter()
        .filter(|id| id != "null")
        .collect();
    assert_eq!(done, ["1", "2", "4"]);
    let messages = run.column("message");
    assert!(messages[0].contains("faux numéro"), "{}", messages[0]);
    assert!(messages[2].contains("3, 4"), "{}", messages[2]);
    assert!(messages[3].contains('4'), "{}", messages[3]);
    assert!(messages[5].contains("3 differs"), "{}", messages[5]);
    assert!(
        run.stderr
            .contains("3 recorded, 0 known already, 4 not done")
    );
    assert!(run.stderr.contains("1 further row"), "{}", run.stderr);
    let states = ["returned", "approved", "delivered", "rejected"];
    assert_eq!(states_of(&home), states);
    // The same once more: nothing new, and nobody else found in their place.
    let again = say_from(&home, &[]).expect_code(3);
    assert_eq!(again.column("reason"), reasons);
    assert!(
        again
            .stderr
            .contains("0 recorded, 3 known already, 4 not done")
    );
    assert_eq!(states_of(&home), states);
    let quiet = say_from(&home, &["--quiet"]).expect_code(3);
    assert_eq!(
        quiet
            .column("reason")
            .iter()
            .filter(|it| *it != "null")
            .count(),
        4
    );
    // And taken back.
    say_from(&home, &["--undo"]).expect_code(3);
    assert_eq!(states_of(&home), ["delivered"; 4]);
}

pub fn say_from(home: &Home, more: &[&str]) -> crate::common::Outcome {
    let verb = ["resolve", "--json", "--to", "desk", "--from", "said.csv"];
    home.run(&[&verb, more].concat())
}

fn states_of(home: &Home) -> Vec<String> {
    let rows = home.run(&["history", "--json"]).column("state");
    rows.into_iter().rev().collect()
}

/// The states as French tables show them.
#[test]
fn the_words_of_french_tables_are_understood() {
    let (_partner, desk) = one_of_each();
    desk.home.write(
        "said.csv",
        "id;État\n1;remis\n2;retourné\n3;approuvé\n4;refusé\n",
    );
    say(&desk, &["--from", "said.csv"]).expect_code(0);
    let states = ["delivered", "returned", "approved", "rejected", "duplicate"];
    assert_eq!(desk.states(), states);
}

/// A partner that answered without a reference has one in its own books.
#[test]
fn a_reference_that_was_never_told_is_no_contradiction() {
    let (_partner, home) = persons(ROWS, "");
    home.write(
        "said.csv",
        "ref,email,outcome\nX-77,lea@example.fr,returned\n",
    );
    let known = say_from(&home, &[]).expect_code(3);
    assert_eq!(known.column("reason"), ["unknown"]);
    let forget = "UPDATE leads SET reference = NULL";
    let ledger = rusqlite::Connection::open(home.path().join("ledger.db")).unwrap();
    ledger.execute(forget, []).unwrap();
    say_from(&home, &[]).expect_code(0);
    assert_eq!(states_of(&home)[0], "returned");
}

#[test]
fn an_answer_of_one_partner_says_nothing_of_anothers_leads() {
    let (_partner, home) = persons(ROWS, "");
    home.write("said.csv", "email,outcome\nlea@example.fr,returned\n");
    let nobody = home.run(&["resolve", "--from", "said.csv"]).expect_code(2);
    let command = nobody.stderr.lines().last().unwrap().trim();
    assert_eq!(command, "leadctl resolve --to DEST --from said.csv");
    for said in [
        "email,outcome\nlea@example.fr,returned\n",
        "id,outcome\n1,returned\n",
    ] {
        home.write("said.csv", said);
        let verb = ["resolve", "--to", "other", "--from", "said.csv", "--json"];
        let other = home.run(&verb).expect_code(3);
        assert_eq!(other.column("reason"), ["unknown"]);
        assert_eq!(states_of(&home), ["delivered"; 4]);
    }
}

/// Who comes again is two leads: which of them is meant, nobody can tell, also once one
/// of them is settled.
#[test]
fn who_came_twice_is_never_guessed() {
    let (_partner, home) = persons("lea@example.fr;06 39 98 00 01\n", "again_after = \"1ms\"\n");
    home.run(&["send", "--to", "desk", "leads.csv"])
        .expect_code(0);
    home.write("said.csv", "email,outcome\nlea@example.fr,returned\n");
    for _ in 0..2 {
        let run = say_from(&home, &[]).expect_code(3);
        assert_eq!(run.column("reason"), ["ambiguous"]);
        home.run(&["resolve", "1", "--returned"]).expect_code(0);
    }
    assert_eq!(states_of(&home), ["returned", "delivered"]);
}

#[test]
fn a_workbook_is_read_as_its_partner_saved_it() {
    let desk = delivered(3, "");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows = [
        ["Retours de novembre", "", ""],
        ["Référence", "Résultat", "Motif"],
        ["1", "retourné", "faux numéro"],
        ["3", "accepté", ""],
    ];
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number),
                Err(_) => sheet.write_string(row, column, cell),
            }
            .unwrap();
        }
    }
    book.save(desk.home.path().join("said.xlsx")).unwrap();
    say(&desk, &["--to", "desk", "--from", "said.xlsx"]).expect_code(0);
    assert_eq!(desk.states(), ["returned", "delivered", "approved"]);
}

#[test]
fn what_can_not_be_understood_changes_nothing() {
    let desk = delivered(3, "");
    for (said, told) in [
        ("id,outcome\n1,returned\n2,peut-être\n", "said.csv:3"),
        (
            "id,outcome\n1,returned\nx,returned\n",
            "\"x\" is no lead's id",
        ),
        ("id,outcome\n1,returned\n1,approved\n", "line 3"),
        ("id,outcome\n1,returned\n,returned\n", "which lead is meant"),
        ("id,note\n1,returned\n", "needs the column outcome"),
        ("name,outcome\n1,returned\n", "it has name, outcome"),
        ("id,outcome\n1,returned\n\"2,returned\n", "said.csv:3"),
        ("", "is empty"),
    ] {
        desk.home.write("said.csv", said);
        let run = say(&desk, &["--from", "said.csv"]).expect_code(2);
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
        assert_eq!(desk.states(), ["delivered"; 3], "{said}");
    }
    desk.home.write("said.csv", "id,outcome\n1,returned\n");
    say(&desk, &["--from", "said.csv", "--returned"]).expect_code(2);
    assert_eq!(desk.states(), ["delivered"; 3]);
}

/// What nobody got was sent again, and that is a doubt of its own.
#[test]
fn an_old_file_says_nothing_of_a_new_doubt() {
    let (_partner, desk) = one_of_each();
    desk.home.write("said.csv", "id,received\n1,no\n");
    say(&desk, &["--from", "said.csv"]).expect_code(0);
    let mute = Partner::always(crate::common::Act::Close);
    desk.configure(&mute.base(), HASTY, "");
    desk.send(&["leads.csv"]).expect_code(4);
    assert_eq!(desk.states()[0], "in_doubt");
    let again = say(&desk, &["--from", "said.csv"]).expect_code(3);
    assert!(again.column("message")[0].contains("more happened to it since"));
    assert_eq!(desk.states()[0], "in_doubt");
    assert!(
        again
            .stderr
            .ends_with("leadctl resolve ID --not-received\n")
    );
    say(&desk, &["1", "--not-received"]).expect_code(0);
    assert_eq!(desk.states()[0], "failed");
}

#[test]
fn a_purged_lead_is_found_by_its_hashes() {
    let (_partner, home) = persons(ROWS, "");
    home.run(&["purge", "--person", "lea@example.fr"])
        .expect_code(0);
    home.write(
        "said.csv",
        "email,phone,outcome\nlea@example.fr,0639980001,returned\n",
    );
    say_from(&home, &[]).expect_code(0);
    assert_eq!(states_of(&home)[0], "returned");
    say_from(&home, &["--undo"]).expect_code(0);
    assert_eq!(states_of(&home)[0], "delivered");
}

#[test]
fn what_partners_wrote_moves_no_cursor() {
    let desk: Desk = delivered(1, "");
    desk.home.write(
        "said.csv",
        "id,outcome,reason\n1,returned,\u{1b}[2Jfaux\u{202e}\n",
    );
    let run = desk.home.run(&["resolve", "--from", "said.csv"]);
    let told = run.expect_code(0).stdout;
    assert!(
        told.contains("faux") && !told.contains(['\u{1b}', '\u{202e}']),
        "{told:?}"
    );
    let kept = column(
        &desk.sql(),
        "SELECT reason FROM attempts WHERE trigger = 'resolve'",
    );
    assert_eq!(kept, ["\u{1b}[2Jfaux\u{202e}"]);
}
