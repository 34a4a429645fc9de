//! The questions of `init` on a terminal: which partner, what only its user knows, and
//! where the secret is kept. The secret itself is never asked for.

use std::io::{self, BufRead};

use super::asked::question;
use super::new::check_name;
use super::starting::{Blank, YOURS, blanks, with_secret};
use crate::config::{Catalogue, Destination, Secret, nearest, shelf};
use crate::output::Page;
use crate::output::text::{some_of, width};
use crate::words::say;

/// What is asked is answered at a terminal.
pub struct Filling<'c, R> {
    pub from: R,
    /// What ships, and what the user's file says.
    pub known: &'c Catalogue,
}

impl<R: BufRead> Filling<'_, R> {
    /// A name that ships or that the shelf has, or else a new one.
    ///
    /// # Errors
    /// The terminal can't be read, or nobody answers.
    pub fn partner(&mut self) -> io::Result<String> {
        let ships = self.known.destinations.iter().map(|it| it.name.as_str());
        let all: Vec<&str> = ships.chain(shelf::names()).collect();
        let words = say!("init-which-partner", names = all.join(", "));
        let mut doubted = String::new();
        loop {
            let typed = question(&mut self.from, &words)?;
            match nearest(&typed, all.iter().copied()) {
                _ if typed.is_empty() => {}
                // Typed once more, it is meant.
                Some(near) if near != typed && typed != doubted => {
                    eprintln!("{}", say!("init-did-you-mean", near));
                    doubted = typed;
                }
                _ => return Ok(typed),
            }
        }
    }

    /// The name of one more destination of a partner that the file has already;
    /// `None`: there is to be none.
    pub fn another(&mut self, partner: &str) -> io::Result<Option<String>> {
        let words = say!("init-another-name", partner);
        loop {
            let typed = question(&mut self.from, &words)?;
            match check_name(self.known, &typed) {
                _ if typed.is_empty() => return Ok(None),
                Ok(()) => return Ok(Some(typed)),
                Err(failure) => failure.print(),
            }
        }
    }

    /// The text with what was answered; what was not stays as it stands.
    pub fn fill(&mut self, mut text: String, destination: &Destination) -> io::Result<String> {
        for blank in blanks(&text) {
            let answer = question(&mut self.from, &words_of(&blank))?;
            if !answer.is_empty() {
                text = blank.filled(&text, &answer);
            }
        }
        for (_, secret) in destination.auth.secrets() {
            if let Secret::Env(variable) = secret {
                let kept = self.place(&destination.name, variable)?;
                if kept != *secret {
                    text = with_secret(&text, destination, variable, &kept);
                }
            }
        }
        Ok(text)
    }

    /// Where a secret is kept; asks again where that can't be one.
    fn place(&mut self, name: &str, variable: &str) -> io::Result<Secret> {
        let mut page = Page::new();
        page.line(&say!("init-secret-where", name));
        let ways = [
            (format!("env {variable}"), say!("init-secret-env")),
            (say!("init-secret-file-typed"), say!("init-secret-file")),
            (
                say!("init-secret-command-typed"),
                say!("init-secret-command"),
            ),
        ];
        let widest = ways.iter().map(|(typed, _)| width(typed)).max();
        for (typed, what) in &ways {
            page.entry(2, typed, widest.unwrap_or(0) + 2, what);
        }
        eprint!("{}", page.as_str());
        loop {
            let typed = question(&mut self.from, &say!("init-secret-place"))?;
            if typed.is_empty() || typed == "env" {
                return Ok(Secret::Env(variable.to_owned()));
            }
            if let Some(secret) = place_of(&typed) {
                return Ok(secret);
            }
            eprintln!("{}", say!("init-secret-no-place"));
        }
    }
}

/// What is asked about a blank.
fn words_of(blank: &Blank) -> String {
    match blank {
        Blank::Word(word) => {
            let word = word.trim_start_matches(YOURS).to_lowercase();
            say!("init-word", word = word.replace('_', " "))
        }
        Blank::Setting {
            name, value, about, ..
        } => {
            let about = if about.is_empty() {
                String::new()
            } else {
                format!(" ({about})")
            };
            let value = if value.is_empty() {
                String::new()
            } else {
                format!(" [{value}]")
            };
            format!("{name}{about}{value}")
        }
    }
}

/// Reads `env NAME`, `file PATH` or `command WORDS`.
fn place_of(typed: &str) -> Option<Secret> {
    let (word, rest) = typed.split_once(' ')?;
    let rest = rest.trim();
    match word {
        "env" if Secret::is_variable(rest) => Some(Secret::Env(rest.to_owned())),
        "file" if !rest.is_empty() => Some(Secret::File(rest.to_owned())),
        "command" => shlex::split(rest)
            .filter(|words| !words.is_empty())
            .map(Secret::Command),
        _ => None,
    }
}

/// What is still to be filled in, for a note; `None`: nothing.
pub fn left(text: &str, destination: &Destination) -> Option<String> {
    let words = blanks(text);
    let words = words.iter().filter_map(|blank| match blank {
        Blank::Word(word) => Some(word.as_str()),
        Blank::Setting { name, .. } => (name == "base" || destination.needs(name)).then_some(name),
    });
    let words = words.collect::<Vec<_>>();
    (!words.is_empty()).then(|| some_of(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_a_place_and_is_none() {
        let file = Secret::File("my keys/shop.key".to_owned());
        assert_eq!(place_of("file my keys/shop.key"), Some(file));
        let command = ["pass", "show", "a b"].map(str::to_owned);
        assert_eq!(
            place_of("command pass show 'a b'"),
            Some(Secret::Command(command.into()))
        );
        assert_eq!(place_of("env A_KEY"), Some(Secret::Env("A_KEY".to_owned())));
        for none in [
            "sk-live-0123",
            "env sk-live-0123",
            "A_KEY",
            "file ",
            "command",
        ] {
            assert_eq!(place_of(none), None, "{none}");
        }
    }
}
