//! Calls to a partner that are about no row: what fills their addresses, the
//! harmless read that proves address and key, and the partner's settings.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value as Json;

use crate::config::{Call, Destination, Paging, PartnerList, Then};
use crate::delivery::{Caller, Refused};
use crate::error::Failure;
use crate::http::{Credentials, Limits, Reply, Transport, request};
use crate::lead::text::all_of;
use crate::lead::{Columns, Preparation, Record, Repair, prepare};
use crate::mapping::{Plan, placeholders};
use crate::outcome::{Entry, Judge, LeavesOpen, ListPage, Meaning, Verdict, Walk};
use crate::output::{Command, Exit};
use crate::session::{Session, credentials, opening};
use crate::words::{placeholder, say};

/// Settings may be longer than an answer about a lead.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// The values of an address's placeholders, by name.
pub type Values = Vec<(String, String)>;

/// Who asks once and records nothing, and what fills the placeholders.
pub struct Asker<'a> {
    destination: &'a Destination,
    credentials: Credentials,
    transport: Transport,
    defaults: &'a [(String, String)],
    /// What was typed, to be typed again with what is missing.
    command: Command,
}

/// What came back of a question.
pub struct PartnerAnswer {
    pub verdict: Verdict,
    /// The answer's JSON, where the partner answered 2xx with some.
    pub json: Option<Json>,
}

impl<'a> Asker<'a> {
    /// Needs an address and the secret.
    pub fn new(
        session: &Session,
        destination: &'a Destination,
        defaults: &'a [(String, String)],
        command: Command,
    ) -> Result<Self, Failure> {
        opening::require_base(destination)?;
        Ok(Self {
            destination,
            credentials: credentials::of(session, destination, None)?,
            transport: Transport::new(
                &Limits {
                    max_body: MAX_BODY,
                    ..Limits::within(destination.timeout)
                },
                destination.ca.as_deref(),
                destination.auth.certificate.as_ref(),
            ),
            defaults,
            command,
        })
    }

    /// Makes a call once.
    pub fn ask(&self, call: &Call, body: Option<&Json>) -> Result<PartnerAnswer, Failure> {
        let values = values(self.destination, call, self.defaults, &self.command)?;
        let body = body.map(Json::to_string);
        let request = request::build(self.destination, call, &values, body);
        let reply = self.transport.call(&request, &self.credentials);
        let judge = Judge::new(self.destination, call).leaving_open(LeavesOpen::Nothing);
        Ok(PartnerAnswer {
            verdict: judge.verdict(&reply, SystemTime::now()),
            json: match &reply {
                Reply::Replied(answer) if matches!(answer.status, 200..=299) => {
                    serde_json::from_slice(&answer.body).ok()
                }
                _ => None,
            },
        })
    }
}

/// What fills the placeholders of a path where there is no row: constants, the
/// table's defaults, and `--default`.
///
/// # Errors
/// Nothing fills one: `command` is to be typed again with it.
pub fn values(
    destination: &Destination,
    call: &Call,
    defaults: &[(String, String)],
    command: &Command,
) -> Result<Values, Failure> {
    let record = Record {
        file: "--default".into(),
        ..Record::default()
    };
    let columns = Columns::unknown(&record.header).with_set(defaults);
    let columns = Arc::new(columns);
    let preparation = Preparation {
        repair: Repair::None,
        country: destination.country.clone(),
    };
    let rules = placeholders(destination, call);
    let plan = Plan::new(destination, call, &rules, &columns);
    // A lead of nobody.
    let lead = prepare(record, &columns, &preparation);
    let filled = plan.address(&lead).map_err(|complaints| {
        let fields: Vec<&str> = complaints.iter().map(|one| &*one.column).collect();
        let value = placeholder("VALUE");
        let flags = fields
            .iter()
            .flat_map(|field| ["--default".to_owned(), format!("{field}={value}")]);
        Failure::usage(say!("asking-address-lacks", fields = all_of(&fields))).hint(say!(
            "asking-address-lacks-hint",
            destination = &destination.name,
            command = command.clone().and(flags).to_string()
        ))
    })?;
    let filled = filled.into_iter();
    Ok(filled
        .map(|(name, value)| (name.to_owned(), value.into_owned()))
        .collect())
}

/// Reads a list page by page as `walk` says, and gives each page's entries to
/// `each`; `false` ends it. Pages shift while they are read: what comes again is
/// dropped.
pub fn read_list<E: From<Refused>>(
    caller: &Caller<'_>,
    list: &PartnerList,
    address: &Values,
    walk: &mut Walk,
    mut each: impl FnMut(Vec<Entry>) -> Result<bool, E>,
) -> Result<(), E> {
    let given = blamable(caller.destination, address);
    let mut seen = HashSet::new();
    let mut cursor: Option<String> = None;
    if matches!(list.paging(), Paging::Cursor(_)) {
        walk.onwards();
    }
    while let Some(number) = walk.next() {
        let (to, cursor_now) = (caller.destination, cursor.as_deref());
        let request = request::page(to, list, address, number, cursor_now);
        let answer = caller.page(&list.call, &request, &given)?;
        let page = ListPage::read(list, number, &answer.body).map_err(Refused::Unread)?;
        cursor.clone_from(&page.next);
        let mut fresh = page.entries.clone();
        let known = seen.len();
        fresh.retain(|entry| match &entry.id {
            Some(id) => seen.insert(id.clone()),
            // An entry without a number may come twice, and a page of them too.
            None => {
                seen.insert(entry.raw.to_string());
                true
            }
        });
        walk.took(number, &page, seen.len() > known);
        if !each(fresh)? {
            break;
        }
    }
    Ok(())
}

/// What a refusal may blame: the address by its placeholders and by the lead
/// fields that fill them.
pub fn blamable(destination: &Destination, values: &[(String, String)]) -> Values {
    let mut blamable = values.to_vec();
    for (name, value) in values {
        for field in destination.placeholder(name).from {
            if field != *name {
                blamable.push((field, value.clone()));
            }
        }
    }
    blamable
}

/// The destinations whose leads may stand in the same list: those that read it
/// at the same address.
pub fn of_same_list<'s>(session: &'s Session, destination: &Destination) -> Vec<&'s str> {
    let address = |of: &Destination| {
        let base = of.base.as_deref()?.to_lowercase();
        Some(format!("{base}{}", of.list.as_ref()?.call.path))
    };
    let own = address(destination);
    let all = session.settings.catalogue.destinations.iter();
    all.filter(|other| other.name == destination.name || own.is_some() && address(other) == own)
        .map(|other| other.name.as_str())
        .collect()
}

/// A destination lacks what a verb needs, and which ones have it.
pub fn lacks(
    session: &Session,
    destination: &Destination,
    what: &str,
    has: impl Fn(&Destination) -> bool,
) -> Failure {
    let all = session.settings.catalogue.destinations.iter();
    let having: Vec<&str> = all.filter(|it| has(it)).map(|it| &*it.name).collect();
    let failure = Failure::usage(format!("{} {what}", destination.name));
    failure.hint(match having.is_empty() {
        true => say!("asking-nobody-has-it"),
        false => say!(
            "asking-these-have-it",
            count = having.len(),
            destinations = having.join(", ")
        ),
    })
}

/// A verdict that is no success, as the end of a command.
pub fn failure(destination: &Destination, verdict: &Verdict) -> Failure {
    let exit = match verdict.meaning {
        Meaning::Then(Then::Stop) => Exit::Usage,
        Meaning::Then(Then::Rejected) => Exit::Refused,
        Meaning::Unreachable
        | Meaning::Then(Then::Wait | Then::StopForNow | Then::NotProcessed) => Exit::Again,
        Meaning::Then(_) => Exit::Unfinished,
    };
    let (name, what) = (&destination.name, &verdict.message);
    let message = say!("destination-told", name, what);
    Failure::new(message, exit)
}
