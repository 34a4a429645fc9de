//! Where secrets are kept, how long one is waited for, and that none of it, nor a
//! telling part, is ever shown.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::common::desk::{Desk, HASTY, taken, willing};
use crate::common::{Act, Partner};

const TOKEN: &str = "Zq7-Rk42vTpLw9.xB3nYs8";

/// A desk that takes its secret from there, and its export.
fn desk(partner: &Partner, secret: &str) -> (Desk, String) {
    let settings = format!("{HASTY}auth.bearer = {secret}\n");
    let desk = Desk::with(&partner.base(), &settings, "");
    let file = desk.export("leads.csv", 1, 1);
    (desk, file)
}

#[test]
fn a_partner_that_repeats_a_part_of_the_secret_shows_none_of_it() {
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    for said in [
        TOKEN.to_owned(),
        TOKEN[..8].to_owned(),
        TOKEN[9..].to_owned(),
        TOKEN.to_lowercase(),
        TOKEN.to_uppercase(),
        hex[6..40].to_owned(),
        STANDARD.encode(format!("the key {TOKEN}")),
    ] {
        let body = format!(r#"{{"message":"no such key: {said}"}}"#);
        let partner = Partner::always(Act::json(400, &body).with_header("x-key", &said));
        let (mut desk, file) = desk(&partner, "\"DESK_TOKEN\"");
        desk.home.set("DESK_TOKEN", TOKEN);
        let run = desk.send(&[&file]).expect_code(3);
        let told = [
            run.stdout,
            run.stderr,
            desk.home.run(&["history", "--format", "json"]).stdout,
            desk.home.run(&["history", "--format", "json", "1"]).stdout,
        ]
        .concat();
        assert!(told.contains("no such key: "), "{told}");
        assert!(told.contains("***"), "{told}");
        let parts = said.as_bytes().windows(16.min(said.len()));
        for part in parts.map(|part| std::str::from_utf8(part).unwrap()) {
            assert!(!told.contains(part), "{part} of {said}: {told}");
        }
    }
}

#[test]
fn a_secret_file_that_others_may_read_is_told() {
    let partner = willing();
    let (desk, file) = desk(&partner, "{ file = \"token\" }");
    let token = desk.home.write("token", TOKEN);
    for (mode, told) in [(0o644, true), (0o600, false)] {
        fs::set_permissions(&token, fs::Permissions::from_mode(mode)).unwrap();
        let run = desk.send(&[&file]).expect_code(0);
        let words = "every user of this machine may read";
        assert_eq!(run.stderr.contains(words), told, "{}", run.stderr);
        assert_eq!(run.stderr.contains("chmod 600"), told, "{}", run.stderr);
        let check = desk.home.run(&["check", "--to", "desk"]).expect_code(0);
        let all = check.stdout + &check.stderr;
        assert_eq!(all.contains(words), told, "{all}");
    }
}

#[test]
fn a_secret_that_does_not_come_or_does_not_end_is_not_waited_for() {
    let pipe = "{ file = \"pipe\" }";
    for (secret, words) in [
        ("{ file = \"/dev/zero\" }", "more than 64 kB"),
        ("{ command = [\"cat\", \"/dev/zero\"] }", "more than 64 kB"),
        ("{ command = [\"sleep\", \"600\"] }", "did not end in time"),
        (
            "{ command = [\"sh\", \"-c\", \"echo x; exec >&-; exec sleep 600\"] }",
            "in time",
        ),
        (pipe, "did not end in time"),
    ] {
        let partner = Partner::start(taken);
        let (desk, file) = desk(&partner, secret);
        if secret == pipe {
            let path = desk.home.path().join("pipe");
            let made = Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }
        let run = desk.send(&["--deadline", "300ms", &file]).expect_code(2);
        assert!(run.stderr.contains(words), "{secret}: {}", run.stderr);
        assert_eq!(partner.connections(), 0);
    }
}

#[test]
fn a_configuration_without_end_is_refused() {
    let desk = Desk::at("http://127.0.0.1:9");
    let run = desk.home.run(&["--config", "/dev/zero", "partners"]);
    let run = run.expect_code(2);
    assert!(run.stderr.contains("too large"), "{}", run.stderr);
}
