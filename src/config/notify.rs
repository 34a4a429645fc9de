//! `[leadctl.notify]`: who is told of what became of a run, beside who reads its
//! results. An address is a secret: whoever has it may post there.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::auth::Secret;

/// Who is told, and of what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "[leadctl.notify]", default)]
pub struct Notify {
    /// What is posted; all of it when not said.
    pub on: Option<Vec<Occasion>>,
    pub post: Option<Post>,
    /// A program that is given the text instead, on its standard input.
    pub command: Vec<String>,
    pub heartbeat: Option<Heartbeat>,
    /// A file for Prometheus' node exporter.
    pub metrics: Option<PathBuf>,
}

/// What is worth a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    InDoubt,
    Failed,
    Unsent,
    Rejected,
    Invalid,
    /// A run stopped, or could not begin.
    Stopped,
}

/// Where news is posted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "`post`")]
pub struct Post {
    pub url: Secret,
    #[serde(default)]
    pub form: PostForm,
}

/// What the receiver reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PostForm {
    /// `{"text": "…"}`, as Slack and those like it.
    #[default]
    Text,
    /// A card in a message, as a workflow of Teams.
    Teams,
}

/// What is called after every run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "`heartbeat`")]
pub struct Heartbeat {
    pub url: Secret,
}
