//! What `check` and a dry run call ready, `send` sends: secrets, keys and
//! earlier names are looked at as it looks at them, and nothing is written.

use crate::common::{Act, Arrived, Home, Partner};

const LEADS: &str = "Nom;E-mail\nUn;un@example.fr\nDeux;deux@example.fr\n";

fn table(name: &str, base: &str, more: &str) -> String {
    format!(
        "[leadctl]\nledger = \"ledger.db\"\n[{name}]\nbase = \"{base}\"\n{more}\n\
         fields = {{ nom = \"last_name\", mail = {{ from = \"email\", required = true }} }}\n\
         send = {{ path = \"/leads\", rules = [{{ when = {{ status = 201, \"/id\" = \"present\" }}, then = \"delivered\", reference = \"/id\" }}] }}\n"
    )
}

const KEY: &str = "key = [\"email\"]";

fn willing() -> Partner {
    Partner::start(|arrived: &Arrived| {
        Act::json(201, &format!("{{\"id\":{}}}", arrived.number + 1))
    })
}

/// A folder with leads, and a table of this name and more in it.
fn home(name: &str, base: &str, more: &str) -> Home {
    let home = Home::new();
    home.write("leads.csv", LEADS);
    home.config(&table(name, base, more));
    home
}

fn send(to: &str, more: &[&'static str]) -> Vec<String> {
    let mut arguments = vec!["send", "--to", to, "--format", "json"];
    arguments.extend(more);
    arguments.push("leads.csv");
    arguments.into_iter().map(str::to_owned).collect()
}

#[test]
fn a_secret_that_no_send_could_use_is_told_by_check() {
    let file = "auth.bearer = { file = \"token\" }";
    for (auth, token, variable, words) in [
        (file, Some(""), None, "is empty"),
        (file, Some("\nt0ken\n"), None, "is empty"),
        (file, Some("t0kén\n"), None, "that no header can carry"),
        (file, None, None, "the secret is missing"),
        (
            "auth.bearer = \"SHOP_KEY\"",
            None,
            Some("t0kén"),
            "that no header can carry",
        ),
        (
            "auth.bearer = \"SHOP_KEY\"",
            None,
            Some(" "),
            "the secret is missing",
        ),
    ] {
        let partner = willing();
        let mut home = home("shop", &partner.base(), &format!("{KEY}\n{auth}"));
        if let Some(token) = token {
            home.write("token", token);
        }
        if let Some(value) = variable {
            home.set("SHOP_KEY", value);
        }
        for arguments in [
            &["check", "--to", "shop"][..],
            &["check", "--to", "shop", "leads.csv"],
        ] {
            let told = home.run(arguments).expect_code(2);
            let all = format!("{}{}", told.stdout, told.stderr);
            let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(all.contains(words), "{token:?} {variable:?}: {all}");
            assert!(!all.contains("t0k"), "{all}");
        }
        home.run(&send("shop", &[])).expect_code(2);
        assert_eq!(partner.count(), 0);
    }
}

#[test]
fn a_mark_before_the_secret_is_not_sent() {
    let partner = willing();
    let home = home(
        "shop",
        &partner.base(),
        &format!("{KEY}\nauth.bearer = {{ file = \"token\" }}"),
    );
    home.write("token", "\u{feff}t0ken\r\n");
    home.run(&["check", "--to", "shop"]).expect_code(0);
    home.run(&send("shop", &[])).expect_code(0);
    let arrived = &partner.arrived()[0];
    assert_eq!(arrived.header("authorization"), Some("Bearer t0ken"));
}

#[test]
fn a_changed_key_is_told_before_the_send_that_refuses_it() {
    let partner = willing();
    let home = home("shop", &partner.base(), KEY);
    home.run(&send("shop", &[])).expect_code(0);
    home.config(&table(
        "shop",
        &partner.base(),
        "key = [\"email\", \"last_name\"]",
    ));
    for arguments in [
        vec!["check".to_owned()],
        ["check", "--to", "shop", "leads.csv"]
            .map(str::to_owned)
            .to_vec(),
        send("shop", &["--dry-run"]),
        send("shop", &[]),
    ] {
        let told = home.run(&arguments).expect_code(2);
        let all = format!("{}{}", told.stdout, told.stderr);
        let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            all.contains("the key of shop was \"email\""),
            "{arguments:?}: {all}"
        );
        assert!(all.contains("--accept-new-key"), "{arguments:?}: {all}");
    }
    let told = home
        .run(&send("shop", &["--dry-run", "--accept-new-key"]))
        .expect_code(0);
    assert!(
        told.stderr.contains("shown as ready here"),
        "{}",
        told.stderr
    );
    // Looking changed nothing.
    home.run(&send("shop", &[])).expect_code(2);
    assert_eq!(partner.count(), 2);
}

#[test]
fn a_dry_run_looks_under_the_earlier_names() {
    let partner = willing();
    let home = home("one", &partner.base(), KEY);
    home.run(&send("one", &[])).expect_code(0);
    home.config(&table(
        "two",
        &partner.base(),
        &format!("formerly = [\"one\"]\n{KEY}"),
    ));
    home.write("leads.csv", format!("{LEADS}Trois;trois@example.fr\n"));
    for _ in 0..2 {
        let shown = home.run(&send("two", &["--dry-run"])).expect_code(0);
        assert_eq!(shown.column("state"), ["skipped", "skipped", "ready"]);
        assert!(!shown.stderr.contains("formerly"), "{}", shown.stderr);
    }
    home.run(&["check", "--to", "two", "leads.csv"])
        .expect_code(0);
    let status = home.run(&["status", "--format", "json"]).expect_code(0);
    assert_eq!(status.column("destination"), ["one"], "nothing was written");
    let sent = home.run(&send("two", &[])).expect_code(0);
    assert_eq!(sent.column("state"), ["skipped", "skipped", "delivered"]);
    assert_eq!(partner.count(), 3);
    // A key that changed with the name is one that changed.
    home.config(&table(
        "three",
        &partner.base(),
        "formerly = [\"two\"]\nkey = [\"last_name\"]",
    ));
    home.run(&send("three", &["--dry-run"])).expect_code(2);
    home.run(&["check", "--to", "three"]).expect_code(2);
    home.run(&send("three", &[])).expect_code(2);
}

#[test]
fn an_earlier_name_that_the_ledger_does_not_know_is_told() {
    let partner = willing();
    let home = home("one", &partner.base(), KEY);
    home.run(&send("one", &[])).expect_code(0);
    let renamed = |former: &str| {
        let formerly = format!("formerly = [\"{former}\"]\n{KEY}");
        home.config(&table("two", &partner.base(), &formerly));
    };
    renamed("onee");
    for arguments in [
        send("two", &["--dry-run"]),
        ["check", "--to", "two", "leads.csv"]
            .map(str::to_owned)
            .to_vec(),
        send("two", &[]),
        // Still: the leads of "one" belong to nobody.
        send("two", &["--dry-run"]),
    ] {
        let told = home.run(&arguments).expect_code(0);
        for words in ["names \"onee\"", "did you mean \"one\"?"] {
            assert!(
                told.stderr.contains(words),
                "{arguments:?}: {}",
                told.stderr
            );
        }
    }
    renamed("one");
    home.run(&send("two", &[])).expect_code(0);
    let quiet = home.run(&send("two", &[])).expect_code(0);
    assert!(!quiet.stderr.contains("formerly"), "{}", quiet.stderr);
    // Without a near name, while nothing was ever sent.
    home.config(&table(
        "new",
        &partner.base(),
        &format!("formerly = [\"lost\"]\n{KEY}"),
    ));
    let told = home.run(&send("new", &[])).expect_code(0);
    assert!(told.stderr.contains("names \"lost\""), "{}", told.stderr);
    let told = home.run(&send("new", &[])).expect_code(0);
    assert!(!told.stderr.contains("lost"), "{}", told.stderr);
}

#[test]
fn a_request_that_cannot_be_made_is_no_failure_to_run_again() {
    let mut home = home("shop", "https://shop.example.fr", KEY);
    home.set("HTTPS_PROXY", "socks5://127.0.0.1:1");
    let run = home
        .run(&send("shop", &["--no-progress", "--jobs", "1"]))
        .expect_code(2);
    assert!(run.stderr.contains("SOCKS"), "{}", run.stderr);
    assert_eq!(run.column("attempts"), ["1", "0"]);
}

#[test]
fn a_name_with_a_space_is_quoted_in_commands() {
    let partner = Partner::always(Act::status(500));
    let home = home("\"my shop\"", &partner.base(), KEY);
    let check = home
        .run(&["check", "--to", "my shop", "leads.csv"])
        .expect_code(0);
    assert!(
        check
            .stderr
            .contains("leadctl send --to 'my shop' leads.csv"),
        "{}",
        check.stderr
    );
    let sent = home.run(&send("my shop", &[])).expect_code(4);
    assert!(
        sent.stderr.contains("history --to 'my shop' "),
        "{}",
        sent.stderr
    );
    assert!(!sent.stderr.contains("--to my shop"), "{}", sent.stderr);
}
