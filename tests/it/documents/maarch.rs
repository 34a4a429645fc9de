//! Maarch Courrier: contacts of a client's own installation.

use std::sync::Mutex;

use super::{Act, Case, Partner, act, check_headers};
use serde_json::{Value as Json, json};

const CASE: Case = Case {
    to: "maarch",
    config: "auth.basic = { user = \"leads\", secret = \"MAARCH_PASSWORD\" }\n\
        [maarch.fields]\n\
        communicationMeans = { from = \"Moyen de communication\" }\n\
        \"externalId.companyId\" = \"Identifiant société\"\n\
        \"customFields.2\" = \"Champ custom\"\n",
    secret: ("MAARCH_PASSWORD", "sesame-maarch"),
    input: "Civilité;Prénom;Nom;Société;Fonction;N° de voie;Voie;Code postal;Ville;Pays;E-mail;Téléphone;Moyen de communication;Notes;Identifiant société;Champ custom\n\
        M.;Clark;Kent;Daily Planet;Reporter;30;Rue des avions;75001;Paris;France;clark.kent@daily-planet.com;01 20 21 22 23;http://1.1.1.1/maarch_courrier/;Awesome;123456789;ma valeur custom\n",
};

#[test]
fn the_documents_request() {
    let (arrived, outcome) = CASE.sent(act("maarch/200-created"));
    outcome.expect_code(0);
    // leads:sesame-maarch
    check_headers(
        &arrived,
        ("authorization", "Basic bGVhZHM6c2VzYW1lLW1hYXJjaA=="),
    );
    assert_eq!(arrived.target, "/rest/contacts");
    let expected = json!({
        "civility": 1,
        "firstname": "Clark",
        "lastname": "Kent",
        "company": "Daily Planet",
        "function": "Reporter",
        "addressNumber": "30",
        "addressStreet": "Rue des avions",
        "addressPostcode": "75001",
        "addressTown": "Paris",
        "addressCountry": "France",
        "email": "clark.kent@daily-planet.com",
        "phone": "+33120212223",
        "communicationMeans": "http://1.1.1.1/maarch_courrier/",
        "notes": "Awesome",
        "externalId": {"companyId": "123456789"},
        "customFields": {"2": "ma valeur custom"}
    });
    assert_eq!(arrived.json(), expected);
}

#[test]
fn a_name_or_a_company_is_enough_and_one_is_needed() {
    let case = Case {
        input: "Nom;Société;E-mail\n;Mairie;a@example.fr\nRoche;;b@example.fr\n;;c@example.fr\n",
        ..CASE
    };
    let partner = super::Partner::always(act("maarch/200-created"));
    let outcome = case.run(&case.home(&partner)).expect_code(3);
    assert_eq!(
        outcome.column("state"),
        ["delivered", "delivered", "invalid"]
    );
    assert_eq!(partner.count(), 2);
    // In the words of the user's own columns.
    assert!(outcome.column("message")[2].starts_with("Nom or Société: at least one"));
}

#[test]
fn words_that_the_server_would_run_never_leave() {
    for word in ["CURRENT_TIMESTAMP", "x sysdate()", "a\\u0000b"] {
        let input = format!(r#"{{"last_name":"Roche","email":"a@example.fr","comment":"{word}"}}"#);
        let partner = super::Partner::always(act("maarch/200-created"));
        let home = CASE.home(&partner);
        let arguments = ["send", "--to", "maarch", "--format", "json", "-"];
        let outcome = home.run_with(&arguments, input);
        assert_eq!(outcome.column("state"), ["invalid"], "{word}: {outcome:?}");
        assert_eq!(partner.count(), 0, "{word}");
    }
}

#[test]
fn answers() {
    let cases = [
        ("maarch/200-created", "delivered", Some("13"), "", 0),
        // No `warning` key: it was there, and the new data is discarded.
        (
            "maarch/200-there",
            "duplicate",
            Some("13"),
            "already there",
            0,
        ),
        (
            "maarch/400-mandatory",
            "rejected",
            None,
            "Body lastname or company is mandatory",
            3,
        ),
        (
            "maarch/400-email",
            "rejected",
            None,
            "Body email is not valid",
            3,
        ),
        (
            "maarch/400-phone",
            "rejected",
            None,
            "Body phone is not valid",
            3,
        ),
        (
            "maarch/400-length",
            "rejected",
            None,
            "length is not valid",
            3,
        ),
        (
            "maarch/400-custom",
            "failed",
            None,
            "no such custom field",
            2,
        ),
        ("maarch/401", "failed", None, "password refused", 2),
        ("maarch/403", "failed", None, "may not create contacts", 2),
        ("maarch/500", "in_doubt", None, "a value of this lead", 4),
    ];
    CASE.expect(&cases);
}

#[test]
fn an_unknown_custom_field_stops_the_run() {
    let partner = super::Partner::always(act("maarch/400-custom"));
    let home = CASE.home(&partner);
    let csv = "Nom;E-mail;Champ custom\nRoche;a@example.fr;x\nRoy;b@example.fr;y\n";
    let arguments = [
        "send", "--to", "maarch", "--jobs", "1", "--format", "json", "-",
    ];
    let outcome = home.run_with(&arguments, csv).expect_code(2);
    assert_eq!(outcome.column("state"), ["failed", "unsent"]);
    assert_eq!(partner.count(), 1);
}

#[test]
fn the_means_of_communication_in_its_later_form() {
    let case = Case {
        config: "[maarch.fields]\n\"communicationMeans.email\" = { from = \"Moyen de communication\" }\n",
        input: "Nom;Moyen de communication\nRoche;autre@example.fr\n",
        ..CASE
    };
    let (arrived, _) = case.sent(act("maarch/200-created"));
    let expected =
        json!({"lastname": "Roche", "communicationMeans": {"email": "autre@example.fr"}});
    assert_eq!(arrived.json(), expected);
}

/// A Maarch that keeps this contact; of a change it keeps what `keeps` makes of it.
fn installation(contact: Json, answer: Act, keeps: fn(&mut Json)) -> Partner {
    let kept = Mutex::new(contact);
    Partner::start(move |arrived| {
        let mut kept = kept.lock().unwrap();
        if arrived.method == "GET" {
            return Act::json(200, &kept.to_string());
        }
        *kept = arrived.json();
        kept["id"] = json!(13);
        keeps(&mut kept);
        answer.clone()
    })
}

fn amend(partner: &Partner, csv: &str) -> super::Outcome {
    let home = CASE.home(partner);
    let arguments = [
        "amend", "--to", "maarch", "--ref", "fiche", "--format", "json", "-",
    ];
    home.run_with(&arguments, csv)
}

fn contact(more: Json) -> Json {
    let mut contact = json!({"id": 13, "lastname": "Roche", "phone": "+33639980001",
        "communicationMeans": null, "customFields": null, "externalId": [], "creator": 1});
    if let (Some(contact), Json::Object(more)) = (contact.as_object_mut(), more) {
        contact.extend(more);
    }
    contact
}

#[test]
fn a_change_is_read_again_and_what_was_dropped_is_told() {
    let drops = |kept: &mut Json| kept["communicationMeans"] = Json::Null;
    let partner = installation(contact(json!({})), Act::status(204), drops);
    let csv = "fiche;Moyen de communication;Téléphone\n13;pas une adresse;06 39 98 00 02\n";
    let outcome = amend(&partner, csv).expect_code(0);
    assert_eq!(outcome.column("state"), ["delivered"]);
    assert_eq!(
        outcome.column("message"),
        ["changed: phone, communicationMeans; not kept there as it was sent: communicationMeans"]
    );
    let methods = partner.arrived();
    let methods: Vec<&str> = methods.iter().map(|one| one.method.as_str()).collect();
    assert_eq!(methods, ["GET", "PUT", "GET"]);

    let partner = installation(contact(json!({})), Act::status(204), |_| {});
    let outcome = amend(&partner, "fiche;Téléphone\n13;06 39 98 00 02\n").expect_code(0);
    assert_eq!(outcome.column("message"), ["changed: phone"]);
}

#[test]
fn a_change_with_a_warning_is_made() {
    let warning = Act::json(200, r#"{"warning":"Annuaire M2M injoignable"}"#);
    let partner = installation(contact(json!({})), warning, |_| {});
    let outcome = amend(&partner, "fiche;Téléphone\n13;06 39 98 00 02\n").expect_code(0);
    assert_eq!(outcome.column("state"), ["delivered"]);
    assert_eq!(
        outcome.column("message"),
        ["changed: phone; Annuaire M2M injoignable"]
    );
}

#[test]
fn what_is_stored_there_and_would_be_run_is_not_written_back() {
    for notes in ["voir CURRENT_TIMESTAMP", "x sysdate()", "a\u{0}b"] {
        let there = contact(json!({ "notes": notes }));
        let partner = installation(there, Act::status(204), |_| {});
        let outcome = amend(&partner, "fiche;Téléphone\n13;06 39 98 00 02\n").expect_code(5);
        assert_eq!(outcome.column("state"), ["failed"]);
        let message = outcome.column("message").remove(0);
        assert!(
            message.contains("nothing was changed: its notes holds"),
            "{message}"
        );
        assert!(partner.arrived().iter().all(|one| one.method == "GET"));
        // Put right by the row itself.
        let there = contact(json!({ "notes": notes }));
        let partner = installation(there, Act::status(204), |_| {});
        amend(&partner, "fiche;Notes\n13;rappeler lundi\n").expect_code(0);
    }
}

/// `check --online` at an account that may do this, on a stock installation.
fn online(profile: Act, parameters: Act) -> super::Outcome {
    let partner = Partner::start(move |arrived| match arrived.target.as_str() {
        "/rest/currentUser/profile" => profile.clone(),
        "/rest/contactsParameters" => parameters.clone(),
        _ => Act::status(404),
    });
    let home = CASE.home(&partner);
    home.run(&["check", "--to", "maarch", "--online"])
}

fn privileges(all: &[&str]) -> Act {
    Act::json(
        200,
        &json!({"user_id": "leads", "privileges": all}).to_string(),
    )
}

fn stock() -> Act {
    let entry = |name: &str, mandatory: bool| json!({"identifier": name, "mandatory": mandatory});
    let all = [
        entry("lastname", true),
        entry("company", true),
        entry("email", false),
    ];
    let filling = json!({"id": 1, "enable": false, "first_threshold": 33, "second_threshold": 66});
    Act::json(
        200,
        &json!({"contactsFilling": filling, "contactsParameters": all}).to_string(),
    )
}

#[test]
fn an_account_is_ready_if_it_may_create() {
    for all in [
        &["create_contacts"][..],
        &["view_contacts", "admin_contacts"],
        &["ALL_PRIVILEGES"],
    ] {
        let outcome = online(privileges(all), stock()).expect_code(0);
        assert!(
            outcome.stderr.contains("1 of 1 destination ready"),
            "{outcome:?}"
        );
        // One of the two is enough, which `need_one` says.
        assert!(
            !outcome.stderr.contains("a contact must have"),
            "{outcome:?}"
        );
    }
    let outcome = online(privileges(&["view_contacts"]), stock()).expect_code(2);
    assert!(
        outcome.stderr.contains("may not create contacts"),
        "{outcome:?}"
    );
    assert!(
        outcome.stderr.contains("0 of 1 destination ready"),
        "{outcome:?}"
    );
}

#[test]
fn an_account_that_may_create_and_not_read_is_not_refused() {
    let forbidden = || Act::json(403, r#"{"errors":"Service forbidden"}"#);
    let outcome = online(forbidden(), forbidden()).expect_code(0);
    for told in [
        "is seen when one is sent",
        "may not be read with these credentials",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {outcome:?}");
    }
    let wrong = Act::json(401, r#"{"errors":"Authentication Failed"}"#);
    online(wrong.clone(), wrong).expect_code(2);
}

#[test]
fn what_their_server_shows_of_itself_is_not_repeated() {
    let (_, outcome) = CASE.sent(act("maarch/500"));
    assert!(!outcome.stdout.contains("SQLSTATE"), "{outcome:?}");
    assert!(!outcome.stdout.contains("/var/www"), "{outcome:?}");
}
