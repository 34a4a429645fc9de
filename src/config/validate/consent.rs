//! What must hold of `[x.consent]`: it is the person's own word, with its date, and
//! never one that stands for all.

use super::Validator;
use crate::config::consent::{ConsentRule, is_same};
use crate::words::say;

impl Validator<'_, '_> {
    pub(super) fn consent(&mut self) {
        let Some(consent) = &self.destination.consent else {
            return;
        };
        // What could not be read was told.
        if !self.is_whole("consent") {
            return;
        }
        self.given(consent);
        for (word, stated) in consent.stated() {
            let keys = ["consent", word];
            let mistake = match (stated.from.is_empty(), &stated.value) {
                (_, Some(_)) if word == "at" => say!("consent-one-date"),
                (false, Some(_)) => say!("consent-two-sources"),
                (true, None) => say!("consent-no-source"),
                (true, Some(value)) if value.trim().is_empty() => say!("consent-empty"),
                _ if word != "at" && !stated.reads.is_empty() => say!("consent-reads"),
                _ => continue,
            };
            self.tell(&keys, say!("mistake-consent", word, mistake));
        }
        if let Some(form) = consent.at.reads.iter().find(|form| !form.names_a_day()) {
            let message = say!("mistake-consent-date", form = form.to_string());
            self.tell(&["consent", "at", "reads"], message);
        }
        for field in consent.needed().flatten() {
            if self.destination.default_of(field).is_some() {
                let name = &self.destination.name;
                let message = say!("mistake-consent-default", field, name);
                self.tell(&["defaults", field], message);
            }
        }
    }

    fn given(&mut self, consent: &ConsentRule) {
        let (is, not) = (&consent.given.is, &consent.given.not);
        if is.is_empty() || is.iter().any(|word| word.trim().is_empty()) {
            self.tell(&["consent", "given", "is"], say!("mistake-consent-yes"));
        }
        // The usual words for no give way to a yes; one that is written is a slip.
        let written = not
            .iter()
            .filter(|_| self.at(&["consent", "given", "not"]).is_some());
        let mut both = written.filter(|word| is.iter().any(|yes| is_same(yes, word)));
        if let Some(word) = both.next() {
            let message = say!("mistake-consent-both", word);
            self.tell(&["consent", "given", "not"], message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Catalogue;

    const WHOLE: &str = "given = { from = \"consent\", is = \"oui\" }\nat = \"consent_at\"\n";

    fn mistakes(consent: &str, more: &str) -> String {
        let text = format!(
            "[x]\nbase = \"https://api.example.fr\"\nkey = [\"email\"]\n{more}\n[x.fields]\nemail = \"email\"\n[x.send]\npath = \"/l\"\n[x.consent]\n{consent}\n[leadctl]\nkeep_proof = \"2y\"\n"
        );
        let loaded = Catalogue::load(Some(("test.toml", &text)));
        let told = loaded.err().unwrap_or_default();
        told.iter().map(|it| format!("{it}\n")).collect()
    }

    #[test]
    fn a_slip_in_what_proves_a_consent_is_told() {
        assert_eq!(mistakes(WHOLE, ""), "");
        for (consent, told) in [
            ("at = \"d\"", "needs `given`"),
            ("given = { from = \"c\", is = \"oui\" }", "needs `at`"),
            ("given = { from = \"c\" }\nat = \"d\"", "needs `is`"),
            (
                "given = { from = \"c\", is = [] }\nat = \"d\"",
                "no word that means yes",
            ),
            (
                "given = { from = \"c\", is = \"Oui\", not = \"oui\" }\nat = \"d\"",
                "means both yes and no",
            ),
            (
                "given = { from = \"c\", is = \"0\" }\nat = { value = \"2026-08-01\" }",
                "test.toml:11: `at` of `consent` is one date for everybody",
            ),
            (
                &format!("{WHOLE}wording = {{ }}"),
                "says neither `from` nor `value`",
            ),
            (
                &format!("{WHOLE}where = {{ from = \"u\", value = \"v\" }}"),
                "has both `from` and `value`",
            ),
            (&format!("{WHOLE}wording = {{ value = \" \" }}"), "is empty"),
            (
                &format!("{WHOLE}where = {{ from = \"u\", reads = \"%Y\" }}"),
                "is for the date alone",
            ),
            (
                "given = { from = \"c\", is = \"1\" }\nat = { from = \"d\", reads = \"%d/%m\" }",
                "names no day",
            ),
            (
                &format!("{WHOLE}within = \"24\""),
                "is no time by the calendar",
            ),
            (
                &format!("{WHOLE}whitin = \"24 months\""),
                "did you mean `within`?",
            ),
        ] {
            let found = mistakes(consent, "");
            assert!(found.contains(told), "{consent}: {found}");
        }
        let default = mistakes(WHOLE, "defaults = { consent = \"oui\" }");
        assert!(
            default.contains("test.toml:4: `consent` is what a person says"),
            "{default}"
        );
    }
}
