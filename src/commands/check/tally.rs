//! Counts of what was noticed in an input, by what it is about, with an example
//! or two of each. However long the input, it stays small.

use std::collections::HashMap;

use serde::Serialize;

/// Different things counted one by one; what comes after is counted together.
const KINDS: usize = 200;
const EXAMPLES: usize = 2;

#[derive(Debug, Default)]
pub struct Tally {
    noticed: HashMap<(String, String), Noticed>,
    /// Rows with something that is not counted one by one.
    others: u64,
}

/// One thing that was noticed.
#[derive(Debug, Serialize)]
pub struct Noticed {
    pub column: String,
    pub rows: u64,
    pub examples: Vec<Example>,
}

#[derive(Debug, Serialize)]
pub struct Example {
    pub line: u64,
    pub message: String,
}

impl Tally {
    pub fn add(&mut self, column: &str, message: &str, line: u64) {
        let key = (column.to_owned(), gist(message));
        if self.noticed.len() >= KINDS && !self.noticed.contains_key(&key) {
            self.others += 1;
            return;
        }
        let noticed = self.noticed.entry(key).or_insert_with(|| Noticed {
            column: column.to_owned(),
            rows: 0,
            examples: Vec::new(),
        });
        noticed.rows += 1;
        if noticed.examples.len() < EXAMPLES {
            let message = message.to_owned();
            noticed.examples.push(Example { line, message });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.noticed.is_empty()
    }

    pub fn others(&self) -> u64 {
        self.others
    }

    /// The most frequent first.
    pub fn sorted(&self) -> Vec<&Noticed> {
        let mut all: Vec<&Noticed> = self.noticed.values().collect();
        let first = |noticed: &Noticed| noticed.examples.first().map(|example| example.line);
        all.sort_by(|a, b| {
            b.rows
                .cmp(&a.rows)
                .then_with(|| first(a).cmp(&first(b)))
                .then_with(|| a.column.cmp(&b.column))
        });
        all
    }
}

impl Noticed {
    /// `3 rows (line 7: …)`
    pub fn in_words(&self) -> String {
        let rows = crate::output::text::counted(self.rows, "row", "rows");
        let example = |it: &Example| format!("line {}: {}", it.line, it.message);
        let examples: Vec<String> = self.examples.iter().map(example).collect();
        let more = match self.rows > EXAMPLES as u64 {
            true => "; …",
            false => "",
        };
        format!("{rows} - {}{more}", examples.join("; "))
    }

    /// `… has no point after the @ (3 rows, first line 7)`: without the advice
    /// that a complaint ends with.
    pub fn in_short(&self) -> String {
        let Some(Example { line, message }) = self.examples.first() else {
            return String::new();
        };
        let place = match self.rows {
            1 => format!("line {line}"),
            rows => format!("{rows} rows, first line {line}"),
        };
        format!("{} ({place})", before_advice(message))
    }
}

/// What stands before the first `; ` outside quotes.
fn before_advice(message: &str) -> &str {
    let mut quoted = false;
    for (at, c) in message.char_indices() {
        quoted ^= c == '"';
        if !quoted && message[at..].starts_with("; ") {
            return &message[..at];
        }
    }
    message
}

/// A message without the values in it: what stands between quotes, and digits.
fn gist(message: &str) -> String {
    let mut gist = String::with_capacity(message.len().min(200));
    for (at, part) in message.split('"').enumerate() {
        if at % 2 == 0 {
            gist.extend(part.chars().filter(|c| !c.is_ascii_digit()));
        }
    }
    gist
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_complaint_about_other_values_is_one() {
        let mut tally = Tally::default();
        tally.add("Mail", "\"a@b\" has no point", 2);
        tally.add("Mail", "\"c@d\" has no point", 3);
        tally.add("Tel", "\"06\" is too short", 4);
        let sorted = tally.sorted();
        assert_eq!((sorted.len(), sorted[0].rows), (2, 2));
        assert_eq!(
            sorted[0].in_words(),
            "2 rows - line 2: \"a@b\" has no point; line 3: \"c@d\" has no point"
        );
    }

    #[test]
    fn advice_is_left_out_but_not_a_value() {
        let mut tally = Tally::default();
        tally.add("Mail", "\"a; b\" has no @; write one", 2);
        assert_eq!(tally.sorted()[0].in_short(), "\"a; b\" has no @ (line 2)");
    }

    #[test]
    fn it_stays_small() {
        let mut tally = Tally::default();
        for line in 0..1000 {
            tally.add(&format!("column {line}"), "odd", line);
        }
        assert_eq!((tally.noticed.len(), tally.others()), (KINDS, 800));
    }
}
