//! Changing contacts that are there, through the binary and against a partner
//! that counts what arrived.

use crate::common::{Act, Arrived, Home, Outcome, Partner};
use serde_json::{Value as Json, json};

/// A partner whose PUT replaces all of a contact.
fn replacing(base: &str) -> String {
    format!(
        r#"
[crm]
base = "{base}"
key = ["email"]
backoff = "1ms"
tries = 3
need_one = [["last_name", "company"]]
defaults = {{ country = "FR" }}
[crm.fields]
civility = {{ from = "title", format = "title", map = {{ mr = 1, ms = 2 }}, type = "integer" }}
lastname = "last_name"
email = {{ from = "email", required = true, format = "email" }}
phone = {{ from = "phone", format = "phone-e164" }}
town = "city"
country = "country"
origin = {{ value = "leads" }}
"externalId.crm" = "company"
"customFields.2" = "course"
[crm.send]
path = "/contacts"
rules = [
  {{ when = {{ status = 201 }}, then = "delivered", reference = "/id" }},
  {{ when = {{ status = 200 }}, then = "duplicate", reference = "/id" }},
]
[crm.amend]
path = "/contacts/{{ref}}"
method = "PUT"
read = "/contacts/{{ref}}"
echo = {{ "/id" = "reference" }}
drop = ["id", "creator"]
take = {{ civility = "/id" }}
pattern = '/^[0-9]+$/'
expects = "a contact's number"
message = "/errors"
rules = [
  {{ when = {{ status = 204 }}, then = "delivered" }},
  {{ when = {{ status = 400 }}, then = "rejected" }},
]
"#
    )
}

/// A partner whose PATCH names only what changes.
fn patching(base: &str) -> String {
    format!(
        r#"
[crm]
base = "{base}"
key = ["email"]
backoff = "1ms"
[crm.path]
version = {{ value = "v9" }}
[crm.fields]
list = {{ value = [] }}
"properties.email" = {{ from = "email", format = "email" }}
"properties.phone" = {{ from = "phone", format = "phone-e164" }}
"properties.city" = "city"
[crm.send]
path = "/{{version}}/contacts"
rules = [{{ when = {{ status = 201 }}, then = "delivered" }}]
[crm.amend]
path = "/{{version}}/contacts/{{ref}}"
by_email = {{ idProperty = "email" }}
blank = ""
rules = [
  {{ when = {{ status = 200 }}, then = "delivered" }},
  {{ when = {{ status = 404 }}, then = "rejected", say = "no such contact" }},
]
"#
    )
}

fn contact() -> Json {
    json!({
        "id": 13, "creator": 1, "civility": {"id": 2, "label": "Madame"},
        "lastname": "Martin", "email": "lea@example.fr", "phone": "+33639980001",
        "town": "Lyon", "notes": "old friend", "country": null,
        "externalId": {"crm": "7", "legacy": "1"}, "customFields": {"2": "x", "3": "kept"},
    })
}

/// Answers GET with the contact and everything else with 204.
fn with_contact(contact: Json) -> Partner {
    Partner::start(move |arrived| match &*arrived.method {
        "GET" => {
            let mut contact = contact.clone();
            let number = arrived.target.rsplit('/').next();
            if let (Some(id), Some(Ok(number))) =
                (contact.get_mut("id"), number.map(str::parse::<u64>))
            {
                *id = number.into();
            }
            Act::json(200, &contact.to_string())
        }
        _ => Act::status(204),
    })
}

fn home(config: &str) -> Home {
    let home = Home::new();
    home.config(config);
    home
}

fn amend(home: &Home, more: &[&str], csv: &str) -> Outcome {
    home.write("changes.csv", csv);
    let first = ["amend", "--to", "crm", "--format", "json", "--ref"];
    home.run(&[&first[..], more, &["changes.csv"]].concat())
}

fn calls(partner: &Partner) -> Vec<String> {
    let call = |a: &Arrived| format!("{} {}", a.method, a.target);
    partner.arrived().iter().map(call).collect()
}

#[test]
fn what_a_row_leaves_blank_stays() {
    let partner = with_contact(contact());
    let home = home(&replacing(&partner.base()));
    let csv = "fiche;téléphone;ville;email;société\n13;06 39 98 00 02;;;ACME\n";
    let outcome = amend(&home, &["fiche"], csv).expect_code(0);
    assert_eq!(calls(&partner), ["GET /contacts/13", "PUT /contacts/13"]);
    let sent = partner.arrived()[1].json();
    assert_eq!(
        sent,
        json!({
            "civility": 2, "lastname": "Martin", "email": "lea@example.fr",
            "phone": "+33639980002", "town": "Lyon", "notes": "old friend",
            "externalId": {"crm": "ACME", "legacy": "1"},
            "customFields": {"2": "x", "3": "kept"},
        })
    );
    let row = &outcome.rows()[0];
    assert_eq!(
        (&row["state"], &row["reference"]),
        (&json!("delivered"), &json!("13"))
    );
    assert_eq!((&row["status"], &row["attempts"]), (&json!(204), &json!(1)));
    assert_eq!(row["message"], "changed: phone, externalId.crm");
}

#[test]
fn the_three_shapes_of_empty_are_read() {
    for empty in [json!([]), json!(null), json!({})] {
        let partner = with_contact(
            json!({"id": 13, "lastname": "Martin", "civility": empty, "externalId": empty, "customFields": empty}),
        );
        let home = home(&replacing(&partner.base()));
        let csv = "fiche,civilité,société,formation\n13,Mme,ACME,BTS\n";
        amend(&home, &["fiche"], csv).expect_code(0);
        assert_eq!(
            partner.arrived()[1].json(),
            json!({"lastname": "Martin", "civility": 2, "externalId": {"crm": "ACME"}, "customFields": {"2": "BTS"}})
        );
    }
}

#[test]
fn clear_empties_what_the_row_leaves_blank() {
    let partner = with_contact(contact());
    let home = home(&replacing(&partner.base()));
    let csv = "fiche,ville,téléphone\n13,,\n14,Nantes,\n";
    let more = ["fiche", "--clear", "city,phone,customFields.2"];
    let outcome = amend(&home, &more, csv).expect_code(0);
    let arrived = partner.arrived();
    for gone in ["town", "phone"] {
        assert_eq!(arrived[1].json().get(gone), None, "{gone}");
    }
    assert_eq!(arrived[1].json()["customFields"], json!({"3": "kept"}));
    assert_eq!(arrived[3].json()["town"], "Nantes");
    assert_eq!(
        outcome.column("message"),
        ["changed: town, phone, customFields.2"; 2]
    );
}

#[test]
fn nothing_is_written_where_all_is_so_already() {
    let partner = with_contact(contact());
    let home = home(&replacing(&partner.base()));
    let csv = "fiche,civilité,nom,ville\n13,Madame,Martin,\n";
    let outcome = amend(&home, &["fiche"], csv).expect_code(0);
    assert_eq!(calls(&partner), ["GET /contacts/13"]);
    assert_eq!(outcome.column("state"), ["delivered"]);
    assert!(outcome.column("message")[0].contains("nothing to change"));
}

#[test]
fn an_unknown_contact_is_rejected_and_nothing_written() {
    let partner = Partner::always(Act::json(400, r#"{"errors":"Contact does not exist"}"#));
    let home = home(&replacing(&partner.base()));
    let outcome = amend(&home, &["fiche"], "fiche,ville\n99,Nantes\n").expect_code(3);
    assert_eq!(calls(&partner), ["GET /contacts/99"]);
    assert_eq!(outcome.column("state"), ["rejected"]);
    assert!(outcome.column("message")[0].contains("Contact does not exist"));
}

#[test]
fn wrong_values_are_complained_of_as_in_send() {
    let partner = with_contact(contact());
    let home = home(&replacing(&partner.base()));
    let csv = "fiche,email,téléphone,civilité\nabc,not-an-address,12,Duke\n,a@example.fr,,\n";
    let outcome = amend(&home, &["fiche"], csv).expect_code(3);
    assert_eq!(partner.count(), 0);
    assert_eq!(outcome.column("state"), ["invalid", "invalid"]);
    let messages = outcome.column("message");
    for part in [
        "fiche: \"abc\"",
        "a contact's number",
        "email",
        "téléphone",
        "civilité",
    ] {
        assert!(messages[0].contains(part), "{part}: {}", messages[0]);
    }
    assert!(
        messages[1].contains("fiche") && messages[1].contains("empty"),
        "{}",
        messages[1]
    );
}

#[test]
fn a_row_that_fills_nothing_changes_nothing() {
    let partner = Partner::always(Act::json(200, r#"{"id":"7"}"#));
    let home = home(&patching(&partner.base()));
    let outcome = amend(&home, &["fiche"], "fiche,ville\n13,\n").expect_code(0);
    assert_eq!(partner.count(), 0);
    let message = &outcome.column("message")[0];
    assert!(message.starts_with("this row changes nothing"), "{message}");
}

#[test]
fn a_change_may_be_sent_as_a_list_of_one() {
    let partner = Partner::always(Act::json(200, r#"{"id":"13"}"#));
    let config = patching(&partner.base()).replace("blank = ", "wrap = \"list\"\nblank = ");
    let home = home(&config);
    amend(&home, &["fiche"], "fiche,ville\n13,Nantes\n").expect_code(0);
    let sent: Vec<_> = partner.arrived().iter().map(Arrived::json).collect();
    assert_eq!(sent, [json!([{"properties": {"city": "Nantes"}}])]);
}

#[test]
fn a_contact_that_cannot_be_read_is_never_written() {
    for act in [
        Act::status(500),
        Act::json(200, "[]"),
        Act::json(200, "{}"),
        Act::json(200, r#"{"errors":"x"}"#),
        Act::json(200, r#"{"id":14,"lastname":"Durand"}"#),
        Act::json(200, r#"{"contact":{"id":13,"lastname":"Martin"}}"#),
        Act::html(418, "<html>blocked by firewall</html>"),
        Act::html(200, "<h1>Maintenance</h1>"),
        Act::Close,
        Act::Truncated {
            status: 200,
            body: b"{\"lastname\":".to_vec(),
        },
    ] {
        let partner = Partner::always(act);
        let home = home(&replacing(&partner.base()));
        let outcome = amend(&home, &["fiche"], "fiche,ville\n13,Nantes\n").expect_code(5);
        assert_eq!(calls(&partner), ["GET /contacts/13"; 3]);
        assert_eq!(outcome.column("state"), ["failed"]);
        assert!(outcome.column("message")[0].contains("nothing was changed"));
        assert!(outcome.stderr.contains("run the same command again"));
    }
}

#[test]
fn what_is_answered_about_another_contact_is_no_change_of_this_one() {
    for (reference, shown, state, code) in [
        ("13", json!({"id": 14}), "in_doubt", 4),
        ("13", json!({"id": "0013"}), "delivered", 0),
        ("13", json!({"id": null}), "delivered", 0),
        ("13", json!({"id": 13, "city": "Lyon"}), "in_doubt", 4),
        ("13", json!({"id": 13, "city": "NANTES"}), "delivered", 0),
        // An address stands for a number that is not known here.
        ("lea@example.fr", json!({"id": 14}), "delivered", 0),
    ] {
        let partner = Partner::always(Act::json(200, &shown.to_string()));
        let echo = "echo = { \"/id\" = \"reference\", \"/city\" = \"city\" }\nblank = ";
        let home = home(&patching(&partner.base()).replace("blank = ", echo));
        let csv = format!("fiche,ville\n{reference},Nantes\n");
        let outcome = amend(&home, &["fiche"], &csv).expect_code(code);
        assert_eq!(outcome.column("state"), [state], "{reference} {shown}");
        assert_eq!(outcome.column("reference"), [reference], "{shown}");
    }
}

#[test]
fn the_word_that_echo_replaced_is_named() {
    let home =
        home(&patching("http://127.0.0.1:9").replace("blank = ", "same = \"/id\"\nblank = "));
    let outcome = home.run(&["check", "--to", "crm"]).expect_code(2);
    let told = "`same` is not a word of `amend` (it is called `echo` now: echo = { \"/id\" = \"reference\" })";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
}

#[test]
fn a_lost_answer_is_repeated_then_in_doubt_and_the_next_run_settles_it() {
    let lost = Partner::start(|arrived| match &*arrived.method {
        "GET" => Act::json(200, &contact().to_string()),
        _ => Act::Close,
    });
    let home = home(&replacing(&lost.base()));
    let csv = "fiche,ville\n13,Nantes\n";
    let outcome = amend(&home, &["fiche"], csv).expect_code(4);
    assert_eq!(
        calls(&lost),
        ["GET /contacts/13", "PUT /contacts/13"].repeat(3)
    );
    let message = &outcome.column("message")[0];
    assert!(message.contains("may or may not be changed"), "{message}");
    let id = outcome.column("id");
    let cleared = amend(&home, &["fiche", "--clear", "phone,country"], csv).expect_code(4);
    let same = "leadctl amend --to crm --ref fiche --clear phone,country FILE";
    assert!(cleared.stderr.contains(same), "{}", cleared.stderr);

    let partner = with_contact(contact());
    home.config(&replacing(&partner.base()));
    let outcome = amend(&home, &["fiche"], csv).expect_code(0);
    assert_eq!(
        (outcome.column("id"), outcome.column("state")),
        (id, vec!["delivered".to_owned()])
    );
    // Once made, it is made again when it is asked again, as a record of its own.
    let again = amend(&home, &["fiche"], csv).expect_code(0);
    assert_eq!(partner.count(), 4);
    assert_ne!(again.column("id"), outcome.column("id"));
}

#[test]
fn a_change_is_no_lead_that_was_sent() {
    let partner = Partner::start(|arrived| match &*arrived.method {
        "GET" => Act::json(200, &contact().to_string()),
        "PUT" => Act::status(204),
        _ => Act::json(201, r#"{"id":77}"#),
    });
    let home = home(&replacing(&partner.base()));
    let csv = "fiche,email,nom\n13,lea@example.fr,Durand\n";
    amend(&home, &["fiche"], csv).expect_code(0);
    let sent = home.run(&["send", "--to", "crm", "--format", "json", "changes.csv"]);
    let sent = sent.expect_code(0);
    assert_eq!(sent.column("state"), ["delivered"]);
    amend(&home, &["fiche"], csv).expect_code(0);
    let twice = home.run(&["send", "--to", "crm", "--format", "json", "changes.csv"]);
    assert_eq!(twice.expect_code(0).column("state"), ["skipped"]);
    let posts = partner
        .arrived()
        .iter()
        .filter(|a| a.method == "POST")
        .count();
    assert_eq!(posts, 1);
}

#[test]
fn rows_about_one_contact_are_made_in_their_order() {
    let partner = with_contact(contact());
    let home = home(&replacing(&partner.base()));
    let csv = "fiche,ville\n13,Nantes\n13,Brest\n13,Nantes\n";
    amend(&home, &["fiche"], csv).expect_code(0);
    let towns: Vec<Json> = partner
        .arrived()
        .iter()
        .filter(|arrived| arrived.method == "PUT")
        .map(|arrived| arrived.json()["town"].clone())
        .collect();
    assert_eq!(towns, ["Nantes", "Brest", "Nantes"]);
}

#[test]
fn a_part_alone_by_number_or_by_address() {
    let partner = Partner::always(Act::json(200, r#"{"id":"7"}"#));
    let home = home(&patching(&partner.base()));
    let csv = "fiche,ville,téléphone\n7,Nantes,\nlea@example.fr,,0639980002\n";
    let outcome = amend(&home, &["fiche", "--clear", "city"], csv).expect_code(0);
    assert_eq!(
        calls(&partner),
        [
            "PATCH /v9/contacts/7",
            "PATCH /v9/contacts/lea%40example.fr?idProperty=email"
        ]
    );
    let arrived = partner.arrived();
    assert_eq!(arrived[0].json(), json!({"properties": {"city": "Nantes"}}));
    assert_eq!(
        arrived[1].json(),
        json!({"properties": {"phone": "+33639980002", "city": ""}})
    );
    assert_eq!(outcome.column("reference"), ["7", "lea@example.fr"]);
}

#[test]
fn the_column_of_the_reference_changes_nothing() {
    let partner = Partner::always(Act::json(200, "{}"));
    let home = home(&patching(&partner.base()));
    amend(&home, &["email"], "e-mail,ville\nlea@example.fr,Nantes\n").expect_code(0);
    assert_eq!(
        partner.arrived()[0].json(),
        json!({"properties": {"city": "Nantes"}})
    );
}

#[test]
fn an_unknown_one_is_rejected_there_too() {
    let partner = Partner::always(Act::json(404, "{}"));
    let home = home(&patching(&partner.base()));
    let outcome = amend(&home, &["fiche"], "fiche,ville\n7,Nantes\n").expect_code(3);
    assert_eq!(outcome.column("message"), ["no such contact"]);
}

#[test]
fn a_known_person_is_amended_in_one_recorded_lead() {
    let partner = Partner::start(|arrived| match &*arrived.method {
        "POST" => Act::json(200, r#"{"id":13}"#),
        "GET" => Act::json(200, &contact().to_string()),
        _ => Act::status(204),
    });
    let config =
        replacing(&partner.base()).replace("tries = 3", "tries = 3\non_duplicate = \"amend\"");
    let home = home(&config);
    home.write(
        "leads.csv",
        "nom,email,ville\nMartin,lea@example.fr,Nantes\n",
    );
    let send = ["send", "--to", "crm", "--format", "json", "leads.csv"];
    let outcome = home.run(&send).expect_code(0);
    assert_eq!(
        calls(&partner),
        ["POST /contacts", "GET /contacts/13", "PUT /contacts/13"]
    );
    // The default and the constant were for a new contact.
    assert_eq!(partner.arrived()[0].json()["country"], "FR");
    let put = partner.arrived()[2].json();
    assert_eq!(
        (&put["town"], put.get("origin"), put.get("country")),
        (&json!("Nantes"), None, None)
    );
    let row = &outcome.rows()[0];
    assert_eq!(
        (&row["state"], &row["reference"]),
        (&json!("delivered"), &json!("13"))
    );
    assert_eq!(
        (&row["message"], &row["attempts"]),
        (&json!("already there; changed: town"), &json!(2))
    );
    assert_eq!(home.run(&send).expect_code(0).column("state"), ["skipped"]);
    assert_eq!(partner.count(), 3);
}

#[test]
fn a_known_person_whose_change_gets_lost_is_repeated_not_sent_again() {
    let puts = std::sync::atomic::AtomicUsize::new(0);
    let partner = Partner::start(move |arrived| match &*arrived.method {
        "POST" => Act::json(200, r#"{"id":13}"#),
        "GET" => Act::json(200, &contact().to_string()),
        _ => match puts.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Act::Close,
            _ => Act::status(204),
        },
    });
    let config =
        replacing(&partner.base()).replace("tries = 3", "tries = 3\non_duplicate = \"amend\"");
    let home = home(&config);
    home.write(
        "leads.csv",
        "nom,email,ville\nMartin,lea@example.fr,Nantes\n",
    );
    let outcome = home.run(&["send", "--to", "crm", "--format", "json", "leads.csv"]);
    let outcome = outcome.expect_code(0);
    assert_eq!(outcome.column("state"), ["delivered"]);
    assert_eq!(
        calls(&partner),
        [
            "POST /contacts",
            "GET /contacts/13",
            "PUT /contacts/13",
            "GET /contacts/13",
            "PUT /contacts/13"
        ]
    );
    let id = &outcome.column("id")[0];
    let history = home
        .run(&["history", "--format", "json", id])
        .expect_code(0);
    let states = history.column("state");
    assert_eq!(
        states,
        ["duplicate", "in_doubt", "delivered"],
        "{}",
        history.stdout
    );
}

#[test]
fn failed_changes_are_never_resent_as_leads() {
    let partner = Partner::always(Act::status(500));
    let home = home(&replacing(&partner.base()));
    amend(
        &home,
        &["fiche"],
        "fiche,ville,email,nom\n13,Nantes,lea@example.fr,Martin\n",
    )
    .expect_code(5);
    let before = partner.count();
    let resend = [
        "resend", "--to", "crm", "--state", "failed", "--format", "json",
    ];
    let outcome = home.run(&resend).expect_code(5);
    assert_eq!(outcome.column("state"), ["skipped"]);
    assert!(outcome.column("message")[0].contains("amend command again"));
    assert_eq!(partner.count(), before);
}

#[test]
fn what_is_told_of_open_changes_is_true() {
    let lost = Partner::start(|arrived| match &*arrived.method {
        "GET" => Act::json(200, &contact().to_string()),
        _ => Act::Close,
    });
    let home = home(&replacing(&lost.base()));
    let csv = "fiche,ville\n13,Nantes\n";
    let advised = |code| {
        let run = home.run(&["status", "--format", "json"]).expect_code(code);
        let next = run.rows()[0]["next"].clone();
        assert_eq!(next.as_array().map(Vec::len), Some(1), "{next}");
        let again = "leadctl amend --to crm --ref COLUMN FILE";
        assert_eq!(next[0]["commands"], json!([again]), "{next}");
    };
    amend(&home, &["fiche"], csv).expect_code(4);
    advised(4);
    let settled = [
        "resolve",
        "1",
        "--not-received",
        "--note",
        "looked",
        "--format",
        "json",
    ];
    let settled = home.run(&settled).expect_code(0);
    assert_eq!(
        settled.column("message"),
        [
            "decided by hand: the change was not made; run its amend command with its file again (looked)"
        ]
    );
    advised(5);
    // And so it is.
    let partner = with_contact(contact());
    home.config(&replacing(&partner.base()));
    let made = amend(&home, &["fiche"], csv).expect_code(0);
    assert_eq!(made.column("id"), ["1"]);
    let status = home.run(&["status", "--format", "json"]).expect_code(0);
    assert_eq!(status.rows()[0]["next"], json!([]));
}

#[test]
fn a_wrong_change_is_never_written_back_as_a_lead_to_send() {
    let partner = with_contact(contact());
    let home = home(&replacing(&partner.base()));
    let changes = "fiche,email,nom\nx,lea@example.fr,Martin\n";
    amend(&home, &["fiche"], changes).expect_code(3);
    let history = |name: &str| {
        let written = ["history", "--state", "invalid", "--rejects", name];
        home.run(&written).expect_code(0).stderr
    };
    let told = history("r.csv");
    assert!(told.contains("no file was written"), "{told}");
    assert!(
        told.contains("1 change of a contact") && told.contains("amend command again"),
        "{told}"
    );
    assert!(!home.path().join("r.csv").exists());
    home.write("leads.csv", "email,nom\nnowhere,Durand\n");
    home.run(&["send", "--to", "crm", "leads.csv"])
        .expect_code(3);
    history("r.csv");
    let text = home.read("r.csv");
    assert!(
        text.contains("Durand") && !text.contains("Martin"),
        "{text}"
    );
}

#[test]
fn a_refused_password_stops_before_anything_is_changed() {
    let partner = Partner::always(Act::json(401, r#"{"errors":"Authentication Failed"}"#));
    let home = home(&replacing(&partner.base()));
    let outcome = amend(&home, &["fiche"], "fiche,ville\n13,Nantes\n14,Nantes\n").expect_code(2);
    assert_eq!(outcome.column("state"), ["failed", "unsent"]);
    assert_eq!(calls(&partner), ["GET /contacts/13"]);
}

#[test]
fn too_many_requests_are_waited_for_while_reading_too() {
    let partner = Partner::start(|arrived| match (arrived.number, &*arrived.method) {
        (0, _) => Act::status(429).with_header("retry-after", "0"),
        (_, "GET") => Act::json(200, &contact().to_string()),
        _ => Act::status(204),
    });
    let home = home(&replacing(&partner.base()));
    amend(&home, &["fiche"], "fiche,ville\n13,Nantes\n").expect_code(0);
    assert_eq!(
        calls(&partner),
        ["GET /contacts/13", "GET /contacts/13", "PUT /contacts/13"]
    );
}

#[test]
fn without_the_word_a_duplicate_changes_nothing() {
    let partner = Partner::always(Act::json(200, r#"{"id":13}"#));
    let home = home(&replacing(&partner.base()));
    home.write(
        "leads.csv",
        "nom,email,ville\nMartin,lea@example.fr,Nantes\n",
    );
    let outcome = home.run(&["send", "--to", "crm", "--format", "json", "leads.csv"]);
    assert_eq!(outcome.expect_code(0).column("state"), ["duplicate"]);
    assert_eq!(calls(&partner), ["POST /contacts"]);
}

#[test]
fn what_cannot_be_asked_is_said_before_anything_is_sent() {
    let partner = with_contact(contact());
    let home = home(&replacing(&partner.base()));
    let csv = "fiche,ville\n13,Nantes\n";
    for (more, told) in [
        (&["fiche", "--clear", "citty"][..], "did you mean city?"),
        (&["fiche", "--clear", "email"], "can't be emptied"),
        (&["fiche", "--clear", "origin"], "origin"),
    ] {
        let outcome = amend(&home, more, csv).expect_code(2);
        assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    }
    let plain = replacing(&partner.base());
    let (without, _) = plain.split_once("[crm.amend]").unwrap();
    home.config(without);
    let outcome = amend(&home, &["fiche"], csv).expect_code(2);
    assert!(
        outcome.stderr.contains("can't be changed at crm"),
        "{}",
        outcome.stderr
    );
    home.config(&replacing(&partner.base()));
    let outcome = amend(&home, &["number"], csv).expect_code(3);
    assert!(
        outcome.stderr.contains("there is no column number"),
        "{}",
        outcome.stderr
    );
    assert_eq!(partner.count(), 0);
}
