//! What a morning starts with: `status`, then `history`.

mod history;
mod runs;

use serde_json::json;

use crate::common::Act;
use crate::common::desk::{Desk, HASTY, then_willing, willing};

/// One lead is taken, one waits, one is refused, one is in doubt, one is invalid.
fn after_a_night() -> (crate::common::Partner, Desk) {
    let acts = vec![
        Act::json(201, r#"{"id":1}"#),
        Act::json(202, r#"{"id":2}"#),
        Act::json(422, r#"{"message":"complet"}"#),
        Act::Close,
    ];
    let partner = then_willing(acts);
    let rules = "\n{ when = { status = 202 }, then = \"pending\", reference = \"/id\" },";
    let desk = Desk::with(&partner.base(), HASTY, rules);
    let rows = "Lefèvre;Zoé;zoe@example.fr;06 39 98 00 01\n\
                Dupont;Jean;jean.dupont@example.fr;06 39 98 00 02\n\
                Martin;Léa;lea@example.fr;06 39 98 00 03\n\
                Roux;Paul;paul@example.fr;06.39.98.00.04\n\
                Blanc;Anne;;06 39 98 00 05\n";
    desk.home
        .write("leads.csv", format!("Nom;Prénom;E-mail;Tél.\n{rows}"));
    desk.send(&["leads.csv"]).expect_code(4);
    (partner, desk)
}

#[test]
fn status_tells_what_stands_and_each_thing_to_do_with_its_command() {
    let (_partner, desk) = after_a_night();
    let row = desk.home.run(&["status", "--json"]).expect_code(4).rows();
    let row = &row[0];
    assert_eq!(
        (&row["sent_today"], &row["sent_this_month"]),
        (&json!(4), &json!(4))
    );
    let states = &row["states"];
    for state in ["delivered", "pending", "rejected", "in_doubt", "invalid"] {
        assert_eq!(states[state], 1, "{state}: {states}");
    }
    assert_eq!(states["failed"], 0);
    assert!(row["oldest_open"].is_string() && row["last_success"].is_string());
    let last = &row["last_run"];
    assert_eq!(
        (&last["command"], &last["exit"]),
        (&json!("send"), &json!(4))
    );
    assert_eq!(last["states"]["in_doubt"], 1);

    let page = desk.home.run(&["status"]).expect_code(4).stdout;
    for line in [
        "  sent          4 today, 4 this month",
        "  in all        1 accepted, 1 waiting, 1 refused, 1 invalid, 1 in doubt",
        "      leadctl resolve ID --delivered",
        "      leadctl history --to desk --state invalid,rejected --since 7d --rejects rejects.csv",
    ] {
        assert!(page.lines().any(|told| told == line), "{line}: {page}");
    }
    let is_command = |line: &&str| line.trim_start().starts_with("leadctl ");
    let widest = page.lines().filter(|line| !is_command(line));
    assert!(
        widest.map(|line| line.chars().count()).max() <= Some(80),
        "{page}"
    );

    // The command of the page gives the rows to correct.
    let rejects = [
        "history",
        "--to",
        "desk",
        "--state",
        "invalid,rejected",
        "--since",
        "7d",
    ];
    let rejects = [&rejects[..], &["--rejects", "rejects.csv"]].concat();
    desk.home.run(&rejects).expect_code(0);
    let rejects = desk.home.read("rejects.csv");
    assert!(
        rejects.contains("Martin") && rejects.contains("Blanc"),
        "{rejects}"
    );
}

#[test]
fn status_says_where_there_is_nothing_to_do() {
    let partner = then_willing(Vec::new());
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(0);
    let page = desk.home.run(&["status"]).expect_code(0).stdout;
    assert!(
        page.ends_with("  to do         nothing\n\nNothing to do.\n"),
        "{page}"
    );
    // What is sent by other means was not sent by us.
    let more = desk.export("more.csv", 3, 2);
    desk.send(&["--record-only", "--note", "by hand", &more])
        .expect_code(0);
    let status = desk.home.run(&["status", "--json"]).expect_code(0);
    assert_eq!(status.column("sent_today"), ["2"]);
}

#[test]
fn the_worst_that_is_open_is_the_exit_code() {
    let partner = then_willing(vec![Act::status(404), Act::Close]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(2);
    desk.home.run(&["status"]).expect_code(5);
    let more = desk.export("more.csv", 2, 1);
    desk.send(&[&more]).expect_code(4);
    desk.home.run(&["status"]).expect_code(4);
}

#[test]
fn what_is_old_is_purged_by_how_long_ago_it_was() {
    let (_partner, desk) = after_a_night();
    let purge = |before: &str| desk.home.run(&["purge", "--before", before]);
    for (before, told) in [
        ("13m", "\"13 months\""),
        ("2h", "less than a day"),
        ("soon", "is no date"),
    ] {
        let refused = purge(before).expect_code(2);
        assert!(
            refused.stderr.contains(told),
            "{before}: {}",
            refused.stderr
        );
    }
    let old = "UPDATE leads SET sent_at = sent_at - 400 * 86400000 WHERE id = 1";
    desk.sql().execute_batch(old).unwrap();
    let done = purge("13 months").expect_code(0).stderr;
    assert!(
        done.contains("personal data dropped from 1 lead "),
        "{done}"
    );
    let done = purge("13 mois").expect_code(0).stderr;
    assert!(done.contains("from 0 leads"), "{done}");
    let history = desk.home.run(&["history", "--json", "1"]).expect_code(0);
    assert_eq!(history.rows()[0]["request"], json!(null));
}

#[test]
fn a_purge_of_days_to_come_erases_nothing() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(0);
    for date in ["2100-01-01", "01/01/2100"] {
        let told = desk.home.run(&["purge", "--before", date]);
        let told = told.expect_code(2).stderr;
        assert!(
            told.contains("is still to come: nothing was erased"),
            "{told}"
        );
    }
    let history = desk.home.run(&["history", "--json"]).expect_code(0);
    assert_ne!(history.column("lead"), ["(purged)"]);
    let told = desk.home.run(&["purge", "--person", "nobody@example.fr"]);
    let told = told.expect_code(0).stderr;
    assert_eq!(told, "nothing is stored of this person\n");
}
