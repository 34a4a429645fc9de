//! `resend` and `resolve`: a person's word moves a doubt, nothing else does, and
//! the guarantee holds for them as for `send`.

use crate::common::desk::{Desk, column, persons, taken, then_willing};
use crate::common::{Act, Gate, Outcome, Partner};

fn resend(desk: &Desk, more: &[&str]) -> Outcome {
    let mut arguments = vec!["resend", "--to", "desk", "--format", "json"];
    arguments.extend(more);
    desk.home.run(&arguments)
}

/// One lead in doubt, at a partner that is well again.
fn doubtful() -> (Partner, Desk) {
    let partner = then_willing(vec![Act::Close]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(4);
    (partner, desk)
}

#[test]
fn a_doubt_is_resent_for_a_recorded_reason_only() {
    let (partner, desk) = doubtful();
    let run = resend(&desk, &["1"]);
    assert_ne!(run.code, Some(0));
    assert_eq!(
        (partner.count(), desk.states()),
        (1, vec!["in_doubt".to_owned()])
    );
    resend(&desk, &["--force", "1"]).expect_code(2);
    let why = ["--force", "--note", "they looked: it is not there", "1"];
    let run = resend(&desk, &why).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"]);
    assert_eq!(partner.count(), 2);
    let reasons = column(
        &desk.sql(),
        "SELECT reason FROM attempts WHERE reason IS NOT NULL",
    );
    assert_eq!(reasons, ["they looked: it is not there"]);
    // What is delivered is not sent once more, unless they lost it; the skip says how.
    let skipped = resend(&desk, &["1"]).expect_code(0);
    let how = "leadctl resend --to desk 1 --force --note TEXT";
    assert!(skipped.stdout.contains(how), "{}", skipped.stdout);
    assert_eq!(partner.count(), 2);
    resend(&desk, &["--force", "--note", "they lost it", "1"]).expect_code(0);
    assert_eq!(
        (partner.count(), desk.states()),
        (3, vec!["delivered".to_owned()])
    );
    let history = desk.home.run(&["history", "1", "--format", "json"]);
    let told = history.column("reason");
    assert_eq!(told.last().map(String::as_str), Some("they lost it"));
}

/// Whatever the partner had of it, on a person's word alone.
#[test]
fn what_a_partner_lost_is_sent_again_in_every_state() {
    for (answer, state, next) in [
        (Act::json(202, r#"{"id":"p"}"#), "pending", "delivered"),
        (Act::json(203, r#"{"id":"a"}"#), "approved", "delivered"),
        (Act::json(409, "{}"), "duplicate", "delivered"),
        // What certainly did not arrive takes nothing from what they had.
        (Act::json(202, r#"{"id":"p"}"#), "pending", "pending"),
    ] {
        let again = match next {
            "pending" => Act::status(404),
            _ => Act::json(201, r#"{"id":"b"}"#),
        };
        let partner = Partner::playing(vec![answer, again]);
        let rules = r#"
            { when = { status = 202 }, then = "pending" },
            { when = { status = 203 }, then = "approved" },
            { when = { status = 409 }, then = "duplicate" },"#;
        let desk = Desk::with(&partner.base(), crate::common::desk::HASTY, rules);
        let file = desk.export("leads.csv", 1, 1);
        desk.send(&[&file]);
        assert_eq!(desk.states(), [state]);
        resend(&desk, &["1"]).expect_code(0);
        assert_eq!(partner.count(), 1);
        resend(&desk, &["--force", "--note", "they lost it", "1"]);
        assert_eq!((partner.count(), desk.states()), (2, vec![next.to_owned()]));
    }
}

fn resolve(desk: &Desk, more: &[&str]) -> Outcome {
    desk.home
        .run(&[&["resolve", "--format", "json"], more].concat())
}

#[test]
fn a_wrong_word_is_taken_back() {
    for word in ["--delivered", "--not-received"] {
        let (partner, desk) = doubtful();
        let said = column(&desk.sql(), "SELECT message FROM leads");
        resolve(&desk, &["1", "--undo"]).expect_code(2);
        resolve(&desk, &["1", word, "--note", "they said so"]).expect_code(0);
        let back = resolve(&desk, &["1", "--undo", "--note", "they meant another"]);
        let back = back.expect_code(0);
        assert_eq!(back.column("state"), ["in_doubt"]);
        assert_eq!(column(&desk.sql(), "SELECT message FROM leads"), said);
        resolve(&desk, &["1", "--undo"]).expect_code(2);
        // It is a doubt again: not sent, told, and open to another word.
        desk.send(&["leads.csv"]).expect_code(4);
        assert_eq!(partner.count(), 1);
        resolve(&desk, &["1", "--not-received"]).expect_code(0);
        desk.send(&["leads.csv"]).expect_code(0);
        assert_eq!(partner.count(), 2);
        // What happened since is no word, and is not undone.
        let late = resolve(&desk, &["1", "--undo"]).expect_code(2);
        assert!(late.stderr.contains("not by a word"), "{}", late.stderr);
        let history = desk.home.run(&["history", "1", "--format", "json"]);
        let triggers = history.column("trigger");
        assert_eq!(triggers, ["send", "resolve", "resolve", "resolve", "send"]);
        assert_eq!(history.column("reason")[2], "they meant another");
    }
}

#[test]
fn a_dry_run_sends_nothing() {
    let partner = then_willing(vec![Act::status(401)]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 3);
    desk.send(&[&file]).expect_code(2);
    let states = desk.states();
    for which in [["--state", "failed"], ["--state", "unsent"]] {
        let run = resend(&desk, &[&which[..], &["--dry-run"]].concat()).expect_code(0);
        assert!(run.column("state").iter().all(|state| state == "ready"));
        assert!(run.stderr.contains("nothing was sent"), "{}", run.stderr);
    }
    let run = resend(&desk, &["1", "--dry-run"]).expect_code(0);
    assert!(run.stdout.contains("\"method\":\"POST\""), "{}", run.stdout);
    assert_eq!((partner.count(), desk.states()), (1, states));
    let csv = [
        "resend",
        "--to",
        "desk",
        "1",
        "--dry-run",
        "--format",
        "csv",
    ];
    let csv = desk.home.run(&csv).expect_code(0);
    let mut lines = csv.stdout.lines();
    assert_eq!(
        lines.next(),
        Some("file,line,destination,state,reason,message,request")
    );
    assert!(lines.next().is_some_and(|line| line.contains("ready")));
}

#[test]
fn a_kill_in_a_resend_leaves_the_doubt() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0 => Act::status(401),
        1 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(2);
    let run = desk
        .home
        .start(&["resend", "--to", "desk", "--state", "failed"], "");
    gate.await_held(1);
    run.kill();
    gate.release();
    let run = resend(&desk, &["--state", "failed"]);
    assert!(run.stderr.contains("in doubt (id 1)"), "{}", run.stderr);
    desk.send(&[&file]).expect_code(4);
    assert_eq!(desk.states(), ["in_doubt", "delivered"]);
    assert_eq!(partner.count(), 3);
}

#[test]
fn two_at_once_send_it_once() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0 => Act::status(401),
        _ => taken(arrived).held(&held),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(2);
    let first = desk.home.start(&["resend", "--to", "desk", "1"], "");
    gate.await_held(1);
    let second = resend(&desk, &["1"]).expect_code(5);
    assert!(
        second.stderr.contains(&format!("process {}", first.id())),
        "{}",
        second.stderr
    );
    desk.send(&[&file]).expect_code(5);
    gate.release();
    first.finish().expect_code(0);
    assert_eq!(
        (partner.count(), desk.states()),
        (2, vec!["delivered".to_owned()])
    );
}

#[test]
fn a_failed_resend_never_undoes_a_doubt() {
    let (_partner, desk) = doubtful();
    let refusing = Partner::always(Act::status(401));
    desk.configure(&refusing.base(), crate::common::desk::HASTY, "");
    resend(&desk, &["--force", "--note", "a guess", "1"]);
    assert_eq!(
        (refusing.count(), desk.states()),
        (1, vec!["in_doubt".to_owned()])
    );
}

#[test]
fn not_received_is_sent_by_the_next_run_and_delivered_never() {
    for (word, in_all) in [("--not-received", 2), ("--delivered", 1)] {
        let (partner, desk) = doubtful();
        desk.home
            .run(&["resolve", "1", word, "--note", "asked them"])
            .expect_code(0);
        let file = desk.export("leads.csv", 1, 1);
        desk.send(&[&file]).expect_code(0);
        desk.send(&[&file]).expect_code(0);
        assert_eq!(
            (partner.count(), desk.states()),
            (in_all, vec!["delivered".to_owned()])
        );
        assert_eq!(persons(&partner)[0], "lead1@example.fr");
    }
}

#[test]
fn a_lead_that_is_named_twice_is_settled_once() {
    let (_partner, desk) = doubtful();
    let twice = ["resolve", "1", "1", "--delivered", "--format", "json"];
    let run = desk.home.run(&twice).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"]);

    let (_partner, desk) = doubtful();
    desk.home.write("said.csv", "id,received\n1,no\n\n1,non\n");
    let run = desk.home.run(&["resolve", "--from", "said.csv", "--json"]);
    let messages = run.expect_code(0).column("message");
    assert!(messages[1].contains("nothing new"), "{messages:?}");
    assert_eq!(desk.states(), ["failed"]);
    desk.await_sql("SELECT count(*) FROM attempts WHERE trigger = 'resolve'", 1);
}

/// What Excel saves, by its four ways.
#[test]
fn a_file_of_settled_doubts_is_read_as_exports_are() {
    let said = "id;received;lead\r\n1;NON ;Zoé\r\n";
    let utf16: Vec<u8> = std::iter::once('\u{feff}')
        .chain(said.chars())
        .flat_map(|c| (c as u16).to_le_bytes())
        .collect();
    let tabs = said.replace(';', "\t");
    for bytes in [
        said.replace('é', "").into_bytes(),
        said.chars().map(|c| c as u8).collect(),
        utf16,
        tabs.into_bytes(),
    ] {
        let (_partner, desk) = doubtful();
        std::fs::write(desk.home.path().join("said.csv"), &bytes).unwrap();
        let run = desk.home.run(&["resolve", "--from", "said.csv"]);
        run.expect_code(0);
        assert_eq!(desk.states(), ["failed"]);
    }
}

#[test]
fn a_reason_says_something() {
    let (_partner, desk) = doubtful();
    for words in ["", "  "] {
        for arguments in [
            &["resend", "--to", "desk", "1", "--force", "--note", words][..],
            &["resolve", "1", "--delivered", "--note", words],
        ] {
            desk.home.run(arguments).expect_code(2);
        }
    }
    assert_eq!(desk.states(), ["in_doubt"]);
}

#[test]
fn words_that_contradict_each_other_settle_nothing() {
    let (_partner, desk) = doubtful();
    for end in ["\n", "\r\n"] {
        let said = ["\u{feff}id,received", "1,yes", "", "", "1,no", ""].join(end);
        desk.home.write("said.csv", said);
        let run = desk.home.run(&["resolve", "--from", "said.csv"]);
        let run = run.expect_code(2);
        for told in [
            "it is delivered in line 2, and not received in line 5",
            "nothing was changed",
            "said.csv",
        ] {
            assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
        }
        assert_eq!(desk.states(), ["in_doubt"]);
    }
}

#[test]
fn a_lead_on_its_way_keeps_the_others_from_being_settled() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0 => Act::Close,
        _ => taken(arrived).held(&held),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    let word = desk.home.run(&["resolve", "1", "2", "--delivered"]);
    let word = word.expect_code(1);
    assert!(
        word.stderr.contains("nothing was changed"),
        "{}",
        word.stderr
    );
    gate.release();
    run.finish().expect_code(4);
    assert_eq!(desk.states(), ["in_doubt", "delivered"]);
}

#[test]
fn nobody_resolves_a_lead_that_is_on_its_way() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| taken(arrived).held(&held));
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    let word = desk.home.run(&["resolve", "1", "--not-received"]);
    assert_ne!(word.code, Some(0), "{}", word.stdout);
    gate.release();
    run.finish().expect_code(0);
    assert_eq!(desk.states(), ["delivered"]);
}

#[test]
fn whoever_is_blocked_is_so_without_a_ledger_and_by_whatever_their_leads_gave() {
    let partner = then_willing(Vec::new());
    let desk = Desk::at(&partner.base());
    let old = desk
        .home
        .run(&["purge", "--person", "a@example.fr", "--block"]);
    let old = old.expect_code(2);
    assert!(
        old.stderr.contains("leadctl block PERSON"),
        "{}",
        old.stderr
    );
    desk.home.run(&["block", "lead1@example.fr"]).expect_code(0);
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), ["filtered", "delivered"]);
    desk.home.run(&["block", "2"]).expect_code(0);
    let listed = desk.home.run(&["block", "--format", "json"]).expect_code(0);
    assert_eq!(listed.column("person"), ["2", "lead1@example.fr"]);
    assert_eq!(listed.column("leads"), ["1", "1"]);
    desk.home.run(&["block", "2", "--purge"]).expect_code(0);
    let listed = desk.home.run(&["block", "--format", "json"]).expect_code(0);
    assert_eq!(listed.column("person"), ["null", "lead1@example.fr"]);
    assert!(desk.home.run(&["block"]).stdout.contains("(purged)"));
    desk.home
        .run(&["unblock", "lead1@example.fr"])
        .expect_code(0);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(persons(&partner), ["lead2@example.fr", "lead1@example.fr"]);
    desk.home.run(&["block", "Jean Dupont"]).expect_code(2);
    // A second address is as good as the first, in the row that gave it and in others.
    let head = "Nom;E-mail;E-mail 2\n";
    desk.home
        .write("a.csv", format!("{head}X;x@example.fr;y@example.fr\n"));
    desk.send(&["a.csv"]).expect_code(0);
    desk.home.run(&["block", "x@example.fr"]).expect_code(0);
    for row in ["Y;y@example.fr;", "Z;z@example.fr;x@example.fr"] {
        desk.home.write("b.csv", format!("{head}{row}\n"));
        let run = desk.send(&["b.csv"]).expect_code(0);
        assert_eq!(run.column("state"), ["filtered"], "{row}");
    }
    assert_eq!(partner.count(), 3);
}

/// A purge takes the person away, not the protection.
#[test]
fn what_was_purged_is_not_sent_again() {
    let partner = then_willing(Vec::new());
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(0);
    desk.home
        .run(&["purge", "--person", "lead1@example.fr"])
        .expect_code(0);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), ["skipped", "skipped"]);
    desk.home
        .run(&["block", "lead9@example.fr", "--purge"])
        .expect_code(0);
    let more = desk.export("more.csv", 8, 2);
    desk.send(&[&more]).expect_code(0);
    assert_eq!(
        persons(&partner),
        ["lead1@example.fr", "lead2@example.fr", "lead8@example.fr"]
    );
}

/// A person stands where nobody looked: in a second column, in a cell that is no
/// address, by name.
#[test]
fn a_person_is_found_wherever_a_row_holds_them() {
    let partner = then_willing(Vec::new());
    let desk = Desk::at(&partner.base());
    let head = "Nom;Prénom;E-mail;Autre;Remarque\n";
    let rows = "Martin;Léa;a@example.fr;b@example.fr;\n\
                Nguyen;Paul;c@example.fr;;rappeler 06.39.98.00.07 le soir\n\
                Leroy;Anne;pas une adresse, d@example.fr;;\n\
                Blanc;Zoé;e@example.fr;;\n";
    desk.home.write("leads.csv", format!("{head}{rows}"));
    desk.send(&["leads.csv"]).expect_code(0);
    for (person, id) in [
        ("B@example.fr", "1"),
        ("+33 6 39 98 00 07", "2"),
        ("d@example.fr", "3"),
        ("BLANC Zoe", "4"),
    ] {
        let seen = |expected: &[&str]| {
            let history = ["history", "--person", person, "--format", "json"];
            let history = desk.home.run(&history).expect_code(0);
            assert_eq!(history.column("id"), expected, "{person}");
        };
        seen(&[id]);
        let purged = ["purge", "--person", person, "--format", "json"];
        let purged = desk.home.run(&purged).expect_code(0);
        assert_eq!(purged.column("id"), [id], "{person}");
        seen(&[]);
    }
    let bytes = std::fs::read(desk.ledger()).unwrap();
    for trace in ["example.fr", "Martin", "0007", "leads.csv"] {
        let found = bytes
            .windows(trace.len())
            .any(|part| part == trace.as_bytes());
        assert!(!found, "{trace}");
    }
    desk.home.run(&["purge", "--person", "1"]).expect_code(0);
    // By the number of one lead, whoever its row names: under their second address too.
    let more = "X;;x@example.fr;y@example.fr;\nX;;y@example.fr;;\n";
    desk.home.write("more.csv", format!("{head}{more}"));
    desk.send(&["more.csv"]).expect_code(0);
    let purge = ["purge", "--person", "5", "--format", "json"];
    let purged = desk.home.run(&purge).expect_code(0);
    assert_eq!(purged.column("id"), ["5", "6"]);
}

#[test]
fn what_leadctl_wrote_of_a_person_is_named_and_litter_is_removed() {
    let partner = then_willing(Vec::new());
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.home.write("bad.csv", "Nom;E-mail\nX;\n");
    desk.send(&[&file, "bad.csv", "--rejects", "fix.csv"])
        .expect_code(3);
    desk.home.run(&["backup", "copy.db"]).expect_code(0);
    let litter = [
        "copy.db.partial",
        "copy.db.partial-journal",
        ".leadctl-x.partial",
    ];
    for name in litter {
        desk.home.write(name, "half");
    }
    let purged = desk.home.run(&["purge", "--person", "lead1@example.fr"]);
    let purged = purged.expect_code(0);
    for name in ["fix.csv", "copy.db"] {
        assert!(purged.stderr.contains(name), "{name}: {}", purged.stderr);
    }
    for name in litter {
        assert!(!desk.home.path().join(name).exists(), "{name}");
    }
}

#[test]
fn a_purge_by_date_takes_what_is_open_and_forgets_where_it_is_told() {
    let partner = then_willing(vec![Act::Close]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(4);
    let purge = |more: &[&str]| {
        let now = jiff::Timestamp::now().to_string();
        let purge = [&["purge", "--before", &now], more].concat();
        desk.home.run(&purge).expect_code(0).stderr
    };
    let told = purge(&[]);
    assert!(told.contains("1 lead of that time left alone"), "{told}");
    let told = purge(&["--open"]);
    assert!(told.contains("1 of them still open"), "{told}");
    assert_eq!(desk.states(), ["in_doubt", "delivered"]);
    let told = purge(&["--open", "--forget"]);
    assert!(told.contains("sent again"), "{told}");
    assert!(desk.states().is_empty());
    desk.send(&[&file]).expect_code(0);
    assert_eq!(partner.count(), 4);
}
