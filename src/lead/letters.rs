//! Damage to letters: text that was read in the wrong encoding, letters in
//! pieces, letters that are gone, and a spreadsheet's error words.

use encoding_rs::WINDOWS_1252;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::octets;
use super::repair::{Damage, shown};

/// Whether a row's text can hold any such damage: one pass over its bytes, so
/// that sound rows, accents included, cost nothing more.
pub fn suspect(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (octets, rest) = bytes.as_chunks::<8>();
    let in_octets = octets.iter().enumerate().any(|(index, octet)| {
        let octet = u64::from_le_bytes(*octet);
        let marked = octets::begin_long(octet) | octets::equal(octet, b'#');
        octets::places(marked).any(|place| is_suspect(&bytes[8 * index + place..]))
    });
    in_octets || (0..rest.len()).any(|at| is_suspect(&rest[at..]))
}

/// Whether bytes begin like damage; the last one of a text never does.
fn is_suspect(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        // Accents apart; what UTF-8 begins with when it is misread
        // (`Â Ã Ä Å â ð`); `\u{fffd}`; `#N/A`.
        [0xCC | 0xCD, _, ..]
            | [0xC3, 0x82..=0x85 | 0xA2 | 0xB0, ..]
            | [0xEF, 0xBF, ..]
            | [b'#', _, ..]
    )
}

/// The damage in one cell.
pub fn damage(cell: &str) -> Option<Damage> {
    if cell.is_ascii() {
        return error_word(cell);
    }
    if cell.contains('\u{fffd}') {
        return Some(Damage::lost(
            format!("{} has lost letters (�)", shown(cell)),
            "correct it, or export the file again as UTF-8",
        ));
    }
    if is_misread(cell) {
        let what = format!("{} was read in the wrong encoding", shown(cell));
        let how = "export the file again as UTF-8, or let --repair all put it right";
        return Some(match reread(cell) {
            Some(mended) => Damage::likely(what, mended, how),
            None => Damage::lost(what, "correct it, or export the file again as UTF-8"),
        });
    }
    // Only letters in pieces: other texts arrive byte for byte.
    let pieces = cell
        .chars()
        .any(|letter| ('\u{300}'..='\u{36f}').contains(&letter));
    if pieces && !is_nfc(cell) {
        return Some(Damage::certain(
            format!("{} has accents apart from their letters", shown(cell)),
            cell.nfc().collect(),
        ));
    }
    None
}

/// What Excel shows for a formula that it can't calculate, and a workbook's reader
/// for one that the program that wrote it left to Excel.
pub const NOT_CALCULATED: &str = "#CALC!";

fn error_word(cell: &str) -> Option<Damage> {
    const WORDS: [&str; 11] = [
        "#N/A", "#REF!", "#NAME?", "#NOM?", "#VALUE!", "#VALEUR!", "#DIV/0!", "#NULL!", "#NUL!",
        "#NUM!", "#NOMBRE!",
    ];
    let word = cell.trim();
    if word == NOT_CALCULATED {
        return Some(Damage::lost(
            "the cell holds a formula that was never calculated".to_owned(),
            "open the workbook in Excel and save it",
        ));
    }
    (word.starts_with('#') && WORDS.contains(&word)).then(|| {
        Damage::lost(
            format!("{word} is a spreadsheet's error, not a value"),
            "correct the formula in the spreadsheet, or empty the cell",
        )
    })
}

/// UTF-8 that was taken for Windows-1252 shows as a certain letter and then
/// signs that never follow it: `Ã©`, `â€™`, `Å“`.
fn is_misread(cell: &str) -> bool {
    let mut letters = cell.chars().peekable();
    while let Some(letter) = letters.next() {
        let follows = match letter {
            'Â' | 'Ã' | 'Ä' | 'Å' => 1,
            'â' => 2,
            'ð' => 3,
            _ => continue,
        };
        let rest = letters.clone();
        if rest.take(follows).filter(|&next| is_inner(next)).count() == follows {
            return true;
        }
    }
    false
}

/// Whether Windows-1252 writes this as a byte that only stands inside a letter
/// of UTF-8 (0x80 to 0xBF).
fn is_inner(letter: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, unknown) = WINDOWS_1252.encode(letter.encode_utf8(&mut buffer));
    !unknown && matches!(bytes.as_ref(), [0x80..=0xBF])
}

/// The text as it was before it was misread, if that is certain for all of it.
fn reread(cell: &str) -> Option<String> {
    let (bytes, _, unknown) = WINDOWS_1252.encode(cell);
    if unknown {
        return None;
    }
    String::from_utf8(bytes.into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_text_is_left_alone() {
        let sound = [
            "Éva",
            "château",
            "L’Haÿ-les-Roses",
            "SÃO PAULO",
            "Ångström",
            "« Â »",
            "œuvre",
            "#12",
            "日本",
            "Å",
            "ð",
        ];
        for text in sound {
            assert_eq!(damage(text), None, "{text}");
        }
    }

    #[test]
    fn misread_text_is_put_right_where_it_can_be() {
        let mended = |text| damage(text).and_then(|damage| damage.mended);
        assert_eq!(mended("AndrÃ©"), Some("André".into()));
        assert_eq!(mended("Lâ€™Ã‰cole Å“uvre"), Some("L’École œuvre".into()));
        assert_eq!(mended("Ã\u{a0} Lyon"), Some("à Lyon".into()));
        let mixed = damage("AndrÃ© et Éva").expect("damage");
        assert_eq!(mixed.mended, None);
    }

    #[test]
    fn damage_is_suspected_wherever_it_stands() {
        for damaged in ["e\u{301}", "AndrÃ©", "\u{fffd}", "#N/A", "ð"] {
            for before in 0..20 {
                let text = format!("{}{damaged}", "x".repeat(before));
                assert!(suspect(&text), "{text}");
            }
        }
    }

    #[test]
    fn letters_in_pieces_are_joined() {
        let found = damage("e\u{301}te\u{301}").expect("damage");
        assert!(found.certain);
        assert_eq!(found.mended, Some("été".into()));
    }

    #[test]
    fn what_is_gone_is_told() {
        assert!(!suspect("Éva Müller"));
        for lost in ["Andr\u{fffd}", "#N/A", " #REF! ", "#CALC!"] {
            assert!(suspect(lost));
            assert_eq!(damage(lost).expect("damage").mended, None, "{lost}");
        }
    }
}
