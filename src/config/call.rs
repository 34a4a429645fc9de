//! A call to a partner: where it goes and how its answer is read. Also the one
//! that changes a contact which is there.

use serde::Deserialize;

use super::address;
use super::field_rule::FieldRule;
use super::pattern::Pattern;
use super::pointer::Pointer;
use super::response_rule::ResponseRule;

/// The placeholder in `follow.path` for the partner's number of the lead.
pub const REFERENCE: &str = "reference";
/// The placeholder in `amend.path` for the partner's number of the contact.
pub const REF: &str = "ref";

/// `send`, `follow`, `list`…
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename = "a call", default)]
pub struct Call {
    pub method: Method,
    /// Added to the base; `{name}` is a placeholder.
    #[serde(deserialize_with = "address::path")]
    pub path: String,
    pub query: Vec<(String, String)>,
    /// It asks, and leaves nothing at the partner's.
    #[serde(skip)]
    pub asks: bool,
    pub wrap: Option<Wrap>,
    pub rules: Vec<ResponseRule>,
    /// Where the partner's words stand.
    pub message: Vec<Pointer>,
    /// The partner's words, in the user's.
    pub words: Vec<(String, String)>,
}

/// What the object that is sent is put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
            ..self
        }
    }

    /// The same call at another path, as one that only asks.
    pub fn asking_at(&self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self.clone().asking()
        }
    }

    /// The names between braces in the path, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    }

    /// Some rule says how a success is recognised.
    pub fn proves_success(&self) -> bool {
        self.rules.iter().any(|rule| rule.then.is_success())
    }
}

/// The methods that a destination may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
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
#[derive(Debug, Clone, Default, Deserialize)]
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
    pattern: Option<Pattern>,
    expects: Option<String>,
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
