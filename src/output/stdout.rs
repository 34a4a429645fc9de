//! Standard output: results, in the format that was asked for. A reader that
//! went away is quiet: what follows is dropped, and the caller goes on.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value as Json;

use super::lead_page::AttemptRow;
use super::progress::lifted;
use super::rows::{Contact, Layout, Line, Listed, Row, Times};
use super::run_row::RunRow;
use super::screen::terminal_width;
use super::status::StatusRow;
use super::table::Table;
use super::text;
use crate::lead::{State, csv_injection};

/// `--format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Json,
    Csv,
}

/// Bytes kept back from a file or a pipe until there are this many.
const FULL: usize = 32 * 1024;

/// The only writer to stdout.
pub struct Output {
    sink: Box<dyn Write + Send>,
    buffer: Vec<u8>,
    format: Format,
    layout: Layout,
    table: Table,
    zone: TimeZone,
    quiet: bool,
    /// Somebody watches: every row is shown at once.
    live: bool,
    started: bool,
    fault: Option<io::Error>,
}

impl Output {
    /// Rows of one layout on stdout. `quiet`: only leads that need a person.
    pub fn new(format: Format, layout: Layout, quiet: bool) -> Self {
        let color = AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        let live = io::stdout().is_terminal();
        Self {
            // An older console of Windows is asked to understand colours.
            sink: match color {
                true => Box::new(AutoStream::always(io::stdout())),
                false => Box::new(io::stdout()),
            },
            buffer: Vec::new(),
            format,
            layout,
            table: Table::new(live.then(terminal_width), color),
            zone: crate::calendar::zone(),
            quiet,
            live,
            started: false,
            fault: None,
        }
    }

    /// A person reads this table on a terminal.
    pub fn is_on_screen(&self) -> bool {
        self.live && self.format == Format::Table
    }

    /// Prints a lead's row.
    pub fn row(&mut self, row: &Row) {
        if !self.quiet || row.state.needs_a_person() {
            self.line(row);
        }
    }

    /// Prints a row of another kind: a run, a list's entry.
    pub fn line(&mut self, line: &impl Line) {
        match self.format {
            Format::Table if !self.closed() => {
                let cells = line.cells(self.layout, &self.zone);
                if !self.started {
                    self.table.header(&mut self.buffer, &cells);
                }
                self.table.row(&mut self.buffer, &cells);
                self.started = true;
                self.pass(self.live);
            }
            _ => self.fields(line),
        }
    }

    /// Prints a record of facts, as JSON or CSV under the names of the first;
    /// nothing in a table, where people are given a page instead.
    pub fn fields(&mut self, record: &impl Serialize) {
        if self.closed() {
            return;
        }
        if self.format == Format::Csv && !self.started {
            self.buffer.extend(csv_header(record).into_bytes());
        }
        self.buffer
            .extend(written(self.format, record).into_bytes());
        self.started = true;
        self.pass(self.live);
    }

    /// Prints JSON that is already written out, whatever the format.
    pub fn json(&mut self, raw: &str) {
        self.document(text::json_escaped(raw).as_bytes());
        self.buffer.push(b'\n');
        self.pass(self.live);
    }

    /// Prints a document of our own making, byte for byte.
    pub fn document(&mut self, bytes: &[u8]) {
        self.started = true;
        self.buffer.extend_from_slice(bytes);
    }

    /// Prints a whole page as it stands, control characters apart.
    pub fn text(&mut self, page: &str) {
        self.started = true;
        for line in page.lines() {
            self.buffer
                .extend_from_slice(text::harmless(line).as_bytes());
            self.buffer.push(b'\n');
        }
        self.pass(self.live);
    }

    /// Shows what was kept back: called when the flow of rows pauses.
    pub fn flush(&mut self) {
        self.pass(true);
    }

    /// Nobody reads any more, or the file that stdout goes to is full.
    pub fn closed(&self) -> bool {
        self.fault.is_some()
    }

    /// Ends the results. A CSV without rows still gets its header, for what
    /// reads it; but not when quiet, so that cron has nothing to mail.
    ///
    /// # Errors
    /// Why results were lost, unless the reader simply went away.
    pub fn finish(mut self) -> io::Result<()> {
        if self.format == Format::Csv && !self.started && !self.quiet {
            self.buffer
                .extend(csv_header(&model(self.layout)).into_bytes());
        }
        self.pass(true);
        match self.fault {
            Some(fault) if fault.kind() != io::ErrorKind::BrokenPipe => Err(fault),
            _ => Ok(()),
        }
    }

    /// Hands the buffer to stdout if it is full or `now`.
    fn pass(&mut self, now: bool) {
        if self.closed() {
            self.buffer.clear();
            return;
        }
        if self.buffer.is_empty() || !now && self.buffer.len() < FULL {
            return;
        }
        let mut write = || {
            self.sink.write_all(&self.buffer)?;
            self.sink.flush()
        };
        self.fault = match self.live {
            true => lifted(write).err(),
            false => write().err(),
        };
        self.buffer.clear();
    }
}

/// A row of this layout with nothing in it: its names are the header.
fn model(layout: Layout) -> Json {
    let model = match layout {
        Layout::Pages => Ok(Json::Null),
        Layout::Attempts => serde_json::to_value(AttemptRow::default()),
        Layout::Runs => serde_json::to_value(RunRow::default()),
        Layout::Listed => serde_json::to_value(Listed::default()),
        Layout::Status => serde_json::to_value(StatusRow::default()),
        Layout::Lines | Layout::Files | Layout::Offers { .. } | Layout::Ids | Layout::History => {
            serde_json::to_value(Row {
                contact: (layout == Layout::History).then(Contact::default),
                times: (layout == Layout::History).then(Times::default),
                ..Row::new(State::Skipped)
            })
        }
    };
    model.unwrap_or_default()
}

/// A record of facts as a line of JSON or CSV; nothing for a table.
pub fn written(format: Format, record: &impl Serialize) -> String {
    // What is text by name can always be written.
    match format {
        Format::Table => String::new(),
        Format::Json => {
            let json = serde_json::to_string(record).unwrap_or_default();
            text::json_escaped(&json).into_owned() + "\n"
        }
        Format::Csv => {
            let record = serde_json::to_value(record).unwrap_or_default();
            let values = record.as_object().into_iter().flatten();
            csv_line(values.map(|(_, value)| csv_cell(value)))
        }
    }
}

/// Records as a whole CSV, under the names of the model's facts.
pub fn csv_table<R: Serialize>(model: &R, records: impl Iterator<Item = R>) -> String {
    let lines = records.map(|record| written(Format::Csv, &record));
    [csv_header(model)].into_iter().chain(lines).collect()
}

/// The names of a record's facts.
fn csv_header(record: &impl Serialize) -> String {
    let record = serde_json::to_value(record).unwrap_or_default();
    let names = record.as_object().into_iter().flatten();
    csv_line(names.map(|(name, _)| defuse(name)))
}

fn csv_line<'t>(cells: impl Iterator<Item = Cow<'t, str>>) -> String {
    let cells: Vec<String> = cells.map(Cow::into_owned).collect();
    if cells.is_empty() {
        return String::new();
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory can't fail, and the record is alone, so always even.
    _ = writer.write_record(cells);
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A value as a CSV cell: lists are joined, null is empty.
fn csv_cell(value: &Json) -> Cow<'_, str> {
    match value {
        Json::Null => "".into(),
        Json::String(text) => defuse(text),
        Json::Array(items) => {
            let cells: Vec<_> = items.iter().map(csv_cell).collect();
            cells.join("; ").into()
        }
        other => other.to_string().into(),
    }
}

/// Fit for a spreadsheet: no control character, and nothing that would run.
fn defuse(raw: &str) -> Cow<'_, str> {
    let safe = text::harmless(raw);
    match csv_injection::is_formula(raw) {
        true => format!("'{safe}").into(),
        false => safe,
    }
}

#[cfg(test)]
mod tests;
