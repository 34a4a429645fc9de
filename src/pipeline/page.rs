//! One lead of a dry run, as it is shown: the very request, secrets hidden.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::http::request::Request;
use crate::output::{Format, Layout, Output, Reason, Row, written};
use crate::session::Session;

/// How the leads of a dry run are shown.
#[derive(Clone)]
pub struct RequestPage {
    pub format: Format,
    /// The header that a credential stands in, and what is shown in its place.
    pub hidden: Option<(String, String)>,
}

/// The columns of a dry run as CSV: those of its JSON, the request as JSON.
const COLUMNS: &str = "file,line,destination,state,reason,message,request";

/// What scripts are told of a lead.
#[derive(Serialize)]
struct JsonPage<'p> {
    file: &'p str,
    line: Option<u64>,
    destination: &'p str,
    state: &'static str,
    reason: Option<Reason>,
    message: &'p str,
    request: Option<JsonRequest<'p>>,
}

#[derive(Serialize)]
struct JsonRequest<'p> {
    method: &'static str,
    url: &'p str,
    #[serde(serialize_with = "as_object")]
    headers: Vec<&'p (String, String)>,
    /// As it is sent, byte for byte.
    body: Option<&'p RawValue>,
}

fn as_object<S: Serializer>(
    headers: &[&(String, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().map(|(name, value)| (name, value)))
}

impl RequestPage {
    /// Where the pages are printed.
    pub fn output(&self, session: &Session) -> Output {
        let kind = match self.format {
            Format::Json => Layout::Pages,
            _ => Layout::Lines,
        };
        let mut output = Output::new(self.format, kind, false, &session.progress);
        if self.format == Format::Csv {
            output.text(COLUMNS);
        }
        output
    }

    /// Prints what [`Self::of`] wrote.
    pub fn print(&self, output: &mut Output, page: &str) {
        match self.format {
            Format::Json => output.json(page.trim_end()),
            _ => output.text(page),
        }
    }

    /// A lead with its request, or with what keeps it from being sent.
    pub fn of(&self, row: &Row, request: Option<&Request>) -> String {
        let state = match request {
            Some(_) => "ready",
            None => row.state.as_str(),
        };
        let page = JsonPage {
            file: &row.file,
            line: row.line,
            destination: &row.destination,
            state,
            reason: row.reason,
            message: &row.message,
            request: request.map(|request| self.json(request)),
        };
        match self.format {
            Format::Table => self.text(row, state, request),
            format => written(format, &page),
        }
    }

    fn headers<'p>(&'p self, request: &'p Request) -> impl Iterator<Item = &'p (String, String)> {
        request.headers.iter().chain(&self.hidden)
    }

    fn json<'p>(&'p self, request: &'p Request) -> JsonRequest<'p> {
        let body = request.body.as_deref();
        JsonRequest {
            method: request.method.as_str(),
            url: &request.url,
            headers: self.headers(request).collect(),
            body: body.and_then(|body| serde_json::from_str(body).ok()),
        }
    }

    fn text(&self, row: &Row, state: &str, request: Option<&Request>) -> String {
        let line = row.line.map(|line| format!(":{line}")).unwrap_or_default();
        let mut page = format!("{}{line}  {}  {state}", row.file, row.lead);
        let Some(request) = request else {
            return page + "  " + &row.message + "\n";
        };
        page += &format!("\n  {} {}\n", request.method.as_str(), request.url);
        for (name, value) in self.headers(request) {
            page += &format!("  {name}: {value}\n");
        }
        let body = request.body.as_deref().unwrap_or_default();
        let body = serde_json::from_str::<serde_json::Value>(body);
        let body = body.and_then(|body| serde_json::to_string_pretty(&body));
        for line in body.iter().flat_map(|body| body.lines()) {
            page += &format!("  {line}\n");
        }
        page
    }
}
