//! Each kind of receiver: a card for Teams, a program, a heartbeat, a file.

use super::{POST, listening, notifying};
use crate::common::desk::{Desk, then_willing, willing};
use crate::common::{Act, Arrived, Home};

fn targets(arrived: &[Arrived]) -> Vec<String> {
    let target = |one: &Arrived| format!("{} {}", one.method, one.target);
    arrived.iter().map(target).collect()
}

#[test]
fn teams_gets_a_card_and_a_program_its_standard_input() {
    let receiver = listening();
    let partner = then_willing(vec![Act::Close]);
    let words = format!(
        "{}\ncommand = [\"sh\", \"-c\", \"cat >> told.txt; echo mailed\"]",
        POST.replace(" } }", " }, form = \"teams\" }")
    );
    let desk = notifying(&partner, &receiver.base(), &words);
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.send(&[&file]).expect_code(4);
    assert_eq!(run.rows().len(), 1);
    let card = receiver.arrived()[0].json();
    let content = &card["attachments"][0]["content"];
    assert_eq!(content["type"], "AdaptiveCard");
    let told = content["body"][0]["text"].as_str().unwrap_or_default();
    assert!(told.contains("desk: 1 in doubt (1)\n\nWhat"), "{told}");
    let told = desk.home.read("told.txt");
    assert!(told.contains("desk: 1 in doubt (1)\n"), "{told}");
    desk.send(&[&file]).expect_code(4);
    assert_eq!(desk.home.read("told.txt"), told);
}

#[test]
fn a_program_that_fails_is_run_again_by_the_next_run() {
    let partner = then_willing(vec![Act::Close]);
    let words = "command = [\"sh\", \"-c\", \"cat >> told.txt; test -e works\"]";
    let desk = notifying(&partner, "", words);
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.send(&[&file]).expect_code(4);
    assert!(run.stderr.contains("`sh` failed"), "{}", run.stderr);
    desk.home.write("works", "");
    desk.send(&[&file]).expect_code(4);
    desk.send(&[&file]).expect_code(4);
    assert_eq!(desk.home.read("told.txt").matches("in doubt").count(), 2);
}

#[test]
fn a_heartbeat_after_every_run_fails_on_news_alone() {
    let receiver = listening();
    let partner = then_willing(vec![Act::Close]);
    let mut desk = notifying(&partner, "", "heartbeat = { url = { env = \"NEWS_URL\" } }");
    let url = format!("{}/ping/1?a=b", receiver.base());
    desk.home.set("NEWS_URL", &url);
    let file = desk.export("leads.csv", 1, 2);
    for code in [4, 4] {
        desk.send(&[&file]).expect_code(code);
    }
    desk.send(&["--dry-run", &file]);
    desk.home.run(&["follow"]);
    desk.send(&["nothing.csv"]);
    assert_eq!(
        targets(&receiver.arrived()),
        [
            "GET /ping/1/fail?a=b",
            "GET /ping/1?a=b",
            "GET /ping/1?a=b",
            "GET /ping/1/fail?a=b"
        ]
    );
}

#[test]
fn metrics_are_written_whole_after_every_run() {
    let partner = willing();
    let desk = notifying(&partner, "", "metrics = \"leadctl.prom\"");
    desk.send(&[&desk.export("leads.csv", 1, 2)]).expect_code(0);
    let text = desk.home.read("leadctl.prom");
    for line in [
        "# TYPE leadctl_leads gauge\n",
        "leadctl_leads{destination=\"desk\",state=\"delivered\"} 2\n",
        "leadctl_leads{destination=\"desk\",state=\"in_doubt\"} 0\n",
        "leadctl_last_success_timestamp_seconds{destination=\"desk\"} 1",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    assert!(!text.contains("oldest_open_timestamp_seconds{"), "{text}");
    let files = std::fs::read_dir(desk.home.path()).expect("a folder");
    let left = files.filter(|it| {
        let it = it.as_ref().expect("a file").file_name();
        it.to_string_lossy().contains(".prom.")
    });
    assert_eq!(left.count(), 0);
    let unwritable = Desk::at(&partner.base());
    let config = unwritable.home.read("partners.toml");
    unwritable.home.config(&format!(
        "[leadctl.notify]\nmetrics = \"no/where.prom\"\n{config}"
    ));
    let run = unwritable.send(&[&unwritable.export("leads.csv", 3, 1)]);
    let run = run.expect_code(0);
    assert!(run.stderr.contains("notify, metrics: "), "{}", run.stderr);
}

#[test]
fn a_misspelt_word_is_told_with_its_line() {
    let home = Home::new();
    for (words, told) in [
        ("postt = { url = { env = \"A\" } }", "post"),
        ("on = [\"in_doubt\", \"faild\"]", "failed"),
        (
            "post = { url = \"https://hooks.example.fr/s3cret\" }",
            "never written",
        ),
        (
            "post = { url = { env = \"A\" }, form = \"slack\" }",
            "teams",
        ),
        ("heartbeat = { env = \"A\" }", "url"),
    ] {
        home.config(&format!("[leadctl.notify]\n{words}\n"));
        let run = home.run(&["status"]).expect_code(2);
        assert!(run.stderr.contains("partners.toml:2"), "{}", run.stderr);
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
        assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    }
}
