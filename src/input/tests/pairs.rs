//! Leads as lists of names and values, by the sources that ship.

use std::sync::Arc;

use super::super::{KnownHeaders, Options};
use super::{brief, fault, read_with};
use crate::config::Catalogue;
use crate::lead::Record;

fn options(user: &str) -> Options {
    let catalogue = Catalogue::load(Some(("test.toml", user))).expect("a catalogue");
    let known = ["FIRST_NAME", "EMAIL", "CITY", "Prénom", "email"];
    Options {
        sources: catalogue
            .sources
            .into_iter()
            .filter(|it| it.pairs.is_some())
            .collect(),
        known: Some(KnownHeaders::new(move |name| known.contains(&name))),
        ..Options::default()
    }
}

fn rows(text: &str) -> Vec<Record> {
    read_with(text, &options("")).expect("read").1
}

/// The cells by name.
fn cells(row: &Record) -> Vec<(&str, &str)> {
    assert_eq!(fault(row), "", "{row:?}");
    let names = row.header.names.iter().map(String::as_str);
    names.zip(row.cells.iter()).collect()
}

fn sources(rows: &[Record]) -> Vec<&str> {
    let sources = rows.iter().map(|row| row.header.source.as_deref());
    sources.map(Option::unwrap_or_default).collect()
}

fn meta(number: u32) -> String {
    format!(
        r#"{{"id":"{number}","field_data":[{{"name":"email","values":["p{number}@example.fr"]}},{{"name":"bien","values":["t3","t4"]}}]}}"#
    )
}

#[test]
fn a_page_an_object_and_a_webhook_give_the_same_lead() {
    let (one, two) = (meta(1), meta(2));
    let change = |lead: &str| {
        format!(
            "{{\"id\":\"9\",\"time\":1794818531,\"changes\":[{{\"field\":\"leadgen\",\"value\":{lead}}}]}}"
        )
    };
    for text in [
        format!("{{\"data\":[{one},\n{two}],\"paging\":{{}}}}"),
        format!("[{{\"data\":[{one}]}},{{\"data\":[{two}]}}]"),
        format!("{{\"account\":\"Atelier\",\"data\":[{one},{two}]}}"),
        format!("{{\"data\":{{\"data\":[{one},{two}]}}}}"),
        format!("[{one},{two}]"),
        format!("{one}\n{two}\n"),
        format!(
            "{{\"object\":\"page\",\"entry\":[{},{}]}}",
            change(&one),
            change(&two)
        ),
        format!(
            "{{\"object\":\"page\",\"entry\":[{{\"id\":\"9\",\"changes\":[{{\"value\":{one}}},{{\"value\":{two}}}]}}]}}"
        ),
    ] {
        let rows = rows(&text);
        assert_eq!(sources(&rows), ["meta_graph"; 2], "{text}");
        let expected = [("id", "1"), ("email", "p1@example.fr"), ("bien", "t3, t4")];
        assert_eq!(cells(&rows[0]), expected, "{text}");
        assert!(Arc::ptr_eq(&rows[0].header, &rows[1].header));
    }
    let alone = rows(r#"{"field_data":[{"name":"email","values":["a@example.fr"]}]}"#);
    assert_eq!(cells(&alone[0]), [("email", "a@example.fr")]);
}

#[test]
fn a_broken_lead_harms_no_other() {
    let text = format!(
        "{{\"data\":[\n{},\n{},\n{}\n]}}",
        meta(1),
        meta(2).replace("\"values\"", "values"),
        meta(3)
    );
    let rows = rows(&text);
    let lines: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.fault.is_none()))
        .collect();
    assert_eq!(lines, [(2, true), (3, false), (4, true)]);
    let text = "{\"object\":\"page\",\"entry\":[{\"id\":\"9\",\"changes\":[\n{\"value\":{\"leadgen_id\":\"5\"}},\n{\"value\":LEAD}]}]}";
    let rows = self::rows(&text.replace("LEAD", &meta(1)));
    assert!(fault(&rows[0]).contains("only the notice"), "{rows:?}");
    assert_eq!((rows[0].line, rows[1].line), (2, 3));
    assert_eq!(cells(&rows[1])[1], ("email", "p1@example.fr"));
}

#[test]
fn what_a_column_may_be_called_names_an_answer() {
    let text = r#"{"lead_id":"7","is_test":true,"user_column_data":[
        {"column_name":"City of the garage","column_id":"CITY","string_value":"Lyon"},
        {"column_name":"What?","column_id":"QUESTION_1","string_value":"x"},
        {"column_id":"FIRST_NAME","string_value":"Léa"},
        {"column_name":"What?","column_id":"QUESTION_2","string_value":"y"}]}"#;
    let rows = rows(text);
    assert_eq!(sources(&rows), ["google_ads"]);
    assert!(rows[0].is_test);
    let expected = [
        ("lead_id", "7"),
        ("is_test", "true"),
        ("CITY", "Lyon"),
        ("What?", "x"),
        ("FIRST_NAME", "Léa"),
        ("QUESTION_2", "y"),
    ];
    assert_eq!(cells(&rows[0]), expected);
    assert!(!self::rows(&text.replace("true", "false"))[0].is_test);
}

#[test]
fn questions_and_choices_are_told_in_words() {
    let text = r#"{"elements":[{"id":"a","testLead":false,
        "formResponse":{"answers":[
            {"questionId":1,"answerDetails":{"textQuestionAnswer":{"answer":"Léa"}}},
            {"questionId":2,"answerDetails":{"multipleChoiceAnswer":{"options":[1,3]}}},
            {"questionId":3,"answerDetails":{"textQuestionAnswer":{"answer":"x"}}}]},
        "form":{"name":"F","content":{"questions":[
            {"questionId":1,"predefinedField":"FIRST_NAME"},
            {"questionId":2,"name":"Cours","questionDetails":{"multipleChoiceQuestionDetails":{"options":[
                {"id":1,"text":{"localized":{"fr_FR":"Anglais"}}},{"id":3,"text":{"localized":{"fr_FR":"Excel"}}}]}}}]}}}]}"#;
    let rows = rows(text);
    assert_eq!(sources(&rows), ["linkedin"]);
    assert!(!rows[0].is_test);
    let expected = [
        ("id", "a"),
        ("testLead", "false"),
        ("form.name", "F"),
        ("FIRST_NAME", "Léa"),
        ("Cours", "Anglais, Excel"),
        ("3", "x"),
    ];
    assert_eq!(cells(&rows[0]), expected);
}

#[test]
fn an_answer_stands_under_a_key_of_its_type() {
    let text = r#"{"event_id":"e","form_response":{"token":"t","definition":{"title":"T","fields":[
        {"id":"1","ref":"r1","title":"Prénom"},{"id":"2","ref":"email","title":"Où ?"}]},"answers":[
        {"type":"text","text":"Léa","field":{"id":"1","ref":"r1"}},
        {"type":"email","email":"a@example.fr","field":{"id":"2","ref":"email"}},
        {"type":"choice","choice":{"label":"Non","id":"c"},"field":{"id":"3","ref":"r3"}},
        {"type":"choices","choices":{"ids":["c","d"],"labels":["A","B"]},"field":{"id":"4","ref":"r4"}},
        {"type":"boolean","boolean":false,"field":{"id":"5","ref":"r5"}}]}}"#;
    let rows = rows(text);
    assert_eq!(sources(&rows), ["typeform"]);
    let expected = [
        ("token", "t"),
        ("Prénom", "Léa"),
        ("email", "a@example.fr"),
        ("r3", "Non"),
        ("r4", "A, B"),
        ("r5", "false"),
    ];
    assert_eq!(cells(&rows[0]), expected);
}

#[test]
fn of_several_sources_the_most_precise_is_meant() {
    let user = "[sources.flats]\nheaders = [\"bien\"]\nrows = \"/data\"\npairs = { at = \"field_data\", name = \"name\", value = \"/values/0\" }\n";
    let read = |text: &str| read_with(text, &options(user)).expect("read").1;
    let rows = read(&meta(1));
    assert_eq!(sources(&rows), ["flats"]);
    assert_eq!(brief(&rows[0]).1, "1|p1@example.fr|t3");
    let rows = read(&meta(1).replace("bien", "course"));
    assert_eq!(sources(&rows), ["meta_graph"]);
}
