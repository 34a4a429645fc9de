//! The words of partners.toml through the binary: what arrives at the partner,
//! byte for byte.

mod bodies;
mod lead_uuid;
mod told;

use crate::common::{Act, Arrived, Home, Outcome, Partner};

const DONE: &str = r#"{"id":"7"}"#;

/// A partner that takes everything.
fn willing() -> Partner {
    Partner::always(Act::json(201, DONE))
}

/// A folder with `[hook]`: its own words, its fields, and its call.
fn hook(partner: &Partner, words: &str, fields: &str, send: &str) -> Home {
    let home = Home::new();
    let base = partner.base();
    home.config(&format!(
        "[leadctl]\nledger = \"ledger.db\"\n[hook]\nbase = \"{base}\"\nkey = [\"email\"]\n\
         tries = 2\nbackoff = \"1ms\"\njobs = 1\n{words}\n[hook.fields]\n{fields}\n[hook.send]\n{send}\n\
         rules = [{{ when = {{ status = 503 }}, then = \"not_processed\" }}, {{ when = {{ status = 201, \"/id\" = \"present\" }}, then = \"delivered\", reference = \"/id\" }}]\n\
         [[hook.examples]]\nstatus = 201\nbody = '{DONE}'\nmeans = \"delivered\"\nreference = \"7\"\n"
    ));
    home
}

fn send(home: &Home, more: &[&str]) -> Outcome {
    let mut arguments = vec!["send", "--to", "hook", "--format", "json"];
    arguments.extend(more);
    home.run(&arguments)
}

/// The text of a body.
fn text(arrived: &Arrived) -> &str {
    std::str::from_utf8(&arrived.body).expect("UTF-8")
}
