//! Text as two people would call it the same: without case, accents and
//! punctuation. Decides nothing about what the text means.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case, no accents, `œ` as `oe`, and one space for each run of anything
/// that is neither a letter nor a digit; none at either end.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for letter in text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
    {
        if !letter.is_alphanumeric() {
            // `İ` leaves a combining dot behind when it is lowered.
            gap |= !is_combining_mark(letter);
            continue;
        }
        if gap && !folded.is_empty() {
            folded.push(' ');
        }
        gap = false;
        match letter {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            _ => folded.push(letter),
        }
    }
    folded
}

/// [`fold`] without its spaces: `E-mail`, `e mail` and `Email` are one header.
pub fn squeeze(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|letter| letter != ' ');
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_punctuation_are_ignored() {
        assert_eq!(fold("  Prénom  (usuel) : "), "prenom usuel");
        assert_eq!(fold("Tél."), "tel");
        assert_eq!(fold("CŒUR"), "coeur");
        assert_eq!(fold("N° 5"), "n 5");
        assert_eq!(fold("code_postal"), "code postal");
        assert_eq!(fold("—"), "");
        assert_eq!(squeeze("E-mail"), "email");
    }

    #[test]
    fn letters_in_two_forms_are_the_same() {
        assert_eq!(fold("e\u{301}te\u{301}"), fold("été"));
        assert_eq!(fold("\u{a0}05\u{202f}"), "05");
    }
}
