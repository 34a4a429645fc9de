//! Takes the secret out of an answer: some servers repeat what they were
//! given, and answers are kept and shown.

use std::fmt;

use base64::Engine as _;
use memchr::memmem::Finder;

use super::answer::Answer;
use super::credential::Credential;

/// What stands where a secret stood.
const HIDDEN: &[u8] = b"***";
/// Anything shorter would be found in innocent words too.
const SHORTEST: usize = 6;

/// What is taken out: the credential, and the password in it.
#[derive(Debug, Default)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    pub fn of(credential: &Credential) -> Self {
        let value = credential.value.as_str();
        let (scheme, token) = value.split_once(' ').unwrap_or(("", value));
        let mut secrets = vec![Secret::new(token.as_bytes())];
        if scheme == "Basic"
            && let Ok(pair) = base64::engine::general_purpose::STANDARD.decode(token)
            && let Some(colon) = pair.iter().position(|byte| *byte == b':')
        {
            secrets.push(Secret::new(&pair[colon + 1..]));
        }
        secrets.retain(|secret| secret.0.needle().len() >= SHORTEST);
        Self(secrets)
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

/// Ready to be searched for. Its `Debug` hides it.
struct Secret(Finder<'static>);

impl Secret {
    fn new(bytes: &[u8]) -> Self {
        Self(Finder::new(bytes).into_owned())
    }

    /// `None` where it isn't in there, as nearly always.
    fn taken_out(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut found = self.0.find_iter(bytes).peekable();
        found.peek()?;
        let mut clean = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for at in found {
            clean.extend_from_slice(&bytes[from..at]);
            clean.extend_from_slice(HIDDEN);
            from = at + self.0.needle().len();
        }
        clean.extend_from_slice(&bytes[from..]);
        Some(clean)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
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
    fn words_that_only_look_like_one_stay() {
        assert_eq!(concealed("Bearer id", "valid id"), "valid id");
    }
}
