//! A full name as first and last name, for destinations that want both. A
//! guess: whoever uses it says so.

use super::text::fold;

/// Words that open a last name.
const PARTICLES: [&str; 22] = [
    "de", "du", "des", "d", "la", "le", "les", "van", "von", "der", "den", "di", "da", "dos",
    "del", "el", "al", "ben", "bin", "ibn", "ter", "ten",
];

/// First and last name. `Dupont, Jean` and `DUPONT Jean` have the last name
/// first; a particle opens it; else it is the last word. One word is a last
/// name.
pub fn split(full: &str) -> (String, String) {
    if let Some((last, first)) = full.split_once(',')
        && !first.trim().is_empty()
    {
        return (first.trim().to_owned(), last.trim().to_owned());
    }
    let mut words: Vec<&str> = full.split_whitespace().collect();
    if words.len() > 1 && is_title(&fold(words[0])) {
        words.remove(0);
    }
    let count = words.len();
    let capitals = words.iter().take_while(|word| is_capitals(word)).count();
    if (1..count).contains(&capitals) {
        return (words[capitals..].join(" "), words[..capitals].join(" "));
    }
    let trailing = words
        .iter()
        .rev()
        .take_while(|word| is_capitals(word))
        .count();
    let start = match (1..count).contains(&trailing) {
        true => count - trailing,
        false => particle(&words).unwrap_or(count.saturating_sub(1)),
    };
    (words[..start].join(" "), words[start..].join(" "))
}

fn is_title(word: &str) -> bool {
    ["m", "mr", "mme", "mlle", "mrs", "ms", "miss", "dr"].contains(&word)
        || ["monsieur", "madame", "mademoiselle", "docteur"].contains(&word)
}

/// Two letters or more, none of them small. An initial is no such word.
fn is_capitals(word: &str) -> bool {
    let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
    letters > 1 && !word.chars().any(char::is_lowercase)
}

/// The first word after the first name that opens a last name.
fn particle(words: &[&str]) -> Option<usize> {
    let last = words.len().saturating_sub(1);
    (1..last).find(|&index| {
        let word = words[index];
        let folded = fold(word);
        let elided = folded.starts_with("d ") || folded.starts_with("l ");
        elided || PARTICLES.contains(&folded.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_as_people_read_them() {
        let cases = [
            ("Jean Dupont", "Jean", "Dupont"),
            ("DUPONT Jean", "Jean", "DUPONT"),
            ("Jean DUPONT", "Jean", "DUPONT"),
            ("LE GOFF Anne-Marie", "Anne-Marie", "LE GOFF"),
            ("Anne DE LA TOUR", "Anne", "DE LA TOUR"),
            ("JEAN DUPONT", "JEAN", "DUPONT"),
            ("Jean-Pierre de la Tour", "Jean-Pierre", "de la Tour"),
            ("Marie Claire Dupont", "Marie Claire", "Dupont"),
            ("J. Dupont", "J.", "Dupont"),
            ("DUPONT J.", "J.", "DUPONT"),
            ("Dupont, Jean", "Jean", "Dupont"),
            ("Mme Dupont", "", "Dupont"),
            ("M. Jean Dupont", "Jean", "Dupont"),
            ("  Éva\u{a0} MÜLLER ", "Éva", "MÜLLER"),
            ("Dupont", "", "Dupont"),
            ("Paul d’Ormesson Le", "Paul", "d’Ormesson Le"),
            ("", "", ""),
            (",", "", ","),
        ];
        for (full, first, last) in cases {
            assert_eq!(split(full), (first.to_owned(), last.to_owned()), "{full}");
        }
    }
}
