//! For verbs that send nothing: rows are judged on all cores, and a dry run shows
//! each lead with the very request that would be sent, secrets hidden, or with
//! what keeps it from being sent.

use serde::Serialize;

use super::preparer::{Prepared, Preparer};
use super::remarks::Remarks;
use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credentials;
use crate::http::request::Request;
use crate::lead::Record;
use crate::output::{Counts, Exit, Format, Layout, Output, Reason, Row, code, written};
use crate::session::{Session, credentials};
use crate::words::say;

/// The results of a run that sends nothing and records nothing.
pub struct DryRun<'s> {
    session: &'s Session,
    output: Output,
    /// Leads that would be sent, and the others.
    ready: u64,
    counts: Counts,
}

/// How the leads of a dry run are shown.
pub struct RequestPage {
    format: Format,
    /// What is shown in the place of secrets.
    hidden: Credentials,
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
    request: Option<&'p Request>,
}

impl<'s> DryRun<'s> {
    pub fn begin(session: &'s Session) -> Self {
        let kind = match session.format() {
            Format::Json => Layout::Pages,
            _ => Layout::Lines,
        };
        let mut output = session.output(kind);
        if session.format() == Format::Csv {
            output.text(COLUMNS);
        }
        Self {
            session,
            output,
            ready: 0,
            counts: Counts::new(),
        }
    }

    /// A lead that would be sent, as [`RequestPage::of`] wrote it.
    pub fn ready(&mut self, page: &str) {
        self.ready += 1;
        self.print(page);
    }

    /// A lead that would not.
    pub fn left(&mut self, row: &Row, page: &RequestPage) {
        self.counts.add(row.state, row.earlier);
        self.print(&page.of(row, None));
    }

    fn print(&mut self, page: &str) {
        match self.session.format() {
            Format::Json => self.output.json(page.trim_end()),
            _ => self.output.text(page),
        }
    }

    /// Tells how many are ready, and what becomes of the others. `failed`: the
    /// gravest failure besides.
    ///
    /// # Errors
    /// Results were lost.
    pub fn end(self, failed: Exit) -> Result<Exit, Failure> {
        let ready = self.ready;
        self.session.warnings.note(&match self.counts.total() {
            0 => say!("dry-run-end", ready),
            others => say!(
                "dry-run-end-others",
                ready,
                others,
                states = self.counts.states_in_words()
            ),
        });
        super::ending::finish(self.output)?;
        Ok(code(&self.counts, failed))
    }
}

impl RequestPage {
    pub fn new(session: &Session, destination: &Destination) -> Self {
        Self {
            format: session.format(),
            hidden: credentials::hidden(destination),
        }
    }

    /// A lead with its request, or with what keeps it from being sent.
    pub fn of(&self, row: &Row, request: Option<&Request>) -> String {
        let request = request.map(|request| self.hidden.shown(request));
        let request = request.as_ref();
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
            request,
        };
        match self.format {
            Format::Table => text(row, request),
            format => written(format, &page),
        }
    }
}

fn text(row: &Row, request: Option<&Request>) -> String {
    let state = match request {
        Some(_) => say!("dry-run-ready"),
        None => row.state.in_words(),
    };
    let line = row.line.map(|line| format!(":{line}")).unwrap_or_default();
    let to = row.route.as_ref().map(|_| format!("  {}", row.destination));
    let to = to.unwrap_or_default();
    let mut page = format!("{}{line}  {}{to}  {state}", row.file, row.lead);
    let Some(request) = request else {
        return page + "  " + &row.message + "\n";
    };
    page.push('\n');
    for line in in_lines(request) {
        page += &format!("  {line}\n");
    }
    page
}

/// A request as people read it, its body on as many lines as that takes.
pub fn in_lines(request: &Request) -> Vec<String> {
    let mut lines = vec![format!("{} {}", request.method.as_str(), request.url)];
    let headers = request.headers.iter();
    lines.extend(headers.map(|(name, value)| format!("{name}: {value}")));
    let body = request.body.as_deref().unwrap_or_default();
    let json = serde_json::from_str::<serde_json::Value>(body);
    let json = json.and_then(|json| serde_json::to_string_pretty(&json));
    let body = json.as_deref().unwrap_or(body);
    lines.extend(body.lines().map(str::to_owned));
    lines
}

/// Rows judged together at most, and bytes of them.
const CHUNK: usize = 256;
const HEAVY: usize = 128 * 1024;
/// Workers at most: past a few, reading is what takes the time.
const WORKERS: usize = 6;

/// A row, or why there are no more.
pub type Read = Result<Record, Failure>;

/// Judges each row; `show` is given what `look` made of it, in the order of the
/// rows. Each core has a chunk of them with a preparer of its own, while the next
/// ones are read. The first failure ends it.
///
/// # Errors
/// The input can't be read any further, or `show` failed.
pub fn judge<'r, T: Send>(
    rows: impl Iterator<Item = Read>,
    preparer: impl Fn() -> Preparer<'r> + Sync,
    look: impl Fn(Prepared<'r>) -> T + Sync,
    remarks: &mut Remarks,
    mut show: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // What came of some rows, what was noticed, and what came after.
    let judged = |rows: Vec<Read>| {
        let (mut preparer, mut leads) = (preparer(), Vec::with_capacity(rows.len()));
        let outcome: Result<(), Failure> = rows.into_iter().try_for_each(|row| {
            leads.push(look(preparer.prepare(row?)?));
            Ok(())
        });
        (leads, preparer.remarks, outcome)
    };
    let mut rows = rows.fuse();
    let workers = rayon::current_num_threads();
    let mut read = || -> Vec<Vec<Read>> {
        let chunks = (0..workers.min(WORKERS)).map(|_| read_chunk(&mut rows));
        chunks.take_while(|chunk| !chunk.is_empty()).collect()
    };
    let mut next = read();
    while !next.is_empty() {
        let chunks = std::mem::take(&mut next);
        let mut done: Vec<_> = chunks.iter().map(|_| None).collect();
        rayon::in_place_scope(|scope| {
            for (chunk, done) in chunks.into_iter().zip(&mut done) {
                scope.spawn(|_| *done = Some(judged(chunk)));
            }
            next = read();
        });
        for (leads, noticed, outcome) in done.into_iter().flatten() {
            remarks.append(noticed);
            leads.into_iter().try_for_each(&mut show)?;
            outcome?;
        }
    }
    Ok(())
}

fn read_chunk(rows: &mut impl Iterator<Item = Read>) -> Vec<Read> {
    let mut bytes = 0;
    let next = std::iter::from_fn(|| {
        let row = (bytes < HEAVY).then(|| rows.next())??;
        bytes += row.as_ref().map_or(0, |row| row.cells.as_slice().len());
        Some(row)
    });
    next.take(CHUNK).collect()
}
