//! A cron job every ten minutes, with `--quiet`: an old problem is mailed once.

use crate::common::desk::{Desk, HASTY, willing};
use crate::common::{Act, Outcome, Partner, nobody};

fn silent(run: &Outcome) -> bool {
    run.stdout.is_empty() && run.stderr.is_empty()
}

/// Runs the job three times: the first mails and has this code; the others tell
/// nothing new, so that all is well.
#[track_caller]
fn mails_once(desk: &Desk, file: &str, code: i32) {
    let job = ["send", "--to", "desk", "--quiet", file];
    let first = desk.home.run(&job).expect_code(code);
    assert!(!first.stdout.is_empty() && !silent(&first), "{first:?}");
    for _ in 0..2 {
        let again = desk.home.run(&job).expect_code(0);
        assert!(silent(&again), "{}\n{}", again.stdout, again.stderr);
    }
}

#[test]
fn nothing_new_and_all_well_is_silent() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 3);
    desk.send(&[&file]).expect_code(0);
    for _ in 0..2 {
        let run = desk.home.run(&["send", "--to", "desk", "--quiet", &file]);
        assert!(silent(&run), "{}", run.stderr);
        run.expect_code(0);
    }
    let more = desk.export("more.csv", 1, 5);
    let run = desk.home.run(&["send", "--to", "desk", "--quiet", &more]);
    assert!(silent(&run), "{}", run.stderr);
    assert_eq!(partner.count(), 5);
}

#[test]
fn an_old_doubt() {
    let partner = Partner::always(Act::Close);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    mails_once(&desk, &file, 4);
    assert_eq!(partner.count(), 1);
}

#[test]
fn an_old_refusal_and_an_old_mistake() {
    let partner = Partner::always(Act::json(422, r#"{"message":"non"}"#));
    let desk = Desk::at(&partner.base());
    let rows = "Nom;E-mail\nA;a@example.fr\nB;\n";
    desk.home.write("leads.csv", rows);
    mails_once(&desk, "leads.csv", 3);
}

/// A corrected lead that is refused again, be it for the same reason, is news.
#[test]
fn a_refusal_of_what_was_corrected() {
    let partner = Partner::always(Act::json(422, r#"{"message":"non"}"#));
    let desk = Desk::at(&partner.base());
    let job = ["send", "--to", "desk", "--quiet", "leads.csv"];
    desk.home.write("leads.csv", "Nom;E-mail\nA;a@example.fr\n");
    desk.home.run(&job).expect_code(3);
    desk.home.write("leads.csv", "Nom;E-mail\nB;a@example.fr\n");
    let again = desk.home.run(&job).expect_code(3);
    assert_eq!(partner.count(), 2);
    assert!(again.stdout.contains("non"), "{again:?}");
    assert!(silent(&desk.home.run(&job)));
}

#[test]
fn a_partner_that_stays_away() {
    let desk = Desk::at(&nobody());
    let file = desk.export("leads.csv", 1, 3);
    mails_once(&desk, &file, 5);
    // Something new beside it is told, and it alone.
    let more = desk.export("leads.csv", 1, 4);
    let run = desk
        .home
        .run(&["send", "--to", "desk", "--quiet", "--format", "json", &more]);
    assert_eq!(run.column("line"), ["5"], "{}", run.stdout);
}

#[test]
fn a_key_that_stays_refused() {
    let partner = Partner::always(Act::status(401));
    let desk = Desk::with(&partner.base(), HASTY, "");
    let file = desk.export("leads.csv", 1, 3);
    mails_once(&desk, &file, 2);
}

/// What was told in a run with a table is not told again by a quiet one.
#[test]
fn a_loud_run_tells_too() {
    let partner = Partner::always(Act::Close);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(4);
    let run = desk.home.run(&["send", "--to", "desk", "--quiet", &file]);
    assert!(silent(&run), "{}", run.stderr);
}

/// Columns that nobody uses are no news to a cron job either.
#[test]
fn columns_that_nobody_uses() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let rows = "Nom;E-mail;Couleur\nA;a@example.fr;bleu\n";
    desk.home.write("leads.csv", rows);
    let run = desk
        .home
        .run(&["send", "--to", "desk", "--quiet", "leads.csv"]);
    assert!(silent(&run), "{}", run.stderr);
}

/// A job whose export failed looks as if there were no leads.
#[test]
fn an_empty_pipe_is_told_unless_it_may_be_empty() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let job = ["send", "--to", "desk", "--quiet"];
    for failed in ["", "\n\n", "psql: connection refused\n"] {
        let run = desk.home.run_with(&job, failed).expect_code(0);
        assert!(
            run.stderr.contains("did the export fail?"),
            "{failed:?}: {}",
            run.stderr
        );
        let fine = [&job[..], &["--empty-ok"]].concat();
        let run = desk.home.run_with(&fine, failed).expect_code(0);
        assert!(silent(&run), "{failed:?}: {}", run.stderr);
    }
    for none in ["Nom;E-mail\n", "[]", r#"{"data": []}"#] {
        let run = desk.home.run_with(&job, none).expect_code(0);
        assert!(silent(&run), "{none:?}: {}", run.stderr);
        let loud = desk.home.run_with(&job[..3], none).expect_code(0);
        assert!(loud.stderr.contains("no leads in it"), "{}", loud.stderr);
    }
}

/// A cron fails on news alone; `status` says what stands.
#[test]
fn status_speaks_of_what_a_quiet_run_told_before() {
    let partner = Partner::always(Act::Close);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    let job = ["send", "--to", "desk", "--quiet", &file];
    desk.home.run(&job).expect_code(4);
    desk.home.run(&job).expect_code(0);
    let status = desk.home.run(&["status"]);
    assert!(status.stdout.contains("in doubt") || status.stdout.contains("in_doubt"));
}

/// Sent once more, it may be there twice over: that is another doubt.
#[test]
fn a_doubt_that_comes_back_is_told_again() {
    let partner = Partner::start(|_| Act::json(500, "{}"));
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    mails_once(&desk, &file, 4);
    desk.home
        .run(&["resolve", "1", "--not-received"])
        .expect_code(0);
    mails_once(&desk, &file, 4);
    let force = ["resend", "1", "--force", "--note", "lost", "--quiet"];
    let forced = desk.home.run(&force).expect_code(4);
    assert!(forced.stdout.contains("in doubt"), "{forced:?}");
    assert_eq!(partner.count(), 3);
}
