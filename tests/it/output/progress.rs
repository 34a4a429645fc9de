//! The line of a long run, in a real terminal: how far, of how many, how fast, and
//! what is waited for. The sign between its parts has two bytes, which rexpect takes
//! for letters: `\S+`.

use rexpect::session::{PtySession, spawn_command};

use crate::common::desk::{Desk, HASTY, then_willing, willing};
use crate::common::{Act, Gate, Partner, following};

const PATIENCE_MS: u64 = 60_000;

fn on_a_terminal(home: &crate::common::Home, arguments: &[&str]) -> PtySession {
    let mut command = home.command(arguments);
    command.env("TERM", "xterm-256color");
    spawn_command(command, Some(PATIENCE_MS)).unwrap()
}

const SEND: [&str; 4] = ["send", "--to", "desk", "leads.csv"];

#[test]
fn it_is_shown_while_a_lead_is_on_its_way() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| crate::common::desk::taken(arrived).held(&held));
    let desk = Desk::at(&partner.base());
    desk.export("leads.csv", 1, 12);
    let mut session = on_a_terminal(&desk.home, &SEND);
    gate.await_held(1);
    // Nothing has settled yet; the line alone tells that something happens.
    session.exp_string("0/12").unwrap();
    gate.release();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("12 leads: 12 delivered"), "{shown:?}");
}

#[test]
fn it_is_not_shown_where_nobody_wants_it() {
    for flag in ["--no-progress", "--quiet"] {
        let partner = willing();
        let desk = Desk::at(&partner.base());
        desk.export("leads.csv", 1, 12);
        let arguments = [&SEND[..], &[flag]].concat();
        let shown = on_a_terminal(&desk.home, &arguments).exp_eof().unwrap();
        assert!(!shown.contains("/12"), "{shown:?}");
    }
}

#[test]
fn a_pace_is_told_with_what_it_makes_of_the_rest() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), &format!("{HASTY}pace = \"2/min\"\n"), "");
    desk.export("leads.csv", 1, 5);
    let mut session = on_a_terminal(&desk.home, &SEND);
    session
        .exp_regex(r"2/5 \S+ at most 2 a minute, the next in 5\d s \S+ about 2 min")
        .unwrap();
    session.send_control('c').unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("stopping"), "{shown:?}");
    assert_eq!(partner.count(), 2);
}

#[test]
fn a_wait_that_the_partner_asks_for_counts_down() {
    let busy = Act::status(429).with_header("retry-after", "3");
    let partner = then_willing(vec![busy]);
    let desk = Desk::at(&partner.base());
    desk.export("leads.csv", 1, 2);
    let mut session = on_a_terminal(&desk.home, &SEND);
    session
        .exp_regex(r"0/2 \S+ the partner asks to wait: 2\.\d s")
        .unwrap();
    session.exp_regex(r"asks to wait: 1\.\d s").unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("2 leads: 2 delivered"), "{shown:?}");
}

#[test]
fn what_is_asked_about_is_counted_too() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = following::partner(move |_| {
        following::detail("approved", serde_json::json!({})).held(&held)
    });
    let home = following::home(&partner, "");
    following::send(&home, 2).expect_code(0);
    let mut session = on_a_terminal(&home, &["follow"]);
    gate.await_held(1);
    session.exp_string("0/2").unwrap();
    gate.release();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("2 approved"), "{shown:?}");
}
