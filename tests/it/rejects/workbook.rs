//! `--rejects FILE.xlsx`: corrected in a spreadsheet and sent as it is.

use calamine::{Reader as _, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;
use serde_json::json;

use super::{Desk, LEADS};

type Rows = Vec<Vec<String>>;

/// The sheets of a workbook, every cell of which must be text.
fn sheets(desk: &Desk, name: &str) -> Vec<(String, Rows)> {
    let path = desk.home.path().join(name);
    let mut book: Xlsx<_> = open_workbook(path).expect("a workbook");
    let names = book.sheet_names();
    let rows = |name: &String| {
        let range = book.worksheet_range(name).expect("a sheet");
        let text = |cell: &calamine::Data| match cell {
            calamine::Data::Empty => String::new(),
            calamine::Data::String(text) => text.clone(),
            other => panic!("no text: {other:?}"),
        };
        range
            .rows()
            .map(|row| row.iter().map(text).collect())
            .collect()
    };
    let rows: Vec<Rows> = names.iter().map(rows).collect();
    names.into_iter().zip(rows).collect()
}

/// As a spreadsheet saves it once a person has replaced these cells.
fn save(desk: &Desk, name: &str, sheets: &[(String, Rows)], corrected: &[(&str, &str)]) {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(name).expect("a name");
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                let by = corrected.iter().find(|(from, _)| from == cell);
                let cell = by.map_or(cell.as_str(), |(_, to)| to);
                sheet.write_string(row, column, cell).expect("a cell");
            }
        }
    }
    book.save(desk.home.path().join(name)).expect("a file");
}

#[test]
fn a_workbook_is_corrected_and_sent_as_it_is() {
    let desk = Desk::new();
    desk.home.write("leads.csv", LEADS.replace("'=2", "01000"));
    let run = desk.send(&["leads.csv"], "r.xlsx").expect_code(3);
    assert!(
        run.stderr.contains("leadctl send --to acme r.xlsx"),
        "{run:?}"
    );
    let written = sheets(&desk, "r.xlsx");
    assert_eq!(written.len(), 1);
    let (name, rows) = &written[0];
    assert_eq!(name, "leads");
    assert_eq!(
        rows[0],
        [
            "leadctl_message",
            "Nom",
            "E-mail",
            "Tél.",
            "Inutile",
            "Commentaire",
            "leadctl_id",
            "leadctl_state"
        ]
    );
    assert_eq!(
        rows[1],
        [
            "'=non, pas lui",
            "Refusé",
            "b@example.fr",
            "+33639980002",
            "y;\"z\"",
            "'=1+1",
            "2",
            "rejected"
        ]
    );
    assert!(rows[2][0].contains("nulle part"), "{rows:?}");
    assert_eq!(rows[2][3], "0639980003");
    assert_eq!(rows[2][5], "01000");

    // Unchanged, nothing of it is sent, and the file may be written again.
    let again = desk.send(&["r.xlsx"], "r.xlsx").expect_code(3);
    assert_eq!(again.column("state"), ["skipped", "invalid"]);
    let corrected = [("Refusé", "Reçu"), ("nulle part", "c@example.fr")];
    save(&desk, "r.xlsx", &written, &corrected);
    let sent = desk.send(&["r.xlsx"], "none.xlsx").expect_code(0);
    assert_eq!(sent.column("id"), ["2", "3"]);
    let bodies: Vec<_> = desk.partner.arrived()[2..]
        .iter()
        .map(crate::common::Arrived::json)
        .collect();
    assert_eq!(bodies[0]["note"], "=1+1");
    assert_eq!(bodies[1]["note"], "01000");
    assert_eq!(bodies[1]["tel"], "+33639980003");
    assert!(!desk.home.path().join("none.xlsx").exists());
}

/// A damaged row that nobody mended stays refused, though a sheet's rows have no
/// end that could show it.
#[test]
fn a_damaged_row_stays_refused() {
    let desk = Desk::new();
    desk.home.write(
        "leads.csv",
        "Nom;E-mail;Tél.\r\nCourt;a@example.fr\nLong;b@example.fr;;x;y\r\n",
    );
    desk.send(&["leads.csv"], "r.xlsx").expect_code(3);
    let again = desk.send(&["r.xlsx"], "again.xlsx").expect_code(3);
    assert_eq!(again.column("state"), ["invalid", "invalid"]);
    assert_eq!(again.column("id"), ["1", "2"]);
    let history = ["history", "--rejects", "h.xlsx"];
    desk.home.run(&history).expect_code(0);
    let again = desk.send(&["h.xlsx"], "again.xlsx").expect_code(3);
    assert_eq!(again.column("state"), ["invalid", "invalid"]);
    assert_eq!(desk.partner.count(), 0);
}

#[test]
fn somebodys_workbook_is_not_written_over() {
    let desk = Desk::new();
    desk.home.write("leads.csv", LEADS);
    let own = [("Mine".to_owned(), vec![vec!["Nom".to_owned()]])];
    save(&desk, "r.xlsx", &own, &[]);
    let refused = desk.send(&["leads.csv"], "r.xlsx").expect_code(2);
    assert!(refused.stderr.contains("no rejects file"), "{refused:?}");
    assert_eq!(desk.partner.count(), 0);
}

/// Exports under different columns have a sheet each, and all are read back.
#[test]
fn every_sheet_is_sent_again() {
    let desk = Desk::new();
    desk.home.write(
        "a.csv",
        "Nom;E-mail;Téléphone\nRefusé;a@example.fr;0639980001\n",
    );
    desk.home.write(
        "b.csv",
        "E-mail,Mobile,Nom\nb@example.fr,+33639980002,Refusé\n",
    );
    let leads = [json!({"nom": "Refusé", "email": "c@example.fr"})];
    desk.home.write("c.json", json!(leads).to_string());
    desk.send(&["a.csv", "b.csv", "c.json"], "r.xlsx")
        .expect_code(3);
    let written = sheets(&desk, "r.xlsx");
    let names: Vec<_> = written.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(written[1].1[0][1..4], ["E-mail", "Mobile", "Nom"]);

    // Unchanged, they are refused still, and come back.
    let still = desk.send(&["r.xlsx"], "r.xlsx").expect_code(3);
    assert_eq!(still.column("state"), ["skipped"; 3]);
    assert_eq!(still.column("file")[1], "r.xlsx (b)");
    assert_eq!(sheets(&desk, "r.xlsx").len(), 3);
    save(&desk, "r.xlsx", &written, &[("Refusé", "Reçu")]);
    let sent = desk.send(&["r.xlsx"], "again.xlsx").expect_code(0);
    assert_eq!(sent.column("id"), ["1", "2", "3"]);
    assert_eq!(sent.column("state"), ["delivered"; 3]);
    let arrived = desk.partner.arrived();
    let phones: Vec<_> = arrived[3..]
        .iter()
        .map(|one| one.json()["tel"].clone())
        .collect();
    assert_eq!(
        phones,
        [json!("+33639980001"), json!("+33639980002"), json!(null)]
    );
}
