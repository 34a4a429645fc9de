//! The questions of `init --new` on a terminal: an address, who calls, and what is
//! pasted of the partner's page.

use std::io::{self, BufRead, IsTerminal as _};

use super::example::{Credential, Sample};
use crate::output::Page;
use crate::words::say;

/// What a person said of a partner.
#[derive(Debug, Default)]
pub struct Said {
    /// A curl command, which says the rest.
    pub curl: Option<String>,
    pub sample: Sample,
    pub answer: Option<String>,
}

/// Asks on stderr, and reads what is typed.
///
/// # Errors
/// The terminal can't be read.
pub fn ask(from: &mut impl BufRead) -> io::Result<Said> {
    let mut said = Said::default();
    let first = question(from, &say!("init-ask-address"))?;
    if first.starts_with("curl") || first.starts_with("$ curl") {
        said.curl = Some(rest_of_command(first, from)?);
    } else {
        said.sample.url = first;
        said.sample.credential = credential(from)?;
        said.sample.body = pasted(from, &say!("init-ask-request"))?;
    }
    said.answer = pasted(from, &say!("init-ask-answer"))?;
    Ok(said)
}

/// Asks again until it is one, or nothing.
fn credential(from: &mut impl BufRead) -> io::Result<Option<Credential>> {
    loop {
        let typed = question(from, &say!("init-ask-credential"))?;
        match typed.parse() {
            _ if typed.is_empty() => return Ok(None),
            Ok(credential) => return Ok(Some(credential)),
            Err(why) => eprintln!("{why}"),
        }
    }
}

/// Somebody is there to answer.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, in lines that are broken between words.
fn ask_for(words: &str) {
    let mut page = Page::new();
    page.line(&say!("init-ask", words));
    eprint!("{}> ", page.as_str());
}

/// A line that answers.
///
/// # Errors
/// The terminal can't be read, or its end was typed instead.
pub fn question(from: &mut impl BufRead, words: &str) -> io::Result<String> {
    ask_for(words);
    let mut line = String::new();
    match from.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim().to_owned()),
    }
}

/// A command goes on while its lines end in a backslash, or a quote is open.
fn rest_of_command(first: String, from: &mut impl BufRead) -> io::Result<String> {
    let mut command = first;
    loop {
        let goes_on = command.ends_with(['\\', '^', '`']);
        if !goes_on && shlex::split(&command).is_some() {
            return Ok(command);
        }
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(command);
        }
        command.push('\n');
        command.push_str(line.trim_end());
    }
}

/// What is pasted, up to an empty line or the end of its JSON.
fn pasted(from: &mut impl BufRead, words: &str) -> io::Result<Option<String>> {
    ask_for(words);
    let mut text = String::new();
    let mut line = String::new();
    while from.read_line(&mut line)? > 0 {
        // Of a whole answer, the first empty line parts its head from its body.
        let in_head = text.starts_with("HTTP/") && !text.contains("\n\n");
        if line.trim().is_empty() && !in_head {
            break;
        }
        text.push_str(line.trim_end());
        text.push('\n');
        line.clear();
        let is_json = text.trim_start().starts_with(['{', '[']);
        if is_json && serde_json::from_str::<serde_json::Value>(&text).is_ok() {
            break;
        }
    }
    let text = text.trim().to_owned();
    Ok((!text.is_empty()).then_some(text))
}
