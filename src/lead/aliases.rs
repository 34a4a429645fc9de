//! What the columns of exports are called, and which lead fields are meant.

use std::collections::HashMap;
use std::sync::Arc;

use super::text::{is_one_of, squeeze};

/// Names of one person's parts, and of an address's, as forms export them:
/// `Name (First)`, `Adresse - Ville`. Each: the fields that the whole may be, and
/// those of its parts.
const FAMILIES: [(&str, &str); 2] = [
    ("full_name|last_name", "first_name|last_name|title"),
    (
        "address",
        "address|address2|address3|street_number|street|zip|city|country",
    ),
];

/// Parts that mean this only beside each other. A street's holds the number too.
const PARTS: [(&str, &str); 9] = [
    ("first", "first_name"),
    ("given", "first_name"),
    ("last", "last_name"),
    ("family", "last_name"),
    ("prefix", "title"),
    ("prefixe", "title"),
    ("titre", "title"),
    ("street", "address"),
    ("rue", "address"),
];

/// Headers that name a channel (whose cells may say yes or no) as often as a
/// number: they mean it only where no other column does.
const CHANNELS: [&str; 1] = ["sms"];

/// The lead fields, each with the headers that mean it.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    fields: Arc<[String]>,
    by_header: HashMap<String, Vec<usize>>,
    /// Each field's own name and its first header.
    standard: HashMap<String, usize>,
}

/// A header that names a part of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// What it is a part of, and how that is written.
    pub whole: (String, char),
    pub field: &'a str,
}

impl Part<'_> {
    /// Whether these parts of one whole make a family: nothing of it is a guess
    /// then.
    pub fn are_family(parts: &[&Self]) -> bool {
        let has = |field| parts.iter().any(|part| part.field == field);
        match is_one_of(FAMILIES[0].1, parts[0].field) {
            true => has("first_name") && has("last_name"),
            false => parts.iter().any(|part| part.field != parts[0].field),
        }
    }
}

impl Aliases {
    /// `fields`: in order of preference, each with its accepted headers, the
    /// usual one first. Its own name is always one.
    pub fn new(fields: &[(String, Vec<String>)]) -> Self {
        let mut all = Self {
            fields: fields.iter().map(|(field, _)| field.clone()).collect(),
            ..Self::default()
        };
        for (index, (field, headers)) in fields.iter().enumerate() {
            for header in std::iter::once(field).chain(headers) {
                let meant = all.by_header.entry(squeeze(header)).or_default();
                if !meant.contains(&index) {
                    meant.push(index);
                }
            }
            for header in std::iter::once(field).chain(headers.first()) {
                all.standard.entry(squeeze(header)).or_insert(index);
            }
        }
        all.by_header.remove("");
        all
    }

    /// The lead fields in their order.
    pub fn fields(&self) -> &Arc<[String]> {
        &self.fields
    }

    /// Whether a header means a field, or a part of what one means.
    pub fn knows(&self, header: &str) -> bool {
        self.by_header.contains_key(&squeeze(header)) || self.part(header).is_some()
    }

    /// The fields that a header may mean, in order of preference.
    pub fn fields_of(&self, header: &str) -> Vec<&str> {
        let meant = self.by_header.get(&squeeze(header)).into_iter().flatten();
        meant.map(|&index| self.fields[index].as_str()).collect()
    }

    /// The field whose usual name a header is, if it means no other.
    pub fn standard(&self, header: &str) -> Vec<&str> {
        let meant = self.fields_of(header);
        let standard = self.standard.get(&squeeze(header));
        let is_it = standard.is_some_and(|&index| meant == [self.fields[index].as_str()]);
        if is_it { meant } else { Vec::new() }
    }

    /// What a header such as `Name (First)` says, whose both halves are known.
    pub fn part(&self, header: &str) -> Option<Part<'_>> {
        let (whole, part, sign) = halves(header.trim())?;
        let wholes = self.fields_of(whole);
        let family = FAMILIES.iter().find(|(family, _)| {
            let mut wholes = wholes.iter();
            wholes.any(|whole| is_one_of(family, whole))
        });
        let (_, fields) = family?;
        let named = PARTS.iter().find(|(word, _)| squeeze(part) == *word);
        let named = named.map(|(_, field)| *field);
        let known = self.fields_of(part);
        let mut known = named.iter().chain(&known);
        let field = known.find(|field| is_one_of(fields, field))?;
        Some(Part {
            whole: (squeeze(whole), sign),
            field: self.fields.iter().find(|known| known == field)?,
        })
    }
}

/// Whether a header is one of [`CHANNELS`].
pub fn is_channel(header: &str) -> bool {
    CHANNELS.contains(&squeeze(header).as_str())
}

/// A header's whole and part, and the sign that parts them.
fn halves(header: &str) -> Option<(&str, &str, char)> {
    if let Some(inner) = header.strip_suffix(')') {
        let (whole, part) = inner.rsplit_once('(')?;
        return Some((whole, part, '('));
    }
    let dash = |sign: &str| header.rsplit_once(sign);
    let parted = dash(" - ").or_else(|| dash(" – "));
    let parted = parted.map(|(whole, part)| (whole, part, '-'));
    parted.or_else(|| {
        let (whole, part) = header.rsplit_once([':', '_'])?;
        Some((whole, part, ':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aliases() -> Aliases {
        let fields = [
            ("title", vec!["civilité"]),
            ("first_name", vec!["prénom"]),
            ("last_name", vec!["nom", "nom de famille"]),
            ("full_name", vec!["nom complet", "nom prénom", "name"]),
            ("phone", vec!["tél", "mobile"]),
            ("phone2", vec!["mobile"]),
            ("address", vec!["adresse"]),
            ("city", vec!["ville"]),
        ];
        let owned = fields.map(|(field, headers)| {
            let headers = headers.into_iter().map(str::to_owned).collect();
            (field.to_owned(), headers)
        });
        Aliases::new(&owned)
    }

    #[test]
    fn headers_are_matched_as_people_write_them() {
        let aliases = aliases();
        for header in ["NOM", "Nom de famille :", "last name", "lastName"] {
            assert_eq!(aliases.fields_of(header), ["last_name"], "{header}");
        }
        assert_eq!(aliases.fields_of("Tel."), ["phone"]);
        assert_eq!(aliases.fields_of("Mobile"), ["phone", "phone2"]);
        assert!(aliases.fields_of("").is_empty());
    }

    #[test]
    fn the_usual_name_is_the_first_or_the_fields_own() {
        let aliases = aliases();
        assert_eq!(aliases.standard("Tél."), ["phone"]);
        assert_eq!(aliases.standard("last name"), ["last_name"]);
        assert!(aliases.standard("nom de famille").is_empty());
        assert!(aliases.standard("mobile").is_empty());
    }

    #[test]
    fn a_part_is_known_by_both_halves() {
        let aliases = aliases();
        for (header, whole, field) in [
            ("Nom (Prénom)", "nom", "first_name"),
            ("Name (First)", "name", "first_name"),
            ("Nom complet - Nom", "nomcomplet", "last_name"),
            ("Name: Last", "name", "last_name"),
            ("name_first", "name", "first_name"),
            ("Nom (Préfixe)", "nom", "title"),
            ("Adresse (Ville)", "adresse", "city"),
        ] {
            let part = aliases.part(header);
            let part = part.unwrap_or_else(|| panic!("{header}"));
            assert_eq!(
                (part.whole.0.as_str(), part.field),
                (whole, field),
                "{header}"
            );
        }
        for header in [
            "Nom",
            "Conjoint (Prénom)",
            "Nom (Ville)",
            "Adresse (Nom)",
            "Nom (Deuxième)",
            "first_name",
            "Tél (Mobile)",
            ")",
        ] {
            assert_eq!(aliases.part(header), None, "{header}");
        }
    }
}
