//! What persons agreed to: the proof that each row gave, wordings once, and by hashes
//! when somebody last agreed and last said no. A no holds everywhere, until they agree
//! anew; all of it outlives a purge.

use rusqlite::{Connection, OptionalExtension, params};

use super::blocked::blocked_since;
use super::note::Objection;
use super::proof::Proof;
use super::{Hash16, Ledger, LedgerError, StoredLead, now};
use crate::lead::State;

/// What a row that is taken in says of its person's consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// They agreed; the proof, and the text of its wording.
    Given {
        proof: Proof,
        wording: Option<String>,
    },
    /// They said no, at this moment (milliseconds UTC).
    Withdrawn(i64),
}

/// What can be shown of a person's consent, and who has the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsentRecord {
    /// The latest first.
    pub given: Vec<ProvenConsent>,
    /// Every partner that was sent the person, or may have been, in order of time.
    pub recipients: Vec<Recipient>,
    /// Their last word, if that is a no.
    pub withdrawn: Option<Withdrawal>,
    /// What they said no to before, under whichever of their addresses and numbers, the
    /// latest first.
    pub noes_before: Vec<Withdrawal>,
    /// Milliseconds UTC.
    pub blocked_since: Option<i64>,
}

/// A consent, told once however many leads its row made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenConsent {
    pub proof: Proof,
    /// The text that was agreed to.
    pub wording: Option<String>,
    /// The leads that it was proved for.
    pub leads: Vec<i64>,
}

/// One lead that a partner was sent, or may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub lead: i64,
    pub destination: String,
    /// Milliseconds UTC.
    pub sent_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub reference: Option<String>,
    pub state: State,
    /// Its personal data was purged.
    pub purged: bool,
}

/// A person's no, milliseconds UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Withdrawal {
    pub at: i64,
    /// When leadctl read it.
    pub read_at: i64,
}

impl Consent {
    /// When they agreed.
    pub fn given_at(&self) -> Option<i64> {
        match self {
            Self::Given { proof, .. } => Some(proof.at),
            Self::Withdrawn(_) => None,
        }
    }

    /// Keeps the word of whoever is known by these. However often, and in whatever order,
    /// words are read: the last yes stays, and every no.
    pub fn keep(
        &self,
        conn: &Connection,
        contacts: impl Iterator<Item = Hash16>,
    ) -> rusqlite::Result<()> {
        let word = match self {
            Self::Given { proof, wording } => {
                if let Some((hash, text)) = proof.wording.as_ref().zip(wording.as_ref()) {
                    let keep = "INSERT OR IGNORE INTO wordings (hash, text) VALUES (?1, ?2)";
                    conn.prepare_cached(keep)?.execute(params![hash, text])?;
                }
                "INSERT INTO consents (person, given_at) VALUES (?1, ?2)
                 ON CONFLICT (person) DO UPDATE SET given_at = max(given_at, excluded.given_at)"
            }
            Self::Withdrawn(_) => {
                "INSERT OR IGNORE INTO noes (person, at, read_at) VALUES (?1, ?2, ?3)"
            }
        };
        let mut keep = conn.prepare_cached(word)?;
        for person in contacts {
            match self {
                Self::Given { proof, .. } => keep.execute(params![person, proof.at])?,
                Self::Withdrawn(at) => keep.execute(params![person, at, now()])?,
            };
        }
        Ok(())
    }
}

/// Whether these persons said no since they agreed: `given_at`, as the lead itself
/// proves it, else as any row of theirs said.
pub fn withdrawn(
    conn: &Connection,
    contacts: impl Iterator<Item = Hash16>,
    given_at: Option<i64>,
) -> rusqlite::Result<Option<Withdrawal>> {
    let mut last = conn.prepare_cached("SELECT given_at FROM consents WHERE person = ?1")?;
    let (mut given, mut no): (Option<i64>, Option<Withdrawal>) = (None, None);
    for person in contacts {
        let yes: Option<i64> = last.query_row([person], |row| row.get(0)).optional()?;
        given = given.max(yes);
        no = no.max(noes(conn, person)?.into_iter().max());
    }
    let given = given_at.or(given);
    Ok(no.filter(|no| given.is_none_or(|given| no.at >= given)))
}

/// Every no of whoever is known by this.
fn noes(conn: &Connection, person: Hash16) -> rusqlite::Result<Vec<Withdrawal>> {
    let query = "SELECT at, read_at FROM noes WHERE person = ?1";
    let mut noes = conn.prepare_cached(query)?;
    let noes = noes.query_map([person], |row| {
        Ok(Withdrawal {
            at: row.get(0)?,
            read_at: row.get(1)?,
        })
    })?;
    noes.collect()
}

/// Whether a partner was sent this person, or may have been.
fn is_sent(conn: &Connection, person: Hash16) -> rusqlite::Result<bool> {
    let sent = State::ALL.into_iter().filter(|state| state.was_sent());
    let sent: Vec<String> = sent.map(|state| format!("'{state}'")).collect();
    let query = format!(
        "SELECT EXISTS (SELECT 1 FROM leads WHERE (email = ?1 OR phone = ?1) AND state IN ({}))",
        sent.join(", ")
    );
    conn.prepare_cached(&query)?
        .query_row([person], |row| row.get(0))
}

/// The same, of one who was not known to say no at this moment or later.
pub fn is_news(conn: &Connection, person: Hash16, at: i64) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM noes WHERE person = ?1 AND at >= ?2)";
    let is_known: bool = conn
        .prepare_cached(query)?
        .query_row(params![person, at], |row| row.get(0))?;
    Ok(!is_known && is_sent(conn, person)?)
}

/// Why whoever has these addresses and numbers is not to be sent. `given_at`: as for
/// [`withdrawn`].
pub fn objection(
    conn: &Connection,
    contacts: impl Iterator<Item = Hash16> + Clone,
    given_at: Option<i64>,
) -> rusqlite::Result<Option<Objection>> {
    if let Some(since) = blocked_since(conn, contacts.clone())? {
        return Ok(Some(Objection::Blocked { since }));
    }
    let withdrawn = withdrawn(conn, contacts, given_at)?;
    Ok(withdrawn.map(|no| Objection::Withdrawn { at: no.at }))
}

/// Drops the proofs of leads that were purged and sent last before this moment, and the
/// wordings that prove nothing any more; how many proofs these were.
pub fn drop_proofs(conn: &Connection, before: i64) -> rusqlite::Result<u64> {
    let dropped = conn.execute(
        "UPDATE leads SET proof = NULL
         WHERE proof NOT NULL AND fields IS NULL AND coalesce(sent_at, decided_at, read_at) < ?1",
        [before],
    )?;
    conn.execute(
        "DELETE FROM wordings WHERE hash NOT IN
           (SELECT proof ->> 'wording' FROM leads WHERE proof ->> 'wording' NOT NULL)",
        [],
    )?;
    Ok(dropped as u64)
}

impl Ledger {
    /// Why a stored lead's person is not to be sent to anybody.
    pub fn objection(&self, lead: &StoredLead) -> Result<Option<Objection>, LedgerError> {
        self.read(|conn| objection(conn, lead.contacts(), lead.given_at()))
    }

    /// Whether a partner has this person, known by these, who is not known to want no
    /// call, nor to have agreed after this moment (milliseconds UTC), where there is one.
    pub fn has_agreed_recipient(
        &self,
        contacts: &[Hash16],
        at: Option<i64>,
    ) -> Result<bool, LedgerError> {
        let query = "SELECT EXISTS (SELECT 1 FROM consents WHERE person = ?1 AND given_at > ?2)";
        self.read(|conn| {
            let mut sent = false;
            for person in contacts {
                let mut agreed = conn.prepare_cached(query)?;
                if agreed.query_row(params![person, at], |row| row.get(0))? {
                    return Ok(false);
                }
                sent = sent || is_sent(conn, *person)?;
            }
            Ok(sent && objection(conn, contacts.iter().copied(), None)?.is_none())
        })
    }

    /// What can be shown of a person's consent. `leads`: theirs, whichever were found;
    /// `contacts`: what they were looked for by. `since`: of leads that were purged and
    /// came before this moment (milliseconds UTC) nothing is kept to be shown.
    pub fn consent_record(
        &self,
        leads: &[StoredLead],
        contacts: &[Hash16],
        since: i64,
    ) -> Result<ConsentRecord, LedgerError> {
        let of_leads = leads.iter().flat_map(StoredLead::contacts);
        let mut contacts: Vec<Hash16> = contacts.iter().copied().chain(of_leads).collect();
        contacts.sort_unstable();
        contacts.dedup();
        let given = proofs(leads, since);
        self.read(|conn| {
            let mut record = ConsentRecord {
                given,
                recipients: recipients(leads, since),
                withdrawn: withdrawn(conn, contacts.iter().copied(), None)?,
                noes_before: Vec::new(),
                blocked_since: None,
            };
            for person in &contacts {
                record.noes_before.extend(noes(conn, *person)?);
            }
            let last = record.withdrawn.map(|no| no.at);
            record.noes_before.retain(|no| Some(no.at) != last);
            let latest_first = |no: &Withdrawal| (std::cmp::Reverse(no.at), no.read_at);
            record.noes_before.sort_unstable_by_key(latest_first);
            record.noes_before.dedup_by_key(|no| no.at);
            for proven in &mut record.given {
                let text = "SELECT text FROM wordings WHERE hash = ?1";
                let text = conn
                    .prepare_cached(text)?
                    .query_row([&proven.proof.wording], |row| row.get(0));
                proven.wording = text.optional()?;
            }
            record.blocked_since = blocked_since(conn, contacts.into_iter())?;
            Ok(record)
        })
    }
}

/// Each proof once: one row makes a lead of several destinations.
fn proofs(leads: &[StoredLead], since: i64) -> Vec<ProvenConsent> {
    let mut all: Vec<ProvenConsent> = Vec::new();
    let kept = leads.iter().filter(|lead| is_kept(lead, since));
    for (lead, proof) in kept.filter_map(|lead| Some((lead, lead.proof.as_ref()?))) {
        match all.iter_mut().find(|known| known.proof == *proof) {
            Some(known) => known.leads.push(lead.id),
            None => all.push(ProvenConsent {
                proof: proof.clone(),
                wording: None,
                leads: vec![lead.id],
            }),
        }
    }
    all.sort_by_key(|proven| std::cmp::Reverse(proven.proof.at));
    all
}

/// Something of it may be shown: its data, or while proofs are kept what is left of it.
fn is_kept(lead: &StoredLead, since: i64) -> bool {
    lead.fields.is_some() || lead.came_at() >= since
}

fn recipients(leads: &[StoredLead], since: i64) -> Vec<Recipient> {
    let sent = leads.iter().filter(|lead| lead.state.was_sent());
    let sent = sent.filter(|lead| is_kept(lead, since));
    let mut all: Vec<Recipient> = sent
        .map(|lead| Recipient {
            lead: lead.id,
            destination: lead.destination.clone(),
            sent_at: lead.sent_at,
            decided_at: lead.decided_at,
            reference: lead.reference.clone(),
            state: lead.state,
            purged: lead.fields.is_none(),
        })
        .collect();
    all.sort_by_key(|one| (one.sent_at.or(one.decided_at), one.lead));
    all
}
