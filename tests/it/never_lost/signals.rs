//! SIGINT, SIGTERM and a stdout that nobody reads.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::common::desk::{Desk, persons, taken, willing};
use crate::common::{Gate, Partner};

fn signal(name: &str, pid: u32) {
    let done = Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .status();
    assert!(done.unwrap().success());
}

/// Takes the first request, which tries the way, and holds the next two.
fn holding(gate: &Gate) -> Partner {
    let held = gate.clone();
    Partner::start(move |arrived| match arrived.number {
        1 | 2 => taken(arrived).held(&held),
        _ => taken(arrived),
    })
}

#[test]
fn the_first_finishes_what_is_in_flight() {
    for name in ["INT", "TERM"] {
        let gate = Gate::new();
        let partner = holding(&gate);
        let desk = Desk::at(&partner.base());
        let file = desk.export("leads.csv", 1, 10);
        let run = desk.start(&["--jobs", "2", &file]);
        gate.await_held(2);
        signal(name, run.id());
        run.await_stderr("stop");
        gate.release();
        let run = run.finish().expect_code(130);
        let states = run.column("state");
        assert_eq!(states[..3], ["delivered"; 3], "{}", run.stderr);
        assert_eq!(states[3..], ["unsent"; 7]);
        assert_eq!(partner.count(), 3);
        desk.send(&[&file]).expect_code(0);
        assert_eq!((persons(&partner).len(), partner.count()), (10, 10));
    }
}

/// Hangs up twice, as a shell and the system do.
#[test]
fn a_closed_terminal_finishes_what_is_in_flight_but_not_under_nohup() {
    for (trap, code) in [("trap - HUP", 130), ("trap '' HUP", 0)] {
        let gate = Gate::new();
        let partner = holding(&gate);
        let desk = Desk::at(&partner.base());
        let file = desk.export("leads.csv", 1, 10);
        let program = desk.home.command::<&str>(&[]);
        let mut shell = Command::new("env");
        let run = shell
            .current_dir(desk.home.path())
            .args(["--default-signal=HUP", "sh", "-c"])
            .args([&format!("{trap}; exec \"$@\""), "sh"])
            .arg(program.get_program())
            .args(["send", "--to", "desk", "--jobs", "2", &file])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut run = run.unwrap();
        let mut told = BufReader::new(run.stderr.take().unwrap()).lines();
        gate.await_held(2);
        signal("HUP", run.id());
        signal("HUP", run.id());
        if code == 130 {
            told.find(|line| line.as_ref().is_ok_and(|line| line.contains("stopping")));
        }
        gate.release();
        told.for_each(drop);
        assert_eq!(run.wait().unwrap().code(), Some(code), "{trap}");
        let sent = if code == 130 { 3 } else { 10 };
        assert_eq!(partner.count(), sent, "{trap}");
        desk.send(&[&file]).expect_code(0);
        assert_eq!((persons(&partner).len(), partner.count()), (10, 10));
    }
}

#[test]
fn the_second_leaves_at_once_and_the_doubt_is_declared() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 5);
    let run = desk.start(&["--jobs", "2", &file]);
    gate.await_held(2);
    signal("INT", run.id());
    run.await_stderr("stop");
    signal("INT", run.id());
    run.finish().expect_code(130);
    gate.release();
    let second = desk.send(&[&file]).expect_code(4);
    assert!(
        second.stderr.contains("2 leads are in doubt"),
        "{}",
        second.stderr
    );
    assert_eq!(
        desk.states(),
        [
            "delivered",
            "in_doubt",
            "in_doubt",
            "delivered",
            "delivered"
        ]
    );
    assert_eq!(partner.count(), 5);
}

#[test]
fn an_interrupt_ends_a_long_wait() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "jobs = 1\npace = \"1/h\"\n", "");
    let file = desk.export("leads.csv", 1, 3);
    let run = desk.start(&[&file]);
    desk.await_state("delivered", 1);
    desk.await_state("unsent", 2);
    signal("TERM", run.id());
    let run = run.finish().expect_code(130);
    assert_eq!(run.column("state"), ["delivered", "unsent", "unsent"]);
}

#[test]
fn a_closed_stdout_never_stops_recording() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 500);
    let mut child = desk
        .home
        .command(&[
            "send", "--to", "desk", "--jobs", "2", "--format", "json", &file,
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    gate.await_held(2);
    drop(child.stdout.take());
    gate.release();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(desk.states(), ["delivered"; 500]);
    assert_eq!(partner.count(), 500);
}
