//! An answer of the partner's and what it must be read as: a test, and what
//! the sandbox answers with.

use super::answer::Then;
use super::operation::texts_by_key;
use super::place::Place;
use super::reader::Mistakes;
use super::rule::word;
use super::tree::{Node, Table};

#[derive(Debug, Clone)]
pub struct Example {
    pub about: Option<String>,
    /// The call that is answered; `send` unless named.
    pub call: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub means: Then,
    /// The reference that must be read.
    pub reference: Option<String>,
    /// A text that the message must contain.
    pub message: Option<String>,
    pub place: Place,
}

impl Example {
    pub fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let table = mistakes.as_table(node, "examples")?;
        mistakes.check_keys(
            table,
            &[
                "about",
                "of",
                "status",
                "headers",
                "body",
                "means",
                "reference",
                "message",
            ],
            "an example",
        );
        let means = word(table, "means", &Then::WORDS, mistakes);
        if table.get("means").is_none() {
            mistakes.add(&node.place, "an example without `means`");
        }
        Some(Self {
            about: mistakes.text(table, "about"),
            call: mistakes.text(table, "of").unwrap_or_else(|| "send".into()),
            status: read_status(table, mistakes),
            headers: texts_by_key(table, "headers", mistakes),
            body: mistakes.text(table, "body").unwrap_or_default(),
            means: means?,
            reference: mistakes.text(table, "reference"),
            message: mistakes.text(table, "message"),
            place: node.place.clone(),
        })
    }
}

/// The status of an HTTP answer, 200 where none is said.
fn read_status(table: &Table, mistakes: &mut Mistakes) -> u16 {
    const USUAL: u16 = 200;
    let Some(node) = table.get("status") else {
        return USUAL;
    };
    let status = mistakes.count(table, "status").map(u16::try_from);
    match status {
        Some(Ok(status @ 100..=599)) => status,
        Some(_) => {
            mistakes.hint(
                &node.place,
                "the `status` of an answer is from 100 to 599",
                "as in status = 201",
            );
            USUAL
        }
        None => USUAL,
    }
}
