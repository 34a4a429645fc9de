//! Where a value stands in what is sent: `properties.email`, `emails[0].value`,
//! `[0].name` where the whole body is a list, `owner\.bind` for a dot in a name.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::words::say;

/// A target of `fields`, as written and in steps.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(from = "String")]
#[schemars(with = "String")]
pub struct Target {
    text: String,
    steps: Vec<Step>,
}

/// One step into an object or a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Name(String),
    /// Counted from 0.
    Item(usize),
}

impl From<String> for Target {
    fn from(text: String) -> Self {
        let mut steps = Vec::new();
        for segment in segments(&text) {
            let (name, items) = parts(segment);
            if !name.is_empty() || items.is_empty() {
                steps.push(Step::Name(unescaped(name)));
            }
            steps.extend(items.into_iter().map(Step::Item));
        }
        Self { text, steps }
    }
}

impl From<&[Step]> for Target {
    fn from(steps: &[Step]) -> Self {
        let mut text = String::new();
        for step in steps {
            match step {
                Step::Name(name) => {
                    let dot = if text.is_empty() { "" } else { "." };
                    text += &format!("{dot}{}", name.replace('.', "\\."));
                }
                Step::Item(at) => text += &format!("[{at}]"),
            }
        }
        Self {
            text,
            steps: steps.to_vec(),
        }
    }
}

impl Target {
    /// The same text where nothing is nested: a form has names alone.
    pub fn flat(&self) -> Self {
        Self {
            steps: vec![Step::Name(unescaped(&self.text))],
            text: self.text.clone(),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The name at its end: the partner's own of this value.
    pub fn last_name(&self) -> &str {
        let names = self.steps.iter().rev();
        let mut names = names.filter_map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Item(_) => None,
        });
        names.next().unwrap_or(&self.text)
    }

    /// Does it lead into a list?
    pub fn is_listed(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Item(_)))
    }

    /// What can't be meant, and what to write instead.
    pub fn mistake(&self) -> Option<String> {
        let all: Vec<&str> = segments(&self.text).collect();
        let is_number =
            |segment: &&str| !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
        let text = &self.text;
        if all.iter().any(|segment| segment.is_empty()) {
            return Some(say!("mistake-target-segment", text));
        }
        let inside = &all[..all.len() - 1];
        let at = inside.iter().position(is_number)?;
        let (before, behind) = (all[..at].join("."), all[at + 1..].join("."));
        let written = format!("{before}[{}].{behind}", all[at]);
        Some(say!("mistake-target-number", text, written))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What stands between the dots, but for those behind a backslash.
fn segments(text: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    text.split(move |c| {
        let parts = c == '.' && !escaped;
        escaped = c == '\\' && !escaped;
        parts
    })
}

/// A segment's name, and the numbers in brackets behind it.
fn parts(segment: &str) -> (&str, Vec<usize>) {
    let (mut name, mut items) = (segment, Vec::new());
    while let Some((before, number)) = name.strip_suffix(']').and_then(|it| it.rsplit_once('['))
        && let Ok(item) = number.parse()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        items.insert(0, item);
        name = before;
    }
    (name, items)
}

fn unescaped(name: &str) -> String {
    name.replace("\\.", ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<Step> {
        Target::from(text.to_owned()).steps
    }

    #[test]
    fn names_lists_and_dots() {
        let name = |name: &str| Step::Name(name.to_owned());
        for (text, expected) in [
            ("email", vec![name("email")]),
            ("a.b", vec![name("a"), name("b")]),
            (
                "emails[0].value",
                vec![name("emails"), Step::Item(0), name("value")],
            ),
            ("[0].name", vec![Step::Item(0), name("name")]),
            ("t[12]", vec![name("t"), Step::Item(12)]),
            ("m[0][1]", vec![name("m"), Step::Item(0), Step::Item(1)]),
            (r"owner\.bind", vec![name("owner.bind")]),
            (r"a.owner\.b.c", vec![name("a"), name("owner.b"), name("c")]),
            ("data.30148", vec![name("data"), name("30148")]),
            ("30148", vec![name("30148")]),
            ("f[mail]", vec![name("f[mail]")]),
            ("f[]", vec![name("f[]")]),
            ("@type", vec![name("@type")]),
        ] {
            assert_eq!(steps(text), expected, "{text}");
            let target = Target::from(text.to_owned());
            assert_eq!(target.mistake(), None, "{text}");
            assert_eq!(Target::from(target.steps()).as_str(), text);
        }
        let form = Target::from("fields[0].mail".to_owned()).flat();
        assert_eq!(form.steps, [name("fields[0].mail")]);
        assert_eq!(form.last_name(), "fields[0].mail");
    }

    #[test]
    fn what_can_not_be_meant_is_told() {
        for (text, words) in [
            ("", "an empty segment"),
            ("a..b", "an empty segment"),
            (".a", "an empty segment"),
            ("a.", "an empty segment"),
            ("emails.0.value", "\"emails[0].value\""),
            ("0.name", "\"[0].name\""),
            ("a.b.1.2", "\"a.b[1].2\""),
        ] {
            let told = Target::from(text.to_owned()).mistake().unwrap();
            assert!(told.contains(words), "{told}");
        }
    }
}
