//! Tables in every shape that JSON gives them: the same cells.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::super::Format;
use super::super::Options;
use super::{brief, fault, read, read_with, refused, sound};

const NAMES: [&str; 3] = ["nom", "e-mail", "tél"];

/// A table in a shape, and whether the shape needs several rows.
fn shapes(rows: &[Vec<String>]) -> Vec<(&'static str, String, bool)> {
    let object = |row: &Vec<String>| {
        let cells = NAMES.iter().zip(row);
        let cells = cells.map(|(name, cell)| ((*name).to_owned(), json!(cell)));
        Json::Object(cells.collect())
    };
    let objects: Vec<Json> = rows.iter().map(object).collect();
    let lines = |values: &[Json]| {
        let lines = values.iter().map(|value| format!("{value}\n"));
        lines.collect::<String>()
    };
    let lists: Vec<Json> = rows.iter().map(|row| json!(row)).collect();
    let with_names: Vec<Json> = [vec![json!(NAMES)], lists.clone()].concat();
    let column = |at: usize| rows.iter().map(move |row| json!(row[at]));
    let by_column = |of: &dyn Fn(usize) -> Json| {
        let columns = NAMES.iter().enumerate();
        let columns = columns.map(|(at, name)| ((*name).to_owned(), of(at)));
        Json::Object(columns.collect())
    };
    let numbered = |values: &mut dyn Iterator<Item = Json>, id: &str| {
        let members = values.enumerate();
        let members = members.map(|(at, value)| (format!("{id}{at}"), value));
        Json::Object(members.collect::<Map<_, _>>())
    };
    let turned: Vec<Json> = (0..NAMES.len())
        .map(|at| {
            Json::Array(
                std::iter::once(json!(NAMES[at]))
                    .chain(column(at))
                    .collect(),
            )
        })
        .collect();
    let pretty = |value: &Json| serde_json::to_string_pretty(value).expect("JSON");
    let pretty_lines: String = objects.iter().map(|it| pretty(it) + "\n").collect();
    let index: Vec<usize> = (0..rows.len()).collect();
    let items = objects.clone();
    vec![
        ("objects", json!(objects).to_string(), false),
        ("objects, one a line", lines(&objects), false),
        ("objects over several lines", pretty_lines, false),
        (
            "a page",
            json!({"total": 2, "items": items}).to_string(),
            false,
        ),
        (
            "a page in a page",
            pretty(&json!({"status": "ok", "data": {"leads": objects}})),
            false,
        ),
        (
            "pages in a list",
            json!([{"leads": objects}]).to_string(),
            false,
        ),
        ("lists", json!(with_names).to_string(), false),
        (
            "lists over several lines",
            pretty(&json!(with_names)),
            false,
        ),
        ("lists, one a line", lines(&with_names), false),
        (
            "a sheet's values",
            json!({"range": "Leads!A1:C99", "majorDimension": "ROWS", "values": with_names})
                .to_string(),
            false,
        ),
        (
            "a sheet's columns",
            json!({"range": "Leads!A1:C99", "majorDimension": "COLUMNS", "values": turned})
                .to_string(),
            false,
        ),
        (
            "split",
            json!({"columns": NAMES, "index": index, "data": lists}).to_string(),
            false,
        ),
        (
            "named columns",
            pretty(
                &json!({"data": {"rows": lists, "cols": NAMES.map(|name| json!({"name": name}))}}),
            ),
            false,
        ),
        (
            "by column",
            by_column(&|at| numbered(&mut column(at), "")).to_string(),
            false,
        ),
        (
            "by column and id",
            by_column(&|at| numbered(&mut column(at), "id-")).to_string(),
            false,
        ),
        (
            "lists by column",
            by_column(&|at| column(at).collect()).to_string(),
            true,
        ),
        (
            "by index",
            numbered(&mut objects.clone().into_iter(), "").to_string(),
            true,
        ),
        (
            "by id",
            pretty(&numbered(&mut objects.into_iter(), "-Mx")),
            true,
        ),
    ]
}

proptest! {
    #[test]
    fn every_shape_gives_the_same_cells(
        cells in prop::collection::vec(["\\PC{0,6}", "[a-z]{1,4}@example\\.fr", "[\"\\\\\\]\\[{},:\n é]{0,6}"], 1..6),
    ) {
        // A blank row is none, so each row is numbered.
        let rows = cells.into_iter().enumerate();
        let rows: Vec<Vec<String>> =
            rows.map(|(at, [a, b, c])| vec![format!("{at} {a}"), b, c]).collect();
        for (shape, text, needs_several) in shapes(&rows) {
            if needs_several && rows.len() < 2 {
                continue;
            }
            let (_, read) = read(text.as_str());
            let read: Vec<(Vec<&str>, Vec<&str>, &str)> = read
                .iter()
                .map(|row| {
                    let names = row.header.names.iter().map(String::as_str);
                    (names.collect(), row.cells.iter().collect(), fault(row))
                })
                .collect();
            let wanted: Vec<(Vec<&str>, Vec<&str>, &str)> = rows
                .iter()
                .map(|row| (NAMES.to_vec(), row.iter().map(String::as_str).collect(), ""))
                .collect();
            prop_assert_eq!(read, wanted, "{}: {}", shape, text);
        }
    }
}

#[test]
fn rows_of_a_sheet_may_be_short_or_blank_and_not_too_long() {
    let (_, rows) = read(
        "{\"values\":[\n[\"nom\",\"tel\",\"\"],\n[\"A\"],\n[],\n[\"\",\"\"],\n[\"B\",\"06\",\"\",\"x\"],\n[\"C\",7]]}",
    );
    let cells: Vec<_> = rows.iter().map(brief).collect();
    assert_eq!(
        cells,
        [
            sound(3, "A|"),
            (6, "B|06||x".to_owned(), false),
            sound(7, "C|7")
        ]
    );
    assert!(fault(&rows[1]).contains("4 cells where the table has 2 columns"));
}

#[test]
fn a_broken_row_harms_no_other() {
    for text in [
        "[[\"nom\",\"tel\"],\n[\"A\",\"1\"],\n[\"B,\"2\"],\n[\"C\",\"3\"]]",
        "[[\"nom\",\"tel\"],[\"A\",\"1\"],[\"B\",,\"2\"],[\"C\",\"3\"]]",
        "{\"columns\":[\"nom\",\"tel\"],\"data\":[\n[\"A\",\"1\"],\n12,\n[\"C\",\"3\"]]}",
        "[\"nom\",\"tel\"]\n[\"A\",\"1\"]\n{\"B\":2}\n[\"C\",\"3\"]\n",
    ] {
        let (_, rows) = read(text);
        let sound: Vec<_> = rows
            .iter()
            .filter(|row| row.fault.is_none())
            .map(brief)
            .collect();
        let cells: Vec<&str> = sound.iter().map(|(_, cells, _)| cells.as_str()).collect();
        assert_eq!(cells, ["A|1", "C|3"], "{text}: {rows:?}");
        assert_eq!(rows.len(), 3, "{text}: {rows:?}");
    }
}

#[test]
fn a_table_without_names_is_refused() {
    for text in [
        "[[\"A\",\"a@example.fr\"],[\"B\",\"b@example.fr\"]]",
        "{\"values\":[[\"A\",\"0639980001\"]]}",
    ] {
        assert!(
            refused(text)
                .to_string()
                .contains("column names are missing")
        );
    }
    assert!(
        refused("[[\"nom\",,],[\"A\"]]")
            .to_string()
            .contains("column names can't be read")
    );
}

#[test]
fn a_table_by_rows_is_streamed_and_one_by_columns_has_a_limit() {
    let count = 60_000;
    let rows = |row: &dyn Fn(usize) -> String| (0..count).map(row).collect::<Vec<_>>().join(",\n");
    let lists = rows(&|at| format!("[\"p{at}\",\"p{at}@example.fr\"]"));
    let ids = rows(&|at| at.to_string());
    let objects = |key: &dyn Fn(usize) -> String| {
        rows(&|at| {
            format!(
                "{}{{\"nom\":\"p{at}\",\"e-mail\":\"p{at}@example.fr\"}}",
                key(at)
            )
        })
    };
    for text in [
        format!("[[\"nom\",\"e-mail\"],{lists}]"),
        format!("{{\"columns\":[\"nom\",\"e-mail\"],\"index\":[{ids}],\"data\":[{lists}]}}"),
        format!("{{{}}}", objects(&|at| format!("\"-M{at}\":"))),
        format!(
            "{{\"data\":{{\"leads\":[{}]}}}}",
            objects(&|_| String::new())
        ),
    ] {
        let (_, rows) = read(text.as_str());
        assert!(
            rows.iter().all(|row| row.fault.is_none()),
            "{}",
            &text[..60]
        );
        assert_eq!(rows.len(), count, "{}", &text[..60]);
        let last = rows.last().map(|row| brief(row).1);
        assert_eq!(last.as_deref(), Some("p59999|p59999@example.fr"));
    }
    let columns = |count| {
        let column = (0..count).map(|at| format!("\"{at}\":\"p{at}@example.fr\""));
        format!(
            "{{\"e-mail\":{{{}}}}}",
            column.collect::<Vec<_>>().join(",")
        )
    };
    assert_eq!(read(columns(80_000)).1.len(), 80_000);
    let long = refused(columns(200_000));
    assert!(long.to_string().contains("column by column"), "{long}");
}

#[test]
fn lines_of_objects_that_go_on_are_leads_and_a_broken_one_harms_no_other() {
    let options = Options {
        format: Some(Format::Jsonl),
        ..Options::default()
    };
    let text = "{\"a\":1}\n{\n  \"a\": 2,\n  \"b\": [\n    {\n      \"x\": 1\n    }\n  ]\n}\n{\"a\":3\n{\"a\":\n  {\"b\": 4}}\n{\n  \"a\": 5,,\n}\n{\"a\":6}\n";
    let (_, rows) = read_with(text, &options).expect("read");
    let lines: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.fault.is_none()))
        .collect();
    assert_eq!(
        lines,
        [
            (1, true),
            (2, true),
            (10, false),
            (11, true),
            (13, false),
            (16, true)
        ],
        "{rows:?}"
    );
    assert_eq!(rows[3].header.names, ["a.b"]);
}
