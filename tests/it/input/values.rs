//! How a lead's values are read: trimmed, and as those of its own country; and
//! how a clock and a password are, through the binary.

use crate::common::{Act, Home, Partner};
use serde_json::{Value as Json, json};

fn partner() -> Partner {
    Partner::start(|_| Act::json(200, r#"{"id":"7"}"#))
}

fn home(partner: &Partner, more: &str) -> Home {
    let home = Home::new();
    home.config(&format!(
        r#"
[crm]
base = "{}"
key = ["email", "phone"]
country = "FR"
{more}
[crm.fields]
name = "last_name"
email = {{ from = "email", format = "email" }}
phone = {{ from = "phone", format = "phone-e164" }}
zip = {{ from = "zip", format = "postcode" }}
[crm.send]
path = "/leads"
rules = [{{ when = {{ status = 200, "/id" = "present" }}, then = "delivered", reference = "/id" }}]
"#,
        partner.base()
    ));
    home
}

#[test]
fn white_space_around_a_value_is_not_sent() {
    let partner = partner();
    let home = home(&partner, "");
    let rows = "Nom;E-mail;Tél\n\u{a0}Kent ; c@example.fr ; 06 39 98 00 01 \nKent;c@example.fr;0639980001\n";
    let run = home.run_with(&["send", "--to", "crm", "--format", "json"], rows);
    let run = run.expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "skipped"]);
    let sent = json!({"name": "Kent", "email": "c@example.fr", "phone": "+33639980001"});
    let bodies: Vec<Json> = partner.arrived().iter().map(|a| a.json()).collect();
    assert_eq!(bodies, [sent]);
}

#[test]
fn a_lead_that_says_its_country_has_its_numbers() {
    let partner = partner();
    let home = home(&partner, "");
    let rows = "Nom;E-mail;Tél;CP;Pays\n\
        A;a@example.fr;0470 12 34 56;1000;Belgique\n\
        B;b@example.fr;07700 900123;SW1A 1AA;GB\n\
        C;c@example.fr;06 39 98 00 01;1000;France\n\
        D;d@example.fr;06 39 98 00 02;1000;Syldavie\n\
        E;e@example.fr;06 39 98 00 03;75001;\n";
    let run = home.run_with(&["send", "--to", "crm", "--format", "json"], rows);
    let run = run.expect_code(0);
    assert_eq!(run.column("state"), ["delivered"; 5]);
    let mut sent: Vec<_> = partner.arrived().iter().map(|a| a.json()).collect();
    sent.sort_by_key(|body| body["name"].to_string());
    let told: Vec<_> = sent
        .iter()
        .map(|body| {
            (
                body["phone"].as_str().unwrap(),
                body["zip"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("+32470123456", "1000"),
            ("+447700900123", "SW1A 1AA"),
            ("+33639980001", "01000"),
            ("+33639980002", "01000"),
            ("+33639980003", "75001"),
        ]
    );
    // A doubt is told of what is wrong, not of what is repaired for France.
    assert!(!run.stderr.contains("line 2"), "{}", run.stderr);
}

#[test]
fn a_password_may_have_letters_that_headers_do_not() {
    let partner = partner();
    let mut home = home(
        &partner,
        "auth.basic = { user = \"léa\", secret = \"CRM_PASSWORD\" }",
    );
    home.set("CRM_PASSWORD", "pässe:wörd€");
    let rows = "Nom;E-mail;Tél\nKent;c@example.fr;0639980001\n";
    home.run_with(&["send", "--to", "crm"], rows).expect_code(0);
    let arrived = &partner.arrived()[0];
    // `léa:pässe:wörd€` in UTF-8.
    let header = "Basic bMOpYTpww6Rzc2U6d8O2cmTigqw=";
    assert_eq!(arrived.header("authorization"), Some(header));
}

#[test]
fn other_headers_carry_only_their_letters() {
    let partner = partner();
    let mut home = home(&partner, "auth.bearer = \"CRM_TOKEN\"");
    home.set("CRM_TOKEN", "tökén");
    let rows = "Nom;E-mail;Tél\nKent;c@example.fr;0639980001\n";
    let run = home.run_with(&["send", "--to", "crm"], rows).expect_code(2);
    assert!(run.stderr.contains("no header can carry"), "{}", run.stderr);
    assert_eq!(partner.count(), 0);
}

#[test]
fn a_user_with_a_colon_is_a_mistake() {
    let partner = partner();
    let home = home(
        &partner,
        "auth.basic = { user = \"me:pass\", secret = \"CRM_PASSWORD\" }",
    );
    let run = home.run(&["check", "--to", "crm"]).expect_code(2);
    let told = "partners.toml:6: `user` holds a colon";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

/// A zone as the system keeps it: always 5 hours and 45 minutes ahead.
fn zone() -> Vec<u8> {
    let header = |times: u8| {
        let mut block = b"TZif2".to_vec();
        block.extend([0; 15]);
        for count in [0, 0, 0, 0, times, 4 * times] {
            block.extend([0, 0, 0, count]);
        }
        block
    };
    let kinds = [&20_700_i32.to_be_bytes()[..], &[0, 0], b"+06\0"].concat();
    let block = [header(1), kinds].concat();
    [&block[..], &block, b"\n<+0545>-5:45\n"].concat()
}

#[test]
fn times_are_those_of_the_zone_that_is_named() {
    let partner = partner();
    let mut home = home(&partner, "");
    let zoneinfo = home.write("zoneinfo/Asia/Somewhere", zone());
    let folder = zoneinfo.parent().unwrap().parent().unwrap();
    let rows = "Nom;E-mail;Tél\nKent;c@example.fr;0639980001\n";
    home.run_with(&["send", "--to", "crm"], rows).expect_code(0);
    let shown = |home: &Home| home.run(&["history"]).expect_code(0).stdout;
    let utc = shown(&home);
    home.set("TZDIR", folder.to_str().unwrap());
    home.set("TZ", "Asia/Somewhere");
    assert_ne!(shown(&home), utc);
    let tomorrow = ["history", "--since", "2999-01-01"];
    home.run(&tomorrow).expect_code(0);
}
