//! What carries a secret, by its name alone: a literal there is refused.

/// Does a header, a key of a query, a target or a placeholder of this name carry a
/// secret, wherever it is used? By its last word, so that `token_type` is none.
pub fn names_secret(name: &str) -> bool {
    const SECRET: [&str; 16] = [
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "key",
        "apikey",
        "accesskey",
        "secretkey",
        "auth",
        "authorization",
        "bearer",
        "credential",
        "credentials",
        "cookie",
    ];
    /// Keys that open nothing.
    const OPEN: [&str; 14] = [
        "primary",
        "foreign",
        "idempotency",
        "dedup",
        "deduplication",
        "external",
        "sort",
        "match",
        "lookup",
        "partition",
        "unique",
        "row",
        "merge",
        "public",
    ];
    let words = words(name);
    let (Some(last), before) = (words.last(), words.iter().rev().nth(1)) else {
        return false;
    };
    let ends = |word: &&str| word.len() > 4 && last.ends_with(*word);
    match SECRET.contains(&last.as_str()) || SECRET.iter().any(ends) {
        true => last != "key" || before.is_none_or(|word| !OPEN.contains(&word.as_str())),
        false => false,
    }
}

/// The words of a name in small letters: `apiKey`, `API-Key` and `api_key` have two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let begins = was_small && c.is_uppercase();
        if begins || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_the_last_word_of_its_name() {
        for name in [
            "api_key",
            "apiKey",
            "APIKEY",
            "X-Api-Key",
            "X-Auth-Token",
            "key",
            "lead.api_token",
            "accesstoken",
            "client_secret",
            "Authorization",
            "mot.password",
            "X_KEY",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "",
            "token_type",
            "author",
            "Idempotency-Key",
            "primaryKey",
            "turkey",
            "keyword",
            "secretary",
            "password_hint",
            "bypass",
            "code",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }
}
