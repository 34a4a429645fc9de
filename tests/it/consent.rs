//! Nobody is sent without the consent that their own row proves, by whatever way; a
//! consent that is taken back holds everywhere.

use jiff::{Span, ZonedDateTime};
use sha2::{Digest, Sha256};

use crate::common::desk::{Desk, column, persons, willing};
use crate::common::inbox::Inbox;
use crate::common::{Act, Partner};

/// After `[desk]`; `{held}` is a word of the desk itself.
const CONSENT: &str = r#"tries = 1
jobs = 1
partner = "Desk SAS"
[desk.consent]
given = { from = "consent", is = ["oui", "1"] }
at = "consent_at"
wording = "consent_text"
where = "form_url"
names = "partners_shown"
within = "24 months"
"#;

const HEADER: &str = "email,last_name,consent,consent_at,consent_text,form_url,partners_shown\n";

/// Who arrived, in order.
fn whose(partner: &Partner) -> Vec<String> {
    let name = |address: String| address.trim_end_matches("@example.fr").to_owned();
    persons(partner).into_iter().map(name).collect()
}

/// So many days ago.
fn days(ago: i64) -> String {
    let then = ZonedDateTime::now().checked_sub(Span::new().days(ago));
    then.unwrap().strftime("%Y-%m-%d %H:%M").to_string()
}

/// A row of which one thing may be another.
fn row(who: &str, [given, at, names]: [&str; 3]) -> String {
    format!("{who}@example.fr,{who},{given},{at},J'accepte,https://f.example.fr,{names}\n")
}

fn agreed(who: &str, ago: i64) -> String {
    row(who, ["oui", &days(ago), "Autre; Desk SAS"])
}

/// One person who agreed, and everybody who did not: missing, no, undated, too old, to
/// come, and to others alone.
fn all_kinds() -> String {
    let (recent, old, to_come) = (days(30), days(800), days(-2));
    let us = "Desk SAS";
    [
        HEADER.to_owned(),
        row("missing", ["", &recent, us]),
        row("no", ["non", &recent, us]),
        row("odd", ["peut-être", &recent, us]),
        row("undated", ["oui", "", us]),
        row("old", ["oui", &old, us]),
        row("early", ["oui", &to_come, us]),
        row("foreign", ["oui", &recent, "Autre"]),
        row("unnamed", ["oui", &recent, ""]),
        agreed("good", 30),
    ]
    .concat()
}

fn desk(partner: &Partner) -> Desk {
    Desk::with(&partner.base(), CONSENT, "")
}

#[test]
fn only_who_agreed_is_sent_by_every_way() {
    for way in [
        "file", "pipe", "inbox", "default", "held", "rejects", "resend",
    ] {
        let partner = willing();
        let desk = desk(&partner);
        let name = desk.home.write("leads.csv", all_kinds());
        let name = name.to_str().unwrap();
        let code = match way {
            "pipe" => desk.pipe(&["-"], &all_kinds()).finish().code,
            "inbox" => {
                let inbox = Inbox::of(&desk);
                inbox.put("leads.csv", 5, &all_kinds());
                inbox.send(&[]).code
            }
            "default" => {
                let at = format!("consent_at={}", days(1));
                let set = ["--default", "consent=oui", "--default", &at];
                let names = ["--default", "partners_shown=Desk SAS", name];
                desk.send(&[&set[..], &names].concat()).code
            }
            "held" => {
                let paused = CONSENT.replace("jobs = 1", "jobs = 1\npaused = true");
                desk.configure(&partner.base(), &paused, "");
                desk.send(&[name]).expect_code(3);
                desk.configure(&partner.base(), CONSENT, "");
                desk.home.write("empty.csv", HEADER);
                desk.send(&["empty.csv"]).code.map(|code| code + 3)
            }
            "rejects" => {
                desk.send(&["--rejects", "back.csv", name]).expect_code(3);
                desk.send(&["back.csv"]).code
            }
            "resend" => {
                desk.send(&[name]).expect_code(3);
                let resend = ["resend", "--to", "desk", "--state", "invalid"];
                desk.home.run(&resend).code
            }
            _ => desk.send(&[name]).code,
        };
        assert_eq!(whose(&partner), ["good"], "by {way}");
        assert_eq!(code, Some(3), "by {way}");
        let told = "SELECT state FROM leads ORDER BY line";
        let states = column(&desk.sql(), told);
        let invalid = states.iter().filter(|state| *state == "invalid").count();
        assert_eq!(invalid, 8, "by {way}: {states:?}");
    }
}

#[test]
fn a_consent_that_runs_out_while_a_lead_waits_sends_nobody() {
    let partner = willing();
    let desk = desk(&partner);
    let paused = CONSENT.replace("jobs = 1", "jobs = 1\npaused = true");
    desk.configure(&partner.base(), &paused, "");
    desk.home.write(
        "leads.csv",
        [HEADER, &agreed("ana", 40), &agreed("bo", 5)].concat(),
    );
    desk.send(&["leads.csv"]).expect_code(0);
    let shorter = CONSENT.replace("24 months", "30 days");
    desk.configure(&partner.base(), &shorter, "");
    let sent = desk.send(&["leads.csv"]).expect_code(3);
    assert_eq!(whose(&partner), ["bo"]);
    assert!(
        sent.stdout.contains("is more than 30 days ago"),
        "{}",
        sent.stdout
    );
}

#[test]
fn a_file_without_the_columns_is_refused_as_a_whole_and_a_default_in_the_table_too() {
    let partner = willing();
    let desk = desk(&partner);
    desk.home
        .write("leads.csv", "email,last_name\na@example.fr,A\n");
    let told = desk.send(&["leads.csv"]).expect_code(2).stderr;
    assert!(told.contains("consent, consent_at"), "{told}");
    let default = CONSENT.replace(
        "[desk.consent]",
        "defaults = { consent = \"oui\" }\n[desk.consent]",
    );
    desk.configure(&partner.base(), &default, "");
    let told = desk.send(&["leads.csv"]).expect_code(2).stderr;
    assert!(told.contains("a default can't say it for them"), "{told}");
    assert!(partner.arrived().is_empty());
}

/// `[other]`, which asks for no consent.
fn other(desk: &Desk, partner: &Partner) {
    let table = desk.home.read("partners.toml");
    let other = format!(
        "[other]\nbase = \"{}\"\nkey = [\"email\"]\nfields = {{ email = \"email\", name = \"last_name\" }}\n\
         [other.send]\npath = \"/leads\"\nrules = [{{ when = {{ status = 201 }}, then = \"delivered\" }}]\n",
        partner.base()
    );
    desk.home.config(&format!("{table}{other}"));
}

#[test]
fn a_consent_taken_back_holds_everywhere_until_they_agree_anew() {
    // Nobody is received at first.
    let partner = Partner::playing(vec![Act::status(503); 2]);
    let elsewhere = willing();
    let desk = Desk::with(
        &partner.base(),
        &CONSENT.replace("tries = 1", "tries = 1\nstop_after_doubts = 0"),
        "",
    );
    other(&desk, &elsewhere);
    desk.home.write(
        "leads.csv",
        [HEADER, &agreed("ana", 40), &agreed("bo", 40)].concat(),
    );
    desk.send(&["leads.csv"]).expect_code(4);
    let no = row("ana", ["non", &days(3), "Desk SAS"]);
    desk.home.write("no.csv", [HEADER, &no].concat());
    desk.send(&["no.csv"]);
    // On a person's word, too.
    let forced = [
        "resend", "--to", "desk", "1", "--force", "--note", "sure", "--format", "json",
    ];
    let told = desk.home.run(&forced).expect_code(0);
    assert_eq!(told.column("reason"), ["blocked"], "{}", told.stdout);
    assert!(
        told.stdout.contains("consent taken back on"),
        "{}",
        told.stdout
    );
    assert_eq!(partner.count(), 2);

    let send = ["send", "--to", "other", "leads.csv", "--format", "json"];
    let told = desk.home.run(&send).expect_code(0);
    assert_eq!(told.column("state"), ["filtered", "delivered"]);
    assert_eq!(whose(&elsewhere), ["bo"]);
    let dry = desk.home.run(&[
        "send",
        "--to",
        "other",
        "no.csv",
        "--dry-run",
        "--format",
        "json",
    ]);
    assert_eq!(dry.column("state"), ["filtered"]);

    desk.home
        .write("anew.csv", [HEADER, &agreed("ana", 1)].concat());
    desk.home.run(&[
        "send",
        "--to",
        "desk",
        "anew.csv",
        "--record-only",
        "--note",
        "x",
    ]);
    desk.home.run(&send).expect_code(0);
    assert_eq!(whose(&elsewhere), ["bo", "ana"]);
}

/// Somebody read a wrong word as a no.
#[test]
fn a_person_here_may_say_that_it_was_no_no() {
    let partner = willing();
    let desk = desk(&partner);
    let no = row("ana", ["non", &days(3), "Desk SAS"]);
    desk.home.write("no.csv", [HEADER, &no].concat());
    desk.home
        .write("leads.csv", [HEADER, &agreed("ana", 40)].concat());
    desk.send(&["no.csv"]).expect_code(3);
    desk.send(&["leads.csv"]).expect_code(0);
    assert_eq!(partner.count(), 0);
    let lifted = desk
        .home
        .run(&["unblock", "ana@example.fr"])
        .expect_code(0)
        .stderr;
    assert!(lifted.contains("may be sent again"), "{lifted}");
    desk.send(&["leads.csv"]).expect_code(0);
    assert_eq!(whose(&partner), ["ana"]);
}

#[test]
fn a_no_further_down_holds_back_what_stands_above_also_in_a_dry_run() {
    let partner = willing();
    let desk = desk(&partner);
    let rows = [
        HEADER.to_owned(),
        agreed("ana", 40),
        row("ana", ["non", &days(3), "Desk SAS"]),
        row("bo", ["non", &days(50), "Desk SAS"]),
        agreed("bo", 40),
    ];
    desk.home.write("leads.csv", rows.concat());
    let dry = desk.send(&["--dry-run", "leads.csv"]).column("state");
    assert_eq!(dry, ["filtered", "invalid", "invalid", "ready"]);
    let sent = desk.send(&["leads.csv"]).column("state");
    assert_eq!(sent, ["filtered", "invalid", "invalid", "delivered"]);
    assert_eq!(whose(&partner), ["bo"]);
    // Nothing changes where it is read again.
    desk.send(&["leads.csv"]);
    assert_eq!(whose(&partner), ["bo"]);
}

#[test]
fn whom_a_partner_has_is_told_once_when_they_say_no() {
    let partner = willing();
    let desk = desk(&partner);
    desk.home
        .write("leads.csv", [HEADER, &agreed("ana", 40)].concat());
    desk.send(&["leads.csv"]).expect_code(0);
    let rows = ["ana", "bo"].map(|who| row(who, ["non", &days(3), "Desk SAS"]));
    desk.home.write("no.csv", [HEADER, &rows.concat()].concat());
    let told = desk.send(&["--quiet", "no.csv"]).stderr;
    assert!(
        told.contains("took their consent back (no.csv line 2), and must be told"),
        "{told}"
    );
    assert!(
        told.contains("\nleadctl history --person PERSON --output"),
        "{told}"
    );
    let again = desk.send(&["--quiet", "no.csv"]).stderr;
    assert!(!again.contains("took their consent back"), "{again}");
}

/// Each destination of a route asks for itself.
#[test]
fn along_a_route_each_destination_is_sent_whoever_agreed_to_it() {
    let partner = willing();
    let desk = desk(&partner);
    let (north, south) = (willing(), willing());
    let table = |name: &str, to: &Partner| {
        format!(
            "[{name}]\nextends = \"desk\"\nbase = \"{}\"\npartner = \"{name} SAS\"\n",
            to.base()
        )
    };
    desk.home.config(&format!(
        "{}{}{}[routes.both]\nfirst = [\"north\", \"south\"]\n",
        desk.home.read("partners.toml"),
        table("north", &north),
        table("south", &south)
    ));
    let rows = [
        ("ana", "oui", "North SAS; South SAS"),
        ("bo", "oui", "South SAS"),
        ("cleo", "oui", "Autre"),
        ("dee", "non", "North SAS; South SAS"),
        ("eve", "", "North SAS; South SAS"),
        ("fay", "oui", "North SAS"),
        ("fay", "non", "North SAS"),
    ];
    let rows = rows.map(|(who, given, names)| row(who, [given, &days(3), names]));
    desk.home
        .write("leads.csv", HEADER.to_owned() + &rows.concat());
    let send = ["send", "--to", "both", "leads.csv"];
    let dry = [&send[..], &["--dry-run", "--json"]].concat();
    let ready = desk.home.run(&dry).column("state");
    let ready = ready.iter().filter(|state| *state == "ready").count();
    assert_eq!(ready, 2);
    desk.home.run(&send).expect_code(3);
    assert_eq!(
        (whose(&north), whose(&south)),
        (vec!["ana".into()], vec!["bo".into()])
    );
    desk.home.run(&send);
    assert_eq!(north.count() + south.count(), 2);
}

/// Random words of a few people, in random files: whoever is sent agreed after they
/// last said no, as far as was known then, and whoever did is sent once.
#[test]
fn the_latest_word_decides_in_whatever_order_it_is_read() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    for history in 0..12 {
        let partner = willing();
        let desk = desk(&partner);
        let people = ["ana", "bo", "cleo"];
        let mut last_no = [None; 3];
        let mut expected: Vec<String> = Vec::new();
        let mut all = Vec::new();
        for file in 0..4 {
            let mut words = Vec::new();
            for _ in 0..=random(4) {
                let person = usize::try_from(random(3)).unwrap();
                let ago = i64::try_from(random(40)).unwrap() + 1;
                words.push((person, ago, random(5) < 3));
            }
            for (person, ago, yes) in words.iter().copied().filter(|(.., yes)| !yes) {
                last_no[person] = last_no[person].into_iter().chain([ago]).min();
                all.push((person, ago, yes));
            }
            let rows = words.iter().map(|(person, ago, yes)| match yes {
                true => agreed(people[*person], *ago),
                false => row(people[*person], ["non", &days(*ago), "Desk SAS"]),
            });
            desk.home
                .write("f.csv", HEADER.to_owned() + &rows.collect::<String>());
            for (person, ago, _) in words.iter().filter(|(.., yes)| *yes) {
                let who = people[*person].to_owned();
                let agrees = last_no[*person].is_none_or(|no| *ago < no);
                if agrees && !expected.contains(&who) {
                    expected.push(who);
                }
            }
            desk.send(&["f.csv"]);
            let mut sent = whose(&partner);
            let mut wanted = expected.clone();
            sent.sort();
            wanted.sort();
            assert_eq!(
                sent, wanted,
                "history {history}, file {file}: {words:?} {all:?}"
            );
        }
    }
}

#[test]
fn the_proof_is_stored_with_its_wording_once_and_outlives_a_purge() {
    let partner = willing();
    let desk = desk(&partner);
    let rows = [HEADER.to_owned(), agreed("ana", 40), agreed("bo", 30)];
    desk.home.write("leads.csv", rows.concat());
    desk.send(&["leads.csv"]).expect_code(0);
    let hash = Sha256::digest(rows[1].trim_end());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let proof = "SELECT proof ->> 'row' || ' ' || (proof ->> 'line') || ' ' || (proof ->> 'file')
                 FROM leads ORDER BY id";
    assert_eq!(column(&desk.sql(), proof)[0], format!("{hash} 2 leads.csv"));
    let wordings = "SELECT text || count(*) FROM wordings";
    assert_eq!(column(&desk.sql(), wordings), ["J'accepte1"]);

    let purged = desk
        .home
        .run(&["purge", "--person", "ana@example.fr"])
        .expect_code(0);
    assert!(
        purged
            .stderr
            .contains("until 5 years after the last sending"),
        "{}",
        purged.stderr
    );
    assert!(
        purged.stderr.contains("\nleadctl history --person"),
        "{}",
        purged.stderr
    );
    assert_eq!(column(&desk.sql(), proof)[0], format!("{hash} 2 leads.csv"));

    let table = desk
        .home
        .read("partners.toml")
        .replace("[leadctl]", "[leadctl]\nkeep_proof = \"1d\"");
    desk.home.config(&table);
    let long_ago = "UPDATE leads SET sent_at = sent_at - 2 * 86400000";
    desk.sql().execute(long_ago, []).unwrap();
    let purged = desk.home.run(&["purge", "--before", "1d"]).expect_code(0);
    assert!(
        purged.stderr.contains("of 2 leads was kept for 1 day"),
        "{}",
        purged.stderr
    );
    let left =
        "SELECT count(*) || ' ' || (SELECT count(*) FROM wordings) FROM leads WHERE proof NOT NULL";
    assert_eq!(column(&desk.sql(), left), ["0 0"]);
}
