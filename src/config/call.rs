//! The calls to a partner: where each goes and how its answer is read. Beside
//! `send` and `follow` the change of a contact that is there, and the partner's
//! own settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::address;
use super::extract::{AnswerPart, Pattern, Pointer};
use super::field_rule::{Field, FieldRule};
use super::response_rule::ResponseRule;
use crate::words::say;
use crate::words::spoken::Spoken;

/// The placeholder in `follow.path` for the partner's number of the lead.
pub const REFERENCE: &str = "reference";
/// The placeholder in `amend.path` for the partner's number of the contact.
pub const REF: &str = "ref";

/// `send`, `follow`, `list`…
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename = "a call", default)]
pub struct Call {
    pub method: Method,
    /// Added to the base; `{name}` is a placeholder.
    #[serde(deserialize_with = "address::path")]
    pub path: String,
    pub query: Vec<(String, FieldRule)>,
    pub body: Option<BodyKind>,
    /// It asks, and leaves nothing at the partner's.
    #[serde(skip)]
    pub asks: bool,
    /// Placeholders of the path that secrets fill.
    #[serde(skip)]
    pub secrets: Vec<String>,
    pub wrap: Option<Wrap>,
    pub rules: Vec<ResponseRule>,
    /// Where the partner's words stand.
    pub message: Vec<AnswerPart>,
    /// The partner's words, in the user's.
    pub words: Vec<(String, Spoken)>,
    /// Places that repeat a lead field's value as it was sent, or the [`REFERENCE`]
    /// that was asked about: what stands there must be so.
    pub echo: Vec<(Pointer, String)>,
}

/// How what is sent is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BodyKind {
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// Nothing is sent beside the address.
    None,
}

impl BodyKind {
    /// What the partner is told of it.
    pub fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("application/json"),
            Self::Form => Some("application/x-www-form-urlencoded"),
            Self::None => None,
        }
    }
}

/// What the object that is sent is put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Wrap {
    /// A list of this one object.
    List,
}

impl Call {
    /// The same call, as one that only asks.
    pub fn asking(self) -> Self {
        Self {
            method: Method::Get,
            asks: true,
            wrap: None,
            body: None,
            ..self
        }
    }

    /// How what it sends is written: JSON where nothing is said, and nothing by `GET`.
    pub fn body_kind(&self) -> BodyKind {
        self.body.unwrap_or(match self.method {
            Method::Get => BodyKind::None,
            _ => BodyKind::Json,
        })
    }

    /// The same call at another path, as one that only asks.
    pub fn asking_at(&self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self.clone().asking()
        }
    }

    /// The names between braces in the path, in order, but for the secrets'.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        let names = names_in(&self.path);
        names.filter(|name| !self.secrets.iter().any(|secret| secret == name))
    }

    /// Some rule says how a success is recognised.
    pub fn proves_success(&self) -> bool {
        self.rules.iter().any(|rule| rule.then.is_success())
    }
}

/// The names between braces in a path, in order.
pub(super) fn names_in(path: &str) -> impl Iterator<Item = &str> {
    let pieces = path.split('{').skip(1);
    pieces.filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// The methods that a destination may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    #[default]
    Post,
    Put,
    Patch,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// How a contact that is there is changed: the words of `[NAME.amend]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename = "`amend`", default)]
pub struct Amend {
    /// The call that writes.
    #[serde(rename = "(call)")]
    pub call: Call,
    #[serde(rename = "read", deserialize_with = "address::path_if_any")]
    read_path: Option<String>,
    /// The call that reads the contact first, where writing replaces all of it.
    #[serde(skip)]
    pub read: Option<Call>,
    /// Members that reading gives and writing doesn't take.
    pub drop: Vec<String>,
    /// Members that reading gives as an object: what of it is written.
    pub take: Vec<(String, Pointer)>,
    /// Texts that the server mistakes for something else: what was read and holds one is
    /// not written back.
    pub refuse: Vec<String>,
    /// It is read once more after the change, and what was not kept is told.
    pub verify: bool,
    /// A query added where the reference is an e-mail address.
    pub by_email: Vec<(String, String)>,
    /// What a field emptied by `--clear` is sent as.
    pub blank: Option<String>,
    /// What is always sent beside the change: a value, or a text with [`REF`] in it.
    pub constants: Vec<Field>,
    pattern: Option<Pattern>,
    expects: Option<Spoken>,
    /// What a reference looks like.
    #[serde(skip)]
    pub reference: FieldRule,
}

impl Amend {
    /// Adds what follows from its words.
    pub(super) fn complete(&mut self) {
        let read = self.read_path.as_deref();
        self.read = read.map(|path| self.call.asking_at(path));
        self.reference = FieldRule {
            required: true,
            pattern: self.pattern.take(),
            expects: self.expects.take(),
            ..FieldRule::copy_of(REF)
        };
    }
}

/// Where settings are read and written, and what must hold of them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Deserialize, JsonSchema)]
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

#[derive(Deserialize, JsonSchema, Default)]
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
    type Error = String;

    fn try_from(table: MustTable) -> Result<Self, Self::Error> {
        if let Some(at) = table.at {
            let json_type = table.r#type.ok_or_else(|| say!("mistake-check-type"))?;
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
            _ => Err(say!("mistake-check-empty")),
        }
    }
}

/// The types of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
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
    pub fn in_words(self) -> String {
        match self {
            Self::Object => say!("json-object"),
            Self::List => say!("json-list"),
            Self::Text => say!("json-text"),
            Self::Number => say!("json-number"),
            Self::Boolean => say!("json-boolean"),
        }
    }
}

/// Entries of which each names a field and says whether it is mandatory.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename = "`mandatory`")]
pub struct Mandatory {
    pub entries: Pointer,
    /// The member that names the field: a target of `fields`.
    pub field: String,
    /// The member that is true where the field must be filled.
    pub flag: String,
    /// Names whose flag says nothing.
    #[serde(default)]
    pub exempt: Vec<String>,
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
