//! The JSON Schema of `partners.toml`, for editors: what the types [ask](asked) for, drawn as the reader takes it: a value for a list of one, `false` for
//! what isn't there, a word for some tables. What the manual says of a word is told while
//! it is written.

mod asked;
mod types;

use serde_json::{Map, Value as Json, json};

use self::types::{Book, Type};
use super::Reserved;
use crate::config::destination::Destination;
use crate::config::reader::{A_FIELD, SAME_TABLE, SHORT};

const MANUAL: &str = include_str!("../../../docs/partners.md");

/// The schema of a user's file.
pub fn schema() -> Json {
    let mut book = Book::default();
    let reserved = asked::ask::<Reserved>(&mut book);
    let destination = asked::ask::<Destination>(&mut book);
    let drawing = Drawing(&book);
    let is_top = |known: &&Type| known.reference() == reserved;
    let (top, others): (Vec<_>, Vec<_>) = book.types.iter().partition(is_top);
    let definitions = others
        .iter()
        .map(|it| (it.key.clone(), drawing.definition(it)));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "partners.toml of leadctl",
        "type": "object",
        "properties": top.first().map(|top| drawing.properties(top)),
        "additionalProperties": or_false(destination),
        "definitions": definitions.collect::<Map<_, _>>(),
    })
}

struct Drawing<'b>(&'b Book);

impl Drawing<'_> {
    /// What a word holds, as a schema.
    fn drawn(&self, holds: &Json) -> Json {
        match holds {
            Json::Object(parts) if parts.contains_key("list") => self.list(&parts["list"]),
            Json::Object(parts) if parts.contains_key("names") => self.names(&parts["names"]),
            Json::Object(parts) if parts.contains_key("several") => one_or_several(
                self.drawn(&parts["several"]),
                &self.drawn(&parts["several"]),
            ),
            holds => holds.clone(),
        }
    }

    /// A list, which one value may stand for; names with values where it is one of pairs.
    fn list(&self, item: &Json) -> Json {
        if let Some(value) = item.get("pair") {
            return self.names(value);
        }
        let known = self.0.find(item).filter(|known| !known.is_choice);
        let is_short = |known: &&Type| SHORT.iter().any(|(name, _)| *name == known.name);
        let pair = known.filter(|known| known.words.len() == 2 && !is_short(known));
        let value = pair.and_then(|pair| pair.words[1].holds.as_ref());
        let alone = value.map_or_else(|| self.drawn(item), |value| self.names(value));
        one_or_several(alone, &self.drawn(item))
    }

    /// Any names, each with such a value.
    fn names(&self, holds: &Json) -> Json {
        json!({ "type": "object", "additionalProperties": or_false(self.drawn(holds)) })
    }

    fn properties(&self, known: &Type) -> Map<String, Json> {
        let mut properties = Map::new();
        for word in &known.words {
            let holds = word.holds.as_ref().unwrap_or(&Json::Bool(true));
            if word.word == SAME_TABLE {
                let call = self.0.find(holds).map(|call| self.properties(call));
                properties.extend(call.unwrap_or_default());
            } else if !word.word.starts_with('(') {
                let mut holds = or_false(self.drawn(holds));
                if let (Some(text), Some(holds)) = (explained(word.word), holds.as_object_mut()) {
                    holds.insert("description".to_owned(), text.into());
                }
                properties.insert(word.word.to_owned(), holds);
            }
        }
        properties
    }

    fn definition(&self, known: &Type) -> Json {
        let mut ways = Vec::new();
        if known.is_choice {
            let alone = known.words.iter().filter(|it| it.holds == Some(Json::Null));
            let alone: Vec<&str> = alone.map(|it| it.word).collect();
            if !alone.is_empty() {
                ways.push(json!({ "enum": alone }));
            }
            let others = known.words.iter().filter(|it| it.holds != Some(Json::Null));
            ways.extend(others.map(|it| {
                let holds = it.holds.as_ref().unwrap_or(&Json::Bool(true));
                let mut way = table(
                    [(it.word.to_owned(), self.drawn(holds))]
                        .into_iter()
                        .collect(),
                );
                way["required"] = json!([it.word]);
                way
            }));
        } else {
            ways.push(table(self.properties(known)));
        }
        let short = SHORT.into_iter().chain([(A_FIELD, "from")]);
        for (_, short) in short.filter(|(name, _)| *name == known.name) {
            let word = known.words.iter().find(|it| it.word == short);
            ways.extend(word.and_then(|it| Some(self.drawn(it.holds.as_ref()?))));
        }
        match ways.len() {
            1 => ways.remove(0),
            _ => json!({ "anyOf": ways }),
        }
    }
}

fn one_or_several(alone: Json, item: &Json) -> Json {
    json!({ "anyOf": [alone, { "type": "array", "items": or_false(item.clone()) }] })
}

/// A table of these words and no others.
fn table(properties: Map<String, Json>) -> Json {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// `false` stands for what isn't there.
fn or_false(mut holds: Json) -> Json {
    let nothing = json!({ "const": false });
    if let Some(Json::Array(ways)) = holds.get_mut("anyOf") {
        ways.push(nothing);
        return holds;
    }
    match holds["type"] == "boolean" || holds == true {
        true => holds,
        false => json!({ "anyOf": [holds, nothing] }),
    }
}

/// What the manual says of a word, where it says one thing.
fn explained(word: &str) -> Option<String> {
    let rows = MANUAL.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut said = rows.filter_map(|row| {
        let (words, rest) = row.split_once(" | ")?;
        let mut words = words.split([',', ' ', '`']);
        let (text, _) = rest.rsplit_once('|')?;
        words
            .any(|known| known == word)
            .then(|| text.split(" | ").next())?
    });
    let text = said.next()?.trim().replace(['`', '*'], "");
    (said.next().is_none() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::config::document::CATALOGUE;

    /// Does a value suit? What of the language of schemas is used here.
    fn suits(value: &Json, schema: &Json, root: &Json) -> bool {
        let Some(parts) = schema.as_object() else {
            return schema == true;
        };
        parts.iter().all(|(word, said)| match word.as_str() {
            "$ref" => {
                let path = said.as_str().and_then(|path| path.strip_prefix('#'));
                suits(value, root.pointer(path.unwrap()).unwrap(), root)
            }
            "anyOf" => said
                .as_array()
                .unwrap()
                .iter()
                .any(|way| suits(value, way, root)),
            "enum" => said.as_array().unwrap().contains(value),
            "const" => said == value,
            "required" => said
                .as_array()
                .unwrap()
                .iter()
                .all(|it| value.get(it.as_str().unwrap()).is_some()),
            "type" => {
                let types: Vec<&Json> = said
                    .as_array()
                    .map_or(vec![said], |all| all.iter().collect());
                types.iter().any(|it| match it.as_str().unwrap() {
                    "string" => value.is_string(),
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => panic!("{other}"),
                })
            }
            "items" => {
                let items = value.as_array().into_iter().flatten();
                items.into_iter().all(|item| suits(item, said, root))
            }
            "properties" => {
                let mut known = said.as_object().unwrap().iter();
                known.all(|(name, schema)| value.get(name).is_none_or(|it| suits(it, schema, root)))
            }
            "additionalProperties" => {
                let is_known = |name: &str| schema["properties"].get(name).is_some();
                let mut others = value.as_object().into_iter().flatten();
                others.all(|(name, it)| is_known(name) || suits(it, said, root))
            }
            "minimum" | "description" | "title" | "$schema" | "definitions" => true,
            other => panic!("{other}"),
        })
    }

    fn fits(toml: &str, schema: &Json) -> bool {
        let table: toml::Table = toml.parse().unwrap();
        suits(&serde_json::to_value(table).unwrap(), schema, schema)
    }

    #[test]
    fn what_loads_fits() {
        let schema = schema();
        assert!(fits(CATALOGUE, &schema));
        let blocks = MANUAL.split("```toml\n").skip(1);
        for block in blocks.filter_map(|rest| rest.split("```").next()) {
            assert!(fits(block, &schema), "{block}");
        }
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "toml") {
                    let text = fs::read_to_string(&path).unwrap();
                    assert!(fits(&text, &schema), "{}", path.display());
                }
            }
        }
        for short in [
            "[x]\nbase = false\nkey = \"email\"\npace = [\"9/s\", false]\nfields = { a = false, b = \"email\" }",
            "[x]\nextends = \"y\"\nauth.bearer = { file = \"t\" }\nsafe_to_repeat = [\"email\"]",
            "[x.send]\nrules = { when = { status = [200, \"4xx\"], \"/a\" = false, body = { match = \"x\" } }, then = \"wait\", wait = { at = \"/a\", match = \"(1)\" } }",
            "[x.find]\nmatch = { \"/a\" = [\"email\", \"phone\"], \"/b\" = \"city\" }\nmargin = \"2m\"\npath = \"/a\"",
            "[leadctl]\nledger = \"l.db\"\n[columns]\nbudget = [\"Budget\"]\n[sources.a]\nheaders = \"x\"",
        ] {
            assert!(fits(short, &schema), "{short}");
        }
    }

    #[test]
    fn what_is_no_word_does_not_fit() {
        let schema = schema();
        for wrong in [
            "base = \"https://example.fr\"",
            "[x]\nbse = \"https://example.fr\"",
            "[x]\nkey = { email = true }",
            "[x]\nauth.baerer = \"A\"",
            "[x.fields]\na = { form = \"email\" }",
            "[x.fields]\na = { from = \"email\", format = \"emial\" }",
            "[x.send]\nrules = [{ when = { status = 200 }, than = \"delivered\" }]",
            "[x.send]\nrules = [{ when = { status = 200 }, then = \"deliverd\" }]",
            "[x.list]\npath = 1\npaht = \"/a\"",
            "[[x.examples]]\nmean = \"delivered\"",
            "[leadctl]\nleger = \"l.db\"",
        ] {
            assert!(!fits(wrong, &schema), "{wrong}");
        }
    }

    /// Every word of the schema, and each that holds anything at all.
    fn words<'s>(schema: &'s Json, all: &mut BTreeSet<&'s str>, open: &mut BTreeSet<&'s str>) {
        for (word, said) in schema.as_object().into_iter().flatten() {
            match (word.as_str(), said) {
                ("properties", Json::Object(known)) => {
                    all.extend(known.keys().map(String::as_str));
                    let anything = known.iter().filter(|(_, holds)| **holds == true);
                    open.extend(anything.map(|(word, _)| word.as_str()));
                    known.values().for_each(|holds| words(holds, all, open));
                }
                ("enum", Json::Array(choice)) => all.extend(choice.iter().filter_map(Json::as_str)),
                (_, Json::Array(ways)) => ways.iter().for_each(|way| words(way, all, open)),
                ("definitions", Json::Object(known)) => {
                    known.values().for_each(|holds| words(holds, all, open));
                }
                _ => words(said, all, open),
            }
        }
    }

    #[test]
    fn every_word_is_known_and_explained_in_the_manual() {
        let schema = schema();
        let (mut all, mut open) = (BTreeSet::new(), BTreeSet::new());
        words(&schema, &mut all, &mut open);
        assert!(all.len() > 120, "{all:?}");
        // Of another word that stands here none of the SAMPLES was taken.
        assert_eq!(open, BTreeSet::from(["safe_to_repeat", "value"]));
        let letters = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
        let explained: BTreeSet<&str> = MANUAL.split(|letter| !letters(letter)).collect();
        all.extend(["body", "header", "present", "absent", "empty"]);
        let missing: Vec<_> = all.difference(&explained).collect();
        assert!(missing.is_empty(), "not explained: {missing:?}");
    }
}
