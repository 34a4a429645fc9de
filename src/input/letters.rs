//! How likely a letter or sign beyond ASCII is where it stands, in texts of Western
//! Europe and of France above all: what is usual costs little, and a sign amid a
//! word or a capital after a small letter costs much. The numbers are rough
//! logarithms of how rare a thing is; what matters is what they say when two
//! readings of the same bytes are compared.

/// A character that costs this much hardly ever stands where it does.
pub const UNLIKELY: f64 = 7.0;

/// The cost of the character at `at`, among those around it.
pub fn cost(text: &[char], at: usize) -> f64 {
    let near = |by: isize| {
        let place = at.checked_add_signed(by);
        place
            .and_then(|place| text.get(place))
            .copied()
            .unwrap_or(' ')
    };
    let (c, before, after) = (text[at], near(-1), near(1));
    match c.is_alphabetic() && !"ªºµƒΩπﬁﬂı".contains(c) {
        true => of_letter(c, near(-2), before, after),
        false => of_sign(c, before, after),
    }
}

fn of_letter(c: char, second_before: char, before: char, after: char) -> f64 {
    let small = c.to_lowercase().next().unwrap_or(c);
    let mut cost = rarity(small);
    if c.is_uppercase() {
        cost += 1.5;
        // `ZoÉ`
        cost += if before.is_lowercase() { 8.0 } else { 0.0 };
    } else if before.is_uppercase() && (after.is_uppercase() || second_before.is_uppercase()) {
        // `LEFèVRE`: a key that has no capital.
        cost += if "éèçàù".contains(c) { 2.0 } else { 5.0 };
    }
    if before.is_numeric() || after.is_numeric() {
        cost += 6.0;
    } else if !before.is_alphabetic() && !after.is_alphabetic() && small != 'à' {
        cost += 4.0;
    }
    let beside = |c: char| c.is_alphabetic() && !c.is_ascii() && !"éÉ".contains(c);
    if beside(before) || beside(after) {
        cost += 2.5;
    }
    cost + unusual_place(small, before, after)
}

/// How rare a letter is.
fn rarity(small: char) -> f64 {
    match small {
        'é' => 0.5,
        'è' => 2.0,
        'à' => 2.5,
        'ê' | 'ç' => 3.0,
        'ô' | 'î' | 'ï' | 'ë' | 'â' => 3.5,
        'û' | 'ù' => 4.0,
        'ü' | 'ö' | 'œ' | 'ñ' => 4.5,
        'ä' | 'á' | 'í' | 'ó' => 5.0,
        'ú' | 'ã' => 5.5,
        'õ' | 'ß' | 'å' | 'ø' | 'æ' => 6.0,
        'ò' | 'ì' | 'š' | 'ž' => 6.5,
        'ý' | 'ÿ' => 7.0,
        'ð' | 'þ' => 9.0,
        '\u{100}'..='\u{24f}' => 8.0,
        _ => 11.0,
    }
}

/// Letters that stand in some places only.
fn unusual_place(small: char, before: char, after: char) -> f64 {
    let is_vowel = |c: char| "aeiouyAEIOUY".contains(c);
    let in_word = before.is_alphabetic() && after.is_alphabetic();
    let (fits, cost) = match small {
        'à' => (!in_word, 5.0),
        'ù' => (
            matches!(before, 'o' | 'O' | 'i' | 'I') && !after.is_alphabetic(),
            4.0,
        ),
        'ç' => ("aouâôûãõáóúAOU".contains(after), 4.0),
        'ë' | 'ï' => (is_vowel(before), 4.0),
        'â' | 'ê' | 'ô' | 'è' if !after.is_alphabetic() => (false, 3.0),
        'â' | 'ê' | 'ô' => (!is_vowel(before), 3.0),
        'î' | 'û' => (after.is_alphabetic(), 3.0),
        'ñ' => (is_vowel(before) && is_vowel(after), 4.0),
        'ã' => (matches!(after, 'o' | 'e' | 'i' | 'O'), 3.0),
        'õ' => (matches!(after, 'e' | 'E'), 3.0),
        'œ' => (matches!(after, 'u' | 'i' | 'U' | 'I'), 2.0),
        'á' | 'ó' | 'ú' => (!is_vowel(before) && !is_vowel(after), 2.5),
        _ => (true, 0.0),
    };
    if fits { 0.0 } else { cost }
}

fn of_sign(c: char, before: char, after: char) -> f64 {
    let (left, right) = (before.is_alphabetic(), after.is_alphabetic());
    let amid = left && right;
    match c {
        '\u{80}'..='\u{9f}' | char::REPLACEMENT_CHARACTER => 14.0,
        '’' if left => 0.5,
        '\u{a0}' | '\u{202f}' if amid => 3.0,
        '\u{a0}' | '\u{202f}' => 0.5,
        '–' | '—' if amid => 4.0,
        '–' | '—' => 1.5,
        '\u{ad}' | '·' if amid => 3.0,
        _ if amid => 12.0,
        '€' if !left && !right => 1.5,
        '°' if before.is_numeric() || matches!(before, 'n' | 'N') => 1.0,
        '…' if !right => 2.0,
        '«' | '“' | '„' | '‘' | '¿' | '¡' if !left => 1.5,
        '»' | '”' | '“' | '’' if !right => 2.0,
        '€' | '°' | '²' | '³' | '®' | '©' | '™' | 'º' | 'ª' => 4.0,
        _ if left || right => 10.0,
        '•' | '·' => 2.5,
        '½' | '¼' | '¾' | '±' | '×' | '÷' | '£' => 4.0,
        '§' => 5.0,
        _ => 8.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> f64 {
        let text: Vec<char> = text.chars().collect();
        let beyond = (0..text.len()).filter(|at| !text[*at].is_ascii());
        beyond.map(|at| cost(&text, at)).sum()
    }

    #[test]
    fn what_is_written_costs_less_than_what_is_not() {
        for (written, misread) in [
            ("Zoé", "ZoŽ"),
            ("Zoé", "ZoÄ"),
            ("Lefèvre", "LefÅvre"),
            ("René", "Ren‚"),
            ("René", "RenÇ"),
            ("Cœur", "C½ur"),
            ("Cœur", "CΩur"),
            ("250 €", "250 ¤"),
            ("250 €", "250 §"),
            ("François", "Fran‡ois"),
            ("François", "Franáois"),
            ("Noël", "No‰l"),
            ("château", "chëteau"),
            ("tête", "tàte"),
            ("L’Hôte", "LíHôte"),
            ("NOËL", "NOÀL"),
            ("LEFèVRE", "LEF…VRE"),
            ("12 000 €", "12á000 €"),
            ("Müller", "M¸ller"),
            ("Peña", "PeÒa"),
            ("« oui »", "´ oui ª"),
        ] {
            assert!(
                of(written) + 3.0 < of(misread),
                "{written} {misread}: {} {}",
                of(written),
                of(misread)
            );
        }
    }

    #[test]
    fn whole_words_of_strange_letters_are_unlikely() {
        assert!(of("Èâàíîâ") > 6.0 * UNLIKELY);
        assert!(of("Désirée") < UNLIKELY);
    }
}
