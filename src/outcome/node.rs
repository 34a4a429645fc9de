//! A value of a partner's answer, as it lies in the list of all.

use std::borrow::Cow;

use serde_json::Number;

/// A value in its place; what is in it follows it.
#[derive(Debug)]
pub struct Node<'t> {
    /// Its name in the object that holds it; empty elsewhere.
    pub name: Cow<'t, str>,
    pub value: Value<'t>,
    /// Nodes up to the value beside it: itself and all in it.
    pub span: usize,
}

#[derive(Debug)]
pub enum Value<'t> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'t, str>),
    List,
    Object,
}

impl<'t> Node<'t> {
    /// A value that is no part of a document.
    pub fn alone(value: Value<'t>) -> Self {
        Self {
            name: Cow::Borrowed(""),
            value,
            span: 1,
        }
    }
}
