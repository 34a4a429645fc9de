//! `--dry-run`: the very requests that would be sent, secrets hidden. Nothing
//! is sent and nothing recorded.

use std::collections::HashSet;

use super::inputs::{self, Input, Inputs};
use super::intake::{blocked, skipped};
use super::prepare::{Preparer, Ready, Rules};
use super::remarks::Remarks;
use super::{Session, opening};
use crate::cli;
use crate::failure::{Failure, io_words};
use crate::lead::{Lead, State, json_text};
use crate::ledger::{Hasher, Intake, Ledger, Standing, Verdict};
use crate::partner::Destination;
use crate::report::{Counts, Exit, Format, Kind, Output, Row, code};
use crate::request::Request;
use crate::secrets;

/// A dry run in progress.
struct DryRun<'r> {
    session: &'r Session,
    args: &'r cli::Send,
    rules: &'r Rules<'r>,
    inputs: &'r Inputs,
    ledger: Option<Ledger>,
    output: Output,
    counts: Counts,
    remarks: Remarks,
    /// Keys of the leads met so far, in the least memory.
    met: HashSet<u64>,
    hidden: Option<(String, String)>,
    buffer: String,
    new: u64,
}

pub fn run(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
) -> Result<Exit, Failure> {
    let inputs = Inputs::new(
        inputs::named(&args.files, None),
        &args.reading,
        &session.settings.catalogue,
        &destination.country,
    );
    let rules = Rules::new(destination);
    let kind = match session.format() {
        Format::Json => Kind::Pages,
        _ => Kind::Lines,
    };
    let mut dry = DryRun {
        session,
        args,
        rules: &rules,
        inputs: &inputs,
        ledger: opening::look(session)?,
        output: Output::new(session.format(), kind, false, &session.progress),
        counts: Counts::new(),
        remarks: Remarks::default(),
        met: HashSet::new(),
        hidden: secrets::hidden(destination),
        buffer: String::new(),
        new: 0,
    };
    let mut failed: Option<Exit> = None;
    for input in &inputs.files {
        if let Err(failure) = dry.read(input) {
            failure.print();
            failed = [failed, Some(failure.exit)].into_iter().flatten().min();
        }
    }
    dry.end(failed)
}

impl DryRun<'_> {
    fn read(&mut self, input: &Input) -> Result<(), Failure> {
        let hasher = match &self.ledger {
            Some(ledger) => ledger.hasher(),
            None => Hasher::random().map_err(opening::failure)?,
        };
        let mut preparer = Preparer::new(self.rules, self.inputs, Some(hasher));
        let reader = inputs::open(input, &self.inputs.options)?;
        inputs::tell_facts(reader.facts(), input, &self.session.warnings);
        let mut any = false;
        for record in reader {
            let record = record.map_err(inputs::failure)?;
            any = true;
            if self
                .args
                .lines
                .as_ref()
                .is_some_and(|lines| !lines.contains(record.line))
            {
                continue;
            }
            let (shape, fresh) = preparer.shape(&record, &self.inputs.set)?;
            if fresh {
                let destination = self.rules.destination;
                let warnings = &self.session.warnings;
                inputs::tell_columns(&shape.columns, destination, &input.shown_as, warnings);
            }
            self.show(&mut preparer, record)?;
        }
        if !any {
            let warnings = &self.session.warnings;
            warnings.warn(&format!("{}: no leads in it", input.shown_as));
        }
        Ok(())
    }

    fn show(
        &mut self,
        preparer: &mut Preparer<'_>,
        record: crate::lead::Record,
    ) -> Result<(), Failure> {
        let (prepared, lead) = preparer.prepare(record, &self.inputs.set)?;
        let earlier = self.earlier(preparer, &prepared, &lead)?;
        let mut row = prepared.row;
        let request = match (prepared.judged, earlier) {
            (_, Some(known)) => {
                row = known;
                None
            }
            (Ready::Invalid(why), None) => {
                row.state = State::Invalid;
                row.message = why;
                None
            }
            (Ready::Valid(sendable), None) => {
                self.new += 1;
                if self.args.limit.is_some_and(|limit| self.new > limit) {
                    return Ok(());
                }
                Some(sendable.request)
            }
        };
        if request.is_none() {
            self.counts.add(row.state, row.earlier);
        }
        self.print(&row, request.as_ref());
        Ok(())
    }

    /// The row of a lead that would be skipped.
    fn earlier(
        &mut self,
        preparer: &Preparer<'_>,
        prepared: &super::prepare::Prepared,
        lead: &Lead,
    ) -> Result<Option<Row>, Failure> {
        let verdict = match &prepared.judged {
            Ready::Valid(_) => Verdict::Ready,
            Ready::Invalid(why) => Verdict::Invalid(why.clone()),
        };
        let Some(intake) = preparer.intake(prepared, lead, &self.inputs.set, verdict) else {
            return Ok(None);
        };
        if let Some(row) = self.stored(&prepared.row, &intake)? {
            return Ok(Some(row));
        }
        if !matches!(prepared.judged, Ready::Valid(_)) || self.met.insert(intake.key.short()) {
            return Ok(None);
        }
        Ok(Some(Row {
            state: State::Skipped,
            message: "the same lead stands further up in the input".to_owned(),
            ..prepared.row.clone()
        }))
    }

    /// The row of a lead that the ledger keeps from being sent.
    fn stored(&self, row: &Row, intake: &Intake) -> Result<Option<Row>, Failure> {
        let Some(ledger) = &self.ledger else {
            return Ok(None);
        };
        let destination = self.rules.destination;
        let known = ledger
            .standing(&destination.name, destination.again_after, intake)
            .map_err(opening::failure)?;
        Ok(match known {
            Some(Standing::Skip(earlier)) => Some(skipped(row.clone(), earlier)),
            Some(Standing::Blocked { since }) => Some(blocked(row.clone(), since)),
            _ => None,
        })
    }

    fn print(&mut self, row: &Row, request: Option<&Request>) {
        self.buffer.clear();
        match self.session.format() {
            Format::Json => self.write_json(row, request),
            _ => self.write_text(row, request),
        }
        match self.session.format() {
            Format::Json => self.output.json(&self.buffer),
            _ => self.output.text(&self.buffer),
        }
    }

    fn write_json(&mut self, row: &Row, request: Option<&Request>) {
        let out = &mut self.buffer;
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

    fn write_text(&mut self, row: &Row, request: Option<&Request>) {
        let out = &mut self.buffer;
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

    fn end(mut self, failed: Option<Exit>) -> Result<Exit, Failure> {
        self.remarks.tell(&self.session.warnings);
        let ready = match self.args.limit {
            Some(limit) => self.new.min(limit),
            None => self.new,
        };
        let others = match self.counts.total() {
            0 => String::new(),
            _ => format!("; of the others, {}", self.counts.in_words()),
        };
        self.session.warnings.note(&format!(
            "dry run: {ready} ready to be sent, nothing was sent{others}"
        ));
        self.output.finish().map_err(|error| {
            Failure::unfinished(format!(
                "the results could not be written: {}",
                io_words(&error)
            ))
        })?;
        Ok(code(&self.counts, failed))
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
