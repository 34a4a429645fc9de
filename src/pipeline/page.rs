//! One lead of a dry run, as it is shown: the very request, secrets hidden.
//! What it writes is printed by [`Page::print`] alone.

use std::fmt::Write as _;
use std::ops::Range;

use super::set_out::set_out;
use crate::config::Destination;
use crate::http::request::{self, Address, Request};
use crate::lead::json_text;
use crate::output::{Format, Kind, Output, Reason, Row, csv_line};
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

impl Page {
    /// Where the pages are printed.
    pub fn output(&self, session: &Session) -> Output {
        let kind = match self.format {
            Format::Json => Kind::Pages,
            _ => Kind::Lines,
        };
        let output = Output::new(self.format, kind, false, &session.progress);
        let mut output = output.spelled(session.spelling.clone());
        if self.format == Format::Csv {
            let mut header = String::new();
            csv_line(&mut header, COLUMNS.into_iter());
            output.text(&header);
        }
        output
    }

    pub fn print(&self, output: &mut Output, pages: &str) {
        match self.format {
            _ if pages.is_empty() => {}
            Format::Json => output.json_lines(pages),
            _ => output.text(pages),
        }
    }

    /// Appends a lead with its request, or with what keeps it from being sent.
    pub fn write(&self, out: &mut String, row: &Row, request: Option<&Request>) {
        match self.format {
            Format::Json => self.write_json(out, row, request),
            Format::Csv => self.write_csv(out, row, request),
            Format::Table => self.write_text(out, row, request),
        }
    }

    fn write_json(&self, out: &mut String, row: &Row, request: Option<&Request>) {
        out.push_str("{\"file\":");
        json_text(out, &row.file);
        out.push_str(",\"line\":");
        match row.line {
            Some(line) => push_number(out, line),
            None => out.push_str("null"),
        }
        out.push_str(",\"destination\":");
        json_text(out, &row.destination);
        out.push_str(",\"state\":");
        json_text(out, state_word(row, request));
        out.push_str(",\"reason\":");
        match row.reason {
            Some(reason) => json_text(out, reason.as_str()),
            None => out.push_str("null"),
        }
        out.push_str(",\"message\":");
        json_text(out, &row.message);
        out.push_str(",\"request\":");
        match request {
            None => out.push_str("null"),
            Some(request) => self.write_request(out, request),
        }
        out.push_str("}\n");
    }

    fn write_request(&self, out: &mut String, request: &Request) {
        out.push_str("{\"method\":");
        json_text(out, request.method.as_str());
        out.push_str(",\"url\":");
        json_text(out, &request.url);
        let headers = request.headers.iter().chain(&self.hidden);
        write_headers(out, headers.map(|(n, v)| (n.as_str(), v.as_str())));
        out.push_str(",\"body\":");
        out.push_str(request.body.as_deref().unwrap_or("null"));
        out.push('}');
    }

    fn write_csv(&self, out: &mut String, row: &Row, request: Option<&Request>) {
        let line = row.line.map(|line| line.to_string()).unwrap_or_default();
        let mut sent = String::new();
        if let Some(request) = request {
            self.write_request(&mut sent, request);
        }
        let state = state_word(row, request);
        let cells = [
            &*row.file,
            &*line,
            &*row.destination,
            state,
            row.reason.map_or("", Reason::as_str),
            &*row.message,
            &*sent,
        ];
        csv_line(out, cells.into_iter());
    }

    fn write_text(&self, out: &mut String, row: &Row, request: Option<&Request>) {
        push_all(out, &[&row.file]);
        if let Some(line) = row.line {
            out.push(':');
            push_number(out, line);
        }
        push_all(out, &["  ", &row.lead, "  ", state_word(row, request)]);
        let Some(request) = request else {
            push_all(out, &["  ", &row.message, "\n"]);
            return;
        };
        push_all(out, &["\n  ", request.method.as_str(), " ", &request.url]);
        let headers = request.headers.iter().chain(&self.hidden);
        list_headers(out, headers.map(|(n, v)| (n.as_str(), v.as_str())));
        set_out(out, request.body.as_deref().unwrap_or_default());
    }
}

fn state_word(row: &Row, request: Option<&Request>) -> &'static str {
    match request {
        Some(_) => "ready",
        None => row.state.as_str(),
    }
}

fn write_headers<'h>(out: &mut String, headers: impl Iterator<Item = (&'h str, &'h str)>) {
    out.push_str(",\"headers\":{");
    for (at, (name, value)) in headers.enumerate() {
        if at > 0 {
            out.push(',');
        }
        json_text(out, name);
        out.push(':');
        json_text(out, value);
    }
    out.push('}');
}

/// Ends the line that is under way, and adds one for each header.
fn list_headers<'h>(out: &mut String, headers: impl Iterator<Item = (&'h str, &'h str)>) {
    out.push('\n');
    for (name, value) in headers {
        push_all(out, &["  ", name, ": ", value, "\n"]);
    }
}

fn push_all(out: &mut String, texts: &[&str]) {
    out.extend(texts.iter().copied());
}

fn push_number(out: &mut String, number: u64) {
    // A text takes whatever is written to it.
    let _ = write!(out, "{number}");
}

/// What all the ready leads of a file share of their pages, written out once; not
/// for CSV, where nothing is shared.
pub struct Frame {
    json: bool,
    /// Up to the line's number.
    start: String,
    /// From there, or from the lead's label, to the address.
    middle: String,
    address: Address,
    /// From the address to the body.
    end: String,
}

impl Frame {
    pub fn new(page: &Page, file: &str, destination: &Destination, address: &Address) -> Self {
        let hidden = page.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let headers = request::headers(destination, true).chain(hidden);
        let method = destination.send.method.as_str();
        if page.format != Format::Json {
            let mut end = String::new();
            list_headers(&mut end, headers);
            return Self {
                json: false,
                start: format!("{file}:"),
                middle: format!("  ready\n  {method} "),
                address: address.clone(),
                end,
            };
        }
        let mut start = "{\"file\":".to_owned();
        json_text(&mut start, file);
        start.push_str(",\"line\":");
        let mut middle = ",\"destination\":".to_owned();
        json_text(&mut middle, &destination.name);
        middle.push_str(
            ",\"state\":\"ready\",\"reason\":null,\"message\":\"\",\"request\":{\"method\":",
        );
        json_text(&mut middle, method);
        middle.push_str(",\"url\":\"");
        let mut end = "\"".to_owned();
        write_headers(&mut end, headers);
        end.push_str(",\"body\":");
        Self {
            json: true,
            start,
            middle,
            address: address.in_json(),
            end,
        }
    }

    /// Appends the page of a lead that can be sent. `values` fill the address.
    /// Returns where the lead's label stands, if it does.
    pub fn write<V: AsRef<str>>(
        &self,
        out: &mut String,
        line: u64,
        label: impl FnOnce() -> String,
        values: &[(&str, V)],
        body: &str,
    ) -> Range<usize> {
        out.push_str(&self.start);
        push_number(out, line);
        let mut place = 0..0;
        if !self.json {
            out.push_str("  ");
            place.start = out.len();
            out.push_str(&label());
            place.end = out.len();
        }
        out.push_str(&self.middle);
        self.address.push_to(out, values);
        out.push_str(&self.end);
        match self.json {
            true => push_all(out, &[body, "}}\n"]),
            false => set_out(out, body),
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Catalogue;
    use crate::lead::State;

    #[test]
    fn a_frame_gives_the_page_of_its_row_and_request() {
        let text = r#"
            [shop]
            base = "https://api.example.fr"
            key = ["email"]
            headers = { X-Shop = 'a "b"' }
            fields = { email = "email" }
            send = { path = "/{tenant}/programs/{program}/leads" }
        "#;
        let catalogue = Catalogue::load(Some(("test.toml", text))).expect("a catalogue");
        let destination = catalogue.get("shop").expect("a shop");
        let values = [("tenant", "dé mo"), ("program", "12")];
        let body = "{\"a\":1,\"b\":{\"c\":\"é\"}}";
        let request = request::build(
            destination,
            &destination.send,
            &values,
            Some(body.to_owned()),
        );
        let row = Row {
            file: "a \"b\".csv".into(),
            line: Some(12),
            lead: "Léa Martin".into(),
            destination: "shop".into(),
            ..Row::new(State::Unsent)
        };
        let address = Address::new(destination, &destination.send);
        for (format, label) in [(Format::Json, ""), (Format::Table, "Léa Martin")] {
            let page = Page {
                format,
                hidden: Some(("X-API-Key".into(), "***".into())),
            };
            let (mut whole, mut framed) = (String::new(), String::new());
            page.write(&mut whole, &row, Some(&request));
            let frame = Frame::new(&page, &row.file, destination, &address);
            let place = frame.write(&mut framed, 12, || row.lead.clone(), &values, body);
            assert_eq!(framed, whole);
            assert_eq!(&framed[place], label);
        }
    }
}
