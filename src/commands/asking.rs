//! Calls to a partner that are about no lead: its settings, and the harmless
//! read that proves address and key. One try, nothing recorded.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value as Json;

use crate::config::Call;
use crate::config::Destination;
use crate::config::Then;
use crate::error::Failure;
use crate::http::request;
use crate::http::{Credential, Limits, Reply, Transport};
use crate::lead::{Aliases, Cells, Columns, Header, Preparation, Record, Repair};
use crate::mapping::{Judged, Plan, placeholders};
use crate::outcome::{Judge, LeavesOpen, Meaning, Verdict};
use crate::output::Exit;
use crate::session::Session;
use crate::session::opening;
use crate::session::secrets;

/// Settings may be longer than an answer about a lead.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Who asks, and what fills the placeholders.
pub struct Asker<'a> {
    destination: &'a Destination,
    credential: Option<Credential>,
    transport: Transport,
    set: &'a [(String, String)],
}

/// What came back of a question.
pub struct Heard {
    pub verdict: Verdict,
    /// The answer's JSON, where the partner answered 2xx with some.
    pub json: Option<Json>,
}

impl<'a> Asker<'a> {
    /// Needs an address and the secret.
    pub fn new(
        session: &Session,
        destination: &'a Destination,
        set: &'a [(String, String)],
    ) -> Result<Self, Failure> {
        opening::require_base(destination)?;
        Ok(Self {
            destination,
            credential: secrets::credential(destination, session.settings.folder())?,
            transport: Transport::new(&Limits {
                max_body: MAX_BODY,
                ..Limits::within(destination.timeout)
            }),
            set,
        })
    }

    /// Makes a call once. An error says which placeholder nothing fills.
    pub fn ask(&self, operation: &Call, body: Option<&Json>) -> Result<Heard, Failure> {
        let values = values(self.destination, operation, self.set)?;
        let values: Vec<(&str, String)> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        let body = body.map(Json::to_string);
        let request = request::build(self.destination, operation, &values, body);
        let reply = self.transport.call(&request, self.credential.as_ref());
        let judge = Judge::new(self.destination, operation).leaving_open(LeavesOpen::Nothing);
        Ok(Heard {
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

/// What fills the placeholders of a path where there is no row: constants,
/// defaults and `--default`. An error says which of them nothing fills.
pub fn values(
    destination: &Destination,
    operation: &Call,
    set: &[(String, String)],
) -> Result<Vec<(String, String)>, Failure> {
    let header = Arc::new(Header { names: Vec::new() });
    let columns = Columns::resolve(&header, &Aliases::default(), &[], None)
        .map_err(|error| Failure::usage(error.to_string()))?
        .with_set(set);
    let rules = placeholders(destination, operation);
    let plan = Plan::amending(destination, operation, &rules, &columns, None);
    let record = Record {
        file: "".into(),
        line: 0,
        header,
        cells: Cells::new(),
        fault: None,
    };
    let preparation = Preparation {
        repair: Repair::None,
        country: destination.country.clone(),
    };
    let lead = crate::lead::prepare(record, &Arc::new(columns), &preparation);
    match plan.judge(&lead) {
        Judged::Ready(mapped) => Ok(mapped
            .path
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect()),
        Judged::Invalid(complaints) => {
            let names: Vec<&str> = complaints.iter().map(|c| c.column.as_str()).collect();
            Err(Failure::usage(format!(
                "the address of this call needs {}, and no row is there to give it",
                names.join(" and ")
            ))
            .hint(format!(
                "write it under [{}.defaults], or give it here: {}",
                destination.name,
                names
                    .iter()
                    .map(|name| format!("--default {name}=…"))
                    .collect::<Vec<_>>()
                    .join(" ")
            )))
        }
    }
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
    let message = format!("{}: {}", destination.name, verdict.message);
    Failure::new(message, exit)
}
