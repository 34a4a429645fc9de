//! A destination's rules made ready for the columns of one input, so that no
//! header is looked up and no rule is read again for each row.

use std::borrow::Cow;

use super::body::BodyPlan;
use super::complaint::{Complaint, Doubt, Problem, PutRight};
use super::consent::{ConsentPlan, Word};
use super::fit;
use super::formats::{email, phone};
use super::identity::{Identity, KeyPlan};
use super::locale::Locale;
use super::noticed::{Noticed, Sending};
use super::value::ValuePlan;
use crate::config::{CREATED, Call, Destination, FieldRule, Moment, ValueFormat};
use crate::lead::text::{is_blank, one_of};
use crate::lead::{Columns, Lead, NoteKind, REACH};

/// A lead's fate before anything is sent.
#[derive(Debug)]
pub enum Judged<'v> {
    Ready(Mapped<'v>),
    Invalid(Vec<Complaint>),
}

/// The placeholders' values of one lead, in the operation's order.
pub(super) type Filled<'v> = Vec<(&'v str, Cow<'v, str>)>;

/// A lead as the destination expects it.
#[derive(Debug)]
pub struct Mapped<'v> {
    pub path: Filled<'v>,
    pub query: Filled<'v>,
    pub headers: Filled<'v>,
    /// `None`: the call sends none.
    pub body: Option<String>,
    /// Values that may be wrong: (column, why).
    pub doubts: Vec<(String, Doubt)>,
    /// Values that were put right: (column, what).
    pub repairs: Vec<(String, PutRight)>,
    /// Defaults that filled a blank: (field, value).
    pub defaults: Vec<(&'v str, &'v str)>,
}

/// The rules of one operation for one input's columns.
#[derive(Debug)]
pub struct Plan<'d> {
    destination: &'d Destination,
    path: Vec<(&'d str, ValuePlan<'d>)>,
    query: Vec<(&'d str, ValuePlan<'d>)>,
    headers: Vec<(&'d str, ValuePlan<'d>)>,
    body: BodyPlan<'d>,
    key: KeyPlan<'d>,
    need_one: Vec<(&'d [String], Vec<usize>)>,
    consent: Option<ConsentPlan<'d>>,
    /// Fields whose values the row itself may give and a refusal may blame.
    blamable: Vec<(&'d str, usize)>,
    email: Option<usize>,
    phone: Option<usize>,
    /// The columns of their further addresses, and of their further numbers.
    further: [Vec<usize>; 2],
    /// Columns of which one must be filled, or nothing of a row is used.
    /// `None`: a row may say nothing.
    used: Option<Vec<usize>>,
    /// Something of how somebody is reached is sent.
    reaches: bool,
    locale: Locale<'d>,
    refuse_repairs: bool,
}

/// The rules of an operation's placeholders, by name. They live as long as a
/// run, since plans borrow them.
pub fn placeholders(destination: &Destination, operation: &Call) -> Vec<(String, FieldRule)> {
    operation
        .placeholders()
        .map(|name| {
            let mut rule = destination.placeholder(name);
            rule.required = true;
            (name.to_owned(), rule)
        })
        .collect()
}

impl<'d> Plan<'d> {
    pub fn new(
        destination: &'d Destination,
        operation: &'d Call,
        placeholders: &'d [(String, FieldRule)],
        columns: &Columns,
    ) -> Self {
        let plans = |rules: &'d [(String, FieldRule)]| -> Vec<_> {
            let plan = |rule, name| ValuePlan::new(rule, name, destination, columns);
            let plans = rules
                .iter()
                .map(|(name, rule)| (name.as_str(), plan(rule, name)));
            plans.collect()
        };
        let need_one = destination.need_one.iter().map(|group| {
            let columns = group.iter().filter_map(|name| columns.index_of(name));
            (group.as_slice(), columns.collect())
        });
        Self {
            destination,
            path: plans(placeholders),
            query: plans(&operation.query),
            headers: plans(&destination.headers),
            body: BodyPlan::new(destination, operation, columns),
            key: KeyPlan::new(destination, columns),
            need_one: need_one.collect(),
            consent: (destination.consent.as_ref())
                .map(|rule| ConsentPlan::new(rule, destination.names(), columns)),
            blamable: blamable(operation, placeholders, columns),
            email: columns.index_of("email"),
            phone: columns.index_of("phone"),
            further: further(destination, columns),
            used: Some(used(destination, operation, placeholders, columns)),
            reaches: REACH.iter().any(|field| destination.takes(field)),
            locale: Locale::new(destination, columns),
            refuse_repairs: false,
        }
    }

    /// The plan of a change: only what a row fills is mapped, nothing is
    /// missed. `reference` is the column that says which contact is meant.
    pub fn amending(
        destination: &'d Destination,
        operation: &'d Call,
        placeholders: &'d [(String, FieldRule)],
        columns: &Columns,
        reference: Option<usize>,
    ) -> Self {
        Self {
            body: BodyPlan::amending(destination, columns, reference),
            query: Vec::new(),
            headers: Vec::new(),
            need_one: Vec::new(),
            consent: None,
            used: None,
            ..Self::new(destination, operation, placeholders, columns)
        }
    }

    /// `--repair none`: what would have to be put right is refused.
    pub fn refusing_repairs(mut self, refuse: bool) -> Self {
        self.refuse_repairs = refuse;
        self
    }

    /// Judges and maps one lead. Never stops at the first complaint.
    pub fn judge<'v>(&'v self, lead: &'v Lead, sending: Sending<'v>) -> Judged<'v> {
        if let Some(fault) = &lead.record.fault {
            let problem = Problem::Fault(fault.clone());
            return Judged::Invalid(vec![Complaint::new("", problem)]);
        }
        let mut noticed = Noticed {
            sending,
            refuse_repairs: self.refuse_repairs,
            ..Noticed::default()
        };
        for note in &lead.notes {
            if note.kind == NoteKind::Refused && self.uses(lead, note.column) {
                let header = lead.columns.header_of(note.column);
                noticed.complain(header, Problem::Damaged(note.finding.clone()));
            }
        }
        let refused = noticed.complaints.len();
        let mapped = self.mapped(lead, &mut noticed);
        self.check_need_one(lead, &mut noticed);
        self.check_age(lead, &mut noticed);
        if let Some(consent) = &self.consent {
            let (_, complaints) = consent.judge(lead, sending.now);
            noticed.complaints.extend(complaints);
        }
        self.check_used(lead, &mut noticed);
        if noticed.complaints.is_empty() {
            return Judged::Ready(Mapped {
                doubts: noticed.doubts,
                repairs: noticed.repairs,
                defaults: noticed.defaults,
                ..mapped
            });
        }
        Judged::Invalid(told_once(noticed.complaints, refused))
    }

    /// What would be sent whenever and wherever the lead is read: by this it is
    /// known whether it changed. Of a lead that is ready.
    pub fn unvarying<'v>(&'v self, lead: &'v Lead, source: Option<&'v str>) -> Mapped<'v> {
        let mut noticed = Noticed::default();
        noticed.sending.source = source;
        self.mapped(lead, &mut noticed)
    }

    fn mapped<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> Mapped<'v> {
        Mapped {
            path: self.fill_path(lead, noticed),
            query: fill(&self.query, lead, noticed),
            headers: self.fill_headers(lead, noticed),
            body: self.body.body(lead, noticed),
            doubts: Vec::new(),
            repairs: Vec::new(),
            defaults: Vec::new(),
        }
    }

    /// Damage in a column that this destination doesn't take is none of its.
    fn uses(&self, lead: &Lead, column: usize) -> bool {
        let header = lead.columns.header_of(column);
        let field = lead.columns.field_at(column);
        self.destination.takes(header) || field.is_some_and(|field| self.destination.takes(field))
    }

    /// The placeholders' values alone, for a call that sends no lead.
    ///
    /// # Errors
    /// What is missing or can't be used.
    pub fn address<'v>(&'v self, lead: &'v Lead) -> Result<Filled<'v>, Vec<Complaint>> {
        let mut noticed = Noticed::default();
        let path = self.fill_path(lead, &mut noticed);
        match noticed.complaints.is_empty() {
            true => Ok(path),
            false => Err(noticed.complaints),
        }
    }

    fn fill_path<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> Filled<'v> {
        let filled = fill(&self.path, lead, noticed);
        // A dot alone would climb to another address.
        for (name, value) in filled
            .iter()
            .filter(|(_, it)| matches!(it.as_ref(), "." | ".."))
        {
            noticed.complain(*name, Problem::NotInAddress(value.to_string()));
        }
        filled
    }

    fn fill_headers<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> Filled<'v> {
        let filled = fill(&self.headers, lead, noticed);
        let is_plain = |value: &str| value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        for (name, value) in filled.iter().filter(|(_, value)| !is_plain(value)) {
            noticed.complain(*name, Problem::NotInHeader(value.to_string()));
        }
        filled
    }

    fn check_need_one(&self, lead: &Lead, noticed: &mut Noticed<'_>) {
        for (group, columns) in &self.need_one {
            let filled = columns.iter().any(|column| lead.filled(*column).is_some());
            let defaulted = group
                .iter()
                .any(|field| self.destination.default_of(field).is_some());
            if !filled && !defaulted {
                let names = group.iter().map(|field| fit::header(lead, field));
                let names: Vec<String> = names.collect();
                noticed.complain(one_of(&names), Problem::NoneFilled);
            }
        }
    }

    /// How old it is must be known where that decides.
    fn check_age(&self, lead: &Lead, noticed: &mut Noticed<'_>) {
        let is_asked = self.destination.max_age.is_some() && self.used.is_some();
        let is_old = is_asked.then(|| fit::is_too_old(self.destination, lead, noticed.sending.now));
        if let Some(Err(problem)) = is_old {
            noticed.complain(fit::header(lead, CREATED), problem);
        }
    }

    /// A row of which nothing is used is no lead, but a title above the columns'
    /// names or another sheet's table: what would be sent is the same for all.
    fn check_used(&self, lead: &Lead, noticed: &mut Noticed<'_>) {
        let Some(used) = &self.used else { return };
        let filled = used.iter().any(|column| lead.filled(*column).is_some());
        if !noticed.complaints.is_empty() {
            return;
        }
        if !filled {
            let destination = self.destination.name.clone();
            noticed.complain("", Problem::NothingUsed { destination });
        } else if self.reaches && lead.is_out_of_reach() {
            noticed.complain("", Problem::OutOfReach);
        }
    }

    /// What the row's person said, where the destination asks for their consent.
    pub fn consent(&self, lead: &Lead, now: &Moment) -> Option<Word> {
        let consent = self.consent.as_ref();
        let consent = consent.filter(|_| lead.record.fault.is_none());
        consent?.judge(lead, now).0
    }

    /// Who this lead is at the destination.
    pub fn identity(&self, lead: &Lead) -> Identity {
        self.key.identity(lead)
    }

    /// Whether the key's values tell people apart at all.
    pub fn key_is_sound(&self, lead: &Lead) -> bool {
        self.key.is_sound(lead)
    }

    /// The values that the row itself gave for fields a refusal may blame.
    pub fn given(&self, lead: &Lead) -> Vec<(String, String)> {
        self.blamable
            .iter()
            .map(|(field, column)| (*field, lead.get(*column).trim()))
            .filter(|(_, value)| !value.is_empty())
            .map(|(field, value)| (field.to_owned(), value.to_owned()))
            .collect()
    }

    /// The person's e-mail address and phone, normalised.
    pub fn person(&self, lead: &Lead) -> (Option<String>, Option<String>) {
        let cell = |column: Option<usize>| lead.filled(column?);
        let number = |number| {
            let country = self.locale.country(lead);
            phone::key(number, country, self.locale.home)
        };
        (
            cell(self.email).and_then(email::key),
            cell(self.phone).and_then(number),
        )
    }

    /// Their address and their number, as people are to read them: what can't be read
    /// stays as it was written.
    pub fn contacts(&self, lead: &Lead) -> [Option<String>; 2] {
        let (email, phone) = self.person(lead);
        let text = |read: Option<String>, column: Option<usize>| {
            read.or_else(|| lead.filled(column?).map(str::to_owned))
        };
        [text(email, self.email), text(phone, self.phone)]
    }

    /// All else that a list may name them by: their further addresses and numbers, and
    /// further ways to write a number. `phone`: their first one, normalised.
    pub fn further_contacts(&self, lead: &Lead, phone: Option<&str>) -> Vec<String> {
        let [emails, phones] = &self.further;
        let emails = emails.iter().filter_map(|column| lead.filled(*column));
        let mut all: Vec<String> = emails.filter_map(email::key).collect();
        all.extend(phone.into_iter().flat_map(phone::other_forms));
        let country = self.locale.country(lead);
        for number in phones.iter().filter_map(|column| lead.filled(*column)) {
            if let Some(number) = phone::key(number, country, self.locale.home) {
                all.extend(phone::other_forms(&number));
                all.push(number);
            }
        }
        all
    }

    /// All of these lead fields are filled, by the row or by a default.
    pub fn has_all(&self, lead: &Lead, fields: &[String]) -> bool {
        fields.iter().all(|field| {
            !is_blank(lead.field(field)) || self.destination.default_of(field).is_some()
        })
    }
}

/// The values that a lead fills.
fn fill<'v>(
    plans: &'v [(&'v str, ValuePlan<'v>)],
    lead: &'v Lead,
    noticed: &mut Noticed<'v>,
) -> Filled<'v> {
    let mut filled = Vec::with_capacity(plans.len());
    for (name, plan) in plans {
        let value = plan.value(lead, noticed);
        filled.extend(value.map(|value| (*name, trimmed(value.into_text()))));
    }
    filled
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// The columns that something of a lead's request, or its key, is taken from.
fn used(
    destination: &Destination,
    operation: &Call,
    placeholders: &[(String, FieldRule)],
    columns: &Columns,
) -> Vec<usize> {
    let fields = destination.fields.iter().map(|field| &field.rule);
    let others = placeholders
        .iter()
        .chain(&operation.query)
        .chain(&destination.headers);
    let rules = fields.chain(others.map(|(_, rule)| rule));
    let names = rules.flat_map(FieldRule::sources).chain(&destination.key);
    let mut used: Vec<usize> = names.filter_map(|name| columns.index_of(name)).collect();
    used.sort_unstable();
    used.dedup();
    used
}

/// The columns of further addresses and numbers: those that are so called, and those
/// that are sent as such.
fn further(destination: &Destination, columns: &Columns) -> [Vec<usize>; 2] {
    let mut further = ["email2", "phone2"].map(|field| Vec::from_iter(columns.index_of(field)));
    for rule in destination.rules() {
        let kind = match rule.format {
            Some(ValueFormat::Email) => 0,
            Some(
                ValueFormat::PhoneE164 | ValueFormat::PhoneNational | ValueFormat::PhoneFrench,
            ) => 1,
            _ => continue,
        };
        further[kind].extend(rule.sources().filter_map(|name| columns.index_of(name)));
    }
    for (all, first) in further.iter_mut().zip(["email", "phone"]) {
        all.retain(|column| Some(*column) != columns.index_of(first));
        all.sort_unstable();
        all.dedup();
    }
    further
}

fn blamable<'d>(
    operation: &'d Call,
    placeholders: &'d [(String, FieldRule)],
    columns: &Columns,
) -> Vec<(&'d str, usize)> {
    let in_path = placeholders.iter().flat_map(|(_, rule)| rule.sources());
    let blamed = operation
        .rules
        .iter()
        .flat_map(|rule| rule.blames.iter().flatten());
    let mut fields: Vec<(&str, usize)> = Vec::new();
    for field in in_path.chain(blamed) {
        let known = fields.iter().any(|(name, _)| name == field);
        if let (false, Some(column)) = (known, columns.index_of(field)) {
            fields.push((field, column));
        }
    }
    fields
}

/// A column that damage already explains is not told a second time.
fn told_once(complaints: Vec<Complaint>, refused: usize) -> Vec<Complaint> {
    let mut told: Vec<Complaint> = Vec::with_capacity(complaints.len());
    for (at, complaint) in complaints.into_iter().enumerate() {
        let known = told.iter().enumerate().any(|(index, earlier)| {
            earlier.column == complaint.column
                && (index < refused && at >= refused || earlier.problem == complaint.problem)
        });
        if !known {
            told.push(complaint);
        }
    }
    told
}
