//! A value of an answer and the ways from it to others. Where a name comes
//! twice in an object, its last value counts, at the first one's place.

use std::borrow::Cow;
use std::collections::HashMap;
use std::slice;

use serde_json::Value as Json;

use super::node::{Node, Value};
use crate::config::{PathStep, Pointer};

/// A value of a document and all that is in it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'d>(&'d [Node<'d>]);

impl<'d> Found<'d> {
    /// `nodes` begin with the value; it is never empty.
    pub fn new(nodes: &'d [Node<'d>]) -> Self {
        Self(nodes)
    }

    pub fn alone(node: &'d Node<'d>) -> Self {
        Self(slice::from_ref(node))
    }

    pub fn value(self) -> &'d Value<'d> {
        &self.0[0].value
    }

    pub fn name(self) -> &'d str {
        &self.0[0].name
    }

    /// What stands directly in it, as it was written.
    fn children(self) -> impl Iterator<Item = Found<'d>> {
        let mut rest = &self.0[1..];
        std::iter::from_fn(move || {
            let (child, after) = rest.split_at(rest.first()?.span);
            rest = after;
            Some(Found(child))
        })
    }

    /// The items of a list.
    pub fn items(self) -> impl Iterator<Item = Found<'d>> {
        self.children()
    }

    /// The members of an object, each name once.
    pub fn members(self) -> Vec<Found<'d>> {
        let mut members: Vec<Found<'d>> = Vec::new();
        let mut places = HashMap::new();
        for member in self.children() {
            let place = *places.entry(member.name()).or_insert(members.len());
            match members.get_mut(place) {
                Some(earlier) => *earlier = member,
                None => members.push(member),
            }
        }
        members
    }

    fn member(self, name: &str) -> Option<Found<'d>> {
        self.children().filter(|child| child.name() == name).last()
    }

    /// Shows `test` every value that `pointer` reaches, in their order, until
    /// one passes.
    pub fn any(self, pointer: &Pointer, test: &mut dyn FnMut(Found<'d>) -> bool) -> bool {
        self.any_at(pointer.steps(), test)
    }

    fn any_at(self, steps: &[PathStep], test: &mut dyn FnMut(Found<'d>) -> bool) -> bool {
        let Some((step, rest)) = steps.split_first() else {
            return test(self);
        };
        let mut go_on = |found: Found<'d>| found.any_at(rest, test);
        match (step, self.value()) {
            (PathStep::Key(name), Value::Object) => self.member(name).is_some_and(go_on),
            (PathStep::Key(index), Value::List) => {
                let index = index.parse().ok();
                index
                    .and_then(|index| self.items().nth(index))
                    .is_some_and(go_on)
            }
            (PathStep::Any, Value::Object) => self.members().into_iter().any(go_on),
            (PathStep::Any, Value::List) => self.items().any(&mut go_on),
            _ => false,
        }
    }

    /// The first value that `pointer` reaches and that is not null.
    pub fn first(self, pointer: &Pointer) -> Option<Found<'d>> {
        let mut first = None;
        self.any(pointer, &mut |found| {
            first = Some(found).filter(|found| !matches!(found.value(), Value::Null));
            first.is_some()
        });
        first
    }

    /// Null, or a text without a letter.
    pub fn is_empty(self) -> bool {
        match self.value() {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The same value; `1` and `1.0` are the same number.
    pub fn is(self, wanted: &Json) -> bool {
        match (self.value(), wanted) {
            (Value::Number(found), Json::Number(wanted)) => found.as_f64() == wanted.as_f64(),
            (Value::Text(found), Json::String(wanted)) => found == wanted,
            (Value::Bool(found), Json::Bool(wanted)) => found == wanted,
            (Value::List | Value::Object, Json::Array(_) | Json::Object(_)) => {
                self.to_json() == *wanted
            }
            (Value::Null, Json::Null) => true,
            _ => false,
        }
    }

    /// A scalar as text; a list or an object has none.
    pub fn as_text(self) -> Option<Cow<'d, str>> {
        match self.value() {
            Value::Text(text) if !text.trim().is_empty() => Some(text.trim().into()),
            Value::Number(number) => Some(number.to_string().into()),
            Value::Bool(flag) => Some(flag.to_string().into()),
            _ => None,
        }
    }

    /// As serde_json's tree.
    pub fn to_json(self) -> Json {
        match self.value() {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::String(text.to_string()),
            Value::List => self.items().map(Found::to_json).collect(),
            Value::Object => {
                let members = self.members().into_iter();
                let members = members.map(|member| (member.name().to_owned(), member.to_json()));
                Json::Object(members.collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::document::Document;

    /// What `pointer` reaches, as the tree finds it too.
    fn reached(pointer: &str, text: &str) -> Vec<Json> {
        let pointer = Pointer::parse(pointer).expect("a pointer");
        let document = Document::read(text).expect("a document");
        let mut reached = Vec::new();
        document.root().any(&pointer, &mut |found| {
            reached.push(found.to_json());
            false
        });
        let tree = serde_json::from_str(text).expect("a document");
        let in_tree: Vec<Json> = pointer.find(&tree).into_iter().cloned().collect();
        assert_eq!(reached, in_tree, "{pointer} in {text}");
        let first = document.root().first(&pointer).map(Found::to_json);
        assert_eq!(first.as_ref(), pointer.first(&tree), "{pointer} in {text}");
        reached
    }

    #[test]
    fn pointers_reach_what_they_reach_in_the_tree() {
        let texts = [
            r#"{"data":{"id":7,"id":null},"errors":[{"code":6,"ids":[1,2]},{"code":12},3]}"#,
            r#"{"errors":{"a":{"code":1},"b":null,"a":{"code":2,"x":[{}]}},"data":[null,{"id":"q"}]}"#,
            r#"[[0,1],{"1":"one","":"none"},"text"]"#,
            "3",
        ];
        let pointers = [
            "",
            "/",
            "/data",
            "/data/id",
            "/data/1/id",
            "/data/+1/id",
            "/data/01",
            "/data/-1",
            "/errors/*/code",
            "/errors/*/*",
            "/errors/1/code",
            "/errors/a/x/*",
            "/*/*",
            "/1/1",
            "/0/0",
            "/nothing/here",
            "/data/id/x",
        ];
        for (pointer, text) in pointers.iter().flat_map(|p| texts.map(|t| (*p, t))) {
            reached(pointer, text);
        }
        assert_eq!(reached("/errors/*/code", texts[1]), [Json::from(2)]);
        assert_eq!(reached("/errors/*/code", texts[0]), [6, 12].map(Json::from));
    }

    #[test]
    fn values_are_compared_as_values() {
        let is = |found: &str, wanted: Json| {
            let document = Document::read(found).expect("a document");
            document.root().is(&wanted)
        };
        assert!(is("1", Json::from(1.0)) && is("1.0", Json::from(1)));
        assert!(!is("\"1\"", Json::from(1)) && !is("1", Json::from(true)));
        assert!(is("true", Json::from(true)) && !is("true", Json::from("true")));
        assert!(is(
            r#"{"b":[1],"a":2}"#,
            serde_json::json!({"a": 2, "b": [1]})
        ));
        assert!(!is("[1,2]", serde_json::json!([2, 1])) && !is("[]", serde_json::json!({})));
        assert!(is("null", Json::Null) && !is("0", Json::Null));
    }
}
