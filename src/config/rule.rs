//! How one value of a request is made from a lead: the words of `fields` and `path`.

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value as Json;

use super::mistake::nearest;
use super::place::Place;
use super::reader::{self, Mistakes};
use super::tree::{Entry, Node, Table, Value};

/// A target in the request and the rule that fills it.
#[derive(Debug, Clone)]
pub struct Field {
    /// The target as written: dotted for nested objects (`properties.email`).
    pub target: String,
    pub rule: FieldRule,
}

/// How a value is taken from a lead, checked and written.
#[derive(Debug, Clone)]
pub struct FieldRule {
    /// Lead fields, or headers as they stand; the first that is not blank is taken.
    pub from: Vec<String>,
    /// A constant, instead of `from`.
    pub value: Option<Json>,
    pub required: bool,
    pub format: Option<ValueFormat>,
    /// Accepted values and what is sent for each, matched without regard to
    /// case, accents and punctuation; what would be sent is accepted too.
    pub map: Vec<(String, Json)>,
    /// With `map`: a value that is not in it is sent as it is.
    pub others: bool,
    pub pattern: Option<Pattern>,
    pub value_type: ValueType,
    /// Characters at most.
    pub max: Option<usize>,
    /// The name that the partner's document gives it; an accepted header.
    pub label: Option<String>,
    /// Further accepted headers for this destination.
    pub columns: Vec<String>,
    /// Texts that a value must not contain, whatever their case.
    pub refuse: Vec<String>,
    /// Typographic apostrophes, quotes, dashes and spaces become plain ones.
    pub plain: bool,
    /// What would be accepted, in words, for the complaint.
    pub expects: Option<String>,
    pub place: Place,
}

/// The JSON type that is written. Text unless declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValueType {
    #[default]
    Text,
    Integer,
    Number,
    Boolean,
}

/// A form that a value can be asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueFormat {
    /// `+33639980001`
    PhoneE164,
    /// `0639980001`, as the destination's country dials it; `+…` for others.
    PhoneNational,
    /// `0639980001`, or `+262…`, `+590…`, `+594…`, `+596…`; no foreign number.
    PhoneFrench,
    Email,
    /// `mr` or `ms`
    Title,
    /// ISO 3166 alpha-2
    Country,
    /// The country's name in French
    CountryName,
    Lower,
    Upper,
    /// Digits alone: spaces, dots and dashes are dropped.
    Digits,
    /// A French postcode keeps its five digits.
    Postcode,
}

impl ValueFormat {
    pub(super) const WORDS: [(&'static str, ValueFormat); 11] = [
        ("phone-e164", Self::PhoneE164),
        ("phone-national", Self::PhoneNational),
        ("phone-french", Self::PhoneFrench),
        ("email", Self::Email),
        ("title", Self::Title),
        ("country", Self::Country),
        ("country-name", Self::CountryName),
        ("lower", Self::Lower),
        ("upper", Self::Upper),
        ("digits", Self::Digits),
        ("postcode", Self::Postcode),
    ];
}

/// A pattern as the partners write them: PCRE's `\d` and `\w` are ASCII.
#[derive(Clone)]
pub struct Pattern {
    pub text: String,
    /// Compiled at the first use, or when it is read; `None`: it can't be.
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Accepts the `/…/i` notation of the partners' documents too.
    pub fn parse(text: &str) -> Result<Self, String> {
        let regex = Self::compile(text)?;
        Ok(Self {
            text: text.to_owned(),
            regex: OnceLock::from(Some(regex)),
        })
    }

    /// A pattern of the catalogue, which a test proves: compiled when it is
    /// needed, for a run needs one destination's patterns and not all.
    fn proven(text: String) -> Self {
        Self {
            text,
            regex: OnceLock::new(),
        }
    }

    fn compile(text: &str) -> Result<Regex, String> {
        let (body, insensitive) = match text.strip_prefix('/').and_then(|t| t.rsplit_once('/')) {
            Some((body, flags)) if matches!(flags, "" | "i") => (body, flags == "i"),
            _ => (text, false),
        };
        regex::RegexBuilder::new(&ascii_classes(body))
            .case_insensitive(insensitive)
            .build()
            .map_err(|error| {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().to_owned();
                format!("the pattern `{text}` can't be read: {reason}")
            })
    }

    pub fn matches(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    fn regex(&self) -> Option<&Regex> {
        let made = self.regex.get_or_init(|| Self::compile(&self.text).ok());
        made.as_ref()
    }

    /// The first group (or the whole match), each time that it is found.
    pub fn captures<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let Some(regex) = self.regex() else {
            return Vec::new();
        };
        let found = regex.captures_iter(text);
        found
            .filter_map(|groups| groups.get(1).or_else(|| groups.get(0)))
            .map(|group| group.as_str())
            .collect()
    }

    /// The first group (or the whole match) found in `text`.
    pub fn capture<'t>(&self, text: &'t str) -> Option<&'t str> {
        let groups = self.regex()?.captures(text)?;
        groups.get(1).or_else(|| groups.get(0)).map(|m| m.as_str())
    }
}

/// `\d` and `\w` are ASCII in the partners' PCRE; spelt out, inside a class too.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('d') if in_class => out.push_str("0-9"),
            Some('d') => out.push_str("[0-9]"),
            Some('w') if in_class => out.push_str("A-Za-z0-9_"),
            Some('w') => out.push_str("[A-Za-z0-9_]"),
            other => {
                out.push('\\');
                out.extend(other);
            }
        }
    }
    out
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

pub(super) const WORDS: &[&str] = &[
    "from", "value", "required", "format", "map", "others", "pattern", "type", "max", "label",
    "headers", "refuse", "plain", "expects",
];

/// Words that judge or change what a lead says: a constant needs none of them.
pub(super) const OF_A_LEAD: &[&str] = &[
    "from", "required", "format", "map", "others", "pattern", "max", "headers", "refuse", "plain",
    "expects",
];

impl FieldRule {
    /// Reads a rule: a text is the lead field's name, a table has the words.
    pub fn read(node: &Node, name: &str, mistakes: &mut Mistakes) -> Option<Self> {
        let mut rule = Self::plain_copy(node.place.clone());
        match &node.value {
            Value::Text(field) => rule.from = vec![field.clone()],
            Value::Table(table) => rule.read_words(table, name, mistakes),
            Value::Bool(false) => return None,
            other => {
                let message = format!(
                    "`{name}` must be a lead field's name or a table of rules, not {}",
                    other.kind()
                );
                mistakes.add(&node.place, message);
                return None;
            }
        }
        Some(rule)
    }

    /// A rule that copies the lead field of that name.
    pub fn field(name: &str, place: Place) -> Self {
        Self {
            from: vec![name.to_owned()],
            ..Self::plain_copy(place)
        }
    }

    fn plain_copy(place: Place) -> Self {
        Self {
            from: Vec::new(),
            value: None,
            required: false,
            format: None,
            map: Vec::new(),
            others: false,
            pattern: None,
            value_type: ValueType::Text,
            max: None,
            label: None,
            columns: Vec::new(),
            refuse: Vec::new(),
            plain: false,
            expects: None,
            place,
        }
    }

    /// The value comes from a lead or is a constant, not both.
    fn check_source(&self, table: &Table, name: &str, mistakes: &mut Mistakes) {
        let from = table.get("from");
        if self.value.is_some() {
            let of_a_lead = |entry: &&Entry| OF_A_LEAD.contains(&&*entry.key);
            if let Some(entry) = table.entries.iter().find(of_a_lead) {
                mistakes.hint(
                    &entry.place,
                    format!(
                        "`{name}` has a constant `value`, and `{}` as well",
                        entry.key
                    ),
                    "keep one of them: a constant is sent as it is",
                );
            }
        } else if from.is_none() {
            mistakes.hint(
                &self.place,
                format!("`{name}` says neither `from` nor `value`"),
                "name the lead field that it takes: from = \"…\"",
            );
        } else if let Some(node) = from
            && !matches!(node.value, Value::Bool(_))
            && (self.from.is_empty() || self.from.iter().any(|field| field.trim().is_empty()))
        {
            mistakes.hint(
                &node.place,
                format!("`{name}` names no lead field"),
                "write its name between the quotes, or remove the whole line",
            );
        }
    }

    fn read_words(&mut self, table: &Table, name: &str, mistakes: &mut Mistakes) {
        if !check_words(table, name, mistakes) {
            return;
        }
        self.from = mistakes.texts(table, "from").unwrap_or_default();
        self.value = table.get("value").map(reader::json);
        self.check_source(table, name, mistakes);
        self.required = mistakes.flag(table, "required").unwrap_or(false);
        self.others = mistakes.flag(table, "others").unwrap_or(false);
        self.plain = mistakes.flag(table, "plain").unwrap_or(false);
        self.format = word(table, "format", &ValueFormat::WORDS, mistakes);
        self.value_type = word(table, "type", &KINDS, mistakes).unwrap_or_default();
        self.max = mistakes
            .count(table, "max")
            .and_then(|max| usize::try_from(max).ok());
        self.label = mistakes.text(table, "label");
        self.expects = mistakes.text(table, "expects");
        self.columns = mistakes.texts(table, "headers").unwrap_or_default();
        self.refuse = mistakes.texts(table, "refuse").unwrap_or_default();
        self.map = mistakes
            .entries(table, "map")
            .iter()
            .map(|entry| (entry.key.clone(), reader::json(&entry.node)))
            .collect();
        self.pattern = read_pattern(table, "pattern", mistakes);
    }
}

/// Reads a pattern; one that can't be compiled is a mistake.
pub fn read_pattern(table: &Table, key: &str, mistakes: &mut Mistakes) -> Option<Pattern> {
    let node = table.get(key)?;
    let text = mistakes.as_text(node, key)?;
    if node.place.is_built_in() {
        return Some(Pattern::proven(text));
    }
    match Pattern::parse(&text) {
        Ok(pattern) => Some(pattern),
        Err(message) => {
            mistakes.add(&node.place, message);
            None
        }
    }
}

const KINDS: [(&str, ValueType); 4] = [
    ("text", ValueType::Text),
    ("integer", ValueType::Integer),
    ("number", ValueType::Number),
    ("boolean", ValueType::Boolean),
];

/// One of a few words.
pub fn word<T: Copy>(
    table: &Table,
    key: &str,
    words: &[(&'static str, T)],
    mistakes: &mut Mistakes,
) -> Option<T> {
    let node = table.get(key)?;
    let text = mistakes.as_text(node, key)?;
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
        return Some(*meaning);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let hint = match nearest(&text, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("one of: {}", known.join(", ")),
    };
    mistakes.hint(&node.place, format!("`{key}` can't be \"{text}\""), hint);
    None
}

/// An unquoted dotted target (`properties.formation = "course"`) arrives here
/// as a table of unknown words: say how to write it. False if that is all that
/// can be said of the table.
fn check_words(table: &Table, name: &str, mistakes: &mut Mistakes) -> bool {
    let known = |key: &str| WORDS.contains(&key);
    let first = match table.entries.first() {
        Some(first) if !table.entries.iter().any(|entry| known(&entry.key)) => first,
        _ => {
            mistakes.check_keys(table, WORDS, &format!("the field `{name}`"));
            return true;
        }
    };
    let key = &first.key;
    let quoted = format!("write a nested target between quotes: \"{name}.{key}\" = …");
    match nearest(key, WORDS.iter().copied()) {
        // `formation` is near `format` without being meant for it.
        Some(near) => mistakes.hint(
            &first.place,
            format!("`{key}` is not a word of the field `{name}`"),
            format!("did you mean `{near}`? Else {quoted}"),
        ),
        None => mistakes.hint(
            &first.place,
            format!("`{name}.{key}` has no quotes"),
            quoted,
        ),
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_ascii_in_and_out_of_classes() {
        let naf = Pattern::parse(r"/^(\d){2}[.]?(\d){2}[a-zA-Z]{1}$/").unwrap();
        assert!(naf.matches("62.01Z") && naf.matches("6201Z"));
        assert!(!naf.matches("٦٢01Z"));
        let number = Pattern::parse(r"/^[\d]+$/").unwrap();
        assert!(number.matches("12") && !number.matches("١٢"));
    }

    #[test]
    fn the_i_flag_and_a_bad_pattern() {
        assert!(Pattern::parse("/^abc$/i").unwrap().matches("ABC"));
        assert!(Pattern::parse("(").is_err());
    }
}
