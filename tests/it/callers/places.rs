//! Secrets in the query, the body and the path, several at once, and signatures.

use base64::Engine as _;
use hmac::{KeyInit as _, Mac as _};

use super::{SECRET, hides, traces};
use crate::common::desk::{Desk, HASTY, taken};
use crate::common::{Act, Arrived, Partner};

/// A desk whose path is this, with these words of `auth`.
fn desk(partner: &Partner, path: &str, auth: &str) -> (Desk, String) {
    let mut desk = Desk::with(&partner.base(), &format!("{HASTY}{auth}"), "");
    let config = desk.home.read("partners.toml");
    desk.home
        .config(&config.replace("\"/leads\"", &format!("\"{path}\"")));
    desk.home
        .set("DESK_SECRET", SECRET)
        .set("DESK_OTHER", "0ther-s3cret");
    let file = desk.export("leads.csv", 1, 1);
    (desk, file)
}

/// What the dry run shows: nothing leaves, and no secret is there to be read.
fn shown(desk: &Desk, file: &str) -> serde_json::Value {
    let dry = desk.send(&["--dry-run", file]).expect_code(0);
    hides(dry.stdout.as_bytes(), SECRET);
    dry.rows()[0]["request"].clone()
}

#[test]
fn a_secret_in_the_query() {
    let partner = Partner::start(taken);
    let auth = "auth.query = { name = \"api_key\", secret = \"DESK_SECRET\" }\n";
    let (desk, file) = desk(&partner, "/leads?v=2", auth);
    let request = shown(&desk, &file);
    let base = partner.base();
    assert_eq!(request["url"], format!("{base}/leads?v=2&api_key=***"));
    assert_eq!(partner.count(), 0);
    let run = desk.send(&[&file]).expect_code(0);
    let arrived = &partner.arrived()[0];
    assert_eq!(arrived.target, "/leads?v=2&api_key=Zq7%2FRk42%20vTp%26Lw9");
    hides(&traces(&desk, &run), SECRET);
    // Read again, it is the same lead.
    let again = desk.send(&[&file]).expect_code(0);
    assert_eq!(again.column("state"), ["skipped"]);
}

#[test]
fn a_secret_in_the_path_may_have_several_segments() {
    let partner = Partner::start(taken);
    let auth = "auth.path = { name = \"hook\", secret = \"DESK_SECRET\" }\n";
    let (desk, file) = desk(&partner, "/services/{hook}/new", auth);
    let request = shown(&desk, &file);
    let base = partner.base();
    assert_eq!(request["url"], format!("{base}/services/***/new"));
    let run = desk.send(&[&file]).expect_code(0);
    let arrived = &partner.arrived()[0];
    assert_eq!(arrived.target, "/services/Zq7/Rk42%20vTp&Lw9/new");
    hides(&traces(&desk, &run), SECRET);
}

#[test]
fn a_secret_in_the_body_stands_among_what_is_sent() {
    let partner = Partner::start(taken);
    let auth = "auth.body = [{ target = \"api_key\", secret = \"DESK_SECRET\" }, { target = \"who.pass\", secret = \"DESK_OTHER\" }]\n";
    let (desk, file) = desk(&partner, "/leads", auth);
    let request = shown(&desk, &file);
    let hidden =
        r#"{"name":"Nom1","email":"lead1@example.fr","api_key":"***","who":{"pass":"***"}}"#;
    assert_eq!(request["body"].to_string(), hidden);
    let run = desk.send(&[&file]).expect_code(0);
    let arrived = &partner.arrived()[0];
    let sent = hidden
        .replacen("***", SECRET, 1)
        .replace("***", "0ther-s3cret");
    assert_eq!(String::from_utf8_lossy(&arrived.body), sent);
    let all = traces(&desk, &run);
    hides(&all, SECRET);
    hides(&all, "0ther-s3cret");
}

#[test]
fn a_changed_secret_makes_no_other_lead_and_sends_no_refused_one_again() {
    let partner = Partner::always(Act::json(400, r#"{"message":"no"}"#));
    let auth = "auth.query = { name = \"api_key\", secret = \"DESK_SECRET\" }\nauth.body = { target = \"k\", secret = \"DESK_SECRET\" }\nauth.path = { name = \"hook\", secret = \"DESK_SECRET\" }\n";
    let (mut desk, file) = desk(&partner, "/{hook}", auth);
    desk.send(&[&file]).expect_code(3);
    desk.home.set("DESK_SECRET", "another-one");
    let run = desk.send(&[&file]).expect_code(3);
    assert_eq!(run.column("state"), ["skipped"]);
    assert_eq!(partner.count(), 1);
}

#[test]
fn a_partner_that_repeats_any_of_them_shows_none() {
    let partner = Partner::start(|arrived: &Arrived| {
        let body = String::from_utf8_lossy(&arrived.body).into_owned();
        let target = &arrived.target;
        Act::json(
            400,
            &format!(
                r#"{{"message":"no such lead: {target} {}"}}"#,
                body.replace('"', "'")
            ),
        )
    });
    let auth = "auth.query = { name = \"k\", secret = \"DESK_SECRET\" }\nauth.body = { target = \"k\", secret = \"DESK_OTHER\" }\n";
    let (desk, file) = desk(&partner, "/leads", auth);
    let run = desk.send(&[&file]).expect_code(3);
    assert!(run.stdout.contains("no such lead"), "{}", run.stdout);
    let all = traces(&desk, &run);
    hides(&all, SECRET);
    hides(&all, "0ther-s3cret");
}

#[test]
fn a_secret_that_is_not_there_stops_the_run_and_check_names_each() {
    let partner = Partner::start(taken);
    let auth = "auth.query = { name = \"k\", secret = \"FIRST\" }\nauth.hmac = { header = \"X-Sign\", secret = \"SECOND\" }\n";
    let (desk, file) = desk(&partner, "/leads", auth);
    let run = desk.send(&[&file]).expect_code(2);
    assert!(run.stderr.contains("FIRST"), "{}", run.stderr);
    let check = desk.home.run(&["check", "--to", "desk"]);
    let all = check.stdout + &check.stderr;
    assert!(all.contains("FIRST") && all.contains("SECOND"), "{all}");
    assert_eq!(partner.connections(), 0);
}

fn sha256(key: &str, text: &[u8]) -> Vec<u8> {
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[test]
fn the_very_bytes_that_are_sent_are_signed() {
    let partner = Partner::start(taken);
    let auth = "auth.hmac = { header = \"X-Signature\", secret = \"DESK_SECRET\", prefix = \"sha256=\" }\nauth.body = { target = \"k\", secret = \"DESK_OTHER\" }\n";
    let (desk, file) = desk(&partner, "/leads", auth);
    let request = shown(&desk, &file);
    assert_eq!(request["headers"]["X-Signature"], "sha256=***");
    let run = desk.send(&[&file]).expect_code(0);
    let arrived = &partner.arrived()[0];
    assert!(String::from_utf8_lossy(&arrived.body).contains("0ther-s3cret"));
    let signed = sha256(SECRET, &arrived.body);
    let hex: String = signed.iter().map(|byte| format!("{byte:02x}")).collect();
    let right = format!("sha256={hex}");
    assert_eq!(arrived.header("x-signature"), Some(&*right));
    hides(&traces(&desk, &run), SECRET);
}

#[test]
fn a_timestamp_is_signed_before_the_body() {
    let partner = Partner::start(taken);
    let auth = "auth.hmac = { header = \"X-Signature\", secret = \"DESK_SECRET\", encoding = \"base64\", timestamp = \"X-Timestamp\" }\n";
    let (desk, file) = desk(&partner, "/leads", auth);
    let request = shown(&desk, &file);
    assert_eq!(request["headers"]["X-Timestamp"], "***");
    desk.send(&[&file]).expect_code(0);
    let arrived = &partner.arrived()[0];
    let moment = arrived.header("x-timestamp").unwrap();
    assert!(moment.parse::<u64>().unwrap() > 1_700_000_000, "{moment}");
    let whole = [moment.as_bytes(), b".", &arrived.body].concat();
    let right = base64::engine::general_purpose::STANDARD.encode(sha256(SECRET, &whole));
    assert_eq!(arrived.header("x-signature"), Some(&*right));
}

#[test]
fn the_sandbox_asks_for_every_one_of_them() {
    let partner = Partner::start(taken);
    let auth = "auth.header = { name = \"X-App\", secret = \"A\" }\nauth.query = { name = \"k\", secret = \"B\" }\nauth.body = { target = \"k\", secret = \"C\" }\nauth.path = { name = \"hook\", secret = \"D\" }\nauth.hmac = { header = \"X-Sign\", secret = \"E\", timestamp = \"X-At\" }\nauth.oauth2 = { token = \"https://login.example.fr/token\", grant = \"client_credentials\", client_id = \"F\", secret = \"G\" }\n";
    let (desk, file) = desk(&partner, "/{hook}/leads", auth);
    let example = "[[desk.examples]]\nstatus = 201\nbody = '{\"id\":1}'\nmeans = \"delivered\"\nreference = \"1\"\n";
    let config = desk.home.read("partners.toml");
    desk.home.config(&format!("{config}{example}"));
    let run = desk.send(&["--sandbox", &file]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"]);
    assert_eq!(partner.connections(), 0);
}
