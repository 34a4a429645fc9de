//! What a pipe gave is on disk before its first lead is sent.

use std::io::Write;
use std::process::Stdio;

use crate::common::desk::{Desk, export, persons, taken, willing};
use crate::common::{Gate, Partner};

fn holding(gate: &Gate) -> Partner {
    let held = gate.clone();
    Partner::start(move |arrived| match arrived.number {
        0 => taken(arrived).held(&held),
        _ => taken(arrived),
    })
}

fn spools(desk: &Desk) -> Vec<String> {
    let Ok(found) = std::fs::read_dir(desk.home.path().join("ledger.db.spool")) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().file_name().to_string_lossy().into_owned()
    };
    found.map(name).collect()
}

#[test]
fn a_kill_while_it_is_sent_loses_nothing() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let run = desk.pipe(&["-"], &export(1, 6000));
    gate.await_held(1);
    run.kill();
    gate.release();
    assert!(!spools(&desk).is_empty());
    // A send of something else takes it in, and says so.
    let other = desk.export("other.csv", 9001, 1);
    let next = desk.send(&[&other]).expect_code(4);
    assert!(
        next.stderr.contains("leads are stored, unsent"),
        "{}",
        next.stderr
    );
    assert!(
        next.stderr
            .contains("leadctl resend --to desk --state unsent"),
        "{}",
        next.stderr
    );
    // Its own rows come first.
    assert_eq!(next.rows().len(), 6001);
    let states = desk.states();
    let count = |state: &str| states.iter().filter(|found| *found == state).count();
    assert_eq!(
        (count("in_doubt"), count("unsent"), count("delivered")),
        (1, 5999, 1)
    );
    assert!(spools(&desk).is_empty());
    // The pipe gives the same once more: no doubt is sent again.
    desk.pipe(&["--limit", "50", "-"], &export(1, 6000))
        .finish()
        .expect_code(4);
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!((once.len(), partner.count()), (52, 52));
}

#[test]
fn a_finished_run_leaves_no_copy() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    desk.pipe(&[], &export(1, 3)).finish().expect_code(0);
    assert_eq!(partner.count(), 3);
    assert!(spools(&desk).is_empty());
}

/// Killed while it was still reading: what had come is stored, but not the torn
/// last row, which would be somebody else's address.
#[test]
fn a_kill_while_it_is_read_keeps_whole_rows_only() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let mut child = desk
        .home
        .command(&["send", "--to", "desk", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let text = format!("{}Nom3;lead3@example.fr", export(1, 2));
    let torn = text.len() as u64;
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    // The copy grows as the pipe gives.
    let folder = desk.home.path().join("ledger.db.spool");
    let late = std::time::Instant::now() + crate::common::PATIENCE;
    let copied = || -> u64 {
        let Ok(found) = std::fs::read_dir(&folder) else {
            return 0;
        };
        let data = found.flatten().filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "data")
        });
        data.map(|entry| entry.metadata().map_or(0, |found| found.len()))
            .sum()
    };
    while copied() < torn {
        assert!(std::time::Instant::now() < late, "nothing was copied");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let other = desk.export("other.csv", 9001, 1);
    let next = desk.send(&[&other]).expect_code(5);
    assert_eq!(next.column("state"), ["unsent", "unsent", "delivered"]);
    assert!(next.stderr.contains("cut short"), "{}", next.stderr);
    assert_eq!(desk.states(), ["unsent", "unsent", "delivered"]);
    assert_eq!(persons(&partner), ["lead9001@example.fr"]);
    // Not told again, and the whole export is taken as usual.
    let again = desk.pipe(&["-"], &export(1, 3)).finish().expect_code(0);
    assert!(!again.stderr.contains("cut short"), "{}", again.stderr);
    assert_eq!(partner.count(), 4);
}

/// A pipe that a run without its secret kept is told by the run that takes it in:
/// once, also what is invalid by then.
#[test]
fn what_a_kept_pipe_gave_is_told_by_the_run_that_takes_it_in() {
    let partner = willing();
    let settings = "jobs = 1\nauth.bearer = \"DESK_KEY\"\nneed_one = [[\"company\"]]\n";
    let mut desk = Desk::with(&partner.base(), settings, "");
    desk.pipe(&["--quiet", "--default", "company=A", "-"], &export(1, 2))
        .finish()
        .expect_code(2);
    desk.home.set("DESK_KEY", "s3cret");
    // What the pipe was read with is not what the table asks for today.
    let settings = settings.replace("company", "city");
    desk.configure(&partner.base(), &settings, "");
    let mine = "Nom;E-mail;Ville\nX;x@example.fr;Lyon\n";
    let run = desk.pipe(&["--quiet", "-"], mine).finish();
    assert_eq!(
        run.column("state"),
        ["invalid", "invalid"],
        "{}",
        run.stderr
    );
    run.expect_code(3);
    assert_eq!(desk.states(), ["invalid", "invalid", "delivered"]);
    let again = desk.pipe(&["--quiet", "-"], mine).finish().expect_code(0);
    assert!(
        again.stdout.is_empty() && again.stderr.is_empty(),
        "{again:?}"
    );
}

#[test]
fn what_cannot_be_read_whole_is_not_thrown_away() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("first.csv", 1, 40);
    let run = desk.pipe(&[&file, "-"], "PK\u{3}\u{4} this is no workbook");
    // The file's leads go on.
    let outcome = run.finish().expect_code(1);
    assert_eq!(partner.count(), 40);
    assert!(outcome.stderr.contains("is kept in"), "{}", outcome.stderr);
    let kept = spools(&desk);
    assert!(kept.len() == 1 && kept[0].ends_with(".kept"), "{kept:?}");
    // Told once.
    let next = desk.send(&[&desk.export("next.csv", 201, 1)]);
    assert!(!next.stderr.contains("is kept in"), "{}", next.stderr);
    let status = desk.home.run(&["status"]);
    assert!(status.stderr.contains(".kept"), "{}", status.stderr);
    assert!(
        !status.stdout.contains("Nothing to do"),
        "{}",
        status.stdout
    );
}

#[test]
fn what_was_stored_by_an_interrupted_run_is_resent() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let run = desk.pipe(&[], &export(1, 20));
    gate.await_held(1);
    run.kill();
    gate.release();
    // The doubt that the kill left is this run's news.
    desk.send(&[&desk.export("other.csv", 99, 1)])
        .expect_code(4);
    let resend = [
        "resend", "--to", "desk", "--state", "unsent", "--format", "json",
    ];
    let resent = desk.home.run(&resend).expect_code(0);
    assert_eq!(resent.column("state"), ["delivered"; 19]);
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!((once.len(), partner.count()), (21, 21));
}

/// Pages as a loop of `curl` gives them: every one is read, and so is every list.
#[test]
fn pages_one_after_another_are_all_sent() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let page = |list: &str, number: usize| {
        format!(
            "{{\"page\":{number},\"{list}\":[{{\"nom\":\"N\",\"email\":\"{list}{number}@example.fr\"}}]"
        )
    };
    let pages = format!(
        "{}}}{},\"errors\":[],{}}}\n{}}}",
        page("leads", 1),
        page("new", 2),
        page("updated", 2)
            .trim_start_matches('{')
            .replace("\"page\"", "\"p\""),
        page("leads", 3).replace(',', ",\n "),
    );
    desk.pipe(&["-"], &pages).finish().expect_code(0);
    let wanted = ["leads1", "new2", "updated2", "leads3"].map(|name| format!("{name}@example.fr"));
    assert_eq!(persons(&partner), wanted);
    assert!(spools(&desk).is_empty());
    // What can't be understood keeps the pipe's copy.
    let lost = format!("{},oops,{}}}", page("leads", 4), "\"more\":[]");
    let run = desk.pipe(&["-"], &lost).finish().expect_code(1);
    assert!(
        run.stderr.contains("its leads are missing"),
        "{}",
        run.stderr
    );
    assert_eq!(partner.count(), 5);
    assert_eq!(spools(&desk).len(), 1);
}

/// Where nobody knows yet for whom the leads are, the pipe is left unread, and
/// that is told.
#[test]
fn a_pipe_that_was_not_read_is_told() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let told = "nothing of the pipe was read or kept";
    let run = |to: &str, file: &str| {
        let run = desk
            .home
            .run_with(&["send", "--to", to, file], export(1, 1));
        run.expect_code(2).stderr.contains(told)
    };
    assert!(run("dsk", "-"));
    desk.export("leads.csv", 1, 1);
    assert!(!run("dsk", "leads.csv"));
    desk.home.config("[desk]\nbse = \"x\"\n");
    assert!(run("desk", "-"));
    assert_eq!(partner.count(), 0);
}

/// A line that is not there is no lead, and no reason to be quiet.
#[test]
fn lines_that_are_not_there_are_told() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let text = "Nom;;E-mail\nA;x;a@example.fr;y\n".replace("E-mail", "E-mail;");
    desk.home.write("leads.csv", text);
    let run = desk.send(&["--lines", "999", "leads.csv"]).expect_code(0);
    assert!(
        run.stderr.contains("--lines names no line"),
        "{}",
        run.stderr
    );
    let run = desk.send(&["leads.csv"]).expect_code(0);
    let told = "no header, so they are not sent to desk: column 2 (such as \"x\"), column 4";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

/// A pipe that its run left behind: what it gave is on disk, and its leads are
/// in no ledger.
fn left_behind(desk: &Desk, more: &[&str], input: &str) {
    let config = desk.home.read("partners.toml");
    // Such as a secret that is not there yet.
    let broken = match more.contains(&"--record-only") {
        true => config.replace("base = ", "# "),
        false => config.replace("base =", "auth.bearer = \"NO_SUCH_SECRET\"\nbase ="),
    };
    desk.home.config(&broken);
    desk.pipe(more, input).finish().expect_code(2);
    desk.home.config(&config);
    assert!(!spools(desk).is_empty());
}

#[test]
fn what_was_only_to_be_recorded_is_never_sent() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let record = ["--record-only", "--note", "sent by hand", "-"];
    left_behind(&desk, &record, &export(1, 3));
    let other = desk.export("other.csv", 9001, 1);
    let next = desk.send(&[&other]).expect_code(0);
    let told = "3 leads are recorded now, as sent by other means (sent by hand)";
    assert!(next.stderr.contains(told), "{}", next.stderr);
    assert_eq!(desk.states(), ["delivered"; 4]);
    assert_eq!(persons(&partner), ["lead9001@example.fr"]);
    assert!(spools(&desk).is_empty());
}

#[test]
fn lines_that_were_left_out_stay_out_and_guards_are_told() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    left_behind(
        &desk,
        &["--lines", "3", "--max-new", "1", "-"],
        &export(1, 3),
    );
    let other = desk.export("other.csv", 9001, 1);
    let next = desk.send(&[&other]).expect_code(5);
    assert!(
        next.stderr.contains("--lines 3 --max-new 1"),
        "{}",
        next.stderr
    );
    assert!(!next.stderr.contains("leadctl resend"), "{}", next.stderr);
    assert_eq!(desk.states(), ["unsent", "delivered"]);
}

#[test]
fn a_pipe_is_taken_in_by_its_destination_of_today_or_left_where_it_is() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    desk.send(&[&desk.export("first.csv", 1, 1)]).expect_code(0);
    left_behind(&desk, &["-"], &export(1, 2));
    let config = desk.home.read("partners.toml");
    let other = config.replace("[desk", "[other");
    let send = |config: &str, name: &str| {
        desk.home.config(config);
        let file = desk.export("next.csv", 9001, 1);
        desk.home.run(&["send", "--to", name, &file])
    };
    // Nobody's.
    let run = send(&other, "other").expect_code(0);
    for told in ["formerly = [\"desk\"]", "To throw it away: rm "] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    // By a key that nobody accepted.
    let rekeyed = config.replace("key = [\"email\"]", "key = [\"email\", \"last_name\"]");
    let both = format!("{rekeyed}{}", other.replace("[leadctl]\nledger = ", "# "));
    let run = send(&both, "other").expect_code(0);
    assert!(run.stderr.contains("--accept-new-key"), "{}", run.stderr);
    assert!(!spools(&desk).is_empty());
    // The heir's.
    let heir = other.replace("key =", "formerly = [\"desk\"]\nkey =");
    let run = send(&heir, "other").expect_code(5);
    assert!(
        run.stderr.contains("1 lead is stored, unsent"),
        "{}",
        run.stderr
    );
    assert!(spools(&desk).is_empty());
    desk.home
        .run(&["resend", "--to", "other", "--state", "unsent"])
        .expect_code(0);
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!((once.len(), partner.count()), (3, 3));
}
