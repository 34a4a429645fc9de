//! `--rejects`: rows to correct in their input's own form; fed back, they
//! replace the leads they came from.

mod workbook;

use std::os::unix::fs::PermissionsExt as _;

use crate::common::{Act, Arrived, Home, Outcome, Partner};
use serde_json::json;

/// A partner of the user's own that refuses who is named `Refusé`.
struct Desk {
    partner: Partner,
    home: Home,
}

impl Desk {
    fn new() -> Self {
        let partner = Partner::start(|arrived: &Arrived| {
            match arrived.json()["nom"]
                .as_str()
                .is_some_and(|nom| nom.starts_with("Refus"))
            {
                true => Act::json(422, r#"{"message":"=non, pas lui"}"#),
                false => Act::json(201, r#"{"id":7}"#),
            }
        });
        let home = Home::new();
        home.config(&format!(
            "[acme]\nbase = \"{}\"\nkey = [\"email\"]\n[acme.fields]\n\
             nom = {{ from = \"last_name\", required = true }}\n\
             email = {{ from = \"email\", required = true, format = \"email\" }}\n\
             tel = {{ from = \"phone\", format = \"phone-e164\" }}\nnote = \"comment\"\n\
             [acme.send]\npath = \"/leads\"\nmessage = \"/message\"\n\
             rules = [{{ when = {{ status = 201, \"/id\" = \"present\" }}, then = \"delivered\", reference = \"/id\" }}]\n",
            partner.base()
        ));
        Self { partner, home }
    }

    fn send(&self, files: &[&str], rejects: &str) -> Outcome {
        let mut arguments = vec!["send", "--to", "acme", "--jobs", "1", "--format", "json"];
        arguments.extend(["--rejects", rejects]);
        arguments.extend(files);
        self.home.run(&arguments)
    }

    fn correct(&self, name: &str, from: &str, to: &str) {
        let text = self.home.read(name);
        assert!(text.contains(from), "{text}");
        self.home.write(name, text.replace(from, to));
    }

    fn states(&self) -> Vec<String> {
        self.home
            .run(&["history", "--format", "json"])
            .column("state")
    }
}

const LEADS: &str = "Nom;E-mail;Tél.;Inutile;Commentaire\r\n\
    Bon;a@example.fr;+33639980001;x;\r\n\
    Refusé;b@example.fr;+33639980002;\"y;\"\"z\"\"\";=1+1\r\n\
    Faux;nulle part;0639980003;;'=2\r\n";

#[test]
fn rejected_and_invalid_rows_come_back_and_replace_their_leads() {
    let desk = Desk::new();
    desk.home.write("leads.csv", LEADS);
    let outcome = desk.send(&["leads.csv"], "r.csv").expect_code(3);
    let text = desk.home.read("r.csv");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "Nom;E-mail;Tél.;Inutile;Commentaire;leadctl_id;leadctl_state;leadctl_message"
    );
    // The partner's words are made harmless too; a phone runs nothing.
    assert_eq!(
        lines[1],
        "Refusé;b@example.fr;+33639980002;\"y;\"\"z\"\"\";'=1+1;2;rejected;'=non, pas lui"
    );
    assert!(
        lines[2].starts_with("Faux;nulle part;0639980003;;''=2;3;invalid;"),
        "{text}"
    );
    assert_eq!(lines.len(), 3);
    assert!(text.contains("\r\n"));
    let path = desk.home.path().join("r.csv");
    let mode = std::fs::metadata(path)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(
        outcome
            .stderr
            .contains("2 rows to correct written to r.csv"),
        "{outcome:?}"
    );
    assert!(
        outcome.stderr.contains("leadctl send --to acme r.csv"),
        "{outcome:?}"
    );

    // Corrected in place, even in the key; sent into the same file again.
    desk.correct("r.csv", "Refusé;b@", "Reçu;c@");
    let again = desk.send(&["r.csv"], "r.csv").expect_code(3);
    assert_eq!(again.column("state"), ["delivered", "invalid"]);
    assert_eq!(again.column("id"), ["2", "3"]);
    assert!(
        !again.stderr.contains("leadctl_"),
        "our columns are not told: {again:?}"
    );
    let last = &desk.partner.arrived()[2];
    assert_eq!(last.json()["note"], "=1+1", "as it was read");
    assert_eq!(last.json().as_object().map(serde_json::Map::len), Some(4));

    desk.correct("r.csv", "nulle part", "d@example.fr");
    let done = desk.send(&["r.csv"], "other.csv").expect_code(0);
    assert_eq!(done.column("state"), ["delivered"]);
    assert_eq!(desk.partner.arrived()[3].json()["note"], "'=2");
    assert!(
        !desk.home.path().join("other.csv").exists(),
        "nothing to write"
    );
    assert_eq!(desk.states(), ["delivered"; 3]);
    // Fed back once more, nothing is sent twice.
    let idle = desk.send(&["r.csv"], "other.csv").expect_code(0);
    assert_eq!(idle.column("state"), ["skipped"]);
    assert_eq!(desk.partner.count(), 4);
}

#[test]
fn a_file_to_type_is_named_as_a_shell_takes_it() {
    let desk = Desk::new();
    desk.home.write("my leads.csv", LEADS);
    let told = |run: Outcome, words: &str| assert!(run.stderr.contains(words), "{}", run.stderr);
    let sent = desk.send(&["my leads.csv"], "re j.csv");
    told(sent, "leadctl send --to acme 're j.csv'\n");
    let check = |more: &[&str]| desk.home.run(&[&["check"], more].concat());
    let judged = check(&["--to", "acme", "my leads.csv"]);
    told(judged, "--rejects rejects.csv 'my leads.csv'\n");
    let explained = check(&["my leads.csv"]);
    told(explained, "leadctl check --to acme 'my leads.csv' shows");
    let missing = desk.home.run(&["--config", "my own.toml", "status"]);
    told(missing, "leadctl --config 'my own.toml' init");
    let init = ["--config", "my own.toml", "init", "adlead"];
    told(desk.home.run(&init), "leadctl --config 'my own.toml' check");
    let copy = desk.home.run(&["backup", "my copy.db"]);
    told(copy, "(leadctl --ledger 'my copy.db' status");
}

#[test]
fn an_old_refusal_is_written_again_and_a_twin_is_not() {
    let desk = Desk::new();
    let refused = LEADS.lines().nth(2).expect("a row");
    desk.home
        .write("leads.csv", format!("{LEADS}{refused}\r\n"));
    desk.send(&["leads.csv"], "r.csv").expect_code(3);
    assert_eq!(desk.home.read("r.csv").lines().count(), 3);
    let again = desk.send(&["leads.csv"], "again.csv");
    assert_eq!(
        again.column("state"),
        ["skipped", "skipped", "invalid", "skipped"]
    );
    let text = desk.home.read("again.csv");
    assert!(text.contains(";2;rejected;"), "{text}");
    assert_eq!(desk.partner.count(), 2);
}

#[test]
fn each_input_keeps_its_form() {
    let desk = Desk::new();
    desk.home
        .write("latin.csv", b"Nom,E-mail\nRefus\xE9,b@example.fr\n");
    desk.send(&["latin.csv"], "r.csv").expect_code(3);
    let bytes = std::fs::read(desk.home.path().join("r.csv")).expect("a file");
    assert!(
        bytes.starts_with(b"Nom,E-mail,leadctl_id,leadctl_state,leadctl_message\nRefus\xE9,b@")
    );

    let lead = json!({"nom": "Refusé", "contact": {"x": 1}, "email": "c@example.fr"});
    desk.home.write("leads.json", format!("[{lead}]"));
    desk.send(&["leads.json"], "r.json").expect_code(3);
    let back: serde_json::Value = serde_json::from_str(&desk.home.read("r.json")).expect("JSON");
    assert_eq!(
        back,
        json!([{"nom": "Refusé", "contact.x": "1", "email": "c@example.fr", "leadctl_id": 2,
            "leadctl_state": "rejected", "leadctl_message": "=non, pas lui"}])
    );
    desk.correct("r.json", "Refusé", "Reçu");
    let sent = desk.send(&["r.json"], "none.json").expect_code(0);
    assert_eq!(sent.column("id"), ["2"]);

    desk.home.write(
        "leads.jsonl",
        format!("{lead}\n{{\"nom\":\n").replace("c@", "d@"),
    );
    let outcome = desk.send(&["leads.jsonl"], "r.jsonl").expect_code(3);
    assert_eq!(outcome.column("state"), ["rejected", "invalid"]);
    assert_eq!(desk.home.read("r.jsonl").lines().count(), 2);
}

#[test]
fn a_workbook_comes_back_as_csv() {
    let desk = Desk::new();
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let book = folder.join("examples/exports/excel.xlsx");
    let arguments = ["send", "--to", "adlead", "--sandbox", "--rejects", "r.csv"];
    let defaults = ["--default", "tenant=demo", "--default", "program=."];
    let arguments = [arguments.as_slice(), &defaults].concat();
    let book = book.to_str().expect("a path");
    // With a programme that is none every row is invalid.
    let outcome = desk
        .home
        .run(&[&arguments[..], &[book]].concat())
        .expect_code(3);
    assert!(
        outcome.stderr.contains("r.csv as CSV (UTF-8, `;`)"),
        "{outcome:?}"
    );
    let text = desk.home.read("r.csv");
    assert!(
        text.starts_with("\u{feff}Nom;Prénom;E-mail;Téléphone;Code postal;Ville;"),
        "{text}"
    );
    assert!(
        text.contains("Nguyễn") && text.contains(";'=à rappeler;"),
        "{text}"
    );
    // Nothing of a rehearsal is kept: its rows replace no lead.
    assert!(text.contains(";;invalid;"), "{text}");
}

/// What one export calls a mobile number is another's second number: each shape
/// of rows is read as its export was.
#[test]
fn each_shape_of_rows_has_a_file_of_its_own() {
    let desk = Desk::new();
    desk.home.write(
        "a.csv",
        "Nom;E-mail;Téléphone\nRefusé;a@example.fr;+33639980001\n",
    );
    desk.home.write(
        "b.csv",
        "Nom,E-mail,Mobile\nRefusé,b@example.fr,+33639980002\n",
    );
    desk.home.write("r-2.csv", "Mine\n");
    let run = desk.send(&["a.csv", "b.csv"], "r.csv").expect_code(3);
    assert!(
        run.stderr.contains("leadctl send --to acme r.csv r-3.csv"),
        "{run:?}"
    );
    assert_eq!(desk.home.read("r-2.csv"), "Mine\n");
    assert!(
        desk.home
            .read("r-3.csv")
            .starts_with("Nom,E-mail,Mobile,leadctl_id"),
    );
    let history = ["history", "--rejects", "h.csv"];
    desk.home.run(&history).expect_code(0);
    desk.correct("h.csv", "Refusé;", "Reçu;");
    desk.correct("h-2.csv", "Refusé;", "Reçu;");
    let sent = desk.send(&["h.csv", "h-2.csv"], "none.csv").expect_code(0);
    assert_eq!(sent.column("id"), ["1", "2"]);
    let phones: Vec<_> = desk.partner.arrived()[2..]
        .iter()
        .map(|one| one.json()["tel"].clone())
        .collect();
    assert_eq!(phones, ["+33639980001", "+33639980002"]);
}

/// A damage is no blank cell: untouched, it comes back as the same damage.
#[test]
fn a_damaged_row_is_refused_until_it_is_corrected() {
    let desk = Desk::new();
    desk.home.write(
        "leads.csv",
        "Nom;E-mail;Tél.;Commentaire\r\nCourt;a@example.fr\nLong;b@example.fr;;x;y\r\nO;c@example.fr;;\"ouvert\r\n",
    );
    desk.send(&["leads.csv"], "r.csv").expect_code(3);
    let arguments = ["history", "--rejects", "h.csv"];
    desk.home.run(&arguments).expect_code(0);
    assert!(!desk.home.path().join("h-2.csv").exists());
    for file in ["r.csv", "h.csv", "r.csv"] {
        let dry = ["send", "--to", "acme", "--dry-run", file];
        let dry = desk.home.run(&dry).expect_code(3);
        assert!(dry.stderr.contains("0 ready"), "{dry:?}");
        let again = desk.send(&[file], "again.csv").expect_code(3);
        assert_eq!(again.column("state"), ["invalid"; 3], "{file}");
        assert_eq!(again.column("id"), ["1", "2", "3"]);
        let message = &again.column("message")[0];
        assert!(
            message.contains("cut short") && message.ends_with("(not corrected yet)"),
            "{message}"
        );
    }
    assert_eq!(desk.partner.count(), 0);
    desk.correct("r.csv", "a@example.fr;;", "a@example.fr;;mot");
    let sent = desk.send(&["r.csv"], "again.csv").expect_code(3);
    assert_eq!(sent.column("state"), ["delivered", "invalid", "invalid"]);
}

/// What the run set is the lead's own: a corrected row has it still.
#[test]
fn a_corrected_row_keeps_its_source_and_what_was_set() {
    let desk = Desk::new();
    desk.home.write(
        "leads.csv",
        "Nom;E-mail;Tél.\nFaux;nulle part;+33639980001\n",
    );
    let given = [
        "--default",
        "comment=du salon",
        "--source",
        "salon",
        "leads.csv",
    ];
    desk.send(&given, "r.csv").expect_code(3);
    let corrected = "Nom;E-mail;leadctl_id;leadctl_state\nReçu;d@example.fr;1;invalid\n";
    desk.home.write("r.csv", corrected);
    let dry = [
        "--format",
        "json",
        "send",
        "--to",
        "acme",
        "--dry-run",
        "r.csv",
    ];
    let dry = desk.home.run(&dry).expect_code(0);
    assert!(dry.stdout.contains("du salon"), "{dry:?}");
    let sent = desk.send(&["r.csv"], "none.csv").expect_code(0);
    assert_eq!(sent.column("source"), ["salon"]);
    let arrived = desk.partner.arrived()[0].json();
    assert_eq!(arrived["note"], "du salon");
    assert_eq!(arrived["tel"], "+33639980001");
    // Another's number is nobody's: the file may come from another ledger.
    desk.home.write(
        "other.csv",
        "Nom;E-mail;Tél.;leadctl_id\nAutre;e@example.fr;+33639980009;1\n",
    );
    let other = desk.send(&["other.csv"], "none.csv").expect_code(0);
    assert_eq!(other.column("id"), ["2"]);
    assert_eq!(desk.partner.arrived()[1].json().get("note"), None);
}

#[test]
fn the_ledger_gives_the_rows_too() {
    let desk = Desk::new();
    desk.home.write("leads.csv", LEADS);
    desk.send(&["leads.csv"], "r.csv");
    let run = |name: &str| {
        let arguments = ["history", "--to", "acme", "--rejects", name];
        desk.home.run(&arguments).expect_code(0);
    };
    run("h.csv");
    let text = desk.home.read("h.csv");
    assert!(
        text.starts_with("\u{feff}Nom;E-mail;Tél.;Inutile;Commentaire;leadctl_id;"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 3);
    run("h.jsonl");
    assert_eq!(desk.home.read("h.jsonl").lines().count(), 2);

    desk.correct("h.csv", "Refusé;b@", "Reçu;b@");
    desk.correct("h.csv", "nulle part", "d@example.fr");
    let sent = desk.send(&["h.csv"], "none.csv").expect_code(0);
    assert_eq!(sent.column("id"), ["2", "3"]);
    assert_eq!(desk.states(), ["delivered"; 3]);
}

/// A word in place of an address tells nobody from anybody: each row keeps its
/// place in the ledger, and each is told.
#[test]
fn rows_that_share_a_useless_key_are_all_kept() {
    let desk = Desk::new();
    let row = |name: &str| format!("Nom;E-mail\n{name};inconnu\n");
    desk.home.write("a.csv", row("Alpha") + "Gamma;inconnu\n");
    desk.home.write("b.csv", row("Beta"));
    let quiet = |file: &str| desk.home.run(&["send", "-q", "--to", "acme", file]);
    assert!(quiet("a.csv").expect_code(3).stdout.contains("Alpha"));
    assert!(quiet("b.csv").expect_code(3).stdout.contains("Beta"));
    assert_eq!(quiet("b.csv").expect_code(0).stdout, "", "told before");
    let arguments = ["history", "--state", "invalid", "--rejects", "r.csv"];
    desk.home.run(&arguments).expect_code(0);
    let text = desk.home.read("r.csv");
    for name in ["Alpha", "Beta", "Gamma"] {
        assert!(text.contains(&format!("{name};inconnu;")), "{text}");
    }
    assert_eq!(text.lines().count(), 4);
    // A sound key is the same lead, whatever else the row says.
    desk.home.write(
        "c.csv",
        "Nom;E-mail;Tél.\n;a@example.fr;1\n;A@example.fr;2\n",
    );
    quiet("c.csv").expect_code(3);
    assert_eq!(desk.states().len(), 4);
}

#[test]
fn what_is_sent_again_from_the_ledger_is_written_too() {
    let desk = Desk::new();
    desk.home.write("leads.csv", LEADS);
    desk.send(&["leads.csv"], "r.csv");
    let arguments = [
        "resend",
        "--to",
        "acme",
        "--state",
        "rejected",
        "--rejects",
        "again.csv",
    ];
    desk.home.run(&arguments).expect_code(3);
    let text = desk.home.read("again.csv");
    assert!(
        text.contains("Refusé;b@example.fr;") && text.contains(";2;rejected;"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn a_dry_run_writes_what_is_invalid() {
    let desk = Desk::new();
    desk.home.write("leads.csv", LEADS);
    let arguments = [
        "send",
        "--to",
        "acme",
        "--dry-run",
        "--rejects",
        "r.csv",
        "leads.csv",
    ];
    desk.home.run(&arguments).expect_code(3);
    let text = desk.home.read("r.csv");
    assert!(
        text.lines()
            .nth(1)
            .is_some_and(|row| row.starts_with("Faux;") && row.contains(";;invalid;"))
    );
    assert_eq!(desk.partner.count(), 0);
}

#[test]
fn no_file_is_lost_to_it() {
    let desk = Desk::new();
    desk.home.write("leads.csv", LEADS);
    for (name, word) in [
        ("leads.csv", "no rejects file"),
        ("r.xls", "name an .xlsx file"),
        ("missing/r.csv", "its folder does not exist"),
        (".", "it is a folder"),
        ("-", "--rejects rejects.csv"),
        ("r.json", "--rejects r.csv"),
    ] {
        let refused = desk.send(&["leads.csv"], name);
        assert!(matches!(refused.code, Some(1 | 2)), "{refused:?}");
        assert!(refused.stderr.contains(word), "{name}: {refused:?}");
        assert!(!refused.stderr.contains("are recorded"), "{refused:?}");
    }
    assert_eq!(desk.home.read("leads.csv"), LEADS);
    assert_eq!(desk.partner.count(), 0);

    // Corrections that nobody sent yet are kept beside.
    desk.send(&["leads.csv"], "r.csv").expect_code(3);
    desk.send(&["leads.csv"], "r.csv");
    let still = desk.send(&["leads.csv"], "r.csv");
    assert!(
        !still.stderr.contains("kept as"),
        "nothing is new: {still:?}"
    );
    desk.correct("r.csv", "nulle part", "quelque part");
    for first in [true, false, false] {
        let again = desk.send(&["leads.csv"], "r.csv");
        let told = again.stderr.contains("kept as r-corrected.csv");
        assert_eq!(told, first, "{again:?}");
    }
    assert!(desk.home.read("r-corrected.csv").contains("quelque part"));
    assert!(desk.home.read("r.csv").contains("nulle part"));
    assert!(!desk.home.path().join("r-corrected-2.csv").exists());
    let names: Vec<String> = std::fs::read_dir(desk.home.path())
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert!(
        !names
            .iter()
            .any(|name| name.contains(".part") || name.contains(".spool")),
        "{names:?}"
    );
}

#[test]
fn what_was_sent_stands_beside_what_was_read() {
    let desk = Desk::new();
    desk.home
        .write("leads.csv", LEADS.replace("+33639980001", "639980001"));
    let arguments = ["send", "--to", "acme", "--ledger", "l.db", "leads.csv"];
    desk.home.run(&arguments).expect_code(3);
    let ledger = rusqlite::Connection::open(desk.home.path().join("l.db")).expect("a ledger");
    let row = |id: i64| {
        let query = "SELECT fields, sent FROM leads WHERE id = ?1";
        let found = ledger.query_row(query, [id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        });
        found.expect("a lead")
    };
    let (read, sent) = row(1);
    assert!(read.contains("\"639980001\""), "{read}");
    // Which of them arrives first, nobody knows.
    let arrived = desk.partner.arrived();
    let mut bodies = arrived.iter().map(|one| String::from_utf8_lossy(&one.body));
    let body = bodies.find(|body| body.contains("a@example.fr"));
    assert_eq!(sent.as_deref(), body.as_deref());
    assert!(sent.is_some_and(|sent| sent.contains("+33639980001")));
    assert_eq!(row(3).1, None, "never sent");
}

/// Colleagues have their systems in several languages, and one ledger.
#[test]
fn a_file_of_one_language_is_read_back_under_any_other() {
    for (then, now, ours) in [
        (
            "fr_FR.UTF-8",
            "C.UTF-8",
            "leadctl_id;leadctl_etat;leadctl_message",
        ),
        (
            "C.UTF-8",
            "fr_FR.UTF-8",
            "leadctl_id;leadctl_state;leadctl_message",
        ),
    ] {
        let mut desk = Desk::new();
        desk.home.write("leads.csv", LEADS);
        desk.home.set("LC_ALL", then);
        desk.send(&["leads.csv"], "r.csv").expect_code(3);
        let text = desk.home.read("r.csv");
        assert!(
            text.lines().next().is_some_and(|head| head.ends_with(ours)),
            "{text}"
        );
        desk.home.set("LC_ALL", now);
        desk.correct("r.csv", "Refusé;b@", "Reçu;c@");
        let again = desk.send(&["r.csv"], "r.csv").expect_code(3);
        assert_eq!(again.column("state"), ["delivered", "invalid"], "{again:?}");
        assert_eq!(again.column("id"), ["2", "3"]);
        let last = desk.partner.arrived()[2].json();
        assert_eq!(last.as_object().map(serde_json::Map::len), Some(4));
        assert_eq!(desk.home.read("r.csv").matches("leadctl_id").count(), 1);
        assert!(!again.stderr.contains("leadctl_"), "{again:?}");
    }
}

/// The state in a file tells, where its other columns are gone, that its lead was refused.
#[test]
fn a_state_is_known_by_its_word_in_any_language() {
    let mut desk = Desk::new();
    desk.home.set("LC_ALL", "fr_FR.UTF-8");
    desk.home.write("leads.csv", LEADS);
    desk.send(&["leads.csv"], "r.csv").expect_code(3);
    assert!(desk.home.read("r.csv").contains(";2;refusé;"));
    desk.home.set("LC_ALL", "C.UTF-8");
    let corrected = "Nom;E-mail;leadctl_id;leadctl_etat\nReçu;c@example.fr;2;refusé\n";
    desk.home.write("r.csv", corrected);
    let sent = desk.send(&["r.csv"], "none.csv").expect_code(0);
    assert_eq!(sent.column("id"), ["2"]);
    assert_eq!(desk.partner.arrived()[2].json()["tel"], "+33639980002");
}
