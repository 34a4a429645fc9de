//! What a rejects file holds, read again as any input is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Earlier, Form, Refusal, Rejects, Syntax, Written, WrittenBefore};
use crate::input::{self, Options};
use crate::lead::{Record, State};

fn read(path: &Path) -> Vec<Record> {
    let reader = input::open(path, "x", &Options::default()).expect("an input");
    reader.map(|row| row.expect("a row")).collect()
}

/// Writes back every row of these inputs, as refused.
fn refuse(inputs: &[(&str, &[u8])]) -> (tempfile::TempDir, std::path::PathBuf) {
    let (folder, mut written) = refuse_all(inputs);
    (folder, written.remove(0).path)
}

fn refuse_all(inputs: &[(&str, &[u8])]) -> (tempfile::TempDir, Vec<Written>) {
    refuse_into("rejects.csv", inputs)
}

fn knows(path: &Path) -> bool {
    let reader = input::open(path, "x", &Options::default());
    reader.is_ok_and(|reader| reader.header().is_some_and(|header| header.names.len() > 3))
}

fn refuse_into(name: &str, inputs: &[(&str, &[u8])]) -> (tempfile::TempDir, Vec<Written>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    let mut rejects = Rejects::create(&path, knows).expect("a place");
    for (name, bytes) in inputs {
        let input = folder.path().join(name);
        std::fs::write(&input, bytes).expect("a file");
        let reader = input::open(&input, name, &Options::default()).expect("an input");
        rejects.opened(name, form(reader.facts()));
        for (row, id) in reader.zip(1..) {
            let refusal = Refusal {
                id: Some(id),
                state: State::Rejected,
                message: "=no; \"never\"\nagain",
            };
            rejects.add(&row.expect("a row"), refusal);
        }
    }
    let written = rejects.finish(None).expect("files");
    (folder, written)
}

/// As the pipeline tells it.
fn form(facts: &input::Facts) -> Form {
    Form {
        syntax: match facts.format {
            input::Format::Json => Syntax::Array,
            input::Format::Jsonl => Syntax::Lines,
            _ => Syntax::Csv,
        },
        encoding: facts.encoding.encoding.to_write(),
        marked: facts.encoding.mark > 0,
        delimiter: facts.delimiter.unwrap_or(b';'),
        crlf: facts.crlf,
        from_workbook: false,
    }
}

fn text(record: &Record) -> Vec<&str> {
    record.cells.iter().collect()
}

#[test]
fn rows_come_back_in_the_form_of_their_input() {
    let latin = b"Nom;;Note\r\nL\xE9a;x;\"=1+1;\r\n2\"\r\n'=t;;+33 6 39\r\n";
    let (_folder, path) = refuse(&[("a.csv", latin)]);
    let bytes = std::fs::read(&path).expect("a file");
    let wanted = b"Nom;;Note;leadctl_id;leadctl_state;leadctl_message\r\n\
        L\xE9a;x;\"'=1+1;\r\n2\";1;rejected;\"'=no; \"\"never\"\" again\"\r\n\
        ''=t;;+33 6 39;2;rejected;\"'=no; \"\"never\"\" again\"\r\n";
    assert_eq!(
        String::from_utf8_lossy(&bytes),
        String::from_utf8_lossy(wanted)
    );
    let rows = read(&path);
    assert_eq!(text(&rows[0])[..4], ["Léa", "x", "=1+1;\r\n2", "1"]);
    assert_eq!(text(&rows[1])[..3], ["'=t", "", "+33 6 39"]);
}

#[test]
fn sixteen_bits_and_tabs_stay() {
    let mut bytes = b"\xFF\xFE".to_vec();
    bytes.extend(
        "Nom\tVille\nÉva\t東京\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    let (_folder, path) = refuse(&[("a.csv", &bytes)]);
    let back = std::fs::read(&path).expect("a file");
    assert_eq!(back[..4], [0xFF, 0xFE, b'N', 0]);
    assert_eq!(text(&read(&path)[0])[..3], ["Éva", "東京", "1"]);
}

#[test]
fn json_stays_json() {
    let (_folder, path) = refuse(&[("a.json", b"[{\"a\":1,\"b\":{\"c\":\"=x\"}}]")]);
    let back = std::fs::read_to_string(&path).expect("a file");
    assert!(
        back.starts_with("[\n{\"a\":\"1\",\"b.c\":\"=x\",\"leadctl_id\":1,"),
        "{back}"
    );
    let (_folder, path) = refuse(&[("a.jsonl", b"{\"a\":1}\n{\"a\":\n")]);
    let rows = read(&path);
    assert_eq!((rows.len(), text(&rows[0])[0]), (2, "1"));
    assert_eq!(rows[1].header.names[0], "column 1");
}

#[test]
fn rows_of_one_shape_share_a_file() {
    let (_folder, written) = refuse_all(&[
        ("a.csv", b"Nom;Ville\nA;B\n"),
        ("b.csv", b"Ville,Nom\nC,D\n"),
        ("c.csv", "Nom,Ville\nÉ,F\n".as_bytes()),
        ("d.json", b"[{\"Nom\":\"G\"},{\"Ville\":\"H\"}]"),
        ("e.csv", b"Nom;Ville\nA;\"open\n"),
    ]);
    let names = |written: &Written| {
        let name = written.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let told: Vec<_> = written.iter().map(names).collect();
    assert_eq!(told, ["rejects.csv", "rejects-2.csv", "rejects-3.json"]);
    let rows = read(&written[0].path);
    let cells: Vec<_> = rows.iter().map(|row| text(row)[..2].to_vec()).collect();
    assert_eq!(cells, [["A", "B"], ["É", "F"], ["A", "\"open"]]);
    assert_eq!(
        read(&written[1].path)[0].header.names[..2],
        ["Ville", "Nom"]
    );
    let objects = read(&written[2].path);
    assert_eq!(objects[0].header.names[..2], ["Nom", "leadctl_id"]);
    assert_eq!(objects[1].header.names[0], "Ville");
}

/// A workbook has a sheet for each set of columns, whatever its rows came from.
#[test]
fn a_workbook_holds_text_alone() {
    let (_folder, written) = refuse_into(
        "r.xlsx",
        &[
            (
                "a.csv",
                b"Nom;CP;=x\n_x0041_ \x01;01000;=1+1\n'=t;;0639980001;plus\n",
            ),
            ("b.json", b"[{\"Nom\":\"  G\\n2\"}]"),
        ],
    );
    assert_eq!((written.len(), written[0].rows), (1, 3));
    let sheet = |name: &str| {
        let options = Options {
            sheet: Some(name.to_owned()),
            ..Options::default()
        };
        let reader = input::open(&written[0].path, "x", &options).expect("a sheet");
        let names = reader.header().expect("a header").names.clone();
        let rows = reader.map(|row| row.expect("a row"));
        let cells = rows.map(|row| row.cells.iter().map(str::to_owned).collect::<Vec<_>>());
        (names, cells.collect::<Vec<_>>())
    };
    let (names, rows) = sheet("a");
    let ours = [
        "leadctl_message",
        "Nom",
        "CP",
        "'=x",
        "",
        "leadctl_id",
        "leadctl_state",
    ];
    assert_eq!(names, ours);
    let message = "=no; \"never\" again";
    assert_eq!(
        rows[0],
        [
            message,
            "_x0041_ \u{1}",
            "01000",
            "=1+1",
            "",
            "1",
            "rejected"
        ]
    );
    assert_eq!(
        rows[1],
        [message, "'=t", "", "0639980001", "plus", "2", "rejected"]
    );
    assert_eq!(sheet("b").1, [[message, "  G\n2", "1", "rejected"]]);
}

#[test]
fn a_row_that_does_not_fit_still_does_not() {
    let (_folder, path) = refuse(&[("a.csv", b"a;b\n1;2;3;4\n")]);
    let rows = read(&path);
    assert!(rows[0].fault.is_some());
    assert_eq!(text(&rows[0]).last(), Some(&"4"));
}

#[test]
fn a_rejects_file_of_a_rejects_file_has_our_columns_once() {
    let (_folder, path) = refuse(&[(
        "a.csv",
        b"a;leadctl_id;leadctl_state;leadctl_message\n'=1;9;invalid;no\n",
    )]);
    let rows = read(&path);
    assert_eq!(rows[0].header.names.len(), 4);
    assert_eq!(text(&rows[0])[..2], ["=1", "1"]);
}

#[test]
fn nothing_is_lost_by_writing() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = folder.path().join("export.csv");
    std::fs::write(&export, "Nom\nA\n").expect("a file");
    assert!(Rejects::create(&export, knows).is_err());
    assert!(Rejects::create(&folder.path().join("r.xls"), knows).is_err());
    assert!(Rejects::create(folder.path(), knows).is_err());
    assert!(Rejects::create(Path::new("-"), knows).is_err());
    assert!(Rejects::create(&folder.path().join("no/r.csv"), knows).is_err());

    let path = folder.path().join("r.csv");
    let empty = Rejects::create(&path, knows).expect("a place");
    assert_eq!(empty.finish(None).expect("nothing"), []);
    assert!(!path.exists());
    let record = read(&export).remove(0);
    let record = Record {
        file: Arc::clone(&record.file),
        ..record
    };
    let memory = Remembering::default();
    let write = |message: &str| {
        let mut rejects = Rejects::create(&path, knows).expect("a place");
        let refusal = Refusal {
            id: None,
            state: State::Invalid,
            message,
        };
        rejects.add(&record, refusal);
        rejects.finish(Some(&memory)).expect("a file").remove(0)
    };
    assert_eq!(write("no").earlier, Earlier::None);
    assert_eq!(write("no").earlier, Earlier::Same);
    assert!(matches!(write("never").earlier, Earlier::Kept(_)));
    std::fs::write(&path, "Nom;leadctl_id\nB;1\n").expect("a correction");
    let Earlier::Changed(changed) = write("never").earlier else {
        panic!("it was changed");
    };
    assert!(changed.ends_with("r-corrected.csv"), "{changed:?}");
    assert!(std::fs::read_to_string(changed).is_ok_and(|text| text.contains("B;1")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let about = std::fs::metadata(&path).expect("a file");
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 4);
}

#[derive(Default)]
struct Remembering(RefCell<HashMap<PathBuf, Vec<u8>>>);

impl WrittenBefore for Remembering {
    fn mark(&self, path: &Path) -> Option<Vec<u8>> {
        self.0.borrow().get(path).cloned()
    }

    fn keep(&self, path: &Path, mark: &[u8]) {
        self.0.borrow_mut().insert(path.to_owned(), mark.to_owned());
    }
}
