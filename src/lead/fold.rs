//! Text made comparable: a header or a value as people mean it, without case,
//! accents and punctuation. Knows nothing of what is compared.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// `text` in lower case, without accents (œ→oe, æ→ae, ß→ss); every run of
/// characters that are neither letter nor digit becomes one space, and none
/// stands at either end. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let mut folded = Folded::with_capacity(text.len());
    if text.is_ascii() {
        text.chars()
            .for_each(|letter| folded.push(letter.to_ascii_lowercase()));
    } else {
        text.nfkd()
            .flat_map(char::to_lowercase)
            .filter(|letter| !is_combining_mark(*letter))
            .for_each(|letter| folded.push(letter));
    }
    folded.text
}

/// [`fold`] without its spaces: `E-mail`, `e mail` and `Email` are one header.
pub fn squeeze(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|letter| letter != ' ');
    folded
}

/// The folded text so far, and whether a gap waits for the next letter.
struct Folded {
    text: String,
    gap: bool,
}

impl Folded {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            gap: false,
        }
    }

    fn push(&mut self, letter: char) {
        if !letter.is_alphanumeric() {
            self.gap = true;
            return;
        }
        if self.gap && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.gap = false;
        match letter {
            'œ' => self.text.push_str("oe"),
            'æ' => self.text.push_str("ae"),
            'ß' => self.text.push_str("ss"),
            'ø' => self.text.push('o'),
            'ł' => self.text.push('l'),
            _ => self.text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fold;
    use proptest::prelude::{any, proptest};

    #[test]
    fn folds_what_headers_look_like() {
        for (text, expected) in [
            ("", ""),
            (" - ", ""),
            ("E-mail", "e mail"),
            ("Tél.", "tel"),
            ("  Nom de la société (SIRET) ", "nom de la societe siret"),
            ("prénom", "prenom"),
            ("pre\u{301}nom", "prenom"),
            (
                "Œuvre, Cæsar, STRASSE, Straße",
                "oeuvre caesar strasse strasse",
            ),
            ("ŒUVRE ÆSOP ẞ", "oeuvre aesop ss"),
            ("phone_number", "phone number"),
            ("N°\u{a0}de\u{202f}tél", "n de tel"),
            ("İstanbul", "istanbul"),
            ("Côte d’Ivoire", "cote d ivoire"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            assert_eq!(fold(&once), once);
        }
    }
}
