//! Leads that are not for a destination: `only` and `max_age`.

use crate::common::desk::{Desk, persons, willing};

const REGION: &str = "only = [{ zip = { match = '^(69|01)' } }]\njobs = 1\n";

const EXPORT: &str = "Nom;E-mail;Code postal\n\
    A;lead1@example.fr;69003\n\
    B;lead2@example.fr;1000\n\
    C;lead3@example.fr;75011\n\
    D;lead4@example.fr;\n";

#[test]
fn a_lead_that_is_for_others_is_filtered_after_repair() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), REGION, "");
    desk.home.write("a.csv", EXPORT);
    let dry = desk.send(&["--dry-run", "a.csv"]).expect_code(0);
    assert_eq!(
        dry.column("state"),
        ["ready", "ready", "filtered", "filtered"]
    );
    assert_eq!(dry.column("reason")[2], "only");

    let run = desk.send(&["a.csv", "--rejects", "bad.csv"]).expect_code(0);
    let states = run.column("state");
    assert_eq!(states, ["delivered", "delivered", "filtered", "filtered"]);
    assert_eq!(run.column("reason"), ["null", "null", "only", "only"]);
    let told = run.column("message");
    assert_eq!(
        told[2],
        "not for desk, which takes only others: Code postal is \"75011\""
    );
    assert!(
        told[3].ends_with("others: Code postal is empty"),
        "{}",
        told[3]
    );
    assert!(!desk.home.path().join("bad.csv").exists());
    assert_eq!(persons(&partner), ["lead1@example.fr", "lead2@example.fr"]);

    // It is judged by today's table whenever it is read, or asked for.
    desk.configure(&partner.base(), "only = { zip = [\"75 011\"] }\n", "");
    let again = desk.home.run(&["resend", "--state", "filtered", "--json"]);
    let again = again.expect_code(0);
    assert_eq!(again.column("state"), ["delivered", "filtered"]);
}

#[test]
fn what_a_destination_takes_is_shown_with_it() {
    let only = "only = [{ zip = { match = '^69' }, city = [\"Lyon\", \"Bron\"] }, { company = \"present\" }]";
    let words = "max_age = \"7d\"\ncap = [\"30/day\"]\nhours = [\"Mon-Fri 09:00-19:00\"]\n";
    let desk = Desk::with("http://127.0.0.1:9", &format!("{only}\n{words}"), "");
    let told = desk.home.run(&["partners", "desk"]).expect_code(0).stdout;
    let told: String = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "takes only zip matches ^69 and city is Lyon or Bron",
        "takes only company is filled",
        "takes leads of 7 days at most",
        "cap 30/day",
        "hours Mon-Fri 09:00-19:00",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn every_test_of_a_rule_may_be_asked_of_a_lead() {
    let partner = willing();
    let rows = "Nom;E-mail;Téléphone;Ville;Société\n\
        A;lead1@example.fr;06 39 98 00 01;LYON;\n\
        B;lead2@example.fr;;Villeurbanne;Acme\n\
        C;lead3@example.fr;+32 470 00 00 01;Liège;\n";
    for (only, expected) in [
        ("{ city = \"lyon\" }", &["A"][..]),
        ("[{ city = [\"Lyon\", \"liege\"] }]", &["A", "C"]),
        ("{ phone = { match = '^\\+33' } }", &["A"]),
        ("{ phone = \"0639980001\" }", &["A"]),
        ("{ company = \"absent\", phone = \"present\" }", &["A", "C"]),
        (
            "[{ company = \"present\" }, { city = { match = '/^liè/i' } }]",
            &["B", "C"],
        ),
    ] {
        let desk = Desk::with(&partner.base(), &format!("only = {only}\n"), "");
        desk.home.write("a.csv", rows);
        let run = desk.send(&["--dry-run", "a.csv"]).expect_code(0);
        let ready = run.rows().into_iter().filter(|row| row["state"] == "ready");
        let ready: Vec<String> = ready
            .map(|row| row["request"]["body"]["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ready, expected, "{only}");
    }
}

#[test]
fn a_run_of_which_every_new_lead_is_filtered_says_so() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "only = { zip = { match = '^96' } }\n", "");
    desk.home.write("a.csv", EXPORT);
    desk.send(&["--dry-run", "a.csv"]).expect_code(3);
    let run = desk.send(&["a.csv", "--quiet"]).expect_code(3);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.contains("4 new leads are not for desk"),
        "{}",
        run.stderr
    );
    // They are known now, and nothing is new about them.
    let again = desk.send(&["a.csv", "--quiet"]).expect_code(0);
    assert_eq!(again.stderr, "");
    let more = format!("{EXPORT}E;lead5@example.fr;69001\n");
    desk.home.write("a.csv", more);
    desk.send(&["a.csv"]).expect_code(3);
    desk.configure(&partner.base(), REGION, "");
    desk.send(&["a.csv"]).expect_code(0);
    assert_eq!(partner.count(), 3);
}

#[test]
fn what_was_sent_by_other_means_is_recorded_whomever_it_is_for() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), REGION, "");
    desk.home.write("a.csv", EXPORT);
    let recorded = ["a.csv", "--record-only", "--note", "by mail"];
    let run = desk.send(&recorded).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"; 4]);
    assert_eq!(run.column("reason"), ["null"; 4]);
}

#[test]
fn a_lead_that_is_too_old_is_filtered_and_its_date_is_needed() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "max_age = \"7d\"\n", "");
    let days = |ago: i64| {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * ago);
        at.strftime("%Y-%m-%d %H:%M").to_string()
    };
    desk.home
        .write("none.csv", "Nom;E-mail\nA;lead1@example.fr\n");
    let refused = desk.send(&["none.csv"]).expect_code(2);
    assert!(refused.stderr.contains("created_at"), "{}", refused.stderr);
    let rows = format!(
        "Nom;E-mail;Horodateur\nA;lead1@example.fr;{}\nB;lead2@example.fr;{}\n\
         C;lead3@example.fr;\nD;lead4@example.fr;hier\n",
        days(6),
        days(8)
    );
    desk.home.write("a.csv", rows);
    let run = desk.send(&["a.csv"]).expect_code(3);
    let states = run.column("state");
    assert_eq!(states, ["delivered", "filtered", "invalid", "invalid"]);
    assert_eq!(run.column("reason")[1], "max_age");
    let told = run.column("message");
    assert!(
        told[1].starts_with("not for desk, which takes leads of 7 days at most: Horodateur is"),
        "{}",
        told[1]
    );
    assert!(told[3].contains("hier"), "{}", told[3]);
    assert_eq!(persons(&partner), ["lead1@example.fr"]);
}
