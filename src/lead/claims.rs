//! Which column of a header is which lead field, where several may claim one:
//! each in its turn, by how surely it says so. Looks at no cell.

use std::collections::HashMap;

use super::aliases::{Aliases, Part, is_channel};
use super::path::{endings, is_anothers};
use super::text::squeeze;

/// Where a second address or number goes.
pub const SECONDS: [(&str, &str); 2] = [("email", "email2"), ("phone", "phone2")];

/// Free text: two columns of it say more than one.
const JOINED: [&str; 1] = ["comment"];

/// (header, lead field)
pub type Pairs = [(String, String)];

/// The columns of a header and what they were taken for.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// By column.
    pub fields: Vec<Option<String>>,
    /// A field that several columns claim alike, which none of them is; or a
    /// header that stands twice.
    pub contested: Vec<(String, Vec<usize>)>,
    /// Columns whose text follows that of the first one of their field.
    pub joined: Vec<usize>,
    /// Columns that are a second address or number only beside a first.
    pub seconds: Vec<usize>,
    /// Columns that mean a field that another column gives: (column, the other).
    pub passed_over: Vec<(usize, usize)>,
}

impl Claims {
    /// A source's `spoken` headers come first, then parts of a name or address
    /// that stand together, then a destination's `own`, in order of weight (its
    /// targets' names last), then the aliases, each field's usual name first. A header that may mean several
    /// fields takes the first one that no other column claims for itself. Of a
    /// path the last words count, where no other column ends with them.
    pub fn settle(
        names: &[String],
        aliases: &Aliases,
        own: &[Vec<(String, String)>],
        spoken: &Pairs,
    ) -> Self {
        let mut all = Self {
            fields: vec![None; names.len()],
            ..Self::default()
        };
        all.assign(names, |name| pairs(spoken, name));
        let parts: Vec<Part<'_>> = names.iter().filter_map(|name| aliases.part(name)).collect();
        let of_family = |name: &str| {
            let part = aliases.part(name)?;
            let beside: Vec<_> = parts.iter().filter(|it| it.whole == part.whole).collect();
            Part::are_family(&beside).then_some(part.field)
        };
        all.assign(names, |name| of_family(name).into_iter().collect());
        for (weight, level) in own.iter().enumerate() {
            // What the partner calls its field is no word for the export's.
            let weak = weight + 1 == own.len();
            all.assign(names, |name| {
                let mut meant = pairs(level, name);
                let usual = aliases.fields_of(name);
                meant.retain(|field| !(weak && usual.len() > 1 && usual[0] == *field));
                meant
            });
        }
        // One part alone may as well be the whole: `Nom (Prénom)`.
        let open = |name: &str| !name.trim().ends_with(')') || aliases.part(name).is_none();
        let usual = |name: &str| open(name) && !is_channel(name);
        let fields_if = |holds: bool, name: &str| match holds {
            true => aliases.fields_of(name),
            false => Vec::new(),
        };
        all.assign(names, |name| aliases.standard(name));
        all.assign(names, |name| fields_if(usual(name), name));
        all.assign(names, |name| fields_if(open(name), name));
        let own: Vec<(String, String)> = own.concat();
        let meant = |name: &str| match pairs(&own, name) {
            own if own.is_empty() => aliases.fields_of(name),
            own => own,
        };
        all.assign_paths(names, meant);
        all.assign_seconds(names, |name| match usual(name) {
            true => meant(name),
            false => Vec::new(),
        });
        all.note_twice(names);
        all
    }

    /// Gives each column without a field the one that it claims, as far as it
    /// is free.
    fn assign<'m>(&mut self, names: &[String], meant: impl Fn(&str) -> Vec<&'m str>) {
        let mut claims: Vec<Vec<&str>> = names.iter().map(|name| meant(name)).collect();
        for (index, claim) in claims.iter_mut().enumerate() {
            claim.retain(|field| self.fields[index].is_none() && !self.is_taken(field));
        }
        let single = |claim: &Vec<&str>| claim.len() == 1;
        for (index, claim) in claims.iter().enumerate().filter(|(_, claim)| single(claim)) {
            let field = claim[0];
            if self.is_taken(field) {
                continue;
            }
            let of_field = claims.iter().enumerate().skip(index);
            let of_field = of_field.filter(|(_, other)| **other == [field]);
            let all: Vec<usize> = of_field.map(|(index, _)| index).collect();
            let is_joined = JOINED.contains(&field);
            if all.len() > 1 && !is_joined && second_of(field).is_none() {
                self.contested.push((field.to_owned(), all));
                continue;
            }
            for &column in &all[..if is_joined { all.len() } else { 1 }] {
                self.fields[column] = Some(field.to_owned());
            }
            self.joined.extend(all[1..].iter().filter(|_| is_joined));
        }
        for (index, claim) in claims
            .iter()
            .enumerate()
            .filter(|(_, claim)| claim.len() > 1)
        {
            let first = claim.iter().find(|field| !self.is_taken(field));
            self.fields[index] = first.map(|&field| field.to_owned());
        }
    }

    /// Gives paths that have no field the one that their longest known ending
    /// means, as far as it is free, the lead's own, and no other path ends so.
    fn assign_paths<'m>(&mut self, names: &[String], meant: impl Fn(&str) -> Vec<&'m str>) {
        let mut claims: Vec<(usize, Vec<&str>)> = Vec::new();
        for (index, endings) in endings(names).into_iter().enumerate() {
            let known = endings.iter().map(|(stem, ending)| (stem, meant(ending)));
            let longest = known.into_iter().find(|(_, meant)| !meant.is_empty());
            if let Some((stem, mut claim)) = longest.filter(|_| self.fields[index].is_none()) {
                claim.retain(|field| !self.is_taken(field) && !is_anothers(stem, field));
                claims.push((index, claim));
            }
        }
        // What can mean one field only comes first.
        let (single, several): (Vec<_>, Vec<_>) =
            claims.into_iter().partition(|(_, claim)| claim.len() == 1);
        let mut gone: Vec<&str> = Vec::new();
        for claims in [single, several] {
            let wanted = claims.iter().filter_map(|(index, claim)| {
                let field = claim.iter().find(|field| !gone.contains(field))?;
                Some((*index, *field))
            });
            let wanted: Vec<(usize, &str)> = wanted.collect();
            for (index, field) in &wanted {
                if wanted.iter().filter(|(_, other)| other == field).count() == 1 {
                    self.fields[*index] = Some((*field).to_owned());
                }
            }
            gone.extend(wanted.iter().map(|(_, field)| *field));
        }
    }

    /// What columns mean that got no field: a further address or number is the
    /// second one; the others are told.
    fn assign_seconds<'m>(&mut self, names: &[String], meant: impl Fn(&str) -> Vec<&'m str>) {
        for (index, name) in names.iter().enumerate() {
            if self.fields[index].is_some() {
                continue;
            }
            let meant = meant(name);
            let second = meant.iter().filter_map(|field| second_of(field));
            let second = second.into_iter().find(|second| !self.is_taken(second));
            if let Some(second) = second {
                self.fields[index] = Some(second.to_owned());
                self.seconds.push(index);
                continue;
            }
            let mut given = meant.iter().filter_map(|field| self.column_of(field));
            let given = given.next();
            self.passed_over.extend(given.map(|other| (index, other)));
        }
    }

    /// A header that stands twice says nothing, unless its columns were told apart.
    fn note_twice(&mut self, names: &[String]) {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, name) in names.iter().enumerate() {
            places.entry(name.trim()).or_default().push(index);
        }
        for (index, name) in names.iter().enumerate() {
            let name = name.trim();
            let all = &places[name];
            if name.is_empty() || all.len() < 2 || all[0] != index || self.is_taken(name) {
                continue;
            }
            if all.iter().any(|&column| self.fields[column].is_none()) {
                self.contested.push((name.to_owned(), all.clone()));
            }
        }
    }

    fn is_taken(&self, field: &str) -> bool {
        let contested = self
            .contested
            .iter()
            .any(|(contested, _)| contested == field);
        contested || self.column_of(field).is_some()
    }

    fn column_of(&self, field: &str) -> Option<usize> {
        let mut fields = self.fields.iter();
        fields.position(|taken| taken.as_deref() == Some(field))
    }
}

fn second_of(field: &str) -> Option<&'static str> {
    let mut seconds = SECONDS.iter();
    let (_, second) = seconds.find(|(first, _)| *first == field)?;
    Some(second)
}

/// The fields that these (header, field) pairs give a header, each once.
fn pairs<'p>(pairs: &'p Pairs, name: &str) -> Vec<&'p str> {
    let folded = squeeze(name);
    let mut meant: Vec<&str> = Vec::new();
    for (header, field) in pairs {
        if !folded.is_empty() && squeeze(header) == folded && !meant.contains(&field.as_str()) {
            meant.push(field);
        }
    }
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |&(header, field): &(&str, &str)| (header.to_owned(), field.to_owned());
        pairs.iter().map(owned).collect()
    }

    fn settle(names: &[&str], own: &[&[(&str, &str)]], spoken: &[(&str, &str)]) -> Claims {
        let fields = [
            ("title", vec!["civilité", "title", "salutation"]),
            ("first_name", vec!["prénom"]),
            ("last_name", vec!["nom", "nom de famille"]),
            ("full_name", vec!["nom complet", "nom prénom", "name"]),
            ("email", vec!["e-mail", "courriel"]),
            ("phone", vec!["téléphone", "mobile", "tél fixe", "sms"]),
            ("phone2", vec!["mobile"]),
            ("job", vec!["fonction", "title"]),
            ("comment", vec!["commentaire", "message", "notes"]),
            ("city", vec!["ville", "commune", "localité"]),
        ];
        let fields = fields.map(|(field, headers)| {
            let headers = headers.into_iter().map(str::to_owned).collect();
            (field.to_owned(), headers)
        });
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let own: Vec<_> = own.iter().map(|level| owned(level)).collect();
        Claims::settle(&names, &Aliases::new(&fields), &own, &owned(spoken))
    }

    /// Each column with its field, or `-`.
    fn fields(names: &[&str]) -> String {
        in_short(&settle(names, &[], &[]))
    }

    fn in_short(claims: &Claims) -> String {
        let fields = claims.fields.iter();
        let fields = fields.map(|field| field.as_deref().unwrap_or("-"));
        fields.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_header_takes_the_field_that_no_other_claims() {
        assert_eq!(fields(&["Mobile", "Nom"]), "phone last_name");
        assert_eq!(fields(&["Mobile", "Téléphone"]), "phone2 phone");
        assert_eq!(fields(&["Mobile", "phone", "phone2"]), "- phone phone2");
    }

    #[test]
    fn the_usual_name_decides_and_the_other_is_told() {
        let claims = settle(&["Commune", "Ville"], &[], &[]);
        assert_eq!(in_short(&claims), "- city");
        assert_eq!(claims.passed_over, [(0, 1)]);
        // Of two as good ones none is meant.
        let claims = settle(&["Commune", "Localité"], &[], &[]);
        assert_eq!(in_short(&claims), "- -");
        assert_eq!(claims.contested, [("city".to_owned(), vec![0, 1])]);
        let claims = settle(&["Ville", "Ville"], &[], &[]);
        assert_eq!(claims.contested[0], ("city".to_owned(), vec![0, 1]));
    }

    #[test]
    fn a_title_beside_a_salutation_is_a_job() {
        assert_eq!(fields(&["Title"]), "title");
        assert_eq!(fields(&["Salutation", "Title"]), "title job");
        assert_eq!(fields(&["Title", "Civilité", "Fonction"]), "- title job");
    }

    #[test]
    fn a_second_address_or_number_is_the_second() {
        assert_eq!(
            fields(&["Courriel", "Nom", "E-mail"]),
            "email2 last_name email"
        );
        assert_eq!(fields(&["Email", "Email", "Email"]), "email email2 -");
        let phones = ["Tél fixe", "Téléphone", "Mobile"];
        assert_eq!(fields(&phones), "- phone phone2");
        assert_eq!(fields(&["Tél fixe", "Téléphone"]), "phone2 phone");
    }

    #[test]
    fn a_channel_is_a_number_only_where_no_other_is() {
        assert_eq!(fields(&["SMS", "Nom"]), "phone last_name");
        assert_eq!(fields(&["SMS", "Mobile"]), "- phone");
        assert_eq!(fields(&["SMS", "Téléphone"]), "- phone");
    }

    #[test]
    fn texts_are_joined_where_they_are_as_good() {
        let claims = settle(&["Commentaire", "Nom", "Commentaire"], &[], &[]);
        assert_eq!(in_short(&claims), "comment last_name comment");
        assert_eq!(claims.joined, [2]);
        assert!(claims.contested.is_empty());
        let claims = settle(&["Message", "Commentaire"], &[], &[]);
        assert_eq!(in_short(&claims), "- comment");
        assert_eq!(settle(&["Message", "Notes"], &[], &[]).joined, [1]);
    }

    #[test]
    fn parts_of_a_name_are_known_beside_each_other() {
        let both = ["Nom (Prénom)", "Nom (Nom de famille)"];
        assert_eq!(fields(&both), "first_name last_name");
        assert_eq!(
            fields(&["Name: Last", "Name: First"]),
            "last_name first_name"
        );
        // Alone, it may be the whole; of another's name, it is not the lead's.
        assert_eq!(fields(&["Nom (Prénom)"]), "-");
        assert_eq!(fields(&["Nom Prénom"]), "full_name");
        assert_eq!(fields(&["Parrain (Prénom)", "Parrain (Nom)"]), "- -");
        assert_eq!(fields(&["Nom - Prénom", "Name (Last)"]), "full_name -");
    }

    #[test]
    fn a_destinations_own_headers_come_before_the_aliases() {
        let own: [&[(&str, &str)]; 2] = [
            &[("Portable", "phone"), ("Nom", "company")],
            &[("mail2", "email"), ("name", "company")],
        ];
        let claims = settle(&["Portable", "Name", "Nom", "e-mail", "Mail2"], &own, &[]);
        assert_eq!(in_short(&claims), "phone full_name company email2 email");
        // A target that is called as a header that may mean more.
        let own: [&[(&str, &str)]; 2] = [&[("Civilité", "title")], &[("title", "title")]];
        let fields = |names: &[&str]| in_short(&settle(names, &own, &[]));
        assert_eq!(fields(&["Title", "Salutation"]), "job title");
        assert_eq!(fields(&["Title"]), "title");
    }

    #[test]
    fn a_source_speaks_first() {
        let claims = settle(&["Nom", "Mon nom"], &[], &[("mon nom", "last_name")]);
        assert_eq!(in_short(&claims), "- last_name");
    }

    #[test]
    fn a_header_that_stands_twice_says_nothing() {
        let claims = settle(&["Budget", "Nom", "Budget "], &[], &[]);
        assert_eq!(claims.contested, [("Budget".to_owned(), vec![0, 2])]);
        let claims = settle(&["Email", "Email"], &[], &[]);
        assert!(claims.contested.is_empty());
    }

    #[test]
    fn the_last_word_of_a_path_is_a_header() {
        let paths = [
            "id",
            "contact.email",
            "contact.Nom",
            "fields.téléphone.value",
        ];
        assert_eq!(fields(&paths), "- email last_name phone");
        // Two that could be meant: neither. A whole header comes first.
        let two = ["contact.email", "second.e-mail", "nom", "x.nom"];
        assert_eq!(fields(&two), "- - last_name -");
        assert_eq!(fields(&["owner.email"]), "-");
        assert_eq!(fields(&["lead.mobile", "lead.téléphone"]), "phone2 phone");
    }
}
