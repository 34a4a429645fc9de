//! Text made comparable: a header or a value as people mean it, without case,
//! accents and punctuation. Knows nothing of what is compared.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Text up to this length is folded on the stack.
const SHORT: usize = 32;

/// `text` in lower case, without accents (œ→oe, æ→ae, ß→ss); every run of
/// characters that are neither letter nor digit becomes one space, and none
/// stands at either end. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_to(&mut folded, text);
    folded
}

/// Appends [`fold`] of a text.
pub fn fold_to(out: &mut String, text: &str) {
    if text.is_ascii() {
        fold_ascii(text, |byte| out.push(char::from(byte)));
        return;
    }
    let mut folded = Folded {
        start: out.len(),
        text: out,
        gap: false,
    };
    text.nfkd()
        .flat_map(char::to_lowercase)
        .filter(|letter| !is_combining_mark(*letter))
        .for_each(|letter| folded.push(letter));
}

/// What `then` makes of [`fold`] of a text; no memory is asked for where it is
/// as short and plain as titles, countries and their like are.
pub fn folded<T>(text: &str, then: impl FnOnce(&str) -> T) -> T {
    if text.len() > SHORT || !text.is_ascii() {
        return then(&fold(text));
    }
    let mut buffer = [0; SHORT];
    let mut length = 0;
    fold_ascii(text, |byte| {
        buffer[length] = byte;
        length += 1;
    });
    then(std::str::from_utf8(&buffer[..length]).unwrap_or_default())
}

/// Gives the bytes of [`fold`] of an ASCII text: never more than it has.
fn fold_ascii(text: &str, mut put: impl FnMut(u8)) {
    let (mut any, mut gap) = (false, false);
    for byte in text.bytes() {
        if !byte.is_ascii_alphanumeric() {
            gap = any;
            continue;
        }
        if gap {
            put(b' ');
        }
        (any, gap) = (true, false);
        put(byte.to_ascii_lowercase());
    }
}

/// [`fold`] without its spaces: `E-mail`, `e mail` and `Email` are one header.
pub fn squeeze(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|letter| letter != ' ');
    folded
}

/// The folded text so far, and whether a gap waits for the next letter.
struct Folded<'o> {
    text: &'o mut String,
    /// Where it starts in `text`.
    start: usize,
    gap: bool,
}

impl Folded<'_> {
    fn push(&mut self, letter: char) {
        if !letter.is_alphanumeric() {
            self.gap = true;
            return;
        }
        if self.gap && self.text.len() > self.start {
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
    use super::{fold, fold_to, folded};
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

        #[test]
        fn every_way_of_folding_is_the_same(text in any::<String>(), ascii in "[ -~]{0,40}") {
            for text in [text, ascii] {
                let once = fold(&text);
                assert!(folded(&text, |short| short == once));
                let mut appended = " x".to_owned();
                fold_to(&mut appended, &text);
                assert_eq!(appended, format!(" x{once}"));
                // As if no text were plain.
                let whole = fold(&format!("é {text}"));
                assert_eq!(whole.strip_prefix("e").unwrap().trim_start(), once);
            }
        }
    }
}
