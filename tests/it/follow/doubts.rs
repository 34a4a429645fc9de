//! Leads in doubt: looked for, repeated where that is safe, or left to a person.

use std::sync::PoisonError;

use crate::common::following::{
    asked, detail, entry, export, follow, home, moment, page, posted, refusal, send, shared,
};
use crate::common::{Act, Home, Partner};
use serde_json::{Value as Json, json};

const LIST: &str = "/v1/agency/programs/12/registrations?per_page=50&page=";

/// Loses the answers to what is posted; lists these entries on pages of three.
fn losing(entries: impl Fn() -> Vec<Json> + Send + Sync + 'static) -> Partner {
    Partner::start(move |arrived| {
        if arrived.method == "POST" {
            return Act::Close;
        }
        match page_of(&arrived.target) {
            Some(number) => {
                let entries = entries();
                let pages: Vec<&[Json]> = entries.chunks(3).collect();
                let shown = pages.get(number - 1).copied().unwrap_or_default();
                page(shown, pages.len().max(1) as u64)
            }
            None => detail("pending", json!({"ruling_required": true})),
        }
    })
}

fn page_of(target: &str) -> Option<usize> {
    target.rsplit_once("page=")?.1.parse().ok()
}

/// Entries of other people, `each` seconds apart, the newest so long ago.
fn others(count: u64, newest: i64, each: i64) -> Vec<Json> {
    (0..count)
        .map(|at| {
            let age = newest + each * i64::try_from(count - at).unwrap();
            entry(
                100 + at,
                &format!("Paul Durand{at}"),
                "+33639981234",
                &moment(-age),
            )
        })
        .collect()
}

fn lea(id: u64, created: &str) -> Json {
    entry(id, "Léa Martin1", "+33639980001", created)
}

fn with(mut entries: Vec<Json>, more: &[Json]) -> Vec<Json> {
    entries.extend_from_slice(more);
    entries
}

/// One lead in doubt, then `follow`.
fn followed(partner: &Partner) -> (Home, crate::common::Outcome) {
    let home = home(partner, "stop_after_doubts = 0");
    send(&home, 1).expect_code(4);
    let run = follow(&home, &["--to", "adlead"]);
    (home, run)
}

#[test]
fn a_lead_that_is_in_the_list_is_settled_as_received() {
    let partner = losing(|| with(others(7, 3600, 3600), &[lea(777, &moment(0))]));
    let (home, run) = followed(&partner);
    let run = run.expect_code(0);
    assert_eq!(run.column("state"), ["pending"]);
    assert_eq!(run.column("reference"), ["777"]);
    // Page 1 tells how many there are; the others were all too old.
    assert_eq!(
        asked(&partner),
        [
            format!("{LIST}1"),
            format!("{LIST}3"),
            format!("{LIST}2"),
            "/v1/agency/programs/12/registrations/777".to_owned()
        ]
    );
    assert_eq!(posted(&partner), 1, "asking never posts");
    send(&home, 1).expect_code(0);
    assert_eq!(posted(&partner), 1);
}

#[test]
fn newest_first_is_read_from_its_beginning() {
    let partner = losing(|| {
        let mut entries = with(others(11, 3600, 3600), &[lea(777, &moment(0))]);
        entries.reverse();
        entries
    });
    let (_home, run) = followed(&partner);
    assert_eq!(run.expect_code(0).column("reference"), ["777"]);
    let pages: Vec<_> = asked(&partner)
        .iter()
        .filter_map(|target| page_of(target))
        .collect();
    assert_eq!(pages, [1, 4, 2]);
}

#[test]
fn not_found_is_no_proof() {
    let partner = losing(|| others(7, 3600, 3600));
    let (home, run) = followed(&partner);
    let run = run.expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt"]);
    let message = run.column("message").remove(0);
    assert!(message.contains("(2 of 3 pages, back to "), "{message}");
    assert!(
        message.contains("not found, which proves nothing"),
        "{message}"
    );
    assert!(
        message.ends_with("look for the person in the programme's list on Adlead, then: leadctl resolve 1 --delivered (or --not-received)"),
        "{message}"
    );
    send(&home, 1).expect_code(4);
    assert_eq!(posted(&partner), 1, "it is not sent again");
}

#[test]
fn entries_without_a_date_are_told() {
    let undated = |id: u64| json!({"id": id, "fullname": "Léa Martin1", "phone1": "+33639980001", "created_at": "soon"});
    let (_home, run) = followed(&losing(move || vec![undated(704)]));
    let message = run.expect_code(4).column("message").remove(0);
    assert!(
        message.contains("(its one page, 1 entry without a date that can be read): not found"),
        "{message}"
    );
    let (_home, run) = followed(&losing(Vec::new));
    let message = run.expect_code(4).column("message").remove(0);
    assert!(
        message.contains("(its one page, nothing in it)"),
        "{message}"
    );
}

#[test]
fn phone_name_and_time_must_agree() {
    let near_misses = || {
        vec![
            entry(701, "Léa Martin2", "+33639980001", &moment(0)),
            entry(702, "Léa Martin1", "+33639980002", &moment(0)),
            lea(703, &moment(-330)),
            json!({"id": 704, "fullname": "Léa Martin1", "phone1": "+33639980001", "email1": "paul@example.fr", "created_at": moment(0)}),
            json!({"id": 705, "fullname": "Léa Martin1", "phone1": "+33639980001", "created_at": null}),
        ]
    };
    let (_home, run) = followed(&losing(near_misses));
    assert_eq!(run.expect_code(4).column("state"), ["in_doubt"]);

    let theirs = move || {
        with(
            near_misses(),
            &[entry(706, "LEA  MARTIN1", "06.39.98.00.01", &moment(-290))],
        )
    };
    let (_home, run) = followed(&losing(theirs));
    assert_eq!(run.expect_code(0).column("reference"), ["706"]);
}

#[test]
fn what_was_made_long_after_the_sending_is_somebody_elses() {
    let (_home, run) = followed(&losing(|| vec![lea(777, &moment(2 * 86_400))]));
    let run = run.expect_code(4);
    assert!(run.column("message")[0].contains("not found"));
    // Their clock is ahead, or they were slow.
    let (_home, run) = followed(&losing(|| vec![lea(777, &moment(240))]));
    assert_eq!(run.expect_code(0).column("reference"), ["777"]);
}

#[test]
fn a_registration_of_another_owner_is_another_one() {
    for (column, owner, state) in [
        ("10", json!({"id": 3}), "in_doubt"),
        ("Paul", json!({"id": 3}), "in_doubt"),
        ("10", json!({"id": 10}), "pending"),
        ("Paul", json!({"id": 10}), "pending"),
        ("10", json!(null), "pending"),
        ("", json!({"id": 3}), "pending"),
    ] {
        let entry = json!({"id": 777, "fullname": "Léa Martin1", "phone1": "+33639980001",
            "owner": owner, "created_at": moment(0)});
        let partner = losing(move || vec![entry.clone()]);
        // What a map made of the cell is what was sent.
        let home = home(
            &partner,
            "fields.owner_id = { map = { Paul = 10 }, others = true }",
        );
        let leads = format!(
            "Nom;Prénom;E-mail;Tél.;Propriétaire\nMartin1;Léa;a@example.fr;0639980001;{column}\n"
        );
        home.run_with(&["send", "--to", "adlead"], leads)
            .expect_code(4);
        let run = follow(&home, &[]);
        assert_eq!(run.column("state"), [state], "{column} {owner}");
    }
}

#[test]
fn what_is_compared_as_sent_must_be_sent() {
    let partner = losing(Vec::new);
    let home = home(&partner, "find.sent = { \"/owner/id\" = \"owner_idd\" }");
    let run = home.run(&["check", "--to", "adlead"]).expect_code(2);
    assert!(
        run.stderr.contains("names owner_idd, which is not sent")
            && run.stderr.contains("did you mean owner_id?"),
        "{}",
        run.stderr
    );
}

#[test]
fn two_matches_are_none() {
    let partner = losing(|| vec![lea(701, &moment(0)), lea(702, &moment(0))]);
    let (_home, run) = followed(&partner);
    let run = run.expect_code(4);
    assert!(
        run.column("message")[0].contains("2 entries could be it"),
        "{}",
        run.stdout
    );
}

/// Registers the first lead, which its list shows, and loses the others' answers.
fn answers_the_first() -> Partner {
    let first = shared(true);
    Partner::start(move |arrived| {
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        match (arrived.method.as_str(), page_of(&arrived.target)) {
            ("POST", _) if std::mem::replace(&mut *first, false) => {
                crate::common::following::receipt(501)
            }
            ("POST", _) => Act::Close,
            (_, Some(_)) => page(&[lea(501, &moment(0))], 1),
            _ => detail("pending", json!({})),
        }
    })
}

#[test]
fn a_match_that_another_lead_holds_is_that_lead() {
    let partner = answers_the_first();
    let home = home(&partner, "jobs = 1");
    // The same person under two addresses, so two leads.
    let twice = "Nom;Prénom;E-mail;Tél.\nMartin1;Léa;a@example.fr;0639980001\nMartin1;Léa;b@example.fr;0639980001\n";
    let sent = home.run_with(&["send", "--to", "adlead", "--format", "json"], twice);
    assert_eq!(sent.column("state"), ["pending", "in_doubt"]);
    let run = follow(&home, &[]).expect_code(4);
    assert_eq!(run.column("state"), ["pending", "in_doubt"]);
    assert!(
        run.column("message")[1].contains("not found"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_match_that_a_lead_of_another_destination_holds_is_that_lead() {
    let partner = answers_the_first();
    let home = home(&partner, "[again]\nextends = \"adlead\"");
    let lead = |email: &str| format!("Nom;Prénom;E-mail;Tél.\nMartin1;Léa;{email};0639980001\n");
    home.run_with(&["send", "--to", "adlead"], lead("a@example.fr"))
        .expect_code(0);
    home.run_with(&["send", "--to", "again"], lead("b@example.fr"))
        .expect_code(4);
    let run = follow(&home, &["--to", "again"]).expect_code(4);
    assert!(
        run.column("message")[0].contains("not found"),
        "{}",
        run.stdout
    );
    let list = ["list", "--to", "again", "--format", "json"];
    assert_eq!(home.run(&list).expect_code(0).rows()[0]["ours"], 1);
}

#[test]
fn an_entry_that_two_doubts_could_be_is_neither() {
    let partner = losing(|| vec![lea(501, &moment(0))]);
    let home = home(&partner, "jobs = 1");
    let twice = "Nom;Prénom;E-mail;Tél.\nMartin1;Léa;a@example.fr;0639980001\nMartin1;Léa;b@example.fr;0639980001\n";
    home.run_with(&["send", "--to", "adlead", "--format", "json"], twice)
        .expect_code(4);
    let run = follow(&home, &[]).expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt", "in_doubt"]);
    assert!(
        run.column("message")[0].contains("or another lead in doubt"),
        "{}",
        run.stdout
    );
}

#[test]
fn pages_that_shift_while_they_are_read_count_once() {
    // At each question somebody else registers: every page moves by one.
    let questions = shared(0_u64);
    let partner = losing(move || {
        let mut count = questions.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        let newer =
            (0..*count).map(|at| entry(900 + at, "Paul Durand", "+33639981234", &moment(0)));
        let mut entries: Vec<Json> = newer.collect();
        entries.reverse();
        entries.push(lea(777, &moment(-1)));
        let mut older = others(8, 3600, 3600);
        older.reverse();
        with(entries, &older)
    });
    let (_home, run) = followed(&partner);
    assert_eq!(run.expect_code(0).column("reference"), ["777"]);
}

#[test]
fn each_list_is_read_once_for_all_doubts() {
    let partner = losing(|| {
        (1..=5)
            .map(|at| {
                entry(
                    700 + at,
                    &format!("Léa Martin{at}"),
                    &format!("+3363998000{at}"),
                    &moment(0),
                )
            })
            .collect()
    });
    let home = home(&partner, "stop_after_doubts = 0\njobs = 1");
    send(&home, 5).expect_code(4);
    let run = follow(&home, &[]).expect_code(0);
    assert_eq!(run.column("reference"), ["701", "702", "703", "704", "705"]);
    let lists = asked(&partner)
        .iter()
        .filter(|target| page_of(target).is_some())
        .count();
    assert_eq!(lists, 2);
}

#[test]
fn a_list_that_may_not_be_seen_leaves_the_doubt() {
    let partner = Partner::start(|arrived| match arrived.method.as_str() {
        "POST" => Act::Close,
        _ => refusal(
            403,
            "Vous n'avez pas la permission d'effectuer cette action.",
        ),
    });
    let (_home, run) = followed(&partner);
    let run = run.expect_code(2);
    assert_eq!(run.column("state"), ["in_doubt"]);
    let message = run.column("message").remove(0);
    assert!(
        message.contains("ask Adlead for the permission to view"),
        "{message}"
    );
    assert!(
        message.contains("leadctl resolve 1 --delivered"),
        "{message}"
    );
    assert_eq!(asked(&partner).len(), 1);
}

#[test]
fn a_list_of_another_kind_leaves_the_doubt() {
    for act in [
        Act::html(200, "<h1>Maintenance</h1>"),
        Act::json(200, r#"{"success":true,"data":{"id":1}}"#),
    ] {
        let partner = Partner::start(move |arrived| match arrived.method.as_str() {
            "POST" => Act::Close,
            _ => act.clone(),
        });
        let (_home, run) = followed(&partner);
        let run = run.expect_code(4);
        assert!(
            run.column("message")[0].contains("could not be searched"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn found_but_not_to_be_viewed_stays_in_doubt() {
    for status in [500, 400, 422] {
        let partner = Partner::start(move |arrived| {
            match (arrived.method.as_str(), page_of(&arrived.target)) {
                ("POST", _) => Act::Close,
                (_, Some(_)) => page(&[lea(777, &moment(0))], 1),
                _ => Act::json(status, r#"{"message":"bad"}"#),
            }
        });
        let (_home, run) = followed(&partner);
        let run = run.expect_code(4);
        assert!(
            run.column("message")[0].starts_with("found in the list as 777, but"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn a_refusal_that_an_earlier_try_may_have_brought_about_says_so() {
    const OURS: &str = "an earlier try of this lead got no answer";
    let refused = json!({"rejection_reason": "already-registered"});
    for (at_once, by_hand) in [(false, true), (false, false), (true, true), (true, false)] {
        let posts = shared(0);
        let refused = refused.clone();
        let partner = Partner::start(move |arrived| {
            let mut posts = posts.lock().unwrap_or_else(PoisonError::into_inner);
            if arrived.method != "POST" {
                return detail("rejected", refused.clone());
            }
            *posts += 1;
            match (*posts, at_once) {
                (1, _) => Act::Close,
                (_, false) => crate::common::following::receipt(501),
                (_, true) => Act::json(
                    201,
                    r#"{"success":true,"data":{"id":501,"status":"rejected","rejection_reason":"already-registered"}}"#,
                ),
            }
        });
        let home = home(&partner, "");
        send(&home, 1).expect_code(4);
        let again = match by_hand {
            true => {
                home.run(&["resolve", "1", "--not-received"]).expect_code(0);
                send(&home, 1)
            }
            false => {
                let words = [
                    "resend", "--to", "adlead", "1", "--force", "--note", "asked",
                ];
                home.run(&[&words[..], &["--format", "json"]].concat())
            }
        };
        let told = match at_once {
            true => again.expect_code(3),
            false => {
                assert!(!again.expect_code(0).stdout.contains(OURS));
                follow(&home, &[]).expect_code(3)
            }
        };
        assert_eq!(told.column("state"), ["rejected"]);
        let message = told.column("message").remove(0);
        assert!(
            message.starts_with("this person was already registered on this programme (")
                && message.contains(OURS),
            "{message}"
        );
        let kept = home.run(&["history", "--format", "json"]).column("message");
        assert_eq!(kept, [message]);
    }
    // Found in the list, it is that earlier try: nothing of ours was in its way.
    let partner =
        Partner::start(
            |arrived| match (arrived.method.as_str(), page_of(&arrived.target)) {
                ("POST", _) => Act::Close,
                (_, Some(_)) => page(&[lea(777, &moment(0))], 1),
                _ => detail("rejected", json!({"rejection_reason": "already-known"})),
            },
        );
    let (_home, run) = followed(&partner);
    assert!(!run.expect_code(3).stdout.contains(OURS));
}

/// A partner of one's own that tells a person it has already.
fn repeating(partner: &Partner, safe: &str) -> Home {
    let home = Home::new();
    home.config(&format!(
        "[own]\nbase = \"{}\"\nkey = [\"email\", \"phone\"]\nask = \"ask Paul at Own\"\ntries = 1\nbackoff = \"1ms\"\n{safe}\n\
         [own.fields]\nemail = \"email\"\nphone = \"phone\"\n[own.send]\npath = \"/leads\"\nrules = [\n\
         {{ when = {{ status = 201 }}, then = \"delivered\", reference = \"/id\" }},\n\
         {{ when = {{ status = 409 }}, then = \"duplicate\" }},\n]\n",
        partner.base()
    ));
    home
}

#[test]
fn where_repeating_is_safe_it_is_repeated() {
    let partner = Partner::playing(vec![Act::Close, Act::Close, Act::json(409, r#"{"id":7}"#)]);
    let home = repeating(&partner, "safe_to_repeat = [\"email\"]");
    let leads = "email;phone\na@example.fr;0639980001\n;0639980002\n";
    home.run_with(&["send", "--to", "own", "--jobs", "1"], leads)
        .expect_code(4);
    assert_eq!(partner.count(), 2);
    let run = follow(&home, &["--to", "own"]).expect_code(4);
    // Without an e-mail it is not safe: a person is told what to do.
    assert_eq!(partner.count(), 3);
    let rows = run.rows();
    let row = |id: u64| rows.iter().find(|row| row["id"] == id).unwrap();
    assert_eq!(row(1)["state"], "duplicate");
    assert!(
        row(1)["message"]
            .as_str()
            .unwrap()
            .contains("may be our own")
    );
    assert_eq!(row(2)["state"], "in_doubt");
    assert!(
        row(2)["message"]
            .as_str()
            .unwrap()
            .ends_with("ask Paul at Own, then: leadctl resolve 2 --delivered (or --not-received)"),
        "{}",
        row(2)
    );
    let history = common_attempts(&home, 1);
    assert_eq!(history, ["send", "repeat"]);
}

/// The triggers of a lead's attempts, straight from the ledger's words: there
/// is no better witness where the partner can't tell a repeat from a send.
fn common_attempts(home: &Home, lead: i64) -> Vec<String> {
    let ledger = home.path().join(".local/share/leadctl/ledger.db");
    let conn = rusqlite::Connection::open(ledger).unwrap();
    let mut found = conn
        .prepare("SELECT trigger FROM attempts WHERE lead = ?1 ORDER BY id")
        .unwrap();
    let rows = found.query_map([lead], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn where_nobody_can_be_asked_a_person_settles_it_and_no_secret_is_needed() {
    let partner = Partner::always(Act::Close);
    let mut home = repeating(&partner, "auth.bearer = \"OWN_TOKEN\"");
    home.set("OWN_TOKEN", "a-token");
    home.run_with(
        &["send", "--to", "own"],
        "email;phone\na@example.fr;0639980001\n",
    )
    .expect_code(4);
    home.set("OWN_TOKEN", "");
    let run = home.run(&["follow"]).expect_code(4);
    assert!(run.stderr.contains("Paul at Own"), "{}", run.stderr);
    assert_eq!(partner.count(), 1);
    // A quiet run says it once.
    let quiet = home.run(&["follow", "--quiet"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert_eq!(quiet.code, Some(0));
}

#[test]
fn a_command_to_type_names_the_files_of_its_run() {
    let partner = Partner::always(Act::Close);
    let home = repeating(&partner, "");
    let named = ["--config", "partners.toml", "--ledger", "my leads.db"];
    let run = |verb: &[&str]| home.run(&[&named, verb, &["--format", "json"]].concat());
    home.write("leads.csv", "email;phone\na@example.fr;0639980001\n");
    run(&["send", "--to", "own", "leads.csv"]).expect_code(4);
    for (verb, then) in [
        (
            &["follow", "--to", "own"][..],
            "resolve 1 --delivered (or --not-received)",
        ),
        (
            &["resend", "--to", "own", "1"],
            "resend --to own 1 --force --note TEXT",
        ),
    ] {
        let message = run(verb).column("message").remove(0);
        let whole = format!("leadctl --config partners.toml --ledger 'my leads.db' {then}");
        assert!(message.ends_with(&whole), "{message}");
    }
    // What is stored is read by other runs, with other files.
    let conn = rusqlite::Connection::open(home.path().join("my leads.db")).unwrap();
    let stored = "SELECT count(*) FROM leads JOIN attempts ON lead = leads.id
        WHERE leads.message LIKE '%my leads%' OR attempts.message LIKE '%my leads%'";
    let count = conn.query_row(stored, [], |row| row.get::<_, i64>(0));
    assert_eq!(count.unwrap(), 0);
}

#[test]
fn a_destination_without_its_secret_keeps_no_other_from_being_asked() {
    let partner = losing(|| vec![lea(777, &moment(0))]);
    let locked = "[a-locked-one]\nextends = \"adlead\"\nauth.bearer = \"LOCKED_TOKEN\"";
    let mut home = home(&partner, locked);
    home.set("LOCKED_TOKEN", "a-token");
    home.run_with(&["send", "--to", "a-locked-one"], export(1))
        .expect_code(4);
    send(&home, 1).expect_code(4);
    home.set("LOCKED_TOKEN", "");
    let run = follow(&home, &[]).expect_code(2);
    assert_eq!(run.column("destination"), ["adlead"]);
    assert_eq!(run.column("reference"), ["777"]);
    assert!(
        run.stderr.contains("the secret of a-locked-one is empty"),
        "{}",
        run.stderr
    );
    follow(&home, &["--to", "a-locked-one"]).expect_code(2);
}

#[test]
fn a_change_in_doubt_is_never_sent_as_a_lead() {
    let partner = Partner::always(Act::Close);
    let safe = "safe_to_repeat = true\namend = { path = \"/leads/{ref}\" }";
    let home = repeating(&partner, safe);
    let changes = "number;email\n7;a@example.fr\n";
    home.run_with(&["amend", "--to", "own", "--ref", "number"], changes)
        .expect_code(4);
    let before = partner.count();
    let run = follow(&home, &[]).expect_code(4);
    assert_eq!(run.column("state"), ["in_doubt"]);
    assert!(
        run.column("message")[0].ends_with("run its amend command with its file again"),
        "{}",
        run.stdout
    );
    for wrong in ["resolve", "never sent again unasked"] {
        assert!(!run.stderr.contains(wrong), "{}", run.stderr);
    }
    assert!(
        run.stderr
            .contains("with its file again: leadctl amend --to own --ref COLUMN FILE"),
        "{}",
        run.stderr
    );
    assert_eq!(partner.count(), before);
}
