//! What users hand over: every kind of file, its mistakes told with their
//! line, and the rest delivered all the same.

use crate::common::{Act, Home, Outcome, Partner};
use serde_json::{Value as Json, json};

const ACCEPTED: &str = r#"{"id":7}"#;

/// A partner of the user's own that takes everything.
struct Desk {
    partner: Partner,
    home: Home,
}

impl Desk {
    fn new() -> Self {
        let partner = Partner::always(Act::json(201, ACCEPTED));
        let home = Home::new();
        home.config(&format!(
            "[acme]\nbase = \"{}\"\nkey = [\"email\"]\n\
             [acme.fields]\n\
             nom = {{ from = \"last_name\", required = true }}\n\
             email = {{ from = \"email\", required = true, format = \"email\" }}\n\
             note = \"comment\"\ncp = {{ from = \"zip\", format = \"postcode\" }}\n\
             [acme.send]\npath = \"/leads\"\n\
             rules = [{{ when = {{ status = 201, \"/id\" = \"present\" }}, then = \"delivered\", reference = \"/id\" }}]\n",
            partner.base()
        ));
        Self { partner, home }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> Outcome {
        self.home.write(name, content);
        self.send(&[name])
    }

    fn send(&self, files: &[&str]) -> Outcome {
        let mut arguments = vec!["send", "--to", "acme", "--jobs", "1", "--format", "json"];
        arguments.extend(files);
        self.home.run(&arguments)
    }

    fn bodies(&self) -> Vec<Json> {
        let arrived = self.partner.arrived();
        arrived.iter().map(crate::common::Arrived::json).collect()
    }
}

/// Sends one file of two good leads, and checks that both arrived.
#[track_caller]
fn two(name: &str, content: impl AsRef<[u8]>, lines: [&str; 2]) {
    let desk = Desk::new();
    let outcome = desk.file(name, content).expect_code(0);
    assert_eq!(outcome.column("line"), lines, "{name}: {outcome:?}");
    let expected = [
        json!({"nom": "Martin", "email": "a@example.fr"}),
        json!({"nom": "Lefèvre", "email": "b@example.fr", "note": "é, ou ; ?"}),
    ];
    assert_eq!(desk.bodies(), expected, "{name}");
}

#[test]
fn commas_semicolons_and_tabs() {
    two(
        "comma.csv",
        "Last name,Email,Comment\nMartin,a@example.fr,\nLefèvre,b@example.fr,\"é, ou ; ?\"\n",
        ["2", "3"],
    );
    two(
        "semicolon.csv",
        "Nom;E-mail;Commentaire\r\nMartin;a@example.fr;\r\nLefèvre;b@example.fr;\"é, ou ; ?\"\r\n",
        ["2", "3"],
    );
    two(
        "tab.tsv",
        "Nom\tE-mail\tCommentaire\nMartin\ta@example.fr\t\nLefèvre\tb@example.fr\té, ou ; ?\n",
        ["2", "3"],
    );
}

/// Excel's own formats, old and new, and LibreOffice's; by their content, so
/// whatever their names.
#[test]
fn workbooks_of_every_kind() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workbooks");
    for extension in ["xlsx", "xlsm", "xls", "xlsb", "ods"] {
        let book = std::fs::read(folder.join(format!("leads.{extension}"))).expect("a fixture");
        let desk = Desk::new();
        let outcome = desk
            .file(&format!("leads.{extension}"), &book)
            .expect_code(0);
        assert_eq!(outcome.column("line"), ["2", "3"], "{extension}");
        let expected = [
            json!({"nom": "Lefèvre", "email": "zoe@example.fr", "note": "2026-11-22", "cp": "01000"}),
            json!({"nom": "L’Hôte", "email": "ana@example.fr", "note": "à 18 h", "cp": "69003"}),
        ];
        assert_eq!(desk.bodies(), expected, "{extension}");
        // Told as what it is, and read as that.
        let shown = desk
            .home
            .run(&["check", "--format", "json", &format!("leads.{extension}")]);
        assert_eq!(shown.rows()[0]["sheet"], "Prospects", "{shown:?}");
        let other = desk.file("export.csv", &book).expect_code(0);
        assert_eq!(other.column("state"), ["skipped"; 2], "{extension}");
    }
}

#[test]
fn json_in_its_three_forms() {
    let first = r#"{"nom":"Martin","email":"a@example.fr","commentaire":null}"#;
    let second = r#"{"nom":"Lefèvre","email":"b@example.fr","commentaire":"é, ou ; ?"}"#;
    two("array.json", format!("[{first},\n {second}]\n"), ["1", "2"]);
    two("lines.jsonl", format!("{first}\n{second}\n"), ["1", "2"]);

    let desk = Desk::new();
    desk.file("one.json", format!("{{\n \"lead\": 1,{}", &first[1..]))
        .expect_code(0);
    assert_eq!(desk.partner.count(), 1);
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_name() {
    two(
        "bom.csv",
        "\u{feff}Nom;E-mail;Commentaire\nMartin;a@example.fr;\nLefèvre;b@example.fr;\"é, ou ; ?\"\n",
        ["2", "3"],
    );
    two(
        "bom.json",
        "\u{feff}[{\"nom\":\"Martin\",\"email\":\"a@example.fr\"},\n{\"nom\":\"Lefèvre\",\"email\":\"b@example.fr\",\"note\":\"é, ou ; ?\"}]",
        ["1", "2"],
    );
}

#[test]
fn standard_input_and_several_files_in_one_run() {
    let desk = Desk::new();
    desk.home.write("a.csv", "Nom;E-mail\nA;a@example.fr\n");
    desk.home.write(
        "b.jsonl",
        r#"{"name":"B B","last name":"B","mail":"b@example.fr"}"#,
    );
    let arguments = [
        "send", "--to", "acme", "--format", "json", "a.csv", "-", "b.jsonl",
    ];
    let outcome = desk
        .home
        .run_with(&arguments, "nom,mél\nS,s@example.fr\n")
        .expect_code(0);
    assert_eq!(outcome.column("file"), ["a.csv", "-", "b.jsonl"]);
    assert_eq!(outcome.column("line"), ["2", "2", "1"]);
    assert_eq!(desk.partner.count(), 3);

    // Without a file, standard input is meant.
    let arguments = ["send", "--to", "acme", "--format", "json"];
    let outcome = desk
        .home
        .run_with(&arguments, "nom;email\nT;t@example.fr\n");
    assert_eq!(outcome.expect_code(0).column("file"), ["-"]);
}

#[test]
fn headers_are_found_in_french_and_english() {
    for header in [
        "Nom;E-mail;Code postal",
        "NOM ;Adresse e-mail;CP",
        "Nom de famille;Courriel;code_postal",
        "Last Name;Email Address;ZIP",
        "surname;mail;Postal code",
        "nom;mél;c.p.",
        "last_name;email;zip",
    ] {
        let desk = Desk::new();
        desk.file("x.csv", format!("{header}\nRoche;r@example.fr;01000\n"))
            .expect_code(0);
        let expected = json!({"nom": "Roche", "email": "r@example.fr", "cp": "01000"});
        assert_eq!(desk.bodies(), [expected], "{header}");
    }
}

#[test]
fn names_and_comments_arrive_byte_for_byte() {
    let note =
        "Dit : \"rappeler\" ; \u{1f3e0}\u{200d}\u{1f525} é\n2e ligne\r\n\\n <b>&</b> ’ \u{a0}fin";
    let name = "Nguy\u{1ec5}n-D’Angelo \u{1d4d0}";
    let csv = format!(
        "Nom;E-mail;Commentaire\n{name};a@example.fr;\"{}\"\n",
        note.replace('"', "\"\"")
    );
    let desk = Desk::new();
    desk.file("x.csv", csv).expect_code(0);
    let lead = json!({"nom": name, "mail": "b@example.fr", "commentaire": note});
    desk.file("x.jsonl", lead.to_string()).expect_code(0);
    for body in desk.bodies() {
        assert_eq!(body["nom"], name);
        assert_eq!(body["note"], note);
    }
    assert_eq!(desk.partner.count(), 2);
}

/// Partners' patterns know no letter in two pieces, as a Mac writes them.
#[test]
fn letters_in_pieces_are_composed_and_that_is_told() {
    let desk = Desk::new();
    let outcome = desk
        .file("x.csv", "Nom;E-mail\nLefe\u{300}vre;a@example.fr\n")
        .expect_code(0);
    assert_eq!(desk.bodies()[0]["nom"], "Lef\u{e8}vre");
    assert!(
        outcome.stderr.contains("Nom: repaired in 1 row"),
        "{outcome:?}"
    );
}

#[test]
fn blank_values_are_left_out_and_texts_stay_texts() {
    let desk = Desk::new();
    desk.file(
        "x.csv",
        "Nom;E-mail;Commentaire;CP\n007;a@example.fr;  ;\ntrue;b@example.fr;1e3;06000\nnull;c@example.fr;0;\n",
    )
    .expect_code(0);
    let expected = [
        json!({"nom": "007", "email": "a@example.fr"}),
        json!({"nom": "true", "email": "b@example.fr", "note": "1e3", "cp": "06000"}),
        json!({"nom": "null", "email": "c@example.fr", "note": "0"}),
    ];
    assert_eq!(desk.bodies(), expected);
}

#[test]
fn one_bad_lead_does_not_keep_the_others() {
    let desk = Desk::new();
    let outcome = desk
        .file(
            "x.csv",
            "Nom;E-mail;Couleur\n\
             A;a@example.fr;bleu\n\
             B;b@example.fr\n\
             C;c@example.fr;x;y\n\
             ;d@example.fr;\n\
             E;pas-une-adresse;\n\
             ;;rouge\n\
             G;g@example.fr;\n",
        )
        .expect_code(3);
    let states = outcome.column("state");
    let invalid = "invalid";
    assert_eq!(
        states,
        [
            "delivered",
            "delivered",
            invalid,
            invalid,
            invalid,
            invalid,
            "delivered"
        ]
    );
    assert_eq!(outcome.column("line"), ["2", "3", "4", "5", "6", "7", "8"]);
    let messages = outcome.column("message");
    // A blank cell at the end may be left out.
    assert!(
        outcome.stderr.contains("1 row leaves out cells"),
        "{outcome:?}"
    );
    assert!(messages[2].contains("4 cells"), "{messages:?}");
    assert!(messages[3].starts_with("Nom is empty"), "{messages:?}");
    assert!(messages[4].contains("\"pas-une-adresse\""), "{messages:?}");
    // Every complaint at once, by the header that the user sees.
    assert!(
        messages[5].contains("Nom is") && messages[5].contains("E-mail is"),
        "{messages:?}"
    );
    // A column that nothing uses is told once.
    assert_eq!(outcome.stderr.matches("Couleur").count(), 1, "{outcome:?}");
    assert_eq!(desk.partner.count(), 3);
}

#[test]
fn a_broken_json_line_is_told_with_its_line() {
    let desk = Desk::new();
    let outcome = desk
        .file(
            "x.jsonl",
            "{\"nom\":\"A\",\"email\":\"a@example.fr\"}\n{\"nom\":\"B\",\n\n\"texte\"\n{\"nom\":\"D\",\"email\":\"d@example.fr\"}\n",
        )
        .expect_code(3);
    let rows = outcome.rows();
    assert_eq!(rows[0]["state"], "delivered", "{outcome:?}");
    assert_eq!(rows[1]["line"], 2);
    let message = rows[1]["message"].as_str().unwrap();
    assert!(message.contains("isn't valid JSON"), "{message}");
    assert!(!message.contains("EOF"), "{message}");
    assert_eq!(rows.last().unwrap()["state"], "delivered", "{outcome:?}");
    assert_eq!(rows.last().unwrap()["line"], 5, "{outcome:?}");
    assert!(!outcome.stderr.contains("no column"), "{outcome:?}");
}

#[test]
fn bytes_that_are_no_text_are_told_or_read_as_what_they_are() {
    // Excel's old encoding is taken for what it is, and said.
    let desk = Desk::new();
    let outcome = desk
        .file("latin.csv", b"Nom;E-mail\nLef\xe8vre;a@example.fr\n")
        .expect_code(0);
    assert_eq!(desk.bodies()[0]["nom"], "Lefèvre");
    assert!(
        outcome.stderr.to_lowercase().contains("windows-1252"),
        "{outcome:?}"
    );

    // Said to be UTF-8, and it isn't: that lead alone.
    let desk = Desk::new();
    desk.home.write(
        "mixed.csv",
        b"Nom;E-mail\nLef\xe8vre;a@example.fr\nRoche;b@example.fr\n",
    );
    let outcome = desk
        .send(&["--encoding", "utf-8", "mixed.csv"])
        .expect_code(3);
    assert_eq!(outcome.column("state"), ["invalid", "delivered"]);
    assert!(
        outcome.column("message")[0].contains("UTF-8"),
        "{outcome:?}"
    );
}

#[test]
fn an_empty_file_is_a_warning() {
    for content in ["", "\n\n", "\u{feff}", "Nom;E-mail\n"] {
        let desk = Desk::new();
        let outcome = desk.file("empty.csv", content).expect_code(0);
        assert!(outcome.stdout.is_empty(), "{content:?}: {outcome:?}");
        assert!(
            outcome.stderr.contains("empty.csv: no leads in it"),
            "{content:?}: {outcome:?}"
        );
        assert_eq!(desk.partner.count(), 0);
    }
}

#[test]
fn a_file_that_cannot_be_read_does_not_keep_the_others() {
    let desk = Desk::new();
    desk.home.write("folder/inner.csv", "x");
    desk.home.write("good.csv", "Nom;E-mail\nA;a@example.fr\n");
    desk.home
        .write("twice.csv", "Nom;Nom;E-mail\nA;B;b@example.fr\n");
    let outcome = desk
        .send(&["missing.csv", "folder", "good.csv"])
        .expect_code(1);
    assert!(outcome.stderr.contains("missing.csv"), "{outcome:?}");
    assert!(
        outcome.stderr.contains("there is no such file"),
        "{outcome:?}"
    );
    assert!(outcome.stderr.contains("it is a folder"), "{outcome:?}");
    assert_eq!(outcome.column("state"), ["delivered"]);

    // Which of two columns is meant can only be said by the user.
    let outcome = desk.send(&["twice.csv"]).expect_code(2);
    assert!(outcome.stderr.contains("\"Nom\""), "{outcome:?}");
    assert_eq!(desk.partner.count(), 1);
}

#[test]
fn a_missing_column_says_which_headers_were_seen() {
    let desk = Desk::new();
    let outcome = desk
        .file("x.csv", "Nom;Courrier\nA;a@example.fr\n")
        .expect_code(2);
    let stderr = &outcome.stderr;
    assert!(
        stderr.contains("no column or default gives it: email"),
        "{stderr}"
    );
    assert!(
        stderr.contains("whose columns are: Nom, Courrier"),
        "{stderr}"
    );
    assert!(stderr.contains("leadctl partners acme"), "{stderr}");
}

/// A JSON export that leaves empty fields out has as many headers as there are
/// ways to leave some out.
#[test]
fn objects_with_keys_of_their_own_are_all_delivered() {
    let desk = Desk::new();
    let mut lines = String::new();
    for number in 0..700 {
        let mut lead =
            json!({"Nom": format!("N{number}"), "E-mail": format!("n{number}@example.fr")});
        for key in (0..10).filter(|key| number >> key & 1 == 1) {
            lead[format!("Champ {key}")] = json!("x");
        }
        lines.push_str(&format!("{lead}\n"));
    }
    let outcome = desk.file("many.jsonl", lines).expect_code(0);
    let expected: Vec<String> = (1..=700).map(|line: u32| line.to_string()).collect();
    assert_eq!(outcome.column("line"), expected);
    assert!(
        outcome
            .column("state")
            .iter()
            .all(|state| state == "delivered")
    );
    assert_eq!(desk.partner.count(), 700);
}

#[test]
fn nothing_read_is_collected_before_it_is_sent() {
    // The first lead arrives while the rest of the pipe is still to come.
    let desk = Desk::new();
    let mut csv = String::from("Nom;E-mail\n");
    for number in 0..300 {
        csv.push_str(&format!("N{number};n{number}@example.fr\n"));
    }
    let outcome = desk.file("many.csv", csv).expect_code(0);
    let lines: Vec<String> = (2..302).map(|line: u32| line.to_string()).collect();
    assert_eq!(outcome.column("line"), lines);
    assert_eq!(desk.partner.count(), 300);
    assert_eq!(desk.partner.connections(), 1, "the connection is kept open");
}
