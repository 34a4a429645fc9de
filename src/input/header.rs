//! Whether a first row is a header at all. Knows what an e-mail address and a
//! telephone number look like, since no column is called that.

use super::fatal::Fatal;
use crate::lead::Header;

/// Refuses a header that names a column twice or that is a row of data.
///
/// # Errors
/// What is wrong with it, in words.
pub fn check(header: &Header, file: &str, line: u64) -> Result<(), Fatal> {
    if let Some(data) = header.names.iter().find(|name| is_data(name)) {
        let message = format!(
            "the first row is already a lead (it holds \"{}\"): the column names are missing",
            data.trim()
        );
        return Err(Fatal::usage(file, message)
            .at(line)
            .hint("add a first line that names each column, such as Nom;Prénom;E-mail;Téléphone"));
    }
    if let Some((first, second)) = header.twice() {
        let message = format!(
            "two columns have the same name \"{}\": columns {} and {}",
            header.names[first].trim(),
            first + 1,
            second + 1
        );
        return Err(Fatal::usage(file, message)
            .at(line)
            .hint("rename or remove one of the two, so that it is clear which one is meant"));
    }
    Ok(())
}

/// Names as they stand, without the nameless columns at the end that a
/// spreadsheet leaves.
pub fn named<'c>(cells: impl Iterator<Item = &'c str>) -> Vec<String> {
    let mut names: Vec<String> = cells.map(str::to_owned).collect();
    while names.last().is_some_and(|name| name.trim().is_empty()) {
        names.pop();
    }
    names
}

/// Whether a text is an e-mail address or a telephone number.
pub fn is_data(text: &str) -> bool {
    let text = text.trim();
    is_email(text) || is_phone(text)
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else {
        return false;
    };
    !name.is_empty()
        && host.contains('.')
        && !host.ends_with('.')
        && !text.contains(char::is_whitespace)
        && !host.contains('@')
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let only = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+.-()/ \u{a0}\u{202f}".contains(c));
    only && (9..=15).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_names(names: &[&str]) -> Result<(), Fatal> {
        let names = named(names.iter().copied());
        check(&Header { names }, "leads.csv", 1)
    }

    #[test]
    fn data_is_no_header() {
        for data in ["jean@example.fr", "06 39 98 01 23", "+33639980123"] {
            let refused = check_names(&["Dupont", data]).expect_err("a lead");
            assert!(refused.message.contains(data), "{}", refused.message);
        }
        assert_eq!(check_names(&["E-mail (@)", "25638", "Téléphone 1"]), Ok(()));
    }

    #[test]
    fn a_name_twice_is_refused_with_its_places() {
        let refused = check_names(&["Nom", "", "Ville", "Nom ", ""]).expect_err("twice");
        assert!(refused.message.contains("columns 1 and 4"));
        assert_eq!(check_names(&["", "Nom", ""]), Ok(()));
    }
}
