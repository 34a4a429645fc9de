//! Texts that a lead fills: the words of `template`. Knows no lead.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::words::say;

/// A text, or several that are joined, with placeholders between braces.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<String>")]
#[schemars(with = "Vec<String>")]
pub struct Template {
    pub parts: Vec<Vec<Piece>>,
}

/// A piece of such a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// The value of a lead field.
    Field(String),
    Given(Given),
}

/// What is known of a lead beside its own cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// One a lead and destination, the same at each try.
    LeadUuid,
    /// When the request was made.
    Now,
    /// The lead's own source, else the one of its file.
    Source,
    File,
    Line,
}

impl Given {
    /// The placeholders, as they are written.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("lead_uuid", Self::LeadUuid),
        ("now", Self::Now),
        ("source", Self::Source),
        ("file", Self::File),
        ("line", Self::Line),
    ];

    fn parse(word: &str) -> Option<Self> {
        let found = Self::WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, given)| *given)
    }

    /// Another one makes no other lead: what is sent is the same.
    pub fn varies(self) -> bool {
        self != Self::Source
    }
}

impl TryFrom<Vec<String>> for Template {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        let parts: Result<Vec<_>, String> = texts.iter().map(|text| pieces(text)).collect();
        let read = Self { parts: parts? };
        let escapes = texts.iter().any(|text| text.contains("{{"));
        if !escapes && read.pieces().all(|piece| matches!(piece, Piece::Text(_))) {
            let text = texts.first().map_or("", String::as_str);
            return Err(say!("mistake-template-constant", text));
        }
        Ok(read)
    }
}

/// The pieces of a text: `{email}` is a placeholder, `{{` and `}}` are braces.
fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let (mut pieces, mut literal) = (Vec::new(), String::new());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        let (brace, behind) = rest[at..].split_at(1);
        if let Some(behind) = behind.strip_prefix(brace) {
            literal.push_str(brace);
            rest = behind;
            continue;
        }
        let placeholder = behind.split_once('}').filter(|_| brace == "{");
        let (name, behind) = placeholder.ok_or_else(|| say!("mistake-template-brace", text))?;
        let name = name.trim();
        if name.is_empty() || name.contains('{') {
            return Err(say!("mistake-template-nameless", text));
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        let given = Given::parse(name).map(Piece::Given);
        pieces.push(given.unwrap_or_else(|| Piece::Field(name.to_owned())));
        rest = behind;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

impl Template {
    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.parts.iter().flatten()
    }

    /// The lead fields that fill it.
    pub fn fields(&self) -> impl Iterator<Item = &String> {
        self.pieces().filter_map(|piece| match piece {
            Piece::Field(name) => Some(name),
            _ => None,
        })
    }

    /// The text with this in the place of each placeholder.
    pub fn with(&self, value: &str) -> String {
        let pieces = self.pieces().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Field(_) | Piece::Given(_) => value,
        });
        pieces.collect()
    }

    /// Is it blank where the lead's own cells are?
    pub fn needs_lead(&self) -> bool {
        let needs = |part: &Vec<Piece>| part.iter().any(|it| matches!(it, Piece::Field(_)));
        let given = |part: &Vec<Piece>| part.iter().any(|it| matches!(it, Piece::Given(_)));
        match self.parts.as_slice() {
            [part] => needs(part) && !given(part),
            parts => parts.iter().all(needs),
        }
    }

    /// Does it hold what is another at each reading or sending?
    pub fn varies(&self) -> bool {
        let mut pieces = self.pieces();
        pieces.any(|piece| matches!(piece, Piece::Given(given) if given.varies()))
    }
}

/// What looks like a placeholder in a constant, which nothing would fill:
/// `{email}` with what is between the braces a name.
pub fn placeholder_in(constant: &str) -> Option<&str> {
    let mut rest = constant;
    while let Some((_, behind)) = rest.split_once('{') {
        let stands = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '.' | '-');
        let name = behind.split_once('}').map(|(name, _)| name);
        let is_name = |name: &&str| {
            name.trim_start()
                .starts_with(|c: char| c.is_alphabetic() || c == '_')
                && name.chars().all(stands)
        };
        if let Some(name) = name.filter(is_name) {
            return Some(name);
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Template, String> {
        Template::try_from(vec![text.to_owned()])
    }

    #[test]
    fn placeholders_and_braces() {
        let template = read("{{{first_name}}} <{ email }> {lead_uuid}").unwrap();
        let text = |text: &str| Piece::Text(text.to_owned());
        let field = |name: &str| Piece::Field(name.to_owned());
        assert_eq!(
            template.parts,
            [[
                text("{"),
                field("first_name"),
                text("} <"),
                field("email"),
                text("> "),
                Piece::Given(Given::LeadUuid)
            ]]
        );
        assert!(template.varies() && !read("{source} {email}").unwrap().varies());
        assert_eq!(read("{{x}}").unwrap().parts, [[text("{x}")]]);
    }

    #[test]
    fn what_is_no_template_is_told() {
        for (wrong, words) in [
            ("{email", "without its other half"),
            ("email}", "without its other half"),
            ("{a{b}}", "without a name"),
            ("{}", "without a name"),
            ("{{email}", "without its other half"),
            ("Salon", "value = \"Salon\""),
            ("", "holds no placeholder"),
        ] {
            let told = read(wrong).unwrap_err();
            assert!(told.contains(words), "{told}");
        }
    }

    #[test]
    fn a_name_between_braces_looks_like_a_placeholder() {
        for (constant, name) in [
            ("{email}", Some("email")),
            ("a {Nom de famille} b", Some("Nom de famille")),
            ("{{contact.firstname}}", Some("contact.firstname")),
            ("{\"a\": {x}}", Some("x")),
            ("{\"a\": 1}", None),
            ("{}", None),
            ("{6F96-1}", None),
            ("a { b", None),
            ("}{", None),
        ] {
            assert_eq!(placeholder_in(constant), name, "{constant}");
        }
    }
}
