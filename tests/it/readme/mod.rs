//! README keeps its word: its commands run, its screens are what is printed, what
//! the pages name is there, and every file of `examples/` does what it is there to
//! show.

mod afternoon;
mod french;
mod pages;
#[cfg(unix)]
mod walk;

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Home, Outcome};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A fenced block of a page: its language, and its lines.
struct Block {
    language: String,
    lines: Vec<String>,
}

/// The blocks of a page, by its path in the repository.
fn blocks(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(root().join(page)).expect(page);
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(language), false) => blocks.push(Block {
                language: language.trim().to_owned(),
                lines: Vec::new(),
            }),
            (None, true) => blocks
                .last_mut()
                .expect("a block is open")
                .lines
                .push(line.to_owned()),
            _ => {}
        }
        open ^= line.starts_with("```");
    }
    blocks
}

/// The lines of a page that stand in none of its blocks.
fn prose(page: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(page)).expect(page);
    let mut open = false;
    let lines = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        open ^= fence;
        !open && !fence
    });
    lines.map(str::to_owned).collect()
}

/// A newcomer's folder: the examples, and any secret that one of them names.
fn newcomer() -> Home {
    let mut home = Home::new();
    for entry in examples() {
        let name = entry.file_name().unwrap().to_str().unwrap();
        home.write(&format!("examples/{name}"), fs::read(&entry).unwrap());
    }
    for secret in [
        "ADLEAD_API_KEY",
        "COMPANEO_TOKEN",
        "HUBSPOT_TOKEN",
        "ICIFORMATION_TOKEN",
        "MAARCH_PASSWORD",
    ] {
        home.set(secret, "a-newcomers-key");
    }
    home
}

fn examples() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("examples")).expect("examples/");
    let paths = entries.map(|entry| entry.unwrap().path());
    // The folder of exports has tests of its own.
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    paths.sort();
    paths
}

/// All went well, or the leads are of a kind that needs a person.
fn is_well(outcome: &Outcome) -> bool {
    matches!(outcome.code, Some(0 | 3 | 4 | 5))
}

#[test]
fn every_piece_of_toml_is_a_configuration() {
    let pages = ["README.md", "README.fr.md"].into_iter();
    let pieces = pages.flat_map(blocks);
    for block in pieces.filter(|block| block.language == "toml") {
        let home = Home::new();
        home.config(&block.lines.join("\n"));
        // `send` loads it before it asks which destination.
        let outcome = home.run(&["send", "--to", "no-such-destination", "x.csv"]);
        assert!(outcome.stderr.contains("no destination"), "{outcome:#?}");
    }
}

fn rehearse(to: &str, file: &str) -> Outcome {
    let home = Home::new();
    home.write(file, fs::read(root().join(file)).unwrap());
    home.run(&["send", "--to", to, "--sandbox", "--format", "json", file])
}

#[test]
fn every_example_shows_what_it_is_there_for() {
    for path in examples() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let file = format!("examples/{name}");
        let rehearsed = |to: &str, states: &[&str]| {
            let outcome = rehearse(to, &file);
            assert_eq!(outcome.column("state"), states, "{outcome:#?}");
            for row in outcome.rows() {
                let silent = matches!(row["state"].as_str(), Some("delivered"));
                let message = row["message"].as_str().unwrap_or_default();
                assert!(silent || !message.is_empty(), "{row}");
            }
        };
        match name.as_str() {
            "leads.csv" => rehearsed(
                "adlead",
                &[
                    "pending", "pending", "pending", "rejected", "skipped", "invalid", "in_doubt",
                    "invalid", "pending", "pending",
                ],
            ),
            "companeo.csv" => rehearsed(
                "companeo",
                &[
                    "delivered",
                    "delivered",
                    "delivered",
                    "rejected",
                    "duplicate",
                    "invalid",
                ],
            ),
            "hubspot.json" => rehearsed(
                "hubspot",
                &["delivered", "duplicate", "invalid", "rejected"],
            ),
            "iciformation.jsonl" => rehearsed(
                "iciformation",
                &["delivered", "delivered", "in_doubt", "invalid"],
            ),
            "maarch.csv" => rehearsed(
                "maarch",
                &["delivered", "duplicate", "delivered", "invalid"],
            ),
            "own-partner.toml" => {
                let home = newcomer();
                let outcome = home.run(&[
                    "--config",
                    &file,
                    "send",
                    "--to",
                    "acme",
                    "--sandbox",
                    "examples/leads.csv",
                ]);
                assert!(is_well(&outcome), "{outcome:#?}");
                assert!(outcome.stdout.contains("delivered"), "{outcome:#?}");
            }
            "partners.toml" => users_file(&file),
            other => panic!("nothing shows that examples/{other} works"),
        }
    }
}

/// Each destination of the user's file makes its request.
fn users_file(file: &str) {
    let home = newcomer();
    let request = |to: &str, lead: &str| {
        let arguments = [
            "--config",
            file,
            "send",
            "--to",
            to,
            "--dry-run",
            "--format",
            "json",
            "-",
        ];
        let outcome = home.run_with(&arguments, lead).expect_code(0);
        outcome.rows()[0]["request"].clone()
    };
    let lead = r#"{"Nom":"Doe","Prénom":"Jo","E-mail":"jo@example.fr","Tél":"0639980001","Civilité":"Mme","Formation":"CAP","Statut":"Nouveau","Budget":"3000","id":"L-1"}"#;
    let alpha = request("alpha-formation", lead);
    let beta = request("beta-campus", lead);
    assert_eq!(alpha["url"], "https://hooks.example.fr/alpha/leads");
    assert_eq!(alpha["body"]["client"], "Alpha Formation");
    assert_eq!(beta["url"], "https://hooks.example.fr/beta");
    assert_eq!(beta["body"]["statut"], "prospect");
    assert_eq!(beta["body"]["budget"], "3000");
    assert_eq!(
        request("hubspot", lead)["body"]["properties"]["civilite"],
        "Madame"
    );
    assert_eq!(
        request("hubspot", lead)["body"]["properties"]["formation"],
        "CAP"
    );
    let maarch = request("maarch", lead);
    assert_eq!(
        maarch["url"],
        "https://courrier.example.fr/maarch/rest/contacts"
    );
    assert_eq!(maarch["body"]["civility"], 4);
    assert_eq!(maarch["body"]["externalId"]["leadId"], "L-1");

    let rosa = r#"{"Nom":"Doe","Prénom":"Jo","E-mail":"jo@example.fr","Tél":"0639980001","Programme":"villa rosa"}"#;
    let adlead = request("adlead", rosa);
    assert_eq!(
        adlead["url"],
        "https://api.adlead.immo/v1/agence-demo/programs/12/registrations"
    );
    assert_eq!(adlead["body"]["owner_id"], 10);

    let copier = r#"{"Société":"Café","Forme juridique":"Association","Nom":"Doe","Prénom":"Jo","E-mail":"jo@example.fr","Tél":"0639980001","CP":"01000","Volume mensuel":"Plus de 5 000","Couleur":"oui"}"#;
    let copiers = request("companeo-copieurs", copier);
    assert_eq!(copiers["body"][0]["categoryId"], 9001);
    assert_eq!(copiers["body"][0]["data"]["90011"], 50003);
    assert_eq!(copiers["body"][0]["data"]["90012"], 1);
    assert!(copiers["body"][0]["data"].get("30148").is_none());
}

/// The first thing that a newcomer sees.
#[test]
fn a_newcomer_sees_every_state_and_what_to_do_next() {
    let home = Home::new();
    home.write(
        "examples/leads.csv",
        fs::read(root().join("examples/leads.csv")).unwrap(),
    );
    let outcome = home
        .run(&["send", "--to", "adlead", "--sandbox", "examples/leads.csv"])
        .expect_code(4);
    for state in ["pending", "rejected", "invalid", "in doubt", "skipped"] {
        assert!(
            outcome.stdout.contains(&format!("\t{state}\t")),
            "{state}: {outcome:?}"
        );
    }
    assert!(
        outcome.stdout.contains("the same lead as line 2"),
        "{outcome:?}"
    );
    assert!(
        outcome.stderr.contains("10 leads: 5 pending"),
        "{outcome:?}"
    );
    assert!(outcome.stderr.contains("next: "), "{outcome:?}");
    assert!(
        outcome.stderr.contains("leadctl send --to adlead FILE"),
        "{outcome:?}"
    );
    // A rehearsal keeps nothing, so it advises nothing that needs a ledger.
    assert!(!outcome.stderr.contains("leadctl resend"), "{outcome:?}");
    let left: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
