//! Finding a lead again, and what was sent of it.

use serde_json::json;

use super::after_a_night;
use crate::common::desk::{Desk, HASTY, then_willing, willing};
use crate::common::{Act, Home, Partner};

#[test]
fn a_person_is_found_by_a_part_of_the_name_and_by_a_number_in_any_spelling() {
    let (_partner, desk) = after_a_night();
    for (person, ids) in [
        ("lefe", vec!["1"]),
        ("ZOE LEFEVRE", vec!["1"]),
        ("jean.dupont@EXAMPLE.FR", vec!["2"]),
        ("dupont@", vec!["2"]),
        ("+33 (0)6 39 98 00 04", vec!["4"]),
        ("0033639980004", vec!["4"]),
        ("0639980004", vec!["4"]),
        ("bla ann", vec!["5"]),
        ("le", vec!["3", "1"]),
        ("nobody", vec![]),
    ] {
        let history = ["history", "--json", "--person", person];
        let found = desk.home.run(&history).expect_code(0).column("id");
        assert_eq!(found, ids, "{person}");
    }
    // Who is purged is named in full.
    let purged = desk.home.run(&["purge", "--person", "lefe", "--json"]);
    assert!(purged.expect_code(0).stdout.is_empty());
}

#[test]
fn the_newest_come_first_and_a_doubt_says_how_its_person_is_reached() {
    let (_partner, desk) = after_a_night();
    let history = desk.home.run(&["history", "--json"]).expect_code(0);
    assert_eq!(history.rows().len(), 5);
    let sent: Vec<String> = history.column("sent_at");
    let mut sorted: Vec<String> = sent.iter().filter(|at| *at != "null").cloned().collect();
    sorted.sort();
    sorted.reverse();
    let told: Vec<&String> = sent.iter().filter(|at| *at != "null").collect();
    assert_eq!(told, sorted.iter().collect::<Vec<_>>());

    for state in ["in doubt", "in-doubt", "In_Doubt"] {
        let doubts = ["history", "--json", "--state", state];
        let doubts = desk.home.run(&doubts).expect_code(0);
        assert_eq!(doubts.column("email"), ["paul@example.fr"], "{state}");
        assert_eq!(doubts.column("phone"), ["+33639980004"], "{state}");
    }
    let csv = ["history", "--format", "csv", "--state", "in doubt"];
    let csv = desk.home.run(&csv).expect_code(0).stdout;
    assert!(csv.contains(",email,phone,sent_at,"), "{csv}");
    let table = desk.home.run(&["history"]).expect_code(0).stdout;
    assert!(table.contains("paul@example.fr"), "{table}");
    assert!(!table.contains("lea@example.fr"), "{table}");

    let few = desk.home.run(&["history", "--limit", "2", "--json"]);
    let few = few.expect_code(0);
    assert_eq!(few.rows().len(), 2);
    assert!(few.stderr.contains("… 3 more"), "{}", few.stderr);
    let last = ["history", "--json", "--since", "today", "--until", "today"];
    assert_eq!(desk.home.run(&last).expect_code(0).rows().len(), 5);
    let before = ["history", "--json", "--until", "7d"];
    assert_eq!(desk.home.run(&before).expect_code(0).stdout, "");
}

/// What is shown as sent is what arrived.
#[test]
fn each_attempt_shows_the_very_request_without_the_secret() {
    let partner = then_willing(vec![Act::json(422, "{}")]);
    let mut desk = Desk::with(
        &partner.base(),
        &format!("{HASTY}auth.header = {{ name = \"X-Key\", secret = \"DESK_KEY\" }}\n"),
        "",
    );
    desk.home.set("DESK_KEY", "sesame-0123456789");
    desk.home
        .write("a.csv", "Nom;E-mail\nDupont;a@example.fr\n");
    desk.home
        .write("b.csv", "Nom;E-mail\nDupond \"é\";a@example.fr\n");
    desk.send(&["a.csv"]).expect_code(3);
    desk.send(&["b.csv"]).expect_code(0);
    let attempts = desk.home.run(&["history", "--json", "1"]).expect_code(0);
    let rows = attempts.rows();
    assert_eq!(attempts.column("state"), ["rejected", "delivered"]);
    for (attempt, arrived) in rows.iter().zip(partner.arrived()) {
        let request = &attempt["request"];
        assert_eq!(request["method"], "POST");
        assert_eq!(request["url"], format!("{}/leads", partner.base()));
        assert_eq!(request["headers"]["X-Key"], "***");
        let body = String::from_utf8(arrived.body.clone()).unwrap();
        let shown = format!("\"body\":{body}");
        assert!(
            attempts.stdout.contains(&shown),
            "{body}: {}",
            attempts.stdout
        );
    }
    assert_ne!(rows[0]["request"]["body"], rows[1]["request"]["body"]);
    let page = desk.home.run(&["history", "1"]).expect_code(0).stdout;
    for told in [
        "attempt 1 · send",
        "X-Key: ***",
        "\"name\": \"Dupont\"",
        "· 422 · rejected",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    for text in [&attempts.stdout, &page] {
        assert!(!text.contains("sesame"), "{text}");
    }
    let bytes = std::fs::read(desk.ledger()).unwrap();
    let secret = b"sesame-0123456789";
    assert!(!bytes.windows(secret.len()).any(|part| part == secret));
}

#[test]
fn a_doubt_names_whom_to_ask_and_what_to_type_then() {
    let partner = Partner::always(Act::Close);
    let settings = "about = \"Desk: callbacks\"\nask = \"ask Paul at Desk\"\n";
    let desk = Desk::with(&partner.base(), &format!("{HASTY}{settings}"), "");
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(4);
    let page = desk.home.run(&["history", "1"]).expect_code(0).stdout;
    for told in [
        "ask Paul at Desk",
        "desk · Desk: callbacks · 127.0.0.1",
        "  leadctl resolve 1 --not-received\n",
        "lead1@example.fr",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
}

#[test]
fn a_form_is_shown_as_its_text() {
    let partner = then_willing(Vec::new());
    let desk = Desk::at(&partner.base());
    let config = desk.home.read("partners.toml");
    let form = config.replace("path = \"/leads\"", "path = \"/leads\"\nbody = \"form\"");
    desk.home.config(&form);
    desk.home
        .write("a.csv", "Nom;E-mail\nDupont;a+b@example.fr\n");
    desk.send(&["a.csv"]).expect_code(0);
    let attempts = desk.home.run(&["history", "--json", "1"]).expect_code(0);
    let body = String::from_utf8(partner.arrived()[0].body.clone()).unwrap();
    assert_eq!(attempts.rows()[0]["request"]["body"], json!(body));
}

#[test]
fn a_state_is_called_as_people_write_it() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(0);
    for (word, count) in [
        ("remis", 1),
        ("Delivered", 1),
        ("refuse,refuses,refusé,REFUSÉS", 0),
        ("echec,en echec,en_échec", 0),
        ("approuves,ecarte,non-envoyés,incertain", 0),
        ("in doubt,in_doubt,in-doubt", 0),
    ] {
        let told = desk.home.run(&["history", "--json", "--state", word]);
        assert_eq!(told.expect_code(0).rows().len(), count, "{word}");
    }
    let told = desk
        .home
        .run(&["--lang", "fr", "history", "--state", "refuzé"]);
    let told = told.expect_code(2).stderr;
    assert!(
        told.contains("refusé, retourné") && !told.contains("rejected"),
        "{told}"
    );
    assert!(told.contains("en_attente"), "{told}");
    let told = desk
        .home
        .run(&["resend", "--to", "desk", "--state", "incertain"]);
    let told = told.expect_code(2).stderr;
    assert!(told.contains("the partner may have these"), "{told}");
}

#[test]
fn a_wrong_repair_is_no_old_name() {
    let told = Home::new().run(&["send", "--to", "x", "--repair", "maybe", "a.csv"]);
    let told = told.expect_code(2).stderr;
    assert!(!told.contains("--repair all"), "{told}");
}
