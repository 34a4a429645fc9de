//! `block_files`: lists that are read at each run.

use super::{block, configure, home, listed, send, sha256};
use crate::common::desk::{then_willing, willing};
use crate::common::{Act, Home, Outcome};

const LIST: &str = "block_files = [\"optout.csv\"]";

fn dry_run(home: &Home, rows: &str) -> Outcome {
    let head = "Nom;E-mail\n";
    home.write("dry.csv", format!("{head}{rows}\n"));
    home.run(&[
        "send",
        "--to",
        "crm",
        "--format",
        "json",
        "--dry-run",
        "dry.csv",
    ])
}

#[test]
fn a_list_is_read_at_each_run_and_before_the_first() {
    let partner = willing();
    let home = home(&partner, LIST);
    home.write(
        "optout.csv",
        format!("a@example.fr\n{}\n", sha256("b@example.fr")),
    );
    let rows = "A;a@example.fr\nB;b@example.fr\nC;c@example.fr";
    let dry = dry_run(&home, rows).expect_code(0);
    assert_eq!(dry.column("state"), ["filtered", "filtered", "ready"]);
    assert_eq!(dry.column("reason")[0], "blocked");
    assert!(!home.path().join("ledger.db").exists());
    let checked = home.run(&["check", "--to", "crm", "dry.csv"]);
    assert!(
        checked.stderr.contains("1 ready, 0 invalid, 2 filtered"),
        "{checked:?}"
    );
    let rehearsed = home.run(&[
        "send",
        "--to",
        "crm",
        "--sandbox",
        "--format",
        "json",
        "dry.csv",
    ]);
    assert_eq!(rehearsed.column("state")[..2], ["filtered", "filtered"]);

    let rows = "A;a@example.fr;;;;\nB;b@example.fr;;;;\nC;c@example.fr;;;;";
    let run = send(&home, rows).expect_code(0);
    assert_eq!(run.column("state"), ["filtered", "filtered", "delivered"]);
    assert!(run.stderr.contains("2 more, 0 fewer"), "{}", run.stderr);
    // It is the same one: nothing to say.
    let run = send(&home, rows).expect_code(0);
    assert!(!run.stderr.contains("fewer"), "{}", run.stderr);
    // Who is taken out is free, who is added is not; a dry run changes nothing of it.
    home.write("optout.csv", "b@example.fr\nd@example.fr\n");
    let dry = dry_run(&home, "D;d@example.fr").expect_code(0);
    assert_eq!(dry.column("state"), ["filtered"]);
    assert_eq!(listed(&home).column("contacts"), ["2"]);
    assert!(
        listed(&home)
            .stderr
            .contains("was not read yet as it is now")
    );
    let rows = format!("{rows}\nD;d@example.fr;;;;");
    let run = send(&home, &rows).expect_code(0);
    assert_eq!(
        run.column("state"),
        ["delivered", "filtered", "skipped", "filtered"]
    );
    assert!(run.stderr.contains("1 more, 1 fewer"), "{}", run.stderr);
    let rows = listed(&home);
    assert_eq!(rows.column("each_run"), ["true"]);
    assert!(rows.column("list")[0].ends_with("optout.csv"));
}

#[test]
fn a_list_that_cannot_be_read_stops_the_run_before_anything_is_sent() {
    let partner = then_willing(vec![Act::status(401)]);
    let home = home(&partner, "");
    send(&home, "Z;z@example.fr;;;;").expect_code(2);
    configure(&home, &partner.base(), LIST);
    for content in [
        None,
        Some(""),
        Some("Nom\nMartin\n"),
        Some("a@example.fr\n\"b\n"),
    ] {
        match content {
            Some(content) => drop(home.write("optout.csv", content)),
            None => assert!(!home.path().join("optout.csv").exists()),
        }
        let rows = "A;a@example.fr;;;;";
        let run = send(&home, rows).expect_code(2);
        assert!(run.stderr.contains("optout.csv"), "{}", run.stderr);
        assert!(run.stderr.contains("block_files"), "{}", run.stderr);
        dry_run(&home, "A;a@example.fr").expect_code(2);
        for verb in [
            &["resend", "--to", "crm", "1"][..],
            &["resend", "--to", "crm", "--dry-run", "1"],
            &["send", "--to", "crm", "--sandbox", "leads.csv"],
            &["check"],
            &["follow"],
        ] {
            let run = home.run(verb).expect_code(2);
            assert!(
                run.stderr.contains("optout.csv"),
                "{verb:?}: {}",
                run.stderr
            );
        }
    }
    assert_eq!(partner.count(), 1);
    // What a pipe gave is not lost by that.
    let pipe = ["send", "--to", "crm", "--format", "json"];
    let run = home.run_with(&pipe, "Nom;E-mail\nP;p@example.fr\n");
    let run = run.expect_code(2);
    assert!(
        run.stderr.contains("what the pipe gave is kept"),
        "{}",
        run.stderr
    );
    home.write("optout.csv", "a@example.fr\n");
    home.run(&["resend", "--to", "crm", "--state", "unsent,failed"]);
    assert_eq!(partner.count(), 3);
}

#[test]
fn what_a_list_blocks_is_lifted_in_the_list_alone() {
    let partner = willing();
    let home = home(&partner, LIST);
    home.write("optout.csv", "a@example.fr\nb@example.fr\n");
    block(&home, &["a@example.fr"]).expect_code(0);
    send(&home, "A;a@example.fr;;;;\nC;c@example.fr;;;;").expect_code(0);
    let run = home.run(&["unblock", "a@example.fr"]).expect_code(2);
    assert!(
        run.stderr.contains("take the row out there"),
        "{}",
        run.stderr
    );
    home.write("both.csv", "b@example.fr\nz@example.fr\n");
    block(&home, &["z@example.fr"]).expect_code(0);
    let run = home.run(&["unblock", "--from", "both.csv"]);
    let told = run.expect_code(2).stderr;
    assert!(told.contains("some of them stay blocked"), "{told}");
    assert!(told.contains("1 address or number not"), "{told}");
    let run = send(&home, "A;a@example.fr;;;;");
    assert_eq!(run.column("reason"), ["blocked"]);
    // A list that the configuration names no more frees nobody by that.
    configure(&home, &partner.base(), "");
    let run = send(&home, "A;a@example.fr;;;;\nB;b@example.fr;;;;");
    assert_eq!(run.column("reason"), ["blocked", "blocked"]);
    home.run(&["unblock", "--from", "optout.csv"])
        .expect_code(0);
    let run = send(&home, "A;a@example.fr;;;;\nB;b@example.fr;;;;").expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "delivered"]);
}

/// A backup holds who is blocked; what changed since is read from the list.
#[test]
fn a_backup_knows_who_is_blocked() {
    let partner = willing();
    let home = home(&partner, LIST);
    home.write("optout.csv", "a@example.fr\n");
    block(&home, &["n@example.fr", "--note", "why"]).expect_code(0);
    send(&home, "C;c@example.fr;;;;").expect_code(0);
    home.run(&["backup", "copy.db"]).expect_code(0);
    home.write("optout.csv", "b@example.fr\n");
    block(&home, &["m@example.fr"]).expect_code(0);
    home.run(&["restore", "copy.db"]).expect_code(0);
    assert_eq!(listed(&home).column("person"), ["null", "n@example.fr"]);
    let rows = "A;a@example.fr;;;;\nB;b@example.fr;;;;\nN;n@example.fr;;;;\nM;m@example.fr;;;;";
    send(&home, rows).expect_code(2);
    let older = "--accept-older-ledger";
    let run = [
        "send",
        "--to",
        "crm",
        "--format",
        "json",
        older,
        "leads.csv",
    ];
    let run = home.run(&run).expect_code(0);
    assert_eq!(
        run.column("state"),
        ["delivered", "filtered", "filtered", "delivered"]
    );
}

#[test]
fn a_route_asks_the_list_too() {
    let partner = willing();
    let home = home(&partner, LIST);
    let tables = home.read("partners.toml");
    home.config(&format!(
        "{tables}[other]\nextends = \"crm\"\n[routes.both]\nfirst = [\"crm\", \"other\"]\n"
    ));
    home.write("optout.csv", "a@example.fr\n");
    home.write("leads.csv", "Nom;E-mail\nA;a@example.fr\nC;c@example.fr\n");
    let send = ["send", "--to", "both", "--format", "json", "leads.csv"];
    let dry = home.run(&[&send[..], &["--dry-run"]].concat());
    assert_eq!(dry.column("state"), ["filtered", "ready"], "{}", dry.stderr);
    let rehearsed = home.run(&[&send[..], &["--sandbox"]].concat());
    assert_eq!(rehearsed.column("reason")[0], "blocked");
    assert_eq!(home.run(&send).column("state"), ["filtered", "delivered"]);
    assert_eq!(partner.count(), 1);
    home.write("optout.csv", "");
    home.run(&send).expect_code(2);
}
