//! One value: taken from a lead, formed, checked and typed.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value as Json;

use super::complaint::{Complaint, Doubt, Formed, Problem, PutRight};
use super::formats::{form, title_code, title_words};
use crate::config::{Destination, FieldRule, ValueFormat, ValueType, Values, countries};
use crate::lead::text::{self, fold};
use crate::lead::{Columns, Lead};

/// What was noticed while mapping.
#[derive(Debug, Default)]
pub struct Noticed<'p> {
    pub complaints: Vec<Complaint>,
    /// Values that may be wrong: (column, why).
    pub doubts: Vec<(String, Doubt)>,
    /// Defaults that filled a blank: (field, value).
    pub defaults: Vec<(&'p str, &'p str)>,
    /// Values that were put right: (column, what).
    pub repairs: Vec<(String, PutRight)>,
    /// `--repair none`: a value that would have to be put right is refused.
    pub refuse_repairs: bool,
}

/// The country by whose rules a lead's phones and postcodes are read, and where
/// it is found in one input: the lead's own, else the destination's.
#[derive(Debug, Clone, Copy)]
pub struct Locale<'d> {
    /// The destination's country: of leads that don't say theirs.
    pub home: &'d str,
    column: Option<usize>,
    /// Of rows that leave that column blank.
    default: Option<&'d str>,
}

impl<'d> Locale<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns) -> Self {
        Self {
            home: &destination.country,
            column: columns.index_of_field("country"),
            default: destination.default_of("country"),
        }
    }

    /// The country of this lead's numbers: its own where that is known.
    pub fn country(&self, lead: &Lead) -> &'d str {
        let named = self.column.and_then(|column| lead.filled(column));
        match named.or(self.default) {
            Some(named) if !named.eq_ignore_ascii_case(self.home) => {
                countries::code(named).unwrap_or(self.home)
            }
            _ => self.home,
        }
    }
}

/// A field's rule made ready for the columns of one input.
#[derive(Debug)]
pub struct ValuePlan<'d> {
    rule: &'d FieldRule,
    /// What the value is called where the lead has no column for it.
    name: &'d str,
    columns: Vec<usize>,
    /// The lead field and its default.
    default: Option<(&'d str, &'d str)>,
    /// Folded accepted values and what is sent for each.
    map: Vec<(String, &'d Json)>,
    /// In lower case.
    refuse: Vec<String>,
    locale: Locale<'d>,
    required: bool,
    /// Whatever is sent is text.
    as_text: bool,
}

/// A value as it is sent.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum SentValue<'v> {
    Text(Cow<'v, str>),
    Json(Cow<'v, Json>),
}

impl<'d> ValuePlan<'d> {
    pub fn new(
        rule: &'d FieldRule,
        target: &'d str,
        destination: &'d Destination,
        columns: &Columns,
    ) -> Self {
        let from = rule.from.iter();
        let mut defaults = from
            .clone()
            .filter_map(|from| Some((from.as_str(), destination.default_of(from)?)));
        Self {
            rule,
            name: rule.from.first().map_or(target, String::as_str),
            default: defaults.next(),
            columns: from.filter_map(|from| columns.index_of(from)).collect(),
            map: meanings(&rule.map),
            refuse: rule.refuse.iter().map(|text| text.to_lowercase()).collect(),
            locale: Locale::new(destination, columns),
            required: rule.required,
            as_text: destination.values == Some(Values::Text),
        }
    }

    /// Whether no lead of these columns is sent anything here, or misses it.
    pub fn is_idle(&self) -> bool {
        let filled = self.rule.value.is_some() || self.default.is_some();
        !(filled || self.required || !self.columns.is_empty())
    }

    /// The same for a change of what is there: a blank cell changes nothing, so
    /// no default fills it and it is never missed. `None` where no cell fills it,
    /// or only the one that says which contact is meant.
    pub fn amending(mut self, reference: Option<usize>) -> Option<Self> {
        self.columns.retain(|column| Some(*column) != reference);
        self.default = None;
        self.required = false;
        (self.rule.value.is_none() && !self.columns.is_empty()).then_some(self)
    }

    /// The cell that fills this value, not blank, with its column.
    fn cell<'l>(&self, lead: &'l Lead) -> Option<(usize, &'l str)> {
        let mut columns = self.columns.iter();
        columns.find_map(|column| Some((*column, lead.filled(*column)?.trim())))
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
    /// with it goes to `noticed`.
    pub fn value<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> Option<SentValue<'v>> {
        if let Some(constant) = &self.rule.value {
            return Some(self.as_sent(SentValue::Json(Cow::Borrowed(constant))));
        }
        let raw = match (self.cell(lead), self.default) {
            (Some((_, cell)), _) => cell,
            (None, Some(default)) => {
                noticed.defaults.push(default);
                default.1
            }
            (None, None) => {
                if self.required {
                    let problem = self.missing();
                    noticed.complain(self.column(lead), problem);
                }
                return None;
            }
        };
        let made = self
            .formed(raw, lead, noticed.refuse_repairs)
            .and_then(|formed| {
                let value = self.checked(formed.text, raw)?;
                Ok((value, formed.repair, formed.doubt))
            });
        match made {
            Ok((value, repair, doubt)) => {
                let column = || self.column(lead);
                noticed.repairs.extend(repair.map(|what| (column(), what)));
                noticed.doubts.extend(doubt.map(|why| (column(), why)));
                Some(self.as_sent(value))
            }
            Err(problem) => {
                noticed.complain(self.column(lead), problem);
                None
            }
        }
    }

    /// A constant list or object keeps its shape.
    fn as_sent<'v>(&self, value: SentValue<'v>) -> SentValue<'v> {
        match value {
            SentValue::Json(json) if self.as_text && (json.is_number() || json.is_boolean()) => {
                SentValue::Text(Cow::Owned(json.to_string()))
            }
            value => value,
        }
    }

    fn missing(&self) -> Problem {
        if !self.columns.is_empty() {
            return Problem::Empty;
        }
        let label = self.rule.label.clone();
        Problem::NoColumn(label.filter(|label| !label.eq_ignore_ascii_case(self.name)))
    }

    /// The value in the form that the rule asks for.
    fn formed<'v>(
        &self,
        raw: &'v str,
        lead: &Lead,
        refuse_repairs: bool,
    ) -> Result<Formed<'v>, Problem> {
        let mut formed = Formed::plain(raw);
        if self.rule.plain
            && let (plain, true) = text::plain(raw)
        {
            formed.repair = Some(PutRight::Plain {
                value: raw.to_owned(),
                plain: plain.to_string(),
            });
            formed.text = plain;
        }
        if let Some(format) = self.rule.format {
            let country = || self.locale.country(lead);
            // A title that is none may still be a word of the map.
            let may_stay = format == ValueFormat::Title && !self.map.is_empty();
            match form(&formed.text, format, country, self.locale.home) {
                Ok(other) => {
                    formed = Formed {
                        text: Cow::Owned(other.text.into_owned()),
                        // Of two repairs, the later one.
                        repair: other.repair.or(formed.repair),
                        doubt: other.doubt,
                    };
                }
                Err(_) if may_stay => {}
                Err(problem) => return Err(problem),
            }
        }
        match formed.repair {
            Some(repair) if refuse_repairs => Err(Problem::UnwantedRepair(repair)),
            _ => Ok(formed),
        }
    }

    /// What is sent for a formed value, if the rule accepts it.
    fn checked<'v>(&'v self, value: Cow<'v, str>, raw: &str) -> Result<SentValue<'v>, Problem> {
        if !self.map.is_empty() || !self.rule.ranges.is_empty() {
            if let Some(json) = self.mapped(&value).or_else(|| self.ranged(&value)) {
                return Ok(SentValue::Json(Cow::Borrowed(json)));
            }
            if !self.rule.others {
                return Err(self.not_listed(raw));
            }
        }
        self.check(&value)?;
        typed(value, self.rule.value_type)
    }

    fn mapped(&self, value: &str) -> Option<&'d Json> {
        let find = |folded: &str| {
            let (_, json) = self.map.iter().find(|(key, _)| key == folded)?;
            Some(*json)
        };
        let folded = fold(value);
        find(&folded)
            .or_else(|| find(&initials(&folded)?))
            .or_else(|| find(title_code(value)?))
    }

    fn ranged(&self, value: &str) -> Option<&'d Json> {
        let mut ranges = self.rule.ranges.iter();
        let (_, json) = ranges.find(|(range, _)| range.holds(value))?;
        Some(json)
    }

    fn not_listed(&self, raw: &str) -> Problem {
        // Of a title's code: what people write for it.
        let words = |(key, _): &(String, Json)| title_words(key).unwrap_or(key).to_owned();
        let words = self.rule.map.iter().map(words);
        Problem::NotListed {
            value: raw.to_owned(),
            accepted: words.chain(self.rule.numbers_in_words()).collect(),
        }
    }

    fn check(&self, value: &str) -> Result<(), Problem> {
        let rule = self.rule;
        if let Some(max) = rule.max {
            let length = value.chars().count();
            if length > max {
                return Err(Problem::TooLong { length, max });
            }
        }
        if !self.refuse.is_empty() {
            let lower = value.to_lowercase();
            if let Some(at) = self.refuse.iter().position(|text| lower.contains(text)) {
                let refused = text::clean(&rule.refuse[at], 40);
                return Err(match refused.is_empty() {
                    true => Problem::ContainsBlank,
                    false => Problem::Contains(refused),
                });
            }
        }
        match &rule.pattern {
            Some(pattern) if !pattern.matches(value) => {
                let (value, pattern) = (value.to_owned(), pattern.text.clone());
                Err(match rule.expects.clone() {
                    Some(expects) => Problem::NotExpected { value, expects },
                    None => Problem::NoMatch { value, pattern },
                })
            }
            _ => Ok(()),
        }
    }
}

/// `S.A.R.L.`, folded, as one word; `None` where it is no row of initials.
fn initials(folded: &str) -> Option<String> {
    let mut words = folded.split(' ');
    let is_initial = |word: &str| word.chars().map(char::is_alphabetic).eq([true]);
    words.all(is_initial).then(|| folded.replace(' ', ""))
}

fn typed(value: Cow<'_, str>, wanted: ValueType) -> Result<SentValue<'_>, Problem> {
    let trimmed = value.trim();
    let json = match wanted {
        ValueType::Text => return Ok(SentValue::Text(value)),
        ValueType::Integer => trimmed.parse::<i64>().ok().map(Json::from),
        ValueType::Number => number(&trimmed.replace(',', ".")),
        ValueType::Boolean => match fold(trimmed).as_str() {
            "true" | "yes" | "oui" | "vrai" | "1" | "x" => Some(Json::Bool(true)),
            "false" | "no" | "non" | "faux" | "0" => Some(Json::Bool(false)),
            _ => None,
        },
    };
    match json {
        Some(json) => Ok(SentValue::Json(Cow::Owned(json))),
        None => Err(Problem::WrongType {
            value: trimmed.to_owned(),
            wanted,
        }),
    }
}

/// `12` and `12,0` are whole numbers.
fn number(text: &str) -> Option<Json> {
    let number = text.parse::<f64>().ok()?;
    match number.fract() == 0.0 && number.abs() < 1e15 {
        true => Some(Json::from(number as i64)),
        false => serde_json::Number::from_f64(number).map(Json::Number),
    }
}

/// What is sent for each accepted word, and for what is sent itself. A user's
/// word stands after the catalogue's, and counts though it is written otherwise.
fn meanings(map: &[(String, Json)]) -> Vec<(String, &Json)> {
    let words = map
        .iter()
        .rev()
        .map(|(accepted, sent)| (fold(accepted), sent));
    let themselves = map.iter().map(|(_, sent)| {
        let itself = sent
            .as_str()
            .map_or_else(|| sent.to_string(), str::to_owned);
        (fold(&itself), sent)
    });
    words.chain(themselves).collect()
}

impl Noticed<'_> {
    pub fn complain(&mut self, column: impl Into<String>, problem: Problem) {
        self.complaints.push(Complaint::new(column, problem));
    }
}

impl<'v> SentValue<'v> {
    /// The value as text, for a placeholder of an address.
    pub fn into_text(self) -> Cow<'v, str> {
        match self {
            Self::Text(text) => text,
            Self::Json(json) => Cow::Owned(match json.into_owned() {
                Json::String(text) => text,
                other => other.to_string(),
            }),
        }
    }
}
