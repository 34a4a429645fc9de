//! Ici Formation: a flat object of strings for a client's own receiver.

use super::{Case, act, check_headers};
use serde_json::json;

const CASE: Case = Case {
    to: "iciformation",
    config: "defaults = { client = \"XYZ Formations\", id_client = \"1234\" }\n",
    secret: ("ICIFORMATION_TOKEN", "sesame-ici"),
    input: "Nom;Prénom;Civilité;Téléphone;E-mail;Ville;Code postal;Statut;Horaire de rappel;Formation\n\
        Doe;John;Monsieur;+33 1 02 03 04 05;john.doe@example.com;Paris;75001;prospect;après-midi;Développement Web\n",
};

#[test]
fn the_documents_request() {
    let (arrived, outcome) = CASE.sent(act("iciformation/200-empty"));
    let outcome = outcome.expect_code(0);
    check_headers(&arrived, ("authorization", "Bearer sesame-ici"));
    let expected = json!({
        "nom": "Doe",
        "prenom": "John",
        "civilite": "M.",
        "tel": "0102030405",
        "email": "john.doe@example.com",
        "ville": "paris",
        "code_postal": "75001",
        "statut": "prospect",
        "horaire_rappel": "après-midi",
        "formation": "Développement Web",
        "client": "XYZ Formations",
        "id_client": "1234"
    });
    assert_eq!(arrived.json(), expected);
    // A default that was used is told.
    assert!(
        outcome
            .stderr
            .contains("1 row without client: XYZ Formations used"),
        "{outcome:?}"
    );
}

#[test]
fn the_base_is_the_whole_address() {
    let partner = super::Partner::always(act("iciformation/200-empty"));
    let home = CASE.home(&partner);
    home.config(&format!(
        "[iciformation]\nbase = \"{}/hooks/leads?k=v\"\n",
        partner.base()
    ));
    CASE.run(&home).expect_code(0);
    assert_eq!(partner.arrived()[0].target, "/hooks/leads?k=v");
}

#[test]
fn answers() {
    let cases = [
        ("iciformation/200-empty", "delivered", None, "", 0),
        (
            "iciformation/400",
            "rejected",
            None,
            "Le champ tel est incomplet",
            3,
        ),
        ("iciformation/401", "failed", None, "token", 2),
        ("iciformation/500", "in_doubt", None, "", 4),
        (
            "iciformation/200-zapier",
            "in_doubt",
            None,
            "give its answer a rule",
            4,
        ),
    ];
    CASE.expect(&cases);
}
