//! `--dry-run`: the very requests that would be sent, secrets hidden. Nothing
//! is sent and nothing recorded.

mod pages;
mod reading;
mod relay;

use std::hash::RandomState;

use crate::cli;
use crate::commands::identity;
use crate::config::Destination;
use crate::error::Failure;
use crate::lead::{Record, State};
use crate::ledger::{DedupOutcome, Ledger, LedgerReader};
use crate::output::rejects::Rejects;
use crate::output::text::counted;
use crate::output::{Counts, Exit, Output, Row, code};
use crate::pipeline::corrections;
use crate::pipeline::earlier::{blocked, skipped};
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::pipeline::met::Met;
use crate::pipeline::nameless::Nameless;
use crate::pipeline::page::{Frame, Page};
use crate::pipeline::preparer::{Named, Preparer, Rules};
use crate::pipeline::rejected_row::Recall;
use crate::pipeline::remarks::Remarks;
use crate::pipeline::results;
use crate::session::Session;
use crate::session::opening;
use crate::session::secrets;
use pages::{Judge, Pages, Seen};
use reading::Reading;

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
    rejects: Option<Rejects>,
    /// Keys of the leads met so far, and what makes them where there is no
    /// ledger.
    met: Met,
    keys: RandomState,
    page: Page,
    new: u64,
}

/// The row of a lead that the ledger keeps from being sent.
fn stored(row: &Row, known: DedupOutcome) -> Option<Row> {
    match known {
        DedupOutcome::Skip(earlier) => Some(skipped(row.clone(), earlier)),
        DedupOutcome::Blocked { since } => Some(blocked(row.clone(), since)),
        _ => None,
    }
}

/// What comes of a lead's page.
enum Shown {
    /// It is shown.
    Page,
    /// This is shown in its place.
    Row(Box<Row>),
    /// `--limit` keeps it back.
    Nothing,
}

pub fn run(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
) -> Result<Exit, Failure> {
    let inputs = Inputs::of(
        session,
        destination,
        inputs::named(&args.files, None),
        &args.reading,
    );
    corrections::check_form(args.rejects.as_deref(), &inputs)?;
    let rules = Rules::new(destination);
    let page = Page {
        format: session.format(),
        hidden: secrets::hidden(destination),
    };
    let ledger = opening::look(session)?;
    if let Some(ledger) = &ledger {
        identity::foresee(session, ledger, destination, args.accept_new_key)?;
    }
    let mut dry = DryRun {
        session,
        args,
        rules: &rules,
        inputs: &inputs,
        ledger,
        output: page.output(session),
        counts: Counts::new(),
        remarks: Remarks::default(),
        rejects: corrections::of_send(args)?,
        met: Met::default(),
        keys: RandomState::new(),
        page,
        new: 0,
    };
    let mut failed: Option<Exit> = None;
    for input in &inputs.files {
        if let Err(failure) = dry.read(input) {
            let failure = failure.spelled(&session.spelling);
            failure.print();
            failed = [failed, Some(failure.exit)].into_iter().flatten().min();
        }
    }
    dry.end(failed)
}

impl DryRun<'_> {
    fn read(&mut self, input: &Input) -> Result<(), Failure> {
        let hasher = self.ledger.as_ref().map(Ledger::hasher);
        let path = self.ledger.as_ref().map(|ledger| ledger.path().to_owned());
        let name = &self.rules.destination.name;
        let recall = || {
            Some(Recall::new(
                LedgerReader::of(path.as_deref()?),
                hasher.clone()?,
                name,
            ))
        };
        let reader = inputs::open(input, &self.inputs.options)?;
        inputs::tell_facts(reader.facts(), input, &self.session.warnings);
        if let Some(rejects) = &mut self.rejects {
            rejects.opened(&input.shown_as, reader.facts());
        }
        let (page, keys) = (self.page.clone(), self.keys.clone());
        let Rules {
            destination,
            address,
            ..
        } = self.rules;
        let frame = Frame::new(&page, &input.shown_as, destination, address);
        let (rules, inputs) = (self.rules, self.inputs);
        let mut reading = Reading {
            nameless: Nameless::of(reader.header()),
            reader,
            input,
            rules,
            inputs,
            warnings: &self.session.warnings,
            lines: self.args.lines.as_ref(),
            named: Named::default(),
            any: false,
            chosen: false,
        };
        let mut remarks = std::mem::take(&mut self.remarks);
        let read = relay::run(
            |judge: &mut Judge, rows| reading.read(&mut judge.preparer, rows),
            || Judge {
                preparer: Preparer::new(rules, inputs).recalling(recall()),
                inputs,
                page: &page,
                frame: &frame,
                hasher: hasher.clone(),
                keys: keys.clone(),
            },
            |records, pages| self.show(records, pages),
            &mut remarks,
        );
        self.remarks = remarks;
        read
    }

    /// Shows the leads of a handful: pages that follow each other at once.
    fn show(&mut self, records: &[Record], pages: &mut Pages) -> Result<(), Failure> {
        self.met
            .expect(pages.seen.iter().filter_map(|seen| seen.key));
        let known = self.known(&pages.seen)?;
        let (mut from, mut before) = (0, 0);
        for ((record, seen), known) in records.iter().zip(&mut pages.seen).zip(known) {
            let shown = self
                .shown(record, &pages.text, seen, known)
                .inspect_err(|_| self.print(&pages.text[from..before]))?;
            if !matches!(shown, Shown::Page) {
                self.print(&pages.text[from..before]);
                from = seen.end;
            }
            if let Shown::Row(row) = shown {
                self.show_row(*row, record);
            }
            before = seen.end;
        }
        self.print(&pages.text[from..before]);
        pages.clear();
        Ok(())
    }

    fn shown(
        &mut self,
        record: &Record,
        text: &str,
        seen: &mut Seen,
        known: Option<DedupOutcome>,
    ) -> Result<Shown, Failure> {
        if let Some(earlier) = self.earlier(record, text, seen, known)? {
            return Ok(Shown::Row(Box::new(earlier)));
        }
        if !seen.ready {
            let row = seen.row.take();
            return Ok(row.map_or(Shown::Nothing, Shown::Row));
        }
        self.new += 1;
        Ok(
            match self.args.limit.is_none_or(|limit| self.new <= limit) {
                true => Shown::Page,
                false => Shown::Nothing,
            },
        )
    }

    fn show_row(&mut self, mut row: Row, record: &Record) {
        if row.state == State::Unsent {
            row.state = State::Invalid;
        }
        self.counts.add(row.state, row.earlier);
        if let Some(rejects) = &mut self.rejects {
            corrections::settled(rejects, &row, record);
        }
        let mut page = String::new();
        self.page.write(&mut page, &row, None);
        self.print(&page);
    }

    fn print(&mut self, pages: &str) {
        self.page.print(&mut self.output, pages);
    }

    /// The row of a lead that would be skipped.
    fn earlier(
        &mut self,
        record: &Record,
        text: &str,
        seen: &Seen,
        known: Option<DedupOutcome>,
    ) -> Result<Option<Row>, Failure> {
        if let (Some(row), Some(known)) = (&seen.row, known)
            && let Some(row) = stored(row, known)
        {
            return Ok(Some(row));
        }
        match seen.key {
            Some(key) if seen.ready && !self.met.insert(key)? => {}
            _ => return Ok(None),
        }
        let row = match &seen.row {
            Some(row) => Row::clone(row),
            None => Row {
                file: record.file.to_string(),
                line: Some(record.line),
                lead: text[seen.label.clone()].to_owned(),
                destination: self.rules.destination.name.clone(),
                ..Row::new(State::Unsent)
            },
        };
        Ok(Some(Row {
            state: State::Skipped,
            message: "the same lead stands further up in the input".to_owned(),
            ..row
        }))
    }

    /// What the ledger says of the leads of a handful.
    fn known(&self, seen: &[Seen]) -> Result<Vec<Option<DedupOutcome>>, Failure> {
        let Some(ledger) = &self.ledger else {
            return Ok(vec![None; seen.len()]);
        };
        let destination = self.rules.destination;
        let formerly = &destination.formerly;
        let mut standings =
            ledger.intake_preview(&destination.name, formerly, destination.again_after);
        seen.iter()
            .map(|seen| match (&seen.row, &seen.intake) {
                (Some(_), Some(intake)) => standings.of(intake).map_err(opening::failure),
                _ => Ok(None),
            })
            .collect()
    }

    /// What would keep the real run from sending anything.
    fn tell_holds(&self) {
        let invalid = self.counts.of(State::Invalid);
        if self.args.strict && invalid > 0 {
            self.session.warnings.warn(&format!(
                "a real run would send nothing (--strict): {invalid} invalid"
            ));
        }
        if let Some(max) = self.args.max_new.filter(|max| self.new > *max) {
            self.session.warnings.warn(&format!(
                "a real run would send nothing (--max-new {max}): {}",
                counted(self.new, "lead is new", "leads are new")
            ));
        }
    }

    fn end(mut self, failed: Option<Exit>) -> Result<Exit, Failure> {
        self.remarks.tell(&self.session.warnings);
        let ready = match self.args.limit {
            Some(limit) => self.new.min(limit),
            None => self.new,
        };
        self.tell_holds();
        results::tell_dry_run(self.session, ready, &self.counts);
        if let Some(rejects) = self.rejects {
            corrections::finish(rejects, self.ledger.as_ref(), self.session)?;
        }
        results::finish(self.output)?;
        Ok(code(&self.counts, failed))
    }
}
