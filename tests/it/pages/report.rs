//! The month as a page, a workbook and a CSV: the same figures as everywhere, and nothing
//! of a person.

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use serde_json::{Value as Json, json};

use super::Browser;
use crate::common::desk::{Desk, willing};
use crate::common::{Act, Arrived, Partner};

const PRICED: &str = "tries = 1\njobs = 1\nprice = \"35.50\"\n";
const SOURCE: &str = "[sources.spring]\ncost = \"12.25\"\n";
const REFUSES: &str = "{ when = { status = 422 }, then = \"rejected\" },\n\
    { when = { status = 202 }, then = \"pending\" },";
const LEADS: &str = "\
E-mail;Nom
lea@example.fr;Mérieux
tom@example.fr;Mérieux
no@example.fr;Mérieux
later@example.fr;Mérieux
lost@example.fr;Mérieux
;Mérieux
";

/// Refuses in the lead's own words, decides on one later, and loses an answer.
fn answer(arrived: &Arrived) -> Act {
    let email = arrived.json()["email"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    match email.split('@').next() {
        Some("no") => {
            let words = format!("<b>{email}</b> de Mérieux\u{202e} est hors zone");
            Act::json(422, &json!({ "message": words }).to_string())
        }
        Some("later") => Act::json(202, "{}"),
        Some("lost") => Act::json(500, "{}"),
        _ => Act::json(201, "{\"id\":7}"),
    }
}

fn desk() -> Desk {
    let partner = Partner::start(answer);
    let desk = Desk::with(&partner.base(), PRICED, REFUSES);
    let config = desk.home.read("partners.toml");
    desk.home.config(&(config + SOURCE));
    desk.home.write("leads.csv", LEADS);
    desk.send(&["leads.csv", "--source", "spring"])
        .expect_code(4);
    desk
}

fn figures(desk: &Desk) -> Json {
    let run = desk.home.run(&["report", "--json"]).expect_code(0);
    assert_eq!(run.rows().len(), 1);
    run.rows().remove(0)
}

fn written(desk: &Desk, name: &str) {
    desk.home.run(&["report", "--output", name]).expect_code(0);
}

#[test]
fn the_page_tells_the_same_figures_and_nobody() {
    let desk = desk();
    let told = figures(&desk);
    assert_eq!(told["amount"], "71.00");
    assert_eq!(told["margin"], "-2.50");
    written(&desk, "month.html");
    let page = desk.home.read("month.html");
    for words in [
        "<p class=\"figure\">71.00</p>",
        "<p class=\"soft\">40.0\u{a0}% of 5 sent</p>",
        "<p class=\"figure\">\u{2212}2.50</p>",
        "less 73.50 for the leads",
        "1 pending, 1 in doubt",
        "Where 6 leads are",
        "est hors zone",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    for person in ["example.fr", "Mérieux", "\u{202e}", "<script"] {
        assert!(!page.contains(person), "{person}\n{page}");
    }
    if let Some(browser) = Browser::found("the month as a page") {
        browser.judge(&desk.home.path().join("month.html"));
    }
}

/// What a director is handed: several partners that refuse, decide later and leave doubts.
#[test]
fn a_month_of_several_partners_is_one_sheet_of_paper() {
    let Some(browser) = Browser::found("a month of several partners") else {
        return;
    };
    let partner = Partner::start(answer);
    let desk = Desk::with(&partner.base(), PRICED, REFUSES);
    let partners = ["north", "south", "east", "west", "middle"];
    let tables = partners.map(|name| format!("[{name}]\nextends = \"desk\"\n"));
    let config = desk.home.read("partners.toml");
    desk.home.config(&(config + SOURCE + &tables.concat()));
    desk.home.write("leads.csv", LEADS);
    for name in partners {
        let send = ["send", "--to", name, "leads.csv", "--source", "spring"];
        desk.home.run(&send).expect_code(4);
    }
    written(&desk, "month.html");
    let page = desk.home.read("month.html");
    assert!(
        page.contains("355.00") && page.contains("Where 30 leads are"),
        "{page}"
    );
    browser.judge(&desk.home.path().join("month.html"));
}

#[test]
fn the_workbook_holds_numbers_that_sum_and_the_csv_is_that_of_the_screen() {
    let desk = desk();
    let told = figures(&desk);
    written(&desk, "month.xlsx");
    let mut book: Xlsx<_> = open_workbook(desk.home.path().join("month.xlsx")).unwrap();
    let names = ["Report", "Days", "Sources", "Refusals", "Decisions", "Open"];
    assert_eq!(book.sheet_names(), names);
    let sheet = book.worksheet_range("Report").unwrap();
    let heads = sheet
        .rows()
        .position(|row| row[0] == Data::String("destination".into()));
    let rows: Vec<&[Data]> = sheet.rows().skip(heads.unwrap()).collect();
    let (first, all) = (rows[1], rows.last().unwrap());
    assert_eq!(all[0], Data::String("all".into()));
    for (head, (one, sum)) in rows[0].iter().zip(first.iter().zip(*all)).skip(1) {
        let name = head.to_string().replace(' ', "_");
        let figure = match (&told[&name], name.as_str()) {
            (Json::Null, "not_sent") => 1.0,
            (Json::String(amount), _) => amount.parse().unwrap(),
            (count, _) => count.as_f64().unwrap(),
        };
        assert_eq!(
            (one, sum),
            (&Data::Float(figure), &Data::Float(figure)),
            "{name}"
        );
    }
    let refusals = book.worksheet_range("Refusals").unwrap();
    assert_eq!(refusals.get((1, 2)), Some(&Data::Float(1.0)));
    written(&desk, "month.csv");
    let shown = desk.home.run(&["report", "--format", "csv"]).expect_code(0);
    assert_eq!(desk.home.read("month.csv"), shown.stdout);
}

/// Made anew each night; but a purge, which asks to delete what may hold the person, does
/// not speak of it, and an export that was named by a slip is not lost.
#[test]
fn a_report_is_made_anew_in_its_own_place_alone() {
    let desk = desk();
    for name in ["a.html", "a.xlsx", "a.csv"] {
        written(&desk, name);
        written(&desk, name);
    }
    let purge = ["purge", "--person", "lea@example.fr"];
    let purged = desk.home.run(&purge).expect_code(0);
    assert!(!purged.stderr.contains("a.html"), "{purged:?}");
    let slip = ["report", "--output", "leads.csv"];
    let refused = desk.home.run(&slip).expect_code(2);
    assert!(
        refused.stderr.contains("not as leadctl wrote it"),
        "{refused:?}"
    );
    assert_eq!(desk.home.read("leads.csv"), LEADS);
    let unknown = ["report", "--output", "month.pdf"];
    let refused = desk.home.run(&unknown).expect_code(2);
    assert!(refused.stderr.contains(".html, .xlsx, .csv"), "{refused:?}");
}

/// A month that never was is a page all the same.
#[test]
fn a_month_without_leads_says_so() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let export = desk.export("leads.csv", 0, 1);
    desk.send(&[&export]).expect_code(0);
    let month = ["report", "--month", "2001-02", "--output", "none.html"];
    desk.home.run(&month).expect_code(0);
    let page = desk.home.read("none.html");
    assert!(
        page.contains("February 2001") && page.contains("No lead belongs"),
        "{page}"
    );
}
