//! `--dry-run`: the very requests that would be sent, secrets hidden. Nothing
//! is sent and nothing recorded.

use std::sync::Arc;

use super::inputs::{self, Input, Inputs};
use super::intake::{blocked, skipped};
use super::met::Met;
use super::page::Page;
use super::prepare::{Preparer, Rules};
use super::rejects::{self, Sink};
use super::relay::{self, Rows};
use super::remarks::Remarks;
use super::sendable::Ready;
use super::{Session, opening};
use crate::cli::{self, Lines};
use crate::failure::{Failure, io_words};
use crate::input::Reader;
use crate::lead::{Record, State};
use crate::ledger::{Hash16, Hasher, Intake, Ledger, Standing, Verdict};
use crate::partner::Destination;
use crate::report::{Counts, Exit, Format, Kind, Output, Row, code};
use crate::secrets;

/// A lead, judged, and how it is shown if nothing is known of it.
struct Seen {
    row: Row,
    ready: bool,
    page: String,
    key: Option<Hash16>,
    /// What the ledger is asked with.
    intake: Option<Intake>,
    record: Record,
}

/// What judges share.
struct Judging<'r> {
    rules: &'r Rules<'r>,
    inputs: &'r Inputs,
    page: Arc<Page>,
    /// There is a ledger to ask.
    asks: bool,
}

impl<'r> Judging<'r> {
    fn read(
        &self,
        reader: Reader,
        input: &Input,
        session: &Session,
        lines: Option<&Lines>,
        rows: &mut Rows<Seen>,
    ) -> Result<(), Failure> {
        let mut preparer = Preparer::new(self.rules, self.inputs, None);
        let shared = reader.header().is_some();
        let mut any = false;
        for record in reader {
            let record = record.map_err(inputs::failure)?;
            let strict = !std::mem::replace(&mut any, true) || shared;
            if lines.is_some_and(|lines| !lines.contains(record.line)) {
                continue;
            }
            if let Some(columns) = preparer.meet(&record, &self.inputs.set, strict)? {
                let destination = self.rules.destination;
                let warnings = &session.warnings;
                inputs::tell_columns(&columns, destination, &input.shown_as, warnings);
            }
            if !rows.push(record) {
                break;
            }
        }
        if !any {
            let warnings = &session.warnings;
            warnings.warn(&format!("{}: no leads in it", input.shown_as));
        }
        Ok(())
    }

    fn see(&self, preparer: &mut Preparer<'r>, record: Record) -> Result<Seen, Failure> {
        let set = &self.inputs.set;
        let (mut prepared, lead) = preparer.prepare(record, set)?;
        let intake = match (self.asks, &prepared.judged) {
            (false, _) => None,
            (true, Ready::Valid(_)) => preparer.intake(&prepared, &lead, set, Verdict::Ready),
            (true, Ready::Invalid(why)) => {
                let verdict = Verdict::Invalid(why.clone());
                preparer.intake(&prepared, &lead, set, verdict)
            }
        };
        let key = match &intake {
            Some(intake) => Some(intake.key),
            None => preparer.key(&prepared, &lead, set),
        };
        let (ready, page) = match prepared.judged {
            Ready::Valid(sendable) => {
                let page = self.page.of(&prepared.row, Some(&sendable.request));
                (true, page)
            }
            Ready::Invalid(why) => {
                prepared.row.message = why;
                (false, String::new())
            }
        };
        Ok(Seen {
            row: prepared.row,
            ready,
            page,
            key,
            intake,
            record: lead.record,
        })
    }
}

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
    rejects: Option<Sink<'r>>,
    /// Keys of the leads met so far, in the least memory.
    met: Met,
    page: Arc<Page>,
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
        rejects: rejects::create(args.rejects.as_deref())?.map(|file| Sink::new(file, None)),
        met: Met::default(),
        page: Arc::new(Page {
            format: session.format(),
            hidden: secrets::hidden(destination),
        }),
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
        let reader = inputs::open(input, &self.inputs.options)?;
        inputs::tell_facts(reader.facts(), input, &self.session.warnings);
        if let Some(rejects) = &mut self.rejects {
            rejects.opened(reader.facts());
        }
        let judging = Judging {
            rules: self.rules,
            inputs: self.inputs,
            page: Arc::clone(&self.page),
            asks: self.ledger.is_some(),
        };
        let (session, lines) = (self.session, self.args.lines.as_ref());
        let mut remarks = std::mem::take(&mut self.remarks);
        let read = relay::run(
            |rows| judging.read(reader, input, session, lines, rows),
            || Preparer::new(judging.rules, judging.inputs, Some(hasher.clone())),
            |preparer, record| judging.see(preparer, record),
            |seen| self.show(seen),
            &mut remarks,
        );
        self.remarks = remarks;
        read
    }

    /// Shows a lead, unless `--limit` keeps it back.
    fn show(&mut self, seen: Seen) -> Result<(), Failure> {
        let mut row = match self.earlier(&seen)? {
            Some(known) => known,
            None if seen.ready => {
                self.new += 1;
                if self.args.limit.is_none_or(|limit| self.new <= limit) {
                    self.print(&seen.page);
                }
                return Ok(());
            }
            None => seen.row,
        };
        if row.state == State::Unsent {
            row.state = State::Invalid;
        }
        self.counts.add(row.state, row.earlier);
        if let Some(rejects) = &mut self.rejects {
            rejects.settled(&row, Some(&seen.record));
        }
        let page = self.page.of(&row, None);
        self.print(&page);
        Ok(())
    }

    fn print(&mut self, page: &str) {
        match self.page.format {
            Format::Json => self.output.json(page),
            _ => self.output.text(page),
        }
    }

    /// The row of a lead that would be skipped.
    fn earlier(&mut self, seen: &Seen) -> Result<Option<Row>, Failure> {
        if let Some(intake) = &seen.intake
            && let Some(row) = self.stored(&seen.row, intake)?
        {
            return Ok(Some(row));
        }
        if !seen.ready || seen.key.is_none_or(|key| self.met.insert(key.short())) {
            return Ok(None);
        }
        Ok(Some(Row {
            state: State::Skipped,
            message: "the same lead stands further up in the input".to_owned(),
            ..seen.row.clone()
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
        if let Some(rejects) = self.rejects {
            rejects.finish(self.session)?;
        }
        self.output.finish().map_err(|error| {
            Failure::unfinished(format!(
                "the results could not be written: {}",
                io_words(&error)
            ))
        })?;
        Ok(code(&self.counts, failed))
    }
}
