//! The partner's own settings, read and written whole: the words of
//! `[NAME.settings]`, with the checks that a file must pass.

use serde::Deserialize;
use serde_json::Value as Json;

use super::address;
use super::call::Call;
use super::pointer::Pointer;

/// Where settings are read and written, and what must hold of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename = "`settings`", default)]
pub struct PartnerSettings {
    /// The call that writes.
    #[serde(rename = "(call)")]
    pub write: Call,
    #[serde(rename = "read", deserialize_with = "address::path_if_any")]
    read_path: Option<String>,
    /// The call that reads.
    #[serde(skip)]
    pub read: Call,
    pub must: Vec<Must>,
    /// Where they tell the fields that a contact must have.
    pub mandatory: Option<Mandatory>,
}

impl PartnerSettings {
    /// Adds what follows from its words.
    pub(super) fn complete(&mut self) {
        let path = self.read_path.as_ref().unwrap_or(&self.write.path);
        self.read = self.write.asking_at(path);
    }
}

/// Something that must hold of settings before they are written.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "MustTable")]
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

#[derive(Deserialize, Default)]
#[serde(rename = "a check", default)]
struct MustTable {
    at: Option<Pointer>,
    r#type: Option<JsonType>,
    ascending: Vec<Pointer>,
    above: Option<f64>,
    below: Option<f64>,
    each: Option<Pointer>,
    by: Option<String>,
}

impl TryFrom<MustTable> for Must {
    type Error = &'static str;

    fn try_from(table: MustTable) -> Result<Self, Self::Error> {
        if let Some(at) = table.at {
            let json_type = table.r#type.ok_or("a check of `at` needs `type`")?;
            return Ok(Self::Be { at, json_type });
        }
        if !table.ascending.is_empty() {
            return Ok(Self::Ascend {
                ascending: table.ascending,
                above: table.above,
                below: table.below,
            });
        }
        match (table.each, table.by) {
            (Some(each), Some(by)) => Ok(Self::Whole { each, by }),
            _ => Err("a check that checks nothing (write { at, type }, \
                 { ascending, above, below } or { each, by })"),
        }
    }
}

/// The types of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    Object,
    List,
    Text,
    Number,
    Boolean,
}

impl JsonType {
    /// Is this value of this type?
    pub fn is_of(self, value: &Json) -> bool {
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
#[derive(Debug, Clone, Deserialize)]
#[serde(rename = "`mandatory`")]
pub struct Mandatory {
    pub entries: Pointer,
    /// The member that names the field: a target of `fields`.
    pub field: String,
    /// The member that is true where the field must be filled.
    pub flag: String,
    /// How names begin that are no targets, and how their targets do.
    #[serde(default)]
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
