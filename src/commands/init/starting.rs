//! The text that `init` starts a destination's table with: of one that ships, just
//! what a user must fill in, found from its own definition; of one on the shelf, its
//! file. What is to be filled in stands there as comments (`# tenant = ""`) or as
//! `YOUR_…`, and an answer fills a [`Blank`]. Pure.

use toml::Value;

use crate::config::{Destination, Secret};
use crate::output::variable;
use crate::words::say;

/// Lead fields that say whose a lead is rather than who the person is: the
/// same for every row of most exports, so their place is in `defaults`.
const ACCOUNT: [&str; 6] = [
    "tenant",
    "program",
    "owner",
    "client",
    "id_client",
    "category",
];
/// What a word begins with that only the user knows.
pub const YOURS: &str = "YOUR_";

/// Something to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blank {
    /// A setting on a line of its own, as a comment: its line, its name, the value that
    /// stands there, and what is said beside it.
    Setting {
        line: String,
        name: String,
        value: String,
        about: String,
    },
    /// A word in the place of one that only the user knows: `YOUR_ACCOUNT`.
    Word(String),
}

/// All that is to be filled in, in its order.
pub fn blanks(text: &str) -> Vec<Blank> {
    let mut blanks = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("# ") {
            Some(comment) => blanks.extend(setting(line, comment)),
            None => {
                let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                for word in words.filter(|word| word.starts_with(YOURS)) {
                    let word = Blank::Word(word.to_owned());
                    if !blanks.contains(&word) {
                        blanks.push(word);
                    }
                }
            }
        }
    }
    blanks
}

/// A commented setting whose value is a text, or has one.
fn setting(line: &str, comment: &str) -> Option<Blank> {
    let (name, rest) = comment.split_once(" = ")?;
    let (written, about) = rest.split_once("    #").unwrap_or((rest, ""));
    let value = written.split('"').nth(1)?;
    let is_key = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.chars().all(is_key).then(|| Blank::Setting {
        line: line.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
        about: about.trim().to_owned(),
    })
}

impl Blank {
    /// The text with this filled in.
    pub fn filled(&self, text: &str, answer: &str) -> String {
        let quoted = Value::from(answer).to_string();
        match self {
            Self::Word(word) => {
                // It stands between double quotes, perhaps beside others' words.
                let inner = answer.replace('\\', "\\\\").replace('"', "\\\"");
                text.replace(word, &inner)
            }
            Self::Setting { line, value, .. } => {
                let (setting, _) = line.split_once("    #").unwrap_or((line, ""));
                let setting = setting.trim_start_matches("# ").trim_end();
                text.replacen(
                    line,
                    &setting.replacen(&format!("\"{value}\""), &quoted, 1),
                    1,
                )
            }
        }
    }
}

/// The text with a secret kept elsewhere than in the variable that it names.
pub fn with_secret(text: &str, destination: &Destination, variable: &str, kept: &Secret) -> String {
    let toml = |secret: &Secret| in_one_line(Value::try_from(secret));
    let (short, kept) = (format!("\"{variable}\""), toml(kept));
    let is_comment = |line: &str| line.starts_with('#');
    let is_named = |line: &str| !is_comment(line) && line.contains(&short);
    let is_in_text = text.lines().any(is_named);
    // Of one that ships, the whole of `auth` is laid over what it has.
    let auth = in_one_line(Value::try_from(&destination.auth));
    let auth = auth.replace(&toml(&Secret::Env(variable.to_owned())), &kept);
    let heading = format!("[{}]", destination.name);
    let lines = text.lines();
    let lines = lines.filter(|line| !is_comment(line) || !line.contains(variable));
    let lines = lines.map(|line| match line == heading {
        true if !is_in_text => format!("{line}\nauth = {auth}\n"),
        _ => line.replace(&short, &kept) + "\n",
    });
    lines.collect()
}

fn in_one_line(value: Result<Value, toml::ser::Error>) -> String {
    value.map_or_else(|_| String::new(), |value| value.to_string())
}

/// What must be filled in of a destination that ships.
pub fn table(destination: &Destination, columns: &[(String, Vec<String>)]) -> String {
    let mut text = String::new();
    let name = &destination.name;
    let mut line = |line: String| text.push_str(&(line + "\n"));
    if let Some(about) = &destination.about {
        line(format!("# {about}"));
    }
    line(format!("[{name}]"));
    if destination.base.is_none() {
        line(format!("# base = \"https://…\"    # {}", say!("init-base")));
    }
    // A secret is only named here: the file says where it is kept.
    let auth = &destination.auth;
    if let Some(basic) = &auth.basic
        && let Secret::Env(secret) = &basic.secret
    {
        let user = &basic.user;
        line(format!(
            "# auth.basic = {{ user = \"{user}\", secret = \"{secret}\" }}    # {}",
            say!("init-user")
        ));
    }
    for (_, secret) in auth.secrets() {
        if let Secret::Env(secret) = secret {
            let variable = variable(secret, "…");
            line(say!("init-secret-outside", variable));
        }
    }
    let fields = account_fields(destination);
    if !fields.is_empty() {
        line(format!(
            "\n[{name}.defaults]    # {}",
            say!("init-defaults")
        ));
    }
    for field in fields {
        let default = destination.default_of(field);
        let value = default.unwrap_or_default();
        let known = columns.iter().find(|(name, _)| name == field);
        let column = known.and_then(|(_, headers)| headers.first());
        let column = column.map_or(field, String::as_str);
        let about = match default {
            Some(_) => say!("init-field-set", column),
            None if destination.needs(field) => say!("init-field-needed", column),
            None => say!("init-field", column),
        };
        line(format!("# {field} = \"{value}\"    # {about}"));
    }
    text
}

/// The fields to fill in once for all leads: what the address needs, what a
/// refusal for all leads may blame, and what names the account.
fn account_fields(destination: &Destination) -> Vec<&str> {
    let from_leads = |name: &&str| destination.placeholder(name).value.is_none();
    let in_path = destination.send.placeholders().filter(from_leads);
    let rules = destination.send.rules.iter();
    let blamed = rules.flat_map(|rule| rule.blames.iter().flatten().map(String::as_str));
    let named = ACCOUNT.into_iter().filter(|field| destination.takes(field));
    let mut fields: Vec<&str> = Vec::new();
    for field in in_path.chain(blamed).chain(named) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Catalogue, shelf};

    #[test]
    fn what_it_writes_loads_as_it_is_and_filled_in() {
        let shipped = Catalogue::load(None).unwrap();
        let all: Vec<&Destination> = shipped.destinations.iter().collect();
        let tables = all.iter().map(|it| table(it, &shipped.columns));
        let text = tables.collect::<Vec<String>>().join("\n");
        let loaded = Catalogue::load(Some(("partners.toml", &text))).unwrap();
        assert_eq!(loaded.users.len(), all.len());
        let blanks = blanks(&text);
        let filled = blanks.iter().fold(text, |text, blank| {
            let is_base = matches!(blank, Blank::Setting { name, .. } if name == "base");
            blank.filled(&text, if is_base { "https://x.fr" } else { "42" })
        });
        let loaded = Catalogue::load(Some(("partners.toml", &filled))).unwrap();
        assert!(loaded.destinations.iter().all(|d| d.base.is_some()));
    }

    #[test]
    fn the_shelf_is_filled_in_too() {
        let text = shelf::table("leadbyte").unwrap();
        let told = blanks(&text);
        let words = ["YOUR_CAMPAIGN", "YOUR_SUPPLIER_ID"];
        assert!(matches!(&told[0], Blank::Setting { name, .. } if name == "base"));
        assert_eq!(told[1..], words.map(|word| Blank::Word(word.to_owned())));
        let filled = told[0].filled(&text, "https://x.leadbyte.co.uk");
        assert!(
            filled.contains("\nbase = \"https://x.leadbyte.co.uk\"\nkey "),
            "{filled}"
        );
        let filled = told[1].filled(&filled, "a\"b");
        assert!(filled.contains(r#"{ value = "a\"b" }"#), "{filled}");
        assert_eq!(blanks(&filled), told[2..]);
    }

    #[test]
    fn a_secret_is_kept_where_the_user_says() {
        let shipped = Catalogue::load(None).unwrap();
        let kept = Secret::File("my.key".into());
        for destination in &shipped.destinations {
            let variable = destination
                .auth
                .secrets()
                .into_iter()
                .find_map(|(_, secret)| match secret {
                    Secret::Env(name) => Some(name.clone()),
                    _ => None,
                });
            let (Some(variable), text) = (variable, table(destination, &shipped.columns)) else {
                continue;
            };
            let blanks = blanks(&text);
            let user = blanks
                .iter()
                .find(|blank| matches!(blank, Blank::Setting { name, .. } if name == "auth.basic"));
            for text in [
                Some(text.clone()),
                user.map(|user| user.filled(&text, "me")),
            ]
            .into_iter()
            .flatten()
            {
                let text = with_secret(&text, destination, &variable, &kept);
                assert!(!text.contains(&variable), "{text}");
                let loaded = Catalogue::load(Some(("p.toml", &text))).unwrap();
                let auth = &loaded.get(&destination.name).unwrap().auth;
                assert_eq!(auth.secrets()[0].1, &kept, "{text}");
            }
        }
        let text = with_secret(
            &shelf::table("brevo").unwrap(),
            &Destination::default(),
            "BREVO_API_KEY",
            &kept,
        );
        assert!(text.contains(r#"secret = { file = "my.key" }"#), "{text}");
    }
}
