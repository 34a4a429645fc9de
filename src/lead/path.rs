//! Headers that are paths, such as `contact.email` or `fields[email][value]`, as
//! nested objects and forms give them: which of their endings may be headers of
//! their own. Knows no column.

use std::collections::HashMap;

use super::text::{is_one_of, squeeze};

/// A step that only says that its value follows.
const VALUE: &str = "value";

/// Lead fields that somebody or something beside the lead has too.
const ANYBODYS: &str = "id|title|first_name|last_name|full_name|email|email2|phone|phone2|job|\
    status|comment|created_at";

/// Steps that name somebody or something beside the lead, also at the end of a
/// word (`leadOwner`).
const OTHERS: &str = "ad|adset|form|page|agent|owner|store|agency|agence|author|course|seller|\
    advisor|company|creator|manager|parrain|product|produit|program|societe|sponsor|assignee|\
    campaign|campagne|conjoint|referrer|formation|programme|commercial|conseiller|definition|\
    entreprise|organization";

/// A header's steps: at least two, none blank. A full stop of a sentence or an
/// abbreviation makes no path.
fn steps(header: &str) -> Option<Vec<&str>> {
    let header = header.trim();
    let steps = header.split('.').flat_map(|part| {
        let (outer, inner) = part.split_once('[').unwrap_or((part, ""));
        let inner = inner.strip_suffix(']').map(|inner| inner.split("]["));
        let outer = std::iter::once(if inner.is_some() { outer } else { part });
        outer.chain(inner.into_iter().flatten())
    });
    let steps: Vec<&str> = steps.collect();
    let is_sound = |step: &&str| !step.is_empty() && step.trim() == *step;
    (steps.len() > 1 && steps.iter().all(is_sound)).then_some(steps)
}

/// The endings of each header that is a path, each with the steps before it: the
/// longest ending first, the whole left out. What stands beside a `value` of the
/// same object only describes that value, and has none.
pub fn endings<'h>(headers: &'h [String]) -> Vec<Vec<(Vec<&'h str>, String)>> {
    let all: Vec<Option<Vec<&str>>> = headers.iter().map(|header| steps(header)).collect();
    let mut stems: HashMap<Vec<&str>, bool> = HashMap::new();
    for (last, stem) in all.iter().flatten().filter_map(|steps| steps.split_last()) {
        *stems.entry(stem.to_vec()).or_default() |= squeeze(last) == VALUE;
    }
    let of = |steps: Vec<&'h str>| {
        let (last, stem) = steps.split_last()?;
        let is_value = squeeze(last) == VALUE;
        let steps = match is_value {
            true => stem,
            false if stems.get(stem) == Some(&true) => return None,
            false => &steps,
        };
        let starts = usize::from(!is_value)..steps.len();
        let endings = starts.map(|at| (steps[..at].to_vec(), steps[at..].join(" ")));
        Some(endings.collect())
    };
    let endings = all.into_iter().map(|steps| steps.and_then(of));
    endings.map(Option::unwrap_or_default).collect()
}

/// Whether a field under these steps is hardly the lead's own: `owner.email`.
pub fn is_anothers(stem: &[&str], field: &str) -> bool {
    let names_another = |step: &&str| {
        let step = squeeze(step);
        let names = |word: &str| step == word || word.len() > 4 && step.ends_with(word);
        OTHERS.split('|').any(names)
    };
    is_one_of(ANYBODYS, field) && stem.iter().any(names_another)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[&str]) -> Vec<Vec<String>> {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        let endings = endings(&headers).into_iter();
        let texts = endings.map(|endings| endings.into_iter().map(|(_, text)| text).collect());
        texts.collect()
    }

    #[test]
    fn a_path_ends_with_headers() {
        assert_eq!(of(&["contact.email"]), [["email"]]);
        assert_eq!(
            of(&["lead.company.name"]),
            [["company name".to_owned(), "name".to_owned()]]
        );
        assert_eq!(of(&["form[contact][e-mail]"])[0].last().unwrap(), "e-mail");
        for plain in [
            "email",
            "Tél. portable",
            "N.A.F.",
            "a..b",
            "[x]",
            "Nom/Prénom",
            "x [y]",
        ] {
            assert!(of(&[plain])[0].is_empty(), "{plain}");
        }
    }

    #[test]
    fn a_value_is_called_as_what_holds_it() {
        let found = of(&[
            "fields.email.id",
            "fields.email.value",
            "properties.nom.value",
            "tel.value",
        ]);
        assert!(found[0].is_empty());
        assert_eq!(found[1].last().unwrap(), "email");
        assert_eq!(found[2].last().unwrap(), "nom");
        assert_eq!(found[3], ["tel"]);
    }

    #[test]
    fn what_is_another_persons_is_not_the_leads() {
        assert!(is_anothers(&["leadOwner"], "email"));
        assert!(is_anothers(&["lead", "company"], "full_name"));
        assert!(!is_anothers(&["company"], "siret"));
        assert!(!is_anothers(&["contact", "address"], "city"));
    }
}
