//! The partner's own settings, read and written whole: the words of
//! `[NAME.settings]`, with the checks that a file must pass.

use super::operation::{self, Call, Method, texts_by_key};
use super::place::Place;
use super::pointer::Pointer;
use super::reader::Mistakes;
use super::rule::word;
use super::tree::{Node, Table, Value};

/// Where settings are read and written, and what must hold of them.
#[derive(Debug, Clone)]
pub struct PartnerSettings {
    /// The call that writes.
    pub write: Call,
    /// The call that reads.
    pub read: Call,
    pub must: Vec<Must>,
    /// Where they tell the fields that a contact must have.
    pub mandatory: Option<Mandatory>,
}

/// Something that must hold of settings before they are written.
#[derive(Debug, Clone)]
pub enum Must {
    /// This is there, and of this type.
    Be { at: Pointer, json_type: JsonType },
    /// Numbers, each greater than the one before, between two bounds.
    Ascend {
        ascending: Vec<Pointer>,
        above: Option<f64>,
        below: Option<f64>,
    },
    /// Every entry has all the members that the same entry has at the partner.
    Whole {
        each: Pointer,
        /// The member by which entries are the same.
        by: String,
    },
}

/// The types of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    Object,
    List,
    Text,
    Number,
    Boolean,
}

impl JsonType {
    const WORDS: [(&'static str, Self); 5] = [
        ("object", Self::Object),
        ("list", Self::List),
        ("text", Self::Text),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
    ];

    /// Is this value of this type?
    pub fn is_of(self, value: &serde_json::Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::List => value.is_array(),
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
        }
    }

    /// This type, in the words of a message.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Object => "an object between { and }",
            Self::List => "a list between [ and ]",
            Self::Text => "a text between quotes",
            Self::Number => "a number",
            Self::Boolean => "true or false",
        }
    }
}

/// Entries of which each names a field and says whether it is mandatory.
#[derive(Debug, Clone)]
pub struct Mandatory {
    pub entries: Pointer,
    /// The member that names the field: a target of `fields`.
    pub field: String,
    /// The member that is true where the field must be filled.
    pub flag: String,
    /// How names begin that are no targets, and how their targets do.
    pub named: Vec<(String, String)>,
}

impl Mandatory {
    /// The target that a name means.
    pub fn target(&self, name: &str) -> String {
        let begins = |(theirs, ours): &(String, String)| {
            let rest = name.strip_prefix(theirs.as_str())?;
            Some(format!("{ours}{rest}"))
        };
        self.named
            .iter()
            .find_map(begins)
            .unwrap_or_else(|| name.to_owned())
    }
}

/// The words beside those of every call.
pub const WORDS: &[&str] = &["read", "must", "mandatory"];
/// The words of a check.
pub const MUST_WORDS: &[&str] = &["at", "type", "ascending", "above", "below", "each", "by"];
/// The words of `mandatory`.
pub const MANDATORY_WORDS: &[&str] = &["entries", "field", "flag", "named"];

impl PartnerSettings {
    pub fn read(table: &Table, place: &Place, name: &str, mistakes: &mut Mistakes) -> Self {
        let known: Vec<&str> = [operation::WORDS, WORDS].concat();
        mistakes.check_keys(table, &known, &format!("[{name}.settings]"));
        let write = Call::read(table, place, "settings", Method::Put, mistakes);
        let path = mistakes.text(table, "read");
        let read = Call {
            path: path.unwrap_or_else(|| write.path.clone()),
            ..write.clone().asking()
        };
        Self {
            must: mistakes
                .list(table, "must")
                .iter()
                .filter_map(|node| Must::read(node, mistakes))
                .collect(),
            mandatory: mistakes
                .table(table, "mandatory")
                .and_then(|table| Mandatory::read(table, mistakes)),
            read,
            write,
        }
    }
}

impl Must {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let table = mistakes.as_table(node, "must")?;
        mistakes.check_keys(table, MUST_WORDS, "a check");
        let has = |key: &str| table.get(key).is_some();
        if has("at") {
            return Some(Self::Be {
                at: super::answer::pointer(table, "at", mistakes)?,
                json_type: word(table, "type", &JsonType::WORDS, mistakes).or_else(|| {
                    if !has("type") {
                        mistakes.add(&node.place, "a check of `at` needs `type`");
                    }
                    None
                })?,
            });
        }
        if has("ascending") {
            return Some(Self::Ascend {
                ascending: super::answer::pointers(table, "ascending", mistakes),
                above: bound(table, "above", mistakes),
                below: bound(table, "below", mistakes),
            });
        }
        if has("each") && has("by") {
            return Some(Self::Whole {
                each: super::answer::pointer(table, "each", mistakes)?,
                by: mistakes.text(table, "by")?,
            });
        }
        mistakes.hint(
            &node.place,
            "a check that checks nothing",
            "write { at, type }, { ascending, above, below } or { each, by }",
        );
        None
    }
}

impl Mandatory {
    fn read(table: &Table, mistakes: &mut Mistakes) -> Option<Self> {
        mistakes.check_keys(table, MANDATORY_WORDS, "`mandatory`");
        Some(Self {
            entries: super::answer::pointer(table, "entries", mistakes)?,
            field: mistakes.text(table, "field")?,
            flag: mistakes.text(table, "flag")?,
            named: texts_by_key(table, "named", mistakes),
        })
    }
}

fn bound(table: &Table, key: &str, mistakes: &mut Mistakes) -> Option<f64> {
    let node = table.get(key)?;
    match node.value {
        #[allow(clippy::cast_precision_loss)]
        Value::Integer(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => {
            mistakes.add(&node.place, format!("`{key}` must be a number"));
            None
        }
    }
}
