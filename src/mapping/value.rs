//! One value: taken from a lead, formed, checked and written as JSON.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value as Json;

use super::formats::title::title;
use super::formed::{Told, form, is_of_a_country, quoted};
use super::locale::Locale;
use crate::config::Destination;
use crate::config::{FieldRule, ValueFormat, ValueType};
use crate::lead::fold::{fold, folded};
use crate::lead::text;
use crate::lead::{Columns, Lead, json_text};

/// Why a value can't be sent, in the user's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The column as the user's file names it, else the lead field.
    pub column: String,
    pub problem: String,
}

impl Complaint {
    pub fn new(column: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            column,
            problem: message,
        } = self;
        let goes_on = ["is ", "must ", "holds "]
            .iter()
            .any(|verb| message.starts_with(verb));
        match (column.is_empty(), goes_on) {
            (true, _) => f.write_str(message),
            (false, true) => write!(f, "{column} {message}"),
            (false, false) => write!(f, "{column}: {message}"),
        }
    }
}

/// What was noticed while mapping, without refusing the lead.
#[derive(Debug, Default)]
pub struct Remarks<'p> {
    pub complaints: Vec<Complaint>,
    /// Doubts that don't refuse the lead: (column, what).
    pub doubts: Vec<(String, String)>,
    /// Defaults that filled a blank: (field, value).
    pub defaults: Vec<(&'p str, &'p str)>,
    /// Values that were put right: (column, what).
    pub repairs: Vec<(String, String)>,
    /// `--repair none`: a value that would have to be put right is refused.
    pub refuse_repairs: bool,
}

/// A rule made ready for the columns of one input.
#[derive(Debug)]
pub struct Slot<'d> {
    rule: &'d FieldRule,
    /// What the value is called where the lead has no column for it.
    name: &'d str,
    columns: Vec<usize>,
    /// The lead field and its default.
    default: Option<(&'d str, &'d str)>,
    constant: Option<String>,
    /// Folded accepted values and the JSON that is sent for each.
    map: Vec<(String, String)>,
    refuse: Vec<String>,
    locale: Locale<'d>,
    /// Not missed where it is empty, whatever the rule says.
    optional: bool,
    /// The rule asks for nothing but the value as it stands.
    copies: bool,
}

/// A value ready to be written.
pub enum Written<'v> {
    /// JSON text, as it stands.
    Json(&'v str),
    /// Text, to be quoted.
    Text(Cow<'v, str>),
    /// A bare number or boolean.
    Bare(Cow<'v, str>),
}

impl<'d> Slot<'d> {
    pub fn new(
        rule: &'d FieldRule,
        target: &'d str,
        destination: &'d Destination,
        columns: &Columns,
    ) -> Self {
        let name = rule.from.first().map_or(target, String::as_str);
        Self {
            rule,
            name,
            columns: rule
                .from
                .iter()
                .filter_map(|from| columns.index_of(from))
                .collect(),
            default: rule
                .from
                .iter()
                .find_map(|from| Some((from.as_str(), destination.default_of(from)?))),
            constant: rule.value.as_ref().map(Json::to_string),
            map: meanings(&rule.map),
            refuse: rule.refuse.iter().map(|text| text.to_lowercase()).collect(),
            locale: Locale::new(destination, columns),
            optional: false,
            copies: copies(rule),
        }
    }

    /// Whether no lead of these columns is sent anything here, or misses it.
    pub fn is_idle(&self) -> bool {
        let filled = self.constant.is_some() || self.default.is_some() || !self.columns.is_empty();
        let missed = self.rule.required && !self.optional;
        !(filled || missed)
    }

    /// The same slot for a change of what is there: a blank cell changes
    /// nothing, so no default fills it and it is never missed. `None` where no
    /// cell fills it, or only the one that says which contact is meant.
    pub fn amending(mut self, reference: Option<usize>) -> Option<Self> {
        self.columns.retain(|column| Some(*column) != reference);
        self.default = None;
        self.optional = true;
        (self.constant.is_none() && !self.columns.is_empty()).then_some(self)
    }

    /// The cell that fills this slot, not blank, with its column.
    fn cell<'l>(&self, lead: &'l Lead) -> Option<(usize, &'l str)> {
        let mut columns = self.columns.iter();
        columns.find_map(|column| Some((*column, lead.filled(*column)?)))
    }

    /// The lead's own value, or the default, and what its column is called.
    fn raw<'v>(&self, lead: &'v Lead, remarks: &mut Remarks<'v>) -> Option<&'v str>
    where
        'd: 'v,
    {
        if let Some((_, cell)) = self.cell(lead) {
            return Some(text::bare(cell));
        }
        let (field, value) = self.default?;
        remarks.defaults.push((field, value));
        Some(value)
    }

    /// What the user calls this value: the header that filled it, or would.
    fn column(&self, lead: &Lead) -> String {
        let filled = self.cell(lead).map(|(column, _)| column);
        match filled.or_else(|| self.columns.first().copied()) {
            Some(column) => lead.columns.header_of(column).to_owned(),
            None => self.name.to_owned(),
        }
    }

    /// The value of this lead, `None` where nothing is sent. What is wrong
    /// with it goes to `remarks`.
    pub fn write<'v>(&'v self, lead: &'v Lead, remarks: &mut Remarks<'v>) -> Option<Written<'v>> {
        if let Some(constant) = &self.constant {
            return Some(Written::Json(constant));
        }
        let Some(raw) = self.raw(lead, remarks) else {
            if self.rule.required && !self.optional {
                let complaint = self.missing(lead);
                remarks.complaints.push(complaint);
            }
            return None;
        };
        if self.copies {
            return Some(Written::Text(Cow::Borrowed(raw)));
        }
        match self.make(raw, lead) {
            Ok((written, None)) => Some(written),
            Ok((written, Some(told))) => self.tell(*told, lead, remarks).then_some(written),
            Err(message) => {
                let complaint = Complaint::new(self.column(lead), message);
                remarks.complaints.push(complaint);
                None
            }
        }
    }

    /// Notes what there is to tell of a value; `false`: it is refused for that.
    fn tell(&self, told: Told, lead: &Lead, remarks: &mut Remarks<'_>) -> bool {
        if let Some(repair) = told.repair {
            let column = self.column(lead);
            if remarks.refuse_repairs {
                let problem =
                    format!("{repair}; correct it in the file, or leave out --repair none");
                remarks.complaints.push(Complaint::new(column, problem));
                return false;
            }
            remarks.repairs.push((column, repair));
        }
        if let Some(doubt) = told.doubt {
            let column = self.column(lead);
            remarks.doubts.push((column, doubt));
        }
        true
    }

    fn missing(&self, lead: &Lead) -> Complaint {
        let name = self.name;
        let message = match (self.columns.is_empty(), &self.rule.label) {
            (false, _) => "is empty, but this destination needs it".to_owned(),
            (true, Some(label)) if !label.eq_ignore_ascii_case(name) => {
                format!("no column gives it (\"{label}\"), but this destination needs it")
            }
            (true, _) => "no column gives it, but this destination needs it".to_owned(),
        };
        Complaint::new(self.column(lead), message)
    }

    fn make<'v>(&'v self, raw: &'v str, lead: &Lead) -> Result<Made<'v>, String> {
        let mut told = None;
        let mut value = Cow::Borrowed(raw);
        if self.rule.plain {
            let (plain, changed) = text::plain(raw);
            if changed {
                let plain = quoted(&plain);
                told = Told::repair(format!(
                    "{} has typographic signs or spaces that this destination does not take: written {plain}",
                    quoted(raw)
                ));
            }
            value = plain;
        }
        if let Some(format) = self.rule.format {
            let keep = format == ValueFormat::Title && !self.map.is_empty();
            let home = self.locale.home;
            let country = match is_of_a_country(format) {
                true => self.locale.country(lead),
                false => home,
            };
            let formed = match &value {
                Cow::Borrowed(text) => form(text, format, country, home),
                Cow::Owned(text) => form(text, format, country, home)
                    .map(|(text, told)| (Cow::Owned(text.into_owned()), told)),
            };
            match formed {
                Ok((text, more)) => {
                    value = text;
                    told = Told::later(told, more);
                }
                Err(_) if keep => {}
                Err(message) => return Err(message),
            }
        }
        if let Some(json) = self.mapped(&value) {
            return Ok((Written::Json(json), told));
        }
        if !self.map.is_empty() && !self.rule.others {
            return Err(self.not_in_map(raw));
        }
        self.check(&value)?;
        Ok((self.typed(value)?, told))
    }

    fn mapped(&self, value: &str) -> Option<&str> {
        if self.map.is_empty() {
            return None;
        }
        let find = |folded: &str| {
            let (_, json) = self.map.iter().find(|(key, _)| key == folded)?;
            Some(json.as_str())
        };
        folded(value, find).or_else(|| find(title(value)?.code()))
    }

    fn not_in_map(&self, raw: &str) -> String {
        let accepted = self.rule.map.iter().map(|(key, _)| {
            // Of a title's code: what people write for it.
            let title = title(key).filter(|title| title.code() == key);
            title.map_or(key.as_str(), |title| title.words())
        });
        let accepted: Vec<&str> = accepted.collect();
        format!("{} is not one of: {}", quoted(raw), accepted.join(", "))
    }

    fn check(&self, value: &str) -> Result<(), String> {
        let rule = self.rule;
        // A text has no more characters than bytes.
        if let Some(max) = rule.max.filter(|max| value.len() > *max) {
            let length = value.chars().count();
            if length > max {
                return Err(format!(
                    "{length} characters, but {max} at most are accepted"
                ));
            }
        }
        if !self.refuse.is_empty() {
            let lower = value.to_lowercase();
            if let Some(at) = self.refuse.iter().position(|text| lower.contains(text)) {
                let refused = text::clean(&rule.refuse[at], 40);
                return Err(match refused.trim().is_empty() {
                    true => "holds a character that this destination can't take".to_owned(),
                    false => format!("must not contain \"{refused}\""),
                });
            }
        }
        match &rule.pattern {
            Some(pattern) if !pattern.matches(value) => Err(match &rule.expects {
                Some(expects) => format!("{} is not accepted: {expects}", quoted(value)),
                None => format!(
                    "{} is not accepted: it must match {}",
                    quoted(value),
                    pattern.text
                ),
            }),
            _ => Ok(()),
        }
    }

    fn typed<'v>(&self, value: Cow<'v, str>) -> Result<Written<'v>, String> {
        if self.rule.value_type == ValueType::Text {
            return Ok(Written::Text(value));
        }
        let trimmed = value.trim();
        match self.rule.value_type {
            ValueType::Text => Ok(Written::Text(value)),
            ValueType::Integer => match trimmed.parse::<i64>() {
                Ok(number) => Ok(Written::Bare(number.to_string().into())),
                Err(_) => Err(format!("{} is not a whole number", quoted(trimmed))),
            },
            ValueType::Number => match trimmed.replace(',', ".").parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Written::Bare(number.to_string().into())),
                _ => Err(format!("{} is not a number", quoted(trimmed))),
            },
            ValueType::Boolean => match fold(trimmed).as_str() {
                "true" | "yes" | "oui" | "vrai" | "1" | "x" => Ok(Written::Bare("true".into())),
                "false" | "no" | "non" | "faux" | "0" => Ok(Written::Bare("false".into())),
                _ => Err(format!("{} is neither yes nor no", quoted(trimmed))),
            },
        }
    }
}

/// What is sent for each accepted word, and for what is sent itself. A user's
/// word stands after the catalogue's, and counts though it is written otherwise.
fn meanings(map: &[(String, Json)]) -> Vec<(String, String)> {
    let words = map.iter().rev();
    let words = words.map(|(accepted, sent)| (fold(accepted), sent.to_string()));
    let themselves = map.iter().map(|(_, sent)| {
        let json = sent.to_string();
        let itself = sent.as_str().map_or_else(|| json.clone(), str::to_owned);
        (fold(&itself), json)
    });
    words.chain(themselves).collect()
}

fn copies(rule: &FieldRule) -> bool {
    let formed = rule.format.is_some() || rule.plain || !rule.map.is_empty();
    let checked = rule.max.is_some() || rule.pattern.is_some() || !rule.refuse.is_empty();
    !formed && !checked && rule.value_type == ValueType::Text
}

/// A value to be written, and what there is to tell of it: seldom anything.
type Made<'v> = (Written<'v>, Option<Box<Told>>);

impl<'v> Written<'v> {
    pub fn push_to(&self, out: &mut String) {
        match self {
            Self::Json(json) => out.push_str(json),
            Self::Bare(bare) => out.push_str(bare),
            Self::Text(text) => json_text(out, text),
        }
    }

    /// The value as text, for a placeholder of an address.
    pub fn into_text(self) -> Cow<'v, str> {
        match self {
            Self::Text(text) | Self::Bare(text) => text,
            Self::Json(json) => match serde_json::from_str::<String>(json) {
                Ok(text) => Cow::Owned(text),
                Err(_) => Cow::Borrowed(json),
            },
        }
    }
}
