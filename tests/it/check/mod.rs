//! `leadctl check`: the configuration proven, leads judged, exports explained;
//! nothing is sent and nothing recorded.

mod first_lines;
mod online;
mod ready;

use std::path::Path;

use crate::common::{Act, Home, Partner};

const OWN: &str = "[shop]\nbase = \"BASE\"\nkey = [\"email\"]\n\
    fields = { mail = { from = \"email\", required = true, format = \"email\" }, tel = { from = \"phone\", format = \"phone-e164\" } }\n\
    defaults = { program = \"12\" }\n\
    send.path = \"/{program}\"\n\
    send.rules = [{ when = { status = 201 }, then = \"delivered\", reference = \"/id\" }]\n";

fn example(status: u16, means: &str) -> String {
    format!(
        "\n[[shop.examples]]\nabout = \"a try\"\nstatus = {status}\nbody = '{{\"id\":7}}'\nmeans = \"{means}\"\n"
    )
}

fn own() -> String {
    OWN.replace("BASE", "https://shop.example.fr")
}

/// The folder of the project's examples, copied: a token file is put beside.
fn examples(home: &Home) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_str().unwrap();
            home.write(&format!("examples/{name}"), std::fs::read(&path).unwrap());
        }
    }
    home.write("examples/beta-campus.token", "t\n");
}

fn with_secrets() -> Home {
    let mut home = Home::new();
    for name in [
        "ADLEAD_API_KEY",
        "COMPANEO_TOKEN",
        "HUBSPOT_TOKEN",
        "ALPHA_TOKEN",
        "ACME_TOKEN",
    ] {
        home.set(name, "secret");
    }
    home
}

#[test]
fn the_catalogue_alone_is_sound_without_any_secret() {
    let home = Home::new();
    let told = home.run(&["check"]).expect_code(0);
    assert!(told.stdout.contains("ADLEAD_API_KEY"), "{}", told.stdout);
    assert!(told.stdout.contains("`base`"), "{}", told.stdout);
    assert!(!told.stdout.contains("wrong"), "{}", told.stdout);
    assert!(
        told.stderr.contains("0 of 5 destinations ready"),
        "{}",
        told.stderr
    );
    assert!(told.stderr.contains("leadctl init"), "{}", told.stderr);
    // Asked for by name, it must be complete.
    home.run(&["check", "--to", "adlead"]).expect_code(2);
}

#[test]
fn every_configuration_of_the_examples_proves() {
    let home = with_secrets();
    examples(&home);
    let files = ["examples/partners.toml", "examples/own-partner.toml"];
    for (file, language) in files.iter().flat_map(|file| [(file, "en"), (file, "fr")]) {
        let told = home.run(&[
            "--config", file, "--lang", language, "check", "--format", "json",
        ]);
        let told = told.expect_code(0);
        assert!(
            told.column("state").iter().all(|state| state == "ok"),
            "{}",
            told.stdout
        );
    }
    // A command that prints a secret is named, never run.
    let told = home.run(&[
        "--config",
        "examples/partners.toml",
        "check",
        "--to",
        "maarch",
    ]);
    assert!(
        told.expect_code(0)
            .stdout
            .contains("asked for when sending")
    );
}

#[test]
fn every_export_of_the_examples_is_explained_and_judged() {
    let home = with_secrets();
    examples(&home);
    for (file, to) in [
        ("leads.csv", "adlead"),
        ("companeo.csv", "companeo"),
        ("hubspot.json", "hubspot"),
        ("iciformation.jsonl", "iciformation"),
        ("maarch.csv", "maarch"),
    ] {
        let file = format!("examples/{file}");
        let survey = home
            .run(&["check", "--format", "json", &file])
            .expect_code(0)
            .rows();
        let fits = survey[0]["destinations"].as_array().unwrap();
        let fit = fits.iter().find(|fit| fit["destination"] == to).unwrap();
        assert!(fit["ready"].as_u64() > Some(0), "{fit}");
        let judged = home
            .run(&["check", "--to", to, "--format", "json", &file])
            .expect_code(3);
        let ready = judged
            .column("state")
            .iter()
            .filter(|state| *state == "ready")
            .count();
        assert_eq!(fit["ready"].as_u64(), Some(ready as u64), "{file}");
        let page = home.run(&["check", &file]).expect_code(0);
        for line in page.stdout.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
    assert!(!home.path().join(".local/share/leadctl").exists());
}

#[test]
fn an_example_that_does_not_hold_is_told_with_its_line() {
    let home = Home::new();
    home.config(&format!("{}{}", own(), example(201, "delivered")));
    let told = home.run(&["check"]).expect_code(0);
    assert!(told.stdout.contains("1 example proven"), "{}", told.stdout);
    home.config(&format!("{}{}", own(), example(500, "rejected")));
    let told = home.run(&["check", "--format", "json"]).expect_code(2);
    let wrong = told.rows()[0]["wrong"][0].to_string();
    for words in [
        "partners.toml:9",
        "a try",
        "must be read as rejected, but is read as in_doubt",
    ] {
        assert!(wrong.contains(words), "{wrong}");
    }
}

#[test]
fn an_inherited_example_says_how_to_get_rid_of_it() {
    let home = with_secrets();
    home.config("[mine]\nextends = \"adlead\"\nsend.rules = [{ when = { status = 201 }, then = \"delivered\" }]\n");
    let told = home.run(&["check"]).expect_code(2);
    assert!(told.stdout.contains("examples = false"), "{}", told.stdout);
    home.config("[mine]\nextends = \"adlead\"\nexamples = false\nsend.rules = [{ when = { status = 201 }, then = \"delivered\" }]\n");
    home.run(&["check"]).expect_code(0);
}

#[test]
fn a_key_a_proof_and_an_address_are_asked_for() {
    let home = Home::new();
    home.config(&own().replace("key = [\"email\"]\n", ""));
    let told = home.run(&["check"]).expect_code(2);
    assert!(
        told.stdout.contains("key = [\"email\", \"phone\"]"),
        "{}",
        told.stdout
    );
    let (before, _) = own()
        .split_once("send.rules")
        .map(|(b, a)| (b.to_owned(), a.to_owned()))
        .unwrap();
    home.config(&before);
    let told = home.run(&["check"]).expect_code(0);
    assert!(
        told.stdout.contains("every lead stays in doubt"),
        "{}",
        told.stdout
    );
    home.config(&own().replace("base = \"https://shop.example.fr\"\n", ""));
    let told = home.run(&["check"]).expect_code(2);
    assert!(
        told.stdout.contains("base = \"https://…\""),
        "{}",
        told.stdout
    );
}

#[test]
fn mistakes_name_their_line_and_what_was_meant() {
    let home = Home::new();
    for (text, words) in [
        ("[adlead]\nkye = [\"email\"]\n", "partners.toml:2: "),
        ("[adlead]\nkye = [\"email\"]\n", "did you mean `key`?"),
        (
            "[adled]\nbase = \"https://x.fr\"\n",
            "did you mean `adlead`?",
        ),
        (
            "[adlead]\nbase = \"http://api.example.fr\"\n",
            "must begin with https://",
        ),
        (
            "[adlead]\nauth.bearer = \"s3cr3t-token\"\n",
            "never written in this file",
        ),
        ("[adlead\n", "partners.toml:1: "),
    ] {
        home.config(text);
        let told = home.run(&["check"]).expect_code(2);
        assert!(told.stderr.contains(words), "{words}\n{}", told.stderr);
        assert!(!told.stderr.contains("s3cr3t"), "{}", told.stderr);
    }
    home.config("");
    let told = home.run(&["check", "--to", "adled"]).expect_code(2);
    assert!(
        told.stderr.contains("did you mean adlead?"),
        "{}",
        told.stderr
    );
}

#[test]
fn leads_are_judged_and_nothing_leaves() {
    let home = Home::new();
    let partner = Partner::always(Act::json(201, "{\"id\":1}"));
    home.config(&OWN.replace("BASE", &format!("http://{}", partner.address())));
    home.write(
        "a.csv",
        "E-mail,Tél,Âge\na@example.fr,612345678,3\nb@,12,\n",
    );
    home.write("b.csv", "E-mail\nc@example.fr\n");
    let told = home
        .run(&["check", "--to", "shop", "a.csv", "b.csv"])
        .expect_code(3);
    assert_eq!(told.stdout.matches("invalid").count(), 1, "{}", told.stdout);
    for words in ["a.csv:3", "E-mail:", "Tél:"] {
        assert!(told.stdout.contains(words), "{}", told.stdout);
    }
    for words in [
        "3 leads: 2 ready, 1 invalid",
        "2 rows without program: 12 used",
        "repaired in 1 row",
        "Âge",
        "send --to shop --rejects",
    ] {
        assert!(told.stderr.contains(words), "{words}\n{}", told.stderr);
    }
    let json = home.run(&["check", "--to", "shop", "--format", "json", "a.csv"]);
    let json = json.expect_code(3);
    assert_eq!(json.column("state"), ["ready", "invalid"]);
    assert_eq!(json.column("line"), ["2", "3"]);
    let csv = home.run(&["check", "--to", "shop", "--format", "csv", "a.csv"]);
    assert!(
        csv.stdout
            .starts_with("file,line,lead,destination,source,state,reason,message\n")
    );
    let strict = home.run(&["check", "--to", "shop", "--repair", "none", "a.csv"]);
    assert!(
        strict.stderr.contains("0 ready, 2 invalid"),
        "{}",
        strict.stderr
    );
    assert_eq!(partner.connections(), 0);
    assert!(!home.path().join(".local/share/leadctl").exists());
}

#[test]
fn no_leads_and_no_file() {
    let home = Home::new();
    home.config(&own());
    home.write("empty.csv", "");
    home.write("header.csv", "E-mail\n");
    for file in ["empty.csv", "header.csv"] {
        for arguments in [&["check", file][..], &["check", "--to", "shop", file]] {
            let told = home.run(arguments).expect_code(0);
            assert!(told.stderr.contains("no leads in it"), "{}", told.stderr);
        }
    }
    let told = home.run(&["check", "gone.csv", "empty.csv"]).expect_code(1);
    assert!(
        told.stderr.contains("there is no such file"),
        "{}",
        told.stderr
    );
    assert!(
        told.stderr.contains("empty.csv: no leads"),
        "{}",
        told.stderr
    );
    let told = home
        .run(&["check", "--default", "programm=1", "empty.csv"])
        .expect_code(2);
    assert!(
        told.stderr.contains("did you mean program?"),
        "{}",
        told.stderr
    );
}

#[test]
fn an_export_is_explained() {
    let home = Home::new();
    home.config(&own());
    let export = "full_name\tphone\tÂge\tmail\tid_client\nJean Dupont\t612345678\t3\tjean@example.fr\t\n\
        Léa\t\t\tlea@example\t1,23E+11\nshort";
    let told = home
        .run_with(&["check", "-", "--format", "json"], export)
        .expect_code(3);
    let found = &told.rows()[0];
    assert_eq!(found["format"], "CSV");
    assert_eq!(found["delimiter"], "\t");
    assert_eq!(found["rows"], 3);
    assert_eq!(found["columns"][1]["field"], "phone");
    assert_eq!(found["columns"][1]["sample"], "612345678");
    assert!(found["columns"][2]["field"].is_null());
    let first = &found["first"]["fields"];
    assert_eq!(
        (&first["last_name"], &first["phone"]),
        (&"Dupont".into(), &"0612345678".into())
    );
    let kinds: Vec<&str> = found["damage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["kind"].as_str().unwrap())
        .collect();
    for kind in ["unusable", "refused", "repaired", "assumed"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let shop = &found["destinations"][0];
    assert_eq!((&shop["ready"], &shop["rows"]), (&1.into(), &3.into()));
    assert_eq!(shop["complaints"][0]["column"], "mail");

    let page = home.run_with(&["check", "-"], export).expect_code(3).stdout;
    for words in [
        "standard input",
        "tabs between cells",
        "not used",
        "as understood",
        "1 of 3 rows ready",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[test]
fn a_source_and_an_encoding_are_recognised() {
    let home = Home::new();
    let bytes = windows_1252("GCLID;Campaign ID;Prénom;Nom;E-mail\nx;1;Zoé;Noël;zoe@example.fr\n");
    home.write("ads.csv", bytes);
    let found = &home
        .run(&["check", "ads.csv", "--format", "json"])
        .expect_code(0)
        .rows()[0];
    assert_eq!(found["source"], "google_ads");
    assert_eq!(found["encoding"], "windows-1252");
    assert_eq!(found["encoding_assumed"], true);
    assert_eq!(found["first"]["fields"]["first_name"], "Zoé");
    let page = home.run(&["check", "ads.csv"]).stdout;
    assert!(page.contains("Google Ads lead forms"), "{page}");
}

/// Windows-1252 of a text whose letters are Latin-1's.
fn windows_1252(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(u32::from(c)).unwrap();
    text.chars().map(byte).collect()
}

#[test]
fn what_is_missing_comes_before_what_is_wrong() {
    let home = Home::new();
    home.write("two.csv", "Nom;Prénom\nMartin;Léa\nPetit;Hugo\n");
    let found = &home
        .run(&["check", "two.csv", "--format", "json"])
        .expect_code(0)
        .rows()[0];
    let fits = found["destinations"].as_array().unwrap();
    let fit = |name: &str| fits.iter().find(|fit| fit["destination"] == name).unwrap();
    let missing = fit("adlead")["missing"].to_string();
    for field in ["tenant", "program", "email", "phone"] {
        assert!(missing.contains(field), "{missing}");
    }
    assert_eq!(fit("adlead")["complaints"].as_array().unwrap().len(), 0);
    assert_eq!(fit("iciformation")["missing"][0], "phone or email");
    assert_eq!(fit("maarch")["ready"], 2);
}

#[test]
fn two_columns_for_one_field_are_told_with_what_was_seen() {
    let home = Home::new();
    home.write(
        "two.csv",
        "Nom d'usage;Nom usuel;E-mail\nMartin;Durand;a@example.fr\n",
    );
    let said = "\"Nom d'usage\" (column 1) and \"Nom usuel\" (column 2) all mean last_name";
    let told = home.run(&["check", "--format", "json", "two.csv"]);
    let confused = told.expect_code(2).rows()[0]["confused"].to_string();
    assert!(confused.replace("\\\"", "\"").contains(said), "{confused}");
    let told = home
        .run(&["check", "--to", "adlead", "two.csv"])
        .expect_code(2);
    assert!(told.stderr.contains(said), "{}", told.stderr);
}
