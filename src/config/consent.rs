//! `[x.consent]`: what proves that a person agreed to be called, and to whom.

use schemars::JsonSchema;
use serde::Deserialize;

use super::date_form::DateForm;
use super::field_rule::names;
use super::measure::Period;
use crate::lead::text::{fold, one_of};
use crate::words::say;

/// Where a row says that its person agreed. What is named here, every lead needs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename = "`consent`")]
pub struct ConsentRule {
    pub given: Given,
    /// When they agreed.
    pub at: Stated,
    /// What they agreed to.
    pub wording: Option<Stated>,
    /// The page or the form on which they did.
    #[serde(rename = "where")]
    pub place: Option<Stated>,
    /// The partners that they were shown.
    pub names: Option<Stated>,
    /// For how long they agreed.
    pub within: Option<Period>,
}

/// The person's own word.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename = "`given`")]
pub struct Given {
    #[serde(deserialize_with = "names")]
    pub from: Vec<String>,
    /// The words that mean yes.
    pub is: Vec<String>,
    /// The words that mean no; the usual ones when not said.
    #[serde(default = "no")]
    pub not: Vec<String>,
}

/// What a cell states, or the form itself for every lead.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename = "a statement", default)]
pub struct Stated {
    /// Lead fields, or headers as they stand; the first that is not blank is taken.
    #[serde(deserialize_with = "names")]
    pub from: Vec<String>,
    pub value: Option<String>,
    /// The forms in which leads have a date; the first that fits.
    pub reads: Vec<DateForm>,
}

/// For how long a proof is kept after the last sending.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct KeepProof(pub Period);

impl Default for KeepProof {
    fn default() -> Self {
        Self(Period::of_years(5))
    }
}

fn no() -> Vec<String> {
    ["non", "no", "n", "0", "false", "faux"]
        .map(str::to_owned)
        .into()
}

impl Given {
    /// Whether a cell says yes, or no; `None`: neither.
    pub fn means(&self, cell: &str) -> Option<bool> {
        let says = |words: &[String]| words.iter().any(|word| is_same(word, cell));
        match says(&self.is) {
            true => Some(true),
            false => says(&self.not).then_some(false),
        }
    }
}

/// The same word, whatever its case, accents and punctuation; a sign (`✓`) is itself.
pub fn is_same(word: &str, other: &str) -> bool {
    let folded = fold(word);
    word.trim() == other.trim() || !folded.is_empty() && folded == fold(other)
}

impl ConsentRule {
    /// What a row states, by the word under which it stands.
    pub fn stated(&self) -> impl Iterator<Item = (&'static str, &Stated)> {
        let all = [
            ("at", Some(&self.at)),
            ("wording", self.wording.as_ref()),
            ("where", self.place.as_ref()),
            ("names", self.names.as_ref()),
        ];
        all.into_iter()
            .filter_map(|(word, stated)| Some((word, stated?)))
    }

    /// What every lead must say, each a short phrase. `partner`: who must be named.
    pub fn asks(&self, partner: &[&str]) -> Vec<String> {
        let (field, values) = (one_of(&self.given.from), one_of(&self.given.is));
        let given = say!("asks-is", field, values);
        let columns = self.stated().filter(|(_, stated)| !stated.from.is_empty());
        let columns = columns.map(|(word, stated)| (word, one_of(&stated.from)));
        let columns = columns.map(|(word, field)| match word {
            "at" => say!("asks-date", field),
            "names" => say!("asks-names", field, partners = one_of(partner)),
            _ => say!("asks-filled", field),
        });
        let within = self.within.as_ref();
        let within = within.map(|within| say!("asks-within", within = within.to_string()));
        std::iter::once(given)
            .chain(columns)
            .chain(within)
            .collect()
    }

    /// The columns that every lead needs: of each list, one.
    pub fn needed(&self) -> impl Iterator<Item = &Vec<String>> {
        let stated = self.stated().map(|(_, stated)| &stated.from);
        let all = std::iter::once(&self.given.from).chain(stated);
        all.filter(|from| !from.is_empty())
    }
}
