//! The flags of `send` that decide which leads go, and when nothing does.

use crate::common::{Act, Home, Outcome, Partner};

const LEADS: &str = "Nom;E-mail\nA;a@example.fr\nB;b@example.fr\nC;c@example.fr\nD;d@example.fr\n";

struct Desk {
    partner: Partner,
    home: Home,
}

impl Desk {
    fn new() -> Self {
        let partner = Partner::always(Act::status(201));
        let home = Home::new();
        home.config(&format!(
            "[acme]\nbase = \"{}\"\nkey = [\"email\"]\n\
             fields = {{ nom = \"last_name\", email = {{ from = \"email\", format = \"email\" }}, cp = {{ from = \"zip\", format = \"postcode\" }} }}\n\
             send = {{ path = \"/\", rules = [{{ when = {{ status = 201 }}, then = \"delivered\" }}] }}\n",
            partner.base()
        ));
        home.write("leads.csv", LEADS);
        Self { partner, home }
    }

    fn send(&self, more: &[&str]) -> Outcome {
        let mut arguments = vec!["send", "--to", "acme", "--format", "json"];
        arguments.extend(more);
        self.home.run(&arguments)
    }

    fn names(&self) -> String {
        let arrived = self.partner.arrived();
        let mut names: Vec<String> = arrived
            .iter()
            .map(|request| request.json()["nom"].as_str().unwrap_or("?").to_owned())
            .collect();
        names.sort();
        names.concat()
    }
}

#[test]
fn limit_sends_the_first_new_leads_and_keeps_the_rest() {
    let desk = Desk::new();
    let first = desk.send(&["--limit", "1", "leads.csv"]).expect_code(5);
    assert_eq!(
        first.column("state"),
        ["delivered", "unsent", "unsent", "unsent"]
    );
    // New ones are counted, not those that are there.
    desk.send(&["--limit", "2", "leads.csv"]).expect_code(5);
    assert_eq!(desk.names(), "ABC");
    desk.send(&["leads.csv"]).expect_code(0);
    assert_eq!(desk.names(), "ABCD");
}

#[test]
fn lines_takes_just_those() {
    let desk = Desk::new();
    let outcome = desk.send(&["--lines", "3,5", "leads.csv"]).expect_code(0);
    assert_eq!(outcome.column("line"), ["3", "5"]);
    assert_eq!(desk.names(), "BD");
    desk.send(&["--lines", "2-4", "leads.csv"]).expect_code(0);
    assert_eq!(desk.names(), "ABCD");
    desk.send(&["--lines", "x", "leads.csv"]).expect_code(2);
}

#[test]
fn max_sends_nothing_where_more_are_new() {
    let desk = Desk::new();
    let outcome = desk.send(&["--max-new", "3", "leads.csv"]).expect_code(5);
    assert_eq!(desk.partner.count(), 0);
    assert!(outcome.stderr.contains("4 leads are new"), "{outcome:?}");
    assert_eq!(outcome.column("state"), ["unsent"; 4]);
    desk.send(&["--max-new", "4", "leads.csv"]).expect_code(0);
    assert_eq!(desk.names(), "ABCD");
    // What is there already isn't new.
    desk.send(&["--max-new", "0", "leads.csv"]).expect_code(0);
}

#[test]
fn a_dry_run_says_what_would_keep_all_from_being_sent() {
    let desk = Desk::new();
    desk.home.write("bad.csv", format!("{LEADS}E;oops\n"));
    let dry = |more: &[&str]| desk.send(&[&["--dry-run", "bad.csv"], more].concat());
    let held = dry(&["--max-new", "3", "--strict"]).stderr;
    for why in ["(--max-new 3): 4 leads are new", "(--strict): 1 invalid"] {
        assert!(
            held.contains(&format!("would send nothing {why}")),
            "{held}"
        );
    }
    let free = dry(&["--max-new", "4"]).stderr;
    assert!(!free.contains("would send nothing"), "{free}");
}

#[test]
fn strict_sends_nothing_where_one_is_invalid() {
    let desk = Desk::new();
    desk.home.write("bad.csv", format!("{LEADS}E;oops\n"));
    let outcome = desk.send(&["--strict", "bad.csv"]).expect_code(3);
    assert_eq!(desk.partner.count(), 0);
    assert!(outcome.stderr.contains("bad.csv line 6"), "{outcome:?}");
    // Standard input is read twice too.
    let arguments = ["send", "--to", "acme", "--strict", "-"];
    desk.home
        .run_with(&arguments, format!("{LEADS}E;oops\n"))
        .expect_code(3);
    assert_eq!(desk.partner.count(), 0);
    desk.home.run_with(&arguments, LEADS).expect_code(0);
    assert_eq!(desk.names(), "ABCD");
}

/// What would keep a lead from being sent would not keep it from being recorded
/// as sent.
#[test]
fn leads_sent_by_other_means_know_no_guards() {
    let desk = Desk::new();
    for guard in [&["--max-new", "2"][..], &["--limit", "2"], &["--strict"]] {
        let arguments = ["--record-only", "--note", "by hand", "leads.csv"];
        let refused = desk.send(&[&arguments[..], guard].concat()).expect_code(2);
        assert!(
            refused.stderr.contains("cannot be used with"),
            "{refused:?}"
        );
    }
    desk.send(&["leads.csv"]).expect_code(0);
    assert_eq!(desk.partner.count(), 4);
}

#[test]
fn strict_takes_no_offence_at_what_was_put_right() {
    let desk = Desk::new();
    desk.home.write("bad.csv", format!("{LEADS}E;oops\n"));
    desk.send(&["--rejects", "rejects.csv", "bad.csv"])
        .expect_code(3);
    let text = desk.home.read("rejects.csv");
    desk.home
        .write("rejects.csv", text.replace("oops", "e@example.fr"));
    desk.send(&["rejects.csv"]).expect_code(0);
    desk.home
        .write("more.csv", format!("{LEADS}E;oops\nF;f@example.fr\n"));
    desk.send(&["--strict", "more.csv"]).expect_code(0);
    assert_eq!(desk.names(), "ABCDEF");
}

#[test]
fn leads_sent_by_other_means_are_recorded_and_not_sent() {
    let desk = Desk::new();
    let recorded = desk
        .send(&["--record-only", "--note", "by mail in May", "leads.csv"])
        .expect_code(0);
    assert_eq!(recorded.column("state"), ["delivered"; 4]);
    assert!(recorded.column("message")[0].contains("by mail in May"));
    let sent = desk.send(&["leads.csv"]).expect_code(0);
    assert_eq!(sent.column("state"), ["skipped"; 4]);
    assert_eq!(desk.partner.connections(), 0);
    desk.send(&["--record-only", "leads.csv"]).expect_code(2);
}

#[test]
fn what_the_name_does_not_tell_the_user_does() {
    let desk = Desk::new();
    desk.home
        .write("export.dat", "Nom|E-mail\nA, B; C|a@example.fr\n");
    desk.send(&["--input-format", "csv", "--delimiter", "|", "export.dat"])
        .expect_code(0);
    desk.home
        .write("export.txt", "{\"nom\":\"É\",\"email\":\"b@example.fr\"}\n");
    desk.send(&["--input-format", "jsonl", "export.txt"])
        .expect_code(0);
    desk.home
        .write("old.csv", b"Nom;E-mail\n\x8e;c@example.fr\n");
    desk.send(&["--encoding", "macintosh", "old.csv"])
        .expect_code(0);
    assert_eq!(desk.names(), "A, B; CÉé");
}

#[test]
fn repairs_are_told_and_may_be_refused() {
    let desk = Desk::new();
    desk.home
        .write("zeros.csv", "Nom;E-mail;CP\nA;a@example.fr;1000\n");
    let refused = desk.send(&["--repair", "none", "zeros.csv"]).expect_code(3);
    assert!(refused.column("message")[0].contains("1000"), "{refused:?}");
    let repaired = desk.send(&["zeros.csv"]).expect_code(0);
    assert!(repaired.stderr.contains("01000"), "{repaired:?}");
    assert_eq!(desk.partner.arrived()[0].json()["cp"], "01000");
}

#[test]
fn a_second_run_of_the_same_destination_waits_or_leaves() {
    let gate = crate::common::Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |_| Act::status(201).held(&held));
    let desk = Desk::new();
    let base = desk.partner.base();
    let text = desk
        .home
        .read("partners.toml")
        .replace(&base, &partner.base());
    desk.home.config(&text);
    let first = desk.home.start(
        &["send", "--to", "acme", "--format", "json", "leads.csv"],
        b"",
    );
    gate.await_held(1);
    desk.home.write("more.csv", "Nom;E-mail\nE;e@example.fr\n");
    let second = desk.send(&["more.csv"]).expect_code(5);
    assert_eq!(second.column("state"), ["unsent"], "stored all the same");
    assert!(second.stderr.contains("another run"), "{second:?}");
    gate.release();
    first.finish().expect_code(0);
    desk.send(&["more.csv"]).expect_code(0);
    assert_eq!(partner.count(), 5);
}
