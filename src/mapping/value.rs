//! One value: taken from a lead, formed, checked and typed.

use std::borrow::Cow;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::complaint::{Doubt, Formed, Problem, PutRight};
use super::formats::{form, title_code, title_words};
use super::locale::Locale;
use super::noticed::Noticed;
use super::sent_value::{SentValue, typed};
use super::template::TemplatePlan;
use crate::config::{Destination, FieldRule, Hash, ValueFormat, ValueType, Values};
use crate::lead::text::{self, fold};
use crate::lead::{Columns, Lead};
use crate::words::spoken::Spoken;

/// A field's rule made ready for the columns of one input.
#[derive(Debug)]
pub struct ValuePlan<'d> {
    rule: &'d FieldRule,
    /// What the value is called where the lead has no column for it.
    name: &'d str,
    columns: Vec<usize>,
    /// Of several columns, those whose value goes nowhere else.
    only_here: Vec<usize>,
    template: Option<TemplatePlan<'d>>,
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
    /// What is blank changes nothing of what is there.
    changes: bool,
}

impl<'d> ValuePlan<'d> {
    pub fn new(
        rule: &'d FieldRule,
        target: &'d str,
        destination: &'d Destination,
        columns: &Columns,
    ) -> Self {
        let sources = rule.sources();
        let from = rule.from.iter();
        let mut defaults =
            from.filter_map(|from| Some((from.as_str(), destination.default_of(from)?)));
        let template = rule.template.as_ref();
        let goes_elsewhere = |name: &String| {
            let mut others = destination.rules().filter(|other| other.from != rule.from);
            others.any(|other| other.sources().any(|source| source == name))
        };
        let several = rule
            .from
            .iter()
            .filter(|name| rule.from.len() > 1 && !goes_elsewhere(name));
        Self {
            only_here: several.filter_map(|name| columns.index_of(name)).collect(),
            rule,
            name: rule.from.first().map_or(target, String::as_str),
            default: defaults.next(),
            columns: sources.filter_map(|name| columns.index_of(name)).collect(),
            template: template.map(|template| {
                TemplatePlan::new(template, rule.join.as_deref(), destination, columns)
            }),
            map: meanings(&rule.map),
            refuse: rule.refuse.iter().map(|text| text.to_lowercase()).collect(),
            locale: Locale::new(destination, columns),
            required: rule.required,
            changes: false,
            as_text: destination.values == Some(Values::Text)
                || rule.value_type == Some(ValueType::Text),
        }
    }

    /// Whether no lead of these columns is sent anything here, or misses it.
    pub fn is_idle(&self) -> bool {
        let is_given = self.rule.value.is_some() || self.rule.blank.is_some() || self.required;
        let is_idle = match &self.template {
            Some(template) => template.is_idle(),
            None => self.default.is_none() && self.columns.is_empty(),
        };
        is_idle && !is_given
    }

    /// Does a lead fill it, if any does?
    pub fn asks(&self) -> bool {
        self.rule.sources().next().is_some()
    }

    /// The same for a change of what is there: a blank cell changes nothing, so
    /// no default fills it and it is never missed. `None` where no cell fills it,
    /// or only the one that says which contact is meant.
    pub fn amending(mut self, reference: Option<usize>) -> Option<Self> {
        self.columns.retain(|column| Some(*column) != reference);
        (self.default, self.required, self.changes) = (None, false, true);
        if let Some(template) = self.template.take() {
            self.template = Some(template.amending(reference)?);
        }
        let is_constant = self.rule.value.is_some() || self.rule.varies();
        (!is_constant && !self.columns.is_empty()).then_some(self)
    }

    /// The cell that fills this value, not blank, with its column.
    fn cell<'l>(&self, lead: &'l Lead) -> Option<(usize, &'l str)> {
        let mut columns = self.columns.iter();
        columns.find_map(|column| Some((*column, lead.filled(*column)?.trim())))
    }

    /// Another value of the lead's that takes this one's place in no request.
    fn passed_over(&self, (own, cell): (usize, &str), lead: &Lead) -> Option<(String, Doubt)> {
        let mut others = self.only_here.iter().filter(|other| **other != own);
        let plain = |text: &str| {
            let formed = self.formed(text, lead, &Noticed::default());
            fold(&formed.map_or_else(|_| text.to_owned(), |formed| formed.text.into_owned()))
        };
        let (column, value) = others.find_map(|other| {
            let value = lead.filled(*other)?.trim();
            (plain(value) != plain(cell)).then(|| (lead.columns.header_of(*other), value))
        })?;
        let passed = Doubt::PassedOver {
            column: column.to_owned(),
            value: value.to_owned(),
        };
        Some((lead.columns.header_of(own).to_owned(), passed))
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
        let (cell, raw);
        let made = match &self.template {
            Some(template) => {
                raw = template.fill(lead, noticed);
                let raw = raw.as_deref();
                raw.map(|raw| self.made(raw, lead, noticed).map(SentValue::into_owned))
            }
            None => {
                let own = self.cell(lead);
                noticed.used += usize::from(own.is_some());
                noticed
                    .doubts
                    .extend(own.and_then(|own| self.passed_over(own, lead)));
                let own = own.map(|(_, cell)| cell);
                cell = own.or_else(|| {
                    let default = self.default?;
                    noticed.defaults.push(default);
                    Some(default.1)
                });
                cell.map(|cell| self.made(cell, lead, noticed))
            }
        };
        match made {
            Some(Ok(value)) => Some(self.as_sent(value)),
            Some(Err(problem)) => {
                noticed.complain(self.column(lead), problem);
                None
            }
            None if self.required => {
                noticed.complain(self.column(lead), self.missing());
                None
            }
            None => {
                let blank = self.rule.blank.as_deref().filter(|_| !self.changes);
                blank.map(|blank| SentValue::Text(Cow::Borrowed(blank)))
            }
        }
    }

    /// What is made of a text, and what there is to tell of it.
    fn made<'v>(
        &'v self,
        raw: &'v str,
        lead: &'v Lead,
        noticed: &mut Noticed<'_>,
    ) -> Result<SentValue<'v>, Problem> {
        let formed = self.formed(raw, lead, noticed)?;
        let value = self.checked(formed.text, raw)?;
        let column = || self.column(lead);
        let (repair, doubt) = (formed.repair, formed.doubt);
        noticed.repairs.extend(repair.map(|what| (column(), what)));
        noticed.doubts.extend(doubt.map(|why| (column(), why)));
        Ok(match self.rule.hash {
            Some(Hash::Sha256) => SentValue::Text(self.hashed(value.into_text()).into()),
            None => value,
        })
    }

    /// In hexadecimal. However an address is written, its hash is one.
    fn hashed(&self, text: Cow<'_, str>) -> String {
        let is_address = self.rule.format == Some(ValueFormat::Email);
        let text = if is_address {
            text.to_lowercase().into()
        } else {
            text
        };
        let hash = Sha256::digest(text.as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
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
        let label = self.rule.label.as_ref().map(Spoken::to_string);
        Problem::NoColumn(label.filter(|label| !label.eq_ignore_ascii_case(self.name)))
    }

    /// The value in the form that the rule asks for.
    fn formed<'v>(
        &self,
        raw: &'v str,
        lead: &Lead,
        noticed: &Noticed<'_>,
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
        if let Some(form) = &self.rule.date_form {
            let dated = form.written(&formed.text, &self.rule.reads, noticed.sending.now);
            let dated =
                dated.map_err(|fault| Problem::of_date(raw, fault, &self.rule.reads, self.name));
            formed.text = dated?.into();
        } else if let Some(format) = self.rule.format {
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
            Some(repair) if noticed.refuse_repairs => Err(Problem::UnwantedRepair(repair)),
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
                Err(match rule.expects.as_ref().map(Spoken::to_string) {
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
