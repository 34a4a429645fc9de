//! Which sheets of a workbook are read, and what is hidden in it.

use std::io::Cursor;

use rust_xlsxwriter::Workbook;

use super::super::{Hidden, KnownHeaders, Options};
use super::workbook::rewritten;
use super::{briefs, read_with, sound};

/// A sheet: its name, whether it is hidden, and its rows.
type Sheet<'s> = (&'s str, bool, &'s [&'s [&'s str]]);

const LEADS: &[&[&str]] = &[&["Nom", "E-mail"], &["Éva", "eva@example.fr"]];
const OTHERS: &[&[&str]] = &[
    &["Rapport"],
    &["E-mail", "CP", "Nom"],
    &["zoe@example.fr", "01000", "Zoé"],
];
const NOTES: &[&[&str]] = &[&["Lisez-moi"], &["Voir la feuille Leads"]];

fn book(sheets: &[Sheet<'_>]) -> Vec<u8> {
    book_with(sheets, |_| {})
}

fn book_with(sheets: &[Sheet<'_>], change: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, hidden, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).expect("a name").set_hidden(*hidden);
        for (row, cells) in (0..).zip(*rows) {
            for (column, cell) in (0..).zip(*cells) {
                sheet.write_string(row, column, *cell).expect("a cell");
            }
        }
    }
    change(&mut book);
    book.save_to_buffer().expect("a workbook")
}

fn options() -> Options {
    let known = |name: &str| ["Nom", "E-mail", "CP"].contains(&name.trim());
    Options {
        known: Some(KnownHeaders::new(known)),
        ..Options::default()
    }
}

fn with(hidden: Hidden) -> Options {
    Options {
        hidden: Some(hidden),
        ..options()
    }
}

#[test]
fn the_sheets_with_known_headers_are_read_in_order() {
    let bytes = book(&[
        ("Lisez-moi", false, NOTES),
        ("Leads", false, LEADS),
        ("Stats", false, &[&["Mois", "Total"], &["mai", "3"]]),
        ("Autres", false, OTHERS),
    ]);
    let (facts, rows) = read_with(bytes.clone(), &options()).expect("read");
    assert_eq!(facts.sheets, ["Leads", "Autres"]);
    assert_eq!(facts.other_sheets, ["Lisez-moi", "Stats"]);
    assert_eq!(
        briefs(&rows),
        [
            sound(2, "Éva|eva@example.fr"),
            sound(3, "zoe@example.fr|01000|Zoé")
        ]
    );
    assert_eq!(rows[1].header.names, ["E-mail", "CP", "Nom"]);
    assert_eq!(&*rows[1].file, "leads (Autres)");
    assert_eq!(
        facts.files("leads"),
        [rows[0].file.clone(), rows[1].file.clone()]
    );

    let named = Options {
        sheet: Some("Stats".to_owned()),
        ..options()
    };
    let (facts, rows) = read_with(bytes, &named).expect("read");
    assert_eq!(
        (facts.sheets, &*rows[0].file),
        (vec!["Stats".to_owned()], "leads")
    );
}

#[test]
fn a_sheet_of_unknown_headers_is_the_first_that_is_seen() {
    let unknown: &[&[&str]] = &[&["a", "b"], &["1", "2"]];
    let bytes = book(&[("x", false, unknown), ("y", false, NOTES)]);
    assert_eq!(read_with(bytes, &options()).expect("read").0.sheets, ["x"]);
    // A rejects workbook of ours is known by our columns.
    let ours: &[&[&str]] = &[&["leadctl_message", "a", "leadctl_id"], &["non", "1", "2"]];
    let bytes = book(&[("x", false, unknown), ("y", false, ours)]);
    assert_eq!(read_with(bytes, &options()).expect("read").0.sheets, ["y"]);
}

#[test]
fn a_hidden_sheet_stops_the_file_until_somebody_says() {
    let bytes = book(&[
        ("Leads", false, LEADS),
        ("Archive", true, OTHERS),
        ("Listes", true, NOTES),
    ]);
    let refused = read_with(bytes.clone(), &options()).expect_err("hidden");
    assert!(refused.is_usage());
    assert!(
        refused
            .to_string()
            .contains("hidden or filtered out in this workbook: the sheet \"Archive\""),
        "{refused}"
    );
    assert!(
        refused
            .hint()
            .is_some_and(|hint| hint.contains("\n--hidden skip"))
    );
    let (facts, rows) = read_with(bytes.clone(), &with(Hidden::Skip)).expect("read");
    assert_eq!((facts.sheets.len(), rows.len()), (1, 1));
    assert_eq!(facts.left_out.as_deref(), Some("the sheet \"Archive\""));
    let (facts, rows) = read_with(bytes.clone(), &with(Hidden::Send)).expect("read");
    assert_eq!((facts.sheets.len(), rows.len()), (2, 2));
    assert_eq!(facts.left_out, None);
    // Who names a sheet means it.
    let named = Options {
        sheet: Some("Archive".to_owned()),
        ..options()
    };
    assert_eq!(read_with(bytes, &named).expect("read").1.len(), 1);
}

#[test]
fn hidden_rows_and_columns_stop_the_file_until_somebody_says() {
    let rows: &[&[&str]] = &[
        &["Nom", "CP", "E-mail"],
        &["Éva", "01000", "eva@example.fr"],
        &["Zoé", "69003", "zoe@example.fr"],
        &["Léa", "75001", "lea@example.fr"],
    ];
    let bytes = book_with(&[("Leads", false, rows)], |book| {
        let sheet = &mut book.worksheets_mut()[0];
        for row in [1, 3, 9] {
            sheet.set_row_hidden(row).expect("a row");
        }
        sheet.set_column_hidden(1).expect("a column");
        sheet.set_column_hidden(7).expect("a column");
    });
    let refused = read_with(bytes.clone(), &options()).expect_err("hidden");
    assert!(
        refused
            .to_string()
            .contains("hidden or filtered out in this workbook: 2 rows and 1 column"),
        "{refused}"
    );
    let (_, rows) = read_with(bytes.clone(), &with(Hidden::Skip)).expect("read");
    assert_eq!(briefs(&rows), [sound(3, "Zoé||zoe@example.fr")]);
    let (_, rows) = read_with(bytes, &with(Hidden::Send)).expect("read");
    assert_eq!(rows.len(), 3);
    assert_eq!(briefs(&rows)[0], sound(2, "Éva|01000|eva@example.fr"));
}

/// Parts may be in UTF-16: Excel reads them.
#[test]
fn parts_in_utf_16_are_read() {
    let whole = book(&[("Été", false, LEADS)]);
    for (mark, little) in [(true, true), (true, false), (false, true)] {
        let wide = rewritten(whole.clone(), |text| {
            let text = text.replace("UTF-8", "UTF-16");
            let mark = mark.then_some('\u{feff}');
            let text: String = mark.into_iter().chain(text.chars()).collect();
            let units = text.encode_utf16();
            match little {
                true => units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
                false => units.flat_map(u16::to_be_bytes).collect(),
            }
        });
        let (facts, rows) = read_with(wide, &options()).expect("read");
        assert_eq!(facts.sheets, ["Été"]);
        assert_eq!(briefs(&rows), [sound(2, "Éva|eva@example.fr")]);
    }
}

#[test]
fn a_sheet_of_which_nothing_is_there_leaves_the_others() {
    let whole = book(&[("Leads", false, LEADS), ("Perdue", false, OTHERS)]);
    let lost = rewritten(whole, |text| {
        text.replace("Id=\"rId2\"", "Id=\"rId99\"").into_bytes()
    });
    let (facts, rows) = read_with(lost.clone(), &options()).expect("read");
    assert_eq!(
        (facts.lost_sheets, rows.len()),
        (vec!["Perdue".to_owned()], 1)
    );
    for (name, words) in [
        ("Perdue", "nothing of it is there"),
        ("x", "no sheet named"),
    ] {
        let named = Options {
            sheet: Some(name.to_owned()),
            ..options()
        };
        let refused = read_with(lost.clone(), &named).expect_err("lost");
        assert!(refused.to_string().contains(words), "{refused}");
    }
}

/// A small archive may say that it is large.
#[test]
fn an_archive_that_grows_without_end_is_told() {
    let mut bytes = book(&[("Leads", false, LEADS)]);
    let entry = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("a directory");
    bytes[entry + 24..entry + 28].copy_from_slice(&[0xF0, 0xFF, 0xFF, 0xFF]);
    let refused = read_with(bytes, &options()).expect_err("too large");
    assert!(refused.to_string().contains("more than 2 GB"), "{refused}");
}

/// What has the cover of an old workbook is often something else.
#[test]
fn compound_files_are_told_by_their_name() {
    for (stream, words) in [
        ("EncryptedPackage", "protected by a password"),
        ("WordDocument", "a Word document"),
        ("__properties_version1.0", "an Outlook message"),
        ("Other", "damaged"),
    ] {
        let mut file = Cursor::new(Vec::new());
        let mut compound = cfb::CompoundFile::create(&mut file).expect("a file");
        compound.create_stream(stream).expect("a stream");
        drop(compound);
        let refused = read_with(file.into_inner(), &options()).expect_err("no workbook");
        assert!(refused.to_string().contains(words), "{refused}");
    }
}
