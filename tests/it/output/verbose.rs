//! What `--verbose` shows of a run, to people and to what collects logs; and what it
//! never shows.

use serde_json::Value as Json;

use crate::common::desk::{Desk, HASTY, then_willing, willing};
use crate::common::{Act, Outcome, nobody};

/// A key of the partner, and how a lead's own words get into addresses and headers.
const SECRET: &str = "s3cr3t-k3y";
const PERSONAL: [&str; 4] = ["Nom1", "lead1", "example.fr", SECRET];

fn desk(base: &str) -> Desk {
    let auth = "auth.header = { name = \"X-Key\", secret = \"DESK_KEY\" }\n";
    let mut desk = Desk::with(base, &format!("{HASTY}{auth}"), "");
    desk.home.set("DESK_KEY", SECRET);
    desk
}

fn events(run: &Outcome) -> Vec<Json> {
    let lines = run.stderr.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[track_caller]
fn tells(run: &Outcome, parts: &[&str]) {
    for part in parts {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}

#[test]
fn each_thing_that_happens_is_a_line_without_anybody_s_data() {
    let busy = Act::status(429).with_header("retry-after", "0.01");
    let partner = then_willing(vec![busy]);
    let desk = desk(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.send(&["--verbose", &file]).expect_code(0);
    let host = partner.base().replace("http://", "");
    tells(
        &run,
        &[
            "leadctl ",
            ": send\n",
            "configuration: partners.toml; recorded in: ",
            "input: CSV, UTF-8, rows: 1\n",
            "worker 1: lead 1: sent at desk, try 1\n",
            &format!("worker 1: POST to {host}\n"),
            &format!("worker 1: connected to {host} without TLS\n"),
            &format!("{host} answered 429 after "),
            "lead 1: failed, to be tried again\n",
            ": the partner asks to wait\n",
            "lead 1: sent at desk, try 2\n",
            "lead 1: delivered\n",
            "exit code 0\n",
        ],
    );
    for word in PERSONAL {
        assert!(!run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    // The results are what they are without it.
    assert_eq!(run.column("state"), ["delivered"]);
    assert!(!desk.send(&[&file]).stderr.contains("configuration:"));
}

#[test]
fn a_collector_gets_json_without_the_flag() {
    let partner = willing();
    let mut desk = desk(&partner.base());
    desk.home.set("LEADCTL_LOG", "json");
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.send(&["--quiet", &file]).expect_code(0);
    let all = events(&run);
    assert_eq!(all.len(), run.stderr.lines().count(), "{}", run.stderr);
    let of = |name: &str| {
        let named = all.iter().filter(|event| event["event"] == name);
        named.collect::<Vec<_>>()
    };
    assert_eq!(of("started")[0]["verb"], "send");
    assert_eq!(of("counted")[0]["rows"], 2);
    let tries = of("try");
    assert_eq!(
        (&tries[1]["lead"], &tries[1]["thread"]),
        (&2.into(), &"worker 1".into())
    );
    assert_eq!(of("connected").len(), 1, "the connection is kept");
    assert_eq!(of("answered")[1]["status"], 201);
    assert_eq!(of("judged")[0]["state"], "delivered");
    assert_eq!(of("ended")[0]["exit"], 0);
    assert!(all[0]["at"].as_str().is_some_and(|at| at.ends_with('Z')));
    for word in PERSONAL {
        assert!(!run.stderr.contains(word), "{word}: {}", run.stderr);
    }
}

#[test]
fn what_keeps_a_lead_from_being_sent_is_told_with_its_host() {
    let desk = desk(&nobody());
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.send(&["-v", &file]).expect_code(5);
    tells(
        &run,
        &[
            "no answer of 127.0.0.1:",
            ", not sent: nothing answers at 127.0.0.1",
        ],
    );
    tells(
        &run,
        &[
            "lead 1: failed, to be tried again",
            ": one lead is tried again",
        ],
    );
}

#[test]
fn another_word_for_the_log_is_a_mistake() {
    let mut desk = desk("http://127.0.0.1:9");
    desk.home.set("LEADCTL_LOG", "debug");
    let run = desk.home.run(&["partners"]).expect_code(2);
    tells(
        &run,
        &["LEADCTL_LOG is \"debug\"", "write LEADCTL_LOG=json"],
    );
}
