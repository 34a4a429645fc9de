//! What `--verbose` shows: each event on a line of its own, on stderr; with
//! LEADCTL_LOG=json as JSON, for what collects logs.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;
use serde::Serialize;

use super::progress::{self, lifted};
use super::table::QUIET;
use super::text::{harmless, json_escaped, rfc3339};
use crate::trace::Trace;

/// The variable that asks for a log.
pub const VARIABLE: &str = "LEADCTL_LOG";

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Json,
}

static FORM: Mutex<Option<Form>> = Mutex::new(None);

#[derive(Serialize)]
struct Line<'e> {
    at: String,
    /// Which worker it was.
    thread: Option<&'e str>,
    #[serde(flatten)]
    event: &'e Trace<'e>,
}

impl Form {
    /// What the command line and [`VARIABLE`] ask for; an error is a value that the
    /// variable can't have.
    pub fn asked(verbose: bool, variable: Option<String>) -> Result<Option<Self>, String> {
        match variable.as_deref() {
            None | Some("") => Ok(verbose.then_some(Self::Text)),
            Some("text") => Ok(Some(Self::Text)),
            Some("json") => Ok(Some(Self::Json)),
            Some(_) => Err(variable.unwrap_or_default()),
        }
    }
}

/// Events are written like this from now on.
pub fn write(form: Option<Form>) {
    *FORM.lock().unwrap_or_else(PoisonError::into_inner) = form;
}

/// Hears what happens, for all that stderr shows of it.
pub fn hear(event: &Trace<'_>) {
    progress::hear(event);
    let Some(form) = *FORM.lock().unwrap_or_else(PoisonError::into_inner) else {
        return;
    };
    let thread = thread::current();
    let thread = thread.name().filter(|name| *name != "main");
    let line = match form {
        Form::Text => {
            let time = crate::calendar::now().strftime("%H:%M:%S%.3f");
            let thread = thread.map_or_else(String::new, |name| format!("{name}: "));
            format!(
                "{QUIET}{time} {thread}{}{QUIET:#}\n",
                harmless(&event.to_string())
            )
        }
        Form::Json => {
            let at = rfc3339(Timestamp::now().as_millisecond()).unwrap_or_default();
            // What is text by name can always be written.
            let line = serde_json::to_string(&Line { at, thread, event }).unwrap_or_default();
            json_escaped(&line).into_owned() + "\n"
        }
    };
    // Nobody left to tell is no reason to stop.
    lifted(|| _ = anstream::stderr().write_all(line.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_says_how_and_a_misspelt_one_is_told() {
        let asked = |verbose, value: &str| Form::asked(verbose, Some(value.to_owned()));
        assert_eq!(Form::asked(false, None), Ok(None));
        assert_eq!(Form::asked(true, None), Ok(Some(Form::Text)));
        assert_eq!(asked(false, ""), Ok(None));
        assert_eq!(asked(false, "json"), Ok(Some(Form::Json)));
        assert_eq!(asked(true, "json"), Ok(Some(Form::Json)));
        assert_eq!(asked(true, "jsn"), Err("jsn".to_owned()));
    }
}
