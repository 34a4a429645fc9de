//! One lead of a dry run, as it is shown: the very request, secrets hidden.
//! Pure: it prints nothing.

use std::fmt::Write as _;

use crate::lead::json_text;
use crate::partner::Destination;
use crate::report::{Format, Row};
use crate::request::{self, Address, Request};

/// How the leads of a dry run are shown.
#[derive(Clone)]
pub struct Page {
    pub format: Format,
    /// The header that a credential stands in, and what is shown in its place.
    pub hidden: Option<(String, String)>,
}

impl Page {
    /// Appends a lead with its request, or with what keeps it from being sent.
    pub fn write(&self, out: &mut String, row: &Row, request: Option<&Request>) {
        match self.format {
            Format::Json => self.write_json(out, row, request),
            _ => self.write_text(out, row, request),
        }
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

/// What all the ready leads of a file share of their pages as JSON, written
/// out once.
pub struct Frame {
    /// Up to the line's number.
    start: String,
    /// From there to the address.
    middle: String,
    address: Address,
    /// From the address to the body.
    end: String,
}

impl Frame {
    pub fn new(page: &Page, file: &str, destination: &Destination, address: &Address) -> Self {
        let mut start = "{\"file\":".to_owned();
        json_text(&mut start, file);
        start.push_str(",\"line\":");
        let mut middle = ",\"destination\":".to_owned();
        json_text(&mut middle, &destination.name);
        middle.push_str(",\"state\":\"ready\",\"message\":\"\",\"request\":{\"method\":");
        json_text(&mut middle, destination.send.method.as_str());
        middle.push_str(",\"url\":\"");
        let mut end = "\"".to_owned();
        let hidden = page.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        write_headers(&mut end, request::headers(destination, true).chain(hidden));
        end.push_str(",\"body\":");
        Self {
            start,
            middle,
            address: address.in_json(),
            end,
        }
    }

    /// Appends the page of a lead that can be sent. `values` fill the address.
    pub fn write<V: AsRef<str>>(
        &self,
        out: &mut String,
        line: u64,
        values: &[(&str, V)],
        body: &str,
    ) {
        out.push_str(&self.start);
        // A text takes whatever is written to it.
        let _ = write!(out, "{line}");
        out.push_str(&self.middle);
        self.address.push_to(out, values);
        out.push_str(&self.end);
        out.push_str(body);
        out.push_str("}}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::State;
    use crate::partner::Catalogue;

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
        let page = Page {
            format: Format::Json,
            hidden: Some(("X-API-Key".into(), "***".into())),
        };
        let values = [("tenant", "dé mo"), ("program", "12")];
        let body = Some("{\"a\":1}".to_owned());
        let request = request::build(destination, &destination.send, &values, body);
        let row = Row {
            file: "a \"b\".csv".into(),
            line: Some(12),
            destination: "shop".into(),
            ..Row::new(State::Unsent)
        };
        let (mut whole, mut framed) = (String::new(), String::new());
        page.write(&mut whole, &row, Some(&request));
        let address = Address::new(destination, &destination.send);
        let frame = Frame::new(&page, &row.file, destination, &address);
        frame.write(&mut framed, 12, &values, "{\"a\":1}");
        assert_eq!(framed, whole);
    }
}
