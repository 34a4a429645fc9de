//! `check --online`: address and key are proven by a read that changes nothing.

use crate::common::{Act, Home, Outcome, Partner, nobody};
use serde_json::json;

fn config(base: &str) -> String {
    format!(
        r#"
[crm]
base = "{base}"
timeout = "2s"
auth.bearer = "CRM_TOKEN"
key = ["email"]
[crm.path]
version = {{ value = "v9" }}
[crm.fields]
email = {{ from = "email", required = true, format = "email" }}
lastname = "last_name"
"customFields.2" = "course"
[crm.send]
path = "/{{version}}/contacts"
rules = [{{ when = {{ status = 201 }}, then = "delivered" }}]
[crm.online]
path = "/{{version}}/{{tenant}}/contacts"
query = {{ limit = "1" }}
message = "/message"
rules = [
  {{ when = {{ status = 200, "/results" = "present" }}, then = "delivered" }},
  {{ when = {{ status = 403 }}, then = "rejected", say = "the token may not read" }},
]
"#
    )
}

const SETTINGS: &str = r#"
[crm.settings]
path = "/settings"
mandatory = { entries = "/fields/*", field = "name", flag = "mandatory", named = { custom_ = "customFields." } }
"#;

fn home(config: &str) -> Home {
    let mut home = Home::new();
    home.config(config);
    home.set("CRM_TOKEN", "secret");
    home
}

fn check(home: &Home, more: &[&str]) -> Outcome {
    let first = [
        "check",
        "--to",
        "crm",
        "--online",
        "--default",
        "tenant=shop",
    ];
    home.run(&[&first[..], more].concat())
}

#[test]
fn one_read_proves_address_and_key() {
    let partner = Partner::always(Act::json(200, r#"{"results":[]}"#));
    let outcome = check(&home(&config(&partner.base())), &[]).expect_code(0);
    assert!(
        outcome.stderr.contains("address and credentials are right"),
        "{}",
        outcome.stderr
    );
    let arrived = partner.arrived();
    assert_eq!(arrived.len(), 1);
    assert_eq!(
        (&*arrived[0].method, &*arrived[0].target),
        ("GET", "/v9/shop/contacts?limit=1")
    );
    assert_eq!(arrived[0].header("authorization"), Some("Bearer secret"));
}

#[test]
fn without_the_flag_nobody_is_asked() {
    let partner = Partner::always(Act::json(200, "{}"));
    let home = home(&config(&partner.base()));
    home.run(&["check", "--to", "crm"]).expect_code(0);
    assert_eq!(partner.count(), 0);
}

#[test]
fn without_a_name_every_configured_destination_that_can_be_asked_is() {
    let (good, bad) = (
        Partner::always(Act::json(200, r#"{"results":[]}"#)),
        Partner::always(Act::json(401, r#"{"message":"bad token"}"#)),
    );
    let crm = config(&good.base());
    let (without, _) = crm.split_once("[crm.online]").unwrap();
    let mute = without.replace("crm", "mute");
    let locked = "[locked]\nextends = \"crm\"\nauth.bearer = \"LOCKED_TOKEN\"\n";
    let placed = "[placed]\nextends = \"crm\"\ndefaults = { tenant = \"shop\" }\n";

    let home = home(&format!("{crm}{mute}{placed}"));
    let outcome = home.run(&["check", "--online"]).expect_code(0);
    for told in [
        "crm: not asked: the address of this call needs tenant",
        "mute: nothing can be asked",
        "placed: http",
        "3 of 3 destinations ready",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert_eq!(good.count(), 1);

    // One that lacks its secret says so, and one that is refused stops none.
    let refused = format!(
        "[refused]\nextends = \"placed\"\nbase = \"{}\"\n",
        bad.base()
    );
    home.config(&format!("{crm}{placed}{locked}{refused}"));
    let set = ["check", "--online", "--default", "tenant=shop"];
    let outcome = home.run(&set).expect_code(2);
    for told in [
        "locked: not asked: the secret is missing",
        "crm: http",
        "placed: http",
        "refused: ",
        "bad token",
        "2 of 4 destinations ready",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert_eq!((good.count(), bad.count()), (3, 1));
}

#[test]
fn what_is_refused_is_not_called_ready() {
    for (act, code, state) in [
        (Act::json(401, "{}"), 2, "refused"),
        (Act::status(500), 1, "unproven"),
    ] {
        let partner = Partner::always(act);
        let home = home(&config(&partner.base()));
        let outcome = check(&home, &[]).expect_code(code);
        assert!(outcome.stdout.contains(state), "{outcome:?}");
        assert!(
            outcome.stderr.contains("0 of 1 destination ready"),
            "{outcome:?}"
        );
        let rows = check(&home, &["--format", "json"]).expect_code(code).rows();
        assert_eq!(rows[0]["state"], state);
        assert_eq!(rows[0]["wrong"].as_array().map(Vec::len), Some(1));

        home.write("leads.csv", "email\na@example.fr\n");
        let outcome = check(&home, &["leads.csv"]).expect_code(code);
        assert!(outcome.stderr.contains("1 lead: 1 ready"), "{outcome:?}");
        assert!(!outcome.stderr.contains("leadctl send"), "{outcome:?}");
    }
}

#[test]
fn a_wrong_key_or_address_is_a_failure() {
    for (act, code, told) in [
        (Act::json(401, r#"{"message":"bad token"}"#), 2, "bad token"),
        (Act::status(404), 2, "does not exist"),
        (Act::html(200, "<h1>Welcome</h1>"), 1, "answered 200"),
        (Act::status(500), 1, "answered 500"),
        (Act::Close, 1, ""),
        (Act::status(429), 5, "too many requests"),
    ] {
        let partner = Partner::always(act);
        let outcome = check(&home(&config(&partner.base())), &[]).expect_code(code);
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("may have this lead"));
        assert_eq!(partner.count(), 1);
    }
    check(&home(&config(&nobody())), &[]).expect_code(5);
}

#[test]
fn a_right_that_sending_does_not_need_is_only_told() {
    let partner = Partner::always(Act::json(403, r#"{"message":"scope"}"#));
    let outcome = check(&home(&config(&partner.base())), &[]).expect_code(0);
    assert!(
        outcome.stderr.contains("the token may not read: scope"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn what_the_address_needs_is_said() {
    let partner = Partner::always(Act::json(200, r#"{"results":[]}"#));
    let home = home(&config(&partner.base()));
    let outcome = home
        .run(&["check", "--to", "crm", "--online"])
        .expect_code(2);
    for told in ["tenant", "[crm.defaults]", "--default tenant="] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert_eq!(partner.count(), 0);
}

#[test]
fn a_destination_that_can_be_asked_nothing_says_so() {
    let partner = Partner::always(Act::status(200));
    let whole = config(&partner.base());
    let (without, _) = whole.split_once("[crm.online]").unwrap();
    let outcome = check(&home(without), &[]).expect_code(0);
    assert!(
        outcome.stderr.contains("nothing can be asked"),
        "{}",
        outcome.stderr
    );
    assert_eq!(partner.count(), 0);
}

#[test]
fn the_leads_that_lack_what_the_settings_demand_are_told() {
    let partner = Partner::start(|arrived| match &*arrived.target {
        "/settings" => Act::json(
            200,
            &json!({"fields": [
                {"name": "lastname", "mandatory": true},
                {"name": "custom_2", "mandatory": true},
                {"name": "town", "mandatory": true},
                {"name": "email", "mandatory": false},
            ]})
            .to_string(),
        ),
        _ => Act::json(200, r#"{"results":[]}"#),
    });
    let home = home(&format!("{}{SETTINGS}", config(&partner.base())));
    home.write(
        "leads.csv",
        "email,nom,formation\na@example.fr,Martin,BTS\nb@example.fr,,BTS\nc@example.fr,,\nnone,,\n",
    );
    let outcome = check(&home, &["leads.csv"]).expect_code(3);
    for told in [
        "a contact must have lastname, customFields.2, town",
        "no field is sent as town",
        "2 leads lack lastname (column last_name), which crm makes mandatory: line 3, 4",
        "1 lead lacks customFields.2 (column course), which crm makes mandatory: line 4",
        "3 leads lack town",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert_eq!(partner.count(), 2);
    assert!(
        partner
            .arrived()
            .iter()
            .all(|arrived| arrived.method == "GET")
    );
}

#[test]
fn settings_that_cannot_be_read_are_a_failure() {
    let partner = Partner::start(|arrived| match &*arrived.target {
        "/settings" => Act::status(500),
        _ => Act::json(200, r#"{"results":[]}"#),
    });
    let home = home(&format!("{}{SETTINGS}", config(&partner.base())));
    check(&home, &[]).expect_code(1);
}
