//! Companeo: quote requests with a questionnaire.

use super::{Act, Case, act, check_headers, fixture};
use serde_json::json;

const CASE: Case = Case {
    to: "companeo",
    config: "",
    secret: ("COMPANEO_TOKEN", "sesame-companeo"),
    input: "Nombre de salariés / Visiteurs;Code postal :;Votre email professionnel;Nom de la société;Quelle est votre forme juridique ?;Prénom;Nom;Téléphone\n\
        1 - 4;75001;wayne.hotte@test.fr;HOTTE INC.;Société créée (SASU, SARL, etc.);Wayne;Hotte;01 30 92 67 84\n",
};

#[test]
fn the_documents_request() {
    let (arrived, outcome) = CASE.sent(act("companeo/200-created"));
    outcome.expect_code(0);
    check_headers(&arrived, ("authorization", "Bearer sesame-companeo"));
    assert_eq!(arrived.target, "/api/v1/partners/create_rfq");
    // One request a POST; the ids keep their types.
    let expected = json!([{
        "categoryId": 1463,
        "data": {
            "30148": 25638,
            "25533": "75001",
            "email": "wayne.hotte@test.fr",
            "companyName": "HOTTE INC.",
            "segment": 1,
            "firstname": "Wayne",
            "lastname": "Hotte",
            "phone": "0130926784"
        }
    }]);
    assert_eq!(arrived.json(), expected);
}

#[test]
fn mapped_ids_keep_their_types_and_texts_their_zeros() {
    let case = Case {
        input: "Société;Forme juridique;Effectif;Nombre de salariés;Prénom;Nom;E-mail;Tél;CP;Ville;Adresse;SIRET;Code NAF;Commentaire\n\
            Café;SOCIETE EN COURS D’IMMATRICULATION;012;50 ET PLUS;Élise;O’Neil;e@example.fr;0639980001;01000;Bourg;1 rue;00345678900012;10.71C;Oui\n",
        ..CASE
    };
    let (arrived, _) = case.sent(act("companeo/200-created"));
    let expected = json!([{
        "categoryId": 1463,
        "data": {
            "30148": 25642,
            "25533": "01000",
            "email": "e@example.fr",
            "companyName": "Café",
            "segment": "CREA",
            "firstname": "Élise",
            "lastname": "O'Neil",
            "phone": "0639980001",
            "address": "1 rue",
            "comment": "Oui",
            "siret": "00345678900012",
            "naf": "10.71C",
            "employees": "012",
            "city": "Bourg"
        }
    }]);
    assert_eq!(arrived.json(), expected);
}

#[test]
fn a_number_of_employees_is_the_answer_that_holds_it() {
    let csv = |column: &str, value: &str| {
        format!(
            "Société;Forme juridique;Prénom;Nom;E-mail;Tél;CP;{column}\n\
             Café;SAS;Élise;Blanc;e@example.fr;0639980001;01000;{value}\n"
        )
    };
    for (column, value, answer) in [
        ("Nombre de salariés", "1", 25638),
        ("Nombre de salariés", "4", 25638),
        ("Nombre de salariés", "5", 25639),
        ("Nombre de salariés", "12", 25640),
        ("Nombre de salariés", "12.0", 25640),
        ("Nombre de salariés", "10 à 19", 25640),
        ("Nombre de salariés", "20 - 49", 25641),
        ("Nombre de salariés", "50+", 25642),
        ("Nombre de salariés", "1 200", 25642),
        ("Nombre de salariés", "50 ET PLUS", 25642),
        ("Effectif", "12", 25640),
    ] {
        let partner = super::Partner::always(act("companeo/200-created"));
        let home = CASE.home(&partner);
        let arguments = ["send", "--to", "companeo", "--format", "json", "-"];
        home.run_with(&arguments, csv(column, value)).expect_code(0);
        let data = partner.arrived()[0].json()[0]["data"].clone();
        assert_eq!(data["30148"], answer, "{column} {value}");
        let employees = (column == "Effectif").then_some(value);
        assert_eq!(data["employees"].as_str(), employees, "{column} {value}");
    }
    for value in ["0", "3 - 7", "1.200", "douze"] {
        let partner = super::Partner::always(act("companeo/200-created"));
        let home = CASE.home(&partner);
        let arguments = ["send", "--to", "companeo", "--format", "json", "-"];
        let run = home
            .run_with(&arguments, csv("Nombre de salariés", value))
            .expect_code(3);
        let message = run.column("message").remove(0);
        for told in [value, "10 - 19", "a number in 1-4, 5-9, 10-19, 20-49, 50-"] {
            assert!(message.contains(told), "{message}");
        }
    }
}

#[test]
fn the_usual_words_for_a_legal_form() {
    let csv = |form: &str| {
        format!(
            "Société;Forme juridique;Prénom;Nom;E-mail;Tél;CP;Nombre de salariés\n\
             Café;{form};Élise;Blanc;e@example.fr;0639980001;01000;3\n"
        )
    };
    for (form, answer) in [
        ("SAS", json!(1)),
        ("SARL", json!(1)),
        ("S.A.R.L.", json!(1)),
        ("s.a.s", json!(1)),
        ("SCI", json!(1)),
        ("E.U.R.L.", json!(1)),
        ("société civile immobilière", json!(1)),
        ("auto-entrepreneur", json!("AUTO")),
        ("Autoentrepreneur", json!("AUTO")),
        ("Micro-entreprise", json!("AUTO")),
        ("Mairie", json!(2)),
        ("Collectivité territoriale", json!(2)),
        ("Association (loi 1901)", json!(4)),
        ("artisan", json!(3)),
    ] {
        let partner = super::Partner::always(act("companeo/200-created"));
        let home = CASE.home(&partner);
        let arguments = ["send", "--to", "companeo", "--format", "json", "-"];
        home.run_with(&arguments, csv(form)).expect_code(0);
        let data = partner.arrived()[0].json()[0]["data"].clone();
        assert_eq!(data["segment"], answer, "{form}");
    }
}

#[test]
fn answers() {
    let cases = [
        ("companeo/200-created", "delivered", Some("17410391"), "", 0),
        (
            "companeo/400-questions",
            "rejected",
            None,
            "no answer: 28637, 27458, 27672",
            3,
        ),
        // A question of this category is named as the form names it.
        (
            "companeo/400-known-question",
            "rejected",
            None,
            "Nombre de salariés / Visiteurs",
            3,
        ),
        ("companeo/401", "failed", None, "token is not recognised", 2),
        ("companeo/200-no-number", "in_doubt", None, "", 4),
        ("companeo/500", "in_doubt", None, "", 4),
    ];
    CASE.expect(&cases);
}

#[test]
fn every_code_of_the_documents_table() {
    let codes = fixture("companeo/codes");
    let codes = codes["codes"].as_object().unwrap();
    assert_eq!(codes.len(), 19);
    for (code, word) in codes {
        let (state, exit) = match code.as_str() {
            "1" | "2" | "17" | "18" | "19" => ("failed", 2),
            "16" => ("duplicate", 0),
            _ => ("rejected", 3),
        };
        let code: u64 = code.parse().unwrap();
        let body = json!({
            "success": false, "data": [], "message": "partner_error_detected",
            "errors": {"input_0": [{"code": code, "data": [], "message": word}]}
        });
        let (_, outcome) = CASE.sent(Act::json(400, &body.to_string()));
        assert_eq!(outcome.column("state"), [state], "{code}: {outcome:?}");
        assert_eq!(outcome.code, Some(exit), "{code}: {outcome:?}");
        // Their word for machines is told in words for people.
        let message = &outcome.column("message")[0];
        assert!(!message.contains("partner_error"), "{code}: {message}");
        assert!(!message.is_empty(), "{code}");
    }
}

#[test]
fn what_the_partner_would_refuse_is_told_here() {
    // Each breaks one documented pattern.
    let cases = [
        ("E-mail", "a+b@example.fr"),
        ("E-mail", "hélène@example.fr"),
        ("Code postal", "ABCDE"),
        ("Téléphone", "+32 2 555 12 12"),
        ("Prénom", "Nguyễn"),
        ("SIRET", "123"),
        ("Code NAF", "A1"),
        ("Effectif", "dix"),
        ("Nombre de salariés", "une dizaine"),
        ("Forme juridique", "Licorne"),
        ("Société", ""),
    ];
    let names = [
        "E-mail",
        "Code postal",
        "Téléphone",
        "Prénom",
        "SIRET",
        "Code NAF",
        "Effectif",
        "Nombre de salariés",
        "Forme juridique",
        "Société",
        "Nom",
    ];
    let good = [
        "e@example.fr",
        "75001",
        "0639980001",
        "Élise",
        "",
        "",
        "",
        "1 - 4",
        "Association",
        "Café",
        "Blanc",
    ];
    let mut csv = names.join(";");
    for (column, value) in cases {
        let cells = names.iter().zip(good);
        let row = cells.map(|(name, cell)| if *name == column { value } else { cell });
        csv.push('\n');
        csv.push_str(&row.collect::<Vec<_>>().join(";"));
    }
    let partner = super::Partner::always(act("companeo/200-created"));
    let home = CASE.home(&partner);
    let arguments = ["send", "--to", "companeo", "--format", "json", "-"];
    let outcome = home.run_with(&arguments, csv).expect_code(3);
    for ((column, value), row) in cases.iter().zip(outcome.rows()) {
        assert_eq!(row["state"], "invalid", "{column} {value}: {row}");
        let message = row["message"].as_str().unwrap();
        assert!(message.contains(column), "{column} {value}: {message}");
        assert!(message.contains(value), "{column} {value}: {message}");
    }
    assert_eq!(partner.count(), 0);
}
