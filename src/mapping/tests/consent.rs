//! What a row proves of a consent, and every way in which it does not.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::{Judged, Plan, Sending, Word, placeholders};
use super::lead;
use crate::config::{Catalogue, Destination, Moment};
use crate::lead::Lead;

const TABLE: &str = r#"
[call]
base = "https://api.example.fr"
key = ["email"]
partner = ["Call & Co", "CallCo SAS"]
fields = { email = "email" }
send = { path = "/leads" }
[call.consent]
given = { from = "consent", is = ["oui", "1"] }
at = "consent_at"
wording = "consent_text"
where = "form_url"
names = "partners_shown"
within = "24 months"
"#;

/// A row whose person agreed, in the order of `COLUMNS`.
const ROW: [&str; 6] = [
    "a@example.fr",
    "Oui",
    "2026-08-12 10:30",
    "J'accepte d'être appelé",
    "https://example.fr/devis",
    "Autre SARL; call & co",
];
const COLUMNS: [&str; 6] = [
    "email",
    "consent",
    "consent_at",
    "consent_text",
    "form_url",
    "partners_shown",
];

fn call(table: &str) -> Destination {
    let catalogue = Catalogue::load(Some(("test.toml", table)));
    let catalogue = catalogue.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    catalogue.get("call").expect("a table").clone()
}

fn now() -> Moment {
    let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
    now.to_zoned_datetime(TimeZone::UTC).into()
}

/// The row with another cell in one column.
fn row(column: &str, cell: &str) -> Lead {
    let cells = COLUMNS.into_iter().zip(ROW);
    let cells = cells.map(|(name, own)| (name, if name == column { cell } else { own }));
    lead(&cells.collect::<Vec<_>>())
}

/// The word, and the complaints with which it is judged.
fn judged(destination: &Destination, lead: &Lead) -> (Option<Word>, Vec<String>) {
    let holders = placeholders(destination, &destination.send);
    let plan = Plan::new(destination, &destination.send, &holders, &lead.columns);
    let now = now();
    let sending = Sending {
        now: &now,
        ..Sending::default()
    };
    let complaints = match plan.judge(lead, sending) {
        Judged::Ready(_) => Vec::new(),
        Judged::Invalid(complaints) => complaints.iter().map(ToString::to_string).collect(),
    };
    (plan.consent(lead, &now), complaints)
}

#[test]
fn a_row_that_proves_it_is_ready_and_its_proof_is_whole() {
    let (word, complaints) = judged(&call(TABLE), &row("", ""));
    assert_eq!(complaints, [""; 0]);
    let Some(Word::Yes(agreed)) = word else {
        panic!("{word:?}")
    };
    assert_eq!(agreed.given, "Oui");
    let at = Timestamp::from_millisecond(agreed.at).unwrap();
    assert_eq!(at.to_string(), "2026-08-12T10:30:00Z");
    assert_eq!(agreed.wording.as_deref(), Some(ROW[3]));
    assert_eq!(agreed.place.as_deref(), Some(ROW[4]));
    assert_eq!(agreed.names.as_deref(), Some(ROW[5]));
}

#[test]
fn what_is_missing_foreign_old_or_to_come_is_told_by_its_column() {
    for (column, cell, told) in [
        (
            "consent",
            "",
            "consent is empty, but this destination needs it",
        ),
        (
            "consent",
            "peut-être",
            "\"peut-être\" is not one of: oui, 1",
        ),
        ("consent_at", "", "consent_at is empty"),
        ("consent_at", "hier", "\"hier\" is no date"),
        (
            "consent_at",
            "2026-12-01",
            "\"2026-12-01\" is in the future",
        ),
        ("consent_at", "2024-11-30 11:00", "more than 24 months ago"),
        ("consent_text", "", "consent_text is empty"),
        ("form_url", " ", "form_url is empty"),
        ("partners_shown", "", "partners_shown is empty"),
        (
            "partners_shown",
            "Autre SARL, Callcenter",
            "\"Autre SARL, Callcenter\" does not name call, Call & Co or CallCo SAS",
        ),
    ] {
        let (word, complaints) = judged(&call(TABLE), &row(column, cell));
        // A word that is known as neither may be a no.
        let unclear = matches!(word, Some(Word::Unclear(_)));
        assert_eq!(unclear, cell == "peut-être", "{word:?}");
        assert!(unclear || word.is_none(), "{word:?}");
        assert_eq!(complaints.len(), 1, "{column} {cell}");
        assert!(complaints[0].contains(told), "{cell}: {complaints:?}");
    }
    let (_, complaints) = judged(&call(TABLE), &lead(&[("email", "a@example.fr")]));
    assert_eq!(complaints.len(), 5, "{complaints:?}");
}

#[test]
fn a_partner_is_known_by_its_table_or_its_name_however_it_is_listed() {
    for listed in [
        "CALL",
        "x|Callco SAS",
        "[\"Call & Co\",\"x\"]",
        "x\ncall & co",
        "Call Co S.A.S.",
        "C.A.L.L.",
        "Call-Co S A S",
    ] {
        let (_, complaints) = judged(&call(TABLE), &row("partners_shown", listed));
        assert_eq!(complaints, [""; 0], "{listed}");
    }
}

#[test]
fn a_no_is_a_word_of_its_own_and_never_one_of_a_time_to_come() {
    let (word, complaints) = judged(&call(TABLE), &row("consent", "Non"));
    assert_eq!(complaints, ["consent: \"Non\" is no consent"]);
    assert!(
        matches!(word, Some(Word::No(at)) if at < now().millis()),
        "{word:?}"
    );
    let future = TABLE.replace("is = [", "not = [\"stop\"], is = [");
    let stop = lead(&[("consent", "STOP"), ("consent_at", "2027-01-01")]);
    assert_eq!(
        judged(&call(&future), &stop).0,
        Some(Word::No(now().millis()))
    );
    // Without a date nobody knows what it came after.
    let undated = lead(&[("consent", "non"), ("consent_at", "")]);
    let (word, complaints) = judged(&call(TABLE), &undated);
    let Some(Word::Unclear(unclear)) = word else {
        panic!("{word:?}")
    };
    assert!(unclear.is_no && unclear.at.is_none(), "{unclear:?}");
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    // It may be two days: how to say which is told as it is written.
    let two = lead(&[("consent", "non"), ("consent_at", "03/04/2026")]);
    let (_, complaints) = judged(&call(TABLE), &two);
    let form = "at = { from = \"…\", reads = \"%d/%m/%Y\" }";
    assert!(complaints[1].contains(form), "{complaints:?}");
}

#[test]
fn neither_a_default_nor_what_the_command_line_says_is_a_consent() {
    let set = [
        "consent",
        "consent_at",
        "consent_text",
        "form_url",
        "partners_shown",
    ];
    let set: Vec<(String, String)> = set
        .iter()
        .zip(&ROW[1..])
        .map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned()))
        .collect();
    let mut lead = lead(&[("email", "a@example.fr"), ("consent", "")]);
    let columns = (*lead.columns).clone().with_set(&set);
    lead.columns = columns.into();
    let (word, complaints) = judged(&call(TABLE), &lead);
    assert_eq!(word, None);
    assert_eq!(complaints.len(), 5, "{complaints:?}");
    let own = |it: &String| it.contains("is only what --default says");
    assert!(complaints.iter().all(own), "{complaints:?}");
}

#[test]
fn what_the_form_says_to_everybody_may_stand_in_the_table() {
    let table = TABLE
        .replace("\"consent_text\"", "{ value = \"v3 2026-08: J'accepte\" }")
        .replace("\"form_url\"", "{ value = \"https://example.fr\" }")
        .replace(
            "\"consent_at\"",
            "{ from = \"consent_at\", reads = \"%d/%m/%Y\" }",
        );
    let (word, complaints) = judged(&call(&table), &row("consent_at", "02/08/2026"));
    assert_eq!(complaints, [""; 0]);
    let Some(Word::Yes(agreed)) = word else {
        panic!("{word:?}")
    };
    assert_eq!(agreed.wording.as_deref(), Some("v3 2026-08: J'accepte"));
    let at = Timestamp::from_millisecond(agreed.at).unwrap();
    assert_eq!(at.to_string(), "2026-08-02T00:00:00Z");
}
