//! Takes the secret out of an answer: some servers repeat what they were
//! given, and answers are kept and shown.

use std::fmt;
use std::sync::OnceLock;

use base64::Engine as _;
use memchr::memmem::Finder;
use regex::bytes::{NoExpand, Regex};

use super::answer::Answer;
use super::credential::Credential;

/// What stands where a secret stood.
const HIDDEN: &[u8] = b"***";
/// Anything shorter would be found in innocent words too.
const SHORTEST: usize = 6;

/// What is taken out: the credential, and the token or the password in it.
#[derive(Debug, Default)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    pub fn of(credential: &Credential) -> Self {
        let value = credential.value.as_str();
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
        let long = secrets.into_iter().filter(|bytes| bytes.len() >= SHORTEST);
        Self(long.map(Secret::new).collect())
    }

    /// Replaces them wherever the answer repeats them.
    pub fn conceal(&self, answer: &mut Answer) {
        for secret in &self.0 {
            if let Some(body) = secret.taken_out(&answer.body) {
                answer.body = body;
            }
            for (_, value) in &mut answer.headers {
                if let Some(clean) = secret.taken_out(value.as_bytes()) {
                    *value = String::from_utf8_lossy(&clean).into_owned();
                }
            }
        }
    }
}

/// Ready to be searched for, as it is and as JSON, HTML or an address writes
/// it. Its `Debug` hides it.
struct Secret {
    bytes: Vec<u8>,
    /// Its longest run of letters and digits, which nobody writes otherwise:
    /// where that isn't, the secret isn't.
    run: Finder<'static>,
    spellings: OnceLock<Option<Regex>>,
}

impl Secret {
    fn new(bytes: Vec<u8>) -> Self {
        let runs = bytes.split(|byte| !byte.is_ascii_alphanumeric());
        let run = runs.max_by_key(|run| run.len()).unwrap_or_default();
        Self {
            run: Finder::new(run).into_owned(),
            spellings: OnceLock::new(),
            bytes,
        }
    }

    /// `None` where it isn't in there, as nearly always.
    fn taken_out(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.run.find(bytes)?;
        let spellings = self.spellings.get_or_init(|| spellings(&self.bytes));
        let Some(spellings) = spellings else {
            // Too long to be searched for as a pattern: nothing of it is shown.
            return Some(HIDDEN.to_vec());
        };
        let clean = spellings.is_match(bytes);
        clean.then(|| spellings.replace_all(bytes, NoExpand(HIDDEN)).into_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The secret in every spelling: each sign as it is, behind backslashes, as
/// `\u002f`, `%2f`, `&#47;`, `&#x2f;`, or by its name in HTML.
fn spellings(secret: &[u8]) -> Option<Regex> {
    let mut pattern = String::from("(?-u)");
    for c in String::from_utf8_lossy(secret).chars() {
        match c.is_ascii_alphanumeric() {
            true => pattern.push(c),
            false => pattern.push_str(&spellings_of(c)),
        }
    }
    Regex::new(&pattern).ok()
}

fn spellings_of(c: char) -> String {
    let (mut utf8, mut utf16) = ([0; 4], [0; 2]);
    let joined = |parts: Vec<String>| parts.concat();
    let bytes = || c.encode_utf8(&mut [0; 4]).bytes().collect::<Vec<u8>>();
    let plain = joined(
        bytes()
            .iter()
            .map(|byte| format!(r"\x{byte:02X}"))
            .collect(),
    );
    let percent = joined(
        bytes()
            .iter()
            .map(|byte| format!("%(?i:{byte:02x})"))
            .collect(),
    );
    let units = c.encode_utf16(&mut utf16).iter();
    let json = joined(units.map(|unit| format!(r"\\+u(?i:{unit:04x})")).collect());
    let number = u32::from(c);
    let name = match c.encode_utf8(&mut utf8) as &str {
        "&" => "|&amp;",
        "<" => "|&lt;",
        ">" => "|&gt;",
        "\"" => "|&quot;",
        "'" => "|&apos;|&#0?39;",
        " " => r"|\+",
        _ => "",
    };
    format!(r"(?:\\*{plain}|{json}|{percent}|&#{number};|&#x(?i:{number:x});{name})")
}

/// Shown text: printable, and not longer than a line or two.
pub fn shown(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concealed(value: &str, body: &str) -> String {
        let credential = Credential {
            name: "Authorization".into(),
            value: value.into(),
        };
        let mut answer = Answer {
            status: 401,
            headers: vec![("x-echo".into(), body.into())],
            body: body.as_bytes().to_vec(),
        };
        Secrets::of(&credential).conceal(&mut answer);
        let body = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.headers[0].1, body);
        body
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
