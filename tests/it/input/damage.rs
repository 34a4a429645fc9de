//! Damage: found, told, repaired only where it is certain; rows and headers
//! that don't fit.

use crate::common::{Home, Outcome};
use serde_json::{Value as Json, json};

const HEAD: &str = "Nom;Prénom;E-mail;Téléphone;Code postal\n";

fn dry(content: impl AsRef<[u8]>, more: &[&str]) -> Outcome {
    let home = Home::new();
    home.write("x.csv", content);
    run(&home, "x.csv", more)
}

fn run(home: &Home, file: &str, more: &[&str]) -> Outcome {
    let mut arguments = vec![
        "send",
        "--to",
        "adlead",
        "--dry-run",
        "--format",
        "json",
        file,
    ];
    arguments.extend(["--default", "tenant=agence-demo", "--default", "program=12"]);
    arguments.extend(more);
    home.run(&arguments)
}

fn field(outcome: &Outcome, name: &str) -> Vec<Json> {
    let rows = outcome.rows();
    rows.iter()
        .map(|row| row["request"]["body"][name].clone())
        .collect()
}

#[test]
fn repairs_are_told_or_refused() {
    let csv = format!("{HEAD}e\u{301}va;B;a@example.fr;639980001;1000\n");
    let repaired = dry(&csv, &[]).expect_code(0);
    assert_eq!(field(&repaired, "name"), ["éva"]);
    assert_eq!(field(&repaired, "phone1"), ["+33639980001"]);
    assert_eq!(field(&repaired, "zipcode"), ["01000"]);
    assert_eq!(
        repaired.stderr.matches("repaired in 1 row").count(),
        3,
        "{repaired:?}"
    );

    let refused = dry(&csv, &["--repair", "none"]).expect_code(3);
    let message = &refused.column("message")[0];
    for column in ["Nom", "Téléphone", "Code postal"] {
        assert!(message.contains(&format!("{column}: ")), "{message}");
    }
    assert!(message.contains("leave out --repair none"), "{message}");
}

#[test]
fn what_is_lost_is_refused_and_what_is_likely_waits_for_a_word() {
    let csv = format!(
        "{HEAD}AndrÃ©;B;a@example.fr;0639980001;\nC;D;b@example.fr;3,36123E+10;\n\
         E;F;c@example.fr;0639980003;#REF!\n"
    );
    let refused = dry(&csv, &[]).expect_code(3);
    assert_eq!(refused.column("state"), ["invalid"; 3]);
    let messages = refused.column("message");
    assert!(messages[0].contains("wrong encoding") && messages[0].contains("--repair"));
    assert!(messages[1].contains("its last digits are lost"));
    assert!(messages[2].contains("#REF!"));
    let repaired = dry(&csv, &["--repair", "all"]).expect_code(3);
    assert_eq!(repaired.column("state"), ["ready", "invalid", "ready"]);
    assert_eq!(field(&repaired, "name")[0], "André");
    assert_eq!(field(&repaired, "zipcode")[2], Json::Null);
    dry(&csv, &["--repair", "both"]).expect_code(2);
}

#[test]
fn typographic_signs_are_made_plain_only_where_the_destination_asks() {
    let home = Home::new();
    home.write(
        "x.csv",
        "Société;Forme juridique;Nombre de salariés / Visiteurs;Nom;Prénom;E-mail;Téléphone;Code postal\n\
         Acme;Association;1 - 4;D’Angelo;Jean\u{a0}Luc;a@example.fr;0199000012;59000\n",
    );
    let run = |to: &str, more: &[&str]| {
        let mut arguments = vec!["send", "--to", to, "--dry-run", "--format", "json", "x.csv"];
        arguments.extend(["--default", "tenant=a", "--default", "program=1"]);
        arguments.extend(more);
        home.run(&arguments)
    };
    let kept = run("adlead", &["--repair", "none"]).expect_code(0);
    assert_eq!(field(&kept, "name"), ["D’Angelo"]);
    let plain = run("companeo", &[]).expect_code(0);
    let data = &plain.rows()[0]["request"]["body"][0]["data"];
    assert_eq!(
        (&data["lastname"], &data["firstname"]),
        (&json!("D'Angelo"), &json!("Jean Luc"))
    );
    assert!(
        plain.stderr.contains("\"D’Angelo\"") && plain.stderr.contains("\"D'Angelo\""),
        "{plain:?}"
    );
    let refused = run("companeo", &["--repair", "none"]).expect_code(3);
    assert!(
        refused.column("message")[0].contains("leave out --repair none"),
        "{refused:?}"
    );
}

#[test]
fn damage_that_only_the_destination_sees_is_told_too() {
    let home = Home::new();
    home.config(
        "[desk]\nbase = \"http://127.0.0.1:9\"\nkey = [\"email\"]\n[desk.fields]\nmail = \"email\"\n\
         gsm = { from = \"GSM pro\", format = \"phone-e164\" }\ncp = { from = \"CP pro\", format = \"postcode\" }\n\
         [desk.send]\npath = \"/\"\n",
    );
    home.write(
        "x.csv",
        "E-mail;GSM pro;CP pro\na@example.fr;639980001;1000\n",
    );
    let arguments = [
        "send",
        "--to",
        "desk",
        "--dry-run",
        "--format",
        "json",
        "x.csv",
    ];
    let told = home.run(&arguments).expect_code(0);
    assert_eq!(
        told.rows()[0]["request"]["body"],
        json!({"mail": "a@example.fr", "gsm": "+33639980001", "cp": "01000"})
    );
    assert_eq!(
        told.stderr.matches("repaired in 1 row").count(),
        2,
        "{told:?}"
    );
    let refused = home
        .run(&[&arguments[..], &["--repair", "none"]].concat())
        .expect_code(3);
    let message = &refused.column("message")[0];
    assert!(
        message.contains("GSM pro: ") && message.contains("CP pro: "),
        "{message}"
    );
}

#[test]
fn phones_as_people_write_them() {
    let written = [
        "+33 (0)6 39 98 00 01",
        "0033639980001",
        "33639980001",
        "06.39.98.00.01",
        "06\u{a0}39\u{202f}98\u{2009}00 01",
        "０６３９９８０００１",
    ];
    let mut csv = HEAD.to_owned();
    for (index, phone) in written.iter().enumerate() {
        csv.push_str(&format!("N;P;n{index}@example.fr;{phone};\n"));
    }
    csv.push_str("N;P;re@example.fr;0692 12 34 56;\n");
    let outcome = dry(&csv, &[]).expect_code(0);
    let mut expected = vec!["+33639980001"; written.len()];
    expected.push("+262692123456");
    assert_eq!(field(&outcome, "phone1"), expected);
}

#[test]
fn a_row_that_does_not_fit_is_invalid_and_the_rest_goes_on() {
    let mut csv = HEAD.as_bytes().to_vec();
    csv.extend(b"A;B;a@example.fr;0639980001;\n");
    csv.extend(b"A;B;b@example.fr;0639980002;75001;x\n");
    csv.extend(b"A;B;c@example.fr\n");
    csv.extend(b"\"A;B;d@example.fr;0639980004;\n");
    csv.extend(b"A\0;B;e@example.fr;0639980005;\n");
    csv.extend(b"Andr\xE9;B;f@example.fr;0639980006;\n");
    csv.extend(
        [
            &vec![b'x'; 2_000_000],
            &b";B;g@example.fr;0639980007;\n"[..],
        ]
        .concat(),
    );
    csv.extend(b"A;B;h@example.fr;0639980008;\n");
    let outcome = dry(csv, &[]).expect_code(3);
    let mut expected = vec!["ready"];
    expected.extend(["invalid"; 6]);
    expected.push("ready");
    assert_eq!(outcome.column("state"), expected, "{}", outcome.stderr);
    assert_eq!(
        outcome.column("line"),
        ["2", "3", "4", "5", "6", "7", "8", "9"]
    );
    let messages = outcome.column("message");
    for (message, word) in messages[1..7].iter().zip([
        "6 cells",
        "Téléphone is empty",
        "never closed",
        "NUL",
        "not UTF-8",
        "longer than",
    ]) {
        assert!(message.contains(word), "{word}: {message}");
    }
}

#[test]
fn broken_json_is_told_with_its_line() {
    let home = Home::new();
    let one = r#"{"nom":"A","prénom":"B","email":"a@example.fr","tel":"0639980001"}"#;
    home.write(
        "x.jsonl",
        format!("{one}\n{{\"nom\": }}\n12\n{}\n", one.replace("a@", "b@")),
    );
    let lines = run(&home, "x.jsonl", &[]).expect_code(3);
    assert_eq!(
        lines.column("state"),
        ["ready", "invalid", "invalid", "ready"]
    );
    assert_eq!(lines.column("line"), ["1", "2", "3", "4"]);
    home.write(
        "x.json",
        format!("[{one},\n{{\"nom\":\"x\",}},\n{}]", one.replace("a@", "c@")),
    );
    let array = run(&home, "x.json", &[]).expect_code(3);
    assert_eq!(array.column("state"), ["ready", "invalid", "ready"]);
}

/// Megabytes of brackets are no leads: one row, or one error.
#[test]
fn brackets_alone_are_told_once() {
    let home = Home::new();
    for text in [
        "[".repeat(3_000_000),
        format!("[]{}", "]".repeat(3_000_000)),
    ] {
        home.write("x.json", text);
        let run = run(&home, "x.json", &[]).expect_code(3);
        assert_eq!(run.column("state"), ["invalid"]);
        assert!(run.stderr.len() < 1_000, "{}", run.stderr);
    }
    // Each of these opened a megabyte's search.
    home.write("x.json", "[\n".to_owned() + &"{\"nom\":1,\n".repeat(20_000));
    let run = run(&home, "x.json", &[]).expect_code(3);
    assert_eq!(run.rows().len(), 20_000);
}

#[test]
fn a_header_of_thousands_of_columns_is_told_shortly() {
    let names: String = (0..20_000).map(|number| format!(";c{number}")).collect();
    let run = dry(format!("Nom{names}\nA{}\n", ";x".repeat(20_000)), &[]).expect_code(2);
    let words = "c37, c38 and 19961 others";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(
        run.stderr.contains("no column or default gives"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.len() < 2_000, "{}", run.stderr);
}

#[test]
fn json_in_all_its_forms() {
    let home = Home::new();
    let lead = r#"{"contact":{"email":"a@example.fr","tel":33639980001},"nom":"A","prénom":"B","zip":"01000"}"#;
    for (name, text) in [
        ("one.json", lead.to_owned()),
        ("mark.json", format!("\u{feff}[{lead}]")),
        ("key.json", format!("{{\"total\":1,\"leads\":[{lead}]}}")),
        ("pretty.jsonl", format!("\n{lead}\r\n")),
    ] {
        home.write(name, text);
        home.config("[sources.nested]\nheaders = [\"contact.email\"]\ncolumns = { \"contact.email\" = \"email\", \"contact.tel\" = \"phone\" }\n");
        let outcome = run(&home, name, &[]).expect_code(0);
        assert_eq!(field(&outcome, "email1"), ["a@example.fr"], "{name}");
        assert_eq!(field(&outcome, "phone1"), ["+33639980001"], "{name}");
        assert_eq!(field(&outcome, "zipcode"), ["01000"], "{name}");
    }
}

#[test]
fn what_wraps_a_lead_takes_nothing_from_it() {
    let home = Home::new();
    for (name, text) in [
        (
            "wrapped.json",
            r#"{"lead":{"email":"a@example.fr","tel":"0639980001","nom":"A","prénom":"B","zip":"01000"}}"#,
        ),
        (
            "lines.jsonl",
            r#"{"contact":{"email":"a@example.fr","mobile":"0639980001"},"identity":{"lastname":"A","firstname":"B"},"address":{"zip":"01000"},"campaign":{"name":"X"},"owner":{"email":"us@example.fr"}}"#,
        ),
        (
            "crm.json",
            r#"{"results":[{"id":"151","properties":{"createdate":"2026-11-16","email":"a@example.fr","firstname":"B","lastname":"A","phone":"0639980001","zip":"01000"},"createdAt":"2026-11-16","archived":false}]}"#,
        ),
        (
            "form.json",
            r#"{"form":{"id":"7","name":"Contact"},"fields":{"nom":{"id":"nom","type":"text","title":"Nom","value":"A","raw_value":"A"},"prenom":{"id":"prenom","title":"Prénom","value":"B"},"email":{"id":"email","title":"E-mail","value":"a@example.fr"},"tel":{"id":"tel","title":"Tel","value":"0639980001"},"cp":{"id":"cp","title":"CP","value":"01000"}}}"#,
        ),
        (
            "flat.csv",
            "contact[email],contact[tel],lead.nom,lead.prénom,lead.address.zip\na@example.fr,0639980001,A,B,01000\n",
        ),
    ] {
        home.write(name, text);
        let outcome = run(&home, name, &[]).expect_code(0);
        for (target, value) in [
            ("email1", "a@example.fr"),
            ("phone1", "+33639980001"),
            ("name", "A"),
            ("firstname", "B"),
            ("zipcode", "01000"),
        ] {
            assert_eq!(field(&outcome, target), [value], "{name}: {outcome:?}");
        }
    }
    // Who of two is meant is not guessed.
    home.write("two.json", r#"{"father":{"email":"a@example.fr"},"mother":{"email":"b@example.fr"},"nom":"A","prénom":"B","tel":"0639980001"}"#);
    let outcome = run(&home, "two.json", &[]).expect_code(2);
    let told = "whose columns are: father.email, mother.email";
    assert!(outcome.stderr.contains(told), "{outcome:?}");
}

#[test]
fn an_odd_object_is_invalid_and_the_rest_goes_on() {
    let home = Home::new();
    let good = r#"{"nom":"A","prénom":"B","email":"a@example.fr","tel":"0639980001"}"#;
    let odd = r#"{"nom usuel":"A","nom d'usage":"C","prénom":"B","email":"b@example.fr","tel":"0639980001"}"#;
    home.write(
        "x.jsonl",
        format!("{good}\n{odd}\n{}\n", good.replace("a@", "d@")),
    );
    let outcome = run(&home, "x.jsonl", &[]).expect_code(3);
    assert_eq!(
        outcome.column("state"),
        ["ready", "invalid", "ready"],
        "{outcome:?}"
    );
    assert!(
        outcome.column("message")[1].contains("(column 1) and \"nom d'usage\" (column 2)"),
        "{outcome:?}"
    );
    home.write("y.jsonl", format!("{odd}\n{good}\n"));
    run(&home, "y.jsonl", &[]).expect_code(2);
}

#[test]
fn a_header_that_is_not_clear_is_refused_before_anything_is_sent() {
    for (header, seen) in [
        ("Nom;Prénom;Nom;E-mail", "\"Nom\""),
        (
            "Nom usuel;E-mail;Nom d'usage",
            "\"Nom usuel\" (column 1) and",
        ),
        ("Dupont;jean@example.fr;0639980001", "\"jean@example.fr\""),
    ] {
        let home = Home::new();
        home.write(
            "bad.csv",
            format!("{header}\nA;B;c@example.fr;0639980001\n"),
        );
        home.write("good.csv", format!("{HEAD}A;B;a@example.fr;0639980001;\n"));
        for files in [&["bad.csv"][..], &["good.csv", "bad.csv"]] {
            let mut arguments = vec!["send", "--to", "adlead", "--sandbox", "--format", "json"];
            arguments.extend(["--default", "tenant=a", "--default", "program=1"]);
            arguments.extend(files);
            let outcome = home.run(&arguments).expect_code(2);
            assert_eq!(outcome.stdout, "", "{header}");
            assert!(outcome.stderr.contains(seen), "{header}: {outcome:?}");
            assert!(outcome.stderr.contains("bad.csv"), "{outcome:?}");
        }
    }
}

#[test]
fn options_overrule_what_is_found() {
    let home = Home::new();
    home.write(
        "x.csv",
        b"Nom|Pr\xE9nom|E-mail|T\xE9l,a\nA|Zo\xE9|a@example.fr|0639980001\n",
    );
    let more = [
        "--delimiter",
        "|",
        "--encoding",
        "latin1",
        "--default",
        "phone=0639980009",
    ];
    let outcome = run(&home, "x.csv", &more).expect_code(0);
    assert_eq!(field(&outcome, "firstname"), ["Zoé"]);
    assert!(!outcome.stderr.contains("assumed"), "{outcome:?}");
    home.write(
        "leads.txt",
        r#"{"nom":"A","prénom":"B","email":"a@example.fr","tel":"0639980001"}"#,
    );
    let outcome = run(&home, "leads.txt", &["--input-format", "json"]).expect_code(0);
    assert_eq!(field(&outcome, "name"), ["A"]);
}

#[test]
fn set_fills_blanks_only() {
    let csv = format!("{HEAD}A;B;a@example.fr;0639980001;75001\nC;D;b@example.fr;0639980002; \n");
    let outcome = dry(csv, &["--default", "zip=69003", "--default", "city=Lyon"]).expect_code(0);
    assert_eq!(field(&outcome, "zipcode"), ["75001", "69003"]);
    assert_eq!(field(&outcome, "city"), ["Lyon", "Lyon"]);
    let misspelt = dry(HEAD, &["--default", "citty=Lyon"]).expect_code(2);
    assert!(
        misspelt.stderr.contains("did you mean city?"),
        "{misspelt:?}"
    );
}
