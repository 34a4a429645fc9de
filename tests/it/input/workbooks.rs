//! What is hidden in a workbook stops it before anything is recorded; and its
//! sheets are told apart.

use crate::common::desk::Desk;
use crate::common::{Act, Partner};
use rust_xlsxwriter::Workbook;

/// Two sheets of leads, of which the first has a hidden row.
fn book() -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in [("Mai", ["a", "b", "c"]), ("Juin", ["d", "e", "f"])] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).expect("a name");
        for (column, head) in (0..).zip(["Nom", "E-mail"]) {
            sheet.write_string(0, column, head).expect("a cell");
        }
        for (row, person) in (1..).zip(rows) {
            let email = format!("{person}@example.fr");
            sheet.write_string(row, 0, person).expect("a cell");
            sheet.write_string(row, 1, email).expect("a cell");
        }
        if name == "Mai" {
            sheet.set_row_hidden(2).expect("a row");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn what_is_hidden_stops_the_file_before_anything_is_recorded() {
    let partner = Partner::always(Act::json(201, r#"{"id":7}"#));
    let desk = Desk::at(&partner.base());
    desk.home.write("leads.xlsx", book());
    desk.home.write("more.csv", "Nom;E-mail\ng;g@example.fr\n");
    let send = |more: &[&str]| {
        let arguments = ["send", "--to", "desk", "--format", "json"];
        desk.home.run(&[&arguments[..], more].concat())
    };
    for files in [&["leads.xlsx"][..], &["leads.xlsx", "more.csv"]] {
        let refused = send(files).expect_code(2);
        assert!(
            refused
                .stderr
                .contains("hidden or filtered out in this workbook: 1 row"),
            "{refused:?}"
        );
        assert!(refused.stderr.contains("--hidden skip"), "{refused:?}");
    }
    let history = ["history", "--format", "json"];
    assert!(desk.home.run(&history).rows().is_empty());
    assert_eq!(partner.count(), 0);

    let sent = send(&["--hidden", "skip", "leads.xlsx"]).expect_code(0);
    assert_eq!(sent.column("lead"), ["a", "c", "d", "e", "f"]);
    let files = sent.column("file");
    assert_eq!(files[1..3], ["leads.xlsx (Mai)", "leads.xlsx (Juin)"]);
    assert_eq!(sent.column("line"), ["2", "4", "2", "3", "4"]);
    let sent = send(&["--hidden", "send", "--sheet", "Mai", "leads.xlsx"]).expect_code(0);
    assert_eq!(sent.column("state"), ["skipped", "delivered", "skipped"]);
    assert_eq!(sent.column("file"), ["leads.xlsx"; 3]);
}

#[test]
fn the_sign_that_a_workbook_is_open_is_no_workbook() {
    let partner = Partner::always(Act::json(201, r#"{"id":7}"#));
    let desk = Desk::at(&partner.base());
    desk.home.write("~$leads.xlsx", b"\x05Marie".repeat(20));
    let refused = desk.home.run(&["send", "--to", "desk", "~$leads.xlsx"]);
    let refused = refused.expect_code(2);
    assert!(refused.stderr.contains("without ~$"), "{refused:?}");
}
