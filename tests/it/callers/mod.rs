//! Who calls a partner: where its table puts the secrets, the tokens that are fetched,
//! and what is signed. And that none of it is ever shown or stored.

mod mistakes;
mod places;
mod tokens;

use std::fs;

use crate::common::Outcome;
use crate::common::desk::Desk;

/// A secret that no example holds.
pub const SECRET: &str = "Zq7/Rk42 vTp&Lw9";

/// All that a run and its home show or keep of it, but for the file of secrets.
fn traces(desk: &Desk, run: &Outcome) -> Vec<u8> {
    let mut all = [run.stdout.as_bytes(), run.stderr.as_bytes()].concat();
    let history = desk.home.run(&["history", "--format", "json"]);
    let attempts = desk.home.run(&["history", "--format", "json", "1"]);
    all.extend(history.stdout.as_bytes());
    all.extend(attempts.stdout.as_bytes());
    for entry in fs::read_dir(desk.home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.extension().is_none_or(|kind| kind != "secret") {
            all.extend(fs::read(path).unwrap());
        }
    }
    all
}

/// It is in none of them, in any spelling that was sent.
#[track_caller]
fn hides(all: &[u8], secret: &str) {
    let encoded = |c: char| match c {
        '/' => "%2F".to_owned(),
        ' ' => "%20".to_owned(),
        '&' => "%26".to_owned(),
        c => c.to_string(),
    };
    let spelt: String = secret.chars().map(encoded).collect();
    for spelling in [secret, &secret.replace(' ', "%20"), &spelt] {
        let found = all
            .windows(spelling.len())
            .any(|it| it == spelling.as_bytes());
        assert!(!found, "{spelling} is shown or stored");
    }
}
