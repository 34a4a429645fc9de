//! What rows say together, which of them are nobody's, and that a stored lead means
//! what it meant.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::{
    Columns, Evidence, Headers, Lead, Record, Source, Survey, from_stored, prepare,
};
use super::super::{Preparation, is_nobodys, may_be_nobodys};
use super::{columns, record};

fn meta() -> Source {
    let prefix = |field: &str, prefix: &str| (field.to_owned(), vec![prefix.to_owned()]);
    Source {
        prefixes: vec![prefix("phone", "p:"), prefix("zip", "z:")],
        test_values: vec!["<test lead:*".to_owned(), "test@fb.com".to_owned()],
        ..Source::default()
    }
}

fn expecting(names: &[&str], evidence: Option<&Evidence>) -> Columns {
    columns(names, None).with_evidence(evidence, &Source::habits(&[meta()]))
}

/// What these rows say together.
fn survey(names: &[&str], rows: &[&[&str]]) -> Option<Arc<Evidence>> {
    let columns = expecting(names, None);
    let mut survey = Survey::new(Source::habits(&[meta()]));
    for row in rows {
        survey.add(&record(&columns, row), || columns.clone());
    }
    survey.end().0
}

fn read(names: &[&str], row: &[&str], evidence: Option<Arc<Evidence>>) -> Lead {
    let columns = Arc::new(expecting(names, evidence.as_deref()));
    let record = Record {
        evidence,
        ..record(&columns, row)
    };
    prepare(record, &columns, &Preparation::default())
}

fn fields(names: &[&str], rows: &[&[&str]], row: usize) -> Vec<String> {
    let lead = read(names, rows[row], survey(names, rows));
    let values = (0..names.len()).map(|index| lead.get(index).to_owned());
    values.collect()
}

#[test]
fn a_prefix_is_one_where_all_values_have_it() {
    let names = ["last_name", "phone", "comment"];
    let all: [&[&str]; 4] = [
        &["A", "p:+33639980001", "p:12"],
        &["B", "", "p:3 4"],
        &["C", "NULL", ""],
        &["D", " p:0639980002", "p:5"],
    ];
    assert_eq!(fields(&names, &all, 0), ["A", "+33639980001", "12"]);
    assert_eq!(fields(&names, &all, 3), ["D", "0639980002", "5"]);
    let mixed: [&[&str]; 2] = [&["A", "p:+33639980001", "p:12"], &["B", "+33", "p: midi"]];
    assert_eq!(fields(&names, &mixed, 0), ["A", "p:+33639980001", "p:12"]);
    // A test lead and a line of totals are not of the column.
    let others: [&[&str]; 3] = [
        &["A", "p:+33639980001", ""],
        &["<test lead: dummy data for name>", "0639980001", ""],
        &["Total", "2", ""],
    ];
    assert_eq!(fields(&names, &others, 0)[1], "+33639980001");
}

#[test]
fn nothing_is_said_of_sound_rows() {
    let evidence = survey(
        &["last_name", "comment"],
        &[&["A & B", "c:x"], &["None", ""]],
    );
    assert_eq!(evidence, None);
}

#[test]
fn totals_and_notes_are_nobodys() {
    let names = ["last_name", "first_name", "email", "phone", "comment"];
    let people = survey(&names, &[&["A", "B", "a@example.fr", "", ""]]);
    let is_nobodys = |row: &[&str]| {
        let columns = expecting(&names, people.as_deref());
        let record = record(&columns, row);
        may_be_nobodys(&record) && is_nobodys(&record, &columns)
    };
    let nobodys: [&[&str]; 12] = [
        &["Total", "3", "", "", ""],
        &["TOTAL GÉNÉRAL", "", "", "12", "1 234,50 €"],
        &["Sous-total Lyon", "", "2", "", ""],
        &["", "Total : 3", "", "", ""],
        &["Somme", "", "", "", "12 %"],
        &["Nombre de leads", "", "3", "", ""],
        &["Total", "", "", "", ""],
        &["3 leads", "", "", "", ""],
        &["* champ obligatoire", "", "", "", ""],
        &["Légende : A = à rappeler", "", "", "", ""],
        &["Export du 12/11/2026 10:32", "", "", "", ""],
        &[
            "Confidential Information - Do Not Distribute",
            "",
            "",
            "",
            "",
        ],
    ];
    for row in nobodys {
        assert!(is_nobodys(row), "{row:?}");
    }
    let somebodys: [&[&str]; 11] = [
        &["Total", "", "", "0639980001", ""],
        &["Total", "", "", "06 39 98 00 01", "3"],
        &["Nombre", "Léa", "", "", ""],
        &["Total Énergies", "", "", "", ""],
        &["Totalin", "3", "", "", ""],
        &["Durand", "", "", "", ""],
        &["de la Tour du Pin", "", "", "", ""],
        &["", "", "a@example.fr", "", ""],
        &[
            "",
            "",
            "",
            "",
            "Rappelez-moi au 06 39 98 00 01 demain matin",
        ],
        &["Questions : a@example.fr", "", "", "", ""],
        &["", "", "", "", ""],
    ];
    for row in somebodys {
        assert!(!is_nobodys(row), "{row:?}");
    }
}

proptest! {
    #[test]
    fn a_stored_lead_means_what_it_meant(
        rows in prop::collection::vec(
            ["(p:|)(\\+336|None|NULL)", "(&amp;|&eacute;|&eacute|x){1,3}|None", "(z:)?[0-9]{0,5}"],
            1..4,
        ),
    ) {
        let names = ["phone", "last_name", "zip"];
        let cells: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let table: Vec<&[&str]> = cells.iter().map(Vec::as_slice).collect();
        let evidence = survey(&names, &table);
        for row in table {
            let lead = read(&names, row, evidence.clone());
            let stored = from_stored(&lead.as_read(), "f", 3, &mut Headers::new()).expect("stored");
            let again = read(&names, row, stored.record.evidence.clone());
            prop_assert_eq!(again.notes, lead.notes);
            prop_assert_eq!(again.instead, lead.instead);
        }
    }
}
