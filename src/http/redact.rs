//! Takes the secret out of an answer: some servers repeat what they were given,
//! whole or in part, in their own spelling, and answers are kept and shown.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What stands where a secret stood.
const HIDDEN: &[u8] = b"***";
/// Anything shorter would be found in innocent words too.
const SHORTEST: usize = 6;
/// So many bytes of a secret in a row give it away.
const TELLING: usize = 8;
/// The longest piece that is looked for: [`TELLING`] bytes in hexadecimal digits.
const LONGEST: usize = 2 * TELLING;

/// What finds the secrets of some credentials in a text.
pub struct Redactor {
    credentials: Vec<String>,
    /// By their length: the pieces that give a secret away, in small letters.
    pieces: Vec<(usize, HashSet<u128>)>,
}

/// Never with what it looks for.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(***)")
    }
}

impl Redactor {
    pub fn new(credentials: Vec<String>) -> Self {
        let mut redactor = Self {
            credentials: Vec::new(),
            pieces: Vec::new(),
        };
        for secret in credentials
            .iter()
            .flat_map(|credential| secrets(credential))
        {
            redactor.look_for(&secret);
        }
        redactor.credentials = credentials;
        redactor
    }

    /// Is it the one for these credentials?
    pub fn is_for(&self, credentials: &[String]) -> bool {
        self.credentials == credentials
    }

    /// The secret as it is, in hexadecimal digits, and in base64, wherever in a
    /// group of three bytes it begins there.
    fn look_for(&mut self, secret: &[u8]) {
        let telling = secret.len().min(TELLING);
        let text = String::from_utf8_lossy(secret);
        for written in [text.as_bytes(), text.to_lowercase().as_bytes()] {
            let plain: Vec<u8> = written.iter().copied().filter(|b| *b != b'\\').collect();
            self.add(&plain, telling.min(plain.len()));
            let unspelt = unspelt(written);
            self.add(&unspelt, telling.min(unspelt.len()));
        }
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        self.add(hex.as_bytes(), 2 * telling);
        for before in 0..3 {
            let shifted = [&[0; 2][..before], secret].concat();
            for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                let coded = engine.encode(&shifted);
                // What its neighbours have a part in says nothing of it.
                let whole = (8 * before).div_ceil(6)..8 * shifted.len() / 6;
                self.add(&coded.as_bytes()[whole], (8 * telling - 4) / 6);
            }
        }
    }

    fn add(&mut self, text: &[u8], length: usize) {
        if length < SHORTEST {
            return;
        }
        let known = self.pieces.iter().position(|(of, _)| *of == length);
        let known = known.unwrap_or_else(|| {
            self.pieces.push((length, HashSet::new()));
            self.pieces.len() - 1
        });
        let pieces = text.windows(length).map(|piece| {
            let piece = piece.iter().copied().map(folded);
            piece.fold(0, |packed, byte| packed << 8 | u128::from(byte))
        });
        self.pieces[known].1.extend(pieces);
    }

    /// The text without what gives a secret away; `None` where nothing does, as
    /// nearly always.
    pub fn redact(&self, text: &[u8]) -> Option<Vec<u8>> {
        let found = self.found(text);
        let mut clean = Vec::new();
        let mut from = 0;
        for range in &found {
            clean.extend_from_slice(&text[from..range.start]);
            clean.extend_from_slice(HIDDEN);
            from = range.end;
        }
        clean.extend_from_slice(&text[from..]);
        (!found.is_empty()).then_some(clean)
    }

    fn found(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        // The last bytes that were read, packed, and where each one's sign began.
        let (mut last, mut begun, mut read) = (0_u128, [0; LONGEST], 0_usize);
        let mut at = 0;
        while at < text.len() {
            let sign = Sign::first_of(&text[at..]);
            for byte in sign.bytes() {
                last = last << 8 | u128::from(folded(byte));
                begun[read % LONGEST] = at;
                read += 1;
                for (length, pieces) in &self.pieces {
                    let unused = 8 * (LONGEST - length);
                    if read >= *length && pieces.contains(&(last << unused >> unused)) {
                        let mut start = begun[(read - length) % LONGEST];
                        while let Some(before) = found.pop_if(|it| it.end >= start) {
                            start = start.min(before.start);
                        }
                        found.push(start..at + sign.length);
                    }
                }
            }
            at += sign.length;
        }
        found
    }
}

/// The secrets in a credential: all of it, the token, or the password.
fn secrets(value: &str) -> Vec<Vec<u8>> {
    let mut secrets = Vec::new();
    let (scheme, token) = value.split_once(' ').unwrap_or(("", value));
    if !matches!(scheme, "Bearer" | "Basic" | "") {
        secrets.push(value.as_bytes().to_vec());
    }
    secrets.push(token.as_bytes().to_vec());
    if scheme == "Basic"
        && let Ok(pair) = STANDARD.decode(token)
        && let Some(colon) = pair.iter().position(|byte| *byte == b':')
    {
        secrets.push(pair[colon + 1..].to_vec());
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    secrets
}

/// One for small and capital letters, and for what stands for a blank in a URL.
fn folded(byte: u8) -> u8 {
    match byte {
        b'+' => b' ',
        byte => byte.to_ascii_lowercase(),
    }
}

fn unspelt(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let sign = Sign::first_of(&text[at..]);
        bytes.extend(sign.bytes());
        at += sign.length;
    }
    bytes
}

/// What a text begins with, whatever its spelling: as it is, behind backslashes,
/// as `\u002f`, `%2f`, `&#47;`, `&#x2f;`, or by its name in HTML. A backslash
/// is none: nobody knows how many were added.
struct Sign {
    utf8: [u8; 4],
    count: usize,
    /// Of its spelling, in bytes.
    length: usize,
}

impl Sign {
    fn first_of(text: &[u8]) -> Self {
        let behind = text.iter().take_while(|byte| **byte == b'\\').count();
        let rest = &text[behind..];
        let spelt = match rest.first() {
            Some(b'u') if behind > 0 => of_json(rest),
            Some(b'%') => of_url(rest),
            Some(b'&') => of_html(rest),
            _ => None,
        };
        let mut sign = spelt.unwrap_or_else(|| Self::as_it_is(rest));
        sign.length += behind;
        sign
    }

    /// A whole sign of UTF-8, so that none is cut in two; else a byte.
    fn as_it_is(text: &[u8]) -> Self {
        let first = text.first().copied();
        if first.is_none_or(|byte| byte.is_ascii()) {
            return Self::of_byte(first, usize::from(first.is_some()));
        }
        let longest = &text[..text.len().min(4)];
        let valid = longest.utf8_chunks().next().map(|chunk| chunk.valid());
        match valid.and_then(|valid| valid.chars().next()) {
            Some(c) => Self::of(c, c.len_utf8()),
            None => Self::of_byte(first, 1),
        }
    }

    fn of(c: char, length: usize) -> Self {
        let mut utf8 = [0; 4];
        let count = c.encode_utf8(&mut utf8).len();
        let count = if c == '\\' { 0 } else { count };
        Self {
            utf8,
            count,
            length,
        }
    }

    fn of_byte(byte: Option<u8>, length: usize) -> Self {
        let byte = byte.filter(|byte| *byte != b'\\');
        Self {
            utf8: [byte.unwrap_or_default(), 0, 0, 0],
            count: usize::from(byte.is_some()),
            length,
        }
    }

    fn bytes(&self) -> impl Iterator<Item = u8> + use<> {
        self.utf8.into_iter().take(self.count)
    }
}

/// `u002f`, or two such for one sign.
fn of_json(text: &[u8]) -> Option<Sign> {
    let unit = |text: &[u8]| {
        let digits = text.strip_prefix(b"u")?.get(..4)?;
        u16::try_from(number(digits, 16)?).ok()
    };
    let first = unit(text)?;
    if let Some(Ok(c)) = char::decode_utf16([first]).next() {
        return Some(Sign::of(c, 5));
    }
    let behind = text[5..].iter().take_while(|byte| **byte == b'\\').count();
    let second = unit(&text[5 + behind..])?;
    let pair = char::decode_utf16([first, second]).next()?.ok()?;
    Some(Sign::of(pair, 10 + behind))
}

fn of_url(text: &[u8]) -> Option<Sign> {
    let byte = u8::try_from(number(text.get(1..3)?, 16)?).ok()?;
    Some(Sign::of_byte(Some(byte), 3))
}

fn of_html(text: &[u8]) -> Option<Sign> {
    let end = text.iter().take(10).position(|byte| *byte == b';')?;
    let c = match &text[1..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        _ => return None,
    };
    Some(Sign::of(c, end + 1))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = digits
        .iter()
        .map(|digit| char::from(*digit).to_digit(radix));
    let mut digits = digits.peekable();
    digits.peek()?;
    digits.try_fold(0_u32, |number, digit| {
        number.checked_mul(radix)?.checked_add(digit?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concealed(value: &str, body: &str) -> String {
        let clean = Redactor::new(vec![value.to_owned()]).redact(body.as_bytes());
        let clean = clean.unwrap_or_else(|| body.into());
        String::from_utf8(clean).unwrap()
    }

    #[test]
    fn every_kind_of_secret_goes() {
        assert_eq!(
            concealed("Bearer sesame-1", "no sesame-1, sesame-1!"),
            "no ***, ***!"
        );
        assert_eq!(
            concealed("sesame-1", "{\"key\":\"sesame-1\"}"),
            "{\"key\":\"***\"}"
        );
        // me:sesame-1
        assert_eq!(
            concealed("Basic bWU6c2VzYW1lLTE=", "me / sesame-1 / bWU6c2VzYW1lLTE="),
            "me / *** / ***"
        );
    }

    #[test]
    fn a_secret_goes_in_every_spelling() {
        let secret = r#"aB3/dE+fG&"x\y=="#;
        for spelt in [
            secret,
            r#"aB3\/dE+fG&\"x\\y=="#,
            r#"aB3\\\/dE+fG&\\\"x\\\\y=="#,
            r"aB3\u002fdE\u002BfG\u0026\u0022x\u005cy\u003d\u003D",
            "aB3%2FdE%2bfG%26%22x%5Cy%3D%3D",
            r"aB3/dE+fG&amp;&quot;x\y==",
            r"aB3&#47;dE&#x2B;fG&#38;&#34;x&#92;y&#61;=",
        ] {
            let said = concealed(&format!("Bearer {secret}"), &format!("no {spelt}!"));
            assert_eq!(said, "no ***!", "{spelt}");
        }
        for spelt in [
            "Motdepassé€-1",
            r"Motdepass\u00e9\u20AC-1",
            "Motdepass%C3%a9%E2%82%AC-1",
        ] {
            // me:Motdepassé€-1
            let said = concealed(
                "Basic bWU6TW90ZGVwYXNzw6nigqwtMQ==",
                &format!("no {spelt}!"),
            );
            assert_eq!(said, "no ***!", "{spelt}");
        }
        assert_eq!(
            concealed("my pass phrase", "no my pass phrase, nor pass phrase"),
            "no ***, nor***"
        );
    }

    #[test]
    fn words_that_only_look_like_one_stay() {
        assert_eq!(concealed("Bearer id", "valid id"), "valid id");
    }

    /// A token of 26 characters, of which no eight may be read in an answer.
    const TOKEN: &str = "pat-eu1-4f6XbD2-Zz9qLm0tRw";

    #[test]
    fn a_part_of_a_secret_goes_and_a_shorter_one_stays() {
        for (said, told) in [
            ("your key pat-eu1-4f6X… is old", "your key ***… is old"),
            ("it ends in Zz9qLm0tRw!", "it ends in ***!"),
            ("pat-eu1 is the zone", "pat-eu1 is the zone"),
            ("PAT-EU1-4F6XBD2-ZZ9QLM0TRW", "***"),
            ("pat-eu1-4f6xbd2-zz9qlm0trw", "***"),
            (r#"{"k":"\u0070at-eu1-4f"}"#, r#"{"k":"***"}"#),
        ] {
            assert_eq!(concealed(&format!("Bearer {TOKEN}"), said), told, "{said}");
        }
    }

    #[test]
    fn a_secret_goes_in_hexadecimal_digits_and_in_base64() {
        let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02X}")).collect();
        for said in [&hex, &hex[10..30], &hex.to_lowercase()] {
            assert_eq!(concealed(TOKEN, &format!("no {said}!")), "no ***!");
        }
        for about in ["", "k", "ke", "key: "] {
            for part in [TOKEN, &TOKEN[5..16]] {
                for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                    let coded = engine.encode(format!("{about}{part}{about}"));
                    let told = concealed(TOKEN, &coded);
                    assert!(told.contains("***"), "{coded}: {told}");
                    assert!(told.len() <= 20, "{coded}: {told}");
                }
            }
        }
        // me:Motdepassé€-1
        let password = "Basic bWU6TW90ZGVwYXNzw6nigqwtMQ==";
        let coded = STANDARD.encode("Motdepassé€-1");
        assert!(concealed(password, &coded).len() < 8);
    }

    #[test]
    fn a_sign_is_never_cut_in_two() {
        let told = concealed("my-pass-phrasé", r#"{"a":"my-pass-phrasè"}"#);
        assert_eq!(told, r#"{"a":"***"}"#);
        let told = concealed("pass\"phrase-1", r#"{"a":"pass\"phrase-1\""}"#);
        assert_eq!(told, r#"{"a":"***\""}"#);
        assert_eq!(concealed("pass-phrase", "\\\\"), "\\\\");
    }
}
