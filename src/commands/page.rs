//! One lead of a dry run, as it is shown: the very request, secrets hidden.
//! Pure: it prints nothing.

use crate::lead::json_text;
use crate::report::{Format, Row};
use crate::request::Request;

/// How the leads of a dry run are shown.
pub struct Page {
    pub format: Format,
    /// The header that a credential stands in, and what is shown in its place.
    pub hidden: Option<(String, String)>,
}

impl Page {
    /// A lead with its request, or with what keeps it from being sent.
    pub fn of(&self, row: &Row, request: Option<&Request>) -> String {
        let body = request.and_then(|request| request.body.as_ref());
        let mut out = String::with_capacity(256 + body.map_or(0, String::len));
        match self.format {
            Format::Json => self.write_json(&mut out, row, request),
            _ => self.write_text(&mut out, row, request),
        }
        out
    }

    fn write_json(&self, out: &mut String, row: &Row, request: Option<&Request>) {
        out.push_str("{\"file\":");
        json_text(out, &row.file);
        out.push_str(",\"line\":");
        match row.line {
            Some(line) => out.push_str(&line.to_string()),
            None => out.push_str("null"),
        }
        out.push_str(",\"destination\":");
        json_text(out, &row.destination);
        out.push_str(",\"state\":");
        json_text(out, state_word(row, request));
        out.push_str(",\"message\":");
        json_text(out, &row.message);
        out.push_str(",\"request\":");
        match request {
            None => out.push_str("null"),
            Some(request) => write_request(out, request, self.hidden.as_ref()),
        }
        out.push('}');
    }

    fn write_text(&self, out: &mut String, row: &Row, request: Option<&Request>) {
        let line = row.line.map_or_else(String::new, |line| format!(":{line}"));
        let state = state_word(row, request);
        out.push_str(&format!("{}{line}  {}  {state}", row.file, row.lead));
        let Some(request) = request else {
            out.push_str(&format!("  {}\n", row.message));
            return;
        };
        out.push_str(&format!(
            "\n  {} {}\n",
            request.method.as_str(),
            request.url
        ));
        for (name, value) in request.headers.iter().chain(&self.hidden) {
            out.push_str(&format!("  {name}: {value}\n"));
        }
        let body = request.body.as_deref().unwrap_or_default();
        let pretty = serde_json::from_str::<serde_json::Value>(body)
            .and_then(|value| serde_json::to_string_pretty(&value))
            .unwrap_or_else(|_| body.to_owned());
        for line in pretty.lines() {
            out.push_str(&format!("  {line}\n"));
        }
    }
}

fn state_word(row: &Row, request: Option<&Request>) -> &'static str {
    match request {
        Some(_) => "ready",
        None => row.state.as_str(),
    }
}

fn write_request(out: &mut String, request: &Request, hidden: Option<&(String, String)>) {
    out.push_str("{\"method\":");
    json_text(out, request.method.as_str());
    out.push_str(",\"url\":");
    json_text(out, &request.url);
    out.push_str(",\"headers\":{");
    for (at, (name, value)) in request.headers.iter().chain(hidden).enumerate() {
        if at > 0 {
            out.push(',');
        }
        json_text(out, name);
        out.push(':');
        json_text(out, value);
    }
    out.push_str("},\"body\":");
    out.push_str(request.body.as_deref().unwrap_or("null"));
    out.push('}');
}
