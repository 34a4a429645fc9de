//! Standard output: results, in the format that was asked for. A reader that
//! went away is quiet: what follows is dropped, and the caller goes on.

use std::io::{self, IsTerminal, Write};

use jiff::tz::TimeZone;

use super::kind::Kind;
use super::line::Line;
use super::progress::Progress;
use super::record::{self, Record};
use super::spelling::Spelling;
use super::table::{NARROWEST, Table};
use super::{AttemptRow, Listed, Row, StatusRow, csv, json, style, text};
use crate::lead::State;

/// `--format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
    kind: Kind,
    table: Table,
    zone: TimeZone,
    quiet: bool,
    /// Somebody watches: every row is shown at once.
    live: bool,
    started: bool,
    fault: Option<io::Error>,
    progress: Progress,
    spelling: Spelling,
}

impl Output {
    /// Rows of `kind` on stdout. `quiet`: only leads that need a person.
    /// `progress` is the bar to lift while a row is printed on its terminal.
    pub fn new(format: Format, kind: Kind, quiet: bool, progress: &Progress) -> Self {
        let live = io::stdout().is_terminal();
        let table = Table::new(kind, terminal_width(), style::stdout_has_color());
        Self {
            sink: Box::new(io::stdout()),
            buffer: Vec::new(),
            format,
            kind,
            table,
            zone: TimeZone::system(),
            quiet,
            live,
            started: false,
            fault: None,
            progress: progress.clone(),
            spelling: Spelling::default(),
        }
    }

    /// The same, the commands that its rows propose as this session's user must
    /// type them.
    #[must_use]
    pub fn spelled(self, spelling: Spelling) -> Self {
        Self { spelling, ..self }
    }

    /// Prints a lead's row.
    pub fn row(&mut self, row: &Row) {
        if self.quiet && !row.state.needs_a_person() {
            return;
        }
        match self.spelling.changes(&row.message) {
            Some(message) => self.line(&Row {
                message,
                ..row.clone()
            }),
            None => self.line(row),
        }
    }

    /// Prints an attempt's row.
    pub fn attempt(&mut self, row: &AttemptRow) {
        self.line(row);
    }

    /// Prints a destination's row.
    pub fn status(&mut self, row: &StatusRow) {
        self.line(row);
    }

    /// Prints an entry of a partner's list.
    pub fn listed(&mut self, entry: &Listed) {
        self.line(entry);
    }

    /// Prints a JSON line that is already written out, whatever the format.
    pub fn json(&mut self, raw: &str) {
        self.started = true;
        self.buffer.extend_from_slice(raw.as_bytes());
        self.buffer.push(b'\n');
        self.pass(self.live);
    }

    /// Prints a record of facts, as JSON or CSV; nothing in a table, where
    /// people are given a page instead.
    pub fn record(&mut self, record: Record) {
        if self.closed() {
            return;
        }
        let first = !std::mem::replace(&mut self.started, true);
        match self.format {
            Format::Table => {}
            Format::Json => record::write_json(&mut self.buffer, record),
            Format::Csv => {
                if first {
                    csv::texts(&mut self.buffer, record.iter().map(|(name, _)| *name));
                }
                let cells: Vec<String> = record.iter().map(|(_, v)| record::cell(v)).collect();
                csv::texts(&mut self.buffer, cells.iter().map(String::as_str));
            }
        }
        self.pass(self.live);
    }

    /// Prints a document of our own making, byte for byte.
    pub fn document(&mut self, bytes: &[u8]) {
        self.started = true;
        self.buffer.extend_from_slice(bytes);
        self.pass(true);
    }

    /// Prints a whole page as it stands, control characters apart.
    pub fn text(&mut self, page: &str) {
        self.started = true;
        let mut rest = page;
        while !rest.is_empty() {
            let (sound, others) = rest.split_at(text::harmless_lines(rest));
            self.buffer.extend_from_slice(sound.as_bytes());
            if others.is_empty() {
                break;
            }
            let (line, after) = text::first_line(others);
            let line = text::harmless(line);
            self.buffer.extend_from_slice(line.as_bytes());
            self.buffer.push(b'\n');
            rest = after;
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
            self.empty_header();
        }
        self.pass(true);
        match self.fault {
            Some(fault) if fault.kind() != io::ErrorKind::BrokenPipe => Err(fault),
            _ => Ok(()),
        }
    }

    fn line(&mut self, line: &dyn Line) {
        if self.closed() {
            return;
        }
        let first = !std::mem::replace(&mut self.started, true);
        match self.format {
            Format::Json => json::write(&mut self.buffer, line, self.kind),
            Format::Csv => {
                if first {
                    csv::header(&mut self.buffer, line, self.kind);
                }
                csv::write(&mut self.buffer, line, self.kind);
            }
            Format::Table => {
                if first {
                    self.table.header(&mut self.buffer);
                }
                let cells = line.cells(self.kind, &self.zone);
                self.table.row(&mut self.buffer, &cells);
            }
        }
        self.pass(self.live);
    }

    fn empty_header(&mut self) {
        let (buffer, kind) = (&mut self.buffer, self.kind);
        match kind {
            Kind::Pages => {}
            Kind::Attempts => csv::header(buffer, &AttemptRow::default(), kind),
            Kind::Listed => csv::header(buffer, &Listed::default(), kind),
            Kind::Status => csv::header(buffer, &StatusRow::default(), kind),
            _ => csv::header(buffer, &Row::new(State::Skipped), kind),
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
        let written = if self.live {
            self.progress.lifted(write)
        } else {
            write()
        };
        self.fault = written.err();
        self.buffer.clear();
    }
}

/// What `COLUMNS` says, else the terminal, else 80.
pub(super) fn terminal_width() -> usize {
    let told = std::env::var("COLUMNS").ok();
    let told = told.and_then(|columns| columns.trim().parse().ok());
    let seen = || terminal_size::terminal_size_of(io::stdout());
    let width = told.or_else(|| seen().map(|(width, _)| usize::from(width.0)));
    width.unwrap_or(NARROWEST).min(1000)
}

#[cfg(test)]
mod tests;
