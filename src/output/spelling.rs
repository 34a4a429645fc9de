//! Commands in messages as this user must type them: one that runs on a file or
//! a ledger of its own is told to name it again, or the advice would be about
//! other leads. Knows no command of its own accord.

use super::command::quoted;

/// How a session's commands are spelled.
#[derive(Debug, Clone, Default)]
pub struct Spelling {
    verbs: Vec<String>,
    flags: String,
}

impl Spelling {
    /// `verbs`: what may follow the program's name; `flags`: what this session
    /// was started with and its next one needs, `(flag, value)`.
    pub fn new(verbs: Vec<String>, flags: &[(&str, String)]) -> Self {
        let flags = flags
            .iter()
            .map(|(flag, value)| format!("{flag} {} ", quoted(value)))
            .collect();
        Self { verbs, flags }
    }

    /// `text` with the flags in each command of ours that it names.
    pub fn spell(&self, text: &str) -> String {
        self.changes(text).unwrap_or_else(|| text.to_owned())
    }

    /// The same; `None` where it stays as it is, as most texts do.
    pub fn changes(&self, text: &str) -> Option<String> {
        const NAME: &str = "leadctl ";
        if self.flags.is_empty() || !text.contains(NAME) {
            return None;
        }
        let mut spelled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(NAME) {
            spelled.push_str(before);
            spelled.push_str(NAME);
            let end = after.find(|c: char| c != '-' && !c.is_ascii_lowercase());
            let word = &after[..end.unwrap_or(after.len())];
            // In backticks the verb is only spoken of.
            let typed = !before.ends_with('`');
            if typed && self.verbs.iter().any(|verb| verb == word) {
                spelled.push_str(&self.flags);
            }
            rest = after;
        }
        Some(spelled + rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_the_files_that_the_session_named() {
        let verbs = || vec!["resend".to_owned(), "history".to_owned()];
        let spelling = Spelling::new(
            verbs(),
            &[
                ("--config", "a.toml".into()),
                ("--ledger", "mes leads.db".into()),
            ],
        );
        assert_eq!(
            spelling.spell("again: leadctl resend --to x (leadctl history)"),
            "again: leadctl --config a.toml --ledger 'mes leads.db' resend --to x \
             (leadctl --config a.toml --ledger 'mes leads.db' history)"
        );
        let prose = "leadctl was stopped; a `leadctl history` tells; leadctl --config b.toml check";
        assert_eq!(spelling.spell(prose), prose);
        let plain = Spelling::new(verbs(), &[]);
        assert_eq!(plain.spell("leadctl resend"), "leadctl resend");
    }
}
