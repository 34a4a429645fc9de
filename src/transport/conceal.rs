//! Takes the secret out of an answer: some servers repeat what they were
//! given, and answers are kept and shown.

use base64::Engine as _;

use super::{Answer, Credential};

/// What stands where a secret stood.
const HIDDEN: &[u8] = b"***";
/// Anything shorter would be found in innocent words too.
const SHORTEST: usize = 6;

/// Replaces the credential, and the password in it, wherever the answer
/// repeats them.
pub fn conceal(answer: &mut Answer, credential: &Credential) {
    for secret in secrets(credential) {
        if let Some(body) = without(&answer.body, &secret) {
            answer.body = body;
        }
        for (_, value) in &mut answer.headers {
            if let Some(clean) = without(value.as_bytes(), &secret) {
                *value = String::from_utf8_lossy(&clean).into_owned();
            }
        }
    }
}

fn secrets(credential: &Credential) -> Vec<Vec<u8>> {
    let value = credential.value.as_str();
    let (scheme, token) = value.split_once(' ').unwrap_or(("", value));
    let mut secrets = vec![token.as_bytes().to_vec()];
    if scheme == "Basic"
        && let Ok(pair) = base64::engine::general_purpose::STANDARD.decode(token)
        && let Some(colon) = pair.iter().position(|byte| *byte == b':')
    {
        secrets.push(pair[colon + 1..].to_vec());
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    secrets
}

/// `None` where it isn't in there, as nearly always.
fn without(bytes: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let mut found = memchr::memmem::find_iter(bytes, secret).peekable();
    found.peek()?;
    let mut clean = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for at in found {
        clean.extend_from_slice(&bytes[from..at]);
        clean.extend_from_slice(HIDDEN);
        from = at + secret.len();
    }
    clean.extend_from_slice(&bytes[from..]);
    Some(clean)
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
        conceal(&mut answer, &credential);
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
