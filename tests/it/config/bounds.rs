//! A configuration that no person wrote is refused at once, with its place.

use crate::common::Home;

#[track_caller]
fn refused(text: &str, line: &str, words: &str) {
    let home = Home::new();
    home.config(text);
    let run = home.run(&["partners"]).expect_code(2);
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(run.stderr.contains(line), "{}", run.stderr);
    assert!(run.stderr.len() < 600, "{}", run.stderr);
}

#[test]
fn twenty_thousand_destinations_are_told_once() {
    let table = |number| format!("[d{number}]\nextends = \"adlead\"\n");
    let text: String = (0..20_000).map(table).collect();
    refused(&text, "partners.toml:4001", "these are 20000 destinations");
}

#[test]
fn five_thousand_tables_that_extend_one_another_are_told_once() {
    let table = |number| format!("[d{number}]\nextends = \"d{}\"\n", number + 1);
    let mut text: String = (0..1_900).map(table).collect();
    text.push_str("[d1900]\nextends = \"adlead\"\n");
    refused(&text, "partners.toml:1", "16 may follow on one another");
    let text: String = (0..5_000).map(table).collect();
    refused(&text, "partners.toml:4001", "these are 5000 destinations");
}

#[test]
fn as_many_as_may_be_are_read() {
    let home = Home::new();
    let table = |number| format!("[d{number}]\nextends = \"adlead\"\n");
    home.config(&(0..2_000).map(table).collect::<String>());
    let run = home.run(&["partners", "--format", "json"]).expect_code(0);
    assert!(run.rows().len() >= 2_000);
}

#[test]
fn a_text_without_quotes_is_no_boolean() {
    let home = Home::new();
    for (value, words) in [
        ("fr", "string values must be quoted"),
        ("tout", "string values must be quoted"),
        ("False", "invalid boolean, expected `false`"),
        ("ture", "invalid boolean, expected `true`"),
    ] {
        home.config(&format!("[leadctl]\nlang = {value}\n"));
        let told = home.run(&["partners"]).expect_code(2).stderr;
        assert!(told.contains(words), "{value}: {told}");
    }
}

#[test]
fn a_mistake_is_told_alone_and_of_the_word_that_was_written() {
    let home = Home::new();
    home.config("[adlead]\nonly = [{ zip = { match = '^(69' } }]\n");
    let told = home.run(&["partners"]).expect_code(2).stderr;
    assert!(!told.contains("asks nothing"), "{told}");
    home.config("[adlead]\nprice = 35.00\n");
    let told = home.run(&["partners"]).expect_code(2).stderr;
    assert!(
        told.contains("`price` must be") && !told.contains("`amount`"),
        "{told}"
    );
}
