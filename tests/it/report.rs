//! The month's figures, against a partner that counts for itself.

use serde_json::Value as Json;

use crate::common::desk::{Desk, export, taken, willing};
use crate::common::{Act, Arrived, Outcome, Partner};

const PRICED: &str = "tries = 1\njobs = 1\n\
    price = [{ amount = \"35.00\" }, { amount = \"45.50\", when = { segment = \"CREA\" } }]\n";
const LATER: &str = "{ when = { status = 202, \"/id\" = \"present\" }, then = \"pending\", \
    reference = \"/id\" },\n{ when = { status = 409 }, then = \"duplicate\" },\n";
const DAY: i64 = 86_400_000;

fn report(desk: &Desk, more: &[&str]) -> Outcome {
    let arguments = [&["report", "--json"], more].concat();
    desk.home.run(&arguments).expect_code(0)
}

/// The figures of the only group.
fn only(outcome: &Outcome) -> Json {
    let mut rows = outcome.rows();
    assert_eq!(rows.len(), 1, "{}", outcome.stdout);
    rows.remove(0)
}

/// These figures, in the order of the names.
fn figures(row: &Json, names: &str) -> Vec<String> {
    let text = |value: &Json| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    names.split(' ').map(|name| text(&row[name])).collect()
}

/// Everything that happened so far happened so many days earlier.
fn days_pass(desk: &Desk, days: i64) {
    let ms = days * DAY;
    desk.sql()
        .execute_batch(&format!(
            "UPDATE leads SET read_at = read_at - {ms}, first_read_at = first_read_at - {ms},
               sent_at = sent_at - {ms}, decided_at = decided_at - {ms};
             UPDATE attempts SET started_at = started_at - {ms}, ended_at = ended_at - {ms},
               decided_at = decided_at - {ms};"
        ))
        .unwrap();
}

/// Takes, promises, refuses, knows, or says nothing, one after the other.
fn moody(arrived: &Arrived) -> Act {
    match arrived.number % 5 {
        0 => taken(arrived),
        1 => Act::json(202, "{\"id\":7}"),
        2 => Act::json(422, "{\"message\":\"Nom 12 of lead@example.fr is closed\"}"),
        3 => Act::json(409, "{}"),
        _ => Act::Close,
    }
}

#[test]
fn the_figures_are_what_the_partner_counted() {
    let partner = Partner::start(moody);
    let settings = format!("{PRICED}stop_after_doubts = 99\nstop_after_refusals = 0\n");
    let desk = Desk::with(&partner.base(), &settings, LATER);
    let config = desk.home.read("partners.toml");
    let config = format!("{config}[sources.fair]\ncost = \"12.30\"\n");
    desk.home.config(&config);
    let mut rows = "Nom;E-mail;Segment\n".to_owned();
    for number in 0..25 {
        let segment = ["CREA", "autre"][number / 5 % 2];
        rows += &format!("Nom{number};lead{number}@example.fr;{segment}\n");
    }
    rows += "Nobody;;CREA\n";
    desk.home.write("fair.csv", rows);
    desk.send(&["--source", "fair", "fair.csv"]).expect_code(4);
    assert_eq!(partner.arrived().len(), 25);

    let row = only(&report(&desk, &["--by", "source"]));
    let counts = "source read sent accepted pending duplicate rejected expired returned in_doubt";
    let expected = ["fair", "26", "25", "5", "5", "5", "5", "0", "0", "5"];
    assert_eq!(figures(&row, counts), expected);
    // Three of the five are CREA; what is in doubt is never billed.
    let money = figures(&row, "billable amount cost margin dated");
    assert_eq!(money, ["5", "206.50", "319.80", "-113.30", "sent"]);

    let by = report(&desk, &["--by", "segment,state"]);
    let read: u64 = by
        .rows()
        .iter()
        .map(|row| row["read"].as_u64().unwrap())
        .sum();
    assert_eq!(read, 26, "every lead is in one group");
    let decided = only(&report(&desk, &["--dated", "decided"]));
    let expected = ["null", "15", "0", "0", "206.50", "null", "null"];
    assert_eq!(
        figures(&decided, "read sent pending in_doubt amount cost margin"),
        expected
    );

    let page = desk
        .home
        .run(&["report", "--output", "month.html"])
        .expect_code(0);
    assert!(
        page.stderr.contains("written: month.html"),
        "{}",
        page.stderr
    );
    let page = desk.home.read("month.html");
    assert!(
        page.contains("is closed") && !page.contains("example.fr"),
        "{page}"
    );
    assert!(!page.contains("Nom1"), "{page}");
}

#[test]
fn a_later_price_list_changes_no_bill() {
    let partner = Partner::start(|arrived| match arrived.number {
        0 | 1 => taken(arrived),
        _ => Act::json(202, "{\"id\":7}"),
    });
    let desk = Desk::with(&partner.base(), "jobs = 1\n", LATER);
    desk.export("first.csv", 0, 1);
    desk.send(&["first.csv"]).expect_code(0);
    desk.configure(&partner.base(), "price = \"35\"\njobs = 1\n", LATER);
    let unpriced = report(&desk, &[]);
    assert_eq!(figures(&only(&unpriced), "billable amount"), ["0", "0.00"]);
    assert!(
        unpriced.stderr.contains("in no amount: 1."),
        "{}",
        unpriced.stderr
    );

    desk.export("second.csv", 1, 2);
    desk.send(&["second.csv"]).expect_code(0);
    // It pays for decisions alone now, and more: what it took before stays as it was.
    let dearer = "price = \"50.00\"\nbillable_on = [\"approved\"]\njobs = 1\n";
    desk.configure(&partner.base(), dearer, LATER);
    desk.export("third.csv", 3, 1);
    desk.send(&["third.csv"]).expect_code(0);
    assert_eq!(
        figures(&only(&report(&desk, &[])), "accepted billable amount"),
        ["2", "1", "35.00"]
    );
    desk.home
        .run(&["resolve", "3", "--approved"])
        .expect_code(0);
    assert_eq!(
        figures(&only(&report(&desk, &[])), "accepted billable amount"),
        ["3", "2", "85.00"]
    );
}

#[test]
fn an_old_bill_is_made_again_to_the_cent() {
    let partner =
        Partner::start(|arrived| Act::json(202, &format!("{{\"id\":{}}}", arrived.number)));
    let desk = Desk::with(&partner.base(), PRICED, LATER);
    desk.home.write("a.csv", export(0, 3));
    desk.send(&["a.csv"]).expect_code(0);
    days_pass(&desk, 30);
    desk.home
        .run(&["resolve", "1", "2", "--approved"])
        .expect_code(0);
    days_pass(&desk, 30);
    let bill = ["--as-of", "31d"];
    let then = report(&desk, &["--as-of", "29d"]);
    assert_eq!(
        figures(&only(&then), "accepted pending amount"),
        ["2", "1", "70.00"]
    );
    desk.home
        .run(&["resolve", "2", "--returned", "--note", "wrong number"])
        .expect_code(0);
    desk.home.write("b.csv", export(2, 3));
    desk.send(&["b.csv"]).expect_code(0);

    let now = only(&report(&desk, &[]));
    assert_eq!(
        figures(&now, "read accepted returned pending amount"),
        ["5", "1", "1", "3", "35.00"]
    );
    let again = report(&desk, &["--as-of", "29d"]);
    assert_eq!(again.stdout, then.stdout);
    // The word that was wrong goes, itself with its time.
    desk.home.run(&["resolve", "2", "--undo"]).expect_code(0);
    let decided = report(&desk, &["--dated", "decided", "--until", "29d"]);
    assert_eq!(figures(&only(&decided), "accepted amount"), ["2", "70.00"]);

    // What is purged is nobody's, and counts all the same.
    let reports = || {
        let of = |more: &[&str]| report(&desk, more).stdout;
        [
            of(&[]),
            of(&["--as-of", "29d"]),
            of(&bill),
            of(&["--by", "day,state,segment"]),
        ]
    };
    let before = reports();
    desk.home
        .run(&["purge", "--before", "2d", "--open"])
        .expect_code(0);
    assert_eq!(reports(), before);
    desk.home
        .run(&["purge", "--person", "lead4@example.fr", "--forget"])
        .expect_code(0);
    desk.home
        .run(&["purge", "--before", "2d", "--open", "--forget"])
        .expect_code(0);
    assert_eq!(reports(), before);
    assert!(!String::from_utf8_lossy(&std::fs::read(desk.ledger()).unwrap()).contains("lead4@"));
}

#[test]
fn a_lead_belongs_to_one_day_whatever_is_read_again() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "jobs = 1\npaused = true\n", "");
    let zoned = |name: &str| {
        let config = desk.home.read("partners.toml");
        desk.home
            .config(&config.replace("[leadctl]\n", &format!("[leadctl]\nzone = \"{name}\"\n")));
    };
    desk.export("a.csv", 0, 2);
    desk.send(&["a.csv"]).expect_code(0);
    // 2026-10-31 23:30 in UTC: the next day, and month, in Paris.
    desk.sql()
        .execute("UPDATE leads SET first_read_at = 1793489400000", [])
        .unwrap();
    desk.send(&["a.csv"]).expect_code(0);
    let october = ["--month", "2026-10"];
    assert_eq!(
        figures(&only(&report(&desk, &october)), "read sent until"),
        ["2", "0", "2026-10-31"]
    );
    zoned("Europe/Paris");
    let empty = report(&desk, &october);
    assert!(
        empty.stdout.is_empty() && empty.stderr.contains("no lead belongs"),
        "{empty:?}"
    );
    let november = report(&desk, &["--month", "november 2026", "--by", "day,month"]);
    assert_eq!(
        figures(&only(&november), "day month read"),
        ["2026-11-01", "2026-11", "2"]
    );
    // Sent, it belongs to the day of that.
    desk.configure(&partner.base(), "jobs = 1\n", "");
    desk.send(&["a.csv"]).expect_code(0);
    assert!(report(&desk, &october).stdout.is_empty());
    assert_eq!(
        figures(&only(&report(&desk, &[])), "read accepted"),
        ["2", "2"]
    );
}

#[test]
fn what_was_recorded_by_hand_is_said_to_be() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), PRICED, "");
    desk.export("a.csv", 0, 2);
    desk.send(&["--record-only", "--note", "by e-mail", "a.csv"])
        .expect_code(0);
    let told = report(&desk, &[]);
    assert_eq!(
        figures(&only(&told), "sent accepted amount"),
        ["2", "2", "70.00"]
    );
    assert!(
        told.stderr.contains("the day of that: 2 leads"),
        "{}",
        told.stderr
    );
    let csv = desk
        .home
        .run(&["report", "--format", "csv"])
        .expect_code(0)
        .stdout;
    assert!(csv.starts_with("destination,read,sent,accepted,"), "{csv}");
    assert!(
        csv.contains("\ndesk,2,2,2,0,0,0,0,0,0,2,70.00,0.00,70.00,"),
        "{csv}"
    );
    let table = desk.home.run(&["report"]).expect_code(0).stdout;
    assert!(
        table.contains("the day on which each lead was sent"),
        "{table}"
    );
}

#[test]
fn what_cannot_be_meant_is_told() {
    let desk = Desk::at("http://127.0.0.1:9");
    for (settings, told) in [
        ("price = 35.5\n", "must be a text between quotes"),
        ("price = \"1.234\"\n", "two decimals at most"),
        ("price = [{ ammount = \"35\" }]\n", "did you mean `amount`"),
        (
            "price = [{ amount = \"1\", when = { segmnt = \"x\" } }]\n",
            "segment",
        ),
        (
            "price = [{ amount = \"1\" }, { amount = \"2\" }]\n",
            "write this one first",
        ),
        ("billable_on = [\"approved\"]\n", "no `price` says what"),
        ("price = \"1\"\nbillable_on = [\"aproved\"]\n", "approved"),
    ] {
        desk.configure("http://127.0.0.1:9", settings, "");
        let check = desk.home.run(&["check"]).expect_code(2);
        assert!(check.stderr.contains(told), "{settings}: {}", check.stderr);
        assert!(check.stderr.contains("partners.toml:"), "{}", check.stderr);
    }
    desk.configure("http://127.0.0.1:9", "", "");
    for arguments in [
        &["--by", "email"][..],
        &["--month", "7d"],
        &["--since", "2026-11-02", "--until", "2026-11-01"],
        &["--output", "month.pdf"],
        &["--month", "2026-11", "--since", "2026-11-02"],
    ] {
        desk.export("a.csv", 0, 1);
        desk.send(&["--record-only", "--note", "x", "a.csv"]);
        desk.home
            .run(&[&["report"], arguments].concat())
            .expect_code(2);
    }
}

/// People read amounts and days as they write them; scripts read the same as ever.
#[test]
fn amounts_and_days_follow_the_language_and_what_scripts_read_does_not() {
    let partner = willing();
    let price = "price = [{ amount = \"1234.50\" }]\n";
    let mut desk = Desk::with(&partner.base(), price, "");
    let leads = desk.export("a.csv", 0, 2);
    desk.send(&[&leads]).expect_code(0);
    let told = |desk: &Desk| {
        ["json", "csv"].map(|format| {
            ["report", "history", "status"].map(|verb| {
                let told = desk.home.run(&[verb, "--format", format]).expect_code(0);
                told.stdout
            })
        })
    };
    let english = told(&desk);
    desk.home.set("LC_ALL", "fr_FR.UTF-8");
    assert_eq!(told(&desk), english);
    let page = desk.home.run(&["report"]).expect_code(0).stdout;
    let amount = "2\u{a0}469,00\u{a0}€";
    assert!(page.contains(amount) && page.contains("acceptés"), "{page}");
    desk.home
        .run(&["report", "--output", "r.html"])
        .expect_code(0);
    let page = desk.home.read("r.html");
    for part in ["<html lang=\"fr\">", amount, "Rapport des leads"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}
