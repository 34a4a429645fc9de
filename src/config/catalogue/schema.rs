//! The JSON Schema of `partners.toml`, for editors: that of the types, changed to what the
//! reader of tables takes beside it: a value for a list of one, `false` for what isn't
//! there, a word for some tables. What the manual says of a word is told while it is
//! written.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use super::Reserved;
use crate::config::destination::Destination;
use crate::config::reader::SAME_TABLE;
use crate::config::table_type::{A_FIELD, SHORT};

/// A type that is written as a text.
const DURATION: &str = "Duration";
const MANUAL: &str = include_str!("../../../docs/partners.md");

/// The schema of a user's file.
pub fn schema() -> Json {
    let mut generator = SchemaSettings::draft07().into_generator();
    let reserved = generator.subschema_for::<Reserved>().to_value();
    let destination = generator.subschema_for::<Destination>().to_value();
    let types = Types(generator.definitions());
    let definitions = types.0.iter().filter(|(name, _)| *name != DURATION);
    let definitions =
        definitions.map(|(name, of_type)| (key(name), types.definition(name, of_type)));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "partners.toml of leadctl",
        "type": "object",
        "properties": types.properties(types.resolved(&reserved)),
        "additionalProperties": types.or_false(&destination),
        "definitions": definitions.collect::<Map<_, _>>(),
    })
}

/// The types of the vocabulary by their names, as schemas of JSON that serde would read.
struct Types<'t>(&'t Map<String, Json>);

impl Types<'_> {
    /// The name of the type that is referred to.
    fn referred(&self, schema: &Json) -> Option<&str> {
        let name = schema["$ref"].as_str()?.strip_prefix("#/definitions/")?;
        let name = percent_encoding::percent_decode_str(name)
            .decode_utf8()
            .ok()?;
        self.0
            .get_key_value(name.as_ref())
            .map(|(name, _)| name.as_str())
    }

    /// The schema itself, not a reference to it.
    fn resolved<'s>(&'s self, schema: &'s Json) -> &'s Json {
        self.referred(schema).map_or(schema, |name| &self.0[name])
    }

    /// A type, and the word that may stand for its table.
    fn definition(&self, name: &str, of_type: &Json) -> Json {
        let whole = self.written(of_type);
        let short = SHORT.into_iter().chain([(A_FIELD, "from")]);
        let mut short = short.filter(|(known, _)| *known == name);
        let Some((_, word)) = short.next() else {
            return whole;
        };
        let variants = of_type["oneOf"].as_array().into_iter().flatten();
        let mut tables = variants.chain([of_type]);
        let word = tables.find_map(|table| table["properties"].get(word));
        let word = self.written(word.unwrap_or(&Json::Bool(true)));
        json!({ "anyOf": [whole, word] })
    }

    /// What may be written for a value of this schema.
    fn written(&self, schema: &Json) -> Json {
        if let Some(name) = self.referred(schema) {
            return match name {
                DURATION => text(),
                name => json!({ "$ref": format!("#/definitions/{}", key(name)) }),
            };
        }
        let ways = ["anyOf", "oneOf"]
            .iter()
            .find_map(|word| schema[word].as_array());
        if let Some(ways) = ways {
            let there = ways.iter().filter(|way| way["type"] != "null");
            let mut ways: Vec<Json> = there.map(|way| self.written(way)).collect();
            return match ways.len() {
                1 => ways.remove(0),
                _ => json!({ "anyOf": ways }),
            };
        }
        let of_type = schema["type"]
            .as_array()
            .map_or(&schema["type"], |types| &types[0]);
        match of_type.as_str() {
            Some("array") => self.list(&schema["items"]),
            Some("object") if schema.get("properties").is_some() => self.table(schema),
            Some("object") => self.names(&schema["additionalProperties"]),
            Some("string") => match (schema.get("enum"), schema.get("const")) {
                (Some(words), _) => json!({ "enum": words }),
                (None, Some(word)) => json!({ "enum": [word] }),
                (None, None) => text(),
            },
            Some("integer") => json!({ "type": "integer", "minimum": 0 }),
            Some(other) => json!({ "type": other }),
            None => Json::Bool(true),
        }
    }

    /// A table of these words and no others. Of a choice one is there; what else a table must
    /// have, another layer may give.
    fn table(&self, schema: &Json) -> Json {
        let is_choice = schema["additionalProperties"] == false;
        let required = schema["required"].as_array().filter(|_| is_choice);
        json!({
            "type": "object",
            "properties": self.properties(schema),
            "required": required.cloned().unwrap_or_default(),
            "additionalProperties": false,
        })
    }

    /// A list, which one value may stand for; names with values where it is one of pairs.
    fn list(&self, item: &Json) -> Json {
        let of_item = self.resolved(item);
        if let Some(value) = of_item.pointer("/prefixItems/1") {
            return self.names(value);
        }
        let is_short = SHORT
            .iter()
            .any(|(name, _)| self.referred(item) == Some(name));
        let words = of_item["properties"].as_object();
        let pair = words.filter(|words| words.len() == 2 && !is_short);
        let alone = match pair.and_then(|words| words.values().nth(1)) {
            Some(value) => self.names(value),
            None => self.written(item),
        };
        json!({ "anyOf": [alone, { "type": "array", "items": self.or_false(item) }] })
    }

    /// Any names, each with such a value.
    fn names(&self, value: &Json) -> Json {
        json!({ "type": "object", "additionalProperties": self.or_false(value) })
    }

    /// The words of a table.
    fn properties(&self, table: &Json) -> Map<String, Json> {
        let mut properties = Map::new();
        for (word, holds) in table["properties"].as_object().into_iter().flatten() {
            if word == SAME_TABLE {
                properties.extend(self.properties(self.resolved(holds)));
            } else if !word.starts_with('(') {
                let mut holds = self.or_false(holds);
                if let (Some(text), Some(holds)) = (explained(word), holds.as_object_mut()) {
                    holds.insert("description".to_owned(), text.into());
                }
                properties.insert(word.clone(), holds);
            }
        }
        properties
    }

    /// The same, or `false`, which stands for what isn't there.
    fn or_false(&self, schema: &Json) -> Json {
        let mut written = self.written(schema);
        let nothing = json!({ "const": false });
        if let Some(Json::Array(ways)) = written.get_mut("anyOf") {
            ways.push(nothing);
            return written;
        }
        match written["type"] == "boolean" || written == true {
            true => written,
            false => json!({ "anyOf": [written, nothing] }),
        }
    }
}

/// A number may stand where a text is asked for.
fn text() -> Json {
    json!({ "type": ["string", "integer"] })
}

/// A type's name, in letters and dashes.
fn key(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
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
        assert_eq!(open, BTreeSet::from(["value"]));
        let letters = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
        let explained: BTreeSet<&str> = MANUAL.split(|letter| !letters(letter)).collect();
        all.extend(["body", "header", "present", "absent", "empty"]);
        let missing: Vec<_> = all.difference(&explained).collect();
        assert!(missing.is_empty(), "not explained: {missing:?}");
    }
}
