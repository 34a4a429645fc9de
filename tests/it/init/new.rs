//! `leadctl init --new`: a table from what a partner's page shows.

use serde_json::json;

use super::refused;
use crate::common::{Act, Home, Partner};

const SECRET: &str = "sk-live-0123456789abcdef";

/// A page's example, for this address.
fn curl(base: &str) -> String {
    format!(
        "curl -X POST '{base}/v1/contacts?source=web' \\\n  -H 'Authorization: Bearer {SECRET}' \\\n  \
         -H 'Content-Type: application/json' -H 'X-Version: 2' \\\n  \
         -d '{{\"email\": \"jane@example.com\", \"attributes\": {{\"first_name\": \"Jane\", \"last_name\": \"Doe\", \
         \"phone\": \"+33639980001\"}}, \"listIds\": [36], \"updateEnabled\": false}}'\n"
    )
}

fn init(home: &Home, more: &[&str]) -> crate::common::Outcome {
    let mut arguments = vec!["init", "--new", "acme"];
    arguments.extend(more);
    home.run(&arguments)
}

#[test]
fn a_pasted_command_becomes_a_partner_that_takes_leads() {
    let partner = Partner::always(Act::json(201, r#"{"id": 7}"#));
    let mut home = Home::new();
    home.write("curl.txt", curl(&partner.base()));
    home.write(
        "answer.json",
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{\"id\": 42}\r\n",
    );
    let told = init(
        &home,
        &["--from-curl", "curl.txt", "--answer", "answer.json"],
    )
    .expect_code(0);
    let written = home.read("partners.toml");
    assert!(
        !written.contains(SECRET) && !told.stderr.contains(SECRET),
        "{written}"
    );
    for words in [
        "export ACME_TOKEN=",
        "listIds, updateEnabled",
        "leadctl check --to acme",
    ] {
        assert!(told.stderr.contains(words), "{}", told.stderr);
    }
    assert!(
        written.contains("# \"listIds\" = { value = [36] }"),
        "{written}"
    );

    home.set("ACME_TOKEN", "a-token");
    home.run(&["check", "--to", "acme"]).expect_code(0);
    let sent = home.run_with(
        &["send", "--to", "acme", "--json"],
        "Prénom;Nom;E-mail;Tél.\nLéa;Martin;lea@example.fr;06 39 98 00 01\n",
    );
    assert_eq!(sent.expect_code(0).column("reference"), ["7"]);
    let arrived = partner.arrived().remove(0);
    assert_eq!(arrived.target, "/v1/contacts?source=web");
    assert_eq!(arrived.header("authorization"), Some("Bearer a-token"));
    assert_eq!(arrived.header("x-version"), Some("2"));
    assert_eq!(
        arrived.json(),
        json!({"email": "lea@example.fr", "attributes": {"first_name": "Léa", "last_name": "Martin", "phone": "+33639980001"}})
    );
}

#[test]
fn flags_say_the_same() {
    let home = Home::new();
    home.config("[adlead.defaults]\ntenant = \"x\"\n");
    home.write("body.json", r#"[{"tel": "0639980001", "nom": "Martin"}]"#);
    let told = init(
        &home,
        &[
            "--url",
            "https://api.example.fr/leads",
            "--auth",
            "header X-Api-Key",
            "--request",
            "body.json",
        ],
    );
    let told = told.expect_code(0);
    assert!(told.stderr.contains("ACME_KEY"), "{}", told.stderr);
    let written = home.read("partners.toml");
    for words in [
        "[adlead.defaults]",
        "auth.header = { name = \"X-Api-Key\", secret = \"ACME_KEY\" }",
        "key = [\"phone\"]",
        "\"tel\" = { from = \"phone\", format = \"phone-national\" }",
        "wrap = \"list\"",
        "# rules = ",
    ] {
        assert!(written.contains(words), "{words}\n{written}");
    }
    home.run(&["partners", "acme"]).expect_code(0);
}

#[test]
fn what_nothing_can_be_made_of_is_told_and_nothing_is_written() {
    let home = Home::new();
    home.write("curl.txt", "wget https://example.fr");
    refused(
        init(&home, &["--from-curl", "curl.txt"]),
        "does not begin with curl",
    );
    refused(init(&home, &["--from-curl", "gone.txt"]), "gone.txt");
    home.write("cut.txt", "curl https://x.example.fr -d '{\"a\": 1, ...}'");
    refused(init(&home, &["--from-curl", "cut.txt"]), "is no JSON");
    refused(init(&home, &[]), "nothing says what this partner is sent");
    refused(
        init(
            &home,
            &["--url", "https://x.example.fr/l", "--auth", SECRET],
        ),
        "never the secret itself",
    );
    refused(
        home.run(&["init", "--new", "adlead", "--url", "https://x.example.fr"]),
        "[adlead] already",
    );
    refused(
        home.run(&["init", "--new", "a.b", "--url", "https://x.example.fr"]),
        "can't be a partner's name",
    );
    assert!(!home.path().join("partners.toml").exists());
}

#[cfg(unix)]
#[test]
fn a_terminal_is_asked() {
    let home = Home::new();
    let mut session =
        rexpect::session::spawn_command(home.command(&["init", "--new", "acme"]), Some(20_000))
            .unwrap();
    let mut answer = |question: &str, line: &str| {
        session.exp_string(question).unwrap();
        session.exp_string("> ").unwrap();
        session.send_line(line).unwrap();
    };
    answer("Its address for leads", "https://api.example.fr/leads");
    answer("How does it know you", "sk-live-0123");
    answer("How does it know you", "bearer");
    answer(
        "An example of a request",
        r#"{"email": "jane@example.com"}"#,
    );
    answer(
        "An example of an answer",
        r#"{"success": true, "data": {"id": 1}}"#,
    );
    session
        .exp_string("wrote [acme] into partners.toml")
        .unwrap();
    session.exp_eof().unwrap();
    let written = home.read("partners.toml");
    for words in [
        "auth.bearer = \"ACME_TOKEN\"",
        "\"email\" = { from = \"email\", required = true, format = \"email\" }",
        "rules = [{ when = { status = \"2xx\", \"/success\" = true, \"/data/id\" = \"present\" }, then = \"delivered\", reference = \"/data/id\" }]",
    ] {
        assert!(written.contains(words), "{words}\n{written}");
    }
}

#[test]
fn what_is_the_partners_own_stays_a_comment() {
    let home = Home::new();
    home.write(
        "curl.txt",
        "curl https://YOUR_SUBDOMAIN.example.fr/leads -H 'X-API-KEY: abc' \
         -d '{\"title\": \"Syl Loretta\", \"owner\": {\"id\": 4}, \"civility\": \"Mme\", \"nom\": \"Doe\"}'",
    );
    home.write("no.json", r#"{"error": 403, "message": "Forbidden"}"#);
    let told = init(&home, &["--from-curl", "curl.txt", "--answer", "no.json"]).expect_code(0);
    let written = home.read("partners.toml");
    for words in [
        "# base = ",
        "# key = ",
        "# \"title\" = ",
        "# \"owner.id\" = ",
        "\n\"nom\" = \"last_name\"",
        "# rules = ",
    ] {
        assert!(written.contains(words), "{words}\n{written}");
    }
    assert!(
        told.stderr.contains("base") && told.stderr.contains("key"),
        "{}",
        told.stderr
    );
}
