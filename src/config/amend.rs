//! How a contact that is there is changed: the words of `[NAME.amend]`.

use super::answer::pointer;
use super::operation::{self, Call, Method, texts_by_key};
use super::place::Place;
use super::pointer::Pointer;
use super::reader::Mistakes;
use super::rule::{FieldRule, read_pattern};
use super::tree::Table;

/// The placeholder that stands for the partner's number of the contact.
pub const REF: &str = "ref";

/// The call that changes a contact, and what must be known to write it.
#[derive(Debug, Clone)]
pub struct Amend {
    /// The call that writes.
    pub call: Call,
    /// The call that reads the contact first, where writing replaces all of it.
    pub read: Option<Call>,
    /// Where what is read must hold the reference it was asked for.
    pub same: Option<Pointer>,
    /// Members that reading gives and writing doesn't take.
    pub drop: Vec<String>,
    /// Members that reading gives as an object: what of it is written.
    pub take: Vec<(String, Pointer)>,
    /// A query added where the reference is an e-mail address.
    pub by_email: Vec<(String, String)>,
    /// What a field emptied by `--clear` is sent as.
    pub blank: Option<String>,
    /// What a reference looks like.
    pub reference: FieldRule,
}

/// The words beside those of every call.
pub const WORDS: &[&str] = &[
    "read", "same", "drop", "take", "by_email", "blank", "pattern", "expects",
];

impl Amend {
    pub fn read(table: &Table, place: &Place, name: &str, mistakes: &mut Mistakes) -> Self {
        let known: Vec<&str> = [operation::WORDS, WORDS].concat();
        mistakes.check_keys(table, &known, &format!("[{name}.amend]"));
        let operation = Call::read(table, place, "amend", Method::Patch, mistakes);
        if !operation
            .placeholders()
            .any(|placeholder| placeholder == REF)
        {
            mistakes.hint(
                place,
                "`amend.path` doesn't say which contact is changed",
                "write {ref} where the partner's number for the contact stands",
            );
        }
        let read = mistakes.text(table, "read").map(|path| {
            let read = operation.clone().asking();
            Call { path, ..read }
        });
        if let (Some(node), Some(read)) = (table.get("read"), &read)
            && !read.path.starts_with('/')
        {
            mistakes.add(&node.place, "`amend.read` must begin with /");
        }
        Self {
            read,
            same: pointer(table, "same", mistakes),
            drop: mistakes.texts(table, "drop").unwrap_or_default(),
            take: read_take(table, mistakes),
            by_email: texts_by_key(table, "by_email", mistakes),
            blank: mistakes.text(table, "blank"),
            reference: FieldRule {
                required: true,
                pattern: read_pattern(table, "pattern", mistakes),
                expects: mistakes.text(table, "expects"),
                ..FieldRule::field(REF, place.clone())
            },
            call: operation,
        }
    }
}

fn read_take(table: &Table, mistakes: &mut Mistakes) -> Vec<(String, Pointer)> {
    let mut take = Vec::new();
    for entry in mistakes.entries(table, "take") {
        let Some(text) = mistakes.as_text(&entry.node, &entry.key) else {
            continue;
        };
        match Pointer::parse(&text) {
            Ok(pointer) => take.push((entry.key.clone(), pointer)),
            Err(message) => mistakes.add(&entry.node.place, message),
        }
    }
    take
}
