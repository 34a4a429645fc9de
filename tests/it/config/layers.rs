//! A user's file over the catalogue: it says only what differs.

use crate::common::{Act, Home, Outcome, Partner};
use serde_json::{Value as Json, json};

fn send(home: &Home, to: &str, input: &str) -> Outcome {
    home.run_with(&["send", "--to", to, "--format", "json", "-"], input)
}

fn body(partner: &Partner) -> Json {
    let arrived = partner.arrived();
    assert_eq!(arrived.len(), 1);
    arrived[0].json()
}

#[test]
fn two_clients_of_one_partner_have_their_own_address_key_and_constants() {
    let (alpha, beta) = (
        Partner::always(Act::status(200)),
        Partner::always(Act::status(200)),
    );
    let mut home = Home::new();
    home.set("ALPHA_TOKEN", "one").set("BETA_TOKEN", "two");
    home.config(&format!(
        "[alpha]\nextends = \"iciformation\"\nbase = \"{}/alpha/leads\"\nauth.bearer = \"ALPHA_TOKEN\"\n\
         defaults = {{ client = \"Alpha\", id_client = \"1\" }}\n\
         [beta]\nextends = \"iciformation\"\nbase = \"{}/beta\"\nauth.bearer = \"BETA_TOKEN\"\n\
         defaults = {{ client = \"Beta\", id_client = \"2\" }}\n",
        alpha.base(),
        beta.base()
    ));
    let input = "Nom;Prénom;E-mail;Formation\nDoe;Jo;jo@example.fr;CAP\n";
    send(&home, "alpha", input).expect_code(0);
    send(&home, "beta", input).expect_code(0);
    for (partner, target, token, client, id) in [
        (&alpha, "/alpha/leads", "Bearer one", "Alpha", "1"),
        (&beta, "/beta", "Bearer two", "Beta", "2"),
    ] {
        let arrived = &partner.arrived()[0];
        assert_eq!(arrived.target, target);
        assert_eq!(arrived.header("authorization"), Some(token));
        assert_eq!(arrived.json()["client"], client);
        assert_eq!(arrived.json()["id_client"], id);
    }
    // One client's past says nothing of the other's.
    let again = send(&home, "alpha", input).expect_code(0);
    assert_eq!(again.column("state"), ["skipped"]);
    assert_eq!((alpha.count(), beta.count()), (1, 1));
}

#[test]
fn extends_sees_the_users_own_layer() {
    let partner = Partner::always(Act::status(200));
    let mut home = Home::new();
    home.set("MINE", "mine");
    home.config(&format!(
        "[iciformation]\nbase = \"{}\"\nauth.bearer = \"MINE\"\n\
         [iciformation.fields]\nbudget = \"Budget\"\n\
         [child]\nextends = \"iciformation\"\n",
        partner.base()
    ));
    send(
        &home,
        "child",
        "Nom;E-mail;Budget\nDoe;jo@example.fr;3000\n",
    )
    .expect_code(0);
    assert_eq!(
        partner.arrived()[0].header("authorization"),
        Some("Bearer mine")
    );
    assert_eq!(body(&partner)["budget"], "3000");
}

#[test]
fn false_removes_and_a_line_adds() {
    let partner = Partner::always(Act::status(200));
    let mut home = Home::new();
    home.set("ICIFORMATION_TOKEN", "t");
    home.config(&format!(
        "[iciformation]\nbase = \"{}\"\nneed_one = false\n\
         [iciformation.fields]\nhoraire_rappel = false\ncivilite = false\nsource = {{ value = \"site\" }}\n",
        partner.base()
    ));
    let outcome = send(
        &home,
        "iciformation",
        "Nom;Civilité;Horaire de rappel\nDoe;M.;soir\n",
    )
    .expect_code(0);
    assert_eq!(body(&partner), json!({"nom": "Doe", "source": "site"}));
    // What is no longer sent is a column that nothing uses.
    assert!(
        outcome.stderr.contains("Civilité, Horaire de rappel"),
        "{outcome:?}"
    );
}

#[test]
fn a_national_phone_is_that_of_the_destinations_country() {
    let partner = Partner::always(Act::status(200));
    let mut home = Home::new();
    home.set("ICIFORMATION_TOKEN", "t");
    let base = partner.base();
    home.config(&format!(
        "[iciformation]\nbase = \"{base}\"\n\
         [belgian]\nextends = \"iciformation\"\ncountry = \"BE\"\n"
    ));
    for (to, phone) in [
        ("belgian", "0470 12 34 56"),
        ("belgian", "+33 6 13 13 13 12"),
        ("iciformation", "06 13 13 13 12"),
        ("iciformation", "+32 470 12 34 56"),
    ] {
        let input = format!("Nom;Téléphone\nDoe;{phone}\n");
        send(&home, to, &input).expect_code(0);
    }
    let sent: Vec<Json> = partner.arrived().iter().map(|a| a.json()).collect();
    let sent: Vec<&Json> = sent.iter().map(|body| &body["tel"]).collect();
    let expected = ["0470123456", "+33613131312", "0613131312", "+32470123456"];
    assert_eq!(sent, expected);
}

/// The manual's own example of a `map`.
#[test]
fn a_map_sends_true_and_false() {
    let partner = Partner::always(Act::json(201, r#"{"id":7}"#));
    let mut home = Home::new();
    home.set("SHOP_TOKEN", "t");
    home.config(&format!(
        "[shop]\nbase = \"{}\"\nauth.bearer = \"SHOP_TOKEN\"\nkey = [\"email\"]\n\
         [shop.fields]\nemail = \"email\"\n\
         optin = {{ from = \"Accord\", map = {{ Oui = true, Non = false }} }}\n\
         [shop.send]\npath = \"/leads\"\n\
         rules = [{{ when = {{ status = 201 }}, then = \"delivered\" }}]\n\
         [[shop.examples]]\nstatus = 201\nmeans = \"delivered\"\n",
        partner.base()
    ));
    home.write("leads.csv", "E-mail;Accord\njo@example.fr;non\n");
    home.run(&["check", "--to", "shop"]).expect_code(0);
    home.run(&["check", "--to", "shop", "leads.csv"])
        .expect_code(0);
    let page = home.run(&["partners", "shop"]).expect_code(0);
    assert!(page.stdout.contains("one of: Oui · Non"), "{page:?}");
    let simulated = home.run(&["send", "--to", "shop", "--sandbox", "leads.csv"]);
    simulated.expect_code(0);
    home.run(&["send", "--to", "shop", "leads.csv"])
        .expect_code(0);
    let sent = json!({"email": "jo@example.fr", "optin": false});
    assert_eq!(body(&partner), sent);
}

#[test]
fn another_category_replaces_the_questionnaire() {
    let partner = Partner::always(Act::json(
        200,
        r#"{"success":true,"data":{"input_0":{"rfq_id":"5"}},"errors":[]}"#,
    ));
    let mut home = Home::new();
    home.set("COMPANEO_TOKEN", "t");
    home.config(&format!(
        "[companeo]\nbase = \"{}\"\n\
         [copiers]\nextends = \"companeo\"\ndefaults = {{ category = \"9001\" }}\n\
         [copiers.fields]\n\
         \"data.30148\" = false\n\
         \"data.90011\" = {{ from = \"Volume mensuel\", required = true, map = {{ \"Moins de 1 000\" = 50001, \"Plus\" = \"BIG\" }} }}\n",
        partner.base()
    ));
    let input = "Société;Forme juridique;Prénom;Nom;E-mail;Tél;CP;Volume mensuel\n\
        Café;Association;Élise;Blanc;e@example.fr;0639980001;01000;MOINS DE 1 000\n";
    let outcome = send(&home, "copiers", input).expect_code(0);
    assert_eq!(outcome.column("reference"), ["5"]);
    let expected = json!([{
        "categoryId": 9001,
        "data": {
            "90011": 50001, "25533": "01000", "email": "e@example.fr", "companyName": "Café",
            "segment": 4, "firstname": "Élise", "lastname": "Blanc", "phone": "0639980001"
        }
    }]);
    assert_eq!(body(&partner), expected);
    assert!(
        outcome.stderr.contains("1 row without category: 9001 used"),
        "{outcome:?}"
    );
}

#[test]
fn a_programmes_name_stands_for_its_id() {
    let partner = Partner::always(Act::json(
        201,
        r#"{"success":true,"data":{"id":1,"status":null}}"#,
    ));
    let mut home = Home::new();
    home.set("ADLEAD_API_KEY", "k");
    home.config(&format!(
        "[adlead]\nbase = \"{}\"\ndefaults = {{ tenant = \"mon agence/été\", country = \"FR\" }}\n\
         [adlead.path]\nprogram = {{ from = \"program\", map = {{ \"Villa Rosa\" = \"12\", \"Le Parc\" = 15 }} }}\n",
        partner.base()
    ));
    let input = "Programme;Nom;Prénom;E-mail;Tél\n\
        VILLA ROSA;A;A;a@example.fr;0639980001\n\
        le parc;B;B;b@example.fr;0639980002\n\
        Autre;C;C;c@example.fr;0639980003\n";
    let outcome = send(&home, "adlead", input).expect_code(3);
    assert_eq!(outcome.column("state"), ["pending", "pending", "invalid"]);
    let message = &outcome.column("message")[2];
    assert!(
        message.contains("Programme") && message.contains("Villa Rosa"),
        "{message}"
    );
    let mut targets: Vec<String> = partner.arrived().into_iter().map(|a| a.target).collect();
    targets.sort();
    // A value can add no segment of its own to the path.
    let space = "/v1/mon%20agence%2F%C3%A9t%C3%A9/programs";
    assert_eq!(
        targets,
        [
            format!("{space}/12/registrations"),
            format!("{space}/15/registrations")
        ]
    );
    assert!(
        outcome
            .stderr
            .contains("2 rows without tenant: mon agence/été used"),
        "{outcome:?}"
    );
}

#[test]
fn what_fills_a_placeholder_cannot_leave_its_segment() {
    let partner = Partner::always(Act::status(404));
    let mut home = Home::new();
    home.set("ADLEAD_API_KEY", "k");
    home.config(&format!("[adlead]\nbase = \"{}\"\n", partner.base()));
    let input = "Espace client;Programme;Nom;Prénom;E-mail;Tél\n\
        ..;12;A;A;a@example.fr;0639980001\na/..;?x=1#y;B;B;b@example.fr;0639980002\n";
    let outcome = send(&home, "adlead", input);
    assert_eq!(outcome.column("state")[0], "invalid", "{outcome:?}");
    assert_eq!(partner.count(), 1);
    for arrived in partner.arrived() {
        assert!(arrived.target.starts_with("/v1/"), "{}", arrived.target);
        assert!(
            arrived.target.ends_with("/registrations"),
            "{}",
            arrived.target
        );
        assert_eq!(arrived.target.matches('/').count(), 5, "{}", arrived.target);
    }
}

#[test]
fn a_row_overrules_a_default_and_set_fills_only_blanks() {
    let partner = Partner::always(Act::status(200));
    let mut home = Home::new();
    home.set("ICIFORMATION_TOKEN", "t");
    home.config(&format!(
        "[iciformation]\nbase = \"{}\"\njobs = 1\ndefaults = {{ status = \"prospect\" }}\n",
        partner.base()
    ));
    home.write(
        "x.csv",
        "E-mail;Statut;Formation\na@example.fr;inscrit;\nb@example.fr;;BTS\n",
    );
    home.run(&[
        "send",
        "--to",
        "iciformation",
        "--default",
        "course=CAP",
        "x.csv",
    ])
    .expect_code(0);
    let bodies: Vec<Json> = partner.arrived().iter().map(|a| a.json()).collect();
    assert_eq!(bodies[0]["statut"], "inscrit");
    assert_eq!(bodies[0]["formation"], "CAP");
    assert_eq!(bodies[1]["statut"], "prospect");
    assert_eq!(bodies[1]["formation"], "BTS");
}

#[test]
fn this_installations_civility_ids() {
    let partner = Partner::always(Act::json(200, r#"{"id":1,"warning":""}"#));
    let mut home = Home::new();
    home.set("MAARCH_PASSWORD", "p");
    home.config(&format!(
        "[maarch]\nbase = \"{}/maarch\"\nauth.basic = {{ user = \"u\", secret = \"MAARCH_PASSWORD\" }}\n\
         [maarch.fields]\ncivility = {{ map = {{ ms = 4 }} }}\n",
        partner.base()
    ));
    send(
        &home,
        "maarch",
        "Civilité;Nom\nMlle;Roche\nMonsieur;Faure\n",
    )
    .expect_code(0);
    let mut civilities: Vec<Json> = Vec::new();
    for arrived in partner.arrived() {
        assert_eq!(arrived.target, "/maarch/rest/contacts");
        civilities.push(arrived.json()["civility"].clone());
    }
    civilities.sort_by_key(Json::to_string);
    assert_eq!(
        civilities,
        [json!(1), json!(4)],
        "the rest of the table is kept"
    );
}

#[test]
fn a_partner_of_ones_own_in_about_ten_lines() {
    let text = include_str!("../../../examples/own-partner.toml");
    let partner = Partner::always(Act::json(201, r#"{"id": 42}"#));
    let mut home = Home::new();
    home.set("ACME_TOKEN", "mine");
    let ours = text.replace("https://api.example.fr", &partner.base());
    assert_ne!(ours, text);
    home.config(&ours);
    let outcome = send(
        &home,
        "acme",
        "Nom;E-mail;Téléphone\nMartin;a@example.fr;+33 6 39 98 00 01\n",
    )
    .expect_code(0);
    assert_eq!(outcome.column("state"), ["delivered"]);
    assert_eq!(outcome.column("reference"), ["42"]);
    let arrived = &partner.arrived()[0];
    assert_eq!(arrived.target, "/leads");
    assert_eq!(arrived.header("authorization"), Some("Bearer mine"));
    let expected = json!({"nom": "Martin", "email": "a@example.fr", "tel": "0639980001"});
    assert_eq!(arrived.json(), expected);
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    assert!(lines.count() <= 13);
}

#[test]
fn the_file_is_found_where_the_design_says() {
    let mut home = Home::new();
    let named = |name: &str| {
        format!(
            "[{name}]\nbase = \"http://127.0.0.1:9\"\nkey = [\"email\"]\nfields.e = \"email\"\nsend.path = \"/\"\n"
        )
    };
    let dry = |home: &Home, to: &str| {
        home.run_with(
            &["send", "--to", to, "--dry-run", "-"],
            "E-mail\na@example.fr\n",
        )
    };
    let folder = match cfg!(target_os = "macos") {
        true => "Library/Application Support/leadctl",
        false => ".config/leadctl",
    };
    if !cfg!(windows) {
        home.write(&format!("{folder}/partners.toml"), named("fourth"));
        dry(&home, "fourth").expect_code(0);
    }
    home.config(&named("third"));
    dry(&home, "third").expect_code(0);
    dry(&home, "fourth").expect_code(2);
    home.write("other.toml", named("second"));
    home.set("LEADCTL_CONFIG", "other.toml");
    dry(&home, "second").expect_code(0);
    home.write("first.toml", named("first"));
    home.run_with(
        &[
            "--config",
            "first.toml",
            "send",
            "--to",
            "first",
            "--dry-run",
            "-",
        ],
        "E-mail\na@example.fr\n",
    )
    .expect_code(0);
}

#[test]
fn a_secret_may_be_a_file_or_what_a_program_prints() {
    let partner = Partner::always(Act::status(200));
    let home = Home::new();
    home.write("conf/token.txt", "from-file\n");
    home.write(
        "conf/partners.toml",
        format!(
            "[iciformation]\nbase = \"{}\"\nauth.bearer = {{ file = \"token.txt\" }}\n\
             [asked]\nextends = \"iciformation\"\nauth.bearer = {{ command = [\"echo\", \"from-program\"] }}\n",
            partner.base()
        ),
    );
    for (to, header) in [
        ("iciformation", "Bearer from-file"),
        ("asked", "Bearer from-program"),
    ] {
        let before = partner.count();
        let arguments = ["--config", "conf/partners.toml", "send", "--to", to, "-"];
        home.run_with(&arguments, "E-mail\na@example.fr\n")
            .expect_code(0);
        assert_eq!(
            partner.arrived()[before].header("authorization"),
            Some(header)
        );
    }
}
