//! Which headers mean which lead field, whatever the language of the export.
//! Knows headers one at a time; `columns` settles a whole row of them.

use std::collections::HashMap;

use super::fold::squeeze;

/// The lead fields, each with the headers that mean it.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    fields: Vec<String>,
    by_header: HashMap<String, Vec<usize>>,
}

impl Aliases {
    /// `fields`: in order of preference, each with its accepted headers. Its
    /// own name is always one.
    pub fn new(fields: &[(String, Vec<String>)]) -> Self {
        let mut all = Self::default();
        for (index, (field, headers)) in fields.iter().enumerate() {
            all.fields.push(field.clone());
            for header in std::iter::once(field).chain(headers) {
                let meant = all.by_header.entry(squeeze(header)).or_default();
                if !meant.contains(&index) {
                    meant.push(index);
                }
            }
        }
        all.by_header.remove("");
        all
    }

    /// The lead fields in their order.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The fields that a header may mean, in order of preference.
    pub fn fields_of(&self, header: &str) -> Vec<&str> {
        let meant = self.by_header.get(&squeeze(header));
        meant
            .into_iter()
            .flatten()
            .map(|&index| self.fields[index].as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_matched_as_people_write_them() {
        let aliases = Aliases::new(&[
            (
                "last_name".into(),
                vec!["nom".into(), "nom de famille".into()],
            ),
            ("phone".into(), vec!["tél".into(), "mobile".into()]),
            ("phone2".into(), vec!["mobile".into()]),
        ]);
        for header in ["NOM", "Nom de famille :", "last name", "lastName"] {
            assert_eq!(aliases.fields_of(header), ["last_name"], "{header}");
        }
        assert_eq!(aliases.fields_of("Tel."), ["phone"]);
        assert_eq!(aliases.fields_of("Mobile"), ["phone", "phone2"]);
        assert!(aliases.fields_of("").is_empty());
    }
}
