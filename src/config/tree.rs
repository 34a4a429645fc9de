//! TOML as a tree that remembers where each value was written, so that layers
//! can be laid over each other and a mistake still names its file and line.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;
use super::place::Place;
use super::twice;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    pub value: Value,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    List(Vec<Node>),
    Table(Table),
}

impl Node {
    fn is_flag(&self) -> bool {
        matches!(self.value, Value::Bool(_))
    }

    fn is_false(&self) -> bool {
        matches!(self.value, Value::Bool(false))
    }
}

/// Keys whose tables are not laid over each other like all others.
#[derive(Debug)]
pub struct Kept {
    /// The upper table takes the lower one's place.
    pub whole: &'static [&'static str],
    /// Words and what is sent for each, which may be `false`.
    pub meanings: &'static [&'static str],
}

/// Entries in the order in which they were written.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

impl Value {
    /// What this is, in the words of a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Value {
    /// The same with the value itself, where that is short.
    pub fn in_words(&self) -> String {
        match self {
            Self::Text(text) if text.chars().count() <= 20 => format!("the text \"{text}\""),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            other => other.kind().to_owned(),
        }
    }
}

impl Table {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.node)
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.key == key)
    }

    /// Lays `over` on this table: tables merge by key, anything else is
    /// replaced, `false` removes. `kept` names the keys whose tables don't.
    pub fn lay(&mut self, over: &Table, kept: &Kept) {
        for entry in &over.entries {
            let position = self.position(&entry.key);
            if entry.node.is_false() {
                match position {
                    // `false` stays where nothing is to be removed: it may be a value.
                    Some(at) if !self.entries[at].node.is_flag() => {
                        self.entries.remove(at);
                    }
                    Some(at) => self.entries[at] = entry.clone(),
                    None => self.entries.push(entry.clone()),
                }
                continue;
            }
            let Some(at) = position else {
                self.entries.push(entry.clone());
                continue;
            };
            let below = &mut self.entries[at];
            let key = &&*entry.key;
            match (&mut below.node.value, &entry.node.value) {
                (Value::Table(below), Value::Table(above)) if kept.meanings.contains(key) => {
                    below.lay_meanings(above);
                }
                (Value::Table(below), Value::Table(above)) if !kept.whole.contains(key) => {
                    below.lay(above, kept);
                }
                _ => *below = entry.clone(),
            }
        }
    }

    /// Lays a table whose values are sent to somebody. A removal of what is
    /// gone already must not be sent: `false` is a value only in a new map, or
    /// where one of the two speaks of true and false.
    fn lay_meanings(&mut self, over: &Table) {
        let says_true = |entry: &Entry| matches!(entry.node.value, Value::Bool(true));
        let is_value = self.entries.is_empty()
            || self.entries.iter().any(|entry| entry.node.is_flag())
            || over.entries.iter().any(says_true);
        for entry in &over.entries {
            let removes = entry.node.is_false() && !is_value;
            match self.position(&entry.key) {
                Some(at) if removes => drop(self.entries.remove(at)),
                Some(at) => self.entries[at] = entry.clone(),
                None if removes => {}
                None => self.entries.push(entry.clone()),
            }
        }
    }
}

/// Reads a TOML file's text. A syntax mistake keeps the parser's own words.
pub fn parse(file: &str, text: &str) -> Result<Table, Mistake> {
    let file: Arc<str> = file.into();
    let lines = Lines::new(text);
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(0, |span| lines.at(span.start));
        let twice = error
            .span()
            .filter(|_| error.message().starts_with("duplicate key"))
            .map(|span| twice::in_words(text, &text[span], line));
        let (message, hint) = twice.unwrap_or_else(|| {
            let message = error.message().replace('\n', ", ");
            (message, None)
        });
        Mistake {
            place: Place {
                file: Arc::clone(&file),
                line,
            },
            message,
            hint,
        }
    })?;
    let mut mistakes = Vec::new();
    let table = convert_table(table.get_ref(), &file, &lines, &mut mistakes);
    match mistakes.into_iter().next() {
        Some(mistake) => Err(mistake),
        None => Ok(table),
    }
}

/// Byte offsets at which lines start.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(starts).collect())
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

fn convert_table(
    table: &DeTable<'_>,
    file: &Arc<str>,
    lines: &Lines,
    mistakes: &mut Vec<Mistake>,
) -> Table {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let start = key.span().start;
            let place = Place {
                file: Arc::clone(file),
                line: lines.at(start),
            };
            let entry = Entry {
                key: key.get_ref().to_string(),
                place,
                node: convert(value, file, lines, mistakes),
            };
            (start, entry)
        })
        .collect();
    entries.sort_by_key(|(start, _)| *start);
    Table {
        entries: entries.into_iter().map(|(_, entry)| entry).collect(),
    }
}

fn convert(
    value: &Spanned<DeValue<'_>>,
    file: &Arc<str>,
    lines: &Lines,
    mistakes: &mut Vec<Mistake>,
) -> Node {
    let place = Place {
        file: Arc::clone(file),
        line: lines.at(value.span().start),
    };
    let mut wrong = |what: &str| {
        mistakes.push(Mistake {
            place: place.clone(),
            message: format!("{what} can't be used here"),
            hint: Some("write it as a text between quotes".into()),
        });
        Value::Text(String::new())
    };
    let converted = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| wrong("a number this large"), Value::Integer),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map_or_else(|_| wrong("this number"), Value::Float),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(_) => wrong("a date without quotes"),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| convert(item, file, lines, mistakes))
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(convert_table(table, file, lines, mistakes)),
    };
    Node {
        value: converted,
        place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Kept = Kept {
        whole: &["auth"],
        meanings: &["map"],
    };

    fn table(text: &str) -> Table {
        parse("test.toml", text).unwrap()
    }

    /// The words of a map, each with what is sent for it.
    fn laid(below: &str, over: &str) -> String {
        let mut tree = table(below);
        tree.lay(&table(over), &KEPT);
        let Some(Value::Table(map)) = tree.get("map").map(|node| &node.value) else {
            return String::new();
        };
        let words = map.entries.iter().map(|entry| match &entry.node.value {
            Value::Bool(flag) => format!("{}={flag}", entry.key),
            Value::Text(text) => format!("{}={text}", entry.key),
            _ => entry.key.clone(),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn in_a_map_false_is_what_is_sent_or_takes_a_word_out() {
        for (below, over, expected) in [
            (
                "",
                "map = { Oui = true, Non = false }",
                "Oui=true Non=false",
            ),
            ("", "map = { Non = false }", "Non=false"),
            ("map = {}", "map = { Non = false }", "Non=false"),
            (
                "map = { Oui = true }",
                "map = { Non = false }",
                "Oui=true Non=false",
            ),
            ("map = { Oui = true }", "map = { Oui = false }", "Oui=false"),
            (
                "map = { Oui = 'O', Non = 'N' }",
                "map = { Non = false }",
                "Oui=O",
            ),
            (
                "map = { Oui = 'O', Non = 'N' }",
                "map = { Oui = true, Non = false }",
                "Oui=true Non=false",
            ),
            // Removed twice, or gone from the catalogue meanwhile: never sent.
            ("map = { Oui = 'O' }", "map = { Non = false }", "Oui=O"),
            ("map = { Oui = 'O' }", "map = false", ""),
        ] {
            assert_eq!(laid(below, over), expected, "{below} / {over}");
        }
    }

    #[test]
    fn keeps_order_and_lines() {
        let tree = table("b = 1\na = 2\n\n[z.y]\nx = 'v'\n");
        let keys: Vec<_> = tree
            .entries
            .iter()
            .map(|e| (&*e.key, e.place.line))
            .collect();
        assert_eq!(keys, [("b", 1), ("a", 2), ("z", 4)]);
    }

    #[test]
    fn layers_merge_replace_and_remove() {
        let mut below = table("a = 1\nl = [1]\n[t]\nx = 1\ny = 2\n[auth]\nbearer = 'A'\n");
        below.lay(
            &table("a = 2\nl = [2, 3]\n[t]\nx = false\nz = 3\n[auth]\nbasic = 'B'\n"),
            &KEPT,
        );
        let Some(Value::Table(t)) = below.get("t").map(|n| &n.value) else {
            panic!("no table t");
        };
        let keys: Vec<_> = t.entries.iter().map(|e| &*e.key).collect();
        assert_eq!(keys, ["y", "z"]);
        let Some(Value::Table(auth)) = below.get("auth").map(|n| &n.value) else {
            panic!("no table auth");
        };
        assert!(auth.get("bearer").is_none() && auth.get("basic").is_some());
        assert!(matches!(&below.get("l").unwrap().value, Value::List(l) if l.len() == 2));
    }

    #[test]
    fn a_syntax_mistake_names_its_line() {
        let mistake = parse("p.toml", "a = 1\nb = \n").unwrap_err();
        assert_eq!(mistake.place.line, 2);
    }
}
