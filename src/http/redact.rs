//! Takes the secret out of an answer: some servers repeat what they were
//! given, and answers are kept and shown.

use base64::Engine as _;
use regex::bytes::{NoExpand, Regex};

/// What stands where a secret stood.
const HIDDEN: &[u8] = b"***";
/// Anything shorter would be found in innocent words too.
const SHORTEST: usize = 6;

/// The text without the credential, and without the token or the password in it;
/// `None` where it repeats none of them.
pub fn redact(text: &[u8], credential: &str) -> Option<Vec<u8>> {
    let mut clean = None;
    for secret in secrets(credential) {
        if let Some(cleaner) = redacted(clean.as_deref().unwrap_or(text), &secret) {
            clean = Some(cleaner);
        }
    }
    clean
}

fn secrets(value: &str) -> Vec<Vec<u8>> {
    let mut secrets = vec![value.as_bytes().to_vec()];
    if let Some((scheme, token)) = value.split_once(' ') {
        secrets.push(token.as_bytes().to_vec());
        if scheme == "Basic"
            && let Ok(pair) = base64::engine::general_purpose::STANDARD.decode(token)
            && let Some(colon) = pair.iter().position(|byte| *byte == b':')
        {
            secrets.push(pair[colon + 1..].to_vec());
        }
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    secrets
}

/// `None` where the secret isn't in there, as nearly always.
fn redacted(text: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    // Its longest run of letters and digits is written the same everywhere.
    let runs = secret.split(|byte| !byte.is_ascii_alphanumeric());
    let run = runs.max_by_key(|run| run.len()).unwrap_or_default();
    if !run.is_empty() && !text.windows(run.len()).any(|part| part == run) {
        return None;
    }
    let Some(spellings) = spellings(secret) else {
        // Too long to be searched for as a pattern: nothing of it is shown.
        return Some(HIDDEN.to_vec());
    };
    let found = spellings.is_match(text);
    found.then(|| spellings.replace_all(text, NoExpand(HIDDEN)).into_owned())
}

/// The secret in every spelling: each sign as it is, behind backslashes, as
/// `\u002f`, `%2f`, `&#47;`, `&#x2f;`, or by its name in HTML.
fn spellings(secret: &[u8]) -> Option<Regex> {
    let secret = String::from_utf8_lossy(secret);
    let pattern: String = secret
        .chars()
        .map(|c| match c.is_ascii_alphanumeric() {
            true => c.to_string(),
            false => spellings_of(c),
        })
        .collect();
    Regex::new(&pattern).ok()
}

fn spellings_of(c: char) -> String {
    let utf8 = c.to_string();
    let percent: String = utf8
        .bytes()
        .map(|byte| format!("%(?i:{byte:02x})"))
        .collect();
    let mut utf16 = [0; 2];
    let json: String = c
        .encode_utf16(&mut utf16)
        .iter()
        .map(|unit| format!(r"\\+u(?i:{unit:04x})"))
        .collect();
    let number = u32::from(c);
    let name = match c {
        '&' => "|&amp;",
        '<' => "|&lt;",
        '>' => "|&gt;",
        '"' => "|&quot;",
        '\'' => "|&apos;|&#0?39;",
        ' ' => r"|\+",
        _ => "",
    };
    let plain = regex::escape(&utf8);
    format!(r"(?:\\*{plain}|{json}|{percent}|&#{number};|&#x(?i:{number:x});{name})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concealed(value: &str, body: &str) -> String {
        let clean = redact(body.as_bytes(), value).unwrap_or_else(|| body.into());
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
            "no ***, nor ***"
        );
    }

    #[test]
    fn words_that_only_look_like_one_stay() {
        assert_eq!(concealed("Bearer id", "valid id"), "valid id");
    }
}
