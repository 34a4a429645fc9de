use super::super::{Format, Options};
use super::{brief, briefs, fault, read, read_with, refused, sound};

#[test]
fn every_layout_gives_the_same_leads() {
    let layouts = [
        "[{\"nom\":\"A\",\"tel\":\"06\"},{\"nom\":\"B\",\"tel\":7}]",
        "\u{feff}[\n{\"nom\":\"A\",\"tel\":\"06\"},\n{\"nom\":\"B\",\"tel\":7}\n]\n",
        "{\"nom\":\"A\",\"tel\":\"06\"}\n{\"nom\":\"B\",\"tel\":7}\n",
        "{\"nom\":\n\"A\",\"tel\":\"06\"}\n{\"nom\":\"B\",\"tel\":7}\n",
        "{\"total\":2,\"leads\":[{\"nom\":\"A\",\"tel\":\"06\"},{\"nom\":\"B\",\"tel\":7}],\"next\":\"x\"}",
    ];
    for layout in layouts {
        let (_, rows) = read(layout);
        let cells: Vec<_> = rows.iter().map(|row| brief(row).1).collect();
        assert_eq!(cells, ["A|06", "B|7"], "{layout}");
        assert!(rows.iter().all(|row| row.fault.is_none()));
        assert!(std::sync::Arc::ptr_eq(&rows[0].header, &rows[1].header));
    }
}

#[test]
fn one_object_is_one_lead() {
    let (facts, rows) = read(
        "{\n \"nom\": \"A\",\n \"contact\": {\"email\": \"a@example.fr\"},\n \"items\": [{\"x\": 1}]\n}",
    );
    assert_eq!(facts.format, Format::Json);
    assert_eq!(rows[0].header.names, ["nom", "contact.email", "items"]);
    assert_eq!(briefs(&rows), [sound(1, "A|a@example.fr|[{\"x\": 1}]")]);
}

#[test]
fn a_broken_line_harms_no_other() {
    let (facts, rows) =
        read("{\"a\":1}\n{\"a\":2\n\n[3]\n{\"a\":\"\\u0000\"}\n{\"a\":1,\"a\":2}\n{\"a\":4}");
    assert_eq!(facts.format, Format::Jsonl);
    let sound: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.fault.is_none()))
        .collect();
    assert_eq!(
        sound,
        [
            (1, true),
            (2, false),
            (4, false),
            (5, false),
            (6, false),
            (7, true)
        ]
    );
    assert!(fault(&rows[1]).contains("line 2"), "{}", fault(&rows[1]));
    assert!(fault(&rows[2]).contains("[3]"));
    assert!(fault(&rows[3]).contains("NUL"));
    assert!(fault(&rows[4]).contains("\"a\" stands twice"));
}

#[test]
fn a_broken_element_harms_no_other() {
    let (_, rows) = read(
        "[\n  {\"a\": 1,, \"b\": 2},\n  {\"a\": \"open},\n  12,\n  {\n   \"a\": {\n  }]\n  },\n  {\"a\": 5}\n]",
    );
    let lines: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.fault.is_none()))
        .collect();
    assert_eq!(lines, [(2, false), (3, false), (5, false), (9, true)]);
    let (_, rows) = read("[{\"a\":1,{\"a\":2},{\"a\":3}]");
    let cells: Vec<_> = rows.iter().map(brief).collect();
    assert_eq!(cells.last(), Some(&sound(1, "3")));
    assert!(!cells[0].2);
}

/// A lead must not be sent in parts: what its own list holds are no leads.
#[test]
fn a_broken_lead_that_holds_a_list_is_one_row() {
    let parts = "[{\"nom\":\"B\"},{\"nom\":\"C\",\"tel\":\"0639980001\"}]";
    for name in ["data", "contacts", "leads", "other"] {
        let lead = format!("{{\"email\":\"a@example.fr\",\"{name}\":{parts},\"nom\":\"A}}");
        let broken = [
            (lead.clone(), name != "leads"),
            (
                lead.replace(",\"", ",\n\"").replace(",{", ",\n{"),
                name != "leads",
            ),
            (format!("[{lead}]"), true),
            (format!("[\n{}\n]", lead.replace(",{", ",\n{")), true),
        ];
        for (text, is_one) in broken {
            let (_, rows) = read(text.as_str());
            let sound: Vec<_> = rows.iter().filter(|row| row.fault.is_none()).collect();
            assert_eq!(sound.is_empty(), is_one, "{text}: {rows:?}");
        }
    }
}

#[test]
fn an_input_that_was_cut_is_told() {
    let (_, rows) = read("[{\"a\":1},\n{\"a\":2");
    assert_eq!(brief(&rows[0]), sound(1, "1"));
    assert!(fault(&rows[1]).contains("ends inside"));
    assert_eq!(rows.len(), 2);
    let (_, rows) = read("[{\"a\":1},\n");
    assert!(fault(&rows[1]).contains("ends before"));
}

#[test]
fn a_long_array_is_streamed_through_a_small_window() {
    let mut text = "{\"meta\":{\"page\":1},\"results\":[".to_owned();
    for number in 0..60_000 {
        text.push_str(&format!(
            "{{\"id\":{number},\"email\":\"p{number}@example.fr\"}},\n"
        ));
    }
    text.push_str("{\"id\":\"last\"}]}");
    let (_, rows) = read(text);
    assert_eq!(rows.len(), 60_001);
    assert_eq!(rows.last().map(brief), Some(sound(60_001, "last")));
}

#[test]
fn an_element_of_megabytes_harms_no_other() {
    let huge = "x".repeat(3_000_000);
    let (_, rows) = read(format!("[\n{{\"a\":\"{huge}\"}},\n{{\"a\":2}}]"));
    assert!(fault(&rows[0]).contains("1 MB"));
    assert_eq!(rows.last().map(brief), Some(sound(3, "2")));
    let (_, rows) = read(format!("{{\"a\":1}}\n{{\"a\":\"{huge}\"}}\n{{\"a\":2}}"));
    assert!(fault(&rows[1]).contains("1 MB"));
    assert_eq!(rows.last().map(brief), Some(sound(3, "2")));
}

#[test]
fn the_user_says_that_lines_are_leads() {
    let options = Options {
        format: Some(Format::Jsonl),
        ..Options::default()
    };
    let (_, rows) = read_with("oops\n{\"a\":1}", &options).expect("read");
    assert!(fault(&rows[0]).contains("isn't valid JSON"));
    assert_eq!(brief(&rows[1]), sound(2, "1"));
}

/// The cells of all rows, none of which is at fault.
fn cells(text: &str) -> Vec<String> {
    let (_, rows) = read(text);
    assert!(rows.iter().all(|row| row.fault.is_none()), "{text}");
    rows.iter().map(|row| brief(row).1).collect()
}

#[test]
fn every_page_and_every_list_of_it_is_read() {
    for pages in [
        "{\"leads\":[{\"a\":1}]}{\"leads\":[{\"a\":2}]}",
        "{\"leads\":[{\"a\":1}],\"next\":null}\n{\"leads\":[{\"a\":2}]}\n{\"leads\":[]}\n",
        "{\"leads\":[]}\n{\"leads\":[{\"a\":1},\n{\"a\":2}]}\n",
        "{\n \"page\": 1,\n \"leads\": [\n  {\"a\": 1}\n ]\n}\n{\n \"leads\": [\n  {\"a\": 2}\n ],\n \"total\": {\"n\": 2}\n}",
        "{\"new\":[{\"a\":1}],\"updated\":[{\"a\":2}]}",
        "{\"errors\":[],\"leads\":[{\"a\":1},{\"a\":2}],\"tags\":[\"]}\",[1,2]],\"more\":false}",
        "[{\"a\":1}]{\"leads\":[{\"a\":2}]}",
    ] {
        assert_eq!(cells(pages), ["1", "2"], "{pages}");
    }
    assert_eq!(cells("{\"leads\":[]}"), [""; 0]);
    let (_, rows) = read("{\n\"a\":[\n{\"x\":1}\n],\n\"b\":[\n{\"x\":2}]}\n{\"a\":[{\"x\":3}]}");
    let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [3, 6, 7]);
}

#[test]
fn leads_that_stand_alone_are_no_pages() {
    let leads = "{\n\"email\":\"a@example.fr\"}\n\n{\"nom\":\n\"B\",\"items\":[{\"x\":1}]}";
    assert_eq!(cells(leads), ["a@example.fr", "B|[{\"x\":1}]"]);
    let numbers = "{\"nom\":\"A\",\n\"tel\":639980001,\"tags\":[]}{\"nom\":\"B\",\"tags\":[]}";
    assert_eq!(cells(numbers), ["A|639980001|", "B|"]);
    let hidden = "{\"errors\":[],\n\"data\":{\"leads\":[{\"nom\":\"A\"}]}}";
    assert_eq!(cells(hidden), ["A"]);
}

#[test]
fn what_of_a_page_can_not_be_understood_is_told() {
    let page = "{\"leads\":[{\"a\":1}]";
    for (rest, told) in [
        ("", "ends before the }"),
        (",\"more\":[1,", "ends before the ]"),
        (",\"mo", "ends before the }"),
        (",\"more\":[{\"a\":2}", "ends before the ]"),
        ("}<html>", "here stands: <html>"),
    ] {
        let (_, rows) = read(format!("{page}{rest}"));
        let fault = rows.last().map(fault).unwrap_or_default();
        assert!(fault.contains(told), "{rest}: {fault}");
    }
    let lost = refused(format!("{page}\n,oops,\"more\":[{{\"a\":2}}]}}"));
    assert!(!lost.is_usage());
    assert_eq!(lost.line, Some(2));
    // What can be understood around such things is read.
    for rest in [",\"more\":[null,{\"a\":2}]}", ",\"more\":[[{\"a\":2}]]}"] {
        assert_eq!(cells(&format!("{page}{rest}")), ["1", "2"], "{rest}");
    }
}

#[test]
fn what_stands_between_lists_may_be_long() {
    let long = "\"x\\\"]\",".repeat(200_000);
    let text = format!("{{\"a\":[{{\"x\":1}}],\"long\":[{long}0],\n\"b\":[{{\"x\":2}}]}}");
    let text = text
        .replace("[\"x", "\"x")
        .replace("\"long\":\"x", "\"long\":[\"x");
    let (_, rows) = read(text);
    assert_eq!(briefs(&rows), [sound(1, "1"), sound(2, "2")]);
}

/// Each of these was a row for every byte or every element, or looked at a
/// megabyte for each.
#[test]
fn what_is_no_lead_at_all_is_one_row() {
    let many = |piece: &str| piece.repeat(1_000_000);
    for (text, line, told) in [
        (many("["), 1, "ends before the ]"),
        (format!("[]{}", many("]")), 1, "here stands: ]]]"),
        (format!("[{{}}\n]{}", many("}\n")), 2, "here stands: }"),
        (format!("[\"a\"{}]", many(",\n1")), 1, "here stands: \"a\""),
        (format!("[{{}},{}", many("1[")), 1, "ends before the ]"),
        (
            format!("{{\"a\":[{{}}],\"b\":[[1],{}", many("[1],")),
            1,
            "ends before the ]",
        ),
    ] {
        let (_, rows) = read(text.as_str());
        let last = rows.last().map(|row| (row.line, fault(row)));
        let (found, words) = last.unwrap_or_default();
        assert!(rows.len() <= 3, "{} rows of {}", rows.len(), &text[..9]);
        assert_eq!(found, line, "{words}");
        assert!(words.contains(told), "{words}");
    }
}

#[test]
fn what_is_no_object_ends_where_one_begins() {
    let (_, rows) = read("[\"a]\", 1,\n[2, \"x[\", {\"a\":1}], \"\\\"]\", 3, {\"a\":2}]");
    let cells: Vec<_> = rows.iter().map(brief).collect();
    let first = "\"a]\", 1,\n[2, \"x[\"";
    assert_eq!(cells[0], (1, first.to_owned(), false));
    assert!(cells.contains(&sound(2, "1")) && cells.contains(&sound(2, "2")));
}

#[test]
fn objects_that_are_never_closed_are_looked_at_once() {
    for (piece, text) in [
        ("{\"x\":0,\n", ""),
        ("{\"x\":[0],\n", ""),
        ("{\"x\":0,", "["),
        ("{\"x\":\",", "["),
        ("{\"x\":0,\n", "[\n"),
    ] {
        let (_, rows) = read(text.to_owned() + &piece.repeat(200_000));
        assert!(rows.iter().all(|row| row.fault.is_some()));
        assert!(rows.len() > 199_000, "{piece}: {}", rows.len());
    }
}
