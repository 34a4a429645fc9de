//! Maarch Courrier: contacts of a client's own installation.

use super::{Case, act, check_headers};
use serde_json::json;

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
            "rejected",
            None,
            "custom fields do not exist",
            3,
        ),
        ("maarch/401", "failed", None, "password refused", 2),
        ("maarch/403", "failed", None, "may not create contacts", 2),
        ("maarch/500", "in_doubt", None, "a value of this lead", 4),
    ];
    CASE.expect(&cases);
}

#[test]
fn what_their_server_shows_of_itself_is_not_repeated() {
    let (_, outcome) = CASE.sent(act("maarch/500"));
    assert!(!outcome.stdout.contains("SQLSTATE"), "{outcome:?}");
    assert!(!outcome.stdout.contains("/var/www"), "{outcome:?}");
}
