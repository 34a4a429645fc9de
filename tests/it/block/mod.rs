//! People who are never sent to anybody: named, in a list that is taken in once, or in
//! one that is read at each run.

mod each_run;

use std::fs;
use std::thread;
use std::time::Instant;

use rust_xlsxwriter::Workbook;
use sha2::{Digest, Sha256};

use crate::common::desk::{then_willing, willing};
use crate::common::{Act, Home, Outcome, PATIENCE, Partner};

/// A destination that takes addresses and numbers, and the rows of its leads.
fn home(partner: &Partner, leadctl: &str) -> Home {
    let home = Home::new();
    configure(&home, &partner.base(), leadctl);
    home
}

fn configure(home: &Home, base: &str, leadctl: &str) {
    home.config(&format!(
        r#"
[leadctl]
ledger = "ledger.db"
{leadctl}
[crm]
base = "{base}"
key = ["email", "phone"]
tries = 1
jobs = 1
[crm.fields]
name = "last_name"
email = "email"
phone = {{ from = "phone", format = "phone-e164" }}
fax = {{ from = "Fax", format = "phone-e164" }}
[crm.send]
path = "/leads"
rules = [{{ when = {{ status = 201, "/id" = "present" }}, then = "delivered", reference = "/id" }}]
"#
    ));
}

fn send(home: &Home, rows: &str) -> Outcome {
    let head = "Nom;E-mail;E-mail 2;Téléphone;Mobile;Fax\n";
    home.write("leads.csv", format!("{head}{rows}\n"));
    home.run(&["send", "--to", "crm", "--format", "json", "leads.csv"])
}

fn block(home: &Home, arguments: &[&str]) -> Outcome {
    home.run(&[&["block"], arguments].concat())
}

fn listed(home: &Home) -> Outcome {
    block(home, &["--format", "json"]).expect_code(0)
}

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everybody whom this list names is kept back, and nobody else.
#[track_caller]
fn blocks_exactly(name: &str, content: &[u8], rows: &[(&str, bool)]) {
    let partner = willing();
    let home = home(&partner, "");
    home.write(name, content);
    block(&home, &["--from", name]).expect_code(0);
    for (row, is_blocked) in rows {
        let run = send(&home, row);
        let state = if *is_blocked { "filtered" } else { "delivered" };
        assert_eq!(
            run.column("state"),
            [state],
            "{name}: {row}\n{}",
            run.stderr
        );
    }
}

#[test]
fn a_list_may_have_any_form() {
    let three = [
        ("A;a@example.fr;;;;", true),
        ("B;b@example.fr;;06 39 98 00 02;;", true),
        ("C;c@example.fr;;0639980003;;", false),
    ];
    // Names of columns or none; other columns hold nobody's number.
    let table =
        "Date;Adresse mail;SIREN;Tél\n2026-01-01;A@Example.FR;639980003;\n;;639980003;0639980002\n";
    blocks_exactly("list.csv", table.as_bytes(), &three);
    blocks_exactly("list.txt", b"a@example.fr\n06.39.98.00.02\n", &three);
    let titled = "Personnes qui ont dit non;;\n\nE-mail;SIREN;Mobile\n\"Ana <a@example.fr>\";639980003;639980002\n";
    blocks_exactly("titled.csv", titled.as_bytes(), &three);
    let rows = r#"[{"email": "a@example.fr"}, {"phone": "0033639980002", "id": 639980003}]"#;
    blocks_exactly("list.json", rows.as_bytes(), &three);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Téléphone").unwrap();
    // As Excel keeps a number: without its zero.
    sheet.write(1, 0, 639980002).unwrap();
    let other = book.add_worksheet();
    other.write(0, 0, "a@example.fr").unwrap();
    other.set_row_hidden(0).unwrap();
    blocks_exactly("list.xlsx", &book.save_to_buffer().unwrap(), &three);
}

#[test]
fn a_hash_names_whoever_it_is_the_hash_of() {
    let list = [
        sha256("a@example.fr"),
        sha256("+33639980001").to_uppercase(),
        sha256("33639980002"),
        sha256("0639980003"),
        sha256("0470123456"),
    ];
    let rows = [
        ("A;A@example.fr;;;;", true),
        ("B;b1@example.fr;;06 39 98 00 01;;", true),
        ("B;b2@example.fr;;0033 6 39 98 00 02;;", true),
        ("B;b3@example.fr;;639980003;;", true),
        ("B;b4@example.fr;;+32 470 12 34 56;;", true),
        // Further ones count as the first does, and so does what is sent as a number.
        ("C;c1@example.fr;a@example.fr;;;", true),
        ("C;c2@example.fr;;0639980009;0639980001;", true),
        ("C;c3@example.fr;;0639980010;;0639980002", true),
        ("D;d@example.fr;;0639980011;;", false),
    ];
    blocks_exactly("list.csv", list.join("\n").as_bytes(), &rows);
}

/// However a number is written, and whatever else the leads of its person gave.
#[test]
fn a_number_is_one_whichever_way_it_is_written() {
    let written = [
        "0639980001",
        "06 39 98 00 01",
        "06.39.98.00.01",
        "+33 6 39 98 00 01",
        "0033639980001",
        "33639980001",
        "(+33) 6-39-98-00-01",
        "639980001",
    ];
    for list in written {
        let partner = willing();
        let home = home(&partner, "");
        home.write("list.csv", format!("Numéro de téléphone\n{list}\n"));
        block(&home, &["--from", "list.csv"]).expect_code(0);
        let rows: Vec<String> = written
            .iter()
            .enumerate()
            .map(|(at, number)| format!("X;x{at}@example.fr;;{number};;"))
            .collect();
        let run = send(&home, &rows.join("\n")).expect_code(0);
        assert_eq!(run.column("reason"), ["blocked"; 8], "{list}");
        assert_eq!(partner.count(), 0);
    }
}

/// A destination elsewhere reads its leads' numbers as its own: so are the list's.
#[test]
fn a_number_without_its_country_counts_in_each() {
    let partner = willing();
    let home = home(&partner, "");
    let config = home.read("partners.toml");
    home.config(&config.replace("tries = 1", "tries = 1\ncountry = \"BE\""));
    home.write("list.csv", "Tel\n0470 12 34 56\n");
    block(&home, &["--from", "list.csv"]).expect_code(0);
    let run = send(&home, "B;b@example.fr;;0470123456;;");
    assert_eq!(run.column("reason"), ["blocked"]);
    block(&home, &["0470 12 34 57"]).expect_code(0);
    let run = send(&home, "C;c@example.fr;;+32 470 12 34 57;;");
    assert_eq!(run.column("reason"), ["blocked"]);
}

#[test]
fn what_cannot_be_read_blocks_nobody_and_says_so() {
    let partner = willing();
    let home = home(&partner, "");
    home.write("empty.csv", "");
    home.write("blank.csv", "E-mail;Nom\n\n");
    home.write("nobody.csv", "Nom;Ville\nMartin;Lyon\n");
    home.write(
        "torn.csv",
        "E-mail;Nom\na@example.fr;\"Mar\ntin\nb@example.fr;X\n",
    );
    fs::create_dir(home.path().join("folder.csv")).unwrap();
    for list in [
        "empty.csv",
        "blank.csv",
        "nobody.csv",
        "torn.csv",
        "folder.csv",
        "none.csv",
    ] {
        for verb in ["block", "unblock"] {
            block(&home, &["z@example.fr"]).expect_code(0);
            let run = home.run(&[verb, "--from", list]).expect_code(2);
            assert!(run.stderr.contains(list), "{list}: {}", run.stderr);
        }
    }
    assert_eq!(listed(&home).column("contacts"), ["1"]);
    // Some rows are no reason to forget the others.
    home.write("some.csv", "E-mail;Tel\na@example.fr;\n;06 12\nn/a;\n");
    let run = block(&home, &["--from", "some.csv"]).expect_code(0);
    assert!(run.stderr.contains("2 rows (line 3, 4)"), "{}", run.stderr);
    assert!(run.stderr.contains("1 address or number"), "{}", run.stderr);
}

#[test]
fn who_is_blocked_is_told_with_dates_notes_and_counts() {
    let partner = willing();
    let home = home(&partner, "");
    let none = block(&home, &[]).expect_code(0);
    assert!(none.stderr.contains("nobody is blocked"));
    assert!(!home.path().join("ledger.db").exists());
    block(&home, &["--note", "x"]).expect_code(2);
    block(&home, &["lea@example.fr", "--note", "asked by phone"]).expect_code(0);
    home.write("list.csv", "a@example.fr\nb@example.fr\n");
    block(&home, &["--from", "list.csv", "--note", "fair of 2026"]).expect_code(0);
    home.write("more.csv", "b@example.fr\nc@example.fr\n");
    let run = block(&home, &["--from", "more.csv"]).expect_code(0);
    assert!(run.stderr.contains("1 of them new"), "{}", run.stderr);
    // Once more: nothing is new.
    block(&home, &["--from", "list.csv"]).expect_code(0);
    send(&home, "A;a@example.fr;;;;\nL;lea@example.fr;;;;");
    let rows = listed(&home);
    assert_eq!(rows.column("person"), ["null", "null", "lea@example.fr"]);
    assert_eq!(rows.column("list"), ["more.csv", "list.csv", "null"]);
    assert_eq!(
        rows.column("note"),
        ["null", "fair of 2026", "asked by phone"]
    );
    assert_eq!(rows.column("contacts"), ["1", "2", "1"]);
    assert_eq!(rows.column("leads"), ["0", "1", "1"]);
    let table = block(&home, &[]).expect_code(0).stdout;
    for told in [
        "list list.csv",
        "fair of 2026",
        "lea@example.fr",
        "asked by phone",
    ] {
        assert!(table.contains(told), "{table}");
    }

    // From standard input, and all of them lifted by a list.
    let piped = home.run_with(&["block", "--from", "-"], "d@example.fr\n");
    piped.expect_code(0);
    let all = "a@example.fr\nb@example.fr\nc@example.fr\nd@example.fr\nlea@example.fr\n";
    home.write("all.csv", all);
    let lifted = home.run(&["unblock", "--from", "all.csv"]).expect_code(0);
    assert!(
        lifted.stderr.contains("5 addresses and numbers"),
        "{}",
        lifted.stderr
    );
    assert_eq!(listed(&home).stdout, "");
}

/// Of somebody who is blocked nothing is kept that says who they are; yet they count,
/// and are sent once they are free.
#[test]
fn a_blocked_lead_is_counted_and_nothing_of_it_is_kept() {
    let partner = willing();
    let home = home(&partner, "");
    block(&home, &["zelda@example.fr", "--purge"]).expect_code(0);
    let rows = "Zelda;zelda@example.fr;;0639980001;;";
    for _ in 0..2 {
        let run = send(&home, rows);
        assert_eq!(run.column("reason"), ["blocked"]);
        assert_eq!(run.column("id"), ["1"]);
    }
    for suffix in ["", "-wal"] {
        let file = fs::read(home.path().join(format!("ledger.db{suffix}"))).unwrap_or_default();
        let text = String::from_utf8_lossy(&file).to_lowercase();
        assert!(
            !text.contains("zelda") && !text.contains("39980001"),
            "{suffix}"
        );
    }
    let history = home.run(&["history", "--format", "json"]).expect_code(0);
    assert_eq!(history.column("state"), ["filtered"]);
    assert_eq!(history.column("file"), ["leads.csv"]);
    home.run(&["unblock", "zelda@example.fr"]).expect_code(0);
    let resent = home.run(&["resend", "--to", "crm", "--format", "json", "1"]);
    assert_eq!(resent.column("state"), ["skipped"]);
    let run = send(&home, rows).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"]);
    assert_eq!(run.column("id"), ["1"]);
}

/// Every address and number of a stored lead is asked for again before it is sent.
#[test]
fn a_stored_lead_is_looked_up_by_all_it_has() {
    let partner = then_willing(vec![Act::status(401)]);
    let home = home(&partner, "");
    let rows = "A;a@example.fr;second@example.fr;0639980001;0639980002;";
    send(&home, rows).expect_code(2);
    for list in [
        "second@example.fr",
        "06 39 98 00 02",
        &sha256("33639980002"),
    ] {
        home.write("list.csv", format!("{list}\n"));
        block(&home, &["--from", "list.csv"]).expect_code(0);
        let run = home.run(&["resend", "--to", "crm", "--format", "json", "1"]);
        assert_eq!(run.column("reason"), ["blocked"], "{list}");
        home.run(&["unblock", "--from", "list.csv"]).expect_code(0);
    }
    assert_eq!(partner.count(), 1);
    let run = home.run(&["resend", "--to", "crm", "--format", "json", "1"]);
    assert_eq!(run.column("state"), ["delivered"]);
    // What was purged is theirs still.
    block(&home, &["second@example.fr", "--purge"]).expect_code(0);
    let history = home.run(&["history", "--format", "json"]).expect_code(0);
    assert_eq!(history.column("email"), ["null"]);
    assert_eq!(history.column("state"), ["delivered"]);
}

#[test]
fn a_list_is_purged_as_each_of_its_people_would_be() {
    let partner = willing();
    let home = home(&partner, "");
    send(
        &home,
        "A;a@example.fr;;;;\nB;b@example.fr;;;;\nC;c@example.fr;;;;",
    )
    .expect_code(0);
    block(&home, &["a@example.fr", "--note", "by mail"]).expect_code(0);
    home.write(
        "list.csv",
        format!("{}\nb@example.fr\n", sha256("a@example.fr")),
    );
    let run = block(&home, &["--from", "list.csv", "--purge"]).expect_code(0);
    assert!(run.stderr.contains("from 2 leads"), "{}", run.stderr);
    let history = home.run(&["history", "--format", "json"]).expect_code(0);
    assert_eq!(history.column("lead"), ["C", "(purged)", "(purged)"]);
    assert_eq!(listed(&home).column("note"), ["null", "null"]);
    // What was typed goes with the leads of its time.
    block(&home, &["d@example.fr"]).expect_code(0);
    let now = jiff::Timestamp::now().to_string();
    home.run(&["purge", "--before", &now]).expect_code(0);
    assert_eq!(listed(&home).column("person"), ["null"; 3]);
    let run = send(&home, "D;d@example.fr;;;;");
    assert_eq!(run.column("reason"), ["blocked"]);
}

#[test]
fn a_kill_leaves_all_of_a_list_or_nobody() {
    let partner = willing();
    let home = home(&partner, "");
    block(&home, &["z@example.fr"]).expect_code(0);
    let count = 30_000;
    let list: Vec<String> = (0..count)
        .map(|n| format!("person{n}@example.fr"))
        .collect();
    home.write("list.txt", list.join("\n"));
    let log = home.path().join("ledger.db-wal");
    let written = || fs::metadata(&log).map_or(0, |log| log.len());
    let blocked = || {
        let counts = listed(&home).column("contacts");
        let counts = counts.iter().map(|it| it.parse::<u64>().unwrap());
        counts.sum::<u64>() - 1
    };
    for kilobytes in [0, 64, 256, 512, 1024, 2048] {
        let before = written();
        let mut run = home.start(&["block", "--from", "list.txt"], b"");
        let until = Instant::now() + PATIENCE;
        // Killed as soon as so much of it is on its way to the disk.
        while written() <= before + kilobytes * 1024 && !run.ended() && Instant::now() < until {
            thread::yield_now();
        }
        run.kill();
        let blocked = blocked();
        assert!(
            blocked == 0 || blocked == count,
            "{blocked} after {kilobytes} kB"
        );
    }
    block(&home, &["--from", "list.txt"]).expect_code(0);
    assert_eq!(blocked(), count);
}
