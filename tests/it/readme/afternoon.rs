//! An afternoon against `leadctl sandbox`: send, follow, list, with nothing
//! but the configuration that the sandbox prints.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::common::{Home, Outcome};

const LEADS: &str = "Nom;Prénom;E-mail;Tél.\n\
    Martin;Léa;lea@example.fr;06 39 98 00 01\n\
    Petit;Hugo;refuse@example.fr;06 39 98 00 02\n\
    Roy;Ana;expire@example.fr;06 39 98 00 03\n\
    Le Gall;Yann;ponder@example.fr;06 39 98 00 04\n\
    Moreau;Zoé;timeout@example.fr;06 39 98 00 05\n";

/// Ends with the test.
struct Sandbox(Child);

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A sandbox, and a home whose configuration is what it printed.
fn sandbox() -> (Sandbox, Home) {
    let mut home = Home::new();
    home.set("ADLEAD_API_KEY", "sandbox");
    let mut child = home
        .command(&["sandbox", "--format", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let sandbox = Sandbox(child);
    let record = BufReader::new(stdout)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap())
        .find(|record| record["destination"] == "adlead")
        .unwrap();
    home.config(&format!(
        "[adlead]\nbase = {}\npace = []\ndefaults = {{ tenant = \"agency\", program = \"12\" }}\n",
        record["base"]
    ));
    (sandbox, home)
}

fn run(home: &Home, arguments: &[&str], code: i32) -> Outcome {
    let mut all = arguments.to_vec();
    all.extend(["--format", "json"]);
    home.run(&all).expect_code(code)
}

#[test]
fn from_the_export_to_the_approvals() {
    let (_sandbox, home) = sandbox();
    home.write("leads.csv", LEADS);
    let sent = run(
        &home,
        &["send", "--to", "adlead", "--jobs", "1", "leads.csv"],
        4,
    );
    let mut states = vec!["pending"; 4];
    states.push("in_doubt");
    assert_eq!(sent.column("state"), states);

    let followed = run(&home, &["follow"], 3);
    assert_eq!(
        followed.column("state"),
        ["approved", "rejected", "expired", "pending", "approved"]
    );
    assert!(followed.column("message")[0].starts_with("approved until "));
    assert_ne!(followed.column("reference")[4], "null", "it was found");

    let again = run(&home, &["follow", "--wait", "1ms"], 0);
    assert_eq!(again.column("id"), ["4"]);

    let listed = run(&home, &["list", "--to", "adlead"], 0);
    assert_eq!(listed.column("ours"), ["1", "2", "3", "4", "5"]);
    assert_eq!(
        listed.column("status"),
        ["approved", "rejected", "expired", "pending", "approved"]
    );
    assert_eq!(listed.column("fullname")[0], "Léa Martin");
    let approved = run(&home, &["list", "--to", "adlead", "--state", "approved"], 0);
    assert_eq!(approved.column("ours"), ["1", "5"]);
}
