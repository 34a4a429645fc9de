use std::io::Write as _;

use super::super::{Format, Options, from_stream, open};
use super::{briefs, fault, read, read_with, refused, sound};

/// A zip archive whose entries aren't compressed: the least that is a workbook.
fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let (mut archive, mut index) = (Vec::new(), Vec::new());
    for (name, text) in entries {
        let offset = archive.len() as u32;
        let (size, sum) = (text.len() as u32, crc32(text.as_bytes()));
        let mut about = Vec::new();
        about.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        for number in [sum, size, size] {
            about.extend(number.to_le_bytes());
        }
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0, 0]);
        archive.extend(b"PK\x03\x04");
        archive.extend(&about);
        archive.extend(name.as_bytes());
        archive.extend(text.as_bytes());
        index.extend(b"PK\x01\x02\x14\0");
        index.extend(&about);
        index.extend([0; 10]);
        index.extend(offset.to_le_bytes());
        index.extend(name.as_bytes());
    }
    let (start, count) = (archive.len() as u32, entries.len() as u16);
    archive.extend(&index);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend((index.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), step)
    });
    !sum
}

/// A workbook with a hidden sheet, a sheet `Leads` of these rows, and `Autre`.
fn workbook(rows: &str) -> Vec<u8> {
    let sheet = |rows: &str| {
        format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
             <sheetData>{rows}</sheetData></worksheet>"
        )
    };
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let book = format!(
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"{relations}\"><sheets>\
         <sheet name=\"Caché\" sheetId=\"1\" state=\"hidden\" r:id=\"r1\"/>\
         <sheet name=\"Leads\" sheetId=\"2\" r:id=\"r2\"/>\
         <sheet name=\"Autre\" sheetId=\"3\" r:id=\"r1\"/></sheets></workbook>"
    );
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let links = format!(
        "<Relationships xmlns=\"{package}\">\
         <Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"r2\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet2.xml\"/>\
         </Relationships>"
    );
    let styles = "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
        <numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"00000\"/></numFmts>\
        <fonts count=\"1\"><font/></fonts><fills count=\"1\"><fill/></fills>\
        <borders count=\"1\"><border/></borders>\
        <cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/>\
        <xf numFmtId=\"164\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>";
    let other = sheet("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Rien</t></is></c></row>");
    let root = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" \
         Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    zip(&[
        ("_rels/.rels", &root),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &links),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", &other),
        ("xl/worksheets/sheet2.xml", &sheet(rows)),
    ])
}

fn text(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn number(place: &str, style: u8, number: &str) -> String {
    format!("<c r=\"{place}\" s=\"{style}\"><v>{number}</v></c>")
}

fn leads() -> Vec<u8> {
    let header = ["Nom", "Tél", "CP", "Date", "Note"]
        .iter()
        .zip('A'..)
        .map(|(name, column)| text(&format!("{column}1"), name))
        .collect::<String>();
    let first = [
        text("A3", "Éva"),
        number("B3", 0, "6.39980123E8"),
        number("C3", 2, "1000"),
        number("D3", 1, "46348"),
    ]
    .concat();
    let last = [text("A5", "Zoé"), number("E5", 0, "12.5")].concat();
    let rows = format!(
        "<row r=\"1\">{header}</row><row r=\"3\">{first}</row>\
         <row r=\"4\"><c r=\"A4\"/></row><row r=\"5\">{last}</row>"
    );
    workbook(&rows)
}

#[test]
fn a_workbook_is_read_as_a_person_sees_it() {
    let (facts, rows) = read(leads());
    assert_eq!(facts.format, Format::Xlsx);
    assert_eq!(facts.sheet.as_deref(), Some("Leads"));
    assert_eq!(facts.other_sheets, ["Caché", "Autre"]);
    assert_eq!(
        briefs(&rows),
        [
            sound(3, "Éva|639980123|01000|2026-11-22|"),
            sound(5, "Zoé||||12.5")
        ]
    );
    assert!(rows.iter().all(|row| fault(row).is_empty()));
}

#[test]
fn a_file_is_a_workbook_whatever_its_name() {
    let mut file = tempfile::Builder::new()
        .suffix(".csv")
        .tempfile()
        .expect("a temporary file");
    file.write_all(&leads()).expect("a write");
    let reader = open(file.path(), "leads.csv", &Options::default()).expect("a workbook");
    assert_eq!(reader.count(), 2);
}

#[test]
fn a_sheet_is_chosen_by_name() {
    let options = |sheet: &str| Options {
        sheet: Some(sheet.to_owned()),
        ..Options::default()
    };
    let (facts, rows) = read_with(leads(), &options("Autre")).expect("read");
    assert_eq!((facts.sheet.as_deref(), rows.len()), (Some("Autre"), 0));
    let refused = read_with(leads(), &options("leads 2")).expect_err("no such sheet");
    assert!(
        refused
            .hint
            .is_some_and(|hint| hint.contains("Caché, Leads, Autre"))
    );
}

#[test]
fn many_rows_are_waited_for_and_may_be_left() {
    let mut rows = format!("<row r=\"1\">{}</row>", text("A1", "Nom"));
    for line in 2..3_000 {
        rows.push_str(&format!(
            "<row r=\"{line}\">{}</row>",
            text(&format!("A{line}"), "x")
        ));
    }
    let (_, all) = read(workbook(&rows));
    assert_eq!(all.len(), 2_998);
    assert_eq!(all.last().map(|row| row.line), Some(2_999));
    let stream = Box::new(std::io::Cursor::new(workbook(&rows)));
    let reader = from_stream(stream, "-", &Options::default()).expect("a workbook");
    assert_eq!(reader.take(1).count(), 1);
}

#[test]
fn a_damaged_workbook_is_told() {
    let whole = leads();
    let refused = refused(&whole[..whole.len() / 2]);
    assert!(refused.message.contains("damaged"), "{}", refused.message);
    let options = Options {
        format: Some(Format::Xlsx),
        ..Options::default()
    };
    assert!(read_with("Nom;Ville\n", &options).is_err());
}
