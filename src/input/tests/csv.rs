use encoding_rs::WINDOWS_1252;
use proptest::prelude::*;

use super::super::{Encoding, Format, Options};
use super::{brief, briefs, fault, read, read_with, refused, sound};

#[test]
fn a_french_spreadsheet_is_read_as_it_is() {
    let (facts, rows) = read(b"Nom;Pr\xE9nom;CP\r\nDupont;Andr\xE9;01000\r\n\r\n;;\r\n".as_slice());
    assert_eq!(
        facts.encoding.name(),
        "Windows-1252 (sure, as in André, Prénom)"
    );
    assert!(facts.encoding.assumed);
    assert_eq!(facts.delimiter, Some(b';'));
    assert_eq!(facts.format, Format::Csv);
    assert_eq!(rows[0].header.names, ["Nom", "Prénom", "CP"]);
    assert_eq!(briefs(&rows), [sound(2, "Dupont|André|01000")]);
}

#[test]
fn a_platform_export_in_utf16_is_read_as_it_is() {
    let text = "\u{feff}id\tfull_name\tphone_number\r\nl:1\tÉva Müller\tp:+33639980123\r\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (facts, rows) = read(bytes);
    assert_eq!(
        (facts.encoding.name(), facts.encoding.mark),
        ("UTF-16LE".into(), 2)
    );
    assert_eq!(briefs(&rows), [sound(2, "l:1|Éva Müller|p:+33639980123")]);
}

#[test]
fn lines_are_counted_through_quotes() {
    let (_, rows) = read("nom,mot\na,\"un\n\ndeux\"\nb,\"trois\"\"\"\n\nc,x");
    assert_eq!(
        briefs(&rows),
        [
            sound(2, "a|un\n\ndeux"),
            sound(5, "b|trois\""),
            sound(7, "c|x")
        ]
    );
}

#[test]
fn a_spreadsheet_hint_is_no_header() {
    let (facts, rows) = read("sep=|\nnom|ville\na|b;c;d\n");
    assert_eq!(facts.delimiter, Some(b'|'));
    assert_eq!(briefs(&rows), [sound(3, "a|b;c;d")]);
}

#[test]
fn the_user_overrules() {
    let options = Options {
        format: Some(Format::Csv),
        delimiter: Some(b','),
        encoding: Some(Encoding::Web(WINDOWS_1252)),
        ..Options::default()
    };
    let (facts, rows) = read_with("{\"nom\",b;c\né,1;2\n", &options).expect("read");
    assert_eq!(facts.encoding.name(), "Windows-1252");
    assert_eq!(briefs(&rows), [sound(2, "Ã©|1;2")]);
}

#[test]
fn rows_that_do_not_fit_are_told_and_the_rest_goes_on() {
    let (_, rows) = read("a;b\n1\n1;2;3\n1;2;;\n1;\0\n1;2\n");
    assert_eq!(brief(&rows[0]), sound(2, "1|"));
    assert!(fault(&rows[1]).contains("3 cells where"));
    assert!(fault(&rows[3]).contains("NUL"));
    assert_eq!(brief(&rows[2]), sound(4, "1|2||"));
    assert_eq!(brief(&rows[4]), sound(6, "1|2"));
}

#[test]
fn short_rows_lack_their_last_cells_where_none_is_cut() {
    let (_, rows) = read("a;b;c\n1;2;3\n4\n5;6\n7;8;9");
    assert_eq!(briefs(&rows)[1..3], [sound(3, "4||"), sound(4, "5|6|")]);
    let left_out: Vec<_> = rows.iter().map(|row| row.left_out).collect();
    assert_eq!(left_out, [0, 2, 1, 0]);
    for cut in [
        "a;b;c\n4\n5;6",
        "a;b;c\r\n4;5\n6;7;8\r\n",
        "a;b;c\nx;a@example.fr;bonjour\ny;b@example.fr\nrappelez-moi;z\n",
    ] {
        let (_, rows) = read(cut);
        let told = rows.iter().filter(|row| fault(row).contains("cut short"));
        assert!(told.count() > 0, "{cut:?}");
        assert!(rows.iter().all(|row| row.left_out == 0), "{cut:?}");
    }
}

#[test]
fn a_spreadsheet_may_take_a_row_for_one_cell() {
    let text = "\"Nom,Ville\"\r\n\"Martin,\"\"Lyon, 3e\"\"\"\r\nPetit,Nice\r\n";
    let (facts, rows) = read(text);
    assert_eq!(facts.delimiter, Some(b','));
    assert_eq!(
        briefs(&rows),
        [sound(2, "Martin|Lyon, 3e"), sound(3, "Petit|Nice")]
    );
}

#[test]
fn an_open_quote_harms_one_row() {
    let (_, rows) = read("a;b\n1;\"open\n2;x\n3;\"y\"\n4;z\n");
    assert_eq!(rows[0].line, 2);
    assert!(fault(&rows[0]).contains("quote"));
    assert_eq!(
        briefs(&rows[1..]),
        [sound(3, "2|x"), sound(4, "3|y"), sound(5, "4|z")]
    );
    let (_, rows) = read("a;b\n1;x\n2;\"open to the end\n3;y\n");
    assert!(fault(&rows[1]).contains("never closed"));
    assert_eq!(brief(&rows[2]), sound(4, "3|y"));
}

#[test]
fn a_monstrous_row_harms_nobody_else() {
    let mut text = "a;b\n1;\"".to_owned();
    text.push_str(&"x".repeat(3_000_000));
    text.push_str("\n2;y\n3;");
    text.push_str(&"z".repeat(300_000));
    text.push_str("\n4;z\n5;");
    text.push_str(&"z".repeat(3_000_000));
    text.push_str("\n6;t");
    let (_, rows) = read(text);
    let lines: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.fault.is_some()))
        .collect();
    assert_eq!(
        lines,
        [
            (2, true),
            (3, false),
            (4, true),
            (5, false),
            (6, true),
            (7, false)
        ]
    );
    assert!(rows.iter().all(|row| row.cells.as_slice().len() < 10_000));
}

#[test]
fn bad_bytes_late_in_good_utf8_harm_one_row() {
    let mut bytes = "nom;ville\n".as_bytes().to_vec();
    for _ in 0..9_000 {
        bytes.extend("Éva;Lyon\n".as_bytes());
    }
    bytes.extend(b"Andr\xE9;Paris\nZo\xC3\xAB;Brest\n");
    let (facts, rows) = read(bytes);
    assert_eq!(facts.encoding.name(), "UTF-8");
    let bad: Vec<_> = rows.iter().filter(|row| row.fault.is_some()).collect();
    assert_eq!(bad.len(), 1);
    assert!(
        fault(bad[0]).contains("after \"Andr\""),
        "{}",
        fault(bad[0])
    );
    assert_eq!(bad[0].line, 9_002);
    assert_eq!(rows.last().map(brief), Some(sound(9_003, "Zoë|Brest")));
}

#[test]
fn what_is_no_header_is_refused() {
    let fatal = refused("Dupont;jean@example.fr\nMartin;eva@example.fr\n");
    assert!(fatal.is_usage());
    assert!(fatal.to_string().contains("jean@example.fr"));
}

#[test]
fn nothing_is_no_failure() {
    for empty in ["", "\n \r\n", "\u{feff}"] {
        let (facts, rows) = read(empty);
        assert!(facts.empty && rows.is_empty());
    }
    let (facts, rows) = read("Nom;Prénom\n");
    assert!(!facts.empty && rows.is_empty());
}

#[test]
fn old_line_ends_are_read() {
    let (_, rows) = read("a;b\r1;2\r3;4\r");
    assert_eq!(briefs(&rows), [sound(2, "1|2"), sound(3, "3|4")]);
    let expected = [sound(2, "1|2"), sound(3, "3|4")];
    for mixed in [
        "a;b\r1;2\n3;4\n",
        "a;b\n1;2\r\n3;4\r",
        "a;b\r\n1;2\r3;4\r\n",
        "a;b\r\r\n1;2\r\r\n3;4\r\r\n",
        "a;b\r1;2\r\n3;4\r",
        "a;b\r1;2\n3;4\r",
    ] {
        assert_eq!(briefs(&read(mixed).1), expected, "{mixed:?}");
    }
    let (_, rows) = read("a;b\r\"1\n\n\n1\";2\r3;4\r");
    assert_eq!(briefs(&rows), [sound(2, "1\n\n\n1|2"), sound(3, "3|4")]);
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_comes_back(
        rows in prop::collection::vec(prop::collection::vec("[^\0]{0,12}", 3), 0..20),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["Nom", "Ville", "Mot"]).expect("memory writes");
        for row in &rows {
            writer.write_record(row).expect("memory writes");
        }
        let text = writer.into_inner().expect("memory writes");
        let options = Options { delimiter: Some(delimiter), ..Options::default() };
        let (_, read) = read_with(text, &options).expect("read");
        let came: Vec<Vec<String>> = read
            .iter()
            .map(|row| row.cells.iter().map(str::to_owned).collect())
            .collect();
        // Rows of nothing but blanks and quotes may be left out: no lead is in them.
        let blank = |row: &Vec<String>| row.iter().all(|cell| cell.trim_matches([' ', '"', '\r', '\n', char::from(delimiter)]).is_empty());
        let came: Vec<_> = came.into_iter().filter(|row| !blank(row)).collect();
        let sent: Vec<_> = rows.into_iter().filter(|row| !blank(row)).collect();
        prop_assert_eq!(came, sent);
        prop_assert!(read.iter().all(|row| row.fault.is_none()));
    }
}
