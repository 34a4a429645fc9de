//! What is asked of all destinations at once, and of a name that many have.

use crate::common::desk::{export, willing};
use crate::common::{Home, Partner};

/// Two destinations of one partner, both paused where `paused`.
fn configure(home: &Home, partner: &Partner, paused: bool) {
    let base = partner.base();
    let mut config = "[leadctl]\nledger = \"ledger.db\"\n".to_owned();
    for name in ["one", "two"] {
        config += &format!(
            "[{name}]\nbase = \"{base}\"\nkey = [\"email\"]\npaused = {paused}\n\
             fields = {{ name = \"last_name\", email = \"email\" }}\n[{name}.send]\npath = \"/{name}\"\n\
             rules = [{{ when = {{ status = 201, \"/id\" = \"present\" }}, then = \"delivered\", reference = \"/id\" }}]\n"
        );
    }
    home.config(&config);
}

#[test]
fn a_resend_without_a_destination_is_for_all_that_have_such_leads() {
    let partner = willing();
    let home = Home::new();
    configure(&home, &partner, true);
    home.write("leads.csv", export(1, 2));
    for to in ["one", "two"] {
        home.run(&["send", "--to", to, "leads.csv"]).expect_code(0);
    }
    configure(&home, &partner, false);
    let again = ["resend", "--state", "held,unsent,failed", "--json"];
    let dry = home
        .run(&[&again[..], &["--dry-run"]].concat())
        .expect_code(0);
    assert_eq!(dry.column("destination"), ["one", "one", "two", "two"]);
    assert_eq!(partner.count(), 0);
    let by_id = home.run(&["resend", "2", "3", "--json"]).expect_code(0);
    assert_eq!(by_id.column("destination"), ["one", "two"]);
    let run = home.run(&again).expect_code(0);
    assert_eq!(run.column("id"), ["1", "4"]);
    assert_eq!(run.column("state"), ["delivered", "delivered"]);
    assert_eq!(partner.count(), 4);
    let last = home.run(&again).expect_code(0);
    assert_eq!(last.stdout, "");
    assert!(
        last.stderr.contains("no lead is in such a state"),
        "{}",
        last.stderr
    );
    assert_eq!(
        home.run(&[&again[..], &["--quiet"]].concat())
            .expect_code(0)
            .stderr,
        ""
    );
    home.run(&["resend", "9"]).expect_code(2);
}

#[test]
fn a_word_in_the_rows_of_several_persons_purges_nobody() {
    let partner = willing();
    let home = Home::new();
    configure(&home, &partner, false);
    home.write(
        "leads.csv",
        "Nom;Prénom;E-mail;Ville;leadctl_message\nMartin;Léa;a@example.fr;Lyon;\nMartin;Hugo;b@example.fr;Lyon;\n\
         Martin;L.;a@example.fr;Paris;\nRoux;Zoé;c@example.fr;Lyon;write one address such as a@example.fr\n",
    );
    for to in ["one", "two"] {
        home.run(&["send", "--to", to, "leads.csv"]);
    }
    let count = || home.run(&["history", "--json"]).column("id").len();
    let all = count();
    let told = home.run(&["purge", "--person", "lyon"]).expect_code(2);
    assert!(
        told.stderr.contains("in the rows of 3 persons"),
        "{}",
        told.stderr
    );
    assert!(
        told.stderr.contains("leadctl purge --person 1\n"),
        "{}",
        told.stderr
    );
    assert_eq!(count(), all);
    let purged = home
        .run(&["purge", "--person", "a@example.fr", "--json"])
        .expect_code(0);
    assert!(
        purged
            .column("lead")
            .iter()
            .all(|who| !who.contains("Roux")),
        "{}",
        purged.stdout
    );
    home.run(&["purge", "--person", "Roux Zoé"]).expect_code(0);
}
