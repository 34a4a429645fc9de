//! A no that a row says holds everywhere, whichever table knows its columns; one that
//! can't be read is never passed over.

use crate::common::desk::{Desk, persons, willing};
use crate::common::{Outcome, Partner};

const CONSENT: &str = r#"tries = 1
jobs = 1
[desk.consent]
given = { from = "consent", is = "oui" }
at = "consent_at"
"#;

const HEADER: &str = "email,last_name,consent,consent_at\n";

/// `[desk]`, which asks for a consent, and `[crm]`, which asks for none.
fn home(desk: &Partner, crm: &Partner) -> Desk {
    let home = Desk::with(&desk.base(), CONSENT, "");
    let crm = format!(
        "[crm]\nbase = \"{}\"\nkey = [\"email\"]\nfields = {{ email = \"email\", name = \"last_name\" }}\n\
         [crm.send]\npath = \"/leads\"\nrules = [{{ when = {{ status = 201 }}, then = \"delivered\" }}]\n",
        crm.base()
    );
    home.home
        .config(&format!("{}{crm}", home.home.read("partners.toml")));
    home
}

fn send(home: &Desk, to: &str, rows: &[&str], more: &[&str]) -> Outcome {
    let rows = rows.iter().map(|row| format!("{row}\n"));
    home.home
        .write("leads.csv", HEADER.to_owned() + &rows.collect::<String>());
    let send = ["send", "--to", to, "leads.csv", "--format", "json"];
    home.home.run(&[&send[..], more].concat())
}

const YES: &str = "ana@example.fr,Ana,oui,2026-10-01";

#[test]
fn what_may_be_a_no_of_whom_a_partner_has_is_told_until_somebody_acts() {
    for (row, why) in [
        (
            "ana@example.fr,Ana,non,03/04/2026",
            "at = { from = \"…\", reads = \"%d/%m/%Y\" }",
        ),
        ("ana@example.fr,Ana,non,", "consent_at is empty"),
        ("ana@example.fr,Ana,non,hier", "\"hier\" is no date"),
        (
            "ana@example.fr,Ana,Désinscrit,2026-11-02",
            "\"Désinscrit\" is not one of: oui",
        ),
    ] {
        let (partner, crm) = (willing(), willing());
        let home = home(&partner, &crm);
        send(&home, "desk", &[YES], &[]).expect_code(0);
        let bo = "bo@example.fr,Bo,non,";
        // By whichever destination it is read, and looked at only, too.
        for (to, more) in [
            ("desk", &["--quiet"][..]),
            ("desk", &["--dry-run"]),
            ("desk", &[]),
            ("crm", &["--limit", "0"]),
        ] {
            let told = send(&home, to, &[bo, row], more).expect_code(3).stderr;
            assert!(told.contains("1 row may take back a consent"), "{told}");
            assert!(told.contains("leads.csv line 3: consent"), "{told}");
            assert!(told.contains(why), "{told}");
            assert!(told.contains("\nleadctl block EMAIL\n"), "{told}");
        }
        home.home.run(&["block", "ana@example.fr"]).expect_code(0);
        let told = send(&home, "desk", &[row], &[]).stderr;
        assert!(!told.contains("may take back"), "{told}");
        assert_eq!((partner.count(), crm.count()), (1, 0));
    }
}

#[test]
fn a_no_is_read_by_every_destination_whichever_table_knows_its_columns() {
    let (partner, crm) = (willing(), willing());
    let home = home(&partner, &crm);
    let rows = [
        // A no further down holds back what stands above it.
        "dee@example.fr,Dee,,",
        "ana@example.fr,Ana,non,2026-11-02",
        "bo@example.fr,Bo,oui,2026-11-02",
        "cleo@example.fr,Cleo,,",
        // Nobody knows when: this row alone is not sent.
        "eve@example.fr,Eve,non,",
        "dee@example.fr,Dee,non,2026-11-02",
        // One that no table knows says nothing where none is asked for.
        "fay@example.fr,Fay,peut-être,2026-11-02",
    ];
    let states = ["filtered", "filtered", "ready", "ready", "invalid"];
    let dry = send(&home, "crm", &rows, &["--dry-run"]).column("state");
    assert_eq!(dry[..5], states);
    // A pipe can be read once only; what it gave is looked at twice.
    let piped = ["send", "--to", "crm", "-", "--dry-run", "--format", "json"];
    let piped = home
        .home
        .start(&piped, home.home.read("leads.csv"))
        .finish();
    assert_eq!(piped.column("state")[..5], states);
    let told = send(&home, "crm", &rows, &[]).expect_code(3);
    let states = told.column("state");
    let expected = [
        "filtered",
        "filtered",
        "delivered",
        "delivered",
        "invalid",
        "filtered",
        "delivered",
    ];
    assert_eq!(states, expected, "{}", told.stdout);
    let mut sent = persons(&crm);
    sent.sort();
    assert_eq!(sent, ["bo@example.fr", "cleo@example.fr", "fay@example.fr"]);
    // It is recorded: an older yes is none any more, wherever it is read.
    let told = send(&home, "desk", &[YES], &[]);
    assert_eq!(told.column("reason"), ["blocked"], "{}", told.stdout);
    assert_eq!(partner.count(), 0);
}

/// Whoever reads `reads = "%d/%m/%Y"` in a table has cells of Excel besides.
#[test]
fn a_date_with_its_year_first_is_read_besides_the_form_that_is_said() {
    let (partner, crm) = (willing(), willing());
    let home = home(&partner, &crm);
    let table = home.home.read("partners.toml");
    home.home.config(&table.replace(
        "at = \"consent_at\"",
        "at = { from = \"consent_at\", reads = \"%d/%m/%Y\" }",
    ));
    let rows = [
        "ana@example.fr,Ana,oui,2026-11-02 14:03:00",
        "bo@example.fr,Bo,oui,03/11/2026",
        "cleo@example.fr,Cleo,oui,11/29/2026",
    ];
    let told = send(&home, "desk", &rows, &[]).expect_code(3);
    let states = told.column("state");
    assert_eq!(states, ["delivered", "delivered", "invalid"]);
    assert!(
        told.stdout.contains("2026-11-29 18:05 is read too"),
        "{}",
        told.stdout
    );
}
