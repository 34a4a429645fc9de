//! HubSpot: contacts of a CRM account.

use super::{Act, Case, act, check_headers};
use serde_json::json;

const CASE: Case = Case {
    to: "hubspot",
    config: "",
    secret: ("HUBSPOT_TOKEN", "pat-sesame"),
    input: "Nom,Prénom,Téléphone,Email,Code postal,Ville\nMartin,Léa,,lea.martin@example.fr,01000,\n",
};

#[test]
fn the_documents_request() {
    let (arrived, outcome) = CASE.sent(act("hubspot/201-create"));
    outcome.expect_code(0);
    check_headers(&arrived, ("authorization", "Bearer pat-sesame"));
    assert_eq!(arrived.target, "/crm/objects/2026-09/contacts");
    // Every property is text; a blank one would clear it and is left out.
    let expected = json!({
        "associations": [],
        "properties": {
            "email": "lea.martin@example.fr",
            "firstname": "Léa",
            "lastname": "Martin",
            "zip": "01000"
        }
    });
    assert_eq!(arrived.json(), expected);
}

#[test]
fn numbers_in_json_are_sent_as_text() {
    let case = Case {
        input: r#"[{"email":"n@example.fr","first_name":"Nina","zip":69003,"phone":33639980021,"company":2026}]"#,
        ..CASE
    };
    let (arrived, _) = case.sent(act("hubspot/201-create"));
    let expected = json!({
        "email": "n@example.fr", "firstname": "Nina", "phone": "+33639980021",
        "company": "2026", "zip": "69003"
    });
    assert_eq!(arrived.json()["properties"], expected);
}

#[test]
fn whatever_a_map_or_a_type_makes_of_a_value_is_text() {
    let case = Case {
        config: "[hubspot.fields]\n\
            \"properties.size\" = { from = \"headcount\", type = \"integer\" }\n\
            \"properties.optin\" = { from = \"consent\", type = \"boolean\" }\n\
            \"properties.score\" = { from = \"status\", map = { chaud = 3, froid = false } }\n\
            \"properties.band\" = { from = \"employees\", ranges = { \"1-9\" = 1, \"10-\" = 2.5 } }\n\
            \"properties.origin\" = { value = 7 }\n",
        input: "Email;Nombre de salariés;Opt-in;Statut;Effectif\na@example.fr;012;oui;Chaud;12\n",
        ..CASE
    };
    let (arrived, _) = case.sent(act("hubspot/201-create"));
    let expected = json!({"email": "a@example.fr", "size": "12", "optin": "true", "score": "3",
        "band": "2.5", "origin": "7"});
    assert_eq!(arrived.json()["properties"], expected);
    // What is no property keeps its shape.
    assert_eq!(arrived.json()["associations"], json!([]));
    let partner = super::Partner::always(Act::json(200, r#"{"id":"13"}"#));
    let home = case.home(&partner);
    let csv = "fiche;Nombre de salariés;Statut\n13;5;froid\n";
    home.run_with(&["amend", "--to", "hubspot", "--ref", "fiche", "-"], csv)
        .expect_code(0);
    let changed = partner.arrived()[0].json();
    assert_eq!(
        changed,
        json!({"properties": {"size": "5", "score": "false"}})
    );
    // A simulated partner wants the same.
    let home = case.home(&partner);
    let arguments = [
        "send",
        "--to",
        "hubspot",
        "--sandbox",
        "--format",
        "json",
        "-",
    ];
    let run = home.run_with(&arguments, case.input).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"], "{run:?}");
}

#[test]
fn a_warning_is_told() {
    let warned = json!({"id": "7", "properties": {}, "warnings": [
        {"category": "X", "message": "The phone number could not be formatted", "context": {}},
        {"category": "Y", "message": "A value was cut", "context": {}}]});
    let (_, outcome) = CASE.sent(Act::json(201, &warned.to_string()));
    let outcome = outcome.expect_code(0);
    assert_eq!(outcome.column("state"), ["delivered"]);
    assert_eq!(
        outcome.column("message"),
        ["created, with a warning: The phone number could not be formatted; A value was cut"]
    );
    for warnings in [json!(null), json!([])] {
        let body = json!({"id": "7", "properties": {}, "warnings": warnings});
        let (_, outcome) = CASE.sent(Act::json(201, &body.to_string()));
        assert_eq!(outcome.column("message"), [""]);
    }
    let partner = super::Partner::always(Act::json(200, &warned.to_string()));
    let home = CASE.home(&partner);
    let arguments = [
        "amend", "--to", "hubspot", "--ref", "fiche", "--format", "json", "-",
    ];
    let run = home
        .run_with(&arguments, "fiche;Ville\n7;Lyon\n")
        .expect_code(0);
    let message = run.column("message").remove(0);
    assert!(
        message.contains("changed: properties.city; The phone number"),
        "{message}"
    );
}

#[test]
fn the_version_is_a_setting_and_a_property_a_line() {
    let case = Case {
        config: "path.version = { value = \"v3\" }\n[hubspot.fields]\n\"properties.formation\" = \"course\"\n",
        input: "Email;Formation\na@example.fr;CAP Petite Enfance\n",
        ..CASE
    };
    let (arrived, _) = case.sent(act("hubspot/201-create"));
    assert_eq!(arrived.target, "/crm/objects/v3/contacts");
    let expected = json!({"email": "a@example.fr", "formation": "CAP Petite Enfance"});
    assert_eq!(arrived.json()["properties"], expected);
}

#[test]
fn real_answers() {
    let stop = "failed";
    let cases = [
        (
            "hubspot/201-create",
            "delivered",
            Some("171596044869"),
            "",
            0,
        ),
        (
            "hubspot/409-exists",
            "duplicate",
            Some("37765128953"),
            "already exists",
            0,
        ),
        ("hubspot/409-no-id", "duplicate", None, "already exists", 0),
        (
            "hubspot/400-email",
            "rejected",
            None,
            "Email address example.lcom is invalid",
            3,
        ),
        (
            "hubspot/400-option",
            "rejected",
            None,
            "was not one of the allowed options",
            3,
        ),
        (
            "hubspot/400-required-2026-09",
            "rejected",
            None,
            "A value for firstname must be provided",
            3,
        ),
        ("hubspot/400-property", stop, None, "first000name", 2),
        ("hubspot/401", stop, None, "token is refused", 2),
        ("hubspot/401-expired", stop, None, "expired", 2),
        ("hubspot/403", stop, None, "crm.objects.contacts.write", 2),
        ("hubspot/429-daily", stop, None, "tomorrow", 5),
    ];
    CASE.expect(&cases);
}

#[test]
fn ten_seconds_are_waited_unless_the_run_must_end_before() {
    let partner = super::Partner::always(act("hubspot/429-ten-seconds"));
    let home = CASE.home(&partner);
    let arguments = [
        "send",
        "--to",
        "hubspot",
        "--deadline",
        "5s",
        "--format",
        "json",
        "-",
    ];
    let outcome = home.run_with(&arguments, CASE.input).expect_code(5);
    assert_eq!(outcome.column("state"), ["failed"], "{outcome:?}");
    assert_eq!(partner.count(), 1);
}

#[test]
fn a_lost_answer_is_asked_again_where_the_email_makes_it_safe() {
    let there = act("hubspot/409-exists");
    let partner = super::Partner::playing(vec![Act::Close, there.clone()]);
    let outcome = CASE.run(&CASE.home(&partner)).expect_code(0);
    assert_eq!(outcome.column("attempts"), ["2"], "{outcome:?}");
    assert_eq!(partner.count(), 2);

    // Without an e-mail nothing would tell the second contact from the first.
    let partner = super::Partner::playing(vec![Act::Close, there]);
    let case = Case {
        input: "Nom,Prénom\nMartin,Léa\n",
        ..CASE
    };
    let outcome = case.run(&case.home(&partner)).expect_code(4);
    assert_eq!(outcome.column("state"), ["in_doubt"]);
    assert_eq!(partner.count(), 1);
}

#[test]
fn a_gateways_page_is_no_answer() {
    for status in [502, 503, 504, 521, 523, 524] {
        let case = Case {
            input: "Nom,Prénom\nMartin,Léa\n",
            ..CASE
        };
        let (_, outcome) = case.sent(Act::html(status, "<html><b>Bad</b> gateway</html>"));
        let outcome = outcome.expect_code(4);
        assert_eq!(outcome.column("state"), ["in_doubt"], "{status}");
        assert!(!outcome.stdout.contains("<html>"), "{status}: {outcome:?}");
    }
}
