//! The shelf: each table of `examples/partners` is copied by `init`, proven by
//! `check`, and sent to a partner that answers as its documents say.

use std::path::Path;

use toml::Value as Toml;

use crate::common::{Act, Home, Partner};

const LEAD: &str = "id,first_name,last_name,email,phone,company,address,zip,city,country,course,comment\n\
                    1234567890123456,Léa,Martin,lea@example.fr,06 39 98 00 01,Exemple SARL,1 rue de Paris,01000,Bourg-en-Bresse,FR,Anglais,\"Rappeler, le soir\"\n";

/// The names of the tables.
fn shelf() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/partners");
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| {
        file.unwrap()
            .path()
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The table as `init` writes it, with this base, its secrets set.
fn configured(name: &str, base: &str) -> (Home, Toml) {
    let mut home = Home::new();
    home.run(&["init", name]).expect_code(0);
    let written = home.read("partners.toml");
    let own = format!("base = \"{base}\"");
    let lines = written.lines().map(|line| match line {
        line if line.trim_start_matches("# ").starts_with("base ") => own.clone(),
        line if line.contains("token = \"https://") => {
            let (before, rest) = line.split_once("token = \"https://").unwrap();
            let (_, after) = rest.split_once('"').unwrap();
            format!("{before}token = \"{base}/token\"{after}")
        }
        line => line.to_owned(),
    });
    home.config(&lines.collect::<Vec<_>>().join("\n"));
    let is_variable = |word: &&str| {
        word.contains('_')
            && word
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let secret = |line: &&str| line.starts_with("auth.");
    for line in written.lines().filter(secret) {
        for word in line.split('"').filter(is_variable) {
            home.set(word, "a-secret-0123456789");
        }
    }
    let tables: Toml = toml::from_str(&written).unwrap();
    (home, tables[name].clone())
}

/// The example of an answer to a lead that says yes.
fn success(table: &Toml) -> (Act, Option<String>) {
    let examples = table["examples"].as_array().unwrap();
    let yes = examples.iter().find(|example| {
        example.get("of").is_none() && example["means"].as_str() == Some("delivered")
    });
    let yes = yes.unwrap();
    let text = |word: &str| yes.get(word).and_then(Toml::as_str).map(str::to_owned);
    let status = yes.get("status").and_then(Toml::as_integer).unwrap_or(200);
    let mut answer = Act::json(
        u16::try_from(status).unwrap(),
        &text("body").unwrap_or_default(),
    );
    for (header, value) in yes
        .get("headers")
        .and_then(Toml::as_table)
        .into_iter()
        .flatten()
    {
        answer = answer.with_header(&header.to_lowercase(), value.as_str().unwrap());
    }
    (answer, text("reference"))
}

#[test]
fn each_table_is_proven_and_sent_to() {
    let names = shelf();
    assert!(names.len() >= 20, "{names:?}");
    for name in &names {
        let (_, table) = configured(name, "https://api.example.fr");
        let (answer, reference) = success(&table);
        let partner = Partner::start(move |arrived| match arrived.target.as_str() {
            "/token" => Act::json(
                200,
                r#"{"access_token":"t-0123456789","expires_in":3600,"token_type":"Bearer"}"#,
            ),
            _ => answer.clone(),
        });
        let (home, _) = configured(name, &partner.base());
        // What an example must hold is said in the language that is spoken.
        for language in ["en", "fr"] {
            let check = home.run(&["--lang", language, "check", "--to", name, "--json"]);
            assert_eq!(
                check.code,
                Some(0),
                "{name}: {}{}",
                check.stdout,
                check.stderr
            );
        }
        let sent = home.run_with(&["send", "--to", name, "--json"], LEAD);
        assert_eq!(
            sent.column("state"),
            ["delivered"],
            "{name}: {}{}",
            sent.stdout,
            sent.stderr
        );
        if let Some(reference) = reference {
            assert_eq!(sent.column("reference"), [reference], "{name}");
        }
        let arrived = partner.arrived();
        let lead = arrived
            .iter()
            .find(|arrived| arrived.target != "/token")
            .unwrap();
        let body = String::from_utf8_lossy(&lead.body);
        let shows = body.contains("lea@example.fr") || body.contains("lea%40example.fr");
        assert_eq!(
            shows,
            !table.to_string().contains("sha256"),
            "{name}: {body}"
        );
        let history = home.run(&["history", "--json", "1"]);
        assert!(
            !history.stdout.contains("a-secret-0123456789"),
            "{name}: {}",
            history.stdout
        );
    }
}

#[test]
fn each_table_plays_in_the_sandbox() {
    for name in shelf() {
        let (home, _) = configured(&name, "https://api.example.fr");
        let sent = home.run_with(&["send", "--to", &name, "--sandbox", "--json"], LEAD);
        assert_eq!(
            sent.column("state"),
            ["delivered"],
            "{name}: {}{}",
            sent.stdout,
            sent.stderr
        );
    }
}

#[test]
fn a_table_of_the_shelf_says_where_it_is_from() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/partners");
    for name in shelf() {
        let text = std::fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
        let head: Vec<&str> = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .collect();
        let head = head.join(" ").replace("# ", "");
        assert!(head.contains("29 November 2026"), "{name}: {head}");
        assert!(text.contains(&format!("\n[{name}]\n")), "{name}");
    }
}

#[test]
fn who_asks_for_one_is_told_how_to_get_it() {
    let home = Home::new();
    let name = &shelf()[0];
    let refused = home.run_with(&["send", "--to", name], LEAD).expect_code(2);
    assert!(
        refused.stderr.contains(&format!("leadctl init {name}")),
        "{}",
        refused.stderr
    );
    let all = home.run(&["partners"]).expect_code(0);
    assert!(all.stderr.contains(name.as_str()), "{}", all.stderr);
}
