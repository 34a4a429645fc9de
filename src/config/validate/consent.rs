//! What must hold of `[x.consent]`: it is the person's own word, with its date, and
//! never one that stands for all.

use super::Validator;
use crate::config::consent::{ConsentRule, is_same};

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
            let wrong = match (stated.from.is_empty(), &stated.value) {
                (_, Some(_)) if word == "at" => {
                    "is one date for everybody, which proves nothing (name the column that has \
                     each person's: at = \"consent_at\")"
                }
                (false, Some(_)) => "has both `from` and `value` (keep one of them)",
                (true, None) => {
                    "says neither `from` nor `value` (name the column that has it: from = \"…\")"
                }
                (true, Some(value)) if value.trim().is_empty() => {
                    "is empty (write it between the quotes, or remove the line)"
                }
                _ if word != "at" && !stated.reads.is_empty() => {
                    "has `reads`, which is for the date alone (write it into `at`)"
                }
                _ => continue,
            };
            self.tell(&keys, format!("`{word}` of `consent` {wrong}"));
        }
        if let Some(form) = consent.at.reads.iter().find(|form| !form.names_a_day()) {
            let message = format!("`reads` says {form}, which names no day (as in %d/%m/%Y)");
            self.tell(&["consent", "at", "reads"], message);
        }
        for field in consent.needed().flatten() {
            if self.destination.default_of(field).is_some() {
                let message = format!(
                    "`{field}` is what a person says ([{}.consent]): a default can't say it for \
                     them (remove the line)",
                    self.destination.name
                );
                self.tell(&["defaults", field], message);
            }
        }
    }

    fn given(&mut self, consent: &ConsentRule) {
        let (is, not) = (&consent.given.is, &consent.given.not);
        if is.is_empty() || is.iter().any(|word| word.trim().is_empty()) {
            let message = "`is` says no word that means yes (as in is = [\"oui\", \"1\"])";
            self.tell(&["consent", "given", "is"], message);
        }
        // The usual words for no give way to a yes; one that is written is a slip.
        let written = not
            .iter()
            .filter(|_| self.at(&["consent", "given", "not"]).is_some());
        let mut both = written.filter(|word| is.iter().any(|yes| is_same(yes, word)));
        if let Some(word) = both.next() {
            let message =
                format!("\"{word}\" means both yes and no (remove it from `is` or `not`)");
            self.tell(&["consent", "given", "not"], message);
        }
    }
}
