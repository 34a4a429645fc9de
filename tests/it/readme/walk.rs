//! README is walked through as it stands, in both languages: its commands, in its order, in one folder,
//! by a shell whose output is a terminal of 80 columns. `…` alone in a screen stands
//! for lines that README leaves out.

use std::fs;
use std::process::Command;

use regex::Regex;
use rexpect::session::spawn_command;

use super::{Block, blocks, newcomer};
use crate::common::{Home, PATIENCE, utf8};

/// A command of README, and what it shows of its output.
struct Step {
    command: String,
    screen: Vec<String>,
}

fn steps(readme: &str) -> Vec<Step> {
    let blocks = blocks(readme);
    let mut steps: Vec<Step> = Vec::new();
    let mut before = "";
    for Block { language, lines } in &blocks {
        match language.as_str() {
            "sh" => steps.extend(lines.iter().map(|line| Step {
                command: line.clone(),
                screen: Vec::new(),
            })),
            "text" if before == "sh" => {
                steps.last_mut().expect("a command").screen = lines.clone();
            }
            _ => {}
        }
        before = language;
    }
    steps
}

/// Messages go to a file a step, so that a progress line is no part of a screen.
fn script(steps: &[Step]) -> String {
    let mut script = String::from("exec </dev/null\n");
    for (number, step) in steps.iter().enumerate() {
        script += &format!("exec 2>messages-{number}\n{}\n", step.command);
        script += &match step.command.ends_with('&') {
            // It has said all that it says on standard output.
            true => format!("started=$!\nuntil [ -s messages-{number} ]; do :; done\n"),
            false => String::new(),
        };
        script += &format!("echo \"@{number} $?\"\n");
    }
    script + "kill $started\nwait\n"
}

fn shell(home: &Home, script: &str) -> Command {
    let ours = home.command::<&str>(&[]);
    let program = std::path::Path::new(ours.get_program());
    let folder = program.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).current_dir(home.path());
    shell.env_clear().envs(
        ours.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    shell
        .env("PATH", format!("{folder}:{path}"))
        .env("TERM", "xterm")
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1");
    shell
}

/// Lines without what differs from run to run.
fn still(text: &str) -> Vec<String> {
    let moving = Regex::new(r"\d{1,2} [A-Z][a-z]{2}\b( \d{4})?( \d\d:\d\d)?|\d+[.,]\d\ss")
        .expect("a pattern");
    let lines = text.lines().map(|line| moving.replace_all(line, "~"));
    let lines = lines.map(|line| line.trim_end().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

fn shows(step: &Step, printed: &str) {
    let lines = still(printed);
    let (mut at, mut left_out) = (0, true);
    for line in still(&step.screen.join("\n")) {
        if line == "…" {
            left_out = true;
            continue;
        }
        let found = lines[at..].iter().position(|printed| *printed == line);
        let further = found.unwrap_or_else(|| panic!("README shows {line:?}:\n{printed}"));
        assert!(left_out || further == 0, "before {line:?}:\n{printed}");
        at += further + 1;
        left_out = false;
    }
}

fn walk(readme: &str, locale: &str) {
    let mut home = newcomer();
    home.set("LC_ALL", locale);
    let steps = steps(readme);
    let patience = u64::try_from(PATIENCE.as_millis()).ok();
    let mut session = spawn_command(shell(&home, &script(&steps)), patience).expect("a shell");
    let printed = utf8(&session.exp_eof().expect("its end")).replace('\r', "");
    let mut rest = printed.as_str();
    for (number, step) in steps.iter().enumerate() {
        let messages = fs::read_to_string(home.path().join(format!("messages-{number}")));
        let messages = messages.unwrap_or_default();
        let mark = format!("@{number} ");
        let Some((screen, after)) = rest.split_once(&mark) else {
            panic!("{} came to no end:\n{rest}\n{messages}", step.command);
        };
        let (code, after) = after.split_once('\n').expect("a whole line");
        rest = after;
        // All went well, or the leads are of a kind that needs a person.
        assert!(
            ["0", "3", "4", "5"].contains(&code),
            "{} ended with {code}:\n{screen}\n{messages}",
            step.command
        );
        shows(step, &format!("{screen}{messages}"));
    }
    assert!(steps.iter().any(|step| !step.screen.is_empty()));
}

#[test]
fn every_command_runs_as_it_stands_and_prints_what_is_shown() {
    walk("README.md", "C.UTF-8");
}

#[test]
fn the_same_in_french() {
    walk("README.fr.md", "fr_FR.UTF-8");
}
