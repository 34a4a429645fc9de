//! A configuration that nobody named: it is obeyed only where nobody else could
//! have written it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

use crate::common::desk::{Desk, willing};

#[test]
fn a_file_that_others_may_write_is_not_obeyed_unless_it_is_named() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    let config = desk.home.path().join("partners.toml");
    let mode = |bits| fs::set_permissions(&config, fs::Permissions::from_mode(bits)).unwrap();
    mode(0o666);
    let refused = desk.send(&[&file]).expect_code(2);
    assert!(refused.stderr.contains("every user"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--config"), "{}", refused.stderr);
    assert_eq!(partner.connections(), 0);
    // The user's own group is no stranger.
    mode(0o664);
    desk.send(&[&file]).expect_code(0);
    mode(0o666);
    desk.send(&["--config", "partners.toml", &file])
        .expect_code(0);
}

#[test]
fn a_file_of_somebody_else_is_not_obeyed_unless_it_is_named() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    let config = desk.home.path().join("partners.toml");
    let Ok(()) = chown(&config, Some(12_345), None) else {
        eprintln!("not tested: only root can give a file away");
        return;
    };
    let refused = desk.send(&[&file]).expect_code(2);
    assert!(
        refused.stderr.contains("another user"),
        "{}",
        refused.stderr
    );
    assert_eq!(partner.connections(), 0);
    chown(&config, Some(0), Some(12_345)).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o664)).unwrap();
    let refused = desk.send(&[&file]).expect_code(2);
    assert!(
        refused.stderr.contains("another group"),
        "{}",
        refused.stderr
    );
    desk.send(&["--config", "partners.toml", &file])
        .expect_code(0);
}

#[test]
fn a_destination_of_the_catalogue_that_is_moved_says_so_first() {
    let partner = willing();
    let mut desk = Desk::at(&partner.base());
    desk.home
        .config(&format!("[adlead]\nbase = \"{}\"\n", partner.base()));
    desk.home.set("ADLEAD_API_KEY", "s3cret");
    desk.home
        .write("a.csv", "Nom;Téléphone\nMartin;0639980001\n");
    let set = ["--default", "tenant=t", "--default", "program=12", "a.csv"];
    let run = desk
        .home
        .run(&[&["send", "--to", "adlead"][..], &set].concat());
    assert!(
        run.stderr.contains("not to api.adlead.immo"),
        "{}",
        run.stderr
    );
    // By another name, and to cron too.
    let mine = format!(
        "[mine]\nextends = \"adlead\"\nbase = \"{}\"\n",
        partner.base()
    );
    desk.home.config(&mine);
    let run = [&["send", "--quiet", "--to", "mine"][..], &set].concat();
    let run = desk.home.run(&run);
    let told = "not to api.adlead.immo";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

/// A sandbox that did not start, or not yet, leaves the file empty that it was to fill.
#[test]
fn a_named_file_that_says_nothing_is_not_obeyed() {
    let desk = Desk::at("http://127.0.0.1:1");
    let mut home = desk.home;
    home.write("leads.csv", "Nom;E-mail\nA;a@example.fr\n");
    let send = ["send", "--to", "adlead", "leads.csv", "--dry-run"];
    for text in ["\u{feff}# so is this", "\n  \n", "# to be filled\n", ""] {
        home.write("sandbox.toml", text);
        let named = [&["--config", "sandbox.toml"], &send[..]].concat();
        let refused = home.run(&named).expect_code(2).stderr;
        assert!(
            refused.contains("sandbox.toml is empty: did the sandbox start?"),
            "{refused}"
        );
        // Found and not named, it only changes nothing.
        home.write("partners.toml", text);
        home.run(&["partners"]).expect_code(0);
    }
    home.run(&["--config", "/dev/null", "partners"])
        .expect_code(0);
    home.set("LEADCTL_CONFIG", "sandbox.toml");
    home.run(&send).expect_code(2);
    // Whoever fills it may find it empty.
    let sandbox = home.start(&["sandbox"], "");
    sandbox.await_stderr("http://127.0.0.1");
    sandbox.kill();
    home.run(&["init", "adlead"]).expect_code(0);
    home.run(&["partners"]).expect_code(0);
}
