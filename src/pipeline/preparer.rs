//! Makes of a row all that a run needs: the lead, what the destination's rules
//! say of it, the request, the key, and the row that will be printed. Asks
//! nobody, but for the lead that a corrected row replaces.

use std::rc::Rc;

use super::consent::consent;
use super::remarks::Remarks;
use super::rules::{HeaderPlan, Rules, key_of_change};
use super::sendable::{Sendable, sendable, sending};
use crate::calendar;
use crate::config::{Destination, Moment};
use crate::error::Failure;
use crate::lead::text::{is_blank, said_together, squeeze};
use crate::lead::{
    FACTS, FilterReason, Headers, Hold, Lead, LeadFacts, Money, Record, State, Stored, from_stored,
    is_ours,
};
use crate::ledger::{Hash16, Hasher, Intake, Judgement, Ledger, StoredLead};
use crate::mapping::{Complaint, Identity, Judged, Problem, Sending, Word, in_short, unfit};
use crate::output::{Command, Message, Reason, Row};
use crate::words::say;

/// Prepares leads by the rules of one destination.
pub struct Preparer<'r> {
    pub rules: &'r Rules<'r>,
    /// The plans of the headers met so far.
    plans: Vec<Rc<HeaderPlan<'r>>>,
    /// Where the leads are that rows of a rejects file name.
    pub(super) ledger: Option<Ledger>,
    /// Of stored leads.
    headers: Headers,
    now: Moment,
    /// What was noticed so far, until somebody takes it.
    pub remarks: Remarks,
}

/// A lead, ready to be taken in.
pub struct Prepared<'r> {
    pub lead: Lead,
    pub header: Rc<HeaderPlan<'r>>,
    rules: &'r Rules<'r>,
    /// What is sent, or why nothing is.
    pub ready: Result<Box<Sendable>, Unready>,
    /// What its person said, where its columns may say it.
    pub word: Option<Word>,
    /// It came back for correction, and nobody mended its damage.
    untouched: bool,
}

/// Why a lead is not to be sent.
#[derive(Debug)]
pub enum Unready {
    /// Every complaint about it.
    Invalid(Vec<Complaint>),
    /// It is not for the destination.
    Filtered(FilterReason, String),
}

impl<'r> Preparer<'r> {
    pub fn new(rules: &'r Rules<'r>) -> Self {
        Self {
            rules,
            plans: Vec::new(),
            ledger: None,
            headers: Headers::new(),
            now: calendar::now().into(),
            remarks: Remarks::default(),
        }
    }

    /// Rows of a rejects file take what their leads had in this ledger.
    pub fn with_rejected(mut self, ledger: Option<Ledger>) -> Self {
        self.ledger = ledger;
        self
    }

    /// Makes a lead of an input's row, and judges it.
    ///
    /// # Errors
    /// The ledger can't be asked for the lead that the row corrects.
    pub fn prepare(&mut self, record: Record) -> Result<Prepared<'r>, Failure> {
        let set: &'r [(String, String)] = &self.rules.inputs.set;
        self.prepare_with(record, set, None)
    }

    /// `set`: what fills the row's blanks; `source`: where it is known to come from.
    fn prepare_with(
        &mut self,
        record: Record,
        set: &[(String, String)],
        source: Option<&String>,
    ) -> Result<Prepared<'r>, Failure> {
        let (mut lead, header) = self.lead(record, set);
        lead.source = source.cloned().or(lead.source);
        let rejected = match header.corrected(&lead) {
            Some(id) => self.rejected(id, &lead, &header.plan)?,
            None => None,
        };
        let Some(rejected) = rejected else {
            return Ok(self.judge(lead, header));
        };
        let then = self.plan(&rejected.stored.record, &[]);
        let set = rejected.set(set, &header.columns, &then.columns);
        let mut record = lead.record;
        // Its cells mean what they meant then.
        record.evidence.clone_from(&rejected.stored.record.evidence);
        record.is_test |= rejected.stored.record.is_test;
        let fault = rejected.fault(&record);
        let untouched = fault.is_some();
        record.fault = fault.or(record.fault);
        // What its columns mean may be told by how the lead was written then.
        if let (Some(source), None) = (&rejected.stored.record.header.source, &record.header.source)
        {
            let names = record.header.names.iter().collect();
            record.header = self.headers.of_source(&names, Some(source));
        }
        let (mut lead, header) = self.lead(record, &set);
        lead.source = rejected.source;
        Ok(Prepared {
            untouched,
            ..self.judge(lead, header)
        })
    }

    /// A stored lead, judged by today's table; `None`: its data was purged.
    ///
    /// # Errors
    /// What is stored of it can't be read.
    pub fn prepare_stored(&mut self, stored: &StoredLead) -> Result<Option<Prepared<'r>>, Failure> {
        let Some(lead) = self.read(stored)? else {
            return Ok(None);
        };
        let source = stored.source.as_ref();
        self.prepare_with(lead.record, &lead.set, source).map(Some)
    }

    /// The row of a stored lead, as it was read.
    pub(super) fn read(&mut self, stored: &StoredLead) -> Result<Option<Stored>, Failure> {
        read_stored(stored, &mut self.headers)
    }

    fn plan(&mut self, record: &Record, set: &[(String, String)]) -> Rc<HeaderPlan<'r>> {
        HeaderPlan::of(&mut self.plans, self.rules, record, set)
    }

    /// A row as a lead. One whose header can't be used gets its fault.
    fn lead(&mut self, mut record: Record, set: &[(String, String)]) -> (Lead, Rc<HeaderPlan<'r>>) {
        let header = self.plan(&record, set);
        if let (None, Some(failure)) = (&record.fault, &header.fault) {
            record.fault = Some(failure.what.clone());
        }
        let preparation = &self.rules.inputs.preparation;
        let lead = crate::lead::prepare(record, &header.columns, preparation);
        (lead, header)
    }

    fn judge(&mut self, lead: Lead, header: Rc<HeaderPlan<'r>>) -> Prepared<'r> {
        let rules = self.rules;
        let asks_when = rules.destination.max_age.is_some() || rules.asks_consent();
        if rules.varies || asks_when {
            self.now = calendar::now().into();
        }
        let listed = rules.inputs.listed.as_ref();
        let is_listed = listed.is_some_and(|listed| listed.names(&header.plan, &lead));
        // A change is said of a contact that is there, whatever it is.
        let filtered = match rules.command() {
            Some(_) => None,
            None if is_listed => Some((FilterReason::Blocked, say!("prepared-listed"))),
            None => filtered(rules.destination, &lead, &self.now),
        };
        let sending = sending(&header, &lead, &self.now);
        let word = match filtered {
            Some((FilterReason::Test, _)) => None,
            _ => header.word(&lead, &self.now),
        };
        let ready = match filtered {
            Some((reason, why)) => Err(Unready::Filtered(reason, why)),
            None => {
                self.remarks.add_notes(&lead);
                match (header.plan.judge(&lead, sending), &word) {
                    (Judged::Invalid(complaints), _) => Err(Unready::Invalid(complaints)),
                    // Another table's no, of which nobody knows when it was said.
                    (_, Some(Word::Unclear(no))) if no.is_no => {
                        Err(Unready::Invalid(no.why.clone()))
                    }
                    (Judged::Ready(mapped), _) => {
                        self.remarks.add_mapped(&mapped, lead.record.line);
                        Ok(Box::new(sendable(rules, &header, &lead, mapped, sending)))
                    }
                }
            }
        };
        Prepared {
            lead,
            header,
            rules,
            ready,
            word,
            untouched: false,
        }
    }
}

/// Why a lead is not for this destination, whatever else it says.
fn filtered(to: &Destination, lead: &Lead, now: &Moment) -> Option<(FilterReason, String)> {
    if lead.record.fault.is_some() {
        return None;
    }
    let test = lead.why_test().map(|why| (FilterReason::Test, why));
    test.or_else(|| {
        let unfit = unfit(to, lead, now)?;
        Some((unfit.reason(), unfit.to_string()))
    })
}

/// The row of a stored lead, as it was read; `None`: its data was purged.
///
/// # Errors
/// What is stored of it can't be read.
pub fn read_stored(lead: &StoredLead, headers: &mut Headers) -> Result<Option<Stored>, Failure> {
    let read = |fields: &String| from_stored(fields, &lead.file, lead.line, headers);
    let stored = lead.fields.as_ref().map(read).transpose();
    stored.map_err(|error| Failure::unfinished(error.to_string()))
}

impl Prepared<'_> {
    /// The row before anything becomes of the lead: invalid, filtered, held or unsent.
    pub fn row(&self) -> Row {
        let lead = &self.lead;
        Row {
            file: lead.record.file.to_string(),
            line: Some(lead.record.line),
            lead: self.label(),
            destination: self.rules.destination.name.clone(),
            source: self.source(),
            message: match self.hold() {
                Some(hold) => hold.in_words().into(),
                None => self.message(),
            },
            reason: match &self.ready {
                Err(Unready::Filtered(reason, _)) => Some(Reason::Filtered(*reason)),
                _ => self.hold().map(|hold| Reason::Held(hold.reason)),
            },
            ..Row::new(self.state())
        }
    }

    fn state(&self) -> State {
        match self.ready {
            Ok(_) if self.hold().is_some() => State::Held,
            Ok(_) => State::Unsent,
            Err(Unready::Invalid(_)) => State::Invalid,
            Err(Unready::Filtered(..)) => State::Filtered,
        }
    }

    fn is_test(&self) -> bool {
        matches!(self.ready, Err(Unready::Filtered(FilterReason::Test, _)))
    }

    /// Why it is not sent now, though it can be.
    pub fn hold(&self) -> Option<Hold> {
        self.rules.hold.filter(|_| self.ready.is_ok())
    }

    pub fn destination(&self) -> &Destination {
        self.rules.destination
    }

    /// What keeps it from being sent, every complaint; nothing where it can be.
    pub fn complaints(&self) -> &[Complaint] {
        match &self.ready {
            Err(Unready::Invalid(complaints)) => complaints,
            _ => &[],
        }
    }

    fn source(&self) -> Option<String> {
        let own = self.header.source.as_ref();
        own.or(self.lead.source.as_ref()).cloned()
    }

    /// What its source says that a lead costs.
    fn cost(&self) -> Option<Money> {
        let source = self.source();
        let source = source.unwrap_or_else(|| self.lead.field("source").to_owned());
        let mut known = self.rules.inputs.sources.iter();
        known
            .find(|known| squeeze(&known.name) == squeeze(&source))?
            .cost
    }

    /// What of it is about no person, and what its price depends on.
    fn facts(&self) -> LeadFacts {
        let (destination, lead) = (self.rules.destination, &self.lead);
        let fields = FACTS.into_iter().chain(destination.priced_by());
        let source = self.source().unwrap_or_default();
        LeadFacts::of(fields, |field| {
            let own = lead.field(field);
            match is_blank(own) {
                // A price may ask where the lead comes from, whoever says so.
                true if field == "source" => &source,
                true => destination.default_of(field).unwrap_or_default(),
                false => own,
            }
        })
    }

    /// Every complaint in one message, by column, or why it is filtered; nothing where
    /// it can be sent.
    pub fn why_unready(&self) -> String {
        if let Err(Unready::Filtered(_, why)) = &self.ready {
            return why.clone();
        }
        let complaints: Vec<String> = self.complaints().iter().map(ToString::to_string).collect();
        let complaints = said_together(&complaints);
        match self.untouched {
            true => say!("prepared-untouched", complaints),
            false => complaints,
        }
    }

    /// The same, with what the table says of it.
    fn message(&self) -> Message {
        let whole = Message::from(self.why_unready());
        let Some((short, of_list)) = in_short(self.complaints()) else {
            return whole;
        };
        let short = match self.untouched {
            true => say!("prepared-untouched-short", complaints = short),
            false => short,
        };
        let partner = Command::new(["partners", &self.rules.destination.name]);
        let whole = whole.in_short(short);
        match of_list {
            true => whole.with_command(&partner),
            false => whole,
        }
    }

    /// What is wrong, by kinds and values, whatever words tell it.
    fn faults(&self, hasher: &Hasher) -> Hash16 {
        let kind = |complaint: &Complaint| match complaint.problem {
            // Only words tell it; the row's cells, which are its key, have it.
            Problem::Fault(_) => "fault".to_owned(),
            _ => format!("{complaint:?}"),
        };
        let mut kinds: Vec<String> = self.complaints().iter().map(kind).collect();
        kinds.push(format!("untouched: {}", self.untouched));
        hasher.key(kinds.iter().map(String::as_str))
    }

    /// What the ledger is told of it.
    pub fn judgement(&self, hasher: &Hasher) -> Judgement {
        match &self.ready {
            Ok(_) => self.hold().map_or(Judgement::Ready, Judgement::Held),
            Err(Unready::Invalid(_)) => Judgement::Invalid {
                why: self.why_unready(),
                faults: self.faults(hasher),
            },
            Err(Unready::Filtered(reason, why)) => Judgement::Filtered {
                reason: *reason,
                why: why.clone(),
            },
        }
    }

    /// Who this is; of a change that names nobody, the contact's number.
    pub fn label(&self) -> String {
        let change = self.ready.as_ref().ok().and_then(|it| it.change.as_ref());
        match change.filter(|change| !change.reference.is_empty()) {
            Some(change) if self.lead.is_nameless() => change.reference.clone(),
            _ => self.lead.label(),
        }
    }

    /// Who the lead is at the destination, as the ledger knows it: a hash of
    /// its key's values, else of the whole request, else of the row.
    pub fn key(&self, hasher: &Hasher) -> Hash16 {
        self.key_and_blank(hasher).0
    }

    /// The same, and whether a field of the key is blank.
    fn key_and_blank(&self, hasher: &Hasher) -> (Hash16, bool) {
        if self.rules.command().is_some() {
            let change = self.ready.as_ref().ok().and_then(|it| it.change.as_ref());
            let cells = &self.lead.record.cells;
            return (key_of_change(hasher, change, cells), false);
        }
        // Of its platform's test leads each is alike, and none is anybody.
        if self.is_test() {
            return (self.key_of_row(hasher), true);
        }
        let plan = &self.header.plan;
        // One row to correct must not take the place of somebody else's.
        let sound = self.ready.is_ok() || plan.key_is_sound(&self.lead);
        match (plan.identity(&self.lead), &self.ready) {
            (Identity::Fields(values), _) if sound => {
                (hasher.key(values.iter().map(String::as_str)), false)
            }
            (Identity::Person(values), _) if sound => {
                let values = values.iter().map(String::as_str);
                (hasher.key(std::iter::once("person").chain(values)), true)
            }
            (Identity::Request, Ok(sendable)) => (sendable.fingerprint(hasher), true),
            _ => (self.key_of_row(hasher), true),
        }
    }

    /// The same, now that the ledger has the lead as `id`, under this key: with its UUID
    /// and the moment, where they are sent. `anew`: on a person's word.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn taken_in(
        mut self,
        ledger: &Ledger,
        (id, key): (i64, &Hash16),
        anew: bool,
    ) -> Result<Self, Failure> {
        if !self.rules.varies || self.ready.is_err() {
            return Ok(self);
        }
        let (lead_uuid, now) = (ledger.lead_uuid(key, id, anew)?, calendar::now().into());
        let (header, lead) = (&self.header, &self.lead);
        let sending = Sending {
            lead_uuid: &lead_uuid,
            ..sending(header, lead, &now)
        };
        let ready = match header.plan.judge(lead, sending) {
            Judged::Invalid(complaints) => Err(Unready::Invalid(complaints)),
            Judged::Ready(mapped) => Ok(Box::new(sendable(
                self.rules, header, lead, mapped, sending,
            ))),
        };
        self.ready = ready;
        Ok(self)
    }

    /// The same row out of a rejects file is the same row.
    fn key_of_row(&self, hasher: &Hasher) -> Hash16 {
        let record = &self.lead.record;
        let own = |index: usize| {
            let name = record.header.names.get(index);
            name.is_none_or(|name| !is_ours(name))
        };
        let cells = record.cells.iter().enumerate();
        let own = cells.filter(|(index, _)| own(*index)).map(|(_, cell)| cell);
        hasher.key(std::iter::once("row").chain(own))
    }

    /// What the ledger, whose hasher this is, takes in. `elsewhere`: the user's
    /// note that it was sent by other means.
    pub fn intake(&self, hasher: &Hasher, elsewhere: Option<&str>) -> Intake {
        let lead = &self.lead;
        let (email, phone) = self.header.plan.person(lead);
        let [email_text, phone_text] = self.header.plan.contacts(lead);
        let sendable = self.ready.as_ref().ok();
        let (key, blank_key) = self.key_and_blank(hasher);
        Intake {
            key,
            blank_key,
            is_change: self.rules.command().is_some(),
            request: sendable.map(|sendable| sendable.fingerprint(hasher)),
            source: self.source(),
            cost: self.cost(),
            facts: self.facts(),
            file: lead.record.file.to_string(),
            line: lead.record.line,
            label: self.label(),
            fields: lead.as_read(),
            sent: sendable.and_then(|sendable| sendable.request.body.clone()),
            address: sendable.and_then(|sendable| sendable.address.clone()),
            email: email.map(|email| hasher.person(&email)),
            others: self
                .header
                .plan
                .further_contacts(lead, phone.as_deref())
                .iter()
                .map(|contact| hasher.person(contact))
                .collect(),
            phone: phone.map(|phone| hasher.person(&phone)),
            email_text,
            phone_text,
            judgement: match elsewhere {
                // Whom else it is for, or how old it is by now: it was sent.
                Some(note) if !self.is_test() => Judgement::Elsewhere(note.to_owned()),
                _ => self.judgement(hasher),
            },
            consent: (self.word.as_ref()).and_then(|word| consent(word, &lead.record)),
            replaces: self.header.corrected(lead),
            offer: None,
        }
    }
}
