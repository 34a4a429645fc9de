//! Which row of a table names its columns: mostly the first, but reports have a
//! title above it, and some tables two storeys of names. Knows no lead field:
//! what a known name is, it is told.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use super::error::ErrorKind;
use crate::lead::text::clean;
use crate::lead::{Cells, Header, Record};

/// Lines in which the column names are looked for.
pub const SEARCHED: u64 = 50;

/// Characters shown of a line that is no row of names.
const SHOWN: usize = 40;

/// Tells whether a text is a column name that somebody knows.
#[derive(Clone)]
pub struct KnownHeaders(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl fmt::Debug for KnownHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownHeaders")
    }
}

impl KnownHeaders {
    pub fn new(known: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(known))
    }

    pub fn has(&self, name: &str) -> bool {
        (self.0)(name)
    }

    /// How many known names stand among these cells, each counted once, where
    /// they are most of them, as a title's and a lead's are not; else 0. One
    /// alone proves nothing.
    pub fn count(&self, cells: &Cells) -> usize {
        if cells.iter().any(is_contact) {
            return 0;
        }
        let names: HashSet<&str> = filled(cells).collect();
        let known = names.iter().filter(|name| (self.0)(name)).count();
        match known >= 2 && 2 * known > names.len() {
            true => known,
            false => 0,
        }
    }

    /// Whether a row names columns.
    pub fn are_in(&self, row: &Record) -> bool {
        row.fault.is_none() && self.count(&row.cells) > 0
    }

    /// The names of two storeys: where the lower one is blank, what the upper one
    /// says, if that is known.
    pub fn over(&self, upper: &Cells, lower: &Cells) -> Cells {
        let known = |index| upper.get(index).filter(|name| (self.0)(name));
        let count = (0..upper.len()).filter(|&at| known(at).is_some()).count();
        if count < 2 {
            return lower.clone();
        }
        let width = upper.len().max(lower.len());
        let name = |index| {
            let own = lower.get(index).filter(|name| !name.trim().is_empty());
            own.or_else(|| known(index)).unwrap_or("")
        };
        (0..width).map(name).collect()
    }
}

/// The cells of a row that are not blank, without the white space around them.
pub fn filled(cells: &Cells) -> impl Iterator<Item = &str> {
    let cells = cells.iter().map(str::trim);
    cells.filter(|cell| !cell.is_empty())
}

/// A row for a message.
pub fn shown(cells: &Cells) -> String {
    clean(&filled(cells).collect::<Vec<_>>().join(" "), SHOWN)
}

/// A row above the column names that is no title: a table that was sorted with
/// its header in it has leads there. `names`: how many columns are named.
pub fn is_lead(cells: &Cells, names: usize) -> bool {
    let count = filled(cells).count();
    cells.iter().any(is_contact) && (count > 2 || 2 * count > names)
}

/// The header that a row is, without the nameless columns at its end that a
/// spreadsheet leaves.
///
/// # Errors
/// It is a lead.
pub fn header_of(row: &Cells) -> Result<Header, ErrorKind> {
    let mut names: Vec<String> = row.iter().map(str::to_owned).collect();
    while names.last().is_some_and(|name| name.trim().is_empty()) {
        names.pop();
    }
    if let Some(data) = names.iter().find(|name| is_contact(name)) {
        return Err(ErrorKind::HeaderIsLead(data.trim().to_owned()));
    }
    Ok(Header {
        names,
        ..Header::default()
    })
}

/// Whether a text is an e-mail address or a telephone number, as no column is
/// called.
pub fn is_contact(text: &str) -> bool {
    let text = text.trim();
    let is_email = text.split_once('@').is_some_and(|(name, host)| {
        let inside = host.contains('.') && !host.ends_with('.') && !host.contains('@');
        !name.is_empty() && inside && !text.contains(char::is_whitespace)
    });
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let of_phone = |c: char| c.is_ascii_digit() || "+.-()/ \u{a0}\u{202f}".contains(c);
    is_email || (9..=15).contains(&digits) && text.chars().all(of_phone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &str) -> Cells {
        row.split(';').collect()
    }

    fn known() -> KnownHeaders {
        KnownHeaders::new(|name| ["Nom", "Prénom", "E-mail", "Client", "Date"].contains(&name))
    }

    fn check(names: &[&str]) -> Result<(), String> {
        let header = header_of(&Cells::from_iter(names));
        header.map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn data_is_no_header() {
        for data in ["jean@example.fr", "06 39 98 01 23", "+33639980123"] {
            let refused = check(&["Dupont", data]).expect_err("a lead");
            assert!(refused.contains(data), "{refused}");
        }
        assert_eq!(check(&["E-mail (@)", "25638", "Téléphone 1"]), Ok(()));
    }

    #[test]
    fn a_row_of_names_is_one_whose_cells_are_mostly_known() {
        for (row, count) in [
            ("Nom;Prénom;Budget", 2),
            ("Nom;E-mail;;;", 2),
            ("Nom;Budget;Projet;E-mail", 0),
            ("Rapport du 12/11;;;", 0),
            ("Date;29/11/2026", 0),
            ("Nom", 0),
            ("Nom;Nom;Nom", 0),
            ("Nom;E-mail;jean@example.fr", 0),
        ] {
            assert_eq!(known().count(&cells(row)), count, "{row}");
        }
    }

    #[test]
    fn an_upper_storey_names_what_the_lower_one_leaves_blank() {
        let over = |upper, lower| known().over(&cells(upper), &cells(lower));
        assert_eq!(
            over("Nom;Prénom;Contact;;Date", ";;E-mail;Tél"),
            cells("Nom;Prénom;E-mail;Tél;Date")
        );
        // A title is none, even if it is called as a column may be.
        assert_eq!(over("Client;;", ";Nom;E-mail"), cells(";Nom;E-mail"));
    }

    #[test]
    fn a_title_may_hold_an_address() {
        assert!(!is_lead(&cells("Auteur;jean@example.fr;;"), 6));
        assert!(is_lead(&cells("Dupont;jean@example.fr"), 2));
        assert!(is_lead(&cells("Dupont;Jean;jean@example.fr;;;"), 6));
    }
}
