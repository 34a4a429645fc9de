//! The page of one person: what they agreed to, who has them, whom to tell; what is left
//! of it after a purge.

use super::Browser;
use crate::common::Outcome;
use crate::common::desk::{Desk, willing};

const CONSENT: &str = r#"tries = 1
jobs = 1
ask = "Mme Roy"
[desk.consent]
given = { from = "consent", is = ["oui"] }
at = "consent_at"
wording = "consent_text"
where = "form_url"
"#;
const LEADS: &str = "\
E-mail;Nom;Téléphone;consent;consent_at;consent_text;form_url
lea@example.fr;Martin;0639980001;oui;2026-01-15 10:30;J'accepte d'être <b>rappelée</b>.;https://example.fr/devis
tom@example.fr;Martin;0639980002;oui;2026-01-16 10:30;J'accepte tout.;https://example.fr/tout
";
const NO: &str = "\
E-mail;Nom;Téléphone;consent;consent_at;consent_text;form_url
lea@example.fr;Martin;0639980001;non;2026-02-01 08:00;;
";
const PAGE: &str = "page.html";

fn desk() -> Desk {
    let partner = willing();
    let desk = Desk::with(&partner.base(), CONSENT, "");
    desk.home.write("leads.csv", LEADS);
    desk.send(&["leads.csv"]).expect_code(0);
    desk
}

fn page(desk: &Desk, person: &str) -> Outcome {
    desk.home
        .run(&["history", "--person", person, "--output", PAGE])
}

fn told(desk: &Desk, words: &[&str]) {
    let page = desk.home.read(PAGE);
    for words in words {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[test]
fn it_says_what_was_agreed_to_and_who_was_sent_the_person() {
    let desk = desk();
    page(&desk, "lea@example.fr").expect_code(0);
    told(
        &desk,
        &[
            "<h1>Martin</h1>",
            "lea@example.fr · +33639980001",
            "Agreed on 15 Jan 2026 10:30:00",
            "J'accepte d'être &lt;b&gt;rappelée&lt;/b&gt;.",
            "https://example.fr/devis",
            "leads.csv, line 2",
            "Mme Roy",
            "delivered",
        ],
    );
    let text = desk.home.read(PAGE);
    assert!(
        !text.contains("tom@") && !text.contains("J'accepte tout"),
        "{text}"
    );
    assert!(!text.contains("No longer agreed"), "{text}");
    if let Some(browser) = Browser::found("the page of one person") {
        browser.judge(&desk.home.path().join(PAGE));
    }
}

#[test]
fn after_a_no_it_says_whom_to_tell_and_after_a_purge_what_is_left() {
    let desk = desk();
    desk.home.write("no.csv", NO);
    desk.send(&["no.csv"]);
    page(&desk, "0639980001").expect_code(0);
    told(
        &desk,
        &[
            "No longer agreed",
            "1 Feb 2026 08:00:00",
            "by its reference",
        ],
    );
    let purged = ["purge", "--person", "lea@example.fr"];
    let run = desk.home.run(&purged).expect_code(0);
    // It was written for somebody who may keep it, but holds what is gone here.
    assert!(run.stderr.contains(PAGE), "{run:?}");
    page(&desk, "lea@example.fr").expect_code(0);
    told(
        &desk,
        &[
            "A person whose data was erased",
            "kept for 5 years after the last sending",
            "J'accepte d'être",
            "delivered",
            "withdrawn on",
        ],
    );
    assert!(!desk.home.read(PAGE).contains("Martin"));
}

/// By whichever address each was said.
#[test]
fn every_no_is_shown_also_where_they_agreed_anew() {
    let desk = desk();
    let header = NO.lines().next().unwrap();
    let rows = [
        "lea@example.fr;Martin;0639980001;non;2026-02-01 08:00;;",
        "lea@example.fr;Martin;0639980001;oui;2026-02-10 08:00;J'accepte encore.;https://example.fr/devis",
        "lea@example.fr;Martin;0639980001;non;2026-02-20 08:00;;",
        "lea@home.example.fr;Martin;0639980001;oui;2026-02-25 08:00;J'accepte enfin.;https://example.fr/devis",
    ];
    desk.home
        .write("words.csv", format!("{header}\n{}\n", rows.join("\n")));
    desk.send(&["words.csv"]);
    page(&desk, "0639980001").expect_code(0);
    told(
        &desk,
        &[
            "When they said no before",
            "withdrawn on 20 Feb 2026 08:00:00",
            "withdrawn on 1 Feb 2026 08:00:00",
            "Agreed on 25 Feb 2026 08:00:00",
        ],
    );
    assert!(!desk.home.read(PAGE).contains("No longer agreed"));
}

#[test]
fn once_the_time_of_the_proof_is_over_it_says_that_nothing_is_kept() {
    let desk = desk();
    let purge = ["purge", "--person", "lea@example.fr"];
    desk.home.run(&purge).expect_code(0);
    let long_ago = "UPDATE leads SET sent_at = sent_at - 6 * 366 * 86400000";
    desk.sql().execute(long_ago, []).unwrap();
    // Whether the next purge was or was not.
    for _ in 0..2 {
        page(&desk, "lea@example.fr").expect_code(0);
        told(
            &desk,
            &[
                "No proof of a consent is stored.",
                "the last sending is more than 5 years ago",
            ],
        );
        let text = desk.home.read(PAGE);
        assert!(!text.contains("are kept for"), "{text}");
        desk.home.run(&["purge", "--before", "1d"]);
    }
}

#[test]
fn a_name_that_several_have_and_a_person_unknown_give_no_page() {
    let desk = desk();
    let several = page(&desk, "Martin").expect_code(2);
    let named = "leadctl history --person 2 --output page.html";
    assert!(
        several.stderr.lines().any(|line| line.trim() == named),
        "{several:?}"
    );
    page(&desk, "nobody@example.fr").expect_code(2);
    assert!(!desk.home.path().join(PAGE).exists());
}

#[test]
fn what_leadctl_did_not_write_is_never_written_over() {
    let desk = desk();
    desk.home.write(PAGE, "an export named by a slip");
    let run = page(&desk, "lea@example.fr").expect_code(2);
    assert!(run.stderr.contains("not as leadctl wrote it"), "{run:?}");
    assert_eq!(desk.home.read(PAGE), "an export named by a slip");
    std::fs::remove_file(desk.home.path().join(PAGE)).unwrap();
    for _ in 0..2 {
        page(&desk, "lea@example.fr").expect_code(0);
    }
    let noted = desk.home.read(PAGE) + "<!-- noted -->";
    desk.home.write(PAGE, &noted);
    page(&desk, "lea@example.fr").expect_code(2);
    assert_eq!(desk.home.read(PAGE), noted);
}
