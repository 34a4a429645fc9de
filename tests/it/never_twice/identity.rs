//! Who the same lead is, over time: keys, names of tables, and repeats.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::desk::{Desk, HASTY, column, persons, taken, then_willing, willing};
use crate::common::{Act, Partner};

#[test]
fn the_same_person_may_come_again_after_a_while() {
    let partner = willing();
    let desk = Desk::with(
        &partner.base(),
        &format!("{HASTY}again_after = \"180d\"\n"),
        "",
    );
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(0);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(partner.count(), 2);
    // Half a year passes for the first one.
    let long = 181_i64 * 86_400_000;
    desk.sql()
        .execute(
            "UPDATE leads SET sent_at = sent_at - ?1, read_at = read_at - ?1 WHERE id = 1",
            [long],
        )
        .unwrap();
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "skipped"]);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(
        persons(&partner),
        ["lead1@example.fr", "lead2@example.fr", "lead1@example.fr"]
    );
    assert_eq!(desk.states(), ["delivered"; 3]);
}

#[test]
fn a_doubt_does_not_come_again() {
    let partner = then_willing(vec![Act::Close]);
    let desk = Desk::with(
        &partner.base(),
        &format!("{HASTY}again_after = \"1ms\"\n"),
        "",
    );
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(4);
    desk.send(&[&file]).expect_code(4);
    assert_eq!(partner.count(), 1);
}

#[test]
fn a_changed_key_is_refused_until_it_is_accepted() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), HASTY, "");
    let file = desk.export("leads.csv", 1, 3);
    desk.send(&[&file]).expect_code(0);
    desk.configure(
        &partner.base(),
        &format!("{HASTY}key = [\"email\", \"last_name\"]\n"),
        "",
    );
    let run = desk.send(&[&file]).expect_code(2);
    assert!(run.stderr.contains("--accept-new-key"), "{}", run.stderr);
    assert_eq!(partner.count(), 3);
    let run = desk.send(&["--accept-new-key", &file]).expect_code(0);
    assert_eq!(run.column("state"), ["skipped"; 3]);
    assert_eq!(partner.count(), 3);
    // From now on it is the key.
    let rows = "Nom;E-mail\nAutre;lead1@example.fr\nNom2;lead2@example.fr\n";
    let other = desk.home.write("other.csv", rows);
    let run = desk.send(&[other.to_str().unwrap()]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "skipped"]);
}

/// A number is another one in another country.
#[test]
fn a_changed_country_is_a_changed_key_where_numbers_are_in_it() {
    let partner = willing();
    let key = format!("{HASTY}key = [\"email\", \"phone\"]\n");
    let desk = Desk::with(&partner.base(), &key, "");
    let rows = "Nom;E-mail;Téléphone\nA;a@example.fr;0470 12 34 56\n";
    desk.home.write("leads.csv", rows);
    desk.send(&["leads.csv"]).expect_code(0);
    desk.configure(&partner.base(), &format!("{key}country = \"BE\"\n"), "");
    let run = desk.send(&["leads.csv"]).expect_code(2);
    assert!(run.stderr.contains("numbers of BE"), "{}", run.stderr);
    let run = desk.send(&["--accept-new-key", "leads.csv"]).expect_code(0);
    assert_eq!(run.column("state"), ["skipped"]);
    assert_eq!(partner.count(), 1);
}

/// What a key is made of is recorded as no language says it.
#[test]
fn a_key_is_the_same_in_every_language() {
    let partner = willing();
    let key = format!("{HASTY}key = [\"phone\"]\n");
    let mut desk = Desk::with(&partner.base(), &key, "");
    let rows = "Nom;E-mail;Téléphone\nA;a@example.fr;0470 12 34 56\n";
    desk.home.write("leads.csv", rows);
    desk.send(&["leads.csv"]).expect_code(0);
    desk.home.set("LC_ALL", "fr_FR.UTF-8");
    let run = desk.send(&["leads.csv"]).expect_code(0);
    assert_eq!(run.column("state"), ["skipped"]);
    desk.configure(&partner.base(), &format!("{key}country = \"BE\"\n"), "");
    let run = desk.send(&["leads.csv"]).expect_code(2);
    assert!(run.stderr.contains("phone, numéros FR"), "{}", run.stderr);
}

#[test]
fn a_key_is_not_accepted_while_another_run_sends() {
    let gate = crate::common::Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| taken(arrived).held(&held));
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 40);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    desk.configure(
        &partner.base(),
        &format!("{HASTY}key = [\"last_name\"]\n"),
        "",
    );
    let second = desk.send(&["--accept-new-key", &file]).expect_code(1);
    assert!(
        second.stderr.contains(&format!("process {}", run.id())),
        "{}",
        second.stderr
    );
    gate.release();
    run.finish().expect_code(0);
    let last = desk.send(&["--accept-new-key", &file]).expect_code(0);
    assert_eq!(last.column("state"), ["skipped"; 40]);
    assert_eq!(partner.count(), 40);
}

#[test]
fn a_renamed_table_keeps_its_past() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(0);
    let config = desk.home.read("partners.toml");
    let renamed = config.replace("[desk", "[counter");
    desk.home
        .config(&renamed.replace("key =", "formerly = [\"desk\"]\nkey ="));
    let file = desk.export("leads.csv", 1, 3);
    let run = ["send", "--to", "counter", "--format", "json", &file];
    let run = desk.home.run(&run).expect_code(0);
    assert!(run.stderr.contains("2 leads of \"desk\""), "{}", run.stderr);
    assert_eq!(run.column("state"), ["skipped", "skipped", "delivered"]);
    assert_eq!(partner.count(), 3);
}

/// The table is renamed, and its past remembered only later: nobody that was
/// sent, or may have been, is sent again by any command.
#[test]
fn what_was_sent_under_the_earlier_name_is_never_sent_under_the_new_one() {
    let partner = then_willing(vec![Act::Close]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 3);
    desk.send(&[&file]).expect_code(4);
    let arrived = partner.count();
    let renamed = desk.home.read("partners.toml").replace("[desk", "[counter");
    desk.home.config(&renamed);
    let send = ["send", "--to", "counter", "--format", "json"];
    let stored = desk
        .home
        .run(&[&send[..], &["--max-new", "1", &file]].concat());
    assert_eq!(stored.column("state"), ["unsent"; 3]);
    desk.home
        .config(&renamed.replace("key =", "formerly = [\"desk\"]\nkey ="));
    let resend = ["resend", "--to", "counter", "--state", "unsent"];
    let run = desk.home.run(&resend).expect_code(0);
    assert!(
        run.stderr.contains("3 leads turned out to be"),
        "{}",
        run.stderr
    );
    let run = desk.home.run(&[&send[..], &[&file]].concat());
    assert_eq!(run.expect_code(4).column("state"), ["skipped"; 3]);
    assert_eq!(partner.count(), arrived);
    let history = ["history", "--state", "skipped", "--format", "json"];
    let told = desk.home.run(&history).expect_code(0).column("message");
    assert!(
        told[2].contains("the same lead as 1, which is in doubt"),
        "{told:?}"
    );
    // A doubt that was settled as not received is sent, once.
    desk.home
        .run(&["resolve", "1", "--not-received"])
        .expect_code(0);
    let run = desk.home.run(&[&send[..], &[&file]].concat());
    assert_eq!(
        run.expect_code(0).column("state"),
        ["delivered", "skipped", "skipped"]
    );
    assert_eq!(partner.count(), arrived + 1);
}

/// A partner that knows its leads by e-mail loses the answer to the first.
#[test]
fn where_it_is_safe_a_lost_answer_is_asked_for_again() {
    let lost = Arc::new(AtomicUsize::new(0));
    let losing = Arc::clone(&lost);
    let partner = Partner::start(move |arrived| match losing.fetch_add(1, Ordering::SeqCst) {
        0 => Act::Close,
        1 => Act::json(
            409,
            r#"{"message":"Contact already exists. Existing ID: 77"}"#,
        ),
        _ => taken(arrived),
    });
    let rules = r#"{ when = { status = 409 }, then = "duplicate", reference = { at = "/message", match = 'ID: (\d+)' } },"#;
    let safe = format!("{HASTY}safe_to_repeat = [\"email\", \"last_name\"]\n");
    let desk = Desk::with(&partner.base(), &safe, rules);
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), ["duplicate", "delivered"]);
    assert_eq!(run.column("reference")[0], "77");
    assert!(
        run.column("message")[0].contains("may be our own"),
        "{}",
        run.stdout
    );
    assert_eq!(
        persons(&partner),
        ["lead1@example.fr", "lead1@example.fr", "lead2@example.fr"]
    );
    let triggers = column(&desk.sql(), "SELECT trigger FROM attempts ORDER BY id");
    assert_eq!(triggers, ["send", "repeat", "send"]);
}

#[test]
fn without_the_field_that_makes_it_safe_nothing_is_repeated() {
    let partner = then_willing(vec![Act::Close]);
    let safe = format!("{HASTY}safe_to_repeat = [\"phone\"]\n");
    let desk = Desk::with(&partner.base(), &safe, "");
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(4);
    assert_eq!(partner.count(), 1);
}

/// A repeat that is refused, or that reaches nobody, proves nothing of the
/// first try.
#[test]
fn what_follows_a_doubt_does_not_undo_it() {
    for second in [
        Act::status(429).with_header("retry-after", "9999"),
        Act::status(401),
        Act::status(500),
        Act::Close,
    ] {
        let partner = Partner::playing(vec![Act::Close, second]);
        let safe = format!("{HASTY}safe_to_repeat = true\n");
        let desk = Desk::with(&partner.base(), &safe, "");
        let file = desk.export("leads.csv", 1, 1);
        desk.send(&[&file]);
        assert_eq!(
            (desk.states(), partner.count()),
            (vec!["in_doubt".to_owned()], 2)
        );
        desk.send(&[&file]).expect_code(4);
        assert_eq!(partner.count(), 2);
    }
}

/// A second row that says something else of a refused lead corrects it.
#[test]
fn a_refused_lead_is_sent_once_it_has_changed() {
    let partner = Partner::start(|arrived| match arrived.json()["name"].as_str() {
        Some("Nom1") => Act::status(422),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(3);
    desk.send(&[&file]).expect_code(3);
    assert_eq!(partner.count(), 1);
    let fixed = desk
        .home
        .write("fixed.csv", "Nom;E-mail\nDurand;lead1@example.fr\n");
    desk.send(&[fixed.to_str().unwrap()]).expect_code(0);
    assert_eq!(
        (desk.states(), partner.count()),
        (vec!["delivered".to_owned()], 2)
    );
}

/// Not only the body: what else would be sent may be what was wrong.
#[test]
fn a_refused_lead_is_sent_again_once_a_header_is_another() {
    let no = Act::json(400, r#"{"message":"no"}"#);
    let partner = then_willing(vec![no]);
    let desk = Desk::with(&partner.base(), HASTY, "");
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(3);
    desk.send(&[&file]).expect_code(3);
    assert_eq!(partner.count(), 1);
    let settings = format!("{HASTY}headers = {{ \"X-Version\" = \"2\" }}\n");
    desk.configure(&partner.base(), &settings, "");
    desk.send(&[&file]).expect_code(0);
    assert_eq!(partner.count(), 2);
}

/// A key field that is blank: the person is known by what else is filled.
fn by_phone_too() -> (Partner, Desk) {
    let partner = Partner::start(|arrived| match arrived.json()["name"].as_str() {
        Some("Doute") => Act::Close,
        _ => taken(arrived),
    });
    let desk = Desk {
        home: crate::common::Home::new(),
    };
    desk.home.config(&format!(
        r#"
[leadctl]
ledger = "ledger.db"
[desk]
base = "{}"
key = ["email", "phone"]
tries = 1
jobs = 1
[desk.fields]
name = "last_name"
first = "first_name"
email = "email"
tel = "phone"
comment = "comment"
[desk.send]
path = "/leads"
rules = [{{ when = {{ status = 201, "/id" = "present" }}, then = "delivered", reference = "/id" }}]
"#,
        partner.base()
    ));
    (partner, desk)
}

const HEAD: &str = "Nom;Prénom;E-mail;Téléphone;Commentaire\n";

#[test]
fn a_blank_key_field_and_another_comment_make_no_other_lead() {
    let (partner, desk) = by_phone_too();
    for (row, state) in [
        ("Martin;Léa;;0639980001;one", "delivered"),
        ("Martin;Léa;;+33 6 39 98 00 01;another", "skipped"),
        ("MARTIN;lea;;0639980001;", "skipped"),
        // A couple shares a number.
        ("Martin;Paul;;0639980001;one", "delivered"),
        ("Martin;Léa;lea@example.fr;;one", "delivered"),
        ("Martin;Léa;lea@example.fr;;two", "skipped"),
        // Nothing tells who it is: the request does.
        ("Martin;Léa;;;one", "delivered"),
        ("Martin;Léa;;;two", "delivered"),
        ("Martin;Léa;;;two", "skipped"),
    ] {
        desk.home.write("leads.csv", format!("{HEAD}{row}\n"));
        let run = desk.send(&["leads.csv"]).expect_code(0);
        assert_eq!(run.column("state"), [state], "{row}");
    }
    assert_eq!(partner.count(), 5);
}

/// In whichever order the two are read.
#[test]
fn a_doubt_whose_key_is_blank_holds_back_whoever_has_its_number() {
    let (partner, desk) = by_phone_too();
    let rows = "Doute;Léa;;0639980001;\nMartin;Léa;lea@example.fr;0639980001;\n";
    desk.home.write("leads.csv", format!("{HEAD}{rows}"));
    let run = desk.send(&["leads.csv"]).expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt", "unsent"]);
    assert_eq!(partner.count(), 1);
}

#[test]
fn a_doubt_under_the_same_number_holds_back_whose_key_is_blank() {
    let (partner, desk) = by_phone_too();
    let rows = "Doute;Léa;;0639980001;\nMartin;Paul;;0639980001;\nAutre;Jean;;0639980002;\n";
    desk.home.write("leads.csv", format!("{HEAD}{rows}"));
    let run = desk.send(&["leads.csv"]).expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt", "unsent", "delivered"]);
    let told = &run.column("message")[1];
    assert!(told.contains("lead 1 has the same"), "{told}");
    let resend = [
        "resend", "--to", "desk", "--state", "unsent", "--format", "json",
    ];
    let held = desk.home.run(&resend).expect_code(5);
    assert_eq!(held.column("state"), ["unsent"]);
    assert_eq!(partner.count(), 2);
    desk.home
        .run(&["resolve", "1", "--delivered"])
        .expect_code(0);
    desk.home.run(&resend).expect_code(0);
    assert_eq!(desk.states(), ["delivered"; 3]);
}
