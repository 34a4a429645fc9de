//! Adlead: registrations on a programme.

use super::{Act, Case, act, check_headers};
use serde_json::json;

const CASE: Case = Case {
    to: "adlead",
    config: "",
    secret: ("ADLEAD_API_KEY", "sesame-adlead"),
    input: "\u{feff}Espace client;Programme;ID du prescripteur;Nom;Prénom;E-mail;E-mail 2;Tél.;Tél. 2;Commentaire\r\n\
        client-a;12;10;Gilbert;André;test@test.fr;;+33 6 13 13 13 12;;Lead dénoncé pour le compte de M. Hervé Dupont\r\n",
};

#[test]
fn the_documents_request() {
    let (arrived, outcome) = CASE.sent(act("adlead/201-created"));
    outcome.expect_code(0);
    check_headers(&arrived, ("x-api-key", "sesame-adlead"));
    assert_eq!(arrived.target, "/v1/client-a/programs/12/registrations");
    // The document's nulls are blank cells: left out.
    let expected = json!({
        "owner_id": 10,
        "name": "Gilbert",
        "firstname": "André",
        "email1": "test@test.fr",
        "phone1": "+33613131312",
        "comment": "Lead dénoncé pour le compte de M. Hervé Dupont"
    });
    assert_eq!(arrived.json(), expected);
}

#[test]
fn every_field_of_the_document() {
    let case = Case {
        input: r#"{"tenant":"client-a","program":"12","owner":"10","title":"Mme","last_name":"Gilbert","first_name":"Anne","email":" anne@example.fr ","email2":"anne2@example.fr","phone":"06 39 98 00 01","phone2":"01 99 00 00 02","city":"Paris","zip":"01000","country":"France","address":"12 rue du Louvre","address2":"Bât. B","comment":"x"}"#,
        ..CASE
    };
    let (arrived, _) = case.sent(act("adlead/201-created"));
    let expected = json!({
        "owner_id": 10,
        "title": "ms",
        "name": "Gilbert",
        "firstname": "Anne",
        "email1": "anne@example.fr",
        "email2": "anne2@example.fr",
        "phone1": "+33639980001",
        "phone2": "+33199000002",
        "city": "Paris",
        "zipcode": "01000",
        "country": "FR",
        "address1": "12 rue du Louvre",
        "address2": "Bât. B",
        "comment": "x"
    });
    assert_eq!(arrived.json(), expected);
}

#[test]
fn answers() {
    let cases = [
        // A receipt is not an acceptance.
        (
            "adlead/201-created",
            "pending",
            Some("2597"),
            "Dénonciation créée",
            0,
        ),
        (
            "adlead/200-created",
            "pending",
            Some("2597"),
            "Dénonciation créée",
            0,
        ),
        ("adlead/400-validation", "rejected", None, "phone1", 3),
        ("adlead/422-laravel", "rejected", None, "email1", 3),
        (
            "adlead/403-key",
            "failed",
            None,
            "La clé API fournie n'est pas valide",
            2,
        ),
        ("adlead/403-permission", "failed", None, "permission", 2),
        ("adlead/404", "failed", None, "check tenant and program", 2),
        ("adlead/422-owner", "failed", None, "set owner", 2),
        (
            "adlead/200-no-proof",
            "in_doubt",
            None,
            "Une erreur est survenue",
            4,
        ),
        ("adlead/302-html", "in_doubt", None, "", 4),
        ("adlead/500", "in_doubt", None, "", 4),
    ];
    CASE.expect(&cases);
}

#[test]
fn a_refusal_says_what_is_wrong_with_the_field_and_nothing_else() {
    let (_, outcome) = CASE.sent(act("adlead/400-validation"));
    assert_eq!(
        outcome.column("message"),
        ["Le champ phone1 n'est pas valide."]
    );
}

#[test]
fn every_field_at_fault_is_named() {
    let words = "Ce champ est obligatoire.";
    for status in [400, 422] {
        let body = json!({"success": false, "message": "Les données fournies ne sont pas valides.", "data": null,
            "errors": {"name": [words], "phone1": [words, "Trop court."], "email1": "Adresse invalide.", "zipcode": []}});
        let (_, outcome) = CASE.sent(Act::json(status, &body.to_string()));
        assert_eq!(outcome.column("state"), ["rejected"]);
        assert_eq!(
            outcome.column("message"),
            [format!(
                "\"Nom\" (name): {words}; \"Téléphone\" (phone1): {words}, Trop court.; \
                 \"Adresse e-mail\" (email1): Adresse invalide.; \"Code postal\" (zipcode)"
            )]
        );
    }
    // Also where their words are many.
    let names = [
        "title",
        "name",
        "firstname",
        "email1",
        "email2",
        "phone1",
        "phone2",
        "city",
        "zipcode",
        "country",
        "address1",
        "address2",
        "comment",
    ];
    let long = "Ce champ est obligatoire. ".repeat(9);
    let errors: serde_json::Map<_, _> = names
        .iter()
        .map(|name| ((*name).to_owned(), json!([long])))
        .collect();
    let body = json!({"message": "The given data was invalid.", "errors": errors});
    let (_, outcome) = CASE.sent(Act::json(422, &body.to_string()));
    let message = outcome.column("message").remove(0);
    for name in names {
        assert!(message.contains(&format!("({name})")), "{name}: {message}");
    }
    // And beside the owner, who stops the run.
    let body = json!({"errors": {"owner_id": [words], "phone1": [words]}});
    let (_, outcome) = CASE.sent(Act::json(422, &body.to_string()));
    let message = outcome.column("message").remove(0);
    assert!(
        message.contains("set owner") && message.contains("\"Téléphone\" (phone1)"),
        "{message}"
    );
}

#[test]
fn a_quota_is_waited_for_as_the_body_tells() {
    // Longer than this run may last: the lead stays here, for the next run.
    for body in [
        r#"{"success":false,"message":"Trop de requêtes, réessayez dans 50 secondes.","data":null}"#,
        r#"{"success":false,"message":"Trop de requêtes.","data":null,"retry_after":50}"#,
    ] {
        let partner = super::Partner::always(Act::json(429, body));
        let home = CASE.home(&partner);
        let arguments = [
            "send",
            "--to",
            "adlead",
            "--deadline",
            "20s",
            "--format",
            "json",
            "-",
        ];
        let outcome = home.run_with(&arguments, CASE.input).expect_code(5);
        assert_eq!(outcome.column("state"), ["failed"], "{outcome:?}");
        assert_eq!(partner.count(), 1, "{outcome:?}");
    }
}

#[test]
fn a_wait_that_is_over_ends_in_the_second_try() {
    let wait = Act::json(
        429,
        r#"{"success":false,"message":"Trop de requêtes.","retry_after":1}"#,
    );
    let partner = super::Partner::playing(vec![wait, act("adlead/201-created")]);
    let outcome = CASE.run(&CASE.home(&partner)).expect_code(0);
    assert_eq!(outcome.column("state"), ["pending"]);
    assert_eq!(outcome.column("attempts"), ["2"]);
    assert_eq!(partner.count(), 2);
}
