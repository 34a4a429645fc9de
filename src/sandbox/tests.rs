//! The sandbox over real sockets, with invented destinations.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value as Json, json};

use super::Sandbox;
use crate::config::{Catalogue, Destination};

const PARTNERS: &str = r#"
[estate]
base = "https://api.example.fr"
auth.header = { name = "X-Key", secret = "KEY" }
key = ["program", "mail"]
[estate.path]
program = "program"
[estate.fields]
name = { from = "name", required = true }
email = "mail"
[estate.send]
path = "/v1/programs/{program}/leads"
rules = [
  { when = { status = 401 }, then = "stop" },
  { when = { status = 429 }, then = "wait", wait = { at = "/message", match = '(\d+) seconds' } },
  { when = { status = 402 }, then = "stop_for_now" },
  { when = { status = 409 }, then = "duplicate", reference = "/id" },
  { when = { status = 422 }, then = "rejected" },
  { when = { status = 201 }, then = "pending", reference = "/data/id" },
]
[[estate.examples]]
status = 201
means = "pending"
body = '{"success":true,"data":{"id":17}}'
[[estate.examples]]
status = 409
means = "duplicate"
body = '{"id":"9"}'
[[estate.examples]]
status = 422
means = "rejected"
body = '{"message":"no"}'
[[estate.examples]]
status = 401
means = "stop"
body = '{"message":"bad key"}'
[[estate.examples]]
status = 429
means = "wait"
body = '{"message":"in 40 seconds"}'
[[estate.examples]]
status = 402
means = "stop_for_now"
body = '{"message":"tomorrow"}'
[[estate.examples]]
status = 404
means = "stop"
body = '{"message":"no such program"}'

["my hook"]
base = "https://hook.example.fr/x"
auth.bearer = "TOKEN"
[["my hook".examples]]
of = "online"
status = 418
means = "delivered"
["my hook".online]
path = "/ping"
["my hook".fields]
email = "mail"
["my hook".send]
method = "PUT"
path = ""

[upsert]
base = "https://api.example.fr"
auth.basic = { user = "me", secret = "PASSWORD" }
safe_to_repeat = true
key = ["mail"]
[upsert.fields]
"properties.email" = "mail"
[upsert.send]
path = "/contacts"
wrap = "list"
rules = [{ when = { status = 200 }, then = "delivered", reference = "/id" }]
[[upsert.examples]]
means = "delivered"
body = '{"id":"5"}'
"#;

fn sandbox() -> Sandbox {
    let catalogue = Catalogue::load(Some(("test.toml", PARTNERS))).unwrap();
    let names = ["estate", "my hook", "upsert"];
    let all: Vec<_> = names
        .iter()
        .filter_map(|name| catalogue.get(name).cloned())
        .collect();
    assert_eq!(all.len(), names.len());
    Sandbox::start(&all, None).unwrap()
}

fn connect(sandbox: &Sandbox) -> TcpStream {
    let origin = sandbox.origin();
    TcpStream::connect(origin.trim_start_matches("http://")).unwrap()
}

/// Status and body of the next answer on a connection; `None` at its end.
fn answer(stream: &mut TcpStream) -> Option<(u16, String)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return None;
        }
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.split("content-length: ").nth(1)?;
    let length = length.split('\r').next()?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((status, String::from_utf8(body).unwrap()))
}

fn write(stream: &mut TcpStream, method: &str, path: &str, auth: &str, body: &str) {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\n{auth}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
}

fn exchange(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    auth: &str,
    body: &str,
) -> Option<(u16, String)> {
    let mut stream = connect(sandbox);
    write(&mut stream, method, path, auth, body);
    answer(&mut stream)
}

const KEY: &str = "X-Key: any\r\n";
const ESTATE: &str = "/estate/v1/programs/12/leads?a=b";

fn estate(sandbox: &Sandbox, lead: &Json) -> Option<(u16, String)> {
    exchange(sandbox, "POST", ESTATE, KEY, &lead.to_string())
}

fn lead(mail: &str) -> Json {
    json!({"name": "Martin", "email": mail})
}

#[test]
fn a_good_lead_gets_a_fresh_reference_and_is_remembered() {
    let sandbox = sandbox();
    for (mail, id) in [("a@example.fr", 1001), ("b@example.fr", 1002)] {
        let body = format!(r#"{{"success":true,"data":{{"id":{id}}}}}"#);
        assert_eq!(estate(&sandbox, &lead(mail)), Some((201, body)));
    }
    let partner = sandbox.partners.get("estate").unwrap();
    let received = &partner.received;
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].reference.as_deref(), Some("1001"));
    assert_eq!(received[0].values, [("program".into(), "12".into())]);
    assert_eq!(received[1].body, lead("b@example.fr"));
}

#[test]
fn the_same_lead_again() {
    let sandbox = sandbox();
    assert_eq!(estate(&sandbox, &lead("a@example.fr")).unwrap().0, 201);
    // Another case and another name are the same key; another programme is not.
    let again = json!({"name": "Martín", "email": "A@Example.fr"});
    let known = Some((409, r#"{"id":"1001"}"#.to_owned()));
    assert_eq!(estate(&sandbox, &again), known);
    let other = exchange(
        &sandbox,
        "POST",
        "/estate/v1/programs/13/leads",
        KEY,
        &again.to_string(),
    );
    assert_eq!(other.unwrap().0, 201);
    assert_eq!(sandbox.received("estate"), 2);

    let basic = "Authorization: Basic eDp5\r\n";
    let body = r#"[{"properties":{"email":"a@example.fr"}}]"#;
    for _ in 0..2 {
        let same = Some((200, r#"{"id":"1001"}"#.to_owned()));
        assert_eq!(
            exchange(&sandbox, "POST", "/upsert/contacts", basic, body),
            same
        );
    }
}

#[test]
fn a_lead_without_the_key_is_never_known() {
    let sandbox = sandbox();
    let nameless = json!({"name": "Martin"});
    for id in [1001, 1002] {
        let body = format!(r#"{{"success":true,"data":{{"id":{id}}}}}"#);
        assert_eq!(estate(&sandbox, &nameless), Some((201, body)));
    }
}

#[test]
fn what_the_rules_refuse_is_refused_as_the_example_shows() {
    let sandbox = sandbox();
    let refused = Some((422, r#"{"message":"no"}"#.to_owned()));
    for body in [r#"{"email":"a@example.fr"}"#, "{", "[]", ""] {
        assert_eq!(exchange(&sandbox, "POST", ESTATE, KEY, body), refused);
    }
    let basic = "Authorization: Basic eDp5\r\n";
    let plain = exchange(&sandbox, "POST", "/upsert/contacts", basic, "{}").unwrap();
    assert_eq!(plain.0, 400);
    assert!(plain.1.contains("list of one object"), "{}", plain.1);
    assert!(sandbox.received("estate") == 0);
}

#[test]
fn a_credential_is_asked_for() {
    let sandbox = sandbox();
    let body = lead("a@example.fr").to_string();
    for auth in ["", "X-Key: \r\n", "Authorization: Bearer x\r\n"] {
        let told = exchange(&sandbox, "POST", ESTATE, auth, &body);
        assert_eq!(told, Some((401, r#"{"message":"bad key"}"#.to_owned())));
    }
    for (auth, status) in [
        ("Authorization: Basic x\r\n", 401),
        ("Authorization: Bearer \r\n", 401),
        ("Authorization: Bearer x\r\n", 200),
    ] {
        let told = exchange(&sandbox, "PUT", "/my%20hook", auth, &body).unwrap();
        assert_eq!(told.0, status, "{auth}");
    }
}

#[test]
fn unknown_addresses() {
    let sandbox = sandbox();
    let no_program = Some((404, r#"{"message":"no such program"}"#.to_owned()));
    assert_eq!(
        exchange(&sandbox, "POST", "/estate/v2", KEY, "{}"),
        no_program
    );
    assert_eq!(exchange(&sandbox, "GET", ESTATE, KEY, ""), no_program);
    for path in ["/", "/nobody/x", "/my%20hook/x"] {
        assert_eq!(exchange(&sandbox, "PUT", path, "", "{}").unwrap().0, 404);
    }
}

#[test]
fn every_reserved_address_as_the_examples_show() {
    let sandbox = sandbox();
    for (name, status) in [
        ("duplicate", 409),
        ("Reject+3", 422),
        ("error", 500),
        ("html", 200),
        ("stop", 401),
        ("key", 401),
        ("quota", 402),
    ] {
        let told = estate(&sandbox, &lead(&format!("{name}@example.fr"))).unwrap();
        assert_eq!(told.0, status, "{name}");
    }
    assert!(sandbox.received("estate") == 0);

    let waiting = estate(&sandbox, &lead("wait@example.fr"));
    let body = r#"{"message":"in 1 seconds"}"#.to_owned();
    assert_eq!(waiting, Some((429, body)));
    assert_eq!(estate(&sandbox, &lead("wait@example.fr")).unwrap().0, 201);

    // The answer is lost, the lead is not.
    assert_eq!(estate(&sandbox, &lead("timeout@example.fr")), None);
    assert_eq!(sandbox.received("estate"), 2);
}

#[test]
fn every_reserved_address_without_examples() {
    let sandbox = sandbox();
    let bearer = "Authorization: Bearer x\r\n";
    for (name, status) in [
        ("duplicate", Some(200)),
        ("reject", Some(400)),
        ("error", Some(500)),
        ("html", Some(200)),
        ("stop", Some(401)),
        ("quota", Some(429)),
        ("wait", Some(429)),
        ("wait", Some(200)),
        ("timeout", None),
        ("anybody", Some(200)),
    ] {
        let body = format!(r#"{{"email":"{name}@example.fr"}}"#);
        let told = exchange(&sandbox, "PUT", "/my%20hook", bearer, &body);
        assert_eq!(told.map(|(status, _)| status), status, "{name}");
    }
}

#[test]
fn a_connection_serves_several_requests() {
    let sandbox = sandbox();
    let mut stream = connect(&sandbox);
    for number in 0..3 {
        let body = lead(&format!("{number}@example.fr")).to_string();
        write(&mut stream, "POST", ESTATE, KEY, &body);
        assert_eq!(answer(&mut stream).unwrap().0, 201);
    }
    let body = lead("0@example.fr").to_string();
    let auth = format!("{KEY}Connection: close\r\n");
    write(&mut stream, "POST", ESTATE, &auth, &body);
    assert_eq!(answer(&mut stream).unwrap().0, 409);
    assert_eq!(answer(&mut stream), None);
}

#[test]
fn garbage_hurts_nobody() {
    let sandbox = sandbox();
    for garbage in [
        &b"\x16\x03\x01\x00\xff\xfe\r\n\r\n"[..],
        b"POST\r\n\r\n",
        b"POST /estate HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /%ff%zz/%/% HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        &[b'a'; 100_000],
    ] {
        let mut stream = connect(&sandbox);
        // The server may hang up before all of it was written.
        let _ = stream.write_all(garbage);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let told = exchange(
        &sandbox,
        "POST",
        ESTATE,
        KEY,
        "{\"name\":\"\u{0}\",\"email\":\"\u{fffd}\"}",
    );
    assert!(told.is_some());
    assert_eq!(estate(&sandbox, &lead("a@example.fr")).unwrap().0, 201);
}

#[test]
fn the_settings_point_every_destination_here() {
    let sandbox = sandbox();
    let origin = sandbox.origin();
    for (name, table) in [
        ("estate", format!("[estate]\nbase = \"{origin}/estate\"")),
        (
            "my hook",
            format!("[\"my hook\"]\nbase = \"{origin}/my%20hook\""),
        ),
    ] {
        let destination = Destination {
            name: name.to_owned(),
            ..Destination::default()
        };
        assert_eq!(sandbox.table_of(&destination), table);
    }
}

#[test]
fn tokens_are_given_here_too() {
    let text = "[shop]\nbase = \"https://shop.example.fr\"\n\
        auth.query = [{ name = \"a[b]\", secret = \"A\" }, { name = \"c\", secret = { file = \"c\" } }]\n\
        auth.certificate = { cert = \"c.pem\", key = \"k.pem\" }\n\
        auth.oauth2 = { token = \"https://login.example.fr/t\", grant = \"refresh_token\", client_id = \"I\", refresh = { command = [\"pass\", \"x\"] } }\n";
    let rest = "\n[shop.fields]\nemail = \"email\"\n[shop.send]\npath = \"/leads\"\n";
    let load = |text: &str| Catalogue::load(Some(("p.toml", &format!("{text}{rest}")))).unwrap();
    let theirs = load(text);
    let theirs = theirs.get("shop").unwrap();
    let sandbox = sandbox();
    let table = sandbox.table_of(theirs);
    assert!(table.lines().count() == 3, "{table}");
    let ours = load(&table);
    let auth = &ours.get("shop").unwrap().auth;
    let token = &auth.oauth2.as_ref().unwrap().token;
    assert_eq!(*token, format!("{}/shop/oauth2/token", sandbox.origin()));
    assert_eq!(auth.secrets(), theirs.auth.secrets());
    assert_eq!(auth.query, theirs.auth.query);
    assert!(auth.certificate.is_none());
}

#[test]
fn a_dropped_sandbox_hangs_up() {
    let sandbox = sandbox();
    let mut stream = connect(&sandbox);
    let body = lead("a@example.fr").to_string();
    write(&mut stream, "POST", ESTATE, KEY, &body);
    assert_eq!(answer(&mut stream).unwrap().0, 201);
    let origin = sandbox.origin();
    drop(sandbox);
    write(&mut stream, "POST", ESTATE, KEY, &body);
    assert_eq!(answer(&mut stream).unwrap().0, 409);
    assert_eq!(answer(&mut stream), None);
    assert!(TcpStream::connect(origin.trim_start_matches("http://")).is_err());
}
