//! The catalogues of messages: every language has every message, with the same values,
//! and none is kept that nobody says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use regex::Regex;

use crate::house::sources;

/// A message, or a part of one that has a name: the values in it, and its text.
#[derive(Debug, Default, PartialEq)]
pub struct Message {
    values: BTreeSet<String>,
    pub text: String,
}

pub type Messages = BTreeMap<String, Message>;

impl Message {
    fn of(pattern: &Pattern<String>) -> Self {
        let mut message = Self::default();
        message.read(pattern);
        message
    }

    fn read(&mut self, pattern: &Pattern<String>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.text += value,
                PatternElement::Placeable { expression } => self.expression(expression),
            }
        }
    }

    fn expression(&mut self, expression: &Expression<String>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                let text = self.text.len();
                self.inline(selector);
                self.text.truncate(text);
                variants
                    .iter()
                    .for_each(|variant| self.read(&variant.value));
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<String>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.values.insert(id.name.clone());
                self.text += "{}";
            }
            InlineExpression::FunctionReference { arguments, .. } => {
                arguments.positional.iter().for_each(|it| self.inline(it));
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::StringLiteral { value } => self.text += value,
            InlineExpression::NumberLiteral { .. } => {}
            // What is shared is a value like any other.
            other => panic!("{other:?} is not used here"),
        }
    }
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/i18n");

/// The messages of a language.
pub fn messages(language: &str) -> Messages {
    let file = Path::new(FOLDER).join(language).join("leadctl.ftl");
    let text = fs::read_to_string(file).unwrap();
    let resource = fluent_syntax::parser::parse(text)
        .unwrap_or_else(|(_, errors)| panic!("{language}: {errors:?}"));
    let mut all = Messages::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else {
            continue;
        };
        let own = message
            .value
            .iter()
            .map(|value| (message.id.name.clone(), value));
        let parts = message.attributes.iter();
        let parts = parts.map(|it| (format!("{}.{}", message.id.name, it.id.name), &it.value));
        for (id, pattern) in own.chain(parts) {
            let twice = all.insert(id.clone(), Message::of(pattern));
            assert_eq!(twice, None, "{id} stands twice");
        }
    }
    all
}

/// Each language, English too, with its messages.
fn catalogues() -> BTreeMap<String, Messages> {
    let folders = fs::read_dir(FOLDER).unwrap();
    let names = folders.map(|it| it.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), messages(&name))).collect()
}

#[test]
fn every_language_has_every_message_with_the_same_values() {
    let catalogues = catalogues();
    assert!(catalogues.len() > 1);
    let english = &catalogues["en"];
    for (language, messages) in &catalogues {
        let ids = |all: &Messages| all.keys().cloned().collect::<BTreeSet<_>>();
        let (here, there) = (ids(messages), ids(english));
        let differ: Vec<_> = here.symmetric_difference(&there).collect();
        assert!(differ.is_empty(), "{language}: {differ:?}");
        for (id, message) in messages {
            assert_eq!(message.values, english[id].values, "{language}: {id}");
        }
    }
}

#[test]
fn no_message_is_kept_that_nobody_says() {
    let say = Regex::new(r#"\bsay!\(\s*"([a-z0-9-]+)""#).unwrap();
    let mut said = BTreeSet::new();
    for (_, code) in sources() {
        said.extend(say.captures_iter(&code).map(|it| it[1].to_owned()));
    }
    let catalogues = catalogues();
    // Help is said by the tree of commands: `cli/help.rs` proves that it says all of it.
    let help = |id: &str| id.starts_with("help-");
    let unsaid = catalogues["en"].keys();
    let unsaid = unsaid.filter(|id| !help(id) && !said.contains(*id));
    assert_eq!(unsaid.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// What partners' tables say in French, each with its file.
fn french_of_tables() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shelf = fs::read_dir(root.join("examples/partners")).unwrap();
    let files = shelf.map(|it| it.unwrap().path());
    let said = Regex::new(r#"(?m)\bfr = "((?:[^"\\]|\\.)*)"|(?:^| )#fr (.*)$"#).unwrap();
    let mut all = Vec::new();
    for file in files.chain([root.join("partners.toml")]) {
        let table = fs::read_to_string(&file).unwrap();
        let texts = said
            .captures_iter(&table)
            .filter_map(|it| it.get(1).or(it.get(2)));
        all.extend(texts.map(|text| (file.display().to_string(), text.as_str().to_owned())));
    }
    all
}

/// French signs that two words enclose stand by a space that no line ends at, whatever
/// stands before them; what is typed (between backticks, or a script's) has no such space.
#[test]
fn french_signs_are_never_parted_from_their_words() {
    let typed = Regex::new(r"`[^`]*`").unwrap();
    let parted = Regex::new(r"\S (?:[:;!?»€]|%(?:\W|$))|« |«\S").unwrap();
    let unbroken = '\u{a0}';
    let messages = catalogues().remove("fr").unwrap();
    let messages = messages.into_iter().map(|(id, message)| (id, message.text));
    for (place, text) in messages.chain(french_of_tables()) {
        for inside in typed.find_iter(&text).map(|it| it.as_str()) {
            assert!(!inside.contains(unbroken), "{place}: {inside}");
        }
        let prose = typed.replace_all(&text, "`…`");
        let found = parted.find(&prose).map(|found| found.as_str());
        assert_eq!(found, None, "{place}: {text}");
    }
}
