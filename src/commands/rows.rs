//! Stored leads: found by their id, or by a person as the command line names
//! one, an e-mail address or a phone; and their rows.

use crate::error::Failure;
use crate::ledger::{Hash16, Hasher, Ledger, StoredLead};
use crate::mapping::formats::{email, phone};
use crate::output::{Command, Row, Times, Warnings};
use crate::session::{Session, opening};

/// A stored lead, as it stands.
pub fn standing(stored: &StoredLead) -> Row {
    let label = stored.label.clone();
    Row {
        file: stored.file.clone(),
        line: Some(stored.line),
        id: Some(stored.id),
        lead: label.unwrap_or_else(|| "(purged)".to_owned()),
        destination: stored.destination.clone(),
        source: stored.source.clone(),
        reference: stored.reference.clone(),
        message: stored.message().unwrap_or_default(),
        status: stored.status,
        attempts: stored.attempts,
        ..Row::new(stored.state)
    }
}

/// A stored lead with its instants.
pub fn timed(stored: &StoredLead) -> Row {
    Row {
        times: Some(Times {
            sent_at: stored.sent_at,
            decided_at: stored.decided_at,
            expires_at: stored.expires_at,
        }),
        ..standing(stored)
    }
}

/// A stored lead as the row of a run that asks begins: only its own attempts
/// are counted.
pub fn asked(stored: &StoredLead) -> Row {
    Row {
        attempts: 0,
        ..standing(stored)
    }
}

/// The ledger, or word that there is none.
pub fn ledger(session: &Session) -> Result<Option<Ledger>, Failure> {
    let ledger = opening::look(session)?;
    if ledger.is_none() {
        session.warnings.note(&format!(
            "nothing was sent yet: there is no ledger at {}",
            session.settings.ledger.display()
        ));
    }
    Ok(ledger)
}

/// A stored lead by its id: a misspelt one must not pass for "nothing to do".
pub fn stored(ledger: &Ledger, id: i64) -> Result<StoredLead, Failure> {
    ledger.lead(id)?.ok_or_else(|| {
        Failure::usage(format!("there is no lead {id} in the ledger"))
            .hint(format!("{} lists them", Command::new(["history"])))
    })
}

/// The ledger's hashes of that address or number.
pub fn hashes_of_person(text: &str, hasher: &Hasher) -> Result<Vec<Hash16>, Failure> {
    let text = text.trim();
    let found = match text.contains('@') {
        true => email::key(text).map(|email| hasher.person("email", &email)),
        false => phone::key(text, "FR", "FR").map(|number| hasher.person("phone", &number)),
    };
    found.map(|hash| vec![hash]).ok_or_else(|| {
        Failure::usage(format!(
            "\"{text}\" is neither an e-mail address nor a phone number"
        ))
        .hint("as in --person jean.dupont@example.fr or --person \"06 39 98 00 01\"")
    })
}

/// What is to be said of a number that doesn't tell its country: leads that said
/// another one are known by the whole number.
pub fn tell_doubt_of_person(text: &str, warnings: &Warnings) {
    let text = text.trim();
    if !text.contains('@') && !text.starts_with(['+', '(']) && !text.starts_with("00") {
        warnings.remark(&format!(
            "{text} is taken for a French number: one of another country is found with its country's code, as in --person +32…"
        ));
    }
}
