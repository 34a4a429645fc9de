//! What is wrong with a lead, what was put right in it, and what is doubtful:
//! kinds with their values, and the words for them, here alone.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::config::{DateFault, DateForm, ValueType};
use crate::lead::NoteContent;
use crate::lead::text::{clean, one_of, quoted};

/// Why a value can't be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The column as the user's file names it, else the lead field; empty where
    /// it is about the whole row.
    pub column: String,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// What the input said of the row.
    #[error("{0}")]
    Fault(String),
    #[error("{0}")]
    Damaged(NoteContent),
    #[error("is empty, but this destination needs it")]
    Empty,
    /// With the partner's own name for it.
    #[error("{}", no_column(.0.as_deref()))]
    NoColumn(Option<String>),
    #[error("at least one of these must be filled")]
    NoneFilled,
    #[error(
        "nothing of this row is sent to {destination}: none of its columns that are filled is one \
         that it takes"
    )]
    NothingUsed { destination: String },
    #[error(
        "this is no lead: it has no e-mail address, no number, no first name and no street, which \
         other rows here have"
    )]
    OutOfReach,
    #[error("\"{0}\" can't stand in an address")]
    NotInAddress(String),
    #[error("{} holds a letter that no header can carry (write it without accents)", quoted(.0))]
    NotInHeader(String),
    #[error("{} is not one of: {}", quoted(value), accepted.join(", "))]
    NotListed {
        value: String,
        accepted: Vec<String>,
    },
    #[error("{length} characters, but {max} at most are accepted")]
    TooLong { length: usize, max: usize },
    #[error("must not contain \"{0}\"")]
    Contains(String),
    #[error("holds a character that this destination can't take")]
    ContainsBlank,
    #[error("{} is not accepted; write {expects}", quoted(value))]
    NotExpected { value: String, expects: String },
    #[error("{} is not accepted: it must match {pattern}", quoted(value))]
    NoMatch { value: String, pattern: String },
    #[error("{} {}", quoted(value), type_words(*wanted))]
    WrongType { value: String, wanted: ValueType },
    #[error("{}", no_phone(value, *fault))]
    Phone { value: String, fault: PhoneFault },
    #[error(
        "{} {fault}; write one address such as jean.dupont@example.fr",
        quoted(value)
    )]
    Email { value: String, fault: EmailFault },
    #[error("{} is no title: M., Mme, Mr, Ms…", quoted(.0))]
    NotTitle(String),
    #[error("{} is no country that is known here: write its code, as in FR", quoted(.0))]
    NotCountry(String),
    #[error("{} is not made of digits only; write digits, spaces may part them", quoted(.0))]
    NotDigits(String),
    #[error(
        "{} is no date that is known here: {}",
        quoted(value),
        date_words(reads)
    )]
    NotDate { value: String, reads: Vec<String> },
    #[error(
        "{} is {day_first} where the day comes first, and {month_first} where the month does: say \
         which in partners.toml, {word} = {{ from = \"…\", reads = \"%d/%m/%Y\" }} or \
         \"%m/%d/%Y\"",
        quoted(value)
    )]
    TwoDates {
        /// What the table calls it.
        word: String,
        value: String,
        day_first: String,
        month_first: String,
    },
    #[error("{} is not a French postcode; write five digits such as 01000", quoted(.0))]
    NotPostcode(String),
    #[error("{0}; correct it in the file, or leave out --repair none")]
    UnwantedRepair(PutRight),
    #[error("is only what --default says: a consent is the person's own word")]
    OnlyDefault,
    #[error("{} is no consent", quoted(.0))]
    NoConsent(String),
    #[error("{} is in the future: nobody has agreed yet", quoted(.0))]
    InFuture(String),
    #[error(
        "{} is more than {within} ago: this consent has run out",
        quoted(value)
    )]
    RunOut { value: String, within: String },
    #[error(
        "{} does not name {}: the person agreed to others",
        quoted(value),
        one_of(partner)
    )]
    NotNamed { value: String, partner: Vec<String> },
}

/// Why a text is no phone number that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PhoneFault {
    #[error("holds no digit")]
    NoDigit,
    #[error(
        "was shortened by a spreadsheet and its last digits are lost: export it again with that \
         column formatted as text"
    )]
    Rounded,
    #[error("holds two phone numbers")]
    Two,
    #[error("holds letters")]
    Letters,
    #[error("has {0} digits, too many for one phone number")]
    Digits(usize),
    #[error("holds a sign that no phone number has")]
    Sign,
    #[error("is too short for a phone number")]
    TooShort,
    #[error("is too long for a phone number")]
    TooLong,
    #[error("is not of the right length for a phone number")]
    Length,
    #[error("begins with a country code that no country has")]
    NoSuchCountry,
    #[error("does not say its country")]
    NoCountry,
    #[error("can be read in several ways")]
    Ambiguous,
    #[error("is not a phone number")]
    NoNumber,
    #[error(
        "is a number from another country (+{0}); only French numbers are taken here, such as \
         06 39 98 00 01"
    )]
    Foreign(i32),
}

/// What keeps a text from being an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EmailFault {
    #[error("is empty")]
    Empty,
    #[error("has no @")]
    NoAt,
    #[error("has two @: it may hold two addresses")]
    TwoAts,
    #[error("holds a space or a control character")]
    Space,
    #[error("holds a comma instead of a point")]
    Comma,
    #[error("holds an accent or a sign that addresses don't have")]
    NotAscii,
    #[error("has no name before the @ that an address can have")]
    Local,
    #[error("has no point after the @")]
    NoPoint,
    #[error("has something after the @ that can't be a domain")]
    Domain,
}

/// A value that was put right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PutRight {
    #[error("{}", lost_zero(value, *decimal))]
    LostZero { value: String, decimal: bool },
    #[error("{} was put right: the “.0” that a spreadsheet added is taken away", quoted(.0))]
    Decimal(String),
    #[error("{} was put right: {code}", quoted(value))]
    Postcode { value: String, code: String },
    #[error(
        "{} has typographic signs or spaces that this destination does not take: written {}",
        quoted(value),
        quoted(plain)
    )]
    Plain { value: String, plain: String },
}

/// A value that may be wrong, and is sent all the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Doubt {
    #[error("no number like {0} is known to be in use in its country: check it")]
    UnknownNumber(String),
    /// Of several columns that may fill a value, the first one does.
    #[error("\"{column}\" is filled too, with {}, and is not sent", quoted(value))]
    PassedOver { column: String, value: String },
}

/// A value in the form that was asked, and what there is to tell of it.
#[derive(Debug)]
pub struct Formed<'v> {
    pub text: Cow<'v, str>,
    pub repair: Option<PutRight>,
    pub doubt: Option<Doubt>,
}

impl<'v> Formed<'v> {
    /// A text of which there is nothing to tell.
    pub fn plain(text: impl Into<Cow<'v, str>>) -> Self {
        Self {
            text: text.into(),
            repair: None,
            doubt: None,
        }
    }
}

impl Problem {
    /// Why a text is no date in one of the forms that were said. `word`: what the table
    /// calls it.
    pub fn of_date(value: &str, fault: DateFault, reads: &[DateForm], word: &str) -> Self {
        let value = value.to_owned();
        match fault {
            DateFault::None => Self::NotDate {
                value,
                reads: reads.iter().map(DateForm::to_string).collect(),
            },
            DateFault::Two {
                day_first,
                month_first,
            } => Self::TwoDates {
                word: word.to_owned(),
                value,
                day_first,
                month_first,
            },
        }
    }

    /// The value that can't be used, where the words for it show one.
    fn value(&self) -> Option<&str> {
        match self {
            Self::NotInAddress(value)
            | Self::NotInHeader(value)
            | Self::NotTitle(value)
            | Self::NotCountry(value)
            | Self::NotDigits(value)
            | Self::NotPostcode(value)
            | Self::NotListed { value, .. }
            | Self::NotExpected { value, .. }
            | Self::NoMatch { value, .. }
            | Self::WrongType { value, .. }
            | Self::Phone { value, .. }
            | Self::Email { value, .. }
            | Self::NoConsent(value)
            | Self::InFuture(value)
            | Self::RunOut { value, .. }
            | Self::NotNamed { value, .. }
            | Self::NotDate { value, .. }
            | Self::TwoDates { value, .. } => Some(value),
            _ => None,
        }
    }
}

impl Complaint {
    pub fn new(column: impl Into<String>, problem: Problem) -> Self {
        Self {
            column: column.into(),
            problem,
        }
    }

    /// It is about a value that is needed and that nothing gives.
    pub fn is_of_missing(&self) -> bool {
        use Problem::{Empty, NoColumn, NoneFilled};
        matches!(self.problem, Empty | NoColumn(_) | NoneFilled)
    }
}

/// What the table says of a lead's complaints, where that is less than all of it,
/// and whether a list of accepted values was cut short in it.
pub fn in_short(complaints: &[Complaint]) -> Option<(String, bool)> {
    if let [Complaint { column, problem }] = complaints {
        let Problem::NotListed { value, accepted } = problem else {
            return None;
        };
        let first = accepted.get(..TOLD).filter(|_| accepted.len() > TOLD + 1)?;
        let (column, value) = (clean(column, 18), clean(value, 20));
        let told = format!("{column}: \"{value}\" is none of: {}, …", first.join(", "));
        return Some((told, true));
    }
    // Where there are many, which they are is worth more than what they say.
    let few = complaints.len() <= 3;
    let names = |is_missing: bool| {
        let wanted = complaints.iter();
        let wanted = wanted.filter(|complaint| complaint.is_of_missing() == is_missing);
        let names = wanted.map(|Complaint { column, problem }| {
            let column = clean(column, 24);
            match problem.value().filter(|_| few) {
                Some(value) => format!("{column} \"{}\"", clean(value, 20)),
                None => column,
            }
        });
        names.collect::<Vec<_>>().join(", ")
    };
    let lists = [("missing", names(true)), ("to correct", names(false))];
    let told = lists.iter().filter(|(_, names)| !names.is_empty());
    let told: Vec<String> = told
        .map(|(what, names)| format!("{what}: {names}"))
        .collect();
    (complaints.len() > 1).then(|| (told.join("; "), false))
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, problem } = self;
        // These go on a sentence that begins with the column.
        let goes_on = matches!(
            problem,
            Problem::Empty | Problem::OnlyDefault | Problem::Contains(_) | Problem::ContainsBlank
        );
        match (column.is_empty(), goes_on) {
            (true, _) => write!(f, "{problem}"),
            (false, true) => write!(f, "{column} {problem}"),
            (false, false) => write!(f, "{column}: {problem}"),
        }
    }
}

/// Of a longer list of accepted values the table tells so many.
const TOLD: usize = 4;

fn no_column(label: Option<&str>) -> String {
    match label {
        None => "no column gives it, but this destination needs it".to_owned(),
        Some(label) => format!("no column gives it (\"{label}\"), but this destination needs it"),
    }
}

/// With what would be accepted, where that helps.
fn no_phone(value: &str, fault: PhoneFault) -> String {
    let value = quoted(value);
    match fault {
        PhoneFault::Rounded | PhoneFault::Foreign(_) => format!("{value} {fault}"),
        _ => format!(
            "{value} {fault}; write one number such as 06 39 98 00 01, or +32 2 555 12 12 with its \
             country code"
        ),
    }
}

fn lost_zero(value: &str, decimal: bool) -> String {
    let value = quoted(value);
    match decimal {
        false => format!("{value} was put right: the 0 that a spreadsheet took away is put back"),
        true => format!(
            "{value} was put right: the 0 that a spreadsheet took away is put back, and its “.0” \
             taken away"
        ),
    }
}

fn date_words(reads: &[String]) -> String {
    match reads {
        [] => "write it as in 2026-11-29 or 2026-11-29 18:05".to_owned(),
        reads => format!(
            "`reads` in partners.toml says {}; 2026-11-29 or 2026-11-29 18:05 is read too",
            one_of(reads)
        ),
    }
}

fn type_words(wanted: ValueType) -> &'static str {
    match wanted {
        ValueType::Text => "is not a text",
        ValueType::Integer => "is not a whole number",
        ValueType::Number => "is not a number",
        ValueType::Boolean => "is neither yes nor no",
    }
}
