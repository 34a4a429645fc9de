//! The table of a partner that nobody described yet, proposed from an example of a
//! request and one of an answer. Pure. What is sure is written; what is a guess is
//! a comment, for an example's constant is nobody's lead.

use serde_json::Value as Json;

use super::example::{
    Address, Answer, Body, Credential, Sample, authorization, form, id_of, is_random, is_secret,
    last_word, success_of, words,
};
use crate::lead::Aliases;
use crate::words::say;

/// A proposed table, and what its user is told.
#[derive(Debug, Default)]
pub struct Proposal {
    pub toml: String,
    /// The variables in which the secrets are expected.
    pub secrets: Vec<String>,
    /// What of the request has no place in the table yet.
    pub open: Vec<String>,
}

/// Headers that leadctl writes itself, or that say nothing.
const OURS: [&str; 8] = [
    "accept",
    "content-type",
    "content-length",
    "host",
    "user-agent",
    "connection",
    "accept-encoding",
    "cookie",
];

/// Writes the table of `name`. `answer`: an example of a success, as it came.
pub fn propose(name: &str, sample: &Sample, answer: Option<&str>, aliases: &Aliases) -> Proposal {
    let mut writer = Writer {
        name,
        proposal: Proposal::default(),
        credentials: sample.credential.iter().cloned().collect(),
    };
    let address = Address::of(&sample.url);
    let headers = writer.headers(sample);
    let query = writer.query(&address.query);
    let path = writer.path(&address.path);
    let body = Body::of(sample);
    let fields = writer.fields(&body.leaves, aliases);
    let key = ["email", "phone"].into_iter();
    let key = key.filter(|field| {
        fields
            .iter()
            .any(|line| line.field == Some((*field).to_owned()))
    });
    let key = key.collect::<Vec<_>>();

    writer.line(format!("[{name}]"));
    writer.base(&address.base);
    writer.auth();
    if !headers.is_empty() {
        writer.line(format!("headers = {{ {} }}", pairs(&headers)));
    }
    match key.first() {
        Some(field) => writer.line(format!("key = [\"{field}\"]    # {}", say!("init-key"))),
        None => {
            writer.line(format!("# key = [\"email\"]    # {}", say!("init-key")));
            writer.proposal.open.push("key".to_owned());
        }
    }
    let about = say!("init-fields", name);
    writer.line(format!("\n[{name}.fields]    # {about}"));
    for line in fields {
        writer.line(line.toml);
    }
    writer.line(format!("\n[{name}.send]"));
    writer.line(format!("path = {}", quoted(&path)));
    if let Some(method) = sample.method.as_deref().filter(|method| *method != "POST") {
        writer.line(format!("method = {}", quoted(method)));
    }
    if body.is_form {
        writer.line("body = \"form\"".to_owned());
    }
    if body.is_list {
        writer.line("wrap = \"list\"".to_owned());
    }
    if !query.is_empty() {
        writer.line(format!("query = {{ {} }}", pairs(&query)));
    }
    writer.rules(answer);
    writer.proposal
}

/// One line of `fields`.
struct FieldLine {
    toml: String,
    field: Option<String>,
}

struct Writer<'n> {
    name: &'n str,
    proposal: Proposal,
    credentials: Vec<Credential>,
}

impl Writer<'_> {
    fn line(&mut self, line: String) {
        self.proposal.toml.push_str(&line);
        self.proposal.toml.push('\n');
    }

    fn base(&mut self, base: &str) {
        let is_address = base.starts_with("https://") || base.starts_with("http://127.0.0.1");
        let is_whole = !base.contains(['{', '<', '$', ' ']) && !base.contains("YOUR");
        match is_address && is_whole {
            true => self.line(format!("base = {}", quoted(base))),
            false => {
                let about = say!("init-base-shared");
                self.line(format!("# base = \"https://…\"    # {about}"));
                self.proposal.open.push("base".to_owned());
            }
        }
    }

    /// The headers to send, without those that carry a secret.
    fn headers(&mut self, sample: &Sample) -> Vec<(String, String)> {
        let mut plain = Vec::new();
        for (name, value) in &sample.headers {
            let lower = name.to_ascii_lowercase();
            if lower == "authorization" {
                self.credentials.push(authorization(value));
            } else if is_secret(&lower) {
                self.credentials.push(Credential::Header(name.clone()));
            } else if !OURS.contains(&lower.as_str()) {
                plain.push((name.clone(), value.clone()));
            }
        }
        plain
    }

    /// The path, with a placeholder for a part that nobody could guess.
    fn path(&mut self, path: &str) -> String {
        let mut segments: Vec<&str> = path.split('/').collect();
        if let Some(secret) = segments.iter_mut().rev().find(|segment| is_random(segment)) {
            self.credentials.push(Credential::Path("hook".to_owned()));
            *secret = "{hook}";
        }
        segments.join("/")
    }

    fn query(&mut self, query: &str) -> Vec<(String, String)> {
        let mut plain = Vec::new();
        for (name, value) in form(query) {
            match is_secret(&name) {
                true => self.credentials.push(Credential::Query(name)),
                false => plain.push((name, value)),
            }
        }
        plain
    }

    /// Each value of the example's body: a lead field where its name is a known
    /// header's, else a comment.
    fn fields(&mut self, leaves: &[(String, Json)], aliases: &Aliases) -> Vec<FieldLine> {
        let mut lines: Vec<FieldLine> = Vec::new();
        for (target, value) in leaves {
            if is_secret(&last_word(target)) {
                self.credentials.push(Credential::Body(target.clone()));
                continue;
            }
            let is_free = |field: &&str| {
                !lines
                    .iter()
                    .any(|line| line.field.as_deref() == Some(field))
            };
            let mut names = words(target).into_iter().rev();
            let known = names.find_map(|word| aliases.fields_of(&word).into_iter().find(is_free));
            let known = known.filter(|field| is_of_a_person(field, value));
            lines.push(match known {
                Some(field) => FieldLine {
                    toml: format!("{} = {}", quoted_key(target), rule(field, value)),
                    field: Some(field.to_owned()),
                },
                None => {
                    self.proposal.open.push(target.clone());
                    FieldLine {
                        toml: format!(
                            "# {} = {{ value = {} }}    # {}",
                            quoted_key(target),
                            inline(value),
                            say!("init-constant-or-field")
                        ),
                        field: None,
                    }
                }
            });
        }
        lines
    }

    fn auth(&mut self) {
        let credentials = std::mem::take(&mut self.credentials);
        let mut used: Vec<&str> = Vec::new();
        for credential in &credentials {
            let (kind, suffix) = match credential {
                Credential::Bearer => ("bearer", "TOKEN"),
                Credential::Basic(_) => ("basic", "PASSWORD"),
                Credential::Header(_) => ("header", "KEY"),
                Credential::Query(_) => ("query", "KEY"),
                Credential::Body(_) => ("body", "KEY"),
                Credential::Path(_) => ("path", "HOOK"),
            };
            let secret = self.variable(suffix);
            let line = match credential {
                Credential::Bearer => format!("auth.bearer = \"{secret}\""),
                Credential::Basic(user) => format!(
                    "auth.basic = {{ user = {}, secret = \"{secret}\" }}",
                    quoted(user)
                ),
                Credential::Header(name) | Credential::Query(name) | Credential::Path(name) => {
                    format!(
                        "auth.{kind} = {{ name = {}, secret = \"{secret}\" }}",
                        quoted(name)
                    )
                }
                Credential::Body(target) => {
                    format!(
                        "auth.body = {{ target = {}, secret = \"{secret}\" }}",
                        quoted(target)
                    )
                }
            };
            match used.contains(&kind) {
                true => self.line(format!("# {line}    # {}", say!("init-one-is-enough"))),
                false => self.line(line),
            }
            used.push(kind);
        }
    }

    /// The variable of a secret, `ACME_TOKEN`.
    fn variable(&mut self, suffix: &str) -> String {
        let letters = self.name.chars().map(|c| match c.is_ascii_alphanumeric() {
            true => c.to_ascii_uppercase(),
            false => '_',
        });
        let base = format!("{}_{suffix}", letters.collect::<String>());
        let base = match base.starts_with(|c: char| c.is_ascii_digit()) {
            true => format!("_{base}"),
            false => base,
        };
        let taken = self
            .proposal
            .secrets
            .iter()
            .filter(|name| name.starts_with(&base));
        let variable = match taken.count() {
            0 => base,
            count => format!("{base}_{}", count + 1),
        };
        self.proposal.secrets.push(variable.clone());
        variable
    }

    /// How a success is recognised, and the answer as an example.
    fn rules(&mut self, answer: Option<&str>) {
        let Some(answer) = answer.map(Answer::of).filter(Answer::says_yes) else {
            self.line(
                "# rules = [{ when = { status = 201, \"/id\" = \"present\" }, then = \"delivered\", reference = \"/id\" }]"
                    .to_owned(),
            );
            self.proposal.open.push("rules".to_owned());
            return;
        };
        let json = serde_json::from_str::<Json>(&answer.body).unwrap_or_default();
        let id = id_of(&json);
        let status = answer
            .status
            .map_or("\"2xx\"".to_owned(), |status| status.to_string());
        let mut when = vec![format!("status = {status}")];
        let well = success_of(&json);
        when.extend(well.map(|(at, value)| format!("{} = {}", quoted(&at), inline(&value))));
        when.extend(id.iter().map(|id| format!("{} = \"present\"", quoted(id))));
        let reference = id.map_or_else(String::new, |id| format!(", reference = {}", quoted(&id)));
        self.line(format!(
            "rules = [{{ when = {{ {} }}, then = \"delivered\"{reference} }}]",
            when.join(", ")
        ));
        self.line(format!("\n[[{}.examples]]", self.name));
        self.line(format!("status = {}", answer.status.unwrap_or(200)));
        self.line(format!("body = {}", quoted(&answer.body)));
        self.line("means = \"delivered\"".to_owned());
    }
}

/// Is it surely the person's own? What is called a title may be that of a lead or a
/// job, and an id, an owner or a source are the partner's mostly.
fn is_of_a_person(field: &str, example: &Json) -> bool {
    const PARTNERS: [&str; 10] = [
        "id",
        "id_client",
        "client",
        "owner",
        "tenant",
        "program",
        "category",
        "source",
        "status",
        "created_at",
    ];
    let text = example.as_str().unwrap_or_default().to_lowercase();
    let titles = [
        "m", "m.", "mr", "mr.", "mme", "mrs", "ms", "monsieur", "madame",
    ];
    match field {
        "title" => titles.contains(&text.as_str()),
        field => !PARTNERS.contains(&field),
    }
}

/// The rule that sends a lead field in the form that the example has.
fn rule(field: &str, example: &Json) -> String {
    let text = example.as_str().unwrap_or_default();
    let format = match field {
        "email" | "email2" => Some("email"),
        "phone" | "phone2" if text.starts_with('0') => Some("phone-national"),
        "phone" | "phone2" => Some("phone-e164"),
        "zip" => Some("postcode"),
        "country" if text.len() == 2 => Some("country"),
        _ => None,
    };
    match (format, field) {
        (Some(format), "email") => {
            format!("{{ from = \"{field}\", required = true, format = \"{format}\" }}")
        }
        (Some(format), _) => format!("{{ from = \"{field}\", format = \"{format}\" }}"),
        (None, _) => format!("\"{field}\""),
    }
}

fn pairs(pairs: &[(String, String)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{} = {}", quoted(name), quoted(value)));
    pairs.collect::<Vec<_>>().join(", ")
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A target as a key of TOML, where a backslash would begin an escape.
fn quoted_key(target: &str) -> String {
    match target.contains('\\') {
        true => format!("'{}'", target.replace('\'', "")),
        false => quoted(target),
    }
}

/// A value on one line, as TOML writes it.
fn inline(value: &Json) -> String {
    match toml::Value::try_from(value) {
        Ok(value) => value.to_string().replace('\n', " "),
        Err(_) => "\"…\"".to_owned(),
    }
}
