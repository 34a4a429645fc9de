//! Leads from rows to the ledger's form and back.

mod evidence;

use std::sync::Arc;

use proptest::prelude::*;

use super::{
    Aliases, Cells, Columns, Header, Headers, Lead, NoteKind, Preparation, Record, Repair, Source,
    from_stored, prepare,
};

fn columns(names: &[&str], source: Option<&Source>) -> Columns {
    let fields = [
        "full_name",
        "first_name",
        "last_name",
        "email",
        "email2",
        "phone",
        "phone2",
        "zip",
        "country",
        "company",
        "program",
        "comment",
    ];
    let aliases = Aliases::new(&fields.map(|field| (field.to_owned(), Vec::new())));
    let names = names.iter().map(|&name| name.to_owned()).collect();
    Columns::resolve(
        &Arc::new(Header {
            names,
            ..Header::default()
        }),
        &aliases,
        &[],
        source,
    )
}

fn record(columns: &Columns, cells: &[&str]) -> Record {
    Record {
        file: "leads.csv".into(),
        line: 12,
        header: Arc::clone(&columns.header),
        cells: Cells::from_iter(cells),
        ..Record::default()
    }
}

fn lead(names: &[&str], cells: &[&str], repair: Repair) -> Lead {
    let columns = Arc::new(columns(names, None));
    let preparation = Preparation {
        repair,
        country: "FR".to_owned(),
    };
    prepare(record(&columns, cells), &columns, &preparation)
}

fn kinds(lead: &Lead) -> Vec<NoteKind> {
    lead.notes.iter().map(|note| note.kind).collect()
}

const NAMES: [&str; 4] = ["last_name", "phone", "zip", "comment"];

#[test]
fn a_second_number_stands_in_for_a_first_that_is_blank() {
    let names = ["phone", "phone2", "email", "email2"];
    let alone = lead(
        &names,
        &["", "0639980001", "a@example.fr", "b@example.fr"],
        Repair::Safe,
    );
    assert_eq!(alone.field("phone"), "0639980001");
    assert_eq!(alone.field("phone2"), "");
    assert_eq!(
        [alone.field("email"), alone.field("email2")],
        ["a@example.fr", "b@example.fr"]
    );
    let damaged = lead(&names, &["", "#REF!", "", ""], Repair::Safe);
    assert_eq!(damaged.field("phone"), "");
}

#[test]
fn a_clean_lead_is_as_it_was_read() {
    let lead = lead(
        &NAMES,
        &["Dupont", "06 39 98 01 23", "01000", " à midi "],
        Repair::Safe,
    );
    assert!(lead.notes.is_empty() && lead.instead.is_empty());
    assert_eq!(lead.field("comment"), " à midi ");
}

#[test]
fn certain_damage_is_repaired_and_told() {
    let lead = lead(
        &NAMES,
        &["e\u{301}va", "639980123", "1000", ""],
        Repair::Safe,
    );
    assert_eq!(kinds(&lead), [NoteKind::Repaired; 3]);
    assert_eq!(
        ["last_name", "phone", "zip"].map(|field| lead.field(field)),
        ["éva", "0639980123", "01000"]
    );
    let note = &lead.notes[1];
    assert_eq!(lead.columns.header_of(note.column), "phone");
    assert_eq!(
        note.finding.to_string(),
        "\"639980123\" has lost its first 0: read as \"0639980123\""
    );
    assert!(lead.as_read().contains("\"639980123\""));
}

#[test]
fn without_repair_all_damage_is_refused() {
    let lead = lead(&NAMES, &["AndrÃ©", "639980123", "1000", ""], Repair::None);
    assert_eq!(kinds(&lead), [NoteKind::Refused; 3]);
    assert_eq!(lead.field("phone"), "639980123");
}

#[test]
fn likely_damage_is_repaired_only_when_asked() {
    let cells = ["AndrÃ©", "3,36123E+10", "75001", ""];
    let refused = lead(&NAMES, &cells, Repair::Safe);
    assert_eq!(kinds(&refused), [NoteKind::Refused; 2]);
    let repaired = lead(&NAMES, &cells, Repair::All);
    assert_eq!(kinds(&repaired), [NoteKind::Repaired, NoteKind::Refused]);
    assert_eq!(repaired.field("last_name"), "André");
}

#[test]
fn another_country_keeps_its_numbers() {
    let names = ["phone", "zip", "country"];
    let belgian = lead(&names, &["470123456", "1000", "Belgique"], Repair::Safe);
    assert!(belgian.notes.is_empty());
    let french = lead(&names, &["639980123", "1000", "FRANCE"], Repair::Safe);
    assert_eq!(kinds(&french), [NoteKind::Repaired; 2]);
}

#[test]
fn a_full_name_alone_is_split() {
    let split = lead(
        &["full_name", "email"],
        &["DUPONT Jean", "j@example.fr"],
        Repair::Safe,
    );
    assert_eq!(split.field("first_name"), "Jean");
    assert_eq!(split.field("last_name"), "DUPONT");
    assert_eq!(kinds(&split), [NoteKind::Assumed]);
    assert_eq!(split.label(), "Jean DUPONT");
    let both = lead(
        &["full_name", "last_name"],
        &["Jean Dupont", "Durand"],
        Repair::Safe,
    );
    assert_eq!(
        (both.field("first_name"), both.field("last_name")),
        ("", "Durand")
    );
}

#[test]
fn a_source_takes_off_its_prefixes() {
    let source = Source {
        prefixes: vec![("phone".into(), vec!["p:".into()])],
        ..Source::default()
    };
    let columns = Arc::new(columns(&["phone", "zip"], Some(&source)));
    let record = record(&columns, &["p:+33639980123", "z:01000"]);
    let lead = prepare(record, &columns, &Preparation::default());
    assert_eq!(lead.field("phone"), "+33639980123");
    assert_eq!(lead.field("zip"), "z:01000");
    assert!(lead.notes.is_empty());
}

#[test]
fn a_prefix_is_taken_off_a_header_that_is_called_as_a_part_of_its_name() {
    let source = Source {
        columns: vec![("last_name".into(), "full_name".into())],
        prefixes: vec![("last_name".into(), vec!["n:".into()])],
        ..Source::default()
    };
    let columns = Arc::new(columns(&["last_name", "email"], Some(&source)));
    let record = record(&columns, &["n:Ana Dupont", "a@example.fr"]);
    let lead = prepare(record, &columns, &Preparation::default());
    assert_eq!(
        ["full_name", "first_name", "last_name"].map(|field| lead.field(field)),
        ["Ana Dupont", "Ana", "Dupont"]
    );
}

#[test]
fn a_label_is_what_a_person_knows() {
    let names = ["last_name", "company", "email"];
    let label = |cells: [&str; 3]| lead(&names, &cells, Repair::Safe).label();
    assert_eq!(label(["Dupont", "Acme", ""]), "Dupont");
    assert_eq!(label([" ", "Acme", ""]), "Acme");
    assert_eq!(label(["", "", "a@example.fr"]), "a@example.fr");
    assert_eq!(label(["", "", ""]), "line 12");
}

#[test]
fn set_values_fill_blanks_and_are_stored() {
    let set = [
        ("program".to_owned(), "12".to_owned()),
        ("zip".to_owned(), "75001".to_owned()),
        ("email".to_owned(), "never@example.fr".to_owned()),
    ];
    let columns = Arc::new(columns(&["email", "zip"], None).with_set(&set));
    let record = record(&columns, &["a@example.fr", " "]);
    let lead = prepare(record, &columns, &Preparation::default());
    assert_eq!(
        ["program", "zip", "email"].map(|field| lead.field(field)),
        ["12", "75001", "a@example.fr"]
    );
    assert_eq!(
        lead.as_read(),
        r#"{"cells":{"email":"a@example.fr","zip":" "},"set":{"program":"12","zip":"75001"}}"#
    );
}

#[test]
fn a_fault_is_stored_so_that_the_row_is_never_sent() {
    let columns = Arc::new(columns(&["email", ""], None));
    let mut record = record(&columns, &["a@example.fr", "x", "", "y"]);
    record.fault = Some("this row has 4 cells".to_owned());
    let lead = prepare(record, &columns, &Preparation::default());
    let json = lead.as_read();
    let stored = from_stored(&json, "f", 3, &mut Headers::new()).expect("stored");
    assert_eq!(
        stored.record.header.names,
        ["email", "column 2", "column 4"]
    );
    assert_eq!(stored.record.fault.as_deref(), Some("this row has 4 cells"));
}

proptest! {
    #[test]
    fn what_is_stored_comes_back(cells in prop::collection::vec(any::<String>(), 3)) {
        let columns = Arc::new(columns(&["Nom \"x\"", "b\\", "é"], None));
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let lead = prepare(record(&columns, &cells), &columns, &Preparation::default());
        let stored = from_stored(&lead.as_read(), "f", 3, &mut Headers::new());
        let stored = stored.expect("stored");
        prop_assert_eq!(stored.record.cells, lead.record.cells);
        prop_assert_eq!(&stored.record.header.names, &columns.header.names);
    }

    #[test]
    fn no_cell_panics(cell in any::<String>(), digits in "[0-9Ee+., ]{0,12}") {
        for cell in [cell.as_str(), digits.as_str()] {
            let lead = lead(&["phone", "full_name", "zip"], &[cell, cell, cell], Repair::All);
            lead.label();
        }
    }
}
