//! A TOML file as a tree in which each value knows its file and line, also
//! after another file was laid over it. Knows no word of the vocabulary.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::{Mistake, Mistakes, Place};

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

/// Values by key, in the order in which they were written.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub entries: Vec<(String, Node)>,
    /// Something was wrong in it and has been taken out.
    pub damaged: bool,
}

impl Value {
    /// What this is, in the words of a message: the value itself if it is short.
    pub fn in_words(&self) -> String {
        match self {
            Self::Text(text) if text.chars().count() <= 20 => format!("the text \"{text}\""),
            Self::Text(_) => "a text".to_owned(),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Bool(flag) => flag.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Table(table) if table.entries.is_empty() => "an empty table".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

impl Node {
    pub fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub fn table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub fn is_false(&self) -> bool {
        matches!(self.value, Value::Bool(false))
    }

    /// What tells it from every other value, as long as none is moved.
    pub fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Takes a value out, and marks the table that held it. `None` where it is
    /// not there, else whether a list held it.
    pub fn take_out(&mut self, id: usize) -> Option<bool> {
        match &mut self.value {
            Value::Table(table) => {
                let before = table.entries.len();
                table.entries.retain(|(_, node)| node.id() != id);
                table.damaged |= table.entries.len() < before;
                if table.entries.len() < before {
                    return Some(false);
                }
                let mut inner = table.entries.iter_mut();
                let was_in_list = inner.find_map(|(_, node)| node.take_out(id))?;
                table.damaged |= was_in_list;
                Some(false)
            }
            Value::List(items) => {
                let at = items.iter().position(|item| item.id() == id);
                match at {
                    Some(at) => {
                        items.remove(at);
                        Some(true)
                    }
                    None => items.iter_mut().find_map(|item| item.take_out(id)),
                }
            }
            _ => None,
        }
    }
}

impl Table {
    pub fn get(&self, key: &str) -> Option<&Node> {
        let entry = self.entries.iter().find(|(known, _)| known == key);
        entry.map(|(_, node)| node)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let entry = self.entries.iter_mut().find(|(known, _)| known == key);
        entry.map(|(_, node)| node)
    }

    /// Gives a key another value; a new key comes last.
    pub fn set(&mut self, key: &str, node: Node) {
        match self.get_mut(key) {
            Some(known) => *known = node,
            None => self.entries.push((key.to_owned(), node)),
        }
    }

    /// False where there is no such key.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|(known, _)| known != key);
        self.entries.len() < before
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// The entries of the table under a key; none where there is no table.
    pub fn under(&self, key: &str) -> &[(String, Node)] {
        let table = self.get(key).and_then(Node::table);
        table.map_or(&[], |table| &table.entries)
    }

    /// The value that several keys lead to, one table inside the other.
    pub fn at(&self, keys: &[&str]) -> Option<&Node> {
        let (last, outer) = keys.split_last()?;
        let mut table = self;
        for key in outer {
            table = table.get(key)?.table()?;
        }
        table.get(last)
    }
}

/// Reads a TOML file's text. A syntax mistake keeps the parser's own words.
pub fn parse(file: &str, text: &str) -> Result<Table, Vec<Mistake>> {
    let mut source = Source {
        file: file.into(),
        lines: text.match_indices('\n').map(|(at, _)| at + 1).collect(),
        mistakes: Mistakes::default(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    if let Some(error) = errors.first() {
        source.wrong_syntax(text, error);
    }
    let table = source.table(table.get_ref());
    match source.mistakes.0.is_empty() {
        true => Ok(table),
        false => Err(source.mistakes.0),
    }
}

/// What turns spans of a file's text into its lines.
struct Source {
    file: Arc<str>,
    /// Byte offsets at which lines start, but for the first.
    lines: Vec<usize>,
    mistakes: Mistakes,
}

impl Source {
    fn place(&self, offset: usize) -> Place {
        Place {
            file: Arc::clone(&self.file),
            line: 1 + self.lines.partition_point(|start| *start <= offset),
        }
    }

    /// Where the mistake is a key that is there already, names its first line.
    fn wrong_syntax(&mut self, text: &str, error: &toml::de::Error) {
        let message = error.message().replace('\n', ", ");
        let Some(span) = error.span() else {
            return self.mistakes.add(&self.place(0), message);
        };
        let place = self.place(span.start);
        let before = text.get(..span.start).unwrap_or_default();
        let lines_before = &before[..before.rfind('\n').unwrap_or(0)];
        let (before, _) = DeTable::parse_recoverable(lines_before);
        let key = text.get(span).unwrap_or_default();
        match last_of_name(before.get_ref(), key) {
            Some(first) => {
                let line = self.place(first).line;
                let hint = format!(
                    "`{key}` stands in line {line} already: write both together, or remove one"
                );
                self.mistakes.hint(&place, message, hint);
            }
            None => self.mistakes.add(&place, message),
        }
    }

    fn table(&mut self, table: &DeTable<'_>) -> Table {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table {
            let value = self.node(value, key.span().start);
            entries.push((key.get_ref().to_string(), value));
        }
        Table {
            entries,
            damaged: false,
        }
    }

    fn node(&mut self, value: &Spanned<DeValue<'_>>, start: usize) -> Node {
        let place = self.place(start);
        let unusable = "can't be used here (write it as a text between quotes)";
        let mut wrong = |what: &str| {
            self.mistakes.add(&place, format!("{what} {unusable}"));
            Value::Text(String::new())
        };
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| wrong("a number this large"), Value::Integer),
            DeValue::Float(number) => number
                .as_str()
                .parse()
                .map_or_else(|_| wrong("this number"), Value::Float),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(_) => wrong("a date without quotes"),
            DeValue::Array(items) => {
                let items = items.iter().map(|item| self.node(item, item.span().start));
                Value::List(items.collect())
            }
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node { value, place }
    }
}

/// Where the last key of this name stands.
fn last_of_name(table: &DeTable<'_>, name: &str) -> Option<usize> {
    let places = table.iter().map(|(key, value)| {
        let own = (key.get_ref() == name).then_some(key.span().start);
        let inside = value.get_ref().as_table();
        own.max(inside.and_then(|table| last_of_name(table, name)))
    });
    places.max().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_lines() {
        let tree = parse("test.toml", "b = 1\na = 2\n\n[z.y]\nx = 'v'\n").unwrap();
        let entries = tree.entries.iter();
        let keys: Vec<_> = entries
            .map(|(key, node)| (&**key, node.place.line))
            .collect();
        assert_eq!(keys, [("b", 1), ("a", 2), ("z", 4)]);
    }

    #[test]
    fn a_syntax_mistake_names_its_line() {
        let mistakes = parse("p.toml", "a = 1\nb = \n").unwrap_err();
        assert_eq!(mistakes[0].place.line, 2);
    }

    #[test]
    fn what_stands_twice_is_told_with_its_first_line() {
        for (text, again, first) in [
            (
                "[one]\nkey = 1\n[one.send]\n[two]\n[one] # again\n",
                5,
                "`one` stands in line 1",
            ),
            (
                "[one]\nkeys = 1\nkey = 1\n\nkey = 2\n",
                5,
                "`key` stands in line 3",
            ),
            (
                "[one]\nkey = 1\n[two]\na = { b = 1, key = 1, key = 2 }\n",
                4,
                "duplicate key",
            ),
            (
                "[one]\nsend = { path = \"/\" }\n[one.send]\n",
                3,
                "`send` stands in line 2",
            ),
        ] {
            let told = parse("p.toml", text).unwrap_err()[0].to_string();
            assert!(told.starts_with(&format!("p.toml:{again}: ")), "{told}");
            assert!(told.contains(first), "{told}");
        }
    }
}
