//! The tools that exports come from, recognised by their headers. They are
//! data: none is named here.

use std::collections::HashSet;

use super::fold::squeeze;
use super::record::Header;

/// One tool's way of writing an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    /// An export that has all of these headers comes from this source.
    pub headers: Vec<String>,
    /// What this source writes before a value: a header or a lead field, and
    /// prefixes such as `p:`, of which one is taken off.
    pub prefixes: Vec<(String, Vec<String>)>,
    /// What its headers mean: header, lead field. Stronger than any alias.
    pub columns: Vec<(String, String)>,
}

/// The source that most of the headers speak for; the first of equals.
pub fn recognise<'s>(header: &Header, sources: &'s [Source]) -> Option<&'s Source> {
    let names: HashSet<String> = header.names.iter().map(|name| squeeze(name)).collect();
    let known = |source: &&Source| {
        !source.headers.is_empty()
            && source
                .headers
                .iter()
                .all(|header| names.contains(&squeeze(header)))
    };
    // `max_by_key` gives the last of equals.
    sources
        .iter()
        .rev()
        .filter(known)
        .max_by_key(|source| source.headers.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, headers: &[&str]) -> Source {
        Source {
            name: name.to_owned(),
            headers: headers.iter().map(|&header| header.to_owned()).collect(),
            ..Source::default()
        }
    }

    #[test]
    fn the_most_precise_source_is_recognised() {
        let sources = [
            source("any", &[]),
            source("ads", &["ad_id"]),
            source("ads-fr", &["ad id", "numéro"]),
            source("other", &["Ad ID", "Numero"]),
        ];
        let header = |names: &[&str]| Header {
            names: names.iter().map(|&name| name.to_owned()).collect(),
        };
        let found =
            |names: &[&str]| recognise(&header(names), &sources).map(|source| source.name.as_str());
        assert_eq!(found(&["AD_ID", "Nom"]), Some("ads"));
        assert_eq!(found(&["Numero", "Ad id"]), Some("ads-fr"));
        assert_eq!(found(&["Nom"]), None);
    }
}
