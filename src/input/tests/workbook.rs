use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::super::{Format, KnownHeaders, Options, from_stream, open};
use super::{briefs, fault, read, read_with, refused, sound};

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        let options = SimpleFileOptions::default();
        archive.start_file(*name, options).expect("an entry");
        archive.write_all(text.as_bytes()).expect("a write");
    }
    archive.finish().expect("an archive").into_inner()
}

/// A workbook with a hidden sheet, a sheet `Leads` of these rows, and `Autre`.
fn workbook(rows: &str) -> Vec<u8> {
    workbook_of(rows, "", "")
}

/// The same, with these shared texts, and what the workbook says of itself.
fn workbook_of(rows: &str, texts: &str, about: &str) -> Vec<u8> {
    let sheet = |rows: &str| {
        format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
             <sheetData>{rows}</sheetData></worksheet>"
        )
    };
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let book = format!(
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"{relations}\">{about}<sheets>\
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
        ("xl/sharedStrings.xml", &format!("<sst>{texts}</sst>")),
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
    assert_eq!(facts.sheets, ["Leads"]);
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

/// A title that is narrower than its table doesn't draw the cells together.
#[test]
fn a_title_above_the_table_is_no_header() {
    let cell = |place: &str| text(place, place);
    let row = |line: u32, cells: &[&str]| {
        let cells: String = cells
            .iter()
            .map(|at| cell(&format!("{at}{line}")))
            .collect();
        format!("<row r=\"{line}\">{cells}</row>")
    };
    let rows = [
        row(1, &["A"]),
        row(3, &["A"]),
        row(4, &["B", "C", "D", "E"]),
    ];
    let leads = [row(5, &["B", "E"]), row(60, &["C", "E", "XFD"])];
    let known = KnownHeaders::new(|name| name.ends_with('4'));
    let options = Options {
        known: Some(known),
        ..Options::default()
    };
    let (facts, found) = read_with(
        workbook(&[rows.concat(), leads.concat()].concat()),
        &options,
    )
    .expect("a workbook");
    assert_eq!(facts.header_line, Some(4));
    assert_eq!(facts.above, ["A1", "A3"]);
    assert_eq!(
        briefs(&found),
        [sound(5, "|B5|||E5"), sound(60, "||C60||E60|XFD60")]
    );
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
    assert_eq!((&*facts.sheets[0], rows.len()), ("Autre", 0));
    let refused = read_with(leads(), &options("leads 2")).expect_err("no such sheet");
    assert!(
        refused
            .hint()
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
    let stream = Box::new(Cursor::new(workbook(&rows)));
    let reader = from_stream(stream, "-", &Options::default()).expect("a workbook");
    assert_eq!(reader.take(1).count(), 1);
}

/// A sheet of one column `Nom` with these cells.
fn column(cells: &[&str], texts: &str, about: &str) -> Vec<u8> {
    let mut rows = format!("<row r=\"1\">{}</row>", text("A1", "Nom"));
    for (cell, line) in cells.iter().zip(2..) {
        let cell = cell.replace("<c", &format!("<c r=\"A{line}\""));
        rows.push_str(&format!("<row r=\"{line}\">{cell}</row>"));
    }
    workbook_of(&rows, texts, about)
}

fn shown(workbook: Vec<u8>) -> Vec<String> {
    let (_, rows) = read(workbook);
    rows.iter()
        .map(|row| row.cells.as_slice().to_owned())
        .collect()
}

#[test]
fn texts_that_cells_share_are_read() {
    let texts = "<si><t>Éva</t></si>\
        <si><r><t xml:space=\"preserve\">Marie </t></r><r><rPr><b/></rPr><t>Zoé</t></r></si>\
        <si><t>李</t><rPh sb=\"0\" eb=\"1\"><t>り</t></rPh><phoneticPr/></si>\
        <si><t> A &amp; B&#233;_x0021_ </t></si><si/>";
    let cells = [3, 0, 2, 1, 0].map(|index| format!("<c t=\"s\"><v>{index}</v></c>"));
    let cells = cells.each_ref().map(String::as_str);
    assert_eq!(
        shown(column(&cells, texts, "")),
        ["A & Bé!", "Éva", "李", "Marie Zoé", "Éva"]
    );
}

#[test]
fn every_kind_of_cell_is_read() {
    let cells = [
        "<c t=\"b\"><v>1</v></c>",
        "<c t=\"b\"><v>0</v></c>",
        "<c t=\"e\"><v>#N/A</v></c>",
        "<c t=\"str\"><f>A1&amp;\"x\"</f><v> a&lt;b </v></c>",
        "<c t=\"d\"><v>2026-11-22T00:00:00</v></c>",
        "<c t=\"n\"><v>06</v></c>",
        "<c><v>douze</v></c>",
        "<c t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r></is></c>",
        "<c s=\"1\"><f>TODAY()</f><v>46348</v></c>",
        "<c s=\"1\"><v>639980123</v></c>",
    ];
    let seen = [
        "true",
        "false",
        "#N/A",
        " a<b ",
        "2026-11-22T00:00:00",
        "6",
        "douze",
        "ab",
        "2026-11-22",
        "639980123",
    ];
    assert_eq!(shown(column(&cells, "", "")), seen);
}

#[test]
fn days_may_be_counted_from_1904_on() {
    let cells = ["<c s=\"1\"><v>44886</v></c>"];
    let about = "<workbookPr date1904=\"1\"/>";
    assert_eq!(shown(column(&cells, "", about)), ["2026-11-22"]);
}

#[test]
fn cells_may_leave_out_where_they_are() {
    let rows = "<row><c t=\"str\"><v>Nom</v></c><c t=\"str\"><v>Ville</v></c></row>\
        <row><c t=\"str\"><v>Éva</v></c><c t=\"str\"><v>Lyon</v></c></row>\
        <row r=\"7\"><c/><c t=\"str\"><v>Nice</v></c></row>";
    let (_, rows) = read(workbook(rows));
    assert_eq!(briefs(&rows), [sound(2, "Éva|Lyon"), sound(7, "|Nice")]);
}

#[test]
fn a_cell_that_makes_no_sense_is_damage() {
    for cell in [
        "<c t=\"s\"><v>1</v></c>",
        "<c t=\"b\"><v>2</v></c>",
        "<c t=\"z\"><v>2</v></c>",
        "<c t=\"str\"><v>&nbsp;</v></c>",
        "<c t=\"str\"><v>a</c>",
    ] {
        let refused = read_with(
            column(&[cell], "<si><t>x</t></si>", ""),
            &Options::default(),
        );
        let refused = refused.expect_err(cell);
        assert!(refused.to_string().contains("damaged"), "{cell}: {refused}");
    }
    let twice = "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>x</v></c></row>".repeat(2);
    let back = "<row r=\"2\"><c r=\"B2\"><v>1</v></c><c r=\"A2\"><v>2</v></c></row>";
    for rows in [
        twice.as_str(),
        back,
        "<row r=\"2\"><c r=\"A1\"><v>1</v></c></row>",
    ] {
        let header = format!(
            "<row r=\"1\">{}{}</row>",
            text("A1", "Nom"),
            text("B1", "Ville")
        );
        let fatal = refused(workbook(&format!("{header}{rows}")));
        assert!(fatal.to_string().contains("damaged"), "{rows}: {fatal}");
    }
    let far = workbook("<row r=\"1\"><c r=\"ZZZ1\" t=\"str\"><v>Nom</v></c></row>");
    assert!(refused(far).to_string().contains("damaged"));
}

/// The same workbook with other texts in its parts, and not compressed.
pub(super) fn rewritten<T: AsRef<[u8]>>(workbook: Vec<u8>, change: impl Fn(&str) -> T) -> Vec<u8> {
    let mut parts = ZipArchive::new(Cursor::new(workbook)).expect("an archive");
    let mut other = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for index in 0..parts.len() {
        let mut part = parts.by_index(index).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).expect("a text");
        other.start_file(name, options).expect("an entry");
        other.write_all(change(&text).as_ref()).expect("a write");
    }
    other.finish().expect("an archive").into_inner()
}

/// Only the checksum at a part's end tells that a digit was changed.
#[test]
fn a_changed_digit_is_damage() {
    let whole = column(&["<c t=\"str\"><v>06 39 98 00 00</v></c>"], "", "");
    let mut stored = rewritten(whole, str::to_owned);
    assert_eq!(shown(stored.clone()), ["06 39 98 00 00"]);
    let place = memchr::memmem::find(&stored, b"06 39 98").expect("the number");
    stored[place + 1] = b'7';
    assert!(refused(stored).to_string().contains("damaged"));
}

#[test]
fn rows_before_a_damage_are_read_and_none_is_cut_off() {
    let rows = format!(
        "<row r=\"1\">{}{}</row><row r=\"2\">{}</row>\
         <row r=\"3\">{3}{3}</row>",
        text("A1", "Nom"),
        text("B1", "Tél"),
        text("A2", "Éva"),
        text("A3", "Zoé")
    );
    let stream = Box::new(Cursor::new(workbook(&rows)));
    let reader = from_stream(stream, "-", &Options::default()).expect("a workbook");
    let rows: Vec<_> = reader.collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].as_ref().is_ok_and(|row| row.line == 2));
    assert!(rows[1].is_err());
}

#[test]
fn a_formula_that_was_never_calculated_is_told() {
    let cells = [
        "<c><f>1+1</f></c>",
        "<c><f>1+1</f><v/></c>",
        "<c t=\"str\"><f>B1</f><v></v></c>",
        "<c><f>1-1</f><v>0</v></c>",
        "<c><v>0</v></c>",
    ];
    let seen = shown(column(&cells, "", ""));
    assert_eq!(seen, ["#CALC!", "#CALC!", "0", "0"]);
    // XlsxWriter leaves it to Excel, and says so.
    let seen = shown(column(&cells, "", "<calcPr fullCalcOnLoad=\"1\"/>"));
    assert_eq!(seen, ["#CALC!", "#CALC!", "#CALC!", "0"]);
}

#[test]
fn cells_beyond_the_columns_take_no_room() {
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\">{}{}</row>",
        text("A1", "Nom"),
        text("A2", "Éva"),
        text("XFD2", "note")
    );
    let (_, rows) = read(workbook(&rows));
    assert_eq!(rows[0].cells.len(), 2);
    assert_eq!(rows[0].cells.get(1), Some("note"));
}

#[test]
fn a_row_that_is_too_long_is_told() {
    let cells: String = ('A'..='Z')
        .map(|column| text(&format!("{column}2"), &"x".repeat(100_000)))
        .collect();
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\">{cells}</row>",
        text("A1", "Nom")
    );
    let (_, rows) = read(workbook(&rows));
    assert!(
        fault(&rows[0]).contains("longer than 1 MB"),
        "{}",
        fault(&rows[0])
    );
    let cell = format!("<c t=\"str\"><v>{}</v></c>", "x".repeat(2 << 20));
    let (_, rows) = read(column(&[&cell], "", ""));
    assert!(
        fault(&rows[0]).contains("longer than 256 kB"),
        "{}",
        fault(&rows[0])
    );
}

#[test]
fn a_sheet_whose_part_is_missing_is_no_other_sheet() {
    let other = rewritten(leads(), |text| text.replace("Id=\"r2\"", "Id=\"r9\""));
    let refused = refused(other).to_string();
    assert!(refused.contains("lists the sheet \"Leads\""), "{refused}");
}

#[test]
fn a_document_of_another_program_is_no_workbook() {
    let other = rewritten(leads(), |text| {
        text.replace("<workbook", "<document")
            .replace("</workbook", "</document")
    });
    assert!(refused(other).to_string().contains("damaged"));
}

#[test]
fn an_old_workbook_is_told_though_it_is_said_to_be_a_new_one() {
    let options = Options {
        format: Some(Format::Xlsx),
        ..Options::default()
    };
    let old = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1].repeat(100);
    let refused = read_with(old, &options).expect_err("no workbook");
    assert!(refused.to_string().contains("(.xls)"), "{}", refused);
}

#[test]
fn a_damaged_workbook_is_told() {
    let whole = leads();
    let refused = refused(&whole[..whole.len() / 2]);
    assert!(refused.to_string().contains("damaged"), "{}", refused);
    let options = Options {
        format: Some(Format::Xlsx),
        ..Options::default()
    };
    assert!(read_with("Nom;Ville\n", &options).is_err());
}

#[test]
fn an_empty_sheet_holds_no_leads_and_the_others_are_named() {
    let (facts, rows) = read(workbook(""));
    assert!(facts.empty && rows.is_empty());
    assert_eq!(facts.sheets_with_rows, ["Caché", "Autre"]);
    let blank = workbook(&format!("<row r=\"1\">{}</row>", text("A1", " ")));
    let (facts, rows) = read(blank);
    assert!(facts.empty && rows.is_empty());
    let (facts, _) = read(leads());
    assert!(facts.sheets_with_rows.is_empty());
}
