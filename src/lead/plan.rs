//! What to look at in a row, planned once for its header.

use super::repair::Digits;
use super::sources::Source;

/// What to look at in a row of one header.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub digits: Vec<(usize, Digits)>,
    pub prefixes: Vec<(usize, Vec<String>)>,
    /// A full name, and the columns for its parts.
    pub split: Option<(usize, usize, usize)>,
    pub country: Option<usize>,
    pub first_name: Option<usize>,
    pub last_name: Option<usize>,
    pub full_name: Option<usize>,
    pub company: Option<usize>,
    pub email: Option<usize>,
    pub phone: Option<usize>,
}

const DIGITS: [(&str, Digits); 6] = [
    ("phone", Digits::Phone),
    ("phone2", Digits::Phone),
    ("zip", Digits::Zip),
    ("siret", Digits::Siret),
    ("id", Digits::Id),
    ("id_client", Digits::Id),
];

impl Plan {
    /// `field`: the column of a lead field; `named`: of a field or a header.
    pub fn of(
        field: impl Fn(&str) -> Option<usize>,
        named: impl Fn(&str) -> Option<usize>,
        source: Option<&Source>,
    ) -> Self {
        let digits = DIGITS.iter();
        let prefixes = source.into_iter().flat_map(|source| &source.prefixes);
        Self {
            digits: digits
                .filter_map(|&(name, kind)| Some((field(name)?, kind)))
                .collect(),
            prefixes: prefixes
                .filter_map(|(name, prefixes)| Some((named(name)?, prefixes.clone())))
                .collect(),
            split: None,
            country: field("country"),
            first_name: field("first_name"),
            last_name: field("last_name"),
            full_name: field("full_name"),
            company: field("company"),
            email: field("email"),
            phone: field("phone"),
        }
    }
}
