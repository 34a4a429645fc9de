//! `leadctl sandbox`, as a process: its own output is the configuration that
//! `send` is pointed at it with.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Stdio};

use crate::common::Home;

const LEADS: &str = "Nom;Prénom;E-mail;Téléphone;Espace client;Programme\n\
    Martin;Léa;lea.martin@example.fr;06 39 98 00 01;demo;12\n\
    Petit;Hugo;duplicate@example.fr;06 39 98 00 02;demo;12\n\
    Roy;Ana;reject@example.fr;06 39 98 00 03;demo;12\n\
    Le Gall;Yann;timeout@example.fr;06 39 98 00 04;demo;12\n";

/// A sandbox that runs, and what it printed.
pub struct Sandbox {
    child: Child,
    pub toml: String,
    stdout: BufReader<ChildStdout>,
}

impl Sandbox {
    pub fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut child = home
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It says on stderr that it serves once its settings are written.
        let mut said = String::new();
        BufReader::new(child.stderr.as_mut().unwrap())
            .read_line(&mut said)
            .unwrap();
        assert!(said.contains("until Ctrl-C"), "{said}");
        let mut toml = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !toml.contains("[maarch]\nbase = ") || !toml.ends_with("\"\n") {
            assert_ne!(lines.read_line(&mut toml).unwrap(), 0, "{toml}");
        }
        Self {
            child,
            toml,
            stdout: lines,
        }
    }

    /// As Ctrl-C does; its exit code.
    fn interrupt(mut self) -> Option<i32> {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn leads_are_sent_to_it_with_the_configuration_that_it_prints() {
    let mut home = Home::new();
    home.set("ADLEAD_API_KEY", "sandbox");
    home.set("MAARCH_PASSWORD", "sandbox");
    let sandbox = Sandbox::start(&home, &["sandbox"]);
    assert!(sandbox.toml.contains("duplicate@"), "{}", sandbox.toml);
    home.write("sandbox.toml", &sandbox.toml);
    home.write("leads.csv", LEADS);
    let send = |to: &str, code| {
        let arguments = [
            "--config",
            "sandbox.toml",
            "--format",
            "json",
            "send",
            "--to",
            to,
            "leads.csv",
        ];
        home.run(&arguments).expect_code(code)
    };
    let sent = send("adlead", 4);
    let again = "leadctl --config sandbox.toml history --to adlead";
    assert!(sent.stderr.contains(again), "{}", sent.stderr);
    // A trial is no delivery: the real ledger knows nothing of it.
    let trial = |name: &str| name.starts_with("sandbox-") && name.ends_with(".db");
    let names = std::fs::read_dir(home.path()).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.any(|name| trial(&name)));
    let real = home.run(&["history"]).expect_code(0);
    assert!(
        real.stderr.contains("nothing was sent yet"),
        "{}",
        real.stderr
    );
    let adlead = sent.column("state");
    assert_eq!(adlead[0], "pending");
    assert_eq!(adlead[2..], ["rejected", "in_doubt"]);
    let maarch = send("maarch", 4).column("state");
    assert_eq!(maarch, ["delivered", "duplicate", "rejected", "in_doubt"]);
    // It remembers, as its ledger does.
    assert_eq!(send("maarch", 4).column("state")[0], "skipped");
}

#[test]
fn the_configuration_that_it_prints_is_whole() {
    let mut home = Home::new();
    for name in [
        "ADLEAD_API_KEY",
        "COMPANEO_TOKEN",
        "HUBSPOT_TOKEN",
        "ICIFORMATION_TOKEN",
        "MAARCH_PASSWORD",
    ] {
        home.set(name, "sandbox");
    }
    let sandbox = Sandbox::start(&home, &["sandbox"]);
    home.write("sandbox.toml", &sandbox.toml);
    let checked = home.run(&["--config", "sandbox.toml", "check", "--format", "json"]);
    assert_eq!(checked.expect_code(0).column("state"), ["ok"; 5]);
}

#[test]
fn ctrl_c_is_its_normal_end() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &["sandbox"]);
    assert_eq!(sandbox.interrupt(), Some(0));
}

#[test]
fn a_taken_port_is_told() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let told = home.run(&["sandbox", "--port", &port]).expect_code(1);
    assert!(
        told.stderr
            .contains(&format!("another program uses port {port}")),
        "{}",
        told.stderr
    );
    assert!(told.stderr.contains("leave out --port"), "{}", told.stderr);
}

#[test]
fn a_destination_of_ones_own_is_simulated_too() {
    let home = Home::new();
    home.config(include_str!("../../examples/own-partner.toml"));
    let mut sandbox = Sandbox::start(&home, &["sandbox"]);
    sandbox.child.kill().unwrap();
    let mut rest = String::new();
    sandbox.stdout.read_to_string(&mut rest).unwrap();
    // Only the user's own file can say what that table is.
    assert!(
        rest.contains("# [acme]\n# base = \"http://127.0.0.1:"),
        "{rest}"
    );
    assert!(
        sandbox.toml.contains("export ACME_TOKEN="),
        "{}",
        sandbox.toml
    );
}
