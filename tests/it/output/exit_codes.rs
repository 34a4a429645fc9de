//! Every exit code of the design, and which one wins.

use crate::common::{Act, Arrived, Home, Outcome, Partner, nobody};

/// Answers by the name in the address: `reject@…` is refused, and so on.
fn by_name(arrived: &Arrived) -> Act {
    let email = arrived.json()["email"].as_str().unwrap_or("").to_owned();
    match email.split(['@', '.']).next().unwrap_or("") {
        "pending" => Act::json(202, "{}"),
        "duplicate" => Act::status(409),
        "reject" => Act::status(400),
        "doubt" => Act::status(500),
        "stop" => Act::status(401),
        "quota" => Act::status(503),
        _ => Act::status(201),
    }
}

fn config(base: &str) -> String {
    format!(
        "[acme]\nbase = \"{base}\"\nkey = [\"email\"]\njobs = 1\nbackoff = \"1ms\"\n\
         fields = {{ email = {{ from = \"email\", required = true, format = \"email\" }} }}\n\
         [acme.send]\npath = \"/leads\"\n\
         rules = [\n\
           {{ when = {{ status = 201 }}, then = \"delivered\" }},\n\
           {{ when = {{ status = 202 }}, then = \"pending\" }},\n\
           {{ when = {{ status = 409 }}, then = \"duplicate\" }},\n\
           {{ when = {{ status = 503 }}, then = \"stop_for_now\" }},\n\
         ]\n"
    )
}

fn home(partner: &Partner) -> Home {
    let home = Home::new();
    home.config(&config(&partner.base()));
    home
}

fn csv(names: &[&str]) -> String {
    let rows: Vec<String> = names.iter().map(|name| format!("{name}\n")).collect();
    format!("E-mail\n{}", rows.concat())
}

fn send(home: &Home, names: &[&str]) -> Outcome {
    let arguments = ["send", "--to", "acme", "--format", "json", "-"];
    home.run_with(&arguments, csv(names))
}

/// One lead an address, in a fresh ledger.
#[track_caller]
fn ends(names: &[&str], states: &[&str], code: i32) {
    let partner = Partner::start(by_name);
    let outcome = send(&home(&partner), names).expect_code(code);
    assert_eq!(outcome.column("state"), states, "{outcome:?}");
}

#[test]
fn zero_where_nothing_is_left_to_do() {
    ends(
        &["a@example.fr", "pending@example.fr", "duplicate@example.fr"],
        &["delivered", "pending", "duplicate"],
        0,
    );
    ends(&[], &[], 0);
    // Skipped in the second run: nothing new.
    let partner = Partner::start(by_name);
    let home = home(&partner);
    send(&home, &["a@example.fr"]).expect_code(0);
    let again = send(&home, &["a@example.fr", "A@Example.fr "]).expect_code(0);
    assert_eq!(again.column("state"), ["skipped", "skipped"]);
    assert_eq!(partner.count(), 1);
}

#[test]
fn one_where_it_could_not_finish() {
    let partner = Partner::start(by_name);
    let home = home(&partner);
    home.run(&["send", "--to", "acme", "missing.csv"])
        .expect_code(1);
    let folder = home.path().display().to_string();
    home.run_with(
        &["send", "--to", "acme", "--ledger", &folder, "-"],
        csv(&["a@example.fr"]),
    )
    .expect_code(1);
    assert_eq!(partner.count(), 0, "nothing is sent that can't be recorded");
}

#[test]
fn two_for_usage_configuration_and_credentials() {
    let partner = Partner::start(by_name);
    let home = home(&partner);
    home.run(&["send"]).expect_code(2);
    home.run(&["sned"]).expect_code(2);
    home.run(&["send", "--to", "nobody", "x.csv"])
        .expect_code(2);
    home.run(&["send", "--to", "hubspot", "x.csv"])
        .expect_code(2);
    home.run(&["send", "--to", "maarch", "x.csv"])
        .expect_code(2);
    home.run(&["--config", "missing.toml", "send", "--to", "acme", "x.csv"])
        .expect_code(2);
    let stopped = send(&home, &["stop@example.fr", "b@example.fr"]).expect_code(2);
    assert_eq!(stopped.column("state"), ["failed", "unsent"]);
}

#[test]
fn three_where_leads_are_invalid_or_rejected() {
    ends(
        &["a@example.fr", "reject@example.fr"],
        &["delivered", "rejected"],
        3,
    );
    ends(&["a@example.fr", "oops"], &["delivered", "invalid"], 3);
}

#[test]
fn four_where_leads_are_in_doubt() {
    ends(
        &["doubt@example.fr", "a@example.fr"],
        &["in_doubt", "delivered"],
        4,
    );
}

#[test]
fn five_where_leads_wait_for_another_run() {
    ends(
        &["quota@example.fr", "b@example.fr"],
        &["failed", "unsent"],
        5,
    );
    let home = Home::new();
    home.config(&config(&nobody()));
    let outcome = send(&home, &["a@example.fr"]).expect_code(5);
    assert_eq!(outcome.column("state"), ["failed"], "{outcome:?}");
}

#[test]
fn a_doubt_is_told_until_it_is_settled() {
    let partner = Partner::start(by_name);
    let home = home(&partner);
    send(&home, &["doubt@example.fr"]).expect_code(4);
    let again = send(&home, &["doubt@example.fr"]).expect_code(4);
    assert_eq!(again.column("state"), ["skipped"], "{again:?}");
    assert_eq!(partner.count(), 1, "never sent again unasked");

    // A refused lead too, and it isn't sent again as it is.
    send(&home, &["reject@example.fr"]).expect_code(3);
    let again = send(&home, &["reject@example.fr"]).expect_code(3);
    assert_eq!(partner.count(), 2, "{again:?}");
}

#[test]
fn the_gravest_wins() {
    // 4 before 3 before 0.
    ends(
        &["doubt@example.fr", "oops", "a@example.fr"],
        &["in_doubt", "invalid", "delivered"],
        4,
    );
    // 3 before 5.
    ends(
        &["reject@example.fr", "quota@example.fr"],
        &["rejected", "failed"],
        3,
    );
    // 2 before 4 and 3.
    ends(
        &[
            "doubt@example.fr",
            "oops",
            "stop@example.fr",
            "d@example.fr",
        ],
        &["in_doubt", "invalid", "failed", "unsent"],
        2,
    );
    // 1 before 2.
    let partner = Partner::start(by_name);
    let home = home(&partner);
    home.write("stop.csv", csv(&["stop@example.fr"]));
    home.run(&["send", "--to", "acme", "stop.csv", "missing.csv"])
        .expect_code(1);
}

#[cfg(unix)]
#[test]
fn one_hundred_and_thirty_where_the_user_stops_it() {
    let gate = crate::common::Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| by_name(arrived).held(&held));
    let home = home(&partner);
    let arguments = ["send", "--to", "acme", "--format", "json", "-"];
    let names = ["doubt@example.fr", "b@example.fr", "oops", "c@example.fr"];
    let run = home.start(&arguments, csv(&names));
    gate.await_held(1);
    let pid = rustix::process::Pid::from_raw(run.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    gate.release();
    let outcome = run.finish().expect_code(130);
    // The lead in flight is finished, the rest is stored, all are told.
    assert_eq!(outcome.rows().len(), 4, "{outcome:?}");
    assert_eq!(outcome.column("state")[0], "in_doubt", "{outcome:?}");
    assert_eq!(outcome.column("state")[2], "invalid", "{outcome:?}");
}
