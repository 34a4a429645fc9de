//! One lead of a dry run, as it is shown: the very request, secrets hidden.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::http::request::Request;
use crate::output::{Format, Layout, Output, Reason, Row, csv_line};
use crate::session::Session;

/// How the leads of a dry run are shown.
#[derive(Clone)]
pub struct Page {
    pub format: Format,
    /// The header that a credential stands in, and what is shown in its place.
    pub hidden: Option<(String, String)>,
}

/// The columns of a dry run as CSV: those of its JSON, the request as JSON.
const COLUMNS: [&str; 7] = [
    "file",
    "line",
    "destination",
    "state",
    "reason",
    "message",
    "request",
];

#[derive(Serialize)]
struct JsonPage<'p> {
    file: &'p str,
    line: Option<u64>,
    destination: &'p str,
    state: &'static str,
    reason: Option<&'static str>,
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

impl Page {
    /// Where the pages are printed.
    pub fn output(&self, session: &Session) -> Output {
        let kind = match self.format {
            Format::Json => Layout::Pages,
            _ => Layout::Lines,
        };
        let mut output = Output::new(self.format, kind, false, &session.progress);
        if self.format == Format::Csv {
            let mut header = String::new();
            csv_line(&mut header, COLUMNS.into_iter());
            output.text(&header);
        }
        output
    }

    /// Prints what [`Self::of`] wrote.
    pub fn print(&self, output: &mut Output, page: &str) {
        match self.format {
            Format::Json => output.json(page),
            _ => output.text(page),
        }
    }

    /// A lead with its request, or with what keeps it from being sent.
    pub fn of(&self, row: &Row, request: Option<&Request>) -> String {
        match self.format {
            Format::Json => to_json(&JsonPage {
                file: &row.file,
                line: row.line,
                destination: &row.destination,
                state: state_word(row, request),
                reason: row.reason.map(Reason::as_str),
                message: &row.message,
                request: request.map(|request| self.json(request)),
            }),
            Format::Csv => self.csv(row, request),
            Format::Table => self.text(row, request),
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

    fn csv(&self, row: &Row, request: Option<&Request>) -> String {
        let line = row.line.map(|line| line.to_string()).unwrap_or_default();
        let sent = request.map(|request| to_json(&self.json(request)));
        let cells = [
            &*row.file,
            &*line,
            &*row.destination,
            state_word(row, request),
            row.reason.map_or("", Reason::as_str),
            &*row.message,
            &*sent.unwrap_or_default(),
        ];
        let mut page = String::new();
        csv_line(&mut page, cells.into_iter());
        page
    }

    fn text(&self, row: &Row, request: Option<&Request>) -> String {
        let line = row.line.map(|line| format!(":{line}")).unwrap_or_default();
        let state = state_word(row, request);
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

fn to_json(page: &impl Serialize) -> String {
    // Texts and JSON that was read already can always be written.
    serde_json::to_string(page).unwrap_or_default()
}

fn state_word(row: &Row, request: Option<&Request>) -> &'static str {
    match request {
        Some(_) => "ready",
        None => row.state.as_str(),
    }
}
