//! What is wrong with a lead, what was put right in it, and what is doubtful:
//! kinds with their values, and the words for them, here alone.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::config::measure::Period;
use crate::config::{DateFault, DateForm, ValueType};
use crate::lead::NoteContent;
use crate::lead::text::{clean, in_quotes, one_of, quoted, said_of, said_together};
use crate::words::say;

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
    #[error("{}", say!("complaint-empty"))]
    Empty,
    /// With the partner's own name for it.
    #[error("{}", no_column(.0.as_deref()))]
    NoColumn(Option<String>),
    #[error("{}", say!("complaint-none-filled"))]
    NoneFilled,
    #[error("{}", say!("complaint-nothing-used", destination))]
    NothingUsed { destination: String },
    #[error("{}", say!("complaint-out-of-reach"))]
    OutOfReach,
    #[error("{}", say!("complaint-not-in-address", value = in_quotes(.0)))]
    NotInAddress(String),
    #[error("{}", say!("complaint-not-in-header", value = quoted(.0)))]
    NotInHeader(String),
    #[error("{}", say!("complaint-not-listed", value = quoted(value), accepted = accepted.join(", ")))]
    NotListed {
        value: String,
        accepted: Vec<String>,
    },
    #[error("{}", say!("complaint-too-long", length = *length, max = *max))]
    TooLong { length: usize, max: usize },
    #[error("{}", say!("complaint-contains", text = in_quotes(.0)))]
    Contains(String),
    #[error("{}", say!("complaint-contains-blank"))]
    ContainsBlank,
    #[error("{}", say!("complaint-not-expected", value = quoted(value), expects))]
    NotExpected { value: String, expects: String },
    #[error("{}", say!("complaint-no-match", value = quoted(value), pattern))]
    NoMatch { value: String, pattern: String },
    #[error("{}", wrong_type(&quoted(value), *wanted))]
    WrongType { value: String, wanted: ValueType },
    #[error("{}", no_phone(&quoted(value), *fault))]
    Phone { value: String, fault: PhoneFault },
    #[error("{}", say!("complaint-email", value = quoted(value), fault = fault.to_string()))]
    Email { value: String, fault: EmailFault },
    #[error("{}", say!("complaint-not-title", value = quoted(.0)))]
    NotTitle(String),
    #[error("{}", say!("complaint-not-country", value = quoted(.0)))]
    NotCountry(String),
    #[error("{}", say!("complaint-not-digits", value = quoted(.0)))]
    NotDigits(String),
    #[error("{}", no_date(&quoted(value), reads))]
    NotDate { value: String, reads: Vec<String> },
    #[error("{}", say!("complaint-two-dates", value = quoted(value), day = day_first, month = month_first, word))]
    TwoDates {
        /// What the table calls it.
        word: String,
        value: String,
        day_first: String,
        month_first: String,
    },
    #[error("{}", say!("complaint-not-postcode", value = quoted(.0)))]
    NotPostcode(String),
    #[error("{}", say!("complaint-unwanted-repair", repair = .0.to_string()))]
    UnwantedRepair(PutRight),
    #[error("{}", say!("complaint-only-default"))]
    OnlyDefault,
    #[error("{}", say!("complaint-no-consent", value = quoted(.0)))]
    NoConsent(String),
    #[error("{}", say!("complaint-in-future", value = quoted(.0)))]
    InFuture(String),
    #[error("{}", say!("complaint-run-out", value = quoted(value), within = within.to_string()))]
    RunOut { value: String, within: Period },
    #[error("{}", say!("complaint-not-named", value = quoted(value), partner = one_of(partner)))]
    NotNamed { value: String, partner: Vec<String> },
}

/// Why a text is no phone number that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PhoneFault {
    #[error("{}", say!("phone-no-digit"))]
    NoDigit,
    #[error("{}", say!("phone-rounded"))]
    Rounded,
    #[error("{}", say!("phone-two"))]
    Two,
    #[error("{}", say!("phone-letters"))]
    Letters,
    #[error("{}", say!("phone-digits", count = *.0))]
    Digits(usize),
    #[error("{}", say!("phone-sign"))]
    Sign,
    #[error("{}", say!("phone-too-short"))]
    TooShort,
    #[error("{}", say!("phone-too-long"))]
    TooLong,
    #[error("{}", say!("phone-length"))]
    Length,
    #[error("{}", say!("phone-no-such-country"))]
    NoSuchCountry,
    #[error("{}", say!("phone-no-country"))]
    NoCountry,
    #[error("{}", say!("phone-ambiguous"))]
    Ambiguous,
    #[error("{}", say!("phone-no-number"))]
    NoNumber,
    #[error("{}", say!("phone-foreign", code = *.0))]
    Foreign(i32),
}

/// What keeps a text from being an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EmailFault {
    #[error("{}", say!("email-empty"))]
    Empty,
    #[error("{}", say!("email-no-at"))]
    NoAt,
    #[error("{}", say!("email-two-ats"))]
    TwoAts,
    #[error("{}", say!("email-space"))]
    Space,
    #[error("{}", say!("email-comma"))]
    Comma,
    #[error("{}", say!("email-not-ascii"))]
    NotAscii,
    #[error("{}", say!("email-local"))]
    Local,
    #[error("{}", say!("email-no-point"))]
    NoPoint,
    #[error("{}", say!("email-domain"))]
    Domain,
}

/// A value that was put right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PutRight {
    #[error("{}", lost_zero(&quoted(value), *decimal))]
    LostZero { value: String, decimal: bool },
    #[error("{}", say!("put-right-decimal", value = quoted(.0)))]
    Decimal(String),
    #[error("{}", say!("put-right-postcode", value = quoted(value), code))]
    Postcode { value: String, code: String },
    #[error("{}", say!("put-right-plain", value = quoted(value), plain = quoted(plain)))]
    Plain { value: String, plain: String },
}

/// A value that may be wrong, and is sent all the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Doubt {
    #[error("{}", say!("doubt-unknown-number", number = .0))]
    UnknownNumber(String),
    /// Of several columns that may fill a value, the first one does.
    #[error("{}", say!("doubt-passed-over", column = in_quotes(column), value = quoted(value)))]
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
        let value = in_quotes(&clean(value, 20));
        let (column, accepted) = (clean(column, 18), first.join(", "));
        let told = say!("complaints-not-listed", column, value, accepted);
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
                Some(value) => format!("{column} {}", in_quotes(&clean(value, 20))),
                None => column,
            }
        });
        let names = names.collect::<Vec<_>>().join(", ");
        Some(names).filter(|names| !names.is_empty())
    };
    let missing = names(true).map(|names| say!("complaints-missing", names));
    let to_correct = names(false).map(|names| say!("complaints-to-correct", names));
    let told: Vec<String> = missing.into_iter().chain(to_correct).collect();
    (complaints.len() > 1).then(|| (said_together(&told), false))
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
            (false, false) => f.write_str(&said_of(column, &problem.to_string())),
        }
    }
}

/// Of a longer list of accepted values the table tells so many.
const TOLD: usize = 4;

fn no_column(label: Option<&str>) -> String {
    match label.map(in_quotes) {
        None => say!("complaint-no-column"),
        Some(label) => say!("complaint-no-column-labelled", label),
    }
}

/// With what would be accepted, where that helps.
fn no_phone(value: &str, fault: PhoneFault) -> String {
    let told = fault.to_string();
    match fault {
        PhoneFault::Rounded | PhoneFault::Foreign(_) => {
            say!("complaint-phone", value, fault = told)
        }
        _ => say!("complaint-phone-expected", value, fault = told),
    }
}

fn lost_zero(value: &str, decimal: bool) -> String {
    match decimal {
        false => say!("put-right-zero", value),
        true => say!("put-right-zero-and-decimal", value),
    }
}

fn no_date(value: &str, reads: &[String]) -> String {
    match reads {
        [] => say!("complaint-not-date", value),
        reads => say!("complaint-not-date-read", value, reads = one_of(reads)),
    }
}

fn wrong_type(value: &str, wanted: ValueType) -> String {
    match wanted {
        ValueType::Text => say!("complaint-not-text", value),
        ValueType::Integer => say!("complaint-not-integer", value),
        ValueType::Number => say!("complaint-not-number", value),
        ValueType::Boolean => say!("complaint-not-boolean", value),
    }
}
